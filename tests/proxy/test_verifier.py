"""A recorded session asked again: what is the same is found the same, what is not is named."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakedocker import FakeDocker
from fakedocker.cassettes.diff import ABSENT
from fakedocker.cassettes.model import Body, Cassette, Exchange, Frame, Header, Json, Request, Response, Stream, Text
from fakedocker.cassettes.store import Loaded, SideFiles, load
from fakedocker.proxy.report import Report
from fakedocker.proxy.upstream import UnreachableError, parse_upstream
from fakedocker.proxy.verifier import Verifier

SESSIONS = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
RUN = next(path for path in SESSIONS if path.stem == "run")
REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
PATIENCE = 20

Serve = Callable[[Callable[[socket.socket, bytes], object]], str]


def verify(loaded: Loaded, url: str, timeout: float = PATIENCE, **more: Any) -> Report:
    return Verifier(loaded, parse_upstream(url), timeout, longest_pause=0, **more).run()


def places(report: Report) -> list[tuple[int, str]]:
    return [(one.exchange.id, difference.where) for one in report.outcomes for difference in one.differences]


def session(*exchanges: Exchange) -> Loaded:
    return Loaded(Cassette(Header(), exchanges), SideFiles(Path("none.yaml")))


def exchange(response: Response | None, request: Request | None = None, **more: Any) -> Exchange:
    return Exchange(1, 1, 0.0, 1.0, request or Request("GET", "/info"), response, **more)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Answer every connection with a function, and return where."""
    with contextlib.ExitStack() as stack:
        threads: list[threading.Thread] = []

        def start(answer: Callable[[socket.socket, bytes], object]) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def one(client: socket.socket) -> None:
                with client, contextlib.suppress(OSError):
                    client.settimeout(PATIENCE)
                    if head := client.recv(65536):
                        answer(client, head)

            def accept() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        client, _ = listener.accept()
                        threads.append(threading.Thread(target=one, args=(client,), daemon=True))
                        threads[-1].start()

            acceptor = threading.Thread(target=accept, daemon=True)
            acceptor.start()
            stack.callback(acceptor.join, PATIENCE)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        yield start
    for thread in threads:
        thread.join(PATIENCE)


# -- recorded sessions -------------------------------------------------------------------


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_is_equal_to_itself(path: Path) -> None:
    with FakeDocker(cassette=path) as daemon:
        report = verify(load(path), daemon.url)
        assert daemon.unused == []
    assert [outcome for outcome in report.outcomes if outcome.verdict != "equal"] == []
    assert len(report.outcomes) == len(load(path).cassette.exchanges)


def test_a_daemon_that_invents_other_ids_is_equal(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = RUN.read_text()
    for identity in set(re.findall(r'Id: "?([0-9a-f]{64})', text)):
        # Its first twelve digits stand alone in the name of the host.
        turned = identity.translate(str.maketrans("0123456789abcdef", "fedcba9876543210"))
        text = text.replace(identity, turned).replace(identity[:12], turned[:12])
    other.write_text(text)
    assert load(other).cassette != load(RUN).cassette
    with FakeDocker(cassette=other) as daemon:
        assert places(verify(load(RUN), daemon.url)) == []


@pytest.mark.parametrize(
    ("recorded", "other", "place"),
    [
        ('text: "out\\n"', 'text: "tuo\\n"', "body.stdout"),
        ("ExitCode: 3", "ExitCode: 4", "body.State.ExitCode"),
        ('Api-Version: "1.41"', 'Api-Version: "1.42"', "headers.api-version"),
        ("status: 204\n  reason: No Content", "status: 304\n  reason: Not Modified", "status"),
    ],
)
def test_what_another_daemon_answers_otherwise_is_named(tmp_path: Path, recorded: str, other: str, place: str) -> None:
    tampered = tmp_path / "tampered.yaml"
    assert recorded in RUN.read_text()
    tampered.write_text(RUN.read_text().replace(recorded, other))
    with FakeDocker(cassette=tampered) as daemon:
        report = verify(load(RUN), daemon.url)
        assert {where for _, where in places(report)} == {place}
        assert not report.is_same


def test_what_is_ignored_is_no_difference(tmp_path: Path) -> None:
    tampered = tmp_path / "tampered.yaml"
    tampered.write_text(RUN.read_text().replace("ExitCode: 3", "ExitCode: 4"))
    with FakeDocker(cassette=tampered) as daemon:
        assert verify(load(RUN), daemon.url, ignore=["body.*.ExitCode"]).is_same


@pytest.mark.skipif(not REAL, reason="no real daemon is named in $FAKEDOCKER_REAL_DOCKER")
def test_a_real_daemon_differs_only_in_what_belongs_to_its_host() -> None:
    report = Verifier(load(RUN), parse_upstream(REAL), PATIENCE).run()
    of_the_host = {
        "body.Components.0.Details.KernelVersion",
        "body.KernelVersion",
        "body.ResolvConfPath",
        "body.HostnamePath",
        "body.Image",  # it has a busybox of its own
        "body.0.ImageID",
        "body.HostsPath",
        "body.LogPath",
        "body.NetworkSettings.SandboxKey",
    }
    assert {where for _, where in places(report)} <= of_the_host
    assert report.count("not reached") == 0


# -- one exchange ------------------------------------------------------------------------


def test_an_answer_that_does_not_come_is_not_waited_for_forever(serve: Serve) -> None:
    url = serve(lambda client, _: client.recv(1))
    report = verify(session(exchange(Response(200, "OK"))), url, 0.1)
    assert [where for _, where in places(report)] == ["status", "end"]


def test_a_connection_that_is_closed_without_an_answer_is_different(serve: Serve) -> None:
    url = serve(lambda client, _: None)
    [outcome] = verify(session(exchange(Response(200, "OK"))), url).outcomes
    [difference] = outcome.differences
    assert (difference.where, difference.recorded, difference.live) == ("status", 200, ABSENT)


def test_a_body_that_is_cut_is_different(serve: Serve) -> None:
    url = serve(lambda client, _: client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))
    report = verify(session(exchange(Response(200, "OK", body=Text("half")))), url)
    assert [where for _, where in places(report)] == ["end"]


