"""The daemons that can be played."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest

from fakedocker.engine.profiles import PROFILES, Profile


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_is_whole(profile: Profile) -> None:
    assert profile.version.startswith(profile.name)
    versions = [tuple(map(int, version.split("."))) for version in profile.api_versions]
    assert versions == sorted(versions)
    assert ip_interface(f"{profile.gateway}/{profile.prefix_length}").network.num_addresses > 2
    assert 0 < profile.first_port < profile.last_port <= 65535


def test_the_daemon_of_the_document_serves_1_0_and_1_1_and_nothing_newer() -> None:
    assert PROFILES["0.4"].api_versions == ("1.0", "1.1")
