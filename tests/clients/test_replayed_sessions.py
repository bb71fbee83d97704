"""Sessions that were recorded with real clients and real daemons, done again without the daemons.

The same clients do the same, and what they say is what they said. Then they do it with other names, as clients do that
invent some, and say the same with those. Where a client is not to be had, its requests are asked all the same, by us.
"""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from recorded_sessions import cassette, console, docker_of, lacking, sessions, transcript

from fakedocker import FakeDocker
from fakedocker.cassettes.store import load
from fakedocker.proxy.upstream import parse_upstream
from fakedocker.proxy.verifier import Verifier

OTHER_SUFFIX = "b07c55d1"
PATIENCE = 20

CLEAR = [name for name, session in sessions.SESSIONS.items() if not session.is_opaque]


def said_again(name: str, suffix: str) -> list[str]:
    """Do a session with its cassette; return what the clients said. Fails if it was not all of what was recorded."""
    if reason := lacking(name):
        pytest.skip(reason)
    with FakeDocker(cassette=cassette(name)) as daemon:
        with console.Console(daemon.url, docker_of(name), suffix) as at:
            sessions.SESSIONS[name].work(at)
        daemon.check(unused=True)
    gc.collect()  # docker-py leaves connections open; their warnings are not the next test's
    said: list[str] = at.transcript
    return said


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", CLEAR)
def test_clients_say_without_the_daemon_what_they_said_with_it(name: str) -> None:
    assert said_again(name, console.SUFFIX) == transcript(name)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", CLEAR)
def test_clients_that_invent_other_names_hear_those(name: str) -> None:
    assert said_again(name, OTHER_SUFFIX) == transcript(name)


@pytest.mark.parametrize("name", sessions.SESSIONS)
def test_requests_with_other_names_are_answered_with_those(name: str, tmp_path: Path) -> None:
    renamed = tmp_path / f"{name}.yaml"
    renamed.write_text(cassette(name).read_text().replace(console.SUFFIX, OTHER_SUFFIX))
    with FakeDocker(cassette=cassette(name)) as daemon:
        report = Verifier(load(renamed), parse_upstream(daemon.url), PATIENCE, longest_pause=0).run()
        daemon.check(unused=True)
    assert [outcome for outcome in report.outcomes if outcome.verdict != "equal"] == []


def test_the_docker_command_is_told_what_was_not_recorded() -> None:
    if reason := lacking("run"):
        pytest.skip(reason)
    daemon = FakeDocker(cassette=cassette("run")).start()
    with console.Console(daemon.url, docker_of("run")) as at:
        at.docker("network", "ls")
    daemon.close()
    assert "no such request is in the cassette" in "\n".join(at.transcript)
    with pytest.raises(AssertionError, match="no such request is in the cassette"):
        daemon.check()
