"""A container's places in networks, what they are called and which addresses they may have."""

from __future__ import annotations

import pytest

from fakedocker.engine.networks.endpoints import (
    AddressConfig,
    EndpointSettings,
    address_problems,
    dns_names,
    mac_address,
    with_own_aliases,
)

ID = "0123456789abcdef" * 4


def test_the_card_of_an_address_is_made_of_it() -> None:
    assert mac_address("172.17.0.2") == "02:42:ac:11:00:02"


def test_names_are_the_name_the_aliases_the_short_id_and_the_host_name() -> None:
    assert dns_names("web", ("a", "a", "b"), ID, "box") == ("web", "a", "b", "0123456789ab", "box")


def test_a_name_is_there_once() -> None:
    assert dns_names("web", None, ID, "web") == ("web", "0123456789ab")


def test_once_short_id_and_host_name_were_aliases() -> None:
    settings = with_own_aliases(EndpointSettings(aliases=("a", "a")), ID, "box")
    assert settings.aliases == ("a", "a", "0123456789ab", "box")
    assert with_own_aliases(settings, ID, "box").aliases == settings.aliases  # the next start adds nothing


@pytest.mark.parametrize(
    ("wished", "subnets", "found"),
    [
        (AddressConfig(), [], []),
        (AddressConfig("10.0.0.5"), ["10.0.0.0/24"], []),
        (
            AddressConfig("10.1.0.5"),
            ["10.0.0.0/24"],
            ["no configured subnet or ip-range contain the IP address 10.1.0.5"],
        ),
        (
            AddressConfig("x"),
            ["10.0.0.0/24"],
            ["invalid IPv4 address: x", "no configured subnet or ip-range contain the IP address x"],
        ),
        (
            AddressConfig("10.0.0.5"),
            [],
            ["user specified IP address is supported only when connecting to networks with user configured subnets"],
        ),
        (
            AddressConfig("", "10.0.0.5"),
            ["10.0.0.0/24"],
            ["invalid IPv6 address: 10.0.0.5", "no configured subnet or ip-range contain the IP address 10.0.0.5"],
        ),
        (AddressConfig("", "fd00::5"), ["10.0.0.0/24", "fd00::/64"], []),
    ],
)
def test_what_is_wrong_with_wished_addresses_is_listed(
    wished: AddressConfig, subnets: list[str], found: list[str]
) -> None:
    assert list(address_problems(EndpointSettings(wished), subnets)) == found
