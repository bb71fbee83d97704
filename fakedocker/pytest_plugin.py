"""The pytest plugin: a fake daemon for every test that asks for one.

One server runs for the whole session (of each xdist worker); every test gets fresh state behind it. The marker
`@pytest.mark.fakedocker(fixture=..., contract=..., clock="manual", ...)` takes the arguments of `FakeDocker`. Programs
that a test registers are gone after it; those registered on `fakedocker_session` are there for the whole session.

With `@pytest.mark.fakedocker(cassette="session.yaml", ...)` a recorded session stands in for the daemon: the marker
then takes the arguments of `CassetteDaemon`. A relative path is looked for beside the test's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakedocker.daemon import FakeDocker
    from fakedocker.replay import CassetteDaemon


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "fakedocker(fixture=..., contract=..., clock=...): how the fake Docker daemon of the test is made"
    )


@pytest.fixture(scope="session")
def fakedocker_session() -> Iterator[FakeDocker]:
    """The daemon that tests without a marker share; use `fakedocker` instead, which has fresh state."""
    from fakedocker.daemon import FakeDocker  # imported late: a session that needs no daemon does not pay for it

    with FakeDocker() as daemon:
        yield daemon


@pytest.fixture
def fakedocker(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeDocker | CassetteDaemon]:
    """A fake Docker daemon with fresh state; $DOCKER_HOST points at it while the test runs.

    What went wrong inside the daemon is raised at the end of the test.
    """
    marker = request.node.get_closest_marker("fakedocker")
    if marker is None or not (marker.args or marker.kwargs):
        daemon: FakeDocker = request.getfixturevalue("fakedocker_session")
        daemon.reset()
        yield from _lend(daemon, monkeypatch)
    elif "cassette" in marker.kwargs:
        yield from _replay(request.path, monkeypatch, **marker.kwargs)
    else:
        yield from _own(monkeypatch, *marker.args, **marker.kwargs)


def _replay(test: Path, monkeypatch: pytest.MonkeyPatch, *, cassette: str, **kwargs: Any) -> Iterator[CassetteDaemon]:
    """Lend a recorded session."""
    from fakedocker.replay import CassetteDaemon

    with CassetteDaemon(test.parent / cassette, **kwargs) as daemon:
        _point_at(daemon.url, monkeypatch)
        yield daemon


def _own(monkeypatch: pytest.MonkeyPatch, *args: Any, **kwargs: Any) -> Iterator[FakeDocker]:
    """Lend a daemon that was made for this one test."""
    from fakedocker.daemon import FakeDocker

    with FakeDocker(*args, **kwargs) as daemon:
        yield from _lend(daemon, monkeypatch)


def _lend(daemon: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDocker]:
    _point_at(daemon.url, monkeypatch)
    programs = daemon.programs
    yield daemon
    daemon.programs = programs  # what the test has registered is its own
    daemon.check()


def _point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clients of the test find the daemon."""
    monkeypatch.setenv("DOCKER_HOST", url)
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fakedocker_url(fakedocker: FakeDocker | CassetteDaemon) -> str:
    """Where the fake daemon of the test listens, as $DOCKER_HOST wants it."""
    return fakedocker.url
