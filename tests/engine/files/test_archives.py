"""Archives: what goes in comes out, and what is not right does nothing."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import random
import tarfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakedocker.engine.files.archives import (
    ArchiveError,
    Limits,
    extract_into,
    is_archive,
    pack,
    pack_layer,
    packed_size,
    unpack,
)
from fakedocker.engine.files.content import Content, Spool
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Kind, Layer

INVALID = "archive/tar: invalid tar header"


def member(name: str, data: bytes | None = None, **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    header = tarfile.TarInfo(name)
    header.size = len(data or b"")
    if data is None and "type" not in fields:
        header.type = tarfile.DIRTYPE
        header.mode = 0o755
    for field, value in fields.items():
        setattr(header, field, value)
    return header, data or b""


def tar(*members: tuple[tarfile.TarInfo, bytes], format: int = tarfile.GNU_FORMAT) -> bytes:
    """An archive as Python's own tarfile writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for header, data in members:
            archive.addfile(header, io.BytesIO(data))
    return out.getvalue()


def content(data: bytes) -> Content:
    return Content.of(data)


def tree(*layers: Layer) -> Files:
    return Files(layers, Layer(), lambda: 0.0)


def listing(files: Files) -> list[tuple[object, ...]]:
    """Everything that can be seen of a tree; hard links show as the number of the first of them."""
    seen: dict[int, int] = {}
    return [
        (
            path,
            inode.kind,
            inode.mode,
            inode.uid,
            inode.gid,
            inode.mtime,
            inode.content.read(),
            inode.target,
            inode.device,
            seen.setdefault(id(inode), len(seen)),
        )
        for path, inode in files.walk()
    ]


