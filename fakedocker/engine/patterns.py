"""Regular expressions of clients, matched in a time that grows with the text only (Go regexp, RE2).

Python's own would take for ever for some patterns of a few characters. Here all that a pattern could be at are followed
at once. Known: characters, `.`, sets, classes (`\\d`, `[[:alpha:]]`), groups, `|`, `*`, `+`, `?`, `{n,m}`, `^`, `$`,
`\\b`, `(?i)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: A pattern with more states than that is refused, and no more of a text is looked at.
MOST_STATES: Final = 1500
MOST_TEXT: Final = 10_000
#: So often Go lets something be repeated by numbers.
MOST_REPETITIONS: Final = 1000
_DIGITS = frozenset("0123456789")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SPACE = frozenset(" \t\n\f\r")
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_NAMED: dict[str, Callable[[str], bool]] = {
    "alnum": lambda c: c in _WORD and c != "_",
    "alpha": lambda c: c in _WORD and c != "_" and c not in _DIGITS,
    "digit": lambda c: c in _DIGITS,
    "lower": lambda c: "a" <= c <= "z",
    "upper": lambda c: "A" <= c <= "Z",
    "space": lambda c: c in _SPACE or c == "\v",
    "punct": lambda c: "!" <= c <= "~" and not (c in _WORD and c != "_"),
    "xdigit": lambda c: c in _DIGITS or "a" <= c.lower() <= "f",
    "word": lambda c: c in _WORD,
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


class PatternError(ValueError):
    """A pattern that is none."""


@dataclass(frozen=True, slots=True)
class _One:
    """One character that fits."""

    fits: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A place between characters: `^`, `$`, `b` (the edge of a word) or `B`."""

    kind: str


