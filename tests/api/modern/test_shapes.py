"""The Go structs of containers: whatever goes in by one of their members comes out by it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from fakedocker.api.modern.shapes import CONFIG, CREATE, HOST_CONFIG, UPDATE, WITHOUT_EFFECT
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.wire.gojson import ListOf, MapOf, Struct, read_struct, write_struct

VALUES: dict[str, Any] = {
    "string": "x",
    "bool": True,
    "int": 7,
    "float": 0.5,
    "strings": ["a", "b"],
    "command": ["a", "b"],
    "texts": {"a": "b"},
    "set": {"80/tcp": {}},
}


def some(kind: Any) -> Any:
    """Return a value of a kind, as it stands in JSON."""
    match kind:
        case Struct():
            return {member.name: some(member.kind) for member in kind.members.values()}
        case ListOf():
            return [some(kind.kind)]
        case MapOf():
            return {"key": some(kind.kind)}
    return VALUES[kind]


@pytest.mark.parametrize("struct", [CONFIG, HOST_CONFIG, UPDATE], ids=["Config", "HostConfig", "update"])
def test_what_was_given_is_shown_in_the_same_order(struct: Struct) -> None:
    given = some(struct)
    shown = write_struct(read_struct(given, struct.name, struct.members), struct)
    assert shown == given
    assert list(shown) == list(given)


@pytest.mark.parametrize("name", HOST_CONFIG.members)
def test_each_member_of_a_host_config_can_be_given_alone(name: str) -> None:
    member = HOST_CONFIG.members[name]
    given = {member.name: some(member.kind)}
    read = read_struct(given, HOST_CONFIG.name, HOST_CONFIG.members)
    assert list(read) == [name]
    assert write_struct(read, HOST_CONFIG)[member.name] == given[member.name]


def test_what_has_an_effect_is_called_as_the_engine_calls_it() -> None:
    effective = {field.name for field in fields(HostConfig)} - {"others"}
    assert effective <= HOST_CONFIG.members.keys()
    assert {field.name for field in fields(Config)} >= {name for name in CONFIG.members if name.islower()}


def test_what_has_none_is_said_to_have_none() -> None:
    assert "CapAdd" in WITHOUT_EFFECT
    assert not {"Binds", "Memory", "NetworkMode", "RestartPolicy"} & {*WITHOUT_EFFECT}


def test_names_are_read_whatever_their_case() -> None:
    read = read_struct({"hostconfig": {"BINDS": ["a:b"]}, "iMaGe": "x"}, CREATE.name, CREATE.members)
    assert read == {"HostConfig": {"binds": ("a:b",)}, "image": "x"}


def test_a_container_that_wants_nothing_is_shown_with_the_defaults_of_the_daemon() -> None:
    shown = write_struct({}, HOST_CONFIG)
    assert (shown["ShmSize"], shown["Runtime"], shown["IpcMode"], shown["ConsoleSize"]) == (
        *(67108864, "runc", "private", [0, 0]),
    )
    assert "Init" not in shown
    assert shown["Binds"] is None
