"""YAML as a tree that knows its lines, and the same tree written for people.

Reading uses only the parser's events: no YAML tag makes an object, and a scalar is the text that was written; what it
means is decided by whoever asks for it. The rules: plain keys, no tags, aliases (where they are allowed at all) only
to what is complete, and what aliases would expand to counts, not what was written: there is no way to make a small
file big.

Writing is the other half: `block` and `flow` give text that this reader and any YAML 1.1 or 1.2 reader take for the
same value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml import events

LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STRING_TAG = "tag:yaml.org,2002:str"
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class DocumentError(ValueError):
    """This is not YAML, or not YAML that we read; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text; `plain` when it stands without quotes, so that it may mean a number, a truth or nothing."""

    line: int
    text: str
    plain: bool = True

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    line: int
    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the order of the file; a key may be there twice."""

    line: int
    entries: tuple[tuple[Scalar, Node], ...] = ()


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a document may be: nodes, bytes of text in them (aliases expanded), how deep; and what it is called."""

    nodes: int
    text: int
    depth: int
    aliases: bool = True
    noun: str = "file"


def compose(text: str, limits: Limits) -> Node | None:
    """Return the document in `text`, None when there is none. Raises DocumentError."""
    try:
        return _Composer(limits).compose(yaml.parse(text, Loader=LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise DocumentError(mark.line + 1 if mark else 1, f"this is not YAML: {what}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(line, "this is not YAML: it holds a character that YAML does not allow") from None
    except yaml.YAMLError as error:
        raise DocumentError(1, f"this is not YAML: {error}") from None
    except UnicodeEncodeError:  # libyaml is given UTF-8, which has no half characters
        raise DocumentError(1, "this is not YAML: it holds half a character") from None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; `nodes` and `size` are what is in it so far."""

    line: int
    is_mapping: bool
    anchor: str | None
    children: list[Node] = field(default_factory=list)
    nodes: int = 1
    size: int = 0

    def close(self) -> Node:
        if not self.is_mapping:
            return Sequence(self.line, tuple(self.children))
        keys = [key for key in self.children[::2] if isinstance(key, Scalar)]  # `_add` let no others in
        return Mapping(self.line, tuple(zip(keys, self.children[1::2], strict=True)))


def _size(text: str, line: int) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:  # "\\ud800" can be written, but is no character
        raise DocumentError(line, "half a character") from None


