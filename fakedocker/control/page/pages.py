"""Which page, which file, which stream and which button there is at a path, and how browsers have to treat it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fakedocker.control import bodies
from fakedocker.control.controlled import Controlled
from fakedocker.control.page import rows
from fakedocker.control.page.stream import Stream
from fakedocker.control.verbs import VERBS, CannotDo
from fakedocker.engine.containers.forcing import FORCES
from fakedocker.engine.errors import DockerError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

HERE = Path(__file__).parent
#: What a browser may do with a page: its own files, nothing from elsewhere, nothing inline, in nobody's frame.
POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'self'"),
        *("frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"),
    )
)
#: `same-origin`, since with `no-referrer` a form's `Origin` would be null, which is refused (`access`).
SAFE = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Vary", "Accept"),
)
HTML, JSON, EVENTS = "text/html; charset=utf-8", "application/json", "text/event-stream"
FILES = {"/page.css": "text/css; charset=utf-8", "/page.js": "text/javascript; charset=utf-8"}
#: What the buttons do, and where in the page one sees it.
BUTTONS = {
    "advance": "clock",
    "freeze": "clock",
    "thaw": "clock",
    "reset": "clock",
    "force": "containers",
    "remove_fault": "faults",
    "release_faults": "faults",
    "clear_journal": "calls",
}
#: Bytes that a form may have.
LARGEST_FORM = 64 << 10
#: Calls and events that a page shows, and characters of a container's output.
MOST_ROWS, MOST_OUTPUT = 100, 64 << 10


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a browser: bytes, or a stream."""

    type: str
    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    stream: Stream | None = None


class Pages:
    """The pages below a prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def answer(self, daemon: Controlled, environ: WSGIEnvironment, path: str) -> Reply | None:
        """Return what there is for a browser; None: it is for the API. Raises CannotDo, and what the daemon raises."""
        if environ["REQUEST_METHOD"] == "POST":
            button = path.removeprefix("/buttons/")
            return self._pressed(daemon, environ, button) if button != path else None
        if environ["REQUEST_METHOD"] != "GET":
            return None
        if path in FILES:
            return Reply(FILES[path], _file(path))
        if path == "/stream":
            return Reply(EVENTS, stream=Stream(daemon))
        if path == "/look":
            return Reply(JSON, json.dumps(rows.look(daemon.state())).encode())
        container = _container_in(path, "/stream")
        if container:
            return self._try(lambda: Reply(EVENTS, stream=Stream(daemon, container)))
        if "text/html" not in environ.get("HTTP_ACCEPT", ""):
            return None
        container = _container_in(path, "/logs")
        if container:
            return self._try(lambda: self._output(daemon, container))
        return self._status(daemon) if path in ("", "/") else None

    def _try(self, show: Callable[[], Reply]) -> Reply:
        try:
            return show()
        except DockerError as error:
            return self._failed(str(error).strip(), 404)

    def _status(self, daemon: Controlled) -> Reply:
        entries = daemon.journal.entries()[-MOST_ROWS:]
        return self._page(
            "status.html",
            look=rows.look(daemon.state()),
            calls=[rows.call(entry.to_json()) for entry in reversed(entries)],
            events=[rows.event(one) for one in reversed([*daemon.events()][-MOST_ROWS:])],
            states=[*FORCES],
        )

    def _output(self, daemon: Controlled, container: str) -> Reply:
        output = daemon.logs(container)[-MOST_OUTPUT:]
        return self._page("logs.html", container=container, path=quote(container, safe=""), output=output)

    def _pressed(self, daemon: Controlled, environ: WSGIEnvironment, button: str) -> Reply:
        try:
            if button not in BUTTONS:
                raise CannotDo("there is no such button", 404)
            VERBS[button](daemon, _form(environ))
        except CannotDo as error:
            return self._failed(str(error), error.status)
        back = f"{self._prefix}/#{BUTTONS[button]}"
        return Reply(HTML, status=303, headers=(("Location", back),))

    def _failed(self, why: str, status: int) -> Reply:
        return self._page("failed.html", status=status, why=why)

    def _page(self, template: str, status: int = 200, **told: Any) -> Reply:
        text = _templates().get_template(template).render(prefix=self._prefix, **told)
        return Reply(HTML, text.encode("utf-8", "backslashreplace"), status)


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _file(path: str) -> bytes:
    return (HERE / "static" / path.removeprefix("/")).read_bytes()


def _container_in(path: str, end: str) -> str:
    """Return the container of `/containers/CONTAINER` and an end; "" if the path is another one."""
    name = path.removeprefix("/containers/").removesuffix(end)
    return name if path == f"/containers/{name}{end}" and "/" not in name else ""


def _form(environ: WSGIEnvironment) -> dict[str, str]:
    """Return what was filled in. Raises CannotDo."""
    if bodies.media_type(environ) not in ("", "application/x-www-form-urlencoded"):
        raise CannotDo("the body must be a form", 415)
    data = bodies.read(environ, LARGEST_FORM, "form")
    try:
        return dict(parse_qsl(data.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise CannotDo("the form has too many fields") from None
