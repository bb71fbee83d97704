"""The command jq: its options, its inputs, what it prints."""

from __future__ import annotations

import json
import os
from typing import Final

from fakedocker.engine.effects import Pause, Program
from fakedocker.programs.command import Command, Section
from fakedocker.programs.jq.filters import Exhausted, Filter, JqError, Json, read, read_all, shown
from fakedocker.programs.jq.parser import Fault, parse
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
USAGE: Final = "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] --args FILTER [ARGUMENTS...]\n"


class _Call:
    """The words of a call."""

    def __init__(self, words: list[str]) -> None:
        self.flags: set[str] = set()
        self.words: list[str] = []
        self.variables: dict[str, Json] = {}
        self.files: list[str] = []
        self.indent = 2
        self.from_file = ""
        while words:
            self._read(words)

    def _read(self, words: list[str]) -> None:
        word = words.pop(0)
        if word in ("--arg", "--argjson") and len(words) > 1:
            name, text = words.pop(0), words.pop(0)
            try:
                self.variables[name] = text if word == "--arg" else read_all(text)[0]
            except (ValueError, IndexError):
                raise Fault(f"Invalid JSON text passed to --argjson\n{USAGE.rstrip()}") from None
        elif word == "--indent" and words and words[0].isdecimal():
            self.indent = min(int(words.pop(0)[:2]), 7)
        elif word in ("-f", "--from-file") and words:
            self.from_file = words.pop(0)
        elif word.startswith("--") and word[2:] in LONG:
            self.flags.add(LONG[word[2:]])
        elif word.startswith("-") and len(word) > 1 and set(word[1:]) <= set(LONG.values()):
            self.flags |= set(word[1:])
        elif word == "--args":
            return
        elif word.startswith("-") and len(word) > 1:
            raise Fault(f"Unknown arguments\n{USAGE.rstrip()}")
        else:
            self.words.append(word)

    def text(self, value: Json) -> str:
        """Return a value as it is printed."""
        if self.flags & {"r", "j"} and isinstance(value, str):
            return value if "j" in self.flags else value + "\n"
        indent = None if "c" in self.flags or not self.indent else self.indent
        text = shown(value, indent=indent, sort_keys="S" in self.flags)
        if "t" in self.flags and "c" not in self.flags:
            lines = text.split("\n")
            text = "\n".join("\t" * ((len(line) - len(line.lstrip(" "))) // 2) + line.lstrip(" ") for line in lines)
        return text if "j" in self.flags else text + "\n"


@section.program("jq", usage="[OPTIONS] FILTER [FILES...]")
def jq(command: Command) -> Program[int]:
    """Filter JSON."""
    try:
        call = _Call(command.words)
        if call.from_file:
            content = command.process.files.read(command.process.path(call.from_file)).read(0, 1 << 20)
            call.words.insert(0, content.decode("utf-8", "replace"))
    except Fault as fault:
        yield from command.process.write(2, f"{fault}\n")
        return 2
    if not call.words:
        yield from command.process.write(2, USAGE)
        return 2
    source, *names = call.words
    try:
        program = Filter(parse(source), call.variables, command.process.env)
    except Fault as fault:
        if "nested" in str(fault) or "too long" in str(fault):
            yield from command.process.write(2, f"jq: error: {fault}\n")
            return 3
        shown_at = f"{fault}" if "<top-level>" in str(fault) else f"{fault} at <top-level>, line 1:"
        yield from command.process.write(2, f"jq: error: {shown_at}\n{source}\njq: 1 compile error\n")
        return 3
    return (yield from _run(command, call, program, names))


#: An input, and where it came from as messages say it.
_Input = tuple[Json, str]


def _run(command: Command, call: _Call, program: Filter, names: list[str]) -> Program[int]:
    inputs: list[_Input] = []
    status = 0
    mistake = ""
    if "n" in call.flags:
        inputs, names = [(None, "<unknown>")], []
    elif not names:
        names = ["-"]
    for name in names:
        data = yield from _data(command, name)
        if data is None:
            status = 2
            continue
        text = data.decode("utf-8", "replace")
        shown_name = "<stdin>" if name == "-" else name
        if "R" in call.flags:
            lines = text.removesuffix("\n").split("\n") if text else []
            inputs += [
                (line, f"{shown_name}:{at}") for at, line in enumerate([text] if "s" in call.flags else lines, 1)
            ]
            continue
        line = position = 0
        try:
            for value, end in read(text):
                line += text.count("\n", position, end)
                position = end
                inputs.append((value, f"{shown_name}:{line + (text.find(chr(10), end) >= 0)}"))
        except ValueError as error:
            mistake = _place(error)
            break
    if "s" in call.flags and "R" not in call.flags:
        inputs = [] if mistake else [([value for value, _ in inputs], inputs[-1][1] if inputs else "<unknown>")]
    code = yield from _work(command, call, program, inputs)
    if mistake:
        yield from command.process.write(2, f"parse error: {mistake}\n")
        return 4
    return status or code


def _data(command: Command, name: str) -> Program[bytes | None]:
    try:
        fd = 0 if name == "-" else command.attach(command.process.open(name, read=True))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        yield from command.process.write(2, f"jq: error: Could not open file {name}: {reason}\n")
        return None
    data = yield from Reader(command.process, fd).everything()
    command.close(fd)
    return data


def _place(error: ValueError) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    if error.pos >= len(error.doc.rstrip()):
        return f"Unfinished JSON term at EOF at line {error.doc.count(chr(10)) + 1}, column 0"
    what = "Expected separator between values" if "delimiter" in error.msg else "Invalid literal"
    return f"{what} at line {error.lineno}, column {error.colno}"


class _Nothing:
    pass


_NOTHING: Final = _Nothing()


def _work(command: Command, call: _Call, program: Filter, inputs: list[_Input]) -> Program[int]:
    status = 0
    last: Json = _NOTHING
    for value, where in inputs:
        results = program.run(value)
        while True:
            try:
                last = next(results)
                text = call.text(last)
            except StopIteration:
                break
            except JqError as error:
                message = error.value if isinstance(error.value, str) else f"{shown(error.value)} (not a string)"
                yield from command.process.write(2, f"jq: error (at {where}): {message}\n")
                status = 5
                break
            except (Exhausted, RecursionError):
                yield from command.process.write(2, "jq: error: cannot allocate memory\n")
                return 5
            yield from command.print(text.encode("utf-8", "replace"))
        yield Pause()
    if "e" in call.flags and not status:
        return 4 if last is _NOTHING else 1 if last is None or last is False else 0
    return status
