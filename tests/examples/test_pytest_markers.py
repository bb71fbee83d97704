from pathlib import Path

import pytest

pytestmark = pytest.mark.fakedocker(clock="manual")  # all tests of the module


@pytest.fixture(scope="session")
def fakedocker_config():  # in conftest.py, for all tests of a suite
    return {"fixture": Path(__file__).with_name("shop.yaml"), "seed": 1}


def test_the_usual_world(fakedocker):
    assert "shop:1.10" in fakedocker.engine.tags()
    fakedocker.advance(3600)


@pytest.mark.fakedocker(fixture="empty")
class TestAtTheBeginning:
    def test_there_is_nothing(self, fakedocker):
        assert fakedocker.engine.images() == []
        fakedocker.advance(3600)  # what the module said is still true

    @pytest.mark.fakedocker(fixture="default")
    def test_the_nearest_marker_wins(self, fakedocker):
        assert "base:latest" in fakedocker.engine.tags()


def test_a_cluster(make_fakedocker):
    daemons = [make_fakedocker(profile=profile) for profile in ("20.10", "26")]
    for daemon in daemons:
        daemon.advance(60)
    assert len({daemon.url for daemon in daemons}) == 2


@pytest.mark.fakedocker(profile=["20.10", "26", "28"])
def test_runs_once_for_each_daemon(fakedocker, fakedocker_profile):
    assert fakedocker_profile in ("20.10", "26", "28")
    assert fakedocker.engine.containers()
