"""Cassettes of vcrpy and of Ruby's VCR."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakedocker.cassettes.foreign import ForeignError, read
from fakedocker.cassettes.model import Bytes, Empty, Frame, Json, Stream, Text
from fakedocker.cassettes.vcr import of_vcr, of_vcrpy

#: As vcrpy 8 writes it, in YAML.
VCRPY = r"""
interactions:
- request:
    body: '{"Image": "busybox"}'
    headers:
      Content-Type:
      - application/json
      X-Twice: &id001
      - a
      - b
    method: POST
    uri: http://127.0.0.1:4243/v1.41/containers/create?name=a%20b
  response:
    body:
      string: '{"Id":"abc"}

        '
    headers:
      Content-Type:
      - application/json
      X-Twice: *id001
    status:
      code: 201
      message: Created
- request:
    body: null
    headers: {}
    method: GET
    uri: http://127.0.0.1:4243/v1.41/containers/abc/logs?stdout=1
  response:
    body:
      string: "\x01\0\0\0\0\0\0\x03hi\n"
    headers:
      Content-Type:
      - application/vnd.docker.raw-stream
    status:
      code: 200
      message: OK
- request:
    body: !!binary |
      yMnK
    headers: {}
    method: PUT
    uri: http+docker://localhost/v1.41/containers/abc/archive?path=%2F
  response:
    body:
      string: !!binary |
        H4sIAAAAAAACA6tWKkstKs7Mz1OyUjIy0DM0UKoFALKFhNITAAAA
    headers:
      Content-Encoding:
      - gzip
      Content-Type:
      - application/json
    status:
      code: 200
      message: OK
version: 1
"""
#: As Psych writes what Ruby's VCR 6 gives it.
VCR = """---
http_interactions:
- request:
    method: get
    uri: http://unix/v1.41/version
    body:
      encoding: US-ASCII
      string: ''
    headers:
      User-Agent:
      - Swipely/Docker-API 2.2.0
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      encoding: UTF-8
      string: '{"Version":"20.10"}'
    http_version:
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
- request:
    method: post
    uri: http://unix/v1.41/build?t=a
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        yMnK
    headers: {}
  response:
    status:
      code: 500
      message: Internal Server Error
    headers: {}
    body:
      encoding: ISO-8859-1
      string: für
    adapter_metadata:
      vcr_decompressed: gzip
  recorded_at: Tue, 01 Nov 2011 04:58:46 GMT
- request:
    method: get
    uri: http://unix/x
    body:
      encoding: ASCII-8BIT
      base64_string: |
        yMnK
    headers: {}
  response:
    status:
      code: 204
      message:
    headers: {}
    body:
      encoding: UTF-8
      string: ''
  recorded_at: Tue, 01 Nov 2011 04:58:46 GMT