EXAMPLE = tar(
    member("./"),
    member("./etc"),
    member("./etc/passwd", b"root", mode=0o600, uid=3, gid=4, mtime=12345),
    member("./etc/link", type=tarfile.SYMTYPE, linkname="passwd"),
    member("./etc/hard", type=tarfile.LNKTYPE, linkname="./etc/passwd"),
    member("./null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    member("./loop", type=tarfile.BLKTYPE, devmajor=7, devminor=0),
    member("./pipe", type=tarfile.FIFOTYPE),
)


class TestUnpack:
    def test_every_kind_of_member_becomes_an_inode(self) -> None:
        layer = unpack(content(EXAMPLE))
        files = tree(layer)
        assert files.listdir("/") == ["etc", "loop", "null", "pipe"]
        passwd = files.stat("/etc/passwd")
        assert (passwd.mode, passwd.uid, passwd.gid, passwd.mtime) == (0o600, 3, 4, 12345)
        assert files.read("/etc/link").read() == b"root"
        assert files.stat("/etc/hard") is passwd
        assert passwd.links == 2
        assert [files.stat(path).device for path in ("/null", "/loop")] == [(1, 3), (7, 0)]
        assert files.stat("/pipe").kind is Kind.FIFO
        assert layer.frozen
        assert layer.size == 4

    @pytest.mark.parametrize(
        "compress",
        [
            gzip.compress,
            bz2.compress,
            lzma.compress,
            lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]),
            lambda data: gzip.compress(data) + b"garbage after it",
            lambda data: data + b"garbage after the end",
            lambda data: data[: 9 * 512],
        ],
        ids=["gzip", "bzip2", "xz", "gzip in two parts", "gzip and garbage", "garbage", "no end marker"],
    )
    def test_compression_and_what_stands_behind_make_no_difference(self, compress: Callable[[bytes], bytes]) -> None:
        assert listing(tree(unpack(content(compress(EXAMPLE))))) == listing(tree(unpack(content(EXAMPLE))))

    @pytest.mark.parametrize("data", [b"", bytes(1024), bytes(512)], ids=["no bytes", "end marker", "half"])
    def test_nothing_is_an_empty_layer(self, data: bytes) -> None:
        assert list(unpack(content(data)).walk()) == []

    def test_contents_are_parts_of_the_archive(self) -> None:
        spool = Spool(limit=0)
        spool.write(tar(member("big", b"x" * 10000)))
        archive = spool.finish()
        assert tree(unpack(archive)).read("/big")._source is archive._source

    @pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_long_names_of_every_format_are_understood(self, format: int) -> None:
        short = format == tarfile.USTAR_FORMAT
        name = "/".join(["d" * 60] * (3 if short else 20))
        target = "t" * (90 if short else 3000)
        files = tree(
            unpack(
                content(
                    tar(
                        member(name, b"x"),
                        member("link", type=tarfile.SYMTYPE, linkname=target),
                        format=format,
                    )
                )
            )
        )
        assert files.read(name).read() == b"x"
        assert files.readlink("/link") == target

    def test_pax_headers_override_the_plain_one_for_one_member(self) -> None:
        first = member("a", b"1", mtime=1.5, uid=3_000_000)
        files = tree(unpack(content(tar(first, member("b", b"2"), format=tarfile.PAX_FORMAT))))
        assert (files.stat("/a").mtime, files.stat("/a").uid) == (1.5, 3_000_000)
        assert (files.stat("/b").mtime, files.stat("/b").uid) == (0, 0)

    def test_names_that_are_not_utf8_are_kept(self) -> None:
        name = b"caf\xe9".decode("utf-8", "surrogateescape")
        assert tree(unpack(content(tar(member(name, b""))))).listdir("/") == [name]

    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("/abs/x", "/abs/x"),
            ("./x", "/x"),
            ("a/../x", "/x"),
            ("a//b/./x", "/a/b/x"),
        ],
    )
    def test_names_start_at_the_root(self, name: str, path: str) -> None:
        assert tree(unpack(content(tar(member(name, b"x"))))).read(path).read() == b"x"

    @pytest.mark.parametrize("name", ["../x", "a/../../x", "/..", "./../etc/passwd"])
    def test_a_name_that_climbs_out_is_an_error(self, name: str) -> None:
        with pytest.raises(ArchiveError, match="invalid tar header"):
            unpack(content(tar(member(name, b"x"))))
        with pytest.raises(ArchiveError, match="invalid tar header"):
            unpack(content(tar(member("link", type=tarfile.LNKTYPE, linkname=name))))

    def test_a_link_in_the_archive_does_not_lead_out_of_it(self) -> None:
        archive = tar(
            member("etc"),
            member("out", type=tarfile.SYMTYPE, linkname="../../etc"),
            member("out/passwd", b"inside"),
        )
        assert tree(unpack(content(archive))).read("/etc/passwd").read() == b"inside"

    def test_the_last_of_two_members_with_one_name_counts(self) -> None:
        archive = tar(
            member("a", b"1"),
            member("a", b"2"),
            member("d/e", b"x"),
            member("d", b"file"),
            member("f", b"x"),
            member("f"),
        )
        files = tree(unpack(content(archive)))
        assert files.read("/a").read() == b"2"
        assert files.read("/d").read() == b"file"
        assert files.is_directory("/f")

    def test_a_directory_keeps_its_time_whatever_is_put_into_it(self) -> None:
        layer = unpack(content(tar(member("d", mtime=5), member("d/f", b""), member("e/f", b""))), mtime=7)
        files = tree(layer)
        assert [files.stat(path).mtime for path in ("/d", "/e", "/")] == [5, 7, 7]

    @pytest.mark.parametrize("mtime", [-1, 1 << 60, 253402300800])
    def test_an_impossible_time_is_the_epoch(self, mtime: int) -> None:
        assert tree(unpack(content(tar(member("a", b"", mtime=mtime))))).stat("/a").mtime == 0

    def test_whiteouts_are_names_unless_asked_for(self) -> None:
        archive = content(tar(member("etc/.wh.passwd", b"")))
        assert tree(unpack(archive)).listdir("/etc") == [".wh.passwd"]

    def test_whiteouts_remove_what_lower_layers_have(self) -> None:
        below = unpack(content(tar(member("etc/passwd", b""), member("etc/group", b""), member("d/old", b""))))
        above = unpack(
            content(
                tar(
                    member("etc/.wh.passwd", b""),
                    member("d/new", b""),
                    member("d/.wh..wh..opq", b""),
                    member(".wh..wh.plnk"),
                )
            ),
            whiteouts=True,
        )
        files = tree(below, above)
        assert (files.listdir("/etc"), files.listdir("/d")) == (["group"], ["new"])
        assert files.listdir("/") == ["d", "etc"]

    def test_a_whiteout_never_removes_what_is_in_its_own_archive(self) -> None:
        below = unpack(content(tar(member("d/old", b""), member("f", b"old"))))
        for members in (
            [member("d/new", b""), member(".wh.d", b""), member("f", b"new"), member(".wh.f", b"")],
            [member(".wh.d", b""), member("d/new", b""), member(".wh.f", b""), member("f", b"new")],
        ):
            files = tree(below, unpack(content(tar(*members)), whiteouts=True))
            assert files.listdir("/d") == ["new"]
            assert files.read("/f").read() == b"new"


