"""Who says what about a test's daemon, and who is stronger.

A *setting* of the run has an option, a variable and an ini key of one name: `--fakedocker-mode`, `FAKEDOCKER_MODE`,
`fakedocker_mode`. Markers and `fakedocker_config` have those, and whatever `FakeDocker` takes besides: its signature is
asked, so that nothing is listed twice.
"""

from __future__ import annotations

import difflib
import inspect
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pytest

from fakedocker.daemon import FakeDocker
from fakedocker.engine.profiles import PROFILES
from fakedocker.replay import CassetteDaemon

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

#: What a cassette has and an engine does not.
RECORDING = frozenset({"cassette", "mode", "upstream", "speed", "redact"})
#: What tests say to the plugin; the daemon is not told.
FOR_THE_PLUGIN = frozenset({"listen", "orphans", "report_unused"})
#: What only markers say: it is needed before there is a fixture.
FOR_THE_GUARD = frozenset({"block_real", "allow_real"})


class SettingError(ValueError):
    """Somebody has said what makes no sense; `str()` is one line with who, what, and the nearest that does."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be said for the whole run."""

    name: str
    help: str
    choices: tuple[str, ...] = ()
    is_flag: bool = False
    metavar: str = ""

    @property
    def option(self) -> str:
        return f"--fakedocker-{self.name.replace('_', '-')}"

    @property
    def key(self) -> str:
        return f"fakedocker_{self.name}"

    @property
    def variable(self) -> str:
        return f"FAKEDOCKER_{self.name.upper()}"

    def read(self, value: Any, who: str) -> Any:
        """Return a value that somebody has said. Raises SettingError."""
        if self.is_flag and isinstance(value, str):
            if value.lower() not in (*_YES, *_NO):
                raise SettingError(f"{who}: {value!r} is neither true nor false")
            return value.lower() in _YES
        if self.choices and value not in self.choices:
            raise SettingError(f"{who}: {_no_such(value, self.choices)}")
        return value


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("mode", "what tests with a cassette record", choices=("none", "once", "new_episodes", "all")),
        Setting("upstream", "the real daemon that is recorded (default: $DOCKER_HOST)", metavar="HOST"),
        Setting("profile", "the daemon that is played", choices=tuple(PROFILES)),
        Setting("api_version", "the version that paths without one speak", metavar="VERSION"),
        Setting("listen", "where daemons listen: a port or a socket of their own", choices=("tcp", "unix")),
        Setting("strict", "fail a test if something that its client said had no effect", is_flag=True),
        Setting("orphans", "what to do about containers that tests leave", choices=("ignore", "report", "fail")),
        Setting("report_unused", "report exchanges nobody asked for and faults that never struck", is_flag=True),
        Setting("block_real", "fail tests that open a real Docker daemon", is_flag=True),
    )
}


def declare(parser: pytest.Parser) -> None:
    """Declare the settings as options and as keys of the ini file."""
    group = parser.getgroup("fakedocker", "fake Docker daemons")
    for one in SETTINGS.values():
        words = f"{one.help}; stronger than {one.variable}, markers and the ini file"
        if one.is_flag:
            group.addoption(one.option, action="store_const", const=True, default=None, help=words)
        elif one.choices:
            group.addoption(one.option, choices=one.choices, help=words)
        else:
            group.addoption(one.option, metavar=one.metavar, help=words)
        known = f" ({', '.join(one.choices)})" if one.choices else ""
        kind: Literal["bool", "string"] = "bool" if one.is_flag else "string"
        parser.addini(one.key, one.help + known, type=kind, default=None)


