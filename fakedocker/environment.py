"""The environment in which Docker's clients find a daemon, and nothing else that might lead them elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping

#: What might lead a client to another daemon, or make it speak to this one in a way it does not understand.
ASTRAY = ("DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT", "DOCKER_API_VERSION")


def pointed_at(url: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment (by default that of this process) in which clients find the daemon at a url."""
    before = os.environ if environment is None else environment
    # BuildKit is another protocol, which no fake speaks: the docker command has to be told.
    return {name: value for name, value in before.items() if name not in ASTRAY} | {
        "DOCKER_HOST": url,
        "DOCKER_BUILDKIT": "0",
        "COMPOSE_DOCKER_CLI_BUILD": "0",
    }
