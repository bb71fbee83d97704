"""Makes the daemons of a test, lends them to it, and takes them back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fakedocker.daemon import FakeDocker
from fakedocker.proxy.upstream import upstream_of
from fakedocker.pytest_plugin import findings
from fakedocker.pytest_plugin.names import cassette_name
from fakedocker.pytest_plugin.settings import RUN, Run, SettingError, Wanted, marks_of
from fakedocker.replay import CassetteDaemon

_FILES = ("fixture", "seed_from")


class Lender:
    """Lends daemons to one test. `config`: what `fakedocker_config` says; `cassettes`: where its cassettes are."""

    def __init__(self, item: pytest.Item, config: object, cassettes: Path, profile: str | None) -> None:
        self._item = item
        self._run = item.config.stash[RUN]
        self._config = config
        self._cassettes = cassettes
        self._profile: dict[str, Any] = {} if profile is None else {"profile": profile}

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment as it was before any test."""
        return self._run.environment

    def wanted(self, **call: Any) -> Wanted:
        """Return what the test wants; fails it with one line if that makes no sense."""
        __tracebackhide__ = True
        try:
            wanted = self._run.wanted(self._config, marks_of(self._item), **{**self._profile, **call})
            wanted.arguments()
            return wanted
        except SettingError as error:
            senseless = str(error)
        pytest.fail(senseless, pytrace=False)

    def is_shared(self, wanted: Wanted) -> bool:
        """Tell whether the daemon of the session is as wanted."""
        usual = self._run.wanted()
        return not wanted.has_cassette and wanted.arguments() == usual.arguments() and wanted.listen == usual.listen

    @contextmanager
    def made(self, wanted: Wanted) -> Iterator[FakeDocker]:
        """Lend a daemon that is made for this test, and closed after it. Raises what FakeDocker raises."""
        __tracebackhide__ = True
        arguments = wanted.arguments()
        for name in _FILES:
            arguments |= {name: self._beside(arguments[name])} if name in arguments else {}
        with listening(wanted) as hosts:
            daemon = (
                self._cassette(wanted, arguments | hosts) if wanted.has_cassette else FakeDocker(**arguments | hosts)
            )
            try:
                daemon.start()
                findings.note(self._item, daemon)
                yield daemon
                left = findings.left_behind(daemon, wanted)
                self._close(daemon)
            finally:
                self._close(daemon, complete=False)
            findings.settle(self._item, daemon, wanted, left)

    @contextmanager
    def shared(self, daemon: FakeDocker, wanted: Wanted) -> Iterator[FakeDocker]:
        """Lend the daemon of the session, with fresh state."""
        __tracebackhide__ = True
        daemon.reset()
        programs, services = daemon.programs, daemon.services
        findings.note(self._item, daemon)
        yield daemon
        left = findings.left_behind(daemon, wanted)
        daemon.programs, daemon.services = programs, services  # what the test has registered is its own
        findings.settle(self._item, daemon, wanted, left)

    def _cassette(self, wanted: Wanted, arguments: Mapping[str, Any]) -> CassetteDaemon:
        named, mode = wanted.values["cassette"], arguments.get("mode") or "none"
        default = self._cassettes / cassette_name(self._item)
        path = default if named is True or named == "" else self._item.path.parent / named
        # $DOCKER_HOST leads to fake daemons by now: the real one is where it was before
        upstream = upstream_of(self.environment, arguments.get("upstream")) if mode != "none" else None
        return CassetteDaemon(**{**arguments, "cassette": path, "mode": mode, "upstream": upstream})

    def _close(self, daemon: FakeDocker, *, complete: bool = True) -> None:
        if isinstance(daemon, CassetteDaemon):
            daemon.close(complete=complete and not findings.has_failed(self._item))
        else:
            daemon.close()

    def _beside(self, file: Any) -> Any:
        """Return a file beside the test's, if there is one of this name."""
        beside = self._item.path.parent / file if isinstance(file, str | os.PathLike) else None
        return beside if beside is not None and beside.is_file() else file


@contextmanager
def session_daemon(run: Run) -> Iterator[FakeDocker]:
    """Run the daemon that tests share which want nothing special."""
    wanted = run.wanted()
    with listening(wanted) as hosts, FakeDocker(**wanted.arguments() | hosts) as daemon:
        yield daemon


@contextmanager
def listening(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Return what a daemon is told of where to listen; a socket is in a folder of its own, with a short name."""
    if wanted.listen != "unix":
        yield {}
        return
    folder = tempfile.mkdtemp(prefix="fakedocker-")
    try:
        yield {"hosts": [f"unix://{folder}/docker.sock"]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
