"""Processes, with programs written for the test."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.processes import processes
from fakedocker.engine.processes.descriptors import Descriptor, Null, Pipe, Sink
from fakedocker.engine.processes.effects import (
    AwaitSignal,
    Body,
    Disposition,
    Interrupted,
    Kill,
    Pause,
    Program,
    Read,
    Signal,
    Sleep,
    Spawn,
    Wait,
    Write,
)
from fakedocker.engine.processes.processes import MOST_MEMORY, MOST_PROCESSES, Process

if TYPE_CHECKING:
    from engine.conftest import Box


def says(text: str, code: int = 0) -> Body:
    """A program that writes a text and ends."""

    def body(process: Process) -> Program[int]:
        yield from process.write(1, text)
        return code

    return body


def sleeps(seconds: float = 1000, code: int = 0) -> Body:
    def body(process: Process) -> Program[int]:
        yield Sleep(seconds)
        return code

    return body


def copies(process: Process) -> Program[int]:
    """A program that copies its input to its output until it ends."""
    while data := (yield Read(0)):
        yield Write(1, data)
    return 0


def spawns(child: Body, *more: Body, then: Body | None = None) -> Body:
    """A first process that starts children and goes on as `then`, or waits for all of them."""

    def body(process: Process) -> Program[int]:
        for one in (child, *more):
            yield from process.spawn(one, ("child",))
        if then is not None:
            return (yield from then(process))
        for _ in (child, *more):
            yield from process.wait()
        return 0

    return body


# -- conversations ----------------------------------------------------------------


def test_a_program_writes_and_returns_its_exit_code(box: Box) -> None:
    process = box.start(says("hello", 3))
    assert (bytes(box.out), process.code) == (b"hello", 3)


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (255, 255), (256, 0), (-1, 255), (True, 1)])
def test_an_exit_code_has_eight_bits(box: Box, returned: Any, code: int) -> None:
    assert box.start(says("", returned)).code == code


def test_a_program_waits_for_its_input_and_sees_its_end(box: Box) -> None:
    pipe = Pipe()
    writer = pipe.writer.hold()
    process = box.start(copies, {0: pipe.reader, 1: Sink(box.out.extend)})
    assert process.code is None
    writer.write(b"one")
    box.scheduler.run()
    assert bytes(box.out) == b"one"
    writer.release()
    box.scheduler.run()
    assert process.code == 0


def test_input_that_came_before_the_program_read_is_not_lost(box: Box) -> None:
    pipe = Pipe()
    pipe.writer.hold()
    pipe.put(b"early ")
    pipe.put(b"bird")
    box.start(copies, {0: pipe.reader, 1: Sink(box.out.extend)})
    assert bytes(box.out) == b"early bird"


def test_a_writer_waits_while_the_pipe_is_full_and_all_of_it_arrives_in_order(box: Box) -> None:
    data = bytes(range(256)) * 1024  # four times what the pipe holds
    received = bytearray()

    def first(process: Process) -> Program[int]:
        pipe = Pipe()

        def writer(child: Process) -> Program[int]:
            yield Write(1, data)
            return 0

        def reader(child: Process) -> Program[int]:
            while piece := (yield Read(0)):
                received.extend(piece)
                yield Sleep(0.1)
            return 0

        yield Spawn(writer, ("writer",), {1: pipe.writer})
        yield Spawn(reader, ("reader",), {0: pipe.reader})
        yield Wait()
        yield Wait()
        return 0

    process = box.start(first)
    assert len(received) < len(data)
    box.clock.advance(60)
    assert received == data
    assert process.code == 0


def test_a_reader_sees_the_end_only_when_the_last_writer_has_gone(box: Box) -> None:
    pipe = Pipe()

    def first(process: Process) -> Program[int]:
        yield Spawn(sleeps(1), ("one",), {1: pipe.writer})
        yield Spawn(sleeps(2), ("two",), {1: pipe.writer})
        yield Spawn(copies, ("reader",), {0: pipe.reader})
        while (yield Wait())[0] != 4:
            pass
        return 7

    process = box.start(first)
    box.clock.advance(1)
    assert process.code is None
    box.clock.advance(1)
    assert process.code == 7


def test_writing_where_nobody_reads_ends_a_program_with_141(box: Box) -> None:
    def first(process: Process) -> Program[int]:
        pipe = Pipe()
        pipe.reader.hold().release()
        pid = yield Spawn(says("x"), ("writer",), {1: pipe.writer})
        return (yield Wait(pid))[1]

    assert box.start(first).code == 141


def test_a_writer_that_waits_is_told_when_the_last_reader_goes(box: Box) -> None:
    def first(process: Process) -> Program[int]:
        pipe = Pipe()
        pid = yield Spawn(says("x" * 100_000), ("writer",), {1: pipe.writer})
        yield Spawn(sleeps(1), ("reader",), {0: pipe.reader})
        return (yield Wait(pid))[1]

    process = box.start(first)
    assert process.code is None
    box.clock.advance(1)
    assert process.code == 141


def test_a_program_may_handle_a_broken_pipe(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        try:
            yield Write(1, b"x")
        except BrokenPipeError:
            return 5
        return 0

    pipe = Pipe()
    pipe.reader.hold().release()
    assert box.start(body, {1: pipe.writer}).code == 5


@pytest.mark.parametrize("effect", [Read(0), Write(9, b"x")])
def test_a_descriptor_that_is_not_open_is_a_bad_one(box: Box, effect: Any) -> None:
    def body(process: Process) -> Program[int]:
        try:
            yield effect
        except OSError as error:
            return error.errno or 0
        return 0

    assert box.start(body).code == errno.EBADF


def test_a_sleep_ends_at_its_moment(box: Box) -> None:
    process = box.start(sleeps(5, code=4))
    box.clock.advance(4.99)
    assert process.code is None
    box.clock.advance(0.01)
    assert process.code == 4


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_sleep_of_no_time_needs_no_time(box: Box, seconds: float) -> None:
    assert box.start(sleeps(seconds)).code == 0


# -- waiting for children ---------------------------------------------------------


def test_waiting_for_any_child_gives_the_one_that_ended_first(box: Box) -> None:
    ended: list[tuple[int, int]] = []

    def first(process: Process) -> Program[int]:
        yield from process.spawn(sleeps(2, code=20), ("slow",))
        yield from process.spawn(sleeps(1, code=10), ("quick",))
        ended.append((yield Wait()))
        ended.append((yield Wait()))
        return 0

    box.start(first)
    box.clock.advance(5)
    assert ended == [(3, 10), (2, 20)]


def test_waiting_for_one_child_does_not_take_another(box: Box) -> None:
    def first(process: Process) -> Program[int]:
        slow = yield from process.spawn(sleeps(2, code=20), ("slow",))
        yield from process.spawn(sleeps(1, code=10), ("quick",))
        _, one = yield Wait(slow)
        _, other = yield Wait()
        return one + other

    process = box.start(first)
    box.clock.advance(5)
    assert process.code == 30


@pytest.mark.parametrize("effect", [Wait(), Wait(99)])
def test_waiting_without_children_fails(box: Box, effect: Any) -> None:
    def body(process: Process) -> Program[int]:
        try:
            yield effect
        except ChildProcessError as error:
            return error.errno or 0
        return 0

    assert box.start(body).code == errno.ECHILD


def test_a_child_can_be_waited_for_only_once(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        pid = yield from process.spawn(says(""), ("child",))
        yield Wait(pid)
        try:
            yield Wait(pid)
        except ChildProcessError:
            return 9
        return 0

    assert box.start(body).code == 9


def test_the_end_of_the_first_process_is_the_end_of_all(box: Box) -> None:
    process = box.start(spawns(sleeps(), spawns(sleeps()), then=sleeps(1, code=3)))
    assert len(list(box.table)) == 4
    box.clock.advance(1)
    assert process.code == 3
    assert not list(box.table)
    assert box.clock.next_due() is None


def test_an_orphan_lives_on_and_its_parent_is_the_first_process(box: Box) -> None:
    box.start(spawns(spawns(sleeps(5), then=says("")), then=sleeps()))
    (orphan,) = [process for process in box.table if process.pid == 3]
    assert orphan.parent is box.table.first
    box.clock.advance(5)
    assert [process.pid for process in box.table] == [1]


def test_a_long_line_of_orphans_is_not_kept(box: Box) -> None:
    def heir(process: Process) -> Program[int]:
        if process.pid < 300:
            yield from process.spawn(heir, ("heir",))
        else:
            yield Sleep(1000)
        return 0

    box.start(spawns(heir, then=sleeps()))
    box.clock.advance(1)
    (last,) = [process for process in box.table if process.pid != 1]
    assert last.parent is box.table.first


# -- signals ----------------------------------------------------------------------


def test_the_first_process_does_not_hear_a_signal_without_a_handler(box: Box) -> None:
    process = box.start(sleeps())
    box.kill(process, Signal.TERM)
    assert process.code is None


def test_kill_from_outside_ends_the_first_process_with_137(box: Box) -> None:
    process = box.start(sleeps())
    box.kill(process, Signal.KILL)
    assert (process.code, process.killed_by) == (137, Signal.KILL)


def test_kill_from_inside_does_not_end_the_first_process(box: Box) -> None:
    def suicidal(process: Process) -> Program[int]:
        yield Kill(1, Signal.KILL)
        return 5

    assert box.start(suicidal).code == 5


@pytest.mark.parametrize("signal", [Signal.TERM, Signal.HUP, Signal.INT, Signal.USR1, Signal.KILL])
def test_a_child_dies_of_a_signal_by_default(box: Box, signal: Signal) -> None:
    def first(process: Process) -> Program[int]:
        pid = yield from process.spawn(sleeps(), ("child",))
        yield Kill(pid, signal)
        return (yield Wait(pid))[1]

    assert box.start(first).code == 128 + signal


@pytest.mark.parametrize("signal", [Signal.CHLD, Signal.WINCH, Signal.CONT, Signal.STOP, Signal.TSTP])
def test_some_signals_do_nothing_by_default(box: Box, signal: Signal) -> None:
    def first(process: Process) -> Program[int]:
        pid = yield from process.spawn(sleeps(1), ("child",))
        yield Kill(pid, signal)
        return (yield Wait(pid))[1]

    process = box.start(first)
    box.clock.advance(1)
    assert process.code == 0


def test_children_inherit_what_is_ignored_but_not_what_is_caught(box: Box) -> None:
    codes: list[int] = []

    def first(process: Process) -> Program[int]:
        process.dispositions[Signal.HUP] = Disposition.IGNORE
        process.catch(Signal.TERM)
        for signal in (Signal.HUP, Signal.TERM):
            pid = yield from process.spawn(sleeps(1), ("child",))
            yield Kill(pid, signal)
            codes.append((yield Wait(pid))[1])
        return 0

    box.start(first)
    box.clock.advance(1)
    assert codes == [0, 143]


@pytest.mark.parametrize("effect", [Sleep(1000), Read(0), Wait(interruptible=True)])
def test_a_caught_signal_breaks_a_wait_off(box: Box, effect: Any) -> None:
    def body(process: Process) -> Program[int]:
        process.catch(Signal.USR1)
        yield from process.spawn(sleeps(), ("child",), {})
        try:
            yield effect
        except Interrupted as interrupted:
            return interrupted.signal
        return 0

    pipe = Pipe()
    pipe.writer.hold()
    process = box.start(body, {0: pipe.reader})
    box.kill(process, Signal.USR1)
    assert process.code == Signal.USR1
    assert len(pipe.reader.ready) == 0
    assert box.clock.next_due() is None


def test_a_caught_signal_does_not_break_an_ordinary_wait_off_and_stays_pending(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        process.catch(Signal.USR1)
        pid = yield from process.spawn(sleeps(1), ("child",))
        _, code = yield Wait(pid)
        return process.pending.popleft() if code == 0 else 99

    process = box.start(body)
    box.kill(process, Signal.USR1)
    assert process.code is None
    box.clock.advance(1)
    assert process.code == Signal.USR1


def test_a_caught_signal_does_not_break_a_write_off(box: Box) -> None:
    data, received = b"x" * 200_000, bytearray()

    def first(process: Process) -> Program[int]:
        pipe = Pipe()

        def writer(child: Process) -> Program[int]:
            child.catch(Signal.USR1)
            yield Write(1, data)
            return 0

        def reader(child: Process) -> Program[int]:
            yield Sleep(1)
            while piece := (yield Read(0)):
                received.extend(piece)
            return 0

        pid = yield Spawn(writer, ("writer",), {1: pipe.writer})
        yield Spawn(reader, ("reader",), {0: pipe.reader})
        yield Sleep(0.5)
        yield Kill(pid, Signal.USR1)
        yield Wait()
        yield Wait()
        return 0

    box.start(first)
    box.clock.advance(2)
    assert received == data


def test_an_interruption_that_nobody_handles_ends_the_program_as_the_signal_would(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        process.catch(Signal.TERM)
        yield Sleep(1000)
        return 0

    process = box.start(body)
    box.kill(process, Signal.TERM)
    assert (process.code, process.killed_by) == (143, Signal.TERM)
    assert not box.crashes


def test_waiting_for_signals_gives_each_in_order_even_those_that_came_before(box: Box) -> None:
    seen: list[int] = []

    def body(process: Process) -> Program[int]:
        process.catch(Signal.USR1, Signal.USR2)
        yield Kill(1, Signal.USR1)
        yield Kill(1, Signal.USR2)
        for _ in range(3):
            seen.append((yield AwaitSignal()))
        return 0

    process = box.start(body)
    assert seen == [Signal.USR1, Signal.USR2]
    box.kill(process, Signal.USR1)
    assert seen == [Signal.USR1, Signal.USR2, Signal.USR1]
    assert process.code == 0


def test_a_process_that_signals_itself_is_not_broken_off_in_doing_so(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        process.catch(Signal.USR1)
        yield Kill(1, Signal.USR1)
        return len(process.pending)

    assert box.start(body).code == 1


def test_a_signal_and_the_input_it_races_with_both_arrive(box: Box) -> None:
    pipe, seen = Pipe(), []

    def body(process: Process) -> Program[int]:
        process.catch(Signal.USR1)
        for _ in range(2):
            try:
                seen.append((yield Read(0)))
            except Interrupted as interrupted:
                seen.append(interrupted.signal)
        return 0

    pipe.writer.hold()
    process = box.start(body, {0: pipe.reader})
    pipe.put(b"data")
    process.deliver(Signal.USR1)
    box.scheduler.run()
    assert seen == [Signal.USR1, b"data"]


def test_a_signal_for_nobody_fails(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        for pid in (99, -99, -1):
            try:
                yield Kill(pid, 0)
            except ProcessLookupError:
                continue
            return 1
        yield Kill(1, 0)
        return 0

    assert box.start(body).code == 0


def test_a_signal_can_go_to_a_group_to_the_own_group_and_to_all_but_the_first(box: Box) -> None:
    codes: dict[str, list[int]] = {}

    def first(process: Process) -> Program[int]:
        for name, target in (("group", -2), ("all", -1)):
            leader = yield from process.spawn(sleeps(), ("leader",), group=None)
            yield from process.spawn(sleeps(), ("member",), group=leader)
            yield Kill(target if name == "all" else -leader, Signal.TERM)
            codes[name] = [(yield Wait())[1], (yield Wait())[1]]

        def kills_its_own(child: Process) -> Program[int]:
            yield from child.spawn(sleeps(), ("grandchild",))
            yield Kill(0, Signal.TERM)
            return 0

        pid = yield from process.spawn(kills_its_own, ("child",), group=None)
        codes["own"] = [(yield Wait(pid))[1]]
        return 0

    box.start(first)
    assert codes == {"group": [143, 143], "all": [143, 143], "own": [143]}
    assert not list(box.table)


# -- limits and fairness ----------------------------------------------------------


def busy_pausing(process: Process) -> Program[int]:
    while True:
        yield Pause()


def busy_writing(process: Process) -> Program[int]:
    while True:
        yield Write(1, b"y")


def busy_sleeping(process: Process) -> Program[int]:
    while True:
        yield Sleep(0)


def busy_napping(process: Process) -> Program[int]:
    while True:
        yield Sleep(1e-9)


def busy_spawning(process: Process) -> Program[int]:
    while True:
        pid = yield from process.spawn(says(""), ("child",))
        yield Wait(pid)


@pytest.mark.parametrize("busy", [busy_pausing, busy_writing, busy_sleeping, busy_napping, busy_spawning])
def test_a_busy_program_neither_starves_others_nor_holds_up_the_clock(box: Box, busy: Body) -> None:
    def first(process: Process) -> Program[int]:
        yield from process.spawn(busy, ("busy",), {1: Null()})
        yield from process.spawn(sleeps(1), ("sleeper",))
        yield from process.write(1, "still here")
        yield Wait(3)
        return 6

    process = box.start(first)
    assert bytes(box.out) == b"still here"
    box.clock.advance(2)
    assert process.code == 6


def test_an_hour_of_a_busy_program_is_over_soon(box: Box) -> None:
    turns = 0

    def counting(process: Process) -> Program[int]:
        nonlocal turns
        while True:
            turns += 1
            yield Pause()

    box.start(counting)
    box.clock.advance(3600)
    assert 10_000 < turns < 1_000_000


def test_a_busy_time_does_not_slow_the_next_one_down(box: Box) -> None:
    box.kill(box.start(busy_pausing), Signal.KILL)
    box.clock.advance(10)
    box.table = box.new_table()

    def counts(process: Process) -> Program[int]:
        for _ in range(3 * processes.BUDGET):
            yield Pause()
        return 0

    process = box.start(counts)
    box.clock.advance(10 * processes.SHORTEST_BREAK)
    assert process.code == 0


def test_a_fork_bomb_ends_at_the_limit(box: Box) -> None:
    def first(process: Process) -> Program[int]:
        for started in range(10_000):
            try:
                yield from process.spawn(sleeps(), ("child",))
            except BlockingIOError as error:
                yield from process.write(1, str(started))
                return error.errno or 0
        return 1

    process = box.start(first)
    box.clock.advance(1)
    assert process.code == errno.EAGAIN
    assert int(box.out) == MOST_PROCESSES - 1


def test_children_that_nobody_waits_for_count_towards_the_limit(box: Box) -> None:
    def first(process: Process) -> Program[int]:
        for started in range(10_000):
            try:
                yield from process.spawn(says(""), ("child",))
            except BlockingIOError:
                yield from process.write(1, str(started))
                return 0
            yield Pause()
        return 1

    process = box.start(first)
    box.clock.advance(10)
    assert process.code == 0
    assert int(box.out) == MOST_PROCESSES


# -- mistakes in programs ---------------------------------------------------------


def raises_at_once(process: Process) -> Program[int]:
    raise LookupError("oops")
    yield


def raises_later(process: Process) -> Program[int]:
    yield Pause()
    raise LookupError("oops")


def returns_nonsense(process: Process) -> Any:
    yield Pause()
    return "done"


def yields_nonsense(process: Process) -> Any:
    yield "hello"
    return 0


def writes_text(process: Process) -> Any:
    yield Write(1, "text")  # type: ignore[arg-type]
    return 0


def sleeps_too_long(process: Process) -> Any:
    yield Sleep(10**400)
    return 0


def is_no_generator(process: Process) -> Any:
    return 0


def wants_more_arguments(process: Process, more: int) -> Any:
    yield Pause()


@pytest.mark.parametrize(
    "mistaken",
    [
        raises_at_once,
        raises_later,
        returns_nonsense,
        yields_nonsense,
        writes_text,
        sleeps_too_long,
        is_no_generator,
        wants_more_arguments,
    ],
)
def test_a_mistake_in_a_program_is_reported_and_ends_it_alone(box: Box, mistaken: Any) -> None:
    sink = Sink(box.out.extend)

    def first(process: Process) -> Program[int]:
        pid = yield from process.spawn(mistaken, ("child",), {1: sink})
        return (yield Wait(pid))[1]

    assert box.start(first).code == 139
    assert len(box.crashes) == 1
    assert sink.holders == 0


def test_a_program_may_end_as_python_programs_do(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        yield Pause()
        sys.exit(3)

    assert box.start(body).code == 3
    assert not box.crashes


def test_a_program_that_refuses_to_end_is_ended_all_the_same(box: Box) -> None:
    sink = Sink(box.out.extend)

    def stubborn(process: Process) -> Program[int]:
        try:
            yield Sleep(1000)
        finally:
            yield Sleep(1000)
        return 0

    def breaks_in_finally(process: Process) -> Program[int]:
        try:
            yield Sleep(1000)
        finally:
            raise LookupError("oops")

    for body in (stubborn, breaks_in_finally):
        box.table = box.new_table()
        process = box.start(body, {1: sink})
        box.kill(process, Signal.KILL)
        assert process.code == 137
        assert not list(box.table)
        assert sink.holders == 0
    assert len(box.crashes) == 2


def test_a_program_cleans_up_when_it_is_killed(box: Box) -> None:
    cleaned: list[bool] = []

    def body(process: Process) -> Program[int]:
        try:
            yield Sleep(1000)
        finally:
            cleaned.append(True)
        return 0

    box.kill(box.start(body), Signal.KILL)
    assert cleaned == [True]


# -- what a process leaves behind -------------------------------------------------


class Counted(Descriptor):
    """A descriptor that counts how often it is closed; nothing can ever be read from it."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def read(self, size: int) -> bytes | None:
        return None

    def close(self) -> None:
        self.closed += 1


