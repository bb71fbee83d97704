"""Programs that compare files: diff, cmp, comm."""

from __future__ import annotations

import bisect
import errno
import os
import posixpath
import re
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Options, Section, number
from fakedocker.programs.dumps import Blocks
from fakedocker.programs.reading import Reader

section = Section()

#: Steps after which a search for the smallest difference settles for a larger one.
MOST_STEPS: Final = 2_000_000
#: Steps between two pauses.
TURN: Final = 10_000


# -- diff -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two files."""

    label: str
    lines: list[bytes]
    #: What counts in each line.
    keys: list[bytes]


#: Lines that differ: from, up to (left), from, up to (right).
Change = tuple[int, int, int, int]


@section.program("diff", usage="[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2")
def diff(command: Command) -> Program[int]:
    """Show how files differ, as a unified diff."""
    long = {
        "brief": "q",
        "recursive": "r",
        "new-file": "N",
        "ignore-case": "i",
        "ignore-all-space": "w",
        "ignore-space-change": "b",
        "ignore-blank-lines": "B",
        "report-identical-files": "s",
        "text": "a",
        "label": "L",
        "unified": "u",
    }
    options = command.options("abdiL:NqrsS:tTU:wupB", long=long)
    if len(options.words) != 2:
        raise Misuse("")
    if "U" in options:
        number(options.get("U"))
    left, right = options.words
    process = command.process
    try:
        folders = [name != "-" and process.files.stat(process.path(name)).is_directory for name in (left, right)]
    except OSError as error:
        if "N" not in options:
            missing = left if left != "-" and not process.files.exists(process.path(left)) else right
            return (yield from command.complain(f"can't stat '{missing}': {os.strerror(error.errno or 0)}", 2))
        folders = [False, False]
    if "-" in (left, right) and any(folders):
        return (yield from command.complain("can't compare stdin to a directory", 2))
    if all(folders):
        return (yield from _Folders(command, options).compare(left, right))
    if folders[0]:
        left = posixpath.join(left, posixpath.basename(right))
    elif folders[1]:
        right = posixpath.join(right, posixpath.basename(left))
    return (yield from _files(command, options, left, right, left, right))


class _Folders:
    """A comparison of directories."""

    def __init__(self, command: Command, options: Options) -> None:
        self._command = command
        self._options = options
        self._process = command.process

    def compare(self, left: str, right: str) -> Program[int]:
        """Compare all files below two directories, in the order of their names."""
        status = 0
        sides = [self._names(name) for name in (left, right)]
        for name in sorted(sides[0] | sides[1]):
            yield Pause()
            missing = None if name in sides[0] and name in sides[1] else (right if name in sides[0] else left)
            status = max(status, (yield from self._pair(left, right, name, missing)))
        return status

    def _names(self, folder: str) -> set[str]:
        """Return the paths below a directory; of what is in another one only with `-r`."""
        base = self._process.path(folder)
        root = self._process.files.resolve(base).rstrip("/")
        below = (path[len(root) + 1 :] for path, _ in self._process.files.walk(base, follow=True))
        return {name for name in below if name and ("r" in self._options or "/" not in name)}

    def _pair(self, left: str, right: str, name: str, missing: str | None) -> Program[int]:
        one, two = posixpath.join(left, name), posixpath.join(right, name)
        if missing is not None:
            present = left if missing == right else right
            inode = self._process.files.stat(self._process.path(posixpath.join(present, name)))
            if "r" in self._options and inode.is_directory:
                return 1  # busybox speaks of the files of a directory only
            if "N" not in self._options or not inode.is_file:
                above = posixpath.join(missing, posixpath.dirname(name))
                if not self._process.files.exists(self._process.path(above)):
                    return 1  # nor of those of one that is missing as a whole
                yield from self._command.print(f"Only in {present}: {name}\n")
                return 1
            labels = (one, "/dev/null") if missing == right else ("/dev/null", two)
            return (yield from _files(self._command, self._options, one, two, *labels))
        kinds = [self._process.files.stat(self._process.path(path)) for path in (one, two)]
        if kinds[0].is_directory and kinds[1].is_directory:
            if "r" not in self._options:
                yield from self._command.print(f"Common subdirectories: {one} and {two}\n")
            return 0
        if kinds[0].kind is not kinds[1].kind:
            words = ["directory" if kind.is_directory else "regular file" for kind in kinds]
            yield from self._command.print(f"File {one} is a {words[0]} while file {two} is a {words[1]}\n")
            return 1
        return (yield from _files(self._command, self._options, one, two, one, two))