@dataclass(frozen=True, slots=True)
class _Row:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A part at least `least` and at most `most` times; None: any number."""

    part: _Node
    least: int
    most: int | None


_Node = _One | _Edge | _Row | _Choice | _Repeat


class _Reader:
    """Reads a pattern."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._fold = False

    def read(self) -> _Node:
        found = self._choice()
        if self._at < len(self._text):
            raise PatternError("unexpected )")
        return found

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise PatternError("unexpected end")
        self._at += 1
        return self._text[self._at - 1]

    def _choice(self) -> _Node:
        options = [self._row()]
        while self._peek() == "|":
            self._next()
            options.append(self._row())
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def _row(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return _Row(tuple(parts))

    def _repeated(self, part: _Node) -> _Node:
        bounds = self._bounds()
        if bounds is None:
            return part
        if self._peek() == "?":  # takes as little as it can: for whether it is found it does not matter
            self._next()
        if self._bounds() is not None:
            raise PatternError("invalid nested repetition operator")
        return _Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._peek() in simple:
            return simple[self._next()]
        end = self._text.find("}", self._at)
        if self._peek() != "{" or end < 0:
            return None
        least, comma, most = self._text[self._at + 1 : end].partition(",")
        if not (least.isascii() and least.isdigit()) or not (most == "" or (most.isascii() and most.isdigit())):
            return None  # no repetition, but a brace
        if max(len(least), len(most)) > 4 or max(int(least), int(most or 0)) > MOST_REPETITIONS:
            raise PatternError("invalid repeat count")
        if most and int(most) < int(least):
            raise PatternError("invalid repeat count")
        self._at = end + 1
        return int(least), int(most) if most else None if comma else int(least)

    def _atom(self) -> _Node:
        character = self._next()
        match character:
            case "(":
                return self._group()
            case "[":
                return _One(self._folded(self._set()))
            case ".":
                return _One(lambda one: one != "\n")
            case "^" | "$":
                return _Edge(character)
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise PatternError("missing argument to repetition operator")
        return self._character(character)

    def _character(self, character: str) -> _Node:
        return _One(self._folded(character.__eq__))

    def _folded(self, fits: Callable[[str], bool]) -> Callable[[str], bool]:
        if not self._fold:
            return fits
        return lambda one: fits(one) or fits(one.lower()) or fits(one.upper())

    def _group(self) -> _Node:
        fold = self._fold
        if self._peek() == "?":
            self._next()
            if self._options():
                return _Row(())  # (?i) holds to the end of the group around it
        found = self._choice()
        if self._peek() != ")":
            raise PatternError("missing closing )")
        self._next()
        self._fold = fold
        return found

    def _options(self) -> bool:
        """Read what stands behind `(?`; tell whether the group ends with that."""
        if self._text.startswith(("P<", "<"), self._at):
            self._at = self._text.find(">", self._at) + 1
            if self._at == 0:
                raise PatternError("invalid named capture")
            return False
        on = True
        while (option := self._next()) not in ":)":
            if option == "-" and on:
                on = False
            elif option == "i":
                self._fold = on
            elif option not in "msU":
                raise PatternError("invalid or unsupported Perl syntax")
        return option == ")"

    def _escape(self) -> _Node:
        character = self._next()
        if character in "bB":
            return _Edge(character)
        if character in "Az":
            return _Edge("^" if character == "A" else "$")
        return _One(self._folded(self._escaped(character)))

    def _escaped(self, character: str) -> Callable[[str], bool]:
        if character.lower() in _CLASSES:
            members = _CLASSES[character.lower()]
            return members.__contains__ if character.islower() else lambda one: one not in members
        return self._literal(character).__eq__

    def _literal(self, character: str) -> str:
        if character == "x":
            digits = self._next()
            digits = self._upto("}") if digits == "{" else digits + self._next()
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise PatternError("invalid escape sequence") from None
        if character in _ESCAPES:
            return _ESCAPES[character]
        if character.isalnum():
            raise PatternError("invalid escape sequence")
        return character

    def _upto(self, mark: str) -> str:
        found = ""
        while (character := self._next()) != mark:
            found += character
        return found

    def _set(self) -> Callable[[str], bool]:
        negated = self._peek() == "^"
        if negated:
            self._next()
        members: list[Callable[[str], bool]] = []
        while self._peek() != "]" or not members:
            members.append(self._member())
        self._next()
        return lambda one: any(fits(one) for fits in members) is not negated

    def _member(self) -> Callable[[str], bool]:
        if self._text.startswith("[:", self._at):
            self._at += 2
            name = self._upto(":")
            if self._next() != "]" or name.removeprefix("^") not in _NAMED:
                raise PatternError("invalid character class range")
            named = _NAMED[name.removeprefix("^")]
            return (lambda one: not named(one)) if name.startswith("^") else named
        first = self._next()
        if first == "\\":
            first = self._next()
            if first.lower() in _CLASSES:
                return self._escaped(first)
            first = self._literal(first)
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return first.__eq__
        self._next()
        last = self._next()
        last = self._literal(self._next()) if last == "\\" else last
        if last < first:
            raise PatternError("invalid character class range")
        return lambda one: first <= one <= last


class Pattern:
    """A regular expression. Raises PatternError."""

    def __init__(self, text: str) -> None:
        #: What each state asks for, and where it leads; a fork asks for nothing.
        self._asks: list[_One | _Edge | None] = []
        self._leads: list[list[int]] = []
        try:
            first = self._add(_Reader(text).read(), self._state(None, []))
        except RecursionError:
            raise PatternError("expression nests too deeply") from None
        self._first = first

    def search(self, text: str) -> bool:
        """Tell whether the pattern is found in a text."""
        present: set[int] = set()
        text = text[:MOST_TEXT]
        for at in range(len(text) + 1):
            present = self._closure(present | {self._first}, text, at)
            if 0 in present:  # the first state made is the end
                return True
            if at < len(text):
                present = self._step(present, text[at])
        return False

    def _step(self, present: set[int], character: str) -> set[int]:
        found: set[int] = set()
        for state in present:
            ask = self._asks[state]
            if isinstance(ask, _One) and ask.fits(character):
                found.update(self._leads[state])
        return found

    def _closure(self, states: set[int], text: str, at: int) -> set[int]:
        """Return the states and all that can be reached of them without a character."""
        found, pending = set(states), list(states)
        while pending:
            state = pending.pop()
            ask = self._asks[state]
            if isinstance(ask, _One) or (isinstance(ask, _Edge) and not _is_at(ask.kind, text, at)):
                continue
            for following in self._leads[state]:
                if following not in found:
                    found.add(following)
                    pending.append(following)
        return found

    def _state(self, ask: _One | _Edge | None, leads: list[int]) -> int:
        if len(self._asks) >= MOST_STATES:
            raise PatternError("expression too large")
        self._asks.append(ask)
        self._leads.append(leads)
        return len(self._asks) - 1

    def _add(self, node: _Node, end: int) -> int:
        """Add the states of a node that leads to the state `end`; return where it begins."""
        match node:
            case _One() | _Edge():
                return self._state(node, [end])
            case _Row(parts):
                for part in reversed(parts):
                    end = self._add(part, end)
                return end
            case _Choice(options):
                return self._state(None, [self._add(option, end) for option in options])
            case _Repeat(part, least, most):
                if most is None:
                    loop = self._state(None, [end])
                    self._leads[loop].append(self._add(part, loop))
                    end = loop
                else:
                    last = end
                    for _ in range(most - least):
                        end = self._state(None, [self._add(part, end), last])
                for _ in range(least):
                    end = self._add(part, end)
        return end


def _is_at(edge: str, text: str, at: int) -> bool:
    if edge == "^":
        return at == 0
    if edge == "$":
        return at == len(text)
    before, after = text[max(at - 1, 0) : at], text[at : at + 1]
    inside = (before in _WORD and before != "") != (after in _WORD and after != "")
    return inside is (edge == "b")
