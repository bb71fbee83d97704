"""The pytest plugin, seen from a test suite that uses it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from small_daemon import SmallDaemon

pytest_plugins = ["pytester"]

LIST = """
import json, os, urllib.request

def containers(daemon):
    with urllib.request.urlopen(daemon.http_url + "/containers/json?all=1") as answer:
        return json.load(answer)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    quick = "-p no:cacheprovider -p no:unraisableexception -p no:hypothesispytest -p no:xdist"  # slow, and not needed
    pytester.makeini(f"[pytest]\naddopts = {quick} --strict-markers\nfilterwarnings = error\n")
    return pytester


def passed(suite: pytest.Pytester, code: str, count: int) -> None:
    suite.makepyfile(LIST + code)
    suite.runpytest_inprocess().assert_outcomes(passed=count)


def test_every_test_gets_fresh_state_from_one_daemon(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
urls = set()

def test_one(fakedocker):
    urls.add(fakedocker.url)
    fakedocker.engine.create("base", "true")
    assert len(containers(fakedocker)) == 1

def test_other(fakedocker):
    urls.add(fakedocker.url)
    assert containers(fakedocker) == []
    assert len(urls) == 1
""",
        2,
    )


def test_docker_host_points_at_the_daemon_while_a_test_runs(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://before:1")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    passed(
        suite,
        """
def test_while(fakedocker, fakedocker_url):
    assert os.environ["DOCKER_HOST"] == fakedocker.url == fakedocker_url
    assert "DOCKER_TLS_VERIFY" not in os.environ

def test_after():
    assert os.environ["DOCKER_HOST"] == "tcp://before:1"
    assert os.environ["DOCKER_TLS_VERIFY"] == "1"
""",
        2,
    )
    assert os.environ["DOCKER_HOST"] == "tcp://before:1"


def test_a_marker_makes_a_daemon_of_its_own(suite: pytest.Pytester) -> None:
    suite.makefile(".yaml", world="images:\n  - name: mine\n")
    passed(
        suite,
        """
import pytest

@pytest.mark.fakedocker(clock="manual", contract="observed")
def test_keywords(fakedocker, fakedocker_session):
    assert fakedocker.url != fakedocker_session.url
    container = fakedocker.engine.run("base", "sleep", "1000")
    fakedocker.advance(1001)
    assert not container.running
    assert len(containers(fakedocker)[0]["Id"]) == 64

@pytest.mark.fakedocker("world.yaml")
def test_fixture(fakedocker):
    assert list(fakedocker.engine.tags()) == ["mine:latest"]
    assert os.environ["DOCKER_HOST"] == fakedocker.url

@pytest.mark.fakedocker
def test_bare(fakedocker, fakedocker_session):
    assert fakedocker is fakedocker_session

@pytest.mark.fakedocker("empty")
class TestClass:
    def test_inherits(self, fakedocker):
        assert fakedocker.engine.images() == []
""",
        4,
    )


def test_what_went_wrong_inside_is_raised_at_the_end_of_the_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
import pytest

def crash(process):
    yield from process.write(1, "x")
    raise ZeroDivisionError("inside a program")

@pytest.mark.fakedocker(programs={"date": crash})
def test_that_does_not_look(fakedocker):
    fakedocker.engine.wait(fakedocker.engine.run("base", "date"))

@pytest.mark.fakedocker(programs={"date": crash})
def test_that_looks(fakedocker):
    fakedocker.engine.wait(fakedocker.engine.run("base", "date"))
    with pytest.raises(AssertionError):
        fakedocker.check()

def test_after(fakedocker):
    pass
"""
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_that_does_not_look*", "*DaemonError*date*ZeroDivisionError*"]
    )


def test_a_fixture_that_is_not_there_is_an_error_of_the_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
import pytest

@pytest.mark.fakedocker("nosuch")
def test_it(fakedocker):
    pass
"""
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*FixtureError*nosuch*"])


def test_the_marker_and_the_fixtures_are_explained(suite: pytest.Pytester) -> None:
    suite.runpytest_inprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.fakedocker(*"])
    suite.runpytest_inprocess("--fixtures").stdout.fnmatch_lines_random(
        ["fakedocker_session [[]session scope[]]*", "fakedocker -- *", "*fresh state*", "fakedocker_url -- *"]
    )


def test_a_program_that_a_test_registers_is_gone_in_the_next_one(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        """
import pytest

def program(text):
    def body(process):
        yield from process.write(1, text)
        return 0
    return body

@pytest.fixture(scope="session", autouse=True)
def for_all(fakedocker_session):
    fakedocker_session.program("ours")(program("session"))

