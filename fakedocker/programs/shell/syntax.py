"""The tree of a shell script: words and their parts, commands and how they are joined.

Nodes are values: they hold no state of a run, so that a loop's body is parsed once and walked many times.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class SyntaxFault(Exception):
    """A script that cannot be read; the text is what ash prints after "syntax error: "."""


class Incomplete(SyntaxFault):
    """A script that ends too early: more input could still make it whole."""


# -- words --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters that stand for themselves; `quoted` ones are neither split nor patterns."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name` or `${name…}`.

    `operator` is "" or one of `- = + ?` (after a colon: `:-` …), `% %% # ##`, `length`, `:` (substring: offset
    in `argument`, length in `second`), `/` and `//` (pattern in `argument`, replacement in `second`).
    """

    name: str
    operator: str = ""
    argument: Word | None = None
    second: Word | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(…)` or backquotes: the output of a command."""

    command: Node | None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((…))`."""

    expression: Word
    quoted: bool = False


Part = Literal | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was written, before expansion."""

    parts: tuple[Part, ...] = ()

    @property
    def plain(self) -> str | None:
        """The word's text if it is one unquoted literal (as keywords and names are), else None."""
        if len(self.parts) == 1:
            (part,) = self.parts
            if isinstance(part, Literal) and not part.quoted:
                return part.text
        return None

    @property
    def quoted(self) -> bool:
        """Whether any part of the word was quoted."""
        return any(part.quoted for part in self.parts)


# -- commands -----------------------------------------------------------------


@dataclass(slots=True)
class Document:
    """The text of a here-document; it is filled in when the lexer comes to the next line."""

    delimiter: str
    expands: bool
    strips_tabs: bool
    word: Word = field(default_factory=Word)


@dataclass(frozen=True, slots=True)
class Redirection:
    """`fd operator target`; `&>` stands for both outputs."""

    fd: int
    operator: str
    target: Word | Document


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=word`."""

    name: str
    word: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words and redirections: a call of a builtin, a function or a program."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands whose output is the next one's input."""

    commands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`! command`."""

    command: Node


@dataclass(frozen=True, slots=True)
class AndOr:
    """`first && … || …`: each further command with the operator before it."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Background:
    """`command &`; its text is what `jobs` shows."""

    command: Node
    text: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Commands one after the other."""

    commands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with their bodies, and what happens if none is true."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class While:
    """`while` or, turned around, `until`."""

    condition: Node
    body: Node
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`; without words over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Node


@dataclass(frozen=True, slots=True)
class Case:
    """`case word in`: patterns with their bodies."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Node | None], ...]


@dataclass(frozen=True, slots=True)
class Subshell:
    """`( command )`."""

    command: Node


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirections of its own."""

    command: Node
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """The definition of a function."""

    name: str
    body: Node


Node = (
    Simple | Pipeline | Not | AndOr | Background | Series | If | While | For | Case | Subshell | Redirected | Function
)
