"""The pytest plugin: a fake daemon for every test that asks for one.

One server runs for the whole session (of each xdist worker); every test gets fresh state behind it. The marker
`@pytest.mark.fakedocker(fixture=..., contract=..., clock="manual", ...)` takes the arguments of `FakeDocker`. Programs
that a test registers are gone after it; those registered on `fakedocker_session` are there for the whole session.

With `@pytest.mark.fakedocker(cassette="session.yaml", mode=..., ...)` a recorded session stands in for the daemon. A
relative path is looked for beside the test's file. What may be recorded is said by `--fakedocker-mode`, or else the
marker, or else the ini file; from which daemon, by `--fakedocker-upstream`, the marker, the ini file, or $DOCKER_HOST
as it was when pytest began. A test that failed leaves the cassette as it was.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakedocker.daemon import FakeDocker
    from fakedocker.replay import CassetteDaemon

#: How docker's environment was before a test was pointed at a fake daemon.
_ENVIRONMENT = pytest.StashKey[Mapping[str, str]]()
_HAS_FAILED = pytest.StashKey[bool]()
_MODES = ("none", "once", "new_episodes", "all")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how cassettes are recorded."""
    group = parser.getgroup("fakedocker", "fake Docker daemons")
    group.addoption("--fakedocker-mode", choices=_MODES, help="what tests with a cassette record; overrides markers")
    group.addoption("--fakedocker-upstream", metavar="HOST", help="the real daemon that is recorded; overrides markers")
    parser.addini(
        "fakedocker_mode", "what tests with a cassette record: none, once, new_episodes or all", default="none"
    )
    parser.addini("fakedocker_upstream", "the real daemon that is recorded (default: $DOCKER_HOST)", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and remember where docker was."""
    config.addinivalue_line(
        "markers",
        "fakedocker(fixture=..., contract=..., clock=..., cassette=..., mode=...): how the fake Docker daemon of the "
        "test is made",
    )
    config.stash[_ENVIRONMENT] = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether a test has failed: what it has recorded is then no cassette."""
    report = yield
    item.stash[_HAS_FAILED] = item.stash.get(_HAS_FAILED, False) or report.failed
    return report


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
        yield from _replay(request, monkeypatch, **marker.kwargs)
    else:
        yield from _own(monkeypatch, *marker.args, **marker.kwargs)


def _replay(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    *,
    cassette: str,
    mode: str | None = None,
    upstream: str | None = None,
    **more: Any,
) -> Iterator[CassetteDaemon]:
    """Lend a recorded session, or record one."""
    from fakedocker.proxy.upstream import upstream_of
    from fakedocker.replay import CassetteDaemon

    config, path = request.config, request.path.parent / cassette
    mode = config.getoption("--fakedocker-mode") or mode or config.getini("fakedocker_mode")
    upstream = config.getoption("--fakedocker-upstream") or upstream or config.getini("fakedocker_upstream")
    more["upstream"] = upstream_of(config.stash[_ENVIRONMENT], upstream) if mode != "none" else None
    daemon = CassetteDaemon(cassette=path, mode=mode, **more).start()
    try:
        _point_at(daemon.url, monkeypatch)
        yield daemon
        daemon.close(complete=not request.node.stash.get(_HAS_FAILED, False))
    finally:
        daemon.close(complete=False)
    if daemon.unfinished is not None:
        what = f"{path.name} is what it was; what this test has recorded is in {daemon.unfinished}"
        request.node.add_report_section("teardown", "fakedocker", what)
    daemon.check()


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
