"""What reports say about the daemons of a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_daemon import SmallDaemon

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

CRASH = """
def crash(process):
    yield from process.write(1, "x")
    raise ZeroDivisionError("inside a program")

def run_it(fakedocker):
    fakedocker.engine.wait(fakedocker.engine.run("base", "date"))

"""


def test_what_went_wrong_inside_is_raised_at_the_end_of_the_test(run: Run) -> None:
    result = run(
        CRASH
        + """
pytestmark = pytest.mark.fakedocker(programs={"date": crash})

def test_that_does_not_look(fakedocker):
    run_it(fakedocker)

def test_that_looks(fakedocker):
    run_it(fakedocker)
    with pytest.raises(AssertionError):
        fakedocker.check()

def test_after(fakedocker):
    pass
"""
    )
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_that_does_not_look*", "*DaemonError*date*ZeroDivisionError*"]
    )


def test_what_went_wrong_inside_is_told_beside_a_failure_and_does_not_hide_it(run: Run) -> None:
    result = run(
        CRASH
        + """
@pytest.mark.fakedocker(programs={"date": crash})
def test_it(fakedocker):
    run_it(fakedocker)
    assert "mine" == "yours"
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*assert*mine*yours*", "*- fakedocker tcp://127.0.0.1:* -*", "went wrong: DaemonError: *ZeroDivisionError*"]
    )
    assert result.stdout.str().count("went wrong:") == 1


def test_what_goes_wrong_after_a_failure_is_told_as_well(run: Run) -> None:
    result = run(
        CRASH
        + """
@pytest.fixture
def late(fakedocker):
    yield
    run_it(fakedocker)

@pytest.mark.fakedocker(programs={"date": crash})
def test_it(fakedocker, late):
    assert "mine" == "yours"
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Captured fakedocker teardown*", "went wrong: DaemonError: *ZeroDivisionError*"])


def test_a_failure_tells_what_the_daemon_was_asked_and_could_not_answer(run: Run) -> None:
    result = run(
        """
def test_it(fakedocker):
    create(fakedocker, "base", "web")
    create(fakedocker, "nosuch")
    ask(fakedocker, "GET", "/v1.41/nowhere")
    assert False

def test_that_passes(fakedocker):
    create(fakedocker, "base", "quiet")
"""
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*ContainerCreate*web*201*",
            "*ContainerCreate*404*No such image*",
            "the API does not have, or this daemon does not answer:",
            "  3 GET /v1.41/nowhere -> 404*",
        ]
    )
    result.stdout.no_fnmatch_line("*quiet*")


def test_a_failure_of_a_fixture_tells_it_too(run: Run) -> None:
    result = run(
        """
@pytest.fixture
def web(fakedocker):
    create(fakedocker, "base", "web")
    raise RuntimeError("no")

def test_it(fakedocker, web): ...
"""
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ContainerCreate*web*201*"])


def test_a_report_is_bounded_and_keeps_to_its_lines(run: Run) -> None:
    result = run(
        """
def test_it(fakedocker):
    for number in range(100):
        ask(fakedocker, "GET", f"/v1.41/images/{number}%1b[31m{'x' * 5000}/json")
    pytest.fail("here", pytrace=False)
"""
    )
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert text.count(" GET /v1.41/images/") == 30 + 10  # nobody answers them
    assert "… 70 earlier" in text
    assert "… 90 earlier" in text
    assert "\x1b[31m" not in text
    assert max(map(len, text.splitlines())) < 400


def test_the_daemons_of_a_test_are_told_apart(run: Run) -> None:
    result = run(
        """
def test_it(make_fakedocker):
    for name in ("one", "other"):
        create(make_fakedocker(), "base", name)
    assert False
"""
    )
    result.stdout.fnmatch_lines(["*- fakedocker tcp://*", "*one*201*", "*- fakedocker tcp://*", "*other*201*"])


LEAVES = """
def test_leaves(fakedocker):
    assert create(fakedocker, "base", "web") == 201

def test_removes(fakedocker):
    assert create(fakedocker, "base", "web") == 201
    assert ask(fakedocker, "DELETE", "/v1.41/containers/web")[0] == 204
"""


def test_what_a_test_leaves_behind_is_ignored_reported_or_fails_it(run: Run) -> None:
    result = run(LEAVES)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*left behind*")

    result = run(LEAVES, "--fakedocker-orphans=report")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*= fakedocker: left behind =*", "*.py::test_leaves: containers web"])
    result.stdout.no_fnmatch_line("*test_removes:*")

    result = run(LEAVES, "--fakedocker-orphans=fail")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*AssertionError: the test has left behind: containers web"])


def test_what_had_no_effect_fails_a_strict_test(run: Run) -> None:
    code = """
def test_it(fakedocker):
    assert ask(fakedocker, "GET", "/v1.41/containers/json?nosuch=1")[0] == 200
"""
    run(code).assert_outcomes(passed=1)
    result = run(code, "--fakedocker-strict")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*DaemonError: *ContainerList*nosuch*"])


def test_what_was_not_used_is_reported(suite: pytest.Pytester, run: Run, real: SmallDaemon) -> None:
    code = """
@pytest.mark.fakedocker(cassette=True)
def test_recorded(fakedocker):
    if "ASK" in os.environ:
        create(fakedocker, "busybox")
    ask(fakedocker, "GET", "/v1.41/version")

@pytest.mark.fakedocker(faults=["reset", {"kind": "hang", "on": "ImagePush"}])
def test_faulty(fakedocker):
    with pytest.raises(OSError):
        ask(fakedocker, "GET", "/v1.41/info")
"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASK", "1")
        run(code, "--fakedocker-mode=once").assert_outcomes(passed=2)
    result = run(code, "--fakedocker-report-unused")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*= fakedocker: unused =*",
            "*::test_recorded: * POST /v1.41/containers/create",
            "*::test_faulty: fault 2 (*hang*ImagePush*)",
        ]
    )


def test_a_request_that_the_cassette_does_not_have_fails_the_test_at_its_end(
    suite: pytest.Pytester, run: Run, real: SmallDaemon
) -> None:
    code = """
@pytest.mark.fakedocker(cassette=True)
def test_it(fakedocker):
    ask(fakedocker, "GET", "/v1.41/version" if "RECORD" in os.environ else "/v1.41/info")
"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECORD", "1")
        run(code, "--fakedocker-mode=once").assert_outcomes(passed=1)
    result = run(code)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ReplayError*/info*"])
