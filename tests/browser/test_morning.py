"""A moderator's whole morning on the sample newspaper; with PICTURES set, it takes the README's pictures.

`make pictures` runs it: the clock stands, nothing moves, and the same rows give the same pictures.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.models import Article, Floor, Site
from moderation import backtest
from moderation.models import Case, Decision, Note, Pending, Quote, Reason, Rule
from moderation.services import Wanted, decide, screen
from tests import newsroom, world
from tests.moderation.backtest.newspaper import finish
from tests.world import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEMO = Path(settings.BASE_DIR) / "seeds" / "demo"
# When the morning is.
NINE = NOON + timedelta(days=3, hours=12)
# What readers sent links about while the newsroom slept.
NIGHT = (
    *("駐車場の台数", "倉庫の耐震診断", "漁協との協議", "観光船の乗り場", "市債の返済計画", "朝市の移転先"),
    *("防波堤の補修", "バスの増便", "れんが倉庫の来歴", "水質調査", "花火大会の会場", "市民説明会の日程"),
    *(
        "景観条例",
        "周辺の家賃",
        "港湾計画の改訂",
        "釣り場の閉鎖",
        "雨水の排水",
        "避難経路",
        "街灯の数",
        "自転車道",
    ),
    *("夜間の騒音", "屋台の営業時間", "海沿いの植栽", "案内板の言葉"),
)
# What he does with each five cases, one key after another.
ROUND = ("publish", "reject", "note", "escalate", "undo")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's clock stands at nine."""
    monkeypatch.setattr(timezone, "now", lambda: NINE)


@pytest.fixture
def site(transactional_db: None, clock: None) -> Site:
    """The demo's newspaper with its archive, screened, and thirty more cases of a night."""
    sample = json.loads((DEMO / "comments.json").read_text(encoding="utf-8"))
    call_command("load_rules", verbosity=0)
    site = Site.objects.create(**sample["site"], floor=Floor.OPEN)
    for article in sample["articles"]:
        published = datetime.fromisoformat(article["published_at"]) if article["published_at"] else None
        draft = ArticleDraft(
            external_id=article["id"], url=article["url"], title=article["title"], body=article["body"],
            published_at=published,
        )  # fmt: skip
        put_article(draft, site)
    minutes = count()
    for comment in sample["comments"]:
        fields = {name: comment[name] for name in ("author_name", "author_email", "ip") if comment.get(name)}
        world.send(
            Article.objects.get(external_id=comment["article"]),
            comment["body"],
            now=NINE - timedelta(minutes=200 - 3 * next(minutes)),
            **fields,
        )
    article = Article.objects.earliest("pk")
    for number, topic in enumerate(NIGHT):
        body = f"{topic}については、こちらの資料も見てください。 https://data.example/{number} https://map.example/{number}"
        at = NINE - timedelta(minutes=95 - 2 * number)
        world.send(article, body, now=at, author_name=f"夜の読者{number + 1}", author_email="", ip=None)
    while Pending.objects.exists():
        screen(now=lambda: NINE - timedelta(minutes=30))
    newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森")
    newsroom.make_person(site, "hara", "Lead", first_name="恵", last_name="原")
    return site


def picture(page: Page, name: str) -> None:
    """A picture of what is in sight, where the README takes its own from."""
    if folder := os.environ.get("PICTURES"):
        page.evaluate("document.fonts.ready")
        page.screenshot(path=str(Path(folder) / f"{name}.png"), animations="disabled", caret="hide")


def log_in_by_keyboard(page: Page, live_server: Any, name: str) -> None:
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    page.get_by_label("ユーザー名").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type("pass-for-tests")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="審査デスク")).to_be_visible()


def speak(page: Page, live_server: Any, language: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])


def next_card(page: Page, address: str) -> None:
    """Until another card than this one can be worked on."""
    expect(page).not_to_have_url(address)
    expect(page.locator("#card:not([aria-busy=true]) [data-heading]")).to_be_focused()


def key(page: Page, *keys: str) -> None:
    for each in keys:
        page.keyboard.press(each)


def work(page: Page, what: str) -> None:
    """One case, by keys alone."""
    address = page.url
    if what == "note":
        key(page, "n")
        page.keyboard.type("事実関係は記事で確認済み。")
        key(page, "Control+Enter")
        expect(page.locator("#told")).to_contain_text("メモを残しました")
        expect(page.locator("#card:not([aria-busy=true]) [data-heading]")).to_be_focused()
    if what == "escalate":
        key(page, "e")
        page.keyboard.type("線引きに迷います。")
        key(page, "Escape", "e")
    else:
        key(page, "2" if what == "reject" else "a")
    next_card(page, address)
    if what == "undo":
        here = page.url
        key(page, "u")
        expect(page).to_have_url(address)
        next_card(page, here)
        key(page, "1")
        next_card(page, address)