@pytest.fixture
def own(fakedocker):
    fakedocker.program("own")(program("fixture"))

@pytest.fixture
def said(fakedocker):
    def said(name):
        container = fakedocker.engine.run("base", name)
        return fakedocker.engine.wait(container), fakedocker.engine.logs(container, "stdout")
    return said
"""
    )
    suite.makepyfile(
        """
import pytest

from fakedocker.engine.errors import CannotStart

def test_one(fakedocker, own, said):
    @fakedocker.program("ours")
    def mine(process):
        yield from process.write(1, "test")
        return 0

    assert said("ours") == (0, b"test")
    assert said("own") == (0, b"fixture")

def test_other(fakedocker, said):
    assert said("ours") == (0, b"session")
    with pytest.raises(CannotStart):
        said("own")
"""
    )
    suite.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=2)


# -- cassettes -----------------------------------------------------------------------------

SESSION = """
import http.client, os, pytest

def create(daemon, image="busybox"):
    connection = http.client.HTTPConnection(daemon.url.removeprefix("tcp://"))
    body = '{"Image": "' + image + '"}'
    connection.request("POST", "/v1.41/containers/create", body, {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status
"""


@pytest.fixture
def real(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDaemon]:
    """A daemon that $DOCKER_HOST names when pytest begins."""
    with SmallDaemon() as daemon:
        monkeypatch.setenv("DOCKER_HOST", daemon.url)
        yield daemon


def test_a_cassette_is_recorded_once_from_the_daemon_of_the_environment(
    suite: pytest.Pytester, real: SmallDaemon
) -> None:
    suite.makepyfile(
        SESSION
        + """
@pytest.mark.fakedocker(cassette="session.yaml", mode="once")
def test_it(fakedocker):
    assert os.environ["DOCKER_HOST"] == fakedocker.url
    assert create(fakedocker) == 201
"""
    )
    for _ in range(2):
        suite.runpytest_inprocess().assert_outcomes(passed=1)
    assert real.asked == ["GET /version", "POST /containers/create"]
    assert (suite.path / "session.yaml").exists()


def test_the_command_line_says_what_is_recorded_and_from_where(suite: pytest.Pytester, real: SmallDaemon) -> None:
    suite.makepyfile(
        SESSION
        + """
@pytest.mark.fakedocker(cassette="session.yaml", mode="none", upstream="unix:///no/such.sock")
def test_it(fakedocker):
    assert create(fakedocker) == 201
"""
    )
    suite.runpytest_inprocess().assert_outcomes(errors=1)
    words = ("--fakedocker-mode=all", f"--fakedocker-upstream={real.url}")
    for _ in range(2):
        suite.runpytest_inprocess(*words).assert_outcomes(passed=1)
    assert real.asked == ["GET /version", "POST /containers/create"] * 2
    suite.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_ini_file_says_it_where_nothing_else_does(suite: pytest.Pytester, real: SmallDaemon) -> None:
    with (suite.path / "tox.ini").open("a") as ini:
        ini.write("\nfakedocker_mode = new_episodes\n")
    suite.makepyfile(
        SESSION
        + """
@pytest.mark.fakedocker(cassette="session.yaml")
@pytest.mark.parametrize("image", ["busybox", "alpine"])
def test_it(fakedocker, image):
    assert create(fakedocker, image) == 201
"""
    )
    suite.runpytest_inprocess().assert_outcomes(passed=2)
    assert real.asked == ["GET /version", *["POST /containers/create"] * 2]
    suite.runpytest_inprocess("--fakedocker-mode=none").assert_outcomes(passed=2)


def test_a_test_that_failed_leaves_the_cassette_as_it_was_and_says_where_its_recording_is(
    suite: pytest.Pytester, real: SmallDaemon
) -> None:
    suite.makepyfile(
        SESSION
        + """
@pytest.mark.fakedocker(cassette="session.yaml", mode="once")
def test_it(fakedocker):
    assert create(fakedocker) == 500
"""
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*session.yaml is what it was; what this test has recorded is in *session.yaml.new"])
    assert not (suite.path / "session.yaml").exists()
    assert (suite.path / "session.yaml.new").exists()


def test_a_daemon_that_cannot_be_recorded_is_an_error_of_the_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        SESSION
        + """
@pytest.mark.fakedocker(cassette="session.yaml", mode="all", upstream="unix:///no/such.sock")
def test_it(fakedocker):
    pass
"""
    )
    result = suite.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UnreachableError: cannot reach unix:///no/such.sock*"])
