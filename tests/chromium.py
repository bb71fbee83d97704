"""A headless Chromium (Debian: apt-get install --no-install-recommends chromium), driven over its DevTools pipe."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

#: Seconds for anything that a browser is asked.
PATIENCE = 30.0
#: The browser reads commands from descriptor 3 and answers on 4: this puts two others there, and becomes the browser.
BEGIN = """
import fcntl, os, sys
first, second = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(first, 3)
os.dup2(second, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def command() -> str:
    """Return the browser's command, "" if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


class Chromium:
    """A browser with one page; what the page complains of (policy, errors) is in `complaints`."""

    def __init__(self, profile: Path) -> None:
        self.complaints: list[str] = []
        self._number = 0
        self._buffer = b""
        read_commands, self._commands = os.pipe()
        self._answers, write_answers = os.pipe()
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        words += [
            "--disable-background-networking",
            "--no-proxy-server",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", BEGIN, str(read_commands), str(write_answers), command(), *words],
            pass_fds=(read_commands, write_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(read_commands)
        os.close(write_answers)
        self._session = ""
        try:
            target = self._ask("Target.createTarget", url="about:blank")["targetId"]
            self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log"):
                self._ask(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, and all processes that it has started."""
        for end in (self._commands, self._answers):
            with contextlib.suppress(OSError):
                os.close(end)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def go(self, url: str) -> None:
        """Show a page, and return when it has been loaded."""
        self._ask("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(url)})")

    def screen(self, width: int, height: int, *, dark: bool = False) -> None:
        """Have a screen of this size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])

    def scripts(self, *, on: bool) -> None:
        """Run pages' scripts, or not."""
        self._ask("Emulation.setScriptExecutionDisabled", value=not on)

    def look(self, expression: str) -> Any:
        """Return the value of an expression of the page."""
        told = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true of the page, whichever page that is by then."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(AssertionError):  # between two pages there is none
                if self.look(expression):
                    return
            if time.monotonic() > deadline:
                raise AssertionError(f"never true: {expression}\n{self.look('document.body.innerText')}")
            time.sleep(0.02)

    def picture(self) -> bytes:
        """Return the page as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"])

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        told = {"id": self._number, "method": method, "params": params}
        if self._session:
            told["sessionId"] = self._session
        os.write(self._commands, json.dumps(told).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            if answer.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.complaints.append(json.dumps(answer["params"]))

    def _next(self) -> dict[str, Any]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\0" not in self._buffer:
                assert selector.select(PATIENCE), "the browser does not answer"
                data = os.read(self._answers, 1 << 16)
                assert data, "the browser has ended"
                self._buffer += data
        answer, _, self._buffer = self._buffer.partition(b"\0")
        told: dict[str, Any] = json.loads(answer)
        return told
