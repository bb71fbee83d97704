"""The router of 2013: what is there, what is not, OPTIONS, other origins."""

from __future__ import annotations

import pytest
from wire_client import WireClient

NOT_FOUND = (404, "text/plain; charset=utf-8", "404 page not found\n")
CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "Origin, X-Requested-With, Content-Type, Accept",
    "access-control-allow-methods": "GET, POST, DELETE, PUT, OPTIONS",
}
ROUTES = [
    ("GET", "/auth"),
    ("GET", "/version"),
    ("GET", "/info"),
    ("GET", "/images/json"),
    ("GET", "/images/viz"),
    ("GET", "/images/search"),
    ("GET", "/images/x/history"),
    ("GET", "/images/x/json"),
    ("GET", "/containers/ps"),
    ("GET", "/containers/json"),
    ("GET", "/containers/x/export"),
    ("GET", "/containers/x/changes"),
    ("GET", "/containers/x/json"),
    ("POST", "/auth"),
    ("POST", "/commit"),
    ("POST", "/build"),
    ("POST", "/images/create"),
    ("POST", "/images/x/insert"),
    ("POST", "/images/x/push"),
    ("POST", "/images/x/tag"),
    ("POST", "/images/getCache"),
    ("POST", "/containers/create"),
    ("POST", "/containers/x/kill"),
    ("POST", "/containers/x/restart"),
    ("POST", "/containers/x/start"),
    ("POST", "/containers/x/stop"),
    ("POST", "/containers/x/wait"),
    ("POST", "/containers/x/resize"),
    ("POST", "/containers/x/attach"),
    ("DELETE", "/containers/x"),
    ("DELETE", "/images/x"),
]
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD")


def got(reply) -> tuple[int, str | None, str]:
    return reply.status, reply.type, reply.text


@pytest.mark.parametrize("prefix", ["", "/v1.0", "/v1.1"])
def test_every_route_exists_bare_and_in_each_version(client: WireClient, prefix: str) -> None:
    for method, path in ROUTES:
        assert got(client.request(method, prefix + path)) != NOT_FOUND, (method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nosuch"),
        ("GET", "/events"),
        ("GET", "/_ping"),
        ("GET", "/images"),
        ("GET", "/images/"),
        ("GET", "/images/x"),
        ("GET", "/containers/x"),
        ("GET", "/containers/x/top"),
        ("GET", "/containers/x/logs"),
        ("GET", "/containers/x/attach/ws"),
        ("GET", "/images/x/get"),
        ("POST", "/containers/x/rename"),
        ("POST", "/containers/x/pause"),
        ("GET", "/version/"),
        ("GET", "/Version"),
        ("GET", "/antique/version"),
        ("GET", "/containers/a%0Ab/json"),
        ("TRACE", "/version"),
        ("BREW", "/version"),
    ],
)
def test_what_has_no_route_is_the_routers_404(client: WireClient, method: str, path: str) -> None:
    assert got(client.request(method, path)) == NOT_FOUND


def test_a_wrong_method_is_404_and_not_405(client: WireClient) -> None:
    known = set(ROUTES)
    for path in sorted({path for _, path in ROUTES}):
        for method in METHODS:
            deletes_by_any_name = method == "DELETE" and path.startswith(("/images/", "/containers/"))
            if (method, path) not in known and not deletes_by_any_name:
                reply = client.request(method, path)
                assert reply.status == 404, (method, path)
                assert "allow" not in reply.fields
                assert method == "HEAD" or reply.text == "404 page not found\n", (method, path)


def test_a_name_in_a_path_may_be_anything(client: WireClient) -> None:
    for name in ("foo/bar", "foo%2Fbar", "host:5000/x/y", "a%20b", "%C3%BC"):
        assert client.get(f"/images/{name}/json").status == 404
        assert client.get(f"/images/{name}/json").text.startswith("No such image: ")
    assert client.get("/images/foo%2Fbar/json").text == "No such image: foo/bar\n"
    assert client.get("/images/host:5000/x/y/json").text == "No such image: host:5000/x/y\n"


