"""What a real daemon was asked, and what it answered: the YAML files beside this one.

`lines/*.yaml`: lines of shell, each run as `sh -c LINE` in a fresh container, with what it printed, how it ended and
what it changed. `sessions.yaml`: what was typed at a terminal, and what the terminal then showed. A recording is
written as it is read, so that whoever adds a line writes `- line: …` and lets `record.py` fill in the rest.

Where an answer cannot be the same twice, or is another on purpose, the entry says so:

* `masks`: regular expressions, each with the reason why what they find does not count in what is printed;
* `unordered`: the reason why the lines may be printed in any order;
* `differs`: the reason why ours is another, which is then recorded as `ours`; a test asks that it is that, and still
  another.

Of sessions every byte is compared.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LINES = HERE / "lines"
SESSIONS = HERE / "sessions.yaml"

#: What every container of a recording gets, here and there.
DIRECTORY = "/tmp"
HOSTNAME = "box"
ENVIRONMENT = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "container=lxc",
)
#: The theme that is about nothing but changes; the directories in which lines of other themes come and go.
CHANGES = "changes"
TRODDEN = (DIRECTORY, "/etc", "/dev", "/")
#: What glibc says about options, and how musl says it.
GLIBC = {
    r"^(\S+): invalid option -- '(.)'$": r"\1: unrecognized option: \2",
    r"^(\S+): option requires an argument -- '(.)'$": r"\1: option requires an argument: \2",
    r"^(\S+): unrecognized option '--(.*)'$": r"\1: unrecognized option: \2",
}
GREETING = re.compile(r"\A\r\n\r\nBusyBox v[^\r]*\r\n[^\r]*\r\n\r\n")
#: A line that is no part of the usage message before it.
NEXT_MESSAGE = re.compile(r"(?!or: )[a-z.\[/][\w./\[-]*: |BusyBox v|\d+$")
#: Seconds for one line, or for one step of a session.
PATIENCE = 20.0
#: A content is not written out if it has more characters.
LONGEST_CONTENT = 1000


@dataclass(frozen=True)
class Answer:
    """What came of a line. `changes`: a path, and how it differs from the image and what is there now."""

    out: str = ""
    err: str = ""
    code: int = 0
    changes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One line of shell, the answer recorded for it, and what does not count in it."""

    theme: str
    line: str
    answer: Answer = Answer()
    masks: Mapping[str, str] = field(default_factory=dict)
    unordered: str = ""
    differs: str = ""
    ours: Answer = Answer()

    def counting(self, answer: Answer) -> Answer:
        """Return what counts of an answer to this line.

        A directory that is merely modified counts only in the theme `changes`: whether a file that came and went leaves
        a trace in its directory, each storage driver knows differently.
        """
        changes = {
            path: what
            for path, what in answer.changes.items()
            if self.theme == CHANGES or not what.startswith("modified d") or path not in TRODDEN
        }
        return Answer(self._counting(answer.out), self._counting(answer.err), answer.code, changes)

    def _counting(self, text: str) -> str:
        text = _without_build(text)
        for pattern in self.masks:
            text = re.sub(pattern, "…", text, flags=re.MULTILINE)
        return "".join(sorted(text.splitlines(keepends=True))) if self.unordered else text


def _without_build(text: str) -> str:
    """Return what a program prints without the traces of how busybox was built.

    What counts of a usage message is its first line: the rest comes and goes with the build's options. Where options
    are misunderstood, it is the C library that complains, and ours are the words of musl, not of glibc.
    """
    lines: list[str] = []
    in_usage = False
    for line in text.splitlines(keepends=True):
        if in_usage and not NEXT_MESSAGE.match(line):
            continue
        in_usage = line.startswith("Usage: ")
        lines.append(line)
    text = re.sub(r"^(BusyBox v[\d.]+) \(Debian .*?\)", r"\1", "".join(lines), flags=re.MULTILINE)
    for pattern, words in GLIBC.items():
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return text


@dataclass(frozen=True)
class Step:
    """What is typed at once, and what the terminal shows from then on until it falls silent."""

    types: str
    shows: str = ""


