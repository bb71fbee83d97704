"""Programs that make, move and remove files: mkdir, rm, cp, mv, ln, chmod, touch and their kin."""

from __future__ import annotations

import errno
import os
import posixpath
import re
from collections.abc import Callable
from typing import Final

from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.processes.effects import Program
from fakedocker.programs.command import Command, Misuse, Options, Section, number
from fakedocker.programs.identity import groups, users
from fakedocker.programs.moments import Zone, parsed

section = Section()

#: An answer to a question is a letter and a newline; of a longer one the end is looked at.
LONGEST_ANSWER: Final = 64


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0)


@section.program("mkdir", usage="[-m MODE] [-p] DIRECTORY...")
def mkdir(command: Command) -> Program[int]:
    """Make directories."""
    options = command.options("m:pv", long={"mode": "m", "parents": "p"})
    _at_least_one(options)
    process = command.process
    mode = 0o777 & ~process.umask
    if "m" in options:
        mode = changed_mode(options.get("m"), 0o777, process.umask)
    status = 0
    for name in options.words:
        try:
            process.files.mkdir(process.path(name), mode, parents="p" in options, uid=process.uid, gid=process.gid)
            if "v" in options:
                yield from command.print(f"created directory: '{name}'\n")
        except OSError as error:
            status = yield from command.complain(f"can't create directory '{name}': {_reason(error)}")
    return status


def _at_least_one(options: Options, count: int = 1) -> None:
    if len(options.words) < count:
        raise Misuse("")


@section.program("rmdir", usage="[-p] DIRECTORY...")
def rmdir(command: Command) -> Program[int]:
    """Remove empty directories."""
    options = command.options("p", long={"parents": "p", "ignore-fail-on-non-empty": "p"})
    _at_least_one(options)
    status = 0
    for name in options.words:
        path = name
        while True:
            try:
                command.process.files.rmdir(command.process.path(path))
            except OSError as error:
                status = yield from command.complain(f"'{path}': {_reason(error)}")
                break
            path = posixpath.dirname(path.rstrip("/"))
            if "p" not in options or path in ("", "/", "."):
                break
    return status


@section.program("rm", usage="[-irf] FILE...")
def rm(command: Command) -> Program[int]:
    """Remove files, with -r also directories."""
    options = command.options("firRv")
    forced = "f" in options
    if not options.words and not forced:
        raise Misuse("")
    files = command.process.files
    status = 0
    for name in options.words:
        if posixpath.basename(name.rstrip("/")) in (".", ".."):
            status = yield from command.complain("can't remove '.' or '..'")
            continue
        path = command.process.path(name)
        try:
            if not files.stat(path, follow=False).is_directory:
                files.unlink(path)
                if "v" in options:
                    yield from command.print(f"removed '{name}'\n")
            elif options.flags & {"r", "R"}:
                files.remove_tree(path)
            else:
                status = yield from command.complain(f"'{name}' is a directory")
        except OSError as error:
            if not (forced and error.errno in (errno.ENOENT, errno.ENOTDIR)):
                status = yield from command.complain(f"can't remove '{name}': {_reason(error)}")
    return status


@section.program("unlink", usage="FILE")
def unlink(command: Command) -> Program[int]:
    """Remove one name."""
    words = command.options("").words
    if len(words) != 1:
        raise Misuse("")
    try:
        command.process.files.unlink(command.process.path(words[0]))
    except OSError as error:
        return (yield from command.complain(f"can't remove file '{words[0]}': {_reason(error)}"))
    return 0


@section.program("touch", usage="[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...")
def touch(command: Command) -> Program[int]:
    """Set the time of files to now, make what is missing."""
    options = command.options("chamd:t:r:", long={"no-create": "c", "date": "d", "reference": "r"})
    follow = "h" not in options
    _at_least_one(options)
    process = command.process
    moment: float | None = None
    if "d" in options or "t" in options:
        text = options.get("d") or options.get("t")
        moment = parsed(text, process.now(), Zone.named(process.env.get("TZ", "")))
        if moment is None:
            raise Misuse(f"invalid date '{text}'", usage=False)
    if "r" in options:
        moment = process.files.stat(process.path(options.get("r"))).mtime
    status = 0
    for name in options.words:
        path = process.path(name)
        try:
            if not process.files.exists(path, follow=follow):
                if "c" in options:
                    continue
                process.files.write(path, b"", mode=0o666 & ~process.umask, uid=process.uid, gid=process.gid)
            process.files.utime(path, moment, follow=follow)
        except OSError as error:
            status = yield from command.complain(f"{name}: {_reason(error)}")
    return status


