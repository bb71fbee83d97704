"""Cassettes as tables and pages."""

from __future__ import annotations

import json

from exchanges import exchange, exchanges
from hypothesis import given, settings

from fakedocker.cassettes.listing import document, pages, printable, row, summary, table
from fakedocker.cassettes.model import Bytes, Empty, Exchange, File, Frame, Request, Response, Stream, Text

ATTACH = Exchange(
    7,
    2,
    1.5,
    0.25,
    Request("POST", "/v1.41/containers/abc/attach", (("stdin", "1"), ("name", "a b")), (("Upgrade", "tcp"),)),
    Response(
        101,
        "UPGRADED",
        (),
        Stream(
            "hijack",
            (
                Frame(0.1, Text("world\n"), "in", "stdin", ends=True),
                Frame(0.2, Text("hello\x1b[2J\n"), "out", "stdout"),
                Frame(0.25, Empty(), "out", ends=True),
            ),
        ),
    ),
    "eof",
)


def test_a_row_counts_the_bytes_of_both_directions() -> None:
    one = row(ATTACH)
    assert (one.received, one.sent) == (6, 8 + 10)  # a frame has a header
    assert one.path == "/v1.41/containers/abc/attach?stdin=1&name=a+b"


def test_a_file_counts_with_its_size() -> None:
    asked = Exchange(1, 1, 0, 0, Request("PUT", "/x", body=File("sha256:" + "0" * 64, 12345)), None, "reset")
    assert (row(asked).received, row(asked).status) == (12345, None)


def test_a_table_is_aligned_and_says_how_it_ended() -> None:
    heads, first, second = table([ATTACH, exchange(10, "GET", "/_ping", answer=Text("OK"), status=200)])
    assert heads.split() == ["n", "time", "method", "path", "status", "duration", "in", "out", "end"]
    assert first.split()[-1] == "eof"
    assert first.index("POST") == second.index("GET") == heads.index("method")


def test_a_page_shows_frames_with_time_direction_and_channel() -> None:
    lines = list(pages(ATTACH))
    assert "> Upgrade: tcp" in lines
    assert "  0.100000 > stdin  world\\n (end)" in lines
    assert "  0.200000 < stdout hello\\x1b[2J\\n" in lines


def test_a_page_shows_json_on_lines_bytes_in_base64_and_that_there_was_no_answer() -> None:
    assert "< {" in list(pages(exchange(1, "GET", "/x", answer={"Id": "a"})))
    assert "< 2 bytes: //4=" in list(pages(exchange(1, "GET", "/x", answer=Bytes(b"\xff\xfe"))))
    assert list(pages(Exchange(1, 1, 0, 0, Request("GET", "/"), None, "reset")))[-1] == "< no answer"


@given(exchanges)
@settings(max_examples=50, deadline=None)
def test_nothing_that_was_recorded_reaches_the_terminal_as_a_command(one: Exchange) -> None:
    assert all(line.isprintable() for line in [*table([one]), *pages(one)])


@given(exchanges)
@settings(max_examples=50, deadline=None)
def test_what_scripts_get_is_json(one: Exchange) -> None:
    assert json.loads(json.dumps(summary(one)))["id"] == one.id
    assert document(one)["end"] == one.end


def test_halves_of_characters_are_shown() -> None:
    assert printable("a\ud800\n") == "a\\ud800\\n"
