"""Text written so that a shell reads it back."""

from __future__ import annotations

import re
from typing import Final

from fakedocker.programs.shell.parser import KEYWORDS

NEEDS_QUOTES: Final = re.compile(r"[^+,./0-9:@A-Z\]^_a-z-]")
#: Words that mean something where a command begins; `set -x` shows them quoted.
RESERVED: Final = KEYWORDS - {"function"}


def quoted(text: str) -> str:
    """Return a text as `set -x` shows it, in single quotes if it needs any (ash's maybe_single_quote)."""
    if not NEEDS_QUOTES.search(text) and text not in RESERVED:
        return text
    return single_quoted(text)


def single_quoted(text: str) -> str:
    """Return a text in single quotes."""
    return "'" + text.replace("'", "'\"'\"'") + "'"
