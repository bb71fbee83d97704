"""Who may know whom: the rooms of the package, checked over their syntax trees.

A room is a package or a module directly below `fakedocker`. `KNOWS` lists what each may import of ours, `NEVER` what it
may not import of others, `CLOCKS` and `DANGERS` what nobody (or hardly anybody) may name. A violation says where, what
and why. Nothing is imported here, so that a broken module is still checked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "fakedocker"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py"))

#: What each room may import of ours, itself aside. A room that is not listed may import all but the `TOP`.
KNOWS: dict[str, frozenset[str]] = {
    "engine": frozenset(),
    "programs": frozenset({"engine"}),
    "wire": frozenset(),
    "server": frozenset(),
    "runtime": frozenset({"engine"}),
    "operations": frozenset(),
    "release": frozenset(),
    "environment": frozenset(),
    "hooks": frozenset({"engine", "runtime"}),
    "faults": frozenset({"wire", "operations"}),
    "journal": frozenset({"wire", "operations", "cassettes"}),
    "api": frozenset({"engine", "runtime", "wire", "faults", "journal"}),
    "cassettes": frozenset({"wire"}),
    "proxy": frozenset({"cassettes", "wire", "server"}),
    "guard": frozenset(),
    "control": frozenset({"engine", "faults", "journal", "release"}),
    "overview": frozenset({"engine"}),
    "watching": frozenset({"engine", "runtime", "journal", "overview"}),
    "remote": frozenset({"control", "faults", "journal", "server"}),
    "fixtures": frozenset({"engine", "programs", "wire", "faults"}),
    "direct": frozenset({"engine", "runtime"}),
    "seeding": frozenset({"api", "cassettes", "engine", "fixtures", "programs", "wire"}),
    "registries": frozenset({"engine", "runtime"}),
    "publishing": frozenset({"engine", "runtime", "server"}),
}

#: The package's own front, `from fakedocker import FakeDocker`.
FRONT = "fakedocker"

#: Rooms that only those listed may import: they start a daemon, nothing below them may.
TOP: dict[str, frozenset[str]] = {
    "cli": frozenset({"__main__"}),
    "pytest_plugin": frozenset(),
    "__main__": frozenset(),
    "app": frozenset({"daemon"}),
    "daemon": frozenset({FRONT, "cli", "pytest_plugin", "replay"}),
    "replay": frozenset({"daemon", "cli", "pytest_plugin"}),  # a FakeDocker that FakeDocker(cassette=...) makes
    FRONT: frozenset({"cli", "pytest_plugin"}),
}

#: Why a room is closed to the others of ours.
CLOSED: dict[str, str] = {
    "engine": "the engine is Docker without HTTP; it knows nothing of ours",
    "programs": "programs ask through the engine's effects and know nothing else",
    "wire": "the wire turns bytes into meaning and knows nothing of ours",
    "server": "the server speaks WSGI; it knows nothing of what it serves",
    "guard": "the guard watches whatever library there is, and knows nothing of ours",
    "cassettes": "a recording must be able to accuse the engine, so it may not know it",
    "publishing": "published ports join sockets to the simulated network, and know nothing of who asks for them",
    "proxy": "a recording must be able to accuse the engine, so its recorder may not know it",
}

WEB = frozenset({"flask", "werkzeug"})
CONNECTIONS = frozenset(
    {"http.client", "http.server", "urllib.request", "socket", "socketserver", "select", "selectors", "ssl", "asyncio"}
)
NETWORK = CONNECTIONS | {"http"}
THREADS = frozenset({"threading", "_thread", "queue", "concurrent", "multiprocessing"})
CHANCE = frozenset({"time", "random", "secrets", "uuid"})
PURE = WEB | NETWORK | THREADS | CHANCE | {"importlib"}

#: What each room may not import of others, and why.
NEVER: dict[str, tuple[frozenset[str], str]] = {
    "engine": (PURE, "time and chance are handed to the engine; threads and HTTP stand outside"),
    "programs": (PURE, "a program yields effects; it has no thread, no clock and no chance of its own"),
    "wire": (WEB | NETWORK | THREADS | CHANCE, "the wire is pure: bytes in, meaning out"),
    "cassettes": (WEB | NETWORK | THREADS, "cassettes are pure; whoever records or replays has the connection"),
    "server": (WEB, "the server speaks WSGI and nothing else"),
    "journal": (WEB | CONNECTIONS, "the journal sees requests and answers as WSGI has them"),
    "faults": (WEB | CONNECTIONS, "a fault that needs the connection asks the server for it through the environ"),
    "api": (CONNECTIONS, "an answer that needs the connection asks the server for it through the environ"),
    "control": (CONNECTIONS, "an answer that needs the connection asks the server for it through the environ"),
}

#: Imports that are nobody's, except the rooms and the modules listed. `proxy/ssh.py` starts `ssh` to a daemon that the
#: user has named, and gives it what clients send as its standard input. `cli/run.py` starts the command that its user
#: has typed, `cli/doctor.py` the user's own `docker`.
NOBODY: dict[str, tuple[frozenset[str], str]] = {
    "pickle": (frozenset(), "reading a pickle runs code"),
    "shelve": (frozenset(), "reading a shelf runs code"),
    "marshal": (frozenset(), "its format is not for data from others"),
    "subprocess": (
        frozenset({"fakedocker/proxy/ssh.py", "fakedocker/cli/run.py", "fakedocker/cli/doctor.py"}),
        "nothing from a client is ever executed on the host",
    ),
    "pty": (frozenset(), "nothing from a client is ever executed on the host"),
    "_posixsubprocess": (frozenset(), "nothing from a client is ever executed on the host"),
    "multiprocessing": (frozenset(), "nothing from a client is ever executed on the host"),
    "ctypes": (frozenset(), "what the C library can do, nobody here needs"),
    "code": (frozenset(), "nothing from a client is ever executed on the host"),
    "runpy": (frozenset(), "nothing from a client is ever executed on the host"),
    "argparse": (frozenset({"cli"}), "only the command has a command line"),
}

#: Wall clocks by their full names, which rooms with `CHANCE` in `NEVER` may not name.
CLOCKS = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"}
)

#: Functions that nobody may name, by their full names, except the rooms listed.
DANGERS: dict[str, tuple[frozenset[str], str]] = {
    "eval": (frozenset(), "nothing from a client is ever executed on the host"),
    "exec": (frozenset(), "nothing from a client is ever executed on the host"),
    "compile": (frozenset(), "nothing from a client is ever executed on the host"),
    "__import__": (frozenset(), "what is imported can be read in the source"),
    "os.system": (frozenset(), "nothing from a client is ever executed on the host"),
    "os.popen": (frozenset(), "nothing from a client is ever executed on the host"),
    "print": (frozenset({"cli"}), "only the command talks to a terminal; others use logging"),
    "breakpoint": (frozenset(), "left over from debugging"),
}
STARTERS = ("os.exec", "os.spawn", "os.posix_spawn", "os.fork")

#: PyYAML's ways to build arbitrary Python objects from a document.
UNSAFE_YAML = frozenset(
    f"yaml.{name}"
    for name in (
        *("unsafe_load", "unsafe_load_all", "full_load", "full_load_all"),
        *("Loader", "CLoader", "FullLoader", "CFullLoader", "UnsafeLoader", "CUnsafeLoader"),
    )
)
YAML_LOADS = frozenset({"yaml.load", "yaml.load_all"})

#: Modules without a test file of their name, and what covers them instead.
COVERED_ELSEWHERE: dict[str, str] = {
    "fakedocker/__main__.py": "tests/test_package.py runs it",
}


class Module:
    """One source file: its room, what it imports and what it names."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.tree = ast.parse(source, filename=path)
        parts = PurePosixPath(path).with_suffix("").parts
        self.room = FRONT if parts[1:] == ("__init__",) else parts[1]
        #: The package that `from . import x` means.
        self.package = parts[:-1]
        self.imports = list(self._imports())
        self._names = {name: target for _, target, name in self.imports if name}
        self._own = {
            node.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }

    def _imports(self) -> Iterator[tuple[int, str, str]]:
        """Yield the line, the full name of what is imported and the name it is given here, for every import."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname:
                        yield node.lineno, alias.name, alias.asname
                    else:  # `import a.b` binds only `a`
                        yield node.lineno, alias.name, ""
                        yield node.lineno, alias.name.partition(".")[0], alias.name.partition(".")[0]
            elif isinstance(node, ast.ImportFrom):
                base = ".".join(self.package[: len(self.package) + 1 - node.level]) if node.level else ""
                module = ".".join(filter(None, (base, node.module)))
                for alias in node.names:
                    yield node.lineno, f"{module}.{alias.name}", alias.asname or alias.name

    def full_name(self, node: ast.expr) -> str:
        """Return what a name or an attribute stands for, as in `datetime.datetime.now`; empty if nobody can tell."""
        if isinstance(node, ast.Attribute):
            owner = self.full_name(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, "" if node.id in self._own else node.id)
        return ""

    def named(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the full name of all that is named, imports included."""
        for line, target, _ in self.imports:
            yield line, target
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
                yield node.lineno, self.full_name(node)


