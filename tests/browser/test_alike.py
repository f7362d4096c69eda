"""Cases that are alike, in a browser: one entry, the others on its card, and one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from comments.models import Floor
from moderation.services import group_cases
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.moderation.test_grouping import complaint, held

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cases(transactional_db: None) -> list[int]:
    """Four that are alike, one by the author of the first, and one that is not alike."""
    site = world.make_site("asagiri", name="あさぎり新聞", floor=Floor.HOLD_ALL)
    article = newsroom.make_article(site)
    names = ("渡し守", "みかん箱", "夜勤明け", "Rowan")
    found = [complaint(article, number, author_name=name) for number, name in enumerate(names)]
    found.append(held(article, "図書館が遅くまで開くのはうれしい。", 5, author_email="n0@example.com"))
    found.append(held(article, "駅の東口に屋根ができるのは助かります。", 6, author_name="松岡"))
    while group_cases().looked:
        pass
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    return found


def look(page: Page, name: str) -> None:
    keep(page, name)
    assert wrong_with(page) == [], name


@in_two_looks
def test_alike(
    context: BrowserContext, live_server: Any, cases: list[int], theme: Any, language: str, width: int
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=theme)
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 900})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(".tag.alike")).to_contain_text("5")
    look(page, f"alike-queue-{theme}-{width}-{language}")
    page.locator("[data-row]").first.click()
    others = page.locator("ul.alike > li")
    expect(others).to_have_count(4)
    expect(others.first.locator("ins")).to_contain_text("小田切")
    look(page, f"alike-card-{theme}-{width}-{language}")
    # Deciding the first brings the next of them in its place.
    page.locator("#body").click()
    page.keyboard.press("a")
    expect(page.locator("#told")).to_be_visible()
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(f'[data-row="{cases[1]}"]')).to_be_visible()
    page.goto(f"{live_server.url}{reverse('desk:queue')}?one=1")
    expect(page.locator("[data-row]")).to_have_count(5)
    look(page, f"alike-one-by-one-{theme}-{width}-{language}")
