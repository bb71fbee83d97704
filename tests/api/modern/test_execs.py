"""Commands beside a container's own: their streams, their ends, and what the client hears when they cannot begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modern.conftest import Dock

RUNC = "OCI runtime exec failed: exec failed: unable to start container process: "


def frame(text: str, channel: int = 1) -> bytes:
    return bytes([channel, 0, 0, 0]) + len(text).to_bytes(4) + text.encode()


def said(dock: Dock, identity: str, *, tty: bool = False) -> bytes:
    """Start a command and return all that comes of it."""
    client = dock.take_over(f"/exec/{identity}/start", json={"Detach": False, "Tty": tty})
    dock.daemon.advance(0.1)
    return client.rest()


def test_the_output_of_a_command_comes_in_frames(dock: Dock) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec("sh", "-c", "echo out; echo err >&2; exit 5")
    assert said(dock, identity) == frame("out\n") + frame("err\n", 2)
    found = dock.get(f"/exec/{identity}/json").json
    assert (found["Running"], found["ExitCode"]) == (False, 5)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"Cmd": ["nosuch"]}, f'{RUNC}exec: "nosuch": executable file not found in $PATH: unknown'),
        ({"Cmd": ["/etc/passwd"]}, f'{RUNC}exec: "/etc/passwd": permission denied: unknown'),
        (
            {"Cmd": ["true"], "WorkingDir": "/nosuch"},
            f'{RUNC}chdir to cwd ("/nosuch") set in config.json failed: no such file or directory: unknown',
        ),
        (
            {"Cmd": ["true"], "WorkingDir": "/etc/passwd"},
            f'{RUNC}chdir to cwd ("/etc/passwd") set in config.json failed: not a directory: unknown',
        ),
        ({"Cmd": ["true"], "User": "nosuch"}, "unable to find user nosuch: no matching entries in passwd file"),
    ],
)
def test_why_a_command_cannot_begin_is_said_in_its_output(dock: Dock, config: dict[str, object], text: str) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec(**{"Cmd": (), **config})
    assert said(dock, identity) == frame(f"{text}\r\n")
    assert dock.get(f"/exec/{identity}/json").json["ExitCode"] == 126


def test_on_a_terminal_the_last_words_stand_bare(dock: Dock) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec("nosuch", Tty=True)
    assert said(dock, identity, tty=True).startswith(b"OCI runtime exec failed")


def test_a_detached_command_that_cannot_begin_is_an_error(dock: Dock) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec("nosuch")
    assert dock.post(f"/exec/{identity}/start", {"Detach": True}).status == 400


def test_only_what_has_not_ended_is_listed_with_its_container(dock: Dock) -> None:
    dock.run("sleep", "1000")
    running, ended = dock.prepare_exec("sleep", "900"), dock.prepare_exec("true")
    for identity in (running, ended):
        dock.post(f"/exec/{identity}/start", {"Detach": True})
    dock.daemon.advance(0.1)
    assert dock.inspect()["ExecIDs"] == [running]
    assert dock.get(f"/exec/{ended}/json").json["ExitCode"] == 0


def test_a_command_is_started_once(dock: Dock) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec("true")
    assert dock.post(f"/exec/{identity}/start", {"Detach": True}).status == 200
    dock.daemon.advance(0.1)
    assert dock.post(f"/exec/{identity}/start", {"Detach": True}).status == 409


def test_input_goes_to_the_command_up_to_its_end(dock: Dock) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec("cat", AttachStdin=True)
    client = dock.take_over(f"/exec/{identity}/start", json={})
    client.send(b"one\ntwo\n")
    client.half_close()
    assert client.rest().replace(frame("one\n"), b"").replace(frame("two\n"), b"") in (b"", frame("one\ntwo\n"))
    assert dock.get(f"/exec/{identity}/json").json["ExitCode"] == 0


def test_keys_of_a_terminal_reach_the_command_and_nobody_else(dock: Dock) -> None:
    dock.run("sh", "-c", 'trap "exit 9" INT; while true; do sleep 1; done', Tty=True)
    identity = dock.prepare_exec("sh", "-c", 'trap "exit 3" INT; echo ready; read x', AttachStdin=True, Tty=True)
    client = dock.take_over(f"/exec/{identity}/start", json={"Tty": True})
    dock.daemon.advance(0.1)
    client.until(b"ready\r\n")
    client.send(b"\x03")
    client.until(b"^C")
    dock.daemon.advance(2)
    client.rest()
    assert dock.get(f"/exec/{identity}/json").json["ExitCode"] == 3
    assert dock.inspect()["State"]["Running"]


def test_every_terminal_of_a_container_has_a_name_of_its_own(dock: Dock) -> None:
    dock.run("sh", "-c", "tty; sleep 1000", Tty=True)
    for _ in range(2):  # the number is free again
        identity = dock.prepare_exec("tty", AttachStdin=True, Tty=True)
        assert said(dock, identity, tty=True) == b"/dev/pts/1\r\n"
    assert dock.get("/containers/box/logs?stdout=1").body == b"/dev/pts/0\r\n"


def test_a_container_that_stops_takes_its_commands_along(dock: Dock) -> None:
    dock.run("sleep", "1000")
    identity = dock.prepare_exec("sleep", "900")
    client = dock.take_over(f"/exec/{identity}/start", json={})
    dock.post("/containers/box/kill")
    assert client.rest() == b""
    assert dock.post("/containers/box/exec", {"Cmd": ["true"]}).status == 409


def test_who_starts_a_command_says_whether_its_output_comes_in_frames(dock: Dock) -> None:
    dock.run("sleep", "1000")
    assert said(dock, dock.prepare_exec("echo", "x", Tty=True), tty=False) == frame("x\r\n")
    assert said(dock, dock.prepare_exec("echo", "x"), tty=True) == b"x\n"
