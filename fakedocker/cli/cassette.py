"""`fakedocker cassette`: look at recorded sessions, check them, take secrets out, cut, join and convert them.

Exit codes: 0; 1 when `lint` found something; 2 when it could not be done, and then nothing was changed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fakedocker import __version__
from fakedocker.cassettes import har, vcr
from fakedocker.cassettes.cleaning import Cleaning
from fakedocker.cassettes.drafts import Draft, write_text
from fakedocker.cassettes.foreign import LONGEST_FILE, ForeignError, read
from fakedocker.cassettes.linting import lint
from fakedocker.cassettes.listing import document, pages, printable, summary, table
from fakedocker.cassettes.merging import Source, merged
from fakedocker.cassettes.model import Cassette, Header
from fakedocker.cassettes.pruning import Filter, pruned
from fakedocker.cassettes.store import CassetteError, Loaded, SideFiles, load

from .terminal import complain, reason, say

HELP = "look at recorded sessions; check, redact, cut, join and convert them"
FOUND = 1
CREATOR = f"fakedocker {__version__}"


def add(cassette: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    tools = cassette.add_subparsers(metavar="TOOL", required=True)
    for name, tool in TOOLS.items():
        one = tools.add_parser(name, help=tool.help, description=tool.help)
        tool.add(one)
        one.set_defaults(tool=tool.run)


def run(options: argparse.Namespace) -> int:
    """Do what the tool does."""
    try:
        code: int = options.tool(options)
        sys.stdout.flush()
    except (CassetteError, ForeignError, ValueError) as error:
        return complain(printable(str(error)))
    except BrokenPipeError:  # whoever read what is shown has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return complain(f"{error.filename}: {reason(error)}" if error.filename else reason(error))
    except KeyboardInterrupt:
        return complain("interrupted")
    return code


def _rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--redact",
        metavar="NAME|/REGEX/",
        action="append",
        default=[],
        help="hide what is called so, or looks so, as well (repeatable)",
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write another cassette, instead of this one")
    _force(parser)


def _force(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="replace the file that is written if it is there")


# -- show --------------------------------------------------------------------------------


def _add_show(show: argparse.ArgumentParser) -> None:
    show.add_argument("cassette", metavar="FILE", type=Path)
    show.add_argument("--exchange", metavar="N", type=int, help="everything of this one")
    show.add_argument("--json", action="store_true", help="for scripts")


def _show(options: argparse.Namespace) -> int:
    loaded = _load(options.cassette)
    exchanges = loaded.cassette.exchanges
    if options.exchange is None:
        if options.json:
            print(json.dumps([summary(exchange) for exchange in exchanges], indent=2))
            return 0
        for line in table(exchanges):
            print(line)
        return 0
    chosen = next((exchange for exchange in exchanges if exchange.id == options.exchange), None)
    if chosen is None:
        raise CassetteError(f"{options.cassette} has no exchange {options.exchange}")
    if options.json:
        print(json.dumps(document(chosen), indent=2))
        return 0
    for line in pages(chosen):
        print(line)
    return 0


# -- lint --------------------------------------------------------------------------------


def _add_lint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cassettes", metavar="FILE", type=Path, nargs="+")
    _rules(parser)


def _lint(options: argparse.Namespace) -> int:
    count = 0
    for path in options.cassettes:
        for finding in lint(path, options.redact):
            count += 1
            place = f"{path}:{finding.line}" if finding.line else str(path)
            print(printable(f"{place}: {finding.message}"))
    if count:
        say(f"{count} finding{'s' if count > 1 else ''}")
    return FOUND if count else 0


# -- redact ------------------------------------------------------------------------------


def _add_redact(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cassette", metavar="FILE", type=Path)
    _rules(parser)
    _output(parser)


def _redact(options: argparse.Namespace) -> int:
    cleaning = Cleaning(options.redact)
    loaded = _load(options.cassette)
    cassette = loaded.cassette
    with _draft(options, cassette.header) as draft:
        for exchange in cleaning.exchanges(cassette.exchanges, loaded.files):
            draft.append(exchange, loaded.files, cleaning.mask)
        draft.finish()
    say(_hidden(cleaning.counts))
    return 0


def _hidden(counts: Mapping[str, int]) -> str:
    if not counts:
        return "no secrets were found"
    names = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    total = sum(counts.values())
    return f"{total} secret{'s' if total > 1 else ''} taken out: {printable(names)}"


# -- prune -------------------------------------------------------------------------------


def _add_prune(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("cassette", metavar="FILE", type=Path)
    add("--path", metavar="GLOB", action="append", default=[], help="as in '/containers/*/json' (repeatable)")
    add("--method", metavar="METHOD", action="append", default=[], help="(repeatable)")
    add("--status", metavar="STATUS", action="append", default=[], help="404, 5xx, or none (repeatable)")
    add("--exchange", metavar="N", action="append", default=[], help="by number: 7, 3-9 (repeatable)")
    add("--pings", action="store_true", help="pings as well")
    add("--keep", action="store_true", help="keep these and drop the others")
    _output(parser)


def _prune(options: argparse.Namespace) -> int:
    chosen = Filter(
        tuple(options.path), tuple(options.method), tuple(options.status), tuple(options.exchange), options.pings
    )
    if options.keep and chosen.is_empty:
        raise ValueError("--keep needs something to keep: --path, --method, --status, --exchange or --pings")
    loaded = _load(options.cassette)
    exchanges = pruned(loaded.cassette.exchanges, chosen, keep=options.keep)
    with _draft(options, loaded.cassette.header) as draft:
        for exchange in exchanges:
            draft.append(exchange, loaded.files)
        draft.finish()
    say(f"{len(exchanges)} of {len(loaded.cassette.exchanges)} exchanges kept")
    return 0


# -- merge -------------------------------------------------------------------------------


def _add_merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cassettes", metavar="FILE", type=Path, nargs="+")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the whole")
    _force(parser)


def _merge(options: argparse.Namespace) -> int:
    loaded = [_load(path) for path in options.cassettes]
    whole = merged([Source(str(path), one.cassette) for path, one in zip(options.cassettes, loaded, strict=True)])
    with Draft(options.output, whole.cassette.header, replaces=options.force) as draft:
        for exchange, origin in zip(whole.cassette.exchanges, whole.origins, strict=True):
            draft.append(exchange, loaded[origin].files)
        draft.finish()
    for clash in whole.clashes:
        say(printable(clash))
    say(f"{len(whole.cassette.exchanges)} exchanges of {len(loaded)} cassettes")
    return 0


# -- convert -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Session:
    """What was converted, and the files beside it."""

    cassette: Cassette
    files: SideFiles | None = None


def _add_convert(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("input", metavar="INPUT", type=Path)
    add("output", metavar="OUTPUT", type=Path)
    add(
        "--from", dest="source", choices=("cassette", *FOREIGN), help="what INPUT is; told by what is in it if not said"
    )
    add("--to", dest="target", choices=("cassette", "har"), help="what OUTPUT is; told by its name if not said")
    _rules(parser)
    _force(parser)


def _convert(options: argparse.Namespace) -> int:
    cleaning = Cleaning(options.redact)
    target = options.target or ("har" if options.output.suffix.lower() == ".har" else "cassette")
    session = _read(options.input, options.source)
    header, files = session.cassette.header, session.files
    cleaned = cleaning.exchanges(session.cassette.exchanges, files)
    if target == "har":
        write_text(options.output, har.pieces(header, cleaned, files, CREATOR), replaces=options.force)
    else:
        with Draft(options.output, header, replaces=options.force) as draft:
            for exchange in cleaned:
                draft.append(exchange, files, cleaning.mask)
            draft.finish()
    count = len(session.cassette.exchanges)
    say(f"{count} exchange{'s' if count != 1 else ''} converted; {_hidden(cleaning.counts)}")
    return 0


def _read(path: Path, source: str | None) -> _Session:
    if source is None:
        source = _told_by(path)
    if source == "cassette":
        loaded = _load(path)
        return _Session(loaded.cassette, loaded.files)
    try:
        return _Session(FOREIGN[source](_data(path)))
    except ForeignError as error:
        raise ForeignError(f"{path}: {error}") from None


def _told_by(path: Path) -> str:
    """Return what a file is, by what is in it."""
    data = _data(path)
    if any(line.startswith(b"format:") for line in _first_document(data)):
        return "cassette"
    try:
        value = read(data)
    except ForeignError as error:
        raise ForeignError(f"{path}: {error}") from None
    marks = {"log": "har", "http_interactions": "vcr", "interactions": "vcrpy"}
    found = [name for mark, name in marks.items() if isinstance(value, dict) and mark in value]
    if len(found) != 1:
        raise ForeignError(f"{path}: what this is cannot be told by what is in it: say so with --from")
    return found[0]


def _first_document(data: bytes) -> Iterator[bytes]:
    for line in data.splitlines():
        if line.rstrip() == b"---":
            return
        yield line


def _data(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST_FILE + 1)


#: What is read beside our own.
FOREIGN: Mapping[str, Callable[[bytes], Cassette]] = {
    "har": har.of_har,
    "vcrpy": lambda data: vcr.of_vcrpy(read(data)),
    "vcr": lambda data: vcr.of_vcr(read(data)),
}


# -- what several do ---------------------------------------------------------------------


def _load(path: Path) -> Loaded:
    loaded = load(path)
    if loaded.cut:
        say(f"{printable(str(path))}: the last exchange was cut and is left out")
    return loaded


def _draft(options: argparse.Namespace, header: Header) -> Draft:
    """Begin what takes the place of a cassette, or another one."""
    if options.output is None:
        return Draft(options.cassette, header, replaces=True)
    return Draft(options.output, header, replaces=options.force)


@dataclass(frozen=True, slots=True)
class _Tool:
    help: str
    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


TOOLS = {
    "show": _Tool("list the exchanges of a cassette, or show one", _add_show, _show),
    "lint": _Tool("say what is wrong with cassettes", _add_lint, _lint),
    "redact": _Tool("take secrets out of a cassette", _add_redact, _redact),
    "prune": _Tool("drop exchanges, and files that no exchange has", _add_prune, _prune),
    "merge": _Tool("make one cassette of several", _add_merge, _merge),
    "convert": _Tool(
        "make a cassette of a HAR, of vcrpy's or of VCR's, or a HAR of a cassette", _add_convert, _convert
    ),
}
