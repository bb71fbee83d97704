"""A fake daemon for every test that asks for one, and clients of it.

One daemon runs for each way to make one; between tests it is reset, which is cheap. How a test's daemon is made is said
by the fixtures `world`, `contract`, `clock` and `cors`: override them in a module, or parametrize them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from conformance.specs.spec import FOLDER
from conformance.specs.watching import Watch
from hypothesis import settings
from wire_client import Reply, WireClient

if TYPE_CHECKING:
    from fakedocker import FakeDocker


#: Generated input is the same in every run, so that a change fails for what it changed; HYPOTHESIS_PROFILE=exploring
#: looks for new input.
settings.register_profile("steady", derandomize=True)
settings.register_profile("exploring")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backwards", action="store_true", help="run the tests in reversed order: none may need another")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("backwards"):
        items.reverse()


class Daemons:
    """The daemons of this session, one for each way to make one."""

    def __init__(self) -> None:
        self._daemons: dict[tuple[tuple[str, Any], ...], FakeDocker] = {}

    def fresh(self, **how: Any) -> FakeDocker:
        """Return a daemon with fresh state."""
        from fakedocker import FakeDocker

        key = tuple(sorted(how.items()))
        if key in self._daemons:
            self._daemons[key].reset()
        else:
            self._daemons[key] = FakeDocker(**how).start()
        return self._daemons[key]

    def close(self) -> None:
        for daemon in self._daemons.values():
            daemon.close()


@pytest.fixture(scope="session")
def daemons() -> Iterator[Daemons]:
    pool = Daemons()
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch | None]:
    """What judges every JSON answer by the official document of its version, if there are documents."""
    if not FOLDER:
        yield None
        return
    from fakedocker import app

    flask = app.wsgi()
    with pytest.MonkeyPatch.context() as patch:
        watch = Watch(flask.wsgi_app)
        patch.setattr(flask, "wsgi_app", watch)
        yield watch


@pytest.fixture(autouse=True)
def documented(watch: Watch | None) -> Iterator[None]:
    """Whatever a test asks: answers are as documents say, or differ as those of real daemons do."""
    yield
    if watch is not None and watch.found:
        wrong, watch.found = watch.found, []
        pytest.fail("\n".join(dict.fromkeys(wrong)))


@pytest.fixture
def world() -> str:
    """The fixture the daemon starts from."""
    return "default"


@pytest.fixture
def contract() -> str:
    return "documented"


@pytest.fixture
def clock() -> str:
    return "real"


@pytest.fixture
def cors() -> bool:
    return False


@pytest.fixture
def profile() -> str:
    """The daemon that is played."""
    return "any"


@pytest.fixture
def daemon(daemons: Daemons, world: str, contract: str, clock: str, cors: bool, profile: str) -> Iterator[FakeDocker]:
    """A running daemon with fresh state and predictable ids; what went wrong inside it fails the test."""
    daemon = daemons.fresh(fixture=world, contract=contract, clock=clock, cors=cors, profile=profile, seed=1)
    yield daemon
    daemon.check()


@pytest.fixture
def connect(daemon: FakeDocker) -> Iterator[Callable[[], WireClient]]:
    """Open one more connection to the daemon of the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(WireClient(daemon.url))


@pytest.fixture
def client(connect: Callable[[], WireClient]) -> WireClient:
    """A connection to the daemon of the test."""
    return connect()


@pytest.fixture
def answer_in_time(daemon: FakeDocker) -> Callable[[WireClient], Reply]:
    """Read an answer that takes time, letting the daemon's (manual) clock run until it comes."""

    def read(client: WireClient) -> Reply:
        client.meanwhile = lambda: daemon.advance(0.5)
        try:
            return client.reply()
        finally:
            client.meanwhile = None

    return read
