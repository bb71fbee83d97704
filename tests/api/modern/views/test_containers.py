"""Containers as they are shown: their state in one word and in a few, what the daemon adds to what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.api.modern.views.containers import in_words, state, status_of
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State

if TYPE_CHECKING:
    from modern.conftest import Dock

NOW = 1_000_000.0


def container(state: State, **facts: Any) -> Container:
    times = {"started_at": NOW - 300, "finished_at": NOW - 7}
    return Container("ab" * 32, NOW - 400, Config(cmd=("true",)), "cd" * 32, "", state, **{**times, **facts})


# -- pure -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (container(State.CREATED), "Created"),
        (container(State.RUNNING), "Up 5 minutes"),
        (container(State.GHOST), "Up 5 minutes"),
        (container(State.PAUSED), "Up 5 minutes (Paused)"),
        (container(State.RESTARTING, exit_code=3), "Restarting (3) 7 seconds ago"),
        (container(State.EXITED, exit_code=137), "Exited (137) 7 seconds ago"),
        (container(State.DEAD, exit_code=1), "Dead"),
    ],
)
def test_lists_tell_the_state_in_words(one: Container, words: str) -> None:
    assert in_words(one, NOW) == words


@pytest.mark.parametrize(
    ("kind", "word", "flags"),
    [
        (State.CREATED, "created", set()),
        (State.RUNNING, "running", {"Running"}),
        (State.GHOST, "running", {"Running"}),
        (State.PAUSED, "paused", {"Running", "Paused"}),
        (State.RESTARTING, "restarting", {"Running", "Restarting"}),
        (State.EXITED, "exited", set()),
        (State.DEAD, "dead", {"Dead"}),
    ],
)
def test_one_word_and_its_flags_say_the_same(kind: State, word: str, flags: set[str]) -> None:
    shown = state(container(kind))
    assert shown["Status"] == word == status_of(container(kind))
    assert {name for name in ("Running", "Paused", "Restarting", "Dead") if shown[name]} == flags


def test_every_state_has_words() -> None:
    assert all(in_words(container(kind), NOW) and status_of(container(kind)) for kind in State)


def test_what_never_happened_has_the_zero_time() -> None:
    shown = state(container(State.CREATED, started_at=0, finished_at=0))
    assert {shown["StartedAt"], shown["FinishedAt"]} == {"0001-01-01T00:00:00Z"}


# -- over the wire ----------------------------------------------------------------------------------


def listed(dock: Dock) -> dict[str, Any]:
    found: dict[str, Any] = dock.get("/containers/json?all=1").json[0]
    return found


def test_a_health_check_is_part_of_the_words(dock: Dock) -> None:
    check = {"Test": ["CMD", "test", "-e", "/well"], "Interval": 10**9, "Retries": 1}
    dock.create("sh", "-c", "sleep 5; touch /well; sleep 5; rm /well; sleep 1000", Healthcheck=check)
    assert "Health" not in dock.inspect()["State"]
    dock.post("/containers/box/start")
    seen = []
    for seconds in (0.5, 2, 5, 6):
        dock.daemon.advance(seconds)
        seen.append(listed(dock)["Status"].partition("(")[2].rstrip(")"))
        health = dock.inspect()["State"]["Health"]
        assert health["Status"] == seen[-1].removeprefix("health: ")
    assert seen == ["health: starting", "unhealthy", "healthy", "unhealthy"]
    assert health["FailingStreak"] > 0
    assert health["Log"][-1]["ExitCode"] == 1


def test_what_nobody_asked_for_is_what_the_daemon_chooses(dock: Dock) -> None:
    dock.create("true", HostConfig={"ShmSize": 0, "Runtime": "", "IpcMode": ""})
    host = dock.inspect()["HostConfig"]
    assert (host["ShmSize"], host["Runtime"], host["IpcMode"]) == (67108864, "runc", "private")
    assert host["LogConfig"] == {"Type": "json-file", "Config": {}}
    assert host["RestartPolicy"] == {"Name": "no", "MaximumRetryCount": 0}
    assert "/proc/kcore" in host["MaskedPaths"]
    assert host["ReadonlyPaths"]


def test_a_privileged_one_sees_everything(dock: Dock) -> None:
    dock.create("true", HostConfig={"Privileged": True})
    host = dock.inspect()["HostConfig"]
    assert (host["MaskedPaths"], host["ReadonlyPaths"], host["SecurityOpt"]) == (None, None, ["label=disable"])


def test_what_was_asked_for_is_shown_as_it_was(dock: Dock) -> None:
    asked = {
        "Binds": ["data:/data:ro"],
        "CapAdd": ["NET_ADMIN"],
        "ExtraHosts": ["db:10.0.0.1"],
        "LogConfig": {"Type": "local", "Config": {"max-size": "1m"}},
        "Memory": 8 << 20,
        "Mounts": [{"Type": "tmpfs", "Target": "/run", "TmpfsOptions": {"SizeBytes": 4096}}],
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
        "Sysctls": {"net.core.somaxconn": "1"},
        "Ulimits": [{"Name": "nofile", "Hard": 2, "Soft": 1}],
    }
    dock.create("true", HostConfig=asked)
    shown = dock.inspect()["HostConfig"]
    assert {name: shown[name] for name in asked} == asked


def test_files_of_the_daemon_are_there_once_it_has_run(dock: Dock) -> None:
    identity = dock.create("true")
    names = ("ResolvConfPath", "HostnamePath", "HostsPath", "LogPath")
    assert {dock.inspect()[name] for name in names} == {""}
    dock.post("/containers/box/start")
    home = f"/var/lib/docker/containers/{identity}"
    assert [dock.inspect()[name] for name in names] == [
        *(f"{home}/{name}" for name in ("resolv.conf", "hostname", "hosts")),
        f"{home}/{identity}-json.log",
    ]


def test_a_list_quotes_arguments_with_spaces_and_nothing_else(dock: Dock) -> None:
    dock.create("sh", "-c", "echo it's", "a\tb")
    assert listed(dock)["Command"] == "sh -c 'echo it's' a\tb"


def test_an_image_that_has_lost_its_name_is_shown_by_its_id(dock: Dock) -> None:
    dock.create("true")
    assert listed(dock)["Image"] == "busybox"
    image = listed(dock)["ImageID"]
    dock.create("true", name="other")
    dock.post("/commit?container=other&repo=busybox")
    assert dock.get('/containers/json?all=1&filters={"name":["box"]}').json[0]["Image"] == image


def test_sizes_are_told_to_those_who_ask(dock: Dock) -> None:
    dock.run("sh", "-c", "echo 12345 > /file")
    assert "SizeRw" not in listed(dock)
    sized = dock.get("/containers/json?all=1&size=1").json[0]
    inspected = dock.get("/containers/box/json?size=1").json
    assert sized["SizeRw"] == inspected["SizeRw"] == 6
    assert sized["SizeRootFs"] == inspected["SizeRootFs"] > 6


def test_labels_are_in_order_and_never_null(dock: Dock) -> None:
    dock.create("true", Labels={"z": "1", "a": "2"})
    assert list(listed(dock)["Labels"]) == ["a", "z"]
    dock.create("true", name="plain")
    assert dock.inspect("plain")["Config"]["Labels"] == {}
