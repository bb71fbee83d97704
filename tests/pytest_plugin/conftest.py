"""Test suites that use the plugin, run in this process."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator

import pytest
from small_daemon import SmallDaemon

# A suite's run forgets what it was the first to import, and the standard library only half of it: docker-py has to be
# there before, or later tests have two of its parts.
with contextlib.suppress(ImportError):
    importlib.import_module("docker")

#: Variables that would change what the suites see.
AMBIENT = (
    *("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT", "DOCKER_API_VERSION", "DOCKER_CONFIG"),
    *("FAKEDOCKER_MODE", "FAKEDOCKER_UPSTREAM", "FAKEDOCKER_PROFILE", "FAKEDOCKER_API_VERSION", "FAKEDOCKER_LISTEN"),
    *("FAKEDOCKER_STRICT", "FAKEDOCKER_ORPHANS", "FAKEDOCKER_REPORT_UNUSED", "FAKEDOCKER_BLOCK_REAL"),
)

ASK = """
import http.client, json, os, pytest

def ask(daemon, method, path, body=None):
    connection = http.client.HTTPConnection(daemon.url.removeprefix("tcp://"))
    try:
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()

def create(daemon, image="base", name=""):
    query = f"?name={name}" if name else ""
    return ask(daemon, "POST", f"/v1.41/containers/create{query}", {"Image": image, "Cmd": ["true"]})[0]
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty suite, away from what this machine's environment says."""
    for name in AMBIENT:
        monkeypatch.delenv(name, raising=False)
    quick = "-p no:cacheprovider -p no:unraisableexception -p no:hypothesispytest -p no:xdist"  # slow, and not needed
    pytester.makeini(f"[pytest]\naddopts = {quick} --strict-markers --strict-config\nfilterwarnings = error\n")
    return pytester


Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(suite: pytest.Pytester) -> Run:
    """Run a module of tests that can `ask` and `create`."""

    def run(code: str, *words: str) -> pytest.RunResult:
        suite.makepyfile(ASK + code)
        return suite.runpytest_inprocess(*words)

    return run


@pytest.fixture
def real(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDaemon]:
    """A daemon that $DOCKER_HOST names when pytest begins."""
    with SmallDaemon() as daemon:
        monkeypatch.setenv("DOCKER_HOST", daemon.url)
        yield daemon
