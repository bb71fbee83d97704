"""What is wrong with a cassette: all of it, each with its line, not only the first that keeps it from being read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from fakedocker.cassettes.cleaning import Cleaning
from fakedocker.cassettes.documents import (
    LONGEST_DOCUMENT,
    MARK,
    SIDE_FILE,
    compose,
    exchange_text,
    read_exchange,
    read_header,
)
from fakedocker.cassettes.model import Body, Empty, Exchange, File, Stream
from fakedocker.cassettes.store import CassetteError, SideFiles
from fakedocker.wire import safeyaml
from fakedocker.wire.safeyaml import DocumentError, Mapping, Node, Scalar

_PLACEHOLDER = re.compile(r"\{secret:[^{}\s]*\}")
#: Seconds by which a clock may seem to go backwards: times are kept to the microsecond.
_ROUNDING = 2e-6
_READ_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and in which line; 0 if it is in none."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class _Document:
    line: int
    tree: Mapping
    exchange: Exchange


def lint(path: Path, rules: Iterable[str] = ()) -> list[Finding]:
    """Return what is wrong with a cassette, in the order of its lines. Raises OSError, ValueError for a rule.

    `rules` are those of the user that it should have been recorded with.
    """
    cleaning = Cleaning(rules)
    files = SideFiles(path)
    findings: list[Finding] = []
    with path.open("rb") as file:
        documents = _read(file, findings)
    findings += _in_files(documents, files)
    findings += _times(documents)
    findings += _secrets(documents, _present(documents, files), cleaning)
    return sorted(findings, key=lambda one: one.line or 1 << 62)


# -- reading -----------------------------------------------------------------------------


def _read(file: BinaryIO, findings: list[Finding]) -> list[_Document]:
    """Return the exchanges that can be read, whatever is wrong with the others."""
    documents: list[_Document] = []
    identities: set[int] = set()
    header = False
    for line, text, ended in _texts(file):
        if len(text) >= LONGEST_DOCUMENT:
            findings.append(Finding(line, f"a document of more than {LONGEST_DOCUMENT >> 20} MB: not read any further"))
            break
        if all(one.strip()[:1] in (b"", b"#") for one in text.split(b"\n")):
            continue
        is_header, header = not header, True
        try:
            tree = compose(text)
            if is_header:
                read_header(tree)
                continue
            exchange = read_exchange(tree)
        except DocumentError as error:
            message = error.message if ended or is_header else f"the last exchange was cut: {error.message}"
            findings.append(Finding(line + error.line - 1, message))
            continue
        if exchange.id in identities:
            findings.append(Finding(line + tree.line - 1, f"there was an exchange {exchange.id} already"))
        identities.add(exchange.id)
        documents.append(_Document(line, tree, exchange))
    if not header:
        findings.append(Finding(1, "a cassette begins with a header: `format: 1`"))
    return documents


def _texts(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the documents of a file: the line where each begins, its text, and whether its end was marked."""
    lines: list[bytes] = []
    start, size = 1, 0
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_DOCUMENT), b""), 1):
        if line.rstrip() == b"---" and line.endswith(b"\n"):
            yield start, b"".join(lines), True
            lines, size, start = [], 0, number + 1
            continue
        lines.append(line)
        size += len(line)
        if size >= LONGEST_DOCUMENT:
            yield start, b"".join(lines), False
            return
    if lines and lines[-1] not in (b"-", b"--", b"---"):
        yield start, b"".join(lines), False


# -- files beside it ---------------------------------------------------------------------


def _bodies(exchange: Exchange) -> Iterator[tuple[str, Body]]:
    yield "request", exchange.request.body
    if exchange.response is not None:
        yield "response", exchange.response.body


def _in_files(documents: Sequence[_Document], files: SideFiles) -> Iterator[Finding]:
    named: set[str] = set()
    for document in documents:
        for where, body in _bodies(document.exchange):
            if not isinstance(body, File):
                continue
            named.add(body.digest.replace(":", "-"))
            damage = _damage(body, files)
            if damage:
                yield Finding(document.line + _line(document.tree, (where, "body")) - 1, damage)
    for name in _strangers(files.folder, named):
        what = "no exchange has this body" if SIDE_FILE.fullmatch(name) else "this is no body"
        yield Finding(0, f"{files.folder.name}/{name}: {what}")


