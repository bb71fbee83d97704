"""Which real daemon the engine plays: what it says of itself and of the machine it would run on."""

from __future__ import annotations

from dataclasses import dataclass, replace

Version = tuple[int, int]
#: From here on the API is that of today; 1.0 and 1.1 are the API of 2013, and nobody serves what lies between.
OLDEST_MODERN: Version = (1, 12)


def parse_version(text: str) -> Version:
    """Return a version of the API as numbers."""
    major, _, minor = text.partition(".")
    return int(major), int(minor)


@dataclass(frozen=True, slots=True)
class Component:
    """A program the daemon works with: its name, its version, the commit it was built of."""

    name: str
    version: str
    git_commit: str = ""


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
    #: Since API 1.24: what else a daemon says of itself.
    components: tuple[Component, ...] = ()
    build_time: str = ""
    builder: str = ""
    masked_paths: tuple[str, ...] = ()
    #: Whether the event of a container's end comes after those of its network and its volumes, with its duration.
    dies_last: bool = False
    #: Whether a container that leaves its network and its restart policy open has them by their names.
    names_defaults: bool = False
    #: Whether a health check that took too long shows what it had written until then.
    shows_slow_output: bool = False
    #: Whether modes of namespaces that there are not are refused when a container is created.
    checks_modes: bool = False
    #: Whether it saves images as an OCI layout (since 25.0), with what earlier daemons read beside it.
    saves_layouts: bool = False

    @property
    def modern_versions(self) -> tuple[Version, ...]:
        """The versions it serves of the API of today, oldest first."""
        return tuple(version for version in map(parse_version, self.api_versions) if version >= OLDEST_MODERN)

    def unprefixed(self, wanted: str | None = None) -> str:
        """Return the version that a path without one speaks. Raises ValueError if it is not served.

        By default 1.1, as its document says; where that is not served, the newest.
        """
        if wanted is None:
            return "1.1" if "1.1" in self.api_versions else self.api_versions[-1]
        if wanted not in self.api_versions:
            served = f"{self.api_versions[0]} to {self.api_versions[-1]}"
            raise ValueError(f"the profile {self.name} serves the API {served}, not {wanted}")
        return wanted

    @property
    def newest(self) -> Version:
        """The newest version it serves."""
        return parse_version(self.api_versions[-1])


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


def _versions(oldest: int, newest: int) -> tuple[str, ...]:
    return tuple(f"1.{minor}" for minor in range(oldest, newest + 1))


_MASKED = ("asound", "acpi", "kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug", "scsi")

#: Observed: Debian 12's docker.io.
DOCKER_20_10 = Profile(
    name="20.10",
    version="20.10.24+dfsg1",
    git_commit="5d6db84",
    go_version="go1.19.8",
    api_versions=_versions(12, 41),
    bridge="docker0",
    gateway="172.17.0.1",
    prefix_length=16,
    first_port=32768,
    last_port=60999,
    init_path="/usr/bin/dockerd",
    resolv_conf_path="/etc/resolv.conf",
    root="/var/lib/docker",
    architecture="amd64",
    start_delay=0.012,
    components=(
        Component("containerd", "1.6.20~ds1", "1.6.20~ds1-1+deb12u3"),
        Component("runc", "1.1.5+ds1", "1.1.5+ds1-1+deb12u1"),
        Component("docker-init", "0.19.0"),
    ),
    build_time="2023-05-07T21:09:36.000000000+00:00",
    masked_paths=(*(f"/proc/{name}" for name in _MASKED), "/sys/firmware"),
)

#: Observed: Debian 13's docker.io.
DOCKER_26 = replace(
    DOCKER_20_10,
    name="26",
    version="26.1.5+dfsg1",
    git_commit="411e817",
    go_version="go1.24.4",
    api_versions=_versions(24, 45),
    components=(
        Component("containerd", "1.7.24~ds1", "1.7.24~ds1-6+deb13u1"),
        Component("runc", "1.1.15+ds1", "1.1.15+ds1-2+b4"),
        Component("docker-init", "0.19.0"),
    ),
    build_time="2024-08-13T05:35:48.000000000+00:00",
    builder="2",
    dies_last=True,
    names_defaults=True,
    shows_slow_output=True,
    checks_modes=True,
    saves_layouts=True,
    masked_paths=(*DOCKER_20_10.masked_paths, "/sys/devices/virtual/powercap"),
)

#: What its API document says, and the release notes of the Engine; not observed.
DOCKER_28 = replace(
    DOCKER_26,
    name="28",
    version="28.3.3",
    git_commit="bea959c",
    go_version="go1.24.5",
    api_versions=_versions(24, 51),
    components=(
        Component("containerd", "1.7.27", "05044ec0a9a75232cad458027ca83437aae3f4da"),
        Component("runc", "1.2.5", "v1.2.5-0-g59923ef"),
        Component("docker-init", "0.19.0", "de40ad0"),
    ),
    build_time="2025-07-25T11:33:59.000000000+00:00",
)

#: The newest one, which beside that still speaks the API of 2013.
ANY = replace(DOCKER_28, name="any", api_versions=(*DOCKER_0_4.api_versions, *DOCKER_28.api_versions))

PROFILES = {profile.name: profile for profile in (DOCKER_0_4, DOCKER_20_10, DOCKER_26, DOCKER_28, ANY)}


@dataclass(frozen=True, slots=True)
class Host:
    """The machine the daemon would run on."""

    memory_limit: bool = True
    swap_limit: bool = True
    debug: bool = False
    nameservers: tuple[str, ...] = ("8.8.8.8", "8.8.4.4")
