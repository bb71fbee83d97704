"""What two answers, or two requests, differ in, field by field.

A place is written with dots: `body.HostConfig.Binds.0`. What is compared has references in the place of inventions
(`references`): of times, ports, addresses and process ids only the kind counts, of the rest the number as well.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from fakedocker.cassettes.bodies import data_of, is_archive, json_of
from fakedocker.cassettes.model import Body, Bytes, Empty, Fields, File, Json, Response, Stream, Text
from fakedocker.cassettes.references import REFERENCE, References

#: Kinds of which every session has others, and nobody cares which.
VOLATILE: Final = frozenset({"time", "moment", "port", "address", "pid"})
#: Headers that say how and when it was sent, not what.
UNCOMPARED_HEADERS: Final = frozenset(
    {"date", "content-length", "transfer-encoding", "connection", "keep-alive", "server", "vary", "cache-control"}
)
#: The header with which an archive of a container's files comes.
PATH_STAT: Final = "x-docker-container-path-stat"
#: Characters of a value that are shown.
_LONGEST = 200


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


#: In the place of a value that is not there.
ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two things differ."""

    where: str
    recorded: Any
    live: Any

    def __str__(self) -> str:
        return f"{self.where}: recorded {_shown(self.recorded)}, now {_shown(self.live)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differences(recorded: Any, live: Any, where: str) -> Iterator[Difference]:
    """Yield what two JSON values differ in. What is null and what is not there are the same."""
    match recorded, live:
        case dict(), dict():
            for key in dict.fromkeys([*recorded, *live]):
                yield from differences(recorded.get(key, ABSENT), live.get(key, ABSENT), f"{where}.{key}")
        case list(), list():
            for index in range(max(len(recorded), len(live))):
                one = recorded[index] if index < len(recorded) else ABSENT
                other = live[index] if index < len(live) else ABSENT
                yield from differences(one, other, f"{where}.{index}")
        case str(), str():
            if same_kinds(recorded) != same_kinds(live):
                yield Difference(where, recorded, live)
        case ((None | _Absent()), (None | _Absent())):
            return
        case _:
            if type(recorded) is not type(live) or recorded != live:
                yield Difference(where, recorded, live)


def same_kinds(text: str) -> str:
    """Return a text in which references that may stand for each other are the same."""
    return REFERENCE.sub(_same_kind, text) if "{" in text else text


def _same_kind(found: re.Match[str]) -> str:
    return f"{{{found[1]}}}" if found[1] in VOLATILE else f"{{{found[1]}:{found[2]}}}"


def compare(
    recorded: Response, live: Response, references: References | None = None, ignore: Sequence[str] = ()
) -> list[Difference]:
    """Return what a live answer has otherwise than the recorded one.

    `references`: those of the recording; both answers are compared with them in the place of inventions (of the live
    answer, what `Correspondence.recorded_response` returned). `ignore`: patterns of places, as in `body.*.Created`.
    """
    if references is not None:
        recorded, live = references.abstract_response(recorded), references.abstract_response(live)
    found = [
        *differences(recorded.status, live.status, "status"),
        *differences(_comparable(recorded.headers), _comparable(live.headers), "headers"),
        *_compare_answers(recorded, live),
    ]
    return [one for one in found if not any(fnmatchcase(one.where, pattern) for pattern in ignore)]


def _compare_answers(recorded: Response, live: Response) -> Iterator[Difference]:
    if is_archive(recorded.body, recorded.headers) and is_archive(live.body, live.headers):
        return  # times are in it
    yield from compare_bodies(recorded.body, live.body)


def _comparable(headers: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in headers:
        lower = name.lower()
        if lower == PATH_STAT:
            found[lower] = _path_stat(value)
        elif lower not in UNCOMPARED_HEADERS:
            found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found


def _path_stat(value: str) -> Any:
    """Return what the header of an archive says of its file, without the time."""
    try:
        stat = json_of(base64.b64decode(value, validate=True))
    except ValueError:
        return value
    if stat is None or not isinstance(stat.value, dict):
        return value
    return {name: item for name, item in stat.value.items() if name != "mtime"}


def compare_bodies(recorded: Body, live: Body, where: str = "body") -> Iterator[Difference]:
    """Yield what two bodies differ in."""
    match recorded, live:
        case (Json(), Json()) | (Text(), Text()):
            yield from differences(_value(recorded), _value(live), where)
        case Stream(), Stream():
            yield from _compare_streams(recorded, live, where)
        case File(), File():
            if recorded.digest != live.digest:
                yield Difference(where, recorded.digest, live.digest)
        case _:
            if recorded != live:
                yield Difference(where, _value(recorded), _value(live))


def _compare_streams(recorded: Stream, live: Stream, where: str) -> Iterator[Difference]:
    """Compare what was said, channel by channel; how it was cut into frames and when it came are no difference."""
    if recorded.kind == live.kind == "lines":
        yield from differences(_values(recorded), _values(live), where)
        return
    ones, others = _channels(recorded), _channels(live)
    for channel in dict.fromkeys([*ones, *others]):
        yield from differences(ones.get(channel, ""), others.get(channel, ""), f"{where}.{channel}")


def _values(stream: Stream) -> list[Any]:
    return [_value(frame.content) for frame in stream.frames if not isinstance(frame.content, Empty)]


def _channels(stream: Stream) -> dict[str, str]:
    found: dict[str, list[bytes]] = {}
    for frame in stream.frames:
        name = frame.channel or ("stdin" if frame.direction == "in" else "raw")
        found.setdefault(name, []).append(data_of(frame.content, ends=stream.newline))
    return {name: b"".join(pieces).decode("utf-8", "backslashreplace") for name, pieces in found.items()}


def _value(body: Body) -> Any:
    """Return what a body holds, to be shown."""
    match body:
        case Json(value):
            return value
        case Text(text):
            return text
        case Bytes(data):
            return f"{len(data)} bytes"
        case File(digest, size):
            return f"{size} bytes, {digest}"
        case Stream(kind, frames):
            return f"a stream ({kind}) of {len(frames)} frames"
    return ABSENT


def report(found: Iterable[Difference], indent: str = "  ") -> str:
    """Return differences as lines for a person."""
    return "\n".join(f"{indent}{one}" for one in found)
