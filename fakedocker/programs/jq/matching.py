"""Regular expressions of jq: those of Oniguruma, as far as they can be told in POSIX's.

Groups may have names or none; what POSIX has no word for (looking around, reluctant repetition) is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fakedocker.programs.jq.values import LARGEST, Exhausted, JqError, Json, described, string
from fakedocker.programs.regex import Regex, RegexFault, Spans, compiled

CLASSES: Final = {"d": "[:digit:]", "s": "[:space:]", "w": "[:alnum:]_", "h": "[:xdigit:]"}
FLAGS: Final = frozenset("gilnpsx")
TOKEN = re.compile(
    r"""
    \(\?<(?P<name>[A-Za-z_]\w*)>
  | (?P<silent>\(\?:)
  | (?P<other>\(\?)
  | (?P<group>\()
  | \\(?P<escaped>.)
  | (?P<set>\[\^?\]?(?:\[:[a-z]+:\]|\\.|[^\]])*\])
  | (?P<text>[^\\(\[]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Expression:
    """A pattern and the names of its groups. Raises JqError."""

    def __init__(self, pattern: str, ignore_case: bool, extended: bool) -> None:
        #: The groups that count, by their numbers in the translation, with their names.
        self.groups: list[tuple[int, str | None]] = []
        try:
            self._regex: Regex = compiled(self._translated(pattern, extended), True, ignore_case)
        except RegexFault as fault:
            raise JqError(f"Regex failure: {fault}") from None

    def _translated(self, pattern: str, extended: bool) -> str:
        if extended:
            pattern = re.sub(r"(?<!\\)#[^\n]*|(?<!\\)\s+", "", pattern)
        translated = ""
        count = 0
        for token in TOKEN.finditer(pattern):
            if token["other"]:
                raise RegexFault("undefined group option")
            if token["name"] or token["silent"] or token["group"]:
                count += 1
                if not token["silent"]:
                    self.groups.append((count, token["name"]))
                translated += "("
            elif token["escaped"]:
                translated += _escaped(token["escaped"])
            elif token["set"]:
                translated += re.sub(r"\\(.)", _in_set, token["set"], flags=re.DOTALL)
            else:
                if re.search(r"[*+?}][?+]", token[0]):
                    raise RegexFault("reluctant and possessive operators are not simulated")
                translated += token[0]
        return translated

    def matches(self, text: str, *, everywhere: bool) -> list[Spans]:
        """Return where the pattern is found: the first place or all of them. Raises JqError, Exhausted."""
        found: list[Spans] = []
        position = 0
        try:
            while position <= len(text) and (spans := self._regex.search(text, position)) and spans[0]:
                found.append(spans)
                start, end = spans[0]
                position = end if end > start else end + 1
                if not everywhere or position == len(text):  # nothing is looked for at the end, as jq 1.6 has it
                    break
                if len(found) > LARGEST // 8:
                    raise Exhausted
        except RegexFault as fault:
            raise JqError(str(fault)) from None
        return found

    def described(self, text: str, spans: Spans) -> Json:
        """Return a match as `match` gives it."""
        captures = [{**_part(text, spans[number]), "name": name} for number, name in self.groups]
        return {**_part(text, spans[0]), "captures": captures}


def _escaped(character: str) -> str:
    if character in CLASSES:
        return f"[{CLASSES[character]}]"
    if character.lower() in CLASSES:
        return f"[^{CLASSES[character.lower()]}]"
    return {"n": "\n", "t": "\t", "r": "\r", "A": "^", "z": "$", "Z": "$"}.get(character, "\\" + character)


def _in_set(match: re.Match[str]) -> str:
    character: str = match[1]
    if character in CLASSES:
        return CLASSES[character]
    return {"n": "\n", "t": "\t", "r": "\r", "]": "[.].]", "-": "[.-.]", "\\": "\\"}.get(character, character)


def _part(text: str, span: tuple[int, int] | None) -> dict[str, Json]:
    if span is None:
        return {"offset": -1.0, "length": 0.0, "string": None}
    return {"offset": float(span[0]), "length": float(span[1] - span[0]), "string": text[span[0] : span[1]]}


@lru_cache(maxsize=64)
def _expression(pattern: str, ignore_case: bool, extended: bool) -> Expression:
    return Expression(pattern, ignore_case, extended)


def matches(value: Json, pattern: Json, flags: Json = None, *, everywhere: bool = False) -> list[Json]:
    """Return the matches of a pattern in a string as `match` gives them. Raises JqError, Exhausted."""
    if isinstance(pattern, list):
        pattern, flags = [*pattern, None][0], [*pattern, None, None][1]
    text = string(value)
    if not isinstance(pattern, str):
        raise JqError(f"{described(pattern)} cannot be matched, as it is not a string")
    if flags is not None and not isinstance(flags, str):
        raise JqError(f"{described(flags)} is not a string")
    if not set(flags or "") <= FLAGS:
        raise JqError(f"{flags} is not a valid modifier string")
    letters = flags or ""
    expression = _expression(pattern, "i" in letters, "x" in letters)
    found = expression.matches(text, everywhere=everywhere or "g" in letters)
    described_matches = [expression.described(text, spans) for spans in found]
    return [match for match in described_matches if match["length"] or "n" not in letters]


def captured(match: Json) -> dict[str, Json]:
    """Return what the named groups of a match have matched."""
    return {one["name"]: one["string"] for one in match["captures"] if one["name"] is not None}
