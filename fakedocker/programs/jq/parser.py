"""Reads filters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final


class Fault(Exception):
    """A filter that is none."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a filter: what it is, its name or value, and its own parts.

    Of a `bind`, `reduce` and `foreach` the value is the patterns that are tried one after the other (`?//`); of a `def`
    it is the name and the parameters, and its parts are the body and what the definition holds for.
    """

    kind: str
    value: Any = None
    parts: tuple[Node, ...] = ()


#: What comes after the last word (`end` is one itself).
END: Final = "$end"
DEEPEST = 60
#: Operators in one filter.
MOST_OPERATORS = 2000
TOKEN = re.compile(
    r"""
    (?P<space>(?:\s|\#[^\n]*)+)
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
  | (?P<field>\.[A-Za-z_][A-Za-z0-9_]*)
  | (?P<format>@[a-z0-9]+)
  | (?P<variable>\$(?:__loc__|[A-Za-z_][A-Za-z0-9_]*))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<operator>\?//|\|=|//=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[.\[\]{}()|,:;=<>+\-*/%?"])
    """,
    re.VERBOSE,
)
KEYWORDS: Final = frozenset(
    [
        "__loc__",
        "and",
        "as",
        "catch",
        "def",
        "elif",
        "else",
        "end",
        "foreach",
        "if",
        "import",
        "include",
        "label",
        "or",
        "reduce",
        "then",
        "try",
    ]
)
#: Binary operators by how tightly they bind.
LEVELS: Final = {
    "|": 1,
    ",": 2,
    "//": 3,
    "=": 4,
    "|=": 4,
    "+=": 4,
    "-=": 4,
    "*=": 4,
    "/=": 4,
    "%=": 4,
    "//=": 4,
    "or": 5,
    "and": 6,
    "==": 7,
    "!=": 7,
    "<": 7,
    "<=": 7,
    ">": 7,
    ">=": 7,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "%": 9,
}
#: These group to the right.
RIGHT: Final = frozenset({"|", "//", "=", "|=", "+=", "-=", "*=", "/=", "%=", "//="})


#: What a definition without anything behind it holds for.
NOTHING: Final = Node("identity")


def parse(source: str) -> Node:
    """Read a filter. Raises Fault."""
    reader = _Reader(source)
    node = NOTHING if reader.kind == END else reader.pipe(whole=True)
    if reader.kind != END:
        raise reader.unexpected()
    return node


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._depth = 0
        self._operators = 0
        self.kind = ""
        self.text = ""
        self._advance()

    # -- words ------------------------------------------------------------------------

    def _advance(self) -> None:
        while True:
            if self._position >= len(self._source):
                self.kind, self.text = END, "end of file"
                return
            match = TOKEN.match(self._source, self._position)
            if match is None:
                self.text = self._source[self._position]
                raise self.unexpected()
            self._position = match.end()
            kind, self.text = match.lastgroup or "", match[0]
            if kind == "space":
                continue
            is_word = kind == "operator" or (kind == "name" and self.text in KEYWORDS)
            self.kind = self.text if is_word else kind
            return

    def _take(self) -> str:
        text = self.text
        self._advance()
        return text

    def _accept(self, *kinds: str) -> bool:
        if self.kind in kinds:
            self._advance()
            return True
        return False

    def _expect(self, kind: str) -> str:
        if self.kind != kind:
            raise self.unexpected()
        return self._take()

    def unexpected(self) -> Fault:
        return Fault(f"syntax error, unexpected {self.text} (Unix shell quoting issues?)")

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Fault("nested too deeply")

    # -- filters ------------------------------------------------------------------------

    def pipe(self, *, whole: bool = False) -> Node:
        """Read a filter; only the `whole` one may consist of definitions alone."""
        if self.kind == "def":
            self._go_deeper()
            name, parameters, body = self._definition()
            rest = NOTHING if whole and self.kind == END else self.pipe(whole=whole)
            self._depth -= 1
            return Node("def", (name, parameters), (body, rest))
        if self._accept("label"):
            name = self._expect("variable")[1:]
            self._expect("|")
            return Node("label", name, (self.pipe(),))
        return self._binary(1)

    def _definition(self) -> tuple[str, tuple[str, ...], Node]:
        """Read `def name(parameters): body;`; a parameter with a dollar is a value."""
        self._advance()
        name = self._take() if self.kind in KEYWORDS else self._expect("name")
        parameters: list[str] = []
        if self._accept("("):
            while True:
                parameters.append(self._take() if self.kind == "variable" else self._expect("name"))
                if not self._accept(";"):
                    break
            self._expect(")")
        self._expect(":")
        body = self.pipe()
        self._expect(";")
        return name, tuple(parameters), body

    def _binary(self, least: int) -> Node:
        if least <= 1 and self.kind in ("def", "label"):
            return self.pipe()
        self._go_deeper()
        left = self._postfix()
        while self.kind in LEVELS and LEVELS[self.kind] >= least:
            self._operators += 1
            if self._operators > MOST_OPERATORS:
                raise Fault("too long")
            operator = self._take()
            level = LEVELS[operator]
            right = self._binary(level if operator in RIGHT else level + 1)
            left = Node("pipe" if operator == "|" else "binary", operator, (left, right))
        if self.kind == "as" and least <= 1:
            raise self.unexpected()
        self._depth -= 1
        return left

    def _postfix(self) -> Node:
        term = self._term()
        while True:
            if self.kind == "field":
                term = Node("index", None, (term, Node("literal", self._take()[1:])))
            elif self.kind == ".":
                self._advance()
                if self.kind == '"':
                    term = Node("index", None, (term, self._string()))
                elif self.kind != "[":
                    raise self.unexpected()
            elif self._accept("["):
                term = self._bracket(term)
            elif self._accept("?"):
                term = Node("try", None, (term,))
            elif self._accept("as"):
                patterns = self._patterns()
                self._expect("|")
                return Node("bind", patterns, (term, self._binary(1)))
            else:
                return term
            self._operators += 1
            if self._operators > MOST_OPERATORS:
                raise Fault("too long")

    def _patterns(self) -> tuple[Node, ...]:
        """Read what values are taken apart by: alternatives divided by `?//`."""
        patterns = [self._pattern()]
        while self._accept("?//"):
            patterns.append(self._pattern())
        return tuple(patterns)

    def _pattern(self) -> Node:
        self._go_deeper()
        if self.kind == "variable":
            pattern = Node("variable", self._take()[1:])
        elif self._accept("["):
            elements = [self._pattern()]
            while self._accept(","):
                elements.append(self._pattern())
            self._expect("]")
            pattern = Node("array", None, tuple(elements))
        else:
            self._expect("{")
            entries = [self._entry()]
            while self._accept(","):
                entries.append(self._entry())
            self._expect("}")
            pattern = Node("object", None, tuple(entries))
        self._depth -= 1
        return pattern

    def _entry(self) -> Node:
        """Read a key of a pattern and what its value is taken apart by; the value is a variable for it all."""
        name = None
        if self.kind == "variable":
            name = self._take()[1:]
            key = Node("literal", name)
            if self.kind != ":":
                return Node("entry", name, (key,))
        elif self._accept("("):
            key = self.pipe()
            self._expect(")")
        elif self.kind == '"':
            key = self._string()
        elif self.kind == "name" or self.kind in KEYWORDS:
            key = Node("literal", self._take())
        else:
            raise self.unexpected()
        self._expect(":")
        return Node("entry", name, (key, self._pattern()))

    def _bracket(self, term: Node) -> Node:
        if self._accept("]"):
            return Node("each", None, (term,))
        none = Node("literal", None)
        if self._accept(":"):
            end = self.pipe()
            self._expect("]")
            return Node("slice", None, (term, none, end))
        index = self.pipe()
        if self._accept(":"):
            end = none if self.kind == "]" else self.pipe()
            self._expect("]")
            return Node("slice", None, (term, index, end))
        self._expect("]")
        return Node("index", None, (term, index))

    def _term(self) -> Node:
        kind = self.kind
        identity = Node("identity")
        match kind:
            case "number":
                return Node("literal", float(self._take()))
            case '"':
                return self._string()
            case "field":
                return Node("index", None, (identity, Node("literal", self._take()[1:])))
            case "..":
                self._advance()
                return Node("call", "recurse")
            case ".":
                self._advance()
                if self.kind == '"':
                    return Node("index", None, (identity, self._string()))
                return identity
            case "variable":
                return Node("variable", self._take()[1:])
            case "format":
                name = self._take()
                if self.kind == '"':
                    return self._string(name)
                return Node("format", name)
            case "(":
                self._advance()
                node = self.pipe()
                self._expect(")")
                return node
            case "[":
                self._advance()
                if self._accept("]"):
                    return Node("array")
                node = self.pipe()
                self._expect("]")
                return Node("array", None, (node,))
            case "{":
                return self._object()
            case "-":
                self._advance()
                self._go_deeper()
                node = Node("negative", None, (self._postfix(),))
                self._depth -= 1
                return node
            case "if":
                return self._if()
            case "try":
                self._advance()
                body = self._postfix()
                return Node("try", None, (body, self._postfix()) if self._accept("catch") else (body,))
            case "reduce" | "foreach":
                return self._fold()
            case "name":
                return self._call()
        raise self.unexpected()

    def _call(self) -> Node:
        name = self._take()
        if name == "break" and self.kind == "variable":
            return Node("break", self._take()[1:])
        arguments: list[Node] = []
        if self._accept("("):
            arguments.append(self.pipe())
            while self._accept(";"):
                arguments.append(self.pipe())
            self._expect(")")
        return Node("call", name, tuple(arguments))

    def _if(self) -> Node:
        self._advance()
        self._go_deeper()
        test = self.pipe()
        self._expect("then")
        yes = self.pipe()
        if self.kind == "elif":
            no = self._if()
            self._depth -= 1
            return Node("if", None, (test, yes, no))
        no = self.pipe() if self._accept("else") else Node("identity")
        self._expect("end")
        self._depth -= 1
        return Node("if", None, (test, yes, no))

    def _fold(self) -> Node:
        kind = self._take()
        source = self._postfix_without_as()
        self._expect("as")
        patterns = self._patterns()
        self._expect("(")
        parts = [source, self.pipe()]
        self._expect(";")
        parts.append(self.pipe())
        if kind == "foreach":
            parts.append(self.pipe() if self._accept(";") else Node("identity"))
        self._expect(")")
        return Node(kind, patterns, tuple(parts))

    def _postfix_without_as(self) -> Node:
        term = self._term()
        while self.kind in ("field", "[", "?"):
            if self.kind == "field":
                term = Node("index", None, (term, Node("literal", self._take()[1:])))
            elif self._accept("["):
                term = self._bracket(term)
            else:
                self._advance()
                term = Node("try", None, (term,))
        return term

    def _object(self) -> Node:
        self._advance()
        pairs: list[Node] = []
        while not self._accept("}"):
            pairs.append(self._pair())
            if not self._accept(",") and self.kind != "}":
                raise self.unexpected()
        return Node("object", None, tuple(pairs))

    def _pair(self) -> Node:
        identity = Node("identity")
        if self.kind == "variable":
            name = self._take()[1:]
            return Node("pair", None, (Node("literal", name), Node("variable", name)))
        if self.kind == "(":
            self._advance()
            key = self.pipe()
            self._expect(")")
        elif self.kind == '"':
            key = self._string()
        elif self.kind == "name" or self.kind in KEYWORDS:
            key = Node("literal", self._take())
        else:
            raise self.unexpected()
        if self._accept(":"):
            return Node("pair", None, (key, self._value()))
        return Node("pair", None, (key, Node("index", None, (identity, key))))

    def _value(self) -> Node:
        """Read the value of a key: no commas, but pipes."""
        self._go_deeper()
        value = self._binary(3)
        if self._accept("|"):
            value = Node("pipe", "|", (value, self._value()))
        self._depth -= 1
        return value

    def _string(self, form: str = "@text") -> Node:
        """Read a string; the quote is the word at hand."""
        pieces: list[Node] = []
        literal = ""
        while True:
            match = re.compile(r'[^"\\]+|(?:\\u[0-9A-Fa-f]{4})+|\\[^u(]|\\\(|"', re.DOTALL).match(
                self._source, self._position
            )
            if match is None:
                raise Fault("syntax error, unexpected end of file (Unix shell quoting issues?)")
            self._position = match.end()
            text = match[0]
            if text == '"':
                break
            if text == "\\(":
                pieces.append(Node("literal", literal))
                literal = ""
                self._go_deeper()
                self._advance()
                pieces.append(Node("pipe", "|", (self.pipe(), Node("format", form))))
                self._depth -= 1
                if self.kind != ")":
                    raise self.unexpected()
                continue
            if text.startswith("\\"):
                try:
                    text = json.loads(f'"{text}"')
                except ValueError:
                    raise Fault("syntax error, unexpected INVALID_CHARACTER (Unix shell quoting issues?)") from None
            literal += text
        self._advance()
        if not pieces:
            return Node("literal", literal)
        return Node("string", None, (*pieces, Node("literal", literal)))
