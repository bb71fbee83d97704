"""Tests that are kept from the real daemon."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_daemon import SmallDaemon

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

KNOCK = """
import contextlib, socket

REAL = os.environ["DOCKER_HOST"]

def knock(url=REAL):
    host, _, port = url.removeprefix("tcp://").rpartition(":")
    socket.create_connection((host, int(port)), timeout=5).close()

"""


def test_nobody_is_kept_from_anything_unless_it_is_asked_for(run: Run, real: SmallDaemon) -> None:
    run(KNOCK + "def test_it():\n    knock()").assert_outcomes(passed=1)


def test_a_test_that_opens_the_real_daemon_fails_with_the_line(run: Run, real: SmallDaemon) -> None:
    code = """
def test_loud():
    knock()

def test_that_swallows_it():
    with contextlib.suppress(Exception):
        knock()

def test_that_swallows_it_and_fails():
    with contextlib.suppress(Exception):
        knock()
    assert "mine" == "yours"

def test_that_has_a_fake(fakedocker):
    knock(fakedocker.url)
"""
    result = run(KNOCK + code, "--fakedocker-block-real")
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "fakedocker: block_real=True",
            "*_ test_loud _*",
            f"*RealDockerError: the real Docker was opened: {real.url}",
            "*by *.py:* in knock: socket.create_connection*",
            "*fakedocker_allow_real excepts one",
            "*_ test_that_swallows_it _*",
            f"*RealDockerError: the real Docker was opened: {real.url}",
            "*_ test_that_swallows_it_and_fails _*",
            "*assert*mine*yours*",
            "*- real Docker -*",
            "  by *.py:* in knock: *",
        ]
    )
    assert real.asked == []


def test_fixtures_are_kept_from_it_as_well(run: Run, real: SmallDaemon) -> None:
    code = """
@pytest.fixture
def early():
    knock()

@pytest.fixture
def late():
    yield
    with contextlib.suppress(Exception):
        knock()

def test_early(early): ...
def test_late(late): ...
"""
    result = run(KNOCK + code, "--fakedocker-block-real")
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*ERROR at setup of test_early*", "*ERROR at teardown of test_late*"])


def test_a_test_that_skips_after_it_has_swallowed_it_is_told(run: Run, real: SmallDaemon) -> None:
    code = """
def test_it():
    try:
        knock()
    except Exception:
        pytest.skip("no daemon")
"""
    run(KNOCK + code, "--fakedocker-block-real").assert_outcomes(skipped=1, errors=1)


def test_a_test_can_be_excepted(run: Run, real: SmallDaemon) -> None:
    code = """
@pytest.mark.fakedocker_allow_real
def test_by_its_own_marker():
    knock()

@pytest.mark.fakedocker(allow_real=True)
class TestIntegration:
    def test_by_the_class(self, request):
        knock()
        assert "fakedocker" not in request.fixturenames
"""
    run(KNOCK + code, "--fakedocker-block-real").assert_outcomes(passed=2)


@pytest.mark.parametrize("how", ["ini", "variable", "marker"])
def test_it_can_be_asked_for_in_other_ways(
    suite: pytest.Pytester, run: Run, real: SmallDaemon, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    code = "def test_it():\n    knock()"
    if how == "ini":
        with (suite.path / "tox.ini").open("a") as ini:
            ini.write("\nfakedocker_block_real = true\n")
    elif how == "variable":
        monkeypatch.setenv("FAKEDOCKER_BLOCK_REAL", "1")
    else:
        code = f"@pytest.mark.fakedocker(block_real=True)\n{code}"
    run(KNOCK + code).assert_outcomes(failed=1)


def test_a_recording_reaches_the_daemon_that_its_test_may_not(run: Run, real: SmallDaemon) -> None:
    code = """
@pytest.mark.fakedocker(cassette=True, mode="once")
def test_it(fakedocker):
    assert create(fakedocker, "busybox") == 201
"""
    run(KNOCK + code, "--fakedocker-block-real").assert_outcomes(passed=1)
    assert real.asked == ["GET /version", "POST /containers/create"]
