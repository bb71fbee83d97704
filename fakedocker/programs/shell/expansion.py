"""Words to fields: parameters, substitutions, splitting, file names.

A word becomes a row of pieces that know whether they were quoted; pieces become fields. Commands in a word run
on the way, so expanding is part of the program and yields its effects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from fakedocker.engine.files.files import Files
from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.shell.arithmetic import ArithmeticFault, evaluate
from fakedocker.programs.shell.patterns import Pattern, escape, has_magic, plain
from fakedocker.programs.shell.syntax import Arithmetic, Literal, Parameter, Part, Substitution, Word

if TYPE_CHECKING:
    from fakedocker.programs.shell.interpreter import Shell

#: The most that the words of one command may become, in characters (a field counts a few more).
LONGEST = 4 << 20
FIELD_COST = 16
MANY = 1000
#: Names that a pattern like */*/* may find.
MOST_NAMES = 100_000
#: How many names are looked at in a row before others have their turn.
FEW = 20
LARGEST_PASSWD = 1 << 20
TILDE = re.compile(r"~([A-Za-z0-9_-]*)(?=/|$)")
TILDES = re.compile(r"(?:(?<=:)|^)~([A-Za-z0-9_-]*)(?=/|:|$)")


class ExpansionFault(Exception):
    """A word that cannot be expanded; the shell ends with status 2."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the expansion: `quoted` characters are no patterns, `splits` says whether IFS applies."""

    text: str
    quoted: bool = False
    splits: bool = False


#: What stands between the fields of "$@".
BREAK = Piece("", quoted=True)

Pieces = list[Piece]