def reads(process: Process) -> Program[int]:
    yield Read(0)
    return 0


def test_a_descriptor_is_closed_once_when_the_last_process_that_has_it_ends(box: Box) -> None:
    shared = Counted()
    process = box.start(spawns(reads, reads, then=sleeps(1)), {0: shared, 5: shared})
    assert shared.closed == 0
    box.clock.advance(1)
    assert process.code == 0
    assert (shared.closed, shared.holders) == (1, 0)


@pytest.mark.parametrize("signal", [Signal.KILL, Signal.TERM])
def test_no_subscription_outlives_a_process(box: Box, signal: Signal) -> None:
    descriptor = Counted()

    def caught(process: Process) -> Program[int]:
        process.catch(Signal.TERM)
        yield Read(0)
        return 0

    process = box.start(caught, {0: descriptor})
    assert len(descriptor.ready) == 1
    box.kill(process, signal)
    assert len(descriptor.ready) == 0


def test_whoever_watches_a_process_is_told_of_its_end_once_when_all_is_done(box: Box) -> None:
    seen: list[tuple[int | None, int]] = []
    process = box.start(spawns(sleeps(), then=sleeps(1)))
    process.ended.subscribe(lambda: seen.append((process.code, len(list(box.table)))))
    box.clock.advance(1)
    assert seen == [(0, 0)]


