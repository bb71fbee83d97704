"""Text to words and operators.

The lexer is asked for one token at a time, because in a shell the grammar decides what comes next: for `$(…)` it
calls back into the parser. Here-documents are read when the line that announced them ends. Texts of errors are
those of busybox ash 1.35.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fakedocker.programs.escapes import unescape
from fakedocker.programs.shell.syntax import (
    Arithmetic,
    Document,
    Incomplete,
    Literal,
    Node,
    Parameter,
    Part,
    Substitution,
    SyntaxFault,
    Word,
)

#: How deep commands, substitutions and expansions may be nested; scripts of people stay below ten.
DEEPEST = 50

BLANKS = re.compile(r"(?:[ \t]|\\\n)*(?:\#[^\n]*)?")
OPERATOR = re.compile(r"&&|\|\||;;|<<-|<<|<&|<>|>>|>&|>\||&>|[&;|<>()]")
REDIRECTION = re.compile(r"(\d+)(<<-|<<|<&|<>|>>|>&|>\||[<>])")
REDIRECTIONS = frozenset({"<<-", "<<", "<&", "<>", ">>", ">&", ">|", "&>", "<", ">"})
PLAIN = re.compile(r"[^ \t\n;&|<>()'\"\\$`]+")
PLAIN_IN_DOUBLE_QUOTES = re.compile(r"[^\"\\$`]+")
PLAIN_IN_ARITHMETIC = re.compile(r"[^()\"\\$`]+")
ANSI_QUOTED = re.compile(r"(?:[^'\\]|\\.)*'", re.DOTALL)
BACKQUOTED = re.compile(r"(?:[^`\\]|\\.)*", re.DOTALL)
#: By what ends the word.
PLAIN_IN_BRACES = {
    "}": re.compile(r"[^\\$`\"'}]+"),
    ":}": re.compile(r"[^\\$`\"':}]+"),
    "/}": re.compile(r"[^\\$`\"'/}]+"),
}
PLAIN_IN_DOCUMENT = re.compile(r"[^\\$`]+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?$!-]")
BRACED_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
INDIRECT = re.compile(r"!([A-Za-z_][A-Za-z0-9_]*)\}")
LENGTH = re.compile(r"#([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])\}")
OPERATION = re.compile(r":[-=+?]|[-=+?]|%%|%|##|#|//|/|:")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: kind is "word", "operator", "redirection", "newline" or "end"."""

    kind: str
    text: str
    position: int
    word: Word | None = None
    fd: int | None = None


