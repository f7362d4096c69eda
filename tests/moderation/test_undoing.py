"""An import run is undone: what goes, and what stays and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from comments.erasing import erase
from comments.models import Article, Comment, ImportRun
from comments.services import edit
from moderation.models import Case, Decision, Pending, Quote
from moderation.services import undo
from moderation.undoing import Options, preview
from tests import world
from tests.undone import (
    BOTH,
    Archive,
    comment,
    decide_on,
    of,
    reply_to,
    screen_all,
    statuses,
    take_back,
)

pytestmark = pytest.mark.django_db


def test_what_it_created_is_withdrawn_with_a_decision_that_names_the_run(archive: Archive) -> None:
    run = archive.run(comment("c1"), comment("c2", parent="c1"))
    assert statuses() == {"c1": "published", "c2": "published"}
    done = take_back(run)
    assert statuses() == {"c1": "rejected", "c2": "rejected"}
    assert done.finished_at
    assert done.counts == {"withdrawn": 2, "restored": 0, "left": {}}
    last = Decision.objects.filter(comment=of("c2")).latest("pk")
    assert (last.cause, last.from_status, last.to_status, last.by) == (
        "import-undo",
        "published",
        "rejected",
        None,
    )
    assert (last.import_run, last.facts) == (run, {"run": run.pk, "undo": done.pk})
    assert last.supersedes == Decision.objects.filter(comment=of("c2")).earliest("pk")
    assert Article.objects.get().external_id == "a1"
    run.refresh_from_db()
    assert run.undone_at


@pytest.mark.parametrize("screened", [True, False])
def test_what_waits_for_anybody_no_longer_does(archive: Archive, screened: bool) -> None:
    archive.site.floor = "hold_all"
    archive.site.save()
    run = archive.run(comment("c1"), comment("c2"), screened=screened)
    assert Case.objects.filter(closed_at=None).count() == (2 if screened else 0)
    assert Pending.objects.count() == (0 if screened else 2)
    take_back(run)
    assert statuses() == {"c1": "rejected", "c2": "rejected"}
    assert not Pending.objects.exists()
    assert set(Case.objects.values_list("closed_why", flat=True)) <= {"import-undo"}
    assert not Case.objects.filter(closed_at=None).exists()


def test_it_follows_what_was_decided_without_a_rule_set(bare: Archive) -> None:
    run = bare.run(comment("c1"))
    assert Decision.objects.filter(cause="no-rule-set", rule_set=None).count() == 1
    take_back(run)
    assert statuses() == {"c1": "rejected"}
    causes = Decision.objects.order_by("pk").values_list("cause", flat=True)
    assert list(causes) == ["no-rule-set", "import-undo"]


def test_an_edited_comment_gets_all_back_that_it_was(archive: Archive) -> None:
    first = comment("c1", "桟橋の手すりが低すぎます。", author_email="m@example.com", author_id="r7")
    archive.run(first)
    before = of("c1")
    wrong = {**first, "body": "取り違えた文。", "author_name": "別人", "author_email": "b@example.com",
             "author_id": "r8", "posted_at": "2026-01-10T18:00:00+09:00"}  # fmt: skip
    run = archive.run(wrong, comment("c2"))
    assert (of("c1").revision, of("c1").body) == (2, "取り違えた文。")
    done = take_back(run)
    assert done.counts == {"withdrawn": 1, "restored": 1, "left": {}}
    after = of("c1")
    assert after.revision == 3
    same = ("body", "author_name", "author_email", "author_id", "author_key", "posted_at", "source_state",
            "folded", "fingerprint", "import_run_id", "withdrawn_at")  # fmt: skip
    assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}
    assert Pending.objects.filter(comment=after).exists()
    screen_all()
    assert statuses() == {"c1": "published", "c2": "rejected"}
    assert of("c1").published_revision == 3


def test_a_case_goes_only_with_the_edit_that_it_came_with(archive: Archive) -> None:
    archive.run(comment("c1"), comment("c2"))
    old = Case.objects.create(comment=of("c1"), site=archive.site, severity=1, opened_at=timezone.now(),
                              due_at=timezone.now())  # fmt: skip
    archive.site.floor = "hold_all"
    archive.site.save()
    run = archive.run(comment("c1", "改めた文。"), comment("c2", "こちらも改めた文。"))
    assert Case.objects.filter(closed_at=None).count() == 2
    take_back(run)
    assert list(Case.objects.filter(closed_at=None)) == [old]


# --- what stays, and why ----------------------------------------------------------


def decided(_: Archive) -> None:
    decide_on("c1", "reject")


def replied(_: Archive) -> None:
    reply_to("c1")


def quoted(_: Archive) -> None:
    sent = world.send(of("c1").article, f"> {of('c1').body}\n\n私も同じ便でした。", now=timezone.now())
    screen_all()
    # Who quotes answers, too, unless he answers somebody else.
    Comment.objects.filter(pk=sent.comment_id).update(parent=None, parent_how="")


def changed(_: Archive) -> None:
    edit(of("c1"), "本人が直した文。", now=timezone.now())


def changed_by_a_run(archive: Archive) -> None:
    archive.run(comment("c1", "後の取り込みの文。"))


def erased(_: Archive) -> None:
    erase([of("c1").pk], now=timezone.now())


LEFT = [
    (decided, "decided", True),
    (replied, "replied", True),
    (quoted, "quoted", True),
    (changed, "changed", False),
    (changed_by_a_run, "changed", False),
    (erased, "erased", False),
]


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize(("make", "cause", "optional"), LEFT)
def test_each_cause_of_leaving_alone(
    archive: Archive, make: Callable[[Archive], None], cause: str, optional: bool, edited: bool
) -> None:
    if edited:
        archive.run(comment("c1", "取り込みの前からあった文です。"))
    run = archive.run(comment("c1"), comment("c2"))
    make(archive)
    before = Comment.objects.values().get(external_id="c1")
    assert preview(run).of(Options()).left == {cause: 1}
    done = take_back(run)
    assert done.counts == {"withdrawn": 1, "restored": 0, "left": {cause: 1}}
    assert Comment.objects.values().get(external_id="c1") == before
    assert statuses()["c2"] == "rejected"
    again = take_back(run, BOTH)
    taken = {"withdrawn": 0 if edited else 1, "restored": 1 if edited else 0}
    assert again.counts == {**(taken if optional else {"withdrawn": 0, "restored": 0}),
                            "left": {"done": 1} if optional else {cause: 1, "done": 1}}  # fmt: skip


def test_each_option_is_of_its_own_cause(archive: Archive) -> None:
    run = archive.run(comment("c1"), comment("c2"), comment("c3"))
    decide_on("c1")
    reply_to("c2")
    decide_on("c3")
    reply_to("c3")
    tally = preview(run)
    assert tally.of(Options()).left == {"decided": 1, "decided+replied": 1, "replied": 1}
    assert tally.of(Options(include_decided=True)).left == {"decided+replied": 1, "replied": 1}
    assert tally.of(Options(include_answered=True)).left == {"decided": 1, "decided+replied": 1}
    assert tally.of(BOTH).document() == {"withdrawn": 3, "restored": 0, "left": {}}
    assert take_back(run, Options(include_decided=True)).counts["left"] == {
        "decided+replied": 1,
        "replied": 1,
    }


def test_what_does_not_count_as_worked_with(archive: Archive) -> None:
    """A decision taken back, an answer that was rejected, answers and quotes of the run itself."""
    said = comment("c3")["body"]
    run = archive.run(
        comment("c1"), comment("c2"), comment("c3"), comment("c4", f"> {said}\n\n同感です。", parent="c3")
    )
    assert Quote.objects.filter(source_comment=of("c3")).exists()
    decision = decide_on("c1", "reject")
    member = archive.site.memberships.get()
    undo(decision, by=member.user, now=timezone.now())
    answer = reply_to("c2")
    Comment.objects.filter(pk=answer.comment_id).update(status="rejected")
    assert take_back(run).counts == {"withdrawn": 4, "restored": 0, "left": {}}


def test_an_answer_to_the_text_before_the_edit_does_not_keep_the_edit(archive: Archive) -> None:
    archive.run(comment("c1"))
    reply_to("c1")
    decide_on("c1")
    run = archive.run(comment("c1", "取り違えた文。"))
    assert take_back(run).counts == {"withdrawn": 0, "restored": 1, "left": {}}
    assert of("c1").body == comment("c1")["body"]


def test_a_later_run_is_undone_first(archive: Archive) -> None:
    first = archive.run(comment("c1"))
    second = archive.run(comment("c1", "二度目の文。", author_email="x@example.com"))
    third = archive.run(comment("c1", "三度目の文。"))
    assert take_back(first).counts["left"] == {"changed": 1}
    assert take_back(second).counts["left"] == {"changed": 1}
    for run, body in ((third, "二度目の文。"), (second, comment("c1")["body"])):
        assert take_back(run).counts == {"withdrawn": 0, "restored": 1, "left": {}}
        screen_all()
        assert of("c1").body == body
    assert of("c1").author_email == ""
    assert take_back(first).counts == {"withdrawn": 1, "restored": 0, "left": {}}
    assert take_back(second).counts["left"] == {"done": 1}


def test_what_an_unannounced_run_leaves_is_judged(archive: Archive) -> None:
    """A paused run ends with its undo: nobody would ever hand on what stays of it."""
    run = archive.run(comment("c1"), comment("c2"), screened=False)
    Pending.objects.all().delete()
    ImportRun.objects.filter(pk=run.pk).update(status="paused", finished_at=None, announced_id=None)
    reply_to("c1")
    assert statuses()["c1"] == "received"
    assert take_back(run).counts == {"withdrawn": 1, "restored": 0, "left": {"replied": 1}}
    assert Pending.objects.get().comment == of("c1")
    screen_all()
    assert statuses()["c1"] == "published"
