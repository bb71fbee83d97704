"""POSIX regular expressions, basic and extended, for grep, sed, expr.

A pattern comes from inside a container, so no pattern may take more than time proportional to its size times
the text: what Python's engine can do cheaply it does, the rest goes through a simulation of all paths at once
(Thompson, Pike), which also finds the longest of the leftmost matches, as POSIX demands. A pattern with
back-references tries one path after the other, up to a limit, and takes the first that leads to an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.turns import Turn

#: The most steps that one search may take with pauses; a longer text or a larger pattern is refused.
MOST_STEPS = 5_000_000
#: The same for a search that nobody can interrupt.
MOST_STEPS_AT_ONCE = 500_000
#: So many steps are left to Python's engine, which takes a hundredth of the time for one, but does not pause.
MOST_CHEAP_STEPS = 10_000_000
#: What one step of our own simulation takes, as work of a turn.
STEP_WORK = 50
LARGEST_PROGRAM = 2000
#: The most steps for one search of a pattern with back-references.
MOST_BACKTRACKING = 100_000
#: POSIX RE_DUP_MAX.
MOST_REPEATS = 255
DEEPEST = 50
CLASSES: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
SHORTHANDS: Final = {"w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]", "s": "[ \\t-\\r]", "S": "[^ \\t-\\r]"}
ASSERTIONS: Final = {"b": "\\b", "B": "\\B", "<": "\\b(?=\\w)", ">": "\\b(?<=\\w)"}


class RegexFault(Exception):
    """A pattern that is no regular expression, or takes too long to look for."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One character; `source` is the Python expression that it must match."""

    source: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place between characters; `source` is the Python expression for it."""

    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part in parentheses, by number."""

    number: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Reference:
    """What a group has matched, once more."""

    number: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part, `least` to `most` times (None: without end)."""

    inner: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    branches: tuple[Node, ...]


Node = Atom | Assertion | Group | Reference | Repeat | Row | Choice
#: Where the match and its groups begin and end; a group that took no part is None.
Spans = list[tuple[int, int] | None]


class Regex:
    """A compiled pattern. Raises RegexFault."""

    def __init__(self, pattern: str, *, extended: bool = False, ignore_case: bool = False) -> None:
        parser = _Parser(pattern, extended)
        node = parser.parse()
        self.groups = parser.groups
        flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self._cheap: re.Pattern[str] | None = None
        self._retried = 0
        if _is_simple(node):
            self._retried = _count_retried(node)
            self._cheap = re.compile(_source(node), re.DOTALL | flags)
        self._machine = _Machine(node, self.groups, flags)

    def search(self, text: str, start: int = 0) -> Spans | None:
        """Return the leftmost, longest match at or after `start`. Raises RegexFault when that takes too long."""
        if self._is_cheap(text, start):
            return self._search_cheaply(text, start)
        return self._search_surely(text, start)

    def _search_surely(self, text: str, start: int) -> Spans | None:
        self._machine.check(text, start, MOST_STEPS_AT_ONCE)
        searching = self._machine.search(text, start)
        while True:
            try:
                next(searching)
            except StopIteration as end:
                spans: Spans | None = end.value
                return spans

    def find(self, text: str, start: int = 0) -> Program[Spans | None]:
        """Do what `search` does, but let others have their turn: so it may take longer."""
        if self._is_cheap(text, start):
            return self._search_cheaply(text, start)
        self._machine.check(text, start, MOST_STEPS)
        return (yield from self._machine.search(text, start))

    def _is_cheap(self, text: str, start: int) -> bool:
        length = len(text) - start + 1
        return self._cheap is not None and length ** (self._retried + 1) <= MOST_CHEAP_STEPS

    def _search_cheaply(self, text: str, start: int) -> Spans | None:
        assert self._cheap is not None
        match = self._cheap.search(text, start)
        if match is None:
            return None
        return [None if match.start(i) < 0 else match.span(i) for i in range(self.groups + 1)]


@lru_cache(maxsize=128)
def compiled(pattern: str, extended: bool = False, ignore_case: bool = False) -> Regex:
    """Return a compiled pattern, kept for the next time. Raises RegexFault."""
    return Regex(pattern, extended=extended, ignore_case=ignore_case)


# -- reading ------------------------------------------------------------------------


class _Parser:
    def __init__(self, pattern: str, extended: bool) -> None:
        self._pattern = pattern
        self._extended = extended
        self._position = 0
        self._depth = 0
        self.groups = 0
        #: The groups that may be referred to.
        self._closed: set[int] = set()

    def parse(self) -> Node:
        node = self._choice()
        if self._position < len(self._pattern):
            raise RegexFault("unmatched )")
        return node

    def _starts(self, operator: str) -> bool:
        """Return whether an operator comes next: written bare in extended, after a backslash in basic patterns."""
        return self._pattern.startswith(operator if self._extended else "\\" + operator, self._position)

    def _skip(self, operator: str) -> None:
        self._position += len(operator) + (not self._extended)

    def _choice(self) -> Node:
        branches = [self._row()]
        while self._starts("|"):
            self._skip("|")
            branches.append(self._row())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _row(self) -> Node:
        parts: list[Node] = []
        while self._position < len(self._pattern) and not self._starts("|"):
            if self._starts(")") and (self._depth or not self._extended):
                break
            part = self._part(first=not parts)
            while (bounds := self._bounds(bool(parts) or not isinstance(part, Assertion))) is not None:
                part = Repeat(part, *bounds)
                self._depth += 1
                if self._depth > DEEPEST:
                    raise RegexFault("nested too deeply")
            parts.append(part)
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _part(self, *, first: bool) -> Node:
        pattern, at = self._pattern, self._position
        if self._starts("("):
            return self._group()
        character = pattern[at]
        self._position += 1
        match character:
            case "[":
                return self._bracket()
            case ".":
                return Atom(".")
            case "^" if self._extended or first:
                return Assertion("\\A")
            case "$" if self._extended or self._ends():
                return Assertion("\\Z")
            case "\\":
                return self._escaped()
            case "*" | "+" | "?" | "{" if self._extended and (first or character == "*") and character != "{":
                raise RegexFault("nothing to repeat")
        return Atom(re.escape(character))

    def _ends(self) -> bool:
        return self._position == len(self._pattern) or self._starts(")") or self._starts("|")

    def _escaped(self) -> Node:
        if self._position >= len(self._pattern):
            raise RegexFault("trailing backslash")
        character = self._pattern[self._position]
        self._position += 1
        if character in SHORTHANDS:
            return Atom(SHORTHANDS[character])
        if character in ASSERTIONS:
            return Assertion(ASSERTIONS[character])
        if character in "123456789":
            if int(character) not in self._closed:
                raise RegexFault("invalid back reference")
            return Reference(int(character))
        if character == "n":
            return Atom("\\n")
        return Atom(re.escape(character))

    def _group(self) -> Node:
        self._skip("(")
        self.groups += 1
        number = self.groups
        self._depth += 1
        if self._depth > DEEPEST:
            raise RegexFault("nested too deeply")
        inner = self._choice()
        if not self._starts(")"):
            raise RegexFault("unmatched (")
        self._skip(")")
        self._depth -= 1
        self._closed.add(number)
        return Group(number, inner)

    def _bracket(self) -> Node:
        match = re.compile(r"(\^?)(\]?(?:\[[:.=][^\]]*[:.=]\]|[^\]])*)\]", re.DOTALL).match(
            self._pattern, self._position
        )
        if match is None:
            raise RegexFault("unmatched [")
        self._position = match.end()
        inside = ""
        for item in re.findall(r"\[:[a-z]+:\]|\[[.=].[.=]\]|.", match[2], re.DOTALL):
            if item.startswith("[:") and len(item) > 2:
                if item[2:-2] not in CLASSES:
                    raise RegexFault("unknown character class")
                inside += CLASSES[item[2:-2]]
            elif len(item) > 1:
                inside += re.escape(item[2])
            else:
                inside += item if item == "-" else re.escape(item)
        inside = re.sub(r"^-|-$", r"\\-", inside)
        source = f"[{match[1]}{inside}]"
        try:
            re.compile(source)
        except re.error:
            raise RegexFault("invalid range") from None
        return Atom(source)

    def _bounds(self, repeatable: bool) -> tuple[int, int | None] | None:
        """Read `*`, `+`, `?` or an interval, if one comes next."""
        if not repeatable:
            return None
        if self._pattern.startswith("*", self._position):
            self._position += 1
            return 0, None
        for operator, bounds in (("+", (1, None)), ("?", (0, 1))):
            if self._starts(operator):
                self._skip(operator)
                return bounds
        if not self._starts("{"):
            return None
        closing = r"\}" if self._extended else r"\\\}"
        start = self._position + (1 if self._extended else 2)
        match = re.compile(r"(\d*)(,?)(\d*)" + closing).match(self._pattern, start)
        if match is None or (not match[1] and not match[2]):
            raise RegexFault("invalid interval")
        least = int(match[1] or "0") if len(match[1]) < 5 else MOST_REPEATS + 1
        most = least if not match[2] else None if not match[3] else int(match[3][:5])
        if least > MOST_REPEATS or (most is not None and (most > MOST_REPEATS or most < least)):
            raise RegexFault("invalid interval")
        self._position = match.end()
        return least, most


# -- the cheap way ----------------------------------------------------------------------


def _is_simple(node: Node) -> bool:
    """Return whether Python finds the same match: no alternatives, only single characters are repeated."""
    match node:
        case Atom() | Assertion():
            return True
        case Group(_, inner):
            return _is_simple(inner)
        case Repeat(inner):
            return isinstance(inner, Atom)
        case Row(parts):
            return all(_is_simple(part) for part in parts)
        case Choice() | Reference():
            return False


def _count_retried(node: Node, *, last: bool = True) -> int:
    """Count the repetitions that may be tried again, with less: all of no fixed number, but for one at the end."""
    match node:
        case Group(_, inner):
            return _count_retried(inner, last=last)
        case Repeat(_, least, most):
            return int((most is None or most > least) and not last)
        case Row(parts):
            return sum(_count_retried(part, last=last and at == len(parts)) for at, part in enumerate(parts, start=1))
    return 0


def _source(node: Node) -> str:
    match node:
        case Atom(source) | Assertion(source):
            return source
        case Group(_, inner):
            return f"({_source(inner)})"
        case Repeat(inner, least, most):
            return f"(?:{_source(inner)}){{{least},{'' if most is None else most}}}"
        case Row(parts):
            return "".join(_source(part) for part in parts)
        case Choice(branches):
            return "|".join(_source(branch) for branch in branches)
        case Reference(number):
            return f"(?:\\{number})"


# -- the sure way ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Character:
    accepts: re.Pattern[str]


@dataclass(slots=True)
class _Place:
    holds: re.Pattern[str]


@dataclass(slots=True)
class _Fork:
    """Go on at both places, the first one preferred."""

    first: int
    second: int


@dataclass(slots=True)
class _Save:
    slot: int


@dataclass(slots=True)
class _Again:
    """What a group has matched."""

    group: int


@dataclass(slots=True)
class _Done:
    pass


_Instruction = _Character | _Place | _Fork | _Save | _Again | _Done
_Thread = tuple[int, tuple[int, ...]]


def _spans(saved: tuple[int, ...]) -> Spans:
    pairs = zip(saved[::2], saved[1::2], strict=True)
    return [None if first < 0 or last < 0 else (first, last) for first, last in pairs]


class _Machine:
    """All paths through a pattern at once."""

    def __init__(self, node: Node, groups: int, flags: re.RegexFlag) -> None:
        self._flags = flags
        self._slots = 2 * (groups + 1)
        self._program: list[_Instruction] = []
        #: Whether a path depends on what its groups have matched, so that it must be tried by itself.
        self._remembers = False
        self._emit(_Save(0))
        self._compile(node)
        self._emit(_Save(1))
        self._emit(_Done())

    def _emit(self, instruction: _Instruction) -> int:
        self._program.append(instruction)
        if len(self._program) > LARGEST_PROGRAM:
            raise RegexFault("regular expression too big")
        return len(self._program) - 1

    def _compile(self, node: Node) -> None:
        match node:
            case Atom(source):
                self._emit(_Character(re.compile(source, re.DOTALL | self._flags)))
            case Assertion(source):
                self._emit(_Place(re.compile(source)))
            case Group(number, inner):
                self._emit(_Save(2 * number))
                self._compile(inner)
                self._emit(_Save(2 * number + 1))
            case Reference(number):
                self._emit(_Again(number))
                self._remembers = True
            case Row(parts):
                for part in parts:
                    self._compile(part)
            case Repeat():
                self._repeat(node)
            case Choice(branches):
                ends: list[_Fork] = []
                for branch in branches[:-1]:
                    fork = _Fork(0, 0)
                    fork.first = self._emit(fork) + 1
                    self._compile(branch)
                    end = _Fork(0, 0)
                    self._emit(end)
                    ends.append(end)
                    fork.second = len(self._program)
                self._compile(branches[-1])
                for end in ends:
                    end.first = end.second = len(self._program)

    def _repeat(self, node: Repeat) -> None:
        for _ in range(node.least):
            self._compile(node.inner)
        if node.most is None:
            fork = _Fork(0, 0)
            start = self._emit(fork)
            fork.first = start + 1
            self._compile(node.inner)
            self._emit(_Fork(start, start))
            fork.second = len(self._program)
            return
        forks: list[_Fork] = []
        for _ in range(node.most - node.least):
            fork = _Fork(0, 0)
            fork.first = self._emit(fork) + 1
            forks.append(fork)
            self._compile(node.inner)
        for fork in forks:
            fork.second = len(self._program)

    def check(self, text: str, start: int, most: int) -> None:
        """See whether a search takes no more steps than it may. Raises RegexFault."""
        if (len(text) - start + 1) * len(self._program) > most:
            raise RegexFault("line too long for this regular expression")

    def search(self, text: str, start: int) -> Program[Spans | None]:
        if self._remembers:
            return (yield from self._backtrack(text, start))
        turn = Turn()
        best: tuple[int, ...] | None = None
        threads: list[_Thread] = []
        empty = (-1,) * self._slots
        for position in range(start, len(text) + 1):
            if best is None:
                threads.append((0, empty))
            following: list[_Thread] = []
            for pc, saved in self._closure(threads, text, position):
                instruction = self._program[pc]
                if isinstance(instruction, _Done):
                    if best is None or saved[0] < best[0] or (saved[0] == best[0] and saved[1] > best[1]):
                        best = saved
                elif (
                    isinstance(instruction, _Character)
                    and position < len(text)
                    and instruction.accepts.match(text, position)
                ):
                    following.append((pc + 1, saved))
            threads = following if best is None else [thread for thread in following if thread[1][0] <= best[0]]
            if not threads and best is not None:
                break
            if turn.is_over(STEP_WORK * (1 + len(threads))):
                yield Pause()
        return None if best is None else _spans(best)

    def _backtrack(self, text: str, start: int) -> Program[Spans | None]:
        """Try one path after the other. Raises RegexFault when there are too many."""
        turn = Turn()
        steps = 0
        for beginning in range(start, len(text) + 1):
            paths = [(0, beginning, (-1,) * self._slots)]
            tried: set[tuple[int, int, tuple[int, ...]]] = set()
            while paths:
                path = paths.pop()
                if path in tried:  # a loop that goes round without a character
                    continue
                tried.add(path)
                steps += 1
                if steps > MOST_BACKTRACKING:
                    raise RegexFault("line too long for this regular expression")
                if turn.is_over(STEP_WORK):
                    yield Pause()
                if isinstance(self._program[path[0]], _Done):
                    return _spans(path[2])
                paths += self._steps(text, *path)
        return None

    def _steps(
        self, text: str, pc: int, position: int, saved: tuple[int, ...]
    ) -> list[tuple[int, int, tuple[int, ...]]]:
        """Return where a path may go on, the preferred way last."""
        match self._program[pc]:
            case _Fork(first, second):
                return [(second, position, saved), (first, position, saved)]
            case _Save(slot):
                return [(pc + 1, position, (*saved[:slot], position, *saved[slot + 1 :]))]
            case _Place(holds):
                return [(pc + 1, position, saved)] if holds.match(text, position) else []
            case _Character(accepts):
                fits = position < len(text) and accepts.match(text, position)
                return [(pc + 1, position + 1, saved)] if fits else []
            case _Again(group):
                first, last = saved[2 * group], saved[2 * group + 1]
                if first < 0 or last < 0:
                    return []
                end = position + last - first
                one, two = text[first:last], text[position:end]
                same = one == two or (bool(self._flags & re.IGNORECASE) and one.lower() == two.lower())
                return [(pc + 1, end, saved)] if same else []
        return []

    def _closure(self, threads: list[_Thread], text: str, position: int) -> Iterator[_Thread]:
        """Give what can be reached without a character, in order of preference."""
        seen: set[int] = set()
        for thread in threads:
            stack = [thread]
            while stack:
                pc, saved = stack.pop()
                if pc in seen:
                    continue
                seen.add(pc)
                match self._program[pc]:
                    case _Fork(first, second):
                        stack.append((second, saved))
                        stack.append((first, saved))
                    case _Save(slot):
                        stack.append((pc + 1, (*saved[:slot], position, *saved[slot + 1 :])))
                    case _Place(holds):
                        if holds.match(text, position):
                            stack.append((pc + 1, saved))
                    case _:
                        yield pc, saved
