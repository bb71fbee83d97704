"""A daemon in the process and one behind HTTP are controlled alike."""

from __future__ import annotations

from fakedocker import FakeDocker, RemoteDaemon
from fakedocker.control import Controlled


def controlled(daemon: FakeDocker) -> Controlled:
    """Return a daemon as the control API sees it: for the type checker to say whether it may."""
    return daemon


def test_both_have_the_same_methods() -> None:
    wanted = {name for name in vars(Controlled) if not name.startswith("_")} | {"faults", "check", "url"}
    wanted -= {"watch"}  # a stream for the status page: who is elsewhere asks the journal and the events
    with FakeDocker() as daemon:
        assert [name for name in wanted if not hasattr(daemon, name)] == []
        assert [name for name in wanted if not hasattr(RemoteDaemon(daemon.url), name)] == []
