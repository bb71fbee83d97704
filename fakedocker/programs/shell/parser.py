"""Words to a tree: the grammar of the shell, one complete command at a time.

A script runs while it is read (a syntax error in line 3 does not undo lines 1 and 2), so the parser gives one
command per call. Texts of errors are those of busybox ash 1.35.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from fakedocker.programs.shell.lexer import NAME, Lexer, Token
from fakedocker.programs.shell.syntax import (
    AndOr,
    Assignment,
    Background,
    Case,
    Document,
    For,
    Function,
    If,
    Incomplete,
    Literal,
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

KEYWORDS = frozenset(
    [
        "!",
        "{",
        "}",
        "case",
        "do",
        "done",
        "elif",
        "else",
        "esac",
        "fi",
        "for",
        "function",
        "if",
        "in",
        "then",
        "until",
        "while",
    ]
)
#: What ends a list of commands, whoever began it.
ENDS = frozenset({"}", "do", "done", "elif", "else", "esac", "fi", "then", ")", ";;", ""})
#: What stands between the conditions of a `[[`, and what it is to the program of that name.
BETWEEN_CONDITIONS: Final = {"&&": "-a", "||": "-o"}
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")


class Parser:
    """Reads commands from a text.

    `final` tells that nothing will follow the text; otherwise `Incomplete` asks for more of it. `first_line` is the
    number of its first line; `bash` has `[[ … ]]` read as bash does.
    """

    def __init__(
        self,
        text: str,
        position: int = 0,
        *,
        final: bool = True,
        depth: int = 0,
        aliases: Mapping[str, str] = MappingProxyType({}),
        first_line: int = 1,
        bash: bool = False,
    ) -> None:
        self._lexer = Lexer(text, position, final=final, depth=depth, nested=self._substitution, whole=self._backquoted)
        self._token: Token | None = None
        self._aliases = aliases
        self._first_line = first_line
        self._bash = bash
        #: How much text is left where that of an alias ends, by its name: within it the alias is not itself replaced.
        self._replaced: dict[str, int] = {}
        #: How much text is left behind an alias that ends with a blank: the next word may be one, too.
        self._following = 0

    @staticmethod
    def document(text: str) -> Word:
        """Return a text as the word it is in a here-document, where quotes are characters like others."""
        document = Document("\n", True, False)
        parser = Parser(text)
        parser._lexer.announce(document)
        parser._lexer.finish()
        return document.word

    @property
    def position(self) -> int:
        """Where the next command begins."""
        return self._lexer.position if self._token is None else self._token.position

    @property
    def rest(self) -> str:
        """What was not read yet."""
        return self._lexer.text[self.position :]

    @property
    def line(self) -> int:
        """The number of the line that is being read."""
        return self._number(self.position)

    def _number(self, position: int) -> int:
        return self._lexer.line(position) - 1 + self._first_line

    def next_command(self) -> Node | None:
        """Return the commands of the next line that has any, None at the end. Raises SyntaxFault."""
        while self._peek().kind == "newline":
            self._take()
        if self._peek().kind == "end":
            return None
        return self._line()

    def all_commands(self) -> Node | None:
        """Return everything up to the end as one node. Raises SyntaxFault."""
        commands: list[Node] = []
        while (command := self.next_command()) is not None:
            commands.append(command)
        return _series(commands) if commands else None

    # -- tokens ---------------------------------------------------------------

    def _peek(self) -> Token:
        if self._token is None:
            self._token = self._lexer.next()
        return self._token

    def _take(self) -> Token:
        token = self._peek()
        self._token = None
        return token

    def _keyword(self) -> str | None:
        """Return the keyword or operator that comes next, None if it is something else ("" at the end)."""
        token = self._peek()
        if token.kind == "word":
            assert token.word is not None
            plain = token.word.plain
            return plain if plain in KEYWORDS and plain == token.text else None
        return token.text if token.kind in ("operator", "end") else None

    def _skip_newlines(self) -> None:
        while self._peek().kind == "newline":
            self._take()

    def _expect(self, keyword: str) -> None:
        if self._keyword() != keyword:
            raise self._unexpected(f'"{keyword}"')
        self._take()

    def _unexpected(self, expected: str | None = None) -> SyntaxFault:
        token, keyword = self._peek(), self._keyword()
        expecting = f" (expecting {expected})" if expected else ""
        if token.kind == "end":
            return Incomplete(f"unexpected end of file{expecting}")
        shown = f'"{keyword}"' if keyword else token.kind
        if keyword == "{" and expected:  # a word, too, where no command can begin
            shown = "word"
        return SyntaxFault(f"unexpected {shown}{expecting}")

    # -- lists ----------------------------------------------------------------

    def _line(self) -> Node:
        """Parse commands up to the end of the line."""
        commands: list[Node] = []
        while True:
            command, separator = self._separated()
            commands.append(command)
            token = self._peek()
            if token.kind == "newline":
                self._take()
                break
            if token.kind == "end":
                break
            if not separator:
                raise self._unexpected()
        return _series(commands)

    def _separated(self) -> tuple[Node, bool]:
        """Parse a command and take the separator after it, if there is one."""
        start = self._peek().position
        command = self._and_or()
        if self._keyword() not in (";", "&"):
            return command, False
        separator = self._take()
        if separator.text == ";":
            return command, True
        return Background(command, " ".join(self._lexer.text[start : separator.position].split())), True

    def _list(self, *, empty: bool = False) -> Node | None:
        """Parse commands up to what ends a list, which is left; only an `empty` list may have none."""
        commands: list[Node] = []
        self._skip_newlines()
        if empty and self._keyword() in ENDS:
            return None
        if self._peek().kind == "end":
            return Series(())  # the caller knows what is missing
        while True:
            command, separator = self._separated()
            commands.append(command)
            newline = self._peek().kind == "newline"
            self._skip_newlines()
            if self._keyword() in ENDS:
                return _series(commands)
            if not separator and not newline:
                raise self._unexpected()

    def _body(self) -> Node:
        body = self._list()
        assert body is not None
        return body

    def _and_or(self) -> Node:
        first = self._pipeline()
        rest: list[tuple[str, Node]] = []
        while (operator := self._keyword()) in ("&&", "||"):
            self._take()
            self._skip_newlines()
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest)) if rest else first

    def _pipeline(self) -> Node:
        if self._keyword() == "!":
            self._take()
            return Not(self._pipeline_of_commands())
        return self._pipeline_of_commands()

    def _pipeline_of_commands(self) -> Node:
        commands = [self._command()]
        while self._keyword() == "|":
            self._take()
            self._skip_newlines()
            commands.append(self._command())
        return Pipeline(tuple(commands)) if len(commands) > 1 else commands[0]

    # -- commands -------------------------------------------------------------

    def _command(self) -> Node:
        if self._aliases:
            self._replace_aliases()
        keyword = self._keyword()
        match keyword:
            case "if":
                compound = self._deeper(self._if)
            case "while" | "until":
                compound = self._deeper(self._while)
            case "for":
                compound = self._deeper(self._for)
            case "case":
                compound = self._deeper(self._case)
            case "{":
                compound = self._deeper(self._group)
            case "(":
                compound = self._deeper(self._subshell)
            case "function":
                self._take()
                return self._function(self._take())
            case None:
                return self._simple()
            case _:
                raise self._unexpected()
        redirections: list[Redirection] = []
        while self._peek().kind == "redirection":
            redirections.append(self._redirection())
        return Redirected(compound, tuple(redirections)) if redirections else compound

    def _replace_aliases(self) -> None:
        """Put the text of an alias in its place, as long as there is one where a command begins."""
        while True:
            token = self._peek()
            name = token.text if token.kind == "word" and token.word is not None and token.word.plain else ""
            left = len(self._lexer.text) - self._lexer.position
            self._replaced = {alias: end for alias, end in self._replaced.items() if left >= end}  # the others are over
            if name not in self._aliases or name in self._replaced:
                return
            text = self._aliases[name]
            rest = len(self._lexer.text) - self._lexer.position
            self._lexer.replace(token.position, self._lexer.position, text)
            self._token = None
            self._replaced[name] = rest
            self._following = rest if text.endswith((" ", "\t")) else 0

    def _deeper(self, parse: Callable[[], Node]) -> Node:
        self._lexer.deeper()
        node = parse()
        self._lexer.depth -= 1
        return node

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while self._keyword() in ("if", "elif"):
            self._take()
            condition = self._body()
            self._expect("then")
            branches.append((condition, self._body()))
        otherwise = None
        if self._keyword() == "else":
            self._take()
            otherwise = self._body()
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _while(self) -> Node:
        until = self._take().text == "until"
        condition = self._body()
        return While(condition, self._do(), until)

    def _do(self) -> Node:
        self._expect("do")
        body = self._body()
        self._expect("done")
        return body

    def _for(self) -> Node:
        self._take()
        token = self._take()
        if token.kind != "word" or token.word is None or not NAME.fullmatch(token.word.plain or ""):
            fault = Incomplete if token.kind == "end" else SyntaxFault
            raise fault("bad for loop variable")
        words: list[Word] | None = None
        self._skip_newlines()
        if self._keyword() == "in":
            self._take()
            words = []
            while self._peek().kind == "word":
                words.append(_word_of(self._take()))
            if self._peek().kind != "newline" and self._keyword() != ";":
                raise self._unexpected()
            self._take()
        elif self._keyword() == ";":
            self._take()
        self._skip_newlines()
        return For(token.word.plain or "", None if words is None else tuple(words), self._do())

    def _case(self) -> Node:
        self._take()
        if self._peek().kind != "word":
            raise self._unexpected("word")
        subject = _word_of(self._take())
        self._skip_newlines()
        self._expect("in")
        branches: list[tuple[tuple[Word, ...], Node | None]] = []
        self._skip_newlines()
        while self._keyword() != "esac":
            branches.append(self._branch())
            self._skip_newlines()
        self._take()
        return Case(subject, tuple(branches))

    def _branch(self) -> tuple[tuple[Word, ...], Node | None]:
        if self._keyword() == "(":
            self._take()
        patterns: list[Word] = []
        while True:
            if self._peek().kind != "word":
                raise self._unexpected(None if self._peek().kind != "end" else '")"')
            patterns.append(_word_of(self._take()))
            if self._keyword() != "|":
                break
            self._take()
        self._expect(")")
        body = self._list(empty=True)
        self._skip_newlines()
        if self._keyword() != "esac":
            self._expect(";;")
        return tuple(patterns), body

    def _group(self) -> Node:
        self._take()
        body = self._body()
        self._expect("}")
        return body

    def _subshell(self) -> Node:
        self._take()
        body = self._body()
        self._expect(")")
        return Subshell(body)

    def _function(self, token: Token) -> Node:
        if token.word is None or not NAME.fullmatch(token.word.plain or ""):
            raise SyntaxFault("bad function name")
        if self._keyword() == "(":
            self._take()
            self._expect(")")
        self._skip_newlines()
        if self._peek().kind == "end":
            raise self._unexpected()
        return Function(token.word.plain or "", self._deeper(self._command))

    def _simple(self) -> Node:
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        position = self._peek().position
        if self._bash and self._peek().text == "[[":
            words = self._condition()
        while True:
            token = self._peek()
            if self._following and len(self._lexer.text) - token.position <= self._following:
                self._following = 0
                self._replace_aliases()
                token = self._peek()
            if token.kind == "redirection":
                redirections.append(self._redirection())
            elif token.kind == "word":
                self._take()
                assignment = None if words else _assignment(token)
                if assignment is not None:
                    assignments.append(assignment)
                else:
                    words.append(_word_of(token))
                if len(words) == 1 and not assignments and not redirections and self._keyword() == "(":
                    return self._function(token)
            elif _in_brackets(words) and token.text in BETWEEN_CONDITIONS:
                self._take()
                words.append(Word((Literal(BETWEEN_CONDITIONS[token.text]),)))
            elif self._keyword() == "(" and (words or assignments or redirections):
                raise self._unexpected()
            else:
                break
        if not (assignments or words or redirections):
            raise self._unexpected()
        line = self._number(position)
        return Simple(tuple(assignments), tuple(words), tuple(redirections), line)

    def _condition(self) -> list[Word]:
        """Parse `[[ … ]]`, within which operators are words."""
        words = [_word_of(self._take())]
        while words[-1].plain != "]]":
            token = self._peek()
            if token.kind == "end":
                raise self._unexpected('"]]"')
            self._take()
            if token.kind != "newline":
                words.append(token.word or Word((Literal(token.text, quoted=True),)))
        return words

    def _redirection(self) -> Redirection:
        token = self._take()
        operator = token.text
        target = self._peek()
        if target.kind != "word":
            raise self._unexpected()
        if operator in ("<<", "<<-"):
            # The text begins after this line: it must be announced before the lexer is asked for more.
            self._take()
            quoted = _word_of(target).quoted
            delimiter = _unquoted(_word_of(target)) if quoted else target.text  # a dollar there means nothing
            document = Document(delimiter, not quoted, operator == "<<-")
            self._lexer.announce(document)
            return Redirection(0 if token.fd is None else token.fd, "<<", document)
        self._take()
        fd = token.fd if token.fd is not None else 0 if operator.startswith("<") else 1
        return Redirection(fd, operator, _word_of(target))

    # -- called back by the lexer ---------------------------------------------

    def _substitution(self) -> Node | None:
        """Parse `$( … )` from within a word: the token that was looked at belongs to the outside."""
        outside, self._token = self._token, None
        command = self._list(empty=True)
        self._expect(")")
        self._token = outside
        return command

    def _backquoted(self, text: str) -> Node | None:
        return Parser(text, depth=self._lexer.depth, first_line=self.line, bash=self._bash).all_commands()


def _in_brackets(words: list[Word]) -> bool:
    """Return whether a command is a `[[` that has not come to its end."""
    return bool(words) and words[0].plain == "[[" and words[-1].plain != "]]"


def _word_of(token: Token) -> Word:
    assert token.word is not None
    return token.word


def _assignment(token: Token) -> Assignment | None:
    word = _word_of(token)
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Literal) or first.quoted:
        return None
    match = ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = first.text[match.end() :]
    parts = (Literal(rest), *word.parts[1:]) if rest else word.parts[1:]
    return Assignment(match[1], Word(parts))


def _unquoted(word: Word) -> str:
    return "".join(part.text for part in word.parts if isinstance(part, Literal))


def _series(commands: list[Node]) -> Node:
    return commands[0] if len(commands) == 1 else Series(tuple(commands))