def test_a_signal_to_a_process_that_has_ended_does_nothing(box: Box) -> None:
    process = box.start(says("", 4))
    box.kill(process, Signal.KILL)
    assert (process.code, process.killed_by) == (4, None)


# -- what a program may use -------------------------------------------------------


def test_a_child_has_its_parents_environment_directory_and_user_unless_told_otherwise(box: Box) -> None:
    seen: list[Any] = []

    def child(process: Process) -> Program[int]:
        seen.append((process.env, process.cwd, process.uid, process.gid, process.umask, process.group))
        yield Pause()
        return 0

    def first(process: Process) -> Program[int]:
        process.env["A"], process.cwd, process.uid, process.gid, process.umask = "1", "/tmp", 7, 8, 0o077
        yield from process.spawn(child, ("child",))
        yield from process.spawn(child, ("child",), env={"B": "2"}, cwd="/etc", group=None)
        yield Wait()
        yield Wait()
        return 0

    box.start(first)
    assert seen == [({"A": "1"}, "/tmp", 7, 8, 0o077, 1), ({"B": "2"}, "/etc", 7, 8, 0o077, 3)]


def test_a_program_is_looked_for_in_the_path(box: Box) -> None:
    box.files.mkdir("/bin")
    box.files.mkdir("/work/bin", parents=True)
    box.files.write("/bin/tool", b"", mode=0o755)
    box.files.write("/work/plain", b"", mode=0o644)
    process = box.start(sleeps())
    process.env["PATH"], process.cwd = "/nosuch:/bin", "/work"
    assert process.find("tool") == "/bin/tool"
    with pytest.raises(FileNotFoundError):
        process.find("nosuch")
    with pytest.raises(PermissionError):
        process.find("./plain")
    with pytest.raises(PermissionError):
        process.find("/work/bin")


