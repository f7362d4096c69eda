"""Sanctions and second looks in a real browser: by two keys, without a page load, and free of violations."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from comments.models import Comment
from comments.services import edit
from moderation.models import Case, Decision, Note, Sanction
from moderation.services import Wanted, decide, escalate, screen
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def queue(transactional_db: None) -> list[Case]:
    """Six nameless comments of one address in the order of the queue."""
    site = world.make_site("asagiri", name="あさぎり新聞")
    newsroom.make_rules()
    world.make_rule("sanctioned", slug="sanctioned", action="hold", severity=3, name_ja="制限中の投稿者")
    world.make_rule(
        "repeated_characters", slug="long", mode="observe", name_ja="引き伸ばし", params={"most": 10}
    )
    article = newsroom.make_article(site)
    began = timezone.now() - timedelta(hours=1)
    for at in range(6):
        world.send(
            article,
            f"図書館について、{at + 1}件目の意見です。長{'い' * 15}話 https://spam-shop.example.com/{at}",
            author_name="",
            author_email=f"reader{at}@example.jp",
            ip=ip_address("203.0.113.9"),
            now=began + timedelta(minutes=at),
        )
    screen(now=lambda: began + timedelta(minutes=10))
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    newsroom.make_person(site, "hara", "Lead", first_name="恵", last_name="原")
    return list(Case.objects.order_by("due_at", "pk"))


def open_first(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_contain_text("1件目")


def test_two_keys_set_a_sanction_and_one_lifts_it(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    page.evaluate("window.sameDocument = true")
    open_first(page)
    page.get_by_label("同僚へのメモ").fill("書きかけのメモ")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.locator("#sanctioning form")).to_be_visible()
    expect(page.locator("#sanctioning input[type=radio]:checked")).to_be_focused()
    expect(page.locator("#foreseen")).to_contain_text("待っている案件のうち該当するもの：1件")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#foreseen")).to_contain_text("待っている案件のうち該当するもの：6件")
    keep(page, "second-sanction")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("投稿制限を設定しました")
    expect(page.locator("#body")).to_contain_text("1件目")
    # The card comes anew: its form is gone, and keys are heard again.
    expect(page.locator("#sanctioning form")).to_have_count(0)
    expect(page.locator("[data-heading]")).to_be_focused()
    expect(page.locator("#card[aria-busy]")).to_have_count(0)
    expect(page.locator(".side-column")).to_contain_text("203.0.•.•")
    # What was typed for something else is still there.
    expect(page.get_by_label("同僚へのメモ")).to_have_value("書きかけのメモ")
    keep(page, "second-drawer")
    page.keyboard.press("u")
    expect(page.locator("#told")).to_contain_text("解除しました")
    expect(page.locator(".side-column")).to_contain_text("設定した直後に取り消し。")
    assert Sanction.objects.get().lifted_at
    assert page.evaluate("window.sameDocument") is True


def test_with_the_rejection_in_one_press_and_back(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    page.keyboard.press("s")
    page.get_by_role("button", name="投稿制限を設定し、同じ理由でこのコメントも掲載しない").click()
    expect(page.locator("#body")).to_contain_text("2件目")
    expect(page.locator("#told")).to_contain_text("掲載せず、投稿制限を設定しました")
    expect(page.locator("[data-waiting]").first).to_have_text("5")
    expect(page.locator(f'[data-row="{queue[0].pk}"]')).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator("#body")).to_contain_text("1件目")
    expect(page.locator("[data-waiting]").first).to_have_text("6")
    assert Sanction.objects.get().lifted_at
    assert Case.objects.filter(closed_at=None).count() == 6


def test_u_takes_back_notes_and_escalations(page: Page, live_server: Any, queue: list[Case]) -> None:
    log_in(page, live_server)
    open_first(page)
    page.keyboard.press("n")
    page.keyboard.type("様子を見る")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("メモを残しました")
    expect(page.locator("ol.log").first).to_contain_text("様子を見る")
    expect(page.locator("[data-heading]")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator("#told")).to_contain_text("取り消しました")
    expect(page.locator("ol.log").first).to_contain_text("メモの取り消し")
    expect(page.locator("[data-heading]")).to_be_focused()
    assert [note.kind for note in Note.objects.all()] == ["withdrawn"]
    page.keyboard.press("e")
    page.keyboard.type("判断に迷います")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#body")).to_contain_text("2件目")
    page.keyboard.press("u")
    expect(page.locator("#body")).to_contain_text("1件目")
    expect(page.locator("#told")).to_contain_text("全員の待ち行列に再び並んでいます")
    assert Case.objects.get(pk=queue[0].pk).escalated_at is None


def test_no_stray_key_decides_anew(page: Page, live_server: Any, queue: list[Case]) -> None:
    decided(queue[0], "reject", User.objects.get(username="mori"))
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('desk:case', args=[queue[0].pk])}")
    for key in ("a", "r", "1"):
        page.keyboard.press(key)
    page.get_by_text("改めて判断する").click()
    page.keyboard.press("a")
    expect(page.locator("#told")).to_contain_text("掲載しました")
    expect(page.locator("#comment-title ~ .status")).to_have_text("掲載")
    expect(page.locator("#body")).to_contain_text("1件目")
    assert [each.cause for each in Decision.objects.filter(by__isnull=False).order_by("pk")] == [
        "person",
        "anew",
    ]


def decided(case: Case, action: str, by: User) -> Decision:
    reason = world.make_reason().pk if action == "reject" else None
    wanted = Wanted(case.pk, action, newsroom.comment_of(case).version, reason_id=reason)
    (result,) = decide([wanted], by=by, now=timezone.now())
    return Decision.objects.get(pk=result.decision_id or 0)


@in_two_looks
def test_every_new_page_is_free_of_violations(
    page: Page, live_server: Any, queue: list[Case], theme: str, width: int, language: str
) -> None:
    mori = User.objects.get(username="mori")
    decided(queue[1], "publish", mori)
    decided(queue[2], "reject", mori)
    comment = Comment.objects.get(pk=queue[2].comment_id or 0)
    edit(comment, "書き直しました。名前はありません。", now=timezone.now())
    screen(now=timezone.now)
    again = Case.objects.get(comment=comment, closed_at=None)
    escalate(queue[3].pk, "法務に確かめたほうがよいでしょうか", by=mori, now=timezone.now())
    log_in(page, live_server, "hara")
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])

    def look(name: str, address: str) -> None:
        page.goto(f"{live_server.url}{address}")
        if name == "sanction":
            page.keyboard.press("s")
            expect(page.locator("#foreseen h2")).to_be_visible()
        page.set_viewport_size({"width": width, "height": 900})
        keep(page, f"second-{name}-{theme}-{width}-{language}")
        assert wrong_with(page) == [], name

    look("sanction", reverse("desk:case", args=[queue[0].pk]))
    page.get_by_role(
        "button", name="投稿制限を設定する" if language == "ja" else "Set the sanction"
    ).first.click()
    expect(page.locator("#told .notice")).to_be_visible()
    look("drawer", reverse("desk:case", args=[queue[0].pk]))
    look("escalated", f"{reverse('desk:queue')}?escalated=1")
    look("passed-on", f"{reverse('desk:case', args=[queue[3].pk])}?escalated=1")
    look("anew", reverse("desk:case", args=[queue[1].pk]))
    look("disagreements", reverse("desk:disagreements"))
    look("today", reverse("desk:today"))
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1440, "height": 900})
    log_in(page, live_server)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    look("first-eyes", reverse("desk:case", args=[again.pk]))
