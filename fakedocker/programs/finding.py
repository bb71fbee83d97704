"""find: paths below directories, tested and acted upon by an expression (busybox 1.35, findutils/find.c).

An expression is read once into tests that are called for every path; a test that acts (`-exec`, `-delete`) is a part
of a program, because what it starts takes time.
"""

from __future__ import annotations

import errno
import os
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.processes.effects import Program
from fakedocker.programs.command import Command, Misuse, Section
from fakedocker.programs.files import changed_mode
from fakedocker.programs.identity import groups, users
from fakedocker.programs.running import call
from fakedocker.programs.shell.patterns import Pattern

section = Section()

TYPES: Final = {
    "f": Kind.FILE,
    "d": Kind.DIRECTORY,
    "l": Kind.SYMLINK,
    "c": Kind.CHARACTER,
    "b": Kind.BLOCK,
    "p": Kind.FIFO,
}
#: What `-size` counts in, in bytes.
SIZES: Final = {"c": 1, "b": 512, "": 512, "k": 1024}
#: How deep parentheses may be nested.
DEEPEST: Final = 50
LONGEST_CALL: Final = 32 * 1024


@dataclass(slots=True)
class Found:
    """One path: as it is shown, where it is, what is there, and how deep it is below where the search began.

    `pruned`: nothing below it is looked for.
    """

    name: str
    path: str
    inode: Inode
    depth: int
    pruned: bool = False

    @property
    def last(self) -> str:
        """The last part of the path."""
        return posixpath.basename(self.name.rstrip("/")) or self.name


#: Tells whether a path passes; what it starts and prints on the way is part of the program.
Test = Callable[[Found], Program[bool]]


class _Quit(Exception):
    """The search is over."""


@section.program("find", usage="[-HL] [PATH]... [OPTIONS] [ACTIONS]")
def find(command: Command) -> Program[int]:
    """Print (or do something about) the paths that pass all tests."""
    words = command.words
    flags = ""
    while words and words[0] in ("-H", "-L"):
        flags += words.pop(0)[1:]
    roots: list[str] = []
    while words and not (words[0].startswith(("-", "(")) or words[0] == "!"):
        roots.append(words.pop(0))
    search = _Search(command, words)
    search.follow = search.follow or "L" in flags
    status = 0
    try:
        for root in roots or ["."]:
            status = max(status, (yield from search.run(root, follow_root="H" in flags)))
    except _Quit:
        pass
    failed = yield from search.finish()
    return max(status, int(failed))


