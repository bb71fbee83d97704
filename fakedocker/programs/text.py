"""Programs that read texts and print them, or parts of them: cat, head, tail, wc, sort and their kin."""

from __future__ import annotations

import base64 as base64_
import binascii
import functools
import hashlib
import itertools
import os
import re
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Options, Section, number
from fakedocker.programs.escapes import unescape
from fakedocker.programs.reading import Reader, split_lines
from fakedocker.programs.turns import Turn

section = Section()

Piece = TypeVar("Piece")

#: Suffixes of numbers, as head and tail have them.
SIZES: Final = {"b": 512, "k": 1024, "K": 1024, "m": 1024 * 1024, "M": 1024 * 1024}
#: Seconds between two looks of `tail -f`.
LOOK_AGAIN = 1.0


@section.program("cat", usage="[-nbvteA] [FILE]...")
def cat(command: Command) -> Program[int]:
    """Print files, or the standard input."""
    options = command.options("unbvteAET")
    status, line = 0, 0
    plain = not options.flags - {"u"}
    for name in options.words or ["-"]:
        fd = yield from command.open(name)
        if fd is None:
            status = 1
            continue
        try:
            if plain:
                while data := (yield from command.process.read(fd)):
                    yield from command.print(data)
            else:
                reader = Reader(command.process, fd)
                while (lines := (yield from reader.lines())) is not None:
                    shown = []
                    for text in lines:
                        if options.flags & {"n", "b"}:
                            text = text.removesuffix(b"\n") + b"\n"
                        if "n" in options or ("b" in options and text != b"\n"):
                            line += 1
                            shown.append(b"%6d\t" % line)
                        shown.append(_visible(text, options))
                    yield from command.print(b"".join(shown))
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            status = yield from command.complain(f"read error: {os.strerror(error.errno or 0)}")
        command.close(fd)
    return status


def _visible(line: bytes, options: Options) -> bytes:
    """Show what cannot be seen, as `cat -A` does."""
    end = b"\n" if line.endswith(b"\n") else b""
    body = line[: len(line) - len(end)]
    if options.flags & {"A", "e", "E"} and end:
        end = b"$\n"
    if not options.flags & {"A", "v", "e", "t", "E", "T"}:
        return body + end
    tabs = bool(options.flags & {"A", "t", "T"})
    shown = bytearray()
    for byte in body:
        if byte >= 128:
            shown += b"M-"
            byte -= 128
        if byte == 9 and not tabs:
            shown.append(byte)
        elif byte < 32:
            shown += bytes([94, byte + 64])
        elif byte == 127:
            shown += b"^?"
        else:
            shown.append(byte)
    return bytes(shown) + end


# -- beginnings and ends --------------------------------------------------------------


def _old_style(words: list[str]) -> list[str]:
    """Turn `-5` and `+5` in front into `-n 5` and `-n +5`."""
    if words and re.fullmatch(r"-\d+[bkm]?", words[0]):
        return ["-n", words[0][1:], *words[1:]]
    return words


@section.program("head", usage="[OPTIONS] [FILE]...")
def head(command: Command) -> Program[int]:
    """Print the beginnings of files."""
    options = command.options("n:c:qv", words=_old_style(command.words))
    in_bytes = options.last_of("nc") == "c"
    text = options.get("c" if in_bytes else "n", "10")
    count = number(text, least=-1, suffixes=SIZES)
    all_but = text.startswith("-")
    names = options.words or ["-"]
    headed = (len(names) > 1 or "v" in options) and "q" not in options
    status, first = 0, True
    for name in names:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            status = 1
            continue
        if headed:
            yield from command.print(_header(name, first))
        first = False
        if all_but:
            data = yield from Reader(command.process, fd).everything()
            yield from command.print(_all_but_last(data, -count, in_bytes))
        elif in_bytes:
            yield from _copy_bytes(command, fd, count)
        else:
            yield from _copy_lines(command, fd, count)
        command.close(fd)
    return status


def _header(name: str, first: bool) -> str:
    return f"{'' if first else chr(10)}==> {'standard input' if name == '-' else name} <==\n"


def _all_but_last(data: bytes, count: int, in_bytes: bool) -> bytes:
    if not count:
        return data
    if in_bytes:
        return data[:-count]
    return b"".join(data.splitlines(keepends=True)[:-count])


