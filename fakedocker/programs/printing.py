"""Programs that print their words: echo, printf, yes, seq; and those that only end: true, false."""

from __future__ import annotations

import re

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Section
from fakedocker.programs.escapes import unescaping
from fakedocker.programs.turns import Turn

section = Section()

#: How wide or precise a field of printf may become.
WIDEST = 65536
#: What printing one word takes, as work of a turn.
FORMAT_WORK = 200
#: Lines that are written at once by programs that print without end.
LINES_AT_ONCE = 64


@section.program("true")
def true(command: Command) -> Program[int]:
    """End well."""
    yield from ()
    return 0


@section.program("false")
def false(command: Command) -> Program[int]:
    """End badly."""
    yield from ()
    return 1


@section.program("echo")
def echo(command: Command) -> Program[int]:
    """Print the words; options are taken only in front and only if all their letters are known."""
    words = command.words
    newline, escapes = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        for letter in words.pop(0)[1:]:
            if letter == "n":
                newline = False
            else:
                escapes = letter == "e"
    text = " ".join(words)
    if escapes:
        text, stopped = yield from unescaping(text, quotes=False, long_octal=True)
        newline = newline and not stopped
    yield from command.print(text + "\n" if newline else text)
    return 0


DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh|h|ll|l|L|j|z|t)?(.)?", re.DOTALL)


@section.program("printf", usage="FORMAT [ARG]...")
def printf(command: Command) -> Program[int]:
    """Print words by a format, which is used again while words are left."""
    words = command.words
    if words[:1] == ["--"]:
        del words[0]
    if not words:
        raise Misuse("")
    formatting = _Formatting(words[0], words[1:])
    try:
        yield from formatting.print(command)
    except _InvalidFormat as invalid:
        yield from command.complain(f"{invalid}: invalid format")
        return 1
    for complaint in formatting.complaints:
        yield from command.complain(complaint)
    return int(bool(formatting.complaints))


class _InvalidFormat(Exception):
    pass


class _Stop(Exception):
    pass


class _Formatting:
    """One format and the words that go into it."""

    def __init__(self, form: str, words: list[str]) -> None:
        self._form = form
        self._words = words
        self._used = 0
        self._texts: list[str] = []
        self._turn = Turn()
        self.complaints: list[str] = []

    def print(self, command: Command) -> Program[None]:
        """Use the format once, and again while it takes words."""
        while True:
            before = self._used
            self._texts = []
            try:
                yield from self._use()
            except (_Stop, _InvalidFormat) as end:
                yield from command.print("".join(self._texts))
                if isinstance(end, _InvalidFormat):
                    raise
                return
            yield from command.print("".join(self._texts))
            if self._used in (before, len(self._words)):
                return
            if self._turn.is_over(FORMAT_WORK):
                yield Pause()

    def _use(self) -> Program[None]:
        form, position = self._form, 0
        while position < len(form):
            start = form.find("%", position)
            literal = form[position:] if start < 0 else form[position:start]
            if literal:
                literal, stopped = yield from unescaping(literal)
                self._texts.append(literal)
                if stopped:
                    raise _Stop
            if start < 0:
                return
            if form.startswith("%%", start):
                self._texts.append("%")
                position = start + 2
                continue
            match = DIRECTIVE.match(form, start)
            assert match is not None
            position = match.end()
            self._texts.append((yield from self._directive(match)))
            if self._turn.is_over(FORMAT_WORK):
                yield Pause()

    def _next(self) -> str | None:
        if self._used == len(self._words):
            return None
        self._used += 1
        return self._words[self._used - 1]

    def _directive(self, match: re.Match[str]) -> Program[str]:
        flags, width, precision, letter = match.groups()
        if letter is None or letter not in "diouxXeEfFgGaAcsb":
            raise _InvalidFormat(f"%{flags}{width or ''}{letter or ''}{self._form[match.end() :]}")
        if width == "*":
            number = self._integer(self._next() or "0")
            flags, width = flags + ("-" if number < 0 else ""), str(abs(number))
        if precision == "*":
            precision = str(max(self._integer(self._next() or "0"), 0))
        if int(width or "0") > WIDEST or int(precision or "0") > WIDEST:
            raise _InvalidFormat(match[0])
        spec = f"%{flags}{width or ''}" + ("" if precision is None else f".{precision}")
        word = self._next()
        if letter in "sbc":
            return (yield from self._text(spec, letter, word or ""))
        if letter in "di":
            return (spec + "d") % self._integer(word or "0")
        if letter in "ouxX":
            value = self._integer(word or "0") % (1 << 64)
            return (spec.replace("+", "").replace(" ", "") + ("d" if letter == "u" else letter)) % value
        return (spec + ("f" if letter in "aA" else letter)) % self._real(word or "0")

    def _text(self, spec: str, letter: str, word: str) -> Program[str]:
        spec = re.sub(r"[+ #0]", "", spec[:2]) + spec[2:] if len(spec) > 1 else spec
        if letter == "c":
            return (spec.split(".")[0] + "s") % word[:1]
        if letter == "b":
            word, stopped = yield from unescaping(word, long_octal=True)
            if stopped:
                self._used = len(self._words)
        return (spec + "s") % word

    def _integer(self, word: str) -> int:
        text = word.strip()
        if text[:1] in ("'", '"'):
            return ord(text[1]) if len(text) > 1 else 0
        match = re.fullmatch(r"([-+]?)(0[xX][0-9A-Fa-f]{1,16}|0[0-7]{0,22}|[1-9][0-9]{0,19})", text)
        if match is None:
            self.complaints.append(f"invalid number '{word}'")
            return 0
        sign, digits = match.groups()
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" and len(digits) > 1 else 10
        return int(digits, base) * (-1 if sign == "-" else 1)

    def _real(self, word: str) -> float:
        try:
            return float(word)
        except ValueError:
            self.complaints.append(f"invalid number '{word}'")
            return 0.0


