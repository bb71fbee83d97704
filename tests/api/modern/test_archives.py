"""Copying into containers and out of them: what is found, what is refused, and what hostile archives cannot do."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modern.conftest import Dock


def tar(*members: tuple[str, bytes | str | None]) -> bytes:
    """Pack members: bytes are a file, a text is the target of a symbolic link, None a directory."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in members:
            header = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                header.size = len(content)
            else:
                header.type = tarfile.DIRTYPE if content is None else tarfile.SYMTYPE
                header.linkname = content or ""
            archive.addfile(header, io.BytesIO(content) if isinstance(content, bytes) else None)
    return out.getvalue()


def names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


def content(dock: Dock, path: str) -> bytes:
    """Return what is in a file of the container, by way of an archive."""
    reply = dock.get(f"/containers/box/archive?path={path}")
    assert reply.status == 200, reply.text
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        found = archive.extractfile(archive.next() or pytest.fail("an empty archive"))
        assert found is not None
        return found.read()


def put(dock: Dock, path: str, data: bytes, more: str = "") -> tuple[int, str]:
    reply = dock.ask("PUT", f"/containers/box/archive?path={path}{more}", data)
    return reply.status, reply.json["message"] if reply.body else ""


def test_what_is_put_in_comes_out_again(dock: Dock) -> None:
    dock.create("true")
    assert put(dock, "/tmp", tar(("a", None), ("a/b", b"content"))) == (200, "")
    assert content(dock, "/tmp/a/b") == b"content"
    assert names(dock.get("/containers/box/archive?path=/tmp/a").body) == ["a", "a/b"]


def test_a_head_tells_of_a_file_without_its_archive(dock: Dock) -> None:
    dock.create("true")
    put(dock, "/tmp", tar(("file", b"12345"), ("link", "file")))
    reply = dock.ask("HEAD", "/containers/box/archive?path=/tmp/file")
    stat = json.loads(base64.b64decode(reply.fields["x-docker-container-path-stat"]))
    assert (reply.status, stat["name"], stat["size"], stat["linkTarget"]) == (200, "file", 5, "")
    reply = dock.ask("HEAD", "/containers/box/archive?path=/tmp/link")
    assert json.loads(base64.b64decode(reply.fields["x-docker-container-path-stat"]))["linkTarget"] == "/tmp/file"


def test_a_path_that_is_not_there_is_not_found(dock: Dock) -> None:
    dock.create("true")
    reply = dock.get("/containers/box/archive?path=/no/such/")
    assert (reply.status, reply.json["message"]) == (404, "Could not find the file /no/such/ in container box")
    assert put(dock, "/no/such", tar()) == (404, "Could not find the file /no/such in container box")


@pytest.mark.parametrize(("profile", "begin"), [("20.10", "lstat /var/lib/docker/"), ("26", "lstat /etc/passwd")])
@pytest.mark.parametrize("ending", ["/", "/."])
def test_a_file_is_no_directory(new_dock: Callable[[str], Dock], profile: str, begin: str, ending: str) -> None:
    dock = new_dock(profile)
    dock.create("true")
    message = dock.get(f"/containers/box/archive?path=/etc/passwd{ending}").json["message"]
    assert message.startswith(begin)
    assert message.endswith("/etc/passwd/: not a directory")
    assert put(dock, "/etc/passwd", tar())[1] == "extraction point is not a directory"


@pytest.mark.parametrize(
    ("profile", "text"),
    [("20.10", "Error processing tar file(exit status 1): unexpected EOF"), ("26", "unexpected EOF")],
)
def test_half_an_archive_changes_nothing(new_dock: Callable[[str], Dock], profile: str, text: str) -> None:
    dock = new_dock(profile)
    dock.create("true")
    whole = tar(("first", b"1" * 2000), ("second", b"2" * 2000))
    status, message = put(dock, "/tmp", whole[:3500])
    assert status >= 400
    assert message == text
    assert dock.get("/containers/box/archive?path=/tmp/first").status == 404


@pytest.mark.parametrize("name", ["../../../etc/evil", "/etc/evil", "a/../../etc/evil"])
def test_members_cannot_leave_the_place_they_are_put(dock: Dock, name: str) -> None:
    dock.create("true")
    put(dock, "/tmp", tar((name, b"evil")))
    assert dock.get("/containers/box/archive?path=/etc/evil").status == 404


def test_a_link_in_an_archive_does_not_lead_out_of_the_container(dock: Dock) -> None:
    dock.create("true")
    put(dock, "/tmp", tar(("way", "../../../../../../etc"), ("way/evil", b"evil")))
    assert names(dock.get("/containers/box/archive?path=/etc/passwd").body) == ["passwd"]


def test_kinds_of_files_are_kept_if_asked(dock: Dock) -> None:
    dock.create("true")
    put(dock, "/tmp", tar(("dir", None), ("file", b"")))
    more = "&noOverwriteDirNonDir=1"
    assert "cannot overwrite directory" in put(dock, "/tmp", tar(("dir", b"")), more)[1]
    assert "cannot overwrite non-directory" in put(dock, "/tmp", tar(("file", None)), more)[1]


def test_nothing_is_put_into_a_root_that_is_read_only(dock: Dock) -> None:
    dock.create("true", HostConfig={"ReadonlyRootfs": True})
    assert put(dock, "/tmp", tar(("x", b"")))[1] == "container rootfs is marked read-only"


def test_the_path_has_to_be_said(dock: Dock) -> None:
    dock.create("true")
    for method in ("GET", "PUT"):
        assert dock.ask(method, "/containers/box/archive").status == 400
