"""Building an image from a Dockerfile, as the daemon of 2013 did (moby v0.4.0 buildfile.go).

Every step makes a container and commits it, unless an image made by the same step is there already.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Inode, Layer
from fakedocker.engine.images import transfers
from fakedocker.engine.jobs import Built, InstructionSkipped, Job, StepBegun, StepDone

if TYPE_CHECKING:
    from fakedocker.engine.containers.containers import Container
    from fakedocker.engine.engine import Engine

SHELL = ("/bin/sh", "-c")
#: Instructions that the daemon only refuses.
DEPRECATED = ("insert", "copy")
#: Where the original unpacked the context; the path shows in its errors.
CONTEXT = "/tmp/docker-build"


def build(engine: Engine, dockerfile: str, context: Layer | None) -> Job[str]:
    """Carry out a Dockerfile; return the id of the image. `context`: what ADD can take, None if none was sent."""
    return (yield from _Build(engine, context).run(dockerfile))


class _Build:
    """One build: the image so far, the configuration so far."""

    def __init__(self, engine: Engine, context: Layer | None) -> None:
        self._engine = engine
        self._context = None if context is None else Files([context], Layer(), engine.clock.now)
        self._image = ""
        self._config = Config()
        self._maintainer = ""
        self._instructions: dict[str, Callable[[str], Job[None]]] = {
            "from": self._from,
            "maintainer": self._maintain,
            "run": self._run,
            "env": self._env,
            "cmd": self._cmd,
            "expose": self._expose,
            "add": self._add,
        }

    def run(self, dockerfile: str) -> Job[str]:
        for line in dockerfile.split("\n"):
            line = line.strip().replace("\t", " ", 1)
            if not line or line.startswith("#"):
                continue
            instruction, blank, arguments = line.partition(" ")
            if not blank:
                raise errors.invalid_dockerfile()
            arguments = arguments.strip(" ")
            yield StepBegun(instruction.upper(), arguments, self._image)
            if instruction.lower() in DEPRECATED:
                raise errors.deprecated_instruction(instruction.upper())
            carry_out = self._instructions.get(instruction.lower())
            if carry_out is None:
                yield InstructionSkipped(instruction.upper())
                continue
            yield from carry_out(arguments)
            yield StepDone(self._image)
        if not self._image:
            raise errors.nothing_built()
        yield Built(self._image)
        return self._image

    def _from(self, name: str) -> Job[None]:
        images = self._engine.images
        try:
            image = images.find(name)
        except errors.NotFound:
            repository, _, tag = name.partition(":")
            yield from transfers.pull(self._engine, repository, tag)
            image = images.find(name)
        self._image = image.id
        # All that the image says is the build's beginning, except for the command (moby builder.go, Create).
        self._config = replace(Config().over(image.config), hostname="", cmd=None)

    def _maintain(self, name: str) -> Job[None]:
        self._maintainer = name
        yield from self._note(f"MAINTAINER {name}", self._config.cmd)

    def _run(self, arguments: str) -> Job[None]:
        self._need_image("run")
        step = replace(self._config, cmd=(*SHELL, arguments), image=self._image)
        cached = self._engine.images.cached(self._image, step)
        if cached is not None:
            self._image = cached.id
            return
        container = yield from self._execute(step)
        self._commit(container, self._config.cmd)

    def _env(self, arguments: str) -> Job[None]:
        name, blank, value = arguments.partition(" ")
        if not blank:
            raise errors.invalid_instruction("ENV")
        entry = f"{name}={value.strip(' ')}"
        others = [one for one in self._config.env or () if not one.startswith(name + "=")]
        self._config = replace(self._config, env=(*others, entry))
        yield from self._note(f"ENV {entry}", self._config.cmd)

    def _cmd(self, arguments: str) -> Job[None]:
        command = _json_list(arguments) or (*SHELL, arguments)
        yield from self._note(f"CMD [{' '.join(command)}]", command)
        self._config = replace(self._config, cmd=command)

    def _expose(self, arguments: str) -> Job[None]:
        ports = tuple(arguments.split(" "))
        self._config = replace(self._config, port_specs=(*ports, *(self._config.port_specs or ())))
        yield from self._note(f"EXPOSE [{' '.join(ports)}]", self._config.cmd)

    def _add(self, arguments: str) -> Job[None]:
        if self._context is None:
            raise errors.no_build_context()
        source, blank, target = arguments.partition(" ")
        if not blank:
            raise errors.invalid_instruction("ADD")
        target = target.strip(" ")
        self._need_image("run")
        nop = f"#(nop) ADD {source} in {target}"
        container = yield from self._execute(replace(self._config, cmd=(*SHELL, nop), image=self._image))
        try:
            _copy(self._context, source, self._engine.mount(container), target)
        except OSError as error:
            raise errors.Failure(f"{error.strerror}: {target}") from None
        self._commit(container, self._config.cmd)

    def _need_image(self, step: str) -> None:
        if not self._image:
            raise errors.no_source_image(step)

    def _note(self, comment: str, auto_command: tuple[str, ...] | None) -> Job[None]:
        """Commit a step that changes only the configuration."""
        self._need_image("commit")
        step = replace(self._config, cmd=(*SHELL, f"#(nop) {comment}"), image=self._image)
        cached = self._engine.images.cached(self._image, step)
        if cached is not None:
            self._image = cached.id
            return
        container = self._create(step)
        self._engine.mount(container)
        self._commit(container, auto_command)
        yield from ()

    def _execute(self, config: Config) -> Job[Container]:
        """Run a step's command in a container of its own."""
        container = self._create(config)
        self._engine.start(container)
        code = yield from self._engine.wait(container)
        if code:
            raise errors.command_failed(list(config.cmd or ()), code)
        return container

    def _create(self, config: Config) -> Container:
        image = self._engine.images.get(self._image)
        return self._engine.create(config.over(image.config), image)

    def _commit(self, container: Container, auto_command: tuple[str, ...] | None) -> None:
        config = replace(self._config, cmd=auto_command, image=self._image)
        self._image = self._engine.commit(container, author=self._maintainer, config=config).id


def _json_list(text: str) -> tuple[str, ...] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _copy(context: Files, source: str, files: Files, target: str) -> None:
    """Copy a file, or what is in a directory, of the context into a container. Raises OSError, NotFound."""
    origin = normpath("/" + source)
    if not context.exists(origin):
        raise errors.no_such_file_in_context(join(CONTEXT, origin.lstrip("/")))
    origin = context.resolve(origin)
    target = normpath("/" + target)
    if not context.is_directory(origin):
        if files.is_directory(target):  # as `cp` does
            target = join(target, basename(normpath("/" + source)))
        files.mkdir(dirname(target), mode=0o755, parents=True)
        _place(files, target, context.stat(origin))
        return
    files.mkdir(target, mode=0o755, parents=True)
    for path, inode in context.walk(origin):
        if path != origin:
            _place(files, target.rstrip("/") + path.removeprefix(origin.rstrip("/")), inode)


def _place(files: Files, path: str, inode: Inode) -> None:
    if not (inode.is_directory and files.is_directory(path)):
        files.place(path, inode.copy())