def _copy_bytes(command: Command, fd: int, count: int) -> Program[None]:
    while count > 0:
        data = yield from command.process.read(fd, min(count, 65536))
        if not data:
            break
        count -= len(data)
        yield from command.print(data)


def _copy_lines(command: Command, fd: int, count: int) -> Program[None]:
    reader = Reader(command.process, fd)
    while count > 0:
        lines = yield from reader.lines()
        if lines is None:
            break
        yield from command.print(b"".join(lines[:count]))
        count -= len(lines)


@section.program("tail", usage="[OPTIONS] [FILE]...")
def tail(command: Command) -> Program[int]:
    """Print the ends of files; `-f` goes on with what is added."""
    words = _old_style(command.words)
    if words and re.fullmatch(r"\+\d+", words[0]):
        words = ["-n", *words]
    options = command.options("n:c:qvfFs:", words=words)
    in_bytes = options.last_of("nc") == "c"
    text = options.get("c" if in_bytes else "n", "10")
    count = abs(number(text, least=-1, suffixes=SIZES))
    names = options.words or ["-"]
    status = 0
    followed: list[tuple[str, int]] = []
    for name in names:
        fd = yield from command.open(name)
        if fd is None:
            status = 1
        else:
            followed.append((name, fd))
    headed = (len(followed) > 1 or "v" in options) and "q" not in options
    for name, fd in followed:
        if headed:
            yield from command.print(_header(name, (name, fd) == followed[0]))
        end = yield from _end(command, fd, count, in_bytes, text.startswith("+"))
        yield from command.print(end)
    if not followed:
        yield from command.complain("no files")
        return 1
    if options.flags & {"f", "F"}:
        yield from _follow(command, followed, headed, "F" in options)
    return status


def _end(command: Command, fd: int, count: int, in_bytes: bool, from_start: bool) -> Program[bytes]:
    """Read a file to its end and return the part that tail prints."""
    if from_start:
        data = yield from Reader(command.process, fd).everything()
        if in_bytes:
            return data[max(count - 1, 0) :]
        return b"".join(data.splitlines(keepends=True)[max(count - 1, 0) :])
    kept = b""
    while chunk := (yield from command.process.read(fd)):
        kept += chunk
        kept = kept[len(kept) - count :] if in_bytes and count else _last_lines(kept, count)
        if in_bytes and not count:
            kept = b""
    return kept


def _last_lines(data: bytes, count: int) -> bytes:
    start = len(data) - 1 if data.endswith(b"\n") else len(data)
    for _ in range(count):
        start = data.rfind(b"\n", 0, start)
        if start < 0:
            return data
    return data[start + 1 :] if count else b""


def _follow(command: Command, files: list[tuple[str, int]], headed: bool, by_name: bool) -> Program[None]:
    shown = files[-1][0]
    inodes = {name: _inode(command, name) for name, _ in files}
    while True:
        for name, fd in files:
            if by_name and name != "-" and (inode := _inode(command, name)) not in (None, inodes[name]):
                inodes[name] = inode
                command.process.fds.pop(fd).release()
                command.process.fds[fd] = command.process.open(name, read=True).hold()
            data = yield from command.process.read(fd)
            if not data:
                continue
            if headed and name != shown:
                yield from command.print(_header(name, False))
                shown = name
            yield from command.print(data)
        yield from command.process.sleep(LOOK_AGAIN)


def _inode(command: Command, name: str) -> int | None:
    try:
        return id(command.process.files.stat(command.process.path(name)))
    except OSError:
        return None


# -- counting and copying -----------------------------------------------------------


@section.program("wc", usage="[-cmlwL] [FILE]...")
def wc(command: Command) -> Program[int]:
    """Count lines, words and bytes."""
    options = command.options("clmwL")
    wanted = [letter for letter in "lwmcL" if letter in options] or ["l", "w", "c"]
    names = options.words or ["-"]
    padded = len(wanted) > 1 or len(names) > 1
    totals = dict.fromkeys("lwmcL", 0)
    status = 0
    for name in names:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            status = 1
            continue
        counts = dict.fromkeys("lwmcL", 0)
        reader = Reader(command.process, fd)
        while (lines := (yield from reader.lines())) is not None:
            for line in lines:
                counts["l"] += line.endswith(b"\n")
                counts["w"] += len(line.split())
                counts["c"] += len(line)
                counts["m"] += len(line)  # the locale of a container is C
                counts["L"] = max(counts["L"], len(line.rstrip(b"\n").expandtabs()))
        command.close(fd)
        for letter, count in counts.items():
            totals[letter] = max(totals[letter], count) if letter == "L" else totals[letter] + count
        yield from command.print(_counts(counts, wanted, padded, name if options.words else ""))
    if len(names) > 1:
        yield from command.print(_counts(totals, wanted, padded, "total"))
    return status


