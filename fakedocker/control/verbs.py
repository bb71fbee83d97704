"""The verbs of the control API: one table, from which the routes, their description and the client come."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakedocker.control.controlled import Controlled
from fakedocker.engine.containers.forcing import FORCES
from fakedocker.engine.errors import DockerError, NotFound
from fakedocker.faults import FaultError
from fakedocker.journal import Entry, Wanted
from fakedocker.release import __version__

#: Seconds that a question for what has not happened yet waits at most.
LONGEST_WAIT = 60.0
#: Seconds that time can be made to go on, or a daemon to stay away, by one question.
FARTHEST, LONGEST_ABSENCE = 10 * 366 * 86_400.0, 86_400.0
#: Snapshots that are kept; bytes of a body, and of one that is a fixture; characters of an event.
MOST_SNAPSHOTS, LARGEST_BODY, LARGEST_FIXTURE, LONGEST_EVENT = 64, 1 << 20, 16 << 20, 1 << 16


class CannotDo(Exception):
    """A verb was refused; `status` is what HTTP makes of it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Argument:
    """What a verb is told. `kind`: number, text, truth or object; `default`: None if it has to be said."""

    kind: str
    says: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that can be asked of a daemon: HTTP's method and path, what it takes, what it does.

    `path`: below the prefix; `{name}` in it is an argument.
    """

    name: str
    method: str
    path: str
    says: str
    does: Callable[..., Any] = field(repr=False)
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    largest_body: int = LARGEST_BODY

    def __call__(self, daemon: Controlled, given: Mapping[str, Any]) -> Any:
        """Do it, and return what JSON can say of the result. Raises CannotDo."""
        try:
            return self.does(daemon, **self._read(given))
        except DockerError as error:
            raise CannotDo(str(error).strip(), 404 if isinstance(error, NotFound) else 409) from None
        except (FaultError, ValueError) as error:
            raise CannotDo(str(error)) from None
        except LookupError as error:
            raise CannotDo(str(error.args[0]) if error.args else "not found", 404) from None
        except (RuntimeError, OSError) as error:
            raise CannotDo(str(error), 409) from None

    def _read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        unknown = [name for name in given if name not in self.arguments]
        if unknown:
            known = ", ".join(self.arguments) or "nothing"
            raise CannotDo(f"{self.name} takes {known}, not {unknown[0][:60]!r}")
        return {name: _read(name, one, given.get(name)) for name, one in self.arguments.items()}


def _read(name: str, argument: Argument, value: Any) -> Any:
    if value is None:
        if argument.default is None:
            raise CannotDo(f"{name} is missing")
        return argument.default
    match argument.kind:
        case "number":
            try:
                number = float(value) if not isinstance(value, bool) else None
            except (TypeError, ValueError, OverflowError):
                number = None
            if number is not None and math.isfinite(number):
                return number
        case "truth":
            found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
            if found is not None:
                return found
        case "text":
            if isinstance(value, str):
                return value
        case "object":
            if isinstance(value, Mapping):
                return value
    raise CannotDo(f"{name} must be a {argument.kind}, not {str(value)[:60]!r}")


def _clock(daemon: Controlled) -> dict[str, float]:
    return {"now": daemon.now, "speed": daemon.clock_speed}


def _advance(daemon: Controlled, seconds: float) -> dict[str, float]:
    if seconds > FARTHEST:
        raise CannotDo(f"time goes on by {FARTHEST:,.0f} seconds at most")
    daemon.advance(seconds)
    return _clock(daemon)


def _freeze(daemon: Controlled) -> dict[str, float]:
    daemon.freeze()
    return _clock(daemon)


def _thaw(daemon: Controlled) -> dict[str, float]:
    daemon.thaw()
    return _clock(daemon)


def _speed(daemon: Controlled, speed: float) -> dict[str, float]:
    daemon.clock_speed = speed
    return _clock(daemon)


def _journal(daemon: Controlled, after: float, wait: float, operation: str, limit: float) -> list[dict[str, Any]]:
    wanted = Wanted(operation or None)
    deadline = time.monotonic() + min(wait, LONGEST_WAIT)
    place = int(after)
    while True:
        left = deadline - time.monotonic()
        entries = daemon.journal.entries(place, left if left > 0 else None)
        fitting = [entry for entry in entries if wanted.fits(entry)]
        if fitting or left <= 0:
            return [entry.to_json() for entry in _newest(fitting, int(limit))]
        place = max([place, *(entry.change for entry in entries)])


def _newest(entries: list[Entry], limit: int) -> list[Entry]:
    return entries[-limit:] if limit > 0 else entries


def _unmatched(daemon: Controlled) -> list[dict[str, Any]]:
    return [entry.to_json() for entry in daemon.journal.unmatched()]


def _remove_fault(daemon: Controlled, id: float) -> None:
    try:
        daemon.faults[int(id)].remove()
    except KeyError:
        raise CannotDo(f"no fault {int(id)} is in force", 404) from None


def _release(daemon: Controlled, id: float) -> None:
    daemon.faults.release(int(id) or None)


def _restart(daemon: Controlled, down: float, state: str, live_restore: bool) -> None:
    if state not in ("kept", "lost"):
        raise CannotDo(f"state must be kept or lost, not {state[:60]!r}")
    if not 0 <= down <= LONGEST_ABSENCE:
        raise CannotDo(f"down must be from 0 to {LONGEST_ABSENCE:,.0f} seconds")
    daemon.restart(down=down, state="kept" if state == "kept" else "lost", live_restore=live_restore)


def _snapshot(daemon: Controlled, name: str) -> dict[str, Any]:
    kept = daemon.snapshots
    name = name or next(str(number) for number in range(1, len(kept) + 2) if str(number) not in kept)
    if name not in kept and len(kept) >= MOST_SNAPSHOTS:
        raise CannotDo(f"there are {MOST_SNAPSHOTS} snapshots, which is as many as are kept", 409)
    return {"name": name, "now": daemon.snapshot(name).now}


def _restore(daemon: Controlled, name: str) -> None:
    if name not in daemon.snapshots:
        raise CannotDo(f"there is no snapshot {name[:60]!r}", 404)
    daemon.restore(name)


def _inject(daemon: Controlled, type: str, action: str, actor: str, attributes: Mapping[str, Any]) -> None:
    texts = [type, action, actor, *attributes, *attributes.values()]
    if not all(isinstance(text, str) for text in texts):
        raise CannotDo("attributes must be texts")
    if sum(map(len, texts)) > LONGEST_EVENT:
        raise CannotDo("the event is too long")
    daemon.inject(type, action, actor, attributes)


def _table(*verbs: Verb) -> dict[str, Verb]:
    return {verb.name: verb for verb in verbs}


_SECONDS = Argument("number", "seconds")

VERBS: Mapping[str, Verb] = _table(
    Verb("health", "GET", "/health", "Tell that it is alive.", lambda daemon: {"status": "ok"}),
    Verb(
        *("ready", "GET", "/ready", "Tell that it can be asked, and where it listens."),
        lambda daemon: {"status": "ready", "hosts": daemon.hosts},
    ),
    Verb(
        *("version", "GET", "/version", "The version of fakedocker, and of this API."),
        lambda daemon: {"fakedocker": __version__, "control": "1"},
    ),
    Verb("state", "GET", "/state", "What there is: containers, images, networks, volumes.", lambda d: d.state()),
    Verb("reset", "POST", "/reset", "Begin anew from the fixture; open streams end.", lambda daemon: daemon.reset()),
    Verb(
        *("load", "POST", "/fixture", "Begin anew from another fixture."),
        lambda daemon, fixture: daemon.load(fixture),
        {"fixture": Argument("text", "the name of a shipped one, or YAML")},
        LARGEST_FIXTURE,
    ),
    Verb("snapshots", "GET", "/snapshots", "The names of the snapshots.", lambda daemon: [*daemon.snapshots]),
    Verb(
        *("snapshot", "POST", "/snapshots", "Take a snapshot of what there is, in memory."),
        _snapshot,
        {"name": Argument("text", "what to call it; one of this name is replaced", "")},
    ),
    Verb(
        *("restore", "POST", "/snapshots/restore", "Come back to a snapshot; open streams end."),
        _restore,
        {"name": Argument("text", "which one")},
    ),
    Verb("clock", "GET", "/clock", "What time it is, and how fast it passes (0: it stands still).", _clock),
    Verb("advance", "POST", "/clock/advance", "Let time pass; what is due happens.", _advance, {"seconds": _SECONDS}),
    Verb("freeze", "POST", "/clock/freeze", "Let time stand still.", _freeze),
    Verb("thaw", "POST", "/clock/thaw", "Let time go on.", _thaw),
    Verb(
        *("speed", "POST", "/clock/speed", "Let time pass faster."),
        _speed,
        {"speed": Argument("number", "how many seconds pass in one")},
    ),
    Verb("faults", "GET", "/faults", "The faults in force, with their counts.", lambda daemon: daemon.faults.to_json()),
    Verb(
        *("add_fault", "POST", "/faults", "Put a fault into force."),
        lambda daemon, fault: daemon.faults.add(fault).to_json(),
        {"fault": Argument("object", "as in a fixture")},
    ),
    Verb("clear_faults", "DELETE", "/faults", "Put all faults out of force.", lambda daemon: daemon.faults.clear()),
    Verb(
        *("remove_fault", "DELETE", "/faults/{id}", "Put one fault out of force."),
        _remove_fault,
        {"id": Argument("number", "its number")},
    ),
    Verb(
        *("release_faults", "POST", "/faults/release", "Let those go on who hang by a fault."),
        _release,
        {"id": Argument("number", "by which one (by any)", 0.0)},
    ),
    Verb(
        *("journal", "GET", "/journal", "The calls, oldest first."),
        _journal,
        {
            "after": Argument("number", "only what has changed after this change", 0.0),
            "wait": Argument("number", "seconds to wait for one if there are none", 0.0),
            "operation": Argument("text", "only calls of it, as in `ContainerStart`", ""),
            "limit": Argument("number", "only so many, the newest (0: all)", 0.0),
        },
    ),
    Verb("clear_journal", "DELETE", "/journal", "Forget the calls.", lambda daemon: daemon.journal.clear()),
    Verb("unmatched", "GET", "/unmatched", "The calls that the API has nothing for.", _unmatched),
    Verb("problems", "POST", "/check", "What went wrong since it was asked last.", lambda daemon: daemon.problems()),
    Verb(
        *("inject", "POST", "/events", "Tell whoever follows the events of one that did not happen."),
        _inject,
        {
            "type": Argument("text", "of what: container, image, network, volume, daemon"),
            "action": Argument("text", "what happened: start, die"),
            "actor": Argument("text", "an id or a name"),
            "attributes": Argument("object", "texts by their names", {}),
        },
    ),
    Verb("orphans", "GET", "/orphans", "What clients have made and left.", lambda daemon: daemon.orphans().to_json()),
    Verb("events", "GET", "/events", "What happened, the last 256 events.", lambda daemon: [*daemon.events()]),
    Verb(
        *("logs", "GET", "/containers/{container}/logs", "What a container wrote."),
        lambda daemon, container: daemon.logs(container),
        {"container": Argument("text", "its name or id")},
    ),
    Verb(
        *("force", "POST", "/containers/{container}/state", "Bring a container into a state."),
        lambda daemon, container, state: daemon.force(container, state),
        {
            "container": Argument("text", "its name or id"),
            "state": Argument("text", ", ".join(FORCES)),
        },
    ),
    Verb(
        *("restart", "POST", "/restart", "Go down and come back, as a daemon that is restarted."),
        _restart,
        {
            "down": Argument("number", "seconds for which the addresses refuse", 0.0),
            "state": Argument("text", "kept or lost", "kept"),
            "live_restore": Argument("truth", "whether containers go on meanwhile", False),
        },
    ),
    Verb("shutdown", "POST", "/shutdown", "End the daemon.", lambda daemon: daemon.shutdown()),
)