class Expansion:
    """Expands words for one shell."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def fields(self, words: Sequence[Word]) -> Program[list[str]]:
        """Return the words' fields, split and with the names of files."""
        fields: list[str] = []
        room = LONGEST
        for word in words:
            text = word.plain
            if text is not None and not (SPECIAL_IN_WORD.search(text)):
                fields.append(text)
                continue
            pieces = yield from self._pieces(word, splits=True)
            ifs = self._shell.variables.get("IFS")
            for number, field in enumerate(_fields(pieces, " \t\n" if ifs is None else ifs), start=1):
                if number % MANY == 0:  # the more there are, the more often others have their turn in between
                    yield Pause()
                names = yield from self._names(field)
                room -= sum(len(name) + FIELD_COST for name in names)
                if room < 0:
                    raise ExpansionFault("out of memory")
                fields += names
        return fields

    def condition(self, words: Sequence[Word]) -> Program[list[str]]:
        """Return the words of `[[ … ]]`: nothing is split, and what is compared with may be a pattern."""
        texts: list[str] = []
        for word in words:
            expand = self.pattern if texts and texts[-1] in ("=", "==", "!=") else self.text
            texts.append((yield from expand(word)))
        return texts

    def text(self, word: Word, *, assigned: bool = False) -> Program[str]:
        """Return a word's text, neither split nor matched with files (`assigned`: tildes after colons)."""
        pieces = yield from self._pieces(word, splits=False, assigned=assigned)
        return "".join(" " if piece is BREAK else piece.text for piece in pieces)

    def pattern(self, word: Word) -> Program[str]:
        """Return a word as a pattern in which what was quoted stands for itself."""
        pieces = yield from self._pieces(word, splits=False)
        return _pattern(pieces)

    # -- parts ------------------------------------------------------------------

    def _pieces(self, word: Word, *, splits: bool, assigned: bool = False) -> Program[Pieces]:
        pieces: Pieces = []
        room = LONGEST
        for index, part in enumerate(word.parts):
            if isinstance(part, Literal):
                text = part.text
                if not part.quoted and "~" in text:
                    text = self._tildes(text, first=index == 0, only=len(word.parts) == 1, every=assigned)
                pieces.append(Piece(text, part.quoted))
            else:
                added = yield from self._part(part, splits)
                room -= sum(len(piece.text) for piece in added)
                if room < 0:
                    raise ExpansionFault("out of memory")
                pieces += added
        return pieces

    def _tildes(self, text: str, *, first: bool, only: bool, every: bool) -> str:
        def home(match: re.Match[str]) -> str:
            name: str = match[1]
            if not name:
                return self._shell.variables.get("HOME") or "~"
            return self._home(name) or "~" + name

        if every:
            return TILDES.sub(home, text)
        if not first:
            return text
        match = TILDE.match(text)
        if match is None or (match.end() == len(text) and not only):
            return text
        return home(match) + text[match.end() :]

    def _home(self, user: str) -> str:
        """Return the home directory that /etc/passwd gives a user, "" for nobody it knows."""
        try:
            passwd = self._shell.process.files.read("/etc/passwd").read(0, LARGEST_PASSWD).decode("utf-8", "replace")
        except OSError:
            return ""
        for line in passwd.splitlines():
            name, _, _, _, _, home, *_ = [*line.split(":"), *[""] * 6]
            if name == user:
                return home
        return ""

    def _part(self, part: Part, splits: bool) -> Program[Pieces]:
        match part:
            case Parameter():
                return (yield from self._parameter(part, splits))
            case Substitution():
                output = yield from self._shell.output_of(part.command)
                return [Piece(output, part.quoted, splits and not part.quoted)]
            case Arithmetic():
                expression = yield from self.text(part.expression)
                return [Piece(str(self.number(expression)), part.quoted, splits and not part.quoted)]
            case Literal():
                return [Piece(part.text, part.quoted)]

    def number(self, expression: str) -> int:
        """Return the value of an arithmetic expression. Raises ExpansionFault."""
        shell = self._shell

        def get(name: str) -> str:
            return shell.parameter(name) or ""

        try:
            return evaluate(expression, get, shell.assign)
        except ArithmeticFault as fault:
            raise ExpansionFault(str(fault)) from None

    def _parameter(self, part: Parameter, splits: bool) -> Program[Pieces]:
        operator, name = part.operator, part.name
        if operator == "bad":
            raise ExpansionFault("syntax error: bad substitution")
        if operator == "indirect":
            if not self._shell.bash:
                raise ExpansionFault("syntax error: bad substitution")
            value = self._shell.parameter(self._shell.parameter(name) or "")
            return [Piece(value or "", part.quoted, splits and not part.quoted)]
        if name in ("@", "*") and (not operator or (operator == ":" and self._shell.bash)):
            values = self._shell.positional
            if operator:
                start, length = yield from self._range(part)
                values = ([self._shell.name, *values] if start == 0 else ["", *values])[start:]
                values = values if length is None else values[: max(length, 0)]
            return self._positional(name, values, part.quoted, splits)
        value = self._shell.parameter(name)
        if operator.lstrip(":") in ("-", "=", "+", "?") and operator != ":":
            return (yield from self._default(part, value, splits))
        if value is None:
            if "u" in self._shell.options and name not in ("@", "*"):
                raise ExpansionFault(f"{name}: parameter not set")
            if operator != "length":
                return [Piece("", part.quoted)]
        if operator:
            value = yield from self._changed(part, value or "")
        return [Piece(value or "", part.quoted, splits and not part.quoted)]

    def _positional(self, name: str, values: Sequence[str], quoted: bool, splits: bool) -> Pieces:
        if name == "*" and (quoted or not splits):
            ifs = self._shell.variables.get("IFS")
            return [Piece((" " if ifs is None else ifs[:1]).join(values), quoted)]
        if not values and quoted:
            return [NOTHING]
        pieces: Pieces = []
        for index, value in enumerate(values):
            if index:
                pieces.append(BREAK)
            pieces.append(Piece(value, quoted, splits and not quoted))
        return pieces

    def _default(self, part: Parameter, value: str | None, splits: bool) -> Program[Pieces]:
        """`${name-word}` and its kin."""
        absent = value is None or (part.operator.startswith(":") and value == "")
        operator = part.operator[-1]
        word = part.argument or Word()
        if operator == "+":
            return [Piece("", part.quoted)] if absent else (yield from self._inner(word, part, splits))
        if not absent:
            if part.name in ("@", "*"):
                return self._positional(part.name, self._shell.positional, part.quoted, splits)
            return [Piece(value or "", part.quoted, splits and not part.quoted)]
        if operator == "-":
            return (yield from self._inner(word, part, splits))
        text = yield from self.text(word)
        if operator == "=":
            if not (part.name[0].isalpha() or part.name[0] == "_"):
                raise ExpansionFault(f"{part.name}: bad variable name")
            self._shell.assign(part.name, text)
            return [Piece(text, part.quoted, splits and not part.quoted)]
        colon = " or null" if part.operator.startswith(":") else ""
        raise ExpansionFault(f"{part.name}: {text or 'parameter not set' + colon}")

    def _inner(self, word: Word, part: Parameter, splits: bool) -> Program[Pieces]:
        """Expand the word of `${name-word}`: its literals are split like the rest unless quoted."""
        pieces = yield from self._pieces(word, splits=splits)
        if not pieces:
            return [Piece("", part.quoted)]
        return [
            piece
            if piece is BREAK or piece is NOTHING
            else Piece(piece.text, piece.quoted or part.quoted, splits and not (piece.quoted or part.quoted))
            for piece in pieces
        ]

    def _changed(self, part: Parameter, value: str) -> Program[str]:
        operator = part.operator
        if operator == "length":
            if part.name in ("@", "*"):
                value = " ".join(self._shell.positional)
            return str(len(value.encode("utf-8", "surrogateescape")))
        if operator == ":":
            start, length = yield from self._range(part)
            start = max(start + len(value), 0) if start < 0 else start
            if length is None:
                return value[start:]
            return value[start : start + length if length >= 0 else len(value) + length]
        pattern = Pattern((yield from self.pattern(part.argument or Word())))
        if operator in ("/", "//"):
            replacement = yield from self.text(part.second or Word())
            changed = yield from pattern.replace(value, replacement, everywhere=operator == "//", most=LONGEST)
            if changed is None:
                raise ExpansionFault("out of memory")
            return changed
        longest = len(operator) == 2
        if operator.startswith("#"):
            length = pattern.prefix(value, longest=longest)
            return value[length:] if length else value
        length = pattern.suffix(value, longest=longest)
        return value[: len(value) - length] if length else value

    def _range(self, part: Parameter) -> Program[tuple[int, int | None]]:
        start = self.number((yield from self.text(part.argument or Word())))
        if part.second is None:
            return start, None
        return start, self.number((yield from self.text(part.second)))

    def _names(self, field: Pieces) -> Program[list[str]]:
        if "f" in self._shell.options or all(piece.quoted for piece in field):
            return ["".join(piece.text for piece in field)]
        pattern = _pattern(field)
        if not has_magic(pattern):
            return ["".join(piece.text for piece in field)]
        process = self._shell.process
        names = yield from find_names(process.files, process.cwd, pattern)
        return names or ["".join(piece.text for piece in field)]


