"""What is shipped: the wheel and the source distribution have all they need, no more, and work once installed.

Both are built once for all tests (of all xdist workers), the wheel from the source distribution, as an index would.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from configparser import ConfigParser
from email.parser import Parser
from email.policy import compat32
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "fakedocker"
PATIENCE = 180  # seconds until a build that hangs fails its tests

#: Nobody wants these in a distribution.
LITTER = ("__pycache__", ".pyc", ".git/", ".venv", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".env")


def run(command: Sequence[str | Path], cwd: Path, **environment: str) -> str:
    """Run a command with pip's and Python's settings of this machine left out; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "PYTEST"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, the wheel made from it, and `installed/`, the wheel installed."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "distributions"
    with (shared / "distributions.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers wait here until the first has built
        if not folder.exists():
            built = shared / "distributions.new"
            built.mkdir(exist_ok=True)
            run([sys.executable, "-m", "build", "--no-isolation", "--outdir", built, ROOT], cwd=shared)
            [wheel] = built.glob("*.whl")
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
            run([*pip, "--target", built / "installed", wheel], cwd=shared)
            built.rename(folder)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> dict[str, bytes]:
    """The files of the wheel."""
    [path] = distributions.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


@pytest.fixture(scope="session")
def sdist(distributions: Path) -> set[str]:
    """The paths of the files in the source distribution, less its top folder."""
    [path] = distributions.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = [member.name for member in archive if member.isfile()]
    return {PurePosixPath(*PurePosixPath(name).parts[1:]).as_posix() for name in names}


def info(wheel: dict[str, bytes], name: str) -> str:
    """Return a file of the wheel's .dist-info."""
    [path] = [path for path in wheel if path.endswith(f".dist-info/{name}")]
    return wheel[path].decode()


def below(folder: Path, pattern: str) -> set[str]:
    """Return the files of the source tree that match, as paths from its root."""
    return {path.relative_to(ROOT).as_posix() for path in folder.rglob(pattern) if "__pycache__" not in path.parts}


def project() -> dict[str, str]:
    """Return what pyproject.toml says of the project."""
    table: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


# -- the wheel -----------------------------------------------------------------------


def test_the_wheel_has_every_module(wheel: dict[str, bytes]) -> None:
    assert below(PACKAGE, "*.py") <= wheel.keys()


def test_the_wheel_says_that_it_is_typed(wheel: dict[str, bytes]) -> None:
    assert "fakedocker/py.typed" in wheel


def test_the_wheel_has_the_fixtures_as_worlds(wheel: dict[str, bytes]) -> None:
    fixtures = {path.name for path in (ROOT / "fixtures").glob("*.yaml")}
    assert fixtures
    assert {f"fakedocker/worlds/{name}" for name in fixtures} <= wheel.keys()


def test_the_wheel_has_the_files_of_the_status_page(wheel: dict[str, bytes]) -> None:
    page = PACKAGE / "control" / "page"
    files = below(page / "templates", "*") | below(page / "static", "*")
    assert len(files) >= 6
    assert files <= wheel.keys()


def test_the_wheel_has_the_package_and_nothing_else(wheel: dict[str, bytes]) -> None:
    version = project()["version"]
    tops = {name.partition("/")[0] for name in wheel}
    assert tops == {"fakedocker", f"fakedocker-{version}.dist-info"}
    assert [name for name in wheel if any(litter in name for litter in LITTER)] == []


def test_the_wheel_offers_the_command_and_the_pytest_plugin(wheel: dict[str, bytes]) -> None:
    offered = ConfigParser()
    offered.read_string(info(wheel, "entry_points.txt"))
    assert dict(offered["console_scripts"]) == {"fakedocker": "fakedocker.cli:main"}
    assert dict(offered["pytest11"]) == {"fakedocker": "fakedocker.pytest_plugin"}


def test_the_wheel_says_what_it_is(wheel: dict[str, bytes]) -> None:
    metadata = Parser(policy=compat32).parsestr(info(wheel, "METADATA"))
    assert metadata["Name"] == "fakedocker"
    assert metadata["Version"] == project()["version"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"


def test_the_wheel_has_the_licence(wheel: dict[str, bytes]) -> None:
    assert info(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_whoever_installs_it_gets_no_test_tools(wheel: dict[str, bytes]) -> None:
    metadata = Parser(policy=compat32).parsestr(info(wheel, "METADATA"))
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(line.partition(">")[0] for line in needed) == ["flask", "pyyaml", "werkzeug"]


# -- the source distribution -----------------------------------------------------------


@pytest.mark.parametrize("folder", ["fakedocker", "fixtures", "tests", "docs", ".ci", "benchmarks"])
def test_the_source_distribution_has_the_folder(sdist: set[str], folder: str) -> None:
    files = {name for name in below(ROOT / folder, "*") if (ROOT / name).is_file() and not name.endswith(".pyc")}
    assert files - sdist == set()


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"]
)
def test_the_source_distribution_has_the_file(sdist: set[str], name: str) -> None:
    assert name in sdist


def test_the_source_distribution_has_no_litter(sdist: set[str]) -> None:
    assert [name for name in sdist if any(litter in name for litter in LITTER)] == []


# -- once installed --------------------------------------------------------------------


def python(distributions: Path, cwd: Path, *arguments: str | Path) -> str:
    """Run Python where the installed wheel comes before the source tree."""
    return run([sys.executable, *arguments], cwd=cwd, PYTHONPATH=str(distributions / "installed"))


def test_the_installed_command_tells_its_version(distributions: Path, tmp_path: Path) -> None:
    command = distributions / "installed" / "bin" / "fakedocker"
    assert python(distributions, tmp_path, command, "--version") == f"fakedocker {project()['version']}\n"


def test_the_installed_package_runs_as_a_module(distributions: Path, tmp_path: Path) -> None:
    said = python(distributions, tmp_path, "-m", "fakedocker", "--version")
    assert said == f"fakedocker {project()['version']}\n"


def test_the_installed_package_starts_from_its_own_worlds(distributions: Path, tmp_path: Path) -> None:
    """Each fixture that is shipped can be had by its name, away from the source tree."""
    names = sorted(path.stem for path in (ROOT / "fixtures").glob("*.yaml"))
    assert "default" in names
    script = f"""
import fakedocker
print(fakedocker.__file__)
for name in {names!r}:
    with fakedocker.FakeDocker(name) as daemon:
        print(name, len(daemon.engine.containers()) >= 0)
"""
    where, *started = python(distributions, tmp_path, "-c", script).splitlines()
    assert Path(where).is_relative_to(distributions / "installed")
    assert started == [f"{name} True" for name in names]
