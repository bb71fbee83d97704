"""fakedocker: a Docker daemon that runs no containers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fakedocker.daemon import DaemonError, FakeDocker
from fakedocker.fixtures import FixtureError
from fakedocker.remote import RemoteDaemon, RemoteError, connect

try:
    __version__ = version("fakedocker")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["DaemonError", "FakeDocker", "FixtureError", "RemoteDaemon", "RemoteError", "__version__", "connect"]
