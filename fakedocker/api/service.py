"""What a request needs to know about the daemon it reached.

The Flask app is built once per process; each daemon passes its own service along in the request's environ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from flask import request

from fakedocker.runtime import Runtime

Contract = Literal["documented", "observed"]
#: Where the environ of a request carries: a function that returns the daemon's present service; the service that
#: this request is about, to its end; the API version it speaks.
DAEMON = "fakedocker.daemon"
SERVICE = "fakedocker.service"
VERSION = "fakedocker.api_version"


@dataclass(frozen=True, slots=True)
class Service:
    """One daemon, as the API sees it.

    `contract`: which answers API 1.1 gives where document and daemon differ. `api_version`: what an unprefixed path
    speaks. `report`: told of every exception that no view expected.
    """

    runtime: Runtime
    contract: Contract = "documented"
    cors: bool = False
    api_version: str = "1.1"
    report: Callable[[BaseException, str], None] = lambda error, where: None


def service() -> Service:
    """Return the service of the daemon that the present request reached."""
    found: Service = request.environ[SERVICE]
    return found


def api_version() -> tuple[int, int]:
    """Return the API version that the present request speaks."""
    found: tuple[int, int] = request.environ[VERSION]
    return found
