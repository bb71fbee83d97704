"""The routes of building: the classic builder's, and what is said to those who want BuildKit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, request

from fakedocker.api import answers
from fakedocker.api.arguments import Parameters, spooled_body
from fakedocker.api.modern.credentials import given_logins
from fakedocker.api.modern.progress import lines, streamed
from fakedocker.api.modern.questions import filters, json_parameter, texts
from fakedocker.api.modern.routes import modern
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.builds.builder import BuildOptions, build_image
from fakedocker.engine.engine import Engine
from fakedocker.engine.files import archives
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images import transfers
from fakedocker.engine.images.manifests import parse_platform
from fakedocker.engine.images.rootfs import ALGORITHM
from fakedocker.engine.jobs import Event, Job

CLASSIC, BUILDKIT = "1", "2"
PRUNE_FILTERS = (
    *("until", "id", "label", "label!", "inuse", "parent", "type", "description", "mutable", "immutable"),
    *("shared", "private", "unused-for"),
)


@modern.post("/build")
def build() -> Response:
    parameters = Parameters()
    version = parameters.text("version")
    if version == BUILDKIT:
        raise errors.no_buildkit()
    if version not in ("", CLASSIC):
        raise errors.invalid_builder_version(version)
    options = _options(parameters)
    remote = parameters.text("remote")
    quiet = parameters.flag("q")
    context: Layer | None = None
    if not remote:
        content = spooled_body()
        try:
            context = archives.unpack(content)
        except archives.ArchiveError as error:
            raise errors.bad_archive_sent(str(error)) from None
    said = _Said()

    def job(engine: Engine) -> Job[str]:
        sent, chosen = context, options
        if remote:
            sent, chosen = _fetched(engine, remote, options)
        said.image = yield from build_image(engine, sent, chosen)
        return said.image

    if quiet:
        return streamed(job, said.kept, said.result, said.all)
    return streamed(job)


class _Said:
    """What a quiet build says only if it fails, and what it says if it does not."""

    def __init__(self) -> None:
        self.image = ""
        self._kept: list[object] = []

    def kept(self, event: Event) -> Iterable[object]:
        self._kept += lines(event)
        return ()

    def all(self) -> Iterable[object]:
        return self._kept

    def result(self) -> Iterator[object]:
        yield {"stream": f"{ALGORITHM}{self.image}\n"}


def _options(parameters: Parameters) -> BuildOptions:
    """Return what a build is told. Raises InvalidParameter."""
    remove = "rm" not in request.args or parameters.flag("rm")
    if parameters.text("platform"):
        parse_platform(parameters.text("platform"))
    if parameters.flag("squash"):
        raise errors.no_squash()
    isolation = parameters.text("isolation")
    if isolation not in ("", "default"):
        raise errors.unsupported_isolation(isolation)
    _json("ulimits", "ulimit settings", list)
    _json("outputs", "", list)
    return BuildOptions(
        dockerfile=parameters.text("dockerfile") or "Dockerfile",
        tags=[tag for tag in texts("t") if tag],
        target=parameters.text("target"),
        build_args=_arguments(),
        labels=_texts_by_name("labels", "labels"),
        no_cache=parameters.flag("nocache"),
        pull=bool(parameters.text("pull")) and parameters.text("pull").lower() not in ("0", "false"),
        remove=remove,
        force_remove=parameters.flag("forcerm"),
        cache_from=_cache_from(),
        network_mode=parameters.text("networkmode"),
        extra_hosts=texts("extrahosts"),
        logins=given_logins(),
    )


def _json(name: str, what: str, kind: type) -> Any:
    """Return a parameter that is JSON of a kind; `what`: what it is in the words of errors, "" if they do not say."""
    try:
        value = json_parameter(name)
    except ValueError as error:
        if not what:
            raise errors.Failure(str(error)) from None
        raise errors.bad_json_parameter(what, str(error)) from None
    if value is not None and not isinstance(value, kind):
        raise errors.bad_json_parameter(what or name, f"json: cannot unmarshal into {kind.__name__}")
    return value


def _cache_from() -> list[str]:
    try:
        value = json_parameter("cachefrom")
    except ValueError as error:
        raise errors.bad_cache_from(str(error)) from None
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _arguments() -> dict[str, str | None]:
    members: Mapping[str, Any] = _json("buildargs", "build args", dict) or {}
    return {name: value if isinstance(value, str) else None for name, value in members.items()}


def _texts_by_name(name: str, what: str) -> dict[str, str]:
    members: Mapping[str, Any] = _json(name, what, dict) or {}
    return {key: value for key, value in members.items() if isinstance(value, str)}


def _fetched(engine: Engine, remote: str, options: BuildOptions) -> tuple[Layer | None, BuildOptions]:
    """Return the context that lies at a URL: an archive, or a Dockerfile alone. Raises Failure."""
    try:
        content = transfers.download(engine, remote)
    except errors.DockerError as error:
        raise errors.remote_context_failed(remote, str(error)) from None
    if archives.is_archive(content):
        try:
            return archives.unpack(content), options
        except archives.ArchiveError as error:
            raise errors.remote_context_failed(remote, str(error)) from None
    return None, replace(options, text=content.read().decode("utf-8", "replace"))


@modern.post("/build/prune")
def prune_build_cache() -> Response:
    """Answer that nothing was kept: only BuildKit keeps more than images."""
    parameters = Parameters()
    chosen = filters()
    text = parameters.text("keep-storage")
    if text and not text.lstrip("+-").isdecimal():
        raise errors.invalid_keep_storage(text)
    try:
        chosen.refuse_others(PRUNE_FILTERS)
    except errors.InvalidParameter as error:
        raise errors.build_cache_not_pruned(error) from None
    with service().runtime.engine() as engine:
        engine.events.emit("builder", "prune", "", {"reclaimed": "0"})
    return answers.json_line({"CachesDeleted": None, "SpaceReclaimed": 0})


@modern.post("/build/cancel")
def cancel_build() -> Response:
    if not Parameters().text("id"):
        raise errors.InvalidParameter("build ID not provided")
    return answers.empty(204)


@modern.post("/session")
@modern.post("/grpc")
def buildkit() -> Response:
    raise errors.no_buildkit()
