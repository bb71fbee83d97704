"""Programs about accounts: su, adduser, addgroup, deluser, delgroup, useradd, getent and their kin.

They read and write the container's own /etc/passwd, /etc/group and /etc/shadow, as text: what others wrote there and
nobody here understands stays.
"""

from __future__ import annotations

import errno
import os
import re
from typing import Final

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.command import Command, Misuse, Options, Section, number
from fakedocker.programs.executable import Become

section = Section()

PASSWD, GROUP, SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"
#: No file of accounts is read further (bytes).
MOST: Final = 1 << 20
NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,31}\$?")
#: The path of one who logs in.
LOGIN_PATH: Final = {True: "/sbin:/usr/sbin:/bin:/usr/bin", False: "/bin:/usr/bin"}
NOGROUP: Final = 65533


class _Table:
    """A file of lines whose fields are divided by colons."""

    def __init__(self, process: Process, path: str) -> None:
        self._process = process
        self._path = path
        try:
            text = process.files.read(path).read(0, MOST).decode("utf-8", "surrogateescape")
        except OSError:
            text = ""
        self.rows = [line.split(":") for line in text.split("\n") if line]

    def find(self, name: str) -> list[str] | None:
        """Return the row of a name."""
        return next((row for row in self.rows if row[0] == name), None)

    def numbers(self, column: int = 2) -> set[int]:
        """Return the ids that are taken."""
        return {int(row[column]) for row in self.rows if len(row) > column and re.fullmatch(r"\d{1,9}", row[column])}

    def save(self, mode: int = 0o644) -> None:
        """Write the file. Raises OSError."""
        text = "".join(":".join(row) + "\n" for row in self.rows)
        self._process.files.write(self._path, text.encode("utf-8", "surrogateescape"), mode=mode)


def _free(taken: set[int], system: bool) -> int:
    first, last = (100, 999) if system else (1000, 59999)
    return next((number_ for number_ in range(first, last) if number_ not in taken), last)


def _must_be_root(command: Command) -> None:
    if command.process.uid != 0:
        raise Misuse("permission denied (are you root?)", usage=False)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise Misuse(f"illegal name '{name[:80]}'", usage=False)


# -- su --------------------------------------------------------------------------------------


@section.program("su", "runuser", usage="[-lmp] [-s SH] [-] [USER [FILE ARGS | -c 'CMD' [ARG0 ARGS]]]")
def su(command: Command) -> Program[int]:
    """Go on as another user."""
    words = ["-l" if word == "-" else word for word in command.words]
    options = command.options("+lmpc:s:", words=words)
    name = options.words.pop(0) if options.words else "root"
    rest = command.options("+c:ls:mp", words=options.words)  # options may stand behind the name, too
    for letter in rest.flags:
        options.note(letter, rest.values.get(letter))
    process = command.process
    row = _Table(process, PASSWD).find(name)
    if row is None and name == "root":
        row = ["root", "x", "0", "0", "root", "/root", "/bin/sh"]
    if row is None or len(row) < 7 or not re.fullmatch(r"\d{1,9}:\d{1,9}", f"{row[2]}:{row[3]}"):
        return (yield from command.complain(f"unknown user {name}"))
    uid, gid = int(row[2]), int(row[3])
    if process.uid not in (0, uid):
        return (yield from command.complain("must be suid to work properly"))
    shell = options.get("s") or row[6] or "/bin/sh"
    env = dict(process.env)
    login = "l" in options
    if login:
        env = {"TERM": env["TERM"]} if "TERM" in env else {}
        env["PATH"] = LOGIN_PATH[uid == 0]
    if not options.flags & {"m", "p"}:
        env |= {"HOME": row[5] or "/", "SHELL": shell}
        if login or uid != 0:
            env |= {"USER": name, "LOGNAME": name}
    argv = ["-" + shell.rsplit("/", 1)[-1] if login else shell.rsplit("/", 1)[-1]]
    if "c" in options:
        argv += ["-c", options.get("c")]
    argv += rest.words
    try:
        body = process.table.load(process, process.find(shell), (shell, *argv[1:]))
    except OSError as error:
        code = 127 if error.errno == errno.ENOENT else 126
        return (yield from command.complain(f"can't execute '{shell}': {os.strerror(error.errno or 0)}", code))
    process.uid, process.gid = uid, gid
    if login:
        process.cwd = row[5] if process.files.is_directory(row[5] or "/") else "/"
    raise Become(body, [shell, *argv[1:]], env)


