"""The walk over the tree: commands run, redirections hold while they do, signals become traps.

Rules of this file: a subshell is a process of its own with a copy of the shell's state; descriptors are changed
in the shell's process and put back; control flow (`break`, `return`, `exit`) is an exception; traps run between
commands. Texts of errors are those of busybox ash 1.35.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import TypeVar

from fakedocker.engine.descriptors import Descriptor, Null, Pipe
from fakedocker.engine.effects import Body, Disposition, Interrupted, Pause, Program, Signal
from fakedocker.engine.processes import Process
from fakedocker.engine.terminal import Terminal
from fakedocker.programs.executable import Become, Executable
from fakedocker.programs.shell.expansion import Expansion, ExpansionFault
from fakedocker.programs.shell.parser import KEYWORDS, Parser
from fakedocker.programs.shell.patterns import Pattern
from fakedocker.programs.shell.syntax import (
    AndOr,
    Assignment,
    Background,
    Case,
    Document,
    For,
    Function,
    If,
    Node,
    Not,
    Pipeline,
    Redirected,
    Redirection,
    Series,
    Simple,
    Subshell,
    SyntaxFault,
    While,
    Word,
)
from fakedocker.programs.shell.variables import ReadOnlyFault, Variables

#: How deep commands may be nested while they run; a function that calls itself ends here.
DEEPEST = 100
#: The most that `$(…)` may collect, in bytes.
LONGEST_OUTPUT = 4 << 20
#: How many ended background processes a shell remembers for `wait`.
MOST_REMEMBERED = 256
#: What a shell says when a signal ended a program it waited for.
LAST_WORDS: dict[int, str] = {
    Signal.HUP: "Hangup",
    Signal.ILL: "Illegal instruction",
    Signal.TRAP: "Trace/breakpoint trap",
    Signal.ABRT: "Aborted",
    Signal.BUS: "Bus error",
    Signal.FPE: "Arithmetic exception",
    Signal.KILL: "Killed",
    Signal.USR1: "User defined signal 1",
    Signal.SEGV: "Segmentation fault",
    Signal.USR2: "User defined signal 2",
    Signal.ALRM: "Alarm clock",
    Signal.TERM: "Terminated",
}


class Jump(Exception):
    """`break` and `continue`, on their way to the loop they mean."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class Return(Exception):
    """`return`, on its way out of a function or a file."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Exit(Exception):
    """The end of the shell."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Fault(Exception):
    """An error that ends what the shell is doing (and a shell that is not interactive)."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status = status


Expanded = TypeVar("Expanded")
#: A builtin: called with the shell and the words of the command, its name first.
Builtin = Callable[["Shell", Sequence[str]], Program[int]]


class Shell:
    """One shell: its variables, functions, traps, and the process it runs in."""

    def __init__(self, process: Process, name: str, positional: Sequence[str] = ()) -> None:
        self.process = process
        #: `$0`; `script` tells that it is a file, whose lines messages name.
        self.name = name
        self.script = False
        self.interactive = False
        #: The terminal of an interactive shell, whose keys go to the process group in the foreground.
        self.terminal: Terminal | None = None
        self.positional = list(positional)
        self.variables = Variables(process.env, process.allocate)
        self.functions: dict[str, Node] = {}
        self.aliases: dict[str, str] = {}
        #: The letters of the options that are set (`set -e`).
        self.options: set[str] = set()
        #: What a trap does, by the signal's number (0: EXIT); "" ignores.
        self.traps: dict[int, str] = {}
        self.status = 0
        #: The process of the first shell, `$$`.
        self.root = process.pid
        #: The last background process, `$!`.
        self.background: int | None = None
        self.jobs: list[int] = []
        #: Status of background processes that ended and were not asked for, by process id.
        self.ended: dict[int, int] = {}
        #: Where `getopts` goes on: a word and a place in it.
        self.option_index, self.option_offset = 1, 0
        self.loops = 0
        self.calls = 0
        self.function_names: list[str] = []
        self.line = 0
        self.expansion = Expansion(self)
        self.builtins: Mapping[str, Builtin] = {}
        self.special: frozenset[str] = frozenset()
        self._depth = 0
        #: Commands whose failure is looked at (`if`, `&&`), so that `set -e` does not apply.
        self._tested = 0
        #: Status of the last `$(…)` of a command.
        self._substituted = 0
        #: Set when the process goes on as another program: descriptors stay as they are.
        self._leaving = False
        self._trapping = False
        #: Set when a key broke off what an interactive shell is doing.
        self.interrupted = False

    # -- state ------------------------------------------------------------------

    def fork(self, process: Process) -> Shell:
        """Return a copy of this shell for a child process; traps are not inherited."""
        child = Shell(process, self.name, self.positional)
        child.script = self.script
        child.variables = self.variables.copy(process.allocate)
        child.functions = dict(self.functions)
        child.aliases = dict(self.aliases)
        child.options = set(self.options)
        child.traps = {number: action for number, action in self.traps.items() if not action}
        child.status = self.status
        child.root = self.root
        child.background = self.background
        child.loops = self.loops
        child.calls = self.calls
        child.line = self.line
        child.builtins = self.builtins
        child.special = self.special
        return child

    def parameter(self, name: str) -> str | None:
        """Return the value of a variable, a positional or a special parameter."""
        if name.isdecimal():
            index = int(name) if len(name) < 9 else 10**9
            if index == 0:
                return self.name
            return self.positional[index - 1] if index <= len(self.positional) else None
        match name:
            case "?":
                return str(self.status)
            case "$":
                return str(self.root)
            case "!":
                return None if self.background is None else str(self.background)
            case "#":
                return str(len(self.positional))
            case "-":
                return "".join(sorted(self.options - {"P"}, key="ubaCvxcsnmiIfe".find))
            case "@" | "*":
                return " ".join(self.positional) if self.positional else None
            case "PPID" if self.variables.get(name) is None:
                return str(self.process.parent.pid if self.process.parent else 0)
            case "FUNCNAME":
                return self.function_names[-1] if self.function_names else ""
            case "LINENO":
                return str(self.line if self.script else 0)
        return self.variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable. Raises Fault for a read-only one."""
        try:
            self.variables.set(name, value, exported="a" in self.options)
        except ReadOnlyFault:
            raise Fault(f"{name}: is read only") from None

    def complain(self, text: str, builtin: str | None = None) -> Program[None]:
        """Write a message to the standard error as ash does: whose it is, and where."""
        place = f"{builtin}: " if builtin else ""
        if (builtin or self.script) and not self.interactive:
            place += f"line {self.line if self.script else 0}: "
        try:
            yield from self.process.write(2, f"{self.name}: {place}{text}\n")
        except OSError:
            pass  # the standard error is closed: nowhere to say it

    # -- running ----------------------------------------------------------------

    def run_text(self, text: str, *, last: bool = False) -> Program[int]:
        """Run a script, command by command. Raises Fault at a syntax error.

        `last`: the shell has nothing else to do afterwards, so that the last program may take its place.
        """
        parser = Parser(text, aliases=self.aliases)
        while True:
            try:
                command = parser.next_command()
            except SyntaxFault as fault:
                self.line = parser.line
                raise Fault(f"syntax error: {fault}") from None
            if command is None:
                return self.status
            yield from self.execute(command, last=last and not parser.rest.strip())

    def execute(self, node: Node, *, last: bool = False) -> Program[int]:
        """Run a command; return its status. Raises Jump, Return, Exit, Fault."""
        if "n" in self.options and not self.interactive:
            return self.status
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise Fault("nested too deeply")
            match node:
                case Simple():
                    self.status = yield from self._simple(node, last)
                case Series(commands):
                    for command in commands[:-1]:
                        yield from self.execute(command)
                    if commands:
                        yield from self.execute(commands[-1], last=last)
                case AndOr():
                    yield from self._and_or(node, last)
                case Not():
                    yield from self._condition(node.command)
                    self.status = int(self.status == 0)
                case Pipeline():
                    self.status = yield from self._pipeline(node)
                case Background():
                    yield from self._background(node)
                    self.status = 0
                case If():
                    yield from self._if(node, last)
                case While():
                    yield from self._while(node)
                case For():
                    yield from self._for(node)
                case Case():
                    yield from self._case(node, last)
                case Subshell():
                    self.status = yield from self._subshell(node)
                case Redirected():
                    yield from self._redirected(node)
                case Function():
                    self.functions[node.name] = node.body
                    self.status = 0
        finally:
            self._depth -= 1
        if self.process.pending:
            yield from self.run_traps()
            if self.interrupted:
                self.interrupted = False
                raise Interrupted(Signal.INT)
        strict = "e" in self.options and not self._tested
        if self.status and strict and isinstance(node, Simple | Pipeline | Subshell | Redirected):
            raise Exit(self.status)
        return self.status

    def _and_or(self, node: AndOr, last: bool) -> Program[None]:
        commands = [("", node.first), *node.rest]
        for index, (operator, command) in enumerate(commands):
            if (operator == "&&" and self.status) or (operator == "||" and not self.status):
                continue
            if index == len(commands) - 1:
                yield from self.execute(command, last=last)
            else:
                yield from self._condition(command)

    def _condition(self, node: Node) -> Program[bool]:
        """Run a command whose failure is an answer."""
        self._tested += 1
        try:
            return (yield from self.execute(node)) == 0
        finally:
            self._tested -= 1

    def _if(self, node: If, last: bool) -> Program[None]:
        for condition, body in node.branches:
            if (yield from self._condition(condition)):
                yield from self.execute(body, last=last)
                return
        if node.otherwise is not None:
            yield from self.execute(node.otherwise, last=last)
        else:
            self.status = 0

    def _while(self, node: While) -> Program[None]:
        status = 0
        self.loops += 1
        try:
            while True:
                try:
                    if (yield from self._condition(node.condition)) == node.until:
                        break
                    status = yield from self.execute(node.body)
                except Jump as jump:
                    status = 0
                    if self._jump_ends_loop(jump):
                        break
                yield Pause()
        finally:
            self.loops -= 1
        self.status = status

    def _for(self, node: For) -> Program[None]:
        values = list(self.positional)
        if node.words is not None:
            values = yield from self._expanded(self.expansion.fields(node.words))
        self.status = 0
        self.loops += 1
        try:
            for value in values:
                self.assign(node.name, value)
                try:
                    yield from self.execute(node.body)
                except Jump as jump:
                    self.status = 0
                    if self._jump_ends_loop(jump):
                        break
                yield Pause()
        finally:
            self.loops -= 1

    def _jump_ends_loop(self, jump: Jump) -> bool:
        """Return whether this loop is over; passes the jump on if it means an outer one."""
        if jump.levels > 1 and self.loops > 1:
            jump.levels -= 1
            raise jump
        return not jump.again

    def _case(self, node: Case, last: bool) -> Program[None]:
        subject = yield from self._expanded(self.expansion.text(node.word))
        self.status = 0
        for patterns, body in node.branches:
            for pattern in patterns:
                text = yield from self._expanded(self.expansion.pattern(pattern))
                if Pattern(text).matches(subject):
                    if body is not None:
                        yield from self.execute(body, last=last)
                    return

    def _redirected(self, node: Redirected) -> Program[None]:
        with self._restoring() as saved:
            try:
                yield from self._redirect(node.redirections, saved)
            except RedirectionFault as fault:
                yield from self.complain(str(fault))
                self.status = 1
                return
            yield from self.execute(node.command)

    # -- children ---------------------------------------------------------------

    def _child(self, node: Node | None) -> Body:
        """Return the body of a child that runs a part of the tree with a copy of this shell."""

        def body(process: Process) -> Program[int]:
            shell = self.fork(process)
            return shell.main(shell.execute_all(node))

        return Executable(body)

    def execute_all(self, node: Node | None) -> Program[int]:
        """Run a tree as the last thing of this shell."""
        if node is None:
            return 0
        return (yield from self.execute(node, last=True))

    def main(self, script: Program[int]) -> Program[int]:
        """Run `script` as the whole life of this shell; return its exit code."""
        try:
            try:
                self.status = yield from script
            except Fault as fault:
                yield from self.complain(str(fault))
                self.status = fault.status
            except RecursionError:  # whoever runs us left less room than DEEPEST counts on
                yield from self.complain("nested too deeply")
                self.status = 2
            except (Jump, Return) as jump:
                self.status = jump.status if isinstance(jump, Return) else 0
        except Exit as end:
            self.status = end.status
        try:
            if self.process.pending:
                yield from self.run_traps()
            yield from self._exit_trap()
        except Exit as end:
            self.status = end.status
        return self.status

    def _exit_trap(self) -> Program[None]:
        action = self.traps.pop(0, "")
        if not action:
            return
        status = self.status
        try:
            yield from self.run_text(action)
        except Fault as fault:
            yield from self.complain(str(fault))
        except (Jump, Return):
            pass
        self.status = status

    def start(
        self,
        body: Body,
        argv: Sequence[str],
        fds: Mapping[int, Descriptor] | None = None,
        env: Mapping[str, str] | None = None,
        *,
        group: int | None = None,
    ) -> Program[int]:
        """Start a child; return its process id. Raises Fault when there are too many processes.

        An interactive shell puts its children into a process group of their own, or into `group`.
        """
        yield from self._reap()
        try:
            return (
                yield from self.process.spawn(
                    body,
                    tuple(argv),
                    fds,
                    env=self.variables.environment() if env is None else env,
                    cwd=self.process.cwd,
                    group=group if self.interactive else 0,
                )
            )
        except BlockingIOError:
            raise Fault("can't fork: Resource temporarily unavailable") from None

    def _reap(self) -> Program[None]:
        """Take in background processes that have ended, so that they do not pile up."""
        for pid in list(self.jobs):
            child = self.process.child(pid)
            if child is not None and child.code is not None:
                _, self.ended[pid] = yield from self.process.wait(pid)
                self.jobs.remove(pid)
        while len(self.ended) > MOST_REMEMBERED:
            del self.ended[next(iter(self.ended))]

    def wait_for(self, pid: int) -> Program[int]:
        """Wait for a child in the foreground; say what killed it."""
        child = self.process.child(pid)
        if self.terminal is not None and child is not None:
            self.terminal.foreground = child.group
        try:
            _, code = yield from self.process.wait(pid)
        finally:
            if self.terminal is not None:
                self.terminal.foreground = self.process.group
        if child is not None:
            yield from self.mourn(child)
        return code

    def mourn(self, child: Process) -> Program[None]:
        """Say which signal ended a child, if one did that is worth a word.

        Raises Interrupted in an interactive shell when ctrl-C did: the whole line is given up.
        """
        words = LAST_WORDS.get(child.killed_by or 0, "")
        if child.killed_by == Signal.INT and self.interactive:
            raise Interrupted(Signal.INT)
        if words:
            try:
                yield from self.process.write(2, words + "\n")
            except OSError:
                pass  # the standard error is closed: nowhere to say it

    def _subshell(self, node: Subshell) -> Program[int]:
        pid = yield from self.start(self._child(node.command), self.process.argv)
        return (yield from self.wait_for(pid))

    def _background(self, node: Background) -> Program[None]:
        fds = dict(self.process.fds)
        if not self.interactive:
            fds[0] = Null()
        body = self._child(node.command)
        self.background = yield from self.start(body, self.process.argv, fds)
        child = self.process.child(self.background)
        if child is not None and not self.interactive:  # before it takes its first step: it may be killed at once
            child.dispositions[Signal.INT] = child.dispositions[Signal.QUIT] = Disposition.IGNORE
        self.jobs.append(self.background)

    def _pipeline(self, node: Pipeline) -> Program[int]:
        pids: list[int] = []
        source: Descriptor | None = None
        try:
            for index, command in enumerate(node.commands):
                fds = dict(self.process.fds)
                if source is not None:
                    fds[0] = source
                following: Descriptor | None = None
                if index < len(node.commands) - 1:
                    pipe = Pipe()
                    fds[1], following = pipe.writer, pipe.reader.hold()
                child = self._child(command)
                leader = pids[0] if pids else None
                pids.append((yield from self.start(child, self.process.argv, fds, group=leader)))
                if source is not None:
                    source.release()
                source = following
        finally:
            if source is not None:
                source.release()
        status = failure = 0
        for pid in pids:
            status = yield from self.wait_for(pid)
            failure = status or failure
        return failure if "P" in self.options else status

    def output_of(self, node: Node | None) -> Program[str]:
        """Run a command in a child and return what it prints, without the newlines at its end."""
        if node is None:
            return ""
        pipe = Pipe()
        reader = pipe.reader.hold()
        number = 10
        while number in self.process.fds:
            number += 1
        chunks: list[bytes] = []
        size = 0
        pid = yield from self.start(self._child(node), self.process.argv, {**self.process.fds, 1: pipe.writer}, group=0)
        self.process.fds[number] = reader
        try:
            while True:
                try:
                    chunk = yield from self.process.read(number)
                except Interrupted:
                    continue  # the trap has its turn after the command
                if not chunk:
                    break
                size += len(chunk)
                if size > LONGEST_OUTPUT:
                    raise Fault("out of memory")
                self.process.allocate(len(chunk))
                chunks.append(chunk)
        finally:
            self.process.allocate(-sum(map(len, chunks)))
            self.process.fds.pop(number, None)
            reader.release()
        self._substituted = yield from self.wait_for(pid)
        output = b"".join(chunks).replace(b"\0", b"")
        return output.decode("utf-8", "surrogateescape").rstrip("\n")

    # -- simple commands ----------------------------------------------------------

    def _expanded(self, expansion: Program[Expanded]) -> Program[Expanded]:
        try:
            return (yield from expansion)
        except ExpansionFault as fault:
            raise Fault(str(fault)) from None

    def _simple(self, node: Simple, last: bool) -> Program[int]:
        self.line = node.line
        self._substituted = 0
        if node.words and node.words[0].plain == "[[":
            words = yield from self._expanded(self.expansion.condition(node.words))
        else:
            words = yield from self._expanded(self.expansion.fields(node.words))
        name = words[0] if words else ""
        function = self.functions.get(name)
        builtin = self.builtins.get(name) if words else None
        if builtin is not None and name in self.special:
            function = None
        with self._restoring() as saved:
            try:
                yield from self._redirect(node.redirections, saved)
            except RedirectionFault as fault:
                if builtin is not None and name in self.special:
                    raise Fault(str(fault), 1) from None
                yield from self.complain(str(fault))
                return 1
            if name == "exec" and function is None:
                self._keep(saved)
            if not words or (function is None and name in self.special):
                values = yield from self._assign(node.assignments, exported=name == "exec")
                yield from self._trace(values, words)
                if builtin is None:
                    return self._substituted
                return (yield from self.call_builtin(builtin, words))
            self.variables.enter()
            try:
                for assignment in node.assignments:
                    self.variables.make_local(assignment.name)
                values = yield from self._assign(node.assignments, exported=True)
                yield from self._trace(values, words)
                if function is not None:
                    return (yield from self._call(function, words))
                if builtin is not None:
                    return (yield from self.call_builtin(builtin, words))
                if last and not self.traps and not self.interactive:
                    try:
                        self.become(self._program(words), words)
                    except Fault as fault:
                        yield from self.complain(str(fault))
                        return fault.status
                return (yield from self.run_program(words))
            finally:
                self.variables.leave()

    def _assign(self, assignments: Sequence[Assignment], *, exported: bool = False) -> Program[list[tuple[str, str]]]:
        values: list[tuple[str, str]] = []
        for assignment in assignments:
            value = yield from self._expanded(self.expansion.text(assignment.word, assigned=True))
            self.assign(assignment.name, value)
            if exported:
                self.variables.export(assignment.name)
            values.append((assignment.name, value))
        return values

    def _trace(self, values: Sequence[tuple[str, str]], words: Sequence[str]) -> Program[None]:
        """Show a command before it runs (`set -x`)."""
        if "x" not in self.options:
            return
        shown = [f"{name}={quoted(value)}" for name, value in values] + [quoted(word) for word in words]
        prompt = yield from self.prompt("PS4", "+ ")
        yield from self.process.write(2, prompt + " ".join(shown) + "\n")

    def prompt(
        self, name: str, default: str = "", replacements: Mapping[str, str] = MappingProxyType({})
    ) -> Program[str]:
        """Return a prompt: escapes are replaced, then parameters and commands expanded."""
        value = self.variables.get(name)
        text = default if value is None else value
        for escape, replacement in replacements.items():
            text = text.replace(escape, replacement)
        if not ("$" in text or "`" in text):
            return text
        traced = "x" in self.options
        self.options.discard("x")
        try:
            return (yield from self._expanded(self.expansion.text(Parser.document(text))))
        except SyntaxFault:
            return text
        finally:
            if traced:
                self.options.add("x")

    def call_builtin(self, builtin: Builtin, words: Sequence[str], *, special: bool = True) -> Program[int]:
        """Run a builtin; its faults end a shell only if it is one of the special ones and called as one (`special`)."""
        name = words[0]
        try:
            return (yield from self._expanded(builtin(self, words)))
        except Fault as fault:
            yield from self.complain(str(fault), name if name != self.name else None)
            if special and name in self.special and not self.interactive:
                raise Exit(fault.status) from None
            return fault.status
        except BrokenPipeError:
            if self.process.dispositions.get(Signal.PIPE, Disposition.DEFAULT) is Disposition.DEFAULT:
                raise
            yield from self.complain("write error: " + os.strerror(errno.EPIPE))
            return 1
        except OSError as error:
            yield from self.complain("write error: " + os.strerror(error.errno or 0))
            return 1

    def _call(self, function: Node, words: Sequence[str]) -> Program[int]:
        outer, self.positional = self.positional, list(words[1:])
        loops, self.loops = self.loops, 0
        self.calls += 1
        self.function_names.append(words[0])
        self.variables.enter()
        try:
            return (yield from self.execute(function))
        except Return as end:
            return end.status
        finally:
            self.variables.leave()
            self.calls -= 1
            self.function_names.pop()
            self.loops = loops
            self.positional = outer

    def _program(self, words: Sequence[str]) -> Body:
        """Find a program. Raises Fault."""
        self.process.env["PATH"] = self.variables.get("PATH") or ""
        try:
            return self.process.body(tuple(words))
        except (FileNotFoundError, NotADirectoryError):
            raise Fault(f"{words[0]}: not found", 127) from None
        except OSError as error:
            raise Fault(f"{words[0]}: {os.strerror(error.errno or 0)}", 126) from None

    def run_program(self, words: Sequence[str]) -> Program[int]:
        """Run a program in a child and wait for it."""
        try:
            body = self._program(words)
        except Fault as fault:
            yield from self.complain(str(fault))
            return fault.status
        pid = yield from self.start(body, words)
        return (yield from self.wait_for(pid))

    def become(self, body: Body, words: Sequence[str]) -> None:
        """Have the process go on as another program."""
        self._leaving = True
        raise Become(body, words, self.variables.environment())

    def exec(self, words: Sequence[str]) -> None:
        """Replace the shell by a program. Raises Fault if there is none of that name."""
        body = self._program(words)
        self.become(body, words)

    # -- redirections -------------------------------------------------------------

    @contextmanager
    def _restoring(self) -> Iterator[list[tuple[int, Descriptor | None]]]:
        """Put descriptors back when a command is over."""
        saved: list[tuple[int, Descriptor | None]] = []
        try:
            yield saved
        finally:
            if self._leaving:
                self._keep(saved)
            for number, descriptor in reversed(saved):
                current = self.process.fds.pop(number, None)
                if descriptor is not None:
                    self.process.fds[number] = descriptor
                if current is not None:
                    current.release()

    def _keep(self, saved: list[tuple[int, Descriptor | None]]) -> None:
        """Make redirections last: forget what was there before them."""
        for _, descriptor in saved:
            if descriptor is not None:
                descriptor.release()
        saved.clear()

    def _redirect(
        self, redirections: Sequence[Redirection], saved: list[tuple[int, Descriptor | None]]
    ) -> Program[None]:
        for redirection in redirections:
            if redirection.operator == "&>":
                yield from self._open(Redirection(1, ">", redirection.target), saved)
                self._place(2, self.process.fds[1], saved)
            else:
                yield from self._open(redirection, saved)

    def _open(self, redirection: Redirection, saved: list[tuple[int, Descriptor | None]]) -> Program[None]:
        fd, operator, target = redirection.fd, redirection.operator, redirection.target
        if fd > MOST_DESCRIPTORS:
            raise RedirectionFault(f"{fd}: Bad file descriptor")
        if isinstance(target, Document):
            text = yield from self._expanded(self.expansion.text(target.word))
            self._place(fd, Text(text.encode("utf-8", "surrogateescape")), saved)
            return
        assert isinstance(target, Word)
        name = yield from self._expanded(self.expansion.text(target))
        if operator in (">&", "<&"):
            if name == "-":
                self._place(fd, None, saved)
                return
            if name.isdecimal():
                descriptor = self.process.fds.get(int(name[:6]))
                if descriptor is None:
                    raise RedirectionFault(f"{name}: Bad file descriptor")
                self._place(fd, descriptor, saved)
                return
            if operator == "<&":
                raise Fault("syntax error: bad fd number")
            operator = "&>"
        try:
            descriptor = self._open_file(operator, name)
        except OSError as error:
            if error.errno == errno.ENOENT:
                reason = "no such file" if operator == "<" else "nonexistent directory"
            else:
                reason = os.strerror(error.errno or 0)
            verb = "open" if operator == "<" else "create"
            raise RedirectionFault(f"can't {verb} {name}: {reason}") from None
        self._place(fd, descriptor, saved)
        if operator == "&>":
            self._place(2, descriptor, saved)

    def _open_file(self, operator: str, name: str) -> Descriptor:
        process = self.process
        if operator == "<":
            return process.open(name, read=True)
        if operator == "<>":
            return process.open(name, read=True, write=True, create=True)
        if operator == ">>":
            return process.open(name, write=True, create=True, append=True)
        if operator == ">" and "C" in self.options and process.files.exists(process.path(name)):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        return process.open(name, write=True, create=True, truncate=True)

    def _place(self, number: int, descriptor: Descriptor | None, saved: list[tuple[int, Descriptor | None]]) -> None:
        if descriptor is not None:
            descriptor.hold()
        saved.append((number, self.process.fds.pop(number, None)))
        if descriptor is not None:
            self.process.fds[number] = descriptor

    # -- signals ------------------------------------------------------------------

    def trap(self, number: int, action: str | None) -> None:
        """Set what a signal does: a script, "" to ignore it, None for its default."""
        if action is None:
            self.traps.pop(number, None)
        else:
            self.traps[number] = action
        if number == 0 or number in (Signal.KILL, Signal.STOP):
            return
        if action is None:
            self.process.dispositions.pop(number, None)
        elif action:
            self.process.catch(number)
        else:
            self.process.dispositions[number] = Disposition.IGNORE

    def run_traps(self) -> Program[None]:
        """Do what the signals that arrived ask for; `$?` is afterwards what it was before."""
        if self._trapping:
            return
        while self.process.pending:
            number = self.process.pending.popleft()
            action = self.traps.get(number)
            if not action:
                self.interrupted = self.interactive and number == Signal.INT
                continue
            status = self.status
            self._trapping = True
            try:
                yield from self.run_text(action)
            finally:
                self._trapping = False
            self.status = status


MOST_DESCRIPTORS = 255
NEEDS_QUOTES = re.compile(r"[^+,./0-9:@A-Z\]^_a-z-]")
#: Words that mean something where a command begins; `set -x` shows them quoted.
RESERVED = KEYWORDS - {"function"}


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


def quoted(text: str) -> str:
    """Return a text as `set -x` shows it, in single quotes if it needs any (ash's maybe_single_quote)."""
    if not NEEDS_QUOTES.search(text) and text not in RESERVED:
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"
