"""How daemons are made for a test and taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_daemon import SmallDaemon

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]


def test_every_test_gets_fresh_state_from_one_daemon(run: Run) -> None:
    run(
        """
def test_one(fakedocker, fakedocker_server):
    assert fakedocker is fakedocker_server
    fakedocker.faults.add("error", status=500, on="SystemInfo")
    assert create(fakedocker) == 201

def test_other(fakedocker, fakedocker_server):
    assert fakedocker is fakedocker_server
    assert fakedocker.engine.containers() == []
    assert len(fakedocker.journal) == 0
    assert ask(fakedocker, "GET", "/v1.41/info")[0] == 200
"""
    ).assert_outcomes(passed=2)


def test_a_test_that_wants_another_daemon_gets_its_own(suite: pytest.Pytester, run: Run) -> None:
    suite.makefile(".yaml", world="images:\n  - name: mine\n")
    run(
        """
@pytest.mark.fakedocker(clock="manual", contract="observed")
def test_keywords(fakedocker, fakedocker_server):
    assert fakedocker.url != fakedocker_server.url
    container = fakedocker.engine.run("base", "sleep", "1000")
    fakedocker.advance(1001)
    assert not container.running

@pytest.mark.fakedocker("world.yaml")
def test_fixture(fakedocker):
    assert list(fakedocker.engine.tags()) == ["mine:latest"]
    assert os.environ["DOCKER_HOST"] == fakedocker.url

@pytest.mark.fakedocker
def test_bare(fakedocker, fakedocker_server):
    assert fakedocker is fakedocker_server

@pytest.mark.fakedocker(faults=[{"kind": "error", "error": "no-space", "on": "ContainerCreate"}])
def test_faults(fakedocker):
    assert create(fakedocker) == 500
"""
    ).assert_outcomes(passed=4)


def test_a_world_is_looked_for_beside_the_test(suite: pytest.Pytester) -> None:
    folder = suite.mkdir("deep")
    (folder / "world.yaml").write_text("images:\n  - name: mine\n")
    (folder / "test_it.py").write_text(
        "import pytest\n@pytest.mark.fakedocker('world.yaml')\n"
        "def test_it(fakedocker): assert list(fakedocker.engine.tags()) == ['mine:latest']\n"
    )
    suite.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_fixture_that_is_not_there_is_an_error_of_the_test(run: Run) -> None:
    result = run("@pytest.mark.fakedocker('nosuch')\ndef test_it(fakedocker): ...")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*FixtureError*nosuch*"])


def test_a_program_that_a_test_registers_is_gone_in_the_next_one(suite: pytest.Pytester, run: Run) -> None:
    suite.makeconftest(
        """
import pytest

def program(text):
    def body(process):
        yield from process.write(1, text)
        return 0
    return body

@pytest.fixture(scope="session", autouse=True)
def for_all(fakedocker_server):
    fakedocker_server.program("ours")(program("session"))

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
    run(
        """
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
    ).assert_outcomes(passed=2)


def test_a_socket_of_its_own_is_gone_after_the_test(run: Run) -> None:
    run(
        """
from pathlib import Path
paths = []

@pytest.mark.fakedocker(listen="unix")
def test_it(fakedocker, make_fakedocker):
    for daemon in (fakedocker, make_fakedocker()):
        assert daemon.url.startswith("unix:///")
        paths.append(Path(daemon.url.removeprefix("unix://")))
        assert paths[-1].is_socket()
    assert len(set(paths)) == 2

def test_after():
    assert not any(path.parent.exists() for path in paths)
"""
    ).assert_outcomes(passed=2)


def test_the_daemon_of_the_session_can_listen_at_a_socket(run: Run) -> None:
    result = run(
        "def test_it(fakedocker, fakedocker_server):\n"
        "    assert fakedocker is fakedocker_server\n    assert fakedocker.url.startswith('unix://')",
        "--fakedocker-listen=unix",
    )
    result.assert_outcomes(passed=1)


# -- cassettes -----------------------------------------------------------------------------


def test_a_cassette_is_recorded_once_from_the_daemon_of_the_environment(
    suite: pytest.Pytester, run: Run, real: SmallDaemon
) -> None:
    code = """
@pytest.mark.fakedocker(cassette="session.yaml", mode="once")
def test_it(fakedocker):
    assert os.environ["DOCKER_HOST"] == fakedocker.url
    assert create(fakedocker, "busybox") == 201
"""
    for _ in range(2):
        run(code).assert_outcomes(passed=1)
    assert real.asked == ["GET /version", "POST /containers/create"]
    assert (suite.path / "session.yaml").exists()


def test_a_cassette_without_a_name_has_that_of_its_test(suite: pytest.Pytester, run: Run, real: SmallDaemon) -> None:
    code = """
@pytest.mark.fakedocker(cassette=True)
class TestShop:
    @pytest.mark.parametrize("image", ["busybox", "library/alpine"])
    def test_it(self, fakedocker, image):
        assert create(fakedocker, image) == 201
"""
    run(code, "--fakedocker-mode=once").assert_outcomes(passed=2)
    [folder] = (suite.path / "cassettes").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "TestShop.test_it[busybox].yaml",
        "TestShop.test_it[library-alpine].yaml",
    ]
    asked = [*real.asked]
    run(code).assert_outcomes(passed=2)
    assert real.asked == asked


def test_a_suite_has_its_cassettes_where_it_wants(suite: pytest.Pytester, run: Run, real: SmallDaemon) -> None:
    run(
        """
@pytest.fixture(scope="module")
def fakedocker_cassette_dir(request):
    return str(request.path.parent / "recorded")

@pytest.mark.fakedocker(cassette=True, mode="once")
def test_it(fakedocker):
    assert create(fakedocker, "busybox") == 201
"""
    ).assert_outcomes(passed=1)
    assert (suite.path / "recorded" / "test_it.yaml").exists()


def test_the_command_line_says_what_is_recorded_and_from_where(run: Run, real: SmallDaemon) -> None:
    code = """
@pytest.mark.fakedocker(cassette="session.yaml", mode="none", upstream="unix:///no/such.sock")
def test_it(fakedocker):
    assert create(fakedocker, "busybox") == 201
"""
    run(code).assert_outcomes(errors=1)
    for _ in range(2):
        run(code, "--fakedocker-mode=all", f"--fakedocker-upstream={real.url}").assert_outcomes(passed=1)
    assert real.asked == ["GET /version", "POST /containers/create"] * 2
    run(code).assert_outcomes(passed=1)


def test_a_test_that_failed_leaves_the_cassette_as_it_was_and_says_where_its_recording_is(
    suite: pytest.Pytester, run: Run, real: SmallDaemon
) -> None:
    result = run(
        """
@pytest.mark.fakedocker(cassette="session.yaml", mode="once")
def test_it(fakedocker):
    assert create(fakedocker, "busybox") == 500
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*session.yaml is what it was; what this test has recorded is in *session.yaml.new"])
    assert not (suite.path / "session.yaml").exists()
    assert (suite.path / "session.yaml.new").exists()


def test_a_daemon_that_cannot_be_recorded_is_an_error_of_the_test(run: Run) -> None:
    result = run(
        """
@pytest.mark.fakedocker(cassette="session.yaml", mode="all", upstream="unix:///no/such.sock")
def test_it(fakedocker):
    pass
"""
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UnreachableError: cannot reach unix:///no/such.sock*"])