@section.program("truncate", usage="[-c] -s SIZE FILE...")
def truncate(command: Command) -> Program[int]:
    """Set the size of files."""
    options = command.options("cs:")
    _at_least_one(options)
    if "s" not in options:
        raise Misuse("")
    size = number(options.get("s"), suffixes={"k": 1 << 10, "K": 1 << 10, "m": 1 << 20, "M": 1 << 20, "G": 1 << 30})
    process = command.process
    status = 0
    for name in options.words:
        path = process.path(name)
        try:
            if not process.files.exists(path):
                if "c" in options:
                    continue
                process.files.write(path, b"", mode=0o666 & ~process.umask, uid=process.uid, gid=process.gid)
            process.files.truncate(path, size)
        except OSError as error:
            status = yield from command.complain(f"{name}: open: {_reason(error)}")
    return status


# -- copies, moves, links ------------------------------------------------------------------


def _targets(command: Command, options: Options) -> list[tuple[str, str]]:
    """Return sources with their destinations. Raises Misuse."""
    words = options.words
    process = command.process
    if "t" in options:
        _at_least_one(options)
        return [(name, posixpath.join(options.get("t"), _last_name(name))) for name in words]
    _at_least_one(options, 2)
    *sources, target = words
    into = process.files.is_directory(process.path(target)) and "T" not in options
    if len(sources) == 1 and not into:
        return [(sources[0], target)]
    return [(name, f"{target.rstrip('/') or '/'}/{_last_name(name)}".replace("//", "/")) for name in sources]


def _last_name(name: str) -> str:
    return posixpath.basename(name.rstrip("/")) or "/"


@section.program("cp", usage="[-arPLHpfinlsTu] SOURCE DEST")
def cp(command: Command) -> Program[int]:
    """Copy files and, with -r, directories."""
    options = command.options(
        "arRdPLHpfinlsTuvt:", long={"archive": "a", "recursive": "r", "force": "f", "no-clobber": "n"}
    )
    recursive = bool(options.flags & {"a", "r", "R"})
    follow = not options.flags & {"a", "d", "P"} and (not recursive or "L" in options or "H" in options)
    keep = bool(options.flags & {"a", "p"})
    process = command.process
    status = 0
    for name, target in _targets(command, options):
        path = process.path(name)
        try:
            inode = process.files.stat(path, follow=follow)
        except OSError as error:
            status = yield from command.complain(f"can't stat '{name}': {_reason(error)}")
            continue
        if inode.is_directory and not recursive:
            status = yield from command.complain(f"omitting directory '{name}'")
            continue
        try:
            tree = list(process.files.walk(path, follow=follow)) if inode.is_directory else [(path, inode)]
        except OSError as error:
            status = yield from command.complain(f"can't stat '{name}': {_reason(error)}")
            continue
        status = max(status, (yield from _copy(command, options, name, tree, target, keep)))
    return status


def _copy(
    command: Command, options: Options, name: str, tree: list[tuple[str, Inode]], target: str, keep: bool
) -> Program[int]:
    process = command.process
    base = tree[0][0]
    status = 0
    if tree[0][1].is_directory and (process.path(target) + "/").startswith(base.rstrip("/") + "/"):
        status = yield from command.complain(f"recursion detected, omitting directory '{target}'")
        if process.path(target) == base:
            return status
    links: dict[int, str] = {}  # where files with several names went, by the inode
    for path, inode in tree:
        shown = target + path[len(base) :]
        goal = process.path(shown)
        try:
            there = process.files.exists(goal, follow=False)
            if there and not inode.is_directory and not (yield from _may_replace(command, options, shown, inode)):
                continue
            replaces = options.flags & {"l", "s"} and not inode.is_directory
            if replaces and there and not process.files.is_directory(goal):
                process.files.unlink(goal)
            if process.files.exists(goal) and process.files.stat(goal) is inode:
                yield from command.complain(f"'{name}' and '{shown}' are the same file")
                return 1
            if "s" in options:
                process.files.symlink(name + path[len(base) :], goal, uid=process.uid, gid=process.gid)
            elif "l" in options and not inode.is_directory:
                process.files.link(path, goal)
            elif id(inode) in links:
                process.files.link(links[id(inode)], goal)
            else:
                _put_copy(process.files, goal, inode, process.umask, process.uid, process.gid, keep)
                if inode.links > 1 and not inode.is_directory:
                    links[id(inode)] = goal
            if "v" in options:
                yield from command.print(f"'{name + path[len(base) :]}' -> '{shown}'\n")
        except OSError as error:
            verb = "stat" if error.errno == errno.ENOTDIR else "create"
            status = yield from command.complain(f"can't {verb} '{shown}': {_reason(error)}")
    return status


