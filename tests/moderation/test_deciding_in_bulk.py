"""Many cases decided by one press: each once, each outcome true, taken back as one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comments.models import Article, Comment, Site
from comments.services import edit
from moderation.models import BulkDecision, BulkRow, Case, Decision, Evidence
from moderation.services import Wanted, decide, decide_together, escalate, screen, undo, undo_together
from moderation.services.bulk_deciding import CHUNK, MOST
from moderation.services.decision_undoing import undo_each
from moderation.services.outcomes import Outcome
from tests import facets, newsroom, world
from tests.moderation.test_deciding_together import at_once, check_all
from tests.world import NOON

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return world.make_site(floor="hold_all")


@pytest.fixture
def article(site: Site) -> Article:
    return world.make_article(site)


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator")


@pytest.fixture
def kida(site: Site) -> User:
    return newsroom.make_person(site, "kida", "Moderator")


def open_cases(article: Article, number: int) -> list[Case]:
    world.send_many(article, [f"図書館について、{at + 1}件目の意見です。" for at in range(number)])
    while screen().claimed:
        pass
    return list(Case.objects.filter(comment__article=article).select_related("comment").order_by("pk"))


def wanted(cases: list[Case], action: str = "publish", **fields: object) -> list[Wanted]:
    if action == "reject":
        fields = {"reason_id": world.make_reason().pk, **fields}
    return [Wanted(case.pk, action, newsroom.comment_of(case).version, **fields) for case in cases]  # type: ignore[arg-type]


def outcomes(bulk: BulkDecision | None) -> list[str]:
    assert bulk
    return list(bulk.rows.order_by("case").values_list("outcome", flat=True))


def statuses(cases: list[Case]) -> list[str]:
    keys = [newsroom.comment_of(each).pk for each in cases]
    return list(Comment.objects.filter(pk__in=keys).order_by("pk").values_list("status", flat=True))


def test_all_are_decided_with_reason_text_and_note(article: Article, mori: User) -> None:
    cases = open_cases(article, CHUNK + 2)
    asked = wanted(cases, "reject", note="同じ宣伝", message="宣伝はご遠慮ください。")
    bulk = decide_together(asked, token=uuid4(), by=mori, now=NOON)
    assert outcomes(bulk) == ["done"] * len(cases)
    assert statuses(cases) == ["rejected"] * len(cases)
    assert (bulk.to_status, bulk.reason, bulk.asked) == ("rejected", world.make_reason(), len(cases))
    assert Counter(Evidence.objects.values_list("kind", "text")) == {
        ("note", "同じ宣伝"): len(cases),
        ("message", "宣伝はご遠慮ください。"): len(cases),
    }


def test_each_row_says_what_became_of_it(article: Article, mori: User, kida: User) -> None:
    cases = open_cases(article, 4)
    asked = wanted(cases)
    decide([asked[0]], by=kida, now=NOON)
    comment = newsroom.comment_of(cases[1])
    edit(comment, "言い直します。", now=NOON)
    escalate(cases[2].pk, "迷う", by=mori, now=NOON)
    bulk = decide_together(asked, token=uuid4(), by=mori, now=LATER)
    assert outcomes(bulk) == ["closed", "stale", "escalated", "done"]
    assert Decision.objects.filter(by__isnull=False).count() == 2


def test_the_same_press_twice_is_one(article: Article, mori: User) -> None:
    cases, token = open_cases(article, 3), uuid4()
    first = decide_together(wanted(cases), token=token, by=mori, now=NOON)
    again = decide_together(wanted(cases), token=token, by=mori, now=LATER)
    assert again == first
    assert outcomes(again) == ["done"] * 3
    assert Decision.objects.filter(by__isnull=False).count() == 3
    # Another wish with the same token is no repetition: it does nothing.
    other = decide_together(wanted(cases, "reject"), token=token, by=mori, now=LATER)
    assert other == first
    assert statuses(cases) == ["published"] * 3


def test_a_press_that_was_cut_short_goes_on(
    article: Article, mori: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first chunk is written, and then the server dies."""
    monkeypatch.setattr("moderation.services.bulk_deciding.CHUNK", 2)
    cases, token, calls = open_cases(article, 5), uuid4(), []

    def dies_at_the_second(*args: object, **fields: object) -> object:
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit
        return decide(*args, **fields)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("moderation.services.bulk_deciding.decide", dies_at_the_second)
        with pytest.raises(SystemExit):
            decide_together(wanted(cases), token=token, by=mori, now=NOON)
    assert statuses(cases) == ["published"] * 2 + ["held"] * 3
    bulk = decide_together(wanted(cases), token=token, by=mori, now=LATER)
    assert outcomes(bulk) == ["done"] * 5
    assert Decision.objects.filter(by__isnull=False).count() == 5


