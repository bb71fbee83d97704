"""JSON bodies as Go reads them, whatever their Content-Type says."""

from __future__ import annotations

import json

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker

TEXT = "text/plain; charset=utf-8"
GOOD = '{"Image":"base","Cmd":["echo","hi"]}'


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "nonsense", "application/x-www-form-urlencoded", None]
)
def test_a_body_is_read_whatever_its_type(client: WireClient, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    assert client.post("/containers/create", GOOD, headers=headers).status == 201


@pytest.mark.parametrize(
    "body",
    [
        '{"image":"base","CMD":["echo","hi"]}',
        '{"Image":"base","Cmd":["echo","hi"],"Nonsense":{"a":[1,2]},"Entrypoint":["x"]}',
        GOOD + " and whatever follows",
        GOOD + GOOD,
        "\n\t " + GOOD,
        '{"Image":"base","Cmd":["echo","hi"],"Env":null,"Memory":null,"Tty":null,"Volumes":null}',
        '{"Image":"base","Cmd":["echo","hi"],"Volumes":{"/a":{}, "/b":null}}',
        '{"Image":"b\\u0061se","Cmd":["echo","hi"]}',
        '{"Image":"base","Cmd":["echo","hi"],"Memory":9223372036854775807}',
    ],
)
def test_a_body_is_read_leniently(client: WireClient, daemon: FakeDocker, body: str) -> None:
    reply = client.post("/containers/create", body)
    assert reply.status == 201, reply.text
    assert daemon.engine.container(reply.json["Id"]).config.cmd == ("echo", "hi")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "nonsense",
        "{",
        '{"Image"',
        '{"Image":}',
        '{"Image":"base",}',
        "{'Image':'base'}",
        "[]",
        "1",
        '"base"',
        "true",
        '{"Image":1}',
        '{"Cmd":"echo"}',
        '{"Cmd":[1]}',
        '{"Memory":"1"}',
        '{"Memory":1.5}',
        '{"Memory":9223372036854775808}',
        '{"Memory":1e400}',
        '{"Tty":1}',
        '{"Tty":"true"}',
        '{"Env":{"A":"1"}}',
        '{"Volumes":["/data"]}',
        '{"Volumes":{"/data":"x"}}',
        '{"Memory":NaN}',
        "[" * 100_000,
        '{"a":' * 100_000,
    ],
)
@pytest.mark.parametrize("path", ["/containers/create", "/images/getCache"])
def test_a_body_that_makes_no_sense_is_refused_and_nothing_is_made(
    client: WireClient, daemon: FakeDocker, path: str, body: str
) -> None:
    reply = client.post(path, body)
    assert (reply.status, reply.type) == (500, TEXT)
    assert len(reply.text) > 1
    assert reply.text.endswith("\n")
    assert daemon.engine.containers() == []


@pytest.mark.parametrize(("body", "text"), [("", "EOF\n"), ("null", "No such image: \n")])
def test_no_body_is_not_the_same_as_null(client: WireClient, body: str, text: str) -> None:
    assert client.post("/containers/create", body).text == text


@pytest.mark.parametrize("body", ["", "{", "[]", '{"username":1}'])
def test_a_login_that_makes_no_sense_is_refused(client: WireClient, body: str) -> None:
    assert client.post("/auth", body).status == 500
    assert client.get("/auth").json["username"] == "hannibal"


def test_text_that_is_no_text_is_kept_as_well_as_can_be(client: WireClient) -> None:
    body = b'{"Image":"base","Cmd":["\xff","\\ud800","\xc3\xbc"]}'
    identity = client.post("/containers/create", body).json["Id"]
    assert client.get(f"/containers/{identity}/json").json["Config"]["Cmd"] == ["\ufffd", "\ufffd", "ü"]


def test_a_body_may_come_in_chunks(client: WireClient) -> None:
    client.send(b"POST /containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for character in GOOD:
        client.send(b"1\r\n%s\r\n" % character.encode())
    client.send(b"0\r\n\r\n")
    assert client.reply().status == 201


def test_answers_are_written_as_go_writes_them(client: WireClient) -> None:
    body = json.dumps({"Image": "base", "Cmd": ["<a&b>", "\u2028", "ü"]})
    identity = client.post("/containers/create", body).json["Id"]
    text = client.get(f"/containers/{identity}/json").text
    assert '"Cmd":["\\u003ca\\u0026b\\u003e","\\u2028","ü"]' in text
    assert "\n" not in text
    assert ": " not in text
