"""What a fault is, the kinds by their names, and how one is read and written.

A kind is a frozen dataclass below `Fault` with a name in the registry; its fields are what can be said about it. They
may be numbers, whole numbers, texts, truths, and None, and they may not be called as anything that selects.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import typing
from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from fakedocker.faults.bodies import Body
    from fakedocker.faults.calls import Answer, Call

#: What every rule can have beside its fault's own fields.
SELECTORS = ("on", "name", "image", "label", "api_version", "nth", "first", "every", "after", "probability")
KIND = "kind"
#: Characters of a wrong value that are shown.
LONGEST_SHOWN = 60


class FaultError(ValueError):
    """A fault or its rule cannot be; `key` is what is wrong with it ("" if it is the whole), `reason` why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key
        self.reason = reason


class Fault:
    """Something that goes wrong; a kind overrides the hook, or the hooks, of the moment when it does."""

    #: As it is called in rules; the decorator `fault` says so.
    kind: ClassVar[str] = ""
    #: Whether what becomes of the body is longer or shorter than the daemon's: then no Content-Length is promised.
    changes_length: ClassVar[bool] = False

    def before(self, call: Call) -> None:
        """Do something before the daemon hears of the request: wait, say."""

    def answer(self, call: Call) -> Answer | None:
        """Answer in the daemon's stead, which then never hears of the request; None: it answers itself."""

    def shape(self, body: Body, call: Call) -> Body:
        """Return what the client gets instead of the body of an answer."""
        return body

    def answers(self) -> bool:
        """Tell whether it answers in the daemon's stead: of such faults only the first one is in force."""
        return type(self).answer is not Fault.answer

    def shapes(self) -> bool:
        """Tell whether it does something to the body."""
        return type(self).shape is not Fault.shape

    def to_json(self) -> dict[str, Any]:
        """Return its kind and its fields, without those that are as they always are."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields_of(type(self))}
        return {KIND: self.kind} | {name: value for name, (value, default) in values.items() if value != default}


def fields_of(kind: type[Fault]) -> tuple[dataclasses.Field[Any], ...]:
    """Return what can be said about a fault of a kind; nothing if it is no dataclass."""
    return dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()


F = TypeVar("F", bound=type[Fault])
_KINDS: dict[str, type[Fault]] = {}


def fault(name: str) -> Callable[[F], F]:
    """Give a kind its name; a later one of the same name takes its place. Raises TypeError."""

    def register(kind: F) -> F:
        taken = [field.name for field in fields_of(kind) if field.name in (*SELECTORS, KIND)]
        if taken:
            raise TypeError(f"a fault's field cannot be called {taken[0]!r}: that is what selects")
        kind.kind = name
        _KINDS[name] = kind
        return kind

    return register


def kinds() -> tuple[str, ...]:
    """Return the names of all kinds, sorted."""
    return tuple(sorted(_KINDS))


def kind_of(name: object) -> type[Fault]:
    """Return a kind by its name. Raises FaultError, which names the nearest one."""
    if not isinstance(name, str):
        raise FaultError(KIND, f"must be the name of a kind of fault, not {shown(name)}")
    if name not in _KINDS:
        raise FaultError(KIND, f"there is no fault {shown(name)}{meant(name, _KINDS)}; there are {', '.join(kinds())}")
    return _KINDS[name]


def make(kind: type[Fault], given: Mapping[str, object]) -> Fault:
    """Make a fault of a kind. Raises FaultError (unknown, missing or wrong fields)."""
    fields = {field.name: field for field in fields_of(kind)}
    hints = typing.get_type_hints(kind)
    for key in given:
        if key not in fields:
            known = (*fields, *SELECTORS)
            raise FaultError(key, f"the fault {kind.kind} has no such key{meant(key, known)}")
    for name, field in fields.items():
        if name not in given and field.default is field.default_factory is dataclasses.MISSING:
            raise FaultError(name, f"the fault {kind.kind} needs it")
    return kind(**{key: _checked(key, value, hints[key]) for key, value in given.items()})


def _checked(key: str, value: object, hint: Any) -> object:
    allowed = typing.get_args(hint) or (hint,)
    if value is None and NoneType in allowed:
        return None
    if isinstance(value, bool):
        if bool in allowed:
            return value
    elif isinstance(value, int) and int in allowed:
        return value
    elif isinstance(value, int | float) and float in allowed:
        return _finite(key, value)
    elif isinstance(value, str) and str in allowed:
        return value
    names = [_WORDS[one] for one in allowed if one in _WORDS]
    if not names:  # a field of a kind of the user's, which checks it itself
        return value
    raise FaultError(key, f"must be {' or '.join(names)}, not {shown(value)}")


_WORDS = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}


def _finite(key: str, value: float) -> float:
    if not math.isfinite(value):
        raise FaultError(key, f"must be a number, not {value}")
    return float(value)


def at_least(key: str, value: float | None, least: float) -> None:
    """See that a number is not too small. Raises FaultError."""
    if value is not None and not value >= least:
        raise FaultError(key, f"must be at least {least:g}, not {value:g}")


def meant(word: str, words: Iterable[str]) -> str:
    """Return a question that names what was probably meant; "" if nothing is near."""
    near = difflib.get_close_matches(word[:LONGEST_SHOWN].lower(), words, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def shown(value: object) -> str:
    """Return a wrong value as an error shows it."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
