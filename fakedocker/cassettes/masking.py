"""Secrets that were learned, and how they are found again wherever they appear.

A secret has a name, and what stands in its place is `{secret:name}`: the same for every value, so that a recording
matches a client with another password. A value that was learned is known in the forms in which it travels: as it is,
escaped in JSON, escaped in a URL, in base64. Two limits:

* what is shorter than `SHORTEST`, or a word like `true`, is replaced where it is known to be a secret and not
  searched for elsewhere: it would be found in everything;
* what has fewer than `LONG` digits and nothing else is searched for as a word of its own, not within longer ones:
  it would be found in ids.

Bytes that are no text keep their length: stars stand for the secret, so that an archive stays one.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import AnyStr
from urllib.parse import quote, quote_plus

from fakedocker.wire import gojson

#: Characters of a value that is searched for, and of one made of digits that is found within longer words.
SHORTEST = 4
LONG = 10
#: What is longer is hidden in its place only.
LONGEST = 16 << 10
#: Forms that are remembered; beyond, the oldest is forgotten, so that a session cannot grow without end.
MOST_FORMS = 10_000
#: Digits of base64 that are searched for.
SHORTEST_BASE64 = 8
_COMMON = frozenset(
    {"true", "false", "null", "none", "yes", "no", "on", "off", "default", "empty", "password", "secret", "token"}
)
_PLACEHOLDER = re.compile(r"\{secret:([^{}\s]*)\}")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
_DIGITS = re.compile(r"[0-9a-fA-F]*")


def placeholder(name: str) -> str:
    """Return what stands for a secret."""
    return f"{{secret:{_NOT_IN_A_NAME.sub('-', name).strip('-') or 'value'}}}"


def is_placeholder(text: str) -> bool:
    """Tell whether a text stands for a secret."""
    return _PLACEHOLDER.fullmatch(text) is not None


def revealed(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text with secrets, by their names, in the place of what stands for them."""
    return _PLACEHOLDER.sub(lambda found: secrets.get(found[1], found[0]), text)


@dataclass(frozen=True, slots=True)
class TextRule:
    """What is a secret wherever it stands: what `pattern` finds, or its first group if it has one."""

    name: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    name: str