def together(page: Page) -> None:
    """Three cases marked and rejected at once, and taken back as one."""
    for _ in range(3):
        key(page, "j", "x")
    expect(page.locator("[data-picked]")).to_have_text("印 3件")
    marked = {int(box.get_attribute("value") or 0) for box in page.locator("[data-pick]:checked").all()}
    key(page, "v")
    expect(page.locator("li.item")).to_have_count(3)
    key(page, "2")
    expect(page.get_by_role("button", name="3件を掲載しない")).to_be_focused()
    key(page, "Enter")
    expect(page.locator('[data-outcome="done"]')).to_have_count(3)
    rejected = Case.objects.filter(pk__in=marked, closed_at=NINE, comment__status="rejected")
    assert rejected.count() == 3
    key(page, "u")
    expect(page.locator('[data-outcome="done"]').filter(has_text="取り消しました")).to_have_count(3)
    assert Case.objects.filter(pk__in=marked, closed_at=None).count() == 3


def number_of(page: Page) -> int:
    return int(page.url.split("?")[0].rstrip("/").rsplit("/", 1)[1])


def test_a_morning(page: Page, live_server: Any, site: Site) -> None:
    log_in_by_keyboard(page, live_server, "mori")
    page.set_viewport_size({"width": 1440, "height": 960})
    speak(page, live_server, "en")
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    key(page, "j", "Enter")
    expect(page.locator("[data-heading]")).to_be_focused()
    picture(page, "desk-en")
    speak(page, live_server, "ja")
    page.reload()
    # The place is kept, and the first card is the most pressing.
    assert number_of(page) == Case.objects.order_by("due_at", "pk").values_list("pk", flat=True)[0]
    picture(page, "desk-ja")

    done = {}
    for at in range(30):
        done[number_of(page)] = what = ROUND[at % len(ROUND)]
        work(page, what)
    assert len(done) == 30
    wanted = {"publish": "published", "note": "published", "reject": "rejected", "undo": "rejected"}
    for case in Case.objects.filter(pk__in=done).select_related("comment"):
        what = done[case.pk]
        assert case.comment
        if what == "escalate":
            assert (case.closed_at, case.escalated_by and case.escalated_by.username) == (None, "mori")
        else:
            assert case.closed_at == NINE
            assert case.comment.status == wanted[what]
        # Nobody decided a case twice, but who took one back.
        decisions = Decision.objects.filter(case=case, by__isnull=False).order_by("pk")
        causes = {"escalate": [], "undo": ["person", "undo", "person"]}.get(what, ["person"])
        assert [each.cause for each in decisions] == causes
    assert Counter(Note.objects.values_list("kind", flat=True)) == {"note": 6, "escalated": 6}
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    together(page)
    # What waits is what the page counts.
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    waiting = Case.objects.filter(closed_at=None, escalated_at=None).count()
    assert page.locator("#list").get_attribute("data-count") == str(waiting)


def test_what_the_readme_shows_besides(page: Page, live_server: Any, site: Site) -> None:
    log_in_by_keyboard(page, live_server, "hara")
    page.set_viewport_size({"width": 1440, "height": 960})
    altered = Quote.objects.filter(verdict="altered", comment__cases__closed_at=None).earliest("pk")
    case = Case.objects.get(comment=altered.comment_id, closed_at=None)
    page.goto(f"{live_server.url}{reverse('desk:case', args=[case.pk])}")
    expect(page.locator(".quote ins, .quote del").first).to_be_visible()
    picture(page, "quote")
    decide_some()
    # A rule with one link fewer, as a Lead would try it.
    links = Rule.objects.get(slug="links-many")
    links.params = {**links.params, "most": 1}
    tryout = finish(backtest.try_rule(links, backtest.Period.days(365, NINE)))
    page.goto(f"{live_server.url}{reverse('admin:moderation_tryout_change', args=[tryout.pk])}")
    expect(page.locator("#figures-title")).to_be_visible()
    picture(page, "tryout")


def decide_some() -> None:
    """Of each three of the night a person publishes one."""
    by, spam = User.objects.get(username="hara"), Reason.objects.get(slug="spam").pk
    for at, case in enumerate(Case.objects.filter(comment__author_name__startswith="夜").order_by("pk")[:12]):
        assert case.comment
        action, reason = ("reject", spam) if at % 3 else ("publish", None)
        (result,) = decide([Wanted(case.pk, action, case.comment.version, reason)], by=by, now=NINE)
        assert result.decision_id
