"""Variables in the words of a Dockerfile, as the classic builder puts values in their places.

The rules are those of its lexer (buildkit frontend/dockerfile/shell/lex.go): quotes go, the escape character protects
what follows, `$name`, `${name}`, `${name:-word}` and `${name:+word}` are replaced. There is no other shell in it.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Names of one character that a shell would know and a build does not: they stand for nothing.
SPECIAL = "@*#?-$!"
#: No word may become longer than this, in characters: the kernel takes no longer one either (MAX_ARG_STRLEN).
LONGEST_WORD = 1 << 17
#: `${a:-${a:-…}}` may not be nested deeper than this.
DEEPEST = 100


class ExpansionError(ValueError):
    """A word that is not well formed; `str()` is the builder's text."""


def expand(word: str, env: Mapping[str, str], escape: str = "\\") -> str:
    """Return a word with its variables replaced and its quotes gone. Raises ExpansionError."""
    return _Word(word, env, escape).whole()[0]


def expand_words(word: str, env: Mapping[str, str], escape: str = "\\") -> list[str]:
    """Return the words that a word becomes: values are split at blanks, what is in quotes is not.

    Raises ExpansionError.
    """
    return _Word(word, env, escape).whole()[1]


class _Words:
    """Words that are being put together."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._word = ""

    def add(self, text: str) -> None:
        """Add text that blanks split."""
        for character in text:
            if not character.isspace():
                self._word += character
            elif self._word:
                self._words.append(self._word)
                self._word = ""

    def add_whole(self, text: str) -> None:
        """Add text that is not split."""
        self._word += text

    def all(self) -> list[str]:
        return [*self._words, self._word] if self._word else self._words


class _Word:
    """One word, read from left to right."""

    def __init__(self, word: str, env: Mapping[str, str], escape: str) -> None:
        self._word = word
        self._env = env
        self._escape = escape
        self._position = 0
        self._depth = 0

    def whole(self) -> tuple[str, list[str]]:
        try:
            return self._until("")
        except ExpansionError as error:
            raise ExpansionError(f"failed to process {quoted(self._word)}: {error}") from None

    def _peek(self) -> str:
        """Return the next character, "" at the end."""
        return self._word[self._position : self._position + 1]

    def _next(self) -> str:
        character = self._peek()
        self._position += 1
        return character

    def _until(self, stop: str) -> tuple[str, list[str]]:
        """Read up to the character `stop`, which is passed over, or to the end if it is ""."""
        result: list[str] = []
        length = 0
        words = _Words()
        while character := self._peek():
            if character == stop:
                self._next()
                return "".join(result), words.all()
            if character == "$":
                value = self._dollar()
                words.add(value)
            elif character in "'\"":
                value = self._single_quoted() if character == "'" else self._double_quoted()
                words.add_whole(value)
            else:
                value = self._next()
                if value == self._escape:
                    value = self._next()
                    words.add_whole(value)
                else:
                    words.add(value)
            result.append(value)
            length += len(value)
            _must_fit(length)
        if stop:
            raise ExpansionError(f"unexpected end of statement while looking for matching {stop}")
        return "".join(result), words.all()

    def _single_quoted(self) -> str:
        self._next()
        end = self._word.find("'", self._position)
        if end < 0:
            self._position = len(self._word)
            raise ExpansionError("unexpected end of statement while looking for matching single-quote")
        text = self._word[self._position : end]
        self._position = end + 1
        return text

    def _double_quoted(self) -> str:
        self._next()
        result: list[str] = []
        length = 0
        while character := self._peek():
            if character == '"':
                self._next()
                return "".join(result)
            if character == "$":
                result.append(self._dollar())
                length += len(result[-1])
                _must_fit(length)
                continue
            self._next()
            if character == self._escape:
                if not self._peek():
                    break
                if self._peek() in ('"', "$", self._escape):
                    character = self._next()
            result.append(character)
        raise ExpansionError("unexpected end of statement while looking for matching double-quote")

    def _dollar(self) -> str:
        self._next()
        if self._peek() != "{":
            name = self._name()
            return self._env.get(name, "") if name else "$"
        self._next()
        if not self._peek():
            raise ExpansionError("syntax error: missing '}'")
        if self._peek() in "{}:":
            raise ExpansionError("syntax error: bad substitution")
        name = self._name()
        follows = self._next()
        if follows == "}":
            return self._env.get(name, "")
        if follows != ":":
            raise ExpansionError("missing ':' in substitution")
        return self._modified(self._env.get(name, ""), self._next())

    def _modified(self, value: str, modifier: str) -> str:
        """Read what is behind `${name:-` or `${name:+`, and return what the whole becomes."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpansionError("syntax error: bad substitution")
        try:
            word, _ = self._until("}")
        except ExpansionError:
            if not self._peek():
                raise ExpansionError("syntax error: missing '}'") from None
            raise
        finally:
            self._depth -= 1
        if modifier == "+":
            return word if value else ""
        if modifier == "-":
            return value or word
        raise ExpansionError(f"unsupported modifier ({modifier}) in substitution")

    def _name(self) -> str:
        """Read a name; a digit or one of the special characters is a name of its own."""
        start = self._position
        if self._peek() and (self._peek().isdigit() or self._peek() in SPECIAL):
            return self._next()
        while (character := self._peek()) and (character.isalnum() or character == "_"):
            self._next()
        return self._word[start : self._position]


def _must_fit(length: int) -> None:
    if length > LONGEST_WORD:
        raise ExpansionError("argument list too long")


_GO_ESCAPES = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r"} | {
    "\t": "\\t",
    "\v": "\\v",
}


def quoted(text: str) -> str:
    """Return a text as Go writes it for %q."""
    return '"' + "".join(_quoted_character(character) for character in text) + '"'


def _quoted_character(character: str) -> str:
    if character in _GO_ESCAPES:
        return _GO_ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
