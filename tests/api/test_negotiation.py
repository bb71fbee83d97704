"""Which version a path speaks, and how paths are cleaned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.api.negotiation import ANTIQUE, MODERN, NEWEST, UNSUPPORTED, Way, clean_path, negotiate, way
from fakedocker.api.service import Verdict
from fakedocker.engine.profiles import ANY, DOCKER_0_4, DOCKER_20_10, DOCKER_26, Profile

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


@pytest.fixture
def profile() -> str:
    """A daemon of 2013, whose versions are numbers."""
    return "0.4"


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


# -- today ------------------------------------------------------------------------------------


def known(path: str) -> bool:
    """Tell whether the API of 2013 has a path, for a small one."""
    return path in ("/info", "/version", "/containers/json")


def test_a_client_that_does_not_know_which_version_to_speak_is_told_by_the_newest() -> None:
    assert way("/version", ANY, "1.1", known) == Way(MODERN, ANY.newest, "/version")
    assert way("/v1.1/version", ANY, "1.1", known) == Way(ANTIQUE, (1, 1), "/version")
    assert way("/info", ANY, "1.1", known) == Way(ANTIQUE, (1, 1), "/info")
    assert way("/version", DOCKER_0_4, "1.1", known) == Way(ANTIQUE, (1, 1), "/version")


@pytest.mark.parametrize(
    ("profile", "default", "path", "found"),
    [
        # what a path without a version speaks
        (ANY, "1.1", "/containers/json", Way(ANTIQUE, (1, 1), "/containers/json")),
        (ANY, "1.0", "/containers/json", Way(ANTIQUE, (1, 0), "/containers/json")),
        (ANY, "1.1", "/networks", Way(MODERN, (1, 51), "/networks")),
        (ANY, "1.1", "/_ping", Way(MODERN, (1, 51), "/_ping")),
        (ANY, "1.1", "/nonesuch", Way(MODERN, (1, 51), "/nonesuch")),
        (ANY, "1.30", "/info", Way(MODERN, (1, 30), "/info")),
        (ANY, "1.30", "/version", Way(MODERN, (1, 30), "/version")),
        (DOCKER_26, "1.45", "/info", Way(MODERN, (1, 45), "/info")),
        (DOCKER_26, "1.24", "/networks", Way(MODERN, (1, 24), "/networks")),
        # which versions a daemon serves
        (ANY, "1.1", "/v1.1/info", Way(ANTIQUE, (1, 1), "/info")),
        (ANY, "1.1", "/v1.0/info", Way(ANTIQUE, (1, 0), "/info")),
        (ANY, "1.1", "/v1.51/info", Way(MODERN, (1, 51), "/info")),
        (ANY, "1.1", "/v1.52/info", Way(MODERN, (1, 52), "/info", Verdict.TOO_NEW)),
        (ANY, "1.1", "/v1.2/info", Way(MODERN, (1, 2), "/info", Verdict.TOO_OLD)),
        (ANY, "1.1", "/v1.23/info", Way(MODERN, (1, 23), "/info", Verdict.TOO_OLD)),
        (DOCKER_20_10, "1.41", "/v1.12/info", Way(MODERN, (1, 12), "/info")),
        (DOCKER_20_10, "1.41", "/v1.11/info", Way(MODERN, (1, 11), "/info", Verdict.TOO_OLD)),
        (DOCKER_20_10, "1.41", "/v1.42/info", Way(MODERN, (1, 42), "/info", Verdict.TOO_NEW)),
        (DOCKER_26, "1.45", "/v1.23/info", Way(MODERN, (1, 23), "/info", Verdict.TOO_OLD)),
        (DOCKER_26, "1.45", "/v1.1/info", Way(MODERN, (1, 1), "/info", Verdict.TOO_OLD)),
        (DOCKER_26, "1.45", "/v2/info", Way(MODERN, (2, 0), "/info", Verdict.TOO_NEW)),
        # how a version is written
        (DOCKER_26, "1.45", "/v1.030/info", Way(MODERN, (1, 30), "/info")),
        (DOCKER_26, "1.45", "/v01.30/info", Way(MODERN, (1, 30), "/info")),
        (DOCKER_26, "1.45", "/v1.30.5/info", Way(MODERN, (1, 30), "/info")),
        (DOCKER_26, "1.45", "/v./info", Way(MODERN, (0, 0), "/info", Verdict.TOO_OLD)),
        (DOCKER_26, "1.45", "/v1.30", Way(MODERN, (1, 45), "/v1.30")),
        (DOCKER_26, "1.45", "/vx/info", Way(MODERN, (1, 45), "/vx/info")),
        (DOCKER_26, "1.45", "/v1.30/v1.24/info", Way(MODERN, (1, 30), "/v1.24/info")),
        (DOCKER_0_4, "1.1", "/v1.30/info", Way(ANTIQUE, UNSUPPORTED, "/info")),
    ],
)
def test_a_path_leads_to_a_dialect_and_a_version(profile: Profile, default: str, path: str, found: Way) -> None:
    assert way(path, profile, default, known) == found


def test_a_version_of_many_digits_is_too_new() -> None:
    assert way("/v1." + "9" * 5000 + "/info", DOCKER_26, "1.45", known).verdict is Verdict.TOO_NEW


@pytest.fixture
def real26() -> Iterator[WireClient]:
    with FakeDocker(profile="26") as daemon, WireClient(daemon.url) as client:
        yield client


TOO_NEW = "client version 1.99 is too new. Maximum supported API version is 1.45"
TOO_OLD = (
    "client version 1.23 is too old. Minimum supported API version is 1.24, "
    "please upgrade your client to a newer version"
)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "info"), ("GET", "_ping"), ("POST", "containers/create"), ("DELETE", "images/x")]
)
def test_a_version_that_is_too_new_is_told_what_would_do(real26: WireClient, method: str, path: str) -> None:
    reply = real26.request(method, f"/v1.99/{path}", json={} if method == "POST" else None)
    assert (reply.status, reply.json, reply.fields["api-version"]) == (400, {"message": TOO_NEW}, "1.45")
    assert "docker-experimental" not in reply.fields


def test_a_version_that_is_too_old_is_told_so(real26: WireClient) -> None:
    reply = real26.get("/v1.23/info")
    assert (reply.status, reply.json) == (400, {"message": TOO_OLD})


@pytest.mark.parametrize("asked", [".", "0.9", "1.11", "1.1.1", "01.2"])
def test_a_version_is_told_back_as_it_was_written(real26: WireClient, asked: str) -> None:
    assert real26.get(f"/v{asked}/info").json["message"].startswith(f"client version {asked} is too old. ")


@pytest.mark.parametrize("path", ["/_ping", "/v1.45/_ping", "/v1.24/_ping"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_ping_tells_the_newest_version_in_every_version(real26: WireClient, method: str, path: str) -> None:
    reply = real26.request(method, path)
    assert (reply.status, reply.fields["api-version"], reply.fields["ostype"]) == (200, "1.45", "linux")
    assert reply.body == (b"OK" if method == "GET" else b"")


@pytest.mark.parametrize("version", ["1.24", "1.30", "1.45"])
def test_version_is_the_daemons_own_in_every_version(real26: WireClient, version: str) -> None:
    told = real26.get(f"/v{version}/version").json
    assert (told["ApiVersion"], told["MinAPIVersion"]) == ("1.45", "1.24")


def test_what_a_path_without_version_speaks_can_be_chosen() -> None:
    with FakeDocker(profile="28", api_version="1.30") as daemon, WireClient(daemon.url) as client:
        assert "BridgeNfIptables" in client.get("/info").json
        assert "BridgeNfIptables" not in client.get("/v1.51/info").json
    with pytest.raises(ValueError, match=r"the profile 26 serves the API 1\.24 to 1\.45, not 1\.46"):
        FakeDocker(profile="26", api_version="1.46")
