"""Programs that talk over the simulated network, in containers on one clock that stands still."""

from __future__ import annotations

import pytest

# -- nc ------------------------------------------------------------------------------------


def test_two_containers_talk_over_nc(lan) -> None:
    server = lan.start("echo question? | nc -l -p 9000", hostname="server")
    client = lan.run(f"echo answer | nc {server.network.address} 9000")
    assert (client.code, client.out, client.err) == (0, "question?\n", "")
    assert (server.exit_code, lan.out(server)) == (0, "answer\n")


def test_a_container_is_found_by_its_host_name_and_its_short_id(lan) -> None:
    server = lan.start("nc -l -p 9000; nc -l -p 9000", hostname="Db")
    assert lan.run("echo by name | nc db 9000").code == 0
    assert lan.run(f"echo by id | nc {server.id[:12]} 9000").code == 0
    assert lan.out(server) == "by name\nby id\n"


def test_a_container_that_has_ended_is_not_found_any_more(lan) -> None:
    server = lan.start("sleep 1000", hostname="db")
    lan.end(server)
    assert lan.run("nc db 9000").err == "nc: bad address 'db'\n"


def test_nobody_who_listens_means_refused(lan) -> None:
    server = lan.start("sleep 1000")
    address = server.network.address
    result = lan.run(f"nc {address} 81")
    assert (result.code, result.err) == (1, f"nc: can't connect to remote host ({address}): Connection refused\n")


def test_nobody_at_an_address_takes_time(lan) -> None:
    container = lan.start("nc 172.16.42.99 80")
    lan.advance(2.9)
    assert container.running
    lan.advance(0.2)
    assert lan.err(container) == "nc: can't connect to remote host (172.16.42.99): No route to host\n"


def test_a_connection_is_not_waited_for_longer_than_asked(lan) -> None:
    container = lan.start("nc -w 1 10.1.2.3 80")
    lan.advance(0.9)
    assert container.running
    lan.advance(0.2)
    assert (container.exit_code, lan.err(container)) == (1, "nc: timed out\n")


def test_a_listener_does_not_wait_longer_than_asked(lan) -> None:
    result = lan.run("nc -l -w 2 -p 9000")
    assert (result.code, result.err) == (1, "nc: timed out\n")


def test_a_port_that_is_in_use_cannot_be_listened_on(lan) -> None:
    result = lan.run("nc -l -p 9000 & sleep 1; nc -l -p 9000; echo $?; kill %1")
    assert (result.out, result.err) == ("1\n", "nc: bind: Address already in use\n")


def test_loopback_is_within_the_container(lan) -> None:
    assert lan.run("nc -l -p 9000 & sleep 1; echo hi | nc localhost 9000; wait").out == "hi\n"
    lan.start("nc -l -p 9000", hostname="other")
    assert "Connection refused" in lan.run("nc 127.0.0.1 9000").err


def test_much_goes_through_in_order(lan) -> None:
    lan.start("seq 60000 | nc -l -p 9000", hostname="server")
    assert lan.run("nc server 9000 < /dev/null | tail -n 1").out == "60000\n"
    lan.start("seq 60000 | nc -l -p 9000", hostname="again")
    assert lan.run("nc again 9000 < /dev/null | wc -l").out.strip() == "60000"


def test_a_port_can_be_probed(lan) -> None:
    server = lan.start("sleep 1000; true")
    lan.start("nc -l -p 9000", hostname="open")
    assert lan.run("nc -z open 9000").code == 0
    closed = lan.run(f"nc -zv {server.network.address} 9000")
    assert closed.code == 1
    assert closed.err == f"nc: {server.network.address} ({server.network.address}:9000): Connection refused\n"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("nc 127.0.0.1 99999", "nc: bad port '99999'"),
        ("nc 127.0.0.1 abc", "nc: bad port 'abc'"),
        ("nc nobody.example 80", "nc: bad address 'nobody.example'"),
        ("nc -e sh 127.0.0.1 80", "nc: -e is not simulated"),
    ],
)
def test_what_nc_cannot_do_is_said(lan, call: str, error: str) -> None:
    result = lan.run(call)
    assert (result.code, result.err) == (1, error + "\n")


def test_the_other_side_ends_with_its_container(lan) -> None:
    server = lan.start("nc -l -p 9000", hostname="server", open_stdin=True)
    client = lan.start("nc server 9000; echo over", open_stdin=True)
    assert client.running
    lan.end(server)
    lan.advance(1)
    assert (client.running, lan.out(client)) == (False, "over\n")


def test_a_published_port_is_reached_through_the_gateway(lan) -> None:
    lan.start("echo welcome | nc -l -p 80", port_specs=("8080:80",))
    assert lan.run("nc 172.16.42.1 8080 < /dev/null").out == "welcome\n"
    assert "Connection refused" in lan.run("nc 172.16.42.1 8081").err


# -- ping ----------------------------------------------------------------------------------


def test_ping_counts_and_measures(lan) -> None:
    server = lan.start("sleep 1000", hostname="server")
    address = server.network.address
    assert lan.run("ping -c 2 server").out == (
        f"PING server ({address}): 56 data bytes\n"
        f"64 bytes from {address}: seq=0 ttl=64 time=0.100 ms\n"
        f"64 bytes from {address}: seq=1 ttl=64 time=0.100 ms\n"
        "\n--- server ping statistics ---\n"
        "2 packets transmitted, 2 packets received, 0% packet loss\n"
        "round-trip min/avg/max = 0.100/0.100/0.100 ms\n"
    )


def test_ping_takes_a_second_between_two_echoes(lan) -> None:
    container = lan.start("ping -q -c 3 -s 10 localhost")
    lan.advance(1.9)
    assert container.running
    lan.advance(0.2)
    assert (container.running, container.exit_code) == (False, 0)
    assert "PING localhost (127.0.0.1): 10 data bytes\n\n---" in lan.out(container)


