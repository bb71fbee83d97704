"""What a request knows about its daemon."""

from __future__ import annotations

from flask import Flask

from fakedocker import FakeDocker
from fakedocker.api.service import SERVICE, VERSION, api_version, service


def test_a_request_knows_its_daemon_and_the_version_it_speaks() -> None:
    ours = FakeDocker()._service
    with Flask(__name__).test_request_context("/", environ_overrides={SERVICE: ours, VERSION: (1, 0)}):
        assert service() is ours
        assert api_version() == (1, 0)
