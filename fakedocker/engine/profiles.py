"""Which real daemon the engine plays: what it says of itself and of the machine it would run on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """A daemon that once existed.

    `api_versions` are what it serves, oldest first. `gateway`, `prefix_length` and `bridge` describe the network it
    gives containers; `first_port` is where random public ports begin. `start_delay`: seconds from the start of a
    container to its command's first breath. A real daemon takes some hundred milliseconds, and clients that attach
    after they started rely on some.
    """

    name: str
    version: str
    git_commit: str
    go_version: str
    api_versions: tuple[str, ...]
    bridge: str
    gateway: str
    prefix_length: int
    first_port: int
    last_port: int
    init_path: str
    resolv_conf_path: str
    root: str
    architecture: str
    start_delay: float


#: The daemon whose API document says 1.1 (moby commit 5ecfe13, 2013-06-12), as observed.
DOCKER_0_4 = Profile(
    name="0.4",
    version="0.4.0",
    git_commit="5ecfe13",
    go_version="go1.1",
    api_versions=("1.0", "1.1"),
    bridge="docker0",
    gateway="172.16.42.1",
    prefix_length=24,
    first_port=49153,
    last_port=65535,
    init_path="/usr/local/bin/docker",
    resolv_conf_path="/etc/resolv.conf",
    root="/var/lib/docker",
    architecture="x86_64",
    start_delay=0.012,
)

PROFILES = {profile.name: profile for profile in (DOCKER_0_4,)}


@dataclass(frozen=True, slots=True)
class Host:
    """The machine the daemon would run on."""

    memory_limit: bool = True
    swap_limit: bool = True
    debug: bool = False
    nameservers: tuple[str, ...] = ("8.8.8.8", "8.8.4.4")
