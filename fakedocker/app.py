"""The Flask app: the one place where the parts are joined.

It is built once per process, since that costs more than a whole test may; each daemon passes its own service along
in the environ of its requests.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from fakedocker.api import answers
from fakedocker.api.antique import containers, errors, images, system
from fakedocker.api.antique.routes import Name, antique
from fakedocker.api.negotiation import Negotiation
from fakedocker.api.service import service
from fakedocker.runtime import Stopped

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: The modules whose routes the antique dialect consists of; importing them declares the routes.
ANTIQUE = (containers, images, system)


class App(Flask):
    """Flask without what would change the answers of a daemon: automatic HEAD, OPTIONS and redirects."""

    def __init__(self) -> None:
        super().__init__(__name__, static_folder=None)
        self.url_map.converters["name"] = Name
        self.url_map.merge_slashes = False
        self.url_map.redirect_defaults = False
        self.register_blueprint(antique)
        self.register_error_handler(NotFound, lambda error: errors.not_routed())
        self.register_error_handler(MethodNotAllowed, lambda error: errors.not_routed())
        self.register_error_handler(Exception, unexpected)
        self.before_request(refuse_head)

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS where other methods have a route, as the blueprint does everywhere else."""
        return answers.empty(200)


def refuse_head() -> Response | None:
    """The antique routers know no HEAD."""
    return errors.not_routed() if request.method == "HEAD" else None


def unexpected(error: Exception) -> Response:
    """Answer an exception that nobody foresaw with a bare 500, and report it to the daemon."""
    if isinstance(error, Stopped):
        return answers.text("the daemon is shutting down\n", 503)
    if isinstance(error, HTTPException):
        return answers.text(f"{error.description}\n", error.code or 500)
    asked = request.environ.get("REQUEST_URI", request.path)  # the path as it came, not as it was routed
    service().report(error, f"{request.method} {asked}")
    return answers.text("Internal Server Error\n", 500)


@cache
def wsgi() -> WSGIApplication:
    """Return the app of this process, behind the negotiation of versions."""
    app = App()
    app.wsgi_app = Negotiation(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way to add a layer
    return app
