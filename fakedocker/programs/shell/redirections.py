"""Redirections: they change descriptors of the shell's own process, and put them back when their command is over."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fakedocker.engine.processes.descriptors import Descriptor
from fakedocker.engine.processes.effects import Program
from fakedocker.programs.shell.control import Fault
from fakedocker.programs.shell.syntax import Document, Redirection, Word

if TYPE_CHECKING:
    from fakedocker.programs.shell.interpreter import Shell

MOST_DESCRIPTORS = 255
#: Descriptors by their numbers as they were before, None where there was none.
Saved = list[tuple[int, Descriptor | None]]


class RedirectionFault(Exception):
    """A redirection that is not possible."""


class Text(Descriptor):
    """The text of a here-document, to be read once."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    def read(self, size: int) -> bytes | None:
        chunk, self._data = self._data[:size], self._data[size:]
        return chunk


class Redirections:
    """Makes the redirections of one shell."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        #: Set when the process goes on as another program: descriptors stay as they are.
        self.last = False

    @contextmanager
    def restoring(self) -> Iterator[Saved]:
        """Put descriptors back when a command is over."""
        fds = self._shell.process.fds
        saved: Saved = []
        try:
            yield saved
        finally:
            if self.last:
                self.keep(saved)
            for number, descriptor in reversed(saved):
                current = fds.pop(number, None)
                if descriptor is not None:
                    fds[number] = descriptor
                if current is not None:
                    current.release()

    def keep(self, saved: Saved) -> None:
        """Make redirections last: forget what was there before them."""
        for _, descriptor in saved:
            if descriptor is not None:
                descriptor.release()
        saved.clear()

    def make(self, redirections: Sequence[Redirection], saved: Saved) -> Program[None]:
        """Make redirections one after the other; note in `saved` what was there. Raises RedirectionFault."""
        for redirection in redirections:
            if redirection.operator == "&>":
                yield from self._make(Redirection(1, ">", redirection.target), saved)
                self._place(2, self._shell.process.fds[1], saved)
            else:
                yield from self._make(redirection, saved)

    def _make(self, redirection: Redirection, saved: Saved) -> Program[None]:
        fd, operator, target = redirection.fd, redirection.operator, redirection.target
        if fd > MOST_DESCRIPTORS:
            raise RedirectionFault(f"{fd}: Bad file descriptor")
        if isinstance(target, Document):
            text = yield from self._shell.text(target.word)
            self._place(fd, Text(text.encode("utf-8", "surrogateescape")), saved)
            return
        assert isinstance(target, Word)
        name = yield from self._shell.text(target)
        if operator in (">&", "<&"):
            if name == "-":
                self._place(fd, None, saved)
                return
            if name.isdecimal():
                self._place(fd, self._descriptor(name), saved)
                return
            if operator == "<&":
                raise Fault("syntax error: bad fd number")
            operator = "&>"
        descriptor = self._open(operator, name)
        self._place(fd, descriptor, saved)
        if operator == "&>":
            self._place(2, descriptor, saved)

    def _descriptor(self, number: str) -> Descriptor:
        descriptor = self._shell.process.fds.get(int(number[:6]))
        if descriptor is None:
            raise RedirectionFault(f"{number}: Bad file descriptor")
        return descriptor

    def _open(self, operator: str, name: str) -> Descriptor:
        try:
            return self._opened(operator, name)
        except OSError as error:
            if error.errno == errno.ENOENT:
                reason = "no such file" if operator == "<" else "nonexistent directory"
            else:
                reason = os.strerror(error.errno or 0)
            verb = "open" if operator == "<" else "create"
            raise RedirectionFault(f"can't {verb} {name}: {reason}") from None

    def _opened(self, operator: str, name: str) -> Descriptor:
        process = self._shell.process
        if operator == "<":
            return process.open(name, read=True)
        if operator == "<>":
            return process.open(name, read=True, write=True, create=True)
        if operator == ">>":
            return process.open(name, write=True, create=True, append=True)
        if operator == ">" and "C" in self._shell.options and process.files.exists(process.path(name)):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        return process.open(name, write=True, create=True, truncate=True)

    def _place(self, number: int, descriptor: Descriptor | None, saved: Saved) -> None:
        fds = self._shell.process.fds
        if descriptor is not None:
            descriptor.hold()
        saved.append((number, fds.pop(number, None)))
        if descriptor is not None:
            fds[number] = descriptor
