"""Where awk writes to, and the commands it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping

from fakedocker.engine.processes.descriptors import Descriptor, Pipe
from fakedocker.engine.processes.effects import Program
from fakedocker.programs.awk.records import Source
from fakedocker.programs.awk.syntax import Fault
from fakedocker.programs.command import Command

#: Bytes that are gathered before they are written.
BUFFER = 4096
#: Files and commands that may be open at one time.
MOST = 64


class Output:
    """A file, or the standard input of a command."""

    def __init__(self, command: Command, fd: int, pid: int | None = None) -> None:
        self._command = command
        self.fd = fd
        self.pid = pid
        self._pieces: list[str] = []
        self._size = 0

    def put(self, text: str) -> bool:
        """Take a text; return whether it is time to write."""
        self._pieces.append(text)
        self._size += len(text)
        return self._size >= BUFFER

    def flush(self) -> Program[None]:
        """Write what was gathered."""
        if self._pieces:
            data = "".join(self._pieces).encode("latin-1", "replace")
            self._pieces.clear()
            self._size = 0
            yield from self._command.process.write(self.fd, data)


class Streams:
    """All that is open: outputs and inputs by the name the program gives them."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self.standard = Output(command, 1)
        self._outputs: dict[str, Output] = {}
        self._inputs: dict[str, Source] = {}

    def output(self, how: str, name: str) -> Program[Output]:
        """Return where `print > name` and its like write to. Raises Fault, OSError."""
        if how != "|" and name in ("-", "/dev/stdout"):
            return self.standard
        known = self._outputs.get(name)
        if known is not None:
            return known
        self._make_room(name)
        if how == "|":
            yield from self.flush()
            pipe = Pipe()
            fd = self._command.attach(pipe.writer)
            pid = yield from self._shell(name, {0: pipe.reader})
            output = Output(self._command, fd, pid)
        else:
            path = _path(name)
            try:
                descriptor = self._command.process.open(
                    path, write=True, create=True, append=how == ">>", truncate=how == ">"
                )
            except OSError as error:
                raise Fault(f"can't open '{path}': {os.strerror(error.errno or 0)}") from None
            output = Output(self._command, self._command.attach(descriptor))
        self._outputs[name] = output
        return output

    def input(self, how: str, name: str) -> Program[Source]:
        """Return where `getline < name` and `name | getline` read from. Raises OSError."""
        known = self._inputs.get(name)
        if known is not None:
            return known
        self._make_room(name)
        process = self._command.process
        if how == "|":
            yield from self.flush()
            pipe = Pipe()
            fd = self._command.attach(pipe.reader)
            pid = yield from self._shell(name, {1: pipe.writer})
            source = Source(process, fd, pid=pid)
        elif name == "-":
            source = Source(process, 0)
        else:
            source = Source(process, self._command.attach(process.open(_path(name), read=True)))
        self._inputs[name] = source
        return source

    def _make_room(self, name: str) -> None:
        if len(self._inputs) + len(self._outputs) >= MOST:
            raise Fault(f"can't open '{name}': Too many open files")

    def _shell(self, text: str, ends: Mapping[int, Descriptor]) -> Program[int]:
        process = self._command.process
        words = ("sh", "-c", text.encode("latin-1", "replace").decode("utf-8", "surrogateescape"))
        fds = {number: process.fds[number] for number in (0, 1, 2) if number in process.fds} | dict(ends)
        try:
            return (yield from process.spawn(process.body(words), words, fds))
        except BlockingIOError as error:
            raise Fault(f"can't fork: {error.strerror}") from None
        except OSError as error:
            raise Fault(f"can't execute 'sh': {error.strerror}") from None

    def run(self, text: str) -> Program[int]:
        """Run a command to its end; return its exit code."""
        yield from self.flush()
        process = self._command.process
        pid = yield from self._shell(text, {})
        _, code = yield from process.wait(pid)
        return code

    def flush(self) -> Program[None]:
        """Write everything that waits to be written."""
        for output in (self.standard, *self._outputs.values()):
            yield from output.flush()

    def close(self, name: str) -> Program[float]:
        """Close a file or command; return what awk says about it: a command's status as of wait(2)."""
        closed = 0.0
        output, source = self._outputs.pop(name, None), self._inputs.pop(name, None)
        for stream in (output, source):
            if stream is None:
                continue
            try:
                if isinstance(stream, Output):
                    yield from self.standard.flush()
                    yield from stream.flush()
            finally:
                self._command.close(stream.fd)
            if stream.pid is not None:
                _, code = yield from self._command.process.wait(stream.pid)
                closed = float(code - 128 if code > 128 else code << 8)
        return closed

    def close_all(self) -> Program[None]:
        """Close everything, at the end."""
        yield from self.standard.flush()
        for name in [*self._outputs, *self._inputs]:
            yield from self.close(name)


def _path(name: str) -> str:
    return name.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
