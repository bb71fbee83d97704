"""What all subcommands have to do with whoever started them: signals, complaints, a file that says it is ready, and who
can reach what they listen at."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from fakedocker.server import Address

#: How a command ends that cannot do what it was told, as Docker's own ends on wrong usage.
CANNOT = 2


def told_to_end() -> threading.Event:
    """Return what is set by the first SIGTERM or SIGINT; a second one ends the process at once."""
    told = threading.Event()

    def note(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return told


@contextlib.contextmanager
def ready_file(path: Path | None, url: str) -> Iterator[None]:
    """Keep $DOCKER_HOST in a file meanwhile, if one is wanted. Raises OSError that names it."""
    try:
        if path:
            path.write_text(f"{url}\n")
    except OSError as error:
        raise OSError(error.errno, f"cannot write {path}: {error.strerror or error}") from None
    try:
        yield
    finally:
        if path:
            path.unlink(missing_ok=True)


def is_private(address: Address) -> bool:
    """Tell whether only this machine can reach an address."""
    if address.kind == "unix":
        return True
    try:
        return ipaddress.ip_address(address.host.partition("%")[0]).is_loopback
    except ValueError:
        return address.host == "localhost"


def say(text: str) -> None:
    """Tell whoever is at the terminal."""
    print(f"fakedocker: {text}", file=sys.stderr, flush=True)


def complain(text: str) -> int:
    """Say why it cannot be done, and return the exit code that says so, too."""
    say(text)
    return CANNOT


def reason(error: OSError) -> str:
    """Return an error's text without its number."""
    return error.strerror or str(error)
