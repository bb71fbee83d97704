"""What can be sent to be built, and what comes back."""

from __future__ import annotations

import gzip
import io
import re
import tarfile

import pytest
from wire_client import Reply, WireClient

from fakedocker import FakeDocker

TEXT = "text/plain; charset=utf-8"
BASE = "b750fe79269d2ec9a3c593ef05b4332b1d1a02a62b4accb2c21d589ff2f5f2dc"
DOCKERFILE = "FROM base\nENV A b\n"


def tar(**files: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("_", "/"))
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


def form(**files: bytes | str) -> tuple[bytes, dict[str, str]]:
    parts = b"".join(
        b'--X\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%s\r\n"
        % (name.encode(), name.encode(), data.encode() if isinstance(data, str) else data)
        for name, data in files.items()
    )
    return parts + b"--X--\r\n", {"Content-Type": "multipart/form-data; boundary=X"}


def build(client: WireClient, dockerfile: str, query: str = "", context: bytes | None = None) -> Reply:
    files = {"Dockerfile": dockerfile} | ({} if context is None else {"Context": context})
    body, headers = form(**files)
    reply = client.post(f"/build{query}", body, headers=headers)
    assert (reply.status, reply.type) == (200, TEXT)
    return reply


def built(reply: Reply) -> str:
    """The id at the end of a build that went well."""
    found = re.search("Build successful.\n===> ([0-9a-f]{64})\n$", reply.text)
    assert found, reply.text
    return found[1]


# -- ways to send one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        form(Dockerfile=DOCKERFILE),
        form(Dockerfile=DOCKERFILE, Context=tar(file="x")),
        form(Dockerfile=DOCKERFILE, Context=gzip.compress(tar(file="x"))),
        (DOCKERFILE.encode(), {}),
        (DOCKERFILE.encode(), {"Content-Type": "text/plain"}),
        (tar(Dockerfile=DOCKERFILE), {"Content-Type": "application/tar"}),
        (gzip.compress(tar(Dockerfile=DOCKERFILE)), {}),
    ],
    ids=["form", "form with context", "form with compressed context", "text", "typed text", "tar", "compressed tar"],
)
@pytest.mark.parametrize("prefix", ["", "/v1.0", "/v1.1"])
def test_a_dockerfile_may_come_in_every_form_there_ever_was(
    client: WireClient, daemon: FakeDocker, prefix: str, body: bytes, headers: dict[str, str]
) -> None:
    reply = client.post(f"{prefix}/build?t=mine", body, headers=headers)
    assert (reply.status, reply.type) == (200, TEXT)
    image = daemon.engine.image("mine")
    assert reply.text == (
        f"FROM base ()\n===> {BASE}\nENV A b ({BASE})\n===> {image.id}\nBuild successful.\n===> {image.id}\n"
    )
    assert image.config is not None
    assert image.config.env == ("A=b",)


def test_a_dockerfile_may_come_in_chunks(client: WireClient) -> None:
    body, headers = form(Dockerfile=DOCKERFILE)
    client.send(
        f"POST /build HTTP/1.1\r\nHost: x\r\nContent-Type: {headers['Content-Type']}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    for start in range(0, len(body), 7):
        part = body[start : start + 7]
        client.send(b"%x\r\n%s\r\n" % (len(part), part))
    client.send(b"0\r\n\r\n")
    assert "Build successful" in client.reply().text


@pytest.mark.parametrize(
    ("body", "headers", "text"),
    [
        (b"", {}, "request Content-Type isn't multipart/form-data\n"),
        (b"", {"Content-Type": "multipart/form-data"}, "no multipart boundary param in Content-Type\n"),
        (*form(Other="x"), "http: no such file\n"),
        (
            b'--X\r\nContent-Disposition: form-data; name="Dockerfile"\r\n\r\nFROM base\r\n--X--\r\n',
            {"Content-Type": "multipart/form-data; boundary=X"},
            "http: no such file\n",
        ),
        (tar(other="x"), {}, "open Dockerfile: no such file or directory\n"),
    ],
    ids=["nothing", "no boundary", "no Dockerfile", "no file", "tar without Dockerfile"],
)
def test_what_holds_no_dockerfile_is_refused(
    client: WireClient, body: bytes, headers: dict[str, str], text: str
) -> None:
    reply = client.post("/build", body, headers=headers)
    assert (reply.status, reply.type, reply.text) == (500, TEXT, text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--X",
        b"--X\r\n",
        b"nonsense",
        form(Dockerfile=DOCKERFILE)[0][:-20],
        form(Dockerfile="FROM base", Context=b"no tar")[0],
    ],
)
def test_a_broken_form_is_refused_and_nothing_is_made(client: WireClient, daemon: FakeDocker, body: bytes) -> None:
    before = len(daemon.engine.images())
    reply = client.post("/build", body, headers={"Content-Type": "multipart/form-data; boundary=X"})
    assert (reply.status, reply.type) == (500, TEXT)
    assert len(daemon.engine.images()) == before


# -- what comes back ----------------------------------------------------------------------------------------