class Lexer:
    """Reads tokens from a text.

    `final` tells that nothing will follow the text. `nested` parses commands up to a closing parenthesis;
    `whole` parses a text of its own (what stands between backquotes).
    """

    def __init__(
        self,
        text: str,
        position: int,
        *,
        final: bool,
        depth: int,
        nested: Callable[[], Node | None],
        whole: Callable[[str], Node | None],
    ) -> None:
        self.text = text
        self.position = position
        self.final = final
        self.depth = depth
        self._nested = nested
        self._whole = whole
        self._documents: list[Document] = []
        self._line, self._line_position = 1, 0

    def line(self, position: int) -> int:
        """Return the number of the line that holds `position` (positions must not go back)."""
        self._line += self.text.count("\n", self._line_position, position)
        self._line_position = max(position, self._line_position)
        return self._line

    def deeper(self) -> None:
        """Note that a level of nesting begins. Raises SyntaxFault when there are too many."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise SyntaxFault("nested too deeply")

    def next(self) -> Token:
        """Return the next token."""
        match = BLANKS.match(self.text, self.position)
        assert match is not None
        self.position = start = match.end()
        if start >= len(self.text):
            return self._end(start)
        if self.text[start] == "\n":
            self.position += 1
            self._read_documents()
            return Token("newline", "\n", start)
        if match := REDIRECTION.match(self.text, start):
            self.position = match.end()
            fd = match[1]
            return Token("redirection", match[2], start, fd=int(fd) if len(fd) < 5 else 99999)
        if match := OPERATOR.match(self.text, start):
            self.position = match.end()
            text = match[0]
            return Token("redirection" if text in REDIRECTIONS else "operator", text, start)
        word = self._word()
        return Token("word", self.text[start : self.position], start, word)

    def announce(self, document: Document) -> None:
        """Have a here-document read after the current line."""
        self._documents.append(document)

    def finish(self) -> None:
        """Read the documents that are announced, whatever line it is."""
        self._read_documents()

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` in the place of what was just read, to be read again."""
        self.text = self.text[:start] + text + self.text[end:]
        self.position = start

    def _end(self, position: int) -> Token:
        if self._documents:
            self._read_documents()
        return Token("end", "", position)

    # -- words ----------------------------------------------------------------

    def _word(self) -> Word:
        parts: list[Part] = []
        while self.position < len(self.text):
            if match := PLAIN.match(self.text, self.position):
                self.position = match.end()
                parts.append(Literal(match[0]))
            elif self.text[self.position] in " \t\n;&|<>()":
                break
            else:
                self._special(parts, quoted=False)
        return _word(parts)

    def _special(self, parts: list[Part], *, quoted: bool, single_quotes: bool = True) -> None:
        """Read what a backslash, a quote, a dollar or a backquote begins."""
        character = self.text[self.position]
        self.position += 1
        if character == "\\":
            self._backslash(parts, quoted)
        elif character == "$":
            self._dollar(parts, quoted)
        elif character == "`":
            parts.append(Substitution(self._backquoted(quoted), quoted))
        elif character == '"':
            self._double_quoted(parts)
        elif character == "'" and single_quotes:
            parts.append(Literal(self._until("'"), quoted=True))
        else:
            parts.append(Literal(character, quoted))

    def _backslash(self, parts: list[Part], quoted: bool) -> None:
        if self.position >= len(self.text):
            if not self.final:
                raise Incomplete("unexpected end of file")
            parts.append(Literal("\\", quoted=True))
            return
        character = self.text[self.position]
        self.position += 1
        if character == "\n":
            return
        if quoted and character not in '$`"\\}':
            parts.append(Literal("\\" + character, quoted=True))
        else:
            parts.append(Literal(character, quoted=True))

    def _until(self, quote: str) -> str:
        end = self.text.find(quote, self.position)
        if end < 0:
            raise Incomplete("unterminated quoted string")
        text = self.text[self.position : end]
        self.position = end + 1
        return text

    def _double_quoted(self, parts: list[Part]) -> None:
        before = len(parts)
        while self.position < len(self.text):
            if match := PLAIN_IN_DOUBLE_QUOTES.match(self.text, self.position):
                self.position = match.end()
                parts.append(Literal(match[0], quoted=True))
            elif self.text[self.position] == '"':
                self.position += 1
                if len(parts) == before:
                    parts.append(Literal("", quoted=True))  # "" is a word, though an empty one
                return
            elif self.text.startswith("\\}", self.position):
                self.position += 2
                parts.append(Literal("\\}", quoted=True))
            else:
                self._special(parts, quoted=True)
        raise Incomplete("unterminated quoted string")

    def _dollar(self, parts: list[Part], quoted: bool) -> None:
        text, start = self.text, self.position
        if text.startswith("((", start):
            self.position += 2
            parts.append(Arithmetic(self._arithmetic(), quoted))
        elif text.startswith("(", start):
            self.position += 1
            self.deeper()
            parts.append(Substitution(self._nested(), quoted))
            self.depth -= 1
        elif text.startswith("{", start):
            self.position += 1
            self.deeper()
            parts.append(self._braced(quoted))
            self.depth -= 1
        elif text.startswith("'", start) and not quoted:
            self.position += 1
            parts.append(Literal(self._ansi_quoted(), quoted=True))
        elif match := PARAMETER.match(text, start):
            self.position = match.end()
            parts.append(Parameter(match[0], quoted=quoted))
        else:
            parts.append(Literal("$", quoted))

    def _ansi_quoted(self) -> str:
        match = ANSI_QUOTED.match(self.text, self.position)
        if match is None:
            raise Incomplete("unterminated quoted string")
        self.position = match.end()
        return unescape(match[0][:-1])

    def _arithmetic(self) -> Word:
        parts: list[Part] = []
        self.deeper()
        depth = 0
        while self.position < len(self.text):
            if match := PLAIN_IN_ARITHMETIC.match(self.text, self.position):
                self.position = match.end()
                parts.append(Literal(match[0], quoted=True))
                continue
            character = self.text[self.position]
            if character in "()":
                self.position += 1
                depth += 1 if character == "(" else -1
                if depth < 0:
                    if not self.text.startswith(")", self.position):
                        break
                    self.position += 1
                    self.depth -= 1
                    return _word(parts)
                parts.append(Literal(character, quoted=True))
            elif character == '"':
                self.position += 1  # quotes have no meaning here
            else:
                self._special(parts, quoted=True)
        fault = Incomplete if self.position >= len(self.text) else SyntaxFault
        raise fault("missing '))'")

    def _braced(self, quoted: bool) -> Parameter:
        text = self.text
        if match := LENGTH.match(text, self.position):
            self.position = match.end()
            return Parameter(match[1], "length", quoted=quoted)
        if match := INDIRECT.match(text, self.position):
            self.position = match.end()
            return Parameter(match[1], "indirect", quoted=quoted)
        match = BRACED_PARAMETER.match(text, self.position)
        if match is None:
            return self._bad_substitution(quoted)
        name = match[0]
        self.position = match.end()
        if text.startswith("}", self.position):
            self.position += 1
            return Parameter(name, quoted=quoted)
        operation = OPERATION.match(text, self.position)
        if operation is None:
            return self._bad_substitution(quoted)
        operator = operation[0]
        self.position = operation.end()
        if operator == ":":
            return self._braced_pair(name, operator, ":", quoted)
        if operator in ("/", "//"):
            return self._braced_pair(name, operator, "/", quoted)
        pattern = operator in ("%", "%%", "#", "##")
        argument = self._braced_word("}", quoted and not pattern, quoted)
        self.position += 1
        return Parameter(name, operator, argument, quoted=quoted)

    def _braced_pair(self, name: str, operator: str, divider: str, quoted: bool) -> Parameter:
        first = self._braced_word(divider + "}", False, quoted)
        second = None
        if self.text[self.position] == divider:
            self.position += 1
            second = self._braced_word("}", False, quoted)
        self.position += 1
        return Parameter(name, operator, first, second, quoted)

    def _braced_word(self, stops: str, literal_quotes: bool, in_quotes: bool) -> Word:
        """Read up to one of `stops`, which is left; `literal_quotes`: a single quote is no quote here."""
        parts: list[Part] = []
        while self.position < len(self.text):
            character = self.text[self.position]
            if character in stops:
                return _word(parts)
            if character in "\\$`\"'":
                self._special(parts, quoted=literal_quotes, single_quotes=not literal_quotes)
            else:
                match = PLAIN_IN_BRACES[stops].match(self.text, self.position)
                assert match is not None
                self.position = match.end()
                parts.append(Literal(match[0], quoted=literal_quotes))
        raise Incomplete("missing '}'")

    def _bad_substitution(self, quoted: bool) -> Parameter:
        """Read what is no parameter up to its end; it is a mistake only if it is expanded."""
        end = self.text.find("}", self.position)
        if end < 0:
            raise Incomplete("missing '}'")
        self.position = end + 1
        return Parameter("", "bad", quoted=quoted)

    def _backquoted(self, quoted: bool) -> Node | None:
        match = BACKQUOTED.match(self.text, self.position)
        assert match is not None
        if not self.text.startswith("`", match.end()):
            raise Incomplete("EOF in backquote substitution")
        self.position = match.end() + 1
        self.deeper()
        command = self._whole(re.sub(r"\\([$`\\\"])" if quoted else r"\\([$`\\])", r"\1", match[0]))
        self.depth -= 1
        return command

    # -- here-documents -------------------------------------------------------

    def _read_documents(self) -> None:
        documents, self._documents = self._documents, []
        for document in documents:
            document.word = self._document(document)

    def _document(self, document: Document) -> Word:
        lines: list[str] = []
        while self.position < len(self.text):
            end = self.text.find("\n", self.position)
            line = self.text[self.position :] if end < 0 else self.text[self.position : end]
            self.position = len(self.text) if end < 0 else end + 1
            if document.strips_tabs:
                line = line.lstrip("\t")
            if line == document.delimiter:
                break
            lines.append(line + ("\n" if end >= 0 else ""))
        else:
            if not self.final:
                raise Incomplete("unexpected end of file")
        text = "".join(lines)
        if not document.expands:
            return Word((Literal(text, quoted=True),))
        return self._expanding_document(text)

    def _expanding_document(self, text: str) -> Word:
        outer, at = self.text, self.position
        self.text, self.position = text, 0
        parts: list[Part] = []
        try:
            while self.position < len(self.text):
                if match := PLAIN_IN_DOCUMENT.match(self.text, self.position):
                    self.position = match.end()
                    parts.append(Literal(match[0], quoted=True))
                elif self.text.startswith('\\"', self.position):
                    self.position += 2
                    parts.append(Literal('\\"', quoted=True))
                else:
                    self._special(parts, quoted=True)
        finally:
            self.text, self.position = outer, at
        return _word(parts)


def _word(parts: list[Part]) -> Word:
    """Join neighbouring literals: most words are one."""
    joined: list[Part] = []
    pending: list[str] = []
    quoted = False
    for part in parts:
        if isinstance(part, Literal):
            if pending and part.quoted != quoted:
                joined.append(Literal("".join(pending), quoted))
                pending = []
            pending.append(part.text)
            quoted = part.quoted
        else:
            if pending:
                joined.append(Literal("".join(pending), quoted))
                pending = []
            joined.append(part)
    if pending:
        joined.append(Literal("".join(pending), quoted))
    return Word(tuple(joined))
