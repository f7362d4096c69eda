"""Every page of the admin in the real browser: no violation that axe can find, all of it reached by keyboard.

The pages are those of `test_every_view`, so that a page added tomorrow is looked at tomorrow.
"""

from __future__ import annotations

from itertools import cycle, product
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import keep, wrong_with
from tests.moderation.admin.test_every_view import (
    Newsroom,
    newsroom_,  # noqa: F401 - a fixture
    page_at,
    pages_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a pointer can act on: what the platform makes so, and what a script does.
ACTS = """const acts = [...document.querySelectorAll("*")].filter(node =>
    node.checkVisibility({visibilityProperty: true}) && !node.disabled && !node.closest("[inert]") && (
        node.matches("a[href], button, input, select, textarea, summary, [tabindex], [onclick]")
        || node.getAttributeNames().some(name => /^(@|x-on:)click(?!.*outside|.*away)/.test(name))));"""
# A link without an address says 0 and takes no focus.
STOP = "const stop = node => node.matches('a:not([href], [tabindex])') ? -1 : node.tabIndex;"
# A script's own place to act must take the focus, or hold something that does; none may jump the order.
UNREACHABLE = f"""() => {{ {ACTS} {STOP}
    return acts.filter(node => stop(node) > 0
        || (stop(node) < 0 && !node.matches("[tabindex='-1']")
            && ![...node.querySelectorAll("*")].some(each => stop(each) >= 0)))
        .map(node => node.outerHTML.slice(0, 160)) }}"""


@pytest.fixture
def admin(transactional_db: None) -> Client:
    """Somebody who may see it all."""
    client = Client()
    client.force_login(User.objects.create_superuser("hara", password="pass-for-tests", first_name="恵"))
    return client


@pytest.fixture
def page(context: BrowserContext, live_server: Any, admin: Client) -> Page:
    """His first tab, logged in."""
    session = admin.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return context.new_page()


def speak(page: Page, live_server: Any, language: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])


def test_no_page_has_a_violation(
    page: Page,
    live_server: Any,
    admin: Client,
    newsroom_: Newsroom,  # noqa: F811
) -> None:
    """Each page in one theme, language and width, in turn: all are met on pages of every kind."""
    wrong: dict[str, list[str]] = {}
    looks = cycle(product((1280, 390), ("light", "dark"), ("ja", "en")))
    # A part of a page, as a script asks for it, is no document.
    pages = [path for path in pages_of(newsroom_) if "<html" in (page_at(admin, path) or "")]
    assert len(pages) > 60
    for number, (path, (width, theme, language)) in enumerate(zip(pages, looks, strict=False)):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        speak(page, live_server, language)
        page.goto(f"{live_server.url}{path}")
        keep(page, f"every-{number:03d}-{theme}-{language}")
        if found := [*wrong_with(page), *page.evaluate(UNREACHABLE)]:
            wrong[f"{path} {width} {theme} {language}"] = found
    assert wrong == {}
