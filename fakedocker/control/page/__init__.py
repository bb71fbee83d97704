"""The status page at `/_fakedocker/`: what a daemon has and does, for somebody with a browser.

The rules of the room:

* the server says everything in HTML; the script only keeps it fresh, and the page is of use without it;
* what comes from a client is text: Jinja escapes it, and the script knows no way to write HTML;
* nothing is asked of the engine while nobody looks, nor when nothing has happened;
* what is done here is a verb of the control API, and whoever may not use that may not use this.
"""

from __future__ import annotations

from fakedocker.control.page.pages import Pages, Reply

__all__ = ["Pages", "Reply"]
