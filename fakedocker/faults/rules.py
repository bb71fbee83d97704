"""When a fault happens: a selector with its fault, as it is written in Python, YAML and JSON.

`on`: operations by name, `*` and `?` allowed. `name`, `image`, `label`: what the request is about. `api_version`:
"1.41", or with <, <=, >, >= before it. Of the calls that fit all of these: the `nth` one, the `first` ones, `every` so
many, only `after` so many; `probability` from 0 to 1. A rule that says nothing of its calls strikes at all of them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from fakedocker import operations
from fakedocker.faults.calls import Request
from fakedocker.faults.fault import KIND, SELECTORS, Fault, FaultError, kind_of, make, meant, shown
from fakedocker.faults.subjects import subject_of

ALL = "*"
_VERSION = re.compile(r"\s*(<=|>=|<|>|)\s*v?(\d{1,4})\.(\d{1,4})\s*")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A fault and when it happens. Raises FaultError, naming the key."""

    fault: Fault
    on: tuple[str, ...] = (ALL,)
    name: str = ""
    image: str = ""
    label: str = ""
    api_version: str = ""
    nth: int | None = None
    first: int | None = None
    every: int | None = None
    after: int = 0
    probability: float = 1.0

    def __post_init__(self) -> None:
        for pattern in self.on:
            _check_operation(pattern)
        if self.api_version and not _VERSION.fullmatch(self.api_version):
            raise FaultError("api_version", f"must be like 1.41 or >=1.41, not {shown(self.api_version)}")
        for key in ("nth", "first", "every"):
            if getattr(self, key) is not None and getattr(self, key) < 1:
                raise FaultError(key, f"must be at least 1, not {getattr(self, key)}")
        if self.after < 0:
            raise FaultError("after", f"must be at least 0, not {self.after}")
        if not 0 <= self.probability <= 1:
            raise FaultError("probability", f"must be between 0 and 1, not {self.probability}")

    @classmethod
    def read(cls, mapping: Mapping[str, Any]) -> Rule:
        """Read a rule as it is written: `kind`, the fault's fields, the selector's. Raises FaultError."""
        if not isinstance(mapping, Mapping):
            raise FaultError("", f"a fault must be a mapping, not {shown(mapping)}")
        given = {str(key): value for key, value in mapping.items()}
        if KIND not in given:
            near = [key for key in given if meant(key, (KIND,))]
            raise FaultError(near[0] if near else "", f"{KIND!r} is missing: say which kind of fault it is")
        fault = make(kind_of(given[KIND]), {key: given[key] for key in given if key not in (KIND, *SELECTORS)})
        return cls.of(fault, {key: given[key] for key in given if key in SELECTORS})

    @classmethod
    def of(cls, fault: Fault, selector: Mapping[str, Any]) -> Rule:
        """Join a fault with its selector as it is written. Raises FaultError."""
        for key in selector:
            if key not in SELECTORS:
                raise FaultError(key, f"there is no such key{meant(key, SELECTORS)}")
        return cls(fault=fault, **{key: _read(key, value) for key, value in selector.items() if value is not None})

    def to_json(self) -> dict[str, Any]:
        """Return what `read` reads; what is as it always is, is left out."""
        written: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "fault" and value != field.default:
                written[field.name] = value
        if "on" in written:
            written["on"] = self.on[0] if len(self.on) == 1 else [*self.on]
        return self.fault.to_json() | written

    def fits(self, request: Request) -> bool:
        """Tell whether a request is of those that it counts."""
        return (
            any(fnmatchcase(request.operation, pattern) for pattern in self.on)
            and self._is_of_version(request.version)
            and self._is_about(request)
        )

    def _is_of_version(self, version: tuple[int, int]) -> bool:
        wanted = _VERSION.fullmatch(self.api_version)
        return wanted is None or _COMPARE[wanted[1]](version, (int(wanted[2]), int(wanted[3])))

    def _is_about(self, request: Request) -> bool:
        if not (self.name or self.image or self.label):
            return True
        subject = subject_of(request)
        return (
            (not self.name or subject.is_called(self.name, request.object))
            and (not self.image or subject.is_of_image(self.image))
            and (not self.label or subject.has_label(self.label))
        )

    def strikes(self, number: int, random: Random) -> bool:
        """Tell whether it strikes at a call, by its number among those that fit, from 1."""
        number -= self.after
        if number < 1 or (self.nth is not None and number != self.nth):
            return False
        if (self.first is not None and number > self.first) or (self.every is not None and number % self.every):
            return False
        return self.probability >= 1 or random.random() < self.probability


def _check_operation(pattern: str) -> None:
    if any(mark in pattern for mark in "*?["):
        if not any(fnmatchcase(name, pattern) for name in operations.names()):
            raise FaultError("on", f"no operation of the Docker API is like {shown(pattern)}")
        return
    try:
        operations.check(pattern)
    except operations.UnknownOperation as error:
        raise FaultError("on", str(error)) from None


def _read(key: str, value: object) -> Any:
    match key, value:
        case "on", str():
            return (value,)
        case "on", list() | tuple() if value and all(isinstance(one, str) for one in value):
            return tuple(value)
        case "on", _:
            raise FaultError(key, f"must be the name of an operation, or a list of them, not {shown(value)}")
        case "api_version", float():  # as YAML and hasty people have it: 1.41
            return str(value)
        case (("name" | "image" | "label" | "api_version"), str()):
            return value
        case (("name" | "image" | "label" | "api_version"), _):
            raise FaultError(key, f"must be text, not {shown(value)}")
        case _, bool():
            pass
        case "probability", int() | float():
            return float(value)
        case (("nth" | "first" | "every" | "after"), int()):
            return value
    kind = "a number" if key == "probability" else "a whole number"
    raise FaultError(key, f"must be {kind}, not {shown(value)}")
