"""Programs that look at the network and talk over it: ping, nslookup, nc, ifconfig, ip, route, netstat.

What they reach is the simulated network of `fakedocker.engine.networks.sockets`; nothing leaves it.
"""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface
from typing import Final

from fakedocker.engine.networks.networks import HIGHEST_PORT
from fakedocker.engine.networks.sockets import ANY, LOOPBACK, Listener, Namespace
from fakedocker.engine.processes.descriptors import Descriptor
from fakedocker.engine.processes.effects import Interrupted, Program, Signal
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.clocks import seconds
from fakedocker.programs.command import Command, Misuse, Options, Section, number

section = Section()

#: How ports are called (/etc/services), where a program takes a name for one.
SERVICES: Final = {"ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "http": 80, "https": 443}
#: Seconds that ping waits for the first answer, and for late ones once there was any.
FIRST_ANSWER, LATE_ANSWER = 10.0, 1.0
#: The time to live of an echo: from the bridge, from the world outside.
NEAR, FAR = 64, 51


def port_number(text: str) -> int:
    """Return a port given by number or name. Raises Misuse."""
    if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= HIGHEST_PORT:
        return int(text)
    if text not in SERVICES:
        raise Misuse(f"bad port '{text}'", usage=False)
    return SERVICES[text]


def find_host(process: Process, name: str) -> str:
    """Return the address of a host. Raises Misuse."""
    address = process.address_of(name)
    if address is None:
        raise Misuse(f"bad address '{name}'", usage=False)
    return address


def reason(error: OSError) -> str:
    """Return what the C library says of an error."""
    return os.strerror(error.errno or 0)


# -- ping ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Echoes:
    """What ping has seen so far; times in milliseconds."""

    sent: int = 0
    received: int = 0
    total: float = 0.0
    shortest: float = math.inf
    longest: float = 0.0

    def take(self, time: float) -> None:
        """Count one answer."""
        self.received += 1
        self.total += time
        self.shortest, self.longest = min(self.shortest, time), max(self.longest, time)

    def statistics(self, host: str) -> str:
        """Return the lines with which ping ends."""
        lost = 100 * (self.sent - self.received) // self.sent if self.sent else 0
        text = f"\n--- {host} ping statistics ---\n{self.sent} packets transmitted, "
        text += f"{self.received} packets received, {lost}% packet loss\n"
        if self.received:
            average = self.total / self.received
            text += f"round-trip min/avg/max = {self.shortest:.3f}/{average:.3f}/{self.longest:.3f} ms\n"
        return text


@section.program("ping", usage="[OPTIONS] HOST")
def ping(command: Command) -> Program[int]:
    """Ask a host for echoes."""
    options = command.options("qc:s:i:W:w:t:I:p:4A")
    if len(options.words) != 1:
        raise Misuse("")
    host = options.words[0]
    count = number(options.get("c", "0"))
    size = number(options.get("s", "56"))
    interval = max(0.002, seconds(options.get("i", "1")))
    patience = float(number(options.get("W"))) if "W" in options else FIRST_ANSWER
    limit = float(number(options.get("w"))) if "w" in options else None
    address = find_host(command.process, host)
    process = command.process
    process.catch(Signal.INT)
    echoes = _Echoes()
    late = False
    yield from command.print(f"PING {host} ({address}): {size} data bytes\n")
    try:
        late = yield from _ping(command, options, echoes, address, count, size, interval, patience, limit)
    except Interrupted:
        pass
    except OSError as error:
        if error.errno != errno.ENETUNREACH:
            raise
        return (yield from command.complain(f"sendto: {reason(error)}"))
    yield from command.print(echoes.statistics(host))
    return int(not echoes.received or late)


def _ping(
    command: Command,
    options: Options,
    echoes: _Echoes,
    address: str,
    count: int,
    size: int,
    interval: float,
    patience: float,
    limit: float | None,
) -> Program[bool]:
    """Send and receive; tell whether the limit was over before all answers were there."""
    process = command.process
    network = process.table.network
    began = process.now()

    def left(wanted: float) -> float:
        return wanted if limit is None else max(0.0, min(wanted, began + limit - process.now()))

    while True:
        echoes.sent += 1
        trip = network.round_trip(address)
        if trip is not None:
            yield from process.sleep(trip)
            echoes.take(trip * 1000)
            if "q" not in options:
                hops = FAR if network.network.outside is not None and network.network.outside.knows(address) else NEAR
                line = f"{size + 8} bytes from {address}: seq={echoes.sent - 1} ttl={hops} time={trip * 1000:.3f} ms\n"
                yield from command.print(line)
        if echoes.sent == count:
            if echoes.received < count:
                yield from process.sleep(left(LATE_ANSWER if echoes.received else patience))
            return limit is not None and echoes.received < count
        yield from process.sleep(left(interval - (trip or 0.0)))
        if limit is not None and process.now() >= began + limit:
            return echoes.received < count


# -- names -----------------------------------------------------------------------------


@section.program("nslookup", usage="[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]")
def nslookup(command: Command) -> Program[int]:
    """Ask the name server about a host; /etc/hosts has no part in it."""
    types = [word.partition("=")[2] for word in command.words if word.startswith(("-type=", "-querytype="))]
    words = [word for word in command.words if not word.startswith("-")]
    if not 1 <= len(words) <= 2:
        raise Misuse("")
    name = words[0]
    process = command.process
    server = find_host(process, words[1]) if len(words) > 1 else _name_server(process)
    if not process.table.network.endpoint.address:
        text = os.strerror(errno.ENETUNREACH)
        return (yield from command.complain(f"can't connect to remote host ({server}): {text}"))
    yield from command.print(f"Server:\t\t{server}\nAddress:\t{server}:53\n\n")
    is_address = process.table.network.address_of(name) == name
    asked = ".".join(reversed(name.split("."))) + ".in-addr.arpa" if is_address else name
    address = None if is_address else process.table.network.look_up(name.lower().removesuffix("."))
    queries = ["ptr"] if is_address else [one.lower() for one in types] or ["a", "aaaa"]
    for query in queries:
        if address is None:
            yield from command.print(f"** server can't find {asked}: NXDOMAIN\n\n")
        elif query in ("a", "any"):
            yield from command.print(f"Non-authoritative answer:\nName:\t{name}\nAddress: {address}\n\n")
        else:
            yield from command.print("Non-authoritative answer:\n\n")
    return int(address is None)


def _name_server(process: Process) -> str:
    """Return the first name server of /etc/resolv.conf."""
    try:
        text = process.files.read("/etc/resolv.conf").read(0, 1 << 16).decode("utf-8", "replace")
    except OSError:
        return LOOPBACK
    lines = [line.split() for line in text.splitlines()]
    return next((fields[1] for fields in lines if len(fields) > 1 and fields[0] == "nameserver"), LOOPBACK)


# -- nc --------------------------------------------------------------------------------


@section.program("nc", usage="[OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT  - listen")
def nc(command: Command) -> Program[int]:
    """Connect the standard input and output with a TCP connection."""
    options = command.options("lp:w:i:e:vnzs:")
    if "e" in options:
        return (yield from command.complain("-e is not simulated"))
    timeout = float(number(options.get("w", "0"))) or None
    words = options.words
    process = command.process
    try:
        if "l" in options:
            port = port_number(options.get("p") or (words[-1] if words else "0"))
            connection = yield from _accept_one(command, port, timeout, "v" in options)
        else:
            if len(words) != 2:
                raise Misuse("")
            connection = yield from _connect(command, words[0], port_number(words[1]), timeout, options)
    except TimeoutError:
        if timeout is not None:
            return (yield from command.complain("timed out"))
        raise
    if connection is None:
        return 1
    if "z" in options:
        return 0
    return (yield from _talk(process, connection, timeout))


def _accept_one(command: Command, port: int, timeout: float | None, spoken: bool) -> Program[int | None]:
    process = command.process
    try:
        listening = yield from process.listen(port)
    except OSError as error:
        yield from command.complain(f"bind: {reason(error)}")
        return None
    listener = process.fds[listening]
    if spoken and isinstance(listener, Listener):
        yield from process.write(2, f"listening on {listener.local} ...\n")
    connection = yield from process.accept(listening, timeout)
    process.detach(listening)
    if spoken:
        socket = process.socket(connection)
        yield from process.write(2, f"connect to {socket.local} from {socket.remote} ({socket.remote})\n")
    return connection


def _connect(command: Command, host: str, port: int, timeout: float | None, options: Options) -> Program[int | None]:
    process = command.process
    address = find_host(process, host)
    try:
        connection = yield from process.connect(address, port, timeout)
    except TimeoutError:
        if timeout is None:
            yield from command.complain(f"can't connect to remote host ({address}): {os.strerror(errno.ETIMEDOUT)}")
            return None
        raise
    except OSError as error:
        if "z" not in options:
            yield from command.complain(f"can't connect to remote host ({address}): {reason(error)}")
        elif "v" in options:
            yield from command.complain(f"{host} ({address}:{port}): {reason(error)}")
        return None
    if "v" in options:
        yield from process.write(2, f"{host} ({address}:{port}) open\n")
    return connection


def _talk(process: Process, connection: int, timeout: float | None) -> Program[int]:
    """Carry bytes both ways until the other side has ended; the end of the input is passed on."""
    sources = [connection] if 0 not in process.fds else [0, connection]
    while True:
        try:
            fd, data = yield from process.read_any(*sources, timeout=timeout if 0 not in sources else None)
        except TimeoutError:  # of the other side's last words
            return 0
        if data:
            yield from process.write(connection if fd == 0 else 1, data)
        elif fd == connection:
            return 0
        else:
            sources.remove(fd)
            process.socket(connection).shut_down()


# -- interfaces and routes -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Interface:
    """A network interface of the container."""

    index: int
    name: str
    hardware: str
    address: IPv4Interface
    mtu: int

    @property
    def is_loopback(self) -> bool:
        return self.name == "lo"

    @property
    def flags(self) -> str:
        return "LOOPBACK,UP,LOWER_UP" if self.is_loopback else "BROADCAST,MULTICAST,UP,LOWER_UP"


def _interfaces(network: Namespace) -> list[_Interface]:
    found = [_Interface(1, "lo", "00:00:00:00:00:00", IPv4Interface(f"{LOOPBACK}/8"), 65536)]
    for name, endpoint in network.cards:
        address = IPv4Interface(f"{endpoint.address}/{endpoint.prefix_length}")
        found.append(_Interface(len(found) + 1, name, endpoint.card, address, 1500))
    return found


@section.program("ifconfig", usage="[-a] [INTERFACE]")
def ifconfig(command: Command) -> Program[int]:
    """Show the network interfaces."""
    options = command.options("a")
    if len(options.words) > 1:
        return (yield from command.complain("SIOCSIFADDR: Operation not permitted"))
    found = _interfaces(command.process.table.network)
    if options.words:
        found = [one for one in found if one.name == options.words[0]]
        if not found:
            name = options.words[0]
            return (yield from command.complain(f"{name}: error fetching interface information: Device not found"))
    for one in sorted(found, key=lambda one: one.name):
        network = one.address.network
        if one.is_loopback:
            text = f"{one.name:<9} Link encap:Local Loopback  \n"
            text += f"          inet addr:{one.address.ip}  Mask:{network.netmask}\n"
            text += f"          UP LOOPBACK RUNNING  MTU:{one.mtu}  Metric:1\n"
        else:
            text = f"{one.name:<9} Link encap:Ethernet  HWaddr {one.hardware.upper()}  \n"
            text += f"          inet addr:{one.address.ip}  Bcast:{network.broadcast_address}  Mask:{network.netmask}\n"
            text += f"          UP BROADCAST RUNNING MULTICAST  MTU:{one.mtu}  Metric:1\n"
        text += "          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n"
        text += "          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n"
        text += "          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n"
        yield from command.print(text)
    return 0


@section.program("route", usage="[-n]")
def route(command: Command) -> Program[int]:
    """Show where packets go."""
    options = command.options("neA:")
    if options.words:
        return (yield from command.complain("SIOCADDRT: Operation not permitted"))
    text = "Kernel IP routing table\n"
    text += "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
    numeric = "n" in options
    for target, gateway, mask, flags, card in _routes(command.process.table.network):
        if not numeric:
            target = "default" if target == ANY else target
            gateway = "*" if gateway == ANY else gateway
        text += f"{target:<15} {gateway:<15} {mask:<15} {flags:<6}0      0        0 {card}\n"
    yield from command.print(text)
    return 0


def _routes(network: Namespace) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield target, gateway, mask, flags and network card: first the way out, then the networks nearby."""
    for card, endpoint in network.cards:
        if endpoint is network.endpoint and endpoint.gateway:
            yield ANY, endpoint.gateway, ANY, "UG", card
    for card, endpoint in network.cards:
        own = IPv4Interface(f"{endpoint.address}/{endpoint.prefix_length}").network
        yield str(own.network_address), ANY, str(own.netmask), "U", card


@section.program("ip", usage="[OPTIONS] address|route|link [ARGS]")
def ip(command: Command) -> Program[int]:
    """Show addresses, links and routes."""
    words = command.words
    flags: set[str] = set()
    while words and words[0].startswith("-"):
        flags.add(words.pop(0).lstrip("-"))
    if not words:
        raise Misuse("")
    thing, *rest = words
    verb = rest[0] if rest else "show"
    network = command.process.table.network
    kind = next((one for one in ("address", "link", "route") if one.startswith(thing)), None)
    if kind is None:
        raise Misuse("")
    if kind == "route":
        return (yield from _ip_route(command, network, rest))
    if not "show".startswith(verb) and not "list".startswith(verb) and verb != "dev":
        return (yield from command.complain("RTNETLINK answers: Operation not permitted", 2))
    found = _interfaces(network)
    names = [word for word in rest if word not in ("show", "list", "ls", "dev", "sh", "s", "l", "up")]
    if names:
        found = [one for one in found if one.name == names[0]]
        if not found:
            return (yield from command.complain(f"can't find device '{names[0]}'"))
    if not flags & {"6"}:
        yield from command.print("".join(line for one in found for line in _ip_lines(one, kind, flags)))
    return 0


def _ip_lines(one: _Interface, kind: str, flags: set[str]) -> Iterator[str]:
    broadcast = "" if one.is_loopback else f" brd {one.address.network.broadcast_address}"
    scope = "host" if one.is_loopback else "global"
    inet = f"inet {one.address}{broadcast} scope {scope} {one.name}"
    valid = "       valid_lft forever preferred_lft forever"
    if "o" in flags and kind == "address":
        yield f"{one.index}: {one.name}    {inet}\\{valid}\n"
        return
    discipline = "noqueue" if one.is_loopback else "pfifo_fast"
    yield f"{one.index}: {one.name}: <{one.flags}> mtu {one.mtu} qdisc {discipline} qlen 1000\n"
    if "4" not in flags:
        encapsulation = "loopback" if one.is_loopback else "ether"
        everybody = one.hardware if one.is_loopback else "ff:ff:ff:ff:ff:ff"
        yield f"    link/{encapsulation} {one.hardware} brd {everybody}\n"
    if kind == "address":
        yield f"    {inet}\n{valid}\n"


def _ip_route(command: Command, network: Namespace, words: list[str]) -> Program[int]:
    verb = words[0] if words else "show"
    endpoint = network.endpoint
    if verb == "get" and len(words) > 1:
        if not endpoint.address:
            return (yield from command.complain(f"RTNETLINK answers: {os.strerror(errno.ENETUNREACH)}", 2))
        target = IPv4Interface(find_host(command.process, words[1])).ip
        for card, near in network.cards:
            if target in IPv4Interface(f"{near.address}/{near.prefix_length}").network:
                yield from command.print(f"{words[1]} dev {card}  src {near.address} \n")
                return 0
        card = next(name for name, one in network.cards if one is endpoint)
        yield from command.print(f"{words[1]} via {endpoint.gateway} dev {card}  src {endpoint.address} \n")
        return 0
    if verb not in ("show", "list", "ls", "s", "l", "default"):
        return (yield from command.complain("RTNETLINK answers: Operation not permitted", 2))
    for card, one in network.cards:
        if one is endpoint and one.gateway:
            yield from command.print(f"default via {one.gateway} dev {card} \n")
    for card, one in network.cards:
        own = IPv4Interface(f"{one.address}/{one.prefix_length}").network
        yield from command.print(f"{own} dev {card} scope link  src {one.address} \n")
    return 0


@section.program("netstat", usage="[-ral] [-tuwx] [-enp]")
def netstat(command: Command) -> Program[int]:
    """Show who listens and who is connected; addresses and ports always as numbers."""
    options = command.options("raltuwxenpW")
    if "r" in options:
        return (yield from route(Command(command.process, ("route", "-n"))))
    which = "only servers" if "l" in options else "servers and established" if "a" in options else "w/o servers"
    every = not options.flags & set("tuwx")
    text = ""
    if every or options.flags & set("tuw"):
        text += f"Active Internet connections ({which})\n"
        text += "Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
        text += "PID/Program name    \n" if "p" in options else "\n"
    if every or "t" in options:
        network = command.process.table.network
        rows: list[tuple[Descriptor, str, str, str]] = []
        if options.flags & {"l", "a"}:
            rows += [
                (one, str(one.local), f"{ANY}:*", "LISTEN")
                for one in sorted(network.listeners, key=lambda one: one.local.port)
            ]
        if "l" not in options:
            rows += [(one, str(one.local), str(one.remote), "ESTABLISHED") for one in network.connections]
        for descriptor, local, remote, state in rows:
            text += f"tcp        0      0 {local:<23} {remote:<23} {state:<12}"
            text += f"{_owner(command.process, descriptor):<20}\n" if "p" in options else "\n"
    if every or "x" in options:
        text += f"Active UNIX domain sockets ({which})\n"
        text += "Proto RefCnt Flags       Type       State         I-Node Path\n"
    yield from command.print(text)
    return 0


def _owner(process: Process, descriptor: Descriptor) -> str:
    """Return the process that holds a descriptor, as netstat shows it."""
    for one in process.table:
        if descriptor in one.fds.values() and one.argv:
            return f"{one.pid}/{one.argv[0].rpartition('/')[2]}"
    return "-"
