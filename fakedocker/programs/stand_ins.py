"""Programs that stand in for others: those of users and fixtures, and for which calls they do.

Rules of this room: a stand-in is asked for before any file is looked at, so that it is there even where the container
has no file of its name; of several that fit the most particular one runs, of equals the one registered last; when none
fits, what would have run anyway does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fakedocker.engine.containers.containers import Container, Home
from fakedocker.engine.processes.effects import Body

#: Which words it is called with: how they begin, or a function of all of them (the program's name first).
Words = Sequence[str] | Callable[[Sequence[str]], bool]
DEFAULT_TAG = "latest"


@dataclass(frozen=True, slots=True)
class StandIn:
    """A program, and the calls it stands for; a condition that is left empty always holds.

    `name`: the last part of a path (`python`) or an absolute path (`/app/server`). `image`: a repository, or one with
    its tag; the container is made of it, or of an image that is built on it. `argv`: see `Words`; the name in it may
    be given without its directory. `label`: a label of the container, `key` or `key=value`. `container`: asked about
    the engine's container. Raises ValueError for a name that is neither, TypeError for `argv` as one text.
    """

    name: str
    body: Body
    image: str = ""
    argv: Words = ()
    label: str = ""
    container: Callable[[Container], bool] | None = None

    def __post_init__(self) -> None:
        if not self.name or ("/" in self.name and not self.name.startswith("/")):
            raise ValueError(f"a program has a name or an absolute path, not {self.name!r}")
        if isinstance(self.argv, str):
            raise TypeError("argv is a list of words or a function, not one text")

    @property
    def particular(self) -> tuple[int, int]:
        """How particular it is: the number of its conditions (a path is one), and of the words it asks for."""
        conditions = ("/" in self.name, self.image, self.argv, self.label, self.container)
        return sum(bool(one) for one in conditions), 0 if callable(self.argv) else len(self.argv)

    def fits(self, home: Home | None, path: str, argv: Sequence[str] | None) -> bool:
        """Tell whether it stands for a program of a container; `argv` None: whatever it would be called with."""
        if self.name not in (path, posixpath.basename(path)) or (argv is not None and not self._begins(argv)):
            return False
        if not (self.image or self.label or self.container):
            return True
        if home is None:
            return False
        return (
            (not self.image or any(is_called(self.image, name) for name in home.image_names()))
            and (not self.label or is_labelled(home.container, self.label))
            and (self.container is None or bool(self.container(home.container)))
        )

    def _begins(self, argv: Sequence[str]) -> bool:
        if callable(self.argv):
            return bool(self.argv(argv))
        if not self.argv:
            return True
        first = self.argv[0]
        called = argv[0] if "/" in first else posixpath.basename(argv[0])
        return called == first and list(argv[1 : len(self.argv)]) == list(self.argv[1:])


class StandIns:
    """All that stand in for others in one daemon."""

    def __init__(self, programs: Sequence[StandIn] = ()) -> None:
        self._programs: list[StandIn] = []
        #: By the last part of their name: they are looked for at every call of every program.
        self._by_name: dict[str, list[StandIn]] = {}
        for program in programs:
            self.add(program)

    def __iter__(self) -> Iterator[StandIn]:
        return iter(self._programs)

    def add(self, program: StandIn) -> None:
        """Take one more; of equally particular ones the last wins."""
        self._programs.append(program)
        self._by_name.setdefault(posixpath.basename(program.name), []).append(program)

    def remove(self, program: StandIn) -> None:
        """Take one out; what runs already goes on. Raises ValueError if it is not there."""
        self._programs.remove(program)
        self._by_name[posixpath.basename(program.name)].remove(program)

    def find(self, home: Home | None, path: str, argv: Sequence[str] | None) -> StandIn | None:
        """Return the one that stands for a program, None if there is none."""
        path = posixpath.normpath(path)
        named = self._by_name.get(posixpath.basename(path), ())
        fitting = [one for one in reversed(named) if one.fits(home, path, argv)]
        return max(fitting, key=lambda one: one.particular, default=None)  # of equals the first here, the last there


def with_tag(image: str) -> str:
    """Return the name of an image with its tag, `latest` if it has none; the colon of a registry's port is no tag."""
    return image if ":" in image.rpartition("/")[2] else f"{image}:{DEFAULT_TAG}"


def is_called(wanted: str, name: str) -> bool:
    """Tell whether an image of this name is the wanted one: any of a repository, or one of its tags."""
    name = with_tag(name)
    return wanted in (name, name.rpartition(":")[0])


def is_labelled(container: Container, label: str) -> bool:
    """Tell whether a container has a label, `key` or `key=value`."""
    key, equals, value = label.partition("=")
    labels = container.config.labels or {}
    return key in labels and (not equals or labels[key] == value)
