"""The walk over the tree: commands run, redirections hold while they do, signals become traps.

Rules of this file: a subshell is a process of its own with a copy of the shell's state; control flow (`break`,
`return`, `exit`) is an exception; traps run between commands. Texts of errors are those of busybox ash 1.35.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from fakedocker.engine.processes.descriptors import Descriptor, Null, Pipe
from fakedocker.engine.processes.effects import Body, Disposition, Interrupted, Pause, Program, Signal
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.programs.executable import Become, Executable
from fakedocker.programs.shell.control import Exit, Fault, Jump, Return
from fakedocker.programs.shell.expansion import Expansion, ExpansionFault
from fakedocker.programs.shell.jobs import Jobs
from fakedocker.programs.shell.memory import Counted, size_of_words
from fakedocker.programs.shell.parser import Parser
from fakedocker.programs.shell.patterns import Pattern
from fakedocker.programs.shell.prompts import SPECIAL_IN_PROMPT, with_escapes
from fakedocker.programs.shell.quoting import quoted
from fakedocker.programs.shell.redirections import RedirectionFault, Redirections
from fakedocker.programs.shell.syntax import (
    AndOr,
    Assignment,
    Background,
    Case,
    For,
    Function,
    If,
    Node,
    Not,
    Pipeline,
    Redirected,
    Series,
    Simple,
    Subshell,
    SyntaxFault,
    While,
    Word,
)
from fakedocker.programs.shell.variables import ReadOnlyFault, Variables
from fakedocker.programs.turns import Turn

#: How deep commands may be nested while they run; a function that calls itself ends here.
DEEPEST = 100
#: The most that `$(…)` may collect, in bytes.
LONGEST_OUTPUT = 4 << 20
#: What a command takes that does nothing but compute, as work of a turn.
COMMAND_WORK: Final = 500
#: The number of the trap for commands that fail; no signal has it.
ERR: Final = 65


Expanded = TypeVar("Expanded")
#: A builtin: called with the shell and the words of the command, its name first.
Builtin = Callable[["Shell", Sequence[str]], Program[int]]


class Shell:
    """One shell: its variables, functions, traps, and the process it runs in."""

    def __init__(self, process: Process, name: str, positional: Sequence[str] = ()) -> None:
        self.process = process
        #: `$0`, and what messages name beside it: a builtin or a file that runs.
        self.name = name
        self.command_name: str | None = None
        self.interactive = False
        #: Whether it plays bash rather than ash, where the two read the same text differently.
        self.bash = False
        #: The terminal of an interactive shell, whose keys go to the process group in the foreground.
        self.terminal: Terminal | None = None
        self._positional: list[str] = []
        #: What the positional parameters take in memory, in bytes.
        self._positional_size = 0
        self.positional = list(positional)
        self.variables = Variables(process.env, process.allocate)
        self.functions: Counted[Node] = Counted(process.allocate)
        self.aliases: Counted[str] = Counted(process.allocate)
        #: The letters of the options that are set (`set -e`).
        self.options: set[str] = set()
        #: What a trap does, by the signal's number (0: EXIT); "" ignores.
        self.traps: dict[int, str] = {}
        self.status = 0
        #: The process of the first shell, `$$`.
        self.root = process.pid
        #: The last background process, `$!`.
        self.background: int | None = None
        self.jobs = Jobs(self)
        self.redirections = Redirections(self)
        #: Where `getopts` goes on: a word and a place in it.
        self.option_index, self.option_offset = 1, 0
        self.loops = 0
        self.calls = 0
        self.function_names: list[str] = []
        self.line = 0
        self.expansion = Expansion(self)
        self._turn = Turn()
        self.builtins: Mapping[str, Builtin] = {}
        self.special: frozenset[str] = frozenset()
        self._depth = 0
        #: Commands whose failure is looked at (`if`, `&&`), so that `set -e` does not apply.
        self._tested = 0
        #: Status of the last `$(…)` of a command.
        self._substituted = 0
        self._trapping = False
        #: Set when a key broke off what an interactive shell is doing.
        self.interrupted = False

    # -- state ------------------------------------------------------------------

    def fork(self, process: Process) -> Shell:
        """Return a copy of this shell for a child process; traps are not inherited."""
        child = Shell(process, self.name, self.positional)
        child.command_name = self.command_name
        child.bash = self.bash
        child.variables = self.variables.copy(process.allocate)
        child.functions = Counted(process.allocate, self.functions)
        child.aliases = Counted(process.allocate, self.aliases)
        child.options = set(self.options)
        child.traps = {number: action for number, action in self.traps.items() if not action}
        child.status = self.status
        child.root = self.root
        child.background = self.background
        child.loops = self.loops
        child.calls = self.calls
        child.line = self.line
        child.jobs.inherit(self.jobs)
        child.builtins = self.builtins
        child.special = self.special
        return child

    @property
    def positional(self) -> list[str]:
        """The positional parameters, `$1` first."""
        return self._positional

    @positional.setter
    def positional(self, words: list[str]) -> None:
        size = size_of_words(words)
        self.process.allocate(size - self._positional_size)
        self._positional, self._positional_size = words, size

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
                return str(self.line)
        return self.variables.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable. Raises Fault for a read-only one."""
        try:
            self.variables.set(name, value, exported="a" in self.options)
        except ReadOnlyFault:
            raise Fault(f"{name}: is read only") from None

    def complain(self, text: str) -> Program[None]:
        """Write a message to the standard error as ash does: whose it is, and where."""
        place = ""
        if self.command_name is not None:
            place = f"{self.command_name}: " if self.command_name != self.name else ""
            place += "" if self.interactive else f"line {self.line}: "
        try:
            yield from self.process.write(2, f"{self.name}: {place}{text}\n")
        except OSError:
            pass  # the standard error is closed: nowhere to say it

    def text(self, word: Word) -> Program[str]:
        """Return a word's text, neither split nor matched with files. Raises Fault."""
        return (yield from self.expanded(self.expansion.text(word)))

    # -- running ----------------------------------------------------------------

    def run_text(self, text: str, *, first_line: int = 1, last: bool = False) -> Program[int]:
        """Run a script, command by command. Raises Fault at a syntax error.

        `first_line` is the number of its first line. `last`: the shell has nothing else to do afterwards, so that the
        last program may take its place.
        """
        parser = Parser(text, aliases=self.aliases, first_line=first_line, bash=self.bash)
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
        if self.status and not self._tested and isinstance(node, Simple | Pipeline | Subshell | Redirected):
            yield from self._failed()
        return self.status

    def _failed(self) -> Program[None]:
        """Do what is to be done when a command fails and nobody looks at its status. Raises Exit with `set -e`."""
        action = self.traps.get(ERR)
        if action and not self._trapping and ("E" in self.options or not self.calls):
            yield from self._run_trap(action)
        if "e" in self.options:
            raise Exit(self.status)

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
                turn = self.process.turns
                try:
                    if (yield from self._condition(node.condition)) == node.until:
                        break
                    status = yield from self.execute(node.body)
                except Jump as jump:
                    status = 0
                    if self._jump_ends_loop(jump):
                        break
                if turn == self.process.turns:
                    yield Pause()
        finally:
            self.loops -= 1
        self.status = status

    def _for(self, node: For) -> Program[None]:
        values = list(self.positional)
        if node.words is not None:
            values = yield from self.expanded(self.expansion.fields(node.words))
        self.status = 0
        self.loops += 1
        try:
            for value in values:
                turn = self.process.turns
                self.assign(node.name, value)
                try:
                    yield from self.execute(node.body)
                except Jump as jump:
                    self.status = 0
                    if self._jump_ends_loop(jump):
                        break
                if turn == self.process.turns:
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
        subject = yield from self.expanded(self.expansion.text(node.word))
        self.status = 0
        for patterns, body in node.branches:
            for pattern in patterns:
                text = yield from self.expanded(self.expansion.pattern(pattern))
                if Pattern(text).matches(subject):
                    if body is not None:
                        yield from self.execute(body, last=last)
                    return

    def _redirected(self, node: Redirected) -> Program[None]:
        with self.redirections.restoring() as saved:
            try:
                yield from self.redirections.make(node.redirections, saved)
            except RedirectionFault as fault:
                yield from self.complain(str(fault))
                self.status = 1
                return
            yield from self.execute(node.command)

    # -- children ---------------------------------------------------------------

    def _child(self, node: Node | None) -> Body:
        """Return the body of a child that runs a part of the tree with a copy of this shell."""
        while isinstance(node, Subshell):  # it is one already
            node = node.command

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
            yield from self.run_text(action, first_line=self.line)
        except Fault as fault:
            yield from self.complain(str(fault))
        except (Jump, Return):
            pass
        self.status = status

    def _subshell(self, node: Subshell) -> Program[int]:
        pid = yield from self.jobs.start(self._child(node.command), self.process.argv)
        return (yield from self.jobs.wait_for(pid))

    def _background(self, node: Background) -> Program[None]:
        fds = dict(self.process.fds)
        if not self.interactive:
            fds[0] = Null()
        pid = yield from self.jobs.start(self._child(node.command), self.process.argv, fds)
        child = self.process.child(pid)
        if child is not None and not self.interactive:  # before it takes its first step: it may be killed at once
            child.dispositions[Signal.INT] = child.dispositions[Signal.QUIT] = Disposition.IGNORE
        self.background = pid
        self.jobs.add(pid, node.text)
        yield Pause()  # the child gets its copy of this shell as it is now, not as the next command leaves it

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
                pids.append((yield from self.jobs.start(child, self.process.argv, fds, group=leader)))
                if source is not None:
                    source.release()
                source = following
        finally:
            if source is not None:
                source.release()
        status = failure = 0
        for pid in pids:
            status = yield from self.jobs.wait_for(pid)
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
        fds = {**self.process.fds, 1: pipe.writer}
        pid = yield from self.jobs.start(self._child(node), self.process.argv, fds, group=0)
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
        self._substituted = yield from self.jobs.wait_for(pid)
        output = b"".join(chunks).replace(b"\0", b"")
        return output.decode("utf-8", "surrogateescape").rstrip("\n")

    # -- simple commands ----------------------------------------------------------

    def expanded(self, expansion: Program[Expanded]) -> Program[Expanded]:
        try:
            return (yield from expansion)
        except ExpansionFault as fault:
            raise Fault(str(fault)) from None

    def _simple(self, node: Simple, last: bool) -> Program[int]:
        self.line = node.line
        self._substituted = 0
        if self._turn.is_over(COMMAND_WORK):
            yield Pause()
        if self.bash and node.words and node.words[0].plain == "[[":
            words = yield from self.expanded(self.expansion.condition(node.words))
        else:
            words = yield from self.expanded(self.expansion.fields(node.words))
        if not node.redirections:
            return (yield from self._run(node, words, last))
        with self.redirections.restoring() as saved:
            try:
                yield from self.redirections.make(node.redirections, saved)
            except RedirectionFault as fault:
                if words and words[0] in self.special:
                    raise Fault(str(fault), 1) from None
                yield from self.complain(str(fault))
                return 1
            if words and words[0] == "exec":
                self.redirections.keep(saved)
            return (yield from self._run(node, words, last))

    def _run(self, node: Simple, words: Sequence[str], last: bool) -> Program[int]:
        """Run a command whose words are expanded and whose redirections hold."""
        name = words[0] if words else ""
        builtin = self.builtins.get(name)
        if not words or name in self.special:
            values = yield from self._assign(node.assignments, exported=name == "exec")
            yield from self._trace(values, words)
            if builtin is None:
                return self._substituted
            return (yield from self.call_builtin(builtin, words))
        if not node.assignments:
            yield from self._trace((), words)
            return (yield from self._execute(words, builtin, last))
        self.variables.enter()
        try:
            for assignment in node.assignments:
                self.variables.make_local(assignment.name)
            values = yield from self._assign(node.assignments, exported=True)
            yield from self._trace(values, words)
            return (yield from self._execute(words, builtin, last))
        finally:
            self.variables.leave()

    def _execute(self, words: Sequence[str], builtin: Builtin | None, last: bool) -> Program[int]:
        """Run the function, builtin or program that a command names."""
        function = self.functions.get(words[0])
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

    def _assign(self, assignments: Sequence[Assignment], *, exported: bool = False) -> Program[list[tuple[str, str]]]:
        values: list[tuple[str, str]] = []
        for assignment in assignments:
            value = yield from self.expanded(self.expansion.text(assignment.word, assigned=True))
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
        prompt = yield from self.prompt("PS4")
        yield from self.process.write(2, prompt + " ".join(shown) + "\n")

    def prompt(self, name: str) -> Program[str]:
        """Return a prompt as it is shown, its parameters and commands expanded."""
        text = self.variables.get(name) or ""
        if self.interactive and name != "PS4":
            text = with_escapes(text, self.process, len(list(self.jobs)))
        if not SPECIAL_IN_PROMPT.search(text):
            return text
        status, traced = self.status, "x" in self.options
        self.options.discard("x")
        try:
            return (yield from self.text(Parser.document(text)))
        except SyntaxFault:
            return text
        finally:
            self.status = status
            if traced:
                self.options.add("x")

    def call_builtin(self, builtin: Builtin, words: Sequence[str], *, special: bool = True) -> Program[int]:
        """Run a builtin; its faults end a shell only if it is one of the special ones and called as one (`special`)."""
        name = words[0]
        outer = self.command_name
        if name != "command":
            self.command_name = name
        try:
            return (yield from self.expanded(builtin(self, words)))
        except Fault as fault:
            yield from self.complain(str(fault))
            if special and name in self.special and not self.interactive:
                raise Exit(fault.status) from None
            return fault.status
        except BrokenPipeError:
            if self.process.dispositions.get(Signal.PIPE, Disposition.DEFAULT) is Disposition.DEFAULT:
                raise
            yield from self._complain_of_output(errno.EPIPE)
            return 1
        except OSError as error:
            yield from self._complain_of_output(error.errno or 0)
            return 1
        finally:
            self.command_name = outer

    def _complain_of_output(self, number: int) -> Program[None]:
        """Say that a builtin cannot write: as a program would, without the place in the script."""
        self.command_name = None
        yield from self.complain("write error: " + os.strerror(number))

    def _call(self, function: Node, words: Sequence[str]) -> Program[int]:
        outer = self._positional, self._positional_size
        self._positional, self._positional_size = [], 0  # the outer ones are still there, and count
        self.positional = list(words[1:])
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
            self.positional = []
            self._positional, self._positional_size = outer

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
        pid = yield from self.jobs.start(body, words)
        return (yield from self.jobs.wait_for(pid))

    def become(self, body: Body, words: Sequence[str]) -> None:
        """Have the process go on as another program."""
        self.redirections.last = True
        self.hear_quit(self.process)
        raise Become(body, words, self.variables.environment())

    def exec(self, words: Sequence[str], name: str = "") -> None:
        """Replace the shell by a program, called by another `name` if one is given. Raises Fault if there is none."""
        body = self._program(words)
        if name:  # which of its programs busybox is depends on its name, not on the link it was found by
            path = self.process.files.resolve(self.process.find(words[0]))
            words = (name, *words[1:])
            body = self.process.table.load(self.process, path, words)
        self.become(body, words)

    def hear_quit(self, process: Process) -> None:
        """Let a process be ended by QUIT again, which the first shell itself ignores."""
        if Signal.QUIT not in self.traps:
            process.dispositions.pop(Signal.QUIT, None)

    # -- signals ------------------------------------------------------------------

    def trap(self, number: int, action: str | None) -> None:
        """Set what a signal does: a script, "" to ignore it, None for its default."""
        if action is None:
            self.traps.pop(number, None)
        else:
            self.traps[number] = action
        if number in (0, ERR, Signal.KILL, Signal.STOP):
            return
        if action is None:
            self.process.dispositions.pop(number, None)
            if number == Signal.QUIT and self.process.pid == self.root:
                self.process.dispositions[number] = Disposition.IGNORE
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
            yield from self._run_trap(action)

    def _run_trap(self, action: str) -> Program[None]:
        """Do what a trap says; `$?` is afterwards what it was before."""
        status = self.status
        self._trapping = True
        try:
            yield from self.run_text(action, first_line=self.line)
        finally:
            self._trapping = False
        self.status = status
