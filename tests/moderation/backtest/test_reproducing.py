"""What was stored comes out again to the letter; what does not is counted by its cause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from comments.articles import put_article
from comments.drafts import ArticleDraft, CommentDraft
from comments.erasing import erase
from comments.models import Article, Comment, Site
from comments.services import Arrival, Origin, edit, receive
from moderation import backtest
from moderation.backtest import Counts, Period
from moderation.backtest.past import past_of
from moderation.checks import BY_SLUG
from moderation.checks.base import Finding as Seen
from moderation.checks.base import Submission
from moderation.checks.words import Words
from moderation.models import Finding, RuleSet, RuleVersion
from moderation.services import screen, writing
from tests import newsroom, world
from tests.moderation.backtest.newspaper import (
    LIVE,
    ODD,
    bring_in,
    finish,
    judge,
    load_rules,
    post,
    rule,
    season,
)
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(site: Site) -> Article:
    return newsroom.make_article(site)


def tried(rule_set: RuleSet, period: Period | None = None) -> Counts:
    tryout = finish(backtest.try_rule_set(rule_set, period or season()))
    assert (tryout.status, tryout.error) == ("done", "")
    return Counts.from_json(tryout.counts)


def stored_hits() -> int:
    return Finding.objects.values("decision", "rule_version").distinct().count()


def test_every_default_rule_gives_its_stored_findings_to_the_letter(
    site: Site, article: Article, tmp_path: Path
) -> None:
    load_rules()
    imported = bring_in(site, tmp_path)
    post(article, LIVE + ODD)
    assert len(imported) == len(LIVE + ODD)
    hit = set(Finding.objects.values_list("rule_version__rule__slug", flat=True))
    # No domains are listed yet, nobody is sanctioned, people have rejected nothing, no service is asked,
    # and the article is of the day.
    silent = {"quote-hidden", "flood-address", "links-blocked", "akismet", "sanctioned", "reputation-poor"}
    silent |= {"article-old", "form-honeypot", "form-fast", "user-agent-program", "email-near-sanctioned"}
    assert {version.rule.slug for version in RuleVersion.objects.all()} - hit <= silent

    counts = tried(RuleSet.objects.latest("pk"))
    assert counts.tried == 2 * len(LIVE + ODD)
    assert (counts.same, counts.differing, counts.failed) == (stored_hits(), {}, 0)
    assert counts.compared.caught.hits == counts.compared.missed.hits == 0

    for version in RuleVersion.objects.select_related("rule"):
        alone = Counts.from_json(finish(backtest.try_rule(version.rule, season())).counts)
        of_version = Finding.objects.filter(rule_version=version).values("decision").distinct().count()
        assert (alone.same, alone.differing) == (of_version, {}), version.rule.slug
        assert alone.compared.draft.hits == of_version


def test_a_rule_that_had_fallen_back_is_compared_with_what_it_did_then(article: Article) -> None:
    world.make_rule("links", params={"most": 0}, action="reject", breaker_pairs=2)
    rows = [{"body": f"https://example.org/{at}", "ip": f"203.0.{at}.7"} for at in range(4)]
    post(article, rows)
    assert (
        list(Finding.objects.order_by("pk").values_list("action", flat=True)) == ["reject"] * 2 + ["flag"] * 2
    )
    counts = tried(RuleSet.objects.latest("pk"))
    assert (counts.same, counts.differing) == (4, {})


def test_staff_is_not_tried_by_a_rule_for_everybody_else(site: Site, article: Article) -> None:
    name = world.make_rule("links", params={"most": 0}, applies_to="not_staff")
    world.make_member(site, email="desk@example.jp")
    link = {"body": "https://example.org/1", "author_verified": True}
    post(article, [{**link, "author_email": "desk@example.jp"}, {**link, "author_email": "else@example.jp"}])
    counts = Counts.from_json(finish(backtest.try_rule(name, season())).counts)
    assert (counts.compared.draft.hits, counts.same, counts.differing) == (1, 1, {})


def test_reputation_is_that_of_the_time(article: Article) -> None:
    load_rules()
    body = {
        "body": "誰でも簡単に稼げる方法を教えます。",
        "author_email": "kokyaku@example.jp",
        "author_verified": True,
    }
    first = post(article, [body])
    fine = [{**body, "body": f"ためになる記事でした。{at}回読みました。"} for at in range(4)]
    post(article, fine, seconds=600)
    assert Comment.objects.get(pk=first[0].comment_id).status == "rejected"
    counts = Counts.from_json(finish(backtest.try_rule(rule("words-spam"), season())).counts)
    assert (counts.same, counts.differing) == (1, {})


def test_erased_texts_are_left_out_and_counted(article: Article) -> None:
    load_rules()
    nameless, *_ = post(article, LIVE[1:4])
    erase([nameless.comment_id], now=timezone.now())
    counts = tried(RuleSet.objects.latest("pk"))
    assert (counts.tried, counts.erased, counts.differing) == (2, 1, {})


def test_an_edited_text_is_not_the_one_that_was_judged(article: Article) -> None:
    world.make_rule("links", params={"most": 2})
    (spam,) = post(article, [LIVE[3]])
    comment = Comment.objects.select_for_update().get(pk=spam.comment_id)
    edit(comment, "考え直しました。", now=NOON + timedelta(minutes=1))
    assert tried(RuleSet.objects.latest("pk")).differing == {"edited": 1}
    screen(now=lambda: NOON + timedelta(minutes=2))
    assert tried(RuleSet.objects.latest("pk")).differing == {}


def test_what_waits_or_was_seen_by_other_rules_is_not_compared(article: Article) -> None:
    world.make_rule("required_name")
    post(article, [LIVE[1]])
    newer = world.make_rule("links", params={"most": 2})
    post(article, [{**LIVE[3], "author_email": "later@example.jp"}])
    world.send(article, "https://example.org/1 https://example.org/2 https://example.org/3")
    counts = tried(RuleSet.objects.latest("pk"))
    assert (counts.same, counts.differing) == (2, {"not-screened": 1})
    counts = Counts.from_json(finish(backtest.try_rule(newer, season())).counts)
    assert (counts.same, counts.differing) == (1, {"not-screened": 1})


QUOTED = "開館すれば夜九時まで使えるのがいちばんの利点だと思います。"
QUOTING = {"body": f"> {QUOTED}\nその通りです。", "author_email": "hokano@example.jp"}


def test_a_source_that_was_hidden_since_tells_why_a_quote_is_another(site: Site, article: Article) -> None:
    world.make_rule("quotes", params={"tell": ["hidden"]})
    world.make_rule("required_name", action="hold")
    source, _ = post(article, [{"body": QUOTED, "author_name": ""}, QUOTING])
    assert tried(RuleSet.objects.latest("pk")).differing == {}
    judge(site, source, "reject")
    assert tried(RuleSet.objects.latest("pk")).differing == {"sources": 1}


def test_a_title_that_is_another_since_tells_why_the_language_is(article: Article) -> None:
    """A check that asks for no facts sees the title, too; what came before the comment is no cause of it."""
    world.make_rule("language")
    post(article, [{"body": "Great post about 港の大橋のライトアップの点灯時刻, many thanks"}, LIVE[1]])
    assert not Finding.objects.exists()
    draft = ArticleDraft(
        external_id=article.external_id or "", url=article.url, title="港の大橋のライトアップの点灯時刻"
    )
    put_article(draft, article.site)
    assert tried(RuleSet.objects.latest("pk")).differing == {"sources": 1}


def test_a_source_that_came_late_tells_why_a_quote_is_another(site: Site, article: Article) -> None:
    world.make_rule("quotes", params={"tell": ["missing"]})
    post(article, [QUOTING])
    assert tried(RuleSet.objects.latest("pk")).same == 1
    draft = CommentDraft(body=QUOTED, author_name="古株", posted_at=NOON - timedelta(days=1))
    receive(
        [Arrival(draft, article.pk)], Origin(site.pk, "archive", live=False), now=NOON + timedelta(hours=1)
    )
    assert tried(RuleSet.objects.latest("pk")).differing == {"late": 1}


def silent(check: Words, submission: Submission) -> Iterator[Seen]:
    """A check that finds nothing any more."""
    return iter(())


def broken(check: Words, submission: Submission) -> Iterator[Seen]:
    """A check that raises."""
    raise RuntimeError("broken on purpose")


CHECK = "moderation.checks.words.Words"


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({f"{CHECK}.check": silent, f"{CHECK}.version": 99}, "check"),
        ({f"{CHECK}.check": silent, "moderation.backtest.reproducing.FOLDER_VERSION": 99}, "folder"),
        ({f"{CHECK}.check": broken}, "failed"),
        ({f"{CHECK}.check": silent}, "unknown"),
    ],
)
def test_another_program_tells_why_a_finding_is_another(
    article: Article, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], cause: str
) -> None:
    load_rules()
    post(article, LIVE[4:6])
    for name, value in changes.items():
        monkeypatch.setattr(name, value)
    counts = tried(RuleSet.objects.latest("pk"))
    assert (counts.same, counts.differing) == (stored_hits() - 1, {cause: 1})
    assert counts.failed == (2 if cause == "failed" else 0)


def test_a_decision_tells_which_checks_judged_it(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is no longer the first of its kind, so that it costs nothing until then."""
    assert set(writing._CHECKS) == {slug for slug, check in BY_SLUG.items() if check.version > 1}
    monkeypatch.setattr(writing, "_CHECKS", {"words": 2, "links": 3})
    load_rules()
    (sent,) = post(article, [LIVE[5]])
    past = past_of({sent.comment_id: 1})[sent.comment_id]
    assert past.screened
    assert [past.screened.version_of(slug) for slug in ("words", "links", "flood")] == [2, 3, 1]
