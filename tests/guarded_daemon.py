"""A daemon in a process of its own that notes what it asks of the host: `python guarded_daemon.py [--misbehaving]`.

It prints its address, serves until its standard input ends, and prints as JSON all that Python's audit events say it
did: processes started, files opened, names of the host changed, addresses connected to.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

STARTS = {
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
}
CALLS_OUT = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "urllib.Request",
}
CHANGES = {
    *(f"os.{verb}" for verb in ("mkdir", "rename", "remove", "rmdir", "link", "symlink", "chmod", "chown", "utime")),
    *("os.setxattr", "os.truncate", "os.kill", "os.killpg", "ctypes.dlopen", "ctypes.dlsym"),
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Notes:
    """What was asked of the host, in order and without repetition: (kind, what)."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, str], None] = {}

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, int):
                if flags & os.O_TMPFILE == os.O_TMPFILE:
                    self.note("spool", path)
                else:
                    self.note("write" if flags & WRITING else "read", path)
        elif event in ("os.listdir", "os.scandir"):
            self.note("read", arguments[0] or ".")
        elif event in STARTS:
            self.note("start", f"{event} {arguments}")
        elif event in CALLS_OUT:
            place = arguments[event.startswith(("socket.connect", "socket.send"))]
            self.note("call out", f"{event} {place}")
        elif event in CHANGES and not isinstance(arguments[0], int):
            self.note("change", f"{event} {arguments[0]}")

    def note(self, kind: str, what: Any) -> None:
        text = os.fsdecode(what) if isinstance(what, bytes | os.PathLike) else str(what)
        self.taken.setdefault((kind, text))


def misbehave(process: Any) -> Any:
    """A program that does all that none may: what the test looks for is found if it is there."""
    import socket
    import subprocess

    folder = process.argv[1]
    with open("/etc/passwd"), open(f"{folder}/written", "w"):
        os.chmod(f"{folder}/written", 0o600)
    subprocess.run(["true"], check=True)
    with socket.socket() as sock:
        sock.connect_ex(("127.0.0.1", 9))
    yield from process.write(1, "done")
    return 0


def main(words: list[str]) -> None:
    notes = Notes()
    sys.addaudithook(notes.hook)
    from fakedocker import FakeDocker

    with FakeDocker() as daemon:
        if "--misbehaving" in words:
            daemon.program("misbehave")(misbehave)
        sys.stdout.write(f"{daemon.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write(json.dumps(list(notes.taken)))


if __name__ == "__main__":
    main(sys.argv[1:])
