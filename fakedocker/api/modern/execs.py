"""The routes of commands that are executed in running containers."""

from __future__ import annotations

from dataclasses import fields

from flask import Response

from fakedocker.api import answers
from fakedocker.api.arguments import Parameters
from fakedocker.api.modern import bodies, streams
from fakedocker.api.modern.ageing import modernised
from fakedocker.api.modern.routes import headers_of_the_daemon, modern
from fakedocker.api.modern.shapes import EXEC, EXEC_START
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.containers import execs
from fakedocker.engine.containers.attachments import DETACH_KEYS, Attachment, Wanted
from fakedocker.engine.containers.execs import ExecConfig
from fakedocker.engine.errors import DockerError

_FIELDS = {field.name for field in fields(ExecConfig)}


@modern.post("/containers/<name:name>/exec")
def create_exec(name: str) -> Response:
    members = bodies.read_or_nothing(EXEC)
    config = ExecConfig(**{"command": (), **{key: value for key, value in members.items() if key in _FIELDS}})
    with service().runtime.engine() as engine:
        if not config.command:
            raise errors.no_exec_command()
        one = execs.create(engine, engine.containers.find(name), config)
    return answers.json_line({"Id": one.id}, 201)


@modern.post("/exec/<name:name>/start")
def start_exec(name: str) -> Response:
    members = modernised("exec-start", bodies.read_or_nothing(EXEC_START))
    runtime = service().runtime
    with runtime.engine() as engine:
        one = execs.find(engine, name)
        config = one.config
        if members.get("Detach"):
            execs.start(engine, one)
            return answers.empty(200)
        keys = streams.read_keys(config.detach_keys) if config.detach_keys else DETACH_KEYS
        wanted = Wanted(
            stream=True,
            stdin=config.attach_stdin,
            stdout=config.attach_stdout,
            stderr=config.attach_stderr,
            patient=True,
            detach_keys=keys or DETACH_KEYS,
        )
        execs.refuse_second_start(one)
        attachment = Attachment(one, wanted)
        try:
            execs.start(engine, one)
        except DockerError as error:
            last_words = f"{error}\r\n".encode()
        else:
            last_words = b""
    # Whether there are frames depends on what is said now, not on whether it has a terminal (moby router/container).
    # Of the two ways to take a connection over, only this one has the daemon's headers (moby router/container/exec.go).
    also = headers_of_the_daemon()
    return streams.attach(runtime, attachment, tty=bool(members.get("Tty")), last_words=last_words, also=also)


@modern.post("/exec/<name:name>/resize")
def resize_exec(name: str) -> Response:
    parameters = Parameters()
    rows, columns = parameters.size("h"), parameters.size("w")
    with service().runtime.engine() as engine:
        one = execs.find(engine, name)
        if not one.running:
            raise errors.exec_not_running(one.id)
        if one.run is not None and one.run.terminal is not None:
            one.run.terminal.resize(rows, columns)
    return answers.empty(200)


@modern.get("/exec/<name:name>/json")
def inspect_exec(name: str) -> Response:
    with service().runtime.engine() as engine:
        one = engine.execs.find(name)
        config = one.config
        process = {
            "tty": config.tty,
            "entrypoint": config.command[0],
            "arguments": list(config.command[1:]),
            "privileged": config.privileged,
        }
        if config.user:
            process["user"] = config.user
        return answers.json_line(
            {
                "ID": one.id,
                "Running": one.running,
                "ExitCode": one.exit_code,
                "ProcessConfig": process,
                "OpenStdin": config.attach_stdin,
                "OpenStderr": config.attach_stderr,
                "OpenStdout": config.attach_stdout,
                "CanRemove": False,
                "ContainerID": one.container.id,
                "DetachKeys": config.detach_keys,
                "Pid": one.pid,
            }
        )
