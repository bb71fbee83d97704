"""What a tabulator completes: the names of commands where one may stand, of files and of users everywhere else.

What is quoted how, and where a word begins, is busybox's (1.35; asked of a real one).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fakedocker.engine.processes.processes import Process

#: What is written with a backslash where it is completed.
QUOTED = re.compile(rb"([ `\"#$&*(){\[;'|\\<>?~])")
#: After these a command begins; after these a word.
BEFORE_COMMANDS = frozenset(b";|&({`")
BEFORE_WORDS = frozenset(b" \t\n<>=")
LARGEST_PASSWD = 1 << 20


@dataclass(frozen=True, slots=True)
class Completion:
    """What a word may become: `names` are all that begin like it, `typed` is how it begins."""

    typed: bytes
    names: tuple[bytes, ...]

    @property
    def _beginning(self) -> bytes:
        """What all begin with."""
        first, last = min(self.names), max(self.names)
        length = next((at for at, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
        return first[:length]

    @property
    def begins(self) -> bool:
        """Whether they have a beginning in common."""
        return bool(self._beginning)

    @property
    def is_single(self) -> bool:
        """Whether there is no choice."""
        return len(self.names) == 1

    @property
    def rest(self) -> bytes:
        """What is to be inserted."""
        rest = QUOTED.sub(rb"\\\1", self._beginning[len(self.typed) :])
        return rest + b" " if self.is_single and not self.names[0].endswith(b"/") else rest

    def table(self, width: int) -> bytes:
        """Return all names in columns, for a terminal of `width` columns."""
        column = max(map(len, self.names)) + 2
        columns = max(width // column, 1)
        rows = -(-len(self.names) // columns)
        lines = []
        for row in range(rows):
            *names, last = self.names[row::rows]
            lines.append(b"".join(name.ljust(column) for name in names) + last + b"\n")
        return b"".join(lines)


def complete(process: Process, search: str, commands: Iterable[str], before: bytes) -> Completion | None:
    """Return what the text before the cursor may become, None if nothing.

    `search` is $PATH; `commands` are those of the shell itself.
    """
    first, word, is_command = _last_word(before)
    folder, name = word[: word.rfind(b"/") + 1], word[word.rfind(b"/") + 1 :]
    if is_command and b"/" not in word:
        found = _commands(process, search, commands)
    elif word.startswith(b"~") and b"/" not in word:
        name = word[1:]
        found = [user + b"/" for user in _users(process)]
    else:
        found = _files(process, folder, only_folders=first == b"cd")
    fitting = {one for one in found if one.startswith(name)}
    if not name.startswith(b"."):
        fitting -= {b"./", b"../"}
    return Completion(name, tuple(sorted(fitting))) if fitting else None


def _last_word(before: bytes) -> tuple[bytes, bytes, bool]:
    """Return the first word of the last command, its last word, and whether that is in the place of a command."""
    words: list[bytearray] = [bytearray()]
    is_command = True
    quote = 0
    characters = iter(before)
    for character in characters:
        if character == 0x5C and quote != 0x27:
            words[-1] += bytes([next(characters, character)])
        elif quote:
            quote = 0 if character == quote else quote
            words[-1] += b"" if not quote else bytes([character])
        elif character in b"'\"":
            quote = character
        elif character in BEFORE_COMMANDS:
            words, is_command = [bytearray()], True
        elif character in BEFORE_WORDS:
            if words != [b""] or character in b"<>":
                is_command = False
                words.append(bytearray())
        else:
            words[-1].append(character)
    return bytes(words[0]) if len(words) > 1 else b"", bytes(words[-1]), is_command


def _commands(process: Process, search: str, commands: Iterable[str]) -> list[bytes]:
    found = [name.encode() for name in commands]
    for folder in search.split(":"):
        path = process.path(folder or ".")
        for name in _names(process, path):
            try:
                inode = process.files.stat(f"{path}/{name}")
            except OSError:
                continue
            if inode.kind == "file" and inode.mode & 0o111:
                found.append(_bytes(name))
    return found


def _files(process: Process, folder: bytes, *, only_folders: bool) -> list[bytes]:
    """Return what is in a folder; the names of folders end with a slash."""
    path = process.path(_expanded(process, folder.decode("utf-8", "surrogateescape")) or ".")
    found = [b"./", b"../"]
    for name in _names(process, path):
        is_folder = process.files.is_directory(f"{path}/{name}")
        if is_folder or not only_folders:
            found.append(_bytes(name) + b"/" if is_folder else _bytes(name))
    return found


def _expanded(process: Process, folder: str) -> str:
    """Return a folder whose tilde is replaced by somebody's home."""
    if not folder.startswith("~"):
        return folder
    user, _, rest = folder[1:].partition("/")
    home = process.env.get("HOME", "") if not user else _users(process).get(_bytes(user), "")
    return f"{home}/{rest}" if home else folder


def _users(process: Process) -> dict[bytes, str]:
    """Return the users that /etc/passwd knows, with their homes."""
    try:
        passwd = process.files.read("/etc/passwd").read(0, LARGEST_PASSWD).decode("utf-8", "surrogateescape")
    except OSError:
        return {}
    fields = [line.split(":") for line in passwd.splitlines()]
    return {_bytes(user[0]): user[5] for user in fields if len(user) > 5}


def _names(process: Process, path: str) -> Sequence[str]:
    try:
        return process.files.listdir(path)
    except OSError:
        return []


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
