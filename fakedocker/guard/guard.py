"""The guard itself: listens to the interpreter's audit events, and keeps what was tried."""

from __future__ import annotations

import inspect
import linecache
import os
import socket
import sys
import sysconfig
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from fakedocker.guard.commands import SOME_CONTEXT, reached
from fakedocker.guard.places import Places, is_pipe

#: Attempts that are kept; a client that tries for ever makes no more of them.
MOST_ATTEMPTS = 50

_LIBRARIES = tuple(
    {
        *(os.path.join(path, "") for path in map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib"))),
        os.path.join(Path(__file__).parents[1], ""),
        "<frozen ",
    }
)

#: Who may go to a real daemon: the recorder, which was told to.
_RECORDER = "fakedocker.proxy."


class RealDockerError(AssertionError):
    """Something has opened a real Docker daemon, or was about to."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to open a real daemon. `place`: where, as $DOCKER_HOST has it, or what was run; `line`: by whom."""

    place: str
    line: str

    def __str__(self) -> str:
        return f"the real Docker was opened: {self.place}\n  by {self.line}"


class Guard:
    """Lets nobody through to a real daemon while its block runs; may be raised again and again.

    Whoever tries gets RealDockerError at once. If that was swallowed, the end of the block raises it, unless something
    else is on its way already. `attempts`: what was tried so far; `hint`: a sentence that errors end with.
    """

    def __init__(self, places: Places, hint: str = "") -> None:
        self.places = places
        self.attempts: list[Attempt] = []
        self._hint = hint
        self._told = 0

    def __enter__(self) -> Self:
        _HOOK.arm(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _HOOK.disarm(self)
        if kind is None:
            self.check()

    def check(self) -> None:
        """Raise RealDockerError for the attempts that were not told yet."""
        attempts = self.take()
        if attempts:
            raise RealDockerError(self._text(attempts))

    def take(self) -> list[Attempt]:
        """Return the attempts that were not told yet; they are now."""
        attempts = self.attempts[self._told :]
        self._told = len(self.attempts)
        return attempts

    def stop(self, attempt: Attempt) -> None:
        """Keep an attempt. Raises RealDockerError, always."""
        if len(self.attempts) < MOST_ATTEMPTS:
            self.attempts.append(attempt)
        raise RealDockerError(self._text([attempt]))

    def _text(self, attempts: Sequence[Attempt]) -> str:
        lines = dict.fromkeys(map(str, attempts))
        return "\n".join([*lines, self._hint] if self._hint else lines)


def blocked(environ: Mapping[str, str] | None = None, *, hint: str = "") -> Guard:
    """Return a guard, to be raised by `with`. `environ`: where $DOCKER_HOST is looked up; usually the present one."""
    return Guard(Places.of(os.environ if environ is None else environ), hint)


class _Hook:
    """What the interpreter calls. An audit hook cannot be taken out again and belongs to the process: so there is one,
    put in when the first guard is raised, and it looks at nothing while none is up.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guards: tuple[Guard, ...] = ()  # replaced, never changed: the hook reads it without the lock
        self._is_in = False
        self._ours: set[object] = set()
        self._looks: dict[str, Callable[[Guard, tuple[Any, ...]], str | None]] = {
            "socket.connect": self._connect,
            "subprocess.Popen": lambda guard, given: self._command(guard, given[0], given[1], given[3]),
            "os.posix_spawn": lambda guard, given: self._command(guard, given[0], given[1], given[2]),
            "os.exec": lambda guard, given: self._command(guard, given[0], given[1], given[2]),
            "os.system": lambda guard, given: self._command(guard, "sh", ["sh", "-c", given[0]], None),
            "open": self._pipe,
            "_winapi.CreateFile": self._pipe,
        }

    def arm(self, guard: Guard) -> None:
        with self._lock:
            if not self._is_in:
                sys.addaudithook(self._hear)
                self._is_in = True
            self._guards = (*self._guards, guard)

    def disarm(self, guard: Guard) -> None:
        with self._lock:
            self._guards = tuple(one for one in self._guards if one is not guard)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        guards = self._guards
        if not guards:
            return
        if event == "socket.bind":
            self._bound(guards, given)
            return
        look = self._looks.get(event)
        if look is None:
            return
        for guard in guards:
            place = look(guard, given)
            if place is not None and (line := _line()) is not None:
                if isinstance(given[0], socket.socket):
                    given[0].close()  # libraries close it after an OSError only
                guard.stop(Attempt(place, line))

    def _bound(self, guards: tuple[Guard, ...], given: tuple[Any, ...]) -> None:
        """Note a place that this process listens at itself: nothing real is there."""
        if any(self._connect(guard, given) for guard in guards):
            self._ours.add(_key(given[1]))

    def _connect(self, guard: Guard, given: tuple[Any, ...]) -> str | None:
        address = given[1]
        place = None
        if isinstance(address, tuple) and len(address) >= 2 and isinstance(address[0], str):
            host, port = address[0], address[1]
            if isinstance(port, int) and guard.places.has_port(host, port):
                place = f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"
        elif isinstance(address, str | bytes) and guard.places.has_socket(os.fsdecode(address)):
            place = f"unix://{os.fsdecode(address)}"
        return None if place is None or _key(address) in self._ours else place

    def _command(self, guard: Guard, program: Any, words: Any, environ: Any) -> str | None:
        words = _words(program, words)
        found = reached(words, os.environ if environ is None else _decoded(environ)) if words else None
        if found is None or not (found.address.startswith(SOME_CONTEXT) or guard.places.has(found.address)):
            return None
        return f"{found.address} (`{found.command}`)"

    def _pipe(self, guard: Guard, given: tuple[Any, ...]) -> str | None:
        name = given[0]
        return f"npipe://{name}" if isinstance(name, str) and is_pipe(name) else None


_HOOK = _Hook()


def _key(address: object) -> object:
    """Return what tells one listening place from others."""
    if isinstance(address, tuple):
        return address[1]
    return os.path.realpath(os.fsdecode(address)) if isinstance(address, str | bytes) else None


def _words(program: Any, words: Any) -> list[str]:
    """Return the words of a command as the audit event has them, with the program that is really run in front."""
    given = [words] if isinstance(words, str | bytes | os.PathLike) else words
    if not isinstance(given, list | tuple):
        return []
    try:
        decoded = [os.fsdecode(word) for word in given]
        return [os.fsdecode(program), *decoded[1:]] if program is not None else decoded
    except TypeError:  # a word that is none: the call fails by itself
        return []


def _decoded(environ: Any) -> dict[str, str]:
    if not isinstance(environ, Mapping):
        return {}
    try:
        return {os.fsdecode(name): os.fsdecode(value) for name, value in environ.items()}
    except TypeError:
        return {}


def _line() -> str | None:
    """Return the line of the user's code that is running; None if the recorder is."""
    frame, nearest, found = inspect.currentframe(), None, None
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(_RECORDER):
            return None
        file = frame.f_code.co_filename
        if file != __file__:
            nearest = nearest or frame
            if found is None and not file.startswith(_LIBRARIES):
                found = frame
        frame = frame.f_back
    shown = found or nearest
    return _shown(shown) if shown is not None else "nobody knows whom"


def _shown(frame: FrameType) -> str:
    file, number = frame.f_code.co_filename, frame.f_lineno
    path = Path(file)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    source = linecache.getline(file, number, frame.f_globals).strip()
    return f"{shown}:{number} in {frame.f_code.co_name}" + (f": {source}" if source else "")
