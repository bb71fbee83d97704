"""What the escapes in a prompt stand for (busybox 1.35, FEATURE_EDITING_FANCY_PROMPT)."""

from __future__ import annotations

import posixpath
import re
from datetime import UTC, datetime
from typing import Final

from fakedocker.engine.processes.processes import Process

ESCAPE = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)
#: What a prompt is expanded for, after its escapes.
SPECIAL_IN_PROMPT = re.compile(r"[$`\\]")
#: Between these two, characters take no room on the line; a terminal does not get to see them.
UNSEEN_FROM, UNSEEN_TO = "\1", "\2"
LETTERS: Final = {
    "[": UNSEEN_FROM,
    "]": UNSEEN_TO,
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "v": "\v",
}
TIMES: Final = {"t": "%H:%M", "A": "%H:%M", "T": "%I:%M", "@": "%I:%M"}
#: What the expansion would take for something else.
PROTECTED = re.compile(r"([$`\\])")


def with_escapes(text: str, process: Process, jobs: int) -> str:
    """Return a prompt with its escapes replaced, ready to be expanded as a here-document is."""

    def replaced(match: re.Match[str]) -> str:
        escape: str = match[1]
        if escape[0] in "01234567":
            return chr(int(escape, 8) & 0xFF)
        if escape in TIMES:
            return datetime.fromtimestamp(process.now(), UTC).strftime(TIMES[escape])
        if escape in LETTERS:
            return LETTERS[escape]
        return PROTECTED.sub(r"\\\1", _known(escape, process, jobs))

    return ESCAPE.sub(replaced, text)


def _known(escape: str, process: Process, jobs: int) -> str:
    match escape:
        case "w" | "W":
            folder = _folder(process)
            return folder if escape == "w" else posixpath.basename(folder) or folder
        case "$":
            return "#" if process.uid == 0 else "$"
        case "u":
            return "root" if process.uid == 0 else str(process.uid)
        case "h":
            return process.hostname.split(".")[0]
        case "H":
            return process.hostname
        case "j":
            return str(jobs)
    return escape


def _folder(process: Process) -> str:
    """Return the working directory, with a tilde for the home."""
    cwd, home = process.cwd, process.env.get("HOME", "")
    if home and home != "/" and (cwd == home or cwd.startswith(home + "/")):
        return "~" + cwd[len(home) :]
    return cwd
