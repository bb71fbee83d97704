"""Calls as a person reads them: one line each, whatever clients have put into names and queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from fakedocker.journal.entries import Entry

#: Characters of a cell.
WIDEST = 60
HEADS = ("", "call", "of", "status", "took", "said")


def table(entries: Sequence[Entry], most: int) -> str:
    """Return the last `most` calls as a table, and how many came before."""
    if not entries:
        return "no calls"
    kept = entries[-most:]
    rows = [HEADS, *(_row(entry) for entry in kept)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    left = len(entries) - len(kept)
    if left:
        lines.insert(1, f"… {left:,} earlier")
    return "\n".join(lines)


def line(entry: Entry) -> str:
    """Return one call on one line."""
    _, call, of, status, _, said = _row(entry)
    of = f" {of}" if of else ""
    return f"{entry.number} {call}{of} -> {status}{f'  {said}' if said else ''}"


def _row(entry: Entry) -> Sequence[str]:
    call = entry.operation or f"{entry.method} {entry.path}"
    name = entry.name or entry.object
    if entry.status is None:
        status = "no answer" if entry.duration is not None else "in flight"
    else:
        status = f"{entry.status}{'' if entry.duration is not None else ' …'}"
    took = "" if entry.duration is None else f"{entry.duration:.3f} s"
    said = [_query(entry)] if entry.query else []
    said += [entry.reason] if entry.reason else []
    said += [f"without effect: {', '.join(entry.without_effect)}"] if entry.without_effect else []
    return [str(entry.number), *map(cell, (call, name, status, took)), cell("  ".join(said), 2 * WIDEST)]


def _query(entry: Entry) -> str:
    pairs: Iterable[str] = (f"{name}={value}" for name, values in entry.query.items() for value in values)
    return "?" + "&".join(pairs)


def cell(text: str, widest: int = WIDEST) -> str:
    """Return a text that keeps to its line: what a terminal would obey is escaped, what is too long is cut."""
    text = text[: 4 * widest]
    plain = text if text.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in text)
    return plain if len(plain) <= widest else f"{plain[: widest - 1]}…"


def _escaped(character: str) -> str:
    return "\\n" if character == "\n" else quote(character.encode("utf-8", "replace"), safe="")
