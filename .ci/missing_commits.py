"""Fill a gap in the recordings: the session whose commits made the images that later sessions list.

usage: missing_commits.py TRANSCRIPTS FOLDER

Copies the recordings into FOLDER and adds a `13-commit.json` that makes the same images, as read from the list and the
graph of images in `14-images.json`. Its answers are made up, so it is there to be run, not to be judged. Prints its
name; prints nothing, and adds nothing, where the recording is at hand.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

NAME = "13-commit"
CONTAINER = "ab" * 6
#: `"PARENT" -> "CHILD"` in the graph of images.
EDGE = re.compile(r'"([0-9a-f]{12})" -> "([0-9a-f]{12})"')

Step = dict[str, Any]


def step(method: str, path: str, status: int, answer: Any = None, question: Any = None) -> Step:
    """Return one exchange as recordings have them."""
    made: Step = {
        "method": method,
        "path": path,
        "request_headers": [],
        "status_line": f"HTTP/1.1 {status} OK",
        "response_headers": [["Content-Type", "application/json"]] if answer else [],
        "response_body": {"text": json.dumps(answer, separators=(",", ":")) if answer else ""},
        "connection": "kept open",
    }
    if question:
        made["request_headers"] = [["Content-Type", "application/json"]]
        made["request_body"] = {"text": json.dumps(question)}
    return made


def commits(images: Path) -> list[Step]:
    """Return the commits that made what a recorded session of `GET /images/...` shows."""
    answers = {one["path"]: one["response_body"].get("text", "") for one in json.loads(images.read_text())["steps"]}
    names = {image["Id"][:12]: image for image in json.loads(answers["/images/json?all=1"])}
    steps = []
    for _, child in EDGE.findall(answers["/images/viz"]):
        image = names.get(child, {})
        tag = image.get("Tag", "")
        query = {"container": CONTAINER, "repo": image.get("Repository", ""), "tag": "" if tag == "latest" else tag}
        given = urlencode({key: value for key, value in query.items() if value})
        steps.append(step("POST", f"/commit?{given}", 201, {"Id": child}))
    return steps


def session(images: Path) -> list[Step]:
    """Return the whole session: a container, the commits, and the container's end."""
    config = {"Image": "base", "Cmd": ["sh", "-c", "echo c >/c"]}
    return [
        step("POST", "/v1.1/containers/create", 201, {"Id": CONTAINER}, config),
        step("POST", f"/v1.1/containers/{CONTAINER}/start", 204),
        step("POST", f"/v1.1/containers/{CONTAINER}/wait", 200, {"StatusCode": 0}),
        *commits(images),
        step("DELETE", f"/v1.1/containers/{CONTAINER}", 204),
    ]


def main(transcripts: Path, folder: Path) -> None:
    """Make the folder."""
    shutil.copytree(transcripts, folder, copy_function=shutil.copyfile)
    folder.chmod(0o700)  # the recordings may be read-only, folder and all
    gap = folder / f"{NAME}.json"
    images = folder / "14-images.json"
    if gap.exists() or not images.exists():
        return
    record = {"scenario": NAME, "description": "made up", "daemon": "", "steps": session(images)}
    gap.write_text(json.dumps(record))
    sys.stdout.write(f"{NAME}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
