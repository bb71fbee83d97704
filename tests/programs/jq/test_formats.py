"""Values in formats."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.formats import formatted
from fakedocker.programs.jq.values import JqError

ROW = [1.0, 'a"b', None, True, "x\ty"]


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("@text", [1.0], "[1]"),
        ("@json", "a", '"a"'),
        ("@csv", ROW, '1,"a""b",,true,"x\ty"'),
        ("@tsv", ROW, '1\ta"b\t\ttrue\tx\\ty'),
        ("@sh", ["it's", 1.0], "'it'\\''s' 1"),
        ("@html", "<&'\">", "&lt;&amp;&#39;&quot;&gt;"),
        ("@uri", "a b/é", "a%20b%2F%C3%A9"),
        ("@base64", "hello", "aGVsbG8="),
        ("@base64d", "aGVsbG8", "hello"),
        ("@base32", "hello", "NBSWY3DP"),
    ],
)
def test_a_value_is_written(form: str, value: object, text: str) -> None:
    assert formatted(form, value) == text


@pytest.mark.parametrize(
    ("form", "value", "message"),
    [
        ("@csv", 1.0, "number (1) cannot be csv-formatted, only array"),
        ("@tsv", [[]], "array ([]) is not valid in a tsv row"),
        ("@sh", {}, "object ({}) can not be escaped for shell"),
        ("@base64d", "!", 'string ("!") is not valid base64 data'),
        ("@nosuch", 1.0, "nosuch is not a valid format"),
    ],
)
def test_what_has_no_such_form_is_an_error(form: str, value: object, message: str) -> None:
    with pytest.raises(JqError) as caught:
        formatted(form, value)
    assert caught.value.value == message
