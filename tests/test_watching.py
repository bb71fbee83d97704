"""Looking on at a daemon: what is new, once, and only the last of it for who is slow."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.errors import NotFound
from fakedocker.watching import MOST_AT_ONCE, MOST_OUTPUT


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(clock="manual") as daemon:
        yield daemon


class Bell:
    """Counts how often it was rung."""

    def __init__(self) -> None:
        self.rings = 0

    def __call__(self) -> None:
        self.rings += 1


def ask(daemon: FakeDocker) -> None:
    with urllib.request.urlopen(f"{daemon.http_url}/v1.40/_ping") as answer:
        answer.read()


def test_calls_and_events_are_told_once(daemon: FakeDocker) -> None:
    bell = Bell()
    with closing(daemon.watch(bell)) as watched:
        assert watched.news() == []
        daemon.engine.run("base", "sleep", "9", name="web")
        ask(daemon)
        assert bell.rings > 0
        news = watched.news()
        assert news is not None
        calls = [value["operation"] for kind, value in news if kind == "call"]
        assert calls == ["SystemPing"]
        assert [value["action"] for kind, value in news if kind == "event"][-1] == "start"
        assert watched.news() == []


def test_what_there_was_before_is_told_first(daemon: FakeDocker) -> None:
    ask(daemon)
    with closing(daemon.watch(Bell())) as watched:
        assert [value["path"] for _, value in watched.news() or ()] == ["/v1.40/_ping"]


def test_who_is_slow_gets_the_last_of_it(daemon: FakeDocker) -> None:
    with closing(daemon.watch(Bell())) as watched:
        for number in range(MOST_AT_ONCE + 20):
            daemon.engine.create("base", "true", name=f"c{number}")
        events = [value for kind, value in watched.news() or () if kind == "event"]
        assert len(events) == MOST_AT_ONCE
        assert events[-1]["attributes"]["name"] == f"c{MOST_AT_ONCE + 19}"


def test_nobody_is_called_who_looks_no_more(daemon: FakeDocker) -> None:
    bell = Bell()
    daemon.watch(bell).close()
    daemon.engine.run("base", "sleep", "9", name="web")
    daemon.watch(bell, "web").close()
    ask(daemon)
    daemon.engine.kill("web")
    assert bell.rings == 0


@pytest.mark.parametrize("again", [FakeDocker.reset, lambda daemon: daemon.restore(daemon.snapshot())])
def test_it_is_over_when_the_daemon_has_another_world(daemon: FakeDocker, again: Callable[[FakeDocker], None]) -> None:
    daemon.engine.run("base", "sleep", "9", name="web")
    with closing(daemon.watch(Bell())) as watched, closing(daemon.watch(Bell(), "web")) as output:
        again(daemon)
        assert watched.news() is None
        assert output.news() is None


def test_output_is_told_piece_by_piece_and_is_over_with_its_container(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sh", "-c", "echo one; sleep 5; echo two; sleep 99", name="web")
    bell = Bell()
    with closing(daemon.watch(bell, "web")) as output:
        assert output.news() == [("output", "one\n")]
        assert (output.news(), bell.rings) == ([], 0)
        daemon.advance(5)
        assert (output.news(), bell.rings) == ([("output", "two\n")], 1)
        daemon.engine.kill("web")
        assert output.news() == []  # it can be started again
        daemon.engine.remove("web")
        assert output.news() is None


def test_a_character_in_two_pieces_is_one(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sh", "-c", r"printf 'a\303'; sleep 5; printf '\251\377'; sleep 99", name="web")
    with closing(daemon.watch(Bell(), "web")) as output:
        assert output.news() == [("output", "a")]
        daemon.advance(5)
        assert output.news() == [("output", "é\N{REPLACEMENT CHARACTER}")]


def test_of_much_output_the_end_is_told(daemon: FakeDocker) -> None:
    lines = MOST_OUTPUT // 50
    daemon.engine.run("base", "sh", "-c", f"for i in $(seq {lines}); do echo {'x' * 94} $i; done", name="web")
    daemon.advance(1)
    with closing(daemon.watch(Bell(), "web")) as output:
        text = "".join(value for _, value in output.news() or ())
        assert text.endswith(f"x {lines}\n")
        assert MOST_OUTPUT <= len(text) < MOST_OUTPUT + 8192


def test_nobody_looks_on_at_a_container_that_is_not_there(daemon: FakeDocker) -> None:
    with pytest.raises(NotFound):
        daemon.watch(Bell(), "nobody")
