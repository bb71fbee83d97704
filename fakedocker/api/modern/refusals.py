"""What this daemon refuses: a swarm it is not part of, plugins it has not, and what is not built yet."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.modern import bodies
from fakedocker.api.modern.routes import modern
from fakedocker.engine import errors
from fakedocker.wire.gojson import Member, Struct

UNLOCK = Struct("swarm.UnlockRequest", {"key": Member("UnlockKey", "string")})

#: (method, path) of everything that only a manager of a swarm answers.
OF_MANAGERS = (
    ("GET", "/swarm"),
    ("POST", "/swarm/update"),
    ("GET", "/swarm/unlockkey"),
    ("GET", "/nodes"),
    ("GET", "/nodes/<name:name>"),
    ("DELETE", "/nodes/<name:name>"),
    ("POST", "/nodes/<name:name>/update"),
    ("GET", "/services"),
    ("POST", "/services/create"),
    ("GET", "/services/<name:name>"),
    ("DELETE", "/services/<name:name>"),
    ("POST", "/services/<name:name>/update"),
    ("GET", "/services/<name:name>/logs"),
    ("GET", "/tasks"),
    ("GET", "/tasks/<name:name>"),
    ("GET", "/tasks/<name:name>/logs"),
    ("GET", "/secrets"),
    ("POST", "/secrets/create"),
    ("GET", "/secrets/<name:name>"),
    ("DELETE", "/secrets/<name:name>"),
    ("POST", "/secrets/<name:name>/update"),
    ("GET", "/configs"),
    ("POST", "/configs/create"),
    ("GET", "/configs/<name:name>"),
    ("DELETE", "/configs/<name:name>"),
    ("POST", "/configs/<name:name>/update"),
)
#: (method, path) of what is about one plugin.
OF_PLUGINS = (
    ("GET", "/plugins/<name:name>/json"),
    ("DELETE", "/plugins/<name:name>"),
    ("POST", "/plugins/<name:name>/enable"),
    ("POST", "/plugins/<name:name>/disable"),
    ("POST", "/plugins/<name:name>/upgrade"),
    ("POST", "/plugins/<name:name>/push"),
    ("POST", "/plugins/<name:name>/set"),
)
#: (method, path) of what is not built (yet).
NOT_BUILT = (
    ("POST", "/swarm/init", "swarms"),
    ("POST", "/swarm/join", "swarms"),
    ("POST", "/plugins/pull", "plugins"),
    ("POST", "/plugins/create", "plugins"),
    ("GET", "/containers/<name:name>/checkpoints", "checkpoints"),
    ("POST", "/containers/<name:name>/checkpoints", "checkpoints"),
)


def not_a_manager(**names: str) -> Response:
    raise errors.not_a_manager()


def no_such_plugin(name: str) -> Response:
    raise errors.no_such_plugin(name)


for _method, _path in OF_MANAGERS:
    modern.add_url_rule(_path, f"{_method} {_path}".replace(".", ""), not_a_manager, methods=[_method])
for _method, _path in OF_PLUGINS:
    modern.add_url_rule(_path, f"{_method} {_path}".replace(".", ""), no_such_plugin, methods=[_method])


def _refusing(what: str) -> Response:
    raise errors.not_built(what)


for _method, _path, _what in NOT_BUILT:

    def _refuse(what: str = _what, **names: str) -> Response:
        return _refusing(what)

    modern.add_url_rule(_path, f"{_method} {_path}".replace(".", ""), _refuse, methods=[_method])


@modern.post("/swarm/leave")
def leave_swarm() -> Response:
    raise errors.not_in_a_swarm()


@modern.post("/swarm/unlock")
def unlock_swarm() -> Response:
    bodies.read_or_nothing(UNLOCK)
    raise errors.not_a_manager()


@modern.get("/plugins")
def list_plugins() -> Response:
    return answers.json_line([])


@modern.get("/plugins/privileges")
def plugin_privileges() -> Response:
    return answers.json_line([])
