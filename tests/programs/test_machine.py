"""top, free, df, mount: what a container sees of the machine."""

from __future__ import annotations

import pytest


def test_top_shows_the_processes_once(lan) -> None:
    lines = lan.run("sleep 50 & top -b -n1; kill $!").out.splitlines()
    assert lines[3] == "  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND"
    assert "    2     1 root     S     3172   0%   0% sleep 50" in lines
    assert lines[-2].endswith("R     3172   0%   0% top -b -n1")


def test_top_goes_on_as_time_passes(lan) -> None:
    container = lan.start("top -b -d 1")
    lan.advance(3.5)
    assert lan.out(container).count("COMMAND") == 4


def test_free_agrees_with_proc_meminfo(lan) -> None:
    result = lan.run("free; free -h; grep MemTotal /proc/meminfo")
    assert result.out == (
        "              total        used        free      shared  buff/cache   available\n"
        "Mem:        2097152      196608     1572864           0      327680     1900544\n"
        "Swap:             0           0           0\n"
        "              total        used        free      shared  buff/cache   available\n"
        "Mem:           2.0G      192.0M        1.5G           0      320.0M        1.8G\n"
        "Swap:             0           0           0\n"
        "MemTotal:        2097152 kB\n"
    )


def test_df_shows_the_disk_of_a_path(lan) -> None:
    result = lan.run("df /bin; df -h /; df /nosuch; echo $?")
    assert result.out == (
        "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
        "none                  10309828   1835008   8474820  18% /\n"
        "Filesystem                Size      Used Available Use% Mounted on\n"
        "none                      9.8G      1.8G      8.1G  18% /\n"
        "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
        "1\n"
    )
    assert result.err == "df: /nosuch: can't find mount point\n"


def test_volumes_are_mounts(lan) -> None:
    result = lan.run("mount | grep data; df /data | tail -n 1", volumes=("/data",))
    assert result.out == (
        "/dev/sda1 on /data type ext4 (rw,relatime)\n/dev/sda1             10309828   1835008   8474820  18% /data\n"
    )


@pytest.mark.parametrize(
    ("call", "code", "error"),
    [
        ("mount /dev/sda1 /mnt", 1, "mount: permission denied (are you root?)"),
        ("umount /proc", 1, "umount: can't unmount /proc: Operation not permitted"),
        ("umount /mnt", 1, "umount: can't unmount /mnt: Invalid argument"),
        ("free -x", 1, "free: unrecognized option: x"),
        ("top -n x", 1, "top: invalid number 'x'"),
    ],
)
def test_what_is_not_possible_is_said(lan, call: str, code: int, error: str) -> None:
    result = lan.run(call)
    assert (result.code, result.err.splitlines()[0]) == (code, error)


@pytest.mark.parametrize(
    ("options", "head"),
    [
        # As busybox 1.35 has them.
        ("", "Filesystem           1K-blocks      Used Available Use% Mounted on"),
        ("-m", "Filesystem           1M-blocks      Used Available Use% Mounted on"),
        ("-h", "Filesystem                Size      Used Available Use% Mounted on"),
        ("-i", "Filesystem              Inodes      Used Available Use% Mounted on"),
        ("-P", "Filesystem           1024-blocks    Used Available Capacity Mounted on"),
        ("-B 1048576", "Filesystem           1M-blocks      Used Available Use% Mounted on"),
        ("-B 512", "Filesystem           512-blocks     Used Available Use% Mounted on"),
        ("-T", "Filesystem           Type       1K-blocks      Used Available Use% Mounted on"),
    ],
)
def test_the_room_on_disks_is_counted_in_what_was_asked_for(container, options: str, head: str) -> None:
    lines = container.sh(f"df {options} /").out.splitlines()
    assert lines[0] == head
    assert len(lines) == 2


def test_blocks_of_another_size_are_more_or_fewer(container) -> None:
    def total(options: str) -> int:
        return int(container.sh(f"df {options} / | tail -n 1 | awk '{{print $2}}'").out)

    assert total("-B 512") == 2 * total("")
    assert total("-B 1048576") == total("-m") == total("") // 1024


def test_only_disks_of_one_type_can_be_shown(container) -> None:
    assert len(container.sh("df -t nosuch").out.splitlines()) == 1
    assert len(container.sh("df").out.splitlines()) > 1
