"""Address pools: which subnets are taken in which order, and which addresses are given."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from fakedocker.engine import errors
from fakedocker.engine.networks.pools import DEFAULT_SUBNETS, AddressSpace, Pool


def given(pool: Pool, wanted: str = "") -> str:
    return str(pool.request(ip_address(wanted) if wanted else None))


def pool(subnet: str, span: str = "") -> Pool:
    return Pool(ip_network(subnet), ip_network(span or subnet))


def test_the_lowest_free_address_is_given() -> None:
    lan = pool("10.0.0.0/24")
    assert [given(lan), given(lan), given(lan)] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    lan.release(ip_address("10.0.0.2"))
    assert [given(lan), given(lan)] == ["10.0.0.2", "10.0.0.4"]


def test_an_address_can_be_asked_for_once() -> None:
    lan = pool("10.0.0.0/24")
    assert given(lan, "10.0.0.77") == "10.0.0.77"
    with pytest.raises(errors.Forbidden, match=r"^Address already in use$"):
        given(lan, "10.0.0.77")
    lan.release(ip_address("10.0.0.77"))
    assert given(lan, "10.0.0.77") == "10.0.0.77"


@pytest.mark.parametrize("address", ["10.0.0.0", "10.0.0.255"])
def test_network_and_broadcast_are_nobodys(address: str) -> None:
    with pytest.raises(errors.Forbidden):
        given(pool("10.0.0.0/24"), address)


def test_an_address_of_elsewhere_is_refused() -> None:
    with pytest.raises(errors.Failure, match=r"^Requested address is out of range$"):
        given(pool("10.0.0.0/24"), "10.0.1.1")


def test_who_names_no_address_gets_one_of_the_range() -> None:
    lan = pool("10.0.0.0/24", "10.0.0.128/30")
    assert [given(lan) for _ in range(4)] == [f"10.0.0.{last}" for last in (128, 129, 130, 131)]
    with pytest.raises(errors.Failure, match=r"^No available addresses on this pool$"):
        given(lan)
    assert given(lan, "10.0.0.5") == "10.0.0.5"


def test_a_full_pool_gives_again_what_comes_back() -> None:
    lan = pool("10.0.0.0/30")
    assert [given(lan), given(lan)] == ["10.0.0.1", "10.0.0.2"]
    with pytest.raises(errors.Failure):
        given(lan)
    lan.release(ip_address("10.0.0.1"))
    assert given(lan) == "10.0.0.1"


def test_the_smallest_subnets_have_addresses_too() -> None:
    assert given(pool("10.0.0.0/31")) == "10.0.0.0"
    assert given(pool("10.0.0.8/32")) == "10.0.0.8"


def test_once_the_smallest_subnets_had_no_address_to_give() -> None:
    lan = Pool(ip_network("10.0.0.0/31"), ip_network("10.0.0.0/31"), gives_both=False)
    with pytest.raises(errors.Failure):
        given(lan)


def test_a_large_pool_of_ipv6_is_no_larger_in_memory() -> None:
    lan = pool("fd00::/48")
    assert [given(lan), given(lan)] == ["fd00::1", "fd00::2"]
    assert given(lan, "fd00::ffff:ffff") == "fd00::ffff:ffff"


def test_the_daemons_own_pools_are_taken_in_turn() -> None:
    space = AddressSpace()
    first = space.request(None)
    assert [str(space.request(None).subnet) for _ in range(2)] == ["172.18.0.0/16", "172.19.0.0/16"]
    space.release(first)
    assert str(space.request(None).subnet) == "172.20.0.0/16"  # one that was given back comes last


def test_pools_that_overlap_with_others_are_left_out() -> None:
    space = AddressSpace()
    space.request(ip_network("172.17.5.0/24"))
    assert str(space.request(None).subnet) == "172.18.0.0/16"


def test_after_the_last_the_first_comes_again() -> None:
    space = AddressSpace()
    pools = [space.request(None) for _ in DEFAULT_SUBNETS]
    assert str(pools[-1].subnet) == "192.168.240.0/20"
    with pytest.raises(errors.NotFound, match="could not find an available, non-overlapping IPv4 address pool"):
        space.request(None)
    space.release(pools[3])
    assert space.request(None).subnet == pools[3].subnet


@pytest.mark.parametrize("subnet", ["10.94.0.0/16", "10.94.7.0/24", "10.0.0.0/8"])
def test_pools_must_not_overlap(subnet: str) -> None:
    space = AddressSpace()
    space.request(ip_network("10.94.0.0/16"))
    with pytest.raises(errors.Forbidden, match=r"^Pool overlaps with other one on this address space$"):
        space.request(ip_network(subnet))


def test_pools_of_both_kinds_are_no_trouble_to_each_other() -> None:
    space = AddressSpace()
    space.request(ip_network("10.0.0.0/8"))
    assert str(space.request(ip_network("fd00::/64")).subnet) == "fd00::/64"
    with pytest.raises(errors.Forbidden):
        space.request(ip_network("fd00::/80"))
