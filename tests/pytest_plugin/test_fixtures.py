"""The fixtures, seen from a test suite that uses them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]


def test_docker_host_points_at_the_daemon_while_a_test_runs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://before:1")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    run(
        """
def test_while(fakedocker, fakedocker_url):
    assert os.environ["DOCKER_HOST"] == fakedocker.url == fakedocker_url
    assert "DOCKER_TLS_VERIFY" not in os.environ

def test_after():
    assert os.environ["DOCKER_HOST"] == "tcp://before:1"
    assert os.environ["DOCKER_TLS_VERIFY"] == "1"
"""
    ).assert_outcomes(passed=2)
    assert os.environ["DOCKER_HOST"] == "tcp://before:1"


def test_a_process_finds_the_daemon_by_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "prod")
    run(
        """
import subprocess, sys

def test_it(fakedocker, fakedocker_env):
    code = "import os; print(os.environ['DOCKER_HOST'], os.environ.get('DOCKER_CONTEXT'))"
    said = subprocess.run([sys.executable, "-c", code], env=fakedocker_env, capture_output=True, text=True).stdout
    assert said.split() == [fakedocker.url, "None"]
"""
    ).assert_outcomes(passed=1)


def test_any_number_of_daemons_is_made_and_closed(run: Run) -> None:
    run(
        """
made = []

@pytest.mark.fakedocker(clock="manual")
def test_two(make_fakedocker):
    one, other = make_fakedocker(), make_fakedocker(fixture="empty", profile="26")
    made.extend([one, other])
    assert create(one) == 201
    assert other.engine.containers() == []
    one.advance(1)
    other.advance(1)
    assert one.url not in os.environ.get("DOCKER_HOST", "")

def test_after():
    for daemon in made:
        with pytest.raises(OSError):
            ask(daemon, "GET", "/_ping")
"""
    ).assert_outcomes(passed=2)


def test_a_daemon_that_is_made_is_checked_like_the_others(run: Run) -> None:
    result = run(
        """
def crash(process):
    yield from process.write(1, "x")
    raise ZeroDivisionError("inside a program")

def test_it(make_fakedocker):
    daemon = make_fakedocker(programs={"date": crash})
    make_fakedocker()
    daemon.engine.wait(daemon.engine.run("base", "date"))
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*DaemonError*date*ZeroDivisionError*"])


def test_a_client_of_docker_py_is_there_and_closed_at_the_end(run: Run) -> None:
    pytest.importorskip("docker")
    run(
        """
def test_it(fakedocker_client):
    assert fakedocker_client.containers.run("base", ["echo", "hello"]) == b"hello\\n"

@pytest.mark.fakedocker(api_version="1.41")
def test_the_version_is_that_of_the_test(fakedocker_client):
    assert fakedocker_client.api.api_version == "1.41"
"""
    ).assert_outcomes(passed=2)


def test_without_docker_py_a_test_is_skipped_and_says_how_to_install_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    result = run("def test_it(fakedocker_client): ...", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*docker-py is not installed: pip install docker*"])


def test_a_test_case_of_unittest_has_the_daemon(run: Run) -> None:
    run(
        """
import unittest

@pytest.mark.fakedocker(fixture="empty")
class Marked(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def daemon_of_the_test(self, fakedocker):
        self.daemon = fakedocker

    def test_it(self):
        self.assertEqual(self.daemon.engine.images(), [])
        self.assertEqual(os.environ["DOCKER_HOST"], self.daemon.url)

@pytest.mark.fakedocker(clock="manual")
class MarkedOnly(unittest.TestCase):
    def test_it(self):
        self.assertIn("127.0.0.1", os.environ["DOCKER_HOST"])

@pytest.mark.usefixtures("fakedocker")
class Used(unittest.TestCase):
    def test_it(self):
        self.assertIn("127.0.0.1", os.environ["DOCKER_HOST"])
"""
    ).assert_outcomes(passed=3)


def test_an_async_test_has_the_daemon(suite: pytest.Pytester, run: Run) -> None:
    suite.makeconftest(  # what the plugins for async tests do
        """
import asyncio, inspect, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        names = pyfuncitem._fixtureinfo.argnames
        asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
        return True
"""
    )
    run(
        """
import asyncio

async def test_it(fakedocker):
    host, _, port = fakedocker.url.removeprefix("tcp://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /_ping HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
    assert b"200 OK" in await reader.read()
    writer.close()
    await writer.wait_closed()
"""
    ).assert_outcomes(passed=1)


def test_a_test_runs_once_for_each_profile(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
def version(fakedocker):
    return json.loads(ask(fakedocker, "GET", "/version")[1])["Version"]

@pytest.mark.fakedocker(profile=["20.10", "26"])
def test_marked(fakedocker, fakedocker_profile):
    assert version(fakedocker).startswith(fakedocker_profile or "26")

@pytest.mark.fakedocker(profile=["20.10", "26"])
def test_marked_only():
    assert os.environ["DOCKER_HOST"]

@pytest.mark.parametrize("fakedocker_profile", ["28", "20.10"], indirect=True)
def test_parametrized(fakedocker, fakedocker_profile):
    assert version(fakedocker).startswith(fakedocker_profile)
"""
    result = run(code, "-v")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines_random(["*::test_marked[[]20.10] PASSED*", "*::test_parametrized[[]28] PASSED*"])
    run(code, "--fakedocker-profile=26", "-k", "test_marked").assert_outcomes(passed=2)


def test_the_plugin_can_be_left_out(suite: pytest.Pytester) -> None:
    suite.makepyfile("def test_it(request):\n    assert not request.config.pluginmanager.has_plugin('fakedocker')\n")
    result = suite.runpytest_inprocess("-p", "no:fakedocker")
    result.assert_outcomes(passed=1)


def test_a_test_that_needs_no_daemon_starts_none(run: Run) -> None:
    result = run("def test_it(request): assert 'fakedocker' not in request.fixturenames", "--setup-show")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*SETUP*fakedocker*")


def test_the_fixtures_are_explained(suite: pytest.Pytester) -> None:
    suite.runpytest_inprocess("--fixtures").stdout.fnmatch_lines_random(
        [
            "fakedocker_server [[]session scope[]]*",
            "fakedocker_config [[]session scope[]]*",
            "fakedocker_cassette_dir [[]module scope[]]*",
            "fakedocker -- *",
            "make_fakedocker -- *",
            "fakedocker_url -- *",
            "fakedocker_env -- *",
            "fakedocker_client -- *",
            "*fresh state*",
        ]
    )


def test_workers_of_xdist_have_a_daemon_each(suite: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    quick = "-p no:cacheprovider -p no:hypothesispytest"
    suite.makeini(f"[pytest]\naddopts = {quick} --strict-markers\nfakedocker_orphans = report\n")
    suite.makepyfile(
        """
import os, pytest, urllib.request

@pytest.mark.parametrize("number", range(6))
def test_it(fakedocker, number):
    assert fakedocker.engine.containers() == []
    request = urllib.request.Request(
        fakedocker.http_url + f"/v1.41/containers/create?name=left{number}", b'{"Image": "base", "Cmd": ["true"]}',
        {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()
"""
    )
    result = suite.runpytest_inprocess("-n", "2")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["*fakedocker: left behind*"])
    result.stdout.fnmatch_lines_random([f"*::test_it[[]{number}]: containers left{number}" for number in range(6)])