def _strangers(folder: Path, names: set[str]) -> list[str]:
    """Return what is in the folder beside a cassette and is no body that it has."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.name not in names)
    return []


def _damage(body: File, files: SideFiles) -> str:
    try:
        digest = hashlib.sha256()
        with files.open(body) as file:
            while piece := file.read(_READ_AT_ONCE):
                digest.update(piece)
        if f"sha256:{digest.hexdigest()}" != body.digest:
            return f"{file.name} is not what its name says"
    except CassetteError as error:
        return str(error)
    return ""


def _present(documents: Sequence[_Document], files: SideFiles) -> SideFiles | None:
    """Return the files if all can be read."""
    bodies = [body for document in documents for _, body in _bodies(document.exchange) if isinstance(body, File)]
    return None if any(_damage(body, files) for body in bodies) else files


# -- times -------------------------------------------------------------------------------


def _times(documents: Sequence[_Document]) -> Iterator[Finding]:
    """Yield where a later thing is said to have happened before an earlier one."""
    began: dict[int, float] = {}
    for document in documents:
        exchange = document.exchange
        before = began.get(exchange.connection, 0.0)
        if exchange.start < before - _ROUNDING:
            line = document.line + _line(document.tree, ("start",)) - 1
            yield Finding(
                line, f"start goes backwards: {exchange.start:g} after {before:g} on connection {exchange.connection}"
            )
        began[exchange.connection] = max(before, exchange.start)
        for where, body in _bodies(exchange):
            if isinstance(body, Stream):
                yield from _frames(document, where, body)


def _frames(document: _Document, where: str, stream: Stream) -> Iterator[Finding]:
    last = 0.0
    for number, frame in enumerate(stream.frames):
        if frame.time < last - _ROUNDING:
            line = document.line + _line(document.tree, (where, "body", "stream", "frames", str(number))) - 1
            yield Finding(line, f"t goes backwards: {frame.time:g} after {last:g}")
        last = max(last, frame.time)


# -- secrets -----------------------------------------------------------------------------


def _secrets(documents: Sequence[_Document], files: SideFiles | None, cleaning: Cleaning) -> Iterator[Finding]:
    """Yield what the rules would have taken out; not what it says."""
    cleaning.learn([document.exchange for document in documents], files)
    for document in documents:
        exchange = document.exchange
        clean = cleaning.exchange(exchange, files)
        for where, body in _bodies(exchange):
            if isinstance(body, File) and files is not None:
                taken = _taken_from_file(body, clean, where, files, cleaning)
                if taken:
                    yield Finding(document.line + _line(document.tree, (where, "body")) - 1, taken)
        plain, clean = _without_files(exchange, exchange), _without_files(clean, exchange)
        if plain == clean:
            continue
        for place, said in _differences(_tree(plain), _tree(clean)):
            yield Finding(
                document.line + _line(document.tree, place) - 1,
                f"this should have been redacted: {'.'.join(place)}{f' is {said}' if said else ''}",
            )


def _taken_from_file(body: File, clean: Exchange, where: str, files: SideFiles, cleaning: Cleaning) -> str:
    cleaned = clean.request.body if where == "request" or clean.response is None else clean.response.body
    if cleaned != body:
        return f"this should have been redacted: a secret in the file of {where}.body"
    mask, digest = cleaning.mask(), hashlib.sha256()
    with files.open(body) as file:
        while piece := file.read(_READ_AT_ONCE):
            digest.update(mask.feed(piece))
    digest.update(mask.finish())
    is_same = f"sha256:{digest.hexdigest()}" == body.digest
    return "" if is_same else f"this should have been redacted: a secret in the file of {where}.body"


def _without_files(exchange: Exchange, like: Exchange) -> Exchange:
    """Return an exchange without the bodies that are in files in another one."""
    if isinstance(like.request.body, File):
        exchange = replace(exchange, request=replace(exchange.request, body=Empty()))
    if exchange.response is not None and like.response is not None and isinstance(like.response.body, File):
        exchange = replace(exchange, response=replace(exchange.response, body=Empty()))
    return exchange


def _tree(exchange: Exchange) -> Node:
    return compose(exchange_text(exchange).removesuffix(MARK).encode())


def _differences(plain: Node, clean: Node, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield where two trees differ, and what stands there in the second one for a secret."""
    match plain, clean:
        case Scalar(text=before), Scalar(text=after):
            if before != after:
                found = _PLACEHOLDER.search(after)
                yield place, found[0] if found else ""
        case (Mapping(), Mapping()) | (safeyaml.Sequence(), safeyaml.Sequence()):
            these, those = list(_members(plain)), list(_members(clean))
            if [name for name, _ in these] != [name for name, _ in those]:
                yield place, ""
                return
            for (name, before_), (_, after_) in zip(these, those, strict=True):
                yield from _differences(before_, after_, (*place, name))
        case _:
            yield place, ""


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield what is in a node, by the name that a person would call it: a header by its own."""
    match node:
        case Mapping(entries=entries):
            for key, item in entries:
                yield key.text, item
        case safeyaml.Sequence(items=items):
            for number, item in enumerate(items):
                match item:
                    case Mapping(entries=((key, value),)):
                        yield key.text, value
                    case _:
                        yield str(number), item


def _line(tree: Node, place: Sequence[str]) -> int:
    """Return the line in a document where a place is, or the nearest thing that is there around it."""
    line = tree.line
    for name in place:
        found = next((item for member, item in _members(tree) if member == name), None)
        if found is None:
            break
        tree, line = found, found.line
    return line
