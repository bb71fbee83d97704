"""Every example of the API document 1.1: the request as it stands there, and an answer of the same form.

The world is the `default` fixture and, beside it, the containers that the examples name. A sample is what the document
shows; where its value cannot be the same, a type or a pattern stands for it. Left out are the document's slips:
`201 OK`, JSON that is none, a list that shows the container before which it should end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wire_client import Reply, WireClient

from fakedocker import FakeDocker

JSON, RAW = "application/json", "application/vnd.docker.raw-stream"
TEXT = "text/plain; charset=utf-8"
CONTAINERS = Path(__file__).with_name("document_containers.yaml")

# -- samples: values, types (`int`), or patterns ------------------------------------------------------

SHORT_ID = re.compile("[0-9a-f]{12}")


@dataclass(frozen=True)
class With:
    """An object with the document's members and others besides, which have to be named."""

    sample: dict[str, Any]
    more: dict[str, Any]


def check(sample: Any, value: Any, where: str = "answer") -> None:
    """Compare a value with a sample of the document."""
    match sample:
        case With():
            check({**sample.sample, **sample.more}, value, where)
        case dict():
            assert isinstance(value, dict), where
            assert value.keys() == sample.keys(), where
            for name, member in sample.items():
                check(member, value[name], f"{where}.{name}")
        case list():
            assert isinstance(value, list), where
            assert len(value) == len(sample), where
            for place, (member, item) in enumerate(zip(sample, value, strict=True)):
                check(member, item, f"{where}[{place}]")
        case re.Pattern():
            assert isinstance(value, str), where
            assert sample.fullmatch(value), f"{where}: {value!r}"
        case type():
            assert type(value) is sample, f"{where}: {value!r}"
        case _:
            assert (type(value), value) == (type(sample), sample), where


def config(**given: Any) -> With:
    """The document's configuration, with what an example changes."""
    return With(
        {
            "Hostname": "",
            "User": "",
            "Memory": 0,
            "MemorySwap": 0,
            "AttachStdin": False,
            "AttachStdout": False,
            "AttachStderr": False,
            "PortSpecs": None,
            "Tty": False,
            "OpenStdin": False,
            "StdinOnce": False,
            "Env": None,
            "Cmd": None,
            "Dns": None,
            "Image": "base",
            "Volumes": None,
            "VolumesFrom": "",
            **given,
        },
        {"CpuShares": 0},
    )


def listed(identity: str, command: str, created: int) -> With:
    return With(
        {"Id": identity, "Image": "base:latest", "Command": command, "Created": created, "Status": "Exit 0"},
        {"Ports": ""},
    )


def json_like(sample: Any) -> Callable[[Reply], None]:
    return lambda reply: check(sample, reply.json)


def nothing(reply: Reply) -> None:
    assert (reply.body, reply.fields.get("content-length", "0")) == (b"", "0")


def objects_like(*firsts: str) -> Callable[[Reply], None]:
    """A stream of objects: each has a status (and maybe a progress), or is empty, or, only at the end, an error."""

    def check_objects(reply: Reply) -> None:
        objects = reply.objects
        assert [one["status"] for one in objects[: len(firsts)]] == list(firsts)
        for one in objects:
            assert one.keys() <= {"status", "progress", "error", "Id"}
            assert all(isinstance(value, str) for value in one.values())
            if "progress" in one:
                assert re.fullmatch(r"[0-9]+/([0-9]+ \([0-9]+%\)|\? \(n/a\))", one["progress"])
        assert not any("error" in one for one in objects[:-1])

    return check_objects


def text_like(pattern: str) -> Callable[[Reply], None]:
    def check_text(reply: Reply) -> None:
        assert re.fullmatch(pattern, reply.text, re.DOTALL), reply.text

    return check_text


def is_tar(reply: Reply) -> None:
    assert reply.body[257:262] == b"ustar"


GRAPH = (
    r"digraph docker \{\n"
    r'( "[0-9a-f]{12}" -> "[0-9a-f]{12}"\n| base -> "[0-9a-f]{12}" \[style=invis\]\n)+'
    r'( "([0-9a-f]{12})" \[label="\3\\nbase",shape=box,fillcolor="paleturquoise",style="filled,rounded"\];\n)+'
    r" base \[style=invisible\]\n\}\n"
)

