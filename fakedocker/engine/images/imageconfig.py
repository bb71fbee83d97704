"""The document of an image: its configuration in JSON, whose digest is the image's id.

What a daemon of today keeps, saves and pushes of an image beside its layers. An image that came with a document keeps
it byte for byte, since its id depends on it; one that is made here gets a document as dockerd 20.10 writes it. (moby
image/image.go; OCI image-spec config.md.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config, Healthcheck
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.images import History, Image

OS = "linux"
#: How the daemons of 2013 called what is named otherwise today.
ARCHITECTURES = {"x86_64": "amd64", "": "amd64"}
NANOSECONDS = 1_000_000_000
NO_LAYER = Layer().freeze()
#: The largest document that is read, in bytes.
LARGEST = 4 << 20
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


# -- writing --------------------------------------------------------------------------------------------------


def encode(value: object) -> bytes:
    """Return a value as Go's encoding/json writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = re.sub("[<>&\u2028\u2029]", lambda found: _ESCAPES[found[0]], text)
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()


def stamp(moment: float) -> str:
    """Return unix seconds as Go writes a time: in UTC, to the microsecond, without zeros at the end."""
    seconds, micros = divmod(round(moment * 1_000_000), 1_000_000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    return f"{text}{fraction}Z"


def config_members(config: Config) -> dict[str, object]:
    """Return a configuration as Docker's JSON has it, its members in Docker's order."""
    check = config.healthcheck
    members: dict[str, object] = {
        "Hostname": config.hostname,
        "Domainname": config.domainname,
        "User": config.user,
        "AttachStdin": config.attach_stdin,
        "AttachStdout": config.attach_stdout,
        "AttachStderr": config.attach_stderr,
        "ExposedPorts": {port: {} for port in sorted(config.exposed_ports or {})} or None,
        "Tty": config.tty,
        "OpenStdin": config.open_stdin,
        "StdinOnce": config.stdin_once,
        "Env": _list(config.env),
        "Cmd": _list(config.cmd),
        "Healthcheck": None if check is None else _health_members(check),
        "Image": config.image,
        "Volumes": None if config.volumes is None else {path: {} for path in sorted(config.volumes)},
        "WorkingDir": config.working_dir,
        "Entrypoint": _list(config.entrypoint),
        "NetworkDisabled": config.network_disabled or None,
        "MacAddress": config.mac_address or None,
        "OnBuild": _list(config.on_build),
        "Labels": dict(sorted(config.labels.items())) if config.labels is not None else None,
        "StopSignal": config.stop_signal or None,
        "StopTimeout": config.stop_timeout,
        "Shell": _list(config.shell) or None,
    }
    return {name: value for name, value in members.items() if value is not None or name in _ALWAYS}


#: Members that are there even if they are null.
_ALWAYS = frozenset(("Env", "Cmd", "Volumes", "Entrypoint", "OnBuild", "Labels"))


def _list(words: Sequence[str] | None) -> list[str] | None:
    return None if words is None else list(words)


def _health_members(check: Healthcheck) -> dict[str, object]:
    members: dict[str, object] = {
        "Test": list(check.test),
        "Interval": round(check.interval * NANOSECONDS),
        "Timeout": round(check.timeout * NANOSECONDS),
        "StartPeriod": round(check.start_period * NANOSECONDS),
        "StartInterval": round(check.start_interval * NANOSECONDS),
        "Retries": check.retries,
    }
    return {name: value for name, value in members.items() if value}


def history_members(one: History) -> dict[str, object]:
    """Return a step of an image's history as its document has it."""
    members: dict[str, object] = {
        "created": stamp(one.created),
        "author": one.author,
        "created_by": one.created_by,
        "comment": one.comment,
        "empty_layer": one.empty_layer,
    }
    return {name: value for name, value in members.items() if value}


def document_of(image: Image, layers: Sequence[Layer], history: Sequence[History], name: str = "") -> bytes:
    """Return the document of an image: its own, or one that says what is known of it.

    `layers`: all that it consists of, bottom first. `name`: what tells it from another one with the same contents.
    """
    if image.document:
        return image.document
    members: dict[str, object] = {
        "architecture": ARCHITECTURES.get(image.architecture, image.architecture),
        "author": image.author,
        "comment": image.comment,
        "config": config_members(image.config or Config()),
        "container": image.container,
        "container_config": config_members(image.container_config),
        "created": stamp(image.created),
        "docker_version": image.docker_version,
        "history": [history_members(one) for one in history],
        "org.opencontainers.image.ref.name": name,
        "os": image.os or OS,
        "rootfs": {"type": "layers", "diff_ids": rootfs.diff_ids(layers)},
        "variant": image.variant,
    }
    # Members stand in the order of their names, as in everything that Go makes of a map.
    return encode({name: value for name, value in members.items() if value})


def identified(image: Image, layers: Sequence[Layer], history: Sequence[History], name: str = "") -> Image:
    """Return an image with the document that says what it is, and the id that follows from it (see `document_of`)."""
    document = document_of(image, layers, history, name)
    identity = rootfs.digest(document).removeprefix(rootfs.ALGORITHM)
    return replace(image, id=identity, document=document, history=tuple(history))


# -- reading ----------------------------------------------------------------------------------------------------


def image_from(document: bytes, layers: Sequence[Layer]) -> Image:
    """Return the image that a document and its layers (bottom first) are. Raises Failure for what makes no sense."""
    members = read_object(document)
    diffs = [one for one in _sequence(_mapping(members.get("rootfs")).get("diff_ids")) if isinstance(one, str)]
    for number, (said, layer) in enumerate(zip(diffs, layers, strict=False)):
        if said != rootfs.diff_id(layer):
            raise errors.wrong_layer(number, said, rootfs.diff_id(layer))
    if len(diffs) != len(layers):
        raise errors.wrong_number_of_layers(len(layers), len(diffs))
    config = members.get("config")
    top = layers[-1] if layers else NO_LAYER
    return Image(
        id=rootfs.digest(document).removeprefix(rootfs.ALGORITHM),
        created=moment(members.get("created")),
        layer=top,
        comment=_text(members, "comment"),
        container=_text(members, "container"),
        container_config=read_config(members.get("container_config")),
        docker_version=_text(members, "docker_version"),
        author=_text(members, "author"),
        config=read_config(config) if isinstance(config, Mapping) else None,
        architecture=_text(members, "architecture"),
        size=sum(layer.size for layer in layers),
        history=tuple(_history(members.get("history"))),
        document=document,
        below=tuple(layers[:-1]),
        os=_text(members, "os"),
        variant=_text(members, "variant"),
    )


def read_object(document: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises Failure."""
    if len(document) > LARGEST:
        raise errors.Failure(f"the document is larger than {LARGEST} bytes")
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        raise errors.bad_json(document) from None
    if not isinstance(value, dict):
        raise errors.bad_json(document)
    return value


def diff_ids_in(document: bytes) -> list[str]:
    """Return the diff ids that a document says its image has. Raises Failure."""
    rootfs_members = _mapping(read_object(document).get("rootfs"))
    return [one for one in _sequence(rootfs_members.get("diff_ids")) if isinstance(one, str)]


def read_config(value: object) -> Config:
    """Read a configuration in Docker's JSON; what has not its type counts as not given."""
    members = _mapping(value)
    check = members.get("Healthcheck")
    volumes, ports, labels = (members.get(name) for name in ("Volumes", "ExposedPorts", "Labels"))
    return Config(
        hostname=_text(members, "Hostname"),
        domainname=_text(members, "Domainname"),
        user=_text(members, "User"),
        attach_stdin=members.get("AttachStdin") is True,
        attach_stdout=members.get("AttachStdout") is True,
        attach_stderr=members.get("AttachStderr") is True,
        exposed_ports={name: {} for name in ports} if isinstance(ports, Mapping) else None,
        tty=members.get("Tty") is True,
        open_stdin=members.get("OpenStdin") is True,
        stdin_once=members.get("StdinOnce") is True,
        env=_words(members.get("Env")),
        cmd=_words(members.get("Cmd")),
        healthcheck=_healthcheck(check) if isinstance(check, Mapping) else None,
        image=_text(members, "Image"),
        volumes={name: {} for name in volumes} if isinstance(volumes, Mapping) else None,
        working_dir=_text(members, "WorkingDir"),
        entrypoint=_words(members.get("Entrypoint")),
        network_disabled=members.get("NetworkDisabled") is True,
        mac_address=_text(members, "MacAddress"),
        on_build=_words(members.get("OnBuild")),
        labels={name: _said(one) for name, one in labels.items()} if isinstance(labels, Mapping) else None,
        stop_signal=_text(members, "StopSignal"),
        stop_timeout=_number(members.get("StopTimeout")),
        shell=_words(members.get("Shell")),
    )


def _healthcheck(members: Mapping[str, Any]) -> Healthcheck:
    def seconds(name: str) -> float:
        return (_number(members.get(name)) or 0) / NANOSECONDS

    return Healthcheck(
        _words(members.get("Test")) or (),
        seconds("Interval"),
        seconds("Timeout"),
        seconds("StartPeriod"),
        _number(members.get("Retries")) or 0,
        seconds("StartInterval"),
    )


def _history(value: object) -> Iterator[History]:
    for one in _sequence(value):
        members = _mapping(one)
        yield History(
            moment(members.get("created")),
            _text(members, "created_by"),
            _text(members, "author"),
            _text(members, "comment"),
            members.get("empty_layer") is True,
        )


def moment(value: object) -> float:
    """Read a time as JSON has it, in unix seconds; what is none is that of Go's zero time, long before 1970."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return ZERO
    date, fraction, zone = found.groups()
    try:
        whole = datetime.fromisoformat(f"{date.upper()}{'+00:00' if zone in 'Zz' else zone}").timestamp()
    except (ValueError, OverflowError):
        return ZERO
    return whole + (int(fraction.ljust(9, "0")) / 1e9 if fraction else 0.0)


#: Go's zero time, 0001-01-01T00:00:00Z, in unix seconds.
ZERO = -62135596800.0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _text(members: Mapping[str, Any], name: str) -> str:
    return _said(members.get(name))


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    return tuple(_said(one) for one in value) if isinstance(value, list) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else None
