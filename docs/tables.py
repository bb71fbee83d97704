"""Writes the tables of the docs that come from the code: `make docs`. A test demands that they are up to date.

A table stands between `<!-- NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import MISSING
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from fakedocker import FakeDocker, control
from fakedocker.api.modern import refusals
from fakedocker.api.modern.ageing import ANSWERS, QUESTIONS, Change
from fakedocker.api.modern.shapes import WITHOUT_EFFECT
from fakedocker.app import App
from fakedocker.engine.containers import output
from fakedocker.engine.containers.forcing import FORCES
from fakedocker.engine.containers.lifecycle import REFUSALS, TRANSITIONS, State, Verb
from fakedocker.engine.files import layers
from fakedocker.engine.processes import processes
from fakedocker.faults.fault import Fault, fields_of, kind_of, kinds
from fakedocker.faults.kinds import answering
from fakedocker.programs.catalogue import SECTIONS
from fakedocker.programs.shell import expansion, interpreter
from fakedocker.programs.shell.builtins import BUILTINS

DOCS = Path(__file__).parent
#: Characters of a client's report that a table shows.
LONGEST_REPORT = 160
sys.path.append(str(DOCS.parent / "tests"))
from conformance.sessions import listed  # noqa: E402 (what the tests have found is beside the package)


def table(*rows: Iterable[str]) -> str:
    """Return rows, the first being the heads, as a table."""
    head, *rest = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rest])


def lifecycle() -> str:
    """Return the grid of states and verbs."""

    def cell(state: State, verb: Verb) -> str:
        after = TRANSITIONS.get((state, verb))
        if after is None:
            return f"*{REFUSALS[state, verb]('…')}*"
        return "-" if after is state else after.value

    states = [state for state in State if state is not State.REMOVED]
    return table(
        ["", *(state.value for state in states)],
        *([f"**{verb.value}**", *(cell(state, verb) for state in states)] for verb in Verb),
    )


def programs() -> str:
    """Return what containers can run."""
    rows: list[list[str]] = []
    for section in (module.section for module in SECTIONS):
        by_applet: dict[object, list[str]] = {}
        for name, applet in section.applets.items():
            by_applet.setdefault(applet, []).append(name)
        for applet, names in by_applet.items():
            usage = section.usages[names[0]]
            summary = (applet.__doc__ or "").strip().partition("\n")[0]
            rows.append([" ".join(f"`{name}`" for name in names), f"`{usage}`" if usage else "", summary])
    return table(["program", "usage", ""], *sorted(rows))


def builtins() -> str:
    """Return the builtins of the shell."""
    return " ".join(f"`{name}`" for name in sorted(BUILTINS))


def limits() -> str:
    """Return what stops programs that want too much."""
    megabyte = 1 << 20
    return table(
        ["of what", "how much", "then"],
        ["processes of a container", f"{processes.MOST_PROCESSES:,}", "*Resource temporarily unavailable*"],
        [
            "memory of a container's programs (variables, what they must see as a whole)",
            f"{processes.MOST_MEMORY // megabyte} MB, or what its `Memory` says",
            "killed, exit code 137",
        ],
        [
            "what a container writes, and each volume",
            f"{layers.MOST_WRITTEN // megabyte:,} MB",
            "*No space left on device*",
        ],
        ["files that a container makes", f"{layers.MOST_INODES:,}", "*No space left on device*"],
        ["output that is kept", f"{output.LONGEST_LOG // megabyte} MB", "the oldest goes first"],
        ["the words of a command", f"{expansion.LONGEST // megabyte} MB", "*out of memory*"],
        ["what `$(…)` prints", f"{interpreter.LONGEST_OUTPUT // megabyte} MB", "*out of memory*"],
        ["commands and functions in each other", f"{interpreter.DEEPEST}", "*nested too deeply*"],
        ["time in a row", f"{processes.LONGEST_RUN * 1000:.0f} ms", "others have their turn"],
    )


def versions() -> str:
    """Return what was different in older versions of the API."""
    changes = sorted([*ANSWERS, *QUESTIONS], key=lambda change: change.until, reverse=True)
    return table(
        ["before", "of what", "", "how it was"],
        *([_version(one.until), one.subject, _direction(one), one.what] for one in changes if one.of == "request"),
    )


def daemons() -> str:
    """Return what daemons did otherwise, whatever version they were asked in."""
    changes = sorted([*ANSWERS, *QUESTIONS], key=lambda change: change.until, reverse=True)
    return table(
        ["daemons before", "of what", "", "how it was"],
        *([_version(one.until), one.subject, _direction(one), one.what] for one in changes if one.of == "daemon"),
    )


def _version(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _direction(change: Change) -> str:
    return "answer" if change in ANSWERS else "question"


_NAME = re.compile(r"<[a-z:]+>")
#: Endpoints that came after API 1.24 -> with which version.
SINCE = {
    "/containers/prune": "1.25",
    "/images/prune": "1.25",
    "/networks/prune": "1.25",
    "/volumes/prune": "1.25",
    "/system/df": "1.25",
    "/secrets": "1.25",
    "/plugins": "1.25",
    "/services/<name:name>/logs": "1.25",
    "/tasks/<name:name>/logs": "1.29",
    "/configs": "1.30",
    "/distribution": "1.30",
    "/build/prune": "1.31",
    "/session": "1.31",
}


def endpoints() -> str:
    """Return the endpoints of today's API, and what becomes of each."""
    rows = [
        [f"{method} {_NAME.sub('{name}', path)}", _since(path), _fate(method, path)]
        for rule in App().url_map.iter_rules()
        if rule.rule.startswith("/modern")
        for path in [rule.rule.removeprefix("/modern")]
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
        if method != "HEAD" or rule.methods == {"HEAD", "OPTIONS"}
    ]
    rows.sort(key=lambda row: (row[0].partition(" ")[2], row[0]))
    return table(["endpoint", "since", ""], *([f"`{name}`", since, fate] for name, since, fate in rows))


