"""Real registries: the protocol, against one in this process, and against Debian's docker-registry."""

from __future__ import annotations

import gzip
import io
import json
import random
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from toy_registry import ToyRegistry

from fakedocker import FakeDocker
from fakedocker.engine.accounts import Login
from fakedocker.engine.containers.config import Config
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.ids import Ids
from fakedocker.engine.images import distribution, rootfs
from fakedocker.engine.images.imagecommits import import_layer
from fakedocker.engine.images.imagenames import tag
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.manifests import LIST_TYPE, parse_platform
from fakedocker.engine.images.references import find_image, parse_reference
from fakedocker.engine.jobs import Event, Job, Progress, Said
from fakedocker.programs.catalogue import Catalogue
from fakedocker.registries import Registries, checked
from fakedocker.runtime import RealClock, Runtime

HANNIBAL, STRANGER = Login("hannibal", "xxxx"), Login("hannibal", "wrong")


class Daemon:
    """An engine that can reach some registries."""

    def __init__(self, *urls: str) -> None:
        self.engine = Engine(RealClock(), Ids(random.Random(1).randbytes), Catalogue())
        self.runtime = Runtime(self.engine)
        self.engine.upstream = Registries(self.runtime, urls)

    def run(self, job: Job[Any]) -> list[Event]:
        return list(self.runtime.drive(job))

    def pull(self, name: str, login: Login = distribution.NOBODY, platform: str = "") -> list[Event]:
        wanted = parse_platform(platform) if platform else None
        return self.run(distribution.pull(self.engine, parse_reference(name), login, wanted))

    def push(self, name: str, login: Login = distribution.NOBODY) -> list[Event]:
        return self.run(distribution.push(self.engine, parse_reference(name), login))

    def image(self, *names: str, text: str = "x") -> Image:
        """Make an image of one file, under these names."""
        layer = Layer()
        layer.put("/", Inode(Kind.DIRECTORY, 0o755))
        layer.put("/f", Inode(Kind.FILE, content=Content.of(text.encode())))
        with self.runtime.engine() as engine:
            image = import_layer(engine, layer.freeze(), config=Config(cmd=("/f",)), message="")
            for name in names:
                tag(engine, image, parse_reference(name))
        return image


@pytest.fixture
def registry() -> Iterator[ToyRegistry]:
    with ToyRegistry().running() as registry:
        yield registry


