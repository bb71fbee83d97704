"""What lies under /dev."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.processes.descriptors import Null
from fakedocker.engine.processes.devices import open_device
from fakedocker.engine.processes.effects import Program, Sleep
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.terminal import Terminal

if TYPE_CHECKING:
    from engine.conftest import Box


def sleeps(process: Process) -> Program[int]:
    yield Sleep(1000)
    return 0


def test_zero_has_zeros_without_end_and_full_has_never_room(box: Box) -> None:
    process = box.start(sleeps)
    zero, full = open_device(process, "/dev/zero"), open_device(process, "/dev/full")
    assert zero is not None
    assert full is not None
    assert (zero.read(5), zero.write(b"abc")) == (bytes(5), 3)
    assert full.read(2) == bytes(2)
    with pytest.raises(OSError, match="No space left on device"):
        full.write(b"x")


def test_a_read_of_zero_is_bounded(box: Box) -> None:
    zero = open_device(box.start(sleeps), "/dev/zero")
    assert zero is not None
    assert len(zero.read(1 << 40) or b"") <= 1 << 16


def test_the_standard_streams_and_numbers_are_the_processes_own(box: Box) -> None:
    zero, nine = Null(), Null()
    process = box.start(sleeps, {0: zero, 9: nine})
    assert open_device(process, "/dev/stdin") is zero
    assert open_device(process, "/dev/fd/0") is zero
    assert open_device(process, "/dev/fd/9") is nine
    assert open_device(process, "/dev/stdout") is None


@pytest.mark.parametrize("name", ["", "x", "-1", "09", " 9", "٩", "9" * 5000])
def test_a_number_that_is_none_is_no_descriptor(box: Box, name: str) -> None:
    assert open_device(box.start(sleeps, {9: Null()}), f"/dev/fd/{name}") is None


def test_the_terminal_of_a_process_is_the_one_it_has(box: Box) -> None:
    terminal = Terminal(box.out.extend, lambda signal: None)
    assert open_device(box.start(sleeps, {0: Null(), 1: terminal}), "/dev/tty") is terminal
    assert open_device(box.start(sleeps), "/dev/tty") is None


def test_other_paths_are_no_devices(box: Box) -> None:
    process = box.start(sleeps)
    assert [open_device(process, path) for path in ("/dev", "/etc/passwd", "dev/null")] == [None] * 3
