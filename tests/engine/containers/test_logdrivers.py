"""Which log drivers there are, and what can be set of them."""

from __future__ import annotations

import pytest

from fakedocker.engine.containers.hostconfig import LogConfig
from fakedocker.engine.containers.logdrivers import verify
from fakedocker.engine.errors import InvalidParameter


@pytest.mark.parametrize(
    ("driver", "options"),
    [
        ("", {"max-file": "3", "tag": "x"}),
        ("local", {"max-size": "1m"}),
        ("none", {"anything": "goes"}),
        ("json-file", {"mode": "non-blocking", "max-buffer-size": "1m"}),
        ("syslog", {"syslog-address": "udp://1.2.3.4:5"}),
    ],
)
def test_what_can_be_set(driver: str, options: dict[str, str]) -> None:
    verify(LogConfig(driver, options))


@pytest.mark.parametrize(
    ("driver", "options", "problem"),
    [
        ("asdf", {}, 'error looking up logging plugin asdf: plugin "asdf" not found'),
        ("", {"nosuch": "1"}, "unknown log opt 'nosuch' for json-file log driver"),
        ("syslog", {"x": "2"}, "unknown log opt 'x' for syslog log driver"),
        ("local", {"tag": "x"}, "unknown log opt 'tag' for log driver local"),
        ("", {"mode": "sideways"}, "logger: logging mode not supported: sideways"),
        (
            "",
            {"mode": "blocking", "max-buffer-size": "1m"},
            "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
        ),
    ],
)
def test_what_cannot(driver: str, options: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidParameter) as error:
        verify(LogConfig(driver, options))
    assert str(error.value) == problem
