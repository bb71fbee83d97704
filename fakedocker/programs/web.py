"""Programs that speak HTTP over the simulated network: wget, curl and the server httpd.

wget and httpd are busybox's, in texts and exit codes; curl is the small part of curl 7.88 that scripts use. What is
asked for by https goes the same way without encryption: there is nobody to hide it from.
"""

from __future__ import annotations

import errno
import os
import posixpath
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin

from fakedocker.engine.networks.networks import HIGHEST_PORT
from fakedocker.engine.processes.descriptors import Descriptor
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.clocks import formatted, seconds
from fakedocker.programs.command import Command, Misuse, Options, Section
from fakedocker.programs.network import find_host, reason

section = Section()

PORTS: Final = {"http": 80, "https": 443}
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: The most bytes of a message's head, and of a line between chunks.
LONGEST_HEAD, LONGEST_LINE = 64 * 1024, 1024
#: The most bytes of a body that is sent.
LONGEST_BODY = 16 << 20
HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


# -- messages --------------------------------------------------------------------------


class BadPort(ValueError):
    """A URL's port that is none; its text is the port."""


class Broken(Exception):
    """The other side does not speak HTTP, or ended in the middle of it."""


@dataclass(frozen=True, slots=True)
class Url:
    """An address of the web. `authority`: host and port as they were written."""

    scheme: str
    authority: str
    host: str
    port: int
    target: str
    user: str = ""

    @classmethod
    def parse(cls, text: str) -> Url:
        """Read a URL, http:// by default. Raises BadPort, or ValueError whose text is a scheme that is not known."""
        scheme, colon, rest = text.partition("://")
        if not colon:
            scheme, rest = "http", text
        scheme = scheme.lower()
        if scheme not in PORTS:
            raise ValueError(scheme)
        rest = rest.partition("#")[0]
        end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
        user, _, authority = rest[:end].rpartition("@")
        target = rest[end:] if rest[end:].startswith("/") else "/" + rest[end:]
        host, _, port = authority.partition(":")
        if port and not (port.isascii() and port.isdecimal() and len(port) < 6 and int(port) <= HIGHEST_PORT):
            raise BadPort(port)
        return cls(scheme, authority, host, int(port) if port else PORTS[scheme], target.replace(" ", "%20"), user)

    @property
    def file_name(self) -> str:
        """The last part of the path, without the query."""
        return posixpath.basename(self.target.partition("?")[0])

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def redirected(url: str, location: str) -> str:
    """Return where an answer's Location leads from a URL."""
    try:
        return urljoin(url, location)
    except ValueError:  # what urllib does not take for a URL is none to us either, and is told so
        return location


class Stream:
    """HTTP messages that arrive on a connection."""

    def __init__(self, process: Process, fd: int, timeout: float | None) -> None:
        self._process = process
        self._fd = fd
        self._timeout = timeout
        self._rest = b""

    def some(self) -> Program[bytes]:
        """Return what has arrived, b"" at the end. Raises TimeoutError."""
        data, self._rest = self._rest, b""
        if not data:
            _, data = yield from self._process.read_any(self._fd, timeout=self._timeout)
        return data

    def head(self) -> Program[list[str]]:
        """Return the lines of a head. Raises Broken, TimeoutError."""
        text = b""
        while True:
            end = text.find(b"\n\r\n")
            short = text.find(b"\n\n")
            ends = [(at, length) for at, length in ((end, 3), (short, 2)) if at >= 0]
            if ends:
                at, length = min(ends)
                self._rest = text[at + length :]
                lines = text[:at].decode("utf-8", "surrogateescape").split("\n")
                return [line.removesuffix("\r") for line in lines]
            data = yield from self.some()
            if not data or len(text) > LONGEST_HEAD:
                raise Broken
            text += data

    def line(self) -> Program[bytes]:
        """Return one short line without its end. Raises Broken, TimeoutError."""
        text = b""
        while b"\n" not in text:
            data = yield from self.some()
            if not data or len(text) > LONGEST_LINE:
                raise Broken
            text += data
        line, _, self._rest = text.partition(b"\n")
        return line.rstrip(b"\r")

    def up_to(self, size: int) -> Program[bytes]:
        """Return at most `size` of the next bytes. Raises Broken at the end, TimeoutError."""
        data = yield from self.some()
        if not data:
            raise Broken
        self._rest = data[size:]
        return data[:size]