def test_of_another_site_nothing_is_decided_nor_told(article: Article, mori: User) -> None:
    own = open_cases(article, 1)
    elsewhere = world.make_article(world.make_site("yunagi", floor="hold_all"))
    foreign = open_cases(elsewhere, 2)
    bulk = decide_together(wanted([*own, *foreign]), token=uuid4(), by=mori, now=NOON)
    assert list(bulk.rows.values_list("case_id", "outcome")) == [(own[0].pk, "done")]
    assert bulk.asked == 3
    assert statuses(foreign) == ["held", "held"]


def test_nothing_too_much_or_mixed_is_refused(article: Article, mori: User) -> None:
    (case,) = open_cases(article, 1)
    mixed = [*wanted([case]), *wanted([case], "reject")]
    for asked in ([], wanted([case]) * (MOST + 1), mixed, wanted([case], "burn")):
        with pytest.raises(ValueError, match=r"alike|unknown action"):
            decide_together(asked, token=uuid4(), by=mori, now=NOON)
    assert not BulkDecision.objects.exists()


def test_it_is_taken_back_as_one(article: Article, mori: User) -> None:
    cases = open_cases(article, 4)
    bulk = decide_together(wanted(cases), token=uuid4(), by=mori, now=NOON)
    undone = undo_together(bulk, token=uuid4(), by=mori, now=LATER)
    assert outcomes(undone) == ["done"] * 4
    assert statuses(cases) == ["held"] * 4
    assert Case.objects.filter(closed_at=None).count() == 4
    assert facets.stored() == facets.expected()


def test_a_chunk_asks_the_same_however_many_it_is(article: Article, mori: User) -> None:
    cases = open_cases(article, 23)

    def asked(of: list[Case]) -> tuple[int, int]:
        by, those = User.objects.get(pk=mori.pk), wanted(of, "reject", note="宣伝")
        with CaptureQueriesContext(connection) as deciding:
            bulk = decide_together(those, token=uuid4(), by=by, now=NOON)
        with CaptureQueriesContext(connection) as undoing:
            undone = undo_together(bulk, token=uuid4(), by=by, now=LATER)
        assert outcomes(undone) == ["done"] * len(of)
        return len(deciding), len(undoing)

    assert asked(cases[:1]) == asked(cases[1:])


def test_what_is_asked_for_twice_in_one_batch_is_done_once(article: Article, mori: User) -> None:
    cases = open_cases(article, 2)
    twice = [*wanted(cases), *wanted(cases, "reject")]
    results = decide(twice, by=mori, now=NOON)
    assert [each.outcome for each in results] == ["done", "done", "stale", "stale"]
    first = wanted([Case.objects.get(pk=cases[0].pk)], "reject", anew=True)[0]
    later = replace(first, seen_version=first.seen_version + 1)
    assert [each.outcome for each in decide([first, later], by=mori, now=NOON)] == ["done", "stale"]
    key = results[1].decision_id or 0
    assert [each.outcome for each in undo_each([key, key], by=mori, now=NOON)] == ["done", "stale"]
    assert statuses(cases) == ["rejected", "held"]