def old_sparse(pieces: list[tuple[int, bytes]], size: int) -> bytes:
    """A member of GNU tar's old sparse format, as `tar --format=gnu -S` writes it."""
    data = b"".join(piece for _, piece in pieces)
    header = bytearray(member("s", type=tarfile.GNUTYPE_SPARSE, size=len(data))[0].tobuf(tarfile.GNU_FORMAT))

    def octal(number: int) -> bytes:
        return b"%011o\0" % number

    entries = [octal(offset) + octal(len(piece)) for offset, piece in pieces]
    header[386 : 386 + 96] = b"".join(entries[:4]).ljust(96, b"\0")
    header[482] = len(entries) > 4
    header[483:495] = octal(size)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    extension = b"".join(entries[4:]).ljust(512, b"\0") if len(entries) > 4 else b""
    return bytes(header) + extension + data.ljust(-(-len(data) // 512) * 512, b"\0") + bytes(1024)


def pax_sparse(headers: dict[str, str], data: bytes) -> bytes:
    return tar(member("GNUSparseFile.0/s", data, pax_headers=headers), format=tarfile.PAX_FORMAT)


class TestSparse:
    whole = b"ab" + bytes(1998) + b"cd" + bytes(998)

    def test_gnu(self) -> None:
        files = tree(unpack(content(old_sparse([(0, b"ab"), (2000, b"cd"), (3000, b"")], 3000))))
        assert files.read("/s").read() == self.whole

    def test_gnu_with_more_pieces_than_a_header_holds(self) -> None:
        pieces = [(number * 100, b"%02d" % number) for number in range(20)]
        found = tree(unpack(content(old_sparse(pieces, 5000)))).read("/s").read()
        assert len(found) == 5000
        assert [found[offset : offset + 2] for offset, _ in pieces] == [piece for _, piece in pieces]

    def test_pax_0_1(self) -> None:
        headers = {"GNU.sparse.size": "3000", "GNU.sparse.map": "0,2,2000,2", "GNU.sparse.name": "s"}
        assert tree(unpack(content(pax_sparse(headers, b"abcd")))).read("/s").read() == self.whole

    def test_pax_1_0(self) -> None:
        headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.realsize": "3000",
            "GNU.sparse.name": "s",
        }
        data = b"2\n0\n2\n2000\n2\n".ljust(512, b"\0") + b"abcd"
        assert tree(unpack(content(pax_sparse(headers, data)))).read("/s").read() == self.whole

    def test_a_hole_is_not_free_of_the_limit(self) -> None:
        with pytest.raises(ArchiveError, match="more than 1000 bytes"):
            unpack(content(old_sparse([(0, b"ab")], 3000)), limits=Limits(size=1000))

    @pytest.mark.parametrize(
        "pieces",
        [[(10, b"ab"), (0, b"cd")], [(2999, b"ab")]],
        ids=["out of order", "beyond the end"],
    )
    def test_pieces_that_do_not_fit_are_an_error(self, pieces: list[tuple[int, bytes]]) -> None:
        with pytest.raises(ArchiveError, match=INVALID):
            unpack(content(old_sparse(pieces, 3000)))


def reheader(data: bytes, start: int, field: bytes) -> bytes:
    """The archive with a field of its first header replaced and the checksum made right."""
    header = bytearray(data[:512])
    header[start : start + len(field)] = field
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data[512:]


ONE_FILE = tar(member("a", b"hello"))


class TestBadArchives:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"FROM scratch\n" * 100, INVALID),
            (b"short", "unexpected EOF"),
            (ONE_FILE[:512], "unexpected EOF"),
            (ONE_FILE[:515], "unexpected EOF"),
            (ONE_FILE[:100], "unexpected EOF"),
            (gzip.compress(EXAMPLE)[:-20], "unexpected EOF"),
            (bz2.compress(EXAMPLE)[:-20], "unexpected EOF"),
            (lzma.compress(EXAMPLE)[:-20], "unexpected EOF"),
            (b"\x1f\x8b\x08" + b"nonsense" * 10, "invalid compressed data"),
            (b"BZh" + b"nonsense" * 10, "invalid compressed data"),
            (b"\xfd7zXZ\x00" + b"nonsense" * 10, "invalid compressed data"),
            (reheader(ONE_FILE, 124, b"\xff" * 12), INVALID),
            (reheader(ONE_FILE, 124, b"\x80" + b"\xff" * 11), "invalid tar header"),
            (reheader(ONE_FILE, 108, b"\xff" * 8), INVALID),
            (reheader(ONE_FILE, 100, b"zzzzzzz\0"), INVALID),
            (reheader(ONE_FILE, 156, b"?"), "unhandled tar header type 63"),
            (reheader(ONE_FILE, 156, b"x"), INVALID),
            (reheader(ONE_FILE, 156, b"2"), "invalid symbolic link"),
            (tar(member("n" * 256, b"")), "file name too long"),
            (tar(member("a/" * 2100 + "a", b"")), "file name too long"),
            (tar(member("a", b""), member("a/b", b"")), "Not a directory"),
            (tar(member("l", type=tarfile.LNKTYPE, linkname="none")), "No such file or directory"),
            (tar(member("d"), member("l", type=tarfile.LNKTYPE, linkname="d")), "Operation not permitted"),
            (
                tar(
                    member("a", type=tarfile.SYMTYPE, linkname="b"),
                    member("b", type=tarfile.SYMTYPE, linkname="a"),
                    member("a/x", b""),
                ),
                os.strerror(errno.ELOOP),
            ),
        ],
        # Not the bytes themselves: gzip writes the time into them.
        ids=lambda value: value if isinstance(value, str) else "archive",
    )
    def test_they_are_refused_with_a_short_text(self, data: bytes, text: str) -> None:
        with pytest.raises(ArchiveError) as caught:
            unpack(content(data))
        assert text in str(caught.value)
        assert len(str(caught.value)) < 200
        str(caught.value).encode()

    def test_a_compression_bomb_is_stopped(self) -> None:
        bomb = gzip.compress(bytes(10 << 20))
        with pytest.raises(ArchiveError, match="unpacks to more than 1048576 bytes"):
            unpack(content(bomb), limits=Limits(size=1 << 20))

    def test_too_many_members_are_refused(self) -> None:
        with pytest.raises(ArchiveError, match="more than 2 members"):
            unpack(content(EXAMPLE), limits=Limits(members=2))

    def test_an_endless_extended_header_is_not_read(self) -> None:
        with pytest.raises(ArchiveError, match="header field too long"):
            unpack(content(tar(member("n" * 4000, b""))), limits=Limits(header=1000))

    @pytest.mark.parametrize(
        "record",
        [
            b"5 a=b\n",
            b"path=x\n",
            b"999 path=x\n",
            b"0 path=x\n",
            b"9 path=x\n" + b"1" * 30,
            b"9 uid=-1\n",
            b"16 mtime=soon..\n",
            b"14 size=99999\n",
            b"10 path=\0\n",
        ],
    )
    def test_wrong_pax_records_are_refused(self, record: bytes) -> None:
        header = member("x", record, type=tarfile.XHDTYPE)
        with pytest.raises(ArchiveError):
            unpack(content(tar(header, member("a", b"hello"))))

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 2**32))
    def test_damage_is_an_error_or_a_layer_and_nothing_else(self, seed: int) -> None:
        chance = random.Random(seed)
        data = bytearray(chance.choice([EXAMPLE, old_sparse([(0, b"ab")], 600), pax_sparse({"path": "é"}, b"abcd")]))
        start = chance.randrange(0, len(data), 512)
        for _ in range(chance.randrange(1, 6)):
            data[min(start + chance.randrange(512), len(data) - 1)] = chance.choice(b"\0\x80\xff019xS/.")
        if chance.random() < 0.9:
            block = data[start : start + 512]
            block[148:156] = b" " * 8
            data[start + 148 : start + 156] = b"%06o\0 " % sum(block)
        try:
            layer = unpack(content(bytes(data)), limits=Limits(size=1 << 24), whiteouts=True)
        except ArchiveError:
            return
        b"".join(pack_layer(layer))

    @settings(max_examples=50, deadline=None)
    @given(st.sampled_from([gzip.compress, bz2.compress, lzma.compress]), st.integers(0, 2**32))
    def test_damaged_compression_neither_hangs_nor_escapes(self, compress: Callable[[bytes], bytes], seed: int) -> None:
        chance = random.Random(seed)
        data = bytearray(compress(EXAMPLE))
        for _ in range(3):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            unpack(content(bytes(data[: chance.randrange(len(data))])))
        except ArchiveError:
            pass


