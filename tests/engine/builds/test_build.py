"""Building images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.builds.build import build
from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import DockerError
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.registry import Repository
from fakedocker.engine.jobs import Built, InstructionSkipped, PullingRepository, StepBegun, StepDone
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from engine.conftest import World


def shell(process: Process) -> Program[int]:
    """A shell that knows `write FILE` and `exit CODE`, and comments."""
    word, _, rest = process.argv[2].partition(" ")
    if word == "write":
        process.files.write(rest, b"built")
    yield from process.sleep(1)
    return int(rest) if word == "exit" else 0


@pytest.fixture
def world(world: World) -> World:
    world.shelf.bodies["sh"] = shell
    return world


@pytest.fixture
def context() -> Layer:
    files = Files([], Layer(), lambda: 0.0)
    files.write("/file", b"from outside", mode=0o640)
    files.mkdir("/dir/sub", parents=True)
    files.write("/dir/one", b"1")
    files.write("/dir/sub/two", b"2")
    files.symlink("dir", "/link")
    return files.top.freeze()


def built(world: World, dockerfile: str, context: Layer | None = None) -> Image:
    return world.engine.images.get(world.run(build(world.engine, dockerfile, context)))


def tree(world: World, image: Image) -> Files:
    return Files(world.engine.images.layers(image), Layer(), lambda: 0.0)


def test_each_step_is_told_with_the_image_it_starts_from_and_the_one_it_made(world: World) -> None:
    events, identity = world.follow(build(world.engine, "FROM base\n# comment\n\nRUN write /new\n", None))
    assert events == [
        StepBegun("FROM", "base", ""),
        StepDone(world.image.id),
        StepBegun("RUN", "write /new", world.image.id),
        StepDone(identity),
        Built(identity),
    ]
    image = world.engine.images.get(identity)
    assert image.parent == world.image.id
    assert tree(world, image).read("/new").read() == b"built"


def test_instructions_are_known_in_any_letter_case_and_unknown_ones_are_skipped(world: World) -> None:
    events = world.events(build(world.engine, "from base\nFoo bar\n  RUN\twrite /x", None))
    assert events[2:4] == [StepBegun("FOO", "bar", world.image.id), InstructionSkipped("FOO")]
    assert StepBegun("RUN", "write /x", world.image.id) in events


def test_the_containers_of_the_steps_stay(world: World) -> None:
    built(world, "FROM base\nRUN write /x\nENV A b")
    assert [container.config.cmd for container in world.engine.containers] == [
        ("/bin/sh", "-c", "#(nop) ENV A=b"),
        ("/bin/sh", "-c", "write /x"),
    ]


def test_the_configuration_of_the_image_is_what_the_steps_said(world: World) -> None:
    image = built(
        world,
        'FROM base\nMAINTAINER me\nENV A 1\nENV B two words\nENV A 3\nEXPOSE 80 81\nCMD ["ls", "-l"]\nRUN write /x',
    )
    assert image.author == "me"
    assert image.config is not None
    assert image.config.env == ("B=two words", "A=3")
    assert image.config.port_specs == ("80", "81")
    assert image.config.cmd == ("ls", "-l")


@pytest.mark.parametrize("text", ["ls -l", "[ls]", "[1]", "[]", '{"a": 1}', "[" * 10_000])
def test_a_command_that_is_no_list_is_for_the_shell(world: World, text: str) -> None:
    image = built(world, f"FROM base\nCMD {text}")
    assert image.config is not None
    assert image.config.cmd == ("/bin/sh", "-c", text)


def test_an_image_hands_its_configuration_on_except_for_the_command(world: World) -> None:
    world.new_image("configured", Config(env=("A=1",), user="daemon", cmd=("ls",), hostname="h"))
    config = built(world, "FROM configured\nENV B 2").config
    assert config is not None
    assert (config.env, config.user, config.cmd, config.hostname) == (("A=1", "B=2"), "daemon", None, "")


@pytest.mark.parametrize("base", ["base", "configured"])
def test_the_same_steps_are_not_done_again(world: World, base: str) -> None:
    world.new_image("configured", Config(env=("A=1",), memory=5))
    dockerfile = f"FROM {base}\nMAINTAINER me\nRUN write /x\nENV A 2\nCMD ls\nEXPOSE 80\nRUN write /y"
    first = built(world, dockerfile)
    count, containers = len(world.engine.images), len(world.engine.containers)
    assert built(world, dockerfile) is first
    assert (len(world.engine.images), len(world.engine.containers)) == (count, containers)
    assert built(world, dockerfile.replace("/x", "/z")) is not first


def test_an_image_that_is_missing_is_pulled(world: World) -> None:
    images, registry = world.engine.images, world.engine.registry
    registry.images[world.image.id] = world.image
    registry.repositories["base"] = Repository("base", {"latest": world.image.id})
    images.remove("base")
    events = world.events(build(world.engine, "FROM base\nRUN write /x", None))
    assert events[1] == PullingRepository("base", registry.index)
    assert images.find("base").id == world.image.id


@pytest.mark.parametrize(
    ("dockerfile", "text"),
    [
        ("", "An error occured during the build\n"),
        ("# nothing", "An error occured during the build\n"),
        ("FOO bar", "An error occured during the build\n"),
        ("FROM", "Invalid Dockerfile format"),
        ("FROM base\nRUN", "Invalid Dockerfile format"),
        ("RUN ls", "Please provide a source image with `from` prior to run"),
        ("MAINTAINER me", "Please provide a source image with `from` prior to commit"),
        ("ENV A b", "Please provide a source image with `from` prior to commit"),
        ("CMD ls", "Please provide a source image with `from` prior to commit"),
        ("EXPOSE 80", "Please provide a source image with `from` prior to commit"),
        ("FROM base\nRUN exit 3", "The command [/bin/sh -c exit 3] returned a non-zero code: 3"),
        ("FROM base\nENV A", "Invalid ENV format"),
        ("FROM base\nADD a b", "No context given. Impossible to use ADD"),
        ("FROM base\nINSERT a b", "INSERT has been deprecated. Please use ADD instead"),
        ("FROM base\nCOPY a b", "COPY has been deprecated. Please use ADD instead"),
        ("FROM nosuch", "HTTP code: 404"),
    ],
)
def test_a_build_that_fails_has_the_daemons_words(world: World, dockerfile: str, text: str) -> None:
    _, error = world.failure(build(world.engine, dockerfile, None))
    assert isinstance(error, DockerError)
    assert str(error) == text
    assert len(world.engine.images) == 1


def test_a_step_that_fails_keeps_what_was_built_before(world: World) -> None:
    events, _ = world.failure(build(world.engine, "FROM base\nRUN write /x\nRUN exit 1", None))
    last = [event for event in events if isinstance(event, StepDone)][-1]
    assert tree(world, world.engine.images.get(last.image)).exists("/x")


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_a_build_that_is_abandoned_makes_no_image(world: World, steps: int) -> None:
    job = build(world.engine, "FROM base\nRUN write /x", None)
    for _ in range(steps):
        next(job)
    job.close()
    world.advance(10)
    assert len(world.engine.images) == 1


# -- ADD --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("file /new", {"/new": b"from outside"}),
        ("file new", {"/new": b"from outside"}),
        ("./file /deep/er/new", {"/deep/er/new": b"from outside"}),
        ("file   /new", {"/new": b"from outside"}),
        ("file /etc", {"/etc/file": b"from outside"}),
        ("file /etc/", {"/etc/file": b"from outside"}),
        ("file /", {"/file": b"from outside"}),
        ("file /etc/passwd", {"/etc/passwd": b"from outside"}),
        ("../../file /new", {"/new": b"from outside"}),
        ("dir /new", {"/new/one": b"1", "/new/sub/two": b"2"}),
        ("dir /etc", {"/etc/one": b"1", "/etc/sub/two": b"2"}),
        ("link /new", {"/new/one": b"1", "/new/sub/two": b"2"}),
        (". /all", {"/all/file": b"from outside", "/all/dir/one": b"1"}),
        ("/ /", {"/file": b"from outside", "/dir/sub/two": b"2"}),
    ],
)
def test_add_copies_files_and_what_is_in_directories(
    world: World, context: Layer, arguments: str, expected: dict[str, bytes]
) -> None:
    files = tree(world, built(world, f"FROM base\nADD {arguments}", context))
    assert {path: files.read(path).read() for path in expected} == expected
    assert files.exists("/bin/sh")


def test_add_keeps_the_mode(world: World, context: Layer) -> None:
    assert tree(world, built(world, "FROM base\nADD file /new", context)).stat("/new").mode == 0o640


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("file", "Invalid ADD format"),
        ("nosuch /new", "stat /tmp/docker-build/nosuch: no such file or directory"),
        ("file /etc/passwd/x", "/etc/passwd/x"),
        ("dir /etc/passwd", "/etc/passwd"),
    ],
)
def test_an_add_that_fails_says_why(world: World, context: Layer, arguments: str, text: str) -> None:
    _, error = world.failure(build(world.engine, f"FROM base\nADD {arguments}", context))
    assert isinstance(error, DockerError)
    assert text in str(error)
    assert len(world.engine.images) == 1


def test_the_context_is_not_changed_by_a_build(world: World, context: Layer) -> None:
    image = built(world, "FROM base\nADD dir /new", context)
    world.engine.images.repositories.set("made", "", image.id)
    world.engine.mount(world.create(image="made")).append("/new/one", b"more")
    files: Any = Files([context], Layer(), lambda: 0.0)
    assert files.read("/dir/one").read() == b"1"
