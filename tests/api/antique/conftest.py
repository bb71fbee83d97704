"""The antique dialect is tested with the daemon that spoke nothing else."""

from __future__ import annotations

import pytest


@pytest.fixture
def profile() -> str:
    return "0.4"
