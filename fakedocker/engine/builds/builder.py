"""Building an image from a Dockerfile as today's daemons do without BuildKit: the classic builder of dockerd 20.10.

The rules of the room:

* the Dockerfile is read whole, with all its errors, before the first step is carried out;
* every step leads to an image: one that an earlier build made of the same parent in the same way (the cache), or a
  new one; a step that changes no file adds no layer;
* what is reported is the text of the builder's own stream, so that a dialect only has to wrap it;
* a build that ends early, whoever ends it, leaves nothing running behind.

The builder of 2013 is `fakedocker.engine.builds.build`. (moby builder/dockerfile: builder.go, dispatchers.go,
internals.go.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from posixpath import join, normpath
from typing import Any

from fakedocker.engine import errors
from fakedocker.engine.accounts import Login
from fakedocker.engine.builds.dockerfile import (
    NEEDS_BUILDKIT,
    Add,
    Arg,
    Cmd,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    From,
    Health,
    Instruction,
    Label,
    Maintainer,
    OnBuild,
    Run,
    Shell,
    Stage,
    StopSignal,
    User,
    Volume,
    Workdir,
    parse,
    parse_trigger,
)
from fakedocker.engine.builds.dockerignore import NAME as DOCKERIGNORE
from fakedocker.engine.builds.dockerignore import Ignored
from fakedocker.engine.builds.expansion import ExpansionError, expand, expand_words, quoted
from fakedocker.engine.containers.config import Config, Healthcheck
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.output import Chunk, Reader
from fakedocker.engine.durations import spelled
from fakedocker.engine.engine import Engine
from fakedocker.engine.files import copying
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import short
from fakedocker.engine.images import distribution, imagecommits, imagenames, rootfs, transfers
from fakedocker.engine.images.imageconfig import NO_LAYER, OS
from fakedocker.engine.images.images import History, Image
from fakedocker.engine.images.references import find_image, parse_reference
from fakedocker.engine.jobs import BuildOutput, BuildResult, Job, Until
from fakedocker.engine.processes import runc
from fakedocker.engine.watch import Watch

DEFAULT_DOCKERFILE = "Dockerfile"
DEFAULT_SHELL = ("/bin/sh", "-c")
SCRATCH = "scratch"
#: Arguments that may be given without being asked for (moby buildargs.go).
PROXY_ARGUMENTS = frozenset(
    change(name) for name in ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy") for change in (str.lower, str.upper)
)
#: How today's containers begin; nobody but the builder waits for their end.
AT_ONCE = replace(runc.RUNC, body=lambda config, delay: runc.run(config, 0.0))
#: Text from a step's stderr is red.
RED, PLAIN = "\x1b[91m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a build is told beside its context (the parameters of `POST /build`).

    `text`: the Dockerfile itself, when the context does not hold it. `build_args`: a value None is that of nobody,
    the argument is as good as not given. `cache_from`: only what these images were made of counts as cached.
    `network_mode`, `extra_hosts` ("name:address"): as a container has them. `logins`: who asks which registry, by its
    host.
    """

    dockerfile: str = DEFAULT_DOCKERFILE
    text: str | None = None
    tags: Sequence[str] = ()
    target: str = ""
    build_args: Mapping[str, str | None] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    no_cache: bool = False
    pull: bool = False
    remove: bool = True
    force_remove: bool = False
    cache_from: Sequence[str] = ()
    network_mode: str = ""
    extra_hosts: Sequence[str] = ()
    logins: Mapping[str, Login] = field(default_factory=dict)


def build_image(engine: Engine, context: Layer | None, options: BuildOptions | None = None) -> Job[str]:
    """Carry out a Dockerfile; return the id of the image. `context`: what was sent along, None for nothing.

    Raises InvalidParameter before anything is reported, any DockerError later.
    """
    return (yield from _Build(engine, context, options or BuildOptions()).run())


#: What `changes` of a commit or an import may say (moby builder/dockerfile, validCommitCommands).
CHANGES = frozenset(
    ("cmd", "entrypoint", "env", "expose", "healthcheck", "label", "onbuild", "stopsignal", "user", "volume", "workdir")
)


def changed_config(engine: Engine, config: Config, changes: Sequence[str]) -> Config:
    """Return a configuration as instructions of a Dockerfile change it. Raises InvalidParameter."""
    lines = [change for change in changes if change.strip()]
    for line in lines:
        word = line.split()[0]
        if word.lower() not in CHANGES:
            raise errors.invalid_change(word)
    if not lines:
        return config
    return _Build(engine, None, BuildOptions()).change(config, parse("\n".join([f"FROM {SCRATCH}", *lines])))


