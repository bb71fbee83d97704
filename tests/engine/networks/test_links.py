"""What links put into an environment, as a daemon 20.10 did."""

from __future__ import annotations

from typing import Any

from fakedocker.engine.containers.config import Config
from fakedocker.engine.networks.links import Link


def told(alias: str = "db", **config: Any) -> list[str]:
    return list(Link("me", alias, "172.17.0.2", Config(**config)).environment())


def test_a_container_without_ports_has_a_name() -> None:
    assert told() == ["DB_NAME=/me/db"]


def test_every_port_is_told_and_the_first_one_stands_for_all() -> None:
    assert told("my-db", exposed_ports={"81/udp": {}, "80/tcp": {}}) == [
        "MY_DB_PORT=tcp://172.17.0.2:80",
        "MY_DB_PORT_80_TCP=tcp://172.17.0.2:80",
        "MY_DB_PORT_80_TCP_ADDR=172.17.0.2",
        "MY_DB_PORT_80_TCP_PORT=80",
        "MY_DB_PORT_80_TCP_PROTO=tcp",
        "MY_DB_PORT_81_UDP=udp://172.17.0.2:81",
        "MY_DB_PORT_81_UDP_ADDR=172.17.0.2",
        "MY_DB_PORT_81_UDP_PORT=81",
        "MY_DB_PORT_81_UDP_PROTO=udp",
        "MY_DB_NAME=/me/my-db",
    ]


def test_three_ports_in_a_row_are_a_range_too() -> None:
    ports = {f"{number}/tcp": {} for number in (80, 81, 9000, 9001, 9002)}
    assert [variable for variable in told(exposed_ports=ports) if "START" in variable or "END" in variable] == [
        "DB_PORT_9000_TCP_START=tcp://172.17.0.2:9000",
        "DB_PORT_9000_TCP_PORT_START=9000",
        "DB_PORT_9000_TCP_END=tcp://172.17.0.2:9002",
        "DB_PORT_9000_TCP_PORT_END=9002",
    ]


def test_the_others_environment_is_told_without_home_and_path() -> None:
    assert told(env=("A=1", "HOME=/x", "PATH=/bin", "B")) == ["DB_NAME=/me/db", "DB_ENV_A=1"]