class _Composer:
    """Makes a tree of events; without recursion, however deep the document is."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: list[_Open] = []
        #: What an alias stands for: the node, how many nodes it is, how many bytes of text.
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._root: Node | None = None
        self._nodes = 0
        self._size = 0

    def compose(self, stream: Iterator[Any]) -> Node | None:
        for event in stream:
            line = event.start_mark.line + 1
            match event:
                case events.DocumentStartEvent() if self._root is not None:
                    raise DocumentError(line, f"a {self._limits.noun} is one YAML document, this is the second")
                case events.ScalarEvent():
                    self._refuse_tag(event, line)
                    plain = not event.style and event.tag is None  # libyaml says "", the other parser None
                    size = _size(event.value, line)
                    self._count(1, size, line)
                    self._take(Scalar(line, event.value, plain), event.anchor, 1, size)
                case events.SequenceStartEvent() | events.MappingStartEvent():
                    self._refuse_tag(event, line)
                    if len(self._open) >= self._limits.depth:
                        raise DocumentError(line, f"nested more than {self._limits.depth} deep")
                    self._count(1, 0, line)
                    self._open.append(_Open(line, isinstance(event, events.MappingStartEvent), event.anchor))
                case events.SequenceEndEvent() | events.MappingEndEvent():
                    ended = self._open.pop()
                    self._take(ended.close(), ended.anchor, ended.nodes, ended.size)
                case events.AliasEvent():
                    self._take_alias(str(event.anchor), line)
        return self._root

    def _refuse_tag(self, event: Any, line: int) -> None:
        if event.tag not in (None, "!", STRING_TAG):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise DocumentError(line, f"YAML tags are not allowed in a {self._limits.noun}: {tag}")

    def _take_alias(self, name: str, line: int) -> None:
        if not self._limits.aliases:
            raise DocumentError(line, f"aliases are not allowed in a {self._limits.noun}: *{name}")
        if any(one.anchor == name for one in self._open):
            raise DocumentError(line, f"*{name} is part of itself")
        if name not in self._anchors:
            raise DocumentError(line, f"nothing is called &{name} above")
        node, nodes, size = self._anchors[name]
        self._count(nodes, size, line)
        self._add(node, nodes, size, line)

    def _take(self, node: Node, anchor: str | None, nodes: int, size: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, nodes, size)
        self._add(node, nodes, size, node.line)

    def _add(self, node: Node, nodes: int, size: int, line: int) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if parent.is_mapping and len(parent.children) % 2 == 0 and not isinstance(node, Scalar):
            raise DocumentError(line, "a key must be a word")
        parent.children.append(node)
        parent.nodes += nodes
        parent.size += size

    def _count(self, nodes: int, size: int, line: int) -> None:
        """Count what the document consists of so far."""
        self._nodes += nodes
        self._size += size
        if self._nodes > self._limits.nodes:
            raise DocumentError(
                line, f"more than {self._limits.nodes} values, aliases counted as often as they are used"
            )
        if self._size > self._limits.text:
            raise DocumentError(
                line, f"more than {self._limits.text >> 20} MB of text, aliases counted as often as used"
            )


# -- plain values: what JSON can say ---------------------------------------------------

#: Digits of an integer that is read as one; Python itself refuses more than 4300.
LONGEST_INTEGER = 1000
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")
#: What may stand without quotes: it begins like a word or a path and no reader takes it for anything but text.
_BARE = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.+@;,()-]*(?:[ :=][A-Za-z0-9_/.+@;,()-]+)*|[0-9a-f]+[a-f][0-9a-f]{10,}")
#: The same within `{}` and `[]`, where some readers stumble over colons.
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MISREAD = re.compile(
    r"(?i)~|null|true|false|yes|no|on|off|y|n|\.?nan|\.?inf|[-+]?\.inf|[-+]?[0-9][0-9_]*\.?[0-9_]*e[-+]?[0-9_]+"
)
#: What a double-quoted scalar has to escape beyond what JSON escapes.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")
_LITERAL = re.compile("[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*")


def value_of(node: Node) -> Any:
    """Return what a node means: text, a number, true, false, null, a list or a dict. Raises DocumentError."""
    match node:
        case Scalar(plain=False):
            return node.text
        case Scalar():
            return _meaning(node)
        case Sequence():
            return [value_of(item) for item in node.items]
    found: dict[str, Any] = {}
    for key, item in node.entries:
        if key.text in found:
            raise DocumentError(key.line, f"{key.text} is there twice")
        found[key.text] = value_of(item)
    return found


def _meaning(scalar: Scalar) -> Any:
    text = scalar.text
    if text in NULLS:
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        if len(text) > LONGEST_INTEGER:
            raise DocumentError(scalar.line, f"a number of more than {LONGEST_INTEGER} digits")
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


class Flow(dict[str, Any]):
    """A mapping that is written on one line."""


def block(value: Any, indent: int = 0) -> str:
    """Return a value in block style, every line with its end. Raises ValueError for what JSON cannot say."""
    return "".join(_lines(value, indent))


def _lines(value: Any, indent: int) -> Iterator[str]:
    """Yield the lines of a mapping or list that begins on a line of its own, or of a scalar."""
    margin = " " * indent
    if isinstance(value, dict) and value and not isinstance(value, Flow):
        for key, item in value.items():
            yield from _entry(f"{margin}{_text(key)}:", item, indent)
    elif isinstance(value, list | tuple) and value:
        for item in value:
            if isinstance(item, dict | list | tuple) and item and not isinstance(item, Flow):
                first, *rest = _lines(item, indent + 2)
                yield f"{margin}- {first[indent + 2 :]}"
                yield from rest
            else:
                yield from _entry(f"{margin}-", item, indent)
    else:
        yield f"{margin}{flow(value)}\n"


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, dict | list | tuple) and value and not isinstance(value, Flow):
        yield f"{head}\n"
        yield from _lines(value, indent + 2)
    elif isinstance(value, str) and _reads_as_lines(value):
        stripped = value.rstrip("\n")
        ends = len(value) - len(stripped)
        yield f"{head} |{'-' if not ends else '' if ends == 1 else '+'}\n"
        margin = " " * (indent + 2)
        for line in [*stripped.split("\n"), *[""] * (ends - 1)]:
            yield f"{margin}{line}\n" if line else "\n"
    else:
        yield f"{head} {flow(value)}\n"


def _reads_as_lines(text: str) -> bool:
    """Tell whether a text of several lines can stand as they are, and it would be seen where they end."""
    stripped = text.rstrip("\n")
    if "\n" not in stripped or text[0] in " \n" or not _LITERAL.fullmatch(text):
        return False
    return not any(line.endswith((" ", "\t")) or line.startswith("\t") for line in stripped.split("\n"))


def flow(value: Any) -> str:
    """Return a value on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return _text(value)
        case dict():
            return "{" + ", ".join(f"{_in_flow(key)}: {_in_flow(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_in_flow, value)) + "]"
    raise ValueError(f"YAML here has no {type(value).__name__}")


def _in_flow(value: Any) -> str:
    if isinstance(value, str) and not _WORD.fullmatch(value):
        return _quoted(value)
    return flow(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("JSON has no infinities")
    mantissa, e, exponent = repr(value).partition("e")
    if "." not in mantissa:
        mantissa += ".0"  # YAML 1.1 takes 1e+20 for text
    if e and exponent[0] not in "+-":
        exponent = f"+{exponent}"
    return mantissa + e + exponent


def _text(text: str) -> str:
    """Return a text without quotes if nothing could misread it, else in double quotes."""
    if _BARE.fullmatch(text) and not _MISREAD.fullmatch(text):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    """Return a text in double quotes. Half characters, which YAML has not, become U+FFFD."""
    quoted = json.dumps(_HALF.sub("\ufffd", text), ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