class _Arguments:
    """The arguments of a build: what was given, what the Dockerfile asks for (moby buildargs.go)."""

    def __init__(self, given: Mapping[str, str | None]) -> None:
        self._given = {name: value for name, value in given.items() if value is not None}
        self._all_given = set(given)
        self._asked: set[str] = set()
        #: Those before the first FROM, and those of the present stage, with their defaults.
        self._before: dict[str, str | None] = {}
        self._here: dict[str, str | None] = {}

    def ask_before(self, name: str, default: str | None) -> None:
        """An ARG stands before the first FROM."""
        self._asked.add(name)
        self._before[name] = default

    def ask(self, name: str, default: str | None) -> None:
        """An ARG stands in the present stage."""
        self._asked.add(name)
        self._here[name] = default

    def begin_stage(self) -> None:
        """Forget what the last stage asked for."""
        self._here = {}

    def before(self) -> dict[str, str]:
        """Return the arguments that a FROM can use."""
        return self._values(self._before)

    def here(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return the arguments of this stage, except for those that a variable hides."""
        return {name: value for name, value in self._values(self._here).items() if name not in env}

    def shows(self, name: str) -> bool:
        """Tell whether an argument counts for the cache: proxies only if they were asked for."""
        return name in self._asked or name not in PROXY_ARGUMENTS

    def unused(self) -> list[str]:
        """Return what was given and nobody asked for."""
        return sorted(self._all_given - self._asked - PROXY_ARGUMENTS)

    def _values(self, asked: Mapping[str, str | None]) -> dict[str, str]:
        values: dict[str, str] = {}
        for name in sorted({*asked, *PROXY_ARGUMENTS}):
            value = self._given.get(name, asked.get(name))
            if value is None and name in asked:
                value = self._before.get(name)
            if value is not None:
                values[name] = value
        return values


class _Build:
    """One build: the stage it is in, the stages behind it."""

    def __init__(self, engine: Engine, context: Layer | None, options: BuildOptions) -> None:
        self._engine = engine
        self._options = options
        self._context = None if context is None else Files([context], Layer(), engine.clock.now)
        self._arguments = _Arguments(options.build_args)
        self._escape = "\\"
        self._done: list[tuple[str, str]] = []
        self._intermediate: list[tuple[str, Container | None]] = []
        # The present stage: the image so far ("" for none), the configuration so far, who maintains it.
        self._begun = False
        self._image = ""
        self._config = Config()
        self._author = ""
        self._command_set = False
        self._cache_broken = False
        #: Only the configuration is wanted, no image.
        self._only_config = False

    # -- the whole -----------------------------------------------------------------------

    def run(self) -> Job[str]:
        try:
            tags = [parse_reference(tag) for tag in self._options.tags]
        except errors.InvalidParameter as error:
            raise errors.not_blamed(error) from None
        dockerfile = self._read()
        stages = self._wanted(dockerfile)
        self._escape = dockerfile.escape
        if dockerfile.warnings:
            yield BuildOutput(_red("\n".join(dockerfile.warnings) + "\n"))
        try:
            yield from self._carry_out(dockerfile, stages)
        finally:
            self._end_what_runs()
        if not self._image:
            raise errors.no_image_generated()
        yield BuildOutput(f"Successfully built {short(self._image)}\n")
        for tag in tags:
            imagenames.tag(self._engine, self._engine.images.get(self._image), tag)
            yield BuildOutput(f"Successfully tagged {tag}\n")
        return self._image

    def change(self, config: Config, dockerfile: Dockerfile) -> Config:
        """Return a configuration after the instructions of the only stage, which make no image."""
        self._begun = self._only_config = True
        self._config = config
        for instruction in dockerfile.stages[0].instructions:
            for _ in self._dispatch(instruction):
                pass  # nobody is told
        return replace(self._config, image=config.image)

    def _read(self) -> Dockerfile:
        if self._options.text is not None:
            return parse(self._options.text)
        name = self._options.dockerfile or DEFAULT_DOCKERFILE
        if self._context is None:
            raise errors.no_dockerfile(name)
        path = normpath("/" + name)
        if not self._context.exists(path) and name == DEFAULT_DOCKERFILE:
            path = path.lower()
        if normpath(name).split("/")[0] == "..":
            raise errors.outside_of_context(name)
        try:
            content = self._context.read(path)
        except IsADirectoryError:
            raise errors.dockerfile_is_directory(path) from None
        except OSError:
            raise errors.no_dockerfile(name) from None
        if not content.size:
            raise errors.empty_dockerfile(name)
        dockerfile = parse(content.read().decode("utf-8", "replace"))
        self._take_away(path[1:])
        return dockerfile

    def _take_away(self, dockerfile: str) -> None:
        """Do what is left to a daemon of `.dockerignore`: hide itself and the Dockerfile, if it names them."""
        assert self._context is not None
        try:
            text = self._context.read(f"/{DOCKERIGNORE}").read().decode("utf-8", "replace")
        except OSError:
            return
        try:
            ignored = Ignored.read(text)
        except errors.InvalidParameter:
            return  # its patterns are the client's business
        for name in (DOCKERIGNORE, dockerfile):
            if ignored.matches(name):
                self._context.remove_tree(f"/{name}")

    def _wanted(self, dockerfile: Dockerfile) -> list[Stage]:
        """Return the stages up to the target, with the labels that were given beside the Dockerfile."""
        stages = list(dockerfile.stages)
        if self._options.target:
            number = dockerfile.stage(self._options.target)
            if number is None:
                raise errors.no_build_target(self._options.target)
            stages = stages[: number + 1]
        if stages:
            labels = tuple(
                Label(f"LABEL {name}={value}", 0, ((name, value),), literal=True)
                for name, value in sorted(self._options.labels.items())
            )
            stages[-1] = replace(stages[-1], instructions=(*stages[-1].instructions, *labels))
        return stages

    def _carry_out(self, dockerfile: Dockerfile, stages: Sequence[Stage]) -> Job[None]:
        total = len(dockerfile.arguments) + sum(1 + len(stage.instructions) for stage in stages)
        steps = iter(range(1, total + 1))

        def announced(instruction: Instruction) -> BuildOutput:
            return BuildOutput(f"Step {next(steps)}/{total} : {instruction.source}\n")

        for argument in dockerfile.arguments:
            yield announced(argument)
            for name, value in argument.pairs:
                env = self._arguments.before()
                self._arguments.ask_before(
                    self._expanded(name, env), None if value is None else self._expanded(value, env)
                )
        for stage in stages:
            if stage.name and any(name == stage.name for name, _ in self._done):
                raise errors.duplicate_stage(stage.name)
            yield announced(stage.begin)
            yield from self._begin(stage.begin)
            yield self._arrow()
            for instruction in stage.instructions:
                yield announced(instruction)
                yield from self._dispatch(instruction)
                yield self._arrow()
            if self._image:
                yield BuildResult(self._image)
            self._done.append((stage.name, self._image))
        if unused := self._arguments.unused():
            names = " ".join(unused)
            yield BuildOutput(f"[Warning] One or more build-args [{names}] were not consumed\n")

    def _arrow(self) -> BuildOutput:
        return BuildOutput(f" ---> {short(self._image)}\n")

    # -- a stage -----------------------------------------------------------------------------

    def _begin(self, begin: From) -> Job[None]:
        """Start from an image, an earlier stage or nothing; carry out what the image has for builds from it."""
        name = self._expanded(begin.image, self._arguments.before())
        if not name:
            raise errors.blank_base_name(begin.image)
        self._cache_broken = False
        self._command_set = False
        self._author = ""
        self._arguments.begin_stage()
        stage = next((image for known, image in self._done if known and known == name.lower()), None)
        config: Config | None = None
        if stage is not None:
            self._image = stage
        elif name == SCRATCH:
            self._image = ""
        else:
            self._image = (yield from self._found(name, self._options.pull)).id
        if self._image:
            config = self._engine.images.get(self._image).config
        self._begun = True
        self._config = replace(config or Config(), open_stdin=False, stdin_once=False, image=self._parent())
        if "PATH" not in self._env():
            self._config = replace(self._config, env=(*(self._config.env or ()), f"PATH={runc.PATH}"))
        triggers, self._config = self._config.on_build or (), replace(self._config, on_build=None)
        if triggers:
            yield BuildOutput(f"# Executing {len(triggers)} build trigger{'s' if len(triggers) > 1 else ''}\n")
        for trigger in triggers:
            yield from self._dispatch(parse_trigger(trigger))

    def _found(self, name: str, pull: bool = False) -> Job[Image]:
        """Return a local image, pulled if it is missing (or wanted anew)."""
        images = self._engine.images
        try:
            image = find_image(images, name)
            if not pull or name.removeprefix("sha256:") == image.id:
                return image
        except errors.NotFound:
            pass  # it has to be pulled
        reference = parse_reference(name)
        if not reference.digest:
            reference = reference.with_tag(reference.tag)
        login = self._options.logins.get(reference.domain, distribution.NOBODY)
        pulled = yield from distribution.pull(self._engine, reference, login)
        return pulled[0]

    def _dispatch(self, instruction: Instruction) -> Job[None]:
        carry_out: Callable[[Any], Job[None]] = self._steps[type(instruction)].__get__(self)
        failed = True
        try:
            yield from carry_out(instruction)
            failed = False
        except errors.DockerError:
            if self._options.force_remove:
                yield from self._remove_containers()
            raise
        finally:
            if failed:
                self._end_what_runs()
        if self._options.remove or self._options.force_remove:
            yield from self._remove_containers()
        self._intermediate.clear()
        self._config = replace(self._config, image=self._parent())

    # -- instructions that change the configuration ---------------------------------------------

    def _do_env(self, env: Env) -> Job[None]:
        pairs = self._expanded_pairs(env.pairs)
        variables = list(self._config.env or ())
        for name, value in pairs:
            entry = f"{name}={value}"
            place = next((n for n, one in enumerate(variables) if one.partition("=")[0] == name), None)
            if place is None:
                variables.append(entry)
            else:
                variables[place] = entry
        self._config = replace(self._config, env=tuple(variables))
        yield from self._note("ENV " + " ".join(f"{name}={value}" for name, value in pairs))

    def _do_label(self, label: Label) -> Job[None]:
        pairs = label.pairs if label.literal else self._expanded_pairs(label.pairs)
        self._config = replace(self._config, labels={**(self._config.labels or {}), **dict(pairs)})
        yield from self._note("LABEL " + " ".join(f"{name}={value}" for name, value in pairs))

    def _do_maintainer(self, maintainer: Maintainer) -> Job[None]:
        self._author = maintainer.name
        yield from self._note(f"MAINTAINER {maintainer.name}")

    def _do_arg(self, arg: Arg) -> Job[None]:
        words: list[str] = []
        for name, value in arg.pairs:
            name, value = self._here(name), None if value is None else self._here(value)
            self._arguments.ask(name, value)
            words.append(name if value is None else f"{name}={value}")
        yield from self._note("ARG " + " ".join(words))

    def _do_workdir(self, workdir: Workdir) -> Job[None]:
        path = self._here(workdir.path)
        if not path.startswith("/"):
            path = _joined(self._config.working_dir, path)
        self._config = replace(self._config, working_dir=path)
        if self._only_config:
            return
        step = self._commented(f"#(nop) WORKDIR {path}")
        if self._is_cached(step):
            yield self._using_cache()
            return
        files = self._tree()
        clean = _cleaned(path)
        try:
            files.mkdir(clean, 0o755, parents=True)
        except OSError as error:
            raise errors.cannot_make_working_directory(clean, error) from None
        container = yield from self._new_container(step)
        self._commit(replace(step, working_dir=clean), files, container)

    def _do_user(self, user: User) -> Job[None]:
        name = self._here(user.user)
        self._config = replace(self._config, user=name)
        yield from self._note(f"USER {name}")

    def _do_expose(self, expose: Expose) -> Job[None]:
        env = self._everything()
        try:
            words = [word for port in expose.ports for word in expand_words(port, env, self._escape)]
        except ExpansionError as error:
            raise errors.InvalidParameter(str(error)) from None
        ports: dict[str, Mapping[str, object]] = {port: {} for word in words for port in _ports(word)}
        self._config = replace(self._config, exposed_ports={**(self._config.exposed_ports or {}), **ports})
        yield from self._note(f"EXPOSE {' '.join(words)}")

    def _do_volume(self, volume: Volume) -> Job[None]:
        paths = [self._here(path) for path in volume.paths]
        if not all(paths):
            raise errors.empty_volume()
        self._config = replace(
            self._config, volumes={**(self._config.volumes or {}), **{path.strip(): {} for path in paths}}
        )
        yield from self._note(f"VOLUME [{' '.join(paths)}]")

    def _do_cmd(self, cmd: Cmd) -> Job[None]:
        words = self._command(cmd)
        self._config = replace(self._config, cmd=words)
        yield from self._note(f"CMD {_quoted_list(words)}")
        self._command_set = bool(cmd.words)

    def _do_entrypoint(self, entrypoint: Entrypoint) -> Job[None]:
        words = self._command(entrypoint)
        self._config = replace(
            self._config, entrypoint=words or None, cmd=self._config.cmd if self._command_set else None
        )
        yield from self._note(f"ENTRYPOINT {_quoted_list(words)}")

    def _do_shell(self, shell: Shell) -> Job[None]:
        self._config = replace(self._config, shell=shell.words)
        yield from self._note(f"SHELL [{' '.join(shell.words)}]")

    def _do_stop_signal(self, stop_signal: StopSignal) -> Job[None]:
        name = self._here(stop_signal.signal)
        if not _is_signal(name):
            raise errors.invalid_signal(name)
        self._config = replace(self._config, stop_signal=name)
        yield from self._note(f"STOPSIGNAL {name}")

    def _do_health(self, health: Health) -> Job[None]:
        before = self._config.healthcheck
        if before is not None and before.test and before.test[0] != "NONE":
            yield BuildOutput(f"Note: overriding previous HEALTHCHECK: [{' '.join(before.test)}]\n")
        self._config = replace(self._config, healthcheck=health.check)
        yield from self._note(f"HEALTHCHECK {_quoted_check(health.check)}")

    def _do_on_build(self, on_build: OnBuild) -> Job[None]:
        self._config = replace(self._config, on_build=(*(self._config.on_build or ()), on_build.expression))
        yield from self._note(f"ONBUILD {on_build.expression}")

    # -- instructions that change files -----------------------------------------------------------

    def _do_run(self, run: Run) -> Job[None]:
        if run.flags:
            raise errors.Failure(NEEDS_BUILDKIT.format(run.flags[0]))
        words = self._command(run)
        arguments = self._arguments.here(self._env())
        shown = [f"{name}={value}" for name, value in arguments.items() if self._arguments.shows(name)]
        known_by = (f"|{len(shown)}", *sorted(shown), *words) if arguments else words
        step = replace(self._config, cmd=known_by, entrypoint=None if known_by else self._config.entrypoint)
        if self._is_cached(step):
            yield self._using_cache()
            return
        given = tuple(f"{name}={value}" for name, value in arguments.items())
        config = replace(
            self._config,
            cmd=words,
            entrypoint=None,
            env=(*(self._config.env or ()), *given),
            healthcheck=Healthcheck(("NONE",)),
        )
        container = yield from self._new_container(config)
        files = yield from self._execute(config, container)
        self._commit(step, files, container)

    def _execute(self, config: Config, container: Container | None) -> Job[Files]:
        """Run a step's command in its container; return the container's files. Raises Failure unless it ends well."""
        if container is None:
            runc.check(config, self._tree())
            raise errors.no_command()
        files = self._engine.mount(container)
        try:
            files.mkdir(_cleaned(config.working_dir), parents=True)
        except OSError as error:
            raise errors.cannot_make_working_directory(_cleaned(config.working_dir), error) from None
        runc.check(container.config, files, self._engine.provided(container))
        if container not in self._engine.mounts:
            self._give_volumes(container, files)
        self._engine.start(container)
        code = yield from self._follow(container)
        if code:
            raise errors.build_command_failed(config.cmd or (), code)
        return files

    def _follow(self, container: Container) -> Job[int]:
        """Report what a container writes until it ends; return its exit code."""
        log = container.log
        woken = Watch()
        cancel = [one.subscribe(woken.notify) for one in (log.watch, container.changed)]
        reader = Reader(log, ("stdout", "stderr"), 0)
        try:
            while True:
                seen = log.end
                while (chunk := reader.next()) is not None:
                    if chunk.data:
                        yield BuildOutput(_said(chunk))
                if not container.running and seen == log.end:
                    return container.exit_code
                if seen == log.end:
                    yield Until(woken, partial(_goes_on, container, seen))
        finally:
            for one in cancel:
                one()

    def _give_volumes(self, container: Container, files: Files) -> None:
        """Give a container new volumes that begin with what the image has at their places."""
        container.volumes = {}
        for path in container.config.volumes or {}:
            identity = self._engine.ids.new()
            volume = Files([], Layer(), self._engine.clock.now)
            if files.is_directory(path):
                copying.fill(volume, files, path)
            self._engine.volumes.adopt(identity, volume, container.id)
            container.volumes[_cleaned(path)] = identity

    def _do_copy(self, copy: Copy) -> Job[None]:
        if copy.chmod:
            raise errors.Failure(NEEDS_BUILDKIT.format("chmod"))
        unpacking = isinstance(copy, Add)
        name = "ADD" if unpacking else "COPY"
        words, target = [self._here(word) for word in copy.sources], self._here(copy.target)
        chown = self._here(copy.chown)
        origin = (yield from self._origin(copy.origin)) if copy.origin else self._context
        sources: list[copying.Source] = []
        for word in words:
            if _is_url(word):
                if not unpacking:
                    raise errors.copy_failed(name, "source can't be a URL for COPY")
                sources.append((yield from self._download(name, word, target)))
                continue
            if origin is None:
                raise errors.copy_failed(name, "missing build context")
            try:
                sources += copying.find(origin, word, archive=unpacking, context=not copy.origin)
            except errors.DockerError as error:
                raise errors.copy_failed(name, str(error)) from None
        if not sources:
            raise errors.copy_failed(name, "no source files were specified")
        if len(sources) > 1 and not target.endswith("/"):
            raise errors.several_sources(name)
        owner = f"--chown={chown}" if chown else ""
        step = self._commented(f"#(nop) {name} {owner}{copying.sum_of(sources)} in {target} ")
        if self._is_cached(step):
            yield self._using_cache()
            return
        files = self._tree()
        self._place(sources, files, target, self._owner(files, chown, keep=bool(copy.origin)))
        self._commit(step, files, None)

    def _place(self, sources: Sequence[copying.Source], files: Files, target: str, owner: copying.Owner | None) -> None:
        there = target if target.startswith("/") else _joined(self._config.working_dir, target)
        if target.endswith("/") and not there.endswith("/"):
            there += "/"
        try:
            for source in sources:
                copying.place(source, files, there, owner)
        except errors.DockerError as error:
            raise errors.cannot_copy(str(error)) from None
        except OSError as error:
            raise errors.cannot_copy(f"{error.filename}: {(error.strerror or '').lower()}") from None

    @staticmethod
    def _owner(files: Files, chown: str, *, keep: bool) -> copying.Owner | None:
        """Return whose copied files will be; None: they stay who they are (moby internals_linux.go, parseChownFlag)."""
        if not chown:
            return None if keep else copying.Owner()
        user, colon, group = chown.partition(":")
        uid = runc.find_user(files, user)
        if uid is None:
            raise errors.no_uid(user)
        gid = runc.find_group(files, group if colon else user)
        if gid is None:
            raise errors.no_gid(group if colon else user)
        return copying.Owner(uid, gid)

    def _origin(self, name: str) -> Job[Files]:
        """Return the tree that `--from` means: of a stage by its name or number, or of an image."""
        identity = next((image for known, image in self._done if known and known == name.lower()), None)
        if identity is None and re.fullmatch(r"[+-]?[0-9]{1,9}", name):
            number = int(name)
            if number == len(self._done):
                raise errors.invalid_from(name, "refers to current build stage")
            if not 0 <= number < len(self._done):
                raise errors.invalid_from(name, "index out of bounds")
            identity = self._done[number][1]
        if identity is None:
            identity = (yield from self._found(name)).id
        return self._tree(identity)

    def _download(self, name: str, url: str, target: str) -> Job[copying.Source]:
        try:
            content = transfers.download(self._engine, url)
        except errors.DockerError as error:
            raise errors.copy_failed(name, str(error)) from None
        source = copying.fetched(content, url)
        if source.path == copying.UNNAMED and target.endswith("/"):
            raise errors.copy_failed(name, f"cannot determine filename for source {url}")
        yield from transfers.transfer(self._engine, "Downloading", content.size)
        yield BuildOutput("\n")
        return source

    # -- containers and images ------------------------------------------------------------------------

    def _note(self, comment: str) -> Job[None]:
        """Make an image that differs only in its configuration."""
        if not self._begun:
            raise errors.no_source_image("commit")
        if self._only_config:
            return
        step = replace(self._config, cmd=(*self._shell(), "#(nop) ", comment))
        if self._is_cached(step):
            yield self._using_cache()
            return
        container = yield from self._new_container(step)
        if self._config.healthcheck is not None and self._image:
            # Creating the container fills in what this check leaves open, and image and container share it.
            before = self._engine.images.get(self._image).config
            check = self._config.healthcheck.over((before and before.healthcheck) or Healthcheck())
            step, self._config = replace(step, healthcheck=check), replace(self._config, healthcheck=check)
        self._commit(step, None, container)

    def _new_container(self, config: Config) -> Job[Container | None]:
        """Create a step's container, and say so; there is none to look at as long as there is no image."""
        container: Container | None = None
        if self._image:
            options = self._options
            host = HostConfig(network_mode=options.network_mode or "default", extra_hosts=tuple(options.extra_hosts))
            image = self._engine.images.get(self._image)
            container = self._engine.create(config, image, host_config=host, init=runc.STEP)
        identity = self._engine.ids.new() if container is None else container.id
        self._intermediate.append((identity, container))
        yield BuildOutput(f" ---> Running in {short(identity)}\n")
        return container

    def _remove_containers(self) -> Iterator[BuildOutput]:
        for identity, container in self._intermediate:
            if container is not None:
                self._discard(container)
            removed = " ---> Removed" if self._engine.profile.newest >= (1, 42) else "Removing"
            yield BuildOutput(f"{removed} intermediate container {short(identity)}\n")
        self._intermediate.clear()

    def _end_what_runs(self) -> None:
        """Take away the containers that a build which ends too early has running."""
        for _, container in self._intermediate:
            if container is not None and container.running:
                self._discard(container)

    def _discard(self, container: Container) -> None:
        """Remove a container at once, without waiting for anything."""
        self._engine.kill(container)
        for _ in self._engine.remove(container, volumes=True):
            pass  # what it would wait for is an end that is near anyway

    def _commit(self, step: Config, files: Files | None, container: Container | None) -> None:
        """Make the step's image; `files`: the tree with its changes on top, None if there are none."""
        images = self._engine.images
        empty = files is None or not files.changes()
        layer = NO_LAYER if files is None or empty else files.commit()
        parent = images.steps(images.get(self._image)) if self._image else ()
        now = self._engine.clock.now()
        hostname = container.config.hostname if container is not None else ""
        image = Image(
            id="",
            created=now,
            layer=layer,
            parent=self._image,
            container=container.id if container is not None else "",
            container_config=replace(step, image=self._parent(), hostname=hostname),
            docker_version=self._engine.profile.version,
            author=self._author,
            config=replace(self._config, image=self._parent()),
            architecture=self._engine.profile.architecture,
            size=layer.size,
            os=OS,
        )
        made_by = History(now, " ".join(step.cmd or ()), self._author, "", empty)
        self._image = imagecommits.keep(self._engine, image, (*parent, made_by)).id

    def _parent(self) -> str:
        """Return how configurations call the present image, "" for none."""
        return rootfs.ALGORITHM + self._image if self._image else ""

    def _tree(self, identity: str | None = None) -> Files:
        """Return the files of an image (the present one), with a new layer for changes on top."""
        identity = self._image if identity is None else identity
        images = self._engine.images
        return Files(images.layers(images.get(identity)) if identity else [], Layer(), self._engine.clock.now)

    # -- the cache ---------------------------------------------------------------------------------------

    def _is_cached(self, step: Config) -> bool:
        """Go on from an image that the same step made before, if there is one; after a miss none is looked for."""
        if self._options.no_cache or self._cache_broken:
            return False
        known = [one for one in self._engine.images.children(self._image) if _same_step(one.container_config, step)]
        if self._options.cache_from:
            allowed = self._allowed()
            known = [one for one in known if one.id in allowed]
        if not known:
            self._cache_broken = True
            return False
        self._image = max(enumerate(known), key=lambda one: (one[1].created, one[0]))[1].id
        return True

    def _allowed(self) -> set[str]:
        """Return the ids of all images that `cache_from` consist of; everything if there is none of them."""
        images = self._engine.images
        sources: list[Image] = []
        for name in self._options.cache_from:
            reference = parse_reference(name)
            identity = images.repositories.get(reference.repository, reference.tag)
            if identity is not None and identity in images:
                sources.append(images.get(identity))
        return {one.id for source in sources for one in images.history(source)}

    @staticmethod
    def _using_cache() -> BuildOutput:
        return BuildOutput(" ---> Using cache\n")

    # -- words -------------------------------------------------------------------------------------------

    def _shell(self) -> tuple[str, ...]:
        return self._config.shell or DEFAULT_SHELL

    def _command(self, command: Run | Cmd | Entrypoint) -> tuple[str, ...]:
        return (*self._shell(), *command.words) if command.shell else command.words

    def _commented(self, comment: str) -> Config:
        return replace(self._config, cmd=(*self._shell(), comment))

    def _env(self) -> dict[str, str]:
        env: dict[str, str] = {}
        for entry in self._config.env or ():
            name, _, value = entry.partition("=")
            env.setdefault(name, value)
        return env

    def _everything(self) -> dict[str, str]:
        """Return what words can use: arguments, and variables before them."""
        env = self._env()
        return {**self._arguments.here(env), **env}

    def _here(self, word: str) -> str:
        return self._expanded(word, self._everything())

    def _expanded_pairs(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        env = self._everything()
        return [(self._expanded(name, env), self._expanded(value, env)) for name, value in pairs]

    def _expanded(self, word: str, env: Mapping[str, str]) -> str:
        try:
            return expand(word, env, self._escape)
        except ExpansionError as error:
            raise errors.InvalidParameter(str(error)) from None

    _steps: Mapping[type[Instruction], Callable[..., Job[None]]] = {
        Add: _do_copy,
        Arg: _do_arg,
        Cmd: _do_cmd,
        Copy: _do_copy,
        Entrypoint: _do_entrypoint,
        Env: _do_env,
        Expose: _do_expose,
        Health: _do_health,
        Label: _do_label,
        Maintainer: _do_maintainer,
        OnBuild: _do_on_build,
        Run: _do_run,
        Shell: _do_shell,
        StopSignal: _do_stop_signal,
        User: _do_user,
        Volume: _do_volume,
        Workdir: _do_workdir,
    }


#: What is compared to recognise a step (moby image/cache/compare.go); the rest is told by the command's comment.
COMPARED = (
    "attach_stdout",
    "attach_stderr",
    "user",
    "tty",
    "cmd",
    "env",
    "labels",
    "exposed_ports",
    "entrypoint",
    "volumes",
)


def _same_step(one: Config, other: Config) -> bool:
    if one.open_stdin or other.open_stdin:
        return False
    return all((getattr(one, name) or None) == (getattr(other, name) or None) for name in COMPARED)


def _goes_on(container: Container, seen: int) -> bool:
    """Tell whether there is more to say of a container than its first `seen` pieces of output."""
    return container.log.end > seen or not container.running


def _red(text: str) -> str:
    return f"{RED}{text}{PLAIN}"


def _said(chunk: Chunk) -> str:
    text = chunk.data.decode("utf-8", "replace")
    return _red(text) if chunk.channel == "stderr" else text


def _quoted_list(words: Sequence[str]) -> str:
    return f"[{' '.join(quoted(word) for word in words)}]"


def _quoted_check(check: Healthcheck) -> str:
    """Return a health check as Go writes it for %q of a pointer."""
    times = " ".join(quoted(spelled(time)) for time in (check.interval, check.timeout, check.start_period))
    retries = {"'": "'\\''", "\\": "'\\\\'"}.get(chr(check.retries), f"'{quoted(chr(check.retries))[1:-1]}'")
    return f"&{{{_quoted_list(check.test)} {times} {retries}}}"


def _joined(directory: str, path: str) -> str:
    return _cleaned(join("/", directory, path))


def _cleaned(path: str) -> str:
    return "/" + normpath("/" + path).lstrip("/")


def _is_url(word: str) -> bool:
    return word.startswith(("http://", "https://"))


_PORT = re.compile(r"(?:(?:[^:]*:)?[^:]*:)?(?P<port>[^:/]*)(?:/(?P<protocol>.*))?")


def _ports(word: str) -> list[str]:
    """Return the ports that a word of EXPOSE means (go-connections nat.ParsePortSpec)."""
    match = _PORT.fullmatch(word)
    if match is None:
        raise errors.invalid_container_port(word)
    port, protocol = match["port"], (match["protocol"] or "tcp").lower()
    if not port:
        raise errors.no_port_specified(word)
    first, dash, last = port.partition("-")
    last = last if dash else first
    if not (_is_port(first) and _is_port(last) and int(first) <= int(last)):
        raise errors.invalid_container_port(port)
    if protocol not in ("tcp", "udp", "sctp"):
        raise errors.invalid_protocol(protocol)
    return [f"{number}/{protocol}" for number in range(int(first), int(last) + 1)]


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < 1 << 16


_SIGNAL = re.compile(
    "(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM"
    "|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)"
)


def _is_signal(name: str) -> bool:
    """Tell whether this is a signal, by name or number (moby pkg/signal)."""
    if name.isascii() and name.isdecimal() and len(name) < 4:
        return int(name) > 0
    return _SIGNAL.fullmatch(name.upper()) is not None
