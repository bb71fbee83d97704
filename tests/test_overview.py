"""What there is at a daemon, in a few words."""

from __future__ import annotations

import json

from fakedocker import FakeDocker
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding


def test_it_says_what_there_is_in_words_of_json() -> None:
    daemon = FakeDocker(clock="manual")
    daemon.engine.run("base", "sh", "-c", "exit 3", name="job")
    daemon.advance(1)
    there = json.loads(json.dumps(daemon.state()))
    [job] = there["containers"]
    assert (job["name"], job["image"], job["state"], job["exit_code"]) == ("job", "base", "exited", 3)
    assert any("base:latest" in image["names"] for image in there["images"])
    assert there["networks"] == ["bridge", "host", "none"]
    assert (there["volumes"], there["profile"], there["clock"]["speed"]) == ([], "any", 0)


def test_events_are_told_in_order() -> None:
    daemon = FakeDocker(clock="manual")
    daemon.engine.run("base", "true", name="job")
    daemon.advance(1)
    told = daemon.events()
    assert [one["action"] for one in told if one["type"] == "container"] == ["create", "start", "die"]
    assert [one["number"] for one in told] == sorted(one["number"] for one in told)


def test_published_ports_and_times_are_told() -> None:
    daemon = FakeDocker(clock="manual")
    published = HostConfig(port_bindings={"80/tcp": (PortBinding("127.0.0.1", "8080"),)})
    daemon.engine.run(
        "base", "sleep", "99", name="web", host_config=published, exposed_ports={"80/tcp": {}, "53/udp": {}}
    )
    started = daemon.now
    daemon.advance(60)
    [web] = daemon.state()["containers"]
    assert web["ports"] == ["53/udp", "127.0.0.1:8080->80/tcp"]
    assert web["since"] == started
