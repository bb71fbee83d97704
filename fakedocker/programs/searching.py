"""Programs that look for patterns: grep, sed, expr."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Options, Section, number
from fakedocker.programs.reading import Reader
from fakedocker.programs.regex import Regex, RegexFault, Spans, compiled
from fakedocker.programs.turns import Turn

section = Section()

#: What looking at a line for one thing takes, as work of a turn, beside the characters of the line.
LINE_WORK: Final = 200
GREP_USAGE: Final = "[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]..."


@section.program("grep", "egrep", "fgrep", usage=GREP_USAGE)
def grep(command: Command) -> Program[int]:
    """Print the lines that match."""
    try:
        return (yield from _Grep(command).run())
    except Misuse as misuse:
        misuse.code = 2
        raise


class _Grep:
    """One run of grep."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._options = options = command.options("HhnlLoqvsrRiwxFEcae:f:m:A:B:C:")
        if command.name == "egrep":
            options.flags.add("E")
        if command.name == "fgrep":
            options.flags.add("F")
        patterns = list(options.repeated.get("e", []))
        for name in options.repeated.get("f", []):
            try:
                data = command.process.files.read(command.process.path(name)).read(0, 1 << 20)
            except OSError as error:
                raise Misuse(f"{name}: {os.strerror(error.errno or 0)}", usage=False) from None
            if data:
                patterns += data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
        if not options.flags & {"e", "f"}:
            if not options.words:
                raise Misuse("")
            patterns.append(options.words.pop(0))
        self._patterns = [line for pattern in patterns for line in pattern.split("\n")]
        self._regexes = [self._compile(pattern) for pattern in self._patterns]
        self._most = number(options.get("m")) if "m" in options else None
        context = number(options.get("C", "0"))
        self._before = number(options.get("B")) if "B" in options else context
        self._after = number(options.get("A")) if "A" in options else context
        self._found = False
        self._status = 0
        self._turn = Turn()

    def _compile(self, pattern: str) -> Regex:
        options = self._options
        if "F" in options:
            pattern = re.sub(r"([][\\.*^$+?(){}|])", r"\\\1", pattern)
        extended = bool(options.flags & {"E", "F"})
        try:
            return compiled(pattern, extended, "i" in options)
        except RegexFault:
            raise Misuse(f"bad regex '{pattern}'", usage=False) from None

    def run(self) -> Program[int]:
        options = self._options
        recursive = bool(options.flags & {"r", "R"})
        names = options.words or (["."] if recursive else ["-"])
        for name in names:
            files = self._tree(name) if recursive and name != "-" else [name]
            headed = (len(names) > 1 or files != [name] or "H" in options) and "h" not in options
            for file in files:
                fd = yield from self._open(file)
                if fd is None:
                    continue
                try:
                    yield from self._file(fd, "(standard input)" if file == "-" else file, headed)
                except OSError as error:
                    if isinstance(error, BrokenPipeError):
                        raise
                    if error.errno == errno.EISDIR:  # nothing matches in a directory
                        self._command.close(fd)
                        continue
                    if "s" not in options:
                        yield from self._command.complain(f"{file}: {os.strerror(error.errno or 0)}")
                    self._status = 2
                self._command.close(fd)
                if self._found and "q" in options:
                    return 0
        return self._status or int(not self._found)

    def _tree(self, name: str) -> list[str]:
        process = self._command.process
        base = process.path(name)
        try:
            tree = list(process.files.walk(base, follow=True))
        except OSError:
            return [name]
        top = tree[0][0]
        if not tree[0][1].is_directory:
            return [name]
        prefix = name.rstrip("/")
        return [prefix + path[len(top.rstrip("/")) :] for path, inode in tree if inode.is_file]

    def _open(self, name: str) -> Program[int | None]:
        if name == "-":
            return 0
        try:
            return self._command.attach(self._command.process.open(name, read=True))
        except OSError as error:
            if "s" not in self._options:
                yield from self._command.complain(f"{name}: {os.strerror(error.errno or 0)}")
            self._status = 2
            return None

    def _file(self, fd: int, name: str, headed: bool) -> Program[None]:
        options = self._options
        quiet = bool(options.flags & {"q", "l", "L", "c"})
        reader = Reader(self._command.process, fd)
        count, line_number, last_printed, owed = 0, 0, 0, 0
        kept: list[tuple[int, str]] = []
        done = False
        while not done and (lines := (yield from reader.lines())) is not None:
            output: list[str] = []
            for raw in lines:
                line_number += 1
                line = raw.removesuffix(b"\n").decode("utf-8", "surrogateescape")
                spans = yield from self._matches(line)
                if self._turn.is_over(LINE_WORK + len(line)):
                    yield Pause()
                if bool(spans) == ("v" in options):
                    if owed and not quiet:
                        output.append(self._shown(name, headed, line_number, line, "-"))
                        owed -= 1
                        last_printed = line_number
                    elif self._before:
                        kept = [*kept, (line_number, line)][-self._before :]
                    continue
                count += 1
                self._found = True
                if not quiet:
                    first = kept[0][0] if kept else line_number
                    if (self._before or self._after) and last_printed and first > last_printed + 1:
                        output.append("--\n")
                    output += [self._shown(name, headed, at, text, "-") for at, text in kept]
                    kept = []
                    output += self._match_shown(name, headed, line_number, line, spans)
                    last_printed, owed = line_number, self._after
                if "q" in options or options.flags & {"l", "L"} or count == self._most:
                    done = True
                    break
            yield from self._command.print("".join(output).encode("utf-8", "surrogateescape"))
            yield Pause()
        if options.flags & {"l", "L"} and "q" not in options:
            if bool(count) == ("l" in options):
                yield from self._command.print(name + "\n")
        elif "c" in options and "q" not in options:
            yield from self._command.print((f"{name}:" if headed else "") + f"{count}\n")

    def _matches(self, line: str) -> Program[list[tuple[int, int]]]:
        """Return where a line matches (all places for -o, else the first)."""
        every = "o" in self._options
        found: list[tuple[int, int]] = []
        position = 0
        while position <= len(line):
            spans: list[tuple[int, int]] = []
            for regex in self._regexes:
                span = yield from self._first(regex, line, position)
                if span is not None:
                    spans.append(span)
            if not spans:
                break
            start, end = min(spans, key=lambda span: (span[0], -span[1]))
            found.append((start, end))
            if not every:
                break
            if self._turn.is_over(LINE_WORK + end - position):
                yield Pause()
            position = end if end > start else end + 1
        return found

    def _first(self, regex: Regex, line: str, position: int) -> Program[tuple[int, int] | None]:
        try:
            while position <= len(line):
                spans = yield from regex.find(line, position)
                if spans is None or spans[0] is None:
                    return None
                start, end = spans[0]
                if "x" in self._options:
                    return (start, end) if (start, end) == (0, len(line)) else None
                if "w" not in self._options or _is_word(line, start, end):
                    return start, end
                if self._turn.is_over(LINE_WORK + start - position):
                    yield Pause()
                position = start + 1
        except RegexFault as fault:
            raise Misuse(str(fault), usage=False) from None
        return None

    def _shown(self, name: str, headed: bool, line_number: int, text: str, mark: str) -> str:
        head = f"{name}{mark}" if headed else ""
        return head + (f"{line_number}{mark}" if "n" in self._options else "") + text + "\n"

    def _match_shown(
        self, name: str, headed: bool, line_number: int, line: str, spans: list[tuple[int, int]]
    ) -> list[str]:
        if "o" not in self._options:
            return [self._shown(name, headed, line_number, line, ":")]
        if "v" in self._options:
            return []
        return [self._shown(name, headed, line_number, line[start:end], ":") for start, end in spans if end > start]


