"""One conversation that asks for everything there is in all its states, with a fake or a real daemon, in one version.

Names are plain: a real daemon should be one that nobody else uses, with an image `busybox`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.specs.watching import problems
from wire_client import WireClient

from fakedocker.wire import gojson

#: Seconds that a real daemon may take for an answer.
PATIENCE = 60.0


@dataclass
class Session:
    """Asks a daemon in one version, and notes what its document would not expect."""

    url: str
    version: str
    found: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def ask(
        self, method: str, path: str, body: Any = None, *, text: str = "", headers: Mapping[str, str] | None = None
    ) -> Any:
        """Ask, judge the answer, and return it as JSON where it is."""
        with WireClient(self.url) as client:
            client.sock.settimeout(PATIENCE)
            reply = client.request(method, f"/v{self.version}{path}", text, json=body, headers=headers)
        is_json = reply.type == "application/json" and reply.body
        values = list(gojson.split(reply.body)) if is_json else [None]
        plain = path.partition("?")[0]
        for value in values:
            self.found += problems(self.version, method, plain, reply.status, value)
        self.asked.add(f"{method} {plain}")
        return values[0]


def converse(session: Session) -> None:
    """Ask for everything there is, in all its states."""
    ask = session.ask
    ask("GET", "/version"), ask("GET", "/info"), ask("GET", "/_ping"), ask("HEAD", "/_ping")
    network = ask("POST", "/networks/create", {"Name": "web", "Labels": {"a": "b"}, "Options": {"x": "y"}})["Id"]
    pool = {"Subnet": "10.7.0.0/16", "Gateway": "10.7.0.1", "AuxiliaryAddresses": {"router": "10.7.0.9"}}
    ask("POST", "/networks/create", {"Name": "pooled", "Internal": True, "IPAM": {"Config": [pool]}})
    ask("POST", "/networks/create", {"Name": "web", "CheckDuplicate": True})
    ask("POST", "/networks/create", {"Name": "bad", "Driver": "nonesuch"})
    ask("POST", "/volumes/create", {"Name": "data", "Labels": {"a": "b"}, "DriverOpts": {}})
    ask("POST", "/volumes/create", {"Name": "bad", "Driver": "nonesuch"})
    body = {
        "Image": "busybox",
        "Cmd": ["sh", "-c", "echo hi; sleep 1000"],
        "Labels": {"x": "y"},
        "Env": ["A=b"],
        "ExposedPorts": {"80/tcp": {}, "81/udp": {}},
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 1_000_000_000},
        "StopSignal": "SIGINT",
        "HostConfig": {
            "Binds": ["data:/data", "/srv:/srv:ro"],
            "Mounts": [{"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 1 << 20}}],
            "PortBindings": {"80/tcp": [{"HostPort": "8080"}]},
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
            "Memory": 64 << 20,
            "Ulimits": [{"Name": "nofile", "Soft": 1000, "Hard": 2000}],
            "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}],
            "CapAdd": ["NET_ADMIN"],
            "ExtraHosts": ["a:1.2.3.4"],
        },
    }
    ask("POST", "/containers/create?name=one", body)
    _look_at_containers(session)
    ask("POST", "/containers/one/start")
    ask("POST", "/containers/one/start")
    ask("POST", "/containers/one/start", {"Binds": ["/a:/b"]})
    settings = {"Aliases": ["alias"], "IPAMConfig": {"IPv4Address": "10.7.0.5"}}
    ask("POST", "/networks/pooled/connect", {"Container": "one", "EndpointConfig": settings})
    ask("POST", "/networks/web/connect", {"Container": "one"})
    ask("POST", "/networks/web/connect", {"Container": "nonesuch"})
    _look_at_containers(session)
    command = ask("POST", "/containers/one/exec", {"Cmd": ["true"], "AttachStdout": True})["Id"]
    ask("GET", f"/exec/{command}/json")
    ask("POST", f"/exec/{command}/start", {"Detach": True})
    ask("GET", f"/exec/{command}/json"), ask("GET", "/exec/nonesuch/json"), ask("POST", "/exec/nonesuch/start", {})
    ask("GET", "/containers/one/stats?stream=0&one-shot=1"), ask("GET", "/containers/one/top")
    (
        ask("GET", "/containers/one/changes"),
        ask("GET", "/containers/one/logs?stdout=1"),
        ask("GET", "/containers/one/logs"),
    )
    ask("HEAD", "/containers/one/archive?path=/etc"), ask("GET", "/containers/one/archive?path=/etc")
    ask("GET", "/containers/one/archive?path=/nonesuch")
    ask("POST", "/containers/one/update", {"CpuShares": 10})
    ask("POST", "/containers/one/rename?name=two"), ask("POST", "/containers/two/rename?name=one")
    for state in ("pause", "pause", "unpause", "unpause"):
        ask("POST", f"/containers/one/{state}")
        _look_at_containers(session)
    ask("POST", "/containers/one/resize?h=1&w=1"), ask("POST", "/containers/one/kill?signal=nonesuch")
    ask("DELETE", "/containers/one"), ask("DELETE", "/networks/web"), ask("DELETE", "/volumes/data")
    ask("DELETE", "/images/busybox")
    ask("POST", "/containers/one/restart?t=0"), ask("POST", "/containers/one/stop?t=0")
    ask("POST", "/containers/one/stop"), ask("POST", "/containers/one/wait"), ask("POST", "/containers/one/kill")
    _look_at_containers(session)
    _look_at_networks_and_volumes(session, network)
    _look_at_images(session)
    ask("GET", "/events?since=0&until=1"), ask("GET", "/system/df"), ask("GET", "/system/df?type=volume")
    ask("POST", "/auth", {"username": "who", "password": "nobody"})
    _refused(session)
    ask("POST", "/networks/web/disconnect", {"Container": "one"}), ask("DELETE", "/networks/web")
    ask("DELETE", "/containers/one?v=1"), ask("DELETE", "/containers/one"), ask("DELETE", "/volumes/data")
    for kind in ("containers", "images", "networks", "volumes"):
        ask("POST", f"/{kind}/prune")
        ask("POST", f'/{kind}/prune?filters={{"nonesuch":["x"]}}')


def _look_at_containers(session: Session) -> None:
    for path in (
        "/containers/json?all=1&size=1",
        "/containers/json",
        "/containers/one/json?size=1",
        "/containers/one/json",
    ):
        session.ask("GET", path)
    session.ask("GET", "/containers/nonesuch/json")
    session.ask("GET", "/containers/json?filters={")


def _look_at_networks_and_volumes(session: Session, network: str) -> None:
    for path in ("/networks", f"/networks/{network}", "/networks/pooled", "/networks/host", "/networks/none"):
        session.ask("GET", path)
    for path in ("/networks/nonesuch", "/volumes", "/volumes/data", "/volumes/nonesuch"):
        session.ask("GET", path)


def _look_at_images(session: Session) -> None:
    ask = session.ask
    commit = ask("POST", "/commit?container=one&repo=made&tag=here&comment=c&author=a", {})["Id"]
    ask("POST", "/commit?container=nonesuch", {})
    ask("POST", "/images/busybox/tag?repo=other&tag=one"), ask("POST", "/images/busybox/tag?repo=UPPER")
    ask("POST", "/images/create?fromImage=busybox&tag=nonesuch"), ask("POST", "/images/create?fromImage=UPPER")
    for path in ("json", "json?all=1", "json?shared-size=1", "busybox/json", f"{commit}/json", "nonesuch/json"):
        ask("GET", f"/images/{path}")
    (
        ask("GET", "/images/made:here/history"),
        ask("GET", "/images/nonesuch/history"),
        ask("GET", "/images/search?term=busy"),
    )
    ask("GET", "/images/nonesuch/get"), ask("GET", "/distribution/nonesuch/json")
    ask("POST", "/build", text="no tar"), ask("POST", "/images/load", text="no tar")
    ask("POST", "/images/nonesuch/push", headers={"X-Registry-Auth": "e30="})
    ask("DELETE", "/images/other:one"), ask("DELETE", "/images/made:here"), ask("DELETE", "/images/nonesuch")


def _refused(session: Session) -> None:
    for path in ("/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs", "/plugins"):
        session.ask("GET", path)
    for kind in ("nodes", "services", "tasks", "secrets", "configs"):
        session.ask("GET", f"/{kind}/nonesuch")
    session.ask("GET", "/plugins/nonesuch/json")
    session.ask("POST", "/swarm/leave")
    for body in ({"Image": "nonesuch"}, {}, {"Image": "busybox", "HostConfig": {"Memory": 1}}):
        session.ask("POST", "/containers/create", body)
    session.ask("POST", "/containers/create?name=one", {"Image": "busybox"})
    session.ask("POST", "/containers/create?name=%21", {"Image": "busybox"})
