"""The routes of containers."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from fakedocker.api import answers
from fakedocker.api.arguments import Parameters, body
from fakedocker.api.modern import bodies, configs, streams, websockets
from fakedocker.api.modern.ageing import Age, aged, modernised
from fakedocker.api.modern.errors import status_of
from fakedocker.api.modern.questions import filters as filters_of
from fakedocker.api.modern.routes import modern, no_content
from fakedocker.api.modern.shapes import CREATE, UPDATE
from fakedocker.api.modern.statistics import Statistics
from fakedocker.api.modern.views import containers as views
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.containers import creation, selection, verification
from fakedocker.engine.containers.attachments import DETACH_KEYS, Attachment
from fakedocker.engine.containers.config import read_signal
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.containers.messages import Messages
from fakedocker.engine.containers.output import Channel
from fakedocker.engine.containers.tables import process_table
from fakedocker.engine.errors import DockerError, Failure
from fakedocker.engine.files.archives import pack
from fakedocker.wire import gojson

MAC_ADDRESS_IS_OLD = (
    "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead."
)
WAIT_CONDITIONS = ("not-running", "next-exit", "removed")
#: Bytes of a body that says nothing when a container is started: `{}`, `null` (moby postContainersStart).
LONGEST_NOTHING = 7
#: Seconds between the signal that asks a container to end and the one that kills it, where nobody says.
GRACE = 10


@modern.get("/containers/json")
def list_containers() -> Response:
    parameters = Parameters()
    limit = parameters.go_number("limit", -1)
    filters = filters_of()
    with service().runtime.engine() as engine:
        found = selection.listed(engine, filters, everything=parameters.truth("all"), limit=limit)
        size = parameters.truth("size")
        return answers.json_line([aged("container-summary", views.listed(one, engine, size=size)) for one in found])


@modern.post("/containers/create")
def create_container() -> Response:
    parameters = Parameters()
    members = modernised("container-create", bodies.read(CREATE, malformed=Failure))
    told: dict[str, Any] = {
        "platform": parameters.text("platform"),
        "ignored": {*configs.IGNORED},
        "warns of MacAddress": True,
    }
    modernised("container-create parameters", told)
    if not members.keys() - {"HostConfig", "NetworkingConfig"}:
        raise errors.empty_config()
    host = configs.host_config(members.get("HostConfig", {}), ignored=told["ignored"])
    config = configs.config(members)
    warnings = [MAC_ADDRESS_IS_OLD] if config.mac_address and told["warns of MacAddress"] else []
    wishes = configs.endpoints(members.get("NetworkingConfig", {}))
    with service().runtime.engine() as engine:
        container = creation.create(
            engine, config, host, name=parameters.text("name"), platform=told["platform"], networks=wishes
        )
    return answers.json_line({"Id": container.id, "Warnings": warnings}, 201)


@modern.get("/containers/<name:name>/json")
def inspect_container(name: str) -> Response:
    size = Parameters().truth("size")
    with service().runtime.engine() as engine:
        return answers.json_line(aged("container", views.inspected(engine.containers.find(name), engine, size=size)))


@modern.get("/containers/<name:name>/top")
def top(name: str) -> Response:
    arguments = Parameters().text("ps_args") or "-ef"
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        titles, processes = process_table(engine, container, arguments)
        engine.tell(container, "top")
    return answers.json_line({"Processes": processes, "Titles": titles})


@modern.get("/containers/<name:name>/logs")
def logs(name: str) -> Response:
    parameters = Parameters()
    channels = _channels(parameters)
    if not channels:
        raise errors.no_stream_chosen()
    follow = parameters.truth("follow")
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)
        if not container.host_config.log_config.readable:
            raise errors.unreadable_log()
        messages = Messages(
            container.log,
            channels,
            since=parameters.moment("since"),
            until=parameters.moment("until"),
            tail=_tail(parameters.text("tail")),
            follow=follow,
        )
    source = streams.LogSource(
        runtime,
        container,
        messages,
        follow=follow,
        times=parameters.truth("timestamps"),
        details=parameters.truth("details"),
    )
    response = answers.follow(source, streams.stream_type(tty=container.tty))
    return _without_type_until_named(response)


def _without_type_until_named(response: Response) -> Response:
    if aged("logs", {"Content-Type": True}).get("Content-Type") is None:
        del response.headers["Content-Type"]
    return response


def _channels(parameters: Parameters) -> tuple[Channel, ...]:
    found: list[Channel] = []
    if parameters.truth("stdout"):
        found.append("stdout")
    if parameters.truth("stderr"):
        found.append("stderr")
    return tuple(found)


def _tail(text: str) -> int | None:
    """Return how many of the last messages are wanted; what is no number means all."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


