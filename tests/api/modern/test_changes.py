"""The dated list of changes: each is told, used, and in the order of time."""

from __future__ import annotations

from pathlib import Path

import pytest
from wire_client import WireClient

import fakedocker.api
from fakedocker.api.modern.ageing import ANSWERS, QUESTIONS, Change

CODE = "".join(path.read_text() for path in Path(fakedocker.api.__file__).parent.glob("modern/**/*.py"))
CHANGES = [*ANSWERS, *QUESTIONS]


def said(change: Change) -> str:
    return f"{change.subject} until {change.until[0]}.{change.until[1]}: {change.do.__name__}"


@pytest.mark.parametrize("change", CHANGES, ids=said)
def test_a_change_says_what_was_different_in_a_sentence(change: Change) -> None:
    assert change.what.endswith(".")
    assert "\n" not in change.what


@pytest.mark.parametrize("change", CHANGES, ids=said)
def test_somebody_asks_for_the_subject_of_a_change(change: Change) -> None:
    wanted = "aged" if change in ANSWERS else "modernised"
    calls = (f'{wanted}("{change.subject}"', f'{wanted}(\n        "{change.subject}"')
    assert any(call in CODE for call in calls)


def test_answers_are_aged_from_the_newest_version_backwards() -> None:
    assert [change.until for change in ANSWERS] == sorted((change.until for change in ANSWERS), reverse=True)


# -- some of them, over the wire: the others are compared with real daemons (tests/conformance) ------------------


@pytest.fixture
def running(client: WireClient) -> str:
    body = {"Image": "base", "Cmd": ["sleep", "1000"], "HostConfig": {"Annotations": {"a": "b"}}}
    identity: str = client.post("/v1.51/containers/create", json=body).json["Id"]
    client.post(f"/v1.51/containers/{identity}/start")
    return identity


def test_lists_show_annotations_since_1_46(client: WireClient, running: str) -> None:
    shown = {minor: client.get(f"/v1.{minor}/containers/json").json[0]["HostConfig"] for minor in (45, 46)}
    assert shown == {45: {"NetworkMode": "bridge"}, 46: {"NetworkMode": "bridge", "Annotations": {"a": "b"}}}


def test_images_are_counted_in_lists_since_1_51(client: WireClient, running: str) -> None:
    for minor, count in ((50, -1), (51, 1)):
        listed = client.get(f"/v1.{minor}/images/json").json
        assert [one["Containers"] for one in listed if "base:latest" in one["RepoTags"]] == [count]


@pytest.mark.parametrize(
    ("member", "first", "last"),
    [
        ("BridgeNfIptables", 24, 49),
        ("FirewallBackend", 49, 51),
        ("Containerd", 46, 51),
        ("KernelMemory", 24, 41),
        ("ExecutionDriver", 24, 24),
    ],
)
def test_info_has_a_member_in_some_versions_only(client: WireClient, member: str, first: int, last: int) -> None:
    having = [minor for minor in range(24, 52) if member in client.get(f"/v1.{minor}/info").json]
    assert having == list(range(first, last + 1))


def test_commits_are_expected_before_1_49(client: WireClient) -> None:
    commits = {minor: client.get(f"/v1.{minor}/info").json["RuncCommit"] for minor in (48, 49)}
    assert commits[48].keys() == {"ID", "Expected"}
    assert commits[49].keys() == {"ID"}


def test_a_signal_to_stop_with_is_known_since_1_42(client: WireClient) -> None:
    body = {"Image": "base", "Cmd": ["sh", "-c", "trap 'exit 5' INT; trap 'exit 6' TERM; while :; do sleep 0.01; done"]}
    codes = {}
    for minor in (41, 42):
        identity = client.post("/v1.51/containers/create", json=body).json["Id"]
        client.post(f"/v1.51/containers/{identity}/start")
        for _ in range(1000):
            if "sleep" in str(client.get(f"/v1.51/containers/{identity}/top").json["Processes"]):
                break
        client.post(f"/v1.{minor}/containers/{identity}/stop?signal=SIGINT")
        codes[minor] = client.post(f"/v1.51/containers/{identity}/wait").json["StatusCode"]
    assert codes == {41: 6, 42: 5}
