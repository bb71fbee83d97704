"""FakeDocker: start, stop, reset, check."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import pytest
from wire_client import WireClient

from fakedocker import DaemonError, FakeDocker, FixtureError
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process
from fakedocker.fixtures import parse


def names() -> set[int | None]:
    return {thread.ident for thread in threading.enumerate()}


def settled(before: set[int | None]) -> bool:
    """Tell whether no thread is left that was not there before; they have a moment to end."""
    for _ in range(200):
        if names() <= before:
            return True
        time.sleep(0.01)
    return False


# -- start and stop -----------------------------------------------------------------------------------


def test_it_serves_between_enter_and_exit() -> None:
    with FakeDocker() as daemon:
        address = daemon.url
        assert address.startswith("tcp://127.0.0.1:")
        assert daemon.http_url == address.replace("tcp", "http")
        with WireClient(address) as client:
            assert client.get("/version").status == 200
    with pytest.raises(OSError, match="refused"):
        WireClient(address)


def test_it_is_closed_once_however_often(tmp_path: Path) -> None:
    daemon = FakeDocker()
    daemon.close()  # never started
    daemon = FakeDocker().start()
    daemon.close()
    daemon.close()


def test_it_listens_on_a_socket_file_and_on_tcp_at_once(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with FakeDocker(hosts=[f"unix://{path}", "tcp://127.0.0.1:0"]) as daemon:
        assert daemon.url == f"unix://{path}"
        assert daemon.hosts[1].startswith("tcp://127.0.0.1:")
        assert daemon.http_url == "http" + daemon.hosts[1][3:]
        container = daemon.engine.create("base", "true")
        for host in daemon.hosts:
            with WireClient(host) as client:
                assert client.get("/containers/json?all=1").json[0]["Id"] == container.id[:12]
    assert not path.exists()


def test_only_tcp_has_a_url_for_plain_http(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        _ = FakeDocker(hosts=[f"unix://{tmp_path}/s"]).http_url


def test_an_address_that_is_taken_is_named() -> None:
    with FakeDocker() as daemon, pytest.raises(OSError, match=daemon.url):
        FakeDocker(hosts=[daemon.url]).start()


@pytest.mark.parametrize("host", ["http://x", "tcp://127.0.0.1:99999", "unix://relative", ""])
def test_an_address_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        FakeDocker(hosts=[host])


def test_a_world_that_is_not_there_is_refused() -> None:
    with pytest.raises(FixtureError, match="default"):
        FakeDocker("nosuch")


def test_two_daemons_know_nothing_of_each_other() -> None:
    with FakeDocker() as one, FakeDocker("empty", contract="observed") as other:
        one.engine.create("base", "true")
        with WireClient(one.url) as here, WireClient(other.url) as there:
            assert len(here.get("/containers/json?all=1").json) == 1
            assert there.get("/containers/json?all=1").json == []
            assert there.get("/images/json").json == []
            assert list(there.get("/auth").json) == ["username", "password", "email"]
            here.post("/images/create?fromSrc=-&repo=mine")
            here.post("/images/mine/push")
        assert "mine" in one.engine.registry.repositories
        assert "mine" not in other.engine.registry.repositories


def test_what_is_pushed_to_one_daemon_is_not_in_the_next_of_the_same_world() -> None:
    with FakeDocker() as daemon, WireClient(daemon.url) as client:
        client.post("/images/create?fromSrc=-&repo=mine")
        client.post("/images/mine/push")
        assert "mine" in daemon.engine.registry.repositories
    assert "mine" not in FakeDocker().engine.registry.repositories


def test_to_close_with_a_hundred_open_streams_is_quick_and_leaves_no_thread() -> None:
    before = names()
    with contextlib.ExitStack() as stack:
        daemon = FakeDocker().start()
        container = daemon.engine.run("base", "sleep", "1000", open_stdin=True)
        clients = [stack.enter_context(WireClient(daemon.url)) for _ in range(102)]
        for client in clients[:50]:
            client.ask("POST", f"/containers/{container.id}/attach?stream=1&stdin=1&stdout=1")
            client.head()
        for client in clients[50:100]:
            client.ask("POST", f"/containers/{container.id}/wait")
        daemon.engine.registry.speed = 1
        clients[100].ask("POST", "/images/create?fromImage=test")
        clients[100].until(b"fs layer")
        clients[101].ask("POST", f"/containers/{container.id}/stop?t=100")
        assert clients[101].quiet()
        begun = time.monotonic()
        daemon.close()
        assert time.monotonic() - begun < 2
        for client in clients:
            with contextlib.suppress(ConnectionResetError):
                client.rest()
    assert settled(before)
    daemon.check()


# -- reset --------------------------------------------------------------------------------------------


def test_reset_gives_fresh_state_on_the_same_address() -> None:
    with FakeDocker() as daemon, WireClient(daemon.url) as client:
        address = daemon.url
        client.post("/containers/create", json={"Image": "base", "Cmd": ["true"]})
        client.post("/images/base/tag?repo=mine")
        daemon.reset()
        assert daemon.url == address
        assert client.get("/containers/json?all=1").json == []
        assert "mine:latest" not in daemon.engine.tags()


def test_reset_can_change_the_world_for_good() -> None:
    with FakeDocker() as daemon, WireClient(daemon.url) as client:
        daemon.reset("empty")
        assert client.get("/images/json").json == []
        daemon.reset()
        assert client.get("/images/json").json == []


def test_a_reset_to_a_world_that_is_not_there_changes_nothing() -> None:
    with FakeDocker() as daemon, WireClient(daemon.url) as client:
        container = daemon.engine.run("base", "sleep", "1000")
        with pytest.raises(FixtureError):
            daemon.reset("nosuch")
        assert container.running
        assert len(client.get("/containers/json").json) == 1


def test_reset_ends_open_streams() -> None:
    with FakeDocker() as daemon, contextlib.ExitStack() as stack:
        container = daemon.engine.run("base", "sleep", "1000", open_stdin=True)
        attached, waiting = (stack.enter_context(WireClient(daemon.url)) for _ in range(2))
        attached.ask("POST", f"/containers/{container.id}/attach?stream=1&stdin=1&stdout=1")
        attached.head()
        waiting.ask("POST", f"/containers/{container.id}/wait")
        assert waiting.quiet()
        daemon.reset()
        assert attached.rest() == b""
        assert waiting.until(b"\r\n\r\n")


def test_reset_forgets_what_went_wrong() -> None:
    with FakeDocker(programs={"date": crash}) as daemon:
        run_crash(daemon)
        daemon.reset()
        daemon.check()


# -- check --------------------------------------------------------------------------------------------


def crash(process: Process) -> Program[int]:
    yield from process.write(1, "about to\n")
    raise ZeroDivisionError("inside a program")


def run_crash(daemon: FakeDocker) -> None:
    daemon.engine.wait(daemon.engine.run("base", "date"))


def test_check_raises_what_a_program_did_once() -> None:
    daemon = FakeDocker(programs={"date": crash}).start()
    try:
        run_crash(daemon)
        with pytest.raises(DaemonError, match=r"program date.*ZeroDivisionError") as caught:
            daemon.check()
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        daemon.check()
    finally:
        daemon.close()


def test_check_raises_what_a_view_did(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inside a view")

    with FakeDocker() as daemon, WireClient(daemon.url) as client:
        monkeypatch.setattr("fakedocker.api.antique.views.image_list", broken)
        reply = client.get("/v1.1/images/json?all=1")
        assert (reply.status, reply.text) == (500, "Internal Server Error\n")
        with pytest.raises(DaemonError, match=r"^GET /v1\.1/images/json\?all=1: ZeroDivisionError") as caught:
            daemon.check()
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert client.get("/version").status == 200


def test_leaving_checks() -> None:
    with pytest.raises(DaemonError), FakeDocker(programs={"date": crash}) as daemon:
        run_crash(daemon)


def test_leaving_does_not_hide_the_error_of_the_test() -> None:
    daemon = FakeDocker(programs={"date": crash})
    own = KeyError("the test's own")
    daemon.start()
    run_crash(daemon)
    daemon.__exit__(KeyError, own, None)  # raises nothing of its own


def test_what_a_client_does_wrong_is_not_the_daemons_doing() -> None:
    with FakeDocker() as daemon:
        for data in (
            b"nonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\n",
            b"POST /build HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
        ):
            with socket.create_connection(daemon.url[6:].rsplit(":", 1)) as sock:  # type: ignore[arg-type]
                sock.sendall(data)
        with WireClient(daemon.url) as client:
            client.post("/containers/create", "{")
        daemon.check()


# -- what can be chosen ------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_ids() -> None:
    def ids(seed: int | None) -> list[str]:
        engine = FakeDocker(seed=seed).engine
        return [engine.create("base", "true").id for _ in range(3)]

    assert ids(7) == ids(7)
    assert ids(7) != ids(8)
    assert ids(None) != ids(None)


def test_a_reset_begins_the_ids_of_a_seed_again() -> None:
    daemon = FakeDocker(seed=7)
    first = daemon.engine.create("base", "true").id
    daemon.reset()
    assert daemon.engine.create("base", "true").id == first


def test_a_manual_clock_moves_only_when_told() -> None:
    daemon = FakeDocker(clock="manual")
    container = daemon.engine.run("base", "sleep", "3600")
    time.sleep(0.05)
    daemon.advance(3599)
    assert container.running
    daemon.advance(2)
    assert not container.running
    assert container.finished_at - container.started_at == pytest.approx(3600, abs=0.1)
    with pytest.raises(ValueError, match="time"):
        daemon.advance(-1)


def test_a_real_clock_can_be_advanced_and_frozen() -> None:
    with FakeDocker() as daemon:
        daemon.freeze()
        began = daemon.now
        container = daemon.engine.run("base", "sh", "-c", "sleep 3600; exit 3")
        daemon.advance(3599)
        assert container.running
        daemon.advance(2)
        assert daemon.engine.wait(container) == 3
        assert (daemon.now - began, daemon.clock_speed) == (3601, 0)
        assert container.finished_at - container.started_at == 3600
        daemon.thaw()
        assert daemon.clock_speed == 1


def test_a_fast_clock_makes_short_work_of_long_programs() -> None:
    with FakeDocker(clock_speed=100_000) as daemon:
        container = daemon.engine.run("base", "sh", "-c", "for i in 1 2 3; do sleep 3600; done; exit 4")
        assert daemon.engine.wait(container) == 4
        assert container.finished_at - container.started_at >= 3 * 3600
        daemon.clock_speed = 1
        assert daemon.clock_speed == 1


def test_everything_follows_a_clock_that_is_advanced() -> None:
    docker = pytest.importorskip("docker", reason="no docker-py: pip install docker")
    with FakeDocker(clock="manual") as daemon:
        client = docker.DockerClient(base_url=daemon.url)
        loop = ["sh", "-c", "echo up; while :; do sleep 60; echo tick; done"]
        health = {"test": ["CMD", "false"], "interval": 30 * 10**9, "retries": 2, "start_period": 10**9}
        web = client.containers.run("base", loop, name="web", detach=True, healthcheck=health)
        policy = {"Name": "always"}
        again = client.containers.run("base", ["false"], name="again", detach=True, restart_policy=policy)
        begun = daemon.now
        daemon.advance(3 * 3600)
        web.reload()
        assert web.attrs["State"]["Health"]["Status"] == "unhealthy"
        assert client.api.containers(filters={"name": "web"})[0]["Status"] == "Up 3 hours (unhealthy)"
        assert web.logs(since=int(begun) + 3600 * 2, until=int(begun) + 3600 * 2 + 70) in (b"tick\n", b"tick\ntick\n")
        assert len(web.logs().splitlines()) == 1 + 180
        again.reload()
        assert again.attrs["RestartCount"] > 100
        told = list(client.events(since=int(begun) + 10700, until=int(begun) + 10800, decode=True))
        assert {"exec_create: false ", "exec_die"} <= {event["Action"] for event in told}
        web.exec_run(["sh", "-c", "sleep 5; touch /done"], detach=True)
        daemon.advance(6)
        assert daemon.engine.read_file("web", "/done") == b""


@pytest.mark.parametrize("speed", [0, -1, float("nan"), 1e9])
def test_a_clock_has_a_possible_speed(speed: float) -> None:
    with pytest.raises(ValueError, match="a clock runs at most"):
        FakeDocker(clock_speed=speed)


def test_a_manual_clock_has_no_speed() -> None:
    with pytest.raises(ValueError, match="has no speed"):
        FakeDocker(clock="manual", clock_speed=2)
    with FakeDocker(clock="manual") as daemon, pytest.raises(RuntimeError, match="does not run"):
        daemon.thaw()


def test_a_fixture_chooses_the_clock() -> None:
    assert FakeDocker(parse("clock: manual")).clock_speed == 0
    assert FakeDocker(parse("clock: {speed: 60}")).clock_speed == 60
    assert FakeDocker(parse("clock: manual"), clock="real").clock_speed == 1
    for text, told in (
        ("clock: fast", "clock: must be real or manual"),
        ("clock: {speed: 0}", "clock: speed: must be"),
    ):
        with pytest.raises(FixtureError, match=told):
            parse(text)


def test_a_real_clock_ticks_by_itself() -> None:
    with FakeDocker() as daemon:
        assert daemon.engine.wait(daemon.engine.run("base", "sleep", "0.01")) == 0


def test_unprefixed_paths_speak_what_was_chosen() -> None:
    with FakeDocker(api_version="1.0") as daemon, WireClient(daemon.url) as client:
        daemon.engine.tag("base", "mine")
        assert client.delete("/v1.1/images/mine").status == 200
        assert client.post("/images/create?fromImage=nosuch").type == "application/vnd.docker.raw-stream"


def test_programs_of_the_user_run_in_containers() -> None:
    def greet(process: Process) -> Program[int]:
        yield from process.write(1, f"hello {process.argv[1]}\n")
        return 4

    with FakeDocker(programs={"date": greet}) as daemon:
        container = daemon.engine.run("base", "date", "you")
        assert daemon.engine.wait(container) == 4
        assert daemon.engine.logs(container) == b"hello you\n"


# -- programs of the user's own ---------------------------------------------------------------------


def greeting(text: str) -> Body:
    def program(process: Process) -> Program[int]:
        yield from process.write(1, f"{text} {' '.join(process.argv[1:])}")
        return 0

    return program


def said(daemon: FakeDocker, *command: str, image: str = "base", **config: object) -> str:
    container = daemon.engine.run(image, *command, **config)
    daemon.engine.wait(container)
    return daemon.engine.logs(container, "stdout").decode()


def test_a_program_is_a_decorated_function_and_needs_no_file() -> None:
    with FakeDocker() as daemon:

        @daemon.program("postgres")
        def postgres(process: Process) -> Program[int]:
            yield from process.write(1, "up")
            return 0

        assert said(daemon, "postgres") == "up"
        assert said(daemon, "sh", "-c", "postgres -D /data | cat") == "up"
        assert postgres.__name__ == "postgres"  # it is still the function


def test_a_program_survives_a_reset() -> None:
    with FakeDocker() as daemon:
        daemon.program("postgres")(greeting("up"))
        daemon.reset()
        assert said(daemon, "postgres") == "up "
        daemon.reset("default")
        assert said(daemon, "postgres") == "up "


def test_a_program_can_be_for_some_calls_only() -> None:
    with FakeDocker(programs={"python": greeting("any")}) as daemon:
        daemon.engine.tag("base", "python", "3.11")
        daemon.program("python", argv=["python", "-c"], image="python")(greeting("code"))
        daemon.program("python", label="role=web")(greeting("web"))
        daemon.program("python", container=lambda container: container.config.hostname == "x")(greeting("x"))
        assert said(daemon, "python", "-c", "x", image="python:3.11") == "code -c x"
        assert said(daemon, "python", "-m", "x", image="python:3.11") == "any -m x"
        assert said(daemon, "python", labels={"role": "web"}) == "web "
        assert said(daemon, "python", hostname="x") == "x "
        assert said(daemon, "python", hostname="y") == "any "


def test_what_a_user_registers_goes_before_what_a_fixture_says(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text("images: [{name: base}]\nprograms: [{name: run, do: [{out: fixture}]}]")
    with FakeDocker(world) as daemon:
        daemon.program("run", argv=["run", "-x"])(greeting("user"))
        assert said(daemon, "run") == "fixture"
        assert said(daemon, "run", "-x") == "user -x"
        daemon.program("run")(greeting("user"))
        assert said(daemon, "run") == "user "
        daemon.reset()
        assert said(daemon, "run") == "user "


def test_programs_can_be_put_back() -> None:
    with FakeDocker(programs={"run": greeting("first")}) as daemon:
        before = daemon.programs
        daemon.program("run")(greeting("second"))
        assert [program.name for program in daemon.programs] == ["run", "run"]
        assert said(daemon, "run") == "second "
        daemon.programs = before
        assert said(daemon, "run") == "first "
        daemon.reset()
        assert said(daemon, "run") == "first "


def test_a_name_that_no_call_can_have_is_refused() -> None:
    with FakeDocker() as daemon:
        with pytest.raises(ValueError, match="absolute path"):
            daemon.program("bin/postgres")(greeting(""))
        assert daemon.programs == ()


def test_an_error_in_a_condition_is_raised_by_check() -> None:
    def broken(_: object) -> bool:
        raise ZeroDivisionError

    with FakeDocker() as daemon:
        daemon.program("run", container=broken)(greeting(""))
        said(daemon, "run")
        with pytest.raises(DaemonError, match="ZeroDivisionError"):
            daemon.check()