def test_a_file_is_made_with_the_processes_owner_and_mask(box: Box) -> None:
    def body(process: Process) -> Program[int]:
        process.uid, process.gid, process.umask = 5, 6, 0o027
        process.fds[3] = process.open("new", write=True, create=True).hold()
        yield Write(3, b"content")
        return 0

    box.start(body)
    inode = box.files.stat("/new")
    assert (inode.uid, inode.gid, inode.mode, inode.read()) == (5, 6, 0o640, b"content")


def test_a_large_write_through_a_pipe_takes_reasonable_time(box: Box) -> None:
    received = 0

    def first(process: Process) -> Generator[Any, Any, int]:
        nonlocal received
        pipe = Pipe()

        def writer(child: Process) -> Program[int]:
            yield Write(1, bytes(64 << 20))
            return 0

        yield Spawn(writer, ("writer",), {1: pipe.writer})
        process.fds[0] = pipe.reader.hold()
        while data := (yield Read(0)):
            received += len(data)
        return 0

    assert box.start(first).code == 0 or box.clock.advance(1) is None
    assert received == 64 << 20


# -- nobody takes the whole machine ------------------------------------------------------------------


class Passing(ManualClock):
    """A clock on which time passes while programs work: a millisecond for each look at it."""

    longest_break = 0.01

    def now(self) -> float:
        self._now += 0.001
        return self._now


