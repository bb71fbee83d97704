"""What every listener has to do, whoever takes the clients in."""

from __future__ import annotations

import os
import socket
import stat

from fakedocker.server.address import Address


def listen_tcp(address: Address, backlog: int, *, ipv6_only: bool = False) -> socket.socket:
    """Listen at a port; `ipv6_only`: an address of IPv6 does not stand for those of IPv4, too. Raises OSError."""
    flags = socket.AI_PASSIVE | socket.AI_NUMERICSERV
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=flags)
    # A name such as localhost means IPv4 first, as it does to the daemon.
    family, kind, protocol, _, name = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ipv6_only and family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(name)
        sock.listen(backlog)
    except BaseException:
        sock.close()
        raise
    return sock


def remove_stale_socket(path: str) -> None:
    """Remove a socket file nobody listens on; a live one is left for bind to complain about."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return
    except OSError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError:
            pass


def real_address(sock: socket.socket, address: Address) -> Address:
    """Return where a socket really listens: port 0 has become one."""
    if address.kind == "unix":
        return address
    host, port = sock.getsockname()[:2]
    return Address("tcp", host=host, port=port)
