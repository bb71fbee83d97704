"""Real registries, asked over the OCI distribution protocol: what `--registry` names.

Rules of this module: only hosts that the user has named are asked (and those they redirect or send for a token); every
question has a thread of its own, which never waits with the runtime's lock in hand; all that is received is bounded and
compared with the digest it was asked for. (OCI distribution-spec; distribution/docs/spec/auth/token.md.)
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR, gaierror, gethostbyname, socket
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from fakedocker.engine import errors
from fakedocker.engine.accounts import Login
from fakedocker.engine.files.content import Content, Spool
from fakedocker.engine.images.distribution import Offer
from fakedocker.engine.images.imageconfig import LARGEST, read_object
from fakedocker.engine.images.manifests import (
    LIST_TYPE,
    MANIFEST_TYPE,
    OCI_INDEX_TYPE,
    OCI_MANIFEST_TYPE,
    Blob,
    Manifest,
    Platform,
)
from fakedocker.engine.images.references import Reference
from fakedocker.engine.images.rootfs import digest
from fakedocker.engine.watch import Watch
from fakedocker.runtime import Runtime

T = TypeVar("T")
ACCEPTED = ", ".join((MANIFEST_TYPE, LIST_TYPE, OCI_MANIFEST_TYPE, OCI_INDEX_TYPE))
DEFAULT_PLATFORM = Platform("linux", "amd64")
#: Seconds after which a registry that says nothing is given up.
PATIENCE = 60.0
MOST_REDIRECTS = 5
LARGEST_BLOB = 8 << 30
PIECE = 1 << 16
#: Progress is told after so many bytes.
REPORTED = 1 << 18
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class Registries:
    """The registries that pulls and pushes can reach, by the host that names of images begin with."""

    def __init__(self, runtime: Runtime, urls: Iterable[str]) -> None:
        """`urls`: http://HOST:PORT or https://HOST[:PORT]. Raises ValueError."""
        self._runtime = runtime
        self._urls = {urlsplit(url).netloc: url.rstrip("/") for url in map(checked, urls)}

    def serves(self, reference: Reference) -> bool:
        """Tell whether a name of an image is one of these registries'."""
        return reference.domain in self._urls

    def _ask(self, reference: Reference, login: Login, work: Callable[[_Session], T]) -> _Call[T]:
        return _Call(self._runtime, _Session(self._urls[reference.domain], reference.path, login), work)

    def tags(self, reference: Reference, login: Login) -> _Call[Sequence[str]]:
        """Ask for all tags of a repository."""
        return self._ask(reference, login, lambda session: session.tags())

    def offer(self, reference: Reference, login: Login, platform: Platform | None) -> _Call[Offer]:
        """Ask for what a name means on a platform."""
        wanted = reference.digest or reference.tag
        return self._ask(reference, login, lambda session: session.offer(wanted, platform))

    def blob(self, reference: Reference, login: Login, blob: Blob) -> _Call[Content]:
        """Fetch a blob."""
        return self._ask(reference, login, lambda session: session.blob(blob.digest, LARGEST_BLOB))

    def has(self, reference: Reference, login: Login, digest: str) -> _Call[bool]:
        """Ask whether a repository has a blob."""
        return self._ask(reference, login, lambda session: session.has(digest))

    def push_blob(self, reference: Reference, login: Login, blob: Blob, content: Content) -> _Call[None]:
        """Upload a blob."""
        return self._ask(reference, login, lambda session: session.push_blob(blob.digest, content))

    def push_manifest(self, reference: Reference, login: Login, manifest: Manifest) -> _Call[None]:
        """Upload a manifest under a tag."""
        return self._ask(reference, login, lambda session: session.push_manifest(reference.tag, manifest))


