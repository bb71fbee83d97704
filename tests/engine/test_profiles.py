"""The daemons that can be played."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest

from fakedocker.engine.profiles import PROFILES, Profile


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_is_whole(profile: Profile) -> None:
    assert profile.version.startswith(profile.name) or profile.name == "any"
    versions = [tuple(map(int, version.split("."))) for version in profile.api_versions]
    assert versions == sorted(versions)
    assert ip_interface(f"{profile.gateway}/{profile.prefix_length}").network.num_addresses > 2
    assert 0 < profile.first_port < profile.last_port <= 65535


def test_the_daemon_of_the_document_serves_1_0_and_1_1_and_nothing_newer() -> None:
    assert PROFILES["0.4"].api_versions == ("1.0", "1.1")
    assert PROFILES["0.4"].modern_versions == ()


def test_any_serves_the_api_of_2013_and_that_of_today_and_nothing_between() -> None:
    assert PROFILES["any"].api_versions[:3] == ("1.0", "1.1", "1.24")
    assert PROFILES["any"].newest == (1, 51)
    assert PROFILES["any"].modern_versions[0] == (1, 24)