recorded_with: VCR 6.2.0
"""


def vcrpy() -> Any:
    return read(VCRPY.encode())


def test_vcrpy_in_yaml() -> None:
    create, logs, put = of_vcrpy(vcrpy()).exchanges
    assert [create.id, logs.id, put.id] == [1, 2, 3]
    assert (create.request.method, create.request.path) == ("POST", "/v1.41/containers/create")
    assert create.request.query == (("name", "a b"),)
    assert create.request.headers[1:] == (("X-Twice", "a"), ("X-Twice", "b"))
    assert create.request.body == Json({"Image": "busybox"})
    assert create.response is not None
    assert (create.response.status, create.response.reason) == (201, "Created")
    assert create.response.body == Json({"Id": "abc"})
    assert create.response.headers[1:] == (("X-Twice", "a"), ("X-Twice", "b"))
    assert logs.request.body == Empty()
    assert logs.response is not None
    assert logs.response.body == Stream("multiplexed", (Frame(0, Text("hi\n"), "out", "stdout"),))
    assert put.request.body == Bytes(b"\xc8\xc9\xca")
    assert put.request.path == "/v1.41/containers/abc/archive"
    assert put.response is not None
    assert put.response.body == Json({"version": "20.10"})


def test_vcrpy_in_json_says_the_same() -> None:
    in_json = {"version": 1, "interactions": vcrpy()["interactions"][:2]}
    assert of_vcrpy(read(json.dumps(in_json).encode())).exchanges == of_vcrpy(vcrpy()).exchanges[:2]


def test_vcrpy_as_it_once_recorded_httpx() -> None:
    value = vcrpy()
    value["interactions"][0]["response"] = {
        "status_code": "201",
        "http_version": "HTTP/1.1",
        "headers": {"content-type": "application/json"},
        "content": '{"Id":"abc"}',
    }
    response = of_vcrpy(value).exchanges[0].response
    assert response is not None
    assert (response.status, response.body) == (201, Json({"Id": "abc"}))


def test_vcr_of_ruby() -> None:
    cassette = of_vcr(read(VCR.encode()))
    assert (cassette.header.recorded_with, cassette.header.recorded_at) == ("VCR 6.2.0", "2011-11-01T04:58:44Z")
    version, build, other = cassette.exchanges
    assert (version.request.method, version.request.path, version.start) == ("GET", "/v1.41/version", 0)
    assert (build.request.body, build.start) == (Bytes(b"\xc8\xc9\xca"), 2)
    assert version.response is not None
    assert version.response.body == Json({"Version": "20.10"})
    assert build.response is not None
    assert build.response.body == Bytes(b"f\xfcr")
    assert other.request.body == Bytes(b"\xc8\xc9\xca")
    assert other.response is not None
    assert (other.response.reason, other.response.body) == ("", Empty())


def changed(value: Any, place: list[Any], new: Any) -> Any:
    inner = value
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = new
    return value


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        (["version"], "2", "in version 2 of its format; version 1 is read"),
        (["extra"], "x", "the cassette has a member that is not known: extra"),
        (["interactions"], "x", "interactions of the cassette is no list"),
        (
            ["interactions", 1, "request", "proxy"],
            "x",
            "request of interaction 2 has a member that is not known: proxy",
        ),
        (["interactions", 0, "request"], None, "the request of interaction 1 is no mapping"),
        (["interactions", 0, "request", "uri"], None, "the request of interaction 1 has no uri"),
        (["interactions", 0, "request", "body"], {"a": "b"}, "the body of .* is neither text nor bytes"),
        (["interactions", 0, "request", "headers"], ["x"], "headers of .* are no mapping"),
        (["interactions", 0, "request", "headers", "A"], {"x": "y"}, "header A of .* is no text"),
        (["interactions", 0, "response", "status", "code"], "2000", "no status of HTTP"),
        (["interactions", 0, "response", "body", "base85"], "x", "a member that is not known: base85"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_vcrpy_does_not_have_is_refused(place: list[Any], new: Any, why: str) -> None:
    with pytest.raises(ForeignError, match=why):
        of_vcrpy(changed(vcrpy(), place, new))


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        (["http_interactions", 0, "recorded_at"], "yesterday", "recorded_at of interaction 1 is no date of HTTP"),
        (["http_interactions", 1, "response", "body", "encoding"], "rot13", "encoding that is not known: rot13"),
        (["http_interactions", 1, "response", "body", "encoding"], "zlib", "encoding that is not known: zlib"),
        (["http_interactions", 2, "request", "body", "base64_string"], "!", "is not base64"),
        (["http_interactions", 0, "response", "updated"], "x", "a member that is not known: updated"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_vcr_does_not_have_is_refused(place: list[Any], new: Any, why: str) -> None:
    with pytest.raises(ForeignError, match=why):
        of_vcr(changed(read(VCR.encode()), place, new))


def test_what_was_before_version_1_of_vcrpy_has_to_be_migrated() -> None:
    with pytest.raises(ForeignError, match="migrated by vcrpy"):
        of_vcrpy([])
