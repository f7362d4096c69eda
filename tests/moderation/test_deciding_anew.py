"""Decisions that take the place of others on closed cases, and how these are taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from comments.models import Article, Comment, Site
from moderation.models import Case, Decision, RuleJudgement
from moderation.services import Wanted, close_run_case, decide, reopen_run_case, screen, send_to_desk, undo
from moderation.services.deciding import may_decide_anew
from moderation.services.outcomes import Outcome
from tests import newsroom, world
from tests.world import NOON, make_reason

pytestmark = pytest.mark.django_db
WEEK = NOON + timedelta(days=7)


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator")


@pytest.fixture
def kida(site: Site) -> User:
    return newsroom.make_person(site, "kida", "Moderator")


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


@pytest.fixture
def case(article: Article, mori: User) -> Case:
    """Rejected by Mori at noon."""
    newsroom.make_rules()
    world.send(article, "名乗らずに失礼します。", author_name="")
    screen(now=lambda: NOON)
    act(Case.objects.get(), "reject", mori, NOON)
    return Case.objects.get()


def act(case: Case, action: str, by: User, now: object, *, anew: bool = False, behind: int = 0) -> Outcome:
    version = Comment.objects.get(pk=case.comment_id or 0).version - behind
    reason = make_reason().pk if action == "reject" else None
    wanted = Wanted(case.pk, action, version, reason_id=reason, anew=anew)
    return decide([wanted], by=by, now=now)[0].outcome  # type: ignore[arg-type]


def test_a_lead_publishes_what_was_rejected_last_week(case: Case, mori: User, lead: User) -> None:
    rejected = Decision.objects.latest("pk")
    assert act(case, "publish", lead, WEEK) is Outcome.CLOSED
    assert act(case, "publish", lead, WEEK, anew=True) is Outcome.DONE
    anew = Decision.objects.latest("pk")
    assert (anew.cause, anew.supersedes, anew.case, anew.by) == ("anew", rejected, case, lead)
    assert (anew.from_status, anew.to_status) == ("rejected", "published")
    assert Comment.objects.get().status == "published"
    case.refresh_from_db()
    # Who closed the case, and when, stays true.
    assert (case.closed_by, case.closed_at) == (mori, NOON)
    # And the rule that held it was wrong after all.
    assert set(RuleJudgement.objects.values_list("is_right", flat=True)) == {False}


def test_to_take_that_back_restores_what_stood_before(case: Case, lead: User) -> None:
    act(case, "publish", lead, WEEK, anew=True)
    result = undo(Decision.objects.latest("pk").pk, by=lead, now=WEEK)
    assert (result.outcome, result.status) == (Outcome.DONE, "rejected")
    case.refresh_from_db()
    assert case.closed_at == NOON
    assert set(RuleJudgement.objects.values_list("is_right", flat=True)) == {True}
    assert may_decide_anew(case, lead, WEEK)


def test_others_do_so_with_their_own_for_a_while(case: Case, mori: User, kida: User) -> None:
    soon = NOON + timedelta(hours=23)
    assert not may_decide_anew(case, kida, soon)
    assert act(case, "publish", kida, soon, anew=True) is Outcome.CLOSED
    assert not may_decide_anew(case, mori, WEEK)
    assert act(case, "publish", mori, WEEK, anew=True) is Outcome.CLOSED
    assert may_decide_anew(case, mori, soon)
    assert act(case, "publish", mori, soon, anew=True, behind=1) is Outcome.STALE
    assert act(case, "publish", mori, soon, anew=True) is Outcome.DONE


def test_not_where_the_comment_waits_again_or_is_gone(case: Case, lead: User) -> None:
    send_to_desk(case.comment_id or 0, by=lead, now=WEEK)
    assert act(case, "publish", lead, WEEK, anew=True) is Outcome.CLOSED
    Case.objects.exclude(pk=case.pk).update(closed_at=WEEK)
    Comment.objects.update(withdrawn_at=WEEK)
    assert act(case, "publish", lead, WEEK, anew=True) is Outcome.CLOSED


def test_on_an_open_case_the_wish_changes_nothing(case: Case, mori: User, lead: User) -> None:
    undo(Decision.objects.latest("pk").pk, by=mori, now=NOON)
    assert act(case, "publish", lead, WEEK, anew=True) is Outcome.DONE
    assert Decision.objects.latest("pk").cause == "person"
    case.refresh_from_db()
    assert case.closed_by == lead


def test_a_runs_case_is_opened_again(site: Site, mori: User, kida: User, lead: User) -> None:
    case = newsroom.make_run_case(site)
    assert reopen_run_case(case.pk, by=mori, now=NOON) is Outcome.STALE
    for who, when, outcome in (
        (kida, NOON, Outcome.DENIED),
        (mori, WEEK, Outcome.LATE),
        (mori, NOON, Outcome.DONE),
        (lead, WEEK, Outcome.DONE),
    ):
        close_run_case(case.pk, by=mori, now=NOON)
        assert reopen_run_case(case.pk, by=who, now=when) is outcome
    case.refresh_from_db()
    assert (case.closed_at, case.closed_by) == (None, None)
