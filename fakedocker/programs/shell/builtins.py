"""What a shell does itself, because it concerns its own process and variables.

Each builtin takes the shell and the words of the command; a `Fault` is shown with the builtin's name, and ends
the shell if the builtin is a special one (POSIX, 2.14).
"""

from __future__ import annotations

import errno
import os
import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Final

from fakedocker.engine.processes.effects import Interrupted, Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs import clocks, printing, signalling, testing
from fakedocker.programs.command import Applet, Command, Misuse, run
from fakedocker.programs.files import changed_mode
from fakedocker.programs.shell.control import Exit, Fault, Jump, Return
from fakedocker.programs.shell.interpreter import ERR, Builtin, Shell
from fakedocker.programs.shell.jobs import Job
from fakedocker.programs.shell.lexer import NAME
from fakedocker.programs.shell.parser import KEYWORDS
from fakedocker.programs.shell.quoting import single_quoted
from fakedocker.programs.shell.variables import ReadOnlyFault
from fakedocker.programs.signalling import signal_name, signal_number

#: The longest line that `read` takes.
LONGEST_LINE = 1 << 20
LARGEST_FILE = 8 << 20
#: How often `read -t` looks whether there is something, in seconds.
LOOK_AGAIN = 0.02

SPECIAL: Final = frozenset(
    [
        ".",
        ":",
        "break",
        "continue",
        "eval",
        "exec",
        "exit",
        "export",
        "readonly",
        "return",
        "set",
        "shift",
        "source",
        "times",
        "trap",
        "unset",
        "local",
    ]
)
BUILTINS: Final[dict[str, Builtin]] = {}


def _builtin(*names: str) -> Callable[[Builtin], Builtin]:
    def enter(builtin: Builtin) -> Builtin:
        for name in names:
            BUILTINS[name] = builtin
        return builtin

    return enter


def _shared(name: str, applet: Applet) -> None:
    """Enter a program that the shell runs itself; its messages come in the shell's name."""

    def builtin(shell: Shell, words: Sequence[str]) -> Program[int]:
        command = Command(shell.process, words)
        command.name = shell.name
        return (yield from run(applet, command))

    BUILTINS[name] = builtin


def _options(words: Sequence[str], letters: str) -> tuple[str, list[str]]:
    """Read a builtin's options that take no value. Raises Fault."""
    flags = ""
    rest = list(words[1:])
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        for letter in word[1:]:
            if letter not in letters:
                raise Fault(f"illegal option -{letter}")
            flags += letter
    return flags, rest


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 10:
        raise Fault(f"Illegal number: {text}")
    return int(text)


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise Fault(f"{text}: bad variable name")
    return text


def _print(shell: Shell, text: str) -> Program[int]:
    if text:
        yield from shell.process.write(1, text)
    return 0


# -- control flow -----------------------------------------------------------------


