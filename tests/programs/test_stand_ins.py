"""Which program stands in for a call."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import Ids
from fakedocker.engine.images.images import Image
from fakedocker.programs.catalogue import Catalogue
from fakedocker.programs.stand_ins import StandIn, StandIns, with_tag


def saying(text: str) -> Any:
    def program(process: Any) -> Iterator[Any]:
        yield from process.write(1, text)
        return 0

    return program


class Daemon:
    """An engine with an image that nobody put a file in, and one that is built on it."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.engine = Engine(ManualClock(), Ids(random.Random(1).randbytes), self.catalogue, start_delay=0)
        self.base = self.image("team/python:3.11")
        self.app = self.image("app:1", parent=self.base.id)

    def image(self, name: str, parent: str = "") -> Image:
        image = Image(id=self.engine.ids.new(), created=0, layer=Layer().freeze(), parent=parent)
        self.engine.images.add(image)
        repository, _, tag = name.rpartition(":")
        self.engine.images.repositories.set(repository, tag, image.id)
        return image

    def stand_in(self, name: str, says: str, **conditions: Any) -> None:
        self.catalogue.stand_ins.add(StandIn(name, saying(says), **conditions))

    def run(self, *argv: str, image: Image | None = None, **config: Any) -> str:
        """Return what a container's command prints, and its exit code if that is not 0."""
        image = image or self.base
        container = self.engine.create(Config(cmd=argv, image=image.id, **config), image)
        self.engine.start(container)
        self.engine.scheduler.run()
        output = container.log.read("stdout").decode()
        return f"{output}{container.exit_code or ''}"


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


NOT_FOUND = "127"


def test_it_needs_no_file(daemon: Daemon) -> None:
    assert daemon.run("postgres") == NOT_FOUND
    daemon.stand_in("postgres", "up")
    assert daemon.run("postgres", "-D", "/data") == "up"
    assert daemon.run("/usr/lib/postgresql/bin/postgres") == "up"


def test_a_path_is_for_this_place_only(daemon: Daemon) -> None:
    daemon.stand_in("/app/server", "up")
    assert daemon.run("/app/server") == "up"
    assert daemon.run("./server", working_dir="/app/") == "up"
    assert daemon.run("/app/../app/server") == "up"
    assert daemon.run("/bin/server") == NOT_FOUND
    assert daemon.run("server") == NOT_FOUND


@pytest.mark.parametrize(
    "image",
    ["team/python", "team/python:3.11"],
)
def test_an_image_is_meant_by_its_repository_or_with_its_tag(daemon: Daemon, image: str) -> None:
    daemon.stand_in("python", "3.11", image=image)
    other = daemon.image("other:latest")
    assert daemon.run("python") == "3.11"
    assert daemon.run("python", image=daemon.app) == "3.11"  # is built on it
    assert daemon.run("python", image=other) == NOT_FOUND


@pytest.mark.parametrize("image", ["team/python:3.12", "python", "team", "app:2", "ap"])
def test_an_image_of_another_name_is_not_meant(daemon: Daemon, image: str) -> None:
    daemon.stand_in("python", "3.11", image=image)
    assert daemon.run("python", image=daemon.app) == NOT_FOUND


def test_a_name_that_an_image_gets_later_counts(daemon: Daemon) -> None:
    daemon.stand_in("python", "yes", image="mine")
    daemon.engine.images.repositories.set("mine", "", daemon.base.id)
    assert daemon.run("python") == "yes"


def test_words_are_meant_by_how_they_begin(daemon: Daemon) -> None:
    daemon.stand_in("python", "code", argv=["python", "-c"])
    assert daemon.run("python", "-c", "x") == "code"
    assert daemon.run("/usr/bin/python", "-c", "x") == "code"
    assert daemon.run("python", "-m", "x") == NOT_FOUND
    assert daemon.run("python") == NOT_FOUND


def test_the_words_may_name_the_program_with_its_directory(daemon: Daemon) -> None:
    daemon.stand_in("python", "code", argv=["/opt/python"])
    assert daemon.run("/opt/python") == "code"
    assert daemon.run("/usr/bin/python") == NOT_FOUND


def test_words_are_meant_by_a_function(daemon: Daemon) -> None:
    daemon.stand_in("python", "server", argv=lambda argv: "runserver" in argv)
    assert daemon.run("python", "manage.py", "runserver") == "server"
    assert daemon.run("python", "manage.py") == NOT_FOUND


