"""What no daemon of ours does: swarms, plugins, checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakedocker.api.modern.refusals import NOT_BUILT, OF_MANAGERS, OF_PLUGINS

if TYPE_CHECKING:
    from modern.conftest import Dock

NO_MANAGER = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm '
    "and try again."
)


def asked(dock: Dock, method: str, path: str) -> tuple[int, str]:
    reply = dock.ask(method, path.replace("<name:name>", "some"))
    return reply.status, reply.json["message"]


def test_what_only_a_manager_answers_is_refused(dock: Dock) -> None:
    assert {asked(dock, method, path) for method, path in OF_MANAGERS} == {(503, NO_MANAGER)}


def test_no_plugin_is_found(dock: Dock) -> None:
    assert {asked(dock, method, path) for method, path in OF_PLUGINS} == {(404, 'plugin "some" not found')}


def test_a_plugin_may_have_a_name_with_slashes(dock: Dock) -> None:
    assert asked(dock, "GET", "/plugins/vieux/sshfs:latest/json") == (404, 'plugin "vieux/sshfs:latest" not found')


def test_what_is_not_built_says_so_itself(dock: Dock) -> None:
    for method, path, what in NOT_BUILT:
        assert asked(dock, method, path) == (501, f"fakedocker has not built this yet: {what}")


def test_there_are_no_plugins(dock: Dock) -> None:
    reply = dock.get("/plugins")
    assert (reply.status, reply.json) == (200, [])


def test_nobody_leaves_a_swarm_that_he_is_not_in(dock: Dock) -> None:
    assert asked(dock, "POST", "/swarm/leave") == (503, "This node is not part of a swarm")


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"UnlockKey": "x"}, 503, NO_MANAGER),
        (None, 503, NO_MANAGER),
        (
            {"UnlockKey": 1},
            400,
            "invalid JSON: json: cannot unmarshal number into Go struct field UnlockRequest.UnlockKey of type string",
        ),
    ],
)
def test_a_key_is_read_before_it_does_not_fit(dock: Dock, body: object, status: int, text: str) -> None:
    reply = dock.post("/swarm/unlock", body)
    assert (reply.status, reply.json) == (status, {"message": text})
