"""The command jq: its options, its inputs, what it prints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Section
from fakedocker.programs.jq.filters import Filter, Halt
from fakedocker.programs.jq.parser import Fault, parse
from fakedocker.programs.jq.reading import place, read, read_all
from fakedocker.programs.jq.values import Exhausted, JqError, Json, pieces, shown
from fakedocker.programs.reading import Reader

section = Section()

LONG: Final = {
    "raw-output": "r",
    "compact-output": "c",
    "null-input": "n",
    "slurp": "s",
    "exit-status": "e",
    "join-output": "j",
    "sort-keys": "S",
    "raw-input": "R",
    "tab": "t",
    "monochrome-output": "M",
    "color-output": "C",
    "ascii-output": "a",
    "unbuffered": "u",
}
USAGE: Final = (
    "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] --args FILTER [ARGUMENTS...]\n"
    "\tjq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]\n"
)
HELP: Final = (
    "Use jq --help for help with command-line options,\n"
    "or see the jq manpage, or online docs  at https://stedolan.github.io/jq"
)
VERSION: Final = "jq-1.6\n"
LARGEST_FILE: Final = 8 << 20
#: Pieces of a large value that are put together at a time.
PIECES: Final = 1000


class _Call:
    """The words of a call. Raises Fault for those that make no sense."""

    def __init__(self, command: Command) -> None:
        self.flags: set[str] = set()
        self.words: list[str] = []
        self.variables: dict[str, Json] = {}
        self.positional: list[Json] = []
        self.indent = 2
        self.from_file = False
        self._command = command
        #: What words after the filter are: files ("") or arguments.
        self._rest = ""
        words = command.words
        while words:
            self._read(words)
        self.variables["ARGS"] = {"positional": self.positional, "named": dict(self.variables)}

    def _read(self, words: list[str]) -> None:
        word = words.pop(0)
        match word:
            case "--arg" | "--argjson" | "--slurpfile" | "--rawfile":
                if len(words) < 2:
                    kind = "text" if word in ("--arg", "--argjson") else "filename"
                    raise Fault(f"jq: {word} takes two parameters (e.g. {word} varname {kind})")
                name, text = words.pop(0), words.pop(0)
                self.variables.setdefault(name, self._given(word, name, text))
            case "--indent":
                if not words:
                    raise Fault("jq: --indent takes one parameter")
                text = words.pop(0)
                if not (text.isdecimal() and int(text[:3]) <= 7):
                    raise Fault(f"jq: --indent takes a number between -1 and 7\n{HELP}")
                self.indent = int(text)
            case "-f" | "--from-file":
                self.from_file = True
            case "--args" | "--jsonargs":
                self._rest = word
            case "--":
                while words:
                    self._take(words.pop(0))
            case _ if word.startswith("--") and word[2:] in LONG:
                self.flags.add(LONG[word[2:]])
            case "-h" | "--help" | "-V" | "--version":
                self.flags.add(word.strip("-")[0])
            case _ if word[:1] == "-" and word[1:2].isalpha():
                self._short(word)
            case _ if word.startswith("--"):
                raise Fault(f"jq: Unknown option {word}\n{HELP}")
            case _:
                self._take(word)

    def _short(self, word: str) -> None:
        for letter in word[1:]:
            if letter == "f":
                self.from_file = True
            elif letter in LONG.values() and letter not in "tu":
                self.flags.add(letter)
            else:
                raise Fault(f"jq: Unknown option {word}\n{HELP}")

    def _take(self, word: str) -> None:
        if self._rest and self.words:
            try:
                self.positional.append(word if self._rest == "--args" else read_all(word)[0])
            except (ValueError, IndexError):
                raise Fault(f"jq: invalid JSON text passed to --jsonargs\n{HELP}") from None
        else:
            self.words.append(word)

    def _given(self, option: str, name: str, text: str) -> Json:
        """Return the value that an option gives a variable."""
        if option == "--arg":
            return text
        if option == "--argjson":
            try:
                return read_all(text)[0]
            except (ValueError, IndexError):
                raise Fault(f"jq: invalid JSON text passed to --argjson\n{HELP}") from None
        process = self._command.process
        try:
            content = process.files.read(process.path(text)).read(0, LARGEST_FILE).decode("utf-8", "replace")
            return content if option == "--rawfile" else read_all(content)
        except OSError as error:
            reason = f"Could not open {text}: {os.strerror(error.errno or 0)}"
        except ValueError as error:
            reason = str(error)
        raise Fault(f"jq: Bad JSON in --{option.strip('-')} {name} {text}: {reason}")

    def text(self, value: Json) -> Program[str]:
        """Return a value as it is printed."""
        end = "" if "j" in self.flags else "\n"
        if self.flags & {"r", "j"} and isinstance(value, str):
            return value + end
        indent = "" if "c" in self.flags else "\t" if "t" in self.flags else " " * self.indent
        parts: list[str] = []
        for piece in pieces(value, indent=indent, sort_keys="S" in self.flags, ascii_only="a" in self.flags):
            parts.append(piece)
            if len(parts) % PIECES == 0:
                yield Pause()
        return "".join(parts) + end


@section.program("jq", usage="[OPTIONS] FILTER [FILES...]")
def jq(command: Command) -> Program[int]:
    """Filter JSON."""
    try:
        call = _Call(command)
    except Fault as fault:
        yield from command.process.write(2, f"{fault}\n")
        return 2
    if call.flags & {"h", "V"}:
        yield from command.print(VERSION if "V" in call.flags else USAGE)
        return 0
    source, *names = call.words or ["."]
    if call.from_file:
        data = yield from _file(command, source)
        if data is None:
            return 2
        source = data.decode("utf-8", "replace")
    if "n" in call.flags and "input" not in source:  # nobody will ask for any, so that nobody waits for them
        inputs = _Inputs([], call.flags)
    else:
        inputs = yield from _inputs(command, call, names)
    try:
        program = Filter(
            parse(source),
            call.variables,
            command.process.env,
            more=inputs,
            now=command.process.now,
            say=lambda text: command.process.write(2, text),
            file_name=lambda: inputs.file_name,
        )
    except Fault as fault:
        if "nested" in str(fault) or "too long" in str(fault):
            yield from command.process.write(2, f"jq: error: {fault}\n")
            return 3
        shown_at = f"{fault}" if "<top-level>" in str(fault) else f"{fault} at <top-level>, line 1:"
        yield from command.process.write(2, f"jq: error: {shown_at}\n{source}\njq: 1 compile error\n")
        return 3
    return (yield from _run(command, call, program, inputs))


class _Inputs:
    """What there is to be filtered, value by value; `place` is where the last one came from, as messages say it."""

    def __init__(self, texts: list[tuple[str, str]], flags: set[str]) -> None:
        self._values = self._slurped(texts, flags) if "s" in flags else self._one_by_one(texts, flags)
        self.place = "<unknown>"
        self.file_name: str | None = None
        #: Why there are no more, if it is a mistake.
        self.mistake = ""

    def __iter__(self) -> Iterator[Json]:
        return self

    def __next__(self) -> Json:
        try:
            return next(self._values)
        except StopIteration:
            self.place = "<unknown>"
            raise

    def _one_by_one(self, texts: list[tuple[str, str]], flags: set[str]) -> Iterator[Json]:
        for name, text in texts:
            self.file_name = name
            if "R" in flags:
                for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], 1):
                    self.place = f"{name}:{number}"
                    yield line
                continue
            line_number = position = 0
            try:
                for value, end in read(text):
                    line_number += text.count("\n", position, end)
                    position = end
                    self.place = f"{name}:{line_number + (text.find(chr(10), end) >= 0)}"
                    yield value
            except ValueError as error:
                self.mistake = place(error)
                return

    def _slurped(self, texts: list[tuple[str, str]], flags: set[str]) -> Iterator[Json]:
        if "R" in flags:
            yield "".join(text for _, text in texts)
            return
        values = list(self._one_by_one(texts, flags))
        if not self.mistake:
            yield values


def _inputs(command: Command, call: _Call, names: list[str]) -> Program[_Inputs]:
    texts: list[tuple[str, str]] = []
    missing = False
    for name in names or ["-"]:
        data = yield from (_file(command, name) if name != "-" else _everything(command))
        if data is None:
            missing = True
            continue
        texts.append(("<stdin>" if name == "-" else name, data.decode("utf-8", "replace")))
    inputs = _Inputs(texts, call.flags)
    if missing:
        call.flags.add("missing")
    return inputs


def _everything(command: Command) -> Program[bytes | None]:
    return (yield from Reader(command.process, 0).everything())


def _file(command: Command, name: str) -> Program[bytes | None]:
    try:
        fd = command.attach(command.process.open(name, read=True))
        data = yield from Reader(command.process, fd).everything()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        yield from command.process.write(2, f"jq: error: Could not open file {name}: {reason}\n")
        return None
    command.close(fd)
    return data


class _Nothing:
    pass


_NOTHING: Final = _Nothing()


def _run(command: Command, call: _Call, program: Filter, inputs: _Inputs) -> Program[int]:
    status = 0
    last: Json = _NOTHING

    def emit(value: Json) -> Program[None]:
        nonlocal last
        last = value
        text = yield from call.text(value)
        yield from command.print(text.encode("utf-8", "replace"))

    for value in [None] if "n" in call.flags else inputs:
        try:
            yield from program.run(value, emit)
        except JqError as error:
            if error.value is None:  # of which jq 1.6 says nothing
                continue
            yield from command.process.write(2, f"jq: error (at {inputs.place}){_message(error.value)}\n")
            status = 5
        except Halt as end:
            return (yield from _halt(command, end))
        except (Exhausted, RecursionError):
            yield from command.process.write(2, "jq: error: cannot allocate memory\n")
            return 5
        yield Pause()
    if inputs.mistake:
        yield from command.process.write(2, f"parse error: {inputs.mistake}\n")
        return 4
    if "missing" in call.flags:
        return 2
    if "e" in call.flags and not status:
        return 4 if last is _NOTHING else 1 if last is None or last is False else 0
    return status


def _message(value: Json) -> str:
    return f": {value}" if isinstance(value, str) else f" (not a string): {shown(value)}"


def _halt(command: Command, end: Halt) -> Program[int]:
    if end.message is not None:
        text = end.message if isinstance(end.message, str) else shown(end.message) + "\n"
        yield from command.process.write(2, text)
    return end.code & 0xFF
