"""What a pointer can act on, Tab reaches: also where a script alone makes it so, as Unfold does."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from comments.models import Comment
from moderation.models import Case, Rule
from tests.moderation.admin.test_every_view import (
    Newsroom,
    address,
    newsroom_,  # noqa: F401 - a fixture
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
WATCH = f"""() => {{ {ACTS} {STOP}
    const group = node => node.type === "radio" ? document.getElementsByName(node.name)[0] : node;
    window.wanted = new Set(acts.filter(node => stop(node) >= 0).map(group));
    document.addEventListener("focusin", event => window.wanted.delete(group(event.target)), true);
    document.activeElement.blur();
    return window.wanted.size }}"""
MISSED = "() => [...window.wanted].map(node => node.outerHTML.slice(0, 160))"


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


def test_tab_reaches_all_there_is_to_act_on(
    page: Page,
    live_server: Any,
    newsroom_: Newsroom,  # noqa: F811
) -> None:
    case = Case.objects.filter(site=newsroom_.site, closed_at=None, comment__isnull=False).latest("pk")
    missed: dict[str, list[str]] = {}
    for path in (
        reverse("desk:queue"),
        reverse("desk:case", args=[case.pk]),
        reverse("desk:log"),
        address(Rule, "change", newsroom_.rows[Rule]),
        address(Comment, "changelist"),
    ):
        page.goto(f"{live_server.url}{path}")
        if found := page.evaluate(UNREACHABLE):
            missed[path] = found
        wanted = page.evaluate(WATCH)
        assert wanted > 10, path
        # What scrolls takes the focus, too, and what is only there for screen readers.
        for at in range(2 * wanted + 20):
            page.keyboard.press("Tab")
            if at >= wanted and not page.evaluate(MISSED):
                break
        if left := page.evaluate(MISSED):
            missed[path] = [*missed.get(path, []), *left]
    assert missed == {}


def test_the_menu_of_the_account_opens_by_key(
    page: Page,
    live_server: Any,
    newsroom_: Newsroom,  # noqa: F811
) -> None:
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    account = page.get_by_role("button", name="恵")
    account.focus()
    page.keyboard.press("Enter")
    leave = page.get_by_role("button", name="ログアウト")
    expect(leave).to_be_visible()
    expect(account.locator("xpath=preceding-sibling::nav").locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(leave).to_be_hidden()
    expect(account).to_be_focused()