def _is_word(line: str, start: int, end: int) -> bool:
    before = line[start - 1] if start else " "
    after = line[end] if end < len(line) else " "
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")


# -- expr -----------------------------------------------------------------------------------


class _ExprFault(Exception):
    pass


@section.program("expr", usage="EXPRESSION")
def expr(command: Command) -> Program[int]:
    """Print the value of an expression; 1 if that is null or zero, 2 if there is none."""
    if not command.words:
        return (yield from command.complain("too few arguments", 2))
    try:
        value = _Expression(command.words).value()
    except (_ExprFault, RegexFault) as fault:
        return (yield from command.complain(str(fault), 2))
    yield from command.print(f"{value}\n")
    return int(value in ("", 0, "0"))


class _Expression:
    """An expression of expr: words and operators, each a word of the command."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._next = 0
        self._depth = 0

    def value(self) -> str | int:
        value = self._or()
        if self._next < len(self._words):
            raise _ExprFault("syntax error")
        return value

    def _peek(self) -> str | None:
        return self._words[self._next] if self._next < len(self._words) else None

    def _accept(self, *operators: str) -> str | None:
        word = self._peek()
        if word in operators:
            self._next += 1
            return word
        return None

    def _or(self) -> str | int:
        value = self._and()
        while self._accept("|"):
            other = self._and()
            value = other if _is_null(value) else value
        return value

    def _and(self) -> str | int:
        value = self._compare()
        while self._accept("&"):
            other = self._compare()
            value = 0 if _is_null(value) or _is_null(other) else value
        return value

    def _compare(self) -> str | int:
        left = self._sum()
        while operator := self._accept("<", "<=", "=", "==", "!=", ">=", ">"):
            right = self._sum()
            one, two = _as_number(left), _as_number(right)
            first, second = (one, two) if one is not None and two is not None else (str(left), str(right))
            left = int(
                {
                    "<": first < second,  # type: ignore[operator]
                    "<=": first <= second,  # type: ignore[operator]
                    "=": first == second,
                    "==": first == second,
                    "!=": first != second,
                    ">=": first >= second,  # type: ignore[operator]
                    ">": first > second,  # type: ignore[operator]
                }[operator]
            )
        return left

    def _sum(self) -> str | int:
        value = self._product()
        while operator := self._accept("+", "-"):
            right = _number(self._product())
            value = _number(value) + right if operator == "+" else _number(value) - right
        return value

    def _product(self) -> str | int:
        value = self._match()
        while operator := self._accept("*", "/", "%"):
            left, right = _number(value), _number(self._match())
            if operator == "*":
                value = left * right
                continue
            if right == 0:
                raise _ExprFault("division by zero")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            value = quotient if operator == "/" else left - quotient * right
        return value

    def _match(self) -> str | int:
        value = self._primary()
        while self._accept(":"):
            value = _matched(str(value), str(self._primary()))
        return value

    def _primary(self) -> str | int:
        word = self._peek()
        if word is None:
            raise _ExprFault("syntax error")
        self._next += 1
        self._depth += 1
        if self._depth > 100:
            raise _ExprFault("nested too deeply")
        value = self._term(word)
        self._depth -= 1
        return value

    def _term(self, word: str) -> str | int:
        if word == "(":
            value = self._or()
            if not self._accept(")"):
                raise _ExprFault("syntax error")
            return value
        if word in (")", "|", "&", "<", ">", "=", "*", "/", "%"):
            raise _ExprFault("syntax error")
        if self._peek() is None:
            return word
        match word:
            case "quote":
                return self._words[self._advance()]
            case "length":
                return len(str(self._primary()))
            case "match":
                return _matched(str(self._primary()), str(self._primary()))
            case "index":
                text, characters = str(self._primary()), str(self._primary())
                return next((index for index, one in enumerate(text, 1) if one in characters), 0)
            case "substr":
                text = str(self._primary())
                start, length = _as_number(self._primary()), _as_number(self._primary())
                if start is None or length is None or start < 1 or length < 1:
                    return ""
                return text[start - 1 : start - 1 + length]
        return word

    def _advance(self) -> int:
        self._next += 1
        return self._next - 1


def _is_null(value: str | int) -> bool:
    return value in ("", "0", 0)


def _as_number(value: str | int) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else None


def _number(value: str | int) -> int:
    result = _as_number(value)
    if result is None:
        raise _ExprFault("non-numeric argument")
    return result


def _matched(text: str, pattern: str) -> str | int:
    regex = compiled(pattern if pattern.startswith("^") else "^" + pattern)
    spans = regex.search(text)
    if regex.groups:
        group = spans[1] if spans else None
        return text[group[0] : group[1]] if group else ""
    return spans[0][1] if spans and spans[0] else 0


# -- sed ------------------------------------------------------------------------------------

#: Commands that sed may run for one line before a loop is taken to be endless, and the longest line it makes.
MOST_TURNS = 10_000
LONGEST_SPACE = 1 << 20
TOO_LONG: Final = "line too long"


@dataclass(slots=True)
class _Address:
    """A line by number, by pattern, or the last one; or, after a comma, how many `more` lines."""

    line: int = 0
    regex: Regex | None = None
    last: bool = False
    more: int = 0


@dataclass(slots=True)
class _Edit:
    """One command of a script of sed."""

    letter: str
    first: _Address | None = None
    second: _Address | None = None
    negated: bool = False
    regex: Regex | None = None
    text: str = ""
    flags: str = ""
    #: The file that the flag `w` names.
    file: str = ""
    table: dict[int, str] | None = None
    active: bool = False
    #: The line up to which it is active (`,+N`).
    until: int = 0
    #: Where `{`, `b` and `t` go on (for `{`: if its address does not fit).
    target: int = 0


@section.program("sed", usage="[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...")
def sed(command: Command) -> Program[int]:
    """Edit lines by a script."""
    words = command.words
    suffix = ""
    for index, word in enumerate(words):  # -i has its suffix, if any, in the same word
        if word == "--":
            break
        if match := re.fullmatch(r"(-[nrE]*i)([^nrEi].*)", word):
            words[index], suffix = match[1], match[2]
    options = command.options(
        "nrEie:f:z", words=words, long={"expression": "e", "quiet": "n", "in-place": "i", "regexp-extended": "E"}
    )
    options.values["i"] = suffix
    scripts = options.repeated.get("e", [])
    for name in options.repeated.get("f", []):
        data = command.process.files.read(command.process.path(name)).read(0, 1 << 20)
        scripts = [*scripts, data.decode("utf-8", "surrogateescape")]
    if not options.flags & {"e", "f"}:
        if not options.words:
            raise Misuse("")
        scripts = [options.words.pop(0)]
    edits = _Script("\n".join(scripts), bool(options.flags & {"r", "E"})).edits
    return (yield from _Sed(command, options, edits).run())


class _Script:
    """Reads a script of sed. Raises Misuse."""

    def __init__(self, text: str, extended: bool) -> None:
        self._text = text
        self._position = 0
        self._extended = extended
        self._regex: Regex | None = None
        self.edits: list[_Edit] = []
        self._open: list[int] = []
        self._labels: dict[str, int] = {}
        while self._skip_blanks():
            edit = self._edit()
            self.edits.append(edit)
            if edit.letter == "{":
                self._open.append(len(self.edits) - 1)
            elif edit.letter == "}":
                if not self._open:
                    raise Misuse("unexpected '}'", usage=False)
                self.edits[self._open.pop()].target = len(self.edits)
            elif edit.letter == ":":
                self._labels[edit.text] = len(self.edits)
        if self._open:
            raise Misuse("unterminated {", usage=False)
        for edit in self.edits:
            if edit.letter in ("b", "t", "T"):
                if edit.text and edit.text not in self._labels:
                    raise Misuse(f"can't find label for jump to '{edit.text}'", usage=False)
                edit.target = self._labels.get(edit.text, len(self.edits))

    def _skip_blanks(self) -> bool:
        while self._position < len(self._text):
            if self._text[self._position] == "#":
                end = self._text.find("\n", self._position)
                self._position = len(self._text) if end < 0 else end
            elif self._text[self._position] not in " \t\n;":
                return True
            else:
                self._position += 1
        return False

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _take(self) -> str:
        self._position += 1
        return self._text[self._position - 1 : self._position]

    def _edit(self) -> _Edit:
        edit = _Edit("")
        edit.first = self._address()
        if edit.first is not None and self._peek() == ",":
            self._take()
            edit.second = self._address()
            if edit.second is None and (match := re.compile(r"\+(\d{1,9})").match(self._text, self._position)):
                self._position = match.end()
                edit.second = _Address(more=int(match[1]))
            if edit.second is None:
                raise Misuse("no address after comma", usage=False)
        while self._peek() in (" ", "!"):
            edit.negated = self._take() == "!" or edit.negated
        edit.letter = self._take()
        match edit.letter:
            case "s":
                self._substitution(edit)
            case "y":
                divider = self._take()
                source, target = self._until(divider), self._until(divider)
                if len(source) != len(target):
                    raise Misuse("y command strings have different lengths", usage=False)
                edit.table = {ord(one): two for one, two in zip(source, target, strict=True)}
            case "a" | "i" | "c":
                text = re.compile(r"[ \t]*(?:\\\n?)?[ \t]*((?:[^\n\\]|\\.)*)", re.DOTALL).match(
                    self._text, self._position
                )
                assert text is not None
                self._position = text.end()
                edit.text = re.sub(r"\\(.)", r"\1", text[1], flags=re.DOTALL) + "\n"
            case ":" | "b" | "t" | "T":
                label = re.compile(r"[ \t]*([^\s;]*)").match(self._text, self._position)
                assert label is not None
                self._position = label.end()
                edit.text = label[1]
            case "r" | "w":
                file = re.compile(r"[ \t]*([^\n]*)").match(self._text, self._position)
                assert file is not None
                self._position = file.end()
                edit.text = file[1]
                if not edit.text:
                    raise Misuse("missing filename in r/w commands", usage=False)
            case "{" | "}" | "p" | "d" | "l" | "=" | "h" | "H" | "g" | "G" | "x" | "n" | "N" | "D" | "P":
                pass
            case "q":
                code = re.compile(r" *(\d{0,3})").match(self._text, self._position)
                assert code is not None
                self._position = code.end()
                edit.text = code[1] or "0"
            case "":
                raise Misuse("missing command", usage=False)
            case _:
                raise Misuse(f"unsupported command {edit.letter}", usage=False)
        return edit

    def _address(self) -> _Address | None:
        character = self._peek()
        if character == "$":
            self._take()
            return _Address(last=True)
        if match := re.compile(r"\d{1,9}").match(self._text, self._position):
            self._position = match.end()
            return _Address(line=int(match[0]))
        if character == "/" or character == "\\":
            self._take()
            divider = self._take() if character == "\\" else "/"
            return _Address(regex=self._compiled(self._until(divider, keep=True)))
        return None

    def _compiled(self, pattern: str, ignore_case: bool = False) -> Regex:
        try:
            if pattern or self._regex is None:
                self._regex = compiled(pattern, self._extended, ignore_case)
            return self._regex
        except RegexFault:
            raise Misuse(f"bad regex '{pattern}'", usage=False) from None

    def _until(self, divider: str, *, keep: bool = False) -> str:
        """Read up to a divider; `keep` leaves backslashes for the regular expression."""
        result: list[str] = []
        inside = False
        while self._position < len(self._text):
            character = self._take()
            if character == "\\" and self._peek():
                following = self._take()
                if following == divider:
                    result.append(divider)
                else:
                    result.append("\n" if following == "n" and not keep else "\\" + following)
                continue
            if keep and character == "[" and not inside:
                inside = True
            elif inside and character == "]":
                inside = False
            elif character == divider and not inside:
                return "".join(result)
            result.append(character)
        raise Misuse(f"unmatched '{divider}'", usage=False)

    def _substitution(self, edit: _Edit) -> None:
        divider = self._take()
        if divider in ("", "\n", "\\"):
            raise Misuse("bad option in substitution expression", usage=False)
        pattern = self._until(divider, keep=True)
        edit.text = self._until(divider)
        match = re.compile(r"([gpiI0-9]*)(?:w[ \t]*([^\n]*))?").match(self._text, self._position)
        assert match is not None
        edit.flags, edit.file = match[1], match[2] or ""
        self._position = match.end()
        if (match[2] is not None and not edit.file) or (self._peek() and self._peek() not in " \t\n;}#"):
            raise Misuse("bad option in substitution expression", usage=False)
        edit.regex = self._compiled(pattern, "i" in edit.flags.lower())


class _Sed:
    """One run of sed."""

    def __init__(self, command: Command, options: Options, edits: list[_Edit]) -> None:
        self._command = command
        self._options = options
        self._edits = edits
        self._line_number = 0
        self._hold = ""
        self._output: list[str] = []
        #: Files that `w` has begun.
        self._written: set[str] = set()
        self._turn = Turn()

    def run(self) -> Program[int]:
        command = self._command
        status, ended = 0, None
        names = self._options.words or ["-"]
        for name in names:
            fd = yield from command.open(name, bare=True)
            if fd is None:
                status = 1
                continue
            data = yield from Reader(command.process, fd).everything()
            command.close(fd)
            try:
                ended = yield from self._text(data.decode("utf-8", "surrogateescape"), name == names[-1])
            except RegexFault as fault:
                raise Misuse(str(fault), usage=False) from None
            text, self._output = "".join(self._output).encode("utf-8", "surrogateescape"), []
            if "i" in self._options and name != "-":
                path = command.process.path(name)
                if self._options.get("i"):
                    command.process.files.write(path + self._options.get("i"), data)
                command.process.files.write(path, text)
            else:
                yield from command.print(text)
            if ended is not None:
                return ended
        return status

    def _text(self, text: str, last_file: bool) -> Program[int | None]:
        """Edit a file; return the exit code if the script ended there."""
        lines = text.split("\n")
        complete = lines[-1] == ""
        if complete:
            lines.pop()
        lines.reverse()
        while lines:
            line = lines.pop()
            self._line_number += 1
            end = "\n" if lines or complete else ""
            line, deleted, ended = yield from self._line(line, lines, last_file, end)
            if not deleted and "n" not in self._options:
                self._output.append(line + ("\n" if lines or complete else ""))
            self._output += self._appended
            if ended is not None:
                return ended
        return None

    def _line(self, line: str, rest: list[str], last_file: bool, end: str) -> Program[tuple[str, bool, int | None]]:
        self._appended: list[str] = []
        at = turns = 0
        substituted = False
        while at < len(self._edits):
            edit = self._edits[at]
            at += 1
            turns += 1
            if turns > MOST_TURNS:
                raise RegexFault("the script does not come to an end")
            if len(line) > LONGEST_SPACE:
                raise RegexFault(TOO_LONG)
            if self._turn.is_over(LINE_WORK + len(line)):
                yield Pause()
            if not (yield from self._selects(edit, line, not rest and last_file)):
                if edit.letter == "{":
                    at = edit.target
                continue
            match edit.letter:
                case "b":
                    at = edit.target
                case "t" | "T":
                    if substituted == (edit.letter == "t"):
                        at = edit.target
                    substituted = False
                case "s":
                    changed = yield from self._substituted(edit, line)
                    if changed is not None:
                        line = changed
                        substituted = True
                        if "p" in edit.flags:
                            self._output.append(line + "\n")
                        if edit.file:
                            self._write(edit.file, line)
                case "y":
                    line = line.translate(edit.table or {})
                case "d":
                    return line, True, None
                case "D":
                    head, newline, tail = line.partition("\n")
                    if newline:
                        rest.append(tail)
                        self._line_number -= 1
                    return head, True, None
                case "p":
                    self._output.append(line + "\n")
                case "P":
                    self._output.append(line.partition("\n")[0] + "\n")
                case "=":
                    self._output.append(f"{self._line_number}\n")
                case "r":
                    self._appended.append(self._content(edit.text))
                case "w":
                    self._write(edit.text, line)
                case "a":
                    self._appended.append(edit.text)
                case "i":
                    self._output.append(edit.text)
                case "c":
                    if edit.second is None or not edit.active:
                        self._output.append(edit.text)
                    return line, True, None
                case "q":
                    return line, False, int(edit.text) & 0xFF
                case "h":
                    self._hold = line
                case "H":
                    self._hold += "\n" + line
                case "g":
                    line = self._hold
                case "G":
                    line += "\n" + self._hold
                case "x":
                    line, self._hold = self._hold, line
                case "n":
                    if not rest:
                        return line, False, None
                    if "n" not in self._options:
                        self._output.append(line + "\n")
                    line = rest.pop()
                    self._line_number += 1
                case "N":
                    if not rest:
                        return line, False, None
                    line += "\n" + rest.pop()
                    self._line_number += 1
        return line, False, None

    def _content(self, name: str) -> str:
        """Return what `r` adds; a file that is not there adds nothing."""
        process = self._command.process
        try:
            return process.files.read(process.path(name)).read(0, LONGEST_SPACE).decode("utf-8", "surrogateescape")
        except OSError:
            return ""

    def _write(self, name: str, line: str) -> None:
        """Do what `w` does: the first line of a run makes the file new. Raises Misuse."""
        files, path = self._command.process.files, self._command.process.path(name)
        data = (line + "\n").encode("utf-8", "surrogateescape")
        try:
            if name in self._written:
                files.append(path, data)
            else:
                self._written.add(name)
                files.write(path, data)
        except OSError as error:
            raise Misuse(f"{name}: {os.strerror(error.errno or 0)}", usage=False) from None

    def _selects(self, edit: _Edit, line: str, last: bool) -> Program[bool]:
        if edit.first is None:
            return not edit.negated
        return (yield from self._in_range(edit, edit.first, line, last)) != edit.negated

    def _in_range(self, edit: _Edit, first: _Address, line: str, last: bool) -> Program[bool]:
        if edit.second is None:
            return (yield from self._at(first, line, last))
        if edit.active:
            second = edit.second
            if second.more:
                edit.active = self._line_number < edit.until
                return True
            if second.line:
                edit.active = self._line_number < second.line
            else:
                edit.active = not (yield from self._at(second, line, last))
            return True
        if (yield from self._at(first, line, last)):
            if edit.second.more:
                edit.until = self._line_number + edit.second.more
            edit.active = not edit.second.line or edit.second.line > self._line_number
            return True
        return False

    def _at(self, address: _Address, line: str, last: bool) -> Program[bool]:
        if address.last:
            return last
        if address.regex is not None:
            return (yield from address.regex.find(line)) is not None
        return address.line == self._line_number

    def _substituted(self, edit: _Edit, line: str) -> Program[str | None]:
        """Return a line after `s`, None if nothing matched."""
        assert edit.regex is not None
        digits = re.sub(r"\D", "", edit.flags)
        wanted = int(digits[:6]) if digits else 1
        every = "g" in edit.flags
        result: list[str] = []
        position = copied = count = 0
        room = LONGEST_SPACE
        while position <= len(line):
            spans = yield from edit.regex.find(line, position)
            if spans is None or spans[0] is None:
                break
            start, end = spans[0]
            count += 1
            if count >= wanted:
                text = _replacement(edit.text, line, spans)
                room -= len(text)
                if room < 0:
                    raise RegexFault(TOO_LONG)
                result.append(line[copied:start] + text)
                copied = end
                if not every:
                    break
            if self._turn.is_over(LINE_WORK + end - position):
                yield Pause()
            position = end if end > start else end + 1
        if not result:
            return None
        return "".join(result) + line[copied:]


def _replacement(text: str, line: str, spans: Spans) -> str:
    def piece(match: re.Match[str]) -> str:
        item = match[0]
        if item == "&":
            index = 0
        elif item[1] in "0123456789":
            index = int(item[1])
        else:
            return {"n": "\n", "t": "\t"}.get(item[1], item[1])
        span = spans[index] if index < len(spans) else None
        return line[span[0] : span[1]] if span else ""

    return re.sub(r"&|\\.", piece, text, flags=re.DOTALL)
