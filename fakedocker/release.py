"""Which release of fakedocker this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("fakedocker")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