def offer(registry: ToyRegistry, repository: str, name: str, *, architecture: str = "amd64") -> str:
    """Put an image of one gzipped layer into a registry; return the digest of its manifest."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(f"etc/{architecture}")
        tar.addfile(member)
    plain = buffer.getvalue()
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [rootfs.digest(plain)]},
    }
    document = {
        "schemaVersion": 2,
        "config": registry.blob(json.dumps(config).encode()),
        "layers": [registry.blob(gzip.compress(plain))],
    }
    return registry.keep(repository, name, json.dumps(document).encode())


def test_an_image_is_pulled_with_its_layers_and_id(registry: ToyRegistry) -> None:
    digest = offer(registry, "a/b", "1")
    daemon = Daemon(registry.url)
    events = daemon.pull(f"{registry.host}/a/b:1")
    assert events[0] == Said("Pulling from a/b", "1")
    assert [event.action for event in events if isinstance(event, Progress)] == [
        *("Pulling fs layer", "Verifying Checksum", "Download complete", "Extracting", "Pull complete")
    ]
    assert events[-2:] == [
        Said(f"Digest: {digest}"),
        Said(f"Status: Downloaded newer image for {registry.host}/a/b:1"),
    ]
    image = find_image(daemon.engine.images, f"{registry.host}/a/b@{digest}")
    assert f"sha256:{image.id}" == json.loads(registry.manifests["a/b", "1"][1])["config"]["digest"]
    assert image.layer.find("/etc/amd64") is not None
    assert daemon.pull(f"{registry.host}/a/b:1")[-1] == Said(f"Status: Image is up to date for {registry.host}/a/b:1")


def test_all_tags_are_pulled(registry: ToyRegistry) -> None:
    for name in ("1", "2"):
        offer(registry, "a", name)
    daemon = Daemon(registry.url)
    daemon.pull(f"{registry.host}/a")
    assert set(daemon.engine.images.repositories.tags(f"{registry.host}/a")) == {"1", "2"}


def test_a_platform_is_chosen_from_a_list(registry: ToyRegistry) -> None:
    entries = []
    for one in ("arm64", "amd64"):
        platform = {"os": "linux", "architecture": one}
        entries.append({"digest": offer(registry, "a", one, architecture=one), "size": 1, "platform": platform})
    digest = registry.keep("a", "1", json.dumps({"manifests": entries}).encode(), LIST_TYPE)
    daemon = Daemon(registry.url)
    assert Said(f"Digest: {digest}") in daemon.pull(f"{registry.host}/a:1")
    assert find_image(daemon.engine.images, f"{registry.host}/a:1").architecture == "amd64"
    daemon.pull(f"{registry.host}/a:1", platform="linux/arm64")
    assert find_image(daemon.engine.images, f"{registry.host}/a:1").architecture == "arm64"
    with pytest.raises(DockerError, match="no matching manifest for linux/s390x in the manifest list entries"):
        daemon.pull(f"{registry.host}/a:1", platform="linux/s390x")


def test_what_was_pushed_is_pulled_by_another_daemon(registry: ToyRegistry) -> None:
    daemon, other = Daemon(registry.url), Daemon(registry.url)
    name = f"{registry.host}/mine:1"
    image = daemon.image(name, text="x" * 1_000_000)
    events = daemon.push(name)
    assert [event.action for event in events if isinstance(event, Progress)][-1] == "Pushed"
    assert [event.action for event in daemon.push(name) if isinstance(event, Progress)] == [
        *("Preparing", "Layer already exists")
    ]
    other.pull(name)
    assert find_image(other.engine.images, name).id == image.id


def test_a_layer_that_came_compressed_goes_back_as_it_was(registry: ToyRegistry) -> None:
    digest = offer(registry, "a", "1")
    daemon = Daemon(registry.url)
    daemon.pull(f"{registry.host}/a:1")
    image = find_image(daemon.engine.images, f"{registry.host}/a:1")
    tag(daemon.engine, image, parse_reference(f"{registry.host}/a:again"))
    daemon.push(f"{registry.host}/a:again")
    before, after = (json.loads(registry.manifests["a", name][1]) for name in ("1", "again"))
    assert [one["digest"] for one in after["layers"]] == [one["digest"] for one in before["layers"]]
    assert digest != registry.digest(registry.manifests["a", "again"][1])


@pytest.mark.parametrize("token", [False, True])
def test_credentials_are_those_of_the_client(token: bool) -> None:
    with ToyRegistry("hannibal:xxxx", token=token).running() as registry:
        offer(registry, "a", "1")
        daemon = Daemon(registry.url)
        name = f"{registry.host}/a:1"
        nobody = (
            "unauthorized: authentication required"
            if token
            else (f'Head "{registry.url}/v2/a/manifests/1": no basic auth credentials')
        )
        for login, text in ((distribution.NOBODY, nobody), (STRANGER, "unauthorized: authentication required")):
            with pytest.raises(DockerError) as error:
                daemon.pull(name, login)
            assert str(error.value) == text
        daemon.pull(name, HANNIBAL)
        daemon.image(f"{registry.host}/mine:1")
        daemon.push(f"{registry.host}/mine:1", HANNIBAL)
        assert ("mine", "1") in registry.manifests


def test_what_is_not_there_is_said_as_the_daemon_does(registry: ToyRegistry) -> None:
    daemon = Daemon(registry.url)
    with pytest.raises(DockerError) as error:
        daemon.pull(f"{registry.host}/nosuch:1")
    assert str(error.value) == f"manifest for {registry.host}/nosuch:1 not found: manifest unknown: manifest unknown"


def test_a_registry_that_is_not_there_is_said_as_the_daemon_does() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(DockerError) as error:
            Daemon(f"http://{host}").pull(f"{host}/a:1")
    assert str(error.value) == f'Get "http://{host}/v2/": dial tcp {host}: connect: connection refused'


@pytest.mark.parametrize("where", ["layer", "config"])
def test_what_has_not_its_digest_is_refused_and_leaves_nothing(registry: ToyRegistry, where: str) -> None:
    offer(registry, "a", "1")
    manifest = json.loads(registry.manifests["a", "1"][1])
    digest = (manifest["config"] if where == "config" else manifest["layers"][0])["digest"]
    registry.blobs[digest] += b"more"
    daemon = Daemon(registry.url)
    with pytest.raises(DockerError, match=f"verification failed for digest {digest}"):
        daemon.pull(f"{registry.host}/a:1")
    assert len(daemon.engine.images) == 0


@pytest.mark.parametrize(
    "document",
    [b"", b"x", b"[]", b"{}", b'{"config": 5}', b'{"config": {"digest": "sha256:../../x", "size": 1}}', b"[" * 100_000],
)
def test_a_manifest_that_makes_no_sense_is_refused(registry: ToyRegistry, document: bytes) -> None:
    registry.keep("a", "1", document)
    with pytest.raises(DockerError):
        Daemon(registry.url).pull(f"{registry.host}/a:1")


def test_a_pull_that_nobody_follows_any_more_ends(registry: ToyRegistry) -> None:
    offer(registry, "a", "1")
    daemon = Daemon(registry.url)
    events = daemon.runtime.drive(distribution.pull(daemon.engine, parse_reference(f"{registry.host}/a:1")))
    next(events)
    events.close()
    assert len(daemon.engine.images) == 0


def test_other_names_are_those_of_the_fixture(registry: ToyRegistry) -> None:
    with pytest.raises(DockerError, match="pull access denied for a"):
        Daemon(registry.url).pull("a:1")
    assert registry.requests == []


@pytest.mark.parametrize(
    "url", ["localhost:5000", "ftp://x", "http://", "http://host/path", "http://user:secret@host", "http://host?x=y"]
)
def test_what_is_no_registry_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"registry"):
        checked(url)


def test_a_daemon_pulls_from_a_registry_over_http(registry: ToyRegistry) -> None:
    from wire_client import WireClient

    offer(registry, "a", "1")
    with FakeDocker("empty", registries=[registry.url]) as daemon, WireClient(daemon.url) as client:
        reply = client.post(f"/v1.41/images/create?fromImage={registry.host}/a&tag=1")
        assert reply.status == 200
        assert b"Downloaded newer image" in reply.body
        assert client.get(f"/v1.41/images/{registry.host}/a:1/json").status == 200


@pytest.mark.skipif(shutil.which("docker-registry") is None, reason="apt-get install docker-registry")
def test_debians_registry_takes_and_gives_an_image(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    config = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "data")}},
        "http": {"addr": host},
    }
    (tmp_path / "config.yml").write_text(json.dumps(config))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(tmp_path / "config.yml")], stdout=log, stderr=log)
    try:
        address = host.partition(":")
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((address[0], int(address[2]))) == 0:
                    break
            time.sleep(0.05)
        daemon, other = Daemon(f"http://{host}"), Daemon(f"http://{host}")
        image = daemon.image(f"{host}/some/thing:1", text="hello" * 100_000)
        daemon.push(f"{host}/some/thing:1")
        other.pull(f"{host}/some/thing")
        assert find_image(other.engine.images, f"{host}/some/thing:1").id == image.id
        with pytest.raises(DockerError, match="manifest unknown"):
            other.pull(f"{host}/some/thing:2")
    finally:
        process.terminate()
        process.wait()
