"""A fake daemon behind HTTP, controlled as one in the process is: by the same methods, of the same results.

`connect(url)` gives it; what it is asked goes to `/_fakedocker/` of that daemon, by the table of `fakedocker.control`.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from fakedocker.control import PREFIX, VERBS
from fakedocker.faults.faults import Ruling, ruled
from fakedocker.journal import Entry, Journal
from fakedocker.server import Address, parse_address

#: Seconds for an answer; what waits for something waits longer by what it was told.
PATIENCE = 30.0


class RemoteError(Exception):
    """A daemon refused what it was asked, or is none that can be asked; `status` is HTTP's, 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def connect(url: str = "", *, token: str = "") -> RemoteDaemon:
    """Return the fake daemon at a url, by default that of $DOCKER_HOST.

    `token`: what `serve --control-token` was given, for a daemon of another machine. Raises RemoteError if nobody
    answers there, or what answers is no fakedocker or does not let itself be controlled; ValueError (no url).
    """
    url = url or os.environ.get("DOCKER_HOST", "")
    if not url:
        raise ValueError("there is neither a url nor a $DOCKER_HOST")
    daemon = RemoteDaemon(url, token=token)
    daemon.ask("health")
    return daemon


class RemoteRule:
    """A fault in force at a remote daemon; as a context manager, until the end of the block."""

    def __init__(self, faults: RemoteFaults, told: Mapping[str, Any]) -> None:
        self._faults = faults
        self.id: int = told["id"]
        self.calls: int = told["calls"]
        self.hits: int = told["hits"]
        self._told = dict(told)

    def __enter__(self) -> RemoteRule:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Put the rule out of force; who hangs by it goes on."""
        self._faults.remove(self.id)

    def release(self) -> None:
        """Let those go on who hang by this rule."""
        self._faults.release(self.id)

    def to_json(self) -> dict[str, Any]:
        """Return the rule with its number and its counts, as they were when it was asked for."""
        return dict(self._told)


class RemoteFaults:
    """The faults of a remote daemon; see `fakedocker.faults.Faults`."""

    def __init__(self, daemon: RemoteDaemon) -> None:
        self._daemon = daemon

    def __len__(self) -> int:
        return len(self.to_json())

    def __iter__(self) -> Iterator[RemoteRule]:
        return iter([RemoteRule(self, told) for told in self.to_json()])

    def __getitem__(self, number: int) -> RemoteRule:
        for one in self:
            if one.id == number:
                return one
        raise KeyError(number)

    def add(self, fault: Ruling, /, **keys: Any) -> RemoteRule:
        """Put a rule into force, behind the others. Raises FaultError, RemoteError (a kind of the user's own)."""
        return RemoteRule(self, self._daemon.ask("add_fault", fault=ruled(fault, keys).to_json()))

    def remove(self, number: int) -> None:
        """Put a rule out of force."""
        self._daemon.ask("remove_fault", id=number)

    def clear(self) -> None:
        """Put all rules out of force; whoever hangs goes on."""
        self._daemon.ask("clear_faults")

    def release(self, number: int = 0) -> None:
        """Let those go on who hang, by one rule or by any."""
        self._daemon.ask("release_faults", id=number)

    def to_json(self) -> list[dict[str, Any]]:
        """Return all rules with their numbers and counts."""
        told: list[dict[str, Any]] = self._daemon.ask("faults")
        return told


@dataclass(frozen=True, slots=True)
class RemoteSnapshot:
    """A snapshot that a remote daemon keeps; `now`: when it was taken, in unix seconds of that daemon."""

    name: str
    now: float


class _Supply:
    def __init__(self, daemon: RemoteDaemon) -> None:
        self._daemon = daemon

    def entries(self, after: int = 0, timeout: float | None = None) -> list[Entry]:
        return [Entry.from_json(told) for told in self._daemon.ask("journal", after=after, wait=timeout or 0)]

    def clear(self) -> None:
        self._daemon.ask("clear_journal")


class RemoteDaemon:
    """A fake daemon somewhere else; `connect` makes one."""

    def __init__(self, url: str, *, token: str = "") -> None:
        self.url = url
        self._address = parse_address("tcp" + url.removeprefix("http") if url.startswith("http://") else url)
        self._token = token
        self.faults = RemoteFaults(self)

    def ask(self, verb: str, **arguments: Any) -> Any:
        """Do one of the verbs of the control API, and return its result. Raises RemoteError, KeyError (no verb)."""
        known = VERBS[verb]
        path, rest = PREFIX + known.path, dict(arguments)
        for name in arguments:
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", quote(str(rest.pop(name)), safe=""))
        body = None
        if known.method in ("GET", "DELETE"):
            path += f"?{urlencode(rest)}" if rest else ""
        elif rest:
            body = json.dumps(rest).encode()
        patience = PATIENCE + float(arguments.get("wait", 0))
        return self._answer(known.method, path, body, patience)

    def _answer(self, method: str, path: str, body: bytes | None, patience: float) -> Any:
        headers = {"Accept": "application/json"}
        headers |= {"Content-Type": "application/json"} if method == "POST" else {}
        headers |= {"X-Fakedocker-Token": self._token} if self._token else {}
        connection = _Connection(self._address, patience)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise RemoteError(f"nobody answers at {self.url}: {error}") from error
        finally:
            connection.close()
        try:
            told = json.loads(data)
        except ValueError:
            told = None
        if response.status == 200:
            return told
        message = told.get("message", "") if isinstance(told, dict) else ""
        if response.status == 404 and message in ("", "page not found"):
            message = f"what is at {self.url} is no fakedocker, or does not let itself be controlled"
        raise RemoteError(message or f"{self.url} answered {response.status}", response.status)

    # -- the methods of a daemon in the process ------------------------------------------

    @property
    def hosts(self) -> list[str]:
        """Where it listens."""
        told: list[str] = self.state()["hosts"]
        return told

    @property
    def journal(self) -> Journal:
        """What it was asked, call by call."""
        return Journal(_Supply(self))

    @property
    def now(self) -> float:
        """The time of the daemon, in unix seconds."""
        return float(self.ask("clock")["now"])

    @property
    def clock_speed(self) -> float:
        """How many seconds pass in one, 0 while time stands still. May be set."""
        return float(self.ask("clock")["speed"])

    @clock_speed.setter
    def clock_speed(self, speed: float) -> None:
        self.ask("speed", speed=speed)

    def advance(self, seconds: float) -> None:
        """Let time pass; everything that is due meanwhile happens, in order."""
        self.ask("advance", seconds=seconds)

    def freeze(self) -> None:
        """Let time stand still until `thaw`."""
        self.ask("freeze")

    def thaw(self) -> None:
        """Let time go on."""
        self.ask("thaw")

    def state(self) -> dict[str, Any]:
        """Return what there is, in a few words of JSON."""
        told: dict[str, Any] = self.ask("state")
        return told

    def events(self) -> Sequence[dict[str, Any]]:
        """Return what happened, oldest first: the last 256 events."""
        told: list[dict[str, Any]] = self.ask("events")
        return told

    def inject(self, type: str, action: str, actor: str, attributes: Mapping[str, str] | None = None) -> None:
        """Tell whoever follows the events of one that did not happen: ("container", "oom", "web")."""
        self.ask("inject", type=type, action=action, actor=actor, attributes=dict(attributes or {}))

    def logs(self, container: str) -> str:
        """Return what a container wrote, both streams in order."""
        return str(self.ask("logs", container=container))

    def force(self, container: str, state: str) -> None:
        """Bring a container into a state that it seldom gets into by itself: "dead", "unhealthy" …"""
        self.ask("force", container=container, state=state)

    def orphans(self) -> Mapping[str, Sequence[str]]:
        """Return what clients have made and left, by its kind."""
        told: dict[str, list[str]] = self.ask("orphans")
        return told

    def problems(self) -> list[str]:
        """Return what went wrong inside the daemon since it was asked last."""
        told: list[str] = self.ask("problems")
        return told

    def check(self) -> None:
        """Raise AssertionError if anything went wrong inside the daemon."""
        problems = self.problems()
        if problems:
            raise AssertionError(problems[0])

    def load(self, fixture: str) -> None:
        """Begin anew from a shipped fixture, by its name, or from one in YAML."""
        self.ask("load", fixture=fixture)

    def reset(self) -> None:
        """Begin anew from the fixture; open streams end."""
        self.ask("reset")

    def snapshot(self, name: str = "") -> RemoteSnapshot:
        """Have the daemon keep all that there is now, to come back to it; without a name it finds one."""
        return RemoteSnapshot(**self.ask("snapshot", name=name))

    @property
    def snapshots(self) -> Sequence[str]:
        """The names of the snapshots."""
        told: list[str] = self.ask("snapshots")
        return told

    def restore(self, snapshot: RemoteSnapshot | str) -> None:
        """Come back to a snapshot, by itself or by its name; open streams end, faults and the journal stay."""
        self.ask("restore", name=snapshot if isinstance(snapshot, str) else snapshot.name)

    def restart(
        self, *, down: float = 0.0, state: Literal["kept", "lost"] = "kept", live_restore: bool = False
    ) -> None:
        """Go down and come back, as a daemon that is restarted."""
        try:
            self.ask("restart", down=down, state=state, live_restore=live_restore)
        except RemoteError as error:
            if not isinstance(error.__cause__, http.client.RemoteDisconnected | ConnectionResetError):
                raise  # every connection ends then, and that of this call with them

    def shutdown(self) -> None:
        """End the daemon."""
        self.ask("shutdown")


class _Connection(http.client.HTTPConnection):
    def __init__(self, address: Address, timeout: float) -> None:
        host = "localhost" if address.kind == "unix" else address.host
        super().__init__(host, address.port or None, timeout=timeout)
        self._address = address

    def connect(self) -> None:
        if self._address.kind == "tcp":
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._address.path)