def _files(
    command: Command, options: Options, left: str, right: str, left_label: str, right_label: str
) -> Program[int]:
    if _is_same(command, left, right):
        return 0
    labels = options.repeated.get("L", [])
    names = [left_label, right_label]
    shown = [labels[index] if index < len(labels) else name for index, name in enumerate(names)]
    data: list[bytes] = []
    for name, label in ((left, left_label), (right, right_label)):
        content = yield from _content(command, options, name, label)
        if content is None:
            return 1
        data.append(content)
    if data[0] == data[1]:
        if "s" in options:
            yield from command.print(f"Files {left} and {right} are identical\n")
        return 0
    if "a" not in options and any(b"\0" in content[: 1 << 16] for content in data):
        yield from command.print(f"Files {left} and {right} differ\n")
        return 1
    sides = [_side(label, content, options) for label, content in zip(shown, data, strict=True)]
    changes = yield from _changes(sides[0].keys, sides[1].keys)
    if "B" in options:
        changes = [change for change in changes if not _is_blank(sides, change)]
    if not changes:
        return 0
    if "q" in options:
        yield from command.print(f"Files {left} and {right} differ\n")
        return 1
    yield from command.print(f"--- {sides[0].label}\n+++ {sides[1].label}\n")
    yield from _unified(command, options, sides[0], sides[1], changes)
    return 1


def _is_same(command: Command, left: str, right: str) -> bool:
    """Return whether two names are of one file."""
    process = command.process
    try:
        return "-" not in (left, right) and process.files.stat(process.path(left)) is process.files.stat(
            process.path(right)
        )
    except OSError:
        return False


def _content(command: Command, options: Options, name: str, label: str) -> Program[bytes | None]:
    process = command.process
    if label == "/dev/null" or ("N" in options and name != "-" and not process.files.exists(process.path(name))):
        return b""
    if name != "-":
        try:
            process.files.stat(process.path(name))
        except OSError as error:
            yield from command.complain(f"can't stat '{name}': {os.strerror(error.errno or 0)}")
            return None
    fd = yield from command.open(name)
    if fd is None:
        return None
    data = yield from Reader(process, fd).everything()
    command.close(fd)
    return data


def _side(label: str, data: bytes, options: Options) -> _Side:
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()
    if last != b"\n":
        lines.append(last[:-1])  # without a newline it is another line than with one
    keys = lines
    if options.flags & {"b", "w", "i"}:
        keys = [_key(line, options) for line in lines]
    return _Side(label, lines, keys)


def _key(line: bytes, options: Options) -> bytes:
    if "i" in options:
        line = line.lower()
    if "w" in options:
        return re.sub(rb"\s+", b"", line)
    if "b" in options:
        return re.sub(rb"\s+", b" ", line).rstrip()
    return line


def _is_blank(sides: list[_Side], change: Change) -> bool:
    a, b, c, d = change
    return all(line == b"\n" for line in sides[0].lines[a:b] + sides[1].lines[c:d])


def _changes(left: list[bytes], right: list[bytes]) -> Program[list[Change]]:
    """Return a smallest set of changes, or one that is good enough."""
    start, ends = 0, (len(left), len(right))
    while start < min(ends) and left[start] == right[start]:
        start += 1
    while min(ends) > start and left[ends[0] - 1] == right[ends[1] - 1]:
        ends = ends[0] - 1, ends[1] - 1
    pairs = yield from _pairs(left[start : ends[0]], right[start : ends[1]])
    changes: list[Change] = []
    a = c = start
    for x, y in [*((x + start, y + start) for x, y in pairs), ends]:
        if a < x or c < y:
            changes.append((a, x, c, y))
        a, c = x + 1, y + 1
    return changes


#: A pair of equal lines, and the one before it.
_Candidate = tuple[int, int, "_Candidate | None"]


def _pairs(left: list[bytes], right: list[bytes]) -> Program[list[tuple[int, int]]]:
    """Return pairs of equal lines, as many as there can be: Hunt and McIlroy 1976, as all of BSD's diffs have it."""
    places: dict[bytes, list[int]] = {}
    for y, line in enumerate(right):
        places.setdefault(line, []).append(y)
    #: The last pair of the best row of so many pairs, and in which line of the right side it is.
    rows: list[_Candidate | None] = [None]
    heights = [-1]
    steps = 0
    for x, line in enumerate(left):
        previous, length = rows[0], 0
        height = heights[0]
        for y in places.get(line, ()):
            steps += 1
            if steps % TURN == 0:
                yield Pause()
            if y <= height:
                continue
            found = bisect.bisect_left(heights, y)
            if found != length + 1:
                previous = rows[found - 1]
            if found == len(heights):
                rows.append((x, y, previous))
                heights.append(y)
                break
            if heights[found] > y:
                rows[found], previous, length = (x, y, previous), rows[found], found
                height, heights[found] = heights[found], y
        if steps > MOST_STEPS:
            break
    pairs: list[tuple[int, int]] = []
    last = rows[-1]
    while last is not None:
        pairs.append(last[:2])
        last = last[2]
    return pairs[::-1]


