"""Archives: what a comparison with busybox does not show."""

from __future__ import annotations

import gzip
import io
import tarfile

from fakedocker.engine.processes.effects import Signal


def tar_of(*members: tuple[str, bytes]) -> bytes:
    """Return a tar as others write it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members:
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return buffer.getvalue()


def test_an_archive_of_ours_is_read_by_others(container) -> None:
    container.sh("mkdir -p d/e; echo hi > d/e/f; ln -s f d/e/l; tar czf t.tgz d")
    data = container.files.read("/work/t.tgz").read()
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        assert archive.getnames() == ["d", "d/e", "d/e/f", "d/e/l"]
        member = archive.extractfile("d/e/f")
        assert member is not None
        assert member.read() == b"hi\n"


def test_a_name_that_climbs_out_unpacks_nothing(container) -> None:
    container.files.write("/work/t.tar", tar_of(("good", b"1"), ("../../etc/passwd", b"2")))
    before = container.files.read("/etc/passwd").read()
    result = container.sh("tar xf t.tar")
    assert result.code == 1
    assert not container.files.exists("/work/good")
    assert container.files.read("/etc/passwd").read() == before


def test_a_compressed_archive_is_noticed_without_a_letter(container) -> None:
    container.files.write("/work/t.tgz", gzip.compress(tar_of(("a", b"1"))))
    assert container.sh("tar tf t.tgz; tar xf t.tgz; cat a").out == "a\n1"


def test_names_can_be_left_out(container) -> None:
    result = container.sh("mkdir d; touch d/a d/b.log d/c; tar cf - --exclude '*.log' --exclude=c d | tar t")
    assert result.out == "d/\nd/a\n"


def test_gunzip_gives_what_it_has_as_it_comes(container) -> None:
    packed = gzip.compress(b"a" * 100_000) + gzip.compress(b"b\n")
    result = container.run("gunzip", stdin=packed)
    assert (result.code, len(result.out), result.out[-2:]) == (0, 100_002, "b\n")


def test_a_bomb_is_stopped_by_whoever_reads(container) -> None:
    packed = gzip.compress(bytes(50_000_000))
    container.files.write("/work/z.gz", packed)
    assert container.sh("zcat z.gz | head -c 3 | wc -c").out == "3\n"


def test_broken_data_is_said_and_leaves_no_file(container) -> None:
    container.files.write("/work/x.gz", gzip.compress(b"abc" * 1000)[:20])
    result = container.sh("gunzip x.gz; echo $?; ls")
    assert result.out == "1\nx.gz\n"
    assert result.err == "gunzip: unexpected end of file\n"


def test_gzip_takes_signals_while_it_waits(container) -> None:
    container.start("sh", "-c", "gzip -c & kill $!; wait $!; echo $?")
    container.advance(1)
    assert container.output == f"{128 + Signal.TERM}\n"