def _may_replace(command: Command, options: Options, name: str, inode: Inode | None = None) -> Program[bool]:
    """Return whether what is there may be replaced (by `inode`): -n, -u, and -i, which asks."""
    if "n" in options:
        return False
    there = command.process.files.stat(command.process.path(name), follow=False)
    if "u" in options and inode is not None and inode.mtime <= there.mtime:
        return False
    if "i" not in options or options.last_of("fi") == "f":
        return True
    yield from command.process.write(2, f"{command.name}: overwrite '{name}'? ")
    answer = b""
    while not answer.endswith(b"\n") and (byte := (yield from command.process.read(0, 1))):
        answer = (answer + byte)[-LONGEST_ANSWER:]
    return answer[:1].lower() == b"y"


def _put_copy(files: Files, goal: str, inode: Inode, umask: int, uid: int, gid: int, keep: bool) -> None:
    mode = inode.mode if keep else inode.mode & ~umask & 0o777
    owner, group = (inode.uid, inode.gid) if keep else (uid, gid)
    match inode.kind:
        case Kind.DIRECTORY:
            files.mkdir(goal, mode, parents=files.is_directory(goal), uid=owner, gid=group)
        case Kind.SYMLINK:
            files.symlink(inode.target, goal, uid=owner, gid=group)
        case Kind.FILE:
            files.write(goal, inode.content, mode=mode, uid=owner, gid=group)
        case _:
            files.mknod(goal, inode.kind, mode, device=inode.device, uid=owner, gid=group)
    if keep and inode.kind is not Kind.SYMLINK:
        files.chmod(goal, inode.mode)
        files.utime(goal, inode.mtime)


@section.program("mv", usage="[-finT] SOURCE DEST")
def mv(command: Command) -> Program[int]:
    """Rename or move files."""
    options = command.options("finTt:v")
    process = command.process
    status = 0
    for name, target in _targets(command, options):
        source, goal = process.path(name), process.path(target)
        there = process.files.exists(goal, follow=False)
        if there and not (yield from _may_replace(command, options, target)):
            continue
        try:
            process.files.rename(source.rstrip("/") or "/", goal)
            if "v" in options:
                yield from command.print(f"'{name}' -> '{target}'\n")
        except OSError as error:
            if error.errno != errno.EXDEV:
                status = yield from command.complain(f"can't rename '{name}': {_reason(error)}")
                continue
            status = max(status, (yield from _move_across(command, options, name, target)))
    return status


def _move_across(command: Command, options: Options, name: str, target: str) -> Program[int]:
    """Move to another file system: copy, then remove."""
    process = command.process
    path = process.path(name)
    tree = list(process.files.walk(path))
    status = yield from _copy(command, options, name, tree, target, True)
    if status == 0:
        process.files.remove_tree(path)
    return status


@section.program("ln", usage="[-sfnbtv] [-S SUF] TARGET... LINK|DIR")
def ln(command: Command) -> Program[int]:
    """Make links."""
    options = command.options("sfnTvt:")
    _at_least_one(options)
    process = command.process
    if len(options.words) == 1 and "t" not in options:
        options.words.append(_last_name(options.words[0]))
    if "n" in options and len(options.words) == 2:
        link = process.path(options.words[1])
        if process.files.exists(link, follow=False) and process.files.stat(link, follow=False).is_symlink:
            options.note("T", None)
    status = 0
    for name, target in _targets(command, options):
        goal = process.path(target)
        try:
            if "f" in options and process.files.exists(goal, follow=False):
                process.files.unlink(goal)
            if "s" in options:
                process.files.symlink(name, goal, uid=process.uid, gid=process.gid)
            else:
                if not process.files.exists(process.path(name), follow=False):
                    status = yield from command.complain(f"{name}: {os.strerror(errno.ENOENT)}")
                    continue
                process.files.link(process.path(name), goal)
        except OSError as error:
            status = yield from command.complain(f"{target}: {_reason(error)}")
    return status


