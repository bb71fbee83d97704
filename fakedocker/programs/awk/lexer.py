"""The words of an awk program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fakedocker.programs.awk.syntax import Fault
from fakedocker.programs.escapes import SIMPLE

KEYWORDS: Final = frozenset(
    {"BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next"}
    | {"nextfile", "exit", "return", "delete", "in", "getline", "print", "printf"}
)
#: Functions of the language: how few and how many arguments they take.
BUILTINS: Final = {
    "length": (0, 1),
    "substr": (2, 3),
    "index": (2, 2),
    "split": (2, 3),
    "sub": (2, 3),
    "gsub": (2, 3),
    "gensub": (3, 4),
    "match": (2, 2),
    "sprintf": (1, 100),
    "tolower": (1, 1),
    "toupper": (1, 1),
    "int": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "sin": (1, 1),
    "cos": (1, 1),
    "atan2": (2, 2),
    "rand": (0, 0),
    "srand": (0, 1),
    "system": (1, 1),
    "close": (1, 1),
    "fflush": (0, 1),
    "systime": (0, 0),
    "strftime": (0, 2),
    "and": (2, 2),
    "or": (2, 2),
    "xor": (2, 2),
    "lshift": (2, 2),
    "rshift": (2, 2),
    "compl": (1, 1),
}
TOKEN = re.compile(
    r"""
    (?P<space>(?:[ \t\r]|\\\r?\n|\#[^\n]*)+)
  | (?P<newline>\n)
  | (?P<number>0[xX][0-9A-Fa-f]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
  | (?P<string>"(?:[^"\\\n]|\\.|\\\n)*")
  | (?P<call>[A-Za-z_][A-Za-z0-9_]*\()
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<operator>\*\*=|\*\*|\+=|-=|\*=|/=|%=|\^=|&&|\|\||\+\+|--|<=|>=|==|!=|!~|>>|[{}()\[\];,+\-*/%^!<>|?:~$=])
    """,
    re.VERBOSE | re.DOTALL,
)
PATTERN = re.compile(r"(?:[^/\\\n\[]|\\.|\[\^?\]?(?:\[:[a-z]+:\]|[^\]\n])*\])*", re.DOTALL)
#: A slash after one of these divides.
OPERANDS: Final = frozenset({"number", "string", "name", "pattern", "builtin"})
ESCAPES: Final = {**SIMPLE, "/": "/", '"': '"'}


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its kind (operators and keywords are kinds of their own), text, line."""

    kind: str
    text: str
    line: int


def tokens(source: str) -> list[Token]:
    """Divide a program into words; the last is of the kind "end". Raises Fault."""
    found: list[Token] = []
    position, line = 0, 1
    while position < len(source):
        if source[position] == "/" and not _is_operand(found):
            match = PATTERN.match(source, position + 1)
            assert match is not None  # it matches nothing, too
            if source[match.end() : match.end() + 1] != "/":
                raise Fault(f"{line}: Unexpected end of string")
            found.append(Token("pattern", match[0], line))
            position = match.end() + 1
            continue
        match = TOKEN.match(source, position)
        if match is None:
            raise Fault(f"{line}: Unexpected {'end of string' if source[position] == chr(34) else 'token'}")
        position = match.end()
        kind, text = match.lastgroup or "", match[0]
        if kind == "call" and (text[:-1] in KEYWORDS or text[:-1] in BUILTINS):
            kind, text, position = "name", text[:-1], position - 1
        if kind == "string":
            found.append(Token(kind, unescaped(text[1:-1]), line))
        elif kind == "name" and text in KEYWORDS:
            found.append(Token("function" if text == "func" else text, text, line))
        elif kind == "name" and text in BUILTINS:
            found.append(Token("builtin", text, line))
        elif kind == "operator":
            found.append(Token(text.replace("**", "^"), text, line))
        elif kind != "space":
            found.append(Token(kind, text, line))
        line += text.count("\n")
    found.append(Token("end", "", line))
    return found


def _is_operand(before: list[Token]) -> bool:
    return bool(before) and (before[-1].kind in OPERANDS or before[-1].kind in (")", "]", "$", "++", "--"))


def unescaped(text: str) -> str:
    """Replace the escapes of a string constant; unknown ones keep their backslash, for regular expressions."""

    def character(match: re.Match[str]) -> str:
        octal, hexadecimal, letter = match.groups()
        if octal or hexadecimal:
            return chr(int(octal, 8) & 0xFF if octal else int(hexadecimal, 16))
        if letter == "\n":
            return ""
        return ESCAPES.get(letter, "\\" + letter)

    return re.sub(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", character, text, flags=re.DOTALL)
