"""Patterns of the shell: `*`, `?`, `[…]`, for `case`, file names and `${name%pattern}`.

Matching takes time proportional to pattern times text, whatever the pattern: a script must not be able to hold
everybody up. That is why each star is an atomic group of a regular expression.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.turns import Turn

#: Characters with a meaning; a backslash takes it away.
SPECIAL = re.compile(r"([*?\[\]\\])")
MAGIC = re.compile(r"[*?\[]")
#: One item of a pattern: a star, a bracket expression, an escaped or any other character.
ITEM = re.compile(r"\*+|\[[!^]?\]?(?:\[:[a-z]+:\]|[^\]])*\]|\\.|.", re.DOTALL)
CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
STAR = "*"
#: What trying a pattern at one place takes, as work of a turn, beside the characters it looks at.
PLACE_WORK = 50


def escape(text: str) -> str:
    """Return a pattern that matches just `text`."""
    return SPECIAL.sub(r"\\\1", text)


def has_magic(pattern: str) -> bool:
    """Return whether a pattern can match anything but one text."""
    if not MAGIC.search(pattern):
        return False
    return any(item[0] in "*?[" and item != "[" for item in ITEM.findall(pattern))


def plain(pattern: str) -> str:
    """Return the text of a pattern without magic."""
    return re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL)


class Pattern:
    """One pattern, ready to match."""

    def __init__(self, text: str) -> None:
        items: list[str] = []
        for item in ITEM.findall(text):
            if item.startswith("*"):
                if not items or items[-1] != STAR:
                    items.append(STAR)
            else:
                items.append(_single(item))
        self._items = items

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches."""
        return _regex(tuple(self._items), "whole").fullmatch(text) is not None

    def prefix(self, text: str, *, longest: bool) -> int | None:
        """Return the length of the shortest or longest matching beginning, None if there is none."""
        match = _regex(tuple(self._items), "longest" if longest else "shortest").match(text)
        return None if match is None else match.end()

    def suffix(self, text: str, *, longest: bool) -> int | None:
        """Return the length of the shortest or longest matching end, None if there is none."""
        match = _regex(tuple(self._items[::-1]), "longest" if longest else "shortest").match(text[::-1])
        return None if match is None else match.end()

    def replace(self, text: str, replacement: str, *, everywhere: bool, most: int) -> Program[str | None]:
        """Replace the first or each (longest) match; an empty pattern matches nothing.

        None stands for a result of more than `most` characters. A star looks at the whole rest of the text at each
        place, which takes a while in a long text: others have their turn.
        """
        if not self._items:
            return text
        regex = _regex(tuple(self._items), "longest")
        starred = STAR in self._items
        turn = Turn()
        pieces: list[str] = []
        size = copied = position = 0
        while position < len(text):
            match = regex.match(text, position) if starred else regex.search(text, position)
            if turn.is_over(PLACE_WORK + (len(text) - position if starred else 0)):
                yield Pause()
            if match is None and not starred:
                break
            if match is None or match.end() == position:
                position += 1
                continue
            pieces += [text[copied : match.start()], replacement]
            size += match.start() - copied + len(replacement)
            if size > most:
                return None
            copied = position = match.end()
            if not everywhere:
                break
        return "".join(pieces) + text[copied:]


def _single(item: str) -> str:
    """Return the regular expression for an item that is one character long."""
    if item == "?":
        return "."
    if len(item) > 1 and item.startswith("["):
        return _bracket(item)
    return re.escape(item[1:] if item.startswith("\\") and len(item) > 1 else item)


def _bracket(item: str) -> str:
    body = item[1:-1]
    negated = body.startswith(("!", "^"))
    body = body[1:] if negated else body
    inside = ""
    for part in re.findall(r"\[:[a-z]+:\]|\\.|.", body, re.DOTALL):
        if part.startswith("[:") and len(part) > 2:
            inside += CLASSES.get(part[2:-2], "")
        elif part == "-":
            inside += "-"
        else:
            inside += re.escape(part[-1]) if part[-1] != "-" else "\\-"
    expression = f"[{'^' if negated else ''}{inside}]"
    try:
        re.compile(expression)
    except re.error:  # an empty class or a range the wrong way round matches nothing
        return "." if negated else "(?!)"
    return expression


@lru_cache(maxsize=512)
def _regex(items: tuple[str, ...], extent: str) -> re.Pattern[str]:
    """Compile items: a star takes as little as possible, except the last one where that matters."""
    chunks: list[str] = [""]
    for item in items:
        if item == STAR:
            chunks.append("")
        else:
            chunks[-1] += item
    first, rest = chunks[0], chunks[1:]
    if not rest:
        return re.compile(first, re.DOTALL)
    lazy = "".join(f"(?>.*?{chunk})" for chunk in rest[:-1])
    last = f"(?>.*?{rest[-1]})" if extent == "shortest" else f".*{rest[-1]}"
    return re.compile(first + lazy + last, re.DOTALL)
