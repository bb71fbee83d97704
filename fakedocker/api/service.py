"""What a request needs to know about the daemon it reached.

The Flask app is built once per process; each daemon passes its own service along in the request's environ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from flask import request

from fakedocker.engine.profiles import DOCKER_0_4, Profile, Version
from fakedocker.runtime import Runtime

Contract = Literal["documented", "observed"]
#: Where the environ of a request carries: a function that returns the daemon's present service; the service that
#: this request is about, to its end; the API version it speaks.
DAEMON = "fakedocker.daemon"
SERVICE = "fakedocker.service"
VERSION = "fakedocker.api_version"
#: What the negotiation found out about the version that was asked for, and how that was written ("" if it was not).
VERDICT = "fakedocker.verdict"
ASKED = "fakedocker.asked_version"


class Verdict(Enum):
    """Whether a daemon serves the version of the API that it is asked in."""

    SERVED = "served"
    TOO_OLD = "too old"
    TOO_NEW = "too new"


@dataclass(frozen=True, slots=True)
class Service:
    """One daemon, as the API sees it.

    `profile`: which daemon it plays. `contract`: which answers API 1.1 gives where document and daemon differ.
    `api_version`: what an unprefixed path speaks. `report`: told of every exception that no view expected.
    """

    runtime: Runtime
    profile: Profile = DOCKER_0_4
    contract: Contract = "documented"
    cors: bool = False
    api_version: str = "1.1"
    report: Callable[[BaseException, str], None] = lambda error, where: None

    @property
    def newest(self) -> Version:
        """The newest version it serves."""
        return self.profile.newest


def service() -> Service:
    """Return the service of the daemon that the present request reached."""
    found: Service = request.environ[SERVICE]
    return found


def api_version() -> tuple[int, int]:
    """Return the API version that the present request speaks."""
    found: tuple[int, int] = request.environ[VERSION]
    return found


def asked_version() -> str:
    """Return the API version of the present request as its path has it, "" if it has none."""
    found: str = request.environ[ASKED]
    return found


def verdict() -> Verdict:
    """Return whether the version of the present request is served."""
    found: Verdict = request.environ[VERDICT]
    return found
