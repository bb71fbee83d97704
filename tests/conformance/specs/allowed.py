"""Where answers may differ from the documents: where real daemons do, and where there is a reason.

`recordings/*.yaml` say which differences real daemons have, and in which versions: `record.py` asks them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

RECORDINGS = Path(__file__).parent / "recordings"
#: Daemons that have been asked -> the newest version they speak.
DAEMONS = {"20.10": (1, 41), "26": (1, 45)}
#: Profile -> the daemons whose differences are its own. Nobody has asked a 28; it is to be like 26 where it may.
LIKE = {"20.10": ("20.10",), "26": ("26",), "28": ("26",), "any": ("26",)}
#: Pattern of "VERSION METHOD /path STATUS where: what" -> the reason.
ALLOWED: tuple[tuple[str, str], ...] = (
    (
        r".* status (400|401|403|404|409|500|501|503) is not documented",
        "documents leave out errors that many requests can meet; their bodies are judged nevertheless",
    ),
    (
        r".* (POST /volumes/create 201 |GET /volumes 200 \.Volumes\[\]|GET /volumes/\{name\} 200 "
        r"|GET /system/df 200 \.Volumes\[\])\.Labels: null",
        "a volume that was made without labels has none (recorded: engine_api/steps/volumes.yaml)",
    ),
    (
        r".* GET /system/df 200 \.Images\[\]\.RepoTags: null",
        "what has no names has null for its names in the disk's usage (recorded: engine_api/steps/versions.yaml)",
    ),
    (
        r"1\.2\d GET /networks(/\{id\})? 200 .*\.Containers\.\*\.Name: unknown",
        "real daemons tell the names of a network's containers (recorded: engine_api/steps/networks.yaml)",
    ),
    (
        r"1\.(2|3|40|41|42|43|44|45|46|47).* .*\.(GwPriority|EnableIPv4): unknown",
        "28 shows in every version what networks learned with 1.48 (moby 28, api/server/router)",
    ),
)
_PATTERNS = tuple(re.compile(pattern) for pattern, _ in ALLOWED)


def is_allowed(problem: str, profile: str) -> bool:
    """Tell whether a difference is known and right: "VERSION METHOD /path STATUS where: what"."""
    version, _, what = problem.partition(" ")
    minor = int(version.partition(".")[2])
    for daemon in LIKE.get(profile, ()):
        newest = DAEMONS[daemon][1]
        if min(minor, newest) in differences(daemon).get(what, ()):
            return True
    return any(pattern.fullmatch(problem) for pattern in _PATTERNS)


@cache
def differences(daemon: str) -> Mapping[str, frozenset[int]]:
    """Return what a real daemon does otherwise than the documents say -> in which versions, 1.25 being 25."""
    path = RECORDINGS / f"{daemon}.yaml"
    told = (yaml.safe_load(path.read_text()) if path.exists() else None) or {}
    return {what: frozenset(_minors(str(versions))) for what, versions in told.items()}


def _minors(text: str) -> list[int]:
    """Read `1.25-1.30 1.41`."""
    found: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        found += range(int(first[2:]), int((last or first)[2:]) + 1)
    return found


def in_words(minors: set[int]) -> str:
    """Write versions as they are read."""
    runs: list[list[int]] = []
    for minor in sorted(minors):
        if runs and runs[-1][1] == minor - 1:
            runs[-1][1] = minor
        else:
            runs.append([minor, minor])
    return " ".join(f"1.{first}" if first == last else f"1.{first}-1.{last}" for first, last in runs)
