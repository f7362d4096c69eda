"""Many cases decided together in a browser: marked by key and range, seen, foreseen, pressed, taken back."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from comments.models import Comment
from moderation.models import BulkDecision, Case, Decision
from moderation.services import Wanted, decide, escalate, screen
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.newsroom import comment_of
from tests.world import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def queue(transactional_db: None) -> list[Case]:
    """Eight nameless comments, a misquote and spam, in the order of the queue."""
    site = world.make_site("asagiri", name="あさぎり新聞")
    newsroom.make_rules()
    article = newsroom.make_article(site)
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    newsroom.make_person(site, "kida", "Moderator", first_name="太郎", last_name="木田")
    newsroom.misquote(article, "怒れる市民")
    opinions = ["駐車場", "夜間開館", "点字図書", "移動図書館", "学習室", "郷土資料", "喫茶室", "駅前広場"]
    for at, what in enumerate(opinions):
        text = f"{at + 1}件目。{what}のことを{'もっと' * at}考えてください。https://example.net/{at}"
        world.send(article, text, author_name="", now=NOON + timedelta(minutes=at))
    screen(now=lambda: NOON + timedelta(hours=1))
    return list(Case.objects.select_related("comment").order_by("due_at", "pk"))


def boxes(page: Page) -> list[bool]:
    return [box.is_checked() for box in page.locator("[data-pick]").all()]


def test_mark_look_press_and_take_back_by_keys(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("印 3件")
    # The list is put anew, and the marks stay.
    Case.objects.filter(pk=queue[-1].pk).update(severity=1)
    page.evaluate("document.getElementById('list').dataset.etag = ''")
    with page.expect_response(lambda response: response.request.headers.get("sekisho-part") == "list"):
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-picked]")).to_have_text("印 3件")
    assert sum(boxes(page)) == 3
    keep(page, "bulk-list")
    page.keyboard.press("v")
    expect(page.get_by_role("heading", name="印を付けたものをまとめて判断")).to_be_visible()
    expect(page.get_by_role("list", name="まとめて判断する案件").locator("> li")).to_have_count(3)
    # One is left out again, by keys.
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("li.item").nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("印 2件")
    keep(page, "bulk-texts")
    page.keyboard.press("1")
    button = page.get_by_role("button", name="2件を掲載しない")
    expect(button).to_be_focused()
    keep(page, "bulk-check")
    assert not Decision.objects.filter(by__isnull=False).exists()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="まとめて不掲載：2件")).to_be_visible()
    expect(page.locator('[data-outcome="done"]')).to_have_count(2)
    keep(page, "bulk-done")
    rejected = Comment.objects.filter(status="rejected")
    assert set(rejected.values_list("pk", flat=True)) == {queue[0].comment_id, queue[2].comment_id}
    page.keyboard.press("u")
    expect(page.get_by_text("2件を取り消しました")).to_be_visible()
    assert not rejected.exists()
    page.get_by_role("link", name="今日の自分の判断").click()
    entries = page.get_by_role("list", name="今日の自分の判断").get_by_role("listitem")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("まとめて2件")
    keep(page, "bulk-today")


def test_a_range_and_all_of_the_page(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    marks = page.locator("[data-pick]")
    marks.nth(1).click()
    marks.nth(4).click(modifiers=["Shift"])
    assert boxes(page) == [1 <= at <= 4 for at in range(len(queue))]
    whole = page.get_by_label("このページすべて")
    assert whole.evaluate("box => box.indeterminate")
    whole.check()
    assert all(boxes(page))
    whole.uncheck()
    assert not any(boxes(page))
    expect(page.locator("[data-picked]")).to_have_text("印 0件")
    page.get_by_role("button", name="待っている9件すべて").click()
    expect(page.locator("[data-picked]")).to_have_text("印 9件")


def test_two_at_once_and_each_is_told(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    page.get_by_label("このページすべて").check()
    page.keyboard.press("v")
    page.get_by_label("同僚へのメモ").fill("<b>同じ趣旨</b>")
    page.get_by_role("button", name="掲載する…").click()
    kida = User.objects.get(username="kida")
    decide([Wanted(queue[0].pk, "publish", comment_of(queue[0]).version)], by=kida, now=NOON)
    page.get_by_role("button", name="件を掲載する").dblclick()
    expect(page.locator('[data-outcome="closed"]')).to_contain_text("木田 太郎")
    expect(page.locator('[data-outcome="done"]')).to_have_count(len(queue) - 1)
    assert BulkDecision.objects.count() == 1
    assert Decision.objects.filter(by__isnull=False).count() == len(queue)


def test_without_a_script_it_is_a_plain_form(browser: Browser, live_server: Any, queue: list[Case]) -> None:
    with closing(browser.new_context(locale="ja-JP", java_script_enabled=False)) as visitor:
        page = visitor.new_page()
        log_in(page, live_server)
        page.locator("[data-pick]").nth(0).check()
        page.locator("[data-pick]").nth(2).check()
        page.get_by_role("button", name="印を付けたものを見る").click()
        page.get_by_role("button", name="掲載する…").click()
        page.get_by_role("button", name="2件を掲載する").click()
        expect(page.locator('[data-outcome="done"]')).to_have_count(2)
        page.get_by_role("button", name="2件をまとめて取り消す").click()
    assert Case.objects.filter(closed_at=None).count() == len(queue)


@in_two_looks
def test_every_page_is_accessible(
    context: BrowserContext, live_server: Any, queue: list[Case], theme: str, width: int, language: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 844})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    mori, kida = User.objects.get(username="mori"), User.objects.get(username="kida")
    escalate(queue[1].pk, "判断を仰ぎたい。", by=mori, now=NOON)

    def look(name: str) -> None:
        keep(page, f"bulk-{name}-{theme}-{width}-{language}")
        assert wrong_with(page) == [], name

    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    page.locator("[data-pick-all]").check()
    look("list")
    chosen = "&".join(f"case={case.pk}" for case in queue)
    page.goto(f"{live_server.url}{reverse('desk:bulk')}?{chosen}")
    page.keyboard.press("j")
    look("texts")
    page.locator("#note").fill("<b>同じ趣旨</b>")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    look("reasons")
    page.keyboard.press("2")
    expect(page.locator("#check-title")).to_be_visible()
    look("check")
    decide([Wanted(queue[0].pk, "publish", comment_of(queue[0]).version)], by=kida, now=NOON)
    page.locator("form.foresee button").first.click()
    expect(page.locator("#done-title")).to_be_visible()
    look("done")
    page.goto(f"{live_server.url}{reverse('desk:today')}")
    look("today")