def test_a_run_of_the_scheduler_takes_a_moment_however_much_there_is_to_do(box: Box) -> None:
    turns = 0

    def busy(process: Process) -> Program[int]:
        nonlocal turns
        while True:
            turns += 1
            yield Pause()

    clock = Passing()
    box.scheduler.clock = box.table.clock = clock
    box.start(busy)
    assert 0 < turns < 20


def test_who_has_had_much_rests_and_is_in_nobodys_way(box: Box) -> None:
    turns: list[str] = []

    def busy(process: Process) -> Program[int]:
        while True:
            turns.append("busy")
            yield Pause()

    def brief(process: Process) -> Program[int]:
        turns.append("brief")
        yield Pause()
        return 0

    box.start(busy)
    turns.clear()
    box.scheduler.run()  # somebody looks at something meanwhile
    assert turns == []
    box.start(brief)
    assert turns == ["brief"]
    box.clock.advance(1)
    assert "busy" in turns


# -- memory ------------------------------------------------------------------------------------------


def test_memory_is_counted_given_back_and_free_again_at_the_end(box: Box) -> None:
    def program(process: Process) -> Program[int]:
        process.allocate(1000)
        process.allocate(-400)
        yield Sleep(1)
        return 0

    process = box.start(program)
    assert (process.memory, box.table.memory) == (600, 600)
    box.clock.advance(1)
    assert box.table.memory == 0


