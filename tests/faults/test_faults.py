"""The faults in force at a daemon: adding, removing, counting, order, beginning anew."""

from __future__ import annotations

import threading

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.faults import FaultError, Faults, Rule
from fakedocker.faults.faults import MOST_RULES
from fakedocker.faults.kinds import Close, Error

PING = "/v1.41/_ping"


def test_a_fault_is_in_force_until_the_end_of_its_block(daemon: FakeDocker, client: WireClient) -> None:
    with daemon.faults.add("error", error="conflict", on="SystemPing") as fault:
        assert client.get(PING).status == 409
        assert client.get("/v1.41/version").status == 200
    assert client.get(PING).status == 200
    assert (fault.calls, fault.hits) == (1, 1)


def test_a_fault_can_be_said_in_every_form() -> None:
    faults = Faults()
    faults.add("error", status=500, on="ImageList")
    faults.add(Error(status=500), on="ImageList")
    faults.add({"kind": "error", "status": 500, "on": "ImageList"})
    faults.add({"kind": "error", "status": 500}, on="ImageList")
    faults.add(Rule(fault=Error(status=500), on=("ImageList",)))
    assert len({str(one.rule.to_json()) for one in faults}) == 1
    with pytest.raises(TypeError, match="says already"):
        faults.add(Rule(fault=Close()), on="ImageList")
    with pytest.raises(FaultError, match="nme: there is no such key"):
        faults.add(Close(), nme="web")


def test_the_first_that_strikes_and_answers_is_the_one_that_answers(daemon: FakeDocker, client: WireClient) -> None:
    first = daemon.faults.add("error", status=501, on="SystemPing", first=1)
    second = daemon.faults.add("error", status=502, on="System*", first=1)
    assert [client.get(PING).status for _ in range(3)] == [501, 502, 200]
    assert (first.calls, first.hits) == (3, 1)
    assert (second.calls, second.hits) == (2, 1), "the first call never came to it"


def test_faults_have_a_json_form_with_their_counts(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("error", status=500, message="no", on="SystemPing", nth=2)
    client.get(PING)
    written = {"kind": "error", "status": 500, "message": "no", "on": "SystemPing", "nth": 2}
    assert daemon.faults.to_json() == [{"id": 1, "calls": 1, "hits": 0, **written}]
    assert daemon.faults[1].rule.to_json() == written


def test_a_fault_is_removed_by_its_number(daemon: FakeDocker) -> None:
    daemon.faults.add("close")
    daemon.faults.remove(1)
    daemon.faults.remove(1)
    assert not daemon.faults
    with pytest.raises(KeyError):
        daemon.faults[1]


def test_a_reset_brings_back_what_the_daemon_began_with() -> None:
    once = {"kind": "error", "status": 500, "on": "SystemPing", "first": 1}
    with FakeDocker(faults=[once]) as daemon, WireClient(daemon.url) as client:
        daemon.faults.add("close", on="ImageList")
        assert [client.get(PING).status for _ in range(2)] == [500, 200]
        daemon.reset()
        assert [one.rule.fault.kind for one in daemon.faults] == ["error"]
        assert client.get(PING).status == 500


def test_what_the_daemon_is_given_wrong_is_told_at_once() -> None:
    with pytest.raises(FaultError, match="no operation 'SystemPong'; did you mean "):
        FakeDocker(faults=[{"kind": "close", "on": "SystemPong"}])


def test_chance_follows_the_seed_of_the_daemon() -> None:
    def statuses(seed: int) -> list[int]:
        often = {"kind": "error", "status": 500, "probability": 0.5}
        with FakeDocker(seed=seed, faults=[often]) as daemon, WireClient(daemon.url) as client:
            first = [client.get(PING).status for _ in range(40)]
            daemon.reset()
            assert [client.get(PING).status for _ in range(40)] == first
            return first

    assert statuses(3) == statuses(3) != statuses(4)


def test_there_is_an_end_to_how_many_there_can_be() -> None:
    faults = Faults(Rule(fault=Close()) for _ in range(MOST_RULES))
    with pytest.raises(FaultError, match="there are 1000 faults already"):
        faults.add("close")
    faults.clear()
    assert len(faults) == 0


def test_threads_can_add_and_remove_at_the_same_time() -> None:
    faults = Faults()

    def work() -> None:
        for _ in range(200):
            with faults.add("close"):
                list(faults)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(faults) == 0
    assert faults.add("close").id == 801
