"""Words, operators and here-documents."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.lexer import Lexer, Token
from fakedocker.programs.shell.syntax import Incomplete, Literal, Parameter, SyntaxFault


def lexer(text: str, *, final: bool = True) -> Lexer:
    return Lexer(text, 0, final=final, depth=0, nested=lambda: None, whole=lambda text: None)


def tokens(text: str) -> list[Token]:
    source, found = lexer(text), []
    while (token := source.next()).kind != "end":
        found.append(token)
    return found


def test_operators_need_no_blanks_around_them() -> None:
    assert [token.text for token in tokens("a&&b||c;d|e>f&")] == ["a", "&&", "b", "||", *"c;d|e>f&"]


def test_a_number_before_a_redirection_is_its_descriptor() -> None:
    redirection, word = tokens("2>>x")
    assert (redirection.kind, redirection.fd, redirection.text, word.text) == ("redirection", 2, ">>", "x")
    assert [token.kind for token in tokens("a2>x")] == ["word", "redirection", "word"]


def test_a_comment_begins_only_with_a_word() -> None:
    assert [token.text for token in tokens("a#b #c\nd")] == ["a#b", "\n", "d"]


def test_a_backslash_newline_is_nothing() -> None:
    assert [token.word.plain for token in tokens("a\\\nb") if token.word] == ["ab"]


def test_quotes_keep_their_text_and_say_so() -> None:
    (token,) = tokens("'a  b'c\"d\"")
    assert token.word is not None
    assert token.word.parts == (Literal("a  b", True), Literal("c"), Literal("d", True))


def test_an_empty_quote_is_a_word() -> None:
    (token,) = tokens('""')
    assert token.word is not None
    assert token.word.parts == (Literal("", True),)


def test_a_parameter_knows_its_operator_and_argument() -> None:
    (token,) = tokens('"${A:-b}"')
    assert token.word is not None
    (part,) = token.word.parts
    assert isinstance(part, Parameter)
    assert (part.name, part.operator, part.quoted) == ("A", ":-", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [("'a", "unterminated quoted string"), ('"a', "unterminated quoted string"), ("${a", "missing '}'"), ("`a", "EOF")],
)
def test_what_is_open_at_the_end_asks_for_more(text: str, message: str) -> None:
    with pytest.raises(Incomplete, match=message):
        tokens(text)


@pytest.mark.parametrize("text", ["${a!b}", "${}", "${/x}"])
def test_a_bad_substitution_is_an_error_only_where_it_is_expanded(text: str) -> None:
    [token] = tokens(text)
    assert [part.operator for part in token.word.parts] == ["bad"]


@pytest.mark.parametrize("text", ["${a:-" * 10_000, "$((" * 10_000, '"${a:-' * 10_000])
def test_deep_nesting_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxFault, match="nested too deeply"):
        tokens(text)
