"""The README and the docs: every example in them is a file that the tests run, every command one that exists."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterable
from pathlib import Path

import pytest

from fakedocker.cli import parser
from fakedocker.fixtures import load

TOP = Path(__file__).parents[1]
EXAMPLES = TOP / "tests" / "examples"
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]


#: Whose files are written and run by tests/test_walkthroughs.py.
FOLLOWED = TOP / "docs" / "tutorial.md"


def blocks(*languages: str, pages: Iterable[Path] = PAGES) -> list[object]:
    """Return the fenced blocks of these languages, with where they stand."""
    found_blocks = []
    for page in pages:
        text = page.read_text()
        for found in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            if found[1] in languages:
                line = text.count("\n", 0, found.start()) + 1
                found_blocks.append(pytest.param(found[2], id=f"{page.relative_to(TOP)}:{line}"))
    return found_blocks


@pytest.mark.parametrize("code", blocks("python", pages=[page for page in PAGES if page != FOLLOWED]))
def test_python_in_the_docs_is_a_file_that_the_tests_run(code: str) -> None:
    assert code in [example.read_text() for example in EXAMPLES.glob("test_*.py")]


@pytest.mark.parametrize("world", blocks("yaml"))
def test_yaml_in_the_docs_is_a_world_that_loads(world: str) -> None:
    assert world in [example.read_text() for example in EXAMPLES.glob("*.yaml")]


@pytest.mark.parametrize("world", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_worlds_of_the_docs_load(world: Path) -> None:
    load(world)


@pytest.mark.parametrize("session", blocks("console"))
def test_commands_in_the_docs_exist(session: str) -> None:
    commands = re.findall(r"^\$ (.*)$", session, re.MULTILINE)
    assert commands
    targets = re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE)
    for command in commands:
        words = [word for word in shlex.split(command, comments=True) if word not in ("&", ";")]
        if words[0] == "make":
            assert all(word in targets or "=" in word for word in words[1:])
        elif words[0] == "fakedocker":
            parser().parse_args(words[1:])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_links_in_the_docs_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} points at {target}"


def test_tables_from_the_code_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("tables", TOP / "docs" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    for page in PAGES:
        assert tables.renewed(page.read_text()) == page.read_text(), f"run `make docs`: {page.name}"
