"""An author's standing: what became of his earlier comments, as of the one that is judged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.models import Article, Comment, Site
from moderation.backtest.drafts import Tried
from moderation.backtest.judging import Slice, answers, rows_of
from moderation.backtest.past import past_of
from moderation.checks.facts import Standing
from moderation.facts import Limits, Row, claim
from moderation.kept_facts import kept_facts, restored_facts
from moderation.models import Case, Decision
from moderation.rules import in_force
from moderation.services import Wanted, decide, screen, undo
from moderation.standing import NEWEST, standing_of
from tests import world
from tests.moderation.checks.cases import submission
from tests.world import NOON, send

pytestmark = pytest.mark.django_db


def rows() -> dict[int, Row]:
    return {row.id: row for row in claim(Limits(99, 99, 99)).rows}


def last(article: Article, **fields: Any) -> Standing:
    """The standing of an author as of a comment that he sends now."""
    sent = send(article, "今日の便り。", **{"now": NOON + timedelta(hours=1), **fields})
    waiting = rows()
    return standing_of([waiting[sent.comment_id]])[sent.comment_id]


@pytest.fixture
def held(site: Site, article: Article) -> list[Case]:
    """Four comments of the author `a@example.com`, a minute apart, each with a case."""
    site.floor = "hold_all"
    site.save()
    world.make_rule("links")
    for at in range(4):
        send(article, f"便り{at}。", now=NOON + timedelta(minutes=at))
    screen(now=lambda: NOON)
    return list(Case.objects.order_by("comment"))


def say(case: Case, action: str, by: Any) -> int:
    version = Comment.objects.get(cases=case).version
    reason = world.make_reason().pk if action == "reject" else None
    (result,) = decide([Wanted(case.pk, action, version, reason)], by=by, now=NOON)
    assert result.decision_id is not None
    return result.decision_id


def test_what_people_said_counts_until_it_is_undone(site: Site, article: Article, held: list[Case]) -> None:
    mori = world.make_member(site)
    assert last(article) == Standing()
    said = [
        say(case, action, mori)
        for case, action in zip(held, ("publish", "reject", "reject", "publish"), strict=True)
    ]
    assert last(article) == Standing(published=2, approved=2, refused=2)
    undo(said[1], by=mori, now=NOON)
    assert last(article) == Standing(published=2, approved=2, refused=1)
    say(held[1], "publish", mori)
    assert last(article) == Standing(published=3, approved=3, refused=1)


def test_only_what_came_before_counts_of_this_author_at_this_site(
    site: Site, article: Article, held: list[Case]
) -> None:
    mori = world.make_member(site)
    for case in held:
        say(case, "publish", mori)
    assert last(article, now=NOON + timedelta(minutes=2, seconds=30)).approved == 3
    assert last(article, author_email="b@example.com") == Standing()
    assert last(article, author_email="", author_name="渡し守") == Standing(known=False)
    other = world.make_article(world.make_site("yunagi"))
    assert last(other) == Standing()


def test_who_is_vouched_for_is_counted_apart(site: Site, article: Article) -> None:
    world.make_rule("links")
    send(article, "一。", author_verified=True, now=NOON)
    send(article, "二。", now=NOON + timedelta(minutes=1))
    screen(now=lambda: NOON)
    assert last(article) == Standing(published=2, verified=1)


def test_only_the_newest_are_looked_at(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.standing.NEWEST", 2)
    world.make_rule("links")
    for at in range(3):
        send(article, f"便り{at}。", now=NOON + timedelta(minutes=at))
    screen(now=lambda: NOON)
    assert NEWEST == 20
    assert last(article) == Standing(published=2)


def test_it_is_stored_with_the_decision_and_stays_as_it_was(
    site: Site, article: Article, held: list[Case]
) -> None:
    mori = world.make_member(site)
    world.make_rule("reputation", slug="reputation", params={"percent": 50, "tell": ["poor"]})
    said = [say(case, "reject", mori) for case in held]
    sent = send(article, "五通目。", now=NOON + timedelta(hours=1))
    screen(now=lambda: NOON)
    decision = Decision.objects.get(comment=sent.comment_id)
    assert decision.facts["standing"] == [0, 0, 0, 4, 1]
    assert decision.findings.get().data == {"judged": 4, "refused": 4, "bound": 51}
    undo(said[0], by=mori, now=NOON)
    assert last(article, author_verified=True) == Standing(refused=3)
    seen = past_of({sent.comment_id: 1})[sent.comment_id].kept_facts
    assert seen["standing"] == Standing(refused=4)


def test_a_tryout_sees_it_as_it_was_or_as_it_is_known_now(
    site: Site, article: Article, held: list[Case]
) -> None:
    mori = world.make_member(site)
    said = [say(case, "reject", mori) for case in held]
    before = send(article, "ルールの前。", now=NOON + timedelta(minutes=30))
    screen(now=lambda: NOON)
    rule = world.make_rule("reputation", slug="reputation", params={"percent": 50, "tell": ["poor"]})
    after = send(article, "ルールの後。", now=NOON + timedelta(minutes=31))
    screen(now=lambda: NOON)

    def hits() -> set[int]:
        stored, _ = rows_of(Slice(0, 2**62, NOON - timedelta(days=1), NOON + timedelta(days=1), None))
        draft = next(each for each in in_force().rules if each.rule == rule.pk)
        return {each.claimed.row.id for each in answers(stored, Tried((draft,), ())) if each.verdict.hits}

    assert hits() == {before.comment_id, after.comment_id}
    undo(said[0], by=mori, now=NOON)
    assert hits() == {after.comment_id}


@pytest.mark.parametrize("standing", [None, Standing(), Standing(1, 2, 3, 4), Standing(known=False)])
def test_facts_come_back_as_they_were_kept(standing: Standing | None) -> None:
    assert restored_facts(kept_facts(submission(standing=standing)))["standing"] == standing


def test_queries_do_not_grow_with_the_batch(article: Article) -> None:
    world.make_rule("reputation")
    world.make_rule("first_comment")

    def count(many: int) -> int:
        for at in range(many):
            send(article, f"{many}の{at}。", author_email=f"s{at}@example.jp")
        with CaptureQueriesContext(connection) as captured:
            assert screen().claimed == many
        return len(captured)

    count(1)  # the rule set is compiled once a process
    few = count(2)
    assert count(30) == few
