"""Blur, masked personal data and the audit, in a real browser: by pointer, by key, and by axe."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import BrowserContext, Locator, Page, expect

from comments.models import Comment, Disclosure
from moderation.models import Case, DeskSettings, WordList
from moderation.rules import save_word_list
from moderation.services import screen
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.world import NOON, send

pytestmark = pytest.mark.django_db(transaction=True)
CLEAR = "none"


@pytest.fixture
def insult(transactional_db: None) -> Case:
    """A case with a harsh word, by an author who wrote one before, and people to look at it."""
    site = world.make_site("asagiri", name="あさぎり新聞")
    for name, group in (("mori", "Moderator"), ("hara", "Lead"), ("kansa", "Auditor")):
        newsroom.make_person(site, name, group)
    words = WordList(slug="harsh", name="きつい言葉", words="くたばれ\nidiots")
    save_word_list(words)
    reason = world.make_reason("insult")
    world.make_rule(
        "words", slug="harsh", action="hold", word_list=words, reason=reason, severity=3,
        name_ja="きつい言葉", name_en="Harsh words",
    )  # fmt: skip
    article = newsroom.make_article(site)
    send(
        article, "What idiots run this city? Nobody asked us about the library.", author_name="怒れる市民",
        author_email="ikari@example.jp",
    )  # fmt: skip
    sent = send(
        article, "税金でまた箱物か。計画した奴らはくたばれ、と言いたい。", author_name="怒れる市民",
        author_email="ikari@example.jp", user_agent="Mozilla/5.0 (Android 14)",
    )  # fmt: skip
    Comment.objects.filter(pk=sent.comment_id).update(ip="203.0.113.77")
    screen(now=lambda: NOON)
    return newsroom.case_of(sent)


def blur(name: str, what: str) -> None:
    user = User.objects.get(username=name)
    DeskSettings.objects.update_or_create(user=user, defaults={"blur": what})


def look_of(found: Locator) -> str:
    return str(found.evaluate("each => getComputedStyle(each).filter"))


def address(live_server: Any, case: Case) -> str:
    return f"{live_server.url}{reverse('desk:case', args=[case.pk])}"


def test_a_word_is_seen_under_the_pointer_under_the_focus_and_by_key(
    page: Page, live_server: Any, insult: Case
) -> None:
    log_in(page, live_server)
    blur("mori", "words")
    page.goto(address(live_server, insult))
    word = page.locator("#body .veiled")
    expect(word).to_have_text("くたばれ")
    assert look_of(word).startswith("blur(")
    assert "言いたい" in page.locator("#body").inner_text()
    word.hover()
    assert look_of(word) == CLEAR
    page.mouse.move(0, 0)
    assert look_of(word).startswith("blur(")
    page.locator("#body .mark-veil").focus()
    assert look_of(word) == CLEAR
    # For those who hear the page it is hidden, too, until the key.
    assert "くたばれ" not in page.locator("#body").aria_snapshot()
    page.keyboard.press("b")
    expect(page.locator("#card .veiled")).to_have_count(0)
    assert "くたばれ" in page.locator("#body").aria_snapshot()
    # The list beside it stays as it was.
    expect(page.locator("#list .veiled").first).to_be_attached()
    page.keyboard.press("b")
    expect(page.locator("#body .veiled")).to_have_count(1)


def test_a_row_of_the_list_is_seen_when_it_is_stepped_on(page: Page, live_server: Any, insult: Case) -> None:
    log_in(page, live_server)
    blur("mori", "texts")
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    first = page.locator("#list .veiled").first
    assert look_of(first).startswith("blur(")
    page.keyboard.press("j")
    assert look_of(first) == CLEAR


def test_without_a_script_it_works_all_the_same(
    context: BrowserContext, live_server: Any, insult: Case
) -> None:
    page = context.new_page()
    log_in(page, live_server)
    blur("mori", "words")
    plain = context.browser.new_context(  # type: ignore[union-attr]
        locale="ja-JP", java_script_enabled=False, storage_state=context.storage_state()
    )
    bare = plain.new_page()
    bare.goto(address(live_server, insult))
    expect(bare.locator("#body .veiled")).to_have_count(1)
    bare.locator("#unveil").click()
    expect(bare.locator("#body")).to_contain_text("くたばれ")
    expect(bare.locator("#card .veiled")).to_have_count(0)
    plain.close()


def test_personal_data_is_shown_by_key_and_recorded(page: Page, live_server: Any, insult: Case) -> None:
    log_in(page, live_server, "hara")
    page.goto(address(live_server, insult))
    expect(page.locator("#card")).to_contain_text("i•••@•••.jp")
    expect(page.locator("#card")).not_to_contain_text("203.0.113.77")
    assert not Disclosure.objects.exists()
    page.keyboard.press("p")
    expect(page.locator("#card")).to_contain_text("203.0.113.77")
    expect(page.locator("#card")).to_contain_text("ikari@example.jp")
    expect(page.locator("#card")).to_contain_text("閲覧した人を記録しました")
    seen = Disclosure.objects.get()
    assert (seen.by and seen.by.username, seen.by_page, seen.comments) == (
        "hara",
        "card",
        [insult.comment_id],
    )


def test_settings_hold_in_another_browser(context: BrowserContext, live_server: Any, insult: Case) -> None:
    page = context.new_page()
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('desk:settings')}")
    page.get_by_label("English").check()
    page.get_by_label("ルールが見つけたきつい言葉").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("Saved. It holds wherever you log in.")).to_be_visible()
    other = context.browser.new_context(locale="ja-JP")  # type: ignore[union-attr]
    elsewhere = other.new_page()
    elsewhere.goto(f"{live_server.url}{reverse('desk:queue')}")
    elsewhere.get_by_label("ユーザー名").fill("mori")
    elsewhere.get_by_label("パスワード").first.fill("pass-for-tests")
    elsewhere.get_by_role("button", name="ログイン").click()
    expect(elsewhere.get_by_role("heading", name="The desk")).to_be_visible()
    expect(elsewhere.locator("#list .veiled").first).to_be_attached()
    other.close()


@in_two_looks
def test_every_page_is_accessible(
    context: BrowserContext, live_server: Any, insult: Case, theme: str, width: int, language: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, live_server, "hara")
    page.set_viewport_size({"width": width, "height": 844})
    lead = User.objects.get(username="hara")

    def look(name: str) -> None:
        keep(page, f"care-{name}-{theme}-{width}-{language}")
        assert wrong_with(page) == [], name

    for what in ("words", "texts"):
        DeskSettings.objects.update_or_create(user=lead, defaults={"blur": what, "language": language})
        page.goto(address(live_server, insult))
        look(f"card-{what}")
    page.goto(f"{address(live_server, insult)}?personal=show&blur=off")
    look("shown")
    page.goto(f"{live_server.url}{reverse('desk:settings')}")
    look("settings")
    auditor = User.objects.get(username="kansa")
    DeskSettings.objects.create(user=auditor, language=language)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}{reverse('desk:audit')}")
    page.get_by_label("ユーザー名").fill("kansa")
    page.get_by_label("パスワード").first.fill("pass-for-tests")
    page.get_by_role("button", name="ログイン").click()
    expect(page.locator("table.audit")).to_be_visible()
    for log in ("decisions", "views", "changes"):
        page.goto(f"{live_server.url}{reverse('desk:audit')}?log={log}")
        look(f"audit-{log}")
