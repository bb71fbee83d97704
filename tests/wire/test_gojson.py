"""JSON as Go has it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.wire.gojson import JsonError, Member, decode, encode, read_struct, split

MEMBERS = {
    "hostname": Member("Hostname", "string"),
    "memory": Member("Memory", "int"),
    "tty": Member("Tty", "bool"),
    "cmd": Member("Cmd", "strings"),
    "volumes": Member("Volumes", "set"),
}
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(body: bytes) -> dict[str, Any]:
    return read_struct(decode(body), "docker.Config", MEMBERS)


# -- writing ----------------------------------------------------------------------


@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert decode(encode(value)) == value


@given(values)
def test_what_is_written_means_the_same_to_any_other_parser(value: Any) -> None:
    assert json.loads(encode(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1, "b": [True, None]}, b'{"a":1,"b":[true,null]}'),
        ("49153->80 <&>", rb'"49153-\u003e80 \u003c\u0026\u003e"'),
        ({"<": ">"}, rb'{"\u003c":"\u003e"}'),
        ("\u2028\u2029", rb'"\u2028\u2029"'),
        ('"\\\n\r\t', rb'"\"\\\n\r\t"'),
        ("\x00\x1f", rb'"\u0000\u001f"'),
        ("ä€😀\x7f", '"ä€😀\x7f"'.encode()),
        ("a\ud800b", b'"a\xef\xbf\xbdb"'),
        ("\udcff", b'"\xef\xbf\xbd"'),
    ],
)
def test_json_is_written_without_spaces_and_with_gos_escapes(value: Any, text: bytes) -> None:
    assert encode(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), [float("nan")]])
def test_numbers_that_json_has_not_are_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(value)


# -- reading ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":1}', {"a": 1}),
        (b' \t\r\n{"a":1}', {"a": 1}),
        (b'{"a":1} and whatever follows }', {"a": 1}),
        (b'{"a":1}{"b":2}', {"a": 1}),
        (b"null", None),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\xff"', "\ufffd"),
    ],
)
def test_the_first_value_counts(body: bytes, value: Any) -> None:
    assert decode(body) == value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "EOF"),
        (b" \n", "EOF"),
        (b"{", "unexpected EOF"),
        (b'{"a"', "unexpected EOF"),
        (b'{"a":', "unexpected EOF"),
        (b'{"a":1', "unexpected EOF"),
        (b'{"a":"b', "unexpected EOF"),
        (b'{"a":tru', "unexpected EOF"),
        (b"[1,", "unexpected EOF"),
        (b"-", "unexpected EOF"),
        (b"x", "invalid character 'x' looking for beginning of value"),
        (b"<", "invalid character '<' looking for beginning of value"),
        (b"{x", "invalid character 'x' looking for beginning of object key string"),
        (b"{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        (b'{"a":}', "invalid character '}' looking for beginning of value"),
        (b'"a\nb"', "invalid character '\\n' in string literal"),
        (b"NaN", "invalid character 'N' looking for beginning of value"),
        (b'{"a":Infinity}', "invalid character 'I' looking for beginning of value"),
        (b'{"a":-Infinity}', "invalid character '-' looking for beginning of value"),
    ],
)
def test_what_cannot_be_read_is_refused_in_gos_words(body: bytes, text: str) -> None:
    with pytest.raises(JsonError) as error:
        decode(body)
    assert str(error.value) == text


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_very_deep_nesting_is_refused(opening: bytes) -> None:
    with pytest.raises(JsonError, match="exceeded max depth"):
        decode(opening * 100_000)


@given(st.binary(max_size=40) | st.text(alphabet='{}[]",:\\ u0eE+-.1ntf', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(JsonError):
        read(body)


# -- structs ----------------------------------------------------------------------


def test_members_are_read_by_their_types() -> None:
    body = b'{"Hostname":"h","Memory":5,"Tty":true,"Cmd":["a","b"],"Volumes":{"/data":{}}}'
    assert read(body) == {"hostname": "h", "memory": 5, "tty": True, "cmd": ("a", "b"), "volumes": {"/data": {}}}


def test_names_are_known_in_any_letter_case_and_unknown_ones_ignored() -> None:
    assert read(b'{"hostNAME":"h","MEMORY":5,"nosuch":[1]}') == {"hostname": "h", "memory": 5}


def test_of_a_repeated_name_the_last_one_counts() -> None:
    assert read(b'{"Memory":1,"memory":2}') == {"memory": 2}


@pytest.mark.parametrize("body", [b"null", b"{}", b'{"Hostname":null,"Cmd":null,"Volumes":null}'])
def test_null_says_nothing(body: bytes) -> None:
    assert read(body) == {}


def test_null_inside_a_list_or_set_is_the_zero_value() -> None:
    assert read(b'{"Cmd":["a",null],"Volumes":{"/x":null}}') == {"cmd": ("a", ""), "volumes": {"/x": {}}}


def test_empty_lists_and_sets_are_something() -> None:
    assert read(b'{"Cmd":[],"Volumes":{}}') == {"cmd": (), "volumes": {}}


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_an_int64_is_read(number: int) -> None:
    assert read(b'{"Memory":%d}' % number) == {"memory": number}


@pytest.mark.parametrize(
    "number", [b"%d" % 2**63, b"%d" % (-(2**63) - 1), b"1.5", b"1e400", b"9" * 5000, b"-" + b"9" * 5000]
)
def test_what_is_no_int64_is_refused(number: bytes) -> None:
    with pytest.raises(
        JsonError, match=r"json: cannot unmarshal number .* into Go struct field Config.Memory of type int64"
    ):
        read(b'{"Memory":%s}' % number)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"Memory":"5"}', "string into Go struct field Config.Memory of type int64"),
        (b'{"Memory":true}', "bool into Go struct field Config.Memory of type int64"),
        (b'{"Hostname":5}', "number into Go struct field Config.Hostname of type string"),
        (b'{"Tty":1}', "number into Go struct field Config.Tty of type bool"),
        (b'{"Cmd":"ls"}', "string into Go struct field Config.Cmd of type []string"),
        (b'{"Cmd":{}}', "object into Go struct field Config.Cmd of type []string"),
        (b'{"Cmd":[1]}', "number into Go struct field Config.Cmd of type string"),
        (b'{"Volumes":[]}', "array into Go struct field Config.Volumes of type map[string]struct {}"),
        (b'{"Volumes":{"/x":1}}', "number into Go struct field Config.Volumes of type struct {}"),
        (b"[]", "array into Go value of type docker.Config"),
        (b"5", "number into Go value of type docker.Config"),
        (b'"x"', "string into Go value of type docker.Config"),
        (b"true", "bool into Go value of type docker.Config"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_gos_words(body: bytes, text: str) -> None:
    with pytest.raises(JsonError) as error:
        read(body)
    assert str(error.value) == f"json: cannot unmarshal {text}"


def test_half_characters_do_not_get_in() -> None:
    body = rb'{"Hostname":"a\ud800","Cmd":["\udc00"],"Volumes":{"\ud800":{}}}'
    assert read(body) == {"hostname": "a\ufffd", "cmd": ("\ufffd",), "volumes": {"\ufffd": {}}}


def test_a_stream_is_split_into_its_values() -> None:
    assert list(split(b'{"a":1}{} \r\n[2]"x"\n')) == [{"a": 1}, {}, [2], "x"]
    assert list(split(b" ")) == []


def test_html_is_not_escaped_if_that_is_wanted() -> None:
    assert encode({"Cmd": "echo a >&2 <b>\u2028"}, escapes_html=False) == b'{"Cmd":"echo a >&2 <b>\\u2028"}'