@_builtin(":", "true")
def _true(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    return 0


@_builtin("false")
def _false(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    return 1


@_builtin("break", "continue")
def _break(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    levels = _number(words[1]) if len(words) > 1 else 1
    if levels < 1:
        raise Fault(f"Illegal number: {words[1]}")
    if shell.loops:
        raise Jump(min(levels, shell.loops), again=words[0] == "continue")
    return 0


@_builtin("exit")
def _exit(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    raise Exit((_number(words[1]) if len(words) > 1 else shell.status) & 0xFF)


@_builtin("return")
def _return(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    raise Return((_number(words[1]) if len(words) > 1 else shell.status) & 0xFF)


@_builtin("eval")
def _eval(shell: Shell, words: Sequence[str]) -> Program[int]:
    shell.status = 0
    return (yield from shell.run_text(" ".join(words[1:]), first_line=shell.line))


@_builtin(".", "source")
def _source(shell: Shell, words: Sequence[str]) -> Program[int]:
    if len(words) < 2:
        raise Fault("filename argument required")
    path, text = _script(shell, words[1])
    positional = shell.positional
    if len(words) > 2:
        shell.positional = list(words[2:])
    shell.status = 0
    shell.command_name = path
    try:
        return (yield from shell.run_text(text))
    except Return as end:
        return end.status
    except Fault as fault:  # an error in the file is the file's, not ours
        yield from shell.complain(str(fault))
        if shell.interactive:
            return fault.status
        raise Exit(fault.status) from None
    finally:
        if len(words) > 2:
            shell.positional = positional


def _script(shell: Shell, name: str) -> tuple[str, str]:
    """Return the path and the text of a file to be sourced, looked for in $PATH; a directory is an empty one."""
    process = shell.process
    folders = [""] if "/" in name else [*(shell.variables.get("PATH") or "").split(":"), ""]
    for folder in folders:
        path = posixpath.join(folder, name)
        if process.files.exists(process.path(path)):
            try:
                content = process.files.read(process.path(path)).read(0, LARGEST_FILE)
            except IsADirectoryError:
                content = b""
            except OSError as error:
                raise Fault(f"can't open '{name}': {os.strerror(error.errno or 0)}") from None
            return path, content.decode("utf-8", "surrogateescape")
    if "/" not in name:
        raise Fault(f"{name}: not found")
    raise Fault(f"can't open '{name}': No such file or directory")


@_builtin("exec")
def _exec(shell: Shell, words: Sequence[str]) -> Program[int]:
    """Go on as a program (`-a`: under another name)."""
    name, rest = "", list(words[1:])
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        if not word.startswith("-a"):
            raise Fault(f"illegal option {word[:2]}")
        name = word[2:] or (rest.pop(0) if rest else "")
        if not name:
            raise Fault("no arg for -a option")
    if rest:
        shell.exec(rest, name)
    yield from ()
    return 0


@_builtin("command")
def _command(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, rest = _options(words, "pvV")
    if not rest:
        return 0
    if flags.strip("p"):
        return (yield from _describe(shell, rest[:1], "V" in flags))
    while rest[0] == "command" and len(rest) > 1 and not rest[1].startswith("-"):
        del rest[0]
    builtin = shell.builtins.get(rest[0])
    if builtin is None:
        return (yield from shell.run_program(rest))
    return (yield from shell.call_builtin(builtin, rest, special=False))


@_builtin("type")
def _type(shell: Shell, words: Sequence[str]) -> Program[int]:
    return (yield from _describe(shell, words[1:], True))


def _describe(shell: Shell, names: Sequence[str], verbose: bool) -> Program[int]:
    status = 0
    for name in names:
        text = _description(shell, name, verbose)
        if text is not None:
            yield from _print(shell, text + "\n")
            continue
        status = 127
        if verbose:
            yield from shell.process.write(1, f"{name}: not found\n")
    return status


def _description(shell: Shell, name: str, verbose: bool) -> str | None:
    if name in KEYWORDS:
        return f"{name} is a shell keyword" if verbose else name
    if name in shell.aliases:
        text = shell.aliases[name]
        return f"{name} is an alias for {text}" if verbose else f"alias {name}={single_quoted(text)}"
    if name in shell.functions:
        return f"{name} is a function" if verbose else name
    if name in shell.builtins:
        special = "special " if name in SPECIAL else ""
        return f"{name} is a {special}shell builtin" if verbose else name
    shell.process.env["PATH"] = shell.variables.get("PATH") or ""
    try:
        path = shell.process.find(name)
    except OSError:
        return None
    return f"{name} is {path}" if verbose else path


# -- variables --------------------------------------------------------------------


@_builtin("export", "readonly")
def _export(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, rest = _options(words, "np")
    keyword = words[0]
    if not rest:
        for name, variable in shell.variables.items():
            if variable.exported if keyword == "export" else variable.read_only:
                value = "" if variable.value is None else "=" + single_quoted(variable.value)
                yield from _print(shell, f"{keyword} {name}{value}\n")
        return 0
    for word in rest:
        name, equals, value = word.partition("=")
        _name(name)
        if equals:
            shell.assign(name, value)
        if keyword == "readonly":
            shell.variables.protect(name)
        else:
            shell.variables.export(name, "n" not in flags)
    return 0


@_builtin("local")
def _local(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    if not shell.calls:
        raise Fault("not in a function")
    for word in words[1:]:
        name, equals, value = word.partition("=")
        shell.variables.make_local(_name(name))
        if equals:
            shell.assign(name, value)
    return 0


@_builtin("unset")
def _unset(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    flags, rest = _options(words, "vf")
    for name in rest:
        if "f" in flags:
            shell.functions.pop(name, None)
            continue
        try:
            shell.variables.unset(_name(name))
        except ReadOnlyFault:
            raise Fault(f"{name}: is read only") from None
    return 0


@_builtin("shift")
def _shift(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    count = _number(words[1]) if len(words) > 1 else 1
    if count > len(shell.positional):
        return 1
    del shell.positional[:count]
    return 0


OPTIONS: Final = {
    "errexit": "e",
    "noglob": "f",
    "ignoreeof": "I",
    "interactive": "i",
    "monitor": "m",
    "noexec": "n",
    "stdin": "s",
    "xtrace": "x",
    "verbose": "v",
    "noclobber": "C",
    "allexport": "a",
    "notify": "b",
    "nounset": "u",
    "errtrace": "E",
    "vi": "V",
    "pipefail": "P",
}
#: What a shell is from its start; they are not shown.
STARTING_OPTIONS: Final = frozenset({"interactive", "stdin"})


@_builtin("set")
def _set(shell: Shell, words: Sequence[str]) -> Program[int]:
    if len(words) == 1:
        for name, variable in shell.variables.items():
            if variable.value is not None:
                yield from _print(shell, f"{name}={single_quoted(variable.value)}\n")
        return 0
    rest = list(words[1:])
    while rest and rest[0][:1] in ("-", "+") and len(rest[0]) > 1:
        word = rest.pop(0)
        if word == "--":
            shell.positional = rest
            return 0
        for letter in word[1:]:
            if letter == "o":
                if not rest:
                    return (yield from _print_options(shell, word[0] == "-"))
                name = rest.pop(0)
                if name not in OPTIONS:
                    yield from shell.complain(f"illegal option {word[0]}o {name}")
                    return 1
                set_option(shell, OPTIONS[name], word[0] == "-")
            elif letter in "efIimnsxvCabuV":
                set_option(shell, letter, word[0] == "-")
            else:
                raise Fault(f"illegal option {word[0]}{letter}")
    if "m" in shell.options and not shell.interactive:
        set_option(shell, "m", False)
        yield from shell.complain("can't access tty; job control turned off")
    if rest[:1] == ["-"]:
        set_option(shell, "x", False)
        set_option(shell, "v", False)
        del rest[0]
    if rest:
        shell.positional = rest
    return 0


def set_option(shell: Shell, letter: str, on: bool) -> None:
    """Switch an option of the shell."""
    (shell.options.add if on else shell.options.discard)(letter)


def _print_options(shell: Shell, readable: bool) -> Program[int]:
    """Show the options for people, or as commands that bring them back."""
    shown = {name: letter in shell.options for name, letter in OPTIONS.items() if name not in STARTING_OPTIONS}
    if readable:
        return (yield from _print(shell, "".join(f"{name:<16}{'on' if on else 'off'}\n" for name, on in shown.items())))
    return (yield from _print(shell, "".join(f"set {'-' if on else '+'}o {name}\n" for name, on in shown.items())))


@_builtin("let")
def _let(shell: Shell, words: Sequence[str]) -> Program[int]:
    yield from ()
    value = 0
    for word in words[1:]:
        value = shell.expansion.number(word)
    return int(value == 0)


@_builtin("getopts")
def _getopts(shell: Shell, words: Sequence[str]) -> Program[int]:
    if len(words) < 3:
        raise Fault("usage: getopts optstring var [arg]")
    letters, name = words[1], _name(words[2])
    arguments = list(words[3:]) if len(words) > 3 else shell.positional
    text = shell.variables.get("OPTIND") or "1"
    index = int(text) if text.isdecimal() and len(text) < 9 else 1
    offset = shell.option_offset if shell.option_index == index else 0
    word = arguments[index - 1] if 0 < index <= len(arguments) else ""
    if not offset:
        if not word.startswith("-") or word == "-":
            shell.assign(name, "?")
            return 1
        if word == "--":
            shell.assign("OPTIND", str(index + 1))
            shell.assign(name, "?")
            return 1
        offset = 1
    letter, offset = word[offset], offset + 1
    found = letter if letter in letters and letter != ":" else "?"
    at_end = offset >= len(word)
    shell.variables.unset("OPTARG")
    if found == "?":
        if letters.startswith(":"):
            shell.assign("OPTARG", letter)
        else:
            yield from shell.process.write(2, f"Illegal option -{letter}\n")
    elif letters[letters.index(letter) + 1 : letters.index(letter) + 2] == ":":
        if not at_end:
            shell.assign("OPTARG", word[offset:])
        elif index < len(arguments):
            shell.assign("OPTARG", arguments[index])
            index += 1
        elif letters.startswith(":"):
            shell.assign("OPTARG", letter)
            found = ":"
        else:
            yield from shell.process.write(2, f"No arg for -{letter} option\n")
            found = "?"
        at_end = True
    if at_end:
        index, offset = index + 1, 0
    shell.option_index, shell.option_offset = index, offset
    shell.assign("OPTIND", str(index))
    shell.assign(name, found)
    return 0


# -- the process --------------------------------------------------------------------


@_builtin("cd", "chdir")
def _cd(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, rest = _options(words, "LP")
    process = shell.process
    target = rest[0] if rest else shell.variables.get("HOME") or "."
    show = target == "-"
    if show:
        target = shell.variables.get("OLDPWD") or process.cwd
    fault: OSError | None = None
    for folder in _places(shell, target):
        try:
            path = _directory(process, f"{folder}/{target}" if folder else target or ".", physical="P" in flags)
        except OSError as error:
            fault = error
            continue
        shell.assign("OLDPWD", process.cwd)
        process.cwd = path
        shell.assign("PWD", path)
        return (yield from _print(shell, path + "\n" if show or folder else ""))
    raise Fault(f"can't cd to {target}: {os.strerror((fault and fault.errno) or 0)}")


def _places(shell: Shell, target: str) -> list[str]:
    """Return where a directory is looked for: "" is the working directory."""
    search = shell.variables.get("CDPATH")
    if not search or target.startswith("/") or target.split("/")[0] in (".", ".."):
        return [""]
    return [*search.split(":"), ""]


def _directory(process: Process, name: str, *, physical: bool) -> str:
    """Return a directory's path; a `..` leaves the link that led there unless `physical`. Raises OSError."""
    path = posixpath.join(process.cwd, name)
    path = process.files.resolve(path) if physical else posixpath.normpath(path)
    if not process.files.stat(path).is_directory:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return path


@_builtin("pwd")
def _pwd(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, _ = _options(words, "LP")
    path = shell.process.cwd
    if "P" in flags:
        path = shell.process.files.resolve(path)
    return (yield from _print(shell, path + "\n"))


CLASSES: Final = {"u": 0o700, "g": 0o070, "o": 0o007, "a": 0o777}
PERMISSIONS: Final = {"r": 0o444, "w": 0o222, "x": 0o111}


@_builtin("umask")
def _umask(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, rest = _options(words, "S")
    process = shell.process
    if not rest:
        if not flags:
            return (yield from _print(shell, f"{process.umask:04o}\n"))
        parts = []
        for who in "ugo":
            allowed = "".join(letter for letter, bits in PERMISSIONS.items() if not process.umask & bits & CLASSES[who])
            parts.append(f"{who}={allowed}")
        return (yield from _print(shell, ",".join(parts) + "\n"))
    text = rest[0]
    if re.fullmatch(r"[0-7]{1,4}", text):
        process.umask = int(text, 8) & 0o777
        return 0
    try:
        process.umask = ~changed_mode(text, ~process.umask & 0o777, 0) & 0o777
    except Misuse:
        raise Fault(f"illegal mode: {text}") from None
    return 0


@_builtin("trap")
def _trap(shell: Shell, words: Sequence[str]) -> Program[int]:
    rest = list(words[1:])
    if rest[:1] and rest[0].startswith("-") and rest[0] != "-":
        _, rest = _options(words, "")
    if not rest:
        for number, script in sorted(shell.traps.items()):
            name = {0: "EXIT", ERR: "ERR"}.get(number) or signal_name(number)
            yield from _print(shell, f"trap -- {single_quoted(script)} {name}\n")
        return 0
    action: str | None = rest[0]
    names = rest[1:]
    if not names or (rest[0].isdecimal() and signal_number(rest[0]) is not None):
        action, names = None, rest
    elif action == "-":
        action = None
    status = 0
    for name in names:
        wanted = ERR if name == "ERR" else signal_number(name)
        if wanted is None:
            yield from shell.complain(f"{name}: invalid signal specification")
            status = 1
        else:
            shell.trap(wanted, action)
    return status


@_builtin("wait")
def _wait(shell: Shell, words: Sequence[str]) -> Program[int]:
    status = 0
    try:
        if len(words) == 1:
            for job in shell.jobs:
                if job.inherited:
                    continue
                try:
                    yield from shell.jobs.wait(job)
                except ChildProcessError:
                    shell.jobs.forget(job)  # somebody waited for it already
                job.waited = True
        for word in words[1:]:
            one = shell.jobs.find(word) if word.startswith("%") else shell.jobs.of(_number(word))
            status = 127 if one is None or one.inherited else (yield from _status(shell, one))
    except Interrupted as interrupted:
        return 128 + interrupted.signal
    return status


def _status(shell: Shell, job: Job) -> Program[int]:
    """Wait for a job, whose last words are told the first time."""
    child = shell.process.child(job.pid)
    status = yield from shell.jobs.wait(job)
    job.waited = True
    if child is not None:
        yield from shell.jobs.mourn(child)
    return status


@_builtin("jobs")
def _jobs(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, rest = _options(words, "lp")
    yield from shell.jobs.look()
    jobs = [shell.jobs.find(word) for word in rest] if rest else list(shell.jobs)
    if "p" in flags:
        return (yield from _print(shell, "".join(f"{job.pid}\n" for job in jobs)))
    return (yield from _print(shell, shell.jobs.report(jobs, pid="l" in flags)))


@_builtin("kill")
def _kill(shell: Shell, words: Sequence[str]) -> Program[int]:
    words = [words[0], *(str(shell.jobs.find(word).pid) if word.startswith("%") else word for word in words[1:])]
    command = Command(shell.process, words)
    command.name = shell.name
    return (yield from run(signalling.kill, command))


@_builtin("times")
def _times(shell: Shell, words: Sequence[str]) -> Program[int]:
    return (yield from _print(shell, "0m0.000s 0m0.000s\n" * 2))


@_builtin("ulimit")
def _ulimit(shell: Shell, words: Sequence[str]) -> Program[int]:
    """Limits mean nothing here: they are told and taken."""
    flags = "".join(word[1:] for word in words[1:] if word.startswith("-"))
    for letter in flags:
        if letter not in "HSatfdscmlpnvwer":  # it is getopt that complains, of the word before it
            yield from shell.process.write(2, f"ulimit: unrecognized option: {letter}\n")
            return 1
    if any(not word.startswith("-") for word in words[1:]):
        return 0
    return (yield from _print(shell, "1048576\n" if "n" in flags else "unlimited\n"))


@_builtin("fg", "bg")
def _foreground(shell: Shell, words: Sequence[str]) -> Program[int]:
    """Wait for a job; one that was stopped to go on with does not exist."""
    if not list(shell.jobs) and len(words) == 1:
        raise Fault("No current job")
    job = shell.jobs.find(words[1] if len(words) > 1 else "%%")
    if words[0] == "bg":
        return (yield from _print(shell, f"[{job.number}] {job.text}\n"))
    yield from _print(shell, f"{job.text}\n")
    shell.jobs.forget(job)
    return (yield from shell.jobs.wait_for(job.pid)) if job.status is None else job.status


@_builtin("alias")
def _alias(shell: Shell, words: Sequence[str]) -> Program[int]:
    if len(words) == 1:
        for name in sorted(shell.aliases):
            yield from _print(shell, f"{name}={single_quoted(shell.aliases[name])}\n")
    status = 0
    for word in words[1:]:
        name, equals, text = word.partition("=")
        if equals and name:
            shell.aliases[name] = text
        elif name in shell.aliases:
            yield from _print(shell, f"{name}={single_quoted(shell.aliases[name])}\n")
        else:
            yield from shell.process.write(2, f"alias: {name} not found\n")
            status = 1
    return status


@_builtin("unalias")
def _unalias(shell: Shell, words: Sequence[str]) -> Program[int]:
    flags, rest = _options(words, "a")
    if flags:
        shell.aliases.clear()
    status = 0
    for name in rest:
        if shell.aliases.pop(name, None) is None:
            yield from shell.process.write(2, f"unalias: {name} not found\n")
            status = 1
    return status


@_builtin("hash")
def _hash(shell: Shell, words: Sequence[str]) -> Program[int]:
    """Nothing is remembered, so that there is nothing to show or to forget; a name has to be a program's."""
    _, rest = _options(words, "rv")
    status = 0
    for name in rest:
        if _description(shell, name, False) is None:
            yield from shell.complain(f"{name}: not found")
            status = 1
    return status


# -- reading ------------------------------------------------------------------------


@_builtin("read")
def _read(shell: Shell, words: Sequence[str]) -> Program[int]:
    raw, prompt, names = False, "", list(words[1:])
    limit: int | None = None
    delimiter = b"\n"
    fd = 0
    timeout: float | None = None
    while names and names[0].startswith("-") and names[0] != "-":
        cluster = names.pop(0)[1:]
        if cluster == "-":
            break
        while cluster:
            letter, cluster = cluster[0], cluster[1:]
            if letter == "r":
                raw = True
            elif letter == "s":
                continue
            elif letter in "pndtu":
                if not cluster and not names:
                    raise Fault(f"no arg for -{letter} option")
                value, cluster = cluster or names.pop(0), ""
                if letter == "p":
                    prompt = value
                elif letter == "n":
                    limit = _number(value)
                elif letter == "u":
                    fd = _number(value)
                elif letter == "d":
                    delimiter = value[:1].encode("utf-8", "surrogateescape") or b"\0"
                else:
                    timeout = _timeout(value)
            else:
                raise Fault(f"illegal option -{letter}")
    for name in names:
        if not NAME.fullmatch(name):
            yield from shell.process.write(2, f"{shell.name}: read: '{name}': bad variable name\n")
            return 1
    if prompt and fd in shell.process.fds and shell.process.fds[fd].is_terminal:
        yield from shell.process.write(2, prompt)
    try:
        if timeout is not None and not (yield from _comes(shell, fd, timeout)):
            return 1
        if timeout == 0:
            return 0  # it was only asked whether there is something
        characters, complete = yield from _line(shell, fd, raw, limit, delimiter)
    except Interrupted as interrupted:
        return 128 + interrupted.signal
    except OSError as error:
        yield from shell.complain(f"read error: {os.strerror(error.errno or 0)}")
        return 1
    if not names:
        shell.assign("REPLY", "".join(character for character, _ in characters))
    else:
        _distribute(shell, names, characters)
    return int(not complete)


def _timeout(text: str) -> float:
    try:
        return clocks.seconds(text)
    except Misuse:
        raise Fault("invalid timeout") from None


def _comes(shell: Shell, fd: int, timeout: float) -> Program[bool]:
    """Wait for input, or its end, at most `timeout` seconds; return whether it came."""
    descriptor = shell.process.fds.get(fd)
    end = shell.process.now() + timeout
    while descriptor is not None and descriptor.read(0) is None:
        rest = end - shell.process.now()
        if rest <= 0:
            return False
        yield from shell.process.sleep(min(LOOK_AGAIN, rest))
    return True


Characters = list[tuple[str, bool]]


def _line(shell: Shell, fd: int, raw: bool, limit: int | None, delimiter: bytes) -> Program[tuple[Characters, bool]]:
    """Read a line byte by byte: what follows it belongs to whoever reads next.

    Gives the characters, each with whether a backslash stood before it, and whether the line was complete.
    """
    data: list[tuple[int, bool]] = []
    escaped = complete = False
    while limit is None or len(data) < limit:
        byte = yield from shell.process.read(fd, 1)
        if not byte:
            break
        if escaped:
            escaped = False
            if byte != b"\n":
                data.append((byte[0], True))
        elif byte == b"\\" and not raw:
            escaped = True
        elif byte == delimiter:
            complete = True
            break
        elif byte != b"\0":
            data.append((byte[0], False))
        if len(data) > LONGEST_LINE:
            raise Fault("line too long")
    else:
        complete = True
    return _decoded(data), complete


def _decoded(data: list[tuple[int, bool]]) -> Characters:
    text = bytes(byte for byte, _ in data).decode("utf-8", "surrogateescape")
    characters: Characters = []
    position = 0
    for character in text:
        characters.append((character, data[position][1]))
        position += len(character.encode("utf-8", "surrogateescape"))
    return characters


def _distribute(shell: Shell, names: Sequence[str], characters: Characters) -> None:
    """Divide a line among variables at IFS; the last one gets the rest."""
    value = shell.variables.get("IFS")
    ifs = " \t\n" if value is None else value
    blank = [not escaped and character in ifs and character in " \t\n" for character, escaped in characters]
    other = [
        not escaped and character in ifs and not b for (character, escaped), b in zip(characters, blank, strict=True)
    ]
    start, end = 0, len(characters)
    while start < end and blank[start]:
        start += 1
    while end > start and blank[end - 1]:
        end -= 1
    for name in names[:-1]:
        stop = start
        while stop < end and not blank[stop] and not other[stop]:
            stop += 1
        shell.assign(name, "".join(character for character, _ in characters[start:stop]))
        while stop < end and blank[stop]:
            stop += 1
        if stop < end and other[stop]:
            stop += 1
            while stop < end and blank[stop]:
                stop += 1
        start = stop
    if end > start and other[end - 1] and not any(other[start : end - 1]) and not any(blank[start : end - 1]):
        end -= 1
    shell.assign(names[-1], "".join(character for character, _ in characters[start:end]))


@_builtin("printf")
def _printf(shell: Shell, words: Sequence[str]) -> Program[int]:
    if len(words) == 1:
        yield from shell.process.write(2, f"{shell.name}: usage: printf FORMAT [ARGUMENT...]\n")
        return 2
    command = Command(shell.process, words)
    command.name = shell.name
    return (yield from run(printing.printf, command))


for _name_of_program, _applet in [
    ("echo", printing.echo),
    ("test", testing.test),
    ("[", testing.test),
    ("[[", testing.test),
]:
    _shared(_name_of_program, _applet)
