"""The daemons that are measured side by side: the fake one in a process of its own, and a real one if there is one."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Where a real daemon listens: unix:///path or tcp://host:port.
RIVAL = "FAKEDOCKER_REAL_DOCKER"


@dataclass(frozen=True)
class Daemon:
    """A daemon under test: how it is called, where it listens, its process, and the prefix its API wants."""

    name: str
    host: str
    pid: int
    prefix: str

    def socket(self) -> socket.socket:
        """Return a connected socket."""
        if self.host.startswith("unix://"):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(self.host.removeprefix("unix://"))
            return sock
        host, _, port = self.host.removeprefix("tcp://").rpartition(":")
        return socket.create_connection((host, int(port)))

    def connection(self) -> http.client.HTTPConnection:
        """Return a keep-alive connection."""
        connection = http.client.HTTPConnection("localhost")
        connection.sock = self.socket()
        return connection

    def memory(self) -> int:
        """Return the memory the process holds for itself, in bytes (private pages, as /proc says)."""
        try:
            lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            return 0
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))

    def seconds(self) -> float:
        """Return the processor time the process has taken, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def image(self) -> str:
        """Return the name of an image that has the program `true`, "" if there is none."""
        if self.name == "fakedocker":
            return "base"
        connection = self.connection()
        connection.request("GET", f"{self.prefix}/images/json")
        names = [name for image in json.loads(connection.getresponse().read()) for name in image["RepoTags"] or []]
        return next((name for name in names if "busybox" in name or "alpine" in name), "")

    def threads(self) -> int:
        """Return how many threads the process has."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))


@contextlib.contextmanager
def fake() -> Iterator[Daemon]:
    """Run a fake daemon on a unix socket."""
    with tempfile.TemporaryDirectory() as folder:
        host, ready = f"unix://{folder}/docker.sock", Path(folder, "ready")
        command = [sys.executable, "-m", "fakedocker", "serve", "-H", host, "--ready-file", str(ready)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit("the fake daemon did not start")
                time.sleep(0.01)
            yield Daemon("fakedocker", host, process.pid, "")
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def recorded(daemon: Daemon) -> Iterator[Daemon]:
    """Run a recorder in front of a daemon; its cassette is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        host, ready = f"unix://{folder}/docker.sock", Path(folder, "ready")
        words = ["--upstream", daemon.host, "-c", f"{folder}/c.yaml", "-H", host, "--ready-file", str(ready)]
        command = [sys.executable, "-m", "fakedocker", "record", *words]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit("the recorder did not start")
                time.sleep(0.01)
            yield Daemon(f"{daemon.name}, recorded", host, process.pid, daemon.prefix)
        finally:
            process.terminate()
            process.wait()


def real() -> Daemon | None:
    """Return the real daemon that the environment names, if it does."""
    host = os.environ.get(RIVAL)
    if not host:
        return None
    found = subprocess.run(["pgrep", "-n", "dockerd"], capture_output=True, text=True, check=False).stdout.strip()
    return Daemon("dockerd", host, int(found or 0), "/v1.24")