def _unified(command: Command, options: Options, left: _Side, right: _Side, changes: list[Change]) -> Program[None]:
    context = number(options.get("U", "3"))
    hunks: list[list[Change]] = []
    for change in changes:
        if hunks and change[0] - hunks[-1][-1][1] <= 2 * context:
            hunks[-1].append(change)
        else:
            hunks.append([change])
    for hunk in hunks:
        before = min(context, hunk[0][0])
        after = min(context, len(left.lines) - hunk[-1][1])
        a, c = hunk[0][0] - before, hunk[0][2] - before
        b, d = hunk[-1][1] + after, hunk[-1][3] + after
        output = [f"@@ -{_range(a, b)} +{_range(c, d)} @@\n".encode()]
        at = a
        for start, end, from_, to in hunk:
            output += [_line(b" ", line, options) for line in left.lines[at:start]]
            output += [_line(b"-", line, options) for line in left.lines[start:end]]
            output += [_line(b"+", line, options) for line in right.lines[from_:to]]
            at = end
        output += [_line(b" ", line, options) for line in left.lines[at:b]]
        yield from command.print(b"".join(output))


def _range(start: int, end: int) -> str:
    if end - start == 1:
        return str(end)
    return f"{start if start == end else start + 1},{end - start}"


def _line(mark: bytes, line: bytes, options: Options) -> bytes:
    body = line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
    if "t" in options:
        body = body.expandtabs()
    return mark + (b"\t" if "T" in options else b"") + body


# -- cmp --------------------------------------------------------------------------------------


@section.program("cmp", usage="[-ls] [-n NUM] FILE1 [FILE2 [SKIP1 [SKIP2]]]")
def cmp(command: Command) -> Program[int]:
    """Tell where two files begin to differ."""
    options = command.options("lsn:")
    words = options.words
    if not 1 <= len(words) <= 4:
        raise Misuse("")
    names = [words[0], words[1] if len(words) > 1 else "-"]
    skips = [number(word) for word in words[2:]] + [0, 0]
    most = number(options.get("n")) if "n" in options else None
    for name in names:
        if name != "-" and not command.process.files.exists(command.process.path(name)):
            if "s" not in options:
                yield from command.complain(f"{name}: {os.strerror(errno.ENOENT)}")
            return 2
    left, right = (Blocks(command, [name], skip=skip, most=most) for name, skip in zip(names, skips, strict=False))
    at, line, status = 0, 1, 0
    while True:
        one = yield from left.next(4096)
        two = yield from right.next(4096)
        if left.status or right.status:
            return 2
        output: list[str] = []
        for index, (first, second) in enumerate(zip(one, two, strict=False), at + 1):
            if first != second:
                status = 1
                if "l" not in options:
                    if "s" not in options:
                        yield from command.print(f"{names[0]} {names[1]} differ: char {index}, line {line}\n")
                    return 1
                output.append(f"{index} {first:3o} {second:3o}\n")
            line += first == 10
        if "s" in options and status:
            return 1
        yield from command.print("".join(output))
        if len(one) != len(two):
            if "s" in options:
                return 1
            return (yield from command.complain(f"EOF on {names[0] if len(one) < len(two) else names[1]}"))
        if not one:
            return status
        at += len(one)


# -- comm -------------------------------------------------------------------------------------


@section.program("comm", usage="[-123] FILE1 FILE2")
def comm(command: Command) -> Program[int]:
    """Show which lines of two sorted files are only in the first, only in the second, in both."""
    options = command.options("123")
    if len(options.words) != 2:
        raise Misuse("")
    lines: list[list[bytes]] = []
    for name in options.words:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            return 1
        lines.append((yield from Reader(command.process, fd).everything()).split(b"\n"))
        if lines[-1][-1] == b"":
            lines[-1].pop()
        command.close(fd)
    one, two = lines
    i = j = 0
    output: list[bytes] = []
    while i < len(one) or j < len(two):
        if j == len(two) or (i < len(one) and one[i] < two[j]):
            column, line, i = 1, one[i], i + 1
        elif i == len(one) or two[j] < one[i]:
            column, line, j = 2, two[j], j + 1
        else:
            column, line, i, j = 3, one[i], i + 1, j + 1
        if str(column) not in options:
            tabs = sum(str(before) not in options for before in range(1, column))
            output.append(b"\t" * tabs + line + b"\n")
        if len(output) >= 1000:
            yield from command.print(b"".join(output))
            output.clear()
    yield from command.print(b"".join(output))
    return 0
