"""`fakedocker run`: run a command with a fake daemon of its own, and tell what went wrong in it."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from fakedocker import FakeDocker, FixtureError
from fakedocker.environment import pointed_at

from . import serve
from .terminal import complain, reason, say

HELP = "run a command with a fake daemon of its own"
#: What a shell answers when a command cannot be executed, and when there is none.
NOT_EXECUTABLE, NOT_FOUND = 126, 127
#: A shell's code of a command that a signal ended begins here.
SIGNALLED = 128
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


def add(run: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    serve.add_daemon(run)
    run.add_argument("-H", "--host", metavar="HOST", help="where to listen (default: a socket file of its own)")
    run.add_argument("--journal", action="store_true", help="print at the end what the daemon was asked")
    run.add_argument("--orphans", action="store_true", help="fail if the command leaves what it has made")
    run.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER, help="-- and the command with its words")


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit code, or 1 if that is 0 and something went wrong in the daemon."""
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        return complain("which command? fakedocker run [OPTIONS] -- COMMAND [WORD...]")
    with tempfile.TemporaryDirectory(prefix="fakedocker-") as folder:  # only its user may enter it
        try:
            daemon = serve.daemon_of(options, [options.host or f"unix://{folder}/docker.sock"])
            daemon.start()
        except (FixtureError, ValueError) as error:
            return complain(str(error))
        except OSError as error:
            return complain(reason(error))
        try:
            code = _run(words, pointed_at(daemon.url))
            findings = _findings(daemon, orphans=options.orphans)
            if options.journal:
                print(daemon.journal, file=sys.stderr)
        finally:
            daemon.close()
    for finding in findings:
        say(finding)
    return code or (1 if findings else 0)


def _findings(daemon: FakeDocker, *, orphans: bool) -> list[str]:
    found = daemon.problems()
    if orphans and (left := daemon.orphans()):
        found.append(f"left behind: {left}")
    return found


def _run(words: list[str], environment: dict[str, str]) -> int:
    with _noting() as signals:
        try:
            child = subprocess.Popen(words, env=environment)
        except FileNotFoundError:
            say(f"there is no command {words[0]!r}")
            return NOT_FOUND
        except OSError as error:
            say(f"{words[0]!r} cannot be executed: {reason(error)}")
            return NOT_EXECUTABLE
        signals.pass_on(child)
        code = child.wait()
    return code if code >= 0 else SIGNALLED - code


class Signals:
    """Signals that are passed on to a command; what it makes of them decides how it ends."""

    def __init__(self) -> None:
        self._early: list[int] = []
        self._child: subprocess.Popen[bytes] | None = None

    def note(self, number: int, _: object) -> None:
        """Pass a signal on, at once or when the command has begun."""
        if self._child is None:
            self._early.append(number)
        else:
            self._child.send_signal(number)

    def pass_on(self, child: subprocess.Popen[bytes]) -> None:
        """Pass on what has come and what will come."""
        self._child = child
        for number in self._early:
            child.send_signal(number)


@contextmanager
def _noting() -> Iterator[Signals]:
    """Note signals from before the command begins: whoever sends one must not end us, and leave it behind."""
    signals = Signals()
    before = {number: signal.signal(number, signals.note) for number in FORWARDED}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
