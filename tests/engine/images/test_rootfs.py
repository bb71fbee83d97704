"""What layers are called."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest

from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.images import rootfs


def layer(**files: str) -> Layer:
    made = Layer()
    made.put("/", Inode(Kind.DIRECTORY, 0o755))
    for name, text in files.items():
        made.put(f"/{name}", Inode(Kind.FILE, content=Content.of(text.encode())))
    return made.freeze()


def tar(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_a_diff_id_is_the_digest_of_the_tar() -> None:
    made = layer(a="1")
    packed = b"".join(rootfs.tar_of(made))
    assert rootfs.diff_id(made) == f"sha256:{hashlib.sha256(packed).hexdigest()}"
    assert rootfs.tar_size(made) == len(packed)
    assert rootfs.tar_content(made).read() == packed


def test_the_same_files_have_the_same_diff_id_in_every_daemon() -> None:
    assert rootfs.diff_id(layer(a="1")) == rootfs.diff_id(layer(a="1")) != rootfs.diff_id(layer(a="2"))


@pytest.mark.parametrize("compressed", [False, True])
def test_a_layer_that_came_as_a_tar_leaves_as_the_same_tar(compressed: bool) -> None:
    import gzip

    plain = tar(z="last", a="first") + bytes(512)  # more at the end than we would write
    unpacked = rootfs.unpacked(Content.of(gzip.compress(plain) if compressed else plain))
    assert b"".join(rootfs.tar_of(unpacked)) == plain
    assert rootfs.diff_id(unpacked) == f"sha256:{hashlib.sha256(plain).hexdigest()}"
    assert rootfs.tar_size(unpacked) == len(plain)


def test_whiteouts_of_a_layer_hide_what_is_below() -> None:
    unpacked = rootfs.unpacked(Content.of(tar(**{".wh.gone": ""})))
    assert unpacked.hides("/gone")


def test_a_chain_id_tells_of_all_below() -> None:
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    assert rootfs.chain_ids([]) == []
    assert rootfs.chain_ids([one, two]) == [one, rootfs.digest(f"{one} {two}".encode())]
    assert rootfs.chain_ids([two, one])[1] != rootfs.chain_ids([one, two])[1]


def test_layers_that_change_nothing_are_left_out() -> None:
    full = layer(a="1")
    assert rootfs.is_empty(Layer().freeze())
    assert not rootfs.is_empty(full)
    assert rootfs.diff_ids([Layer().freeze(), full]) == [rootfs.diff_id(full)]


def test_the_digest_of_a_content_is_that_of_its_bytes() -> None:
    assert rootfs.digest_of(Content.of(b"abc")) == rootfs.digest(b"abc")


def test_what_is_no_tar_is_no_layer() -> None:
    with pytest.raises(archives.ArchiveError):
        rootfs.unpacked(Content.of(b"nonsense" * 100))
