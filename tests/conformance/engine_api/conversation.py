"""Carries out a scenario with a daemon, whichever it is, and writes down the answers as they are compared.

An answer is `status` and, where there is one, a body: `json` (one value), `stream` (several), `stdout`/`stderr`
(frames), `tar` (path -> text, None for what is no file) or `text`; and the `headers` that count.
"""

from __future__ import annotations

import io
import json
import re
import struct
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from conformance.engine_api.invented import ROOT, Invented, at, change
from conformance.engine_api.scenario import Daemon, Scenario, Step
from wire_client import Reply, WireClient

PATIENCE = 60.0
UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}
CHANNELS = {0: "stdin", 1: "stdout", 2: "stderr"}
#: What has to be removed again: the path by which it was created -> that by which it is deleted.
MADE = {
    "/containers/create": "/containers/{Id}?force=1&v=1",
    "/networks/create": "/networks/{Id}",
    "/volumes/create": "/volumes/{Name}",
    "/commit": "/images/{Id}?force=1",
}
_VERSION = re.compile(r"^/v1\.\d+(?=/)")
LOOSE = "<loose>"
#: The members of an answer that are not its body, or not always.
OUTSIDE = ("status", "headers", "text")


class Conversation:
    """One scenario with one daemon at an address (tcp://, unix://)."""

    def __init__(self, address: str, daemon: Daemon, scenario: Scenario) -> None:
        self._address = address
        self._daemon = daemon
        self._scenario = scenario
        self._invented = Invented(self._root())
        self._made: list[str] = []
        self._start = time.time()

    def _root(self) -> str:
        """Ask the daemon where it keeps what it has."""
        with self._client() as client:
            reply = client.get("/info")
            return str(reply.json.get("DockerRootDir", ROOT))

    def answers(self) -> list[dict[str, Any]]:
        """Ask all steps, leave nothing behind, and return the answers."""
        try:
            return [self._answer(step) for step in self._scenario.steps]
        finally:
            self._clean()

    def _answer(self, step: Step) -> dict[str, Any]:
        time.sleep(step.wait)
        path = self._inserted(step.path)
        query = {name: self._parameter(value) for name, value in step.query.items()}
        headers = {name: self._inserted(value) for name, value in step.headers.items()}
        reply = self._ask(step, path + (f"?{urlencode(query)}" if query else ""), headers)
        answer: dict[str, Any] = {"status": reply.status, **_body(reply, step.stream)}
        value = answer.get("json", answer.get("stream"))
        made = MADE.get(_VERSION.sub("", path))
        if made is not None and isinstance(value, dict) and reply.status == 201:
            self._made.append(made.format(**{name: quote(str(one), safe=":") for name, one in value.items()}))
        for name, place in step.keep.items():
            try:
                self._invented.keep(name, str(at(value, place)))
            except (KeyError, IndexError, TypeError):
                raise AssertionError(f"{step.method} {path}: no {place} to keep in {answer}") from None
        if step.show:
            answer["headers"] = {name: reply.fields.get(name.lower()) for name in step.show}
        return self._compared(step, answer)

    def _compared(self, step: Step, answer: dict[str, Any]) -> dict[str, Any]:
        """Return what of an answer counts."""
        body = next((name for name in ("json", "stream", "stdout", "text", "tar") if name in answer), "json")

        def places(given: Iterable[str]) -> list[str]:
            parts = [place if place.split(".")[0] in OUTSIDE else f"{body}.{place}" for place in given]
            return [part.rstrip(".").replace(".[", "[") for part in parts]

        answer = change(answer, places(step.own), self._own)
        if step.only and isinstance(answer.get("json"), dict):
            answer["json"] = {name: value for name, value in answer["json"].items() if name in (*step.only, "message")}
        answer = change(answer, places(step.unordered), self._invented.sort)
        answer = self._invented.replace(answer)
        changed: dict[str, Any] = change(answer, places(step.loose), lambda value: LOOSE)
        return changed

    def _own(self, value: Any) -> Any:
        return [item for item in value if self._invented.mentions(item)] if isinstance(value, list) else value

    def _ask(self, step: Step, target: str, headers: dict[str, str]) -> Reply:
        body = json.loads(self._inserted(json.dumps(step.body))) if step.body is not None else None
        data: bytes | str = self._inserted(step.text or "") if step.tar is None else _pack(step.tar)
        with self._client() as client:
            if step.stdin is None:
                return client.request(step.method, self._versioned(target), data, json=body, headers=headers)
            client.ask(step.method, self._versioned(target), json=body, headers={**UPGRADE, **headers})
            reply = client.head()
            if reply.status != 101:
                return client.request(step.method, self._versioned(target), json=body, headers=headers)
            client.send(self._inserted(step.stdin).encode())
            client.half_close()
            reply.body = client.rest()
            return reply

    def _client(self) -> WireClient:
        client = WireClient(self._address)
        client.sock.settimeout(PATIENCE)
        return client

    def _versioned(self, target: str) -> str:
        return target if target.startswith("/v1.") else f"/v{self._daemon.version}{target}"

    def _inserted(self, text: str) -> str:
        return self._invented.insert(text, start=f"{self._start:.9f}", now=f"{time.time():.9f}")

    def _parameter(self, value: Any) -> str:
        return self._inserted(value if isinstance(value, str) else json.dumps(value))

    def _clean(self) -> None:
        """Remove what the scenario made, the last first."""
        with self._client() as client:
            # Containers go first: they are what holds the others.
            newest = list(reversed(self._made))
            made = sorted(newest, key=lambda target: not target.startswith("/containers/"))
            for target in (*made, *self._scenario.afterwards):
                client.delete(self._versioned(target))


def _body(reply: Reply, stream: bool) -> dict[str, Any]:
    kind = (reply.type or "").partition(";")[0]
    if not reply.body:
        return {}
    if kind == "application/json":
        return {"stream": list(_values(reply.text))} if stream else {"json": reply.json}
    if kind == "application/x-tar":
        return {"tar": _unpack(reply.body)}
    return _channels(reply.body) or {"text": reply.body.decode("utf-8", "replace")}


def _values(text: str) -> Iterator[Any]:
    """Yield the values of a stream of JSON."""
    decoder, at, text = json.JSONDecoder(), 0, text.rstrip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        yield value


def _channels(data: bytes) -> dict[str, str]:
    """Return what the frames of a stream carry, by channel; nothing if these are no frames."""
    found = dict.fromkeys(CHANNELS.values(), "")
    while data:
        if len(data) < 8 or data[0] not in CHANNELS or data[1:4] != bytes(3):
            return {}
        channel, size = struct.unpack(">BxxxI", data[:8])
        found[CHANNELS[channel]] += data[8 : 8 + size].decode("utf-8", "replace")
        data = data[8 + size :]
    return {name: text for name, text in found.items() if text}


def _pack(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(content.encode())
            archive.addfile(header, io.BytesIO(content.encode()))
    return out.getvalue()


def _unpack(data: bytes) -> dict[str, str | None]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {
            entry.name: file.read().decode("utf-8", "replace") if (file := archive.extractfile(entry)) else None
            for entry in archive
        }