# -- modes and owners ------------------------------------------------------------------------

MODE = re.compile(r"([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)")
SHIFTS: Final = {"u": 6, "g": 3, "o": 0}


def changed_mode(text: str, mode: int, umask: int, *, directory: bool = False) -> int:
    """Return a mode after a change such as `755` or `u+x,go-w`. Raises Misuse."""
    if re.fullmatch(r"[0-7]{1,5}", text):
        return int(text, 8) & 0o7777
    for clause in text.split(","):
        match = MODE.fullmatch(clause)
        if match is None:
            raise Misuse(f"invalid mode '{text}'", usage=False)
        for operator, letters in re.findall(r"([-+=])([rwxXst]+|[ugo]|)", match[2]):
            mode = _change(mode, match[1], operator, letters, umask, directory)
    return mode


def _change(mode: int, who: str, operator: str, letters: str, umask: int, directory: bool) -> int:
    whom = "ugo" if not who or "a" in who else who
    mask = sum(0o7 << SHIFTS[letter] for letter in set(whom))
    if letters in SHIFTS:
        copied = mode >> SHIFTS[letters] & 0o7
        bits = copied * 0o111 & mask
    else:
        bits = 0
        for letter in letters:
            match letter:
                case "r" | "w" | "x":
                    bits |= {"r": 0o444, "w": 0o222, "x": 0o111}[letter] & mask
                case "X" if directory or mode & 0o111:
                    bits |= 0o111 & mask
                case "s":
                    bits |= (0o4000 if "u" in whom else 0) | (0o2000 if "g" in whom else 0)
                case "t":
                    bits |= 0o1000
    if not who:
        bits &= ~umask
    if operator == "+":
        return mode | bits
    if operator == "-":
        return mode & ~bits
    return mode & ~mask | bits


def _recursively(
    command: Command, names: list[str], options: Options, change: Callable[[str, Inode], None]
) -> Program[int]:
    process = command.process
    recursive = "R" in options
    status = 0
    for name in names:
        path = process.path(name)
        try:
            inode = process.files.stat(path, follow="h" not in options)
            if recursive and not process.files.stat(path, follow=False).is_symlink:
                for below, inode in list(process.files.walk(path)):
                    if not inode.is_symlink:
                        change(below, inode)
            else:
                change(path, inode)
        except OSError as error:
            status = yield from command.complain(f"{name}: {_reason(error)}")
    return status


@section.program("chmod", usage="[-Rcvf] MODE[,MODE]... FILE...")
def chmod(command: Command) -> Program[int]:
    """Change the mode of files."""
    words = command.words
    for index, word in enumerate(words):
        if re.fullmatch(r"-[rwxXst]+", word):  # a mode, not an option
            words[index] = "a" + word
    options = command.options("Rcvf", words=words)
    _at_least_one(options, 2)
    mode, *names = options.words
    process = command.process
    if not process.files.exists(process.path(names[0])):
        return (yield from command.complain(f"{names[0]}: {os.strerror(errno.ENOENT)}"))
    changed_mode(mode, 0, 0)

    def change(path: str, inode: Inode) -> None:
        wanted = changed_mode(mode, inode.mode, process.umask, directory=inode.is_directory)
        process.files.chmod(path, wanted)

    return (yield from _recursively(command, names, options, change))


@section.program("chown", usage="[-RhLHPcvf]... USER[:[GRP]] FILE...")
def chown(command: Command) -> Program[int]:
    """Change the owner of files."""
    options = command.options("RhLHPcvf")
    _at_least_one(options, 2)
    owner, *names = options.words
    user, _, group = owner.partition(":") if ":" in owner else owner.partition(".")
    uid = _id(user, {account.name: account.uid for account in users(command.process)}, "user")
    gid = _id(group, {account.name: account.uid for account in groups(command.process)}, "group")
    return (yield from _recursively(command, names, options, _owned_by(command.process.files, uid, gid, options)))


@section.program("chgrp", usage="[-Rhcvf] GROUP FILE...")
def chgrp(command: Command) -> Program[int]:
    """Change the group of files."""
    options = command.options("Rhcvf")
    _at_least_one(options, 2)
    group, *names = options.words
    gid = _id(group, {account.name: account.uid for account in groups(command.process)}, "group")
    return (yield from _recursively(command, names, options, _owned_by(command.process.files, -1, gid, options)))


