"""What tests of faults have in common: a daemon that begins without any, and a container to strike at.

Its clock stands still unless a test lets time pass: what waits, waits as long as the test wants.
"""

from __future__ import annotations

import pytest

from fakedocker import FakeDocker


@pytest.fixture
def clock() -> str:
    return "manual"


@pytest.fixture
def web(daemon: FakeDocker) -> str:
    """The id of a container `web` of the image `base` that has said hello, with a label, and rests."""
    container = daemon.engine.run("base", "sh", "-c", "echo hello; sleep 600", name="web", labels={"tier": "front"})
    daemon.advance(1)
    return container.id
