"""`test` and `[`: questions about files, texts and numbers.

Grammar and messages: busybox coreutils/test.c; the special cases for up to four words are POSIX's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.command import Command, Section
from fakedocker.programs.regex import RegexFault, compiled
from fakedocker.programs.shell.patterns import Pattern

section = Section()

BINARY: Final = frozenset(
    ["=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "-a", "-o"]
)
KINDS: Final = {
    "-f": Kind.FILE,
    "-d": Kind.DIRECTORY,
    "-c": Kind.CHARACTER,
    "-b": Kind.BLOCK,
    "-p": Kind.FIFO,
}
UNARY: Final = frozenset("-" + letter for letter in "zntefdcbpLhsrwxugkOGS")
COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-lt": lambda left, right: left < right,
    "-le": lambda left, right: left <= right,
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
}
#: How deep parentheses and `!` may be nested.
DEEPEST = 60


class _Fault(Exception):
    pass


@section.program("test", "[", "[[")
def test(command: Command) -> Program[int]:
    """Answer with 0 for yes, 1 for no, 2 for a question that makes no sense."""
    words = command.words
    bracket = command.argv[0].rsplit("/", 1)[-1]
    closing = {"[": "]", "[[": "]]"}.get(bracket)
    if closing:
        if words[-1:] != [closing]:
            return (yield from command.complain(f"missing {closing}", 2))
        del words[-1]
    try:
        return int(not _Question(command.process, words, patterns=bracket == "[[").answer())
    except _Fault as fault:
        return (yield from command.complain(str(fault), 2))


class _Question:
    def __init__(self, process: Process, words: list[str], *, patterns: bool = False) -> None:
        self._process = process
        #: Whether the right side of `==` is a pattern.
        self._patterns = patterns
        self._words = words
        self._next = 0
        self._depth = 0

    def answer(self) -> bool:
        words = self._words
        if not words:
            return False
        if len(words) == 1:
            return words[0] != ""
        if len(words) == 3 and words[1] in BINARY:
            return self._binary(*words)
        if len(words) == 4 and words[0] == "!" and words[2] in BINARY:
            return not self._binary(*words[1:])
        value = self._or()
        if self._next < len(words):
            raise _Fault(f"{words[self._next]}: unknown operand")
        return value

    def _peek(self, ahead: int = 0) -> str | None:
        index = self._next + ahead
        return self._words[index] if index < len(self._words) else None

    def _take(self, after: str) -> str:
        word = self._peek()
        if word is None:
            raise _Fault(f"{after}: argument expected")
        self._next += 1
        return word

    def _or(self) -> bool:
        value = self._and()
        while self._peek() in ("-o", "||"):
            self._next += 1
            value = self._and() or value
        return value

    def _and(self) -> bool:
        value = self._not()
        while self._peek() in ("-a", "&&"):
            self._next += 1
            value = self._not() and value
        return value

    def _not(self) -> bool:
        negated = False
        while self._peek() == "!" and self._peek(1) is not None:
            self._next += 1
            negated = not negated
        return self._primary() != negated

    def _primary(self) -> bool:
        word = self._peek()
        if word is None:
            raise _Fault("argument expected")
        following, after = self._peek(1), self._peek(2)
        if following in BINARY and following not in ("-a", "-o") and after is not None:
            self._next += 3
            return self._binary(word, following or "", after)
        if word == "(":
            self._depth += 1
            if self._depth > DEEPEST:
                raise _Fault("nested too deeply")
            self._next += 1
            value = self._or()
            if self._peek() != ")":
                raise _Fault("closing paren expected")
            self._next += 1
            self._depth -= 1
            return value
        self._next += 1
        if word in UNARY and following is not None:
            return self._unary(word, self._take(word))
        if following in BINARY and following not in ("-a", "-o"):
            raise _Fault(f"{following}: argument expected")
        return word != ""

    def _unary(self, operator: str, word: str) -> bool:
        if operator == "-z":
            return word == ""
        if operator == "-n":
            return word != ""
        if operator == "-t":
            descriptor = self._process.fds.get(_number(word))
            return descriptor is not None and descriptor.is_terminal
        inode = self._stat(word, follow=operator not in ("-L", "-h"))
        if operator == "-c" and inode is None:
            return self._process.table.device(self._process, self._process.path(word)) is not None
        if inode is None:
            device = self._process.table.device(self._process, self._process.path(word))
            return operator in ("-e", "-r", "-w") and device is not None
        if operator in KINDS:
            return inode.kind is KINDS[operator]
        match operator:
            case "-L" | "-h":
                return inode.kind is Kind.SYMLINK
            case "-s":
                return inode.size > 0
            case "-x":
                return inode.is_directory or bool(inode.mode & 0o111)
            case "-r" | "-w":
                return self._process.uid == 0 or bool(inode.mode & (0o444 if operator == "-r" else 0o222))
            case "-u" | "-g" | "-k":
                return bool(inode.mode & {"-u": 0o4000, "-g": 0o2000, "-k": 0o1000}[operator])
            case "-O":
                return inode.uid == self._process.uid
            case "-G":
                return inode.gid == self._process.gid
            case "-S":
                return False
        return True

    def _binary(self, left: str, operator: str, right: str) -> bool:
        if operator in COMPARISONS:
            return COMPARISONS[operator](_number(left), _number(right))
        match operator:
            case "=" | "==" | "!=":
                equal = Pattern(right).matches(left) if self._patterns else left == right
                return equal != (operator == "!=")
            case "=~":
                try:
                    return compiled(right, extended=True).search(left) is not None
                except RegexFault as fault:
                    raise _Fault(f"{right}: {fault}") from None
            case "<":
                return left < right
            case ">":
                return left > right
            case "-a":
                return left != "" and right != ""
            case "-o":
                return left != "" or right != ""
        first, second = self._stat(left), self._stat(right)
        if operator == "-ef":
            return first is not None and first is second
        if first is None or second is None:
            return False
        before, after = int(first.mtime), int(second.mtime)  # busybox compares whole seconds
        return before > after if operator == "-nt" else before < after

    def _stat(self, name: str, *, follow: bool = True) -> Inode | None:
        try:
            return self._process.files.stat(self._process.path(name), follow=follow)
        except OSError:
            return None


def _number(word: str) -> int:
    text = word.strip()
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdecimal()):
        raise _Fault(f"{word}: bad number")
    if len(digits) > 19:
        raise _Fault(f"{word}: out of range")
    return int(text)