CREATE = (
    '{"Hostname":"","User":"","Memory":0,"MemorySwap":0,"AttachStdin":false,"AttachStdout":true,"AttachStderr":true,'
    '"PortSpecs":null,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["date"],"Dns":null,'
    '"Image":"base","Volumes":{},"VolumesFrom":""}'
)
LOGIN = '{"username":"hannibal","password":"xxxx","email":"hannibal@a-team.com"}'
BOTH, OLD, NEW = ("", "/v1.0", "/v1.1"), ("/v1.0",), ("", "/v1.1")


@dataclass(frozen=True)
class Example:
    """A request of the document and its answer. `before`: requests that make what the example finds."""

    title: str
    request: str
    status: int
    type: str | None
    body: Callable[[Reply], None]
    sent: str = ""
    versions: tuple[str, ...] = BOTH
    before: tuple[str, ...] = ()


EXAMPLES = [
    Example(
        "List containers",
        "GET /containers/json?all=1&before=8dfafdbc3a40",
        200,
        JSON,
        json_like(
            [
                listed("9cd87474be90", "echo 222222", 1367854155),
                listed("3176a2479c92", "echo 3333333333333333", 1367854154),
                listed("4cb07b47f9fb", "echo 444444444444444444444444444444444", 1367854152),
            ]
        ),
    ),
    Example(
        "Create a container",
        "POST /containers/create",
        201,
        JSON,
        json_like({"Id": SHORT_ID, "Warnings": []}),
        sent=CREATE,
    ),
    Example(
        "Inspect a container",
        "GET /containers/4fa6e0f0c678/json",
        200,
        JSON,
        json_like(
            {
                "Id": "4fa6e0f0c6786287e131c3852c58a2e01cc697a68231826813597e4994f1d6e2",
                "Created": "2013-05-07T12:51:42.041847Z",  # 14:51 in Paris
                "Path": "date",
                "Args": [],
                "Config": config(
                    Hostname="4fa6e0f0c678", AttachStdout=True, AttachStderr=True, Cmd=["date"], Volumes={}
                ),
                "State": {
                    "Running": False,
                    "Pid": 0,
                    "ExitCode": 0,
                    "StartedAt": "2013-05-07T12:51:42.087658Z",
                    "Ghost": False,
                },
                "Image": "b750fe79269d2ec9a3c593ef05b4332b1d1a02a62b4accb2c21d589ff2f5f2dc",
                "NetworkSettings": {
                    "IpAddress": "",
                    "IpPrefixLen": 0,
                    "Gateway": "",
                    "Bridge": "",
                    "PortMapping": None,
                },
                "SysInitPath": str,
                "ResolvConfPath": "/etc/resolv.conf",
                "Volumes": {},
            }
        ),
    ),
    Example(
        "Inspect changes",
        "GET /containers/4fa6e0f0c678/changes",
        200,
        JSON,
        json_like([{"Path": "/dev", "Kind": 0}, {"Path": "/dev/kmsg", "Kind": 1}, {"Path": "/test", "Kind": 1}]),
    ),
    Example("Export a container", "GET /containers/4fa6e0f0c678/export", 200, "application/octet-stream", is_tar),
    Example("Start a container", "POST /containers/e90e34656806/start", 200, None, nothing),
    Example(
        "Stop a container",
        "POST /containers/e90e34656806/stop?t=5",
        204,
        None,
        nothing,
        before=("POST /containers/e90e34656806/start",),
    ),
    Example("Stop what does not run", "POST /containers/e90e34656806/stop?t=5", 204, None, nothing),
    Example("Restart a container", "POST /containers/e90e34656806/restart?t=5", 204, None, nothing),
    Example(
        "Kill a container",
        "POST /containers/e90e34656806/kill",
        204,
        None,
        nothing,
        before=("POST /containers/e90e34656806/start",),
    ),
    Example(
        "Attach to a container",
        "POST /containers/16253994b7c4/attach?logs=1&stream=0&stdout=1",
        200,
        RAW,
        text_like("hello\n"),
    ),
    Example("Wait a container", "POST /containers/16253994b7c4/wait", 200, JSON, json_like({"StatusCode": 0})),
    Example("Remove a container", "DELETE /containers/16253994b7c4?v=1", 204, None, nothing),
    Example(
        "List images",
        "GET /images/json?all=0",
        200,
        JSON,
        json_like(
            [
                {"Repository": "base", "Tag": tag, "Id": "b750fe79269d", "Created": 1364102658}
                for tag in ("latest", "ubuntu-12.10", "ubuntu-quantal")
            ]
        ),
    ),
    Example("Images as a graph", "GET /images/viz", 200, TEXT, text_like(GRAPH)),
    Example(
        "Create an image (1.1)",
        "POST /images/create?fromImage=base",
        200,
        JSON,
        objects_like("Pulling repository base from https://index.docker.io/v1"),
        versions=NEW,
    ),
    Example(
        "Create an image (1.0)",
        "POST /images/create?fromImage=base",
        200,
        RAW,
        text_like("Pulling repository base from https://index.docker.io/v1\r\n.*"),
        versions=OLD,
    ),
    Example(
        "Create an image (1.1, with progress)",
        "POST /images/create?fromImage=test",
        200,
        JSON,
        objects_like("Pulling repository test from https://index.docker.io/v1"),
        versions=NEW,
    ),
    Example(
        "Create an image (1.1, with an error)",
        "POST /images/create?fromImage=nosuch",
        200,
        JSON,
        objects_like("Pulling repository nosuch from https://index.docker.io/v1"),
        versions=NEW,
    ),
    Example(
        "Insert a file (1.1)",
        "POST /images/test/insert?path=/usr/hello&url=http://example.com/hello.txt",
        200,
        JSON,
        objects_like("Downloading"),
        versions=NEW,
        before=("POST /images/create?fromImage=test",),
    ),
    Example(
        "Insert a file (1.0)",
        "POST /images/test/insert?path=/usr/hello&url=http://example.com/hello.txt",
        200,
        TEXT,
        text_like("Downloading .*\r\r\n.*"),
        versions=OLD,
        before=("POST /images/create?fromImage=test",),
    ),
    Example(
        "Inspect an image",
        "GET /images/base/json",
        200,
        JSON,
        json_like(
            {
                "id": "b750fe79269d2ec9a3c593ef05b4332b1d1a02a62b4accb2c21d589ff2f5f2dc",
                "parent": re.compile("27cf784147099545[0-9a-f]{48}"),
                "created": "2013-03-24T05:24:18.818426Z",  # 22:24 the day before in San Francisco
                "container": "3d67245a8d72ecf13f33dffac9f79dcdf70f75acb84d308770391510e0c23ad0",
                "container_config": config(Tty=True, OpenStdin=True, Cmd=["/bin/bash"]),
            }
        ),
    ),
    Example(
        "Get the history of an image",
        "GET /images/base/history",
        200,
        JSON,
        json_like(
            [
                {"Id": "b750fe79269d", "Created": 1364102658, "CreatedBy": "/bin/bash"},
                {"Id": "27cf78414709", "Created": 1364068391, "CreatedBy": ""},
            ]
        ),
    ),
    Example(
        "Push an image (1.1)",
        "POST /images/test/push",
        200,
        JSON,
        objects_like("The push refers to a repository [test] (len: 1)"),
        versions=NEW,
        before=("POST /images/base/tag?repo=test",),
    ),
    Example(
        "Push an image (1.0)",
        "POST /images/test/push",
        200,
        RAW,
        text_like(r"The push refers to a repository \[test\] \(len: 1\)\r\n.*"),
        versions=OLD,
        before=("POST /images/base/tag?repo=test",),
    ),
    Example(
        "Tag an image",
        "POST /images/test/tag?repo=myrepo&force=0",
        200,
        None,
        nothing,
        before=("POST /images/base/tag?repo=test",),
    ),
    Example(
        "Remove an image (1.0)",
        "DELETE /images/test",
        204,
        None,
        nothing,
        versions=OLD,
        before=("POST /images/create?fromImage=test",),
    ),
    Example(
        "Remove an image (1.1)",
        "DELETE /images/test",
        200,
        JSON,
        json_like([{"Untagged": SHORT_ID}, {"Deleted": SHORT_ID}, {"Deleted": SHORT_ID}]),
        versions=NEW,
        before=("POST /images/create?fromImage=test",),
    ),
    Example(
        "Search images",
        "GET /images/search?term=sshd",
        200,
        JSON,
        json_like(
            [{"Name": name, "Description": ""} for name in ("cespare/sshd", "johnfuller/sshd", "dhrp/mongodb-sshd")]
        ),
    ),
    Example(
        "Build an image",
        "POST /build",
        200,
        TEXT,
        text_like(".*Build successful.\n===> [0-9a-f]{64}\n"),
        sent="FROM base\nRUN echo hello > /hello\n",
    ),
    Example(
        "Get default username and email",
        "GET /auth",
        200,
        JSON,
        json_like({"username": "hannibal", "email": "hannibal@a-team.com"}),
    ),
    Example("Set auth configuration", "POST /auth", 200, None, nothing, sent=LOGIN),
    Example(
        "Display system-wide information",
        "GET /info",
        200,
        JSON,
        json_like(
            {
                "Containers": 8,
                "Images": 2,
                "Debug": False,
                "NFd": int,
                "NGoroutines": int,
                "MemoryLimit": True,
                "SwapLimit": bool,
            }
        ),
    ),
    Example(
        "Show the docker version information",
        "GET /version",
        200,
        JSON,
        json_like({"Version": str, "GitCommit": str, "GoVersion": str}),
    ),
    Example(
        "Create a new image from a container's changes",
        "POST /commit?container=44c004db4b17&m=message&repo=myrepo",
        201,
        RAW,
        json_like({"Id": SHORT_ID}),
    ),
]


