"""The daemon and its machine as they are shown."""

from __future__ import annotations

import random

import pytest

from fakedocker.api.modern.views import daemon as views
from fakedocker.engine.clock import ManualClock
from fakedocker.engine.engine import Engine
from fakedocker.engine.ids import Ids
from fakedocker.engine.profiles import DOCKER_20_10, DOCKER_26, DOCKER_28, PROFILES, Host, Profile
from fakedocker.programs.catalogue import Catalogue

MODERN = [profile for profile in PROFILES.values() if profile.modern_versions]


def engine(profile: Profile = DOCKER_28, host: Host | None = None) -> Engine:
    return Engine(ManualClock(), Ids(random.Random(1).randbytes), Catalogue(), profile=profile, host=host or Host())


@pytest.mark.parametrize("profile", MODERN, ids=lambda profile: profile.name)
def test_a_daemon_says_the_same_of_itself_everywhere(profile: Profile) -> None:
    told, info = views.version(profile), views.info(engine(profile))
    details = told["Components"][0]["Details"]
    assert told["Version"] == info["ServerVersion"] == told["Components"][0]["Version"] == profile.version
    assert told["KernelVersion"] == info["KernelVersion"] == details["KernelVersion"]
    assert {name: told[name] for name in details if name in told} == {
        name: details[name] for name in details if name in told
    }


@pytest.mark.parametrize("profile", MODERN, ids=lambda profile: profile.name)
def test_what_a_daemon_works_with_is_told_with_its_commit(profile: Profile) -> None:
    names = [one["Name"] for one in views.version(profile)["Components"]]
    assert names == ["Engine", "containerd", "runc", "docker-init"]
    info = views.info(engine(profile))
    commits = {one.name: one.git_commit for one in profile.components}
    assert info["ContainerdCommit"] == {"ID": commits["containerd"]}
    assert info["RuncCommit"] == {"ID": commits["runc"]}
    assert info["InitCommit"] == {"ID": commits["docker-init"]}


def test_the_oldest_version_is_one_of_today() -> None:
    told = views.version(PROFILES["any"])
    assert (told["MinAPIVersion"], told["ApiVersion"]) == ("1.24", "1.51")


def test_only_daemons_with_another_builder_tell_of_it() -> None:
    assert views.ping(DOCKER_20_10) == {}
    assert views.ping(DOCKER_26) == {"Builder-Version": "2", "Swarm": "inactive"}


def test_info_tells_of_the_machine_that_was_described() -> None:
    info = views.info(engine(host=Host(memory_limit=False, swap_limit=False, debug=True)))
    assert (info["MemoryLimit"], info["SwapLimit"], info["Debug"]) == (False, False, True)
    assert (info["NCPU"], info["MemTotal"]) == (views.PROCESSORS, views.MEMORY)


def test_as_many_processors_are_told_as_a_container_may_have() -> None:
    from fakedocker.engine.containers import verification

    assert views.PROCESSORS == verification.PROCESSORS


def test_info_counts_images() -> None:
    assert views.info(engine())["Images"] == 0


def test_a_version_is_written_with_a_dot() -> None:
    assert views.version_text((1, 45)) == "1.45"


def test_a_kind_that_there_is_not_is_named() -> None:
    assert str(views.unknown_kind("x")) == "unknown object type: x"
