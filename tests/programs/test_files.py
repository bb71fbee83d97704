"""Programs that make, move and remove; their messages are compared with busybox elsewhere."""

from __future__ import annotations

import pytest

from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.programs.command import Misuse
from fakedocker.programs.files import changed_mode


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("644", 0o777, 0o644),
        ("u+x", 0o644, 0o744),
        ("go-r", 0o644, 0o600),
        ("a=rw,u+x", 0o000, 0o766),
        ("g=u", 0o700, 0o770),
        ("+x", 0o644, 0o755),
        ("u+s,+t", 0o755, 0o5755),
        ("a+X", 0o644, 0o644),
        ("a+X", 0o744, 0o755),
    ],
)
def test_a_mode_changes_as_it_says(text: str, before: int, after: int) -> None:
    assert changed_mode(text, before, 0o022) == after


@pytest.mark.parametrize("text", ["", "zz", "u", "888", "u+q", "7" * 20])
def test_what_is_no_mode_is_refused(text: str) -> None:
    with pytest.raises(Misuse, match="invalid mode"):
        changed_mode(text, 0, 0)


def test_a_copy_keeps_the_mode_as_far_as_the_mask_allows(container) -> None:
    container.files.write("/work/a", b"x", mode=0o777)
    container.sh("umask 027; cp a b; cp -p a c")
    assert (container.files.stat("/work/b").mode, container.files.stat("/work/c").mode) == (0o750, 0o777)


def test_a_copy_is_not_the_same_file(container) -> None:
    container.sh("echo 1 > a; cp a b; echo 2 > a")
    assert container.files.read("/work/b").read() == b"1\n"


def test_a_directory_is_not_copied_into_itself(container) -> None:
    result = container.sh("mkdir -p d/e; cp -r d d/e")
    assert result.code == 1
    assert "recursion detected" in result.err


def test_a_move_to_a_volume_copies(container) -> None:
    volume = Files([], Layer(), container.clock.now)
    container.files.mount("/data", volume)
    assert container.sh("mkdir d; echo x > d/f; ln -s f d/l; mv d /data; ls").out == ""
    assert volume.read("/d/f").read() == b"x\n"
    assert volume.readlink("/d/l") == "f"


def test_a_read_only_volume_refuses(container) -> None:
    container.files.mount("/data", Files([], Layer(), container.clock.now), read_only=True)
    result = container.sh("touch /data/x; mkdir /data/d; echo > /data/y")
    assert result.err == (
        "touch: /data/x: Read-only file system\n"
        "mkdir: can't create directory '/data/d': Read-only file system\n"
        "sh: can't create /data/y: Read-only file system\n"
    )


def test_owners_go_by_name_or_number(container) -> None:
    container.sh("mkdir d; touch d/f; chown -R nobody:nogroup d; touch g; chown 5:6 g; chgrp root g")
    inode = container.files.stat("/work/d/f")
    assert (inode.uid, inode.gid) == (65534, 65534)
    assert (container.files.stat("/work/g").uid, container.files.stat("/work/g").gid) == (5, 0)
    assert container.run("chown", "nosuch", "g").err == "chown: unknown user nosuch\n"


def test_touch_tells_the_time(container) -> None:
    container.files.write("/work/f", b"")
    container.advance(100)
    container.sh("touch f; touch -d @5 g")
    assert container.files.stat("/work/f").mtime == container.clock.now()
    assert container.files.stat("/work/g").mtime == 5


def test_mktemp_makes_what_nobody_has(container) -> None:
    names = container.sh("mktemp; mktemp; mktemp -d").out.split()
    assert len(set(names)) == 3
    assert container.files.is_directory(names[2])
    assert container.files.stat(names[0]).mode == 0o600


def test_links_are_removed_not_followed(container) -> None:
    container.sh("mkdir d; touch d/f; ln -s d l; rm -r l")
    assert container.files.exists("/work/d/f")
    assert not container.files.exists("/work/l", follow=False)