@modern.get("/containers/<name:name>/changes")
def changes(name: str) -> Response:
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        found = engine.mount(container).changes()
    return answers.json_line([{"Path": one.path, "Kind": int(one.kind)} for one in found] or None)


@modern.get("/containers/<name:name>/export")
def export(name: str) -> Response:
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        files = engine.snapshot(container)
        engine.tell(container, "export")
    return answers.stream(pack(files, prefix=""), answers.BYTES)


@modern.get("/containers/<name:name>/stats")
def stats(name: str) -> Response:
    parameters = Parameters()
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)
        statistics = Statistics(
            engine,
            container,
            stream=parameters.truth("stream", default=True),
            one_shot=modernised("stats", {"one-shot": parameters.truth("one-shot")})["one-shot"],
        )
    source = streams.PieceSource(runtime, statistics.next, statistics.due, container.changed, done=statistics.close)
    return answers.follow(source, answers.JSON)


@modern.post("/containers/<name:name>/resize")
def resize(name: str) -> Response:
    parameters = Parameters()
    rows, columns = parameters.size("h"), parameters.size("w")
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        if not container.running:
            raise errors.stopped(container.id)
        if container.terminal is not None:
            engine.resize(container, rows, columns)
    return answers.empty(200)


@modern.post("/containers/<name:name>/start")
def start(name: str) -> Response:
    length = request.content_length
    refuses = modernised("start", {"refuses bodies": True})["refuses bodies"]
    if (length is None or length > LONGEST_NOTHING) and body() and refuses:
        raise errors.start_with_body()
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        engine.start(container)
    return no_content()


@modern.post("/containers/<name:name>/stop")
def stop(name: str) -> Response:
    parameters = Parameters()
    signal = _own_signal(parameters)
    grace = parameters.go_number("t", None)
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)
        if not container.running:
            return answers.empty(304)
        number = _signal(signal) if signal else None
        job = engine.stop(container, _grace(grace, container), number)
    runtime.run(job)
    return no_content()


def _grace(given: int | None, container: Container) -> int:
    if given is not None:
        return given
    return GRACE if container.config.stop_timeout is None else container.config.stop_timeout


def _own_signal(parameters: Parameters) -> str:
    """Return the signal that whoever stops a container wants to be sent."""
    signal: str = modernised("stop", {"signal": parameters.text("signal")})["signal"]
    return signal


def _signal(text: str) -> int:
    return read_signal(text)


@modern.post("/containers/<name:name>/restart")
def restart(name: str) -> Response:
    parameters = Parameters()
    signal = _own_signal(parameters)
    grace = parameters.go_number("t", None)
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)
        number = _signal(signal) if signal else None
        job = engine.restart(container, _grace(grace, container), number)
    runtime.run(job)
    return no_content()


@modern.post("/containers/<name:name>/kill")
def kill(name: str) -> Response:
    signal = Parameters().text("signal")
    with service().runtime.engine() as engine:
        try:
            container = engine.containers.find(name)
            number = read_signal(signal) if signal else None
            if not container.running:
                if not modernised("kill", {"needs a running one": True})["needs a running one"]:
                    return no_content()
                raise errors.stopped(container.id)
        except errors.InvalidParameter as error:
            raise errors.cannot_kill_with(name, error) from None
        except errors.DockerError as error:
            raise errors.cannot_kill(name, error) from None
        if number is None:
            engine.kill(container)
        else:
            engine.kill(container, number)
    return no_content()


@modern.post("/containers/<name:name>/update")
def update(name: str) -> Response:
    members = bodies.read_or_nothing(UPDATE, blamed=Failure, malformed=Failure)
    ignored = modernised("container-create parameters", {"ignored": {*configs.IGNORED}})["ignored"]
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        wanted = configs.host_config(members, container.host_config, ignored=ignored)
        if "restart_policy" in members:
            verification.verify_policy(wanted)
        engine.update(container, wanted, members.keys())
    return answers.json_line(aged("container-update", {"Warnings": None}))


@modern.post("/containers/<name:name>/rename")
def rename(name: str) -> Response:
    new = Parameters().text("name")
    with service().runtime.engine() as engine:
        engine.rename(engine.containers.find(name), new)
    return no_content()


@modern.post("/containers/<name:name>/pause")
def pause(name: str) -> Response:
    with service().runtime.engine() as engine:
        engine.pause(engine.containers.find(name))
    return no_content()