@dataclass(frozen=True)
class Session:
    """A conversation with `sh` at a terminal; the first step types nothing."""

    name: str
    steps: tuple[Step, ...]
    code: int | None = None
    differs: str = ""

    @property
    def shown(self) -> list[str]:
        """What the terminal shows after every step, without the greeting: the images of the hub have none."""
        return [GREETING.sub("", step.shows) for step in self.steps]


def description(mode: int, uid: int, gid: int, content: bytes | str, names: list[str]) -> str:
    """Return a file in words: `-rw-r--r-- "content"`, its owner if it is not root, its names if it has several."""
    if isinstance(content, bytes):
        content = "a program" if content.startswith(b"\x7fELF") else json.dumps(content.decode("latin-1"))
    if len(content) > LONGEST_CONTENT:
        content = f"sha1 {hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()}"
    words = [stat.filemode(mode), f"{uid}:{gid}" if uid or gid else "", content]
    return " ".join([*filter(None, words), *(f"= {name}" for name in names if len(names) > 1)])


def themes() -> list[Path]:
    """Return the files with lines."""
    return sorted(LINES.glob("*.yaml"))


def read_lines(path: Path) -> list[Line]:
    """Return the lines of one theme."""
    return [_line(path.stem, entry) for entry in _load(path)]


def all_lines() -> list[Line]:
    """Return the lines of all themes."""
    return [line for path in themes() for line in read_lines(path)]


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """Write the lines of one theme."""
    _dump(path, [_line_entry(line) for line in lines])


def read_sessions() -> list[Session]:
    """Return the sessions."""
    return [
        Session(
            entry["session"],
            tuple(Step(step.get("types", ""), step.get("shows", "")) for step in entry["steps"]),
            entry.get("code"),
            entry.get("differs", ""),
        )
        for entry in _load(SESSIONS)
    ]


def write_sessions(sessions: Iterable[Session]) -> None:
    """Write the sessions."""
    _dump(SESSIONS, [_session_entry(session) for session in sessions])


def _line(theme: str, entry: Mapping[str, Any]) -> Line:
    return Line(
        theme,
        entry["line"],
        _answer(entry),
        entry.get("masks", {}),
        entry.get("unordered", ""),
        entry.get("differs", ""),
        _answer(entry.get("ours", {})),
    )


def _answer(entry: Mapping[str, Any]) -> Answer:
    return Answer(entry.get("out", ""), entry.get("err", ""), entry.get("code", 0), entry.get("changes", {}))


def _answer_entry(answer: Answer) -> dict[str, Any]:
    entry = {"out": answer.out, "err": answer.err, "code": answer.code, "changes": dict(answer.changes)}
    return {key: value for key, value in entry.items() if value}


def _line_entry(line: Line) -> dict[str, Any]:
    entry = {
        "line": line.line,
        "masks": dict(line.masks),
        "unordered": line.unordered,
        **_answer_entry(line.answer),
        "differs": line.differs,
        "ours": _answer_entry(line.ours) if line.differs else {},
    }
    return {key: value for key, value in entry.items() if value}


def _session_entry(session: Session) -> dict[str, Any]:
    steps = [
        {"types": step.types, "shows": step.shows} if step.types else {"shows": step.shows} for step in session.steps
    ]
    entry: dict[str, Any] = {"session": session.name, "steps": steps}
    if session.differs:
        entry["differs"] = session.differs
    if session.code is not None:
        entry["code"] = session.code
    return entry


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, where YAML can."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text.rstrip("\n") and not re.search(r"[^\n\x20-\x7e]|[ \t]\n|^\n*[ \t]|\n\n\Z", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Dumper.add_representer(str, _represent)


def _load(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8")) or []
    return entries


def _dump(path: Path, entries: list[dict[str, Any]]) -> None:
    blocks = [yaml.dump([entry], Dumper=_Dumper, sort_keys=False, width=1000) for entry in entries]
    path.write_text("\n".join(blocks), "utf-8")
