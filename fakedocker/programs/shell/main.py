"""The program `sh`: what its words mean, and where its commands come from."""

from __future__ import annotations

import posixpath
from typing import Final

from fakedocker.engine.effects import Interrupted, Program, Signal
from fakedocker.engine.terminal import Terminal
from fakedocker.programs.command import Command, Section
from fakedocker.programs.shell.builtins import BUILTINS, OPTIONS, SPECIAL, set_option
from fakedocker.programs.shell.interpreter import Exit, Fault, Jump, Return, Shell
from fakedocker.programs.shell.parser import Parser
from fakedocker.programs.shell.syntax import Incomplete, SyntaxFault

section = Section()

LARGEST_SCRIPT: Final = 8 << 20
#: The longest command that may come over the standard input, in characters.
LONGEST_COMMAND: Final = 1 << 17
DEFAULT_PATH = "/sbin:/usr/sbin:/bin:/usr/bin"
PROMPT, SECOND_PROMPT = "\\w \\$ ", "> "


class _Usage(Exception):
    pass


@section.program("sh", "ash", "bash", "dash")
def sh(command: Command) -> Program[int]:
    """Run commands: of the word after -c, of a file, or of the standard input."""
    process = command.process
    shell = Shell(process, command.argv[0])
    shell.builtins, shell.special = BUILTINS, SPECIAL
    shell.variables.set("PWD", process.cwd, exported=True)
    level = shell.variables.get("SHLVL") or ""
    shell.variables.set("SHLVL", str(int(level) + 1 if level.isdecimal() and len(level) < 9 else 1), exported=True)
    for name, value in (
        ("IFS", " \t\n"),
        ("OPTIND", "1"),
        ("PATH", DEFAULT_PATH),
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
            shell.name = words.pop(0)
        shell.positional = words
        return (yield from shell.run_text(text, last=True))
    if words and "s" not in shell.options:
        name = words.pop(0)
        shell.positional = words
        try:
            path = process.path(name)
            data = process.files.read(path).read(0, LARGEST_SCRIPT)
        except FileNotFoundError:
            raise Fault(f"can't open '{name}': No such file or directory") from None
        shell.name, shell.script = name, True
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
        process.catch(Signal.INT, Signal.TERM, Signal.QUIT)
    return (yield from _Conversation(shell).run())


class _Conversation:
    """Commands from the standard input, each run as soon as it is complete."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._text = ""
        self._at_end = False

    def run(self) -> Program[int]:
        shell = self._shell
        while True:
            if shell.interactive and not self._text:
                yield from self._prompt("PS1")
            try:
                if not (yield from self._step()):
                    break
            except Interrupted as interrupted:
                if interrupted.signal == Signal.INT and Signal.INT in shell.traps and not shell.process.pending:
                    shell.process.pending.append(Signal.INT)  # a child died of it; it was not sent to us
                    yield from shell.process.write(2, "")
                if interrupted.signal == Signal.INT and Signal.INT not in shell.traps:
                    self._text = ""
                    shell.status = 130
                    yield from shell.process.write(2, "\n")
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

    def _step(self) -> Program[bool]:
        """Read until there is a command, and run it; False at the end."""
        shell = self._shell
        while True:
            newline = self._text.rfind("\n") + 1
            text = self._text if self._at_end else self._text[:newline]
            if self._at_end or text:
                parser = Parser(text, final=self._at_end, aliases=shell.aliases)
                try:
                    command = parser.next_command()
                except Incomplete as fault:
                    if self._at_end:
                        raise Fault(f"syntax error: {fault}") from None
                    if shell.interactive:
                        yield from self._prompt("PS2")
                except SyntaxFault as fault:
                    self._text = ""
                    raise Fault(f"syntax error: {fault}") from None
                else:
                    self._text = parser.rest + self._text[len(text) :]
                    if command is not None:
                        yield from shell.execute(command)
                        return True
                    if self._at_end:
                        return False
                    if shell.interactive:
                        return True
            yield from self._read()

    def _read(self) -> Program[None]:
        if len(self._text) > LONGEST_COMMAND:
            self._text = ""
            raise Fault("syntax error: command too long")
        data = yield from self._shell.process.read(0)
        if not data:
            self._at_end = True
        self._text += data.decode("utf-8", "surrogateescape").replace("\0", "")

    def _prompt(self, name: str) -> Program[None]:
        shell = self._shell
        cwd = shell.process.cwd
        home = shell.variables.get("HOME")
        if home and home != "/" and (cwd == home or cwd.startswith(home + "/")):
            cwd = "~" + cwd[len(home) :]
        replacements = {
            "\\w": cwd,
            "\\W": posixpath.basename(cwd) or "/",
            "\\$": "#" if shell.process.uid == 0 else "$",
            "\\u": "root" if shell.process.uid == 0 else str(shell.process.uid),
            "\\h": shell.process.hostname.split(".")[0],
            "\\H": shell.process.hostname,
        }
        status, text = shell.status, ""
        try:
            text = yield from shell.prompt(name, "", replacements)
        except Fault as fault:
            yield from shell.complain(str(fault))
        shell.status = status
        yield from shell.process.write(2, text)


__all__ = ["Exit", "section", "sh"]
