"""The release."""

from __future__ import annotations

from importlib.metadata import version

import fakedocker
from fakedocker.release import __version__


def test_it_is_the_version_that_is_installed() -> None:
    assert __version__ == fakedocker.__version__ == version("fakedocker")
