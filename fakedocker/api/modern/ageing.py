"""How an answer grows old and a question young: what applies the dated list of `changes`.

Routes and views speak the newest version of the API. A change ages an answer, or modernises a question, for whoever
asks in an older one; nothing else compares versions. `until` is the version from which on things are as the views say.
Some differences go with the daemon that is played, whatever version it is asked in: those say `of="daemon"`, and
`until` is then the newest version of the first daemon without them.

The order is that of time, newest first: an answer is aged step by step, and a question modernised the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from fakedocker.api.service import Verdict, api_version, service, verdict
from fakedocker.engine.profiles import Version, parse_version

Members = dict[str, Any]
Ageing = Callable[[Members], None]
Of = Literal["request", "daemon"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `subject`: what it is about; `what`: a sentence for the documentation."""

    subject: str
    until: Version
    of: Of
    by: Version
    what: str
    do: Ageing

    def applies(self, age: Age) -> bool:
        """Whether somebody of this age is from before it."""
        return (age.asked if self.of == "request" else age.newest) < self.until and age.newest >= self.by


@dataclass(frozen=True, slots=True)
class Age:
    """The version that somebody asks in, and the newest one of the daemon that is asked."""

    asked: Version
    newest: Version

    @classmethod
    def of_request(cls) -> Age:
        """Return that of the present request; what is told after its answer has begun needs it from here.

        Who asks in a version that is not served is told so in the words of the newest, since 23.0.
        """
        newest = service().newest
        as_asked = verdict() is Verdict.SERVED or newest < TELLS_IN_THE_NEWEST
        return cls(api_version() if as_asked else newest, newest)

    def aged(self, subject: str, members: Members) -> Members:
        """Return an answer as this age has it; it is changed in its place."""
        for change in ANSWERS:
            if change.subject == subject and change.applies(self):
                change.do(members)
        return members


TELLS_IN_THE_NEWEST: Version = (1, 42)
ANSWERS: list[Change] = []
QUESTIONS: list[Change] = []


def answer(subject: str, *, until: str, of: Of = "request", by: str = "1.0") -> Callable[[Ageing], Ageing]:
    """Declare how an answer about something was different until a version."""
    return _declare(ANSWERS, subject, until, of, by)


def question(subject: str, *, until: str, of: Of = "request", by: str = "1.0") -> Callable[[Ageing], Ageing]:
    """Declare what a question about something meant until a version."""
    return _declare(QUESTIONS, subject, until, of, by)


def _declare(changes: list[Change], subject: str, until: str, of: Of, by: str) -> Callable[[Ageing], Ageing]:
    def declare(do: Ageing) -> Ageing:
        what = " ".join((do.__doc__ or "").split())
        changes.append(Change(subject, parse_version(until), of, parse_version(by), what, do))
        changes.sort(key=lambda change: change.until, reverse=True)
        return do

    return declare


def aged(subject: str, members: Members) -> Members:
    """Return an answer as the version of the present request has it; it is changed in its place."""
    return Age.of_request().aged(subject, members)


def modernised(subject: str, members: Members) -> Members:
    """Return a question as the newest version would ask it; it is changed in its place."""
    age = Age.of_request()
    for change in reversed(QUESTIONS):
        if change.subject == subject and change.applies(age):
            change.do(members)
    return members


def insert(members: Members, more: Members, *, before: str) -> None:
    """Put more members in front of one."""
    rest = list(members.items())
    members.clear()
    for key, item in rest:
        if key == before:
            members.update(more)
        members[key] = item


def moved(members: Members, name: str, *, before: str) -> None:
    """Put a member in front of another one: the order is that of the Go struct of the day."""
    if name not in members or before not in members:
        return
    value = members.pop(name)
    rest = list(members.items())
    members.clear()
    for key, item in rest:
        if key == before:
            members[name] = value
        members[key] = item
