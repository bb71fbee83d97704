"""YAML read without trust and written for people. How a tree is read is tested with fixtures, too."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from exchanges import texts, values
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.wire.safeyaml import DocumentError, Flow, Limits, Mapping, block, compose, flow, value_of

STRICT = Limits(100_000, 1 << 20, 50, aliases=False, noun="cassette")
keys = texts.filter(lambda text: len(text) < 250)
documents = st.dictionaries(keys, values | st.dictionaries(keys, values, max_size=3).map(Flow), min_size=1, max_size=4)


def fast_load(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader) if yaml.__with_libyaml__ else yaml.safe_load(text)


def read(text: str, limits: Limits = STRICT) -> Any:
    node = compose(text, limits)
    assert node is not None
    return value_of(node)


def short_keys(value: Any) -> bool:
    match value:
        case dict():
            return all(len(key) < 250 and short_keys(item) for key, item in value.items())
        case list():
            return all(map(short_keys, value))
    return True


@given(documents.filter(short_keys))
def test_what_is_written_is_read_as_it_was_by_everybody(document: dict[str, Any]) -> None:
    text = block(document)
    assert read(text) == document
    assert yaml.load(text, Loader=yaml.SafeLoader) == document
    assert fast_load(text) == document


@given(documents.filter(short_keys))
def test_what_is_written_on_one_line_is_read_as_it_was(document: dict[str, Any]) -> None:
    text = flow(document)
    assert "\n" not in text
    assert read(text) == document
    assert fast_load(text) == document


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Image": "busybox:1.36", "Tty": False, "Memory": 0}, "Image: busybox:1.36\nTty: false\nMemory: 0\n"),
        ({"Cmd": ["sh", "-c", "echo hi"]}, 'Cmd:\n  - sh\n  - "-c"\n  - echo hi\n'),
        ({"answer": "yes"}, 'answer: "yes"\n'),
        ({"text": "one\ntwo\n"}, "text: |\n  one\n  two\n"),
        ({"text": "one\ntwo"}, "text: |-\n  one\n  two\n"),
        ({"empty": [{}, [], ""]}, 'empty:\n  - {}\n  - []\n  - ""\n'),
        ({"frames": [Flow(t=0.5, dir="out", text="hi\n")]}, 'frames:\n  - {t: 0.5, dir: out, text: "hi\\n"}\n'),
        ({"big": 1e20}, "big: 1.0e+20\n"),
    ],
)
def test_it_is_written_as_a_person_would(value: dict[str, Any], text: str) -> None:
    assert block(value) == text


def test_half_a_character_is_written_as_a_replacement() -> None:
    assert read(block({"half": "a\ud800b"})) == {"half": "a\ufffdb"}


@pytest.mark.parametrize("value", [{"x": float("nan")}, {"x": float("inf")}, {"x": object()}])
def test_what_json_cannot_say_is_not_written(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"JSON has no infinities|YAML here has no object"):
        block(value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "tags are not allowed in a cassette: !!python/object"),
        ("a: &a [1]\nb: *a\n", 2, "aliases are not allowed in a cassette: *a"),
        ("a: 1\nb: 2\na: 3\n", 3, "a is there twice"),
        ("a: [1\n", 2, "this is not YAML"),
        ("a: \x07\n", 1, "a character that YAML does not allow|this is not YAML"),
        ("a: " + "9" * 2000, 1, "a number of more than 1000 digits"),
        ("a: " + "[" * 60, 1, "nested more than 50 deep"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(DocumentError, match=message.replace("*", r"\*").replace("[", r"\[")) as caught:
        read(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("-1", -1), ("1.5", 1.5), ("1e3", 1000.0), ("true", True), ("no", "no"), ("~", None), ("'1'", "1")],
)
def test_a_plain_scalar_means_what_it_means_in_json(text: str, value: Any) -> None:
    assert read(f"x: {text}") == {"x": value}


def test_nodes_know_their_lines() -> None:
    tree = compose("a: 1\nb:\n  c: 2\n", STRICT)
    assert isinstance(tree, Mapping)
    assert [key.line for key, _ in tree.entries] == [1, 2]
