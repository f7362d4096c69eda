"""A Lead tries a rule on history before he saves it, in the real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from comments.models import Site
from moderation import backtest
from moderation.backtest import running
from moderation.models import RuleSet, RuleVersion, Tryout
from tests import newsroom, world
from tests.browser.conftest import in_two_looks, keep, wrong_with
from tests.moderation.backtest.newspaper import LIVE, finish, judge, load_rules, post, rule, season

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRY = "過去のコメントで試す"


@pytest.fixture
def site(transactional_db: None) -> Site:
    site = world.make_site("asagiri", name="あさぎり新聞")
    load_rules()
    sent = post(newsroom.make_article(site), LIVE)
    for at, action in ((1, "publish"), (3, "reject"), (5, "reject"), (9, "publish")):
        judge(site, sent[at], action)
    newsroom.make_person(site, "hara", "Lead", first_name="原")
    return site


def log_in(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    page.get_by_label("ユーザー名").fill("hara")
    page.get_by_label("パスワード").first.fill("pass-for-tests")
    page.get_by_role("button", name="ログイン").click()
    expect(page.get_by_role("heading", name="審査デスク")).to_be_visible()


def begin(page: Page, live_server: Any) -> Tryout:
    """Lower the number of links that a rule lets pass, and try it."""
    links = reverse("admin:moderation_rule_change", args=[rule("links-many").pk])
    page.goto(f"{live_server.url}{links}")
    page.locator("#id_param_most").fill("0")
    page.get_by_label("対象とする、届いたコメントの期間").select_option("365")
    keep(page, "rule-try")
    page.get_by_role("button", name=TRY).click()
    expect(page.get_by_role("heading", name="ルールを試しています")).to_be_visible()
    return Tryout.objects.get()


@pytest.mark.usefixtures("site")
def test_a_rule_is_tried_before_it_is_saved(
    page: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK", 9)
    log_in(page, live_server)
    versions = RuleVersion.objects.count()
    tryout = begin(page, live_server)
    # Half of it is done: the page tells so by itself.
    backtest.run_next()
    expect(page.get_by_text("33％: 9件のコメントで試しました。")).to_be_visible(timeout=10_000)
    keep(page, "tryout-going")
    finish(tryout)
    expect(page.get_by_role("heading", name="新たに検知するもの")).to_be_visible(timeout=10_000)
    expect(
        page.get_by_role("heading", name=re.compile("27件のコメントのうち2件を検知します"))
    ).to_be_visible()
    expect(page.locator(".sample mark.mark-hold").first).to_contain_text("https://example")
    keep(page, "tryout-done")

    # From a sample to the desk, and back to the form with what was tried.
    page.get_by_role("link", name="審査デスクで見る").first.click()
    expect(page.locator("#body")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="この内容のままルールに戻る").click()
    expect(page.locator("#id_param_most")).to_have_value("0")
    assert RuleVersion.objects.count() == versions


@pytest.mark.usefixtures("site")
def test_it_works_without_a_script(browser: Any, live_server: Any) -> None:
    context = browser.new_context(locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server)
    tryout = begin(page, live_server)
    finish(tryout)
    page.get_by_role("link", name="もう一度見る").click()
    expect(page.get_by_text("2件を検知します")).to_be_visible()
    context.close()


@pytest.mark.usefixtures("site")
def test_a_tryout_is_ended_by_hand(page: Page, live_server: Any) -> None:
    log_in(page, live_server)
    begin(page, live_server)
    page.get_by_role("button", name="試行を終える").click()
    expect(page.get_by_text("それまでの結果は残ります")).to_be_visible()
    assert Tryout.objects.get().status == "cancelled"


@in_two_looks
def test_the_pages_are_accessible(
    context: BrowserContext, live_server: Any, site: Site, theme: str, width: int, language: str
) -> None:
    insults = rule("words-insults")
    insults.action, insults.word_list = "hold", rule("words-threats").word_list
    tried = [
        finish(backtest.try_rule(rule("name-missing"), season())),
        finish(backtest.try_rule(insults, season())),
        finish(backtest.try_rule_set(RuleSet.objects.latest("pk"), season())),
    ]
    page = context.new_page()
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, live_server)
    page.set_viewport_size({"width": width, "height": 844})
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    pages = {f"tryout-{each.pk}": reverse("admin:moderation_tryout_change", args=[each.pk]) for each in tried}
    for name, path in pages.items():
        page.goto(f"{live_server.url}{path}")
        expect(page.locator("#figures-title")).to_be_visible()
        keep(page, f"{name}-{theme}-{width}-{language}")
        assert wrong_with(page) == [], name
    page.goto(f"{live_server.url}{reverse('admin:moderation_tryout_changelist')}")
    expect(page.locator(f"a[href*='/tryout/{tried[0].pk}/']").first).to_be_visible()
    keep(page, f"tryouts-{theme}-{width}-{language}")
    page.goto(f"{live_server.url}{reverse('admin:moderation_rule_change', args=[tried[0].rule_id])}")
    keep(page, f"rule-versions-{theme}-{width}-{language}")