def _owned_by(files: Files, uid: int, gid: int, options: Options) -> Callable[[str, Inode], None]:
    """Return what gives a file to somebody; a program of somebody else loses its set-id bits (chown(2))."""

    def change(path: str, inode: Inode) -> None:
        files.chown(path, uid, gid, follow="h" not in options)
        if inode.is_file and inode.mode & 0o6000:
            files.chmod(path, inode.mode & 0o1777)

    return change


def _id(text: str, known: dict[str, int], kind: str) -> int:
    if not text:
        return -1
    if text in known:
        return known[text]
    if text == "root":
        return 0
    if text.isdecimal() and len(text) < 11:
        return int(text)
    raise Misuse(f"unknown {kind} {text}", usage=False)


# -- names --------------------------------------------------------------------------------------


@section.program("basename", usage="FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...")
def basename(command: Command) -> Program[int]:
    """Print the last part of a path."""
    options = command.options("+as:")
    words = options.words
    suffix = options.get("s")
    many = bool(options.flags & {"a", "s"})
    _at_least_one(options)
    if not many:
        if len(words) > 2:
            raise Misuse("")
        suffix = words.pop() if len(words) == 2 else ""
    for word in words:
        name = _last_name(word) if word else ""
        if suffix and name != suffix:
            name = name.removesuffix(suffix)
        yield from command.print(name + "\n")
    return 0


@section.program("dirname", usage="FILENAME")
def dirname(command: Command) -> Program[int]:
    """Print a path without its last part."""
    if len(command.words) != 1:
        raise Misuse("")
    word = command.words[0]
    folder = posixpath.dirname(word.rstrip("/") or "/").rstrip("/")
    yield from command.print((folder or ("/" if word.startswith("/") else ".")) + "\n")
    return 0


@section.program("readlink", usage="[-fnv] FILE")
def readlink(command: Command) -> Program[int]:
    """Print where a symbolic link leads."""
    options = command.options("fnv")
    if len(options.words) != 1:
        raise Misuse("")
    process = command.process
    path = process.path(options.words[0])
    try:
        target = process.files.resolve(path) if "f" in options else process.files.readlink(path)
    except OSError:
        return 1
    yield from command.print(target + ("" if "n" in options else "\n"))
    return 0


@section.program("realpath", usage="FILE...")
def realpath(command: Command) -> Program[int]:
    """Print paths without links and dots."""
    options = command.options("")
    status = 0
    for name in options.words or ["."]:
        try:
            yield from command.print(command.process.files.resolve(command.process.path(name)) + "\n")
        except OSError as error:
            status = yield from command.complain(f"{name}: {_reason(error)}")
    return status


@section.program("which", usage="[-a] COMMAND...")
def which(command: Command) -> Program[int]:
    """Print where programs are."""
    options = command.options("a")
    status = 0
    for name in options.words:
        try:
            yield from command.print(command.process.find(name) + "\n")
        except OSError:
            status = 1
    return status


@section.program("mktemp", usage="[-dt] [-p DIR] [TEMPLATE]")
def mktemp(command: Command) -> Program[int]:
    """Make an empty file (or directory) whose name nobody has yet, and print it."""
    options = command.options("dtqup:")
    process = command.process
    template = options.words[0] if options.words else "tmp.XXXXXX"
    if not options.words or options.flags & {"t", "p"}:
        template = posixpath.join(options.get("p") or process.env.get("TMPDIR") or "/tmp", template)
    if not template.endswith("XXXXXX"):
        return (yield from command.complain(f"{template}: {os.strerror(errno.EINVAL)}"))
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for attempt in range(62**3):
        text, value = "", process.pid * 7919 + attempt * 104729 + int(process.now() * 1000)
        for _ in range(6):
            value, letter = divmod(value, len(letters))
            text += letters[letter]
        path = process.path(template[:-6] + text)
        try:
            if process.files.exists(path, follow=False):
                continue
            if "d" in options:
                process.files.mkdir(path, 0o700, uid=process.uid, gid=process.gid)
            elif "u" not in options:
                process.files.write(path, b"", mode=0o600, uid=process.uid, gid=process.gid)
        except OSError as error:
            return (yield from command.complain(f"{template}: {_reason(error)}"))
        yield from command.print(template[:-6] + text + "\n")
        return 0
    return 1