@pytest.mark.parametrize(("label", "fits"), [("role", True), ("role=db", True), ("role=web", False), ("rol", False)])
def test_a_container_is_meant_by_its_label(daemon: Daemon, label: str, fits: bool) -> None:
    daemon.stand_in("run", "yes", label=label)
    assert daemon.run("run", labels={"role": "db"}) == ("yes" if fits else NOT_FOUND)
    assert daemon.run("run") == NOT_FOUND


def test_a_container_is_meant_by_a_function(daemon: Daemon) -> None:
    def is_third(container: Container) -> bool:
        return container.config.hostname == "three"

    daemon.stand_in("run", "third", container=is_third)
    assert daemon.run("run", hostname="three") == "third"
    assert daemon.run("run", hostname="two") == NOT_FOUND


def test_the_last_of_equals_wins(daemon: Daemon) -> None:
    daemon.stand_in("python", "first")
    daemon.stand_in("python", "second")
    assert daemon.run("python") == "second"


def test_the_one_with_more_conditions_wins_whenever_it_came(daemon: Daemon) -> None:
    daemon.stand_in("python", "both", image="team/python", argv=["python", "-c"])
    daemon.stand_in("python", "image", image="team/python")
    daemon.stand_in("python", "any")
    assert daemon.run("python", "-c", "x") == "both"
    assert daemon.run("python") == "image"
    assert daemon.run("python", image=daemon.image("x:1")) == "any"


def test_of_two_beginnings_the_longer_wins(daemon: Daemon) -> None:
    daemon.stand_in("python", "one module", argv=["python", "-m", "http.server"])
    daemon.stand_in("python", "modules", argv=["python", "-m"])
    assert daemon.run("python", "-m", "http.server", "80") == "one module"
    assert daemon.run("python", "-m", "venv") == "modules"


def test_a_path_is_more_particular_than_a_name(daemon: Daemon) -> None:
    daemon.stand_in("/opt/python", "this one")
    daemon.stand_in("python", "any")
    assert daemon.run("/opt/python") == "this one"
    assert daemon.run("python") == "any"


def test_what_would_have_run_runs_when_none_fits(container: Any) -> None:
    container.catalogue.stand_ins.add(StandIn("echo", saying("mine"), argv=["echo", "-x"]))
    assert container.run("echo", "hello").out == "hello\n"
    assert container.run("echo", "-x").out == "mine"


def test_outside_of_a_container_conditions_about_it_do_not_hold(container: Any) -> None:
    container.catalogue.stand_ins.add(StandIn("echo", saying("mine"), image="base"))
    assert container.run("echo", "hello").out == "hello\n"


def test_a_shell_finds_it_and_says_where(container: Any) -> None:
    container.catalogue.stand_ins.add(StandIn("postgres", saying("up\n")))
    assert container.sh("command -v postgres; which postgres; postgres | cat; env postgres").out == (
        "/usr/local/sbin/postgres\n/usr/local/sbin/postgres\nup\nup\n"
    )


def test_it_interprets_scripts(container: Any) -> None:
    container.catalogue.stand_ins.add(StandIn("python", saying("snake\n")))
    container.files.write("/work/run", b"#!/usr/bin/python\n", mode=0o755)
    assert container.run("./run").out == "snake\n"


def test_a_file_that_is_there_shows_its_own_path(container: Any) -> None:
    container.catalogue.stand_ins.add(StandIn("echo", saying("mine\n")))
    assert container.sh("which echo").out == "/bin/echo\n"


def test_one_that_is_taken_out_no_longer_stands_for_anything(container: Any) -> None:
    one, other = (StandIn("echo", saying(text)) for text in ("one", "other"))
    stand_ins: StandIns = container.catalogue.stand_ins
    for program in (one, other):
        stand_ins.add(program)
    stand_ins.remove(other)
    assert container.run("echo", "hello").out == "one"
    stand_ins.remove(one)
    assert container.run("echo", "hello").out == "hello\n"
    with pytest.raises(ValueError, match="not in"):
        stand_ins.remove(one)


@pytest.mark.parametrize("name", ["", "bin/postgres", "./postgres"])
def test_a_name_that_no_call_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="absolute path"):
        StandIn(name, saying(""))


def test_words_as_one_text_are_refused() -> None:
    with pytest.raises(TypeError, match="list of words"):
        StandIn("python", saying(""), argv="python -c")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("base", "base:latest"),
        ("base:1", "base:1"),
        ("host:5000/base", "host:5000/base:latest"),
        ("h:5/b:1", "h:5/b:1"),
    ],
)
def test_an_image_without_a_tag_is_the_latest(name: str, full: str) -> None:
    assert with_tag(name) == full
