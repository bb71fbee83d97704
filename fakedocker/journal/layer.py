"""The WSGI layer that writes the journal: in front of everything that answers, behind nothing that a client meant.

An answer comes in one of three forms - parts, a followed source, a connection that is taken over - and is written down
in each; see `fakedocker.server` for the hooks. It counts as answered when its head goes out, and has ended when its
parts and its source are closed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from fakedocker.journal.ledger import Ledger
from fakedocker.journal.names import looks_like_id
from fakedocker.journal.questions import Question

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Where the environ has the daemon's ledger; a list of what had no effect, for the API to add to; and what others do.
JOURNAL, WITHOUT_EFFECT = "fakedocker.journal", "fakedocker.without_effect"
FOLLOW, HIJACK, DESCRIBE = "fakedocker.follow", "fakedocker.hijack", "fakedocker.describe"
#: Bytes of an answer that are listened to: for what the daemon says is wrong, and for what it has created.
LONGEST_HEARD = 16384
#: Characters of what the daemon says is wrong that are kept.
LONGEST_REASON = 2000
#: Things without effect that are kept of a call, and characters of each.
MOST_UNHEEDED, LONGEST_UNHEEDED = 100, 200
#: Operations that create something -> its kind, the member of the answer that is its id.
CREATES = {
    "ContainerCreate": ("container", "Id"),
    "NetworkCreate": ("network", "Id"),
    "VolumeCreate": ("volume", "Name"),
    "ContainerExec": ("exec", "Id"),
}
#: Those of them whose names their bodies say.
NAMED_IN_BODY = frozenset({"NetworkCreate", "VolumeCreate"})


class Journalled:
    """The layer."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ledger: Ledger | None = environ.get(JOURNAL)
        if ledger is None:
            return self._app(environ, start_response)
        return Call(ledger, environ, start_response).answer(self._app)