#: "$@" without parameters: not even an empty field.
NOTHING = Piece("", quoted=True)
SPECIAL_IN_WORD = re.compile(r"[~*?\[\\]")


def _pattern(pieces: Pieces) -> str:
    return "".join(" " if piece is BREAK else escape(piece.text) if piece.quoted else piece.text for piece in pieces)


@lru_cache(maxsize=64)
def _delimiter(ifs: str) -> re.Pattern[str] | None:
    """Return what divides fields: white space of IFS in any number, other characters one by one."""
    blanks = "".join(re.escape(character) for character in ifs if character in " \t\n")
    others = "".join(re.escape(character) for character in ifs if character not in " \t\n")
    blank = f"[{blanks}]" if blanks else "(?!)"
    if others:
        return re.compile(f"{blank}*[{others}]{blank}*|{blank}+")
    return re.compile(f"{blank}+") if blanks else None


def _fields(pieces: Pieces, ifs: str) -> Iterator[Pieces]:
    """Divide pieces into fields; one by one, for there may be very many."""
    current: Pieces = []
    started = False
    for piece in pieces:
        if piece is NOTHING:
            continue
        if piece is BREAK:
            if started:
                yield current
            current, started = [], False
            continue
        if not piece.splits:
            if piece.quoted or piece.text:
                current.append(piece)
                started = True
            continue
        delimiter = _delimiter(ifs)
        position = 0
        for match in delimiter.finditer(piece.text) if delimiter else ():
            if match.start() > position:
                current.append(Piece(piece.text[position : match.start()]))
                started = True
            if started or match[0].strip(" \t\n"):
                yield current
                current, started = [], False
            position = match.end()
        if position < len(piece.text):
            current.append(Piece(piece.text[position:]))
            started = True
    if started:
        yield current


def find_names(files: Files, cwd: str, pattern: str) -> Program[list[str]]:
    """Return the paths that match a pattern, in byte order; none if nothing does. Raises ExpansionFault (too many)."""
    found = ["/"] if pattern.startswith("/") else [""]
    parts = [part for part in pattern.split("/") if part]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if not has_magic(part):
            fitting = [base + plain(part) for base in found]
        else:
            matcher = Pattern(part)
            hidden = plain(part).startswith(".")
            fitting = []
            for number, base in enumerate(found):
                if number % FEW == 0:
                    yield Pause()
                names = _entries(files, _absolute(cwd, base), hidden)
                fitting += [base + name for name in names if matcher.matches(name)]
                if len(fitting) > MOST_NAMES:
                    raise ExpansionFault("out of memory")
        found = []
        for number, path in enumerate(fitting):
            if number % FEW == 0:
                yield Pause()
            if not last or pattern.endswith("/"):
                if files.is_directory(_absolute(cwd, path)):
                    found.append(path + "/")
            elif has_magic(part) or files.exists(_absolute(cwd, path)):
                found.append(path)
    return sorted(found, key=lambda path: path.encode("utf-8", "surrogateescape"))


def _absolute(cwd: str, path: str) -> str:
    return path if path.startswith("/") else f"{cwd.rstrip('/')}/{path}"


def _entries(files: Files, directory: str, hidden: bool) -> list[str]:
    try:
        names = files.listdir(directory)
    except OSError:
        return []
    if hidden:
        return [".", "..", *names]
    return [name for name in names if not name.startswith(".")]
