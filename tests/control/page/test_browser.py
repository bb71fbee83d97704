"""The page in a real browser: it stays fresh, its buttons do what they say, and nothing from a client is HTML there."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Chromium, command

from fakedocker import FakeDocker

pytestmark = pytest.mark.skipif(not command(), reason="apt-get install --no-install-recommends chromium")

HOSTILE = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Chromium]:
    chromium.complaints.clear()
    chromium.scripts(on=True)
    yield chromium
    chromium.go("about:blank")


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(clock="manual", seed=1) as daemon:
        yield daemon


def show(browser: Chromium, daemon: FakeDocker) -> None:
    browser.go(f"{daemon.http_url}/_fakedocker/")
    browser.until("document.querySelector('[data-live]').textContent === 'live'")


def rows(table: str) -> str:
    return f"document.querySelector('[data-table={table}] tbody').textContent"


def press(browser: Chromium, button: str) -> None:
    found = f"[...document.querySelectorAll('button')].find(one => one.textContent === '{button}')"
    browser.look(f"window.pressed = true; {found}.click()")
    browser.until("window.pressed === undefined && document.readyState === 'complete'")


def test_what_happens_is_seen_without_a_reload(browser: Chromium, daemon: FakeDocker) -> None:
    show(browser, daemon)
    browser.look("window.here = true")
    daemon.engine.run("base", "sleep", "99", name="web")
    browser.until(f"{rows('events')}.includes('container start')")
    browser.until(f"{rows('containers')}.includes('web')")
    with urllib.request.urlopen(f"{daemon.http_url}/v1.40/containers/json") as answer:
        answer.read()
    browser.until(f"{rows('calls')}.includes('ContainerList') && {rows('calls')}.includes('200')")
    assert browser.look("window.here")
    link = "document.querySelector('[data-table=containers] a').pathname"
    assert browser.look(link) == f"/_fakedocker/containers/{daemon.engine.container('web').id}/logs"


def test_a_visit_asks_the_docker_api_nothing_and_breaks_no_policy(browser: Chromium, daemon: FakeDocker) -> None:
    show(browser, daemon)
    browser.until(f"{rows('networks')}.includes('bridge')")
    assert len(daemon.journal) == 0
    assert browser.complaints == []


def test_nothing_from_a_client_becomes_html(browser: Chromium, daemon: FakeDocker) -> None:
    url = f"{daemon.http_url}/v1.40/images/%3Cimg%20src=x%20onerror=window.hurt=1%3E/json"
    daemon.engine.run("base", "sh", "-c", f"echo '{HOSTILE}'", name="web")

    def ask() -> None:
        with pytest.raises(urllib.error.HTTPError) as failed:
            urllib.request.urlopen(url)
        failed.value.close()

    ask()
    show(browser, daemon)
    ask()
    browser.until(f"{rows('calls')}.split('<img src=x onerror').length >= 3")
    browser.go(f"{daemon.http_url}/_fakedocker/containers/web/logs")
    browser.until("document.querySelector('[data-live]').textContent === 'live'")
    browser.until("document.querySelector('pre').textContent.includes('<script>window.hurt')")
    assert browser.look("document.querySelectorAll('img, pre *').length") == 0
    assert browser.look("window.hurt") is None
    assert browser.complaints == []


def test_the_output_of_a_container_is_followed(browser: Chromium, daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sh", "-c", "echo first; sleep 5; echo second; sleep 99", name="web")
    browser.go(f"{daemon.http_url}/_fakedocker/containers/web/logs")
    browser.until("document.querySelector('pre').textContent === 'first\\n'")
    browser.until("document.querySelector('[data-live]').textContent === 'live'")
    daemon.advance(5)
    browser.until("document.querySelector('pre').textContent === 'first\\nsecond\\n'")


def test_the_buttons_do_what_they_say(browser: Chromium, daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "99", name="web")
    daemon.faults.add("latency", seconds=1, on="ContainerStart")
    show(browser, daemon)
    before = daemon.now
    press(browser, "Advance")
    assert daemon.now == before + 60
    browser.look("document.querySelector('select').value = 'dead'")
    press(browser, "Force")
    assert daemon.state()["containers"][0]["state"] == "dead"
    press(browser, "Remove")
    assert len(daemon.faults) == 0
    press(browser, "Reset the daemon")
    assert daemon.state()["containers"] == []
    press(browser, "Thaw")
    assert "a manual clock does not run" in browser.look("document.querySelector('[role=alert]').textContent")


def test_a_page_that_is_open_survives_a_reset(browser: Chromium, daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "99", name="old")
    show(browser, daemon)
    daemon.reset()
    browser.until(f"!{rows('containers')}.includes('old')")
    daemon.engine.run("base", "sleep", "99", name="new")
    browser.until(f"{rows('containers')}.includes('new') && {rows('events')}.includes('new')")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(browser: Chromium, daemon: FakeDocker, width: int, dark: bool) -> None:
    daemon.engine.run("base", "sh", "-c", f"echo {'x' * 500}; sleep 9", name="n" * 120)
    browser.screen(width, 800, dark=dark)
    for path in ("", f"containers/{'n' * 120}/logs"):
        browser.go(f"{daemon.http_url}/_fakedocker/{path}")
        assert browser.look("document.documentElement.scrollWidth") <= width
    light = browser.look("getComputedStyle(document.body).backgroundColor") == "rgb(244, 246, 248)"
    assert light is not dark


def test_every_field_has_a_label_and_every_table_headings(browser: Chromium, daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "99", name="web")
    daemon.faults.add("latency", seconds=1, on="ContainerStart")
    show(browser, daemon)
    fields = "[...document.querySelectorAll('input:not([type=hidden]), select')]"
    assert browser.look(f"{fields}.filter(one => !one.labels.length && !one.ariaLabel).length") == 0
    tables = "[...document.querySelectorAll('table')]"
    assert browser.look(f"{tables}.filter(one => !one.tHead || !one.getAttribute('aria-labelledby')).length") == 0
    assert browser.look("document.querySelectorAll('main, header').length") == 2


def test_without_script_the_page_tells_and_its_buttons_work(tmp_path: Path, daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "99", name="web")
    with Chromium(tmp_path) as browser:
        browser.scripts(on=False)
        browser.go(f"{daemon.http_url}/_fakedocker/")
        assert "web" in browser.look(rows("containers"))
        before = daemon.now
        browser.look("document.querySelector('[action$=advance] button').click()")
        browser.until("location.hash === '#clock'")
        assert daemon.now == before + 60
