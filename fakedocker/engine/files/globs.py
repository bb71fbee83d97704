"""Patterns of file names: of COPY and ADD (Go filepath.Match), of `.dockerignore` (with "**"; moby patternmatcher).

A pattern comes from a client, so that matching must not take longer than pattern times name: all ways in which a
pattern can match are followed at once, there is no going back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from fakedocker.engine.files.files import PATH_MAX


class BadPattern(ValueError):
    """A pattern that is none."""


class Run(Enum):
    """What stands for several characters."""

    NAME = auto()
    """Any but slashes: `*`."""
    REST = auto()
    """Any at all: `**` at the end."""
    DIRECTORIES = auto()
    """Nothing, or any directories with the slash behind them: `**/`."""


#: One character: tells whether it is this one.
One = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern, ready to be matched."""

    parts: tuple[Run | One, ...]

    def matches(self, path: str) -> bool:
        """Tell whether the whole path matches."""
        states: set[int] = set()
        self._enter(0, states)
        for character in path:
            following: set[int] = set()
            for state in states:
                self._step(state, character, following)
            states = following
            if not states:
                return False
        return len(self.parts) in states

    def _enter(self, state: int, states: set[int]) -> None:
        """Go on to a part, and behind it if it can be nothing."""
        states.add(state)
        while state < len(self.parts) and isinstance(self.parts[state], Run):
            state += 1
            states.add(state)

    def _step(self, state: int, character: str, following: set[int]) -> None:
        if state == len(self.parts):
            return
        part = self.parts[state]
        if not isinstance(part, Run):
            if part(character):
                self._enter(state + 1, following)
        elif part is Run.DIRECTORIES:
            following.add(state)
            if character == "/":
                self._enter(state + 1, following)
        elif part is Run.REST or character != "/":
            self._enter(state, following)


def compile_glob(pattern: str, *, deep: bool = False) -> Glob:
    """Read a pattern; `deep`: "**" stands for any number of directories. Raises BadPattern."""
    if len(pattern) > PATH_MAX:
        raise BadPattern(pattern)
    return Glob(tuple(_parts(pattern, deep)))


def _parts(pattern: str, deep: bool) -> Iterator[Run | One]:
    rest = pattern
    while rest:
        if deep and rest.startswith("**"):
            rest = rest[2:].removeprefix("/")
            yield Run.DIRECTORIES if rest else Run.REST
            continue
        character, rest = rest[0], rest[1:]
        if character == "*":
            yield Run.NAME
        elif character == "?":
            yield lambda one: one != "/"
        elif character == "\\":
            if not rest:
                raise BadPattern(pattern)
            yield rest[0].__eq__
            rest = rest[1:]
        elif character == "[":
            members, rest = _members(rest)
            yield members
        else:
            yield character.__eq__


def _members(rest: str) -> tuple[One, str]:
    """Return who may stand for what begins with "[", and what is behind it."""
    negated = rest.startswith("^")
    rest = rest.removeprefix("^")
    ranges: list[tuple[str, str]] = []
    while not ranges or not rest.startswith("]"):
        low, rest = _member(rest)
        high = low
        if rest.startswith("-"):
            high, rest = _member(rest[1:])
        ranges.append((low, high))
    return lambda one: any(low <= one <= high for low, high in ranges) is not negated and one != "/", rest[1:]


def _member(rest: str) -> tuple[str, str]:
    if rest.startswith("\\"):
        rest = rest[1:]
    elif rest[:1] in ("-", "]"):
        raise BadPattern(rest)
    if not rest:
        raise BadPattern(rest)
    return rest[0], rest[1:]
