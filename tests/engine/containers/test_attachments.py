"""What an attached client sees, what it may type, and when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.containers.attachments import Attachment, Wanted
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.processes.descriptors import PIPE_SIZE
from fakedocker.engine.processes.effects import Program, Read, Signal, Sleep, Write
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from engine.conftest import World

ALL = {"stream": True, "stdin": True, "stdout": True, "stderr": True}


def copies(process: Process) -> Program[int]:
    """A program that copies its input to its output until it ends."""
    while data := (yield Read(0)):
        yield Write(1, data)
    yield Write(1, b"(end)")
    return 0


def talks(process: Process) -> Program[int]:
    yield Write(1, b"out1 ")
    yield Write(2, b"err1 ")
    yield Sleep(1)
    yield Write(1, b"out2 ")
    yield Write(2, b"err2 ")
    return 0


def sleeps(process: Process) -> Program[int]:
    yield Sleep(1000)
    return 0


def attach(container: Container, **wanted: bool) -> Attachment:
    return Attachment(container, Wanted(**wanted))


def shown(attachment: Attachment) -> bytes:
    """Return everything that is to be shown now."""
    data = b""
    while (chunk := attachment.next()) is not None:
        data += chunk.data
    return data


def over(attachment: Attachment) -> bool:
    shown(attachment)
    return attachment.ended


def send(world: World, attachment: Attachment, data: bytes) -> None:
    assert len(data) <= attachment.room
    attachment.receive(data)
    world.settle()


# -- what is shown ----------------------------------------------------------------


def test_the_log_is_shown_one_channel_after_the_other(world: World) -> None:
    container = world.start(talks)
    world.advance(2)
    attachment = attach(container, logs=True, stdout=True, stderr=True)
    assert shown(attachment) == b"out1 out2 err1 err2 "
    assert attachment.ended


@pytest.mark.parametrize(("channel", "data"), [("stdout", b"out1 "), ("stderr", b"err1 ")])
def test_only_the_channels_asked_for_are_shown(world: World, channel: str, data: bytes) -> None:
    container = world.start(talks)
    assert shown(attach(container, logs=True, **{channel: True})) == data


def test_the_stream_shows_what_is_written_from_now_on_as_it_was_written(world: World) -> None:
    container = world.start(talks)
    attachment = attach(container, stream=True, stdout=True, stderr=True)
    assert shown(attachment) == b""
    world.advance(1)
    assert shown(attachment) == b"out2 err2 "
    assert attachment.ended


def test_log_and_stream_together_lose_and_double_nothing(world: World) -> None:
    container = world.start(talks)
    attachment = attach(container, logs=True, stream=True, stdout=True, stderr=True)
    world.advance(1)
    assert shown(attachment) == b"out1 err1 out2 err2 "


def test_the_log_has_all_runs_and_the_log_of_a_new_container_is_empty(world: World) -> None:
    container = world.create(talks)
    assert shown(attach(container, logs=True, stdout=True)) == b""
    for _ in range(2):
        world.engine.start(container)
        world.advance(2)
    assert shown(attach(container, logs=True, stdout=True)) == b"out1 out2 out1 out2 "


def test_a_later_run_of_the_container_is_not_shown(world: World) -> None:
    container = world.start(talks, open_stdin=True)
    attachment = attach(container, **ALL)
    world.advance(1)
    world.engine.start(container)
    world.advance(1)
    assert shown(attachment) == b"out2 err2 "
    attachment.half_close()
    assert over(attachment)


def test_output_just_before_the_end_is_shown_even_if_the_container_was_started_again(world: World) -> None:
    container = world.start(talks)
    attachment = attach(container, stream=True, stdout=True)
    world.advance(1)
    world.engine.start(container)
    world.settle()
    assert shown(attachment) == b"out2 "
    assert attachment.ended


# -- refusals ---------------------------------------------------------------------


@pytest.mark.parametrize("started", [False, True])
def test_a_stopped_container_shows_its_log_and_then_refuses_the_stream(world: World, started: bool) -> None:
    container = world.create(talks)
    if started:
        world.engine.start(container)
        world.advance(5)
    attachment = attach(container, logs=True, stream=True, stdout=True)
    assert shown(attachment) == (b"out1 out2 " if started else b"")
    assert attachment.ended
    assert str(attachment.refusal) == "Impossible to attach to a stopped container, start it first"


def test_a_ghost_refuses_the_stream(world: World) -> None:
    container = world.create(talks)
    container.state = State.GHOST
    attachment = attach(container, stream=True, stdout=True)
    assert over(attachment)
    assert str(attachment.refusal) == "Impossible to attach to a ghost container"


@pytest.mark.parametrize("wanted", [{}, {"stream": True}, {"stdin": True, "stdout": True}, {"logs": True}])
def test_who_asks_for_nothing_gets_nothing_and_it_is_over_at_once(world: World, wanted: dict[str, bool]) -> None:
    attachment = attach(world.start(sleeps), **wanted)
    assert shown(attachment) == b""
    assert attachment.ended
    assert attachment.refusal is None


# -- when it is over --------------------------------------------------------------


def test_outputs_alone_are_over_when_the_process_ends(world: World) -> None:
    attachment = attach(world.start(talks), stream=True, stdout=True, stderr=True)
    assert not over(attachment)
    world.advance(1)
    assert over(attachment)


@pytest.mark.parametrize("tty", [False, True])
def test_input_that_is_kept_stays_open_after_the_process_until_the_client_ends_it(world: World, tty: bool) -> None:
    attachment = attach(world.start(talks, open_stdin=True, tty=tty), **ALL)
    world.advance(1)
    assert not over(attachment)
    attachment.receive(b"to nobody")
    attachment.half_close()
    assert over(attachment)


def test_input_once_is_over_when_the_process_ends(world: World) -> None:
    attachment = attach(world.start(talks, open_stdin=True, stdin_once=True), **ALL)
    assert not over(attachment)
    world.advance(1)
    assert over(attachment)


def test_input_once_ends_the_containers_input_and_output_is_still_shown(world: World) -> None:
    container = world.start(copies, open_stdin=True, stdin_once=True)
    attachment = attach(container, **ALL)
    send(world, attachment, b"hello ")
    attachment.half_close()
    assert not attachment.ended
    world.settle()
    assert shown(attachment) == b"hello (end)"
    assert attachment.ended
    assert container.exit_code == 0
    assert container.state is State.EXITED


def test_kept_input_outlives_its_client_and_another_one_can_come(world: World) -> None:
    container = world.start(copies, open_stdin=True)
    attachment = attach(container, **ALL)
    send(world, attachment, b"one")
    attachment.half_close()
    assert over(attachment)
    assert container.running
    other = attach(container, **ALL)
    send(world, other, b"two")
    assert shown(other) == b"two"


def test_input_for_a_container_that_takes_none_is_thrown_away(world: World) -> None:
    container = world.start(talks)
    attachment = attach(container, **ALL)
    send(world, attachment, b"nobody listens")
    attachment.half_close()
    assert not over(attachment)
    world.advance(1)
    assert over(attachment)


def test_a_terminals_input_once_leaves_when_the_client_ends_it(world: World) -> None:
    container = world.start(copies, open_stdin=True, stdin_once=True, tty=True)
    attachment = attach(container, **ALL)
    attachment.half_close()
    assert over(attachment)
    assert container.running


def test_a_client_that_leaves_ends_input_once(world: World) -> None:
    container = world.start(copies, open_stdin=True, stdin_once=True)
    attach(container, **ALL).close()
    world.settle()
    assert container.state is State.EXITED


def test_removing_the_container_is_the_end_for_everybody(world: World) -> None:
    container = world.start(sleeps, open_stdin=True)
    attachment = attach(container, **ALL)
    world.run(world.engine.remove(container))
    assert over(attachment)


# -- input ------------------------------------------------------------------------


def test_no_more_input_is_taken_than_the_process_reads(world: World) -> None:
    container = world.start(sleeps, open_stdin=True)
    attachment = attach(container, **ALL)
    send(world, attachment, bytes(PIPE_SIZE))
    assert attachment.room == 0


def test_a_waiting_client_is_told_when_there_is_room_again(world: World) -> None:
    def reads_later(process: Process) -> Program[int]:
        yield Sleep(1)
        yield Read(0)
        yield Sleep(1000)
        return 0

    for tty in (False, True):
        attachment, told = attach(world.start(reads_later, open_stdin=True, tty=tty), **ALL), []
        while attachment.room:
            attachment.receive((b"x" * 99 + b"\n")[: attachment.room])
        attachment.watch(lambda attachment=attachment, told=told: told.append(attachment.room))
        world.advance(1)
        assert told
        assert told[-1] > 0


def test_input_that_the_process_has_closed_goes_nowhere_and_does_not_get_stuck(world: World) -> None:
    def closes_its_input(process: Process) -> Program[int]:
        yield Sleep(1)
        process.fds.pop(0).release()
        yield Sleep(1000)
        return 0

    container = world.start(closes_its_input, open_stdin=True)
    attachment = attach(container, **ALL)
    send(world, attachment, bytes(PIPE_SIZE))
    world.advance(1)
    for _ in range(3):
        send(world, attachment, b"more")
    assert not over(attachment)


def test_after_the_end_input_goes_nowhere(world: World) -> None:
    container = world.start(talks, open_stdin=True)
    attachment = attach(container, **ALL)
    world.advance(1)
    assert attachment.room > 0
    attachment.receive(b"x")


@pytest.mark.parametrize(
    ("pieces", "left", "typed"),
    [
        ([b"\x10", b"\x11"], True, b""),
        ([b"\x10\x11"], False, b"\x10\x11"),
        ([b"\x10", b"a"], False, b"a"),
        ([b"\x11"], False, b"\x11"),
        ([b"\x10", b"\x10", b"\x11"], False, b"\x10\x11"),
        ([b"a", b"\x10", b"\x11"], True, b"a"),
    ],
)
def test_control_p_control_q_each_alone_detach_from_a_terminal(
    world: World, pieces: list[bytes], left: bool, typed: bytes
) -> None:
    received = bytearray()

    def notes(process: Process) -> Program[int]:
        while data := (yield Read(0)):
            received.extend(data)
        return 0

    container = world.start(notes, open_stdin=True, tty=True)
    assert container.terminal is not None
    container.terminal.raw = True
    attachment = attach(container, **ALL)
    for piece in pieces:
        send(world, attachment, piece)
    assert over(attachment) == left
    assert received == typed
    assert container.running


def test_without_a_terminal_no_keys_detach(world: World) -> None:
    attachment = attach(world.start(copies, open_stdin=True), **ALL)
    for piece in (b"\x10", b"\x11"):
        send(world, attachment, piece)
    assert shown(attachment) == b"\x10\x11"
    assert not attachment.ended


def test_keys_on_a_terminal_reach_the_first_process(world: World) -> None:
    def interrupted(process: Process) -> Program[int]:
        process.catch(Signal.INT)
        return (yield from process.await_signal())

    container = world.start(interrupted, open_stdin=True, tty=True)
    attachment = attach(container, **ALL)
    send(world, attachment, b"\x03")
    assert container.exit_code == Signal.INT
    assert shown(attachment) == b"^C"


# -- those who are woken ----------------------------------------------------------


def test_a_client_is_woken_by_output_by_the_end_and_by_detaching(world: World) -> None:
    woken: list[Any] = []
    container = world.start(talks, open_stdin=True, tty=True)
    attachment = attach(container, **ALL)
    attachment.watch(lambda: woken.append(container.state))
    world.advance(0.5)
    assert not woken
    world.advance(0.5)
    assert State.RUNNING in woken
    assert State.EXITED in woken
    woken.clear()
    attachment.half_close()
    assert woken


@pytest.mark.parametrize("tty", [False, True])
def test_a_client_that_left_leaves_no_subscription(world: World, tty: bool) -> None:
    container = world.start(sleeps, open_stdin=True, tty=tty)
    stdin = container.run.stdin if container.run else None
    assert stdin is not None
    before = (len(container.log.watch), len(container.changed), len(stdin.ready))
    attachment = attach(container, **ALL)
    attachment.watch(lambda: None)
    assert (len(container.log.watch), len(container.changed), len(stdin.ready)) != before
    attachment.close()
    attachment.close()
    assert (len(container.log.watch), len(container.changed), len(stdin.ready)) == before
