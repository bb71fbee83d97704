"""`.dockerignore`: what of a context is not sent to a daemon.

It is the client that obeys it: a daemon only takes away the Dockerfile and the file itself if their own names match
(moby builder/remotecontext/detect.go). The rules of the patterns are those of moby patternmatcher.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from posixpath import normpath

from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.globs import BadPattern, Glob, compile_glob
from fakedocker.engine.files.layers import Layer

NAME = ".dockerignore"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: names that are left out, or (`exception`) taken all the same."""

    text: str
    exception: bool
    glob: Glob

    def covers(self, path: str) -> bool:
        """Tell whether the path, or a directory above it, matches."""
        parts = path.split("/")
        return any(self.glob.matches("/".join(parts[:count])) for count in range(len(parts), 0, -1))


class Ignored:
    """All lines of a `.dockerignore`; later ones count more."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)

    @classmethod
    def read(cls, text: str) -> Ignored:
        """Read a file. Raises InvalidParameter for a pattern that is none."""
        return cls(_pattern(line) for line in _lines(text))

    def matches(self, path: str) -> bool:
        """Tell whether a path (relative to the context, without slashes around it) is left out."""
        left_out = False
        for pattern in self.patterns:
            if pattern.exception == left_out and pattern.covers(path):
                left_out = not pattern.exception
        return left_out

    def hides_all_of(self, directory: str) -> bool:
        """Tell whether nothing below a directory that is left out can be an exception.

        Only exceptions that begin with the directory's very name are looked for (moby archive.go, TarWithOptions).
        """
        return not any(one.exception and f"{one.text}/".startswith(f"{directory}/") for one in self.patterns)

    def taken(self, context: Files) -> Files:
        """Return what a client sends of a context; Dockerfile and `.dockerignore` it always sends."""
        sent = Files([], Layer(), lambda: context.stat("/").mtime)
        hidden = ""
        for path, inode in context.walk():
            name = path[1:]
            if not name or (hidden and path.startswith(hidden)):
                continue
            if name not in ("Dockerfile", NAME) and self.matches(name):
                if inode.is_directory and self.hides_all_of(name):
                    hidden = f"{path}/"
                continue
            sent.place(path, inode.copy())
        return sent


def _lines(text: str) -> Iterable[str]:
    """Yield the patterns in a normal form: no blanks around them, no slash at either end, no "." and ".."."""
    for line in text.removeprefix("\ufeff").split("\n"):
        if line.startswith("#") or not line.strip():
            continue
        pattern = line.strip()
        mark = "!" if pattern.startswith("!") else ""
        pattern = pattern.removeprefix("!").strip()
        if pattern:
            pattern = normpath(pattern)
            pattern = pattern if pattern in ("/", "//") else pattern.lstrip("/")
        yield mark + pattern


def _pattern(line: str) -> Pattern:
    exception = line.startswith("!")
    if line == "!":
        raise InvalidParameter('illegal exclusion pattern: "!"')
    text = line.removeprefix("!")
    try:
        return Pattern(text, exception, compile_glob(text, deep=True))
    except BadPattern:
        raise InvalidParameter("syntax error in pattern") from None
