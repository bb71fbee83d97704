"""The file system of a container: as Linux has it, over layers."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Change, ChangeKind, Files, OpenFile, single_file
from fakedocker.engine.files.layers import Inode, Kind, Layer, Space

# --- Against a real directory ---------------------------------------------------------------------------------------

# Deep below the root, so that ".." finds the same on both sides.
BASE = "/x" * 12

names = st.sampled_from(["a", "b", "c", "a", "b", "c", ".", ".."])
paths = st.builds(
    lambda parts, slash: "/".join(parts) + slash,
    st.lists(names, min_size=1, max_size=3),
    st.sampled_from(["", "", "", "/"]),
)
targets = st.sampled_from(["a", "b", "a/b", "c/", "../a", "b/c", ".", "b/../a"])
data = st.binary(max_size=4)
operations = st.one_of(
    st.tuples(st.just("mkdir"), paths),
    st.tuples(st.just("mkdir"), paths),
    st.tuples(st.just("write"), paths, data),
    st.tuples(st.just("write"), paths, data),
    st.tuples(st.just("append"), paths, data),
    st.tuples(st.just("create"), paths),
    st.tuples(st.just("truncate"), paths, st.integers(0, 6)),
    st.tuples(st.just("read"), paths),
    st.tuples(st.just("unlink"), paths),
    st.tuples(st.just("rmdir"), paths),
    st.tuples(st.just("rename"), paths, paths),
    st.tuples(st.just("rename"), paths, paths),
    st.tuples(st.just("symlink"), targets, paths),
    st.tuples(st.just("listdir"), paths),
    st.tuples(st.just("stat"), paths),
    st.tuples(st.just("lstat"), paths),
    st.tuples(st.just("readlink"), paths),
    st.tuples(st.just("chmod"), paths, st.sampled_from([0o700, 0o755])),
)
links = st.tuples(st.just("link"), paths, paths)
commits = st.tuples(st.just("commit"))


class RealDirectory:
    """The same verbs, done by the kernel."""

    def __init__(self, root: str) -> None:
        self.root = root
        os.makedirs(root + BASE)

    def _path(self, path: str) -> str:
        return f"{self.root}{BASE}/{path}"

    def mkdir(self, path: str) -> None:
        os.mkdir(self._path(path), 0o755)

    def write(self, path: str, data: bytes) -> None:
        self._write(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, data)

    def append(self, path: str, data: bytes) -> None:
        self._write(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, data)

    def create(self, path: str) -> None:
        self._write(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, b"")

    def _write(self, path: str, flags: int, data: bytes) -> None:
        descriptor = os.open(self._path(path), flags, 0o644)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)

    def truncate(self, path: str, size: int) -> None:
        os.truncate(self._path(path), size)

    def read(self, path: str) -> bytes:
        with open(self._path(path), "rb") as file:
            return file.read()

    def unlink(self, path: str) -> None:
        os.unlink(self._path(path))

    def rmdir(self, path: str) -> None:
        os.rmdir(self._path(path))

    def rename(self, old: str, new: str) -> None:
        os.rename(self._path(old), self._path(new))

    def symlink(self, target: str, path: str) -> None:
        os.symlink(target, self._path(path))

    def link(self, old: str, new: str) -> None:
        os.link(self._path(old), self._path(new), follow_symlinks=False)

    def listdir(self, path: str) -> list[str]:
        return sorted(os.listdir(self._path(path)))

    def stat(self, path: str) -> str:
        return self._kind(os.stat(self._path(path)))

    def lstat(self, path: str) -> str:
        return self._kind(os.lstat(self._path(path)))

    def _kind(self, found: os.stat_result) -> str:
        if stat.S_ISDIR(found.st_mode):
            return "directory"
        return f"{'symlink' if stat.S_ISLNK(found.st_mode) else 'file'} {found.st_size}"

    def readlink(self, path: str) -> str:
        return os.readlink(self._path(path))

    def chmod(self, path: str, mode: int) -> None:
        os.chmod(self._path(path), mode)

    def commit(self) -> None:
        pass

    def tree(self) -> list[tuple[str, str, int, object]]:
        found: list[tuple[str, str, int, object]] = []
        top = self.root + "/x"
        for directory, below, files in os.walk(top):
            for name in below + files:
                path = f"{directory}/{name}"
                status = os.lstat(path)
                shown: object = status.st_nlink if stat.S_ISREG(status.st_mode) else None
                if stat.S_ISREG(status.st_mode):
                    with open(path, "rb") as file:
                        shown = (shown, file.read())
                elif stat.S_ISLNK(status.st_mode):
                    shown = os.readlink(path)
                mode = 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)
                found.append((path[len(self.root) :], self._kind(status).split()[0], mode, shown))
        return sorted(found)


class FakeDirectory:
    """The same verbs, done by Files."""

    def __init__(self) -> None:
        self.files = Files([], Layer(), lambda: 1.0)
        self.files.mkdir(BASE, parents=True)

    def _path(self, path: str) -> str:
        return f"{BASE}/{path}"

    def mkdir(self, path: str) -> None:
        self.files.mkdir(self._path(path), 0o755)

    def write(self, path: str, data: bytes) -> None:
        self.files.open(self._path(path), write=True, create=True, truncate=True).write(data)

    def append(self, path: str, data: bytes) -> None:
        self.files.append(self._path(path), data)

    def create(self, path: str) -> None:
        self.files.open(self._path(path), write=True, create=True, exclusive=True)

    def truncate(self, path: str, size: int) -> None:
        self.files.truncate(self._path(path), size)

    def read(self, path: str) -> bytes:
        return self.files.read(self._path(path)).read()

    def unlink(self, path: str) -> None:
        self.files.unlink(self._path(path))

    def rmdir(self, path: str) -> None:
        self.files.rmdir(self._path(path))

    def rename(self, old: str, new: str) -> None:
        self.files.rename(self._path(old), self._path(new))

    def symlink(self, target: str, path: str) -> None:
        self.files.symlink(target, self._path(path))

    def link(self, old: str, new: str) -> None:
        self.files.link(self._path(old), self._path(new))

    def listdir(self, path: str) -> list[str]:
        return self.files.listdir(self._path(path))

    def stat(self, path: str) -> str:
        return self._kind(self.files.stat(self._path(path)))

    def lstat(self, path: str) -> str:
        return self._kind(self.files.stat(self._path(path), follow=False))

    def _kind(self, inode: Inode) -> str:
        return "directory" if inode.is_directory else f"{inode.kind} {inode.size}"

    def readlink(self, path: str) -> str:
        return self.files.readlink(self._path(path))

    def chmod(self, path: str, mode: int) -> None:
        self.files.chmod(self._path(path), mode)

    def commit(self) -> None:
        self.files = Files([*self.files.layers, self.files.commit()], Layer(), lambda: 1.0)

    def tree(self) -> list[tuple[str, str, int, object]]:
        found: list[tuple[str, str, int, object]] = []
        for path, inode in self.files.walk("/x"):
            if path == "/x":
                continue
            shown: object = None
            if inode.is_file:
                shown = (inode.links, inode.content.read())
            elif inode.is_symlink:
                shown = inode.target
            found.append((path, str(inode.kind), 0 if inode.is_symlink else inode.mode, shown))
        return sorted(found)


def outcome(verb: Callable[..., Any], *arguments: object) -> object:
    try:
        return verb(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def run_both(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as root:
        real = RealDirectory(root)
        fake = FakeDirectory()
        for step in steps:
            expected = outcome(getattr(real, step[0]), *step[1:])
            assert outcome(getattr(fake, step[0]), *step[1:]) == expected, step
        assert fake.tree() == real.tree()


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(operations, links), min_size=5, max_size=40))
def test_any_sequence_of_verbs_ends_as_in_a_real_directory(steps: list[tuple[Any, ...]]) -> None:
    run_both(steps)


# Without hard links: a name in a lower layer that is copied up parts from its others, as under every union of layers.
@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(operations, commits), min_size=5, max_size=40))
def test_layers_below_make_no_difference_to_what_is_seen(steps: list[tuple[Any, ...]]) -> None:
    run_both(steps)


# --- What a directory of the test machine cannot show ---------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def image() -> Layer:
    """A small root file system, all of it of second 0."""
    files = Files([], Layer(), lambda: 0.0)
    files.mkdir("/etc")
    files.write("/etc/passwd", b"root:x:0:0\n")
    files.write("/etc/group", b"root:x:0:\n")
    files.mkdir("/bin")
    files.symlink("/etc/passwd", "/bin/link")
    return files.commit()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def files(clock: Clock) -> Files:
    return Files([image()], Layer(), clock)


def refused(number: int) -> Any:
    return pytest.raises(OSError, match=rf"\[Errno {number}\]")


def changed(files: Files, **options: bool) -> list[tuple[str, int]]:
    return [(path, int(kind)) for path, kind in files.changes(**options)]


class TestPaths:
    def test_errors_name_the_path_and_say_what_the_c_library_says(self, files: Files) -> None:
        with pytest.raises(FileNotFoundError, match="No such file or directory") as caught:
            files.read("/etc/shadow")
        assert caught.value.filename == "/etc/shadow"

    def test_where_a_path_of_the_image_leads_is_not_remembered_beyond_a_change(
        self, files: Files, clock: Clock
    ) -> None:
        assert files.read("/bin/link").read() == b"root:x:0:0\n"
        files.append("/etc/passwd", b"+")
        assert files.read("/bin/link").read() == b"root:x:0:0\n+"
        files.unlink("/etc/passwd")
        with refused(errno.ENOENT):
            files.read("/bin/link")

    def test_what_is_mounted_is_looked_up_every_time(self, files: Files, clock: Clock) -> None:
        volume = Files([], Layer(), clock)
        files.mount("/data", volume)
        volume.symlink("/etc/passwd", "/way")
        assert files.resolve("/data/way") == "/etc/passwd"
        volume.unlink("/way")
        volume.symlink("/etc/group", "/way")
        assert files.resolve("/data/way") == "/etc/group"
        assert files.resolve("/etc/group") == "/etc/group"
        files.mount("/etc/group", single_file(b"mounted", clock))
        assert files.read("/data/way").read() == b"mounted"
        files.unmount("/etc/group")
        assert files.read("/data/way").read() == b"root:x:0:\n"

    def test_nothing_leads_out_of_the_root(self, files: Files) -> None:
        files.symlink("../../../etc", "/up")
        assert files.listdir("/../../etc/..") == ["bin", "etc", "up"]
        assert files.listdir("/up") == ["group", "passwd"]
        assert files.resolve("/up/../bin/link") == "/etc/passwd"

    def test_a_relative_path_starts_at_the_root(self, files: Files) -> None:
        assert files.read("etc/passwd").read() == b"root:x:0:0\n"

    def test_forty_symbolic_links_are_followed_and_no_more(self, files: Files) -> None:
        files.write("/0", b"end")
        for number in range(41):
            files.symlink(f"/{number}", f"/{number + 1}")
        assert files.read("/40").read() == b"end"
        with refused(errno.ELOOP):
            files.read("/41")

    @pytest.mark.parametrize(
        ("path", "number"),
        [
            ("", errno.ENOENT),
            ("/a\0b", errno.EINVAL),
            ("/" + "x" * 256, errno.ENAMETOOLONG),
            ("/" + "é" * 128, errno.ENAMETOOLONG),
            ("/x" * 2048, errno.ENAMETOOLONG),
            ("/\ud800", errno.EILSEQ),
        ],
        ids=["empty", "NUL", "long name", "long name in bytes", "long path", "not a text"],
    )
    def test_impossible_paths_are_refused_by_every_verb(self, files: Files, path: str, number: int) -> None:
        verbs: list[Callable[[], object]] = [
            lambda: files.stat(path),
            lambda: files.listdir(path),
            lambda: files.write(path, b""),
            lambda: files.mkdir(path),
            lambda: files.mkdir(path, parents=True),
            lambda: files.unlink(path),
            lambda: files.rename("/etc", path),
            lambda: files.rename(path, "/x"),
            lambda: files.link("/etc/passwd", path),
            lambda: files.remove_tree(path),
        ]
        for verb in verbs:
            with refused(number):
                verb()
        assert files.changes() == []

    def test_a_name_of_255_bytes_is_fine(self, files: Files) -> None:
        files.write("/" + "x" * 255, b"")
        assert files.exists("/" + "x" * 255)

    def test_names_that_are_not_text_are_kept(self, files: Files) -> None:
        files.write("/\udcff\udcfe", b"latin")
        assert files.listdir("/")[-1].encode("utf-8", "surrogateescape") == b"\xff\xfe"

    @pytest.mark.parametrize(
        ("path", "number"),
        [
            ("/", errno.EBUSY),
            ("/.", errno.EINVAL),
            ("/..", errno.ENOTEMPTY),
            ("/etc/.", errno.EINVAL),
            ("/etc/..", errno.ENOTEMPTY),
        ],
    )
    def test_the_root_and_dots_cannot_be_removed_or_moved(self, files: Files, path: str, number: int) -> None:
        with refused(errno.EISDIR):
            files.unlink(path)
        for verb in (files.rmdir, files.remove_tree):
            with refused(number):
                verb(path)
        with refused(errno.EBUSY):
            files.rename(path, "/new")
        with refused(errno.EBUSY):
            files.rename("/bin", path)
        assert files.changes() == []

    def test_very_deep_trees_are_walked_removed_and_moved(self, files: Files) -> None:
        files.mkdir("/d" * 2000, parents=True)
        files.rename("/d", "/e")
        assert sum(1 for _ in files.walk("/e")) == 2000
        assert len(files.changes(parents=True)) == 2000
        files.remove_tree("/e")
        assert files.listdir("/") == ["bin", "etc"]

    def test_mkdir_with_parents_accepts_what_is_there_but_no_file(self, files: Files) -> None:
        files.mkdir("/etc/a/b", parents=True)
        files.mkdir("/etc/a/b", parents=True)
        with refused(errno.EEXIST):
            files.mkdir("/etc/passwd", parents=True)
        with refused(errno.ENOTDIR):
            files.mkdir("/etc/passwd/x", parents=True)

    def test_mkdir_with_parents_goes_through_links_and_dots(self, files: Files) -> None:
        files.symlink("etc", "/link")
        files.mkdir("/link/a/../b/./c", parents=True, mode=0o700)
        assert files.listdir("/etc") == ["a", "b", "group", "passwd"]
        assert (files.stat("/etc/b").mode, files.stat("/etc/b/c").mode) == (0o755, 0o700)
        files.symlink("nowhere", "/dangling")
        with refused(errno.EEXIST):
            files.mkdir("/dangling", parents=True)

    def test_mkdir_with_parents_does_not_bring_back_what_was_removed(self, files: Files) -> None:
        files.remove_tree("/etc")
        files.mkdir("/etc/new", parents=True)
        assert files.listdir("/etc") == ["new"]


class TestContents:
    def test_reading_gives_what_stood_there_then(self, files: Files) -> None:
        before = files.read("/etc/passwd")
        files.append("/etc/passwd", b"me\n")
        assert before.read() == b"root:x:0:0\n"
        assert files.read("/etc/passwd").read() == b"root:x:0:0\nme\n"

    def test_writing_keeps_owner_and_mode_of_a_file_that_exists(self, files: Files) -> None:
        files.chmod("/etc/passwd", 0o600)
        files.chown("/etc/passwd", 5, 6)
        files.write("/etc/passwd", b"new", mode=0o777, uid=1)
        inode = files.stat("/etc/passwd")
        assert (inode.mode, inode.uid, inode.gid, inode.content.read()) == (0o600, 5, 6, b"new")

    def test_a_content_is_taken_as_it_is(self, files: Files) -> None:
        content = Content.of(b"shared")
        files.write("/big", content)
        assert files.read("/big") is content

    def test_the_content_is_not_copied_when_only_metadata_change(self, files: Files) -> None:
        content = files.read("/etc/passwd")
        files.chmod("/etc/passwd", 0)
        files.rename("/etc", "/moved")
        assert files.read("/moved/passwd") is content

    def test_a_log_written_line_by_line_costs_its_length(self, files: Files) -> None:
        for _ in range(3000):
            files.append("/log", b"x" * 1000)
        assert files.stat("/log").size == 3_000_000
        assert files.read("/log").slice(2_999_990, 10).read() == b"x" * 10

    def test_a_file_cannot_grow_without_bounds(self, files: Files) -> None:
        with refused(errno.EFBIG):
            files.truncate("/etc/passwd", 1 << 40)
        with refused(errno.EFBIG):
            files.open("/etc/passwd", write=True).pwrite(1 << 50, b"x")
        assert files.stat("/etc/passwd").size == 11

    def test_a_container_does_not_change_its_image_nor_its_sister(self, clock: Clock) -> None:
        layer = image()
        one, other = Files([layer], Layer(), clock), Files([layer], Layer(), clock)
        one.append("/etc/passwd", b"me")
        one.chmod("/etc", 0o700)
        one.unlink("/etc/group")
        assert other.read("/etc/passwd").read() == b"root:x:0:0\n"
        assert other.stat("/etc").mode == 0o755
        assert other.exists("/etc/group")


class TestOpenFile:
    def test_it_outlives_its_name(self, files: Files) -> None:
        file = files.open("/tmp", read=True, write=True, create=True)
        files.unlink("/tmp")
        file.write(b"still here")
        file.seek(0)
        assert file.read() == b"still here"
        assert not files.exists("/tmp")

    def test_it_follows_a_rename(self, files: Files) -> None:
        file = files.open("/old", append=True, create=True)
        files.rename("/old", "/new")
        file.write(b"x")
        assert files.read("/new").read() == b"x"

    def test_two_that_append_do_not_overwrite_each_other(self, files: Files) -> None:
        first = files.open("/log", append=True, create=True)
        second = files.open("/log", append=True, create=True)
        first.write(b"1")
        second.write(b"2")
        first.write(b"3")
        assert files.read("/log").read() == b"123"

    def test_reading_and_writing_share_the_position(self, files: Files) -> None:
        file = files.open("/etc/passwd", read=True, write=True)
        assert file.read(4) == b"root"
        file.write(b"-")
        assert file.read(3) == b"x:0"
        assert file.seek(-2, os.SEEK_END) == 9
        assert file.read() == b"0\n"

    def test_writing_behind_the_end_leaves_zeros(self, files: Files) -> None:
        file = files.open("/f", write=True, create=True)
        file.seek(3)
        file.write(b"x")
        assert files.read("/f").read() == b"\0\0\0x"

    def test_it_does_what_it_was_opened_for(self, files: Files) -> None:
        with refused(errno.EBADF):
            files.open("/etc/passwd", write=True).read()
        with refused(errno.EBADF):
            files.open("/etc/passwd", read=True).write(b"x")
        with refused(errno.EISDIR):
            files.open("/etc", read=True).read()
        with refused(errno.EINVAL):
            files.open("/etc/passwd", read=True).seek(-1)
        with refused(errno.EINVAL):
            files.open("/etc/passwd", read=True).truncate(0)

    def test_one_opened_before_its_file_was_replaced_sees_the_old_one(self, files: Files) -> None:
        file = files.open("/etc/passwd", read=True)
        files.write("/new", b"new")
        files.rename("/new", "/etc/passwd")
        assert file.read() == b"root:x:0:0\n"

    def test_what_is_written_to_a_device_is_not_kept(self, files: Files) -> None:
        files.mknod("/null", Kind.CHARACTER, 0o666, device=(1, 3))
        files.write("/null", b"gone")
        assert files.read("/null").read() == b""
        file: OpenFile = files.open("/null", read=True, write=True)
        assert (file.write(b"gone"), file.read()) == (4, b"")


class TestTimes:
    @pytest.mark.parametrize(
        ("verb", "moved"),
        [
            (lambda files: files.write("/etc/new", b""), {"/etc", "/etc/new"}),
            (lambda files: files.mkdir("/etc/new"), {"/etc", "/etc/new"}),
            (lambda files: files.symlink("x", "/etc/new"), {"/etc", "/etc/new"}),
            (lambda files: files.link("/etc/passwd", "/etc/new"), {"/etc"}),
            (lambda files: files.unlink("/etc/passwd"), {"/etc"}),
            (lambda files: files.rename("/etc/passwd", "/bin/p"), {"/etc", "/bin"}),
            (lambda files: files.append("/etc/passwd", b"x"), {"/etc/passwd"}),
            (lambda files: files.append("/etc/passwd", b""), set()),
            (lambda files: files.truncate("/etc/passwd", 2), {"/etc/passwd"}),
            (lambda files: files.chmod("/etc/passwd", 0o600), set()),
            (lambda files: files.chown("/etc/passwd", 1, 1), set()),
            (lambda files: files.utime("/etc/passwd"), {"/etc/passwd"}),
            (lambda files: files.read("/etc/passwd"), set()),
            (lambda files: files.open("/etc/passwd", write=True), set()),
            (lambda files: files.open("/etc/passwd", write=True, truncate=True), {"/etc/passwd"}),
        ],
    )
    def test_a_change_moves_the_times_that_linux_moves(
        self, files: Files, verb: Callable[[Files], object], moved: set[str]
    ) -> None:
        verb(files)
        assert {path for path, inode in files.walk() if inode.mtime == 100.0} == moved


class TestChanges:
    def test_the_recorded_example_of_the_daemon_of_2013(self, files: Files) -> None:
        files.write("/new.txt", b"a\n")
        files.append("/etc/passwd", b"b\n")
        files.unlink("/etc/group")
        files.mkdir("/d")
        files.write("/d/f", b"x\n")
        assert changed(files) == [
            ("/d", 1),
            ("/d/f", 1),
            ("/etc", 0),
            ("/etc/group", 2),
            ("/etc/passwd", 0),
            ("/new.txt", 1),
        ]

    def test_nothing_done_is_nothing_changed(self, files: Files) -> None:
        files.read("/etc/passwd")
        assert files.changes() == []

    def test_a_directory_around_a_change_is_listed_only_by_later_daemons(self, files: Files) -> None:
        files.append("/etc/passwd", b"x")
        assert changed(files) == [("/etc/passwd", 0)]
        assert changed(files, parents=True) == [("/etc", 0), ("/etc/passwd", 0)]

    def test_a_directory_copied_up_for_nothing_is_no_change(self, files: Files) -> None:
        files.write("/etc/x", b"")
        files.unlink("/etc/x")
        files.utime("/etc", 0.0)
        assert changed(files, parents=True) == []

    def test_directories_made_again_show_what_is_gone_at_any_depth(self, clock: Clock) -> None:
        below = Files([], Layer(), lambda: 0.0)
        for path in ("/d/a", "/d/sub/b", "/d/sub/x/c"):
            below.mkdir(path.rpartition("/")[0], parents=True)
            below.write(path, b"")
        files = Files([below.commit()], Layer(), clock)
        files.remove_tree("/d")
        files.mkdir("/d/sub/x/y", parents=True)
        # As dockerd 20.10 has it after `rm -rf /d; mkdir -p /d/sub/x/y`, with vfs and with overlay2.
        assert changed(files) == [
            ("/d", 0),
            ("/d/a", 2),
            ("/d/sub", 0),
            ("/d/sub/b", 2),
            ("/d/sub/x", 0),
            ("/d/sub/x/c", 2),
            ("/d/sub/x/y", 1),
        ]

    def test_a_removed_directory_is_one_deletion(self, files: Files) -> None:
        files.remove_tree("/etc")
        assert files.changes() == [Change("/etc", ChangeKind.DELETED)]

    def test_what_the_container_made_and_removed_leaves_no_trace(self, files: Files) -> None:
        files.write("/etc/x", b"")
        files.unlink("/etc/x")
        assert changed(files) == [("/etc", 0)]

    def test_a_file_removed_and_made_again_is_modified(self, files: Files) -> None:
        content = files.read("/etc/group")
        files.unlink("/etc/group")
        files.write("/etc/group", content)
        assert changed(files) == [("/etc", 0), ("/etc/group", 0)]

    def test_a_directory_made_again_shows_what_is_gone(self, files: Files) -> None:
        files.remove_tree("/etc")
        files.mkdir("/etc")
        files.write("/etc/passwd", b"")
        assert files.listdir("/etc") == ["passwd"]
        assert changed(files) == [("/etc", 0), ("/etc/group", 2), ("/etc/passwd", 0)]

    def test_a_rename_is_a_deletion_and_an_addition(self, files: Files) -> None:
        files.rename("/etc", "/zetc")
        assert changed(files) == [("/etc", 2), ("/zetc", 1), ("/zetc/group", 1), ("/zetc/passwd", 1)]

    def test_a_directory_in_the_place_of_a_file_is_modified_and_its_content_added(self, files: Files) -> None:
        files.unlink("/bin/link")
        files.mkdir("/bin/link")
        files.write("/bin/link/f", b"")
        assert changed(files) == [("/bin", 0), ("/bin/link", 0), ("/bin/link/f", 1)]

    def test_directories_come_before_their_content_and_names_in_byte_order(self, files: Files) -> None:
        for path in ("/b", "/b-", "/B"):
            files.mkdir(path)
        files.write("/b/x", b"")
        assert [path for path, _ in files.changes()] == ["/B", "/b", "/b/x", "/b-"]


class TestCommit:
    def test_it_does_not_change_when_the_container_goes_on(self, files: Files) -> None:
        files.append("/log", b"1")
        layer = files.commit()
        files.append("/log", b"2")
        files.unlink("/etc/group")
        again = Files([image(), layer], Layer(), Clock())
        assert again.read("/log").read() == b"1"
        assert again.exists("/etc/group")

    def test_it_hides_what_the_container_removed(self, files: Files) -> None:
        files.unlink("/etc/group")
        files.remove_tree("/bin")
        files.mkdir("/bin")
        again = Files([image(), files.commit()], Layer(), Clock())
        assert again.listdir("/etc") == ["passwd"]
        assert again.listdir("/bin") == []

    def test_hard_links_stay_links(self, files: Files) -> None:
        files.write("/a", b"1")
        files.link("/a", "/b")
        files.append("/b", b"2")
        layer = files.commit()
        assert layer.find("/a") is layer.find("/b")
        assert layer.size == 2

    def test_a_snapshot_does_not_see_what_happens_later(self, files: Files) -> None:
        files.append("/log", b"1")
        snapshot = files.snapshot()
        files.append("/log", b"2")
        files.remove_tree("/etc")
        assert snapshot.read("/log").read() == b"1"
        assert snapshot.exists("/etc/passwd")


class TestVolumes:
    @pytest.fixture
    def volume(self, files: Files, clock: Clock) -> Files:
        volume = Files([], Layer(), clock)
        volume.write("/kept", b"data")
        files.mount("/data", volume)
        return volume

    def test_the_mount_point_is_a_change_and_the_content_is_none(self, files: Files, volume: Files) -> None:
        files.write("/data/new", b"x")
        assert changed(files) == [("/data", 1)]
        assert volume.read("/new").read() == b"x"
        assert files.commit().size == 0

    def test_two_containers_see_the_same_volume(self, files: Files, volume: Files, clock: Clock) -> None:
        other = Files([image()], Layer(), clock)
        other.mount("/elsewhere/deep", volume)
        files.append("/data/kept", b"+")
        assert other.read("/elsewhere/deep/kept").read() == b"data+"

    def test_links_in_a_volume_are_those_of_the_container(self, files: Files, volume: Files) -> None:
        files.symlink("../etc/passwd", "/data/relative")
        files.symlink("/etc/group", "/data/absolute")
        assert files.read("/data/relative").read() == b"root:x:0:0\n"
        assert files.read("/data/absolute").read() == b"root:x:0:\n"
        assert files.listdir("/data/..") == ["bin", "data", "etc"]

    def test_nothing_is_linked_or_moved_across(self, files: Files, volume: Files) -> None:
        with refused(errno.EXDEV):
            files.rename("/etc/passwd", "/data/passwd")
        with refused(errno.EXDEV):
            files.link("/data/kept", "/etc/kept")

    @pytest.mark.parametrize("path", ["/data", "/data/"])
    def test_a_mount_point_is_busy(self, files: Files, volume: Files, path: str) -> None:
        for verb in (files.rmdir, files.remove_tree, lambda path: files.rename(path, "/x")):
            with refused(errno.EBUSY):
                verb(path)
        assert files.read("/data/kept").read() == b"data"

    def test_a_directory_around_a_mount_point_is_busy_too(self, files: Files, volume: Files) -> None:
        files.mount("/srv/a", volume)
        for verb in (files.remove_tree, lambda path: files.rename(path, "/x")):
            with refused(errno.EBUSY):
                verb("/srv")

    def test_a_walk_can_leave_volumes_out(self, files: Files, volume: Files) -> None:
        assert "/data/kept" in [path for path, _ in files.walk()]
        assert [path for path, _ in files.walk("/data", mounts=False)] == ["/data"]
        assert "/data/kept" not in [path for path, _ in files.walk(mounts=False)]

    def test_a_volume_can_be_mounted_in_a_volume(self, files: Files, volume: Files, clock: Clock) -> None:
        inner = Files([], Layer(), clock)
        files.mount("/data/inner", inner)
        files.write("/data/inner/f", b"")
        assert inner.listdir("/") == ["f"]
        assert volume.listdir("/") == ["inner", "kept"]
        assert volume.listdir("/inner") == []

    def test_unmounting_shows_what_is_below(self, files: Files, volume: Files) -> None:
        files.unmount("/data")
        assert files.listdir("/data") == []
        assert files.mounts == {}
        with refused(errno.EINVAL):
            files.unmount("/data")


class TestReadOnly:
    @pytest.mark.parametrize(
        ("verb", "number"),
        [
            (lambda files, at: files.write(at + "/new", b""), errno.EROFS),
            (lambda files, at: files.write(at + "/f", b""), errno.EROFS),
            (lambda files, at: files.append(at + "/f", b"x"), errno.EROFS),
            (lambda files, at: files.truncate(at + "/f", 0), errno.EROFS),
            (lambda files, at: files.mkdir(at + "/new"), errno.EROFS),
            (lambda files, at: files.mkdir(at + "/f"), errno.EEXIST),
            (lambda files, at: files.symlink("x", at + "/new"), errno.EROFS),
            (lambda files, at: files.link(at + "/f", at + "/new"), errno.EROFS),
            (lambda files, at: files.unlink(at + "/f"), errno.EROFS),
            (lambda files, at: files.rename(at + "/f", at + "/g"), errno.EROFS),
            (lambda files, at: files.chmod(at + "/f", 0), errno.EROFS),
            (lambda files, at: files.chmod(at + "/none", 0), errno.ENOENT),
            (lambda files, at: files.chown(at + "/f", 0, 0), errno.EROFS),
            (lambda files, at: files.utime(at + "/f"), errno.EROFS),
            (lambda files, at: files.remove_tree(at + "/f"), errno.EROFS),
            (lambda files, at: files.place(at + "/f", Inode(Kind.FILE)), errno.EROFS),
            (lambda files, at: files.rmdir(at + "/f"), errno.EROFS),
        ],
    )
    @pytest.mark.parametrize("whole", [True, False], ids=["container", "volume"])
    def test_nothing_changes(
        self, clock: Clock, verb: Callable[[Files, str], object], number: int, whole: bool
    ) -> None:
        kept = Files([], Layer(), clock)
        kept.write("/f", b"kept")
        if whole:
            kept.read_only = True
            target, at = kept, ""
        else:
            target, at = Files([], Layer(), clock), "/ro"
            target.mount(at, kept, read_only=True)
        clock.time += 1
        with refused(number):
            verb(target, at)
        assert [(path, inode.mtime) for path, inode in kept.walk()] == [("/", 100.0), ("/f", 100.0)]
        assert kept.read("/f").read() == b"kept"


# --- The room on the disk -------------------------------------------------------------------------------------------


@pytest.fixture
def space() -> Space:
    return Space(most_written=100, most_inodes=4)


@pytest.fixture
def small(space: Space) -> Files:
    """A disk with room for four files and a hundred bytes over an image that takes none of it."""
    image = Layer()
    image.put("/", Inode(Kind.DIRECTORY))
    image.put("/big", Inode(Kind.FILE, content=Content.of(bytes(90))))
    return Files([image.freeze()], Layer(), lambda: 0.0, space=space)


def full() -> Any:
    return pytest.raises(OSError, match="No space left on device")


@pytest.mark.parametrize(
    "more",
    [
        lambda files: files.write("/b", bytes(41)),
        lambda files: files.write("/b", Content.of(bytes(41))),
        lambda files: files.append("/a", bytes(41)),
        lambda files: files.truncate("/a", 101),
        lambda files: files.open("/a", write=True).pwrite(100, b"x"),
        lambda files: files.append("/big", b"x"),  # all of it would have to be copied
    ],
)
def test_more_than_there_is_room_for_is_not_written(small: Files, more: Callable[[Files], object]) -> None:
    small.write("/a", bytes(60))
    with full():
        more(small)
    assert small.read("/a").size == 60
    assert small.read("/big").size == 90


def test_what_is_removed_cut_or_replaced_gives_its_room_back(small: Files, space: Space) -> None:
    small.write("/a", bytes(100))
    small.unlink("/a")
    assert (space.written, space.inodes) == (0, 0)
    small.write("/a", bytes(100))
    small.truncate("/a", 40)
    small.write("/b", bytes(60))
    small.rename("/b", "/a")
    assert (space.written, space.inodes) == (60, 1)
    small.open("/a", write=True, truncate=True)
    assert space.written == 0


def test_a_file_that_is_open_takes_room_without_a_name(small: Files, space: Space) -> None:
    file = small.open("/a", write=True, create=True)
    small.unlink("/a")
    file.write(bytes(100))
    with full():
        small.write("/b", b"x")
    del file
    assert space.written == 0


def test_every_kind_of_file_counts_and_a_name_more_does_not(small: Files) -> None:
    small.mkdir("/a/b", parents=True)
    small.symlink("a", "/c")
    small.mknod("/d", Kind.FIFO)
    small.link("/d", "/e")
    for make in (small.mkdir, lambda path: small.symlink("a", path), lambda path: small.write(path, b"")):
        with full():
            make("/f")
    assert small.listdir("/") == ["a", "big", "c", "d", "e"]


def test_a_volume_has_a_room_of_its_own(small: Files) -> None:
    small.mount("/data", Files([], Layer(), lambda: 0.0, space=Space(most_written=1000)))
    small.write("/data/a", bytes(1000))
    with full():
        small.write("/data/b", b"x")
    with full():
        small.write("/a", bytes(101))


def test_what_is_committed_is_the_images(small: Files, space: Space) -> None:
    small.write("/a", bytes(100))
    layer = small.commit()
    small.remove_tree("/a")
    assert space.written == 0
    assert layer.size == 100


def test_a_tree_can_become_read_only_and_writable_again() -> None:
    files = Files([], Layer(), lambda: 0.0)
    files.mkdir("/mounted")
    files.mount("/mounted", Files([], Layer(), lambda: 0.0))
    files.write("/before", b"")
    files.remount(read_only=True)
    with pytest.raises(OSError, match="Read-only file system"):
        files.write("/file", b"")
    files.write("/mounted/file", b"")  # has a rule of its own
    files.remount(read_only=False)
    files.write("/file", b"")
    assert files.exists("/file")
