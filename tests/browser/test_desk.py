"""A moderator's work at the desk, in the real browser, with Japanese text."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.models import Article, Comment, Site
from comments.services import Received, edit
from moderation.models import Case, Decision, Quote, Rule
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, log_in, wrong_with
from tests.newsroom import case_of
from tests.world import NOON, stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sent(transactional_db: None) -> list[Received]:
    site = world.make_site("asagiri", name="あさぎり新聞")
    newsroom.make_rules()
    cases = newsroom.open_cases(newsroom.make_article(site))
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    return cases


def queue_of(page: Page) -> Any:
    return page.get_by_role("list", name="期限順の案件").get_by_role("listitem")


def test_a_morning_at_the_desk(page: Page, live_server: Any, sent: list[Received]) -> None:
    _, misquote, spam, nameless = sent
    log_in(page, live_server)
    expect(queue_of(page)).to_have_count(3)
    keep(page, "queue")

    # The first case: words that no source has.
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("mark.mark-flag")).to_contain_text("市は図書館を来月にも閉館し")
    expect(page.get_by_text("出典が見つからない")).to_be_visible()
    keep(page, "case-misquote")

    # `a` publishes, and the next case is there with a way back.
    page.keyboard.press("a")
    expect(page.locator("#told")).to_contain_text("掲載しました")
    expect(page.locator("mark.mark-hold").first).to_have_text("https://example.net/a")
    assert stored(misquote).status == "published"

    # `u` takes it back; its case is on the screen again.
    page.keyboard.press("u")
    expect(page.get_by_text("取り消しました。案件は")).to_be_visible()
    assert stored(misquote).status == "published"  # a flagged comment is published while it waits
    assert Case.objects.get(pk=case_of(misquote).pk).closed_at is None

    # The spam is rejected with the reason that its rule suggests.
    page.goto(f"{live_server.url}{reverse('desk:case', args=[case_of(spam).pk])}")
    page.keyboard.press("r")
    expect(page.locator("button.suggested")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("掲載しませんでした: 宣伝")
    assert stored(spam).status == "rejected"

    # The third quotes the article: its source stands beside it.
    expect(page.locator(".quote mark.mark-source")).to_have_text(
        "総事業費は約四十八億円で、うち半分を国の補助金でまかなう。"
    )
    expect(page.get_by_text("駅前なら仕事帰りに寄れるので助かります。")).to_be_visible()
    keep(page, "case-quote")
    page.get_by_label("同僚へのメモ").fill("名前がないため。引用は正しい。")
    page.get_by_text("掲載しない", exact=False).and_(page.locator("summary")).click()
    page.locator("button.suggested").click()
    expect(page.locator("#told")).to_contain_text("補助金が通らなかったら")
    decision = Decision.objects.filter(comment=nameless.comment_id).latest("pk")
    assert (decision.to_status, decision.notes.get().text) == ("rejected", "名前がないため。引用は正しい。")


def test_a_stale_page_writes_nothing(page: Page, live_server: Any, sent: list[Received]) -> None:
    misquote = sent[1]
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('desk:case', args=[case_of(misquote).pk])}")
    with transaction.atomic():
        edit(Comment.objects.select_for_update().get(pk=misquote.comment_id), "言い過ぎました。", now=NOON)
    page.keyboard.press("1")
    expect(page.locator("#card").get_by_role("alert")).to_contain_text(
        "このページを開いたあとにコメントが変わりました"
    )
    expect(page.locator("#body")).to_have_text("言い過ぎました。")
    keep(page, "case-stale")
    assert not Decision.objects.filter(by__isnull=False).exists()
    # What is on the screen now is what he decides on.
    page.keyboard.press("a")
    expect(page.locator("#told")).to_contain_text("掲載しました")


def test_keys_do_not_fire_while_one_types(page: Page, live_server: Any, sent: list[Received]) -> None:
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('desk:case', args=[case_of(sent[1]).pk])}")
    page.get_by_label("同僚へのメモ").press_sequentially("arjku")
    expect(page.get_by_label("同僚へのメモ")).to_have_value("arjku")
    assert not Decision.objects.filter(by__isnull=False).exists()


def test_the_keys_can_be_switched_off(page: Page, live_server: Any, sent: list[Received]) -> None:
    log_in(page, live_server)
    case = f"{live_server.url}{reverse('desk:case', args=[case_of(sent[1]).pk])}"
    page.goto(case)
    box = page.get_by_label("一文字のキー操作")
    expect(box).to_be_checked()
    expect(page.get_by_role("button", name="掲載する")).to_have_attribute("aria-keyshortcuts", "a")
    with page.expect_response("**/desk/settings/"):
        box.uncheck()
    expect(page.locator(".hints")).to_be_hidden()
    expect(page.locator("[aria-keyshortcuts]")).to_have_count(0)
    # It is kept, on every page of the desk.
    page.goto(case)
    expect(page.get_by_label("一文字のキー操作")).not_to_be_checked()
    for key in "arjku":
        page.keyboard.press(key)
    expect(page).to_have_url(case)
    assert not Decision.objects.filter(by__isnull=False).exists()
    page.get_by_label("一文字のキー操作").check()
    page.keyboard.press("a")
    expect(page.locator("#told")).to_contain_text("掲載しました")


def test_from_an_altered_quote_to_its_place(page: Page, live_server: Any, sent: list[Received]) -> None:
    """The passage is in sight at once, however long the text before it."""
    article = Article.objects.get()
    long = "市議会での長い議論を、順を追って紹介する。\n" * 200 + article.body
    put_article(
        ArticleDraft(external_id=article.external_id or "", url=article.url, title=article.title, body=long),
        article.site,
    )
    altered = newsroom.misquote(Article.objects.get())
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('desk:case', args=[case_of(altered).pk])}")
    expect(page.locator(".quote ins.mark-inserted").first).to_contain_text("八十四")
    expect(page.locator(".quote blockquote.source del").first).to_contain_text("四十八")
    expect(page.get_by_role("list", name="違い")).to_contain_text("否定が変わっている")
    keep(page, "case-altered")
    page.get_by_role("link", name="前後の文脈の中で見る").click()
    expect(page.locator("#place")).to_contain_text("総事業費は約")
    expect(page.locator("#place")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 1_000
    keep(page, "place")


def test_it_works_without_a_script(browser: Any, live_server: Any, sent: list[Received]) -> None:
    context = browser.new_context(locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server)
    queue_of(page).first.get_by_role("link").click()
    expect(page.locator("#body")).to_be_visible()
    page.get_by_role("button", name="掲載する").click()
    page.get_by_role("button", name="取り消す").click()
    expect(page.get_by_text("取り消しました。案件は")).to_be_visible()
    assert Decision.objects.filter(cause="undo").count() == 1
    context.close()


@in_two_looks
def test_the_pages_are_accessible(
    context: BrowserContext, live_server: Any, sent: list[Received], theme: str, width: int, language: str
) -> None:
    """No violation of WCAG level A or AA that axe can find, in both themes, wide and narrow."""
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 844})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    run = newsroom.make_run_case(Site.objects.get())
    altered = newsroom.misquote(Article.objects.get())
    world.make_quote(
        sent[3].comment_id, start=0, end=9, verdict="verbatim",
        source_comment_id=sent[0].comment_id, source_revision=1, source_start=0, source_end=9,
    )  # fmt: skip
    pages = {
        "queue": reverse("desk:queue"),
        "case": reverse("desk:case", args=[case_of(sent[3]).pk]),
        "run": reverse("desk:case", args=[run.pk]),
        "altered": reverse("desk:case", args=[case_of(altered).pk]),
        "place": reverse("desk:place", args=[Quote.objects.get(verdict="altered").pk]),
        "quoted": reverse("desk:quoted", args=[sent[0].comment_id]),
        "quoted-none": reverse("desk:quoted", args=[altered.comment_id]),
    }
    for name, path in pages.items():
        response = page.goto(f"{live_server.url}{path}")
        assert response is not None
        assert response.status == 200, name
        keep(page, f"{name}-{theme}-{width}-{language}")
        assert wrong_with(page) == [], name


def test_the_quotes_on_the_page_of_a_comment_are_accessible(
    page: Page, live_server: Any, sent: list[Received]
) -> None:
    altered = newsroom.misquote(Article.objects.get())
    log_in(page, live_server)
    page.goto(f"{live_server.url}{reverse('admin:comments_comment_change', args=[altered.comment_id])}")
    expect(page.locator(".sekisho .quote")).to_have_count(1)
    keep(page, "comment-altered")
    assert wrong_with(page) == []


def test_pictures_of_the_other_pages(page: Page, live_server: Any, sent: list[Received]) -> None:
    """The pages around the desk load without an error of a script, as a Lead sees them."""
    newsroom.make_person(Site.objects.get(), "hara", "Lead", first_name="原", email="hara@example.jp")
    log_in(page, live_server, "hara")
    for name, path in {
        "comments": reverse("admin:comments_comment_changelist"),
        "comment": reverse("admin:comments_comment_change", args=[sent[3].comment_id]),
        "article": reverse("admin:comments_article_change", args=[Article.objects.get().pk]),
        "rules": reverse("admin:moderation_rule_changelist"),
        "rule": reverse("admin:moderation_rule_change", args=[Rule.objects.get(slug="links").pk]),
        "rule-choose": reverse("admin:moderation_rule_add"),
        "decisions": reverse("admin:moderation_decision_changelist"),
        "index": reverse("admin:index"),
        "key": reverse("admin:comments_sitekey_add"),
    }.items():
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            response = page.goto(f"{live_server.url}{path}")
            assert response is not None
            assert response.status == 200, path
            keep(page, f"{name}-{theme}")