def checked(url: str) -> str:
    """Return the URL of a registry. Raises ValueError unless it is one: scheme and host, nothing else."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"a registry is http://HOST:PORT or https://HOST[:PORT], not {url!r}")
    if parts.username is not None:
        raise ValueError("credentials of a registry come from clients (docker login), not from its URL")
    return url


class _Call(Generic[T]):
    """A question under way, in a thread of its own."""

    def __init__(self, runtime: Runtime, session: _Session, work: Callable[[_Session], T]) -> None:
        self.changed = Watch()
        self.current = 0
        self.done = False
        self._runtime = runtime
        self._session = session
        self._result: list[T] = []
        self._error: errors.DockerError | None = None
        session.report = self._advance
        threading.Thread(target=self._run, args=(work,), name="fakedocker-registry", daemon=True).start()

    def _run(self, work: Callable[[_Session], T]) -> None:
        try:
            self._result.append(work(self._session))
        except errors.DockerError as error:
            self._error = error
        except (OSError, HTTPException, ValueError) as error:
            self._error = self._session.failure(error)
        finally:
            self._session.close()
            with self._runtime.engine():
                self.done = True
                self.changed.notify()

    def _advance(self, current: int) -> None:
        with self._runtime.engine():
            self.current = current
            self.changed.notify()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result[0]

    def abandon(self) -> None:
        """Break the question off if it is still under way."""
        if not self.done:
            self._session.break_off()


class _Session:
    """A conversation with one repository of a registry, as somebody."""

    def __init__(self, url: str, path: str, login: Login) -> None:
        self._url = url
        self._path = path
        self._login = login
        self._authorization = ""
        self._connection: HTTPConnection | None = None
        self._response: HTTPResponse | None = None
        self._socket: socket | None = None
        self._asked = f'Get "{url}/v2/"'
        self.report: Callable[[int], None] = lambda current: None

    def close(self) -> None:
        """Close the present connection."""
        for one in (self._response, self._connection):
            if one is not None:
                one.close()
        self._response = self._connection = self._socket = None

    def break_off(self) -> None:
        """End whatever is under way, from another thread: who waits for the registry is told that it is gone."""
        connected = self._socket
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(SHUT_RDWR)

    def failure(self, error: Exception) -> errors.DockerError:
        """Return what the daemon says when a registry cannot be talked to."""
        parts = urlsplit(self._url)
        asked = f'Get "{self._url}/v2/"'  # what a daemon asks first of all
        if isinstance(error, gaierror):
            return errors.Failure(f"{asked}: dial tcp: lookup {parts.hostname}: no such host")
        if isinstance(error, ConnectionRefusedError):
            port = parts.port or (443 if parts.scheme == "https" else 80)
            host = gethostbyname(parts.hostname or "")
            return errors.Failure(f"{asked}: dial tcp {host}:{port}: connect: connection refused")
        if isinstance(error, TimeoutError):
            return errors.Failure(
                f"{asked}: net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
            )
        return errors.Failure(f"{self._asked}: {error}")

    # -- what is asked --------------------------------------------------------------------

    def tags(self) -> Sequence[str]:
        members = self._json("GET", f"/v2/{self._path}/tags/list")
        found = members.get("tags")
        return sorted(tag for tag in found if isinstance(tag, str)) if isinstance(found, list) else []

    def offer(self, wanted: str, platform: Platform | None) -> Offer:
        document, media_type = self._manifest(wanted)
        listing = b""
        platforms: tuple[Platform, ...] = ()
        if media_type in (LIST_TYPE, OCI_INDEX_TYPE):
            listing = document
            entries = list(_entries(read_object(document)))
            platforms = tuple(one for _, one in entries)
            chosen = next((digest for digest, one in entries if one.fits(platform or DEFAULT_PLATFORM)), None)
            if chosen is None:
                raise errors.no_matching_platform(str(platform or DEFAULT_PLATFORM))
            document, media_type = self._manifest(chosen)
        members = read_object(document)
        manifest = Manifest(
            document,
            _blob(members.get("config")),
            tuple(_blob(one) for one in members.get("layers") or ()),
            media_type,
        )
        config = self.blob(manifest.config.digest, LARGEST).read()
        described = read_object(config)
        own = Platform(*(str(described.get(name, "")) for name in ("os", "architecture", "variant")))
        return Offer(manifest, config, platforms or (own,), listing=listing)

    def _manifest(self, wanted: str) -> tuple[bytes, str]:
        with self._request(
            "GET", f"/v2/{self._path}/manifests/{quote(wanted, safe=':')}", {"Accept": ACCEPTED}
        ) as response:
            document = _bounded(response, LARGEST)
            media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip()
        if ":" in wanted and digest(document) != wanted:
            raise errors.wrong_digest(wanted)
        return document, media_type

    def blob(self, wanted: str, largest: int) -> Content:
        """Fetch a blob of at most `largest` bytes. Raises Failure."""
        spool, hashed, reported = Spool(), hashlib.sha256(), 0
        with self._request("GET", f"/v2/{self._path}/blobs/{wanted}") as response:
            while piece := response.read(PIECE):
                if spool.size + len(piece) > largest:
                    raise errors.Failure(f"the blob {wanted} is larger than {largest} bytes")
                spool.write(piece)
                hashed.update(piece)
                if spool.size - reported >= REPORTED:
                    reported = spool.size
                    self.report(reported)
        if wanted != f"sha256:{hashed.hexdigest()}":
            raise errors.wrong_digest(wanted)
        return spool.finish()

    def has(self, wanted: str) -> bool:
        try:
            with self._request("HEAD", f"/v2/{self._path}/blobs/{wanted}"):
                return True
        except errors.NotFound:
            return False

    def push_blob(self, wanted: str, content: Content) -> None:
        with self._request("POST", f"/v2/{self._path}/blobs/uploads/") as response:
            location = response.getheader("Location") or ""
        target = urljoin(f"{self._url}/v2/{self._path}/blobs/uploads/", location)
        target += ("&" if urlsplit(target).query else "?") + urlencode({"digest": wanted})
        self._put(target, "application/octet-stream", content)

    def push_manifest(self, tag: str, manifest: Manifest) -> None:
        target = f"{self._url}/v2/{self._path}/manifests/{quote(tag)}"
        self._put(target, manifest.media_type, Content.of(manifest.document))

    def _put(self, target: str, content_type: str, content: Content) -> None:
        headers = {"Content-Type": content_type, "Content-Length": str(content.size)}
        with self._request("PUT", target, headers, content):
            pass

    def _json(self, method: str, path: str) -> dict[str, Any]:
        with self._request(method, path) as response:
            return read_object(_bounded(response, LARGEST))

    # -- how it is asked --------------------------------------------------------------------

    @contextmanager
    def _request(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, content: Content | None = None
    ) -> Iterator[HTTPResponse]:
        """Ask, authenticate if that is wanted, follow redirects; give the answer if it is a good one.

        Raises NotFound, Failure.
        """
        url = urljoin(self._url, target)
        # Daemons ask for the head of a manifest first.
        asked = "Head" if method == "GET" and "/manifests/" in url else method.capitalize()
        self._asked = f'{asked} "{url}"'
        response = self._send(method, url, headers or {}, content)
        if response.status == 401 and self._authenticate(response):
            response = self._send(method, url, headers or {}, content)
        for _ in range(MOST_REDIRECTS):
            location = response.getheader("Location")
            if response.status not in (301, 302, 303, 307, 308) or not location:
                break
            url = urljoin(url, location)
            response = self._send(method, url, headers or {}, content)
        if response.status >= 400:
            raise self._refused(response)
        try:
            yield response
        finally:
            self.close()

    def _send(self, method: str, url: str, headers: Mapping[str, str], content: Content | None) -> HTTPResponse:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise errors.Failure(f'{method.capitalize()} "{url}": unsupported protocol scheme "{parts.scheme}"')
        connection = self._connect(parts)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.putrequest(method, target)
        connection.putheader("Connection", "close")
        for name, value in headers.items():
            connection.putheader(name, value)
        own = urlsplit(self._url)
        if self._authorization and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            connection.putheader("Authorization", self._authorization)  # nobody else sees it
        if content is None and method == "POST":
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        if content is not None:
            sent = 0
            for piece in content.chunks(REPORTED):
                connection.send(piece)
                sent += len(piece)
                self.report(sent)
        self._response = connection.getresponse()
        return self._response

    def _connect(self, parts: SplitResult) -> HTTPConnection:
        """Connect to the host of a URL, and to no other any more. Raises OSError."""
        self.close()
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = self._connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
        connection.connect()
        self._socket = connection.sock
        return connection

    def _authenticate(self, response: HTTPResponse) -> bool:
        """Do as an answer 401 asks; tell whether it makes sense to try again."""
        scheme, _, rest = (response.getheader("WWW-Authenticate") or "").partition(" ")
        wanted = dict(_CHALLENGE.findall(rest))
        basic = base64.b64encode(f"{self._login.username}:{self._login.password}".encode()).decode()
        if scheme.lower() == "basic":
            if not self._login.username:
                asked = f"{self._asked}: " if "/manifests/" in self._asked else ""
                raise errors.Failure(f"{asked}no basic auth credentials")
            self._authorization = f"Basic {basic}"
            return True
        if scheme.lower() != "bearer" or "realm" not in wanted:
            return False
        query = urlencode({name: wanted[name] for name in ("service", "scope") if name in wanted})
        realm = urlsplit(wanted["realm"])
        if realm.scheme not in ("http", "https") or not realm.hostname:
            return False
        connection = self._connect(realm)
        headers = {"Authorization": f"Basic {basic}"} if self._login.username else {}
        connection.request("GET", f"{realm.path or '/'}?{query}", headers={"Connection": "close", **headers})
        answer = self._response = connection.getresponse()
        if answer.status >= 400:
            raise self._refused(answer)
        members = read_object(_bounded(answer, LARGEST))
        token = members.get("token") or members.get("access_token")
        if not isinstance(token, str) or not token.isprintable():
            return False
        self._authorization = f"Bearer {token}"
        return True

    def _refused(self, response: HTTPResponse) -> errors.DockerError:
        """Return the error that an answer is, in the words of the daemon (distribution registry/client/errors.go)."""
        status = response.status
        try:
            told = json.loads(_bounded(response, LARGEST))["errors"][0]
            text = f"{str(told['code']).lower().replace('_', ' ')}: {told['message']}"
        except (ValueError, LookupError, TypeError, RecursionError):
            text = f"received unexpected HTTP status: {status} {response.reason}"
            if status == 401:
                text = "unauthorized: authentication required"
        return errors.NotFound(text) if status == 404 else errors.Failure(text)


def _bounded(response: HTTPResponse, largest: int) -> bytes:
    data = response.read(largest + 1)
    if len(data) > largest:
        raise errors.Failure(f"the registry's answer is larger than {largest} bytes")
    return data


def _blob(value: object) -> Blob:
    members = value if isinstance(value, Mapping) else {}
    size, name = members.get("size"), members.get("digest")
    if not isinstance(size, int) or not isinstance(name, str) or not re.fullmatch("sha256:[0-9a-f]{64}", name):
        raise errors.Failure("invalid manifest: a descriptor without digest or size")
    return Blob(name, size, str(members.get("mediaType", "")))


def _entries(members: Mapping[str, Any]) -> Iterator[tuple[str, Platform]]:
    """Yield the digest and the platform of each manifest in a list."""
    for one in members.get("manifests") or ():
        blob = _blob(one)
        told = one.get("platform")
        names = told if isinstance(told, Mapping) else {}
        yield blob.digest, Platform(*(str(names.get(name, "")) for name in ("os", "architecture", "variant")))
