"""The backslash escapes of `echo -e`, `printf`, `tr` and `$'…'`.

Source of the table: busybox libbb/process_escape_sequence.c.
"""

from __future__ import annotations

import re

from fakedocker.engine.processes.effects import Pause, Program

#: Escapes that are replaced before others have their turn.
MANY = 1000
SIMPLE = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
#: The same for `echo -e` and `%b`, which take one more digit after a leading zero.
LONG_ESCAPE = re.compile(ESCAPE.pattern.replace("[0-7]{1,3}", "0[0-7]{0,3}|[1-7][0-7]{0,2}"), re.DOTALL)


def unescape(text: str, *, quotes: bool = True, long_octal: bool = False) -> str:
    """Replace escapes by their characters; bytes above 127 become surrogate escapes, unknown escapes stay."""
    return _pattern(long_octal).sub(lambda match: _character(match, quotes), text)


def unescaping(text: str, *, quotes: bool = True, long_octal: bool = False) -> Program[tuple[str, bool]]:
    r"""Replace escapes in a text of any length, up to a `\c`; tell, too, whether there is one."""
    pieces: list[str] = []
    position = 0
    for number, match in enumerate(_pattern(long_octal).finditer(text), start=1):
        pieces.append(text[position : match.start()])
        if match[3] == "c":
            return "".join(pieces), True
        pieces.append(_character(match, quotes))
        position = match.end()
        if number % MANY == 0:
            yield Pause()
    return "".join(pieces) + text[position:], False


def _pattern(long_octal: bool) -> re.Pattern[str]:
    return LONG_ESCAPE if long_octal else ESCAPE


def _character(match: re.Match[str], quotes: bool) -> str:
    hexadecimal, octal, letter = match.groups()
    if hexadecimal or octal:
        value = int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF
        return bytes([value]).decode("utf-8", "surrogateescape")
    if quotes and letter in "'\"":
        return str(letter)
    return SIMPLE.get(letter, "\\" + letter)