@dataclass(frozen=True, slots=True)
class Run:
    """What is said for the whole run. `environment`: all variables as they were before any test.

    `strong`: what the command line and the environment say; `weak`: what the ini file says.
    """

    environment: Mapping[str, str]
    strong: Mapping[str, Any]
    weak: Mapping[str, Any]

    @classmethod
    def of(cls, config: pytest.Config) -> Run:
        """Return what is said for this run. Raises SettingError."""
        strong, weak = {}, {}
        for name, setting in SETTINGS.items():
            option, ini = config.getoption(setting.option), config.getini(setting.key)
            if option is not None:
                strong[name] = setting.read(option, setting.option)
            elif variable := os.environ.get(setting.variable):
                strong[name] = setting.read(variable, setting.variable)
            if ini is not None and ini != "" and ini != []:  # pytest 8.0 has a list where there is nothing
                weak[name] = setting.read(ini, setting.key)
        return cls(dict(os.environ), strong, weak)

    @property
    def said(self) -> dict[str, Any]:
        """What is said for the run, where tests say nothing."""
        return {**self.weak, **self.strong}

    def wanted(self, config: object = None, marks: Iterable[Mapping[str, Any]] = (), **call: Any) -> Wanted:
        """Return what a test wants. `config`: what `fakedocker_config` says, `marks`: what its markers say, broad ones
        first, `call`: what is said where a daemon is made. Raises SettingError.
        """
        words = [_checked(one, "@pytest.mark.fakedocker", _known() | FOR_THE_GUARD) for one in marks]
        words.append(_checked(call, "make_fakedocker", _known()))
        if config is not None and not isinstance(config, Mapping):
            raise SettingError(f"fakedocker_config: a dict was expected, not {config!r}")
        values = {**self.weak, **_checked(config or {}, "fakedocker_config", _known())}
        for one in words:
            values |= one
        values |= self.strong
        nearest = next(filter(None, reversed(words)), words[-1])
        return Wanted({name: value for name, value in values.items() if name not in FOR_THE_GUARD}, nearest)


RUN = pytest.StashKey[Run]()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a test wants. `values`: everything that was said, the strongest; `nearest`: what was said nearest to it."""

    values: Mapping[str, Any]
    nearest: Mapping[str, Any]

    @property
    def has_cassette(self) -> bool:
        return self.values.get("cassette") not in (None, False)

    @property
    def listen(self) -> str:
        return "" if "hosts" in self.values else self.values.get("listen", "tcp")

    @property
    def orphans(self) -> str:
        return str(self.values.get("orphans", "ignore"))

    @property
    def report_unused(self) -> bool:
        return bool(self.values.get("report_unused", False))

    def arguments(self) -> dict[str, Any]:
        """Return what the daemon is told. Of what was said for many tests, what does not fit this one is left out; what
        was said for this one has to fit. Raises SettingError.
        """
        takes = _taken(CassetteDaemon) if self.has_cassette else _taken(FakeDocker) - RECORDING
        strange = sorted({*self.nearest} - takes - FOR_THE_PLUGIN - FOR_THE_GUARD - {"cassette"})
        if strange:
            words = f"{', '.join(strange)} {'is' if len(strange) == 1 else 'are'}"
            if self.has_cassette:
                raise SettingError(f"{words} not for a cassette, which has no engine behind it")
            raise SettingError(f"{words} for a cassette: say cassette=True as well")
        profile = self.values.get("profile")
        if "profile" in takes and isinstance(profile, list | tuple):
            raise SettingError("profile=[...] is for test functions, which can be run once for each; say one here")
        return {name: value for name, value in self.values.items() if name in takes and name != "cassette"}


def words_of(node: pytest.Item | Any) -> dict[str, Any]:
    """Return what a test's markers say by name, the nearest the strongest, unchecked."""
    words: dict[str, Any] = {}
    for mark in node.iter_markers("fakedocker"):  # the nearest first
        words = {**mark.kwargs, **words}
    return words


def marks_of(node: pytest.Item) -> list[dict[str, Any]]:
    """Return what each of a test's markers says, broad ones first. Raises SettingError."""
    return [_words(mark) for mark in reversed([*node.iter_markers("fakedocker")])]


def _words(mark: pytest.Mark) -> dict[str, Any]:
    if len(mark.args) > 1 or (mark.args and "fixture" in mark.kwargs):
        raise SettingError("@pytest.mark.fakedocker: only the fixture can be said without its name, and once")
    return {"fixture": mark.args[0], **mark.kwargs} if mark.args else dict(mark.kwargs)


def _checked(words: Mapping[str, Any], who: str, known: frozenset[str]) -> Mapping[str, Any]:
    for name, value in words.items():
        if name not in known:
            raise SettingError(f"{who}: {_no_such(name, sorted(known))}")
        if name in SETTINGS and value is not None and not isinstance(value, list | tuple):
            SETTINGS[name].read(value, f"{who}: {name}")
    return words


@cache
def _known() -> frozenset[str]:
    return _taken(FakeDocker) | _taken(CassetteDaemon) | FOR_THE_PLUGIN


@cache
def _taken(kind: type[FakeDocker]) -> frozenset[str]:
    return frozenset(inspect.signature(vars(kind)["__init__"]).parameters) - {"self"}


def _no_such(value: object, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(str(value), [*known], 1, cutoff=0.5)
    return f"there is no {value!r}; " + (
        f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(known)}"
    )
