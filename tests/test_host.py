"""Nothing that a client sends happens on the host.

That the sources name nothing that starts a process is checked over their syntax trees in `test_architecture.py`. Here a
daemon runs in a process of its own under Python's audit hook (`guarded_daemon.py`), a client sends it what is hostile,
and what it asked of the host is looked at.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from wire_client import Reply, WireClient

import fakedocker
from fakedocker.fixtures import library

PACKAGE = Path(fakedocker.__file__).parent
#: Where Python's own modules, those of others, ours and the fixtures are.
READABLE = [
    PACKAGE,
    library._shipped(),
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    Path(sys.prefix),
    Path(sys.base_prefix),
]
#: Folders in which Python looks for modules: their lists of names are read.
SEARCHED = {str(PACKAGE.parent), str(Path(__file__).parent)}


@dataclass
class Visit:
    """What a session left behind: what the daemon asked of the host by kind, and the folder that was its TMPDIR."""

    asked: dict[str, list[str]]
    folder: Path
    answers: list[str] = field(default_factory=list)


#: What a client does with the daemon at an address; returns the answers.
Session = Callable[[str], list[str]]


def visit(folder: Path, *options: str, session: Session) -> Visit:
    """Run a daemon under guard and let a session have its way with it."""
    script = Path(__file__).with_name("guarded_daemon.py")
    command = [sys.executable, "-B", str(script), *options]
    environment = {"TMPDIR": str(folder), "PYTHONPATH": str(PACKAGE.parent), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answers = session(url)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    asked: dict[str, list[str]] = {}
    for kind, what in json.loads(output):
        asked.setdefault(kind, []).append(what)
    return Visit(asked, folder, answers)


# -- what a hostile client sends ----------------------------------------------------------------------


def ask(url: str, method: str, path: str, body: bytes = b"", **more: Any) -> Reply:
    """Send one request on a connection of its own: some answers end theirs."""
    with WireClient(url) as client:
        return client.request(method, path, body, **more)


def run(url: str, *command: str, image: str = "base", typed: bytes | None = None) -> str:
    """Run a command in a container, typing into it if asked; return its id and what it showed."""
    config = {"Image": image, "Cmd": command, "OpenStdin": typed is not None, "StdinOnce": typed is not None}
    identity = str(ask(url, "POST", "/containers/create", json=config).json["Id"])
    ask(url, "POST", f"/containers/{identity}/start")
    if typed is not None:
        with WireClient(url) as client:
            client.ask("POST", f"/containers/{identity}/attach?stream=1&stdin=1&stdout=1&stderr=1")
            client.head()
            client.send(typed)
            client.half_close()
            client.rest()
    ask(url, "POST", f"/containers/{identity}/wait")
    return f"{identity} {ask(url, 'POST', f'/containers/{identity}/attach?logs=1&stdout=1&stderr=1').text}"


def archive(*members: tuple[str, bytes, str]) -> bytes:
    """Return a tar of members: name, type, and what a link points to."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, target in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, target, 0o777
            member.size = 1 if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(b"x"))
    return out.getvalue()


def archives(victim: Path) -> dict[str, bytes]:
    """Return archives whose members point out of them; all but the first are of a kind that no daemon takes."""
    up = "../" * 20
    return {
        "hostile": archive(
            (f"{victim}/by-root", tarfile.REGTYPE, ""),
            ("out", tarfile.SYMTYPE, str(victim)),
            ("out/by-link", tarfile.REGTYPE, ""),
            ("up", tarfile.SYMTYPE, up),
            (f"up{victim}/by-both", tarfile.REGTYPE, ""),
            ("disk", tarfile.BLKTYPE, ""),
            ("bin/sh", tarfile.REGTYPE, ""),
            ("bin/cat", tarfile.REGTYPE, ""),
        ),
        "dots": archive((f"{up}{victim}/by-dots", tarfile.REGTYPE, "")),
        "passwd": archive(("passwd", tarfile.LNKTYPE, "/etc/passwd")),
        "shadow": archive(("shadow", tarfile.LNKTYPE, f"{up}etc/shadow")),
        "nonsense": bytes(range(256)) * 100,
    }