def _counts(counts: dict[str, int], wanted: list[str], padded: bool, name: str) -> str:
    numbers = " ".join(f"{counts[letter]:9}" if padded else str(counts[letter]) for letter in wanted)
    return f"{numbers} {name}\n" if name else numbers + "\n"


@section.program("tee", usage="[-ai] [FILE]...")
def tee(command: Command) -> Program[int]:
    """Copy the standard input to the standard output and to files."""
    options = command.options("ai")
    status = 0
    outputs = [1]
    for name in options.words:
        try:
            descriptor = command.process.open(
                name, write=True, create=True, append="a" in options, truncate="a" not in options
            )
        except OSError as error:
            status = yield from command.complain(f"{name}: {os.strerror(error.errno or 0)}")
            continue
        outputs.append(command.attach(descriptor))
    while data := (yield from command.process.read(0)):
        for fd in outputs:
            yield from command.process.write(fd, data)
    return status


# -- order ----------------------------------------------------------------------------


@section.program(
    "sort", usage="[-nrugMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]..."
)
def sort(command: Command) -> Program[int]:
    """Print lines in order."""
    try:
        options = command.options("nrucsbfizdMVgo:k:t:")
    except Misuse as misuse:
        misuse.code = 2
        raise
    lines: list[bytes] = []
    end = b"\0" if "z" in options else b"\n"
    for name in options.words or ["-"]:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            return 2
        data = yield from Reader(command.process, fd).everything()
        command.close(fd)
        lines += split_lines(data) if end == b"\n" else data.removesuffix(end).split(end)
    compare = _comparison(options)
    if "c" in options:
        for index, (before, after) in enumerate(itertools.pairwise(lines), 1):
            order = compare(before, after)
            if order > 0 or (order == 0 and "u" in options):
                yield from command.process.write(2, f"Check line {index}\n")
                return 1
        return 0
    lines.sort(key=functools.cmp_to_key(compare))
    if "u" in options:
        lines = [line for index, line in enumerate(lines) if not index or compare(lines[index - 1], line)]
    text = b"".join(line + end for line in lines)
    if "o" in options:
        command.process.files.write(command.process.path(options.get("o")), text)
    else:
        yield from command.print(text)
    return 0


