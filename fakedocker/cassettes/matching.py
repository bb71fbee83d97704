"""Is this the request that was recorded, and if none is, which comes nearest?

A matcher looks at one side of two requests and returns what differs there; nothing means that it matches. Requests are
compared after redaction and with references in the place of inventions, so that neither another password nor another
id makes a difference.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from fakedocker.cassettes.bodies import data_of, is_archive, stream_data
from fakedocker.cassettes.diff import Difference, compare_bodies, differences, report, same_kinds
from fakedocker.cassettes.model import Body, Bytes, Empty, Exchange, File, Json, Request, Stream, Text
from fakedocker.cassettes.references import TIME, json_in_query

Matcher = Callable[[Request, Request], list[Difference]]
"""Takes the recorded request and the live one."""

_VERSION = re.compile(r"\A/v([0-9.]+)(?=/)")
#: Endpoints whose bodies are archives.
_TAKES_ARCHIVES = (
    ("PUT", re.compile(r"/containers/[^/]+/archive")),
    ("POST", re.compile(r"/build|/images/load|/images/create")),
)
_MOMENT = re.compile(rf"[0-9]+(\.[0-9]+)?|{TIME.pattern}|\{{time:[0-9]+\}}")
#: Parameters that hold a moment: of which day it is, is no difference.
_MOMENTS = frozenset({"since", "until"})
#: Members of JSON that are sets: docker-compose 1 writes them in the order of Python's hashes, another one every time.
_SETS = frozenset({"Aliases"})
#: Requests that a report shows.
NEAREST = 3
#: Characters of a path of which it is measured how much they look alike.
_COMPARED_PATH = 200


def match_method(recorded: Request, live: Request) -> list[Difference]:
    """Compare the methods."""
    return list(differences(recorded.method, live.method, "method"))


def match_path(recorded: Request, live: Request) -> list[Difference]:
    """Compare the paths; the version in front is no part of it."""
    return list(differences(_VERSION.sub("", recorded.path), _VERSION.sub("", live.path), "path"))


def comparable_path(request: Request) -> str:
    """Return what `match_path` compares."""
    return same_kinds(_VERSION.sub("", request.path))


def match_version(recorded: Request, live: Request) -> list[Difference]:
    """Compare the versions of the API in the paths."""
    return list(differences(_version(recorded), _version(live), "version"))


def match_query(recorded: Request, live: Request) -> list[Difference]:
    """Compare the parameters, whatever their order; JSON in them by value."""
    return list(differences(_parameters(recorded), _parameters(live), "query"))


def match_body(recorded: Request, live: Request) -> list[Difference]:
    """Compare the bodies: JSON by value, all else byte by byte; archives not at all, since times are in them."""
    if _is_archive(recorded) and _is_archive(live):
        return []
    return match_exact_body(recorded, live)


def match_exact_body(recorded: Request, live: Request) -> list[Difference]:
    """Compare the bodies, archives by their digest."""
    if _is_no_body(recorded.body) and _is_no_body(live.body):
        return []
    if isinstance(recorded.body, Stream) and recorded.body.kind == "hijack":
        return []  # what follows the request is no part of it
    if isinstance(recorded.body, File | Stream) or isinstance(live.body, File | Stream):
        return list(differences(_digest(recorded.body), _digest(live.body), "body"))
    return list(compare_bodies(_ordered(recorded.body), _ordered(live.body)))


MATCHERS: Final[Mapping[str, Matcher]] = {
    "method": match_method,
    "path": match_path,
    "version": match_version,
    "query": match_query,
    "body": match_body,
    "exact body": match_exact_body,
}
DEFAULT: Final = ("method", "path", "query", "body")


def mismatches(recorded: Request, live: Request, matchers: Sequence[str] = DEFAULT) -> dict[str, list[Difference]]:
    """Return which matchers do not match, with what differs."""
    found = {name: MATCHERS[name](recorded, live) for name in matchers}
    return {name: differ for name, differ in found.items() if differ}


def matches(recorded: Request, live: Request, matchers: Sequence[str] = DEFAULT) -> bool:
    """Tell whether a live request is the recorded one."""
    return not any(MATCHERS[name](recorded, live) for name in matchers)


def request_key(request: Request) -> Hashable | None:
    """Return what a request has in common with those that it matches by `DEFAULT`, and with no other; None if that
    cannot be said without comparing, since its body is no JSON.
    """
    if not isinstance(request.body, Json | Empty):
        return None
    body = _ordered(request.body)
    value = body.value if isinstance(body, Json) and not _is_no_body(body) else {}
    return request.method, comparable_path(request), _frozen(_parameters(request)), _frozen(value)


def _frozen(value: Any) -> Hashable:
    """Return a JSON value as one that is equal exactly if there are no `differences`."""
    match value:
        case dict():
            return frozenset((key, _frozen(item)) for key, item in value.items() if item is not None)
        case list():
            items = [_frozen(item) for item in value]
            while items and items[-1] is None:
                items.pop()
            return tuple(items)
        case str():
            return same_kinds(value)
        case None:
            return None
    return type(value).__name__, value


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A recorded exchange that might have been meant, and what speaks against it."""

    exchange: Exchange
    differences: Sequence[Difference]

    def __str__(self) -> str:
        request = self.exchange.request
        return f"{self.exchange.id}: {request.method} {request.path}\n{report(self.differences, '    ')}"


