"""The functions of awk that need nothing but values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from fakedocker.programs.awk.syntax import Fault
from fakedocker.programs.awk.values import Value, number, text
from fakedocker.programs.clocks import formatted
from fakedocker.programs.regex import Regex, compiled

#: No text may be longer (characters).
LONGEST = 4 << 20
LOWER: Final = str.maketrans({chr(code): chr(code + 32) for code in range(65, 91)})
UPPER: Final = str.maketrans({chr(code): chr(code - 32) for code in range(97, 123)})
DIRECTIVE = re.compile(r"%(%|([-+ #0]*)(\d*)(?:\.(\d*))?[hlLqjzt]*(.)?)", re.DOTALL)


def bounded(value: str) -> str:
    """Return a text if it is not too long for anyone. Raises Fault."""
    if len(value) > LONGEST:
        raise Fault("out of memory")
    return value


# -- patterns ---------------------------------------------------------------------------

#: What a backslash followed by these stands for in a pattern; others are the pattern's own affair.
ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "/": "/", '"': '"', "&": "&"}


def regex(pattern: str, ignore_case: bool = False) -> Regex:
    """Return a compiled pattern. Raises RegexFault."""

    def character(match: re.Match[str]) -> str:
        letter = match[1]
        if letter.isdecimal():
            code = int(re.match("[0-7]{1,3}", match[1] + match[2])[0], 8) if letter in "01234567" else 0  # type: ignore[index]
            return re.sub(r"([][\\.*^$+?(){}|])", r"\\\1", chr(code & 0xFF))
        return ESCAPES.get(letter, "\\" + letter) + match[2]

    return compiled(re.sub(r"\\(.)((?<=\d)\d{0,2}|)", character, pattern, flags=re.DOTALL), True, ignore_case)


def substituted(pattern: Regex, replacement: str, subject: str, which: int, groups: bool = False) -> tuple[str, int]:
    """Replace the match number `which` (0: all) in a text; return the new text and how many were replaced."""
    pieces: list[str] = []
    position = count = done = size = 0
    while position <= len(subject):
        spans = pattern.search(subject, position)
        if spans is None or spans[0] is None:
            break
        start, end = spans[0]
        count += 1
        pieces.append(subject[done:start])
        if which in (0, count):
            members = [subject[span[0] : span[1]] if span else "" for span in spans]
            pieces.append(_replacement(replacement, members, groups))
            size += len(pieces[-1])
            if size > LONGEST:
                raise Fault("out of memory")
        else:
            pieces.append(subject[start:end])
        done = end
        if which == count:
            break
        if end == start:
            pieces.append(subject[end : end + 1])
            done = position = end + 1
        else:
            position = end
    pieces.append(subject[done:])
    replaced = count if which == 0 else int(count >= which)
    return bounded("".join(pieces)), replaced


def _replacement(replacement: str, members: Sequence[str], groups: bool) -> str:
    if "&" not in replacement and "\\" not in replacement:
        return replacement

    def part(match: re.Match[str]) -> str:
        escaped = match[1]
        if escaped is None:
            return members[0]
        if groups and escaped.isdecimal():
            return members[int(escaped)] if int(escaped) < len(members) else ""
        return escaped if escaped in ("&", "\\") else "\\" + escaped

    return re.sub(r"\\(.)|&", part, replacement, flags=re.DOTALL)


def separated(subject: str, separator: str, ignore_case: bool = False) -> Iterator[str]:
    """Divide a text into fields as FS does: a blank means runs of blanks, one character itself, more a pattern."""
    if separator == " ":
        yield from re.findall(r"[^ \t\n]+", subject)
    elif not subject:
        return
    elif not separator:
        yield from subject
    elif len(separator) == 1 and not ignore_case:
        yield from subject.split(separator)
    else:
        pattern = regex(re.escape(separator) if len(separator) == 1 else separator, ignore_case)
        position = start = 0
        while position < len(subject):
            spans = pattern.search(subject, position)
            if spans is None or spans[0] is None:
                break
            first, last = spans[0]
            if last == first:
                position = last + 1
                continue
            yield subject[start:first]
            start = position = last
        yield subject[start:]


# -- texts ------------------------------------------------------------------------------


def formatted_text(arguments: Sequence[Value], form: str) -> str:
    """Return what `printf` makes of its arguments; those that are missing are nothing. Raises Fault."""
    template = text(arguments[0], form)
    values = iter(arguments[1:])
    size = 0

    def directive(match: re.Match[str]) -> str:
        nonlocal size
        if match[1] == "%":
            return "%"
        piece = _directive(match, next(values, ""), form)
        size += len(piece)
        if size > LONGEST:
            raise Fault("out of memory")
        return piece

    return bounded(DIRECTIVE.sub(directive, template))


def _directive(match: re.Match[str], value: Value, form: str) -> str:
    flags, width, precision, letter = match[2], match[3], match[4], match[5]
    if letter == "*":
        raise Fault("%*x formats are not supported")
    if letter is None or letter not in "diouxXcseEfFgGaA":
        raise Fault("Invalid format specifier")
    if len(width) > 7 or len(precision or "") > 7:
        raise Fault("out of memory")
    head = f"%{flags}{width}" + ("" if precision is None else f".{precision}")
    if letter == "c":
        one = chr(int(_finite(value)) & 0xFF) if isinstance(value, float) else value[:1]
        return f"%{flags.replace('0', '')}{width}s" % one
    if letter == "s":
        return _string(flags, width, precision, text(value, form))
    if letter in "aA":
        return number(value).hex()
    if letter in "di":
        return (head + "d") % int(_finite(value))
    if letter in "ouxX":
        return (head + ("d" if letter == "u" else letter)) % (int(_finite(value)) & (2**64 - 1))
    return (head + letter) % number(value)


def _string(flags: str, width: str, precision: str | None, value: str) -> str:
    if precision is not None:
        value = value[: int(precision or "0")]
    return value.ljust(int(width or "0")) if "-" in flags else value.rjust(int(width or "0"))


def _finite(value: Value) -> float:
    result = number(value)
    if math.isfinite(result) and abs(result) < 2**63:
        return result
    return -(2.0**63)


def _substring(arguments: Sequence[Value], form: str) -> Value:
    """`substr(text, start, length)`; fractions are cut off, nothing lies before the text (editors/awk.c)."""
    subject = text(arguments[0], form)
    start = min(max(int(_finite(number(arguments[1]) - 1)), 0), len(subject))
    if len(arguments) < 3:
        return subject[start:]
    return subject[start : start + max(int(_finite(arguments[2])), 0)]


def _index(arguments: Sequence[Value], form: str) -> Value:
    subject, sought = (text(value, form) for value in arguments)
    return float(subject.find(sought) + 1) if sought else 0.0


def _math(function: Callable[[float], float]) -> Callable[[Sequence[Value], str], Value]:
    def applied(arguments: Sequence[Value], form: str) -> Value:
        try:
            return float(function(number(arguments[0])))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return applied


def _bits(function: Callable[[int, int], int]) -> Callable[[Sequence[Value], str], Value]:
    def applied(arguments: Sequence[Value], form: str) -> Value:
        left, right = (int(_finite(value)) & (2**64 - 1) for value in (arguments[0], arguments[-1]))
        return float(function(left, right) & (2**64 - 1))

    return applied


def _truncated(value: float) -> float:
    return float(int(value)) if math.isfinite(value) else value


def _moment(arguments: Sequence[Value], form: str) -> Value:
    """`strftime(format, seconds)`."""
    moment = number(arguments[1])
    return formatted(moment if 0 <= moment < 253402300800 else 0.0, text(arguments[0], form)[:1000])


def _generic(arguments: Sequence[Value], form: str) -> Value:
    """`gensub(pattern, replacement, which, text)`."""
    pattern, replacement, which, subject = (text(value, form) for value in arguments)
    number_ = 0 if which[:1] in ("g", "G") else max(int(number(which)), 1)
    return substituted(regex(pattern), replacement, subject, number_, groups=True)[0]


FUNCTIONS: Final[dict[str, Callable[[Sequence[Value], str], Value]]] = {
    "length": lambda arguments, form: float(len(text(arguments[0], form))),
    "substr": _substring,
    "index": _index,
    "sprintf": formatted_text,
    "tolower": lambda arguments, form: text(arguments[0], form).translate(LOWER),
    "toupper": lambda arguments, form: text(arguments[0], form).translate(UPPER),
    "int": _math(_truncated),
    "sqrt": _math(math.sqrt),
    "exp": _math(math.exp),
    "log": _math(lambda value: math.log(value) if value else -math.inf),
    "sin": _math(math.sin),
    "cos": _math(math.cos),
    "atan2": lambda arguments, form: math.atan2(number(arguments[0]), number(arguments[1])),
    "and": _bits(lambda left, right: left & right),
    "or": _bits(lambda left, right: left | right),
    "xor": _bits(lambda left, right: left ^ right),
    "lshift": _bits(lambda left, right: left << min(right, 64)),
    "rshift": _bits(lambda left, right: left >> min(right, 64)),
    "compl": _bits(lambda left, _: ~left),
    "gensub": _generic,
    "strftime": _moment,
}