def test_who_asks_for_more_memory_than_there_is_is_killed_and_not_the_others(box: Box) -> None:
    def greedy(process: Process) -> Program[int]:
        process.allocate(MOST_MEMORY - 1000)
        yield Sleep(1)
        process.allocate(1000)
        yield from process.write(1, "never")
        return 0

    def first(process: Process) -> Program[int]:
        process.allocate(1)
        pid = yield from process.spawn(greedy, ("greedy",))
        code = (yield Wait(pid))[1]
        process.allocate(MOST_MEMORY - 1)
        return code

    process = box.start(first)
    assert not box.table.oom_killed
    box.clock.advance(1)
    assert (process.code, box.table.oom_killed, bytes(box.out)) == (137, True, b"")


def test_a_program_may_do_with_less_memory(box: Box) -> None:
    def modest(process: Process) -> Program[int]:
        try:
            process.allocate(MOST_MEMORY + 1)
        except MemoryError:
            yield from process.write(2, "out of memory")
        return 1

    assert box.start(modest).code == 1
    assert not box.table.oom_killed


# -- where programs are --------------------------------------------------------------------------------


def searching(box: Box, path: str, name: str = "tool") -> Callable[[], str]:
    """Return a function that looks for a program as a process of the box would, "" if there is none."""

    def body(process: Process) -> Program[int]:
        yield Sleep(10**6)
        return 0

    process = box.start(body)
    process.env["PATH"] = path

    def find() -> str:
        try:
            return process.find(name)
        except OSError:
            return ""

    return find