def test_what_is_no_http_is_different_and_no_trouble(serve: Serve) -> None:
    url = serve(lambda client, _: client.sendall(b"SSH-2.0-hello\r\n\r\n"))
    report = verify(session(exchange(Response(200, "OK"))), url)
    assert [where for _, where in places(report)] == ["status", "end"]


def test_a_client_that_had_left_an_endless_stream_leaves_again(serve: Serve) -> None:
    def answer(client: socket.socket, _: bytes) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            client.sendall(b'8\r\n{"n":1}\n\r\n')

    frames = tuple(Frame(0.1, Json({"n": 1})) for _ in range(3))
    recorded = Response(200, "OK", [("Content-Type", "application/json")], Stream("lines", frames, "\n"))
    report = verify(session(exchange(recorded, end="client-left")), serve(answer))
    assert places(report) == []


def test_one_line_where_there_were_several_is_said_line_by_line(serve: Serve) -> None:
    headers = [("Content-Type", "application/json")]
    lines = Stream("lines", (Frame(0.1, Json({"n": 1})), Frame(0.2, Json({"n": 2}))), "\n")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    url = serve(lambda client, _: client.sendall(head + b'8\r\n{"n":1}\n\r\n0\r\n\r\n'))
    [outcome] = verify(session(exchange(Response(200, "OK", headers, lines))), url).outcomes
    assert [(one.where, one.recorded, one.live) for one in outcome.differences] == [("body.1", {"n": 2}, ABSENT)]


