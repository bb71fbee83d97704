"""Which exchanges stay, and how they are numbered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import exchange

from fakedocker.cassettes.pruning import Filter, pruned, renumbered

SESSION = [
    exchange(1, "HEAD", "/_ping", connection=5),
    exchange(4, "GET", "/v1.41/_ping", connection=5),
    exchange(7, "POST", "/v1.41/containers/create", status=201, connection=9),
    exchange(8, "GET", "/v1.41/containers/abc/json", status=404, connection=5),
    replace(exchange(9, "GET", "/v1.41/events", connection=7), response=None),
]


def kept(chosen: Filter, *, keep: bool = False) -> list[str]:
    return [one.request.path.rpartition("/")[2] for one in pruned(SESSION, chosen, keep=keep)]


@pytest.mark.parametrize(
    ("chosen", "dropped"),
    [
        (Filter(), []),
        (Filter(pings=True), ["_ping", "_ping"]),
        (Filter(paths=("/containers/*",)), ["create", "json"]),
        (Filter(paths=("/v1.41/containers/*/json",)), ["json"]),
        (Filter(paths=("/containers/*",), methods=("post",)), ["create"]),
        (Filter(statuses=("4xx",)), ["json"]),
        (Filter(statuses=("none",)), ["events"]),
        (Filter(numbers=("4-7", "9")), ["_ping", "create", "events"]),
        (Filter(numbers=("7",), pings=True), ["_ping", "_ping", "create"]),
    ],
    ids=repr,
)
def test_what_is_chosen_is_dropped_or_with_keep_the_rest(chosen: Filter, dropped: list[str]) -> None:
    everything = [one.request.path.rpartition("/")[2] for one in SESSION]
    assert sorted(kept(chosen) + dropped) == sorted(everything)
    if not chosen.is_empty:
        assert kept(chosen, keep=True) == dropped


def test_exchanges_and_connections_are_numbered_from_one() -> None:
    numbered = renumbered(SESSION)
    assert [one.id for one in numbered] == [1, 2, 3, 4, 5]
    assert [one.connection for one in numbered] == [1, 1, 2, 1, 3]


@pytest.mark.parametrize("wrong", [{"statuses": ("40",)}, {"statuses": ("ok",)}, {"numbers": ("-3",)}], ids=repr)
def test_what_is_no_filter_is_refused(wrong: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match="it is one like"):
        Filter(**wrong)