@dataclass(slots=True)
class Response:
    """An answer whose body is still to be read. `left`: bytes that are missing, None when only the end tells."""

    lines: list[str]
    stream: Stream
    bodyless: bool
    left: int | None = None
    chunked: bool = False
    _first_chunk: bool = True

    def __post_init__(self) -> None:
        length = self.header("content-length")
        if self.bodyless or self.status in (204, 304):
            self.left = 0
        elif "chunked" in self.header("transfer-encoding").lower():
            self.chunked, self.left = True, 0
        elif length.isascii() and length.isdecimal() and len(length) < 18:
            self.left = int(length)

    @property
    def status(self) -> int:
        """The status code; 0 if there is none."""
        code = [*self.lines[0].split(), "", ""][1]
        return int(code) if len(code) == 3 and code.isascii() and code.isdecimal() else 0

    def header(self, name: str) -> str:
        """Return the value of a header (its name in small letters), "" without one."""
        for line in self.lines[1:]:
            key, _, value = line.partition(":")
            if key.strip().lower() == name:
                return value.strip()
        return ""

    def some(self) -> Program[bytes]:
        """Return the next bytes of the body, b"" at its end. Raises Broken, TimeoutError."""
        if self.chunked and not self.left:
            yield from self._next_chunk()
        if self.left is None:
            return (yield from self.stream.some())
        if self.left == 0:
            return b""
        data = yield from self.stream.up_to(self.left)
        self.left -= len(data)
        return data

    def _next_chunk(self) -> Program[None]:
        if not self._first_chunk:
            yield from self.stream.line()
        self._first_chunk = False
        size = (yield from self.stream.line()).partition(b";")[0].strip()
        try:
            self.left = int(size, 16)
        except ValueError:
            raise Broken from None
        if self.left <= 0:
            self.chunked, self.left = False, 0


@dataclass(slots=True)
class Request:
    """What a client asks for."""

    url: Url
    method: str = "GET"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def head(self) -> list[str]:
        """The lines of the head; a header that was given replaces one of its name."""
        given = {name.lower() for name, _ in self.headers}
        own = [] if "host" in given else [("Host", self.url.authority)]
        ending = [] if "connection" in given else [("Connection", "close")]
        if self.body and "content-length" not in given:
            ending.append(("Content-Length", str(len(self.body))))
        lines = [f"{name}: {value}" for name, value in [*own, *self.headers, *ending] if value]
        return [f"{self.method} {self.url.target} HTTP/1.1", *lines]

    def send(self, process: Process, fd: int, timeout: float | None) -> Program[Response]:
        """Send it over a connection; return the answer. Raises Broken, TimeoutError, OSError."""
        text = "".join(f"{line}\r\n" for line in self.head) + "\r\n"
        try:
            yield from process.write(fd, text.encode("utf-8", "surrogateescape") + self.body)
        except BrokenPipeError:
            pass  # what it said before it went may be there
        stream = Stream(process, fd, timeout)
        while True:
            lines = yield from stream.head()
            if not lines[0].startswith("HTTP/"):
                raise Broken
            response = Response(lines, stream, self.method == "HEAD")
            if not 100 <= response.status < 200:
                return response


# -- wget ------------------------------------------------------------------------------

SPIDER, HEADER, POST_DATA, POST_FILE, NO_CHECK = "\x01", "\x02", "\x03", "\x04", "\x05"
WGET_LONG: Final = {
    "continue": "c",
    "quiet": "q",
    "server-response": "S",
    "output-document": "O",
    "directory-prefix": "P",
    "user-agent": "U",
    "timeout": "T",
    "tries": "t",
    "spider": SPIDER,
    "header": HEADER,
    "post-data": POST_DATA,
    "post-file": POST_FILE,
    "no-check-certificate": NO_CHECK,
    "no-verbose": "n",
}
WGET_TIMEOUT = 900.0
MOST_REDIRECTIONS = 5


