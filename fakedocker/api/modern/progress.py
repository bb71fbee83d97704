"""What jobs report, as today's streams have it: one JSON object a line (moby pkg/streamformatter, pkg/jsonmessage)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flask import Response

from fakedocker.api import answers
from fakedocker.api.service import service
from fakedocker.engine import jobs
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError, StepFailed
from fakedocker.engine.images.rootfs import ALGORITHM
from fakedocker.engine.profiles import Version
from fakedocker.wire import gojson

Render = Callable[[jobs.Event], Iterable[object]]
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
WIDTH = 50


def size_in_words(size: int) -> str:
    """Return a number of bytes for people (go-units, HumanSize): four digits, in steps of 1000."""
    number, unit = float(size), 0
    while number >= 1000.0 and unit < len(UNITS) - 1:
        number, unit = number / 1000.0, unit + 1
    return f"{number:.4g}{UNITS[unit]}"


def bar(current: int, total: int) -> str:
    """Return how far something has come, as a picture and in numbers."""
    if current <= 0 and total <= 0:
        return ""
    if total <= 0:
        return f"{size_in_words(current):>8}"
    done = min(int(current / total * 100) // 2, WIDTH)
    numbers = f"{size_in_words(current):>8}"
    if current <= total:
        numbers += f"/{size_in_words(total)}"
    return f"[{'=' * done}>{' ' * (WIDTH - done)}] {numbers}"


def lines(event: jobs.Event) -> Iterator[object]:
    """Yield the objects that an event is in a stream."""
    match event:
        case jobs.Said():
            yield {"status": event.status, **({"id": event.id} if event.id else {})}
        case jobs.Progress():
            yield _progress(event)
        case jobs.Pushed():
            aux = {"Tag": event.tag, "Digest": event.digest, "Size": event.size}
            yield {"progressDetail": {}, "aux": aux}
        case jobs.BuildOutput():
            # A step is announced in two pieces.
            head, newline, rest = event.text.partition("\n")
            announced = event.text.startswith("Step ") and newline and not rest
            for text in (head, newline) if announced else (event.text,):
                yield {"stream": text} if text else {}
        case jobs.BuildResult():
            yield {"aux": {"ID": ALGORITHM + event.image}}


def _progress(event: jobs.Progress) -> dict[str, object]:
    detail = {name: value for name, value in (("current", event.current), ("total", event.total)) if value}
    members: dict[str, object] = {"status": event.action, "progressDetail": detail}
    if picture := bar(event.current, event.total):
        members["progress"] = picture
    return {**members, "id": event.id}


def error_line(error: DockerError, newest: Version) -> dict[str, object]:
    """Return the object that tells of an error after the stream has begun, in the words of the daemon."""
    text = str(error.for_daemon(newest))
    code = {"code": error.code} if isinstance(error, StepFailed) else {}
    return {"errorDetail": {**code, "message": text}, "error": text}


def encoded(value: object) -> bytes:
    """Return a line of a stream."""
    return gojson.encode(value) + b"\r\n"


def streamed(
    begin: Callable[[Engine], jobs.Job[object]],
    render: Render = lines,
    end: Callable[[], Iterable[object]] = lambda: (),
    failed: Callable[[], Iterable[object]] = lambda: (),
) -> Response:
    """Return a stream of what the job reports that `begin` makes.

    `end` is asked for what comes after a job that went well, `failed` for what comes before an error. An error before
    anything was reported is an error answer like any other (it is raised here); a later one stands in the stream.
    """
    runtime, newest = service().runtime, service().newest
    with runtime.engine() as engine:
        job = begin(engine)
    events = runtime.drive(job)  # never with the lock in hand: the job may wait for others, who need it
    first = next(events, None)

    def body() -> Iterator[bytes]:
        try:
            if first is not None:
                yield from map(encoded, render(first))
            for event in events:
                yield from map(encoded, render(event))
            yield from map(encoded, end())
        except DockerError as error:
            yield from map(encoded, failed())
            yield encoded(error_line(error, newest))
        finally:
            events.close()

    return answers.stream(body(), answers.JSON)
