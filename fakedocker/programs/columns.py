"""Programs that arrange lines anew: paste, fold, expand, unexpand, join, split, shuf."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Section, number
from fakedocker.programs.escapes import unescape
from fakedocker.programs.reading import Reader, split_lines

section = Section()

WIDEST: Final = 10_000
SIZES: Final = {"b": 512, "k": 1024, "m": 1 << 20}


def _lines_of(command: Command, name: str) -> Program[list[bytes] | None]:
    """Return the lines of a file without their newlines; say why and give None if it cannot be read."""
    fd = yield from command.open(name, bare=True)
    if fd is None:
        return None
    data = yield from Reader(command.process, fd).everything()
    command.close(fd)
    return split_lines(data) if data else []


class _Columns:
    """The inputs of paste, line by line; one that is named twice is read in turns."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._readers: list[Reader] = []
        self._waiting: list[list[bytes]] = []

    def add(self, fd: int) -> int:
        """Take one more input; return its number."""
        self._readers.append(Reader(self._command.process, fd))
        self._waiting.append([])
        return len(self._readers) - 1

    def next(self, which: int) -> Program[bytes | None]:
        """Return the next line of an input."""
        if not self._waiting[which]:
            lines = yield from self._readers[which].lines()
            if lines is None:
                return None
            self._waiting[which] = lines[::-1]
        return self._waiting[which].pop().removesuffix(b"\n")


@section.program("paste", usage="[-d LIST] [-s] [FILE]...")
def paste(command: Command) -> Program[int]:
    """Put the lines of files side by side (`-s`: those of each file one after the other)."""
    options = command.options("d:s")
    marks = unescape(options.get("d", "\t")).encode("utf-8", "surrogateescape")
    if not marks:
        raise Misuse("-d '' is not supported", usage=False)
    columns = _Columns(command)
    inputs: list[int] = []
    standard: int | None = None
    status = 0
    for name in options.words or ["-"]:
        if name == "-" and standard is not None:
            inputs.append(standard)
            continue
        fd = yield from command.open(name, bare=True)
        if fd is None:
            return 1
        inputs.append(columns.add(fd))
        if name == "-":
            standard = inputs[-1]
    if "s" in options:
        for which in inputs:
            count = 0
            output = bytearray()
            while (line := (yield from columns.next(which))) is not None:
                if count:
                    output += _mark(marks, count - 1)
                output += line
                count += 1
                if len(output) > 1 << 16:
                    yield from command.print(bytes(output))
                    output.clear()
            yield from command.print(bytes(output) + b"\n" if count else b"")
        return status
    active: set[int] = set(range(len(inputs)))
    while active:
        marked = 0
        output = bytearray()
        for index, which in enumerate(inputs):
            if index not in active:
                continue  # a column that has ended leaves no gap (coreutils/paste.c)
            line = yield from columns.next(which)
            if line is None:
                active.discard(index)
                continue
            output += line
            if index == len(inputs) - 1:
                output += b"\n"
            else:
                output += _mark(marks, marked)
                marked += 1
        yield from command.print(bytes(output))
    return status


def _mark(marks: bytes, index: int) -> bytes:
    mark = marks[index % len(marks) : index % len(marks) + 1]
    return b"" if mark == b"\0" else mark


# -- widths ----------------------------------------------------------------------------------


@section.program("fold", usage="[-bs] [-w WIDTH] [FILE]...")
def fold(command: Command) -> Program[int]:
    """Break lines that are too long."""
    options = command.options("bsw:")
    width = number(options.get("w", "80"))
    if not 1 <= width <= WIDEST:
        raise Misuse(f"number {width} is not in 1..{WIDEST} range", usage=False)
    status = 0
    for name in options.words or ["-"]:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            status = 1
            continue
        reader = Reader(command.process, fd)
        while (lines := (yield from reader.lines())) is not None:
            folded = ["".join(_folded(line.decode("latin-1"), width, "s" in options, "b" in options)) for line in lines]
            yield from command.print("".join(folded).encode("latin-1"))
            yield Pause()
        command.close(fd)
    return status