@section.program(
    "wget",
    usage="[-cqS] [--spider] [-O FILE] [--header STR]\n"
    "\t[--post-data STR | --post-file FILE] [-T SEC]\n"
    "\t[--no-check-certificate] [-P DIR] [-U AGENT] URL...",
)
def wget(command: Command) -> Program[int]:
    """Fetch files over HTTP."""
    letters = f"cqSO:P:U:T:t:n:Y:{SPIDER}{HEADER}:{POST_DATA}:{POST_FILE}:{NO_CHECK}"
    options = command.options(letters, long=WGET_LONG)
    if not options.words:
        raise Misuse("")
    for word in options.words:
        code = yield from _wget(command, options, word)
        if code:
            return code
    return 0


def _wget(command: Command, options: Options, word: str) -> Program[int]:
    try:
        return (yield from _fetch(command, options, word))
    except TimeoutError:
        return (yield from command.complain("download timed out"))
    except Broken:
        return (yield from command.complain("error getting response"))


def _fetch(command: Command, options: Options, word: str) -> Program[int]:
    process = command.process
    timeout = seconds(options.get("T")) if "T" in options else WGET_TIMEOUT
    url = _wget_url(word)
    name = url.file_name or "index.html"
    body = options.get(POST_DATA).encode("utf-8", "surrogateescape")
    if POST_FILE in options:
        body = process.files.read(process.path(options.get(POST_FILE))).read(0, LONGEST_BODY)
    method = "POST" if options.flags & {POST_DATA, POST_FILE} else "HEAD" if SPIDER in options else "GET"
    headers = [("User-Agent", options.get("U", "Wget"))]
    if method == "POST":
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    for text in options.repeated.get(HEADER, []):
        key, _, value = text.partition(":")
        headers.append((key, value.strip()))
    for _ in range(MOST_REDIRECTIONS + 1):
        connection = yield from _wget_connect(command, url, timeout, "q" in options)
        if connection is None:
            return 1
        response = yield from Request(url, method, headers, body).send(process, connection, timeout)
        status, line = response.status, response.lines[0]
        moved = status in REDIRECTS and response.header("location")
        if "S" in options:
            shown = response.lines if moved or status < 300 else response.lines[:1]
            shown = [*shown, ""] if not moved and status < 300 else shown
            yield from process.write(2, "".join(f"  {one}\n" for one in shown))
        if not moved:
            break
        process.detach(connection)
        url = _wget_url(redirected(str(url), response.header("location")))
    else:
        return (yield from command.complain("too many redirections"))
    if not 200 <= status < 300:
        process.detach(connection)
        return (yield from command.complain(f"server returned error: {line}"))
    if SPIDER in options:
        code = yield from _say(command, options, "remote file exists")
    else:
        code = yield from _save(command, options, response, name)
    process.detach(connection)
    return code


def _wget_url(text: str) -> Url:
    try:
        return Url.parse(text)
    except BadPort as error:
        raise Misuse(f"bad port '{error}'", usage=False) from None
    except ValueError:
        raise Misuse(f"not an http or ftp url: {text}", usage=False) from None


def _wget_connect(command: Command, url: Url, timeout: float, quiet: bool) -> Program[int | None]:
    process = command.process
    address = find_host(process, url.host)
    if not quiet:
        yield from process.write(2, f"Connecting to {url.authority} ({address}:{url.port})\n")
    try:
        return (yield from process.connect(address, url.port, timeout))
    except TimeoutError:
        raise
    except OSError as error:
        yield from command.complain(f"can't connect to remote host ({address}): {reason(error)}")
        return None


def _say(command: Command, options: Options, text: str) -> Program[int]:
    if "q" not in options:
        yield from command.process.write(2, text + "\n")
    return 0