def test_ping_of_nobody_loses_everything(lan) -> None:
    container = lan.start("ping -c 1 -W 3 172.16.42.77")
    lan.advance(2.9)
    assert container.running
    lan.advance(0.2)
    assert container.exit_code == 1
    assert lan.out(container).endswith("1 packets transmitted, 0 packets received, 100% packet loss\n")


def test_ping_without_count_ends_with_statistics_when_interrupted(lan) -> None:
    result = lan.run("ping -q localhost & sleep 3.5; kill -INT $!; wait $!; echo $?")
    assert result.out.endswith("round-trip min/avg/max = 0.050/0.050/0.050 ms\n0\n")
    assert "4 packets transmitted, 4 packets received" in result.out


def test_ping_ends_when_its_time_is_over(lan) -> None:
    result = lan.run("ping -q -w 2 localhost", seconds=2.1)
    assert (result.code, "2 packets transmitted, 2 packets received" in result.out) == (0, True)


def test_ping_knows_who_is_unknown(lan) -> None:
    result = lan.run("ping -c 1 nobody")
    assert (result.code, result.err) == (1, "ping: bad address 'nobody'\n")


def test_a_host_of_the_world_outside_answers(lan) -> None:
    assert "64 bytes from 198.18.0.1: seq=0 ttl=51 time=12.000 ms\n" in lan.run("ping -c 1 files.example").out


def test_without_an_address_the_network_is_unreachable(container) -> None:
    result = container.run("ping", "-c", "1", "10.0.0.1")
    assert (result.code, result.err) == (1, "ping: sendto: Network is unreachable\n")


# -- names ---------------------------------------------------------------------------------


def test_nslookup_asks_the_name_server(lan) -> None:
    server = lan.start("sleep 1000", hostname="web")
    assert lan.run("nslookup web").out == (
        "Server:\t\t8.8.8.8\nAddress:\t8.8.8.8:53\n\n"
        f"Non-authoritative answer:\nName:\tweb\nAddress: {server.network.address}\n\n"
        "Non-authoritative answer:\n\n"
    )


def test_nslookup_does_not_find_everybody(lan) -> None:
    result = lan.run("nslookup -type=a nobody 9.9.9.9")
    assert result.code == 1
    assert result.out == ("Server:\t\t9.9.9.9\nAddress:\t9.9.9.9:53\n\n** server can't find nobody: NXDOMAIN\n\n")


def test_the_name_servers_of_the_configuration_are_in_resolv_conf(lan) -> None:
    assert lan.run("cat /etc/resolv.conf", dns=("10.9.8.7",)).out == "nameserver 10.9.8.7\n"


def test_etc_hosts_of_the_container_comes_first(lan) -> None:
    server = lan.start("sleep 1000", hostname="web")
    result = lan.run(f"echo '{server.network.address} files.example alias' >> /etc/hosts; ping -c 1 alias | head -n 1")
    assert result.out == f"PING alias ({server.network.address}): 56 data bytes\n"


def test_hostname_says_the_address(lan) -> None:
    container = lan.start("hostname -i", hostname="me")
    lan.advance(1)
    assert lan.out(container) == "172.16.42.2\n"


# -- interfaces ------------------------------------------------------------------------------


def test_ifconfig_and_ip_show_the_containers_address(lan) -> None:
    out = lan.run("ifconfig eth0 | head -n 3; ip -4 addr; ip route; route -n").out
    assert out == (
        "eth0      Link encap:Ethernet  HWaddr 02:42:AC:10:2A:02  \n"
        "          inet addr:172.16.42.2  Bcast:172.16.42.255  Mask:255.255.255.0\n"
        "          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n"
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n"
        "    inet 127.0.0.1/8 scope host lo\n"
        "       valid_lft forever preferred_lft forever\n"
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast qlen 1000\n"
        "    inet 172.16.42.2/24 brd 172.16.42.255 scope global eth0\n"
        "       valid_lft forever preferred_lft forever\n"
        "default via 172.16.42.1 dev eth0 \n"
        "172.16.42.0/24 dev eth0 scope link  src 172.16.42.2 \n"
        "Kernel IP routing table\n"
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
        "0.0.0.0         172.16.42.1     0.0.0.0         UG    0      0        0 eth0\n"
        "172.16.42.0     0.0.0.0         255.255.255.0   U     0      0        0 eth0\n"
    )


def test_an_interface_that_is_not_there(lan) -> None:
    result = lan.run("ifconfig eth9; ip addr show eth9; ip foo 2>/dev/null; echo $?")
    assert result.err == (
        "ifconfig: eth9: error fetching interface information: Device not found\nip: can't find device 'eth9'\n"
    )
    assert result.out == "1\n"


def test_netstat_shows_who_listens_and_who_is_connected(lan) -> None:
    server = lan.start("sleep 99 | nc -l -p 9000 & nc -l -p 9001 & sleep 1; netstat -tln; sleep 10; netstat -tn")
    address = server.network.address
    lan.advance(2)
    lan.start(f"sleep 99 | nc {address} 9000")
    lan.advance(20)
    heads = "Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n"
    assert lan.out(server) == (
        f"Active Internet connections (only servers)\n{heads}"
        "tcp        0      0 0.0.0.0:9000            0.0.0.0:*               LISTEN      \n"
        "tcp        0      0 0.0.0.0:9001            0.0.0.0:*               LISTEN      \n"
        f"Active Internet connections (w/o servers)\n{heads}"
        f"tcp        0      0 {address}:9000        172.16.42.3:32768       ESTABLISHED \n"
    )
