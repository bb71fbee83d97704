"""Programs that run other programs: xargs, timeout, nohup, nice, setsid, time."""

from __future__ import annotations

import errno
import os
from typing import Final

from fakedocker.engine.processes.descriptors import Null
from fakedocker.engine.processes.effects import Body, Disposition, Interrupted, Kill, Program, Signal
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.clocks import seconds
from fakedocker.programs.command import Command, Misuse, Section, number
from fakedocker.programs.executable import Become
from fakedocker.programs.reading import Reader
from fakedocker.programs.signalling import signal_number

section = Section()

#: The most bytes of words that xargs gives to one call.
LONGEST_CALL: Final = 128 * 1024


def _find(command: Command, words: list[str]) -> Program[Body | int]:
    """Find a program; say why and give the exit code if that fails."""
    try:
        return command.process.body(tuple(words))
    except OSError as error:
        code = 127 if error.errno == errno.ENOENT else 126
        yield from command.complain(f"can't execute '{words[0]}': {os.strerror(error.errno or 0)}", code)
        return code


def _become(command: Command, words: list[str]) -> Program[int]:
    body = yield from _find(command, words)
    if isinstance(body, int):
        return body
    raise Become(body, words, command.process.env)


@section.program("nohup", usage="PROG ARGS")
def nohup(command: Command) -> Program[int]:
    """Run a program that takes no notice of a hangup."""
    if not command.words:
        raise Misuse("")
    command.process.dispositions[Signal.HUP] = Disposition.IGNORE
    return (yield from _become(command, command.words))


@section.program("nice", "setsid", "chroot", "ionice", usage="PROG ARGS")
def nice(command: Command) -> Program[int]:
    """Run a program; priorities and sessions mean nothing here."""
    if command.name == "chroot":
        return (yield from command.complain("can't change root directory: Operation not permitted"))
    options = command.options("+n:c:d")
    if not options.words:
        raise Misuse("")
    return (yield from _become(command, options.words))


@section.program("timeout", usage="[-s SIG] SECS PROG ARGS")
def timeout(command: Command) -> Program[int]:
    """Run a program and send it a signal when its time is up."""
    options = command.options("+s:k:")
    if len(options.words) < 2:
        raise Misuse("")
    signal = signal_number(options.get("s", "TERM"))
    if signal is None:
        raise Misuse(f"bad signal name '{options.get('s')}'", usage=False)
    limit, *words = options.words
    allowed = seconds(limit)
    body = yield from _find(command, words)
    if isinstance(body, int):
        return body
    process = command.process
    end = process.now() + allowed

    def watch(watcher: Process) -> Program[int]:
        try:
            while (left := end - watcher.now()) > 0:
                yield from watcher.sleep(min(left, 1.0))
                yield Kill(process.pid, 0)
            yield Kill(process.pid, signal)
        except ProcessLookupError:
            pass  # it ended in time
        return 0

    # As in busybox the program takes this process, and its child watches over it.
    yield from process.spawn(watch, process.argv, {})
    raise Become(body, words, process.env)


@section.program("time", usage="[-vpa] [-o FILE] PROG ARGS")
def time(command: Command) -> Program[int]:
    """Run a program and tell how long it took."""
    options = command.options("+p")
    if not options.words:
        raise Misuse("")
    body = yield from _find(command, options.words)
    if isinstance(body, int):
        return body
    process = command.process
    started = process.now()
    pid = yield from process.spawn(body, tuple(options.words))
    _, code = yield from process.wait(pid)
    elapsed = process.now() - started
    real = f"{elapsed:.2f}" if "p" in options else f"{int(elapsed // 60)}m {elapsed % 60:.2f}s"
    none = "0.00" if "p" in options else "0m 0.00s"
    gap = " " if "p" in options else "\t"
    yield from process.write(2, f"real{gap}{real}\nuser{gap}{none}\nsys{gap}{none}\n")
    return code


@section.program("xargs", usage="[OPTIONS] [PROG ARGS]")
def xargs(command: Command) -> Program[int]:
    """Run a program with the words of the standard input."""
    options = command.options("+0prtn:I:L:s:xE:P:")
    words = options.words or ["echo"]
    data = yield from Reader(command.process, 0).everything()
    text = data.decode("utf-8", "surrogateescape")
    if "0" in options:
        found = text.removesuffix("\0").split("\0") if text else []
    elif options.flags & {"I", "L"}:
        found = [line.strip(" \t") for line in text.split("\n") if line.strip(" \t")]
    else:
        found = _words(text)
    most = number(options.get("n")) if "n" in options else number(options.get("L")) if "L" in options else None
    if most == 0:
        raise Misuse("invalid number '0'", usage=False)
    status = 0
    for line in _calls(words, found, most, options.get("I"), "r" in options):
        code = yield from call(command, line, shown="t" in options)
        if code in (126, 127):
            return code
        if code == 255:
            yield from command.complain(f"{line[0]}: exited with status 255; aborting")
            return 124
        if code:
            status = 123
    return status


def _words(text: str) -> list[str]:
    """Divide a text at white space; quotes and backslashes keep words together."""
    words: list[str] = []
    current: str | None = None
    quote = ""
    characters = iter(text)
    for character in characters:
        if quote:
            if character == quote:
                quote = ""
            elif character == "\n":
                raise Misuse(f"unmatched {'single' if quote == chr(39) else 'double'} quote", usage=False)
            else:
                current = (current or "") + character
        elif character in " \t\n":
            if current is not None:
                words.append(current)
                current = None
        elif character in "'\"":
            quote = character
            current = current or ""
        elif character == "\\":
            current = (current or "") + next(characters, "")
        else:
            current = (current or "") + character
    if quote:
        raise Misuse(f"unmatched {'single' if quote == chr(39) else 'double'} quote", usage=False)
    return words if current is None else [*words, current]


def _calls(words: list[str], found: list[str], most: int | None, mark: str, not_empty: bool) -> list[list[str]]:
    if mark:
        return [[word.replace(mark, line) for word in words] for line in found]
    if not found:
        return [] if not_empty else [words]
    calls: list[list[str]] = []
    call: list[str] = []
    size = 0
    for word in found:
        if call and (len(call) == most or size + len(word) > LONGEST_CALL):
            calls.append(words + call)
            call, size = [], 0
        call.append(word)
        size += len(word) + 1
    return [*calls, words + call]


def call(command: Command, words: list[str], *, shown: bool = False) -> Program[int]:
    """Run a program without input and wait for it; return its exit code. `shown`: say first what is run."""
    process = command.process
    if shown:
        yield from process.write(2, " ".join(words) + "\n")
    try:
        body = process.body(tuple(words))
    except OSError as error:
        code = 127 if error.errno == errno.ENOENT else 126
        return (yield from command.complain(f"{words[0]}: {os.strerror(error.errno or 0)}", code))
    pid = yield from process.spawn(body, tuple(words), {**process.fds, 0: Null()})
    while True:
        try:
            _, code = yield from process.wait(pid)
            return code
        except Interrupted:
            continue
