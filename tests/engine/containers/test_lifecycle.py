"""The two tables of a container's life."""

from __future__ import annotations

from itertools import product

import pytest

from fakedocker.engine.containers.lifecycle import REFUSALS, TRANSITIONS, State, Verb, after
from fakedocker.engine.errors import Conflict, DockerError, NotFound


@pytest.mark.parametrize(("state", "verb"), list(product(State, Verb)))
def test_every_pair_stands_in_exactly_one_of_the_tables(state: State, verb: Verb) -> None:
    assert ((state, verb) in TRANSITIONS) != ((state, verb) in REFUSALS)


def test_the_tables_hold_nothing_else() -> None:
    assert {*TRANSITIONS, *REFUSALS} == set(product(State, Verb))


@pytest.mark.parametrize(("state", "verb"), list(REFUSALS))
def test_a_refusal_raises_an_error_of_the_daemon(state: State, verb: Verb) -> None:
    with pytest.raises(DockerError):
        after(state, verb, "abc")


@pytest.mark.parametrize(("pair", "next_state"), list(TRANSITIONS.items()))
def test_what_is_allowed_leads_where_the_table_says(pair: tuple[State, Verb], next_state: State) -> None:
    assert after(*pair, "abc") is next_state


@pytest.mark.parametrize(
    ("state", "verb", "kind", "text"),
    [
        (State.RUNNING, Verb.START, Conflict, "The container abc is already running."),
        (State.GHOST, Verb.START, Conflict, "The container abc is already running."),
        (State.CREATED, Verb.ATTACH, Conflict, "Impossible to attach to a stopped container, start it first"),
        (State.EXITED, Verb.ATTACH, Conflict, "Impossible to attach to a stopped container, start it first"),
        (State.GHOST, Verb.ATTACH, Conflict, "Impossible to attach to a ghost container"),
        (State.REMOVED, Verb.START, NotFound, "No such container: abc"),
    ],
)
def test_a_refusal_has_the_daemons_words(state: State, verb: Verb, kind: type[DockerError], text: str) -> None:
    with pytest.raises(kind) as error:
        after(state, verb, "abc")
    assert str(error.value) == text


def test_stopping_and_killing_what_does_not_run_is_no_error() -> None:
    for state, verb in product((State.CREATED, State.EXITED), (Verb.STOP, Verb.KILL)):
        assert after(state, verb, "abc") is state


def test_nothing_leads_out_of_removed() -> None:
    assert not [state for state, verb in TRANSITIONS if state is State.REMOVED]