def _folded(line: str, width: int, at_blanks: bool, in_bytes: bool) -> Iterator[str]:
    end = "\n" if line.endswith("\n") else ""
    line = line.removesuffix("\n")
    column = start = blank = 0
    for index, character in enumerate(line):
        step = 8 - column % 8 if character == "\t" and not in_bytes else 1
        if column + step > width and index > start:
            cut = blank if at_blanks and blank > start else index
            yield line[start:cut] + "\n"
            start = cut
            column = index - cut
            step = 8 - column % 8 if character == "\t" and not in_bytes else 1
        column += step
        if character in " \t":
            blank = index + 1
    yield line[start:] + end


@section.program("expand", usage="[-i] [-t N] [FILE]...")
def expand(command: Command) -> Program[int]:
    """Make spaces of tabs."""
    options = command.options("it:")
    return (yield from _retabbed(command, options.words, _tab(options.get("t", "8")), options.flags))


@section.program("unexpand", usage="[-fa][-t N] [FILE]...")
def unexpand(command: Command) -> Program[int]:
    """Make tabs of spaces."""
    options = command.options("fat:")
    flags = options.flags | {"back"} | ({"a"} if "t" in options and "f" not in options else set())
    return (yield from _retabbed(command, options.words, _tab(options.get("t", "8")), flags))


def _tab(text: str) -> int:
    width = number(text)
    if not 1 <= width <= WIDEST:
        raise Misuse(f"number {width} is not in 1..{WIDEST} range", usage=False)
    return width


def _retabbed(command: Command, names: list[str], tab: int, flags: set[str]) -> Program[int]:
    status = 0
    for name in names or ["-"]:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            status = 1
            continue
        reader = Reader(command.process, fd)
        while (lines := (yield from reader.lines())) is not None:
            output: list[bytes] = []
            for line in lines:
                if "back" in flags:
                    output.append(_with_tabs(line, tab, "a" in flags))
                elif "i" in flags:
                    rest = line.lstrip(b" \t")
                    output.append(line[: len(line) - len(rest)].expandtabs(tab) + rest)
                else:
                    output.append(line.expandtabs(tab))
            yield from command.print(b"".join(output))
            yield Pause()
        command.close(fd)
    return status


