"""What lies under /dev without being a file of the container."""

from __future__ import annotations

import errno
import os

from fakedocker.engine.processes.descriptors import Descriptor, Null
from fakedocker.engine.processes.processes import Process

STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class Zero(Null):
    """/dev/zero: zeros without end."""

    def read(self, size: int) -> bytes | None:
        return bytes(min(size, 65536))


class Full(Zero):
    """/dev/full: a device on which there is never room."""

    def write(self, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def open_device(process: Process, path: str) -> Descriptor | None:
    """Open a device by its path; None when the path is no device of ours."""
    match path:
        case "/dev/null":
            return Null()
        case "/dev/zero":
            return Zero()
        case "/dev/full":
            return Full()
        case "/dev/tty":
            return next((one for one in process.fds.values() if one.is_terminal), None)
    number = STANDARD.get(path)
    folder, _, name = path.rpartition("/")
    if folder in ("/dev/fd", "/proc/self/fd"):
        return next((one for number, one in process.fds.items() if str(number) == name), None)
    return process.fds.get(number) if number is not None else None