def _since(path: str) -> str:
    return next((version for beginning, version in SINCE.items() if path.startswith(beginning)), "")


def _fate(method: str, path: str) -> str:
    if path.endswith("/copy"):
        return "answered before 1.24"
    if (method, path) in refusals.OF_MANAGERS or path in ("/swarm/leave", "/swarm/unlock"):
        return "refused: not a manager of a swarm"
    if (method, path) in refusals.OF_PLUGINS:
        return "refused: there is no such plugin"
    for other, where, what in refusals.NOT_BUILT:
        if (other, where) == (method, path):
            return f"501: {what}"
    return "answered"


def without_effect() -> str:
    """Return the members of HostConfig that change nothing."""
    return " ".join(f"`{name}`" for name in sorted(WITHOUT_EFFECT))


def sessions() -> str:
    """Return how many of the recorded answers the fake gives, by the endpoint."""
    sums: dict[str, dict[str, int]] = {}
    for session, found in listed.kept().items():
        for endpoint, answers in found.items():
            row = sums.setdefault(endpoint, dict.fromkeys(("asked", "equal", "machine", "open", "fake"), 0))
            row["asked"] += answers["asked"]
            row["equal"] += answers["equal"]
            row["open"] += answers["asked"] - answers["equal"]
            for one in answers.get("different", ()):
                found_reasons = [listed.reason(session, endpoint, place) for place in one["places"]]
                of = {reason.of for reason in found_reasons if reason is not None}
                if "fake" in of or of == {"machine"}:
                    row["fake" if "fake" in of else "machine"] += one["times"]
                    row["open"] -= one["times"]
    rows = [[f"`{endpoint}`", *_counts(row)] for endpoint, row in sorted(sums.items(), key=_by_path)]
    total = {name: sum(row[name] for row in sums.values()) for name in next(iter(sums.values()))}
    return table(
        ["endpoint", "asked", "equal", "but for the machine", "not to be told", "different"],
        *rows,
        ["**all**", *_counts(total)],
    )


def _counts(row: dict[str, int]) -> list[str]:
    return [str(number or "") for number in row.values()]


def _by_path(row: tuple[str, object]) -> tuple[str, str]:
    method, _, path = row[0].partition(" ")
    return path, method


