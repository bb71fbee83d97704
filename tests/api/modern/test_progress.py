"""How streams of progress look."""

from __future__ import annotations

import pytest

from fakedocker.api.modern.progress import bar, encoded, error_line, lines, size_in_words
from fakedocker.engine import errors, jobs


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (98, "98B"),
        (999, "999B"),
        (1000, "1kB"),
        (33280, "33.28kB"),
        (1982296, "1.982MB"),
        (3 * 10**18, "3000PB"),
    ],
)
def test_sizes_have_four_digits(size: int, text: str) -> None:
    assert size_in_words(size) == text


@pytest.mark.parametrize(
    ("current", "total", "text"),
    [  # as dockerd 20.10 showed them
        (33280, 3000000, "[>                                                  ]  33.28kB/3MB"),
        (512, 1000, "[=========================>                         ]     512B/1kB"),
        (2560, 1000, "[==================================================>]   2.56kB"),
        (98, 98, "[==================================================>]      98B/98B"),
        (1311232, 3000000, "[=====================>                             ]  1.311MB/3MB"),
        (5, 0, "      5B"),
        (0, 0, ""),
    ],
)
def test_progress_is_a_picture_and_numbers(current: int, total: int, text: str) -> None:
    assert bar(current, total) == text


def test_events_are_objects() -> None:
    told = [
        *lines(jobs.Said("Pulling", "latest")),
        *lines(jobs.Said("Status: x")),
        *lines(jobs.Progress("abc", "Waiting")),
        *lines(jobs.Pushed("1", "sha256:d", 5)),
        *lines(jobs.BuildOutput("Step 1/2 : FROM x\n")),
        *lines(jobs.BuildOutput(" ---> x\n")),
        *lines(jobs.BuildOutput("")),
        *lines(jobs.BuildResult("abc")),
        *lines(jobs.Begun()),
    ]
    assert told == [
        {"status": "Pulling", "id": "latest"},
        {"status": "Status: x"},
        {"status": "Waiting", "progressDetail": {}, "id": "abc"},
        {"progressDetail": {}, "aux": {"Tag": "1", "Digest": "sha256:d", "Size": 5}},
        {"stream": "Step 1/2 : FROM x"},
        {"stream": "\n"},
        {"stream": " ---> x\n"},
        {},
        {"aux": {"ID": "sha256:abc"}},
    ]


def test_a_line_is_escaped_as_go_does_and_ends_in_both() -> None:
    assert encoded({"stream": "<&>"}) == b'{"stream":"\\u003c\\u0026\\u003e"}\r\n'


def test_an_error_is_told_in_the_words_of_the_daemon() -> None:
    error = errors.bad_image_archive("x")
    assert error_line(error, (1, 45)) == {"errorDetail": {"message": "x"}, "error": "x"}
    assert error_line(error, (1, 41))["error"] == "Error processing tar file(exit status 1): x"
    failed = error_line(errors.build_command_failed(["a"], 7), (1, 45))
    assert failed["errorDetail"] == {"code": 7, "message": "The command 'a' returned a non-zero code: 7"}
