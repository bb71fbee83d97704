"""What a request said and nothing followed from: parameters nobody asked for, members no struct has or nobody heeds.

It is told through the environ, in a list that the journal puts there; without one nothing is noted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from flask import Request, Response, request
from werkzeug.datastructures import ImmutableMultiDict

from fakedocker.wire.gojson import Kind, ListOf, MapOf, Struct

#: Where the environ has the list, and which parameters were asked for.
WITHOUT_EFFECT, ASKED_FOR = "fakedocker.without_effect", "fakedocker.asked_for"
#: What a parameter says that wants nothing.
NO_WISHES = frozenset({"", "0", "false", "no", "none", "null", "{}", "[]"})
#: What no daemon of today heeds either and clients go on sending: structs -> members in lower case.
OF_THE_PAST = {"types.ExecConfig": frozenset({"container"})}
#: Parameters that mean something for real processes only: paths -> names. A commit here sees one moment anyway.
OF_REAL_PROCESSES = {"/commit": frozenset({"pause"})}
#: Members that are told at most, of a body.
MOST_TOLD = 100


#: Structs by their names -> their members that are known and change nothing.
Heedless = Mapping[str, Collection[str]]


class Asked(ImmutableMultiDict[str, str]):
    """The parameters of a query; notes which were asked for."""

    asked_for: set[str]

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        self.asked_for = set()

    def __getitem__(self, key: str) -> str:
        self.asked_for.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked_for.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, *arguments: Any, **options: Any) -> Any:
        self.asked_for.add(key)
        return super().get(key, *arguments, **options)

    def getlist(self, key: str, *arguments: Any, **options: Any) -> Any:
        self.asked_for.add(key)
        return super().getlist(key, *arguments, **options)


class Question(Request):
    """A request whose parameters know which of them were asked for."""

    parameter_storage_class = Asked


class Heeded(dict[str, str]):
    """Parameters by their names; notes which were asked for, in the environ of the request."""

    def __init__(self) -> None:
        super().__init__()
        self._asked_for: set[str] = request.environ.setdefault(ASKED_FOR, set())

    def __getitem__(self, key: str) -> str:
        self._asked_for.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._asked_for.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, *default: Any) -> Any:
        self._asked_for.add(key)
        return super().get(key, *default)


def tell_of_parameters(response: Response) -> Response:
    """Note the parameters that nobody asked for, once a request was served."""
    told: list[str] | None = request.environ.get(WITHOUT_EFFECT)
    if told is not None and request.query_string and response.status_code < 400:
        given = request.args
        asked_for = request.environ.get(ASKED_FOR, set()) | getattr(given, "asked_for", set())
        asked_for |= OF_REAL_PROCESSES.get(request.path.removeprefix("/modern"), frozenset())
        unheeded = [(name, value) for name, value in given.items(multi=True) if name not in asked_for]
        told += dict.fromkeys(f"query {name}" for name, value in unheeded if value.lower() not in NO_WISHES)
    return response


def tell_of_body(value: Any, struct: Struct, without_effect: Heedless = MappingProxyType({})) -> None:
    """Note the members of a body that its struct has not, or that change nothing: `without_effect`."""
    told: list[str] | None = request.environ.get(WITHOUT_EFFECT)
    if told is None:
        return
    for path in unheeded(value, struct, without_effect):
        if len(told) >= MOST_TOLD:
            break
        told.append(f"body {path}")


def unheeded(value: Any, kind: Kind, without_effect: Heedless, path: str = "") -> Iterator[str]:
    """Yield the paths of the members of a JSON value that nothing follows from."""
    match kind, value:
        case Struct(), dict():
            by_name = {member.name.lower(): member for member in kind.members.values()}
            heedless = without_effect.get(kind.name, ())
            for key, item in value.items():
                member = by_name.get(key.lower())
                where = f"{path}.{key}" if path else key
                if member is None or member.name in heedless:
                    if wishes(item) and key.lower() not in OF_THE_PAST.get(kind.name, ()):
                        yield where
                else:
                    yield from unheeded(item, member.kind, without_effect, where)
        case ListOf(), list():
            for item in value:
                yield from unheeded(item, kind.kind, without_effect, path)
        case MapOf(), dict():
            for key, item in value.items():
                yield from unheeded(item, kind.kind, without_effect, f"{path}.{key}")


def wishes(value: Any) -> bool:
    """Return whether a value is more than what clients send when they want nothing: 0, -1, [0, 0], {"Type": ""}."""
    if isinstance(value, Mapping):
        return any(wishes(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(wishes(one) for one in value)
    return bool(value) and value != -1
