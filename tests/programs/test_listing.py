"""ls, stat, find; what they print is compared with busybox elsewhere."""

from __future__ import annotations

from fakedocker.engine.files.layers import Kind


def test_a_terminal_gets_columns(container) -> None:
    for name in ("aa", "b", "c", "d"):
        container.files.write(f"/work/{name}", b"")
    container.start("sh", "-c", "read x; ls", tty=True)
    container.terminal.columns = 9
    container.type("\r")
    assert container.output == "\r\naa  c\r\nb   d\r\n"
    assert container.run("ls").out == "aa\nb\nc\nd\n"


def test_old_files_show_their_year(container) -> None:
    container.files.write("/work/f", b"abc")
    container.files.utime("/work/f", 0)
    line = "-rw-r--r--    1 root     root             3 Jan  1  1970 f\n"
    assert container.run("ls", "-l").out == "total 4\n" + line


def test_every_kind_of_file_has_its_letter(container) -> None:
    container.files.mknod("/work/c", Kind.CHARACTER, device=(1, 3))
    container.files.mknod("/work/p", Kind.FIFO)
    container.files.symlink("/nosuch", "/work/l")
    container.files.mkdir("/work/d", 0o1777)
    lines = container.run("ls", "-l").out.splitlines()[1:]
    assert [line[0] for line in lines] == ["c", "d", "l", "p"]
    assert "   1,   3 " in lines[0]
    assert lines[1].startswith("drwxrwxrwt")
    assert lines[2].endswith(" l -> /nosuch")


def test_find_gives_what_all_tests_accept(container) -> None:
    container.sh("mkdir -p a/b; touch a/x.txt a/b/y.txt a/b/z; echo 1 > a/full.txt")
    assert container.run("find", "a", "-name", "*.txt", "-type", "f", "-empty").out == "a/b/y.txt\na/x.txt\n"
    assert container.run("find", "a", "!", "-name", "*.txt", "-maxdepth", "1").out == "a\na/b\n"
    assert container.run("find", "a", "-nosuch").err.startswith("find: unrecognized: -nosuch\n")
    container.run("find", "a/b", "-delete")
    assert container.files.listdir("/work/a") == ["full.txt", "x.txt"]
