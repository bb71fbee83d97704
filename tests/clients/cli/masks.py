"""What differs each time a line is run, and what stands for it.

Columns of a list are as wide as their widest cell; where anything is masked, they are all three spaces apart. No
output has blanks at the end of a line: nobody sees them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_ID = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])|(?<![0-9A-Za-z])[0-9a-f]{12}(?![0-9A-Za-z])")
_SPAN = r"(?:Less than a|About an?|[0-9]+) (?:second|minute|hour|day|week|month|year)s?"
_SIZE = r"[0-9]+(?:\.[0-9]+)? ?(?:[kKMG]i?)?B\b"

#: Name -> what is found, and what stands for it.
PATTERNS: dict[str, tuple[re.Pattern[str], str]] = {
    "ages": (re.compile(rf"{_SPAN}(?= ago)|(?<=Up ){_SPAN}"), "<age>"),
    "times": (
        re.compile(
            r"(?!0001)[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(?:\.[0-9]+)?(?:Z| ?[+-][0-9:]{4,5})?(?: UTC)?"
            r"|\b1[0-9]{9}\b"
        ),
        "<time>",
    ),
    "sizes": (re.compile(_SIZE), "<size>"),
    "percents": (re.compile(r"[0-9]+(?:\.[0-9]+)?%"), "<percent>"),
    "ports": (re.compile(r"(?<=:)(?:3[2-9]|4[0-9]|5[0-9]|6[0-5])[0-9]{3}\b"), "<port>"),
    "addresses": (re.compile(r"\b(?:172|192)(?:\.[0-9]+){3}\b"), "<address>"),
    "numbers": (re.compile(r"\b[0-9]+\b"), "<number>"),
    # The shell of Docker's busybox images does not introduce itself, that of Debian's does.
    "banners": (re.compile(r"\n+BusyBox v.* built-in shell \(ash\)\nEnter 'help' .*\n\n"), ""),
    "layers": (re.compile(r"/\S+/(?:vfs/dir|overlay2)/[0-9a-f]{64}(?:/merged)?"), "<layer>"),
    "digests": (re.compile(r"\b(sha256|file):[0-9a-f]{64}"), r"\1:<digest>"),
}
_COLUMNS = re.compile(r" {3,}")
_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


class Masks:
    """The masks of one run of a table. Ids are numbered in the order in which they are met: the same is the same."""

    def __init__(self) -> None:
        self._ids: list[str] = []

    def __call__(self, text: str, names: Iterable[str]) -> str:
        """Return an output as it is compared. Raises KeyError (there is no such mask)."""
        text = text.replace("\r\n", "\n")
        names = list(names)
        for name in sorted(names, key="ids".__eq__):  # digests come before
            found, instead = (_ID, self._id) if name == "ids" else PATTERNS[name]
            replacement: str | Callable[[re.Match[str]], str] = instead
            text = found.sub(replacement, text)
        return _BLANKS.sub("", _COLUMNS.sub("   ", text) if names else text)

    def _id(self, match: re.Match[str]) -> str:
        found = match[0]
        for number, known in enumerate(self._ids, 1):
            if known.startswith(found) or found.startswith(known):
                return f"<id {number}>"
        self._ids.append(found)
        return f"<id {len(self._ids)}>"
