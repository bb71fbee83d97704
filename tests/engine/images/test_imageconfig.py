"""The documents of images."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fakedocker.engine.containers.config import Config, Healthcheck
from fakedocker.engine.errors import Failure
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imageconfig import (
    ZERO,
    config_members,
    diff_ids_in,
    document_of,
    encode,
    identified,
    image_from,
    moment,
    read_config,
    read_object,
    stamp,
)
from fakedocker.engine.images.images import History, Image

FULL = Config(
    hostname="h",
    domainname="d",
    user="u",
    attach_stdin=True,
    attach_stdout=True,
    attach_stderr=True,
    exposed_ports={"80/tcp": {}, "53/udp": {}},
    tty=True,
    open_stdin=True,
    stdin_once=True,
    env=("A=1",),
    cmd=("a", "b"),
    healthcheck=Healthcheck(("CMD", "x"), 1.5, 2.0, 3.0, 4),
    image="i",
    volumes={"/v": {}},
    working_dir="/w",
    entrypoint=("/e",),
    network_disabled=True,
    mac_address="02:42:ac:11:00:02",
    on_build=("RUN x",),
    labels={"b": "2", "a": "1"},
    stop_signal="SIGINT",
    stop_timeout=7,
    shell=("/bin/ash", "-c"),
)


def layer(text: str = "x") -> Layer:
    made = Layer()
    made.put("/", Inode(Kind.DIRECTORY, 0o755))
    made.put("/f", Inode(Kind.FILE, content=Content.of(text.encode())))
    return made.freeze()


def test_an_empty_configuration_has_the_members_that_the_daemon_always_writes() -> None:
    assert encode(config_members(Config())) == (
        b'{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,'
        b'"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,'
        b'"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null}'
    )


def test_a_configuration_is_read_as_it_was_written() -> None:
    assert read_config(json.loads(encode(config_members(FULL)))) == FULL
    assert read_config(json.loads(encode(config_members(Config())))) == Config()


@pytest.mark.parametrize("value", [None, 5, [], "x", {"Env": 5, "Labels": [], "Healthcheck": 1, "Volumes": "x"}])
def test_what_has_not_its_type_counts_as_not_given(value: Any) -> None:
    assert read_config(value) == Config()


def test_an_image_has_the_digest_of_its_document_as_id() -> None:
    one = layer()
    image = identified(Image("", 5.5, one, config=Config(cmd=("a", "<&>"))), [one], (History(5.5, "made"),))
    assert rootfs.digest(image.document) == f"sha256:{image.id}"
    members = json.loads(image.document)
    assert list(members) == sorted(members)
    assert members["rootfs"] == {"type": "layers", "diff_ids": [rootfs.diff_id(one)]}
    assert members["history"] == [{"created": "1970-01-01T00:00:05.5Z", "created_by": "made"}]
    assert b"\\u003c\\u0026\\u003e" in image.document


def test_an_image_comes_out_of_its_document_as_it_went_in() -> None:
    one, two = layer("1"), layer("2")
    history = (History(1.0, "a", "me", "c"), History(2.0, "b"), History(3.0, "e", empty_layer=True))
    image = Image("", 3.0, two, comment="c", author="me", config=FULL, architecture="arm64", variant="v8", os="linux")
    made = identified(replace(image, container="c" * 64, docker_version="20.10"), [one, two], history)
    read = image_from(made.document, [one, two])
    assert replace(read, below=(), size=0) == made
    assert (read.below, read.size) == ((one,), 2)


def test_a_document_that_an_image_came_with_stays() -> None:
    assert document_of(Image("a", 0.0, layer(), document=b"{}"), [], ()) == b"{}"


def test_layers_have_to_be_those_of_the_document() -> None:
    one = layer("1")
    document = identified(Image("", 0.0, one), [one], ()).document
    with pytest.raises(Failure, match="invalid diffID for layer 0"):
        image_from(document, [layer("2")])
    with pytest.raises(Failure, match="layers length mismatch: expected 0, got 1"):
        image_from(document, [])


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (b"", "unexpected end of JSON input"),
        (b"{", "unexpected end of JSON input"),
        (b"x", "invalid character 'x' looking for beginning of value"),
        (b"[]", "invalid character '[' looking for beginning of value"),
        (b"[" * 100_000, "invalid character '[' looking for beginning of value"),
    ],
)
def test_what_is_no_object_is_refused(document: bytes, text: str) -> None:
    with pytest.raises(Failure) as error:
        read_object(document)
    assert str(error.value) == text


@pytest.mark.parametrize("rootfs_members", [None, 5, {}, {"diff_ids": None}, {"diff_ids": [5, None]}])
def test_a_document_may_say_nothing_of_its_layers(rootfs_members: Any) -> None:
    document = json.dumps({"rootfs": rootfs_members}).encode()
    assert diff_ids_in(document) == []
    assert image_from(document, []).created == ZERO


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T01:00:01.5+01:00", 1.5),
        ("2026-11-25T02:18:23.690255922Z", 1795573103.690255922),
        ("0001-01-01T00:00:00Z", ZERO),
        ("2013-02-30T00:00:00Z", ZERO),
        ("yesterday", ZERO),
        (None, ZERO),
    ],
)
def test_a_time_is_read(text: str | None, seconds: float) -> None:
    assert moment(text) == seconds


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2024-06-06T15:59:04.25Z"])
def test_a_time_is_written_as_go_does(text: str) -> None:
    assert stamp(moment(text)) == text
