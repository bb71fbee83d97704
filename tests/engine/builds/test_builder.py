"""Building images as today's daemons do: what the comparison in tests/conformance/build cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.builds.builder import BuildOptions, build_image
from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import DockerError, Failure, InvalidParameter
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.registry import Repository
from fakedocker.engine.jobs import BuildOutput, BuildResult, Event, Said, Until
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from engine.conftest import World


def shell(process: Process) -> Program[int]:
    """A shell that knows `write FILE`, `say TEXT`, `sleep SECONDS` and `exit CODE`."""
    word, _, rest = process.argv[-1].partition(" ")
    if word == "write":
        process.files.write(rest, b"built", uid=process.uid, gid=process.gid)
    elif word == "say":
        yield from process.write(1, rest[:1])
        yield from process.write(2, rest[1:])
    elif word == "sleep":
        yield from process.write(1, "begun\n")
        yield from process.sleep(float(rest))
    yield from process.sleep(0)
    return int(rest) if word == "exit" else 0


@pytest.fixture
def world(world: World) -> World:
    world.shelf.bodies["sh"] = shell
    return world


def context(**contents: str) -> Layer:
    files = Files([], Layer(), lambda: 0.0)
    for name, text in contents.items():
        files.write(f"/{name}", text.encode())
    return files.top.freeze()


def follow(world: World, dockerfile: str, sent: Layer | None = None, **options: Any) -> tuple[list[Event], str]:
    return world.follow(build_image(world.engine, sent, BuildOptions(text=dockerfile, **options)))


def built(world: World, dockerfile: str, sent: Layer | None = None, **options: Any) -> Image:
    return world.engine.images.get(follow(world, dockerfile, sent, **options)[1])


def told(world: World, dockerfile: str, sent: Layer | None = None, **options: Any) -> str:
    events, _ = follow(world, dockerfile, sent, **options)
    return "".join(event.text for event in events if isinstance(event, BuildOutput))


def tree(world: World, image: Image) -> Files:
    return Files(world.engine.images.layers(image), Layer(), lambda: 0.0)


def test_every_step_is_an_image_on_top_of_the_one_before(world: World) -> None:
    world.clock.advance(5)
    image = built(world, "FROM base\nLABEL a=b\nRUN write /new\n", tags=("app", "app:v1"))
    assert tree(world, image).read("/new").read() == b"built"
    chain = world.engine.images.history(image)
    assert [one.id for one in chain][-1] == world.image.id
    assert chain[1].config == Config(env=image.config.env, labels={"a": "b"}, image=f"sha256:{world.image.id}")
    assert chain[1].layer.root is None
    assert [(step.created_by, step.empty_layer) for step in image.history] == [
        ("", False),
        ("/bin/sh -c #(nop)  LABEL a=b", True),
        ("/bin/sh -c write /new", False),
    ]
    assert all(step.created >= 5 for step in image.history[1:])
    assert world.engine.images.repositories.names(image.id) == ["app:latest", "app:v1"]
    assert list(world.engine.containers) == []


def test_each_stage_reports_its_image_and_the_last_is_the_result(world: World) -> None:
    events, identity = follow(world, "FROM base AS a\nENV x=1\nFROM a\nENV y=2\n")
    results = [event.image for event in events if isinstance(event, BuildResult)]
    assert len(results) == 2
    assert results[1] == identity
    assert world.engine.images.get(identity).parent == results[0]


def test_output_is_reported_as_it_comes(world: World) -> None:
    job = build_image(world.engine, None, BuildOptions(text="FROM base\nRUN sleep 60\n"))
    seen = ""
    while not isinstance(event := next(job), Until) or "begun" not in seen:
        seen += event.text if isinstance(event, BuildOutput) else ""
        world.engine.scheduler.run()
    assert "Removing" not in seen
    job.close()


def test_a_client_that_leaves_ends_what_runs(world: World) -> None:
    job = build_image(world.engine, None, BuildOptions(text="FROM base\nENV a=b\nRUN sleep 60\n"))
    while not isinstance(next(job), Until):
        pass
    world.engine.scheduler.run()
    assert [one.running for one in world.engine.containers] == [True]
    job.close()
    assert list(world.engine.containers) == []


def test_what_stands_on_stderr_is_red(world: World) -> None:
    assert "\na\x1b[91mb\x1b[0mRemoving" in told(world, "FROM base\nRUN say ab\n")


def test_a_step_that_fails_keeps_its_container_unless_told_otherwise(world: World) -> None:
    with pytest.raises(Failure, match=r"^The command '/bin/sh -c exit 3' returned a non-zero code: 3$"):
        built(world, "FROM base\nRUN exit 3\n")
    assert [one.exit_code for one in world.engine.containers] == [3]
    with pytest.raises(Failure, match="non-zero code: 4"):
        built(world, "FROM base\nRUN exit 4\n", force_remove=True)
    assert [one.exit_code for one in world.engine.containers] == [3]


def test_containers_stay_when_they_are_not_to_be_removed(world: World) -> None:
    built(world, "FROM base\nRUN write /x\n", remove=False)
    assert [one.config.cmd for one in world.engine.containers] == [("/bin/sh", "-c", "write /x")]


def test_what_was_built_before_is_not_built_again(world: World) -> None:
    dockerfile = "FROM base\nENV a=b\nCOPY f /f\nRUN write /x\n"
    first = built(world, dockerfile, context(f="1"))
    again = told(world, dockerfile, context(f="1"))
    assert again.count("Using cache") == 3
    assert built(world, dockerfile, context(f="1")).id == first.id
    assert told(world, dockerfile, context(f="2")).count("Using cache") == 1
    assert "Using cache" not in told(world, dockerfile, context(f="1"), no_cache=True)


def test_only_what_cache_from_was_made_of_counts(world: World) -> None:
    dockerfile = "FROM base\nENV a=b\n"
    built(world, dockerfile, tags=("known",))
    assert "Using cache" in told(world, dockerfile, cache_from=("known",))
    assert "Using cache" not in told(world, dockerfile, cache_from=("base",))


def test_users_need_not_be_known_by_name(world: World) -> None:
    image = built(world, "FROM base\nUSER 55:66\nRUN write /x\nUSER daemon\nRUN write /y\n")
    files = tree(world, image)
    assert [(files.stat(path).uid, files.stat(path).gid) for path in ("/x", "/y")] == [(55, 66), (7, 8)]
    with pytest.raises(Failure, match="unable to find user nobody"):
        built(world, "FROM base\nUSER nobody\nRUN write /x\n")


def test_a_volume_begins_with_what_the_image_has_and_is_lost(world: World) -> None:
    before = set(world.engine.volumes)
    image = built(world, "FROM base\nCOPY f /data/f\nVOLUME /data\nRUN write /data/new\n", context(f="1"))
    assert tree(world, image).listdir("/data") == ["f"]
    assert set(world.engine.volumes) == before


def test_a_missing_base_is_pulled(world: World) -> None:
    remote = Image("a" * 64, 1.0, world.image.layer)
    world.engine.registry.images[remote.id] = remote
    world.engine.registry.repositories["remote"] = Repository("remote", {"latest": remote.id})
    events, identity = follow(world, "FROM remote\nLABEL a=b\n")
    assert Said("Pulling from library/remote", "latest") in events
    assert world.engine.images.get(identity).parent == remote.id
    with pytest.raises(DockerError, match="pull access denied for nothing"):
        built(world, "FROM nothing\n")


def test_a_base_can_be_named_by_its_id(world: World) -> None:
    for name in (world.image.id, f"sha256:{world.image.id}", world.image.id[:12]):
        assert built(world, f"FROM {name}\nLABEL a=b\n").parent == world.image.id


def test_add_fetches_what_the_world_outside_has(world: World) -> None:
    world.engine.registry.files["http://host/dir/tool.sh"] = Content.of(b"#!")
    dockerfile = "FROM base\nADD http://host/dir/tool.sh /opt/\n"
    image = built(world, dockerfile)
    inode = tree(world, image).stat("/opt/tool.sh")
    assert (inode.read(), inode.mode) == (b"#!", 0o600)
    assert "Using cache" in told(world, dockerfile)
    with pytest.raises(DockerError, match=r"^ADD failed: Got HTTP status code >= 400: 404 Not Found$"):
        built(world, "FROM base\nADD http://host/none /opt/\n")


def test_a_lone_dockerfile_has_nothing_to_copy(world: World) -> None:
    with pytest.raises(Failure, match="COPY failed: missing build context"):
        built(world, "FROM base\nCOPY a /a\n")


def test_the_dockerfile_is_read_from_the_context(world: World) -> None:
    sent = context(Dockerfile="FROM base\nLABEL from=default\n", other="FROM base\nLABEL from=other\n")
    for name, label in (("Dockerfile", "default"), ("other", "other")):
        image = world.engine.images.get(world.run(build_image(world.engine, sent, BuildOptions(dockerfile=name))))
        assert image.config is not None
        assert image.config.labels == {"from": label}
    with pytest.raises(DockerError, match="Cannot locate specified Dockerfile: none"):
        world.run(build_image(world.engine, sent, BuildOptions(dockerfile="none")))


def test_a_refusal_leaves_everything_as_it_was(world: World) -> None:
    before = len(world.engine.images)
    for dockerfile, options in (
        ("FROM base\nFOO\n", {}),
        ("FROM base\n", {"target": "none"}),
        ("FROM base\n", {"tags": ("UPPER",)}),
    ):
        with pytest.raises((InvalidParameter, Failure)):
            next(build_image(world.engine, None, BuildOptions(text=dockerfile, **options)))
    assert len(world.engine.images) == before
    assert list(world.engine.containers) == []


def test_variables_cannot_grow_without_bound(world: World) -> None:
    lines = "".join(f"ENV a=${{a}}${{a}}{'x' * 1000}\n" for _ in range(40))
    with pytest.raises(InvalidParameter, match="argument list too long"):
        built(world, f"FROM base\n{lines}")
