"""The program `sh`: what its words mean, and where its commands come from."""

from __future__ import annotations

import posixpath
from typing import Final

from fakedocker.engine.processes.effects import Disposition, Interrupted, Program, Signal
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.programs.command import Command, Section
from fakedocker.programs.shell.builtins import BUILTINS, OPTIONS, SPECIAL, set_option
from fakedocker.programs.shell.completion import Completion, complete
from fakedocker.programs.shell.control import Fault, Jump, Return
from fakedocker.programs.shell.editing import Interrupt, LineEditor
from fakedocker.programs.shell.interpreter import Shell
from fakedocker.programs.shell.parser import Parser
from fakedocker.programs.shell.prompts import UNSEEN_FROM, UNSEEN_TO
from fakedocker.programs.shell.syntax import Incomplete, SyntaxFault

section = Section()

LARGEST_SCRIPT: Final = 8 << 20
#: The longest command that may come over the standard input, in characters.
LONGEST_COMMAND: Final = 1 << 17
DEFAULT_PATH = "/sbin:/usr/sbin:/bin:/usr/bin"
PROMPT, SECOND_PROMPT = "\\w \\$ ", "> "
#: Marks in a prompt that no terminal gets to see.
UNSEEN: Final = dict.fromkeys(map(ord, (UNSEEN_FROM, UNSEEN_TO)))


class _Usage(Exception):
    pass


@section.program("sh", "ash", "bash", "dash")
def sh(command: Command) -> Program[int]:
    """Run commands: of the word after -c, of a file, or of the standard input."""
    process = command.process
    shell = Shell(process, command.argv[0])
    shell.builtins, shell.special = BUILTINS, SPECIAL
    process.dispositions.setdefault(Signal.QUIT, Disposition.IGNORE)  # as ash does; its children do not
    shell.bash = posixpath.basename(command.argv[0]).lstrip("-") == "bash"
    level = shell.variables.get("SHLVL") or ""
    shell.variables.set("SHLVL", str(int(level) + 1 if level.isdecimal() and len(level) < 9 else 1), exported=True)
    if shell.variables.get("PATH") is None:
        shell.variables.set("PATH", DEFAULT_PATH, exported=True)
    shell.variables.set("PWD", process.cwd, exported=True)
    for name, value in (
        ("IFS", " \t\n"),
        ("OPTIND", "1"),
        ("PS1", PROMPT),
        ("PS2", SECOND_PROMPT),
        ("PS4", "+ "),
    ):
        if name == "IFS" or shell.variables.get(name) is None:
            shell.variables.set(name, value)
    try:
        words = _options(shell, command.words)
    except _Usage as usage:
        yield from process.write(2, f"{shell.name}: {usage}\n")
        return 2
    return (yield from shell.main(_script(shell, words)))


def _options(shell: Shell, words: list[str]) -> list[str]:
    """Take the options; return the words after them."""
    while words and words[0][:1] in ("-", "+") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if word in ("--login", "--norc", "--noprofile", "--posix"):
            continue
        for letter in word[1:]:
            if letter == "o":
                name = words.pop(0) if words else ""
                if name not in OPTIONS:
                    raise _Usage(f"illegal option {word[0]}o {name}")
                set_option(shell, OPTIONS[name], word[0] == "-")
            elif letter in "efIimnsxvCabuVcl":
                set_option(shell, letter, word[0] == "-")
            else:
                raise _Usage(f"illegal option {word[0]}{letter}")
    if words and words[0] == "-":
        del words[0]
    return words


def _script(shell: Shell, words: list[str]) -> Program[int]:
    process = shell.process
    if "c" in shell.options:
        if not words:
            raise Fault("-c requires an argument")
        text = words.pop(0)
        if words:
            shell.name = shell.command_name = words.pop(0)
        shell.positional = words
        return (yield from shell.run_text(text, first_line=0, last=True))
    if words and "s" not in shell.options:
        name = words.pop(0)
        shell.positional = words
        try:
            path = process.path(name)
            data = process.files.read(path).read(0, LARGEST_SCRIPT)
        except FileNotFoundError:
            raise Fault(f"can't open '{name}': No such file or directory") from None
        shell.name = shell.command_name = name
        return (yield from shell.run_text(data.decode("utf-8", "surrogateescape"), last=True))
    shell.positional = words
    shell.options.add("s")
    terminal = process.fds.get(0)
    shell.interactive = "i" in shell.options or (
        terminal is not None and terminal.is_terminal and 2 in process.fds and process.fds[2].is_terminal
    )
    if shell.interactive:
        shell.options |= {"i", "m"}
        if isinstance(terminal, Terminal):
            shell.terminal = terminal
            terminal.foreground = process.group
        # What would end other programs only breaks off what a shell is doing.
        process.catch(Signal.INT, Signal.TERM)
    return (yield from _Conversation(shell).run())


