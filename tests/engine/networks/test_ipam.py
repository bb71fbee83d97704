"""What a network may say of its addresses."""

from __future__ import annotations

import pytest

from fakedocker.engine import errors
from fakedocker.engine.networks.ipam import PoolConfig, listed, problems, take
from fakedocker.engine.networks.pools import AddressSpace


def test_a_network_that_says_nothing_gets_a_pool_and_its_first_address_as_gateway() -> None:
    (pool,) = take(AddressSpace(), (), ipv6=False)
    assert (str(pool.pool.subnet), str(pool.gateway)) == ("172.17.0.0/16", "172.17.0.1")
    assert pool.config == PoolConfig("172.17.0.0/16", gateway="172.17.0.1")


def test_what_was_said_is_what_is_shown() -> None:
    said = PoolConfig("10.87.0.0/16", "10.87.5.0/24", "10.87.5.254", {"router": "10.87.5.1"})
    (pool,) = take(AddressSpace(), [said], ipv6=False)
    assert pool.config is said
    assert str(pool.gateway) == "10.87.5.254"
    assert [str(pool.pool.request()) for _ in range(3)] == ["10.87.5.0", "10.87.5.2", "10.87.5.3"]


def test_a_gateway_that_nobody_names_is_the_first_of_the_range() -> None:
    (pool,) = take(AddressSpace(), [PoolConfig("10.106.0.0/24", "10.106.0.128/25")], ipv6=False)
    assert (str(pool.gateway), str(pool.pool.request())) == ("10.106.0.128", "10.106.0.129")


def test_a_network_with_both_kinds_of_addresses_has_two_pools() -> None:
    pools = take(AddressSpace(), [PoolConfig("fd00::/64")], ipv6=True)
    assert [str(pool.pool.subnet) for pool in pools] == ["172.17.0.0/16", "fd00::/64"]
    assert str(pools[1].gateway) == "fd00::1"


def test_ipv6_needs_a_subnet() -> None:
    with pytest.raises(errors.NotFound, match="non-overlapping IPv6 address pool"):
        take(AddressSpace(), (), ipv6=True)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (PoolConfig("nonsense"), "Invalid subnet nonsense : invalid CIDR address: nonsense"),
        (PoolConfig("10.88.0.0"), "Invalid subnet 10.88.0.0 : invalid CIDR address: 10.88.0.0"),
        (PoolConfig(gateway="10.88.0.1"), "Invalid subnet  : invalid CIDR address: "),
        (PoolConfig("10.88.0.0/16", gateway="x"), "invalid gateway address x in Ipam configuration"),
        (
            PoolConfig("10.88.0.0/16", gateway="10.89.0.1"),
            "failed to allocate gateway (10.89.0.1): Requested address is out of range",
        ),
        (
            PoolConfig("10.88.0.0/16", "x"),
            'failed to parse pool request for address space "LocalDefault" pool "10.88.0.0/16" subpool "x": '
            "Invalid Address SubPool",
        ),
        (
            PoolConfig("10.88.0.0/16", auxiliary={"a": "10.88.0.1"}),
            "failed to allocate secondary ip address (a:10.88.0.1): Address already in use",
        ),
        (
            PoolConfig("10.88.0.0/16", auxiliary={"a": "10.89.0.1"}),
            "auxiliary address: (a:10.89.0.1) must belong to the master pool: 10.88.0.0/16",
        ),
        (
            PoolConfig("10.88.0.0/16", auxiliary={"a": "x"}),
            "non parsable secondary ip address (a:x) passed for network web",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_takes_nothing(config: PoolConfig, text: str) -> None:
    space = AddressSpace()
    with pytest.raises(errors.DockerError) as refusal:
        take(space, [PoolConfig("10.1.0.0/16"), config], ipv6=False, network="web")
    assert str(refusal.value) == text
    assert take(space, [PoolConfig("10.0.0.0/8")], ipv6=False)  # nothing is in its way


@pytest.mark.parametrize(
    ("config", "found"),
    [
        (PoolConfig("10.0.0.0/8"), []),
        (PoolConfig("10.0.0.300/24"), ["invalid subnet 10.0.0.300/24: invalid CIDR block notation"]),
        (PoolConfig("10.90.5.5/16"), ["invalid subnet 10.90.5.5/16: it should be 10.90.0.0/16"]),
        (
            PoolConfig("10.88.0.0/16", "x", "y", {"a": "z", "b": "10.1.0.1"}),
            [
                "invalid ip-range x: invalid CIDR block notation",
                "invalid gateway y: invalid address",
                "invalid auxiliary address a: invalid address",
                "invalid auxiliary address b: parent subnet 10.88.0.0/16 doesn't contain this address",
            ],
        ),
        (
            PoolConfig("10.88.0.0/16", "10.89.0.0/24"),
            ["invalid ip-range 10.89.0.0/24: parent subnet 10.88.0.0/16 doesn't contain ip-range"],
        ),
        (PoolConfig("10.88.0.0/16", "10.88.5.5/24"), ["invalid ip-range 10.88.5.5/24: it should be 10.88.5.0/24"]),
        (
            PoolConfig("10.88.0.0/16", "10.0.0.0/8"),
            ["invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.88.0.0/16"],
        ),
        (PoolConfig("10.88.0.0/16", "fd00::/64"), ["invalid ip-range fd00::/64: parent subnet is an IPv4 block"]),
        (
            PoolConfig("10.88.0.0/16", gateway="fd00::1"),
            ["invalid gateway fd00::1: parent subnet is an IPv4 block"],
        ),
    ],
)
def test_todays_daemon_lists_all_that_is_wrong(config: PoolConfig, found: list[str]) -> None:
    assert list(problems([config])) == found


def test_several_problems_have_a_star_each() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "* a\n* b"