Compare = Callable[[bytes, bytes], int]
MONTHS: Final = [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"]


def _comparison(options: Options) -> Compare:
    flags = "".join(letter for letter in "nrbfVgM" if letter in options)
    separator = options.get("t").encode("utf-8", "surrogateescape")
    if "t" in options and len(separator) != 1:
        raise Misuse("bad -t parameter", usage=False)
    keys = [_Key(text, flags, separator) for text in options.repeated.get("k", [])] or [_Key("1", flags, b"")]
    whole = "k" not in options

    def compare(left: bytes, right: bytes) -> int:
        for key in keys:
            first = key.value(left) if not whole else _comparable(left, key.flags)
            second = key.value(right) if not whole else _comparable(right, key.flags)
            if first != second:
                order = -1 if first < second else 1  # type: ignore[operator]
                return -order if "r" in key.flags else order
        if options.flags & {"u", "s"} or left == right:
            return 0
        order = -1 if left < right else 1
        return -order if "r" in options else order

    return compare


class _Key:
    """One `-k`: the part of a line that counts, and how."""

    def __init__(self, text: str, flags: str, separator: bytes) -> None:
        match = re.fullmatch(
            r"(\d{1,6})(?:\.(\d{1,6}))?([bdfgnrVM]*)(?:,(\d{1,6})(?:\.(\d{1,6}))?([bdfgnrVM]*))?", text
        )
        if match is None or match[1] == "0":
            raise Misuse("unknown key option", usage=False)
        self._first, self._offset = int(match[1]) - 1, int(match[2] or 1) - 1
        self._last = int(match[4]) if match[4] else None
        self._end = int(match[5] or 0)
        self._separator = separator
        self.flags = (match[3] + (match[6] or "")) or flags

    def value(self, line: bytes) -> object:
        start, _ = self._field(line, self._first)
        start += self._offset
        end = len(line)
        if self._last is not None:
            _, end = self._field(line, self._last - 1)
            if self._end:  # busybox counts it from the beginning of the line, whatever the field
                end = self._end
        return _comparable(line[start:end], self.flags)

    def _field(self, line: bytes, index: int) -> tuple[int, int]:
        """Return where a field begins and ends."""
        if self._separator:
            fields = line.split(self._separator)
            start = sum(len(field) + 1 for field in fields[:index])
            return min(start, len(line)), min(start + len(fields[index]), len(line)) if index < len(fields) else len(
                line
            )
        spans = [match.span() for match in re.finditer(rb"[ \t]*[^ \t]+", line)]
        return spans[index] if index < len(spans) else (len(line), len(line))


def _comparable(text: bytes, flags: str) -> object:
    if "n" in flags or "g" in flags:
        match = re.match(rb"\s*(-?\d{0,300}(?:\.\d{0,300})?)", text)
        try:
            return float(match[1]) if match else 0.0
        except ValueError:
            return 0.0
    if "M" in flags:
        name = text.strip()[:3].upper()
        return MONTHS.index(name) + 1 if name in MONTHS else 0
    if "V" in flags:
        return [(1, int(part[:300]), b"") if part.isdigit() else (0, 0, part) for part in re.findall(rb"\d+|\D+", text)]
    if "b" in flags:
        text = text.lstrip(b" \t")
    return text.upper() if "f" in flags else text


@section.program("uniq", usage="[-cduiz] [-f,s,w N] [FILE [OUTFILE]]")
def uniq(command: Command) -> Program[int]:
    """Print neighbouring equal lines once."""
    options = command.options("cduif:s:w:")
    fd = yield from command.open(options.words[0] if options.words else "-")
    if fd is None:
        return 1
    lines = split_lines((yield from Reader(command.process, fd).everything()))
    output: list[bytes] = []
    turn = Turn()
    for line, count in _runs(lines, options):
        if turn.is_over(LINE_WORK * count):
            yield Pause()
        if ("d" in options and count < 2) or ("u" in options and count > 1):
            continue
        output.append((b"%7d " % count if "c" in options else b"") + line + b"\n")
    if len(options.words) > 1:
        command.process.files.write(command.process.path(options.words[1]), b"".join(output))
    else:
        yield from command.print(b"".join(output))
    return 0


def _runs(lines: list[bytes], options: Options) -> Iterator[tuple[bytes, int]]:
    fields, characters = number(options.get("f", "0")), number(options.get("s", "0"))
    width = number(options.get("w")) if "w" in options else None

    def key(line: bytes) -> bytes:
        for _ in range(min(fields, len(line))):
            line = line.lstrip(b" \t").lstrip(WORD)
        line = line[characters:]
        line = line if width is None else line[:width]
        return line.lower() if "i" in options else line

    current: bytes | None = None
    count = 0
    for line in lines:
        if current is not None and key(line) == key(current):
            count += 1
            continue
        if current is not None:
            yield current, count
        current, count = line, 1
    if current is not None:
        yield current, count


#: What comparing a line takes, as work of a turn.
LINE_WORK: Final = 100
#: All bytes but blanks.
WORD: Final = bytes(byte for byte in range(256) if byte not in b" \t")


# -- parts of lines ---------------------------------------------------------------------


@section.program("cut", usage="[OPTIONS] [FILE]...")
def cut(command: Command) -> Program[int]:
    """Print parts of lines."""
    options = command.options("b:c:f:d:sn")
    chosen = [letter for letter in "bcf" if letter in options]
    if not chosen:
        raise Misuse("expected a list of bytes, characters, or fields", usage=False)
    if len(chosen) > 1:
        raise Misuse("only one type of list may be specified")
    letter = chosen[0]
    if letter != "f" and ("d" in options or "s" in options):
        what = "a delimiter may be specified" if "d" in options else "suppressing non-delimited lines makes sense"
        raise Misuse(f"{what} only when operating on fields", usage=False)
    ranges = _ranges(options.get(letter))
    delimiter = options.get("d", "\t")[:1].encode("utf-8", "surrogateescape") or b"\0"
    status = 0
    for name in options.words or ["-"]:
        fd = yield from command.open(name, bare=True)
        if fd is None:
            status = 1
            continue
        reader = Reader(command.process, fd)
        while (lines := (yield from reader.lines())) is not None:
            output: list[bytes] = []
            for line in lines:
                body = line.removesuffix(b"\n")
                if letter == "b":
                    output.append(bytes(_pick(ranges, list(body))) + b"\n")
                elif letter == "c":
                    text = list(body.decode("utf-8", "surrogateescape"))
                    picked = "".join(_pick(ranges, text))
                    output.append(picked.encode("utf-8", "surrogateescape") + b"\n")
                elif delimiter in body:
                    fields: list[bytes] = _pick(ranges, body.split(delimiter))
                    output.append(delimiter.join(fields) + b"\n")
                elif "s" not in options:
                    output.append(body + b"\n")
            yield from command.print(b"".join(output))
        command.close(fd)
    return status


def _ranges(text: str) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first and not last:
            raise Misuse(f"invalid number '{part}'" if not dash else "invalid range", usage=False)
        low = number(first) if first else 1
        high = low if not dash else number(last) if last else 1 << 40
        if low == 0 or high < low:
            raise Misuse("invalid byte or field list" if low == 0 else "invalid range", usage=False)
        ranges.append((low, high))
    ranges.sort()
    return ranges


def _pick(ranges: list[tuple[int, int]], pieces: list[Piece]) -> list[Piece]:
    picked: list[Piece] = []
    taken = 0
    for low, high in ranges:
        picked += pieces[max(low - 1, taken) : high]
        taken = max(taken, high)
    return picked


@section.program("tr", usage="[-cds] STRING1 [STRING2]")
def tr(command: Command) -> Program[int]:
    """Replace, squeeze or remove characters."""
    options = command.options("+cCds")
    words = options.words
    if not words or len(words) > 2:
        raise Misuse("")
    first = _set(words[0])
    second = _set(words[1]) if len(words) > 1 else b""
    if options.flags & {"c", "C"}:
        first = bytes(byte for byte in range(256) if byte not in first)
    removed = first if "d" in options else b""
    table = bytearray(range(256))
    if "d" not in options and len(words) > 1:
        if not second:
            raise Misuse("STRING2 cannot be empty", usage=False)
        for index, byte in enumerate(first):
            table[byte] = second[min(index, len(second) - 1)]
    squeezed = frozenset() if "s" not in options else frozenset(second if len(words) > 1 else first)
    last = -1
    while data := (yield from command.process.read(0)):
        data = data.translate(bytes(table), removed)
        if squeezed:
            kept = bytearray()
            for byte in data:
                if byte != last or byte not in squeezed:
                    kept.append(byte)
                last = byte
            data = bytes(kept)
        yield from command.print(data)
    return 0


CLASSES: Final = {
    "alpha": "A-Za-z",
    "alnum": "0-9A-Za-z",
    "blank": " \t",
    "cntrl": "\0-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@[-`{-~",
    "space": "\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def _set(text: str) -> bytes:
    """Return the characters of a set of `tr`: ranges, classes and escapes."""
    items: list[tuple[bytes, bool]] = []
    for match in re.finditer(r"\[:([a-z]+):\]|(\\(?:[0-7]{1,3}|.))|(.)", text, re.DOTALL):
        name, escape, character = match.groups()
        if name in CLASSES:
            items.append((_set(CLASSES[name]), True))
        elif name:
            items += [(bytes([byte]), False) for byte in match[0].encode()]
        else:
            literal = unescape(escape) if escape else character
            if escape and literal == escape:
                literal = escape[1:]
            items += [(bytes([byte]), bool(escape)) for byte in literal.encode("utf-8", "surrogateescape")]
    result = bytearray()
    index = 0
    while index < len(items):
        value, _ = items[index]
        if (
            len(value) == 1
            and index + 2 < len(items)
            and items[index + 1] == (b"-", False)
            and len(items[index + 2][0]) == 1
        ):
            low, high = value[0], items[index + 2][0][0]
            if low > high:
                raise Misuse(f"range '{chr(low)}-{chr(high)}' is invalid", usage=False)
            result += bytes(range(low, high + 1))
            index += 3
        else:
            result += value
            index += 1
    return bytes(result)


# -- whole files ------------------------------------------------------------------------


def _each(command: Command, change: Callable[[list[bytes]], list[bytes]], names: list[str]) -> Program[int]:
    """Print the lines of files after a change to all of them."""
    status = 0
    for name in names or ["-"]:
        fd = yield from command.open(name)
        if fd is None:
            status = 1
            continue
        lines = split_lines((yield from Reader(command.process, fd).everything()))
        command.close(fd)
        yield from command.print(b"".join(line + b"\n" for line in change(lines)))
    return status


@section.program("rev", usage="[FILE]...")
def rev(command: Command) -> Program[int]:
    """Print lines backwards."""

    def backwards(line: bytes) -> bytes:
        return line.decode("utf-8", "surrogateescape")[::-1].encode("utf-8", "surrogateescape")

    words = command.options("").words
    return (yield from _each(command, lambda lines: [backwards(line) for line in lines], words))


@section.program("tac", usage="[FILE]...")
def tac(command: Command) -> Program[int]:
    """Print the last line first."""
    return (yield from _each(command, lambda lines: lines[::-1], command.options("").words))


@section.program("nl", usage="[FILE]...")
def nl(command: Command) -> Program[int]:
    """Print lines with numbers; empty ones have none, unless all are to be numbered (-b a)."""
    options = command.options("b:")
    line = 0

    def numbered(lines: list[bytes]) -> list[bytes]:
        nonlocal line
        output: list[bytes] = []
        for text in lines:
            counts = bool(text) or options.get("b") == "a"
            line += counts
            output.append(b"%6d\t%s" % (line, text) if counts else b"       ")
        return output

    return (yield from _each(command, numbered, options.words))


@section.program("base64", usage="[-d] [FILE]")
def base64(command: Command) -> Program[int]:
    """Encode or decode base64."""
    options = command.options("dw:")
    fd = yield from command.open(options.words[0] if options.words else "-")
    if fd is None:
        return 1
    data = yield from Reader(command.process, fd).everything()
    if "d" in options:
        try:
            yield from command.print(base64_.b64decode(data.translate(None, b"\r\n\t "), validate=True))
        except binascii.Error:
            return (yield from command.complain("truncated input"))
        return 0
    text = base64_.b64encode(data)
    width = number(options.get("w", "76"))
    if not width:
        yield from command.print(text)
        return 0
    yield from command.print(b"".join(text[i : i + width] + b"\n" for i in range(0, len(text), width)))
    return 0


@section.program("md5sum", "sha1sum", "sha256sum", "sha512sum", usage="[-c[sw]] [FILE]...")
def checksum(command: Command) -> Program[int]:
    """Print checksums of files."""
    options = command.options("bcsw")
    status = 0
    for name in options.words or ["-"]:
        if "c" in options:
            status = max(status, (yield from _check(command, options, name)))
            continue
        digest = yield from _digest(command, name)
        if digest is None:
            status = 1
        else:
            yield from command.print(f"{digest}  {name}\n")
    return status


def _digest(command: Command, name: str) -> Program[str | None]:
    """Return the checksum of a file, None (after a complaint) if there is none."""
    fd = yield from command.open(name)
    if fd is None:
        return None
    digest = hashlib.new(command.name.removesuffix("sum"), usedforsecurity=False)
    while data := (yield from command.process.read(fd)):
        digest.update(data)
    command.close(fd)
    return digest.hexdigest()


def _check(command: Command, options: Options, name: str) -> Program[int]:
    """Compare files with the checksums that a list has of them."""
    fd = yield from command.open(name)
    if fd is None:
        return 1
    data = yield from Reader(command.process, fd).everything()
    command.close(fd)
    count = failed = 0
    for line in data.decode("utf-8", "surrogateescape").splitlines():
        expected, _, file = line.partition("  ")
        count += 1
        right = (yield from _digest(command, file)) == expected.lower()
        failed += not right
        if "s" not in options:
            yield from command.print(f"{file}: {'OK' if right else 'FAILED'}\n")
    if failed and "s" not in options:
        yield from command.complain(f"WARNING: {failed} of {count} computed checksums did NOT match")
    return int(failed > 0)
