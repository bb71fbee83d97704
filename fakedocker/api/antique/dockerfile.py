"""What a client sends to be built, in each of its forms.

The daemon of 2013 takes a form with the files `Dockerfile` and `Context` (a tar); the document speaks of the
Dockerfile as the body; API 1.3 takes a tar with the Dockerfile in it. All of them are understood.
"""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from fakedocker.api.arguments import LONGEST_BODY, spooled_body
from fakedocker.engine import errors
from fakedocker.engine.errors import Failure
from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content, Spool
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer

MULTIPART = "multipart/form-data"
#: Bytes of a file that wait in memory, and parts that a form may have.
IN_MEMORY = 1 << 19
MOST_PARTS = 1000


def received() -> tuple[str, Layer | None]:
    """Return the Dockerfile and the context. Raises Failure."""
    if request.mimetype == MULTIPART:
        return _from_form()
    content = spooled_body()
    if not content.size:
        raise Failure("request Content-Type isn't multipart/form-data")
    try:
        context = archives.unpack(content)
    except archives.ArchiveError:
        return _text(content), None
    try:
        return _text(Files([context], Layer(), lambda: 0.0).read("/Dockerfile")), context
    except OSError:
        raise Failure("open Dockerfile: no such file or directory") from None


def _from_form() -> tuple[str, Layer | None]:
    boundary = request.mimetype_params.get("boundary", "")
    if not boundary:
        raise Failure("no multipart boundary param in Content-Type")
    with ExitStack() as opened:

        def place(
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            return opened.enter_context(SpooledTemporaryFile(IN_MEMORY))

        parser = FormDataParser(place, max_form_memory_size=LONGEST_BODY, max_form_parts=MOST_PARTS, silent=False)
        try:
            _, _, files = parser.parse(request.stream, MULTIPART, request.content_length, request.mimetype_params)
        except (ValueError, OSError, HTTPException) as error:
            raise Failure(str(error) or "multipart: unexpected EOF") from None
        if "Dockerfile" not in files:
            raise Failure("http: no such file")
        dockerfile = _text(_content(files["Dockerfile"]))
        if "Context" not in files:
            return dockerfile, None
        try:
            return dockerfile, archives.unpack(_content(files["Context"]))
        except archives.ArchiveError as error:
            raise errors.bad_archive(str(error)) from None


def _content(file: FileStorage) -> Content:
    spool = Spool()
    while chunk := file.stream.read(65536):
        spool.write(chunk)
    return spool.finish()


def _text(content: Content) -> str:
    return content.read(0, LONGEST_BODY).decode("utf-8", "replace")
