"""Pages that lead somebody through something: followed to the letter, in a folder and a shell of their own.

A block behind a line that ends with "`name`:" is the file of that name. A block of a console has commands, and behind
each what it prints: `...` stands for anything, and numbers that no two runs share (durations, ports, processes) may be
others. Instead of the real daemon that a page speaks of there is one more fake.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakedocker import FakeDocker

TOP = Path(__file__).parents[1]
PAGES = ("tutorial.md", "commands.md", "control.md")
#: Seconds that one command may take.
PATIENCE = 60
_END = "--- that was it ---"
_BLOCK = re.compile(r"(?:^[^\n]*`(?P<name>[\w./-]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
_NEEDED = ("bash", "curl", "docker")


@pytest.fixture
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("walk")
    with FakeDocker() as real:
        shell = Shell(folder, real.url)
        yield shell
        shell.close()


class Shell:
    """A shell that stays open, as that of somebody who reads."""

    def __init__(self, folder: Path, docker: str) -> None:
        self.folder = folder
        keep = {
            name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "PYTEST_", "FAKE"))
        }
        there = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        said = {"PATH": there, "DOCKER_HOST": docker, "COLUMNS": "80", "HOME": str(folder), "NO_COLOR": "1"}
        self._bash = subprocess.Popen(
            ["bash", "--norc", "-O", "expand_aliases"],
            cwd=folder,
            env=keep | said,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str) -> str:
        """Return what a command prints."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        if command.endswith("&"):  # what it says later would come between the words of others
            command = f"{command[:-1]} >/dev/null 2>&1 &"
        self._bash.stdin.write(f"{command}\necho '{_END}'\n")
        self._bash.stdin.flush()
        said = ""
        too_late = threading.Timer(PATIENCE, self._kill)
        too_late.start()
        try:
            while not said.endswith(f"{_END}\n"):
                line = self._bash.stdout.readline()
                assert line, f"the shell ended: {said}"
                said += line
        finally:
            too_late.cancel()
        return said.removesuffix(f"{_END}\n")

    def close(self) -> None:
        """End the shell and what was begun in it."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.close()
        self._kill()
        self._bash.wait()
        self._bash.stdout.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Return the files of a page by their names, and its commands with what they print."""
    for block in _BLOCK.finditer(text):
        if block["language"] == "console":
            for command in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block["text"], re.M):
                yield f"$ {command[1]}", command[2]
        elif block["name"]:
            yield block["name"], block["text"]


def as_pattern(shown: str) -> str:
    """Return what fits an output that a page shows."""
    pattern = re.escape(shown).replace(re.escape("..."), "(?s:.*?)").replace(r"\ ", " ")
    pattern = re.sub(r"-{3,}|={3,}", lambda rule: rule[0][0] + "+", pattern.replace(r"\-", "-"))
    pattern = re.sub(r"\d+\\.\d+( ?s\b)", r"[\\d.]+\1", pattern)
    return re.sub(r"127\\.0\\.0\\.1:\d+", r"127\\.0\\.0\\.1:\\d+", pattern)


@pytest.mark.parametrize("page", PAGES)
def test_who_follows_a_page_sees_what_it_shows(page: str, shell: Shell) -> None:
    missing = [command for command in _NEEDED if shutil.which(command) is None]
    if missing:
        pytest.skip(f"there is no {' and no '.join(missing)} here")
    pytest.importorskip("docker")
    text = (TOP / "docs" / page).read_text()
    for step, content in steps(text):
        if not step.startswith("$ "):
            path = shell.folder / step
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            continue
        said = shell.run(step.removeprefix("$ "))
        assert re.fullmatch(as_pattern(content), said), f"{page}: {step}\n--- shown\n{content}--- said\n{said}"


@pytest.mark.parametrize(
    ("shown", "said", "fits"),
    [
        ("1 passed in 0.12s\n", "1 passed in 3.4s\n", True),
        ("1 passed in 0.12s\n", "2 passed in 0.12s\n", False),
        ("==== 1 passed ====\n", "=== 1 passed ======\n", True),
        ("a\n...\nz\n", "a\nb\nc\nz\n", True),
        ("a\n...\nz\n", "a\nb\nc\n", False),
        ("tcp://127.0.0.1:4243\n", "tcp://127.0.0.1:39999\n", True),
        ("(what?) [1]\n", "(what?) [1]\n", True),
        ("", "a surprise\n", False),
    ],
)
def test_what_fits_what_is_shown(shown: str, said: str, fits: bool) -> None:
    assert bool(re.fullmatch(as_pattern(shown), said)) is fits
