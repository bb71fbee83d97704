"""The engine, asked to carry out a case: the same answer as a real daemon's, taken from the engine's own objects."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from conformance.build.case import Build, Case, changed, normalised, tree
from conformance.build.told import entry, said

from fakedocker.engine.builds.builder import BuildOptions, build_image
from fakedocker.engine.builds.dockerignore import NAME, Ignored
from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.config import Config, Healthcheck
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError, InvalidParameter
from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import Ids
from fakedocker.engine.images.images import Image
from fakedocker.engine.jobs import BuildOutput, BuildResult, Job, Until
from fakedocker.fixtures.busybox import root_file_system
from fakedocker.programs.catalogue import Catalogue

BASE = Config(cmd=("sh",), env=("PATH=/usr/local/bin:/usr/bin:/bin",))
#: The parameters of the API by their names in the engine.
OPTIONS = {
    "t": "tags",
    "buildargs": "build_args",
    "nocache": "no_cache",
    "rm": "remove",
    "forcerm": "force_remove",
    "cachefrom": "cache_from",
    "networkmode": "network_mode",
}

#: The newest version of the daemon that was asked.
RECORDED = (1, 41)


class FakeDaemon:
    """An engine with nothing but a busybox image, whose clock moves when a build waits for it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.engine = Engine(self.clock, Ids(random.Random(1).randbytes), Catalogue())
        self.base = Image(self.engine.ids.new(), self.clock.now(), root_file_system(), config=BASE)
        self.engine.images.add(self.base)
        self.engine.images.repositories.set("busybox", "latest", self.base.id)

    def answer(self, case: Case) -> list[dict[str, Any]]:
        """Carry out a case; return what was said and made, build by build."""
        return [self._build(build) for build in case.builds]

    def _build(self, build: Build) -> dict[str, Any]:
        told = {OPTIONS.get(name, name): value for name, value in build.options.items()}
        if isinstance(told.get("tags"), str):
            told["tags"] = [told["tags"]]
        context = archives.unpack(Content.of(build.archive()))
        if build.client:
            files = Files([context], Layer(), self.clock.now)
            context = Ignored.read(files.read(f"/{NAME}").read().decode()).taken(files).top.freeze()
        stream: list[str] = []
        results: list[str] = []
        try:
            identity = self._run(build_image(self.engine, context, BuildOptions(**told)), stream, results)
        except DockerError as error:
            if not stream:
                return {
                    "error": str(error.for_daemon(RECORDED)),
                    "status": 400 if isinstance(error, InvalidParameter) else 500,
                }
            return {"stream": normalised("".join(stream)), "error": str(error.for_daemon(RECORDED))}
        assert results[-1] == identity
        return {"stream": normalised("".join(stream)), **self._described(self.engine.images.get(identity))}

    def _run(self, job: Job[str], stream: list[str], results: list[str]) -> str:
        while True:
            self.engine.scheduler.run()
            try:
                item = next(job)
            except StopIteration as end:
                result: str = end.value
                return result
            if isinstance(item, BuildOutput):
                stream.append(item.text)
            elif isinstance(item, BuildResult):
                results.append(item.image)
            elif isinstance(item, Until):
                self._wait(item)

    def _wait(self, until: Until) -> None:
        self.engine.scheduler.run()
        while not until.met():
            due = self.clock.next_due()
            assert due is not None, "a build waits for what never happens"
            self.clock.advance(max(due - self.clock.now(), 0.0))
            self.engine.scheduler.run()

    def _described(self, image: Image) -> dict[str, Any]:
        layers = [one for one in self.engine.images.history(image) if one.id != self.base.id]
        from_base = self.engine.images.history(image)[-1].id == self.base.id
        before = self._tree(self.base) if from_base else {}
        return {
            "author": image.author,
            "config": configured(image.config or Config()),
            "container_config": configured(image.container_config),
            "history": [
                entry(
                    {
                        name: value
                        for name in ("author", "created_by", "comment", "empty_layer")
                        if (value := getattr(one, name))
                    }
                )
                for one in image.history[1 if from_base else 0 :]
            ],
            "layers": sum(1 for one in layers if not one.history[-1].empty_layer),
            "tree": changed(before, self._tree(image)),
        }

    def _tree(self, image: Image) -> dict[str, list[Any]]:
        files = Files(self.engine.images.layers(image), Layer(), self.clock.now)
        with tarfile.open(fileobj=io.BytesIO(b"".join(archives.pack(files)))) as archive:
            found = tree(archive)
        found.pop("/", None)
        return found


def configured(config: Config) -> dict[str, Any]:
    """Return a configuration as an inspection of it shows it."""
    shown: dict[str, Any] = {}
    for field in fields(config):
        value = getattr(config, field.name)
        name = "".join(part.capitalize() for part in field.name.split("_"))
        if isinstance(value, Healthcheck):
            value = {
                "Test": list(value.test),
                "Interval": round(value.interval * 1e9),
                "Timeout": round(value.timeout * 1e9),
                "StartPeriod": round(value.start_period * 1e9),
                "Retries": value.retries,
            }
            value = {key: number for key, number in value.items() if number}
        elif isinstance(value, Mapping):
            value = dict(value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = list(value)
        shown[name] = value
    return said(shown)
