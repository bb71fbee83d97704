"""What may never reach a cassette, and how it is kept out: by where it stands, not by guessing at the end.

A `Redactor` is made once per session. It goes over every request when it has come and over every answer when it has
ended, before anything touches the disk; whoever replays goes over incoming requests with the same rules before they
are compared. What it has once seen in the place of a secret it hides wherever it appears later: echoed in an answer,
printed in a log, split over two frames (`masking`).

The places, each with its table below: headers, members of JSON by their names, whole endpoints, environment variables
and build arguments with names that look secret, passwords in URLs, and what the user names.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fakedocker.cassettes.bodies import json_of
from fakedocker.cassettes.masking import Mask, StreamMask, TextRule
from fakedocker.cassettes.model import (
    Body,
    Bytes,
    Exchange,
    Fields,
    Frame,
    Json,
    Request,
    Response,
    Stream,
    Text,
)

#: Headers whose values are secrets -> what they are called in a placeholder.
SECRET_HEADERS: Final[Mapping[str, str]] = {
    "x-registry-auth": "registry-auth",
    "x-registry-config": "registry-config",
    "authorization": "authorization",
    "proxy-authorization": "proxy-authorization",
    "cookie": "cookie",
    "set-cookie": "cookie",
    "x-auth-token": "auth-token",
    "x-api-key": "api-key",
}

#: Members of JSON that are secrets wherever they stand, without regard to case -> their names in a placeholder.
SECRET_MEMBERS: Final[Mapping[str, str]] = {
    "password": "password",
    "identitytoken": "identity-token",
    "registrytoken": "registry-token",
    "accesstoken": "access-token",
    "refreshtoken": "refresh-token",
    "jointoken": "join-token",
    "unlockkey": "unlock-key",
    "signingcakey": "ca-key",
    "auth": "registry-auth",
}

#: Members of JSON of which every text below is a secret.
SECRET_TREES: Final[Mapping[str, str]] = {"jointokens": "join-token"}

#: Members of JSON whose own members have names that users choose.
NAMED_BY_USERS: Final = frozenset({"labels", "buildargs", "options", "driveropts", "parameters", "env"})

#: Members of one endpoint's requests: method, path without the version, member -> name in a placeholder.
SECRET_CONTENTS: Final[Sequence[tuple[str, re.Pattern[str], str, str]]] = (
    ("POST", re.compile(r"/secrets/(create|[^/]+/update)"), "Data", "secret-data"),
)

#: A name is secret that contains one of these,
SECRET_PARTS: Final = (
    *("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "PRIVATEKEY", "ACCESSKEY"),
)
#: or one of these as a word: between underscores, dashes, dots, or in CamelCase,
SECRET_WORDS: Final = frozenset({"KEY", "PASS", "AUTH", "CREDS", "CRED", "BEARER", "PAT", "PWD", "DSN", "JWT"})
#: unless it is one of these, or ends in one of those.
HARMLESS_NAMES: Final = frozenset({"PWD", "OLDPWD", "PUBLIC_KEY", "GPG_KEY", "GPG_KEYS", "SSH_AUTH_SOCK"})
HARMLESS_ENDS: Final = ("_FILE", "_PATH", "_DIR", "_PUBLIC_KEY")

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
#: `NAME=value` in the middle of a text, `ENV NAME value` in a Dockerfile.
_IN_TEXT = re.compile(
    r"\b(?P<name>[A-Z][A-Z0-9_]+)=(?P<value>\"[^\"\s]+\"|'[^'\s]+'|[^\s\"'&;,|)}\]$]+)"
    r"|\b(?:ENV|ARG)\s+(?P<other>[A-Za-z_]\w*)[ \t]+(?P<rest>[^\s=$][^\s=]*)"
)
#: What is a secret by how it looks, or by what stands right before it.
TEXT_RULES: Final = (
    TextRule("url-password", re.compile(r"\w://[^/\s:@\"']*:([^/\s@\"']+)@")),
    TextRule("join-token", re.compile(r"\bSWMTKN-1-[0-9a-z]+-[0-9a-z]+")),
    TextRule("unlock-key", re.compile(r"\bSWMKEY-1-[0-9A-Za-z+/]+")),
    TextRule(
        "password", re.compile(rf'(?i:"(?:{"|".join(member for member in SECRET_MEMBERS)})"\s*:\s*")([^"\\\s]+)"')
    ),
)


def looks_secret(name: str) -> bool:
    """Tell whether a variable of this name is likely to hold a secret."""
    upper = name.upper().replace("-", "_").replace(".", "_")
    if upper in HARMLESS_NAMES or upper.endswith(HARMLESS_ENDS):
        return False
    flat = upper.replace("_", "")
    if any(part in flat for part in SECRET_PARTS):
        return True
    return any(word.upper() in SECRET_WORDS for word in _WORDS.findall(name))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a user wants hidden as well: names of variables, headers and members; patterns of values."""

    names: frozenset[str] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, rules: Iterable[str]) -> Rules:
        """Read rules as a command line gives them: `NAME`, or `/regular expression/`. Raises ValueError."""
        names, patterns = [], []
        for rule in rules:
            if len(rule) > 1 and rule.startswith("/") and rule.endswith("/"):
                try:
                    patterns.append(re.compile(rule[1:-1]))
                except re.error as error:
                    raise ValueError(f"{rule} is no regular expression: {error}") from None
            elif rule:
                names.append(rule.lower())
            else:
                raise ValueError("an empty rule hides nothing")
        return cls(frozenset(names), tuple(patterns))