def test_what_was_decided_since_stays_and_is_told(article: Article, mori: User, kida: User) -> None:
    lead = newsroom.make_person(article.site, "hara", "Lead")
    cases = open_cases(article, 4)
    bulk = decide_together(wanted(cases), token=uuid4(), by=mori, now=NOON)
    first, second, *_ = bulk.rows.order_by("case")
    # The Lead takes one back and rejects it; another is taken back by himself, alone.
    assert undo(first.decision_id or 0, by=lead, now=NOON).outcome is Outcome.DONE
    cases[0].refresh_from_db()
    again = decide(wanted([Case.objects.get(pk=cases[0].pk)], "reject"), by=kida, now=NOON)
    assert again[0].outcome is Outcome.DONE
    assert undo(second.decision_id or 0, by=mori, now=NOON).outcome is Outcome.DONE
    token = uuid4()
    undone = undo_together(bulk, token=token, by=mori, now=LATER)
    assert undone
    assert list(undone.rows.values_list("case_id", "outcome")) == [
        (cases[2].pk, "done"),
        (cases[3].pk, "done"),
    ]
    assert statuses(cases) == ["rejected", "held", "held", "held"]
    number = Decision.objects.count()
    assert undo_together(bulk, token=token, by=mori, now=LATER) == undone
    assert Decision.objects.count() == number


def test_it_is_the_deciders_for_a_day_and_a_leads_always(article: Article, mori: User, kida: User) -> None:
    lead = newsroom.make_person(article.site, "hara", "Lead")
    cases = open_cases(article, 2)
    bulk = decide_together(wanted(cases), token=uuid4(), by=mori, now=NOON)
    assert undo_together(bulk, token=uuid4(), by=kida, now=LATER) is None
    late = undo_together(bulk, token=uuid4(), by=mori, now=NOON + timedelta(hours=25))
    assert outcomes(late) == ["late", "late"]
    assert statuses(cases) == ["published"] * 2
    undone = undo_together(bulk, token=uuid4(), by=lead, now=NOON + timedelta(hours=26))
    assert outcomes(undone) == ["done", "done"]
    assert undone is not None
    assert undo_together(undone, token=uuid4(), by=lead, now=LATER) is None


def test_its_rows_are_a_log(article: Article, mori: User) -> None:
    bulk = decide_together(wanted(open_cases(article, 1)), token=uuid4(), by=mori, now=NOON)
    for change in (
        lambda: BulkRow.objects.update(outcome="stale"),
        lambda: BulkDecision.objects.update(asked=9),
        BulkRow.objects.filter(bulk=bulk).delete,
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert outcomes(bulk) == ["done"]


@pytest.mark.django_db(transaction=True)
def test_two_at_overlapping_sets_at_once(article: Article, mori: User, kida: User) -> None:
    """Five hundred each, four hundred of them the same, and each press arrives twice."""
    cases = open_cases(article, 600)
    barrier = Barrier(4, timeout=60)

    def press(by: User, some: list[Case], action: str, token: UUID) -> BulkDecision:
        asked = wanted(some, action)
        barrier.wait()
        return decide_together(asked, token=token, by=by, now=NOON)

    # The second goes from the end, so that they meet in the middle.
    mine, his = cases[:500], cases[:99:-1]
    world.make_reason()
    tokens = uuid4(), uuid4()
    found = at_once(
        [
            lambda: press(mori, mine, "publish", tokens[0]),
            lambda: press(kida, his, "reject", tokens[1]),
            lambda: press(mori, mine, "publish", tokens[0]),
            lambda: press(kida, his, "reject", tokens[1]),
        ]
    )
    assert len({each.pk for each in found}) == 2
    told = {name: dict(found[at].rows.values_list("case_id", "outcome")) for at, name in enumerate("ab")}
    assert [len(each) for each in told.values()] == [500, 500]
    for case in cases:
        both = Counter(rows[case.pk] for rows in told.values() if case.pk in rows)
        assert both["done"] == 1
        assert not set(both) - {"done", "closed"}
    check_all(article.site, 600)
    # The decisions are those that the rows name.
    named = set(BulkRow.objects.filter(outcome="done").values_list("decision_id", flat=True))
    assert named == set(Decision.objects.filter(by__isnull=False).values_list("pk", flat=True))
