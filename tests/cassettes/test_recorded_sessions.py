"""The sessions with real daemons that are shipped: each can be read, played and compared with itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakedocker.cassettes.diff import compare
from fakedocker.cassettes.documents import exchange_text, header_text
from fakedocker.cassettes.model import Cassette
from fakedocker.cassettes.player import Player
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.references import References
from fakedocker.cassettes.store import load

SESSIONS = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
each = pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)


def session(path: Path) -> Cassette:
    loaded = load(path)
    assert not loaded.cut
    return loaded.cassette


@each
def test_it_is_written_as_it_would_be_written_now(path: Path) -> None:
    cassette = session(path)
    assert header_text(cassette.header) + "".join(map(exchange_text, cassette.exchanges)) == path.read_text()


@each
def test_it_answers_the_client_that_was_recorded(path: Path) -> None:
    cassette = session(path)
    player = Player(cassette, order="session")
    for exchange in sorted(cassette.exchanges, key=lambda one: (one.start, one.id)):
        assert player.next(exchange.request, exchange.connection) == exchange
    assert player.unused == []


@each
def test_there_is_nothing_left_to_redact(path: Path) -> None:
    for exchange in session(path).exchanges:
        assert Redactor().exchange(exchange) == exchange


@each
def test_its_references_lead_back(path: Path) -> None:
    cassette = session(path)
    references = References.of(cassette.exchanges)
    for exchange in cassette.exchanges:
        assert references.concrete_request(references.abstract_request(exchange.request)) == exchange.request
        if exchange.response is not None:
            abstract = references.abstract_response(exchange.response)
            assert references.concrete_response(abstract) == exchange.response
            assert compare(exchange.response, exchange.response, references) == []