class Redactor:
    """Takes the secrets out of a session; remembers them."""

    def __init__(self, rules: Rules | Iterable[str] = ()) -> None:
        self._rules = rules if isinstance(rules, Rules) else Rules.of(rules)
        own = [TextRule(f"rule-{number}", pattern) for number, pattern in enumerate(self._rules.patterns, 1)]
        self._mask = Mask([*own, *TEXT_RULES])

    @property
    def counts(self) -> Mapping[str, int]:
        """How often what was hidden, by the names of placeholders."""
        return dict(self._mask.counts)

    def learn(self, name: str, value: str) -> None:
        """Remember a secret that is known from elsewhere."""
        self._mask.learn(name, value)

    def stream(self) -> StreamMask:
        """Return a mask for a large body that is written while it comes."""
        return self._mask.stream()

    def request(self, request: Request) -> Request:
        """Return a request without its secrets. To be called when the request has come: answers may echo them."""
        headers = self._headers(request.headers)
        body = self._body(request.body, request)
        query = [(name, self._parameter(name, value)) for name, value in request.query]
        # Only now everything has been learned.
        return Request(
            request.method,
            self._mask.text(request.path),
            tuple((self._mask.text(name), self._mask.text(value)) for name, value in query),
            self._masked(headers),
            self._everywhere(body),
        )

    def response(self, response: Response, request: Request) -> Response:
        """Return the answer to a request without its secrets."""
        headers = self._headers(response.headers)
        body = self._everywhere(self._body(response.body, request))
        return Response(response.status, self._mask.text(response.reason), self._masked(headers), body)

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return an exchange without its secrets."""
        request = self.request(exchange.request)
        answer = exchange.response
        if answer is not None:
            answer = self.response(answer, exchange.request)
        return replace(exchange, request=request, response=answer)

    def reveal(self, response: Response) -> Response:
        """Return a recorded answer with the secrets that this session's client sent where the recorded ones stood."""
        headers = tuple((name, self._mask.reveal(value)) for name, value in response.headers)
        return replace(response, headers=headers, body=self._revealed(response.body))

    # -- where secrets stand -------------------------------------------------------------

    def _named(self, name: str) -> bool:
        return name.lower() in self._rules.names

    def _headers(self, headers: Fields) -> Fields:
        return tuple((name, self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        secret = SECRET_HEADERS.get(name.lower()) or (name.lower() if self._named(name) else None)
        if secret is None:
            return value
        for inner_name, inner in _inside(value):
            self._mask.learn(inner_name, inner)
        return value if _says_nothing(value) else self._mask.hide(secret, value)

    def _masked(self, headers: Fields) -> Fields:
        return tuple((name, self._mask.text(value)) for name, value in headers)

    def _parameter(self, name: str, value: str) -> str:
        """Return a parameter of a query. Some are JSON: build arguments, labels."""
        if self._is_secret(name):
            return self._mask.hide(name, value)
        parsed = _json_in(value)
        if parsed is None:
            return self._assignment(value)
        cleaned = self._json(parsed, name)
        return value if cleaned == parsed else json.dumps(cleaned, separators=(",", ":"), ensure_ascii=False)

    def _is_secret(self, name: str) -> bool:
        return self._named(name) or looks_secret(name)

    def _body(self, body: Body, request: Request) -> Body:
        """Return a body with what is known by its place hidden."""
        match body:
            case Json(value):
                return Json(self._json(self._contents(value, request), ""))
            case Text(text):
                return Text(self._in_text(text))
            case Stream(kind, frames, newline):
                return Stream(kind, tuple(self._frame(frame) for frame in frames), newline)
        return body

    def _frame(self, frame: Frame) -> Frame:
        match frame.content:
            case Json(value):
                return replace(frame, content=Json(self._json(value, "")))
            case Text(text):
                return replace(frame, content=Text(self._in_text(text)))
        return frame

    def _contents(self, value: Any, request: Request) -> Any:
        path = _VERSION.sub("", request.path)
        for method, pattern, member, name in SECRET_CONTENTS:
            if method == request.method and pattern.fullmatch(path) and isinstance(value, dict):
                value = {
                    key: self._secret(item, name) if key.lower() == member.lower() else item
                    for key, item in value.items()
                }
        return value

    def _json(self, value: Any, member: str) -> Any:
        """Return a JSON value with what is known by its place hidden; `member`: in which it stands."""
        match value:
            case dict():
                return {key: self._member(key, item, member) for key, item in value.items()}
            case list():
                return [self._json(item, member) for item in value]
            case str():
                return self._in_text(self._assignment(value) if member.lower() in NAMED_BY_USERS else value)
        return value

    def _member(self, key: str, value: Any, parent: str) -> Any:
        lower = key.lower()
        if lower in SECRET_TREES:
            return self._secret(value, SECRET_TREES[lower])
        if isinstance(value, dict | list):
            return self._json(value, key)
        if lower in SECRET_MEMBERS:
            return self._secret(value, SECRET_MEMBERS[lower])
        if self._named(key) or (parent.lower() in NAMED_BY_USERS and looks_secret(key)):
            return self._secret(value, key)
        return self._json(value, key)

    def _secret(self, value: Any, name: str) -> Any:
        match value:
            case dict():
                return {key: self._secret(item, name) for key, item in value.items()}
            case list():
                return [self._secret(item, name) for item in value]
            case str():
                for inner_name, inner in _inside(value):
                    self._mask.learn(inner_name, inner)
                return self._mask.hide(name, value)
            case None | bool():
                return value
        return self._mask.hide(name, str(value))

    def _assignment(self, text: str) -> str:
        """Return `NAME=value` with the value hidden if the name looks secret."""
        found = _ASSIGNMENT.fullmatch(text)
        if found is None or not self._is_secret(found[1]):
            return text
        return f"{found[1]}={self._mask.hide(found[1], found[2])}"

    def _in_text(self, text: str) -> str:
        """Return a text with the values of secret variables hidden, as build output and histories show them."""
        if "=" not in text and "ENV " not in text and "ARG " not in text:
            return text
        return _IN_TEXT.sub(self._found, text)

    def _found(self, found: re.Match[str]) -> str:
        group = "value" if found["value"] else "rest"
        name, value = found["name"] or found["other"], found[group].strip("\"'")
        if not self._is_secret(name) or value.startswith("{secret:"):
            return found[0]
        start = found.start(group) - found.start()
        return found[0][:start] + found[0][start:].replace(value, self._mask.hide(name, value))

    # -- what was learned, everywhere ----------------------------------------------------

    def _everywhere(self, body: Body) -> Body:
        match body:
            case Json(value):
                return Json(self._everywhere_in(value))
            case Text(text):
                return Text(self._mask.text(text))
            case Bytes(data):
                return Bytes(self._mask.data(data))
            case Stream(kind, frames, newline):
                return Stream(kind, self._over_frames(frames), newline)
        return body

    def _everywhere_in(self, value: Any) -> Any:
        match value:
            case dict():
                return {self._mask.text(key): self._everywhere_in(item) for key, item in value.items()}
            case list():
                return [self._everywhere_in(item) for item in value]
            case str():
                return self._mask.text(value)
        return value

    def _over_frames(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Hide secrets in frames, those that lie across frames of one channel included."""
        result = list(frames)
        ways: dict[tuple[str, str | None], list[int]] = {}
        for number, frame in enumerate(result):
            if _way(frame) is not None:
                ways.setdefault((frame.direction, frame.channel), []).append(number)
        for numbers in ways.values():
            pieces = self._mask.pieces(
                [_way(result[number]) or b"" for number in numbers],
                [not isinstance(result[number].content, Bytes) for number in numbers],
            )
            for number, piece in zip(numbers, pieces, strict=True):
                result[number] = _with(result[number], piece)
        return tuple(
            replace(frame, content=Json(self._everywhere_in(frame.content.value)))
            if isinstance(frame.content, Json)
            else frame
            for frame in result
        )

    def _revealed(self, body: Body) -> Body:
        match body:
            case Json(value):
                return Json(self._revealed_in(value))
            case Text(text):
                return Text(self._mask.reveal(text))
            case Stream(kind, frames, newline):
                return Stream(kind, tuple(map(self._revealed_frame, frames)), newline)
        return body

    def _revealed_frame(self, frame: Frame) -> Frame:
        match frame.content:
            case Json(value):
                return replace(frame, content=Json(self._revealed_in(value)))
            case Text(text):
                return replace(frame, content=Text(self._mask.reveal(text)))
        return frame

    def _revealed_in(self, value: Any) -> Any:
        match value:
            case dict():
                return {self._mask.reveal(key): self._revealed_in(item) for key, item in value.items()}
            case list():
                return [self._revealed_in(item) for item in value]
            case str():
                return self._mask.reveal(value)
        return value


#: The member of a line of progress that is output, cut anywhere.
_OUTPUT = "stream"


def _way(frame: Frame) -> bytes | None:
    """Return what a frame adds to the run of text in its channel; None if it has no part in it."""
    match frame.content:
        case Text(text):
            return text.encode()
        case Bytes(data):
            return data
        case Json(value) if isinstance(value, dict) and isinstance(value.get(_OUTPUT), str):
            return str(value[_OUTPUT]).encode()
    return None


def _with(frame: Frame, piece: bytes) -> Frame:
    match frame.content:
        case Text():
            return replace(frame, content=Text(piece.decode("utf-8", "replace")))
        case Bytes():
            return replace(frame, content=Bytes(piece))
        case Json(value):
            return replace(frame, content=Json({**value, _OUTPUT: piece.decode("utf-8", "replace")}))
    return frame


#: Schemes of an Authorization header.
_SCHEMES = frozenset({"basic", "bearer", "digest", "token", "negotiate"})


def _inside(value: str) -> Iterator[tuple[str, str]]:
    """Yield the secrets in a header or member that holds others: a scheme and its token, JSON or a pair in base64."""
    scheme, _, token = value.partition(" ")
    if scheme.lower() in _SCHEMES and token:
        yield "authorization", token
        value = token
    text = _unpacked(value)
    if text is None:
        return
    parsed = _json_in(text)
    if parsed is not None:
        yield from _members(parsed)
    elif ":" in text and min(text) >= " ":
        yield "password", text.partition(":")[2]


def _json_in(text: str) -> Any:
    """Return the object or list that a text is in JSON, None if it is none."""
    if text[:1] not in ("{", "["):
        return None
    found = json_of(text.encode("utf-8", "replace"))
    return found.value if found else None


def _unpacked(value: str) -> str | None:
    """Return what a value in base64 says, of either alphabet, padded or not; None if it is no base64."""
    digits = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
    except ValueError:
        return None


def _members(value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                name = SECRET_MEMBERS.get(key.lower())
                if isinstance(item, str) and name is not None:
                    yield name, item
                    yield from _inside(item)
                else:
                    yield from _members(item)
        case list():
            for item in value:
                yield from _members(item)


def _says_nothing(value: str) -> bool:
    """Tell whether a header holds no secret: what a client sends that is logged in nowhere."""
    parsed = _json_in(_unpacked(value) or "")
    return isinstance(parsed, dict) and not any(isinstance(item, dict) or item for item in parsed.values())
