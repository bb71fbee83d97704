"""Directories of the host that containers bind."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.files.binds import Bind
from fakedocker.host_directories import HostDirectories


def test_containers_share_a_tree_that_only_exists_in_memory(daemon: FakeDocker, tmp_path: Path) -> None:
    bind = Bind(str(tmp_path / "data"), "/data")
    engine = daemon.engine
    engine.wait(engine.run("base", "sh", "-c", "echo shared > /data/f", binds=[bind]))
    reader = engine.run("base", "cat", "/data/f", binds=[bind])
    engine.wait(reader)
    assert engine.logs(reader) == b"shared\n"
    assert engine.host_tree(bind.source).read("/f").read() == b"shared\n"
    assert not list(tmp_path.iterdir()), "nothing is written to the host"


def test_a_read_only_bind_cannot_be_written(daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "touch", "/data/f", binds=[Bind("/srv", "/data", read_only=True)])
    assert daemon.engine.wait(container) == 1
    assert daemon.engine.logs(container) == b"touch: /data/f: Read-only file system\n"


def test_what_is_bound_is_no_change_of_the_container(daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sh", "-c", "echo > /data/f", binds=[Bind("/srv", "/data")])
    daemon.engine.wait(container)
    assert [change.path for change in daemon.engine.changes(container)] == ["/data"]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared" / "sub").mkdir(parents=True)
    (tmp_path / "shared" / "sub" / "f").write_text("from the host\n")
    (tmp_path / "secret").write_text("not to be seen\n")
    (tmp_path / "shared" / "way-out").symlink_to("../secret")
    return tmp_path / "shared"


def test_a_directory_that_was_named_can_be_read_but_not_written(shared: Path) -> None:
    with FakeDocker(host_directories=[shared]) as daemon:
        script = "cat /in/sub/f; cat /in/way-out; echo x > /in/sub/f"
        container = daemon.engine.run("base", "sh", "-c", script, binds=[Bind(str(shared), "/in")])
        daemon.engine.wait(container)
        assert daemon.engine.logs(container, "stdout") == b"from the host\n"
        assert b"Read-only file system" in daemon.engine.logs(container, "stderr")
    assert (shared / "sub" / "f").read_text() == "from the host\n"


def test_a_directory_that_was_not_named_is_empty(shared: Path) -> None:
    with FakeDocker() as daemon:
        container = daemon.engine.run("base", "ls", "-a", "/in", binds=[Bind(str(shared), "/in")])
        daemon.engine.wait(container)
        assert daemon.engine.logs(container) == b".\n..\n"


@pytest.mark.parametrize("path", ["{}/../secret", "{}/..", "relative", "/"])
def test_nothing_above_a_directory_can_be_read(shared: Path, path: str) -> None:
    assert HostDirectories([shared]).read(path.format(shared)) is None


def test_links_do_not_lead_out_of_a_directory(shared: Path) -> None:
    (shared / "up").symlink_to(shared.parent, target_is_directory=True)
    assert HostDirectories([shared]).read(str(shared / "up")) is None
    tree = HostDirectories([shared]).read(str(shared))
    assert tree is not None
    assert tree.readlink("/way-out") == "../secret"
    with pytest.raises(OSError, match=r"secret|way-out") as refused:
        tree.read("/way-out")
    assert refused.value.errno == errno.ENOENT