class TestIsArchive:
    @pytest.mark.parametrize(
        "data",
        [EXAMPLE, gzip.compress(b"x"), bz2.compress(b""), lzma.compress(b"")],
        ids=["tar", "gzip", "bzip2", "xz"],
    )
    def test_tars_and_compressed_files_are(self, data: bytes) -> None:
        assert is_archive(content(data))

    @pytest.mark.parametrize(
        "data",
        [b"", b"text", b"x" * 1000, bytes(1024), zlib.compress(b"x")],
        ids=["nothing", "short", "long", "zeros", "zlib"],
    )
    def test_anything_else_is_not(self, data: bytes) -> None:
        assert not is_archive(content(data))


class TestExtractInto:
    @pytest.fixture
    def files(self) -> Files:
        base = Files([], Layer(), lambda: 0.0)
        base.mkdir("/usr/bin", parents=True)
        base.symlink("usr/bin", "/bin")
        base.write("/usr/bin/sh", b"shell")
        return Files([base.commit()], Layer(), lambda: 9.0)

    def test_it_adds_to_what_is_there(self, files: Files) -> None:
        extract_into(files, "/opt/app", content(tar(member("run", b"#!", mode=0o755), member("lib/x", b""))))
        assert files.listdir("/opt/app") == ["lib", "run"]
        assert files.stat("/opt/app/run").mode == 0o755
        assert files.read("/bin/sh").read() == b"shell"

    def test_it_follows_links_to_directories_on_the_way(self, files: Files) -> None:
        extract_into(files, "/", content(tar(member("bin/ls", b"ls"))))
        assert files.listdir("/usr/bin") == ["ls", "sh"]
        assert files.readlink("/bin") == "usr/bin"

    def test_a_link_as_the_destination_is_followed(self, files: Files) -> None:
        extract_into(files, "/bin", content(tar(member("./"), member("./ls", b"ls"))))
        assert files.listdir("/usr/bin") == ["ls", "sh"]

    def test_hard_links_stay_inside_the_directory(self, files: Files) -> None:
        archive = tar(member("a", b"x"), member("b", type=tarfile.LNKTYPE, linkname="a"))
        extract_into(files, "/opt", content(archive))
        assert files.stat("/opt/a") is files.stat("/opt/b")

    def test_the_times_are_those_of_the_archive_and_new_ones_where_it_has_none(self, files: Files) -> None:
        extract_into(files, "/opt", content(tar(member("d", mtime=5), member("d/f", b"", mtime=6))))
        assert [files.stat(path).mtime for path in ("/opt/d", "/opt/d/f", "/opt")] == [5, 6, 9]

    @pytest.mark.parametrize(
        ("archive", "error"),
        [
            (tar(member("new", b""), member("../x", b"")), ArchiveError),
            (tar(member("new", b""), member("usr/bin/sh/x", b"")), NotADirectoryError),
            (tar(member("new", b""), member("l", type=tarfile.LNKTYPE, linkname="none")), FileNotFoundError),
            (tar(member("new", b""), member("data/x", b"")), OSError),
            (tar(member("new", b""), member("rest", b"x" * 5000))[:3000], ArchiveError),
        ],
        ids=["climbs out", "file as directory", "link to nothing", "read-only volume", "cut off"],
    )
    def test_a_failure_leaves_no_trace(self, files: Files, archive: bytes, error: type[Exception]) -> None:
        volume = Files([], Layer(), lambda: 0.0)
        files.mount("/data", volume, read_only=True)
        before = listing(files)
        with pytest.raises(error):
            extract_into(files, "/", content(archive))
        assert listing(files) == before

    def test_a_volume_takes_what_belongs_to_it_once(self, files: Files) -> None:
        volume = Files([], Layer(), lambda: 0.0)
        files.mount("/data", volume)
        extract_into(files, "/", content(tar(member("data/x", b"1"))))
        assert volume.read("/x").read() == b"1"
        assert [path for path, _ in files.changes()] == ["/data"]


