from pathlib import Path

from fakedocker import FakeDocker
from fakedocker.fixtures import load
from fakedocker.seeding import seeded

SESSION = Path(__file__).parents[2] / "cassettes" / "compose-2-26.yaml"


def test_a_daemon_carries_on_from_the_end_of_a_session():
    with FakeDocker(seed_from=SESSION) as daemon:
        assert "busybox:latest" in daemon.engine.tags()
        daemon.engine.run("busybox", "sleep", "1000", name="one-more")


def test_a_daemon_carries_on_from_the_middle_of_a_session():
    with FakeDocker(seeded(SESSION, load("default"), until=41)) as daemon:
        daemon.engine.kill("shop3f9a8c21-web-1")
        daemon.engine.wait("shop3f9a8c21-web-1")
        assert [one.name for one in daemon.engine.containers(running_only=True)] == ["shop3f9a8c21-db-1"]
