"""A moderator's morning by keyboard alone: deciding and stepping without a page load."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from moderation.models import Case, Decision
from moderation.services import screen
from tests import newsroom, world
from tests.browser.conftest import keep, log_in
from tests.world import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CASES = 30


@pytest.fixture
def queue(transactional_db: None) -> list[Case]:
    """Thirty nameless comments in the order of the queue."""
    site = world.make_site("asagiri", name="あさぎり新聞")
    newsroom.make_rules()
    article = newsroom.make_article(site)
    for at in range(CASES):
        world.send(
            article,
            f"図書館について、{at + 1}件目の意見です。",
            author_name="",
            now=NOON + timedelta(minutes=at),
        )
    screen(now=lambda: NOON + timedelta(hours=1))
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    newsroom.make_person(site, "kida", "Moderator", first_name="太郎", last_name="木田")
    newsroom.make_person(site, "hara", "Lead", first_name="恵", last_name="原")
    return list(Case.objects.order_by("due_at", "pk"))


def open_first(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_contain_text("1件目")


def test_thirty_cases_by_keyboard_alone(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    page.evaluate("window.sameDocument = true")
    open_first(page)
    for at, case in enumerate(queue):
        expect(page.locator("#body")).to_contain_text(f"、{at + 1}件目")
        expect(page).to_have_url(f"{live_server.url}{reverse('desk:case', args=[case.pk])}")
        expect(page.locator("[data-heading]")).to_be_focused()
        if at == 3:
            keep(page, "acting-split")
        page.keyboard.press("2" if at % 3 == 0 else "a")
        if at < CASES - 1:
            expect(page.locator("#told")).to_contain_text(
                "掲載しませんでした" if at % 3 == 0 else "掲載しました"
            )
            # The whole morning is one page.
            assert page.evaluate("window.sameDocument") is True
    expect(page.get_by_text("待っているものはありません")).to_be_visible()
    decided = list(
        Decision.objects.filter(by__isnull=False).order_by("pk").values_list("case_id", "to_status")
    )
    assert decided == [(case.pk, "rejected" if at % 3 == 0 else "published") for at, case in enumerate(queue)]
    assert not Case.objects.filter(closed_at=None).exists()
