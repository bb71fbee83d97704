"""The words of 2013 and those of today: what one says, the other means."""

from __future__ import annotations

from typing import Any

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding
from fakedocker.engine.containers.translation import completed, exposing, retold, translated
from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.files.binds import Bind


@pytest.mark.parametrize(
    ("specs", "ports"),
    [
        (("80",), {"80/tcp": ""}),
        ((":80",), {"80/tcp": "80"}),
        (("8080:80", "53"), {"80/tcp": "8080", "53/tcp": ""}),
        (("8080:80", "8081:80"), {"80/tcp": "8081"}),  # named twice: the last one counts
    ],
)
def test_ports_are_exposed_and_published(specs: tuple[str, ...], ports: dict[str, str]) -> None:
    config, host = translated(Config(port_specs=specs), HostConfig())
    assert host.port_bindings == {port: (PortBinding("", public),) for port, public in ports.items()}
    assert config.exposed_ports == {port: {} for port in ports}
    assert config.port_specs == specs


@pytest.mark.parametrize("spec", ["", "x", "80:x", ":99999", "80/tcp"])
def test_what_is_no_port_is_refused(spec: str) -> None:
    with pytest.raises(InvalidParameter):
        translated(Config(port_specs=(spec,)), HostConfig())


def test_volumes_name_servers_and_limits_are_the_hosts_half() -> None:
    given = Config(volumes_from="other", dns=("1.1.1.1",), memory=100, cpu_shares=7)
    _, host = translated(given, HostConfig(), [Bind("/a", "/b"), Bind("/c", "/d", read_only=True)])
    assert (host.volumes_from, host.dns, host.binds) == (("other",), ("1.1.1.1",), ("/a:/b", "/c:/d:ro"))
    assert (host.memory, host.memory_swap, host.cpu_shares) == (100, 200, 7)


def test_limits_of_swap_are_kept() -> None:
    assert translated(Config(memory=100, memory_swap=-1), HostConfig())[1].memory_swap == -1


def test_what_was_said_in_the_words_of_today_counts() -> None:
    said = HostConfig(
        port_bindings={"80/tcp": (PortBinding("", "1"),), "90/udp": ()}, dns=("8.8.8.8",), memory=5, memory_swap=6
    )
    config = Config(port_specs=("2:80",), dns=("1.1.1.1",), memory=50, exposed_ports={"7/tcp": {}})
    made, host = translated(config, said)
    assert host.port_bindings == said.port_bindings
    assert (host.dns, host.memory, host.memory_swap) == (("8.8.8.8",), 5, 6)
    assert set(made.exposed_ports or ()) == {"7/tcp", "80/tcp"}


def test_who_says_nothing_old_gets_nothing_new() -> None:
    config, host = Config(cmd=("x",)), HostConfig(binds=(), volumes_from=(), port_bindings={})
    assert translated(config, host) == (config, host)
    assert translated(config, HostConfig()) == (config, HostConfig())


def test_to_translate_twice_is_to_translate_once() -> None:
    config = Config(port_specs=("80", "1:2"), volumes_from="other", dns=("1.1.1.1",), memory=100)
    once = translated(config, HostConfig(binds=("v:/v",)), [Bind("/a", "/b")])
    assert translated(*once) == once


def test_a_container_of_today_is_told_in_the_words_of_2013() -> None:
    bindings = {
        "80/tcp": (PortBinding("", "8080"), PortBinding("127.0.0.1", "")),
        "90": (PortBinding(),),
        "53/udp": (PortBinding("", "53"),),
    }
    host = HostConfig(port_bindings=bindings, volumes_from=("a:ro", "b"), dns=("1.1.1.1",), memory=5, cpu_shares=6)
    told = retold(Config(), host)
    assert told.port_specs == ("8080:80", "80", "90")
    assert (told.volumes_from, told.dns, told.memory, told.cpu_shares) == ("a,b", ("1.1.1.1",), 5, 6)


def test_one_of_2013_is_told_as_it_was_created() -> None:
    config = Config(port_specs=("80", "80"), volumes_from="other", dns=(), memory=100, cpu_shares=2)
    made, host = translated(config, HostConfig())
    told = retold(made, host)
    for name in ("port_specs", "volumes_from", "dns", "memory", "memory_swap", "cpu_shares"):
        assert getattr(told, name) == getattr(config, name)


def test_an_image_adds_what_it_does_today_and_lends_what_it_did_in_2013() -> None:
    image = Config(
        env=("A=1", "B=2"), labels={"x": "y"}, port_specs=("80",), hostname="h", tty=True, volumes={"/v": {}}
    )
    made = completed(Config(env=("A=3",), port_specs=("90",)), image)
    assert (made.env, made.labels, made.volumes) == (("A=3", "B=2"), {"x": "y"}, {"/v": {}})
    assert (made.port_specs, made.hostname, made.tty) == (("90",), "h", True)
    assert completed(made, None) is made


@pytest.mark.parametrize("given", [None, {"90/tcp": {}}])
def test_ports_are_exposed_beside_others(given: Any) -> None:
    assert exposing(Config(exposed_ports=given), ["80/tcp"]).exposed_ports == {"80/tcp": {}, **(given or {})}
    assert exposing(Config(exposed_ports=given), []).exposed_ports == given
