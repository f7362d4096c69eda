"""Second pairs of eyes: what goes to another than the one who was first, and when it may not wait for him."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments.models import Article, Comment, Site
from comments.services import edit
from moderation.models import Case, Note
from moderation.services import (
    Wanted,
    add_note,
    decide,
    escalate,
    pass_on_again,
    release,
    screen,
    take_note_back,
    undo,
)
from moderation.services.outcomes import Outcome
from moderation.services.second_eyes import Eyes, eyes_on
from tests import newsroom, world
from tests.world import NOON, make_reason

pytestmark = pytest.mark.django_db
LATER, EDITED = NOON + timedelta(minutes=10), NOON + timedelta(minutes=20)


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
def case(article: Article) -> Case:
    newsroom.make_rules()
    world.send(article, "名乗らずに失礼します。", author_name="")
    screen(now=lambda: NOON)
    return Case.objects.get()


def open_case() -> Case:
    return Case.objects.select_related("comment").get(closed_at=None)


def act(case: Case, action: str, by: User, *, anew: bool = False, at: object = LATER) -> Outcome:
    comment = Comment.objects.get(pk=case.comment_id or 0)
    reason = make_reason().pk if action == "reject" else None
    wanted = Wanted(case.pk, action, comment.version, reason_id=reason, anew=anew)
    return decide([wanted], by=by, now=at)[0].outcome  # type: ignore[arg-type]


def edited(case: Case) -> Case:
    """The case after its author has written another text, still without a name."""
    comment = Comment.objects.get(pk=case.comment_id or 0)
    edit(comment, f"{comment.body} 追記します。", now=EDITED)
    screen(now=lambda: EDITED)
    return open_case()


def test_what_one_rejected_and_its_author_edited_another_decides(case: Case, mori: User, kida: User) -> None:
    assert act(case, "reject", mori) is Outcome.DONE
    again = edited(case)
    assert eyes_on([again], mori, EDITED) == {again.pk: Eyes("rejected", needed=True)}
    assert act(again, "publish", mori, at=EDITED) is Outcome.ESCALATED
    assert eyes_on([again], kida, EDITED) == {}
    assert act(again, "publish", kida, at=EDITED) is Outcome.DONE


def test_nothing_waits_for_a_colleague_who_is_not_there(case: Case, mori: User) -> None:
    newsroom.make_person(None, "elsewhere", "Moderator")
    act(case, "reject", mori)
    again = edited(case)
    assert eyes_on([again], mori, EDITED) == {again.pk: Eyes("rejected", needed=False)}
    assert act(again, "publish", mori, at=EDITED) is Outcome.DONE


def test_nor_past_its_term(case: Case, mori: User, kida: User) -> None:
    act(case, "reject", mori)
    again = edited(case)
    assert eyes_on([again], mori, again.due_at - timedelta(seconds=1))[again.pk].needed
    assert not eyes_on([again], mori, again.due_at)[again.pk].needed


def test_of_what_one_published_he_is_told_alone(case: Case, mori: User, kida: User) -> None:
    act(case, "publish", mori)
    again = edited(case)
    assert eyes_on([again], mori, EDITED) == {again.pk: Eyes("published", needed=False)}
    assert act(again, "reject", mori, at=EDITED) is Outcome.DONE


def test_a_lead_decides_all_and_what_was_taken_back_was_never_said(
    case: Case, mori: User, kida: User, lead: User
) -> None:
    act(case, "reject", mori)
    decision = Comment.objects.get().decisions.latest("pk")
    assert undo(decision.pk, by=mori, now=LATER).outcome is Outcome.DONE
    again = edited(case)
    assert eyes_on([again], mori, EDITED) == {}
    act(again, "reject", lead, at=EDITED)
    comment = Comment.objects.get()
    edit(comment, "三度目の本文です。", now=EDITED)
    screen(now=lambda: EDITED)
    assert eyes_on([open_case()], lead, EDITED) == {}


def test_what_another_took_back_another_decides(case: Case, mori: User, kida: User, lead: User) -> None:
    act(case, "reject", mori)
    assert undo(Comment.objects.get().decisions.latest("pk").pk, by=lead, now=LATER).outcome is Outcome.DONE
    assert eyes_on([open_case()], mori, LATER) == {case.pk: Eyes("undone", needed=True)}
    assert eyes_on([open_case()], kida, LATER) == {}
    assert act(case, "reject", mori) is Outcome.ESCALATED
    assert act(case, "publish", kida) is Outcome.DONE
    assert not eyes_on([edited(case)], mori, EDITED)


def test_no_closed_case_is_a_way_around(case: Case, mori: User, kida: User) -> None:
    escalate(case.pk, "迷う", by=mori, now=LATER)
    Case.objects.filter(pk=case.pk).update(closed_at=LATER, closed_why="screened-again")
    assert act(case, "publish", mori, anew=True) is Outcome.CLOSED
    assert act(case, "reject", kida, anew=True) is Outcome.DONE
    # He takes back his own, and judges again; of a text that answers him he does not.
    assert act(case, "publish", kida, anew=True) is Outcome.DONE
    act(case, "reject", kida, anew=True)
    Case.objects.filter(pk=edited(case).pk).update(closed_at=EDITED, closed_why="screened-again")
    assert act(case, "publish", kida, anew=True, at=EDITED) is Outcome.CLOSED


def test_many_cases_ask_no_more_than_one(article: Article, case: Case, mori: User, kida: User) -> None:
    def queries(cases: list[Case]) -> int:
        with CaptureQueriesContext(connection) as captured:
            eyes_on(cases, mori, EDITED)
        return len(captured)

    act(case, "reject", mori)
    few = queries([edited(case)])
    for at in range(5):
        world.send(article, f"{at}件目", author_name="")
    screen(now=lambda: NOON)
    others = list(Case.objects.filter(closed_at=None).select_related("comment").order_by("pk"))
    for other in others[1:]:
        act(other, "reject", mori)
        edit(Comment.objects.get(pk=other.comment_id or 0), "書き直しました。", now=EDITED)
    screen(now=lambda: EDITED)
    waiting = list(Case.objects.filter(closed_at=None).select_related("comment"))
    assert len(waiting) == 6
    assert sum(eyes.needed for eyes in eyes_on(waiting, mori, EDITED).values()) == 6
    # The rights of the user are asked for once, before.
    assert queries(waiting) <= few


def test_a_note_is_taken_back_by_its_writer_for_a_while_and_by_a_lead(
    case: Case, mori: User, kida: User, lead: User
) -> None:
    for text in ("一つ目", "二つ目"):
        add_note(case.pk, text, by=mori, now=NOON)
    first, second = Note.objects.order_by("pk")
    assert take_note_back(first.pk, by=kida, now=LATER) is Outcome.DENIED
    assert take_note_back(first.pk, by=mori, now=NOON + timedelta(hours=24)) is Outcome.LATE
    assert take_note_back(first.pk, by=mori, now=LATER) is Outcome.DONE
    assert take_note_back(second.pk, by=lead, now=NOON + timedelta(days=9)) is Outcome.DONE
    left = Note.objects.order_by("pk").values_list("kind", "text", "by__username")
    assert list(left) == [("withdrawn", "", "mori"), ("withdrawn", "", "hara")]
    assert take_note_back(Note.objects.latest("pk").pk, by=lead, now=LATER) is Outcome.DENIED


def test_what_was_given_back_is_passed_on_again_as_it_was(
    case: Case, mori: User, kida: User, lead: User
) -> None:
    assert pass_on_again(case.pk, by=lead, now=LATER) is Outcome.STALE
    escalate(case.pk, "迷います", by=mori, now=NOON)
    assert pass_on_again(case.pk, by=lead, now=LATER) is Outcome.STALE
    release(case.pk, "", by=lead, now=LATER)
    assert pass_on_again(case.pk, by=kida, now=LATER) is Outcome.DENIED
    assert pass_on_again(case.pk, by=lead, now=EDITED) is Outcome.DONE
    case.refresh_from_db()
    assert (case.escalated_by, case.escalated_at) == (mori, NOON)
    newest = Note.objects.latest("pk")
    assert (newest.kind, newest.text, newest.by) == ("escalated", "迷います", lead)
    # What it was is of that case: one that is opened of the comment later is in the common queue.
    release(case.pk, "", by=lead, now=EDITED)
    Case.objects.filter(pk=case.pk).update(opened_at=EDITED + timedelta(seconds=1))
    assert pass_on_again(case.pk, by=lead, now=EDITED) is Outcome.STALE