def _with_tabs(line: bytes, tab: int, everywhere: bool) -> bytes:
    body = line.expandtabs(tab)
    rest = body.lstrip(b" ")
    indent = len(body) - len(rest)
    if not everywhere:
        original = line.lstrip(b" \t")
        return b"\t" * (indent // tab) + b" " * (indent % tab) + original
    pieces: list[bytes] = []
    for at in range(0, len(body), tab):
        piece = body[at : at + tab]
        bare = piece.rstrip(b" ")
        pieces.append(bare + b"\t" if len(piece) == tab and len(piece) - len(bare) >= 2 else piece)
    return b"".join(pieces)


# -- join ------------------------------------------------------------------------------------


@section.program("join", usage="[-t CHAR] [-1 N] [-2 N] [-a N] [-v N] [-e TEXT] [-i] FILE1 FILE2")
def join(command: Command) -> Program[int]:
    """Put the lines of two sorted files together that have a field in common."""
    options = command.options("t:1:2:j:a:v:e:i")
    if len(options.words) != 2:
        raise Misuse("")
    separator = options.get("t").encode("utf-8", "surrogateescape") if "t" in options else None
    columns = [max(number(options.get(side, options.get("j", "1"))), 1) - 1 for side in "12"]
    sides: list[list[list[bytes]]] = []
    for name in options.words:
        lines = yield from _lines_of(command, name)
        if lines is None:
            return 1
        sides.append([line.split(separator) for line in lines])
    glue = separator if separator is not None else b" "
    unpaired = set(options.repeated.get("a", []) + options.repeated.get("v", []))
    output: list[bytes] = []

    def key(side: int, row: list[bytes]) -> bytes:
        field = row[columns[side]] if columns[side] < len(row) else b""
        return field.lower() if "i" in options else field

    def rest(side: int, row: list[bytes]) -> list[bytes]:
        return row[: columns[side]] + row[columns[side] + 1 :]

    def alone(side: int, row: list[bytes]) -> None:
        if str(side + 1) in unpaired:
            field = row[columns[side]] if columns[side] < len(row) else b""
            output.append(glue.join([field, *rest(side, row)]) + b"\n")

    left, right = sides
    i = j = 0
    while i < len(left) or j < len(right):
        if j == len(right) or (i < len(left) and key(0, left[i]) < key(1, right[j])):
            alone(0, left[i])
            i += 1
        elif i == len(left) or key(1, right[j]) < key(0, left[i]):
            alone(1, right[j])
            j += 1
        else:
            same = key(0, left[i])
            last = j
            while last < len(right) and key(1, right[last]) == same:
                last += 1
            while i < len(left) and key(0, left[i]) == same:
                for row in right[j:last] if "v" not in options else []:
                    output.append(glue.join([left[i][columns[0]], *rest(0, left[i]), *rest(1, row)]) + b"\n")
                    if len(output) >= 1000:
                        yield from command.print(b"".join(output))
                        output.clear()
                i += 1
            j = last
        if len(output) >= 1000:
            yield from command.print(b"".join(output))
            output.clear()
    yield from command.print(b"".join(output))
    return 0


# -- split and shuf ----------------------------------------------------------------------------


@section.program("split", usage="[OPTIONS] [INPUT [PREFIX]]")
def split(command: Command) -> Program[int]:
    """Divide a file into several."""
    options = command.options("l:b:a:")
    if len(options.words) > 2:
        raise Misuse("")
    length = number(options.get("a", "2"))
    lines = number(options.get("l", "1000"), suffixes=SIZES)
    size = number(options.get("b"), suffixes=SIZES) if "b" in options else 0
    if not 1 <= length <= 100 or not (size if "b" in options else lines):
        raise Misuse("invalid number '0'", usage=False)
    prefix = options.words[1] if len(options.words) > 1 else "x"
    fd = yield from command.open(options.words[0] if options.words else "-")
    if fd is None:
        return 1
    names = _suffixes(length)
    process = command.process
    current: int | None = None
    left = 0
    while data := (yield from process.read(fd)):
        while data:
            if current is None:
                suffix = next(names, None)
                if suffix is None:
                    return (yield from command.complain("suffixes exhausted"))
                opened = process.open(prefix + suffix, write=True, create=True, truncate=True)
                current, left = command.attach(opened), size or lines
            end = min(left, len(data)) if size else _after_lines(data, left)
            piece, data = data[:end], data[end:]
            yield from process.write(current, piece)
            left -= len(piece) if size else piece.count(b"\n")
            if left <= 0:
                command.close(current)
                current = None
    return 0


def _after_lines(data: bytes, count: int) -> int:
    """Return where the line number `count` ends, or the data."""
    end = 0
    for _ in range(count):
        end = data.find(b"\n", end) + 1
        if not end:
            return len(data)
    return end


def _suffixes(length: int) -> Iterator[str]:
    letters = [0] * length
    while True:
        yield "".join(chr(97 + letter) for letter in letters)
        place = length - 1
        while place >= 0 and letters[place] == 25:
            letters[place] = 0
            place -= 1
        if place < 0:
            return
        letters[place] += 1


@section.program("shuf", usage="[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]")
def shuf(command: Command) -> Program[int]:
    """Print lines in an order that looks like chance, and is the same every time."""
    options = command.options("ei:n:o:z")
    end = b"\0" if "z" in options else b"\n"
    if "e" in options:
        lines = [word.encode("utf-8", "surrogateescape") for word in options.words]
    elif "i" in options:
        low, _, high = options.get("i").partition("-")
        first, last = number(low), number(high)
        if last < first:
            raise Misuse(f"bad range '{options.get('i')}'", usage=False)
        if last - first >= 1 << 20:
            raise Misuse("out of memory", usage=False)
        lines = [str(value).encode() for value in range(first, last + 1)]
    else:
        read = yield from _lines_of(command, options.words[0] if options.words else "-")
        if read is None:
            return 1
        lines = read
    chance = 1
    for index in range(len(lines) - 1, 0, -1):
        chance = chance * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        other = (chance >> 33) % (index + 1)
        lines[index], lines[other] = lines[other], lines[index]
    if "n" in options:
        lines = lines[: number(options.get("n"))]
    data = b"".join(line + end for line in lines)
    if "o" in options:
        name = options.get("o")
        try:
            command.process.files.write(command.process.path(name), data)
        except OSError as error:
            return (yield from command.complain(f"can't open '{name}': {os.strerror(error.errno or 0)}"))
    else:
        yield from command.print(data)
    return 0
