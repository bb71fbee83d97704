"""Lines of shell and sessions at a terminal: ours do what the recordings say that real ones did.

With $FAKEDOCKER_REAL_DOCKER (unix:///path of a dockerd that may run containers) it is also asked whether the recordings
still are what the real one says: every tenth line, or all of them with $FAKEDOCKER_REAL_DOCKER_ALL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from conformance.shell.ours import OurDaemon
from conformance.shell.real import NoBusybox, RealDaemon
from conformance.shell.recordings import Answer, Line, Session, all_lines, read_sessions

ADDRESS = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
EVERYTHING = "FAKEDOCKER_REAL_DOCKER_ALL" in os.environ
LINES = all_lines()
SESSIONS = read_sessions()
ONE_IN = 10


@pytest.fixture(scope="session")
def ours() -> OurDaemon:
    """Our daemon, one for all lines."""
    return OurDaemon()


@pytest.fixture(scope="session")
def real() -> Iterator[RealDaemon]:
    """The real daemon."""
    if not ADDRESS:
        pytest.skip("no dockerd: apt-get install docker.io, and FAKEDOCKER_REAL_DOCKER=unix:///var/run/docker.sock")
    try:
        yield RealDaemon(ADDRESS)
    except NoBusybox as reason:
        pytest.skip(str(reason))


def _name(entry: Line | Session) -> str:
    return f"{entry.theme}: {entry.line}" if isinstance(entry, Line) else entry.name


@pytest.mark.parametrize("line", LINES, ids=_name)
def test_a_line_does_here_what_it_did_there(ours: OurDaemon, line: Line) -> None:
    answer = ours.run(line)
    if line.differs:
        assert line.counting(answer) == line.counting(line.ours)
        assert line.counting(answer) != line.counting(line.answer), "it no longer differs"
    else:
        assert line.counting(answer) == line.counting(line.answer)


@pytest.mark.parametrize("session", SESSIONS, ids=_name)
def test_a_terminal_shows_here_what_it_showed_there(ours: OurDaemon, session: Session) -> None:
    answer = ours.converse(session)
    if session.differs:
        assert answer.shown != session.shown, "it no longer differs"
    else:
        assert (answer.shown, answer.code) == (session.shown, session.code)


def test_the_table_is_large_and_no_line_is_in_it_twice() -> None:
    texts = [line.line for line in LINES]
    assert len(texts) >= 250
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("line", LINES if EVERYTHING else LINES[::ONE_IN], ids=_name)
def test_a_recording_is_what_the_real_one_says(real: RealDaemon, line: Line) -> None:
    assert line.counting(real.run(line)) == line.counting(line.answer)


@pytest.mark.parametrize("session", SESSIONS if EVERYTHING else SESSIONS[::ONE_IN], ids=_name)
def test_a_recorded_session_is_what_the_real_one_shows(real: RealDaemon, session: Session) -> None:
    answer = real.converse(session)
    assert (answer.steps, answer.code) == (session.steps, session.code)


def test_a_directory_comes_before_what_is_in_it_there_as_here(real: RealDaemon, ours: OurDaemon) -> None:
    line = Line("changes", "mkdir -p a/b c; touch a/b/x a/y c/z; rm /etc/group", Answer())
    there, here = real.order_of_changes(line), ours.order_of_changes(line)
    assert sorted(there) == here
    for order in (there, here):
        assert all(order.index(path.rsplit("/", 1)[0]) < order.index(path) for path in order if path.count("/") > 1)
