"""Programs over texts; what they print is compared with busybox elsewhere."""

from __future__ import annotations


def test_cat_gives_back_what_it_is_given(container) -> None:
    container.start("cat")
    container.type("half")
    assert container.output == "half"
    container.end_input()
    assert container.code == 0


def test_tail_follows_what_is_added(container) -> None:
    container.files.write("/work/log", b"1\n2\n3\n")
    container.start("tail", "-n", "1", "-f", "log")
    assert container.output == "3\n"
    container.files.append("/work/log", b"4\n")
    container.advance(1)
    assert container.output == "4\n"
    assert container.code is None


def test_tail_follows_a_name_to_a_new_file(container) -> None:
    container.files.write("/work/log", b"old\n")
    container.start("tail", "-F", "log")
    container.files.rename("/work/log", "/work/log.1")
    container.files.write("/work/log", b"new\n")
    container.advance(1)
    assert container.output == "old\nnew\n"


def test_head_reads_no_more_than_it_needs(container) -> None:
    assert container.sh("yes | head -c 100000 | wc -c").out == "100000\n"


def test_sort_knows_numbers_keys_and_versions(container) -> None:
    assert container.run("sort", "-rn", stdin="9\n10\n-1\nx\n").out == "10\n9\nx\n-1\n"
    assert container.run("sort", "-V", stdin="a10\na9\n").out == "a9\na10\n"
    assert container.run("sort", "-t:", "-k2,2n", "-k1,1r", stdin="a:1\nb:1\nc:0\n").out == "c:0\nb:1\na:1\n"
    assert container.run("sort", "-k", "x", stdin="a\n").err == "sort: unknown key option\n"


def test_sort_writes_over_its_own_input(container) -> None:
    container.files.write("/work/f", b"b\na\n")
    container.run("sort", "-o", "f", "f")
    assert container.files.read("/work/f").read() == b"a\nb\n"


def test_bytes_that_are_no_text_pass_unchanged(container) -> None:
    data = bytes(range(256))
    for argv in (["cat"], ["tee"], ["head", "-c", "256"], ["tr", "a", "a"]):
        assert container.run(*argv, stdin=data).out.encode("utf-8", "surrogateescape") == data


def test_base64_refuses_what_is_not(container) -> None:
    assert container.run("base64", "-d", stdin="!!!").code == 1


def test_a_range_the_wrong_way_round_is_refused(container) -> None:
    assert container.run("cut", "-c", "3-1", stdin="abc").code == 1
    assert container.run("tr", "z-a", "x", stdin="abc").code == 1
