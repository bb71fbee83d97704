"""One call of a program: the process that makes it and the words it was given.

Programs of ours and builtins of the shell are written against `Command`, so that `echo` is the same thing in a
script and as a process of its own. Options are read as busybox's getopt32 does; its messages are those of the
images on the hub (musl).
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fakedocker.engine.processes.descriptors import Descriptor
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import FIRST_FREE, Process

BANNER = "BusyBox v1.35.0 multi-call binary."


class Misuse(Exception):
    """Words a program does not understand: `text` is the complaint, followed by the usage if `usage`."""

    def __init__(self, text: str, *, usage: bool = True, code: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.usage = usage
        self.code = code


@dataclass(slots=True)
class Options:
    """The options of a call and the words after them."""

    words: list[str]
    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    #: All values of options that may be given more than once, in order.
    repeated: dict[str, list[str]] = field(default_factory=dict)

    def __contains__(self, letter: str) -> bool:
        return letter in self.flags

    def get(self, letter: str, default: str = "") -> str:
        """Return the (last) value of an option."""
        return self.values.get(letter, default)

    def last_of(self, letters: str) -> str | None:
        """Return which of several options was given last."""
        return next((letter for letter in reversed(self._order) if letter in letters), None)

    _order: list[str] = field(default_factory=list)

    def note(self, letter: str, value: str | None) -> None:
        """Take one option."""
        self.flags.add(letter)
        self._order.append(letter)
        if value is not None:
            self.values[letter] = value
            self.repeated.setdefault(letter, []).append(value)


class Command:
    """One call of a program or builtin."""

    def __init__(self, process: Process, argv: Sequence[str], usage: str | None = None) -> None:
        self.process = process
        self.argv = tuple(argv)
        #: The name under which it was called, as messages show it.
        self.name = posixpath.basename(argv[0]) if argv else ""
        self.usage = usage

    @property
    def words(self) -> list[str]:
        """The words after the name."""
        return list(self.argv[1:])

    def print(self, text: str | bytes) -> Program[None]:
        """Write to the standard output."""
        if text:
            yield from self.process.write(1, text)

    def complain(self, text: str, code: int = 1) -> Program[int]:
        """Write `name: text` to the standard error; return the exit code, to be passed on."""
        yield from self.process.write(2, f"{self.name}: {text}\n")
        return code

    def options(
        self, letters: str, *, long: Mapping[str, str] | None = None, words: Sequence[str] | None = None
    ) -> Options:
        """Read options: `letters` as for getopt ("an:" - n takes a value), a leading "+" stops at the first word.

        `long` gives the letter for each long option. Raises Misuse.
        """
        return _options(letters, long or {}, list(self.argv[1:] if words is None else words))

    def open(self, name: str, *, bare: bool = False) -> Program[int | None]:
        """Open a file for reading ("-": the standard input); complain and give None if that fails.

        `bare` tells which of busybox's two ways to say so a program has.
        """
        if name == "-":
            return 0
        try:
            return self.attach(self.process.open(name, read=True))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            yield from self.complain(f"{name}: {reason}" if bare else f"can't open '{name}': {reason}")
            return None

    def close(self, number: int) -> None:
        """Close what `open` gave; the standard input stays."""
        if number >= FIRST_FREE:
            self.detach(number)

    def attach(self, descriptor: Descriptor) -> int:
        """Give the process one more descriptor; return its number."""
        return self.process.attach(descriptor)

    def detach(self, number: int) -> None:
        """Close a descriptor."""
        self.process.detach(number)


#: A program as it is written here.
Applet = Callable[[Command], Program[int]]


def _options(letters: str, long: Mapping[str, str], words: list[str]) -> Options:
    options = Options([])
    ordered = letters.startswith("+")
    while words:
        word = words.pop(0)
        if word == "--":
            options.words += words
            break
        if word.startswith("--"):
            _long_option(word[2:], letters, long, words, options)
        elif word.startswith("-") and word != "-":
            _cluster(word[1:], letters, words, options)
        else:
            options.words.append(word)
            if ordered:
                options.words += words
                break
    return options


def _cluster(cluster: str, letters: str, words: list[str], options: Options) -> None:
    while cluster:
        letter, cluster = cluster[0], cluster[1:]
        at = letters.find(letter)
        if at < 0 or letter in ":+":
            raise Misuse(f"unrecognized option: {letter}")
        if letters[at + 1 : at + 2] != ":":
            options.note(letter, None)
            continue
        if not cluster and not words:
            raise Misuse(f"option requires an argument: {letter}")
        options.note(letter, cluster or words.pop(0))
        return


def _long_option(text: str, letters: str, long: Mapping[str, str], words: list[str], options: Options) -> None:
    name, equals, value = text.partition("=")
    if name == "help" and "help" not in long:
        raise Misuse("", code=0)
    names = [name] if name in long else [known for known in long if known.startswith(name)]
    if len(names) != 1:
        raise Misuse(f"unrecognized option: {name}")
    letter = long[names[0]]
    takes_value = letters[letters.index(letter) + 1 : letters.index(letter) + 2] == ":"
    if not takes_value:
        if equals:
            raise Misuse(f"option does not take an argument: {name}")
        options.note(letter, None)
    elif equals:
        options.note(letter, value)
    elif words:
        options.note(letter, words.pop(0))
    else:
        raise Misuse(f"option requires an argument: {name}")


def number(text: str, *, least: int = 0, suffixes: Mapping[str, int] | None = None) -> int:
    """Return a decimal number as busybox's xatou reads it. Raises Misuse."""
    factor = 1
    digits = text
    for suffix, value in (suffixes or {}).items():
        if suffix and text.endswith(suffix):
            digits, factor = text[: -len(suffix)], value
            break
    sign = 1
    if least < 0 and digits.startswith(("-", "+")):
        sign = -1 if digits[0] == "-" else 1
        digits = digits[1:]
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 20:
        raise Misuse(f"invalid number '{text}'", usage=False)
    return sign * int(digits) * factor


def body_of(applet: Applet, usage: str | None = None) -> Body:
    """Return the body of a program that is written against `Command`."""

    def body(process: Process) -> Program[int]:
        return run(applet, Command(process, process.argv, usage))

    return body


def run(applet: Applet, command: Command) -> Program[int]:
    """Run a program's code for one call; misuse is answered as busybox does."""
    try:
        return (yield from applet(command))
    except Misuse as misuse:
        if misuse.text:
            yield from command.complain(misuse.text)
        if misuse.usage and command.usage is not None:
            usage = f"Usage: {command.name} {command.usage}".rstrip()
            yield from command.process.write(2, f"{BANNER}\n\n{usage}\n")
        return misuse.code


class Section:
    """The programs of one module: a decorator collects them under their names."""

    def __init__(self) -> None:
        self.bodies: dict[str, Body] = {}
        #: The same programs as they are written, for the shell, which runs some of them itself.
        self.applets: dict[str, Applet] = {}
        #: What follows the name in a usage message.
        self.usages: dict[str, str] = {}

    def program(self, *names: str, usage: str | None = None) -> Callable[[Applet], Applet]:
        """Enter a program under its names; `usage` is what follows the name in its usage message."""

        def enter(applet: Applet) -> Applet:
            for name in names:
                self.applets[name] = applet
                self.bodies[name] = body_of(applet, usage)
                self.usages[name] = usage or ""
            return applet

        return enter