class _Search:
    """One run of find. Raises Misuse for an expression that it does not understand."""

    def __init__(self, command: Command, words: list[str]) -> None:
        self._command = command
        self._process = command.process
        self._words = words
        self._depth = 0
        self._least, self._most = 0, 1 << 30
        self._bottom_up = False
        self.follow = False
        self._acts = False
        #: Calls of `-exec … +` that wait for more paths: their words, and the paths.
        self._batches: list[tuple[Sequence[str], list[str]]] = []
        self._failed = False
        test = self._either() if words else _everything
        if self._words:
            raise Misuse(f"unrecognized: {self._words[0]}")
        self._test = test if self._acts else _every([test, self._print("\n")])

    def run(self, root: str, *, follow_root: bool) -> Program[int]:
        """Search below one path."""
        path = self._process.path(root)
        try:
            inode = self._process.files.stat(path, follow=self.follow or follow_root or root.endswith("/"))
        except OSError as error:
            if not self.follow or not self._process.files.exists(path, follow=False):
                return (yield from self._command.complain(f"{root}: {os.strerror(error.errno or 0)}"))
            inode = self._process.files.stat(path, follow=False)
        return (yield from self._visit(Found(root, path, inode, 0)))

    def _visit(self, top: Found) -> Program[int]:
        """Test a path and what is below it, without recursion: trees may be deep."""
        status = 0
        pending: list[tuple[Found, bool]] = [(top, False)]
        while pending:
            found, finished = pending.pop()
            below = found.inode.is_directory and found.depth < self._most
            if finished or not (self._bottom_up and below):
                if found.depth >= self._least:
                    yield from self._test(found)
                below = below and not found.pruned
            if finished or not below:
                continue
            if self._bottom_up:
                pending.append((found, True))
            try:
                pending += [(one, False) for one in reversed(list(self._children(found)))]
            except OSError as error:
                status = yield from self._command.complain(f"{found.name}: {os.strerror(error.errno or 0)}")
        return status

    def _children(self, found: Found) -> Iterator[Found]:
        files = self._process.files
        for name in files.listdir(found.path):
            path = posixpath.join(found.path, name)
            try:
                inode = files.stat(path, follow=self.follow)
            except OSError:  # a link to nothing, or a circle
                inode = files.stat(path, follow=False)
            yield Found(posixpath.join(found.name, name), path, inode, found.depth + 1)

    def finish(self) -> Program[bool]:
        """Make the calls that waited for more paths; return whether any call failed."""
        for words, paths in self._batches:
            if paths:
                self._failed |= (yield from call(self._command, [*words, *paths])) != 0
        return self._failed

    # -- the expression -----------------------------------------------------------

    def _either(self) -> Test:
        tests = [self._all()]
        while self._words[:1] in (["-o"], ["-or"]):
            self._words.pop(0)
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else _any(tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._words and self._words[0] not in ("-o", "-or", ")"):
            if self._words[0] in ("-a", "-and"):
                self._words.pop(0)
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else _every(tests)

    def _one(self) -> Test:
        if not self._words:
            raise Misuse("unrecognized: ")
        word = self._words.pop(0)
        if word in ("!", "-not"):
            negated = True
            while self._words[:1] in (["!"], ["-not"]):
                self._words.pop(0)
                negated = not negated
            return _not(self._one()) if negated else self._one()
        if word == "(":
            return self._parenthesized()
        if not word.startswith("-"):
            raise Misuse(f"unrecognized: {word}")
        return self._action(word) or self._option(word) or self._plain(word)

    def _parenthesized(self) -> Test:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Misuse("nested too deeply", usage=False)
        test = self._either()
        if self._words[:1] != [")"]:
            raise Misuse("unpaired '('", usage=False)
        self._words.pop(0)
        self._depth -= 1
        return test

    def _value(self, word: str) -> str:
        if not self._words:
            raise Misuse(f"{word} requires an argument", usage=False)
        return self._words.pop(0)

    def _action(self, word: str) -> Test | None:
        match word:
            case "-print":
                self._acts = True
                return self._print("\n")
            case "-print0":
                self._acts = True
                return self._print("\0")
            case "-delete":
                self._acts = self._bottom_up = True
                return self._delete
            case "-exec":
                self._acts = True
                return self._exec(word)
            case "-prune":
                return _prune
            case "-quit":
                return _quit
        return None

    def _option(self, word: str) -> Test | None:
        match word:
            case "-maxdepth":
                self._most = self._count(self._value(word))
            case "-mindepth":
                self._least = self._count(self._value(word))
            case "-depth":
                self._bottom_up = True
            case "-follow":
                self.follow = True
            case "-xdev":
                pass
            case _:
                return None
        return _everything

    def _plain(self, word: str) -> Test:
        """Read a test that only looks at the path."""
        tests: dict[str, Callable[[str], Callable[[Found], bool]]] = {
            "-name": _name,
            "-iname": lambda value: lambda found: Pattern(value.lower()).matches(found.last.lower()),
            "-path": lambda value: lambda found: Pattern(value).matches(found.name),
            "-ipath": lambda value: lambda found: Pattern(value.lower()).matches(found.name.lower()),
            "-type": _type,
            "-perm": _permissions,
            "-size": _size,
            "-links": lambda value: _compared(value, 1, self._links),
            "-mtime": lambda value: _compared(value, 1, lambda found: int(self._age(found) // 86400)),
            "-mmin": lambda value: _compared(value, 1, lambda found: int(self._age(found) // 60)),
            "-newer": self._newer,
            "-user": lambda value: self._owner("user", value),
            "-group": lambda value: self._owner("group", value),
        }
        if word == "-empty":
            return _asked(self._is_empty)
        if word == "-executable":
            return _asked(lambda found: bool(found.inode.mode & 0o111))
        if word not in tests:
            raise Misuse(f"unrecognized: {word}")
        return _asked(tests[word](self._value(word)))

    def _count(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or len(text) > 8:
            raise Misuse(f"invalid number '{text}'", usage=False)
        return int(text)

    # -- tests ------------------------------------------------------------------

    def _age(self, found: Found) -> float:
        return self._process.now() - found.inode.mtime

    def _links(self, found: Found) -> int:
        """Return how many names a file has; a directory's are its own, its dot, and the two dots of those in it."""
        if not found.inode.is_directory:
            return max(found.inode.links, 1)
        files = self._process.files
        below = (posixpath.join(found.path, name) for name in files.listdir(found.path))
        return 2 + sum(files.stat(path, follow=False).is_directory for path in below)

    def _is_empty(self, found: Found) -> bool:
        if found.inode.is_directory:
            return not self._process.files.listdir(found.path)
        return found.inode.is_file and not found.inode.size

    def _newer(self, name: str) -> Callable[[Found], bool]:
        try:
            moment = self._process.files.stat(self._process.path(name)).mtime
        except OSError as error:
            raise Misuse(f"{name}: {os.strerror(error.errno or 0)}", usage=False) from None
        return lambda found: found.inode.mtime > moment

    def _owner(self, kind: str, name: str) -> Callable[[Found], bool]:
        accounts = users(self._process) if kind == "user" else groups(self._process)
        known = {account.name: account.uid for account in accounts}
        if name not in known and not (name.isdecimal() and len(name) < 11):
            raise Misuse(f"unknown {kind} {name}", usage=False)
        number = known[name] if name in known else int(name)
        if kind == "user":
            return lambda found: found.inode.uid == number
        return lambda found: found.inode.gid == number

    # -- actions ----------------------------------------------------------------

    def _print(self, end: str) -> Test:
        def test(found: Found) -> Program[bool]:
            yield from self._command.print(found.name + end)
            return True

        return test

    def _delete(self, found: Found) -> Program[bool]:
        files = self._process.files
        if found.name in (".", ".."):
            return True
        try:
            if files.stat(found.path, follow=False).is_directory:
                files.rmdir(found.path)
            else:
                files.unlink(found.path)
        except OSError as error:
            if error.errno != errno.ENOENT:
                yield from self._command.complain(f"{found.name}: {os.strerror(error.errno or 0)}")
                self._failed = True
        return True

    def _exec(self, word: str) -> Test:
        end = next((index for index, one in enumerate(self._words) if self._ends_call(index, one)), None)
        if not end:
            raise Misuse(f"{word} requires an argument", usage=False)
        words, together = self._words[:end], self._words[end] == "+"
        del self._words[: end + 1]
        if together:
            return self._batch(words[:-1])

        def test(found: Found) -> Program[bool]:
            return (yield from call(self._command, [one.replace("{}", found.name) for one in words])) == 0

        return test

    def _ends_call(self, index: int, word: str) -> bool:
        return word == ";" or (word == "+" and index > 0 and self._words[index - 1] == "{}")

    def _batch(self, words: Sequence[str]) -> Test:
        paths: list[str] = []
        self._batches.append((words, paths))

        def test(found: Found) -> Program[bool]:
            paths.append(found.name)
            if sum(len(path) for path in paths) > LONGEST_CALL:
                self._failed |= (yield from call(self._command, [*words, *paths])) != 0
                paths.clear()
            return True

        return test


def _asked(question: Callable[[Found], bool]) -> Test:
    def test(found: Found) -> Program[bool]:
        yield from ()
        return question(found)

    return test


def _everything(found: Found) -> Program[bool]:
    yield from ()
    return True


def _prune(found: Found) -> Program[bool]:
    yield from ()
    found.pruned = True
    return True


def _quit(found: Found) -> Program[bool]:
    yield from ()
    raise _Quit


def _not(one: Test) -> Test:
    def test(found: Found) -> Program[bool]:
        return not (yield from one(found))

    return test


def _every(tests: Sequence[Test]) -> Test:
    def test(found: Found) -> Program[bool]:
        for one in tests:
            if not (yield from one(found)):
                return False
        return True

    return test


def _any(tests: Sequence[Test]) -> Test:
    def test(found: Found) -> Program[bool]:
        for one in tests:
            if (yield from one(found)):
                return True
        return False

    return test


def _name(value: str) -> Callable[[Found], bool]:
    pattern = Pattern(value)
    return lambda found: pattern.matches(found.last)


def _type(value: str) -> Callable[[Found], bool]:
    if value not in TYPES and value != "s":
        raise Misuse(f"invalid argument '{value}' to '-type'", usage=False)
    return lambda found: found.inode.kind is TYPES.get(value)


def _compared(value: str, unit: int, measure: Callable[[Found], int]) -> Callable[[Found], bool]:
    """Return the test for a number: exactly `value`, more with a "+" before it, less with a "-"."""
    match = re.fullmatch(r"([-+]?)([0-9]{1,18})", value)
    if match is None:
        raise Misuse(f"invalid number '{value.lstrip('-+')}'", usage=False)
    number = int(match[2]) * unit
    if match[1] == "+":
        return lambda found: measure(found) > number
    if match[1] == "-":
        return lambda found: measure(found) < number
    return lambda found: measure(found) == number


def _size(value: str) -> Callable[[Found], bool]:
    """Return the test for a size, which is rounded up to whole units only where it has to be the same."""
    suffix = value[-1:] if value[-1:] in SIZES else ""
    unit = SIZES[suffix]
    exact = not value.startswith(("-", "+"))
    return _compared(
        value.removesuffix(suffix),
        unit,
        lambda found: -(-found.inode.size // unit) * unit if exact else found.inode.size,
    )


def _permissions(value: str) -> Callable[[Found], bool]:
    sign = value[0] if value[:1] in ("-", "+", "/") else ""
    mode = changed_mode(value.removeprefix(sign), 0, 0)
    if sign == "-":
        return lambda found: found.inode.mode & mode == mode
    if sign:
        return lambda found: bool(found.inode.mode & mode) or not mode
    return lambda found: found.inode.mode == mode
