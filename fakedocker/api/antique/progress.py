"""What jobs report, in the words of 2013: JSON objects for API 1.1, lines of text for 1.0 and for builds.

Objects follow one another without anything between them. A progress line of the text form ends in a carriage return.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Response

from fakedocker.api import answers
from fakedocker.api.antique.contract import terms
from fakedocker.api.service import api_version, service
from fakedocker.engine import jobs
from fakedocker.engine.errors import DockerError
from fakedocker.engine.ids import short
from fakedocker.wire import gojson


def status(event: jobs.Event) -> str | None:
    """Return the line that an event is, None if it is none (a progress, or nothing to say)."""
    match event:
        case jobs.DownloadingFrom():
            return f"Downloading from {event.url}"
        case jobs.ImageMade():
            return event.id if event.full else short(event.id)
        case jobs.PullingRepository():
            return f"Pulling repository {event.name} from {event.index}"
        case jobs.PullingImage():
            return f"Pulling image {event.id} ({event.tag}) from {event.name}"
        case jobs.PullingMetadata():
            return f"Pulling {event.id} metadata"
        case jobs.PullingLayer():
            return f"Pulling {event.id} fs layer"
        case jobs.PushRefersTo(tags=None):
            return f"The push refers to an image: [{event.name}]"
        case jobs.PushRefersTo():
            return f"The push refers to a repository [{event.name}] (len: {event.tags})"
        case jobs.ProcessingChecksums():
            return "Processing checksums"
        case jobs.SendingImageList():
            return "Sending image list"
        case jobs.PushingRepository():
            return f"Pushing repository {event.name} to {event.endpoint} ({event.tags} tags)"
        case jobs.PushingImage():
            return f"Pushing {event.id}"
        case jobs.AlreadyUploaded():
            return f"Image {event.id} already uploaded ; skipping"
        case jobs.PushingTag():
            return f"Pushing tags for rev [{event.id}] on {{{event.endpoint}/users/{event.name}/{event.tag}}}"
    return None


def amount(event: jobs.Transferring) -> str:
    """Return how far a transfer is."""
    if not event.total:
        return f"{event.current}/? (n/a)"
    return f"{event.current}/{event.total} ({event.current * 100 // event.total}%)"


def as_json(event: jobs.Event) -> bytes:
    """Return an event as an object of API 1.1."""
    match event:
        case jobs.Transferring():
            return gojson.encode({"status": event.verb, "progress": amount(event)})
        case jobs.Transferred():
            return b"{}"
    line = status(event)
    return b"" if line is None else gojson.encode({"status": line})


def as_text(event: jobs.Event) -> bytes:
    """Return an event as text of API 1.0."""
    match event:
        case jobs.Transferring():
            return f"{event.verb} {amount(event)}\r".encode()
        case jobs.Transferred():
            return b"\r\n"
    line = status(event)
    return b"" if line is None else f"{line}\r\n".encode("utf-8", "replace")


def error_as_json(error: DockerError) -> bytes:
    return gojson.encode({"error": str(error)})


def error_as_text(error: DockerError) -> bytes:
    return f"Error: {error}\r\n".encode("utf-8", "replace")


def build_line(event: jobs.Event) -> bytes:
    """Return an event of a build; a pull on the way shows as it does in API 1.0."""
    match event:
        case jobs.StepBegun():
            line = f"{event.instruction} {event.arguments} ({event.image})"
        case jobs.StepDone():
            line = f"===> {event.image}"
        case jobs.InstructionSkipped():
            line = f"Skipping unknown instruction {event.instruction}"
        case jobs.Built():
            line = f"Build successful.\n===> {event.image}"
        case _:
            return as_text(event)
    return f"{line}\n".encode("utf-8", "replace")


def build_error(error: DockerError) -> bytes:
    return f"Error build: {error}\n".encode("utf-8", "replace")


def progress(job: jobs.Job[object]) -> Response:
    """Return a stream of a job's progress.

    An error before the first event is an error answer like any other (it is raised here); a later one is told in the
    stream.
    """
    if api_version() > (1, 0):
        return streamed(job, answers.JSON, as_json, error_as_json)
    return streamed(job, terms().stream_type_1_0, as_text, error_as_text)


def insert_progress(job: jobs.Job[object], end: Callable[[], bytes]) -> Response:
    """Return a stream of an insert's progress, and then `end()`; API 1.0 has a type of its own for it."""
    if api_version() > (1, 0):
        return streamed(job, answers.JSON, as_json, error_as_json, end)
    return streamed(job, answers.TEXT, as_text, error_as_text, end)


def streamed(
    job: jobs.Job[object],
    content_type: str,
    render: Callable[[jobs.Event], bytes],
    render_error: Callable[[DockerError], bytes],
    end: Callable[[], bytes] = lambda: b"",
) -> Response:
    """Return a stream of a job's events; `end` is asked for what comes after a job that went well."""
    events = service().runtime.drive(job)
    first = next(events, None)

    def body() -> Iterator[bytes]:
        try:
            if first is not None:
                yield render(first)
            for event in events:
                yield render(event)
            yield end()
        except DockerError as error:
            yield render_error(error)
        finally:
            events.close()

    return answers.stream(body(), content_type)
