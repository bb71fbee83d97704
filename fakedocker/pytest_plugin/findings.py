"""What reports say about the daemons of a test: what they were asked, what went wrong, what was left behind.

A test that has passed fails at its end for what went wrong inside its daemon. One that has failed already keeps its own
reason, and the rest is told beside it. All of it is bounded, and on one line where it came from a client.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from fakedocker.daemon import FakeDocker
from fakedocker.journal.table import line, table
from fakedocker.pytest_plugin.guarding import attempts_of
from fakedocker.pytest_plugin.settings import Wanted
from fakedocker.replay import CassetteDaemon

#: Calls that a report tells, those of them that nobody answers, and characters of one thing that went wrong.
MOST_CALLS = 30
MOST_UNMATCHED = 10
LONGEST = 4000

#: What a summary at the end collects, by the names that pytest gives the sections of reports.
_SUMMARIES = {"Captured fakedocker orphans teardown": "left behind", "Captured fakedocker unused teardown": "unused"}

_DAEMONS = pytest.StashKey[list[FakeDocker]]()
_TOLD = pytest.StashKey[set[str]]()
_HAS_FAILED = pytest.StashKey[bool]()


def note(item: pytest.Item, daemon: FakeDocker) -> None:
    """Remember a daemon that a test has, for its reports."""
    item.stash.setdefault(_DAEMONS, []).append(daemon)


def has_failed(item: pytest.Item) -> bool:
    """Tell whether a test has failed so far."""
    return item.stash.get(_HAS_FAILED, False)


def explain(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add to the report of a failure what the guard and the daemons know about it."""
    item.stash[_HAS_FAILED] = True
    attempts = attempts_of(item)
    if attempts:
        report.sections.append(("real Docker", "\n".join(attempts)))
    for daemon in item.stash.get(_DAEMONS, []):
        lines = [*_told(item, _problems(daemon)), *_calls(daemon)]
        if lines:
            report.sections.append((f"fakedocker {daemon.url}", "\n".join(lines)))


def left_behind(daemon: FakeDocker, wanted: Wanted) -> str:
    """Return what a test has made and not removed, in one line; empty if that is fine. To be asked before it closes."""
    if wanted.orphans == "ignore" or isinstance(daemon, CassetteDaemon):
        return ""
    orphans = daemon.orphans()
    return str(orphans) if orphans else ""


def settle(item: pytest.Item, daemon: FakeDocker, wanted: Wanted, left: str) -> None:
    """Say at the end of a test what is to be said of a daemon. Raises what went wrong inside it, if the test has not
    failed already.
    """
    __tracebackhide__ = True
    problems = _problems(daemon)
    if left and wanted.orphans == "fail":
        problems.append(AssertionError(f"the test has left behind: {left}"))
    elif left:
        item.add_report_section("teardown", "fakedocker orphans", left)
    if wanted.report_unused and (unused := _unused(daemon)):
        item.add_report_section("teardown", "fakedocker unused", unused)
    if isinstance(daemon, CassetteDaemon) and daemon.unfinished is not None:
        what = f"{daemon.unfinished.stem} is what it was; what this test has recorded is in {daemon.unfinished}"
        item.add_report_section("teardown", "fakedocker", what)
    if not problems:
        return
    if not has_failed(item):
        first, *others = problems
        for other in others:
            first.add_note(f"and: {_short(other)}")
        raise first
    for told in _told(item, problems):
        item.add_report_section("teardown", "fakedocker", told)


def summarise(reporter: pytest.TerminalReporter) -> None:
    """Write what tests have left behind and not used, one line for each."""
    found: dict[str, list[str]] = {}
    for reports in reporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "teardown":
                for name, text in report.sections:
                    if name in _SUMMARIES:
                        found.setdefault(_SUMMARIES[name], []).append(f"{report.nodeid}: {text}")
    for title, lines in found.items():
        reporter.section(f"fakedocker: {title}")
        for text in lines:
            reporter.write_line(text)


def _problems(daemon: FakeDocker) -> list[Exception]:
    try:
        daemon.check()
    except Exception as error:  # a DaemonError, a ReplayError: whatever it finds
        return [error]
    return []


def _told(item: pytest.Item, problems: Iterable[Exception]) -> list[str]:
    """Return problems as lines, those that were not told yet."""
    told = item.stash.setdefault(_TOLD, set())
    lines = [f"went wrong: {_short(problem)}" for problem in problems]
    new = [line for line in lines if line not in told]
    told.update(new)
    return new


def _calls(daemon: FakeDocker) -> list[str]:
    try:
        entries, unmatched = [*daemon.journal], daemon.journal.unmatched()
    except RuntimeError:  # a session that is recorded anew has no journal
        return []
    lines = [table(entries, MOST_CALLS)] if entries else []
    if unmatched:
        more = [f"… {len(unmatched) - MOST_UNMATCHED:,} earlier"] if len(unmatched) > MOST_UNMATCHED else []
        lines += ["the API does not have, or this daemon does not answer:", *more]
        lines += [f"  {line(entry)}" for entry in unmatched[-MOST_UNMATCHED:]]
    return lines


def _unused(daemon: FakeDocker) -> str:
    if isinstance(daemon, CassetteDaemon):
        return ", ".join(f"{one.id} {one.request.method} {one.request.path}" for one in daemon.unused)[:LONGEST]
    return ", ".join(f"fault {one.id} ({one.rule.to_json()})" for one in daemon.faults if not one.hits)[:LONGEST]


def _short(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
