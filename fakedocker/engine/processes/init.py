"""What happens inside a container before its command runs: the init of the daemon of 2013 (moby sysinit.go)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fakedocker.engine.containers.config import Config
from fakedocker.engine.files.files import Files
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOT_FOUND, NO_SUCH_USER = 127, 1


#: Tells whether there is a program for a path, called with these words, even if there is no file.
Provided = Callable[[str, tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Init:
    """How a container's first process begins: its environment, and what it does before it is the command.

    `check` raises CannotStart where nothing can begin.
    """

    environment: Callable[[Config, Files], dict[str, str]]
    body: Callable[[Config, float], Body]
    check: Callable[[Config, Files, Provided], None] = lambda config, files, provided: None


def environment(config: Config) -> dict[str, str]:
    """Return the environment of a container's first process."""
    env = {"HOME": "/", "PATH": PATH, "container": "lxc", "HOSTNAME": config.hostname}
    if config.tty:
        env["TERM"] = "xterm"
    for entry in config.env or ():
        name, _, value = entry.partition("=")
        env[name] = value
    return env


def init(config: Config, delay: float) -> Body:
    """Return the first process: becomes the configured user, then, after `delay` seconds, the command.

    A user or a program that is not there is reported on stderr, with the exit code 1 or 127; starting the
    container is a success all the same.
    """

    def body(process: Process) -> Program[int]:
        yield from process.sleep(delay)
        if config.user and not _become(process, config.user):
            user = config.user
            yield from process.write(2, _logged(process, f"Unable to find user {user}: user: unknown user {user}"))
            return NO_SUCH_USER
        argv = config.command
        try:
            command = process.body(argv)
        except OSError:
            yield from process.write(2, _logged(process, f"Unable to locate {argv[0]}"))
            return NOT_FOUND
        return (yield from command(process))

    return body


#: The init of 2013.
LXC = Init(lambda config, files: environment(config), init)


def _logged(process: Process, text: str) -> str:
    """Return a line as Go's log package writes it."""
    return f"{datetime.fromtimestamp(process.now(), UTC):%Y/%m/%d %H:%M:%S} {text}\n"


def _become(process: Process, user: str) -> bool:
    """Take on a user's ids, by name or number; False when /etc/passwd of the container has no such user."""
    try:
        passwd = process.files.read("/etc/passwd").read().decode("utf-8", "replace")
    except OSError:
        passwd = ""
    for line in passwd.splitlines():
        name, _, uid, gid, *_ = [*line.split(":"), "", "", "", ""]
        if user in (name, uid) and uid.isdecimal() and gid.isdecimal():
            process.uid, process.gid = int(uid), int(gid)
            return True
    return False