def nearest(
    live: Request,
    recorded: Iterable[tuple[Exchange, Request]],
    matchers: Sequence[str] = DEFAULT,
    most: int = NEAREST,
) -> list[NearMiss]:
    """Return the exchanges that come nearest to a request, the nearest first.

    `recorded`: exchanges with their requests as they are compared. Fewer matchers that fail are nearer, then fewer
    differences, then a path that looks more alike, then the order of the recording.
    """
    ranked: list[tuple[tuple[int, int, float], NearMiss]] = []
    for exchange, request in recorded:
        failed = mismatches(request, live, matchers)
        differ = [one for found in failed.values() for one in found]
        alike = _likeness(request.path, live.path) if "path" in failed else 1.0
        ranked.append(((len(failed), len(differ), -alike), NearMiss(exchange, differ)))
    ranked.sort(key=lambda one: one[0])
    return [miss for _, miss in ranked[:most]]


def _likeness(one: str, other: str) -> float:
    """Return how much two paths look alike, 1 is the same; by their beginnings, since it takes the square of them."""
    return SequenceMatcher(None, one[:_COMPARED_PATH], other[:_COMPARED_PATH], autojunk=False).ratio()


def _version(request: Request) -> str:
    found = _VERSION.match(request.path)
    return found[1] if found else ""


def _parameters(request: Request) -> dict[str, Any]:
    """Return the parameters by name; a list where there are several of one."""
    found: dict[str, Any] = {}
    for name, value in sorted(request.query):
        parsed = json_in_query(value)
        meaning = parsed.value if parsed else value
        if name in _MOMENTS and _MOMENT.fullmatch(value):
            meaning = "{time:0}"
        if name in found:
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), meaning]
        else:
            found[name] = meaning
    return found


def _ordered(body: Body) -> Body:
    """Return a body with what is a set in it in one order."""
    return Json(_with_sets_in_order(body.value)) if isinstance(body, Json) else body


def _with_sets_in_order(value: Any, member: str = "") -> Any:
    match value:
        case dict():
            return {key: _with_sets_in_order(item, key) for key, item in value.items()}
        case list():
            items = [_with_sets_in_order(item) for item in value]
            return sorted(items, key=str) if member in _SETS else items
    return value


def _is_no_body(body: Body) -> bool:
    return isinstance(body, Empty) or body in (Json(None), Json({}))


def _is_archive(request: Request) -> bool:
    if isinstance(request.body, Json | Empty):
        return False
    where = (request.method, _VERSION.sub("", request.path))
    takes = any(method == where[0] and path.fullmatch(where[1]) for method, path in _TAKES_ARCHIVES)
    return takes or is_archive(request.body, request.headers)


def _digest(body: Body) -> str:
    match body:
        case File(digest):
            return digest
        case Stream():
            data = stream_data(body, "in") or stream_data(body)
        case Json() | Text() | Bytes() | Empty():
            data = data_of(body)
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
