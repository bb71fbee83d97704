"""Which version a path speaks, and how paths are cleaned."""

from __future__ import annotations

import pytest
from wire_client import WireClient

from fakedocker.api.negotiation import ANTIQUE, MODERN, NEWEST, UNSUPPORTED, Way, clean_path, negotiate, way
from fakedocker.engine.profiles import ANY, DOCKER_0_4

V1_0 = (1, 0)


@pytest.mark.parametrize(
    ("path", "version", "rest"),
    [
        ("/version", NEWEST, "/version"),
        ("/v1.1/version", NEWEST, "/version"),
        ("/v1.10/version", NEWEST, "/version"),
        ("/v01.1/version", NEWEST, "/version"),
        ("/v1.0/version", V1_0, "/version"),
        ("/v1/version", V1_0, "/version"),
        ("/v1./version", V1_0, "/version"),
        ("/v.9/version", V1_0, "/version"),
        ("/v0.9/version", V1_0, "/version"),
        ("/v1.05/version", NEWEST, "/version"),
        ("/v1.2/version", UNSUPPORTED, "/version"),
        ("/v1.11/version", UNSUPPORTED, "/version"),
        ("/v9.9/version", UNSUPPORTED, "/version"),
        ("/v0/version", UNSUPPORTED, "/version"),
        ("/v0.0/version", UNSUPPORTED, "/version"),
        ("/v" + "9" * 400 + "/version", UNSUPPORTED, "/version"),
        ("/v1.1.1/version", NEWEST, "/version"),
        ("/v./version", NEWEST, "/version"),
        ("/vx/version", NEWEST, "/vx/version"),
        ("/v/version", NEWEST, "/v/version"),
        ("/v1.1", NEWEST, "/v1.1"),
        ("/V1.1/version", NEWEST, "/V1.1/version"),
        ("/v1.1/v1.0/version", NEWEST, "/v1.0/version"),
    ],
)
def test_the_prefix_is_read_as_a_decimal_number(path: str, version: tuple[int, int], rest: str) -> None:
    assert negotiate(path, "1.1") == (version, rest)


def test_a_path_without_prefix_speaks_what_the_daemon_was_told() -> None:
    assert negotiate("/version", "1.0") == (V1_0, "/version")
    assert negotiate("/v1.1/version", "1.0") == (NEWEST, "/version")


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("/version", "/version"),
        ("//version", "/version"),
        ("/./version", "/version"),
        ("/a/../version", "/version"),
        ("/../version", "/version"),
        ("/v1.1//version", "/v1.1/version"),
        ("/version/", "/version/"),
        ("/version//", "/version/"),
        ("/containers/", "/containers/"),
        ("/", "/"),
        ("//", "/"),
        ("", "/"),
        ("/..", "/"),
        ("/a/b/../../..", "/"),
        ("/a/.", "/a"),
    ],
)
def test_paths_are_cleaned_as_go_does(path: str, clean: str) -> None:
    assert clean_path(path) == clean


# -- over the wire ------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["", "/v1", "/v1.0", "/v0.9", "/v1.1", "/v1.10", "/v1.1.1", "/v."])
def test_a_version_that_is_spoken_is_answered(client: WireClient, version: str) -> None:
    assert client.get(f"{version}/version").status == 200


@pytest.mark.parametrize("version", ["v1.2", "v9.9", "v0"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "version"), ("POST", "containers/create"), ("DELETE", "images/x")]
)
def test_a_version_that_is_not_spoken_is_404_with_nothing_in_it(
    client: WireClient, version: str, method: str, path: str
) -> None:
    reply = client.request(method, f"/{version}/{path}", json={} if method == "POST" else None)
    assert (reply.status, reply.type, reply.body) == (404, None, b"")


@pytest.mark.parametrize("path", ["/v1.2/nosuch", "/v1.2/version/", "/vx/version", "/v/version", "/v1.1"])
def test_a_path_without_route_is_the_routers_404_in_any_version(client: WireClient, path: str) -> None:
    reply = client.get(path)
    assert (reply.status, reply.type, reply.text) == (404, "text/plain; charset=utf-8", "404 page not found\n")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("//version?all=1", "/version"),
        ("/v1.1//version", "/v1.1/version"),
        ("/v1.1/./version", "/v1.1/version"),
        ("/x/../version", "/version"),
        ("/nosuch//path/", "/nosuch/path/"),
        ("/images//a%20b/json", "/images/a%20b/json"),
        ("/images//a%3Fb", "/images/a%3Fb"),
        ("/images//%0D%0AX:%20y", "/images/%0D%0AX:%20y"),
    ],
)
def test_an_unclean_path_is_sent_to_the_clean_one_without_its_query(
    client: WireClient, method: str, path: str, location: str
) -> None:
    reply = client.request(method, path)
    assert (reply.line, reply.fields["location"]) == ("HTTP/1.1 301 Moved Permanently", location)
    assert (reply.type, reply.body) == (None, b"")


def test_a_client_that_does_not_know_which_version_to_speak_is_told_by_the_newest() -> None:
    def known(path: str) -> bool:
        return True

    assert way("/version", ANY, "1.1", known) == Way(MODERN, ANY.newest, "/version")
    assert way("/v1.1/version", ANY, "1.1", known) == Way(ANTIQUE, (1, 1), "/version")
    assert way("/info", ANY, "1.1", known) == Way(ANTIQUE, (1, 1), "/info")
    assert way("/version", DOCKER_0_4, "1.1", known) == Way(ANTIQUE, (1, 1), "/version")