def test_in_how_many_pieces_a_text_comes_is_no_difference(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    url = serve(lambda client, _: client.sendall(head + b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"))
    recorded = Response(200, "OK", [("Content-Type", "text/plain")], Text("ab"))
    assert verify(session(exchange(recorded)), url).is_same


def test_input_comes_behind_the_output_that_it_had_followed(serve: Serve) -> None:
    early: list[bytes] = []
    heard: list[bytes] = []

    def answer(client: socket.socket, _: bytes) -> None:
        client.sendall(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n")
        client.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            early.append(client.recv(100))
        client.settimeout(PATIENCE)
        client.sendall(b"name? ")
        while data := client.recv(100):
            heard.append(data)
        client.sendall(b"hello world")

    frames = (
        Frame(0.1, Text("name? ")),
        Frame(0.2, Text("wor"), "in", "stdin"),
        Frame(0.2, Text("ld\n"), "in", "stdin", ends=True),
        Frame(0.3, Text("hello world"), ends=True),
    )
    request = Request("POST", "/containers/x/attach", headers=[("Connection", "Upgrade"), ("Upgrade", "tcp")])
    response = Response(101, "UPGRADED", [("Upgrade", "tcp")], Stream("hijack", frames))
    assert places(verify(session(exchange(response, request, end="half-close")), serve(answer))) == []
    assert early == []
    assert b"".join(heard) == b"world\n"


def test_what_was_open_together_is_open_together(serve: Serve) -> None:
    asked = threading.Barrier(2, timeout=PATIENCE)

    def answer(client: socket.socket, _: bytes) -> None:
        asked.wait()
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    one = exchange(Response(200, "OK"))
    beside = replace(one, id=2, start=0.5)
    url = serve(answer)
    # Connecting alone asks nothing, so that both sides of the barrier are requests.
    assert verify(session(one, beside), url).is_same


def test_what_this_daemon_keeps_secret_is_no_difference(serve: Serve) -> None:
    body = b'{"UnlockKey":"SWMKEY-1-live"}\n'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    url = serve(lambda client, _: client.sendall(head + body))
    headers = [("Content-Type", "application/json")]
    recorded = Response(200, "OK", headers, Json({"UnlockKey": "{secret:unlock-key}"}))
    assert verify(session(exchange(recorded, Request("GET", "/swarm/unlockkey"))), url).is_same


@pytest.mark.parametrize(
    "request_",
    [
        Request("", ""),
        Request("GET", "/info HTTP/1.1\r\nX: y"),
        Request("GET", "/info", headers=[("A", "b\r\nC: d")]),
        Request("GET", "/info", headers=[("A", "\N{SNOWMAN}")]),
    ],
)
def test_what_cannot_be_asked_is_not_asked(serve: Serve, request_: Request) -> None:
    heard: list[bytes] = []
    report = verify(session(exchange(Response(200, "OK"), request_)), serve(lambda _, head: heard.append(head)))
    assert [outcome.verdict for outcome in report.outcomes] == ["not reached"]
    assert heard == []


def test_nobody_there_is_an_error_before_anything_is_asked(folder: Path) -> None:
    with pytest.raises(UnreachableError):
        verify(session(exchange(Response(200, "OK"))), f"unix://{folder}/nosuch.sock")


def test_what_a_daemon_that_went_away_was_not_asked_is_not_reached(folder: Path) -> None:
    daemon = FakeDocker(cassette=RUN, hosts=[f"unix://{folder}/docker.sock"]).start()
    verifier = Verifier(load(RUN), parse_upstream(daemon.url), PATIENCE, longest_pause=0)
    report = verifier.run(lambda _: daemon.close())
    assert [outcome.verdict for outcome in report.outcomes] == ["equal"] + ["not reached"] * 20


def test_moments_are_moved_into_the_present(serve: Serve) -> None:
    heard: list[bytes] = []

    def answer(client: socket.socket, head: bytes) -> None:
        heard.append(head)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    request = Request("GET", "/events", query=[("since", "1000000005"), ("until", "5m")])
    recorded = session(exchange(Response(200, "OK"), request))
    header = Header(recorded_at="2001-09-09T01:46:40Z")  # second 1000000000
    loaded = replace(recorded, cassette=replace(recorded.cassette, header=header))
    assert verify(loaded, serve(answer)).is_same
    found = re.match(rb"GET /events\?since=([0-9]+)&until=5m HTTP/1.1\r\n", heard[0])
    assert found
    assert abs(int(found[1]) - time.time() - 5) < PATIENCE


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (Request("POST", "/containers/x/wait"), Json({"Error": {"Message": "context canceled"}, "StatusCode": -1})),
        (Request("GET", "/v1.41/events"), Stream("lines", (Frame(0.1, Json({"n": 1})),), "\n")),
    ],
)
def test_a_client_that_the_daemon_noticed_leaving_leaves_again(serve: Serve, request_: Request, body: Body) -> None:
    def answer(client: socket.socket, _: bytes) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.sendall(b'8\r\n{"n":1}\n\r\n')
        client.recv(1)  # it goes on until the client leaves

    recorded = Response(200, "OK", [("Content-Type", "application/json")], body)
    assert places(verify(session(exchange(recorded, request_)), serve(answer))) == []


def test_secrets_that_are_given_are_sent_and_hidden_in_answers(serve: Serve) -> None:
    heard: list[bytes] = []

    def answer(client: socket.socket, head: bytes) -> None:
        while b"}" not in head:  # the body may come in a packet of its own
            head += client.recv(65536)
        heard.append(head)
        body = b'{"message":"login of hunter2-hunter2 failed"}'
        head = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        client.sendall(head + body)

    asked = Request("POST", "/auth", headers=[("X-Registry-Auth", "{secret:registry-auth}")])
    asked = replace(asked, body=Json({"username": "me", "password": "{secret:password}"}))
    said = Json({"message": "login of {secret:password} failed"})
    recorded = Response(401, "Unauthorized", [("Content-Type", "application/json")], said)
    secrets = {"password": "hunter2-hunter2", "registry-auth": "e30="}
    assert places(verify(session(exchange(recorded, asked)), serve(answer), secrets=secrets)) == []
    assert b"X-Registry-Auth: e30=" in heard[0]
    assert b'"password":"hunter2-hunter2"' in heard[0]
