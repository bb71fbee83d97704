"""Programs that show bytes as numbers, and numbers for bytes: od, hexdump, xxd, strings, cksum, sum."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Section, number
from fakedocker.programs.escapes import unescape

section = Section()

#: Multipliers of sizes and offsets.
SUFFIXES: Final = {"b": 512, "k": 1024, "m": 1 << 20}
#: Bytes in a line may not be more than this.
WIDEST = 4096


class Blocks:
    """The bytes of several files one after the other, a block at a time."""

    def __init__(self, command: Command, names: Sequence[str], *, skip: int = 0, most: int | None = None) -> None:
        self._command = command
        self._names = list(names) or ["-"]
        self._fd: int | None = None
        self._rest = b""
        self._skip = skip
        self._left = most
        self.status = 0
        self._taken = 0

    def next(self, size: int) -> Program[bytes]:
        """Return the next block; a shorter one is the last."""
        while self._skip > 0 and (chunk := (yield from self._chunk())):
            self._rest = chunk[self._skip :]
            self._skip -= min(self._skip, len(chunk))
        block = bytearray()
        if self._left is not None:
            size = min(size, self._left)
        while len(block) < size:
            if not self._rest:
                self._rest = yield from self._chunk()
                if not self._rest:
                    break
            taken, self._rest = self._rest[: size - len(block)], self._rest[size - len(block) :]
            block += taken
        if self._left is not None:
            self._left -= len(block)
        self._taken += 1
        if self._taken % 256 == 0:
            yield Pause()
        return bytes(block)

    @property
    def is_short(self) -> bool:
        """Whether there was less than was to be skipped."""
        return self._skip > 0

    def _chunk(self) -> Program[bytes]:
        while True:
            if self._fd is None:
                if not self._names:
                    return b""
                self._fd = yield from self._command.open(self._names.pop(0), bare=True)
                if self._fd is None:
                    self.status = 1
                    continue
            try:
                chunk: bytes = yield from self._command.process.read(self._fd)
            except IsADirectoryError as error:
                self.status = yield from self._command.complain(f"read error: {os.strerror(error.errno or 0)}")
                chunk = b""
            if chunk:
                return chunk
            self._command.close(self._fd)
            self._fd = None


def _offset(text: str) -> int:
    if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,15}", text):
        return int(text, 16)
    if re.fullmatch(r"0[0-7]{1,20}", text):
        return int(text, 8)
    return number(text, suffixes=SUFFIXES)


def _character(byte: int) -> str:
    """Show a byte as `od -c` does."""
    escapes = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
    return escapes.get(byte) or (chr(byte) if 32 <= byte < 127 else f"{byte:03o}")


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


# -- od -----------------------------------------------------------------------------------

CONTROLS: Final = [
    "nul",
    "soh",
    "stx",
    "etx",
    "eot",
    "enq",
    "ack",
    "bel",
    "bs",
    "ht",
    "nl",
    "vt",
    "ff",
    "cr",
    "so",
    "si",
    "dle",
    "dc1",
    "dc2",
    "dc3",
    "dc4",
    "nak",
    "syn",
    "etb",
    "can",
    "em",
    "sub",
    "esc",
    "fs",
    "gs",
    "rs",
    "us",
    "sp",
]
#: Columns that a number of so many bytes takes (coreutils od.c).
COLUMNS: Final = {
    "d": {1: 4, 2: 6, 4: 11, 8: 20},
    "u": {1: 3, 2: 5, 4: 10, 8: 20},
    "o": {1: 3, 2: 6, 4: 11, 8: 22},
    "x": {1: 2, 2: 4, 4: 8, 8: 16},
}
SHORT_TYPES: Final = {
    "a": "a",
    "b": "o1",
    "c": "c",
    "d": "u2",
    "h": "x2",
    "i": "d2",
    "l": "d4",
    "o": "o2",
    "s": "d2",
    "x": "x2",
}
SIZES: Final = {"C": 1, "S": 2, "I": 4, "L": 8, "1": 1, "2": 2, "4": 4, "8": 8, "": 4}


@dataclass(frozen=True, slots=True)
class _Type:
    """How od shows numbers: a letter and a size."""

    letter: str
    size: int

    def shown(self, block: bytes) -> str:
        if self.letter in "ac":
            return "".join(f" {self._one(byte):>3}" for byte in block)
        width = COLUMNS[self.letter][self.size]
        words = [block[at : at + self.size].ljust(self.size, b"\0") for at in range(0, len(block), self.size)]
        values = (int.from_bytes(word, "little", signed=self.letter == "d") for word in words)
        fill = "0" if self.letter in "ox" else ""
        kind = "d" if self.letter in "du" else self.letter
        return "".join(f" {value:{fill}{width}{kind}}" for value in values)

    def _one(self, byte: int) -> str:
        if self.letter == "c":
            return _character(byte)
        byte &= 0x7F
        return "del" if byte == 127 else CONTROLS[byte] if byte <= 32 else chr(byte)


def _types(text: str) -> list[_Type]:
    types: list[_Type] = []
    position = 0
    while position < len(text):
        match = re.compile(r"([ac])|([doux])([CSIL]|[0-9]*)").match(text, position)
        if match is None:
            raise Misuse(f"invalid character '{text[position]}' in type string '{text}'", usage=False)
        position = match.end()
        if match[1]:
            types.append(_Type(match[1], 1))
            continue
        if match[3] not in SIZES:
            raise Misuse(
                f"invalid type string '{text}'; {match[3][:9]}-byte integral type is not supported", usage=False
            )
        types.append(_Type(match[2], SIZES[match[3]]))
    return types


OD_USAGE: Final = "[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]..."


@section.program("od", usage=OD_USAGE)
def od(command: Command) -> Program[int]:
    """Show bytes in octal, or as `-t` says."""
    words = [word if word != "-w" else "-w32" for word in command.words]
    options = command.options("A:N:abcdhij:lot:vxsw:", words=words)
    texts = [*(SHORT_TYPES[letter] for letter in SHORT_TYPES if letter in options), *options.repeated.get("t", [])]
    types = [one for text in texts for one in _types(text)] or [_Type("o", 2)]
    radix = options.get("A", "o")[:1]
    if radix not in ("d", "o", "x", "n"):
        raise Misuse(f"bad output address radix '{radix}' (must be [doxn])", usage=False)
    width = number(options.get("w", "16"))
    if not 0 < width <= WIDEST or width % max(one.size for one in types):
        width = 16
    skip = _offset(options.get("j", "0"))
    most = _offset(options.get("N")) if "N" in options else None
    blocks = Blocks(command, options.words, skip=skip, most=most)

    def address(at: int) -> str:
        return "" if radix == "n" else f"{at:0{6 if radix == 'x' else 7}{radix}}"

    indent = " " * len(address(0))
    at, before, starred = skip, b"", False
    while block := (yield from blocks.next(width)):
        if block == before and len(block) == width and "v" not in options:
            if not starred:
                yield from command.print("*\n")
            starred = True
        else:
            lines = [(indent if index else address(at)) + one.shown(block) for index, one in enumerate(types)]
            yield from command.print("".join(line + "\n" for line in lines))
            starred = False
        before = block
        at += len(block)
        if len(block) < width:
            break
    if blocks.is_short:
        return (yield from command.complain("can't skip past end of combined input"))
    if radix != "n" and (at > skip or not blocks.status):
        yield from command.print(address(at) + "\n")
    return blocks.status


# -- hexdump --------------------------------------------------------------------------------

#: Bytes of a word and its format, by option.
FORMATS: Final[dict[str, tuple[int, Callable[[int], str]]]] = {
    "b": (1, lambda value: f"{value:03o}"),
    "c": (1, lambda value: f"{_character(value):>3}"),
    "d": (2, lambda value: f"  {value:05}"),
    "o": (2, lambda value: f" {value:06o}"),
    "x": (2, lambda value: f"   {value:04x}"),
    "": (2, lambda value: f"{value:04x}"),
}
#: A block of a line, the address of its first byte: the line.
Shown = Callable[[bytes, int], str]


def _canonical(block: bytes, at: int) -> str:
    pairs = [f"{byte:02x}" for byte in block]
    left, right = " ".join(pairs[:8]), " ".join(pairs[8:])
    return f"{at:08x}  {left:<23}  {right:<23}  |{_printable(block)}|\n"


def _plain(option: str) -> Shown:
    size, form = FORMATS[option]

    def shown(block: bytes, at: int) -> str:
        words = [form(int.from_bytes(block[i : i + size], "little")) for i in range(0, len(block), size)]
        columns = (16 // size) * (len(form(0)) + 1) - 1
        return f"{at:07x} {' '.join(words):<{columns}}\n"

    return shown


@section.program("hexdump", "hd", usage="[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...")
def hexdump(command: Command) -> Program[int]:
    """Show bytes in hexadecimal."""
    options = command.options("bcdoxCve:n:s:")
    width = 16
    shown: list[Shown] = []
    if "C" in options or command.name == "hd":
        shown.append(_canonical)
    shown += [_plain(letter) for letter in "bcdox" if letter in options]
    own = [_own_format(text) for text in options.repeated.get("e", [])]
    if own:
        width = max(size for size, _ in own)
        shown = [form for _, form in own]
    shown = shown or [_plain("")]
    skip = _offset(options.get("s", "0"))
    most = _offset(options.get("n")) if "n" in options else None
    blocks = Blocks(command, options.words, skip=skip, most=most)
    at, before, starred = skip, b"", False
    while block := (yield from blocks.next(width)):
        if block == before and len(block) == width and "v" not in options:
            if not starred:
                yield from command.print("*\n")
            starred = True
        else:
            yield from command.print("".join(form(block, at) for form in shown))
            starred = False
        before = block
        at += len(block)
        if len(block) < width:
            break
    if at > skip and not own:
        yield from command.print(f"{at:08x}\n" if shown[-1] is _canonical else f"{at:07x}\n")
    return blocks.status


UNIT = re.compile(r'\s*(?:(\d{1,4})?(?:/(\d{1,2}))?)\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
CONVERSION = re.compile(r"%([-+ #0]*)(\d{0,3})(?:\.(\d{0,3}))?(_a[dox]|_A[dox]|[diouxXc]|_[cpu])")


def _own_format(text: str) -> tuple[int, Shown]:
    """Read a format of `-e`: how many bytes it takes at a time, and what it makes of them."""
    units: list[tuple[int, int, str]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = UNIT.match(text, position)
        if match is None:
            raise Misuse(f"bad format {{{text}}}", usage=False)
        position = match.end()
        form = unescape(match[3])
        conversion = CONVERSION.search(form)
        size = 0
        if conversion is not None and "_a" not in conversion[4].lower():
            size = int(match[2] or (1 if conversion[4] in ("c", "_c", "_p", "_u") else 4))
        units.append((int(match[1] or "1"), size, form))
    width = sum(times * size for times, size, _ in units)
    if not 0 < width <= WIDEST or any(size not in (0, 1, 2, 4, 8) for _, size, _ in units):
        raise Misuse(f"bad format {{{text}}}", usage=False)

    def shown(block: bytes, at: int) -> str:
        pieces: list[str] = []
        offset = 0
        for times, size, form in units:
            for turn in range(times):
                trimmed = form.rstrip(" ") if times > 1 and turn == times - 1 else form
                word = block[offset : offset + size]
                piece = _applied(trimmed, word, at + offset)
                pieces.append(piece if word or not size else " " * len(piece))
                offset += size
        return "".join(pieces)

    return width, shown


def _applied(form: str, word: bytes, at: int) -> str:
    return CONVERSION.sub(lambda match: _converted(match, word, at), form)


def _converted(match: re.Match[str], word: bytes, at: int) -> str:
    flags, width, precision, letter = match.groups()
    value = int.from_bytes(word, "little", signed=letter in "di" and len(word) > 1)
    if letter == "c":
        return word[:1].decode("latin-1")
    if letter in ("_p", "_c", "_u"):
        character = _printable(word[:1]) if letter == "_p" else _character(word[0]) if word else ""
        return f"%{flags.replace('0', '')}{width}s" % character
    if letter[:2].lower() == "_a":
        value, letter = at, letter[2]
    head = f"%{flags}{width}" + ("" if precision is None else f".{precision}")
    return (head + ("d" if letter == "u" else letter)) % value


# -- xxd --------------------------------------------------------------------------------------


@section.program("xxd", usage="[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]")
def xxd(command: Command) -> Program[int]:
    """Show bytes in hexadecimal; `-r` makes bytes of that."""
    options = command.options("l:s:aipc:g:o:r")
    if "r" in options:
        return (yield from _reversed(command, options.words, "p" in options))
    width = number(options.get("c", "30" if "p" in options else "12" if "i" in options else "16"))
    if not 0 < width <= WIDEST:
        raise Misuse(f"number {width} is not in 1..{WIDEST} range", usage=False)
    group = number(options.get("g", "2")) or width
    skip = _offset(options.get("s", "0"))
    most = _offset(options.get("l")) if "l" in options else None
    blocks = Blocks(command, options.words[:1], skip=skip, most=most)
    name = re.sub(r"[^A-Za-z0-9_]", "_", options.words[0]) if options.words else ""
    if "i" in options and name:
        yield from command.print(f"unsigned char {name}[] = {{\n")
    at, size = skip + _offset(options.get("o", "0")), 0
    columns = 2 * width + (width + group - 1) // group
    while block := (yield from blocks.next(width)):
        if blocks.status:
            break
        if "i" in options:
            yield from command.print("  " + " ".join(f"0x{byte:02x}," for byte in block) + "\n")
        elif "p" in options:
            yield from command.print(block.hex() + "\n")
        else:
            groups = " ".join(block[i : i + group].hex() for i in range(0, width, group))
            yield from command.print(f"{at:08x}: {groups.rstrip():<{columns}} {_printable(block)}\n")
        at += len(block)
        size += len(block)
    if "i" in options and name and not blocks.status:
        yield from command.print(f"}};\nunsigned int {name}_len = {size};\n")
    return blocks.status


def _reversed(command: Command, names: list[str], plain: bool) -> Program[int]:
    blocks = Blocks(command, names[:1])
    rest = b""
    while True:
        block = yield from blocks.next(4096)
        *lines, rest = (rest + block).split(b"\n")
        if not block:
            lines.append(rest)
        for line in lines:
            pairs = line
            if not plain:
                _, _, pairs = line.partition(b":")
                pairs = pairs.lstrip(b" ").partition(b"  ")[0]
            digits = re.sub(rb"[^0-9A-Fa-f]", b"", pairs)
            yield from command.print(bytes.fromhex(digits[: len(digits) // 2 * 2].decode()))
        if not block or len(rest) > 1 << 20:
            return blocks.status


# -- strings --------------------------------------------------------------------------------------


@section.program("strings", usage="[-fo] [-t o|d|x] [-n LEN] [FILE]...")
def strings(command: Command) -> Program[int]:
    """Print the texts in files."""
    options = command.options("an:fot:")
    least = number(options.get("n", "4"))
    radix = options.get("t", "o" if "o" in options else "")
    if radix not in ("", "o", "d", "x"):
        raise Misuse("")
    text = re.compile(rb"[ -~\t]+")
    status = 0
    for name in options.words or ["-"]:
        blocks = Blocks(command, [name])
        kept, start = b"", 0
        at = 0
        while True:
            block = yield from blocks.next(4096)
            data = kept + block
            base = at - len(kept)
            at += len(block)
            kept = b""
            output = []
            for match in text.finditer(data):
                if match.end() == len(data) and block and len(match[0]) < 1 << 20:
                    kept, start = match[0], base + match.start()
                    break
                if len(match[0]) >= least:
                    head = f"{name if name != '-' else '{standard input}'}: " if "f" in options else ""
                    where = f"{base + match.start():7{radix}} " if radix else ""
                    output.append((head + where).encode("utf-8", "surrogateescape") + match[0] + b"\n")
            at = start + len(kept) if kept else at
            yield from command.print(b"".join(output))
            if not block:
                break
        status = max(status, blocks.status)
    return status


# -- sums -----------------------------------------------------------------------------------------


@section.program("cksum", "sum", "crc32", usage="[FILE]...")
def cksum(command: Command) -> Program[int]:
    """Print check sums and sizes of files."""
    options = command.options("rs" if command.name == "sum" else "")
    status = 0
    for name in options.words or ["-"]:
        blocks = Blocks(command, [name])
        total, size = 0, 0
        while block := (yield from blocks.next(4096)):
            size += len(block)
            if command.name == "cksum":
                total = _crc(total, block)
            elif command.name == "crc32":
                total = zlib.crc32(block, total)
            elif "s" in options:
                total += sum(block)
            else:
                for byte in block:
                    total = ((total >> 1) + ((total & 1) << 15) + byte) & 0xFFFF
        if blocks.status:
            status = 1
            continue
        shown = f" {name}" if options.words else ""
        if command.name == "cksum":
            length = size.to_bytes((size.bit_length() + 7) // 8, "little")
            yield from command.print(f"{_crc(total, length) ^ 0xFFFFFFFF} {size}{shown}\n")
        elif command.name == "crc32":
            yield from command.print(f"{total:08x}{shown}\n")
        elif "s" in options:
            folded = (total & 0xFFFF) + (total >> 16)
            folded = (folded & 0xFFFF) + (folded >> 16)
            yield from command.print(f"{folded} {(size + 511) // 512}{shown}\n")
        else:
            more = shown if len(options.words) > 1 else ""
            yield from command.print(f"{total:05} {(size + 1023) // 1024:5}{more}\n")
    return status


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value & 0x80000000 else value << 1
        table.append(value)
    return tuple(table)


CRC: Final = _table()


def _crc(value: int, data: bytes) -> int:
    """Go on with the CRC of POSIX cksum."""
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ CRC[value >> 24 ^ byte]
    return value
