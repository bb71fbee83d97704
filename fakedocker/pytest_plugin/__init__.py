"""The pytest plugin: a fake daemon for every test that asks for one.

One server runs for the whole session (of each xdist worker); a test gets fresh state behind it, or a daemon of its own
if it wants another than the session's. What it wants is said by, the strongest first: the command line
(`--fakedocker-profile`), the environment (`FAKEDOCKER_PROFILE`), the markers of the test, its class and its module
(`@pytest.mark.fakedocker(profile=...)`, the nearest first), the fixture `fakedocker_config`, and the ini file
(`fakedocker_profile`). `docs/pytest.md` is the manual.

The rooms: `settings` (who says what), `lending` (makes daemons and takes them back), `environment` (how clients find
them), `names` (of cassettes), `findings` (what reports say), `guarding` (keeps tests from the real daemon), `fixtures`.
This module has the hooks, and the fixtures for pytest to find.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from fakedocker.pytest_plugin import findings, guarding, settings
from fakedocker.pytest_plugin.fixtures import (
    fakedocker,
    fakedocker_cassette_dir,
    fakedocker_client,
    fakedocker_config,
    fakedocker_env,
    fakedocker_lender,
    fakedocker_profile,
    fakedocker_server,
    fakedocker_url,
    make_fakedocker,
)

__all__ = [
    "fakedocker",
    "fakedocker_cassette_dir",
    "fakedocker_client",
    "fakedocker_config",
    "fakedocker_env",
    "fakedocker_lender",
    "fakedocker_profile",
    "fakedocker_server",
    "fakedocker_url",
    "make_fakedocker",
]

_MARKERS = (
    "fakedocker(fixture=..., cassette=..., mode=..., profile=..., clock=..., faults=[...], strict=..., ...): "
    "how the fake Docker daemon of the test is made; the arguments of FakeDocker, and listen, orphans, report_unused, "
    "block_real, allow_real. The test gets the daemon even if it does not ask for the fixture",
    "fakedocker_allow_real: the test may open a real Docker daemon, whatever --fakedocker-block-real says",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and the keys of the ini file."""
    settings.declare(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers; read what the run says, and remember where docker was."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        config.stash[settings.RUN] = settings.Run.of(config)
    except settings.SettingError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is unusual about the run."""
    said = config.stash[settings.RUN].said
    return [f"fakedocker: {', '.join(f'{name}={value}' for name, value in said.items())}"] if said else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each profile of its marker: `@pytest.mark.fakedocker(profile=["20.10", "28"])`."""
    wanted = settings.words_of(metafunc.definition).get("profile")
    overruled = "profile" in metafunc.config.stash[settings.RUN].strong
    if isinstance(wanted, list | tuple) and not overruled:
        if "fakedocker_profile" not in metafunc.fixturenames:  # the marker alone asks for the daemon
            metafunc.fixturenames.append("fakedocker_profile")
        metafunc.parametrize("fakedocker_profile", wanted, indirect=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give the daemon to a test that has the marker and does not ask for the fixture."""
    if isinstance(item, pytest.Function) and not {"fakedocker", "make_fakedocker"} & {*item.fixturenames}:
        marks = [*item.iter_markers("fakedocker")]
        if any(not mark.kwargs or {*mark.kwargs} - settings.FOR_THE_GUARD for mark in marks):
            item.fixturenames.insert(0, "fakedocker")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Keep the test's fixtures from the real daemon."""
    yield from guarding.guarded(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Keep the test from the real daemon."""
    yield from guarding.guarded(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Keep the test's fixtures from the real daemon."""
    yield from guarding.guarded(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether a test has failed, and say what its daemons know about it."""
    report = yield
    if report.failed:
        findings.explain(item, report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what tests have left behind, and what they did not use."""
    findings.summarise(terminalreporter)