def _save(command: Command, options: Options, response: Response, name: str) -> Program[int]:
    """Write the body where it belongs, with the lines that tell of it."""
    process = command.process
    target = options.get("O") if "O" in options else posixpath.join(options.get("P"), name)
    to_stdout = target == "-"
    number = 1
    if not to_stdout:
        path = process.path(target)
        try:
            if not options.flags & {"O", "c"} and process.files.exists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            number = process.attach(process.open(target, write=True, create=True, truncate=True))
        except OSError as error:
            return (yield from command.complain(f"can't open '{target}': {reason(error)}"))
    yield from _say(command, options, "writing to stdout" if to_stdout else f"saving to '{target}'")
    total = response.left if not response.chunked else None
    size = 0
    try:
        while data := (yield from response.some()):
            yield from process.write(number, data)
            size += len(data)
    except Broken:
        return (yield from command.complain("connection closed prematurely"))
    finally:
        if not to_stdout:
            process.detach(number)
    shown = "-" if to_stdout else posixpath.basename(target)
    bar = f"100% |{'*' * 32}| " if total is not None else ""
    yield from _say(command, options, f"{shown:<20.20} {bar}{_short(size):>5}  0:00:00 ETA")
    return (yield from _say(command, options, "written to stdout" if to_stdout else f"'{target}' saved"))


def _short(size: int) -> str:
    """Return a size in at most five characters (busybox smart_ulltoa5, without fractions)."""
    units = iter("kMGT")
    unit = ""
    while size >= 100000:
        size //= 1024
        unit = next(units)
    return f"{size}{unit}"


# -- curl ------------------------------------------------------------------------------

CONNECT_TIMEOUT, RETRY, COMPRESSED, MAX_REDIRECTIONS = "\x06", "\x07", "\x08", "\x0e"
CURL_LONG: Final = {
    "silent": "s",
    "show-error": "S",
    "fail": "f",
    "output": "o",
    "remote-name": "O",
    "head": "I",
    "location": "L",
    "include": "i",
    "request": "X",
    "data": "d",
    "data-raw": "d",
    "data-binary": "d",
    "data-ascii": "d",
    "header": "H",
    "write-out": "w",
    "insecure": "k",
    "user": "u",
    "user-agent": "A",
    "max-time": "m",
    "verbose": "v",
    "referer": "e",
    "get": "G",
    "connect-timeout": CONNECT_TIMEOUT,
    "retry": RETRY,
    "compressed": COMPRESSED,
    "max-redirs": MAX_REDIRECTIONS,
}
CURL_LETTERS: Final = f"sSfo:OILiX:d:H:w:ku:A:m:ve:GN46#{CONNECT_TIMEOUT}:{RETRY}:{COMPRESSED}{MAX_REDIRECTIONS}:"
METER: Final = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n"
)


