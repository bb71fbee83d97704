"""The day at the command line, as tables: what is typed, line by line, and what came of it with a real daemon.

`day/*.yaml` are written by people; `record.py` fills in what came of each line. A table begins with its heading, an
item with `day`: what it is about. ::

    - day: a container is started and looked at
      finally: docker rm -f web             # leaves nothing behind, whatever has happened
    - run: docker run -d --name web busybox sleep 1000
      mask: [ids]
      stdout: |
        <id 1>
    - run: docker logs -f web
      aside: logs                           # goes on beside the next lines, once it has said `until`
      until: ready
    - end: logs                             # by itself; with `signal: INT` it is sent a signal first
      code: 1

A line is one for `sh`, run in a folder of its own. Other members of a line:

`files`: path -> text, put into the folder before. `given`: the standard input. `typed`: pairs: when this text has
appeared on the terminal, that is typed; the line then has a terminal, which is `stdout`. `settle`: seconds to wait for
what gives no sign. `mask`: what of the output differs each time, see `masks.py`. `differs`: what we do otherwise than
the real daemon, and why; the test fails when that is not so any more.

Members of a heading: `alone` (true: the table shows, or removes, what others have in the daemon, too, so that a real
one can be asked only while nobody else uses it), `needs` (a command that has to be there).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

DAY = Path(__file__).with_name("day")
#: Members that a recording writes, and those that a person does.
RECORDED = ("stdout", "stderr", "code")
_ITEM = re.compile(r"^(?=- )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a line: its output, its exit code."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    run: str = ""
    end: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    given: str = ""
    typed: Sequence[Sequence[str]] = ()
    aside: str = ""
    until: str = ""
    signal: str = ""
    settle: float = 0.0
    mask: Sequence[str] = ()
    differs: str = ""
    stdout: str = ""
    stderr: str = ""
    code: int = 0

    @property
    def expected(self) -> Outcome:
        """What came of it with the real daemon."""
        return Outcome(self.stdout, self.stderr, self.code)

    @property
    def has_outcome(self) -> bool:
        """Whether something comes of it, or only later."""
        return not self.aside


@dataclass(frozen=True, slots=True)
class Table:
    """One part of the day. `afterwards`: what is run in the end, come what may."""

    name: str
    about: str
    lines: tuple[Line, ...]
    afterwards: str = ""
    alone: bool = False
    needs: str = ""


def tables() -> Iterator[Table]:
    """Read all tables. Raises ValueError where one is not written as it should be."""
    return (read(path) for path in sorted(DAY.glob("*.yaml")))


def read(path: Path) -> Table:
    """Read one table."""
    try:
        heading, *lines = yaml.safe_load(path.read_text())
        return Table(
            path.stem,
            about=heading.pop("day"),
            lines=tuple(Line(**line) for line in lines),
            afterwards=heading.pop("finally", ""),
            **heading,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error!r}") from error


def write(path: Path, outcomes: Sequence[Outcome | None]) -> None:
    """Put outcomes, one for each line, None for those that have none, into a table; comments stay where they are."""
    heading, *items = _ITEM.split(path.read_text())[1:]
    written = [path.read_text().partition(heading)[0] + heading]
    for item, outcome in zip(items, outcomes, strict=True):
        told: dict[str, Any] = {key: value for key, value in yaml.safe_load(item)[0].items() if key not in RECORDED}
        if outcome is not None:
            came = {one.name: getattr(outcome, one.name) for one in fields(Outcome)}
            told |= {name: value for name, value in came.items() if value}
        comments = "".join(line for line in item.splitlines(keepends=True) if line.startswith("#"))
        text = yaml.dump([told], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
        written.append(text.removesuffix("...\n") + comments)  # what yaml ends a text of empty lines with
    path.write_text("".join(written))


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as lines, and short lists in one."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text and all(line == line.rstrip(" \t") for line in text.split("\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    return dumper.represent_sequence(
        "tag:yaml.org,2002:seq", items, flow_style=all(isinstance(item, str) for item in items)
    )


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