def test_a_program_is_looked_for_again_when_files_have_changed(box: Box) -> None:
    find = searching(box, "/a:/b:/c")
    for folder in ("/a", "/c"):
        box.files.mkdir(folder)
    box.files.write("/c/tool", b"", mode=0o755)
    assert [find(), find()] == ["/c/tool"] * 2
    box.files.mkdir("/b")
    box.files.write("/b/tool", b"", mode=0o755)
    assert find() == "/b/tool"
    box.files.chmod("/b/tool", 0o644)
    assert find() == "/c/tool"
    box.files.symlink("/c/tool", "/a/tool")
    assert find() == "/a/tool"
    box.files.unlink("/c/tool")
    assert find() == ""


def test_a_program_is_looked_for_again_when_it_may_be_on_a_volume(box: Box) -> None:
    find = searching(box, "/a:/b")
    for folder in ("/a", "/b"):
        box.files.mkdir(folder)
    box.files.write("/b/tool", b"", mode=0o755)
    assert find() == "/b/tool"
    volume = Files([], Layer(), box.clock.now)
    box.files.mount("/a", volume)
    assert find() == "/b/tool"
    volume.write("/tool", b"", mode=0o755)
    assert find() == "/a/tool"
    volume.unlink("/tool")
    assert find() == "/b/tool"
    box.files.unmount("/a")
    box.files.rmdir("/a")
    box.files.mount("/data", volume)
    box.files.symlink("/data", "/a")
    assert find() == "/b/tool"
    volume.write("/tool", b"", mode=0o755)
    assert find() == "/a/tool"


def test_a_program_is_looked_for_again_from_another_directory(box: Box) -> None:
    find = searching(box, ".:/b")
    for folder in ("/a", "/b"):
        box.files.mkdir(folder)
        box.files.write(f"{folder}/tool", b"", mode=0o755)
    assert find() == "/b/tool"
    assert box.table.first is not None
    box.table.first.cwd = "/a"
    assert find() == "/a/./tool"
