"""Accounts: made, used, removed."""

from __future__ import annotations

import pytest


def test_adduser_makes_an_account_a_group_and_a_home(container) -> None:
    result = container.sh("adduser -D joe && id joe && tail -1 /etc/passwd /etc/group && ls -ld /home/joe | cut -c1-10")
    assert result.out == (
        "uid=1000(joe) gid=1000(joe) groups=1000(joe)\n"
        "==> /etc/passwd <==\njoe:x:1000:1000:Linux User,,,:/home/joe:/bin/sh\n\n"
        "==> /etc/group <==\njoe:x:1000:\ndrwxr-sr-x\n"
    )


def test_a_system_account_has_a_low_number(container) -> None:
    container.sh("addgroup -S app; adduser -S -D -H -G app app")
    passwd = container.files.read("/etc/passwd").read().decode()
    assert "app:x:100:100:Linux User,,,:/home/app:/bin/false\n" in passwd
    assert not container.files.exists("/home/app")


def test_useradd_and_groupadd_of_debian(container) -> None:
    result = container.sh(
        "groupadd -g 500 web; useradd -m -u 1234 -g web -s /bin/sh -c Web web; id web; useradd web; echo $?"
    )
    assert result.out == "uid=1234(web) gid=500(web) groups=500(web)\n9\n"
    assert result.err == "useradd: user 'web' already exists\n"


def test_a_user_joins_and_leaves_a_group(container) -> None:
    result = container.sh(
        "adduser -D joe; addgroup dev; addgroup joe dev; grep dev /etc/group; deluser joe dev; grep dev /etc/group"
    )
    assert result.out == "dev:x:1001:joe\ndev:x:1001:\n"


def test_deluser_takes_account_and_group_away(container) -> None:
    result = container.sh(
        "adduser -D joe; deluser --remove-home joe; grep joe /etc/passwd /etc/group; ls /home; echo $?"
    )
    assert result.out == "0\n"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("adduser -D root", "adduser: user 'root' in use"),
        ("adduser -D -u 0 joe", "adduser: uid '0' in use"),
        ("adduser -D -G nosuch joe", "adduser: unknown group nosuch"),
        ("addgroup root", "addgroup: group 'root' in use"),
        ("deluser nosuch", "deluser: unknown user nosuch"),
        ("delgroup nosuch", "delgroup: unknown group nosuch"),
        ("adduser 'a:b'", "adduser: illegal name 'a:b'"),
        ("su nosuch", "su: unknown user nosuch"),
    ],
)
def test_a_refusal_changes_nothing(container, line: str, complaint: str) -> None:
    before = container.files.read("/etc/passwd").read(), container.files.read("/etc/group").read()
    result = container.sh(line)
    assert (result.code, result.err) == (1, complaint + "\n")
    assert (container.files.read("/etc/passwd").read(), container.files.read("/etc/group").read()) == before


def test_su_runs_a_command_as_another_user(container) -> None:
    result = container.sh("adduser -D joe; su joe -c 'id -u; echo $HOME $USER $0 $1' a b; su -c 'id -u'; id -u")
    assert result.out == "1000\n/home/joe joe a b\n0\n0\n"


def test_a_login_begins_at_home(container) -> None:
    assert container.sh("adduser -D joe; X=1 su - joe -c 'pwd; echo [$X]'").out == "/home/joe\n[]\n"


def test_nobody_becomes_root_again(container) -> None:
    result = container.sh("adduser -D joe; su joe -c 'su root -c id'")
    assert (result.code, result.err) == (1, "su: must be suid to work properly\n")


def test_getent_reads_the_containers_files(container) -> None:
    container.files.write("/etc/hosts", b"127.0.0.1 localhost\n10.0.0.2\tdb db.local # x\n")
    result = container.sh("getent passwd root 65534; getent group nogroup; getent hosts db; getent passwd x; echo $?")
    assert result.out == (
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\nnogroup:x:65534:\n"
        "10.0.0.2        db db.local\n2\n"
    )