def hostile(victim: Path) -> Session:
    """Return a session of all that could reach out of a container; `victim` is a folder of the host."""

    def session(url: str) -> list[str]:
        answers = []
        port = url.rpartition(":")[2]
        here = f"http://127.0.0.1:{port}"
        out = f"/..{'/..' * 20}{victim}"
        scripts = [
            f"touch {victim}/touched; mkdir -p {victim}/made; echo x > {victim}/written",
            f"touch {out}/touched; cd /; cd ../../../..; echo x > {out}/written",
            "cat /etc/shadow /etc/hostname /proc/1/environ /proc/self/mem /dev/mem /dev/sda",
            "`reboot`; $(kill -9 -1); kill -9 1 2 3; exec /bin/bash -c 'rm -rf --no-preserve-root /'",
            f"ln -s {victim} /out; echo x > /out/linked; cp /bin/busybox /out/; rm -rf /out/*",
            "ln -s ../../../../../etc /e; cat /e/shadow; find / -name '*.py'; ls -laR /root /home",
            f"exec 3<>/dev/tcp/127.0.0.1/{port}; echo x >&3; cat <&3",
            f"wget -O- {here}/version; curl {here}; nc 127.0.0.1 {port} < /etc/passwd; ping -c 1 127.0.0.1",
            "python -c 'import os; os.system(\"id\")'; perl -e 'exec q(id)'; sudo id; docker ps; ssh localhost",
            "chmod 777 /etc/passwd; chown 1 /; mknod /disk b 8 0; cat /disk; mount / /mnt; chroot / id",
            "head -c 3000000 /dev/zero > /big; cat /big /big > /bigger; wc -c /bigger",
            "sed 's/a/b/w /tmp/sed-wrote' /etc/passwd; sed '1e id' /etc/passwd; awk 'BEGIN { system(\"id\") }'",
            "find / -exec id ';'; xargs id < /etc/passwd; env id; time id; timeout 1 id; nohup id",
            "echo {}; eval \"$(printf '\\151\\144')\"; . /dev/stdin < /etc/passwd; trap 'id' EXIT",
        ]
        answers += [run(url, "sh", "-c", script) for script in scripts]
        answers += [run(url, *words) for words in (["/usr/bin/python3"], [sys.executable], [str(victim)], ["../sh"])]
        answers.append(run(url, "sh", typed=f"touch {victim}/typed\nid\nexit 3\n".encode()))
        answers.append(run(url, "sh", "-s", typed=bytes(range(256)) * 100))
        identity = answers[0].split()[0]
        dockerfile = f"FROM base\nRUN touch {victim}/by-build; $(touch {out}/by-build) || id\n"
        for path, body in (
            (f"/commit?container={identity}&repo={quote('../../x')}&comment={quote('$(id)')}", b""),
            (f"/commit?container={identity}&repo=committed", b""),
            *((f"/images/create?fromSrc=-&repo={name}", data) for name, data in archives(victim).items()),
            ("/images/create?fromSrc=file:///etc/passwd&repo=x", b""),
            (f"/images/create?fromSrc={here}/version&repo=x", b""),
            (f"/images/create?fromImage=127.0.0.1:{port}/x", b""),
            (f"/images/create?fromImage=x&registry=127.0.0.1:{port}", b""),
            ("/images/base/insert?path=/x&url=file:///etc/passwd", b""),
            (f"/images/base/insert?path={quote(out)}/inserted&url={here}/version", b""),
            (f"/images/committed/push?registry=127.0.0.1:{port}", b""),
            ("/build?t=built", dockerfile.encode()),
            ("/build?t=insert", f"{dockerfile}INSERT file:///etc/passwd /passwd\n".encode()),
            ("/build?t=tar", archives(victim)["hostile"]),
            (f"/build?remote={here}/x&t={quote('$(id)')}", b""),
            ("/auth", json.dumps({"username": "$(id)", "password": "`id`", "email": "|id"}).encode()),
        ):
            answers.append(ask(url, "POST", path, body).body.decode("latin-1"))
        answers.append(run(url, "/up/bin/sh", "-c", f"cat /disk /out/by-link; echo x > {out}/y", image="hostile"))
        for path in (f"/containers/{identity}/export", f"/containers/{identity}/changes", f"/containers/{out}/json"):
            answers.append(ask(url, "GET", path).body.decode("latin-1"))
        return answers

    return session


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    victim = tmp_path_factory.mktemp("victim")
    (victim / "precious").write_text("precious")
    found = visit(tmp_path_factory.mktemp("spool"), session=hostile(victim))
    assert [path.name for path in victim.iterdir()] == ["precious"]
    assert (victim / "precious").read_text() == "precious"
    return found


# -- what the daemon did ------------------------------------------------------------------------------


def test_the_client_was_heard(visited: Visit) -> None:
    answers = "\n".join(visited.answers)
    assert "can't open '/etc/shadow': No such file or directory" in answers
    assert "6000000 /bigger" in answers
    assert "uid=0(root)" in answers  # as the container's simulated id says
    assert "Build successful" in answers


def test_no_process_is_started(visited: Visit) -> None:
    assert visited.asked.get("start", []) == []


def test_nothing_is_connected_to(visited: Visit) -> None:
    called = [what for what in visited.asked.get("call out", []) if what != "socket.getaddrinfo 127.0.0.1"]  # to listen
    assert called == []


def test_nothing_is_written_but_files_without_a_name(visited: Visit) -> None:
    assert set(visited.asked["spool"]) == {str(visited.folder)}  # large contents went there
    # Python tries a folder for temporary files out before it uses it.
    others = [path for path in visited.asked.get("write", []) if not Path(path).is_relative_to(visited.folder)]
    assert others == []
    changed = [what for what in visited.asked.get("change", []) if str(visited.folder) not in what]
    assert changed == []
    assert list(visited.folder.iterdir()) == []


def test_nothing_is_read_but_python_the_package_and_its_fixtures(visited: Visit) -> None:
    read = {*visited.asked["read"]} - SEARCHED
    strange = [path for path in sorted(read) if not any(Path(path).is_relative_to(place) for place in READABLE)]
    assert strange == []


def test_the_guard_notices_what_it_looks_for(tmp_path: Path) -> None:
    spool, folder = tmp_path / "spool", tmp_path / "folder"
    spool.mkdir()
    folder.mkdir()
    found = visit(spool, "--misbehaving", session=lambda url: [run(url, "misbehave", str(folder))])
    assert found.answers[0].endswith("done")
    assert "/etc/passwd" in found.asked["read"]
    assert f"{folder}/written" in found.asked["write"]
    assert f"os.chmod {folder}/written" in found.asked["change"]
    assert any("subprocess.Popen" in what for what in found.asked["start"])
    assert "socket.connect ('127.0.0.1', 9)" in found.asked["call out"]
