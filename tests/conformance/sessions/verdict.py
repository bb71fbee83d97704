"""The recorded sessions of `cassettes/` asked of the fake: what it answers otherwise.

PYTHONPATH=tests python -m conformance.sessions.verdict     # keeps what is found now, see listed.py
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from conformance.sessions.listed import KEPT, Found, reasons
from recorded_sessions import cassette, sessions

from fakedocker import FakeDocker
from fakedocker.cassettes.store import load
from fakedocker.engine.profiles import PROFILES
from fakedocker.fixtures import Fixture, parse
from fakedocker.proxy.report import Outcome, operation
from fakedocker.proxy.upstream import parse_upstream
from fakedocker.proxy.verifier import Verifier

HERE = Path(__file__).parent
#: The id that the image had, by the daemon.
IMAGES = {
    "20.10": "9ebe2e885afc3d860ab4044e1df2486b45324a32e86e4a3f903bed26113138de",
    "26": "e03811fe9e38ecbdb2db8192000770313be132d6b01ad7f2b8fae671637a59b1",
}
#: What was taken out of the cassettes.
_LOGIN = {"username": sessions.USER, "password": sessions.PASSWORD, "serveraddress": sessions.REGISTRY}
SECRETS = {
    "password": sessions.PASSWORD,
    "registry-auth": base64.urlsafe_b64encode(json.dumps(_LOGIN).encode()).decode(),
}
#: Seconds that an answer may take when its turn has come; the fake's are there at once.
PATIENCE = 4.0


def found(name: str) -> Found:
    """Ask the fake what a session asked of a real daemon; return what differs."""
    by_chance = {exchange for reason in reasons() for exchange in reason.exchanges}
    asked: dict[str, list[tuple[str, ...] | None]] = {}
    for outcome in _outcomes(name):
        is_chance = f"{name} {outcome.exchange.id}" in by_chance
        places = None if is_chance else tuple(sorted(set(_places(outcome))))
        asked.setdefault(operation(outcome.exchange.request), []).append(places)
    return {endpoint: _summed(answers) for endpoint, answers in sorted(asked.items())}


def _summed(answers: list[tuple[str, ...] | None]) -> dict[str, Any]:
    different = Counter(places for places in answers if places)
    summed: dict[str, Any] = {"asked": len(answers), "equal": answers.count(())}
    if different:
        summed["different"] = [{"times": times, "places": list(places)} for places, times in sorted(different.items())]
    return summed


def _outcomes(name: str) -> list[Outcome]:
    profile = sessions.SESSIONS[name].daemon
    with FakeDocker(_world(profile), profile=profile) as daemon:
        upstream = parse_upstream(daemon.url)
        return list(Verifier(load(cassette(name)), upstream, PATIENCE, secrets=SECRETS).run().outcomes)


def _world(profile: str) -> Fixture:
    """Return the world of a daemon, whose image has the id and the version that it had there."""
    world = (HERE / "world.yaml").read_text()
    return parse(
        world.replace("000000000000", IMAGES[profile]).replace("0.0.0", PROFILES[profile].version), "world.yaml"
    )


def _places(outcome: Outcome) -> Iterator[str]:
    """Yield where an answer differs, in words that are the same in every run; `reached` if it could not be asked."""
    if outcome.reason:
        yield "reached"
    for difference in outcome.differences:
        yield re.sub(r"\{(\w+):\d+[^}]*\}", r"{\1}", re.sub(r"\.\d+(?=\.|$)", ".[]", difference.where))


if __name__ == "__main__":
    KEPT.write_text(
        "# Written by verdict.py: which answers of the fake are not the recorded ones, and where.\n"
        + yaml.safe_dump(
            {name: found(name) for name in sessions.SESSIONS}, sort_keys=False, default_flow_style=None, width=120
        )
    )
