"""Tests for the names of the API's operations."""

from __future__ import annotations

import re

import pytest

from fakedocker.app import App
from fakedocker.operations import Call, UnknownOperation, called, check, kind_of, names

#: What catches every other path.
EVERYTHING = ("/", "/x")


@pytest.mark.parametrize(
    ("method", "path", "call"),
    [
        ("POST", "/v1.41/containers/web/start", Call("ContainerStart", "web")),
        ("POST", "/containers/create", Call("ContainerCreate")),
        ("GET", "/containers/ps", Call("ContainerList")),
        ("DELETE", "/v1.51/containers/4fa6", Call("ContainerDelete", "4fa6")),
        ("GET", "/v1.41/images/search", Call("ImageSearch")),
        ("GET", "/images/127.0.0.1:5000/group/app/json", Call("ImageInspect", "127.0.0.1:5000/group/app")),
        ("POST", "/v1.1/images/base/insert", Call("ImageInsert", "base")),
        ("HEAD", "/_ping", Call("SystemPingHead")),
        ("GET", "/v1.41/networks/a%20b", Call("NetworkInspect", "a b")),
    ],
)
def test_a_request_is_called_by_the_name_of_its_operation(method: str, path: str, call: Call) -> None:
    assert called(method, path) == call


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/nothing"), ("PATCH", "/containers/json")])
def test_what_the_api_does_not_have_is_no_operation(method: str, path: str) -> None:
    assert called(method, path) is None


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    assert check("ContainerStart") == "ContainerStart"
    with pytest.raises(UnknownOperation, match=r"'ContainerStrat'; did you mean .*ContainerStart"):
        check("ContainerStrat")
    with pytest.raises(UnknownOperation, match=r"no operation 'xyzzy'$"):
        check("xyzzy")


def test_every_route_of_the_daemon_has_a_name() -> None:
    nameless = []
    for rule in App().url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "x", rule.rule.removeprefix("/antique").removeprefix("/modern"))
        for method in rule.methods or ():
            without_name = method in ("OPTIONS", "HEAD") or path in EVERYTHING
            if not without_name and called(method, path) is None:
                nameless.append(f"{method} {path}")
    assert nameless == []


def test_names_are_sorted_and_known_once() -> None:
    assert list(names()) == sorted(set(names()))


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1.51/containers/web/json", "container"),
        ("DELETE", "/networks/n", "network"),
        ("GET", "/distribution/base/json", "image"),
        ("GET", "/v1.51/info", ""),
        ("POST", "/build", ""),
    ],
)
def test_an_operation_tells_the_kind_of_its_object(method: str, path: str, kind: str) -> None:
    call = called(method, path)
    assert call is not None
    assert kind_of(call.operation) == kind