class Mask:
    """The secrets of a session. `counts`: how often each was replaced, by name."""

    def __init__(self, rules: Iterable[TextRule] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self._rules = tuple(rules)
        #: What is searched for -> the name of the secret. The first name stays.
        self._names: dict[str, str] = {}
        #: The name of a secret -> its latest value.
        self._values: dict[str, str] = {}

    def learn(self, name: str, value: str) -> None:
        """Remember a secret."""
        if not value or is_placeholder(value):
            return
        self._values[placeholder(name)] = value
        if not SHORTEST <= len(value) <= LONGEST or value.lower() in _COMMON or value in self._names:
            return
        for form in _forms(value):
            self._names.setdefault(form, name)
        while len(self._names) > MOST_FORMS:
            del self._names[next(iter(self._names))]

    def hide(self, name: str, value: str) -> str:
        """Return what stands for a value that is known to be a secret, and remember it."""
        if not value or is_placeholder(value):
            return value
        self.learn(name, value)
        self.counts[name] += 1
        return placeholder(name)

    def text(self, text: str) -> str:
        """Return a text without the secrets in it."""
        spans = self._spans(text)
        if not spans:
            return text
        parts, at = [], 0
        for span in spans:
            self.counts[span.name] += 1
            parts += [text[at : span.start], placeholder(span.name)]
            at = span.end
        return "".join([*parts, text[at:]])

    def data(self, data: bytes) -> bytes:
        """Return bytes that are no text without the secrets in them, as long as before."""
        forms = [form for form in (form.encode("utf-8", "replace") for form in self._names) if form in data]
        if not forms:
            return data
        return re.compile(b"|".join(map(re.escape, _longest_first(forms)))).sub(self._stars, data)

    def pieces(self, pieces: Sequence[bytes], is_text: Sequence[bool]) -> list[bytes]:
        """Return what came piece by piece without the secrets in it, those that lie across pieces included.

        In text the placeholder stands where the secret began.
        """
        whole = b"".join(pieces)
        text = whole.decode("utf-8", "surrogateescape")
        spans = self._spans(text)
        if not spans:
            return list(pieces)
        edits = []
        at = offset = 0
        for span in spans:
            start = offset + len(text[at : span.start].encode("utf-8", "surrogateescape"))
            end = start + len(text[span.start : span.end].encode("utf-8", "surrogateescape"))
            edits.append((start, end, span.name))
            self.counts[span.name] += 1
            at, offset = span.end, end
        return _edited(pieces, is_text, edits)

    def stream(self) -> StreamMask:
        """Return a mask for bytes that come bit by bit and are not kept: of what is known when they come."""
        return StreamMask(self)

    def reveal(self, text: str) -> str:
        """Return a text with the latest values in the place of what stands for them."""
        if "{secret:" not in text:
            return text
        return _PLACEHOLDER.sub(lambda found: self._values.get(found[0], found[0]), text)

    @property
    def longest(self) -> int:
        """Bytes of the longest thing that is searched for."""
        return max((len(form.encode("utf-8", "surrogatepass")) for form in self._names), default=0)

    def _stars(self, found: re.Match[bytes]) -> bytes:
        self.counts[self._names.get(found[0].decode("utf-8", "replace"), "value")] += 1
        return b"*" * len(found[0])

    def _spans(self, text: str) -> list[_Span]:
        """Return where the secrets are, in order and apart from each other."""
        found: list[_Span] = []
        for rule in self._rules:
            for hit in rule.pattern.finditer(text):
                start, end = hit.span(1) if rule.pattern.groups and hit.start(1) >= 0 else hit.span()
                if end > start and "{secret:" not in text[start:end]:
                    self.learn(rule.name, text[start:end])
                    found.append(_Span(start, end, rule.name))
        # Looking for each is much faster than one pattern of all.
        forms = [form for form in self._names if form in text]
        if forms:
            pattern = "|".join([_PLACEHOLDER.pattern, *map(_searched, _longest_first(forms))])
            for hit in re.finditer(pattern, text):
                if hit[0] in self._names:  # or else it stands for a secret already
                    found.append(_Span(*hit.span(), self._names[hit[0]]))
        return _joined(found)


class StreamMask:
    """Hides secrets in bytes that come bit by bit, lengths kept; holds back what may be the beginning of one."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """Return what can be kept now."""
        masked = self._mask.data(self._rest + data)
        held = min(max(self._mask.longest - 1, 0), len(masked))
        self._rest = masked[len(masked) - held :]
        return masked[: len(masked) - held]

    def finish(self) -> bytes:
        """Return the rest."""
        rest, self._rest = self._rest, b""
        return rest


def _longest_first(forms: list[AnyStr]) -> list[AnyStr]:
    return sorted(forms, key=len, reverse=True)


def _forms(value: str) -> list[str]:
    """Return a value as it may be written."""
    data = value.encode("utf-8", "replace")
    forms = [
        value,
        gojson.encode(value).decode()[1:-1],
        json.dumps(value)[1:-1],
        quote(data, safe=""),
        quote(data),
        quote_plus(data),
    ]
    encoded = [form for shift in range(3) for form in _in_base64(data, shift) if len(form) >= SHORTEST_BASE64]
    return list(dict.fromkeys([*forms, *encoded]))


def _in_base64(data: bytes, shift: int) -> tuple[str, str]:
    """Return how bytes look somewhere within base64, in both alphabets: the digits that are theirs alone.

    `shift`: how many bytes stand before them, modulo three.
    """
    first, end = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
    shifted = bytes(shift) + data
    return base64.b64encode(shifted).decode()[first:end], base64.urlsafe_b64encode(shifted).decode()[first:end]


def _searched(form: str) -> str:
    if len(form) < LONG and _DIGITS.fullmatch(form):
        return rf"(?<![0-9A-Za-z]){re.escape(form)}(?![0-9A-Za-z])"
    return re.escape(form)


def _joined(spans: list[_Span]) -> list[_Span]:
    joined: list[_Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = _Span(last.start, max(last.end, span.end), last.name)
        else:
            joined.append(span)
    return joined


def _edited(pieces: Sequence[bytes], is_text: Sequence[bool], edits: Sequence[tuple[int, int, str]]) -> list[bytes]:
    """Return the pieces with stretches of the whole replaced; each edit is a start, an end and the secret's name."""
    edited = []
    begin = first = 0
    for piece, readable in zip(pieces, is_text, strict=True):
        at, end, parts = begin, begin + len(piece), []
        while first < len(edits) and edits[first][0] < end:
            start, stop, name = edits[first]
            parts.append(piece[at - begin : max(start, at) - begin])
            at = min(stop, end)
            if not readable:
                parts.append(b"*" * (at - max(start, begin)))
            elif start >= begin:
                parts.append(placeholder(name).encode())
            if stop > end:
                break  # it goes on in the next piece
            first += 1
        edited.append(b"".join([*parts, piece[at - begin :]]))
        begin = end
    return edited
