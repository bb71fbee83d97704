"""The sessions in `cassettes/`, recorded from real daemons: they can be read, and tell nothing that they should not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recorded_sessions import FOLDER, sessions

from fakedocker.cassettes.model import Stream
from fakedocker.cassettes.store import load

CASSETTES = sorted(FOLDER.glob("*.yaml"))

every = pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)


def test_there_is_a_cassette_and_a_transcript_for_every_session() -> None:
    assert {path.stem for path in CASSETTES} == set(sessions.SESSIONS)
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(sessions.SESSIONS)


@every
def test_a_session_is_whole_and_was_understood(path: Path) -> None:
    loaded = load(path)
    assert not loaded.cut
    assert loaded.cassette.header.daemon["api_version"]
    assert loaded.cassette.exchanges
    assert [exchange.note for exchange in loaded.cassette.exchanges if exchange.note] == []


@every
def test_a_session_tells_no_secret_and_nothing_of_the_machine_it_was_recorded_on(path: Path) -> None:
    text = path.read_text()
    assert [secret for secret in sessions.SAID_IN_SECRETS if secret in text] == []
    places = set(re.findall(r"(?<![\w.])/(?:tmp|home|root|Users|work|mnt)/[\w./-]+", text))
    assert places <= {place for place in places if place.startswith(("/tmp/tree", "/root/.ash", "/tmp/fd-"))}


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1_500_000


def test_every_way_to_end_and_every_kind_of_stream_is_there() -> None:
    exchanges = [exchange for path in CASSETTES for exchange in load(path).cassette.exchanges]
    assert {exchange.end for exchange in exchanges} >= {"complete", "eof", "half-close", "client-left"}
    kinds = {
        exchange.response.body.kind
        for exchange in exchanges
        if exchange.response and isinstance(exchange.response.body, Stream)
    }
    assert kinds >= {"lines", "multiplexed", "hijack"}
    statuses = {exchange.response.status for exchange in exchanges if exchange.response}
    assert statuses >= {101, 200, 201, 204, 304, 400, 403, 404, 409, 500}
