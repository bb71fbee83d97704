"""Streams of progress: pull, import, insert and push, as objects in API 1.1 and as text in 1.0."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable

import pytest
from wire_client import Reply, WireClient

from fakedocker import FakeDocker

JSON, TEXT = "application/json", "text/plain; charset=utf-8"
RAW = "application/vnd.docker.raw-stream"
INDEX = "http://index.example.test/v1"
FILES = "http://files.example.test"
OLD, NEW = "aa" * 32, "b1" * 32


@pytest.fixture
def world() -> str:
    return "index-2013"


@pytest.fixture
def clock() -> str:
    return "manual"


def tar(**files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


def steps(verb: str, total: int) -> list[dict[str, str]]:
    """A transfer of few bytes, as it is reported."""
    sizes = [*range(4096, total, 4096), total]
    return [{"status": verb, "progress": f"{size}/{total} ({size * 100 // total}%)"} for size in sizes] + [{}]


def fetched(identity: str, tag: str, size: int) -> list[dict[str, str]]:
    return [
        {"status": f"Pulling image {identity} ({tag}) from foo/bar"},
        {"status": f"Pulling {identity} metadata"},
        {"status": f"Pulling {identity} fs layer"},
        *steps("Downloading", size),
    ]


BEGIN = [{"status": f"Pulling repository foo/bar from {INDEX}"}]


def as_text(objects: list[dict[str, str]]) -> str:
    """What API 1.0 says instead of objects."""
    lines = []
    for one in objects:
        if "progress" in one:
            lines.append(f"{one['status']} {one['progress']}\r")
        elif "error" in one:
            lines.append(f"Error: {one['error']}\r\n")
        else:
            lines.append(f"{one.get('status', '')}\r\n")
    return "".join(lines)


def post(client: WireClient, path: str, body: bytes = b"") -> Reply:
    return client.post(f"/v1.1{path}", body)


# -- pull --------------------------------------------------------------------------------------------------


def test_a_pull_fetches_every_tag_and_shows_what_it_fetches(client: WireClient, daemon: FakeDocker) -> None:
    reply = post(client, "/images/create?fromImage=foo/bar")
    assert (reply.status, reply.type) == (200, JSON)
    objects = reply.objects
    one, other = fetched(OLD, "old", 10240), fetched(NEW, "latest", 30720)
    shared = fetched(NEW, "latest", 30720) + fetched(OLD, "latest", 10240)[1:]
    assert objects in (BEGIN + one + other, BEGIN + shared + one[:1])
    assert daemon.engine.tags() == {"foo/bar:latest": NEW, "foo/bar:old": OLD}
    assert daemon.engine.image(NEW).parent == OLD


def test_objects_follow_one_another_without_anything_between(client: WireClient) -> None:
    reply = post(client, "/images/create?fromImage=foo/bar&tag=old")
    assert '"}{"' in reply.text
    assert not set(reply.text) & set("\r\n")
    assert reply.fields["transfer-encoding"] == "chunked"
    assert len(reply.chunks) == len(reply.objects)  # each is sent when it is there


def test_one_tag_is_pulled_alone(client: WireClient, daemon: FakeDocker) -> None:
    objects = post(client, "/images/create?fromImage=foo/bar&tag=old").objects
    assert objects == BEGIN + fetched(OLD, "old", 10240)
    assert daemon.engine.tags() == {"foo/bar:old": OLD}


def test_what_is_there_is_not_fetched_again(client: WireClient) -> None:
    post(client, "/images/create?fromImage=foo/bar")
    again = post(client, "/images/create?fromImage=foo/bar").objects
    assert again[0] == BEGIN[0]
    images = [{"status": f"Pulling image {one} ({tag}) from foo/bar"} for one, tag in ((NEW, "latest"), (OLD, "old"))]
    assert sorted(again[1:], key=str) == sorted(images, key=str)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("fromImage=nosuch", "HTTP code: 404"),
        ("fromImage=foo/bar:old", "HTTP code: 404"),
        ("fromImage=secret/x", "Please login first (HTTP code 401)"),
        ("fromImage=foo/bar&tag=nosuch", "Tag nosuch not found in repositoy foo/bar"),
    ],
)
def test_a_pull_that_fails_says_so_in_the_stream(
    client: WireClient, daemon: FakeDocker, query: str, error: str
) -> None:
    reply = post(client, f"/images/create?{query}")
    assert (reply.status, reply.type) == (200, JSON)
    assert reply.objects[0]["status"].startswith("Pulling repository ")
    assert reply.objects[1:] == [{"error": error}]
    text = client.post(f"/v1.0/images/create?{query}")
    assert text.status == 200
    assert text.text == as_text(reply.objects)
    assert daemon.engine.images() == []


def test_api_1_0_tells_the_same_as_text(client: WireClient) -> None:
    reply = client.post("/v1.0/images/create?fromImage=foo/bar&tag=old")
    assert (reply.status, reply.type) == (200, RAW)
    assert reply.text == as_text(BEGIN + fetched(OLD, "old", 10240))


def test_an_image_pulled_by_its_id_from_a_registry_gets_no_name(client: WireClient, daemon: FakeDocker) -> None:
    reply = post(client, f"/images/create?fromImage={NEW}&registry=registry.example.test")
    assert reply.objects == fetched(NEW, "", 30720)[1:] + fetched(OLD, "", 10240)[1:]
    assert (daemon.engine.tags(), len(daemon.engine.images())) == ({}, 2)


def test_an_id_that_the_registry_does_not_have_is_an_error_of_its_own(client: WireClient) -> None:
    missing = "cc" * 32
    reply = post(client, f"/images/create?fromImage={missing}&registry=registry.example.test")
    assert (reply.status, reply.type) == (500, TEXT)
    assert reply.text == f"Internal server error: 404 trying to fetch remote history for {missing}\n"


def test_the_parameters_may_come_as_a_form(client: WireClient, daemon: FakeDocker) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    client.post("/images/create", "fromImage=foo/bar&tag=old", headers=form)
    assert "foo/bar:old" in daemon.engine.tags()


# -- import ---------------------------------------------------------------------------------------------


def test_a_tar_in_the_body_becomes_an_image(client: WireClient, daemon: FakeDocker) -> None:
    reply = post(client, "/images/create?fromSrc=-&repo=mine&tag=v1", tar(hello="hi"))
    assert (reply.status, reply.type) == (200, JSON)
    (said,) = reply.objects
    assert list(said) == ["status"]
    image = daemon.engine.image("mine:v1")
    assert said["status"] == image.id[:12]
    assert daemon.engine.read_file(daemon.engine.create("mine:v1", "true"), "/hello") == b"hi"


def test_a_tar_may_come_in_chunks(client: WireClient, daemon: FakeDocker) -> None:
    data = tar(hello="hi" * 5000)
    client.send(b"POST /images/create?fromSrc=-&repo=mine HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for start in range(0, len(data), 1000):
        part = data[start : start + 1000]
        client.send(b"%x\r\n%s\r\n" % (len(part), part))
    client.send(b"0\r\n\r\n")
    assert client.reply().status == 200
    assert daemon.engine.read_file(daemon.engine.create("mine", "true"), "/hello") == b"hi" * 5000


def test_a_client_that_asks_first_is_told_to_go_on(client: WireClient, daemon: FakeDocker) -> None:
    data = tar(hello="hi")
    client.send(
        f"POST /images/create?fromSrc=-&repo=mine HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n"
        "Expect: 100-continue\r\n\r\n".encode()
    )
    assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(data)
    assert client.reply().status == 200
    assert "mine:latest" in daemon.engine.tags()


def test_a_body_that_breaks_off_makes_no_image(connect: Callable[[], WireClient], daemon: FakeDocker) -> None:
    broken = connect()
    broken.send(
        b"POST /images/create?fromSrc=- HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + tar(hello="hi")[:700]
    )
    broken.half_close()
    broken.rest()
    assert daemon.engine.images() == []


@pytest.mark.parametrize("body", [b"this is no archive", b"\x1f\x8b broken", b"BZh broken"])
def test_what_is_no_archive_is_refused(client: WireClient, daemon: FakeDocker, body: bytes) -> None:
    reply = post(client, "/images/create?fromSrc=-", body)
    assert (reply.status, reply.type) == (500, TEXT)
    assert reply.text.endswith("\n")
    assert daemon.engine.images() == []


def test_an_empty_body_is_an_empty_image(client: WireClient, daemon: FakeDocker) -> None:
    assert post(client, "/images/create?fromSrc=-").status == 200
    assert len(daemon.engine.images()) == 1


def test_a_form_eats_the_body(client: WireClient, daemon: FakeDocker) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/images/create?fromSrc=-&repo=mine", "a=b", headers=form).status == 200
    assert daemon.engine.image("mine").size == 0


@pytest.mark.parametrize(
    ("query", "text"),
    [("repo=a:b", "Illegal repository name: a:b\n"), ("repo=a&tag=x/y", "Illegal tag name: x/y\n")],
)
def test_a_bad_name_is_refused_but_the_image_stays(
    client: WireClient, daemon: FakeDocker, query: str, text: str
) -> None:
    reply = post(client, f"/images/create?fromSrc=-&{query}")
    assert (reply.status, reply.text) == (500, text)
    assert (len(daemon.engine.images()), daemon.engine.tags()) == (1, {})


def test_an_import_from_afar_shows_its_way(client: WireClient, daemon: FakeDocker) -> None:
    url = f"{FILES}/rootfs.tar"
    objects = post(client, f"/images/create?fromSrc={url}&repo=mine").objects
    assert objects[0] == {"status": f"Downloading from {url}"}
    assert objects[1:-1] == steps("Importing", 20480)
    assert objects[-1] == {"status": daemon.engine.image("mine").id[:12]}
    text = client.post(f"/v1.0/images/create?fromSrc={url}").text
    assert text.startswith(as_text(objects[:-1]))


@pytest.mark.parametrize("source", [f"{FILES}/missing.tar", f"{FILES}/unknown"])
def test_a_download_that_fails_says_so_in_the_stream(client: WireClient, daemon: FakeDocker, source: str) -> None:
    reply = post(client, f"/images/create?fromSrc={source}")
    assert (reply.status, reply.objects[1:]) == (200, [{"error": "Got HTTP status code >= 400: 404 Not Found"}])
    assert "\\u003e=" in reply.text
    assert daemon.engine.images() == []


@pytest.mark.parametrize(
    "query", ["", "?fromSrc=", "?fromSrc=nosuch.example.test", "?fromSrc=a/b", "?fromSrc=ftp://x/y"]
)
def test_a_source_that_is_none_says_so_in_the_stream(client: WireClient, daemon: FakeDocker, query: str) -> None:
    reply = post(client, f"/images/create{query}")
    assert reply.status == 200
    assert list(reply.objects[-1]) == ["error"]
    assert daemon.engine.images() == []


# -- insert -------------------------------------------------------------------------------------------


@pytest.fixture
def base(client: WireClient) -> None:
    post(client, "/images/create?fromSrc=-&repo=base", tar(hello="hi"))


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(("file", "size"), [("hello.txt", 17), ("big.bin", 50000)])
def test_an_insert_shows_its_way_and_the_new_image_at_the_end(
    client: WireClient, daemon: FakeDocker, file: str, size: int
) -> None:
    reply = post(client, f"/images/base/insert?path=/some/dir/f&url={FILES}/{file}")
    assert (reply.status, reply.type) == (200, JSON)
    *progress, made, end = reply.objects
    assert progress == steps("Downloading", size)
    assert len(made["status"]) == 64
    assert end == {"Id": made["status"][:12]}
    image = daemon.engine.image(made["status"])
    assert image.container_config.cmd == ("echo", "insert", f"{FILES}/{file}", "/some/dir/f")
    assert image.parent == daemon.engine.image("base").id
    assert image.id not in daemon.engine.tags().values()
    assert len(daemon.engine.read_file(daemon.engine.create(image.id, "true"), "/some/dir/f")) == size


@pytest.mark.usefixtures("base")
def test_api_1_0_tells_an_insert_as_text_but_ends_with_json(client: WireClient) -> None:
    reply = client.post(f"/v1.0/images/base/insert?path=/f&url={FILES}/hello.txt")
    assert (reply.status, reply.type) == (200, TEXT)
    progress, _, rest = reply.text.partition("\r\r\n")
    assert progress == "Downloading 17/17 (100%)"
    identity, _, end = rest.partition("\r\n")
    assert end == f'{{"Id":"{identity[:12]}"}}'


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(
    "path",
    [
        "nosuch/insert?path=/f&url={}/hello.txt",
        "base/insert?path=/f&url={}/missing",
        "base/insert?path=/f&url=nonsense",
    ],
)
def test_an_insert_that_cannot_begin_is_an_error(client: WireClient, daemon: FakeDocker, path: str) -> None:
    reply = post(client, f"/images/{path.format(FILES)}")
    assert (reply.status, reply.type) == (500, TEXT)
    assert reply.text.strip()
    assert len(daemon.engine.images()) == 1


# -- push -------------------------------------------------------------------------------------------------


@pytest.fixture
def logged_in(client: WireClient) -> None:
    assert client.post("/auth", json={"username": "hannibal", "password": "xxxx"}).status == 200


@pytest.mark.usefixtures("base", "logged_in")
def test_a_push_shows_its_way(client: WireClient, daemon: FakeDocker) -> None:
    image = daemon.engine.image("base")
    client.post("/images/base/tag?repo=hannibal/base")
    reply = post(client, "/images/hannibal/base/push")
    assert (reply.status, reply.type) == (200, JSON)
    expected = [
        {"status": "The push refers to a repository [hannibal/base] (len: 1)"},
        {"status": "Processing checksums"},
        {"status": "Sending image list"},
        {"status": "Pushing repository hannibal/base to registry.example.test (1 tags)"},
        {"status": f"Pushing {image.id}"},
        *steps("Pushing", image.size),
        {"status": f"Pushing tags for rev [{image.id}] on {{registry.example.test/users/hannibal/base/latest}}"},
    ]
    assert reply.objects == expected
    assert client.post("/v1.0/images/hannibal/base/push").text == as_text(expected)


@pytest.mark.usefixtures("logged_in")
def test_what_the_registry_has_is_not_pushed_again(client: WireClient) -> None:
    post(client, "/images/create?fromImage=foo/bar&tag=old")
    objects = post(client, "/images/foo/bar/push").objects
    assert objects[-1] == {"status": f"Image {OLD} already uploaded ; skipping"}


@pytest.mark.usefixtures("base", "logged_in")
def test_an_image_pushed_by_its_id_says_so(client: WireClient, daemon: FakeDocker) -> None:
    image = daemon.engine.image("base")
    objects = post(client, f"/images/{image.id}/push").objects
    assert objects == [
        {"status": f"The push refers to an image: [{image.id}]"},
        {"status": f"Pushing {image.id}"},
        *steps("Pushing", image.size),
    ]


@pytest.mark.usefixtures("base")
def test_a_push_without_login_says_so_in_the_stream_and_ends_well_formed(client: WireClient) -> None:
    reply = post(client, "/images/base/push")
    assert reply.status == 200
    assert [list(one) for one in reply.objects] == [["status"], ["status"], ["status"], ["error"]]


@pytest.mark.parametrize("world", ["default"])
def test_what_was_pushed_can_be_pulled(client: WireClient, daemon: FakeDocker) -> None:
    post(client, "/images/create?fromSrc=-&repo=hannibal/new", tar(hello="hi"))
    identity = daemon.engine.image("hannibal/new").id
    assert "error" not in post(client, "/images/hannibal/new/push").text
    assert client.delete("/v1.1/images/hannibal/new").status == 200
    post(client, "/images/create?fromImage=hannibal/new")
    assert daemon.engine.image("hannibal/new").id == identity


# -- streams are streamed -------------------------------------------------------------------------------


def test_the_first_object_arrives_before_the_last_is_there(client: WireClient, daemon: FakeDocker) -> None:
    daemon.engine.registry.speed = 4096
    client.ask("POST", "/v1.1/images/create?fromImage=foo/bar&tag=old")
    assert client.head().status == 200
    said = [client.chunk() for _ in range(4)]
    assert b"fs layer" in said[-1]
    assert client.quiet()
    daemon.advance(0.99)
    for seconds, done in ((1, b"4096/10240 (40%)"), (0.5, b"8192/10240 (80%)"), (0.5, b"10240/10240 (100%)")):
        assert client.quiet(0.02)
        daemon.advance(seconds)
        assert done in client.chunk()
    assert (client.chunk(), client.chunk()) == (b"{}", b"")
    assert "foo/bar:old" in daemon.engine.tags()


def test_a_client_that_goes_away_breaks_off_a_pull(connect: Callable[[], WireClient], daemon: FakeDocker) -> None:
    daemon.engine.registry.speed = 4096
    leaver = connect()
    leaver.ask("POST", "/v1.1/images/create?fromImage=foo/bar&tag=old")
    leaver.until(b"fs layer")
    leaver.close()
    for _ in range(20):  # the daemon finds out when it writes
        daemon.advance(1)
    other = connect()
    daemon.engine.registry.speed = None
    assert post(other, "/images/create?fromImage=foo/bar&tag=old").status == 200


def test_a_reset_breaks_a_stream_off(client: WireClient, connect: Callable[[], WireClient], daemon: FakeDocker) -> None:
    daemon.engine.registry.speed = 4096
    client.ask("POST", "/v1.1/images/create?fromImage=foo/bar&tag=old")
    client.until(b"fs layer")
    daemon.reset()
    assert not client.rest().endswith(b"0\r\n\r\n"), "it must not look finished"
    assert connect().get("/images/json").text == "[]"
