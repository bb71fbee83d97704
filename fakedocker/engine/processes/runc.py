"""What happens before a container's command runs on today's daemons: users, their homes, programs that are not there.

Unlike the init of 2013 (see `fakedocker.engine.processes.init`), what is wrong is found before anything runs, and
starting the container fails (runc libcontainer/user, libcontainer/init_linux.go).
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from posixpath import join

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.files.files import Files
from fakedocker.engine.processes.effects import Body, Interrupted, Program
from fakedocker.engine.processes.init import Init, Provided
from fakedocker.engine.processes.processes import Process

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BIGGEST_ID = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a process is: ids, the directory that is $HOME, and the groups whose /etc/group names the user."""

    uid: int = 0
    gid: int = 0
    home: str = "/"
    further: tuple[int, ...] = ()

    @property
    def groups(self) -> tuple[int, ...]:
        """All groups of the process, its own first."""
        return (self.gid, *(gid for gid in self.further if gid != self.gid))


def identify(files: Files, user: str, groups: Iterable[str] = ()) -> Identity:
    """Return who `user` ("name", "uid", "name:group", …) is in a container, who is in more `groups`, too.

    Raises Failure for an unknown one.
    """
    name, _, group = user.partition(":")
    found = Identity()
    for entry in _entries(files, "/etc/passwd", 7):
        number = _number(entry[2])
        if entry[0] == (name or "root") or (number is not None and entry[2] == (name or "0")):
            further = tuple(_groups_of(files, entry[0]))
            found = Identity(number or 0, _number(entry[3]) or 0, entry[5] or "/", further)
            break
    else:
        number = _number(name) if name else 0
        if number is None:
            raise errors.no_such_user(name)
        found = Identity(number)
    if group:
        gid = find_group(files, group)
        if gid is None:
            raise errors.no_such_group(group)
        found = Identity(found.uid, gid, found.home)
    more = list(found.further)
    for name in groups:
        gid = find_group(files, name)
        if gid is None:
            raise errors.no_such_further_group(name)
        more.append(gid)
    return replace(found, further=tuple(dict.fromkeys(more)))


def _groups_of(files: Files, user: str) -> Iterator[int]:
    """Yield the groups that name a user as their member."""
    for entry in _entries(files, "/etc/group", 4):
        number = _number(entry[2])
        if number is not None and user in entry[3].split(","):
            yield number


def find_user(files: Files, name: str) -> int | None:
    """Return the id for a user's name in a container's /etc/passwd; a number is one itself."""
    return _find(files, "/etc/passwd", name)


def find_group(files: Files, name: str) -> int | None:
    """Return the id for a group's name in a container's /etc/group; a number is one itself."""
    return _find(files, "/etc/group", name)


def _find(files: Files, path: str, name: str) -> int | None:
    number = _number(name)
    if number is not None:
        return number
    return next((_number(entry[2]) for entry in _entries(files, path, 3) if entry[0] == name), None)


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    return int(text) if int(text) <= BIGGEST_ID else None


def _entries(files: Files, path: str, fields: int) -> Iterator[list[str]]:
    """Yield the lines of a file such as /etc/passwd in their fields, at least as many as wanted."""
    try:
        text = files.read(path).read(0, 1 << 20).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        entry = line.strip().split(":")
        if entry != [""]:
            yield [*entry, *[""] * (fields - len(entry))]


def environment(config: Config, files: Files) -> dict[str, str]:
    """Return the environment of a container's first process. Raises Failure for an unknown user."""
    env = {"PATH": PATH, "HOSTNAME": config.hostname}
    if config.tty:
        env["TERM"] = "xterm"
    for entry in config.env or ():
        name, equals, value = entry.partition("=")
        if equals:
            env[name] = value
        else:  # a variable that is not to be there (moby container/env.go)
            env.pop(name, None)
    env.setdefault("HOME", identify(files, config.user, config.further_groups).home)
    return env


def check(
    config: Config,
    files: Files,
    provided: Provided = lambda path, words: False,
    *,
    failed: Callable[[str, str], errors.CannotExecute] = errors.exec_failed,
) -> None:
    """See whether a command could be started: that there are its user and its program. Raises CannotStart.

    `failed` makes the error of a program and what is wrong with it.
    """
    path = environment(config, files).get("PATH", "")
    folders = path.split(":") if path else ()
    name = config.command[0]
    if not name:
        raise failed(name, errors.NOT_IN_PATH)
    cwd = config.working_dir or "/"
    places = [join(cwd, name)] if "/" in name else [join(cwd, folder, name) for folder in folders]
    problems = {_problem(files, place) for place in places}
    if "" in problems or (places and provided(places[0], config.command)):
        return
    if "permission denied" in problems:
        raise failed(name, "permission denied")
    raise failed(name, f"stat {name}: {problems.pop()}" if "/" in name else errors.NOT_IN_PATH)


def _problem(files: Files, path: str) -> str:
    """Return why a file cannot be run, "" if it can."""
    try:
        inode = files.stat(path)
    except OSError as error:
        return "not a directory" if error.errno == errno.ENOTDIR else "no such file or directory"
    return "" if inode.is_file and inode.mode & 0o111 else "permission denied"


def run(config: Config, delay: float) -> Body:
    """Return the first process: becomes the configured user, then the command; lasts `delay` seconds at least.

    A command is under way before a daemon of today answers that it has started it: whoever asks for the log at once
    finds what a short one wrote. But the daemon hears of the end later: whoever waits at once comes in time.
    """

    def body(process: Process) -> Program[int]:
        identity = identify(process.files, config.user, config.further_groups)
        process.uid, process.gid = identity.uid, identity.gid
        process.groups = identity.groups
        earliest = process.now() + delay
        code = yield from process.body(config.command)(process)
        if process.now() < earliest:
            try:
                yield from process.sleep(earliest - process.now())
            except Interrupted:
                pass  # the command would have caught this signal, but it is over
        return code

    return body


#: The init of today.
RUNC = Init(environment, run, check)
#: That of a build's steps: only the builder waits for them, and it comes in time.
STEP = Init(environment, lambda config, delay: run(config, 0.0), check)
