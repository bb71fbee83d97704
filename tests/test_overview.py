"""What there is at a daemon, in a few words."""

from __future__ import annotations

import json

from fakedocker import FakeDocker


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