@section.program("yes", usage="[STRING]")
def yes(command: Command) -> Program[int]:
    """Print a line until nobody reads any more."""
    line = " ".join(command.words or ["y"]) + "\n"
    while True:
        yield from command.print(line * LINES_AT_ONCE)


@section.program("seq", usage="[-w] [-s SEP] [FIRST [INC]] LAST")
def seq(command: Command) -> Program[int]:
    """Print numbers from the first to the last."""
    options = command.options("+ws:", words=_guarded(command.words))
    words = options.words
    if not 1 <= len(words) <= 3:
        raise Misuse("")
    for word in words:
        if not re.fullmatch(r"[-+]?(\d{1,18}(\.\d{0,9})?|\.\d{1,9})", word):
            raise Misuse(f"invalid number '{word}'", usage=False)
    places = max(len(word.partition(".")[2]) for word in words[:2] or words)
    if len(words) == 1:
        places = 0
    unit = 10 ** max(len(word.partition(".")[2]) for word in words)
    first, step, last = _range([_scaled(word, unit) for word in words], unit)
    if step == 0:
        raise Misuse("invalid number '0'", usage=False)
    separator = options.get("s", "\n")
    width = max(len(_shown(value, unit, places)) for value in (first, last)) if "w" in options else 0
    value, lines = first, 0
    pending: list[str] = []
    while value <= last if step > 0 else value >= last:
        pending.append((separator if lines else "") + _shown(value, unit, places).zfill(width))
        lines += 1
        if len(pending) >= LINES_AT_ONCE:
            yield from command.print("".join(pending))
            pending = []
        value += step
    yield from command.print("".join(pending) + ("\n" if lines else ""))
    return 0


def _guarded(words: list[str]) -> list[str]:
    """Keep negative numbers from being read as options."""
    for index, word in enumerate(words):
        if re.match(r"-[\d.]", word):
            return [*words[:index], "--", *words[index:]]
        if not word.startswith("-"):
            break
    return words


def _scaled(word: str, unit: int) -> int:
    sign = -1 if word.startswith("-") else 1
    whole, _, fraction = word.lstrip("+-").partition(".")
    digits = len(str(unit)) - 1
    return sign * (int(whole or "0") * unit + int(fraction.ljust(digits, "0") or "0"))


def _range(numbers: list[int], unit: int) -> tuple[int, int, int]:
    if len(numbers) == 1:
        return unit, unit, numbers[0]
    if len(numbers) == 2:
        return numbers[0], unit, numbers[1]
    return numbers[0], numbers[1], numbers[2]


def _shown(value: int, unit: int, places: int) -> str:
    digits = len(str(unit)) - 1
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), unit)
    if not places:
        return f"{sign}{whole}"
    return f"{sign}{whole}." + str(fraction).zfill(digits)[:places].ljust(places, "0")