class _Conversation:
    """Commands from the standard input, each run as soon as it is complete."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        #: Lines of the command that is being read, and what came behind them.
        self._command = self._unread = ""
        self._line = 1
        self._at_end = False
        self._editor = None
        if shell.terminal is not None:
            self._editor = LineEditor(shell.process, shell.terminal, self._complete)

    def run(self) -> Program[int]:
        """Read and run commands until there are no more; return the status of the last one."""
        shell = self._shell
        while True:
            try:
                if not (yield from self._step()):
                    break
            except Interrupted as interrupted:
                if interrupted.signal == Signal.INT:
                    yield from self._give_up()
            except (Fault, Jump, Return) as fault:
                if not shell.interactive:
                    raise
                if isinstance(fault, Fault):
                    yield from shell.complain(str(fault))
                    shell.status = fault.status
            if shell.process.pending:
                yield from shell.run_traps()
            shell.interrupted = False
        if shell.interactive and "n" not in shell.options:
            yield from shell.process.write(2, "\n" if self._at_end else "")
        return shell.status

    def _give_up(self) -> Program[None]:
        """Forget the command at hand, because ctrl-C was typed or a child died of it."""
        shell = self._shell
        if Signal.INT in shell.traps:
            if not shell.process.pending:
                shell.process.pending.append(Signal.INT)  # a child died of it; it was not sent to us
            return
        self._command = ""
        shell.status = 130
        yield from shell.process.write(2, "\n")

    def _step(self) -> Program[bool]:
        """Read until there is a command, and run it; False at the end."""
        shell = self._shell
        prompt = "PS1"
        while True:
            if not self._command and shell.interactive:
                yield from self._tell_news()
            yield from self._read(prompt)
            text, self._command = self._command, ""
            parser = Parser(text, final=self._at_end, aliases=shell.aliases, first_line=self._line, bash=shell.bash)
            try:
                command = parser.next_command()
            except Incomplete as fault:
                if self._at_end:
                    raise Fault(f"syntax error: {fault}") from None
                self._command = text
                prompt = "PS2"
                continue
            except SyntaxFault as fault:
                shell.line = parser.line
                raise Fault(f"syntax error: {fault}") from None
            self._unread = parser.rest + self._unread
            self._line += text.count("\n") - parser.rest.count("\n")
            if command is not None:
                if shell.process.pending:
                    yield from shell.run_traps()
                yield from shell.jobs.look()
                yield from shell.execute(command)
                return True
            if self._at_end:
                return False
            prompt = "PS1"

    def _tell_news(self) -> Program[None]:
        news = yield from self._shell.jobs.news()
        if news:
            yield from self._shell.process.write(2, news)

    def _read(self, prompt: str) -> Program[None]:
        """Add what comes next to the command: a line if somebody types, else all lines there are."""
        shell = self._shell
        if len(self._command) > LONGEST_COMMAND:
            self._command = ""
            raise Fault("syntax error: command too long")
        shown = (yield from self._prompt(prompt)) if shell.interactive else ""
        if self._editor is not None and not self._unread and not _is_silent(shell):
            line = yield from self._editor.read(shown.encode("utf-8", "surrogateescape"))
            if isinstance(line, Interrupt):
                raise Interrupted(Signal.INT)
            self._take(line)
        elif shown:
            yield from shell.process.write(2 if shell.terminal is None else 1, shown.translate(UNSEEN))
        while "\n" not in self._unread and not self._at_end:
            if len(self._unread) > LONGEST_COMMAND:
                self._unread = ""
                raise Fault("syntax error: command too long")
            self._take((yield from shell.process.read(0)))
        end = (self._unread.find("\n") if shell.interactive else self._unread.rfind("\n")) + 1
        end = end or len(self._unread)
        self._command, self._unread = self._command + self._unread[:end], self._unread[end:]

    def _take(self, data: bytes) -> None:
        if not data:
            self._at_end = True
        self._unread += data.decode("utf-8", "surrogateescape").replace("\0", "")

    def _prompt(self, name: str) -> Program[str]:
        try:
            return (yield from self._shell.prompt(name))
        except Fault as fault:
            yield from self._shell.complain(str(fault))
            return ""

    def _complete(self, before: bytes) -> Completion | None:
        shell = self._shell
        return complete(shell.process, shell.variables.get("PATH") or "", shell.builtins, before)


def _is_silent(shell: Shell) -> bool:
    """Return whether the terminal shows nothing of what is typed, so that there is nothing to edit."""
    return shell.terminal is not None and shell.terminal.modes.canonical and not shell.terminal.echo


__all__ = ["section", "sh"]
