"""A real Chromium, driven by Playwright; and what it needs of the test's server."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async levels => (await axe.run({runOnly: levels, resultTypes: ["violations"]})).violations.flatMap(
    each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 160)}`))"""
WIDER = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth
    ? ["the page scrolls sideways"] : []"""
# A page that is looked at by itself: theme, width in CSS pixels, language, each of them both ways.
# In all eight ways together the pages are looked at by `test_every_page`.
in_two_looks = pytest.mark.parametrize(
    ("theme", "width", "language"), [("light", 1440, "ja"), ("dark", 390, "en")]
)
# Milliseconds. What is expected comes at once, but not on a machine that is busy with other tests.
expect.set_options(timeout=20_000)
# Playwright keeps an event loop running in the thread of the test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def chromium() -> str | None:
    """Where Chromium is, or None: CHROMIUM, else the names that systems give it.

    The one without windows comes first: it takes a quarter less of the processor.
    """
    named = os.environ.get("CHROMIUM", "")
    names = (named, "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium; skipped with one loud line where there is none, unless REQUIRE_BROWSER=1."""
    path = chromium()
    if path is None:
        told = "BROWSER TESTS ARE SKIPPED: there is no Chromium. Install it, or set CHROMIUM to its path."
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(told)
        # Past the capture: a skip's own reason is shown to nobody under `-q`.
        capture, terminal = (
            request.config.pluginmanager.get_plugin(name) for name in ("capturemanager", "terminalreporter")
        )
        assert capture
        assert terminal
        with capture.global_and_fixture_disabled():
            terminal.write_line(f"\n{told}", red=True, bold=True)
        pytest.skip(told)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


class Asked:
    """Counts the requests that the test's server is at."""

    def __init__(self) -> None:
        self.number, self.changed = 0, threading.Condition()

    def count(self, by: int) -> None:
        with self.changed:
            self.number += by
            self.changed.notify_all()

    def wait_for_none(self) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.number == 0, timeout=30)


@pytest.fixture
def asked() -> Iterator[Asked]:
    """What the server is at, from now on."""
    found = Asked()

    def begun(**_: Any) -> None:
        found.count(1)

    def ended(**_: Any) -> None:
        found.count(-1)

    request_started.connect(begun)
    request_finished.connect(ended)
    yield found
    request_started.disconnect(begun)
    request_finished.disconnect(ended)


@pytest.fixture
def context(browser: Browser, asked: Asked) -> Iterator[BrowserContext]:
    """A fresh Japanese visitor, whose errors on any page fail the test."""
    made = browser.new_context(
        locale="ja-JP", reduced_motion="reduce", viewport={"width": 1440, "height": 900}
    )
    errors: list[str] = []
    made.on("weberror", lambda error: errors.append(str(error.error)))
    yield made
    made.close()
    # What its pages asked for last is still being answered: the tables are emptied after that.
    assert asked.wait_for_none()
    assert errors == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """His first tab."""
    return context.new_page()


def wrong_with(page: Page) -> list[str]:
    """What axe finds on the page against WCAG A and AA, and whether it scrolls sideways."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [*page.evaluate(AXE, LEVELS), *page.evaluate(WIDER)]


def keep(page: Page, name: str) -> None:
    """A picture of the page under `SCREENSHOTS`, where that is set."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def log_in(page: Page, live_server: Any, name: str = "mori") -> None:
    """To the queue, with such a session as the login page makes; `test_morning` goes through that page."""
    client = Client()
    client.force_login(User.objects.get(username=name))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    expect(page.get_by_role("heading", name="審査デスク")).to_be_visible()
    # The heading is there before the scripts that the keys need.
    page.wait_for_load_state()