class Failed(Exception):
    """A transfer that ends with one of curl's exit codes."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(slots=True)
class Transfer:
    """One URL that curl is asked for, and what became of it (for --write-out)."""

    url: str
    status: int = 0
    size: int = 0
    kind: str = ""
    redirects: int = 0
    address: str = ""
    port: int = 0

    def facts(self, elapsed: float, code: int) -> dict[str, str]:
        return {
            "http_code": f"{self.status:03}",
            "response_code": f"{self.status:03}",
            "size_download": str(self.size),
            "content_type": self.kind,
            "num_redirects": str(self.redirects),
            "url_effective": self.url,
            "remote_ip": self.address,
            "remote_port": str(self.port),
            "time_total": f"{elapsed:.6f}",
            "exitcode": str(code),
            "http_version": "1.1",
        }


@section.program("curl", usage="[-sSfOILikvG] [-o FILE] [-X METHOD] [-d DATA] [-H HEADER] [-w FORMAT] [-m SEC] URL...")
def curl(command: Command) -> Program[int]:
    """Transfer a URL."""
    process = command.process
    hint = "curl: try 'curl --help' or 'curl --manual' for more information\n"
    try:
        options = command.options(CURL_LETTERS, long=CURL_LONG)
    except Misuse as misuse:
        wrong = misuse.text.partition(": ")[2]
        dashed = f"--{wrong}" if len(wrong) > 1 else f"-{wrong}"
        text = "is unknown" if misuse.text.startswith("unrecognized") else "requires parameter"
        yield from process.write(2, f"curl: option {dashed}: {text}\n{hint}")
        return 2
    if not options.words:
        yield from process.write(2, hint)
        return 2
    code = 0
    for word in options.words:
        code = yield from _curl(command, options, word)
    return code


def _curl(command: Command, options: Options, word: str) -> Program[int]:
    process = command.process
    began = process.now()
    transfer = Transfer(word if "://" in word else f"http://{word}")
    code = 0
    connections: list[int] = []
    try:
        yield from _transfer(command, options, transfer, connections)
    except Failed as failure:
        code = failure.code
        if "s" not in options or "S" in options:
            yield from process.write(2, f"curl: ({code}) {failure.text}\n")
    for connection in connections:
        process.detach(connection)
    if "w" in options:
        text = options.get("w")
        for name, value in transfer.facts(process.now() - began, code).items():
            text = text.replace(f"%{{{name}}}", value)
        yield from command.print(text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("%%", "%"))
    return code


def _transfer(command: Command, options: Options, transfer: Transfer, connections: list[int]) -> Program[None]:
    process = command.process
    deadline = process.now() + _duration(options.get("m")) if "m" in options else None
    request = _curl_request(process, options, transfer.url)
    if "O" in options and not request.url.file_name:
        raise Failed(23, "Failed writing received data to disk/application")
    while True:
        left = None if deadline is None else max(0.0, deadline - process.now())
        url = request.url
        try:
            connection = yield from _curl_connect(process, options, transfer, url, left)
            connections.append(connection)
            response = yield from request.send(process, connection, left)
        except TimeoutError:
            raise Failed(28, f"Operation timed out after {1000 * (left or 0):.0f} milliseconds") from None
        except (Broken, BrokenPipeError):
            raise Failed(52, "Empty reply from server") from None
        transfer.status, transfer.kind = response.status, response.header("content-type")
        location = response.header("location") if response.status in REDIRECTS else ""
        if not location or "L" not in options:
            break
        if "I" in options or "i" in options:
            yield from command.print("".join(f"{line}\r\n" for line in [*response.lines, ""]))
        transfer.redirects += 1
        if transfer.redirects > 50:
            raise Failed(47, "Maximum (50) redirects followed")
        transfer.url = redirected(transfer.url, location)
        request.url = _curl_url(transfer.url)
        if response.status in (301, 302, 303) and request.method == "POST" and "X" not in options:
            request.method, request.body = "GET", b""
    if "f" in options and response.status >= 400:
        raise Failed(22, f"The requested URL returned error: {response.status}")
    yield from _deliver(command, options, transfer, response)


def _duration(text: str) -> float:
    try:
        return seconds(text)
    except Misuse:
        raise Failed(2, "option -m: expected a proper numerical parameter") from None


def _curl_url(text: str) -> Url:
    try:
        return Url.parse(text)
    except BadPort:
        raise Failed(3, "URL using bad/illegal format or missing URL") from None
    except ValueError as error:
        raise Failed(1, f'Protocol "{error}" not supported or disabled in libcurl') from None


def _curl_request(process: Process, options: Options, text: str) -> Request:
    parts: list[bytes] = []
    for data in options.repeated.get("d", []):
        if data.startswith("@"):
            try:
                parts.append(process.files.read(process.path(data[1:])).read(0, LONGEST_BODY))
            except OSError:
                raise Failed(26, f"Failed to open {data[1:]}") from None
        else:
            parts.append(data.encode("utf-8", "surrogateescape"))
    body = b"&".join(parts)
    if body and "G" in options:
        text += ("&" if "?" in text else "?") + body.decode("utf-8", "surrogateescape")
        body, parts = b"", []
    url = _curl_url(text)
    method = options.get("X") or ("HEAD" if "I" in options else "POST" if parts else "GET")
    headers = [("User-Agent", options.get("A", "curl/7.88.1")), ("Accept", "*/*")]
    user = options.get("u") or url.user
    if user:
        headers.insert(0, ("Authorization", "Basic " + b64encode(user.encode("utf-8", "surrogateescape")).decode()))
    if parts:
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    for line in options.repeated.get("H", []):
        name, _, value = line.partition(":")
        headers = [one for one in headers if one[0].lower() != name.lower()] + [(name, value.strip())]
    return Request(url, method, headers, body)


def _curl_connect(process: Process, options: Options, transfer: Transfer, url: Url, left: float | None) -> Program[int]:
    address = process.address_of(url.host)
    if address is None:
        raise Failed(6, f"Could not resolve host: {url.host}")
    transfer.address, transfer.port = address, url.port
    patience = left
    if CONNECT_TIMEOUT in options:
        limit = _duration(options.get(CONNECT_TIMEOUT))
        patience = limit if left is None else min(limit, left)
    if "v" in options:
        yield from process.write(2, f"*   Trying {address}:{url.port}...\n")
    began = process.now()
    try:
        connection = yield from process.connect(address, url.port, patience)
    except TimeoutError:
        raise Failed(28, f"Connection timed out after {1000 * (process.now() - began):.0f} milliseconds") from None
    except OSError:
        after = 1000 * (process.now() - began)
        text = f"Failed to connect to {url.host} port {url.port} after {after:.0f} ms: Couldn't connect to server"
        raise Failed(7, text) from None
    if "v" in options:
        yield from process.write(2, f"* Connected to {url.host} ({address}) port {url.port} (#0)\n")
    return connection


def _deliver(command: Command, options: Options, transfer: Transfer, response: Response) -> Program[None]:
    """Write the answer where it belongs."""
    process = command.process
    number = 1
    target = Url.parse(transfer.url).file_name if "O" in options else options.get("o", "-")
    if target != "-":
        try:
            number = process.attach(process.open(target, write=True, create=True, truncate=True))
        except OSError:
            raise Failed(23, f"Failed to open the file {target}: No such file or directory") from None
    if "I" in options or "i" in options:
        yield from process.write(number, "".join(f"{line}\r\n" for line in [*response.lines, ""]))
    total = response.left
    try:
        while data := (yield from response.some()):
            transfer.size += len(data)
            yield from process.write(number, data)
    except Broken:
        raise Failed(18, "transfer closed with outstanding read data remaining") from None
    except TimeoutError:
        raise Failed(28, f"Operation timed out with {transfer.size} bytes received") from None
    finally:
        if number != 1:
            process.detach(number)
    terminal = process.fds.get(1)
    if "s" not in options and (number != 1 or terminal is None or not terminal.is_terminal):
        size = transfer.size
        share = 100 if total and "I" not in options else 0
        yield from process.write(
            2,
            f"{METER}\r100 {size:>5}  {share:>3} {size:>5}    0     0  {size:>5}      0"
            f" --:--:-- --:--:-- --:--:-- {size:>5}\n",
        )


# -- httpd -----------------------------------------------------------------------------

#: What a file's name says of its content (busybox httpd.c); anything else is an octet stream.
TYPES: Final = {
    **dict.fromkeys((".txt", ".h", ".c", ".cc", ".cpp"), "text/plain"),
    **dict.fromkeys((".htm", ".html"), "text/html"),
    **dict.fromkeys((".jpg", ".jpeg"), "image/jpeg"),
    ".gif": "image/gif",
    ".png": "image/png",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".js": "application/javascript",
}
#: Status lines of errors and what the page says.
ERRORS: Final = {
    400: ("400 Bad Request", "Unsupported method"),
    403: ("403 Forbidden", ""),
    404: ("404 Not Found", "The requested URL was not found"),
    408: ("408 Request Timeout", "No request appeared within 60 seconds"),
    501: ("501 Not Implemented", "The requested method is not recognized"),
}
REQUEST_TIMEOUT = 60.0


@section.program("httpd", usage="[-fv[v]] [-p [IP:]PORT] [-h HOME]")
def httpd(command: Command) -> Program[int]:
    """Serve the container's files over HTTP."""
    options = command.options("ifvp:u:r:h:c:")
    process = command.process
    address, _, port = options.get("p", "80").rpartition(":")
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and int(port) <= HIGHEST_PORT):
        raise Misuse(f"bad address '{options.get('p')}'", usage=False)
    home = process.path(options.get("h", "."))
    if not process.files.is_directory(home):
        code = errno.ENOTDIR if process.files.exists(home) else errno.ENOENT
        raise Misuse(f"can't change directory to '{options.get('h')}': {os.strerror(code)}", usage=False)
    try:
        listening = yield from process.listen(int(port), find_host(process, address) if address else "0.0.0.0")
    except OSError as error:
        return (yield from command.complain(f"bind: {reason(error)}"))
    wordiness = sum(word.count("v") for word in command.words if word.startswith("-v"))
    server = _server(listening, home, wordiness)
    if "f" in options:
        return (yield from server(process))
    yield from process.spawn(server, process.argv, group=None)
    return 0


