"""The fixtures. All are sync, so that async tests of any kind can have them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from fakedocker.daemon import FakeDocker
from fakedocker.pytest_plugin.environment import pointed_at
from fakedocker.pytest_plugin.lending import Lender, session_daemon
from fakedocker.pytest_plugin.settings import RUN


class MakeFakeDocker(Protocol):
    """Makes daemons, by the arguments of FakeDocker."""

    def __call__(self, **wanted: Any) -> FakeDocker: ...


@pytest.fixture(scope="session")
def fakedocker_server(request: pytest.FixtureRequest) -> Iterator[FakeDocker]:
    """The daemon that tests share which want nothing special; `fakedocker` is this one with fresh state.

    What is registered on it (`@fakedocker_server.program("postgres")`) is there for all of them.
    """
    with session_daemon(request.config.stash[RUN]) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def fakedocker_config() -> dict[str, Any]:
    """How daemons of tests are made, as a dict; to be overridden, in any scope. Markers are stronger."""
    return {}


@pytest.fixture(scope="module")
def fakedocker_cassette_dir(request: pytest.FixtureRequest) -> Path:
    """Where cassettes are that have no name of their own: cassettes/<module> beside the module."""
    return request.path.parent / "cassettes" / request.path.stem


@pytest.fixture
def fakedocker_profile(request: pytest.FixtureRequest) -> str | None:
    """The daemon that is played, to be parametrized (`indirect=True`); None: as markers and options say."""
    return getattr(request, "param", None)


@pytest.fixture
def fakedocker_lender(
    request: pytest.FixtureRequest,
    fakedocker_config: Mapping[str, Any],
    fakedocker_cassette_dir: str | os.PathLike[str],
    fakedocker_profile: str | None,
) -> Lender:
    """What makes the daemons of the test; `fakedocker` and `make_fakedocker` are the ways to have them."""
    return Lender(request.node, fakedocker_config, Path(fakedocker_cassette_dir), fakedocker_profile)


@pytest.fixture
def fakedocker(request: pytest.FixtureRequest, fakedocker_lender: Lender) -> Iterator[FakeDocker]:
    """A fake Docker daemon with fresh state; $DOCKER_HOST points at it while the test runs.

    What went wrong inside the daemon is raised at the end of the test.
    """
    __tracebackhide__ = True
    wanted = fakedocker_lender.wanted()
    if fakedocker_lender.is_shared(wanted):
        lent = fakedocker_lender.shared(request.getfixturevalue("fakedocker_server"), wanted)
    else:
        lent = fakedocker_lender.made(wanted)
    records = wanted.has_cassette and wanted.values.get("mode", "none") != "none"
    with ExitStack() as stack:
        daemon = stack.enter_context(lent)
        stack.enter_context(
            pointed_at(
                daemon.url,
                fakedocker_lender.environment,
                api_version=wanted.values.get("api_version"),
                own_config=not records,  # the real daemon may want the user's passwords for its registries
            )
        )
        yield daemon


@pytest.fixture
def make_fakedocker(fakedocker_lender: Lender) -> Iterator[MakeFakeDocker]:
    """Make any number of daemons: `make_fakedocker(profile="26")`. They are checked and closed after the test.

    Each is as the test's markers say, unless the call says otherwise. $DOCKER_HOST stays what it is.
    """
    with ExitStack() as stack:

        def make(**wanted: Any) -> FakeDocker:
            __tracebackhide__ = True
            return stack.enter_context(fakedocker_lender.made(fakedocker_lender.wanted(**wanted)))

        yield make


@pytest.fixture
def fakedocker_url(fakedocker: FakeDocker) -> str:
    """Where the fake daemon of the test listens, as $DOCKER_HOST wants it."""
    return fakedocker.url


@pytest.fixture
def fakedocker_env(fakedocker: FakeDocker) -> dict[str, str]:
    """The whole environment in which clients find the test's daemon and nothing else: `subprocess.run(..., env=...)`.

    The test itself runs in it, too.
    """
    return dict(os.environ)


@pytest.fixture
def fakedocker_client(fakedocker: FakeDocker) -> Iterator[Any]:
    """A docker-py client of the test's daemon; skips the test where docker-py is not installed."""
    docker = pytest.importorskip("docker", reason="docker-py is not installed: pip install docker")
    client = docker.DockerClient(base_url=fakedocker.url, version=os.environ.get("DOCKER_API_VERSION", "auto"))
    try:
        yield client
    finally:
        client.close()
