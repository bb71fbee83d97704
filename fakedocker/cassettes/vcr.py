"""Cassettes of vcrpy (Python) and of VCR (Ruby), in YAML or JSON, as sessions of ours.

What they look like (vcrpy serialize.py and its stubs, VCR structs.rb): a list of interactions, each a request with
`method`, `uri`, `headers` and `body`, and a response with `status`, `headers` and `body`. vcrpy does not say when
anything happened; VCR says it to the second. Neither knows connections, so that there is one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from fakedocker.cassettes.foreign import (
    Dated,
    ForeignError,
    Members,
    fields,
    request_of,
    response_of,
    session,
)
from fakedocker.cassettes.model import Cassette, Exchange, Header

#: The version of vcrpy's format that is read; the one before had no number and Python objects in it.
VERSION = "1"


def of_vcrpy(value: Any) -> Cassette:
    """Return what a cassette of vcrpy says. Raises ForeignError."""
    if isinstance(value, list):
        raise ForeignError("this is a cassette of vcrpy before 1.0, which has to be migrated by vcrpy itself")
    whole = Members(value, "the cassette", ("interactions", "version"))
    version = whole.text("version", VERSION)
    if version != VERSION:
        raise ForeignError(f"this is a cassette of vcrpy in version {version} of its format; version {VERSION} is read")
    exchanges = [_of_vcrpy(item, number) for number, item in enumerate(whole.items("interactions"), 1)]
    return Cassette(Header("vcrpy"), exchanges)


def _of_vcrpy(item: Any, number: int) -> Exchange:
    where = f"interaction {number}"
    one = Members(item, where, ("request", "response"))
    asked = Members(one.get("request"), f"the request of {where}", ("method", "uri", "body", "headers"))
    request = request_of(
        asked.text("method"),
        asked.text("uri"),
        fields(asked.get("headers"), asked.where),
        _data(asked.get("body"), asked.where),
        asked.where,
    )
    answered = Members(
        one.get("response"),
        f"the response of {where}",
        ("status", "headers", "body", "url", "status_code", "http_version", "content"),
    )
    headers = fields(answered.get("headers"), answered.where)
    if "status_code" in answered:  # as it was recorded of httpx for a while
        data = _data(answered.get("content"), answered.where)
        response = response_of(answered.status("status_code"), "", headers, data, answered.where)
    else:
        status = Members(answered.get("status"), f"the status of {where}", ("code", "message"))
        body = answered.get("body")
        if isinstance(body, dict):
            body = Members(body, f"the body of {answered.where}", ("string",)).get("string")
        data = _data(body, answered.where)
        response = response_of(status.status("code"), status.text("message", ""), headers, data, answered.where)
    return Exchange(number, 1, 0.0, 0.0, request, response)


def _data(body: Any, where: str) -> bytes:
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode("utf-8", "replace")
    raise ForeignError(f"the body of {where} is neither text nor bytes")


# -- of Ruby -----------------------------------------------------------------------------


def of_vcr(value: Any) -> Cassette:
    """Return what a cassette of Ruby's VCR says. Raises ForeignError."""
    whole = Members(value, "the cassette", ("http_interactions", "recorded_with"))
    dated = list(_dated(whole.items("http_interactions")))
    exchanges, recorded_at = session(dated)
    return Cassette(Header(whole.text("recorded_with", "VCR"), recorded_at), exchanges)


def _dated(items: list[Any]) -> Iterator[Dated]:
    for number, item in enumerate(items, 1):
        where = f"interaction {number}"
        one = Members(item, where, ("request", "response", "recorded_at"))
        asked = Members(one.get("request"), f"the request of {where}", ("method", "uri", "body", "headers"))
        answered = Members(
            one.get("response"),
            f"the response of {where}",
            ("status", "headers", "body", "http_version", "adapter_metadata"),
        )
        status = Members(answered.get("status"), f"the status of {where}", ("code", "message"))
        request = request_of(
            asked.text("method").removeprefix(":"),
            asked.text("uri"),
            fields(asked.get("headers"), asked.where),
            _encoded(asked.get("body"), asked.where),
            asked.where,
        )
        response = response_of(
            status.status("code"),
            status.text("message", ""),
            fields(answered.get("headers"), answered.where),
            _encoded(answered.get("body"), answered.where),
            answered.where,
        )
        moment = _moment(one.text("recorded_at"), where) if "recorded_at" in one else None
        yield Dated(Exchange(number, 1, 0.0, 0.0, request, response), moment)


def _encoded(body: Any, where: str) -> bytes:
    """Return the bytes of a body that says in which encoding they were."""
    if not isinstance(body, dict):
        return _data(body, where)
    said = Members(body, f"the body of {where}", ("encoding", "string", "base64_string"))
    if "base64_string" in said:
        try:
            return base64.b64decode("".join(said.text("base64_string").split()), validate=True)
        except (binascii.Error, ValueError):
            raise ForeignError(f"{said.where} is not base64") from None
    text = said.get("string")
    encoding = said.text("encoding", "UTF-8")
    if not isinstance(text, str) or encoding.upper() in ("UTF-8", "ASCII-8BIT", "BINARY", "US-ASCII"):
        return _data(text, where)
    try:
        return text.encode(encoding)
    except LookupError:
        raise ForeignError(f"{said.where} is in an encoding that is not known: {encoding[:40]}") from None
    except ValueError:
        return text.encode("utf-8", "replace")  # VCR, too, leaves such a body as it is


def _moment(text: str, where: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise ForeignError(f"recorded_at of {where} is no date of HTTP: {text[:40]}") from None
