"""The pytest plugin: a fake daemon for every test that asks for one.

One server runs for the whole session (of each xdist worker); every test gets fresh state behind it. The marker
`@pytest.mark.fakedocker(fixture=..., contract=..., clock="manual", ...)` takes the arguments of `FakeDocker`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakedocker.daemon import FakeDocker


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
def fakedocker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDocker]:
    """A fake Docker daemon with fresh state; $DOCKER_HOST points at it while the test runs.

    What went wrong inside the daemon is raised at the end of the test.
    """
    marker = request.node.get_closest_marker("fakedocker")
    if marker is None or not (marker.args or marker.kwargs):
        daemon: FakeDocker = request.getfixturevalue("fakedocker_session")
        daemon.reset()
        yield from _lend(daemon, monkeypatch)
    else:
        yield from _own(monkeypatch, *marker.args, **marker.kwargs)


def _own(monkeypatch: pytest.MonkeyPatch, *args: Any, **kwargs: Any) -> Iterator[FakeDocker]:
    """Lend a daemon that was made for this one test."""
    from fakedocker.daemon import FakeDocker

    with FakeDocker(*args, **kwargs) as daemon:
        yield from _lend(daemon, monkeypatch)


def _lend(daemon: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDocker]:
    monkeypatch.setenv("DOCKER_HOST", daemon.url)
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    yield daemon
    daemon.check()


@pytest.fixture
def fakedocker_url(fakedocker: FakeDocker) -> str:
    """Where the fake daemon of the test listens, as $DOCKER_HOST wants it."""
    return fakedocker.url
