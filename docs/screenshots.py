"""Makes the pictures of docs/status-page.md anew: `.venv/bin/python docs/screenshots.py` (needs Debian's chromium)."""

from __future__ import annotations

import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from chromium import Chromium  # noqa: E402 (it is the tests' own, found by the line above)

from fakedocker import FakeDocker  # noqa: E402

#: Name, width and height of the screen, whether it is dark.
PICTURES = (("status-page.png", 1200, 1000, False), ("status-page-phone.png", 390, 844, True))


def main() -> None:
    """Take the pictures of a daemon that is always the same."""
    with FakeDocker(clock="manual", seed=1) as daemon, tempfile.TemporaryDirectory() as profile:
        daemon.engine.run("base", "sh", "-c", "echo ready; sleep 99999", name="web")
        daemon.engine.create("base", "true", name="migration")
        daemon.faults.add("latency", seconds=2, on="ContainerStart")
        daemon.faults.add("error", status=507, on="ImageCreate")
        daemon.advance(3600)
        for path in ("_ping", "containers/json", "images/base/json", "containers/nobody/json"):
            try:
                urllib.request.urlopen(f"{daemon.http_url}/v1.40/{path}").close()
            except urllib.error.HTTPError as error:
                error.close()
        with Chromium(Path(profile)) as browser:
            for name, width, height, dark in PICTURES:
                browser.screen(width, height, dark=dark)
                browser.go(f"{daemon.http_url}/_fakedocker/")
                browser.until("document.querySelector('[data-live]').textContent === 'live'")
                (HERE / name).write_bytes(browser.picture())


if __name__ == "__main__":
    main()
