"""Package managers: they always succeed, and leave traces where the real ones do."""

from __future__ import annotations

import pytest


def test_what_is_installed_can_be_called(container) -> None:
    container.files.unlink("/bin/curl")
    result = container.sh("curl; apt-get update > /dev/null && apt-get install -y curl && curl")
    assert "Setting up curl (1.0) ...\n" in result.out
    assert result.err.splitlines() == [
        "sh: curl: not found",
        "curl: try 'curl --help' or 'curl --manual' for more information",
    ]
    assert container.files.exists("/usr/bin/curl")


def test_a_package_brings_its_programs_along(container) -> None:
    container.files.unlink("/bin/ifconfig")
    container.files.unlink("/bin/ip")
    container.sh("apt-get install -qq net-tools; apk add --no-cache iproute2")
    assert container.sh("command -v ifconfig; command -v ip; ifconfig lo | head -n 1").out == (
        "/usr/bin/ifconfig\n/usr/bin/ip\nlo        Link encap:Local Loopback  \n"
    )


def test_what_was_installed_is_noted(container) -> None:
    container.sh("apt-get install -y git=1:2.3 vim; apk add jq; yum install -y httpd; pip install flask==2.0")
    for path in (
        "/var/lib/dpkg/info/git.list",
        "/var/lib/dpkg/info/vim.list",
        "/lib/apk/db/installed.d/jq",
        "/var/lib/yum/yumdb/httpd",
        "/usr/lib/python3/dist-packages/flask.dist-info",
    ):
        assert container.files.exists(path), path


def test_a_library_is_no_program(container) -> None:
    container.sh("apt-get install -y libssl-dev")
    assert not container.files.exists("/usr/bin/libssl-dev")


def test_apk_counts_what_it_installs(container) -> None:
    out = container.sh("apk add --no-cache --virtual .build gcc make").out
    assert "(1/2) Installing gcc (1.0-r0)\n(2/2) Installing make (1.0-r0)\n" in out
    assert ".build" not in out


def test_pip_reads_requirements(container) -> None:
    container.files.write("/work/r.txt", b"# needed\nflask>=2,<3\nrequests[socks] ; python_version > '3'\n-e .\n\n")
    out = container.sh("pip install --no-cache-dir -r r.txt").out
    assert out.endswith("Successfully installed flask-2 requests-1.0\n")


@pytest.mark.parametrize(
    ("call", "code", "error"),
    [
        ("apt-get frobnicate", 100, "E: Invalid operation frobnicate"),
        (
            "pip install -r nosuch.txt",
            1,
            "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'nosuch.txt'",
        ),
        ("pip frobnicate", 1, 'ERROR: unknown command "frobnicate"'),
        ("yum frobnicate", 1, "No such command: frobnicate. Please use /usr/bin/yum --help"),
    ],
)
def test_what_is_no_command_is_refused(container, call: str, code: int, error: str) -> None:
    result = container.sh(call)
    assert (result.code, result.err) == (code, error + "\n")


@pytest.mark.parametrize(
    "call", ["apt-get clean", "apt-get -qq update", "apk -q add x", "yum -q -y install x", "pip -q list"]
)
def test_who_is_quiet_says_nothing(container, call: str) -> None:
    assert container.sh(call) == type(container.sh(call))(0, "", "")
