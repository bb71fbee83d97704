"""The Flask app: the one place where the parts are joined.

It is built once per process, since that costs more than a whole test may; each daemon passes its own service along
in the environ of its requests.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter

from fakedocker.api import answers, effects
from fakedocker.api.antique import containers, errors, images, system
from fakedocker.api.antique.routes import Name, antique
from fakedocker.api.modern import archives, build, execs, networks, refusals, volumes
from fakedocker.api.modern import containers as modern_containers
from fakedocker.api.modern import errors as modern_errors
from fakedocker.api.modern import images as modern_images
from fakedocker.api.modern import system as modern_system
from fakedocker.api.modern.routes import modern
from fakedocker.api.negotiation import ANTIQUE, MODERN, Negotiation
from fakedocker.api.service import service
from fakedocker.control import Control
from fakedocker.faults import Faulty
from fakedocker.journal import Journalled
from fakedocker.runtime import Stopped

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: The modules whose routes a dialect consists of; importing them declares the routes.
ROUTES = {
    ANTIQUE: (containers, images, system),
    MODERN: (modern_containers, archives, execs, modern_images, build, modern_system, networks, volumes, refusals),
}


class App(Flask):
    """Flask without what would change the answers of a daemon: automatic HEAD, OPTIONS and redirects."""

    request_class = effects.Question

    def __init__(self) -> None:
        super().__init__(__name__, static_folder=None)
        self.url_map.converters["name"] = Name
        self.url_map.merge_slashes = False
        self.url_map.redirect_defaults = False
        self.register_blueprint(antique)
        self.register_blueprint(modern)
        self.register_error_handler(NotFound, lambda error: not_routed())
        self.register_error_handler(MethodNotAllowed, lambda error: not_routed())
        self.register_error_handler(Exception, unexpected)
        self.before_request(refuse_head)
        self.after_request(effects.tell_of_parameters)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Route a request to open a WebSocket as any other: it is for the view to tell whether it may."""
        adapter = super().create_url_adapter(request)
        if adapter is not None:
            adapter.websocket = False
        return adapter

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS where other methods have a route, as the blueprint does everywhere else."""
        return answers.empty(200)


def refuse_head() -> Response | None:
    """The antique routers know no HEAD."""
    return errors.not_routed() if request.method == "HEAD" and not _is_modern() else None


def _is_modern() -> bool:
    return request.path.startswith(MODERN)


def not_routed() -> Response:
    """Answer a path or a method that the API does not have, in the words of its dialect."""
    return modern_errors.not_routed() if _is_modern() else errors.not_routed()


def unexpected(error: Exception) -> Response:
    """Answer an exception that nobody foresaw with a bare 500, and report it to the daemon."""
    tell = modern_errors.message if _is_modern() else lambda text, status: answers.text(f"{text}\n", status)
    if isinstance(error, Stopped):
        return tell("the daemon is shutting down", 503)
    if isinstance(error, HTTPException):
        return tell(error.description or "", error.code or 500)
    asked = request.environ.get("REQUEST_URI", request.path)  # the path as it came, not as it was routed
    service().report(error, f"{request.method} {asked}")
    return tell("Internal Server Error", 500)


@cache
def wsgi() -> WSGIApplication:
    """Return the app of this process, behind control, journal, faults and the negotiation of versions."""
    app = App()
    adapter = app.url_map.bind("")
    negotiation = Negotiation(app.wsgi_app, lambda method, path: known_in_2013(adapter, method, path))
    # Flask's documented way to add a layer; the outermost one comes last.
    app.wsgi_app = Control(Journalled(Faulty(negotiation, negotiation.version_of)))  # type: ignore[method-assign]
    return app


def known_in_2013(adapter: MapAdapter, method: str, path: str) -> bool:
    """Tell whether the antique dialect has a route."""
    return method == "OPTIONS" or (method != "HEAD" and adapter.test(ANTIQUE + path, method))