class Call:
    """One request that is written down."""

    def __init__(self, ledger: Ledger, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self._ledger = ledger
        self._environ = environ
        self._start_response = start_response
        self._question = Question(environ, ledger.secrets)
        self._unheeded: list[str] = []
        self._status: int | None = None
        self._own_head: bytes | None = None  # of a connection that is taken over
        self._head_is_late = False
        self._open = 1  # what has to be closed before it has ended: the parts, a source
        self._heard: bytearray | None = None
        self._started = ledger.now()
        said = self._question.begin()
        said["started"] = self._started
        said["name"], said["id"] = self._named()
        self._record = ledger.begin(said)

    def answer(self, app: WSGIApplication) -> Iterable[bytes]:
        """Return the parts of the answer, which are listened to."""
        environ = self._environ
        environ[WITHOUT_EFFECT] = self._unheeded
        follow, hijack = environ.get(FOLLOW), environ.get(HIJACK)
        if follow is not None and hijack is not None:
            environ[FOLLOW] = lambda source, **how: self._follow(follow, source, **how)
            environ[HIJACK] = lambda session, **how: self._hijack(hijack, session, **how)
        try:
            parts = app(environ, self._start)
        except BaseException:
            self.close()
            raise
        if not isinstance(parts, (list, tuple)):
            return Heard(parts, self)
        for part in parts:
            self.hear(part)
        self.close()
        return parts

    # -- what the answer is --------------------------------------------------------------

    def _start(self, status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
        self._status = code = int(status[:3]) if self._own_head is None else status_in(self._own_head)
        if code is not None and (code >= 400 or (self._question.operation in CREATES and code < 300)):
            self._heard = bytearray()
        if not self._head_is_late:
            self._head_is_out()
        return self._start_response(status, headers, *error)

    def head_is_due(self) -> None:
        """The client is about to get the first bytes of the body, and with them a head that waited for them."""
        if self._head_is_late:
            self._head_is_late = False
            self._head_is_out()

    def _head_is_out(self) -> None:
        told = self._question.answered()
        told["status"] = self._status
        if self._status is not None and self._status < 400:
            if self._question.unread:
                self._unheeded.append("body")
            unheeded = self._unheeded[:MOST_UNHEEDED]
            told["without_effect"] = tuple(self._question.hidden_in(one)[:LONGEST_UNHEEDED] for one in unheeded)
        if self._question.operation in NAMED_IN_BODY and isinstance(told.get("body"), dict):
            told["name"] = str(told["body"].get("Name") or "")
        if self._question.operation == "ContainerRename" and self._status == 204:
            self._renamed()
        self._ledger.add(self._record, told)

    def hear(self, part: bytes) -> None:
        """Listen to a part of the body, before the client gets it."""
        if part:
            self.head_is_due()
        if self._heard is None or not part:
            return
        self._heard += part
        if len(self._heard) > LONGEST_HEARD:
            self._heard = None
            return
        if self._status is not None and self._status >= 400:
            reason = self._question.hidden_in(reason_in(bytes(self._heard)))
            self._ledger.add(self._record, {"reason": reason[:LONGEST_REASON]})
        else:
            self._created(bytes(self._heard))

    def close(self) -> None:
        """The parts, or the source, have ended."""
        self._open -= 1
        if self._open == 0:
            self._ledger.add(self._record, {"duration": max(0.0, self._ledger.now() - self._started)})

    # -- the hooks -----------------------------------------------------------------------

    def _follow(self, hook: Callable[..., None], source: Any, *, head_now: bool = True) -> None:
        self._open += 1
        self._head_is_late = not head_now
        hook(Followed(source, self), head_now=head_now)

    def _hijack(self, hook: Callable[..., None], session: Any, *, head: bytes | None = None) -> None:
        self._open += 1
        self._own_head = head
        hook(Followed(session, self), head=head)

    # -- the names of things -------------------------------------------------------------

    def _named(self) -> tuple[str, str]:
        """Return the name and the id of what is asked about, as far as they are known."""
        question, ledger = self._question, self._ledger
        said, kind = question.object, question.kind
        if question.operation == "ImageCommit":
            said, kind = dict(question.hidden.query).get("container", ""), "container"
        if not said:
            return self._name_to_be(), ""
        if not kind:
            return "", ""
        known = ledger.known(kind, said)
        if known is not None:
            return known.name, known.id
        found = self._described(kind, said) if looks_like_id(said) else None
        if not found:
            return ("" if said == question.object else said), ""
        if kind != "exec":  # of which the container's name and id are told
            ledger.learn(kind, str(found["id"]), str(found["name"]))
        return str(found["name"]), str(found["id"])

    def _name_to_be(self) -> str:
        query = dict(reversed(self._question.hidden.query))
        match self._question.operation:
            case "ContainerCreate":
                return query.get("name", "").removeprefix("/")
            case "ImageCreate":
                image, tag = query.get("fromImage", ""), query.get("tag", "")
                joint = "@" if tag.startswith("sha256:") else ":"
                return f"{image}{joint}{tag}" if tag else image
            case "ImageBuild":
                return query.get("t", "")
        return ""

    def _created(self, answer: bytes) -> None:
        """Learn what was created, and what it is called."""
        question = self._question
        kind, member = CREATES[question.operation]
        try:
            told = json.loads(answer)
            identity = told[member]
        except (ValueError, TypeError, KeyError):
            return  # not all of it is there
        if not isinstance(identity, str):
            return
        self._heard = None
        said = self._record.said
        name: str = said["name"]
        if kind == "exec":
            self._ledger.learn(kind, identity, name or said["object"])
            return
        found = self._described(kind, identity) if kind == "container" or not name else None
        if found:
            name = name or str(found["name"])
            for volume in found.get("anonymous_volumes", ()):
                self._ledger.learn("volume", volume, volume, created=True)
        name = name or (identity if kind == "volume" else "")
        self._ledger.learn(kind, identity, name, created=True)
        self._ledger.add(self._record, {"name": name, "id": identity})

    def _renamed(self) -> None:
        identity = self._record.said["id"]
        new = dict(self._question.hidden.query).get("name", "").removeprefix("/")
        if identity and new:
            self._ledger.learn("container", identity, new)

    def _described(self, kind: str, name: str) -> dict[str, Any] | None:
        describe = self._environ.get(DESCRIBE)
        found: dict[str, Any] | None = describe(kind, name) if describe is not None else None
        return found


class Heard:
    """The parts of an answer, each listened to before the client gets it."""

    def __init__(self, parts: Iterable[bytes], call: Call) -> None:
        self._parts = parts
        self._next: Iterator[bytes] | None = None
        self._call = call
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._next is None:
            self._next = iter(self._parts)
        part = next(self._next)
        self._call.hear(part)
        return part

    def close(self) -> None:
        """Nobody wants more of them."""
        try:
            close = getattr(self._parts, "close", None)
            if close is not None:
                close()
        finally:
            if not self._closed:
                self._closed = True
                self._call.close()


class Followed:
    """A source, or a session that has a connection for itself; its first bytes bring the head if that is late."""

    def __init__(self, source: Any, call: Call) -> None:
        self._source = source
        self._call = call
        self._closed = False

    def read(self, size: int) -> bytes | None:
        """Return what comes next: bytes, b"" if there are none now, None at the end."""
        data: bytes | None = self._source.read(size)
        if data != b"":
            self._call.head_is_due()
        return data

    def watch(self, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever there may be more to read."""
        self._source.watch(wake)

    def close(self) -> None:
        """It is over."""
        try:
            self._source.close()
        finally:
            if not self._closed:
                self._closed = True
                self._call.close()

    def __getattr__(self, name: str) -> Any:
        """Take input as the session does: `room`, `receive`, `half_close`."""
        return getattr(self._source, name)


def status_in(head: bytes) -> int | None:
    """Return the status of an answer whose head is given byte by byte; None if it has none: the client gets nothing."""
    words = head.split(None, 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


def reason_in(answer: bytes) -> str:
    """Return what the body of an answer says is wrong."""
    text = answer.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return text
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return text
    message = told.get("message") if isinstance(told, dict) else None
    return message.strip() if isinstance(message, str) else text
