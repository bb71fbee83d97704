"""Several sessions in one."""

from __future__ import annotations

from exchanges import exchange

from fakedocker.cassettes.merging import Source, merged
from fakedocker.cassettes.model import Cassette, Exchange, Header


def source(name: str, at: str, *exchanges: Exchange, **daemon: str) -> Source:
    return Source(name, Cassette(Header("fakedocker 0.1.0", at, daemon), exchanges))


def created(number: int, name: str, identity: str) -> Exchange:
    return exchange(
        number, "POST", "/v1.41/containers/create", {}, {"Id": identity * 64}, query=[("name", name)], status=201
    )


FIRST = source("a.yaml", "2026-01-01T00:00:00Z", created(1, "web", "a"), exchange(5, "GET", "/last"), version="20.10")


def test_exchanges_stand_in_the_order_in_which_they_began() -> None:
    second = source("b.yaml", "2026-01-01T00:00:02Z", exchange(1, "GET", "/middle", start=0.5))
    whole = merged([FIRST, second])
    assert [one.request.path for one in whole.cassette.exchanges] == ["/v1.41/containers/create", "/middle", "/last"]
    assert [one.start for one in whole.cassette.exchanges] == [1.0, 2.5, 5.0]
    assert [one.id for one in whole.cassette.exchanges] == [1, 2, 3]
    assert whole.origins == [0, 1, 0]


def test_each_session_keeps_its_connections_for_itself() -> None:
    whole = merged([FIRST, source("b.yaml", "2026-01-01T00:00:02Z", exchange(1, "GET", "/middle", start=0.5))])
    assert [one.connection for one in whole.cassette.exchanges] == [1, 2, 1]


def test_sessions_that_do_not_know_when_they_were_come_one_after_another() -> None:
    whole = merged([FIRST, source("b.yaml", "", exchange(1, "GET", "/b", start=0.5))])
    assert [one.request.path for one in whole.cassette.exchanges][-1] == "/b"
    assert whole.cassette.header.recorded_at == "2026-01-01T00:00:00Z"


def test_the_earliest_session_says_when_the_whole_was_recorded() -> None:
    earlier = source("b.yaml", "2025-12-31T23:59:59Z", exchange(1, "GET", "/b", start=0.5))
    whole = merged([FIRST, earlier])
    assert whole.cassette.header.recorded_at == "2025-12-31T23:59:59Z"
    assert [one.start for one in whole.cassette.exchanges] == [0.5, 2.0, 6.0]


def test_a_name_that_is_two_containers_is_explained() -> None:
    whole = merged([FIRST, source("b.yaml", "2026-01-02T00:00:00Z", created(1, "web", "b"), version="20.10")])
    assert whole.clashes == [
        "container web is aaaaaaaaaaaa in a.yaml and bbbbbbbbbbbb in b.yaml: "
        "who asks for it by name gets the answers of both, in the order of the whole"
    ]


def test_a_name_that_is_the_same_container_is_no_clash() -> None:
    inspected = exchange(1, "GET", "/v1.41/containers/web/json", None, {"Id": "a" * 64, "Name": "/web"})
    assert merged([FIRST, source("b.yaml", "2026-01-02T00:00:00Z", inspected)]).clashes == []


def test_different_daemons_are_explained_and_what_they_agree_on_is_kept() -> None:
    second = source("b.yaml", "2026-01-02T00:00:00Z", version="26.1", os="linux")
    whole = merged([FIRST, second])
    assert whole.cassette.header.daemon == {"os": "linux"}
    assert whole.clashes == ["these are different daemons: version is 20.10 in a.yaml, 26.1 in b.yaml"]


def test_a_name_that_went_on_to_another_container_is_no_clash() -> None:
    inspected = exchange(1, "GET", "/v1.41/containers/web/json", None, {"Id": "a" * 64, "Name": "/web"})
    second = source("b.yaml", "2026-01-02T00:00:00Z", inspected, created(2, "web", "b"))
    assert merged([FIRST, second]).clashes == []
