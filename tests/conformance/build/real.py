"""A real daemon, asked over its API (1.41) to carry out a case with its classic builder."""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from conformance.build.case import SHORT_ID, Build, Case, changed, normalised, plain, tree
from conformance.build.told import entry, said

VERSION = "v1.41"
BASE = "busybox"


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self._path)


class RealDaemon:
    """A daemon at `unix:///…`."""

    def __init__(self, address: str) -> None:
        self._path = address.removeprefix("unix://")
        #: Ids of containers and images that the builds of a case spoke of.
        self._seen: list[str] = []
        self._names: list[str] = []

    def ask(self, method: str, path: str, body: bytes = b"", **query: Any) -> tuple[int, bytes]:
        """Send a request; return status and body."""
        connection = Connection(self._path)
        kind = "application/x-tar" if path == "/build" else "application/json"
        target = f"/{VERSION}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
        try:
            connection.request(method, target, body, {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def answer(self, case: Case) -> list[dict[str, Any]]:
        """Carry out a case, leaving nothing behind; return what the daemon said and made, build by build."""
        self._seen, self._names = [], []
        try:
            return [self._build(build) for build in case.builds]
        finally:
            self._forget()

    def _forget(self) -> None:
        """Remove what the builds left, and nothing else, so that no cache is met by chance."""
        base = json.loads(self.ask("GET", f"/images/{BASE}/json")[1])["Id"]
        for name in self._names:
            self.ask("DELETE", f"/images/{quote(name, safe='')}")
        for identity in reversed(self._seen):
            if not base.removeprefix("sha256:").startswith(identity):
                self.ask("DELETE", f"/containers/{identity}", v=1)
                self.ask("DELETE", f"/images/{identity}")

    def _build(self, build: Build) -> dict[str, Any]:
        told: dict[str, Any] = {"rm": 1, "version": 1}
        for name, value in build.options.items():
            told[name] = json.dumps(value) if isinstance(value, Mapping) else value
        told = {name: int(value) if isinstance(value, bool) else value for name, value in told.items()}
        if isinstance(told.get("cachefrom"), list):
            told["cachefrom"] = json.dumps(told["cachefrom"])
        names = build.options.get("t", [])
        self._names += [names] if isinstance(names, str) else names
        if build.client:
            return self._build_by_client(build)
        status, body = self.ask("POST", "/build", build.archive(), **told)
        if status != 200:
            return {"error": plain(json.loads(body)["message"]), "status": status}
        stream, error, identity = "", None, ""
        for line in body.decode().splitlines():
            one = json.loads(line)
            stream += one.get("stream", "")
            identity = one.get("aux", {}).get("ID", identity)
            error = one.get("error", error)
        self._seen += SHORT_ID.findall(stream)
        result: dict[str, Any] = {"stream": normalised(stream)}
        if error is not None:
            return {**result, "error": plain(error)}
        return {**result, **self._described(identity)}

    def _build_by_client(self, build: Build) -> dict[str, Any]:
        """Have `docker build` send the context: it is the client that obeys `.dockerignore`."""
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(fileobj=io.BytesIO(build.archive())) as context:
                context.extractall(folder, filter="data")
            env = {**os.environ, "DOCKER_HOST": f"unix://{self._path}", "DOCKER_BUILDKIT": "0"}
            done = subprocess.run(["docker", "build", folder], env=env, capture_output=True, text=True, check=True)
        stream = done.stdout[done.stdout.index("Step ") :]
        self._seen += SHORT_ID.findall(stream)
        return {"stream": normalised(stream), **self._described(self._seen[-1])}

    def _described(self, identity: str) -> dict[str, Any]:
        base, image = (json.loads(self.ask("GET", f"/images/{one}/json")[1]) for one in (BASE, identity))
        made, given = (self._history(one) for one in (identity, BASE))
        scratch = made[: len(given)] != given
        return {
            "author": image["Author"],
            "config": said(image["Config"]),
            "container_config": said(image["ContainerConfig"]),
            "history": [entry(one) for one in (made if scratch else made[len(given) :])],
            "layers": len(image["RootFS"].get("Layers") or []) - (0 if scratch else len(base["RootFS"]["Layers"])),
            "tree": changed(self._tree(BASE), self._tree(identity)) if not scratch else self._tree(identity, True),
        }

    def _history(self, name: str) -> list[dict[str, Any]]:
        status, body = self.ask("GET", f"/images/{quote(name, safe='')}/get")
        if status != 200 or body.startswith(b"{"):  # an image without any layer cannot be saved
            steps = json.loads(self.ask("GET", f"/images/{quote(name, safe='')}/history")[1])
            return [{"created_by": step["CreatedBy"], "empty_layer": True} for step in reversed(steps)]
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            manifest = json.loads(contained(archive, "manifest.json"))
            config = json.loads(contained(archive, manifest[0]["Config"]))
        history: list[dict[str, Any]] = config.get("history", [])
        return history

    def _tree(self, image: str, scratch: bool = False) -> dict[str, list[Any]]:
        _, body = self.ask("POST", "/containers/create", json.dumps({"Image": image, "Cmd": ["x"]}).encode())
        identity = json.loads(body)["Id"]
        try:
            body = self.ask("GET", f"/containers/{identity}/export")[1]
            with tarfile.open(fileobj=io.BytesIO(body)) as archive:
                found = tree(archive)
            found.pop("/", None)
            return {path: one for path, one in found.items() if not scratch or path not in MADE_FOR_CONTAINERS}
        finally:
            self.ask("DELETE", f"/containers/{identity}", force=1, v=1)


#: What a daemon puts into every container, whatever is in its image (moby daemon/initlayer).
MADE_FOR_CONTAINERS = frozenset(
    {
        *("/.dockerenv", "/dev", "/dev/console", "/dev/pts", "/dev/shm", "/proc", "/sys"),
        *("/etc", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf"),
    }
)


def contained(archive: tarfile.TarFile, name: str) -> bytes:
    """Return what a file of an archive contains."""
    file = archive.extractfile(name)
    assert file is not None
    return file.read()
