"""Programs that run until they are told to end: the skeleton of a database, a web server, a queue."""

from __future__ import annotations

from collections.abc import Collection

from fakedocker.engine.processes.effects import Body, Program, Signal
from fakedocker.engine.processes.processes import Process

ENDING = (Signal.TERM, Signal.INT, Signal.QUIT)


def service(
    banner: str = "",
    *,
    farewell: str = "",
    code: int = 0,
    ends_on: Collection[int] = ENDING,
    fd: int = 1,
) -> Body:
    """Return a program that prints `banner`, serves until one of the signals, prints `farewell` and ends with `code`.

    Signals that are not in `ends_on` have their usual effect.
    """

    def body(process: Process) -> Program[int]:
        process.catch(*ends_on)
        if banner:
            yield from process.write(fd, banner)
        yield from process.await_signal()
        if farewell:
            yield from process.write(fd, farewell)
        return code

    return body
