"""What a session invented - ids, names, ports, times - by number instead of by value.

Two sessions of the same story differ in every id. `{container:1}` is the first container of either: so they can be
compared, and what differs can be shown to a person. What is an invention is told by where it stands in an answer
(the `Id` of a create is a container's), what a client invented by how it looks (`pytest-3f9a8c2d`). The rules:

* a reference is `{kind:number}`; `[:12]` behind the number if the beginning of an id was meant, `:int` if a number;
* a digest is an invention only where the session made the image: what was pulled is the same everywhere;
* the zero time, port 0 and pid 0 say that there is nothing, and stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Final

from fakedocker.cassettes.bodies import json_of
from fakedocker.cassettes.model import Body, Exchange, Frame, Json, Request, Response, Stream, Text

#: What `Id` means by the collection in the path.
COLLECTIONS: Final = {
    "containers": "container",
    "exec": "exec",
    "networks": "network",
    "images": "image",
    "commit": "image",
    "volumes": "volume",
    "services": "service",
    "tasks": "task",
    "nodes": "node",
    "secrets": "secret",
    "configs": "config",
    "swarm": "swarm",
}
#: Members that hold an id of a kind, whatever the answer is about.
ID_MEMBERS: Final = {
    "NetworkID": "network",
    "EndpointID": "endpoint",
    "SandboxID": "sandbox",
    "ExecIDs": "exec",
    "execID": "exec",
    "ContainerID": "container",
    "Container": "container",
    "container": "container",
    "Containers": "container",
    "NodeID": "node",
    "ServiceID": "service",
}
#: Members that hold a number of the moment.
TIME_MEMBERS: Final = frozenset({"Created", "time", "timeNano", "created"})
#: Members that hold an address; one that nobody asked for was chosen by the daemon.
ADDRESS_MEMBERS: Final = frozenset(
    {
        *("IPAddress", "GlobalIPv6Address", "LinkLocalIPv6Address", "IPv4Address", "IPv6Address", "MacAddress"),
        *("Subnet", "Gateway"),
    }
)
PORT_MEMBERS: Final = frozenset({"HostPort", "PublicPort"})
#: Columns of `GET /containers/{name}/top` that depend on the moment -> what they hold; `C` is a share of time.
COLUMNS: Final = {"PID": "pid", "PPID": "pid"} | dict.fromkeys(("C", "%CPU", "STIME", "START", "TIME"), "moment")
#: How long something has been as it is, in the words of `Status`.
_SO_LONG = re.compile(r"(?:Less than a|About an?|[0-9]+) (?:second|minute|hour|day|week|month|year)s?")
#: From here on the kernel chooses ports.
FIRST_EPHEMERAL_PORT = 32768
#: Where clients put names that they made up: parameters, and members of JSON.
NAMING: Final = frozenset({"name", "t", "repo", "tag", "Name", "Hostname", "Labels", "labels", "Env", "filters"})
#: Of those, the ones whose own members have names that clients made up.
MAPS_OF_NAMES: Final = frozenset({"Labels", "labels", "filters"})

TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})")
#: A reference as it is written.
REFERENCE: Final = re.compile(r"\{([a-z]+):([0-9]+)(?:\[:([0-9]+)\]|(:int))?\}")
_NO_TIME = "0001-01-01T00:00:00Z"
#: A word as names are made of; what ends a sentence is no part of it.
WORD: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_.-]*[0-9A-Za-z])?")
_TOKEN = re.compile(rf"{TIME.pattern}|{WORD.pattern}")
_ID_IN_WORD = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{12,64}(?![0-9A-Za-z])")
_ID = re.compile(r"[0-9a-f]{64}|[a-z0-9]{25}")
_HEX = re.compile(r"[0-9a-f]+")
_SHORT = 12
#: How few digits of an id are still taken for it in a path.
_SHORTEST = 4
_GENERATED = re.compile(r"[a-z]+_[a-z]+[0-9]?")
UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WORD_BREAK = re.compile(r"[-_.]")
_BUILT = re.compile(r"Successfully built ([0-9a-f]{12})|^ ---> ([0-9a-f]{12})|(?:sha256:)([0-9a-f]{64})")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_RUNNING_IN = re.compile(r"Running in ([0-9a-f]{12})|Removing intermediate container ([0-9a-f]{12})")
_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")

Change = Callable[[Any, str], Any]
"""Takes a text or a number and in which member it stands, returns what takes its place."""


# -- going over what was asked and answered ---------------------------------------------


def rewrite_request(request: Request, change: Change) -> Request:
    """Return a request with every text and number in it changed; those of a path one segment at a time."""
    path = "/".join(str(change(segment, "/")) if segment else "" for segment in request.path.split("/"))
    query = tuple((name, _rewrite_parameter(name, value, change)) for name, value in request.query)
    return replace(request, path=path, query=query, body=rewrite_body(request.body, change))


def rewrite_response(response: Response, change: Change) -> Response:
    """Return an answer with every text and number in it changed."""
    headers = tuple((name, str(change(value, name))) for name, value in response.headers)
    return replace(response, headers=headers, body=rewrite_body(response.body, change))


def rewrite_body(body: Body, change: Change) -> Body:
    """Return a body with every text and number in it changed. Bytes have neither."""
    match body:
        case Json(value):
            return Json(rewrite_json(value, "", change))
        case Text(text):
            return Text(str(change(text, "")))
        case Stream(kind, frames, newline):
            return Stream(kind, tuple(_rewrite_frame(frame, change) for frame in frames), newline)
    return body


def rewrite_json(value: Any, member: str, change: Change) -> Any:
    """Return a JSON value with every text and number in it changed, the names of members included."""
    match value:
        case {"Titles": [*titles], "Processes": [*rows]}:
            named = {"Titles": titles, "Processes": [_rewrite_row(row, titles, change) for row in rows]}
            return {key: named.get(key, item) for key, item in value.items()}
        case dict():
            return {
                str(change(key, "")): rewrite_json(item, _within(key, member), change) for key, item in value.items()
            }
        case list():
            return [rewrite_json(item, member, change) for item in value]
        case None | bool():
            return value
    return change(value, member)


def _rewrite_row(row: Any, titles: list[Any], change: Change) -> Any:
    """Return a row of a table with every text in it changed; its cells are members of their titles."""
    if not isinstance(row, list):
        return row
    headed = zip_longest(row, titles[: len(row)], fillvalue="")
    return [rewrite_json(cell, str(title), change) for cell, title in headed]


def _within(key: str, member: str) -> str:
    """Return in which member a value stands: in a map with names of users, in the map."""
    return member if member in MAPS_OF_NAMES else key


def _rewrite_frame(frame: Frame, change: Change) -> Frame:
    match frame.content:
        case Json(value):
            return replace(frame, content=Json(rewrite_json(value, "", change)))
        case Text(text):
            return replace(frame, content=Text(str(change(text, ""))))
    return frame


def _rewrite_parameter(name: str, value: str, change: Change) -> str:
    parsed = json_in_query(value)
    if parsed is None:
        return str(change(value, name))
    changed = rewrite_json(parsed.value, name, change)
    return value if changed == parsed.value else _written_as(value, parsed.value)(changed)


def _written_as(text: str, value: Any) -> Callable[[Any], str]:
    """Return how JSON is written so that `value` is `text`: as Python does it, with spaces, or without."""

    def spaced(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def compact(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    return spaced if spaced(value) == text else compact


def json_in_query(value: str) -> Json | None:
    """Return the object or list that a parameter is in JSON: filters, build arguments, labels."""
    return json_of(value.encode("utf-8", "replace")) if value[:1] in ("{", "[") else None


def looks_invented(word: str) -> bool:
    """Tell whether a name is one that a program made up: one of its parts is a number or a random one."""
    if UUID.search(word):
        return True
    for part in _WORD_BREAK.split(word):
        digits = sum(character.isdigit() for character in part)
        if (digits == len(part) >= 4) or (digits and len(part) >= 6 and _HEX.fullmatch(part)):
            return True
        if digits >= 3 and len(part) >= 8:
            return True
    return False


def tokens(text: str) -> list[str]:
    """Return the words of a text that may be inventions."""
    return [found[0] for found in _TOKEN.finditer(text)]


# -- the table ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    """One invention: its kind, its number among its kind, and what it was in the session."""

    kind: str
    number: int
    value: str

    def __str__(self) -> str:
        return f"{{{self.kind}:{self.number}}}"


class References:
    """The inventions of one session, in the order in which they appeared."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        #: By (whether it is the number of something, value); ids are there by their first twelve digits as well.
        self._words: dict[str, Reference] = {}
        self._numbers: dict[tuple[str, str], Reference] = {}
        self._by_name: dict[str, Reference] = {}
        #: Names that clients chose: those were not generated, even if they look so.
        self._chosen: set[str] = set()
        #: Addresses that clients asked for.
        self._asked: set[str] = set()

    @classmethod
    def of(cls, exchanges: Any) -> References:
        """Return the inventions of recorded exchanges."""
        references = cls()
        for exchange in exchanges:
            references.learn(exchange)
        return references

    def learn(self, exchange: Exchange) -> None:
        """Take the inventions of one exchange."""
        self.learn_request(exchange.request)
        if exchange.response is not None:
            self.learn_response(exchange.response, exchange.request)

    def learn_request(self, request: Request) -> None:
        """Take what the client invented: names that look so."""

        def look(value: Any, member: str) -> Any:
            if isinstance(value, str) and member in ADDRESS_MEMBERS:
                self._asked.add(value)
            if isinstance(value, str) and member in NAMING:
                self._chosen.update([value, value.removeprefix("/")])
                for word in tokens(value):
                    if looks_invented(word) and word not in self._words and not TIME.fullmatch(word):
                        self._add("name", word)
            return value

        rewrite_request(request, look)

    def learn_response(self, response: Response, request: Request) -> None:
        """Take what the daemon invented, by where it stands."""
        segments = _VERSION.sub("", request.path).strip("/").split("/")
        collection = "exec" if segments[-1] == "exec" else segments[0]
        kind = COLLECTIONS.get(collection, "id")
        made_image = collection in ("commit", "build") or segments[-1] in ("load", "create")

        def look(value: Any, member: str) -> Any:
            if isinstance(value, str):
                self._look(value, member, kind, made_image)
            elif isinstance(value, int):
                self._look_at_number(value, member)
            return value

        rewrite_response(response, look)

    def _look(self, value: str, member: str, kind: str, made_image: bool) -> None:
        if _ID.fullmatch(value):
            self._add_id(kind if member in ("Id", "ID", "id") else ID_MEMBERS.get(member, "id"), value)
        elif member in ("Name", "Names", "name") and _GENERATED.fullmatch(value.removeprefix("/")):
            if kind in ("container", "id") and value.removeprefix("/") not in self._chosen:
                self._add("name", value.removeprefix("/"))
        elif kind_of_number := _text_kind(value, member):
            if value not in self._asked:
                self._number(kind_of_number, value)
        elif member == "Status":
            for duration in _SO_LONG.finditer(value):
                self._number("moment", duration[0])
        for found in TIME.finditer(value):
            if found[0] != _NO_TIME:
                self._number("time", found[0])
        if made_image:
            for made in _BUILT.finditer(value):
                self._add_id("image", made[1] or made[2] or made[3])
            for ran in _RUNNING_IN.finditer(value):
                self._add_id("container", ran[1] or ran[2])
        for digest in _DIGEST.finditer(value):
            # Of an image that was built, only the beginning may be known so far.
            if digest[1][:_SHORT] in self._words or member == "Deleted":
                self._add_id("image", digest[1])

    def _look_at_number(self, value: int, member: str) -> None:
        kind = _number_kind(value, member)
        if kind:
            self._number(kind, str(value))

    def _new(self, kind: str, value: str) -> Reference:
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        reference = Reference(kind, number, value)
        self._by_name[str(reference)] = reference
        return reference

    def _add(self, kind: str, value: str) -> None:
        if value not in self._words:
            self._words[value] = self._new(kind, value)

    def _add_id(self, kind: str, value: str) -> None:
        """Take an id; its beginning may be known already, or come later."""
        known = self._words.get(value[:_SHORT])
        if known is None:
            known = self._new(kind, value)
        elif len(value) > len(known.value) and value.startswith(known.value):
            known = replace(known, value=value)
            self._by_name[str(known)] = known
        self._words.setdefault(value[:_SHORT], known)
        if known.value.startswith(value):
            self._words[value[:_SHORT]] = self._words[known.value] = known

    def _number(self, kind: str, value: str) -> None:
        if (kind, value) not in self._numbers:
            self._numbers[kind, value] = self._new(kind, value)

    # -- by number and back ----------------------------------------------------------------

    def find(self, word: str, shortest: int = _SHORT) -> Reference | None:
        """Return what a word stands for: a name, an id, or the beginning of one, of `shortest` digits or more."""
        known = self._words.get(word)
        if known is not None or not _HEX.fullmatch(word):
            return known
        if len(word) >= _SHORT:
            known = self._words.get(word[:_SHORT])
            return known if known is not None and known.value.startswith(word) else None
        if len(word) < shortest:
            return None
        found = {str(one): one for key, one in self._words.items() if key.startswith(word) and one.kind != "name"}
        return next(iter(found.values())) if len(found) == 1 else None

    def abstract(self, value: Any, member: str = "") -> Any:
        """Return a text or number with references in the place of inventions."""
        if isinstance(value, int):
            known = self._numbers.get((_number_kind(value, member), str(value)))
            return value if known is None else f"{{{known.kind}:{known.number}:int}}"
        if not isinstance(value, str):
            return value
        if kind := _text_kind(value, member):
            known = self._numbers.get((kind, value))
            if known is not None:
                return str(known)
        if member == "Status":
            value = _SO_LONG.sub(lambda found: str(self._numbers.get(("moment", found[0]), found[0])), value)
        shortest = _SHORTEST if member == "/" else _SHORT
        return _TOKEN.sub(lambda found: self._abstract_word(found[0], shortest), value)

    def _abstract_word(self, word: str, shortest: int) -> str:
        known = self._numbers.get(("time", word)) or self.find(word, shortest)
        if known is None:
            # The log of a container is called after it: <id>-json.log.
            return word if _HEX.fullmatch(word) else _ID_IN_WORD.sub(self._abstract_id, word)
        if known.kind not in ("name", "time") and len(word) < len(known.value):
            return f"{{{known.kind}:{known.number}[:{len(word)}]}}"
        return str(known)

    def _abstract_id(self, found: re.Match[str]) -> str:
        return self._abstract_word(found[0], _SHORT)

    def concrete(self, value: Any, _member: str = "") -> Any:
        """Return a text with the inventions themselves in the place of references."""
        if not isinstance(value, str):
            return value
        found = REFERENCE.fullmatch(value)
        if found is not None and found[4]:
            known = self._by_name.get(f"{{{found[1]}:{found[2]}}}")
            return value if known is None else int(known.value)
        return REFERENCE.sub(self._concrete, value)

    def _concrete(self, found: re.Match[str]) -> str:
        known = self._by_name.get(f"{{{found[1]}:{found[2]}}}")
        if known is None:
            return found[0]
        return known.value[: int(found[3])] if found[3] else known.value

    def abstract_request(self, request: Request) -> Request:
        """Return a request with references in the place of inventions."""
        return rewrite_request(request, self.abstract)

    def abstract_response(self, response: Response) -> Response:
        """Return an answer with references in the place of inventions."""
        return rewrite_response(response, self.abstract)

    def concrete_request(self, request: Request) -> Request:
        """Return a request with the inventions of this session in the place of references."""
        return rewrite_request(request, self.concrete)

    def concrete_response(self, response: Response) -> Response:
        """Return an answer with the inventions of this session in the place of references."""
        return rewrite_response(response, self.concrete)


def _text_kind(value: str, member: str) -> str:
    """Return what a text is, as a whole, by where it stands; empty if it is nothing of the moment."""
    if member in ADDRESS_MEMBERS and value:
        return "address"
    if member in PORT_MEMBERS and value.isdecimal() and int(value[:9]) >= FIRST_EPHEMERAL_PORT:
        return "port"
    return COLUMNS.get(member, "")


def _number_kind(value: int, member: str) -> str:
    """Return what a number is by where it stands; empty if it is none of ours."""
    if member in TIME_MEMBERS and value > 0:
        return "time"
    if member in PORT_MEMBERS and value >= FIRST_EPHEMERAL_PORT:
        return "port"
    if member == "Pid" and value > 0:
        return "pid"
    return ""


def without_lengths(text: str) -> str:
    """Return a text with references as if every id in it stood there in full: `{container:1[:12]}` is the same one."""
    return REFERENCE.sub(lambda found: f"{{{found[1]}:{found[2]}}}" if found[3] else found[0], text)
