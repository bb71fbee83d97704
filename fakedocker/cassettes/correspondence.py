"""Which invention of a recorded session is which of a live one.

Learned by laying what was recorded and what is live side by side: in the same place of the same answer, the same
container has another id. Whoever replays translates a live client's names into the recorded ones and answers back;
whoever verifies translates recorded requests for the live daemon. The rules:

* only what is an invention of the recorded session is translated, whole words only;
* a recorded invention corresponds to one live one and keeps it;
* what a client named itself corresponds only if it looks alike: `test-3f9a8c` and `test-11bb22`, not `web` and `db`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from fakedocker.cassettes.model import Body, Json, Request, Response, Stream, Text
from fakedocker.cassettes.references import (
    MAPS_OF_NAMES,
    NAMING,
    UUID,
    WORD,
    References,
    json_in_query,
    looks_invented,
    rewrite_request,
    rewrite_response,
    tokens,
)

_BREAK = re.compile(r"([-_.])")
_HEX = re.compile(r"[0-9a-f]+")
_ID_IN_WORD = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{12,64}(?![0-9A-Za-z])")
_SHORT = 12

Pairs = Mapping[str, str]
"""Recorded word -> live word."""


class Correspondence:
    """The inventions of a recorded session and what they are in a live one."""

    def __init__(self, recorded: References) -> None:
        self._recorded = recorded
        self._to_live: dict[str, str] = {}
        self._to_recorded: dict[str, str] = {}

    def bind(self, pairs: Pairs) -> None:
        """Let recorded words correspond to live ones. What corresponds to something already keeps it."""
        for recorded, live in pairs.items():
            if recorded not in self._to_live and live not in self._to_recorded:
                self._to_live[recorded] = live
                self._to_recorded[live] = recorded

    def proposed(self, recorded: Request, live: Request) -> Pairs:
        """Return what would have to correspond for a live request to be the recorded one: names that look alike.

        `live` is what `recorded_request` returned for it.
        """
        pairs: dict[str, str] = {}
        for one, other in zip(recorded.path.split("/"), live.path.split("/"), strict=False):
            known = self._recorded.find(one)
            if known is None or known.kind == "name":  # ids are not the client's
                self._propose(one, other, pairs)
        for (name, one), (other_name, other) in zip(sorted(recorded.query), sorted(live.query), strict=False):
            if name == other_name:
                first, second = json_in_query(one), json_in_query(other)
                if first and second:
                    self._named(first.value, second.value, name, pairs)
                else:
                    self._named(one, other, name, pairs)
        if isinstance(recorded.body, Json) and isinstance(live.body, Json):
            self._named(recorded.body.value, live.body.value, "", pairs)
        return pairs

    def _named(self, recorded: Any, live: Any, member: str, pairs: dict[str, str]) -> None:
        match recorded, live:
            case dict(), dict():
                for key in recorded.keys() & live.keys():
                    self._named(recorded[key], live[key], member if member in MAPS_OF_NAMES else key, pairs)
                gone, new = sorted(recorded.keys() - live.keys()), sorted(live.keys() - recorded.keys())
                self._named(gone, new, member, pairs)
            case list(), list():
                for one, other in zip(recorded, live, strict=False):
                    self._named(one, other, member, pairs)
            case str(), str() if member in NAMING and recorded != live:
                for one, other in zip_longest(WORD.findall(recorded), WORD.findall(live), fillvalue=""):
                    self._propose(one, other, pairs)

    def _propose(self, recorded: str, live: str, pairs: dict[str, str]) -> None:
        is_free = recorded not in self._to_live and live not in self._to_recorded
        if recorded != live and is_free and are_alike(recorded, live):
            pairs.setdefault(recorded, live)

    def pair_answers(self, recorded: Response, live: Response) -> None:
        """Take from a recorded answer and a live one to the same request which invention is which."""
        self._pair_bodies(recorded.body, live.body)

    def _pair_bodies(self, recorded: Body, live: Body) -> None:
        match recorded, live:
            case Json(one), Json(other):
                self._pair(one, other)
            case Text(one), Text(other):
                self._pair(one, other)
            case Stream(frames=ones), Stream(frames=others):
                for frame, other_frame in zip(ones, others, strict=False):
                    match frame.content, other_frame.content:
                        case (Json(first), Json(second)) | (Text(first), Text(second)):
                            self._pair(first, second)

    def _pair(self, recorded: Any, live: Any) -> None:
        match recorded, live:
            case dict(), dict():
                live = {self._to_recorded.get(key, key): item for key, item in live.items()}
                for key in recorded.keys() & live.keys():
                    self._pair(recorded[key], live[key])
                # Ids as keys: in the order in which they stand, if they are all that differs.
                gone = [key for key in recorded if key not in live]
                new = [key for key in live if key not in recorded]
                if len(gone) == len(new) == 1 and self._recorded.find(gone[0]):
                    self._pair(gone[0], new[0])
                    self._pair(recorded[gone[0]], live[new[0]])
            case list(), list() if len(recorded) == len(live):
                for one, other in zip(recorded, live, strict=True):
                    self._pair(one, other)
            case str(), str() if recorded != live:
                ones, others = tokens(recorded), tokens(live)
                if len(ones) == len(others):
                    for one, other in zip(ones, others, strict=True):
                        self._pair_words(one, other)

    def _pair_words(self, recorded: str, live: str) -> None:
        known = self._recorded.find(recorded)
        if known is None or recorded == live:
            return
        if known.kind == "name" and looks_invented(recorded) and not are_alike(recorded, live):
            return  # a client's own name, and something else where it should stand
        if known.kind == "name" or len(recorded) == len(live):
            self.bind({recorded: live})
            if known.kind != "name" and len(recorded) > _SHORT:
                self.bind({recorded[:_SHORT]: live[:_SHORT]})

    # -- translating -------------------------------------------------------------------------

    def live_request(self, recorded: Request) -> Request:
        """Return a recorded request as it has to be asked live."""
        return rewrite_request(recorded, self._live)

    def live_response(self, recorded: Response) -> Response:
        """Return a recorded answer as a live client knows it."""
        return rewrite_response(recorded, self._live)

    def recorded_request(self, live: Request, also: Pairs | None = None) -> Request:
        """Return a live request as it would have been recorded; `also`: pairs as if they were bound."""
        words = self._to_recorded if not also else {**self._to_recorded, **{new: old for old, new in also.items()}}
        return rewrite_request(live, lambda value, _: _translated(value, words))

    def recorded_response(self, live: Response) -> Response:
        """Return a live answer as it would have been recorded."""
        return rewrite_response(live, lambda value, _: _translated(value, self._to_recorded))

    def _live(self, value: Any, _member: str) -> Any:
        return _translated(value, self._to_live)


def _translated(value: Any, words: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or not words:
        return value
    return WORD.sub(lambda found: _word(found[0], words), value)


def _word(word: str, words: Mapping[str, str]) -> str:
    if word in words:
        return words[word]
    if len(word) <= _SHORT:
        return word
    if not _HEX.fullmatch(word):
        return _ID_IN_WORD.sub(lambda found: _word(found[0], words), word)
    # More than twelve digits of an id, but not all.
    whole = next((one for known, one in words.items() if known.startswith(word)), None)
    return word if whole is None else whole[: len(word)]


def are_alike(one: str, other: str) -> bool:
    """Tell whether two names are the same but for parts that were made up: a number, random digits."""
    if not (looks_invented(one) and looks_invented(other)):
        return False
    parts, others = (_BREAK.split(UUID.sub("00000000", name)) for name in (one, other))
    if len(parts) != len(others):
        return False
    return all(
        part == another or (looks_invented(part) and looks_invented(another))
        for part, another in zip(parts, others, strict=True)
    )
