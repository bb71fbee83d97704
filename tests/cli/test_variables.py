"""Options from the environment."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from fakedocker.cli import parser


def options(monkeypatch: pytest.MonkeyPatch, *words: str, **variables: str) -> argparse.Namespace:
    for name, value in variables.items():
        monkeypatch.setenv(f"FAKEDOCKER_{name}", value)
    return parser().parse_args(words)


@pytest.mark.parametrize(
    ("variables", "name", "value"),
    [
        ({"FIXTURE": "shop.yaml"}, "fixture", "shop.yaml"),
        ({"CLOCK_SPEED": "60"}, "clock_speed", 60.0),
        ({"HOST": "tcp://127.0.0.1:1 unix:///s"}, "host", ["tcp://127.0.0.1:1", "unix:///s"]),
        ({"REGISTRY": "http://a:1 http://b:2"}, "registry", ["http://a:1", "http://b:2"]),
        ({"STRICT": "yes"}, "strict", True),
        ({"STRICT": "off"}, "strict", False),
        ({"PUBLISH": "true"}, "publish", True),
        ({"PUBLISH": "false"}, "publish", False),
        ({"NO_CONTROL": "1"}, "no_control", True),
        ({"CONTROL_TOKEN": "-x"}, "control_token", "-x"),
    ],
)
def test_a_variable_says_what_the_option_would(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str, value: Any
) -> None:
    assert getattr(options(monkeypatch, "serve", **variables), name) == value


def test_the_command_line_is_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("serve", "-H", "unix:///mine", "--fixture", "mine", "--no-publish")
    found = options(monkeypatch, *words, HOST="unix:///other", FIXTURE="other", PUBLISH="true")
    assert (found.host, found.fixture, found.publish) == (["unix:///mine"], "mine", False)


def test_words_of_the_command_that_is_run_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = options(monkeypatch, "run", "--", "x", "--fixture", "theirs", FIXTURE="ours")
    assert (found.fixture, found.command[-3:]) == ("ours", ["x", "--fixture", "theirs"])


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"PROFILE": "30"}, "--profile"),
        ({"SEED": "soon"}, "--seed"),
        ({"STRICT": "perhaps"}, "$FAKEDOCKER_STRICT: 'perhaps' is neither true nor false"),
    ],
)
def test_what_makes_no_sense_is_refused_as_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        options(monkeypatch, "serve", **variables)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