# -- making and removing -----------------------------------------------------------------------


def _group_id(process: Process, text: str) -> int:
    row = _Table(process, GROUP).find(text)
    if row is not None and len(row) > 2 and row[2].isdecimal():
        return int(row[2][:9])
    if re.fullmatch(r"\d{1,9}", text):
        return int(text)
    raise Misuse(f"unknown group {text}", usage=False)


def _add_group(process: Process, name: str, gid: int | None, system: bool) -> int:
    table = _Table(process, GROUP)
    taken = table.numbers()
    gid = _free(taken, system) if gid is None else gid
    table.rows.append([name, "x", str(gid), ""])
    table.save()
    return gid


def _join(process: Process, user: str, group: str) -> None:
    table = _Table(process, GROUP)
    row = table.find(group)
    if row is None:
        raise Misuse(f"unknown group {group}", usage=False)
    row += [""] * (4 - len(row))
    members = [member for member in row[3].split(",") if member]
    if user not in members:
        row[3] = ",".join([*members, user])
        table.save()


def _add_user(process: Process, name: str, uid: int, gid: int, gecos: str, home: str, shell: str) -> None:
    table = _Table(process, PASSWD)
    table.rows.append([name, "x", str(uid), str(gid), gecos.replace(":", ""), home, shell])
    table.save()
    if process.files.exists(SHADOW):
        shadow = _Table(process, SHADOW)
        shadow.rows.append([name, "!", str(int(process.now() // 86400)), "0", "99999", "7", "", "", ""])
        shadow.save(0o640)


def _make_home(process: Process, home: str, uid: int, gid: int, mode: int) -> None:
    if not process.files.exists(home):
        process.files.mkdir(home, mode, parents=True)
        process.files.chmod(home, mode)
        process.files.chown(home, uid, gid)


LONG_ADDUSER: Final = {
    "home": "h",
    "gecos": "g",
    "shell": "s",
    "ingroup": "G",
    "system": "S",
    "disabled-password": "D",
    "disabled-login": "D",
    "empty-password": "D",
    "no-create-home": "H",
    "uid": "u",
    "gid": "i",
    "quiet": "q",
    "group": "q",
}


@section.program("adduser", usage="[OPTIONS] USER [GROUP]")
def adduser(command: Command) -> Program[int]:
    """Make an account, or put one into a group."""
    options = command.options("h:g:s:G:SDHu:k:i:q", long=LONG_ADDUSER)
    process = command.process
    _must_be_root(command)
    if not 1 <= len(options.words) <= 2:
        raise Misuse("")
    name = options.words[0]
    if len(options.words) == 2:
        if _Table(process, PASSWD).find(name) is None:
            raise Misuse(f"unknown user {name}", usage=False)
        _join(process, name, options.words[1])
        return 0
    _check_name(name)
    users = _Table(process, PASSWD)
    if users.find(name) is not None:
        return (yield from command.complain(f"user '{name}' in use"))
    system = "S" in options
    uid = number(options.get("u")) if "u" in options else _free(users.numbers(), system)
    if uid in users.numbers():
        return (yield from command.complain(f"uid '{uid}' in use"))
    if "G" in options or "i" in options:
        gid = _group_id(process, options.get("G") or options.get("i"))
    elif system:
        gid = NOGROUP
    else:
        groups = _Table(process, GROUP)
        if groups.find(name) is not None:
            return (yield from command.complain(f"group name '{name}' is in use"))
        gid = _add_group(process, name, uid if uid not in groups.numbers() else None, system)
    home = options.get("h", f"/home/{name}")
    shell = options.get("s") or ("/bin/false" if system else "/bin/sh")
    _add_user(process, name, uid, gid, options.get("g", "Linux User,,,"), home, shell)
    if "H" not in options:
        _make_home(process, home, uid, gid, 0o2755)
    if "D" in options or system:
        return 0
    yield from command.print(f"Changing password for {name}\n")
    yield from process.write(2, f"passwd: password for {name} is unchanged\n")
    return 1


@section.program("useradd", usage="[-mMrUN] [-u UID] [-g GROUP] [-G GROUPS] [-d HOME] [-s SHELL] [-c COMMENT] USER")
def useradd(command: Command) -> Program[int]:
    """Make an account, as shadow's useradd does."""
    long = {
        "uid": "u",
        "gid": "g",
        "groups": "G",
        "home-dir": "d",
        "home": "d",
        "shell": "s",
        "comment": "c",
        "create-home": "m",
        "no-create-home": "M",
        "system": "r",
        "user-group": "U",
        "no-user-group": "N",
        "non-unique": "o",
        "no-log-init": "l",
        "password": "p",
    }
    options = command.options("mMrUNolu:g:G:d:s:c:p:k:", long=long)
    process = command.process
    _must_be_root(command)
    if len(options.words) != 1:
        raise Misuse("")
    name = options.words[0]
    _check_name(name)
    users = _Table(process, PASSWD)
    if users.find(name) is not None:
        return (yield from command.complain(f"user '{name}' already exists", 9))
    system = "r" in options
    uid = number(options.get("u")) if "u" in options else _free(users.numbers(), system)
    if uid in users.numbers() and "o" not in options:
        return (yield from command.complain(f"UID {uid} is not unique", 4))
    if "g" in options:
        try:
            gid = _group_id(process, options.get("g"))
        except Misuse:
            return (yield from command.complain(f"group '{options.get('g')}' does not exist", 6))
    elif "N" in options:
        gid = 100
    else:
        groups = _Table(process, GROUP)
        if groups.find(name) is not None:
            return (
                yield from command.complain(f"group {name} exists - if you want to add this user to it, use -g.", 9)
            )
        gid = _add_group(process, name, uid if uid not in groups.numbers() else None, system)
    home = options.get("d", f"/home/{name}")
    _add_user(process, name, uid, gid, options.get("c"), home, options.get("s", "/bin/sh"))
    for group in options.get("G").split(","):
        if group:
            _join(process, name, group)
    if "m" in options:
        _make_home(process, home, uid, gid, 0o755)
    return 0


@section.program("addgroup", "groupadd", usage="[-g GID] [-S] [USER] GROUP")
def addgroup(command: Command) -> Program[int]:
    """Make a group, or put a user into one."""
    options = command.options("g:Srf", long={"gid": "g", "system": "S", "force": "f"})
    process = command.process
    _must_be_root(command)
    if not 1 <= len(options.words) <= (2 if command.name == "addgroup" else 1):
        raise Misuse("")
    if len(options.words) == 2:
        user, group = options.words
        if _Table(process, PASSWD).find(user) is None:
            raise Misuse(f"unknown user {user}", usage=False)
        _join(process, user, group)
        return 0
    name = options.words[0]
    _check_name(name)
    groups = _Table(process, GROUP)
    if groups.find(name) is not None:
        if command.name == "groupadd":
            return 0 if "f" in options else (yield from command.complain(f"group '{name}' already exists", 9))
        return (yield from command.complain(f"group '{name}' in use"))
    gid = number(options.get("g")) if "g" in options else None
    if gid in groups.numbers():
        return (yield from command.complain(f"gid '{gid}' in use"))
    _add_group(process, name, gid, bool(options.flags & {"S", "r"}))
    return 0


@section.program("deluser", "userdel", usage="[--remove-home] USER")
def deluser(command: Command) -> Program[int]:
    """Remove an account; `deluser USER GROUP`: take it out of a group."""
    options = command.options("rf", long={"remove-home": "r", "remove": "r", "force": "f"})
    return (yield from _remove(command, options, "user"))


@section.program("delgroup", "groupdel", usage="[USER] GROUP")
def delgroup(command: Command) -> Program[int]:
    """Remove a group; `delgroup USER GROUP`: take a user out of it."""
    return (yield from _remove(command, command.options(""), "group"))


def _remove(command: Command, options: Options, kind: str) -> Program[int]:
    process = command.process
    _must_be_root(command)
    words = options.words
    if not 1 <= len(words) <= 2:
        raise Misuse("")
    groups = _Table(process, GROUP)
    if len(words) == 2:
        row = groups.find(words[1])
        if row is None:
            return (yield from command.complain(f"unknown group {words[1]}"))
        members = row[3].split(",") if len(row) > 3 else []
        if words[0] not in members:
            return (yield from command.complain(f"user {words[0]} isn't a member of {words[1]}"))
        row[3] = ",".join(member for member in members if member != words[0])
        groups.save()
        return 0
    name = words[0]
    if kind == "group":
        row = groups.find(name)
        if row is None:
            return (yield from command.complain(f"unknown group {name}"))
        if any(len(user) > 3 and user[3] == row[2] for user in _Table(process, PASSWD).rows):
            return (yield from command.complain(f"'{name}' still has '{name}' as their primary group!"))
        groups.rows.remove(row)
        groups.save()
        return 0
    users = _Table(process, PASSWD)
    row = users.find(name)
    if row is None:
        return (yield from command.complain(f"unknown user {name}"))
    users.rows.remove(row)
    users.save()
    if process.files.exists(SHADOW):
        shadow = _Table(process, SHADOW)
        shadow.rows = [entry for entry in shadow.rows if entry[0] != name]
        shadow.save(0o640)
    for entry in groups.rows:
        if len(entry) > 3:
            entry[3] = ",".join(member for member in entry[3].split(",") if member != name)
    groups.rows = [entry for entry in groups.rows if entry[0] != name or (len(entry) > 3 and entry[3])]
    groups.save()
    home = row[5] if len(row) > 5 else ""
    if "r" in options and home.strip("/") and process.files.is_directory(home):
        process.files.remove_tree(home)
    return 0


# -- getent --------------------------------------------------------------------------------------


@section.program("getent", usage="DATABASE [KEY]...")
def getent(command: Command) -> Program[int]:
    """Print what a database of the system knows about keys; 2 when that is nothing."""
    options = command.options("+")
    if not options.words:
        raise Misuse("")
    database, *keys = options.words
    process = command.process
    if database in ("hosts", "ahosts", "ahostsv4"):
        return (yield from _hosts(command, keys))
    if database not in ("passwd", "group", "shadow"):
        yield from process.write(2, f"Unknown database: {database}\n")
        return 1
    table = _Table(process, "/etc/" + database)
    column = 2 if database != "shadow" else 0
    status = 0
    for key in keys:
        row = table.find(key) or next((row for row in table.rows if len(row) > column and row[column] == key), None)
        if row is None:
            status = 2
        else:
            yield from command.print(":".join(row) + "\n")
    if not keys:
        yield from command.print("".join(":".join(row) + "\n" for row in table.rows))
    return status


def _hosts(command: Command, keys: list[str]) -> Program[int]:
    try:
        data = command.process.files.read("/etc/hosts").read(0, MOST)
    except OSError:
        data = b""
    lines = [line.partition("#")[0].split() for line in data.decode("utf-8", "replace").split("\n")]
    entries = [line for line in lines if len(line) > 1]
    status = 0
    for key in keys:
        found = [entry for entry in entries if key in entry]
        if not found:
            status = 2
        for entry in found[:1]:
            yield from command.print(f"{entry[0]:<15} {' '.join(entry[1:])}\n")
    if not keys:
        yield from command.print("".join(f"{entry[0]:<15} {' '.join(entry[1:])}\n" for entry in entries))
    return status
