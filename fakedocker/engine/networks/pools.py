"""Address pools: which subnets networks have, and which of their addresses are given (moby libnetwork/ipam).

Pools of one daemon never overlap. Whoever names no subnet gets the next of the daemon's own in turn; whoever names no
address gets the lowest that is free.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from fakedocker.engine import errors

Address = IPv4Address | IPv6Address
Subnet = IPv4Network | IPv6Network

#: What networks get that do not say which addresses they want (moby ipamutils, local scope).
DEFAULT_SUBNETS = tuple(
    [IPv4Network(f"172.{second}.0.0/16") for second in range(17, 32)]
    + [IPv4Network(f"192.168.{third}.0/20") for third in range(0, 256, 16)]
)


@dataclass
class Pool:
    """The addresses of a subnet. Those of `span`, a part of it, are given to whoever names none."""

    subnet: Subnet
    span: Subnet
    #: Whether the two addresses of the smallest subnets can be given (since 25.0).
    gives_both: bool = True
    _taken: set[int] = field(default_factory=set)
    _lowest: int = 0

    def __post_init__(self) -> None:
        if self.subnet.num_addresses > 2 or not self.gives_both:
            self._taken.add(int(self.subnet.network_address))
            if isinstance(self.subnet, IPv4Network):
                self._taken.add(int(self.subnet.broadcast_address))
        self._lowest = int(self.span.network_address)

    def request(self, wanted: Address | None = None) -> Address:
        """Take an address. Raises Failure (it is not in the subnet, none is left) or Conflict (it is taken)."""
        if wanted is None:
            return self._any()
        if wanted not in self.subnet:
            raise errors.address_out_of_range()
        if int(wanted) in self._taken:
            raise errors.address_in_use()
        self._taken.add(int(wanted))
        return wanted

    def release(self, address: Address) -> None:
        """Give an address back."""
        self._taken.discard(int(address))
        if address in self.span:
            self._lowest = min(self._lowest, int(address))

    def _any(self) -> Address:
        last = int(self.span.broadcast_address)
        while self._lowest in self._taken:
            self._lowest += 1
        if self._lowest > last:
            raise errors.pool_exhausted()
        self._taken.add(self._lowest)
        return type(self.subnet.network_address)(self._lowest)


class AddressSpace:
    """The pools of one daemon. `gives_both`: see `Pool`."""

    def __init__(self, *, gives_both: bool = True) -> None:
        self._gives_both = gives_both
        self._pools: list[Pool] = []
        self._next = 0

    def request(self, subnet: Subnet | None, span: Subnet | None = None) -> Pool:
        """Take a pool; None stands for the next of the daemon's own.

        Raises Forbidden (it overlaps with another), NotFound (all of the daemon's own are taken).
        """
        if subnet is None:
            subnet = self._default()
        elif self._is_taken(subnet):
            raise errors.pool_overlaps()
        pool = Pool(subnet, span or subnet, self._gives_both)
        self._pools.append(pool)
        return pool

    def release(self, pool: Pool) -> None:
        """Give a pool back."""
        self._pools = [one for one in self._pools if one is not pool]

    def _default(self) -> Subnet:
        for step in range(len(DEFAULT_SUBNETS)):
            index = (self._next + step) % len(DEFAULT_SUBNETS)
            if not self._is_taken(DEFAULT_SUBNETS[index]):
                # After the last it begins anew, and then goes from the first free one on.
                self._next = (index + 1) % len(DEFAULT_SUBNETS)
                return DEFAULT_SUBNETS[index]
        raise errors.no_address_pool(4)

    def _is_taken(self, subnet: Subnet) -> bool:
        return any(_overlap(subnet, pool.subnet) for pool in self._pools)


def _overlap(one: Subnet, other: Subnet) -> bool:
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.overlaps(other)
    if isinstance(one, IPv6Network) and isinstance(other, IPv6Network):
        return one.overlaps(other)
    return False
