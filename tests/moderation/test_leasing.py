"""Leases say who looks at a case; escalations pass it on; notes are kept without deciding."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.utils import IntegrityError

from comments.models import Site
from moderation.models import Case, Decision, Evidence, EvidenceKind, Note, Reason
from moderation.reading import status_of
from moderation.services import Wanted, add_note, claim, decide, escalate, leave, release, undo
from moderation.services.escalating import OWN_UNDO
from moderation.services.leasing import LEASE
from moderation.services.outcomes import Outcome
from tests import newsroom, world
from tests.newsroom import case_of, comment_of
from tests.world import NOON, make_reason


@pytest.fixture
def case(site: Site) -> Case:
    newsroom.make_rules()
    return case_of(newsroom.open_cases(newsroom.make_article(site))[1])


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator")


@pytest.fixture
def kida(site: Site) -> User:
    return newsroom.make_person(site, "kida", "Moderator")


@pytest.fixture
def hara(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


def wanted(case: Case, action: str = "publish", **fields: object) -> Wanted:
    return Wanted(case.pk, action, comment_of(Case.objects.get(pk=case.pk)).version, **fields)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_lease_is_one_persons_until_it_lapses(case: Case, mori: User, kida: User) -> None:
    assert claim(case.pk, by=mori, now=NOON)
    assert not claim(case.pk, by=kida, now=NOON + LEASE - timedelta(seconds=1))
    # A heartbeat prolongs it from then on.
    assert claim(case.pk, by=mori, now=NOON + timedelta(minutes=4))
    assert not claim(case.pk, by=kida, now=NOON + LEASE)
    assert claim(case.pk, by=kida, now=NOON + timedelta(minutes=4) + LEASE)
    assert not claim(case.pk, by=mori, now=NOON + timedelta(minutes=4) + LEASE)


@pytest.mark.django_db
def test_only_ones_own_lease_is_given_back(case: Case, mori: User, kida: User) -> None:
    claim(case.pk, by=mori, now=NOON)
    assert leave([case.pk], by=kida) == 0
    assert not claim(case.pk, by=kida, now=NOON)
    assert leave([case.pk], by=mori) == 1
    assert claim(case.pk, by=kida, now=NOON)


@pytest.mark.django_db
def test_a_lease_stops_nobody_and_ends_with_the_case(case: Case, mori: User, kida: User) -> None:
    claim(case.pk, by=mori, now=NOON)
    (result,) = decide([wanted(case)], by=kida, now=NOON)
    assert result.outcome is Outcome.DONE
    closed = Case.objects.get(pk=case.pk)
    assert (closed.claimed_by, closed.claimed_until) == (None, None)
    assert not claim(case.pk, by=mori, now=NOON)


@pytest.mark.django_db
def test_nobody_claims_at_another_site(case: Case) -> None:
    stranger = newsroom.make_person(world.make_site("other"), "tanin", "Lead")
    assert not claim(case.pk, by=stranger, now=NOON)
    assert escalate(case.pk, "なぜ", by=stranger, now=NOON) is Outcome.DENIED
    assert add_note(case.pk, "見た", by=stranger, now=NOON) is Outcome.DENIED
    assert release(case.pk, "", by=stranger, now=NOON) is Outcome.DENIED
    assert not Note.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_those_who_come_at_once_one_holds_it(case: Case, site: Site) -> None:
    people = [newsroom.make_person(site, f"person{at}", "Moderator") for at in range(8)]
    barrier, held = Barrier(len(people)), []

    def come(user: User) -> None:
        barrier.wait()
        if claim(case.pk, by=user, now=NOON):
            held.append(user.pk)
        connection.close()

    threads = [Thread(target=come, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [Case.objects.get(pk=case.pk).claimed_by_id]


@pytest.mark.django_db
def test_what_one_passes_on_another_decides(case: Case, mori: User, kida: User) -> None:
    claim(case.pk, by=mori, now=NOON)
    assert escalate(case.pk, "名誉毀損かもしれない", by=mori, now=NOON) is Outcome.DONE
    assert Case.objects.get(pk=case.pk).claimed_by is None
    (result,) = decide([wanted(case)], by=mori, now=NOON)
    assert result.outcome is Outcome.ESCALATED
    assert not Decision.objects.filter(by=mori).exists()
    (result,) = decide([wanted(case)], by=kida, now=NOON)
    assert result.outcome is Outcome.DONE
    assert Note.objects.get().text == "名誉毀損かもしれない"


@pytest.mark.django_db
def test_a_lead_may_decide_what_he_passed_on(case: Case, hara: User) -> None:
    escalate(case.pk, "あとで見る", by=hara, now=NOON)
    (result,) = decide([wanted(case)], by=hara, now=NOON)
    assert result.outcome is Outcome.DONE


@pytest.mark.django_db
def test_an_escalation_is_given_back_by_who_made_it_or_a_lead(
    case: Case, mori: User, kida: User, hara: User
) -> None:
    escalate(case.pk, "なぜ", by=mori, now=NOON)
    assert escalate(case.pk, "私も", by=kida, now=NOON) is Outcome.STALE
    assert release(case.pk, "", by=kida, now=NOON) is Outcome.DENIED
    assert release(case.pk, "問題なし", by=mori, now=NOON) is Outcome.DONE
    assert release(case.pk, "", by=hara, now=NOON) is Outcome.STALE
    escalate(case.pk, "やはり", by=kida, now=NOON)
    assert release(case.pk, "", by=hara, now=NOON) is Outcome.DONE
    (result,) = decide([wanted(case)], by=kida, now=NOON)
    assert result.outcome is Outcome.DONE
    assert escalate(case.pk, "遅い", by=kida, now=NOON) is Outcome.CLOSED
    assert release(case.pk, "", by=hara, now=NOON) is Outcome.CLOSED
    assert [note.kind for note in Note.objects.order_by("pk")] == [
        "escalated", "released", "escalated", "released",
    ]  # fmt: skip


@pytest.mark.django_db
def test_an_undone_decision_is_where_it_was_passed_on_to(case: Case, mori: User, kida: User) -> None:
    escalate(case.pk, "なぜ", by=mori, now=NOON)
    (result,) = decide([wanted(case)], by=kida, now=NOON)
    assert result.decision_id is not None
    undo(result.decision_id, by=kida, now=NOON)
    again = Case.objects.get(pk=case.pk)
    assert (again.closed_at, again.escalated_by) == (None, mori)


@pytest.mark.django_db
def test_a_note_cannot_be_changed(case: Case, mori: User) -> None:
    assert add_note(case.pk, "以前にも同じ投稿があった", by=mori, now=NOON) is Outcome.DONE
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Note.objects.update(text="別の話")
    for empty in ("", "  \n"):
        with pytest.raises(ValueError, match="needs"):
            add_note(case.pk, empty, by=mori, now=NOON)
        with pytest.raises(ValueError, match="needs"):
            escalate(case.pk, empty, by=mori, now=NOON)
    assert Note.objects.get().text == "以前にも同じ投稿があった"


@pytest.mark.django_db
def test_ones_own_decision_is_ones_own_for_a_day(case: Case, mori: User, hara: User) -> None:
    (result,) = decide([wanted(case)], by=mori, now=NOON)
    assert result.decision_id is not None
    just = undo(result.decision_id, by=mori, now=NOON + OWN_UNDO - timedelta(seconds=1))
    assert just.outcome is Outcome.DONE
    assert just.decision_id
    # What was taken back is decided anew: it is not too late for it, and no Lead could do more.
    assert undo(just.decision_id, by=mori, now=NOON + OWN_UNDO).outcome is Outcome.STALE
    (result,) = decide([wanted(case)], by=mori, now=NOON)
    assert result.decision_id is not None
    late = undo(result.decision_id, by=mori, now=NOON + OWN_UNDO)
    assert (late.outcome, late.case_id) == (Outcome.LATE, case.pk)
    assert undo(result.decision_id, by=hara, now=NOON + OWN_UNDO).outcome is Outcome.DONE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("message", "told"), [("", "宣伝です。"), ("表現を改めてください。", "表現を改めてください。")]
)
def test_the_author_is_told_the_persons_words(
    case: Case, site: Site, mori: User, message: str, told: str
) -> None:
    reason: Reason = make_reason()
    decide([wanted(case, "reject", reason_id=reason.pk, note="内々の話", message=message)], by=mori, now=NOON)
    answer = status_of(comment_of(case).public_id, site.pk, "ja")
    assert answer is not None
    assert answer["reasons"] == [{"code": "spam", "text": told}]
    kinds = set(Evidence.objects.filter(decision__by=mori).values_list("kind", flat=True))
    assert kinds == {EvidenceKind.NOTE} | ({EvidenceKind.MESSAGE} if message else set())