@modern.post("/containers/<name:name>/unpause")
def unpause(name: str) -> Response:
    with service().runtime.engine() as engine:
        engine.unpause(engine.containers.find(name))
    return no_content()


@modern.post("/containers/<name:name>/attach")
def attach(name: str) -> Response:
    parameters = Parameters()
    keys = _detach_keys(parameters)
    if keys is None:
        return streams.refused(str(errors.invalid_detach_keys(parameters.text("detachKeys"))), 400)
    runtime = service().runtime
    with runtime.engine() as engine:
        try:
            container = engine.containers.find(name)
            attachment = Attachment(container, streams.wanted(parameters.truth, keys))
            if attachment.refusal is not None:
                raise attachment.refusal
        except DockerError as error:
            return streams.refused(str(error.for_daemon(engine.profile.newest)), status_of(error))
        engine.tell(container, "attach")
    return streams.attach(runtime, attachment, tty=container.tty)


@modern.get("/containers/<name:name>/attach/ws")
def attach_websocket(name: str) -> Response:
    parameters = Parameters()
    keys = _detach_keys(parameters)
    if keys is None:
        raise errors.invalid_detach_keys(parameters.text("detachKeys"))
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)
        given = {name: parameters.truth(name) for name in ("stdin", "stdout", "stderr", "logs", "stream")}
        wanted = modernised("attach-websocket", given)
        attachment = Attachment(container, streams.wanted(lambda name: bool(wanted[name]), keys))
        if attachment.refusal is not None:
            raise attachment.refusal
        refused = websockets.refusal()
        if refused is not None:
            return refused
        engine.tell(container, "attach")
    return websockets.attach(runtime, attachment, looks_on=not wanted["stdin"])


def _detach_keys(parameters: Parameters) -> bytes | None:
    text = parameters.text("detachKeys")
    return streams.read_keys(text) if text else DETACH_KEYS


@modern.post("/containers/<name:name>/wait")
def wait(name: str) -> Response:
    condition = Parameters().text("condition") or "not-running"
    wanted = modernised("wait", {"condition": condition, "head_now": True})
    if wanted["condition"] not in WAIT_CONDITIONS:
        raise errors.invalid_wait_condition(condition)
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)
        waiting = _Waiting(container, wanted["condition"])
    source = streams.PieceSource(runtime, waiting, container.changed)
    return answers.follow(source, answers.JSON, head_now=wanted["head_now"])


class _Waiting:
    """Waits for a container's end, or for its removal."""

    def __init__(self, container: Container, condition: str) -> None:
        self._container = container
        self._condition = condition
        self._age = Age.of_request()
        self._told = False
        self._idle = condition == "not-running" and not container.running
        run = container.run
        self._before = run if run is not None and run.ended else None
        #: The run whose end is waited for, even if the daemon starts the container again.
        self._run = run if self._before is None else None

    def __call__(self) -> bytes | None:
        if self._told:
            return None
        if not self._met():
            return b""
        self._told = True
        run, code = self._run, self._container.exit_code
        if run is not None and run is not self._container.run and run.leader is not None:
            code = run.leader.code or 0
        return gojson.encode(self._age.aged("wait", {"StatusCode": code})) + b"\n"

    def _met(self) -> bool:
        container = self._container
        if container.state is State.REMOVED:
            return True
        if self._condition == "removed":
            return False
        if self._run is None and container.run is not self._before:
            self._run = container.run
        return self._idle or (self._run is not None and self._run.ended)


@modern.delete("/containers/<name:name>")
def remove(name: str) -> Response:
    parameters = Parameters()
    runtime = service().runtime
    with runtime.engine() as engine:
        if parameters.truth("link"):
            engine.remove_link(name)
            return no_content()
        container = engine.containers.find(name)
        if not parameters.truth("force"):
            engine.refuse_removal(container)
        job = engine.remove(container, volumes=parameters.truth("v"), grace=0)
    runtime.run(job)
    return no_content()


@modern.post("/containers/prune")
def prune() -> Response:
    filters = filters_of()
    runtime = service().runtime
    deleted: list[str] = []
    reclaimed = 0
    with runtime.engine() as engine:
        for container in list(selection.prunable(engine, filters)):
            reclaimed += container.layer.size if container.layer is not None else 0
            deleted.append(container.id)
            for _ in engine.remove(container, grace=0):
                pass
        engine.events.emit("container", "prune", "", {"reclaimed": str(reclaimed)})
    return answers.json_line({"ContainersDeleted": deleted or None, "SpaceReclaimed": reclaimed})
