"""The pages over real sockets: who gets them, what they allow, what the buttons take, and that all text is text."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from fakedocker import FakeDocker
from fakedocker.control.page.pages import BUTTONS
from fakedocker.control.verbs import VERBS

HOSTILE = "<script>alert(1)</script>"


@dataclass
class Answer:
    """What a browser got."""

    status: int
    headers: dict[str, str]
    text: str


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(clock="manual") as daemon:
        yield daemon


def ask(daemon: FakeDocker, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(daemon.http_url).netloc, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


def see(daemon: FakeDocker, path: str = "/_fakedocker/") -> Answer:
    return ask(daemon, "GET", path, Accept="text/html,application/xhtml+xml,*/*;q=0.8")


def press(daemon: FakeDocker, button: str, form: str = "", **headers: str) -> Answer:
    told = {
        "Content_Type": "application/x-www-form-urlencoded",
        "Origin": daemon.http_url,
        "Sec_Fetch_Site": "same-origin",
    }
    told |= headers
    return ask(daemon, "POST", f"/_fakedocker/buttons/{button}", form, **told)


@pytest.mark.parametrize("path", ["/_fakedocker", "/_fakedocker/"])
def test_a_browser_gets_the_page_and_others_get_json(daemon: FakeDocker, path: str) -> None:
    assert see(daemon, path).headers["Content-Type"] == "text/html; charset=utf-8"
    assert ask(daemon, "GET", path, Accept="*/*").headers["Content-Type"] == "application/json"


def test_the_page_tells_what_there_is(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "9", name="web")
    daemon.faults.add("error", status=507, on="ImageCreate")
    ask(daemon, "GET", "/v1.40/nothing-like-it")
    text = see(daemon).text
    for told in ("web", "base:latest", "running", "bridge", "507", "/v1.40/nothing-like-it", "container start"):
        assert told in text


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js", "/look", "/containers/web/logs", "/containers/x/logs"])
def test_what_a_browser_may_do_is_said_with_everything(daemon: FakeDocker, path: str) -> None:
    daemon.engine.run("base", "sleep", "9", name="web")
    headers = see(daemon, f"/_fakedocker{path}").headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not any("unsafe" in one for one in policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_nothing_is_inline(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "9", name="web")
    text = see(daemon).text
    assert " style=" not in text
    assert re.search(r"<[^>]* on\w+=", text) is None
    assert text.count("<script") == text.count("<script src=") == 1


def test_text_from_clients_is_escaped(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sh", "-c", f"echo '{HOSTILE}'", name="web")
    ask(daemon, "GET", "/v1.40/images/%3Cscript%3Ealert(1)%3C/script%3E/json")
    for path in ("/_fakedocker/", "/_fakedocker/containers/web/logs"):
        text = see(daemon, path).text
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>" not in text
    refused = press(daemon, "force", "container=%3Cscript%3E&state=dead")
    assert refused.status == 404
    assert "<script>" not in refused.text


def test_output_that_is_no_text_is_shown(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sh", "-c", r"printf '\377\033[31m\000'", name="web")
    assert see(daemon, "/_fakedocker/containers/web/logs").status == 200


def test_logs_are_a_page_for_browsers_and_json_for_others(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "echo", "hello", name="web")
    assert "hello" in see(daemon, "/_fakedocker/containers/web/logs").text
    assert ask(daemon, "GET", "/_fakedocker/containers/web/logs").text == '"hello\\n"\n'
    missing = see(daemon, "/_fakedocker/containers/nobody/logs")
    assert (missing.status, "nobody" in missing.text) == (404, True)


def test_a_button_does_its_verb_and_leads_back(daemon: FakeDocker) -> None:
    before = daemon.now
    pressed = press(daemon, "advance", "seconds=90.5")
    assert (pressed.status, pressed.headers["Location"]) == (303, "/_fakedocker/#clock")
    assert daemon.now == before + 90.5


def test_a_fault_is_removed_by_a_button(daemon: FakeDocker) -> None:
    fault = daemon.faults.add("error", status=500)
    assert press(daemon, "release_faults", f"id={fault.id}").status == 303
    assert press(daemon, "remove_fault", f"id={fault.id}").status == 303
    assert press(daemon, "remove_fault", f"id={fault.id}").status == 404
    assert len(daemon.faults) == 0


@pytest.mark.parametrize(
    ("button", "form", "status"),
    [
        ("advance", "", 400),
        ("advance", "seconds=-1", 400),
        ("advance", "seconds=inf", 400),
        ("advance", "seconds=many", 400),
        ("advance", "seconds=1&more=2", 400),
        ("advance", "&".join(f"a{n}=1" for n in range(30)), 400),
        ("advance", "seconds=" + "1" * 70_000, 413),
        ("force", "container=web&state=bored", 400),
        ("shutdown", "", 404),
        ("", "", 404),
        ("../state", "", 404),
    ],
)
def test_a_bad_form_changes_nothing_and_is_told_in_words(
    daemon: FakeDocker, button: str, form: str, status: int
) -> None:
    daemon.engine.run("base", "sleep", "9", name="web")
    before = daemon.now
    refused = press(daemon, button, form)
    assert (refused.status, 'role="alert"' in refused.text) == (status, True)
    assert daemon.now == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "", "Sec_Fetch_Site": "cross-site"},
    ],
)
def test_a_form_of_another_page_is_refused(daemon: FakeDocker, headers: dict[str, str]) -> None:
    before = daemon.now
    refused = press(daemon, "advance", "seconds=5", **headers)
    assert (refused.status, daemon.now) == (403, before)


def test_a_host_name_that_was_made_to_lead_here_gets_no_page(daemon: FakeDocker) -> None:
    assert ask(daemon, "GET", "/_fakedocker/", Host="elsewhere.example", Accept="text/html").status == 403
    assert ask(daemon, "GET", "/_fakedocker/stream", Host="elsewhere.example").status == 403


def test_json_is_no_form(daemon: FakeDocker) -> None:
    assert press(daemon, "advance", '{"seconds": 5}', Content_Type="application/json").status == 415


def test_a_daemon_that_is_not_to_be_controlled_has_no_page() -> None:
    with FakeDocker(control=False) as daemon:
        assert see(daemon).status == 404


def test_every_button_is_a_verb() -> None:
    assert BUTTONS.keys() <= VERBS.keys()


def test_the_script_is_small_and_writes_no_html(daemon: FakeDocker) -> None:
    script = ask(daemon, "GET", "/_fakedocker/page.js").text
    assert len(script) < 6000
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function("):
        assert danger not in script
