"""Who and where one is."""

from __future__ import annotations


def test_id_tells_names_from_the_containers_files(container) -> None:
    assert container.run("id", "nobody").out == "uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n"
    assert container.run("id", "nosuch").err == "id: unknown user nosuch\n"


def test_accounts_that_make_no_sense_are_passed_over(container) -> None:
    container.files.write("/etc/passwd", b"broken\n:::\nx:y:z:0\nme:x:0:0::/:\n\xff:x:1:1::/:")
    assert container.run("whoami").out == "me\n"


def test_a_container_without_accounts_knows_root(container) -> None:
    container.files.unlink("/etc/passwd")
    assert container.run("whoami").out == "root\n"


def test_hostname_is_the_containers(container) -> None:
    container.files.write("/etc/hosts", b"127.0.0.1 localhost\n172.17.0.2\tbox\n")
    assert container.sh("hostname; hostname -i; uname -n").out == "box\n172.17.0.2\nbox\n"
    assert container.run("hostname", "other").code == 1


def test_env_shows_and_changes_the_environment(container) -> None:
    assert container.run("env", env={"PATH": "/bin", "A": "1"}).out == "PATH=/bin\nA=1\n"
    assert container.run("env", "-i", "B=2", "/bin/printenv", env={"PATH": "/bin"}).out == "B=2\n"
    assert container.run("env", "-u", "A", "B=x y", "env", env={"PATH": "/bin", "A": "1"}).out == "PATH=/bin\nB=x y\n"


def test_printenv_fails_for_what_is_not_there(container) -> None:
    result = container.run("printenv", "HOME", "NOSUCH")
    assert (result.code, result.out) == (1, "/root\n")


def test_stty_shows_and_changes_the_terminal(container) -> None:
    container.start("sh", "-c", "read x; stty size; stty -echo; read y; stty sane; tty; stty nosuch; echo $?", tty=True)
    container.terminal.resize(24, 80)
    container.type("\r")
    assert container.output == "\r\n24 80\r\n"
    container.type("secret\r")
    assert container.output.startswith("/dev/console\r\nstty: invalid argument 'nosuch'\r\n1\r\n")


def test_a_pipe_is_no_terminal(container) -> None:
    assert container.run("tty") == type(container.run("true"))(1, "not a tty\n", "")