class TestPack:
    def test_python_reads_what_was_written(self) -> None:
        packed = b"".join(pack(tree(unpack(content(EXAMPLE)))))
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            found = {header.name: header for header in archive}
            passwd = archive.extractfile("./etc/hard")
            assert passwd is not None
            assert passwd.read() == b"root"
        assert list(found) == [
            ".", "./etc", "./etc/hard", "./etc/link", "./etc/passwd", "./loop", "./null", "./pipe",
        ]  # fmt: skip
        assert found["./etc/passwd"].linkname == "./etc/hard"
        assert (found["./etc/hard"].mode, found["./etc/hard"].mtime) == (0o600, 12345)
        assert (found["./null"].devmajor, found["./null"].devminor) == (1, 3)

    def test_the_first_name_is_the_root_itself(self) -> None:
        packed = b"".join(pack(tree(unpack(content(EXAMPLE)))))
        assert packed.startswith(b"./\0")

    @pytest.mark.parametrize(
        ("path", "prefix", "names"),
        [
            ("/etc", "etc", ["etc", "etc/hard", "etc/link", "etc/passwd"]),
            ("/etc", "other/", ["other", "other/hard", "other/link", "other/passwd"]),
            ("/etc/passwd", "passwd", ["passwd"]),
            ("/etc/link", "link", ["link"]),
            ("/", "", ["etc", "etc/hard", "etc/link", "etc/passwd", "loop", "null", "pipe"]),
        ],
    )
    def test_a_part_of_the_tree_gets_the_name_asked_for(self, path: str, prefix: str, names: list[str]) -> None:
        packed = b"".join(pack(tree(unpack(content(EXAMPLE))), path, prefix))
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            assert archive.getnames() == names

    def test_a_missing_path_is_noticed_before_the_first_piece(self) -> None:
        with pytest.raises(FileNotFoundError):
            pack(tree(), "/none")

    def test_large_files_come_in_pieces(self) -> None:
        files = tree()
        files.write("/big", bytes(1 << 20))
        pieces = list(pack(files))
        assert max(map(len, pieces)) < 1 << 18
        assert sum(map(len, pieces)) == packed_size(files)

    def test_volumes_are_left_out_unless_asked_for(self) -> None:
        files, volume = tree(), tree()
        volume.write("/x", b"")
        files.mount("/data", volume)
        assert tree(unpack(content(b"".join(pack(files))))).listdir("/data") == []
        assert tree(unpack(content(b"".join(pack(files, mounts=True))))).listdir("/data") == ["x"]

    def test_strange_times_and_long_names_can_be_packed(self) -> None:
        files = tree()
        name = "/" + "/".join(["é" * 100] * 15)
        files.mkdir(name, parents=True)
        files.symlink("t" * 4000, name + "/link")
        for number, time in enumerate([-5.0, float("nan"), float("inf"), 1e300]):
            files.write(f"/{number}", b"")
            files.utime(f"/{number}", time)
        again = tree(unpack(content(b"".join(pack(files)))))
        assert again.readlink(name + "/link") == "t" * 4000
        assert again.stat("/0").mtime == 0

    def test_a_layer_keeps_its_whiteouts(self) -> None:
        below = unpack(content(EXAMPLE))
        files = tree(below)
        files.remove_tree("/etc")
        files.mkdir("/etc")
        files.write("/etc/new", b"")
        files.unlink("/null")
        layer = files.commit()
        again = unpack(content(b"".join(pack_layer(layer))), whiteouts=True)
        assert listing(tree(below, again)) == listing(tree(below, layer))


names = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60).filter(
    lambda name: name not in (".", "..") and len(name.encode()) < 256
)


@st.composite
def trees(draw: st.DrawFn) -> Files:
    files = Files([], Layer(), lambda: 0.0)
    directories = ["/"]
    paths: list[str] = []
    for _ in range(draw(st.integers(0, 12))):
        path = draw(st.sampled_from(directories)).rstrip("/") + "/" + draw(names)
        if files.exists(path, follow=False):
            continue
        match draw(st.sampled_from(["file", "file", "directory", "symlink", "link", "fifo", "device"])):
            case "file":
                files.write(path, draw(st.binary(max_size=1500)), mode=draw(st.integers(0, 0o7777)))
            case "directory":
                files.mkdir(path)
                directories.append(path)
            case "symlink":
                files.symlink(draw(names) * draw(st.integers(1, 4)), path)
            case "fifo":
                files.mknod(path, Kind.FIFO)
            case "device":
                files.mknod(path, Kind.BLOCK, device=(draw(st.integers(0, 0o7777777)), 1))
            case _:
                if not paths:
                    continue
                files.link(draw(st.sampled_from(paths)), path)
        if path not in directories:
            paths.append(path)
        files.chown(path, draw(st.integers(0, 1 << 31)), draw(st.integers(0, 70000)), follow=False)
    for path, _ in list(files.walk()):
        files.utime(path, draw(st.integers(0, 1 << 35)), follow=False)
    return files


@settings(max_examples=60, deadline=None)
@given(trees())
def test_unpacking_what_was_packed_gives_the_same_tree(files: Files) -> None:
    packed = b"".join(pack(files))
    assert listing(tree(unpack(content(packed)))) == listing(files)
    assert len(packed) == packed_size(files)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert len(archive.getmembers()) == len(listing(files))


def test_with_no_prefix_only_what_is_below_is_packed() -> None:
    files = Files([], Layer(), lambda: 0.0)
    files.mkdir("/top/below", parents=True)
    data = b"".join(pack(files, "/top", ""))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["below"]
