"""Creating containers as today's daemons do: what an image adds, what is refused before anything is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine import errors
from fakedocker.engine.containers import creation
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, RestartPolicy
from fakedocker.engine.networks.endpoints import EndpointSettings
from fakedocker.engine.profiles import DOCKER_20_10, DOCKER_26, Profile

if TYPE_CHECKING:
    from engine.conftest import World

MAC, OTHER = "02:42:ac:11:00:09", "02-42-ac-11-00-0a"
NewWorld = Callable[..., World] if TYPE_CHECKING else Any


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world(profile=DOCKER_26)


def create(world: World, config: Config | None = None, host: HostConfig | None = None, **more: Any) -> Container:
    """Create a container of the image `base` with a command, unless something else is said."""
    wanted = config or Config(cmd=("/bin/program",), image="base")
    return creation.create(world.engine, wanted, host or HostConfig(), name="box", **more)


def refusal(world: World, config: Config | None = None, host: HostConfig | None = None, **more: Any) -> str:
    """Return why a container is not created; nothing may be left of it."""
    told = world.engine.events.end
    with pytest.raises(errors.DockerError) as caught:
        create(world, config, host, **more)
    assert len(world.engine.containers) == 0
    assert world.engine.events.end == told
    return str(caught.value)


# -- commands and images ------------------------------------------------------------------------------


def test_an_image_lends_what_is_not_given(world: World) -> None:
    lent = Config(cmd=("a",), entrypoint=("/bin/program",), env=("A=1", "B=1"), working_dir="/etc", user="daemon")
    world.new_image("lending", lent)
    config = create(world, Config(image="lending", env=("B=2",))).config
    assert config.command == ("/bin/program", "a")
    assert (config.env, config.working_dir, config.user) == (("B=2", "A=1"), "/etc", "daemon")


def test_an_own_entry_point_makes_the_command_of_the_image_void(world: World) -> None:
    world.new_image("lending", Config(cmd=("a",), entrypoint=("/bin/program",)))
    assert create(world, Config(image="lending", entrypoint=("/bin/other",))).config.command == ("/bin/other",)


def test_an_empty_entry_point_means_none_and_not_that_of_the_image(world: World) -> None:
    world.new_image("lending", Config(cmd=("a",), entrypoint=("/bin/program",)))
    container = create(world, Config(image="lending", entrypoint=("",), cmd=("/bin/other",)))
    assert (container.config.entrypoint, container.config.command) == (None, ("/bin/other",))


@pytest.mark.parametrize("config", [Config(image="base"), Config(image="base", cmd=(), entrypoint=("",))])
def test_a_container_needs_a_command(world: World, config: Config) -> None:
    assert refusal(world, config) == "no command specified"


def test_a_command_without_a_name_is_one_that_cannot_be_started(world: World) -> None:
    container = create(world, Config(image="base", cmd=("",)))
    with pytest.raises(errors.DockerError, match=r'exec: "": executable file not found in [$]PATH'):
        world.engine.start(container)
    assert not container.running


def test_an_image_that_is_not_there_is_not_found(world: World) -> None:
    assert refusal(world, Config(image="nosuch", cmd=("true",))) == "No such image: nosuch:latest"


def test_what_makes_no_sense_is_refused_before_the_image_is_looked_for(world: World) -> None:
    text = refusal(world, Config(image="nosuch", cmd=("true",), working_dir="etc"))
    assert text == "the working directory 'etc' is invalid, it needs to be an absolute path"


@pytest.mark.parametrize("platform", ["linux/arm64", "windows/amd64"])
def test_an_image_for_another_platform_is_not_found(world: World, platform: str) -> None:
    text = "image with reference base was found but does not match the specified platform"
    assert refusal(world, platform=platform) == f"{text}: wanted {platform}, actual: linux/amd64"


# -- the host's half ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("swap", "expected"), [(0, 16 << 20), (-1, -1), (12 << 20, 12 << 20)])
def test_swap_is_twice_the_memory_unless_it_is_said(world: World, swap: int, expected: int) -> None:
    container = create(world, host=HostConfig(memory=8 << 20, memory_swap=swap))
    assert container.host_config.memory_swap == expected
    assert container.config.memory == 8 << 20  # which is what its processes feel


@pytest.mark.parametrize(
    ("profile", "mode", "policy"), [(DOCKER_20_10, "default", ""), (DOCKER_26, "bridge", "no")], ids=["20.10", "26"]
)
def test_newer_daemons_call_the_defaults_by_their_names(
    new_world: NewWorld, profile: Profile, mode: str, policy: str
) -> None:
    host = create(new_world(profile=profile)).host_config
    assert (host.network_mode, host.restart_policy.name) == (mode, policy)


@pytest.mark.parametrize("link", ["nosuch", "nosuch:alias", "/nosuch:alias"])
def test_links_lead_to_containers_that_there_are(world: World, link: str) -> None:
    text = refusal(world, host=HostConfig(links=(link,)))
    assert text == "could not get container for nosuch: No such container: nosuch"


def test_a_name_can_be_had_once(world: World) -> None:
    first = create(world)
    with pytest.raises(
        errors.Conflict, match=rf'The container name "/box" is already in use by container "{first.id}"'
    ):
        create(world)
    assert list(world.engine.containers) == [first]


@pytest.mark.parametrize("platform", ["", "linux", "linux/amd64"])
def test_the_platform_that_is_shown_is_its_system(world: World, platform: str) -> None:
    assert create(world, platform=platform).platform == "linux"


# -- hardware addresses ------------------------------------------------------------------------------


def test_the_hardware_address_of_a_container_is_that_of_its_main_network(world: World) -> None:
    container = create(world, Config(cmd=("/bin/program",), image="base", mac_address=MAC))
    world.shelf.bodies["program"] = lambda process: (yield from process.sleep(100))
    world.engine.start(container)
    (endpoint,) = world.engine.connections.sandbox(container).endpoints.values()
    assert endpoint.card.mac_address == MAC


def test_the_hardware_address_in_the_main_network_is_that_of_the_container(world: World) -> None:
    assert create(world, networks={"bridge": EndpointSettings(mac_address=MAC)}).config.mac_address == MAC


@pytest.mark.parametrize("mode", ["none", "host"])
def test_without_a_network_of_its_own_a_container_has_no_hardware_address(world: World, mode: str) -> None:
    container = create(
        world, Config(cmd=("/bin/program",), image="base", mac_address=MAC), HostConfig(network_mode=mode)
    )
    assert container.config.mac_address == ""


@pytest.mark.parametrize(
    ("own", "network", "text"),
    [
        (MAC, {"bridge": OTHER}, "the container-wide MAC address must match the endpoint-specific MAC address"),
        (MAC, {"front": ""}, "if a container-wide MAC address is supplied, HostConfig.NetworkMode must match"),
        ("zz", {}, "invalid config for network bridge: invalid MAC address zz"),
        ("", {"bridge": "02:42-ac:11:00:09"}, "invalid config for network bridge: invalid MAC address 02:42-ac"),
    ],
)
def test_hardware_addresses_that_make_no_sense_are_refused(
    world: World, own: str, network: dict[str, str], text: str
) -> None:
    networks = {name: EndpointSettings(mac_address=address) for name, address in network.items()}
    config = Config(cmd=("/bin/program",), image="base", mac_address=own)
    assert refusal(world, config, networks=networks).startswith(text)


@pytest.mark.parametrize("address", [MAC, OTHER, "0242.ac11.0009", "02:42:AC:11:00:09"])
def test_hardware_addresses_are_written_as_go_reads_them(world: World, address: str) -> None:
    config = Config(cmd=("/bin/program",), image="base", mac_address=address)
    assert create(world, config).config.mac_address == address


def test_a_policy_goes_with_the_container(world: World) -> None:
    policy = RestartPolicy("on-failure", 2)
    assert create(world, host=HostConfig(restart_policy=policy)).host_config.restart_policy == policy