def accusations() -> str:
    """Return in which places answers are not the recorded ones, and why."""
    order = ("fake", "recording", "chance", "machine")
    return table(
        ["of", "answers of", "places", "why"],
        *(
            [one.of, _code(sorted(one.endpoints)), _code(one.where), one.why]
            for one in sorted(listed.reasons(), key=lambda one: order.index(one.of))
        ),
    )


def fault_kinds() -> str:
    """Return the kinds of faults with what can be said about them."""

    def said(kind: type[Fault]) -> Iterable[str]:
        for field in fields_of(kind):
            yield field.name if field.default is MISSING else f"{field.name}: {json.dumps(field.default)}"

    own = [name for name in kinds() if kind_of(name).__module__.startswith("fakedocker.")]
    return table(
        ["kind", "keys", ""],
        *([f"`{name}`", _code(said(kind_of(name))), " ".join((kind_of(name).__doc__ or "").split())] for name in own),
    )


def fault_errors() -> str:
    """Return the errors that have names."""
    told = [(name, "", refusal) for name, refusal in answering.REFUSALS.items()]
    told += [
        (name, which, other) for name, refusal in answering.REFUSALS.items() for which, other in refusal.others.items()
    ]
    rows = sorted(told, key=lambda row: list(answering.REFUSALS).index(row[0]))
    return table(
        ["error", "of", "status", "text"],
        *([f"`{name}`", which.replace("|", ", "), str(one.status), f"`{one.text}`"] for name, which, one in rows),
    )


def fault_outcomes() -> str:
    """Return what clients report of faults."""
    told = json.loads((DOCS.parent / "tests" / "clients" / "faults" / "outcomes.json").read_text())
    return table(
        ["fault", "docker-py 7.2", "docker 28.2: exit code and last line"],
        *([name, _report(one["docker_py"]), _report(one["docker"])] for name, one in told.items()),
    )


def forced() -> str:
    """Return what a container says of itself in the states that it can be forced into."""
    with FakeDocker(clock="manual") as daemon:
        daemon.load(FORCED)

        def ask(path: str) -> Any:
            with urlopen(f"{daemon.http_url}/v1.51{path}") as answer:
                return json.load(answer)

        def row(state: str) -> Iterable[str]:
            daemon.reset()
            daemon.force("web", state)
            yield f"`{state}`"
            [listed] = ask("/containers/json?all=1")
            yield listed["Status"]
            told = ask("/containers/web/json")["State"]
            yield _code(name for name, value in told.items() if value is True)

        return table(["state", "`docker ps --all`", "`State` of `docker inspect`"], *map(row, FORCES))


#: A container with a health check, for which no second has passed yet.
FORCED = """
images:
  - {name: base, layer: {busybox: true}}
containers:
  - {image: base, name: web, cmd: [sleep, "1000"], state: running, healthcheck: {test: "true", interval: 1000}}
"""


def verbs() -> str:
    """Return what the control API can be asked."""

    def told(verb: control.Verb) -> Iterable[str]:
        yield f"`{verb.method} {control.PREFIX}{verb.path}`"
        arguments = [
            f"`{name}`{'' if one.default is None else ' (optional)'}: {one.says}"
            for name, one in verb.arguments.items()
        ]
        yield "; ".join(arguments)
        yield verb.says

    return table(["", "arguments", ""], *map(told, control.VERBS.values()))


def _report(text: str) -> str:
    text = text.replace("\r\n", " ")
    return f"`{text if len(text) <= LONGEST_REPORT else f'{text[:LONGEST_REPORT]}…'}`"


def _code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


TABLES: dict[str, Callable[[], str]] = {
    "lifecycle": lifecycle,
    "programs": programs,
    "builtins": builtins,
    "limits": limits,
    "versions": versions,
    "daemons": daemons,
    "endpoints": endpoints,
    "without_effect": without_effect,
    "sessions": sessions,
    "accusations": accusations,
    "forced": forced,
    "verbs": verbs,
    "fault_kinds": fault_kinds,
    "fault_errors": fault_errors,
    "fault_outcomes": fault_outcomes,
}


def renewed(page: str) -> str:
    """Return a page with its tables made anew."""
    return re.sub(
        r"<!-- (\w+) -->\n.*?<!-- end -->",
        lambda found: f"<!-- {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->",
        page,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for path in DOCS.glob("*.md"):
        path.write_text(renewed(path.read_text()))
