import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from urllib.request import Request, urlopen

from fakedocker import FakeDocker

WORLD = Path(__file__).with_name("hour.yaml")


def status(daemon, name):
    """What `docker ps` says of a container."""
    listed = json.load(urlopen(f"{daemon.http_url}/v1.51/containers/json?all=1"))
    [found] = [one["Status"] for one in listed if one["Names"] == [f"/{name}"]]
    return found


def test_an_hour_passes_in_no_time():
    with FakeDocker(WORLD) as daemon:
        assert status(daemon, "web") == "Up 3 hours (health: starting)"
        daemon.advance(3600)
        assert status(daemon, "web") == "Up 4 hours (unhealthy)"


def test_a_crashing_container_is_restarted_later_and_later():
    with FakeDocker(WORLD) as daemon:
        daemon.advance(60)
        starts = [event["time"] for event in daemon.events() if event["action"] == "start"]
        pauses = [later - earlier for earlier, later in pairwise(starts)]
        assert pauses == sorted(pauses)
        assert pauses[-1] > 10


def test_a_stop_waits_for_as_long_as_the_clock_says():
    with FakeDocker(clock="manual") as daemon, ThreadPoolExecutor() as elsewhere:
        deaf = daemon.engine.run("base", "sh", "-c", "trap '' TERM; while :; do sleep 1; done", name="deaf")
        daemon.advance(1)
        stop = Request(f"{daemon.http_url}/v1.51/containers/deaf/stop?t=300", method="POST")
        stopped = elsewhere.submit(urlopen, stop)
        daemon.journal.wait_for("ContainerStop", answered=False)
        daemon.advance(299)
        assert deaf.running
        daemon.advance(1)
        assert stopped.result(5).status == 204
        assert deaf.exit_code == 137


def test_a_clock_that_runs_stands_still_when_it_is_told_to():
    with FakeDocker() as daemon:
        daemon.freeze()
        now = daemon.now
        daemon.engine.run("base", "sleep", "600", name="web")
        daemon.advance(599)
        assert daemon.now == now + 599
        assert daemon.engine.container("web").running
        daemon.thaw()
        daemon.clock_speed = 1000  # the last second of it takes a millisecond
        daemon.engine.wait_for_event("die", container="web", timeout=5)


def test_over_http():
    def ask(daemon, verb, **body):
        url, data = f"{daemon.http_url}/_fakedocker/clock/{verb}", json.dumps(body).encode()
        return json.load(urlopen(Request(url, data, {"Content-Type": "application/json"})))

    with FakeDocker() as daemon:
        frozen = ask(daemon, "freeze")
        assert frozen["speed"] == 0
        assert ask(daemon, "advance", seconds=3600) == {"now": frozen["now"] + 3600, "speed": 0}
        assert ask(daemon, "speed", speed=60)["speed"] == 0
        assert ask(daemon, "thaw")["speed"] == 60
