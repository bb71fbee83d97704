"""What came of a session that was asked again, counted."""

from __future__ import annotations

import pytest

from fakedocker.cassettes.model import Exchange, Request, Response
from fakedocker.proxy.report import Outcome, Report, operation


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v1.41/containers/json", "GET /containers/json"),
        ("GET", "/containers/web/json", "GET /containers/{name}/json"),
        ("POST", "/v1.41/exec/12ab/start", "POST /exec/{name}/start"),
        ("GET", "/v1.41/images/docker.io/library/busybox/json", "GET /images/{name}/json"),
        ("DELETE", "/v1.41/images/a/b", "DELETE /images/{name}"),
        ("HEAD", "/_ping", "HEAD /_ping"),
    ],
)
def test_operations_are_called_without_names(method: str, path: str, name: str) -> None:
    assert operation(Request(method, path)) == name


def test_a_report_counts_by_operation() -> None:
    one = Exchange(1, 1, 0.0, 1.0, Request("GET", "/info"), Response(200, "OK"))
    report = Report([Outcome(one), Outcome(one, reason="gone")])
    assert report.operations() == {"GET /info": {"equal": 1, "different": 0, "not reached": 1}}
    assert not report.is_same