def test_every_line_is_sent_when_it_is_there(client: WireClient) -> None:
    reply = build(client, DOCKERFILE)
    assert reply.fields["transfer-encoding"] == "chunked"
    assert len(reply.chunks) == 5


@pytest.mark.parametrize(
    ("dockerfile", "error"),
    [
        ("nonsense", "Invalid Dockerfile format"),
        ("", "An error occured during the build\n"),
        ("# nothing\n\n", "An error occured during the build\n"),
        ("RUN true", "Please provide a source image with `from` prior to run"),
        ("ENV A b", "Please provide a source image with `from` prior to commit"),
        ("FROM base\nRUN exit 3", "The command [/bin/sh -c exit 3] returned a non-zero code: 3"),
        ("FROM base\nENV A", "Invalid ENV format"),
        ("FROM base\nADD a b", "No context given. Impossible to use ADD"),
        ("FROM base\nINSERT a b", "INSERT has been deprecated. Please use ADD instead"),
        ("FROM base\nCOPY a b", "COPY has been deprecated. Please use ADD instead"),
        ("FROM nosuch", "HTTP code: 404"),
    ],
)
def test_an_error_of_a_build_is_a_line_in_the_stream(client: WireClient, dockerfile: str, error: str) -> None:
    text = build(client, dockerfile).text
    assert text.endswith(f"Error build: {error}\n"), text


def test_an_unknown_instruction_is_skipped(client: WireClient) -> None:
    text = build(client, "FROM base\nFOO bar\n").text
    assert f"FOO bar ({BASE})\nSkipping unknown instruction FOO\nBuild successful.\n" in text


def test_the_last_line_needs_no_newline(client: WireClient, daemon: FakeDocker) -> None:
    image = built(build(client, "from base\nMaintainer me\nrun echo x > /f"))
    assert daemon.engine.image(image).author == "me"
    assert daemon.engine.read_file(daemon.engine.create(image, "true"), "/f") == b"x\n"


def test_a_build_pulls_what_is_missing(client: WireClient) -> None:
    text = build(client, "FROM busybox\n").text
    assert "Pulling repository busybox from https://index.docker.io/v1\r\n" in text
    assert re.search(r"Downloading [0-9]+/[0-9]+ \(100%\)\r\r\n", text)


def test_what_a_command_writes_is_not_in_the_stream(client: WireClient) -> None:
    assert "secret words" not in build(client, "FROM base\nRUN printf 'secret%s' ' words'\n").text


def test_a_step_is_not_done_twice(client: WireClient, daemon: FakeDocker) -> None:
    dockerfile = "FROM base\nRUN echo x > /f\nENV A b\n"
    first = built(build(client, dockerfile))
    containers = len(daemon.engine.containers())
    assert built(build(client, dockerfile)) == first
    assert len(daemon.engine.containers()) == containers


def test_the_containers_of_the_steps_stay(client: WireClient) -> None:
    build(client, DOCKERFILE)
    assert client.get("/containers/json?all=1").json[0]["Command"] == "/bin/sh -c #(nop) ENV A=b"


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("mine", {"mine:latest"}),
        ("mine:v1", {"mine:v1"}),
        ("mine:v1:x", {"mine:v1"}),
        ("mine:a/b", set()),
        (":v1", set()),
        ("", set()),
    ],
)
def test_a_name_is_given_to_what_was_built(client: WireClient, daemon: FakeDocker, name: str, names: set[str]) -> None:
    before = set(daemon.engine.tags())
    built(build(client, DOCKERFILE, f"?t={name}"))
    assert set(daemon.engine.tags()) - before == names


def test_what_failed_gets_no_name(client: WireClient, daemon: FakeDocker) -> None:
    build(client, "FROM base\nRUN false\n", "?t=mine")
    assert "mine:latest" not in daemon.engine.tags()


def test_files_of_the_context_are_added(client: WireClient, daemon: FakeDocker) -> None:
    context = tar(file="one", dir_a="two", dir_b="three")
    image = built(build(client, "FROM base\nADD file /opt/new\nADD dir /opt/dir\n", context=context))
    container = daemon.engine.create(image, "true")
    for path, text in (("/opt/new", b"one"), ("/opt/dir/a", b"two"), ("/opt/dir/b", b"three")):
        assert daemon.engine.read_file(container, path) == text


def test_a_file_that_the_context_does_not_have_is_an_error(client: WireClient) -> None:
    assert "Error build: " in build(client, "FROM base\nADD ../../etc/passwd /x\n", context=tar(file="x")).text


def test_what_was_built_lends_its_config(client: WireClient, daemon: FakeDocker) -> None:
    build(client, 'FROM base\nENV A b\nEXPOSE 80 443\nCMD ["echo", "hi"]\n', "?t=mine")
    identity = client.post("/containers/create", json={"Image": "mine"}).json["Id"]
    config = client.get(f"/containers/{identity}/json").json["Config"]
    assert (config["Env"], config["PortSpecs"], config["Cmd"]) == (["A=b"], ["80", "443"], ["echo", "hi"])
