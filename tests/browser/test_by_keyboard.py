"""What a pointer can act on, Tab reaches: also where a script alone makes it so, as Unfold does."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from comments.models import Comment
from moderation.models import Case, Rule
from tests.browser.test_every_page import ACTS, STOP, UNREACHABLE, admin, page  # noqa: F401 - fixtures
from tests.moderation.admin.test_every_view import (
    Newsroom,
    address,
    newsroom_,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WATCH = f"""() => {{ {ACTS} {STOP}
    const group = node => node.type === "radio" ? document.getElementsByName(node.name)[0] : node;
    window.wanted = new Set(acts.filter(node => stop(node) >= 0).map(group));
    document.addEventListener("focusin", event => window.wanted.delete(group(event.target)), true);
    document.activeElement.blur();
    return window.wanted.size }}"""
MISSED = "() => [...window.wanted].map(node => node.outerHTML.slice(0, 160))"


def test_tab_reaches_all_there_is_to_act_on(
    page: Page,  # noqa: F811
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
    page: Page,  # noqa: F811
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