def _server(listening: int, home: str, wordiness: int) -> Body:
    """Return the program that accepts connections, and has a child answer each."""

    def serve(process: Process) -> Program[int]:
        children: list[int] = []
        while True:
            connection = yield from process.accept(listening)
            for pid in [
                pid for pid in children if (child := process.child(pid)) is not None and child.code is not None
            ]:
                children.remove(pid)
                yield from process.wait(pid)
            socket = process.fds[connection]
            fds: dict[int, Descriptor] = {0: socket, **({2: process.fds[2]} if 2 in process.fds else {})}
            try:
                children.append((yield from process.spawn(_answerer(home, wordiness), process.argv, fds)))
            except BlockingIOError:
                pass  # so many already: this one is turned away
            process.detach(connection)

    return serve


def _answerer(home: str, wordiness: int) -> Body:
    """Return the program that answers the request on its standard input."""

    def answer(process: Process) -> Program[int]:
        target = ""
        try:
            lines = yield from Stream(process, 0, REQUEST_TIMEOUT).head()
            method, target, *_ = [*lines[0].split(), "", ""]
            status = yield from answer_from_files(process, home, method, target)
        except TimeoutError:
            status = yield from _error(process, 408)
        except Broken:
            return 0
        if wordiness:
            peer = process.socket(0).remote
            text = f"{peer}: url:{target}\n" if wordiness > 1 else ""
            yield from process.write(2, f"{text}{peer}: response:{status}\n")
        return 0

    return answer


