"""Bodies: parts of an answer as a source, shapes around them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from fakedocker.faults.bodies import Parts, Shape, blocking
from fakedocker.faults.calls import Call, Request


def test_parts_come_one_by_one_and_as_far_as_they_fit() -> None:
    body = Parts([b"abc", b"", b"de"])
    assert [body.read(2) for _ in range(5)] == [b"ab", b"c", b"de", None, None]


def test_closing_gives_up_what_was_not_read() -> None:
    closed: list[bool] = []

    def parts() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    given = blocking(Parts(parts()))
    assert next(given) == b"a"
    given.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_a_shape_that_shapes_nothing_hands_everything_on() -> None:
    class Typed(Parts):
        def room(self) -> int:
            return 7

    call = Call(Request("ContainerAttach", "", (1, 41), {}), Random(1))
    shape = Shape(Typed([b"abc"]), call)
    assert shape.room() == 7
    assert list(blocking(shape)) == [b"abc"]
