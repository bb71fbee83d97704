"""The options of a tmpfs: which there are, and what /proc/mounts says of them (moby pkg/mount/flags_linux.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakedocker.engine import errors

PAGE = 4096
#: What a tmpfs is unless it is told otherwise: what it is about -> what a kernel shows.
_USUAL = {"write": "rw", "suid": "nosuid", "dev": "nodev", "exec": "noexec", "atime": "relatime"}
#: Option -> what it is about.
_FLAGS = {
    **dict.fromkeys(("ro", "rw"), "write"),
    **dict.fromkeys(("suid", "nosuid"), "suid"),
    **dict.fromkeys(("dev", "nodev"), "dev"),
    **dict.fromkeys(("exec", "noexec"), "exec"),
    **dict.fromkeys(("sync", "async"), "sync"),
    "noatime": "atime",
}
#: What says something by being not shown.
_UNSHOWN = frozenset({"suid", "dev", "exec", "async"})
#: What is taken, and of which nothing is to be seen.
_SILENT = frozenset(
    {
        *("defaults", "dirsync", "remount", "mand", "nomand", "atime", "diratime", "nodiratime", "relatime"),
        *("norelatime", "strictatime", "nostrictatime", "bind", "rbind", "unbindable", "runbindable"),
        *("private", "rprivate", "shared", "rshared", "slave", "rslave"),
    }
)
#: In the order in which a kernel shows them.
_VALUES = ("size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "mpol")
_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
#: The mode that a kernel does not speak of.
_OPEN = "1777"


def options(text: str) -> str:
    """Return what /proc/mounts says of a tmpfs with these options (`ro,size=1m`); the later of two counts.

    Raises Failure for an option that there is not.
    """
    told = [one for one in text.split(",") if one]
    for option in reversed(told):  # of several bad ones the daemon meets the last one first
        name, equals, _ = option.partition("=")
        if option not in _FLAGS and option not in _SILENT and not (equals and name in _VALUES):
            raise errors.invalid_tmpfs_option(option)
    flags, values = dict(_USUAL), dict[str, str]()
    for option in told:
        name, _, value = option.partition("=")
        if option in _FLAGS:
            flags[_FLAGS[option]] = option
        elif name in _VALUES:
            values[name] = _size(value) if name == "size" else value
    if values.get("mode", "").lstrip("0") == _OPEN:
        del values["mode"]
    shown = [flag for flag in flags.values() if flag not in _UNSHOWN]
    return ",".join(shown + [f"{name}={values[name]}" for name in _VALUES if name in values])


def options_of(members: Mapping[str, Any], read_only: bool) -> str:
    """Return the options that a mount means with its TmpfsOptions."""
    size, mode = members.get("SizeBytes") or 0, members.get("Mode") or 0
    told = ("ro" if read_only else "", f"size={size}" if size else "", f"mode={mode:o}" if mode else "")
    return ",".join(filter(None, told))


def _size(text: str) -> str:
    """Return a size as a kernel shows it: in KiB, whole pages."""
    number, unit = (text[:-1], _UNITS[text[-1].lower()]) if text[-1:].lower() in _UNITS else (text, 1)
    if not number.isdecimal():
        return text
    return f"{-(-int(number) * unit // PAGE) * PAGE // 1024}k"