def answer_from_files(process: Process, home: str, method: str, target: str) -> Program[int]:
    """Answer a request with a file of the container; return the status."""
    if not target.startswith("/"):
        return (yield from _error(process, 400))
    if method not in ("GET", "HEAD"):
        return (yield from _error(process, 501))
    path = unquote_to_bytes(target.partition("?")[0]).decode("utf-8", "surrogateescape")
    depth = 0
    for part in path.split("/"):
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return (yield from _error(process, 400))
    files = process.files
    place = f"{home.rstrip('/')}{posixpath.normpath(path)}"
    try:
        if files.is_directory(place):
            if not path.endswith("/"):
                yield from process.write(0, _head(process, "302 Found", "text/html", f"Location: {path}/\r\n"))
                return 302
            place += "/index.html"
        inode = files.stat(place)
        content = files.read(place)
    except (OSError, ValueError):
        return (yield from _error(process, 404))
    kind = TYPES.get(posixpath.splitext(place)[1].lower(), "application/octet-stream")
    more = "Accept-Ranges: bytes\r\n"
    more += f"Last-Modified: {formatted(inode.mtime, HTTP_DATE)}\r\n"
    more += f'ETag: "{int(inode.mtime):x}-{content.size:x}"\r\nContent-Length: {content.size}\r\n'
    yield from process.write(0, _head(process, "200 OK", kind, more))
    if method == "GET":
        for chunk in content.chunks():
            yield from process.write(0, chunk)
    return 200


def _error(process: Process, status: int) -> Program[int]:
    title, text = ERRORS[status]
    page = f"<HTML><HEAD><TITLE>{title}</TITLE></HEAD>\n<BODY><H1>{title}</H1>\n{text}\n</BODY></HTML>\n"
    yield from process.write(0, _head(process, title, "text/html", "") + page)
    return status


def _head(process: Process, status: str, kind: str, more: str) -> str:
    date = formatted(process.now(), HTTP_DATE)
    return f"HTTP/1.1 {status}\r\nDate: {date}\r\nConnection: close\r\nContent-type: {kind}\r\n{more}\r\n"
