"""The options of a tmpfs, and what a kernel shows of them (as asked of dockerd 20.10 and 26)."""

from __future__ import annotations

import pytest

from fakedocker.engine import errors
from fakedocker.engine.files.tmpfs import options, options_of


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("", "rw,nosuid,nodev,noexec,relatime"),
        ("defaults", "rw,nosuid,nodev,noexec,relatime"),
        ("size=1m,ro,rw", "rw,nosuid,nodev,noexec,relatime,size=1024k"),
        ("mode=1777", "rw,nosuid,nodev,noexec,relatime"),
        ("ro,exec,mode=700,size=2g", "ro,nosuid,nodev,relatime,size=2097152k,mode=700"),
        ("uid=5", "rw,nosuid,nodev,noexec,relatime,uid=5"),
        ("noexec,exec", "rw,nosuid,nodev,relatime"),
        ("nr_inodes=4", "rw,nosuid,nodev,noexec,relatime,nr_inodes=4"),
        ("size=1000", "rw,nosuid,nodev,noexec,relatime,size=4k"),
    ],
)
def test_options_are_shown_as_a_kernel_shows_them(told: str, shown: str) -> None:
    assert options(told) == shown


@pytest.mark.parametrize(
    ("told", "formerly", "today"),
    [
        ("1m", 'invalid tmpfs option ["1m"]', 'invalid tmpfs option "1m"'),
        ("bad=1", 'invalid tmpfs option ["bad" "1"]', 'invalid tmpfs option "bad"'),
        ("size=1m,1m,2m", 'invalid tmpfs option ["2m"]', 'invalid tmpfs option "2m"'),
        ("size", 'invalid tmpfs option ["size"]', 'invalid tmpfs option "size"'),
        (" size=1m", 'invalid tmpfs option [" size" "1m"]', 'invalid tmpfs option " size"'),
    ],
)
def test_an_option_that_there_is_not_is_refused(told: str, formerly: str, today: str) -> None:
    with pytest.raises(errors.Failure) as raised:
        options(told)
    assert str(raised.value.for_daemon((1, 41))) == formerly
    assert str(raised.value.for_daemon((1, 45))) == today


def test_a_mount_says_its_options_in_numbers() -> None:
    assert options_of({"SizeBytes": 1000, "Mode": 0o700}, read_only=True) == "ro,size=1000,mode=700"
    assert options_of({}, read_only=False) == ""