@pytest.fixture
def profile() -> str:
    """The daemon whose document it is."""
    return "0.4"


@pytest.fixture(scope="session")
def document_world(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The world in which the examples play."""
    shipped = Path(__file__).parents[2] / "fixtures" / "default.yaml"
    path = tmp_path_factory.mktemp("document") / "world.yaml"
    path.write_text(f"{shipped.read_text()}\n{CONTAINERS.read_text()}")
    return str(path)


@pytest.fixture
def world(document_world: str) -> str:
    return document_world


@pytest.fixture
def clock() -> str:
    return "manual"


@pytest.fixture
def ask(client: WireClient, daemon: FakeDocker, answer_in_time: Callable[[WireClient], Reply]) -> Callable[..., Reply]:
    """Send a request line of the document; a second later everything that it set going has begun."""

    def ask(request: str, version: str = "", sent: str = "") -> Reply:
        method, path = request.split(" ")
        headers = {"Content-Type": JSON} if sent.startswith("{") else None
        client.ask(method, version + path, sent, headers=headers)
        reply = answer_in_time(client)
        daemon.advance(1)
        return reply

    return ask


@pytest.mark.parametrize(
    ("example", "version"),
    [
        pytest.param(example, version, id=f"{example.title} {version or 'bare'}")
        for example in EXAMPLES
        for version in example.versions
    ],
)
def test_an_example_is_answered_as_the_document_says(ask: Callable[..., Reply], example: Example, version: str) -> None:
    for request in example.before:
        assert ask(request, version).status < 300
    reply = ask(example.request, version, example.sent)
    assert (reply.status, reply.type) == (example.status, example.type), reply.text
    example.body(reply)


#: The other statuses that the document lists. Left out are those that never occur: 406, and 500 for no reason.
REFUSALS = [
    ("GET /containers/json?all=maybe", 400),
    ("POST /containers/create", 500),
    ("GET /containers/nosuch/json", 404),
    ("GET /containers/nosuch/changes", 404),
    ("GET /containers/nosuch/export", 404),
    ("POST /containers/nosuch/start", 404),
    ("POST /containers/nosuch/stop?t=5", 404),
    ("POST /containers/nosuch/restart?t=5", 404),
    ("POST /containers/nosuch/kill", 404),
    ("POST /containers/16253994b7c4/attach?logs=maybe", 400),
    ("POST /containers/nosuch/attach?logs=1", 404),
    ("POST /containers/nosuch/wait", 404),
    ("DELETE /containers/16253994b7c4?v=maybe", 400),
    ("DELETE /containers/nosuch?v=1", 404),
    ("GET /images/json?all=maybe", 400),
    ("POST /images/nosuch/insert?path=/usr&url=myurl", 500),
    ("GET /images/nosuch/json", 404),
    ("GET /images/nosuch/history", 404),
    ("POST /images/nosuch/push", 404),
    ("POST /images/base/tag?repo=myrepo&force=maybe", 400),
    ("POST /images/nosuch/tag?repo=myrepo&force=0", 404),
    ("POST /images/base/tag?repo=", 500),
    ("DELETE /images/nosuch", 404),
    ("POST /auth", 500),
    ("POST /commit?container=nosuch&m=message&repo=myrepo", 404),
]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(("request_line", "status"), REFUSALS)
def test_a_status_that_the_document_lists_occurs(
    ask: Callable[..., Reply], request_line: str, status: int, version: str
) -> None:
    reply = ask(request_line, version)
    assert (reply.status, reply.type) == (status, TEXT)
    assert re.fullmatch(r"[^\n]+\n", reply.text)


def test_a_conflict_is_409(ask: Callable[..., Reply]) -> None:
    ask("POST /images/create?fromImage=test")
    assert ask("POST /images/base/tag?repo=test&force=0").status == 409
    assert ask("DELETE /images/b750fe79269d", "/v1.1").status == 409