def room_of(target: str) -> str:
    """Return which room of ours a full name belongs to; empty for others' modules."""
    first, _, rest = target.partition(".")
    if first != "fakedocker":
        return ""
    room = rest.partition(".")[0]
    is_room = room in KNOWS or room in TOP or (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file()
    return room if room and is_room else FRONT


def violations(path: str, source: str) -> list[str]:
    """Return what a module at this path (`fakedocker/engine/ids.py`) does against the rules, one line each."""
    module = Module(path, source)
    found = [*_wrong_rooms(module), *_wrong_imports(module), *_dangers(module), *_unsafe_yaml(module)]
    return [f"{path}:{line}: {what}: {why}" for line, what, why in sorted(set(found))]


def _wrong_rooms(module: Module) -> Iterator[tuple[int, str, str]]:
    for line, target, _ in module.imports:
        room = room_of(target)
        if not room or room == module.room:
            continue
        if room in TOP:
            if module.room not in TOP[room]:
                yield line, f"imports {target}", f"{room} starts the others; nothing below may know it"
        elif module.room in KNOWS and room not in KNOWS[module.room]:
            allowed = ", ".join(sorted(KNOWS[module.room])) or "nothing of ours"
            yield line, f"imports {target}", CLOSED.get(module.room, f"{module.room} may know {allowed}")


def _wrong_imports(module: Module) -> Iterator[tuple[int, str, str]]:
    never, reason = NEVER.get(module.room, (frozenset(), ""))
    for line, target, _ in module.imports:
        for banned in never:
            if _within(target, banned):
                yield line, f"imports {banned}", reason
        for banned, (allowed, why) in NOBODY.items():
            if _within(target, banned) and not {module.room, module.path} & allowed:
                yield line, f"imports {banned}", why


def _within(target: str, module: str) -> bool:
    return target == module or target.startswith(f"{module}.")


def _dangers(module: Module) -> Iterator[tuple[int, str, str]]:
    never, reason = NEVER.get(module.room, (frozenset(), ""))
    for line, name in module.named():
        if name in DANGERS and module.room not in DANGERS[name][0]:
            yield line, f"names {name}", DANGERS[name][1]
        elif name.startswith(STARTERS):
            yield line, f"names {name}", "nothing from a client is ever executed on the host"
        elif name in CLOCKS and never >= CHANCE:
            yield line, f"names {name}", reason


def _unsafe_yaml(module: Module) -> Iterator[tuple[int, str, str]]:
    why = "only PyYAML's safe loaders may read a document"
    for line, name in module.named():
        if name in UNSAFE_YAML:
            yield line, f"names {name}", why
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (name := module.full_name(node.func)) in YAML_LOADS:
            given = len(node.args) > 1 or any(keyword.arg == "Loader" for keyword in node.keywords)
            if not given:
                yield node.lineno, f"calls {name} without a Loader", why


# -- the package ---------------------------------------------------------------------


def test_the_package_has_modules() -> None:
    assert "fakedocker/__init__.py" in MODULES
    assert any(path.startswith("fakedocker/engine/") for path in MODULES)


@pytest.mark.parametrize("path", MODULES)
def test_a_module_keeps_to_what_its_room_may_know(path: str) -> None:
    broken = violations(path, (ROOT / path).read_text(encoding="utf-8"))
    assert not broken, "\n".join(["", *broken])


@pytest.mark.parametrize("path", MODULES)
def test_a_module_says_what_it_is(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path}:1: no docstring"


def has_test(path: str) -> bool:
    """Tell whether a module has a test file of its name, or its package has one of the package's name."""
    module = PurePosixPath(path).with_suffix("").relative_to("fakedocker")
    names = [module, *(parent for parent in module.parents if len(parent.parts) > 1)]
    return any([*(ROOT / "tests" / name.parent).glob(f"test_{name.name}*.py")] for name in names)


def test_every_module_has_a_test_file_of_its_name() -> None:
    modules = [path for path in MODULES if not path.endswith("/__init__.py")]
    missing = [path for path in modules if path not in COVERED_ELSEWHERE and not has_test(path)]
    if missing:
        pytest.xfail(f"{len(missing)} without: {', '.join(missing)}")


def test_an_exception_is_listed_only_as_long_as_it_is_needed() -> None:
    stale = [path for path in COVERED_ELSEWHERE if path not in MODULES or has_test(path)]
    assert not stale


# -- the checker itself ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "source", "what"),
    [
        ("engine/x.py", "import flask", "imports flask"),
        ("engine/x.py", "from werkzeug.http import dump_cookie", "imports werkzeug"),
        ("engine/x.py", "import http.client", "imports http"),
        ("engine/x.py", "def f():\n    import socket", "imports socket"),
        ("engine/x.py", "import time as clock", "imports time"),
        ("engine/x.py", "from random import Random", "imports random"),
        ("engine/x.py", "from datetime import datetime as dt\ndt.now()", "names datetime.datetime.now"),
        ("engine/x.py", "import datetime\nf = datetime.date.today", "names datetime.date.today"),
        ("engine/x.py", "from fakedocker.runtime import Runtime", "imports fakedocker.runtime.Runtime"),
        ("engine/x.py", "from fakedocker import runtime", "imports fakedocker.runtime"),
        ("engine/x.py", "from ..api import answers", "imports fakedocker.api.answers"),
        ("engine/x.py", "from .. import wire", "imports fakedocker.wire"),
        ("engine/x.py", "import fakedocker.programs.text", "imports fakedocker.programs.text"),
        ("programs/shell/x.py", "import threading", "imports threading"),
        ("programs/shell/x.py", "from ...server import http1", "imports fakedocker.server.http1"),
        ("wire/x.py", "from fakedocker.engine.ids import Ids", "imports fakedocker.engine.ids.Ids"),
        ("cassettes/x.py", "import fakedocker.engine", "imports fakedocker.engine"),
        ("proxy/x.py", "from fakedocker.api import answers", "imports fakedocker.api.answers"),
        ("proxy/x.py", "import subprocess", "imports subprocess"),
        ("server/x.py", "from flask import Flask", "imports flask"),
        ("server/x.py", "from ..engine import ids", "imports fakedocker.engine.ids"),
        ("api/x.py", "import socket", "imports socket"),
        ("api/x.py", "from http import client", "imports http.client"),
        ("api/x.py", "from fakedocker.server import Server", "imports fakedocker.server.Server"),
        ("api/x.py", "from fakedocker import FakeDocker", "imports fakedocker.FakeDocker"),
        ("api/antique/x.py", "from fakedocker.cassettes import store", "imports fakedocker.cassettes.store"),
        ("daemon.py", "from fakedocker.cli import main", "imports fakedocker.cli.main"),
        ("app.py", "from fakedocker import pytest_plugin", "imports fakedocker.pytest_plugin"),
        ("app.py", "import pickle", "imports pickle"),
        ("daemon.py", "from subprocess import run", "imports subprocess"),
        ("app.py", "import argparse", "imports argparse"),
        ("app.py", "print('here')", "names print"),
        ("api/x.py", "eval('1')", "names eval"),
        ("api/x.py", "list(map(exec, lines))", "names exec"),
        ("app.py", "from os import system\nsystem('ls')", "names os.system"),
        ("app.py", "import os as o\no.execvp('ls', [])", "names os.execvp"),
        ("app.py", "import os\nos.forkpty()", "names os.forkpty"),
        ("app.py", "from os import spawnlp as run", "names os.spawnlp"),
        ("app.py", "from os import posix_spawn", "names os.posix_spawn"),
        ("app.py", "import os\nrun = os.popen", "names os.popen"),
        ("runtime.py", "from multiprocessing import Pool", "imports multiprocessing"),
        ("engine/x.py", "import ctypes.util", "imports ctypes"),
        ("server/x.py", "import pty", "imports pty"),
        ("programs/x.py", "compile(text, '', 'exec')", "names compile"),
        ("programs/x.py", "module = __import__(name)", "names __import__"),
        ("fixtures.py", "import yaml\nyaml.load(text)", "calls yaml.load without a Loader"),
        ("fixtures.py", "import yaml\nyaml.load(text, Loader=yaml.FullLoader)", "names yaml.FullLoader"),
        ("fixtures.py", "from yaml import unsafe_load as load", "names yaml.unsafe_load"),
        ("fixtures.py", "import yaml\nclass Mine(yaml.Loader): ...", "names yaml.Loader"),
    ],
)
def test_the_check_finds(path: str, source: str, what: str) -> None:
    line = len(source.splitlines())
    broken = violations(f"fakedocker/{path}", source)
    assert any(one.startswith(f"fakedocker/{path}:{line}: {what}: ") for one in broken), broken


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("engine/x.py", "import tarfile, tempfile, zlib\nfrom fakedocker.engine import ids\nfrom . import files"),
        ("engine/x.py", "from datetime import UTC, datetime\ndatetime.fromtimestamp(0, UTC)"),
        ("engine/x.py", "self.clock.now()\nself.time.now()"),
        ("programs/x.py", "from fakedocker.engine.processes.effects import Write"),
        ("programs/x.py", "def exec(words): ...\ndef print(text): ...\nBUILTINS = (exec, print)"),
        ("programs/x.py", "shell.eval('x'); catalogue.print(1)"),
        ("programs/x.py", "import re\nre.compile('x')\nfrom re import compile\ncompile('x')"),
        ("server/x.py", "import socket, threading, time\nfrom .http1 import Head"),
        ("api/x.py", "from flask import request\nfrom werkzeug.routing import Rule\nfrom urllib.parse import unquote"),
        ("api/x.py", "from fakedocker.engine import ids\nfrom fakedocker import runtime, wire"),
        ("api/x.py", "from http import HTTPStatus"),
        ("daemon.py", "from fakedocker import app\nimport random, threading"),
        ("proxy/x.py", "import socket, ssl, threading, time\nfrom fakedocker.server.address import Address"),
        ("proxy/ssh.py", "import subprocess"),
        ("cli.py", "import argparse\nfrom fakedocker import FakeDocker\nprint('ready')"),
        ("__main__.py", "from fakedocker.cli import main"),
        ("__init__.py", "from fakedocker.daemon import FakeDocker\nfrom importlib.metadata import version"),
        ("fixtures.py", "import yaml\nyaml.load(text, Loader=yaml.CSafeLoader)\nclass Mine(yaml.SafeLoader): ..."),
    ],
)
def test_the_check_lets_pass(path: str, source: str) -> None:
    assert violations(f"fakedocker/{path}", source) == []


def test_a_violation_says_why() -> None:
    [broken] = violations("fakedocker/engine/x.py", "\nimport flask\n")
    assert broken == (
        "fakedocker/engine/x.py:2: imports flask: "
        "time and chance are handed to the engine; threads and HTTP stand outside"
    )