def test_a_name_in_a_path_may_be_empty(client: WireClient) -> None:
    assert got(client.delete("/containers/")) == (404, "text/plain; charset=utf-8", "No such container: \n")
    assert got(client.delete("/images/")) == (404, "text/plain; charset=utf-8", "No such image: \n")


# -- OPTIONS and CORS --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/version", "/v1.1/containers/json", "/nosuch", "/v9.9/version", "/", "*"])
def test_options_is_200_on_any_path(client: WireClient, path: str) -> None:
    reply = client.request("OPTIONS", path)
    assert (reply.line, reply.type, reply.body) == ("HTTP/1.1 200 OK", None, b"")
    assert "allow" not in reply.fields
    assert not CORS.keys() & reply.fields.keys()


@pytest.mark.parametrize("cors", [True])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/version", 200),
        ("OPTIONS", "/nosuch", 200),
        ("GET", "/containers/x/json", 404),
        ("GET", "/containers/json?all=x", 400),
        ("GET", "/v9.9/version", 404),
        ("POST", "/images/create?fromImage=nosuch", 200),
        ("POST", "/containers/x/attach", 404),
    ],
)
def test_with_cors_every_routed_answer_lets_other_origins_in(
    client: WireClient, method: str, path: str, status: int
) -> None:
    reply = client.request(method, path)
    assert reply.status == status
    assert CORS.items() <= reply.fields.items()


@pytest.mark.parametrize("cors", [True])
def test_the_routers_404_lets_nobody_in(client: WireClient) -> None:
    assert not CORS.keys() & client.get("/nosuch").fields.keys()
    assert not CORS.keys() & client.get("/vx/version").fields.keys()


@pytest.mark.parametrize("cors", [False])
def test_without_cors_no_answer_lets_other_origins_in(client: WireClient) -> None:
    assert not CORS.keys() & client.get("/version").fields.keys()


# -- the head ------------------------------------------------------------------------------------


def test_an_answer_names_no_server_and_no_version(client: WireClient) -> None:
    fields = client.get("/version").fields
    assert set(fields) == {"content-type", "content-length", "date"}


def test_the_connection_is_kept_even_after_errors(client: WireClient) -> None:
    for path in ("/nosuch", "/containers/x/json", "/containers/json?all=x", "/v9.9/version", "//version"):
        client.get(path)
    client.post("/containers/create", "{")
    assert client.get("/version").status == 200


def test_a_client_of_http_1_0_is_answered_and_left(client: WireClient) -> None:
    client.send(b"GET /version HTTP/1.0\r\n\r\n")
    reply = client.reply()
    assert (reply.status, reply.json["Version"]) == (200, "0.4.0")
    assert client.rest() == b""


@pytest.mark.parametrize(
    ("method", "path", "line"),
    [
        ("POST", "/containers/create", "HTTP/1.1 201 Created"),
        ("POST", "/containers/{}/kill", "HTTP/1.1 204 No Content"),
        ("GET", "/containers/nosuch/json", "HTTP/1.1 404 Not Found"),
        ("GET", "/containers/json?all=x", "HTTP/1.1 400 Bad Request"),
        ("POST", "/containers/{}/resize", "HTTP/1.1 500 Internal Server Error"),
    ],
)
def test_the_reason_is_spelled_as_http_does(client: WireClient, daemon, method: str, path: str, line: str) -> None:
    container = daemon.engine.create("base", "true")
    body = {"Image": "base", "Cmd": ["true"]} if path.endswith("create") else None
    assert client.request(method, path.format(container.id), json=body).line == line


def test_204_has_neither_body_nor_type_nor_length(client: WireClient, daemon) -> None:
    reply = client.post(f"/containers/{daemon.engine.create('base', 'true').id}/stop")
    assert set(reply.fields) == {"date"}
