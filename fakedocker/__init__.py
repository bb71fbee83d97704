"""fakedocker: a Docker daemon that runs no containers."""

from __future__ import annotations

from fakedocker.daemon import DaemonError, FakeDocker
from fakedocker.fixtures import FixtureError
from fakedocker.release import __version__
from fakedocker.remote import RemoteDaemon, RemoteError, connect

__all__ = ["DaemonError", "FakeDocker", "FixtureError", "RemoteDaemon", "RemoteError", "__version__", "connect"]
