"""The dashboard as it is seen: read by keyboard, in light and dark, wide and narrow, without a script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from comments.models import Site
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.comments.ledgers import figures, make_run
from tests.moderation.desk_life import Life

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db: None) -> Site:
    """A fortnight of two sites, the last hours of which are now."""
    site, other = (
        world.make_site("asagiri", name="あさぎり新聞"),
        world.make_site("yunagi", name="ゆうなぎ日報"),
    )
    life = Life(3, [site, other], timezone.now() - timedelta(days=14))
    life.people[0].first_name, life.people[0].last_name = "真理", "森"
    life.people[0].save()
    for _ in range(130):
        life.step()
    make_run(site, ended=True, counts={"comments": figures(240, 180, problems=3)}, path="archive-2008.jsonl")
    return site


def open_page(page: Page, live_server: Any, query: str = "") -> None:
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('desk:dashboard')}{query}")
    expect(page.locator("#waiting")).to_be_visible()


def test_the_menu_leads_to_it_and_keys_open_its_tables(page: Page, live_server: Any, site: Site) -> None:
    log_in(page, live_server)
    page.get_by_role("link", name="ダッシュボード").first.click()
    expect(page.locator("#waiting")).to_be_visible()
    # Site and period are chosen by links and a form: no script is asked.
    page.get_by_role("link", name="28日間").click()
    expect(page.get_by_role("link", name="28日間")).to_have_attribute("aria-current", "page")
    page.locator("select[name=site]").select_option(label="あさぎり新聞")
    page.get_by_role("button", name="表示").click()
    assert "period=28d" in page.url
    assert f"site={site.pk}" in page.url
    summary = page.locator("#flow summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#flow tbody tr")).to_have_count(28)
    expect(page.locator("#flow tbody tr").first).to_be_visible()
    with page.expect_download() as download:
        page.locator("#flow").get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "asagiri-flow-28d.csv"


def test_a_number_leads_to_its_cases(page: Page, live_server: Any, site: Site) -> None:
    open_page(page, live_server)
    page.locator("#waiting summary").click()
    link = page.locator("#waiting tbody a").first
    number = int(link.inner_text())
    link.click()
    expect(page.locator("#list")).to_have_attribute("data-count", str(number))


@in_two_looks
def test_anyone_can_read_it(
    page: Page, live_server: Any, site: Site, theme: str, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, live_server)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page.goto(f"{live_server.url}{reverse('desk:dashboard')}?period={'7d' if theme == 'light' else '24h'}")
    page.evaluate("theme => document.documentElement.classList.toggle('dark', theme === 'dark')", theme)
    keep(page, f"dashboard-{language}-{theme}-{width}")
    for summary in page.locator("main summary").all():
        summary.click()
    assert wrong_with(page) == []
    page.goto(f"{live_server.url}{reverse('admin:index')}")
    page.evaluate("theme => document.documentElement.classList.toggle('dark', theme === 'dark')", theme)
    keep(page, f"front-{language}-{theme}-{width}")
    assert page.locator(".panel-front").is_visible()


def test_an_empty_desk_says_what_to_do(page: Page, live_server: Any, transactional_db: None) -> None:
    newsroom.make_person(world.make_site(), "mori", "Moderator")
    open_page(page, live_server)
    keep(page, "dashboard-empty")
    expect(page.locator(".nothing")).to_have_count(10)
    expect(page.locator("#rules")).to_contain_text("サイトキー")
    assert wrong_with(page) == []
