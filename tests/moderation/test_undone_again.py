"""What an undo withdrew comes back with the next import that has it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from comments import imports
from comments.erasing import erase
from comments.formats import by_slug
from comments.models import Comment, CommentRevision
from comments.services import edit
from moderation.models import Case, Quote, Retrace
from moderation.services import begin_undo, go_on, retrace
from moderation.undoing import Options
from tests import world
from tests.undone import (
    Archive,
    comment,
    of,
    screen_all,
    statuses,
    take_back,
)

pytestmark = pytest.mark.django_db


def test_the_same_file_brings_it_back_under_the_new_policy(archive: Archive) -> None:
    archive.site.floor = "hold_all"
    archive.site.save()
    run = archive.run(comment("c1"), comment("c2", parent="c1"))
    assert set(statuses().values()) == {"held"}
    take_back(run)
    assert (
        archive.run(comment("c1"), comment("c2", parent="c1"), slug="other").counts["comments"]["created"]
        == 2
    )
    again = archive.run(comment("c1"), comment("c2", parent="c1"), policy="trusted")
    assert again.counts["comments"]["updated"] == 2
    row = Comment.objects.get(external_id="c2", source="archive")
    assert (row.status, row.revision, row.withdrawn_at, row.import_run_id) == ("published", 2, None, again.pk)
    assert row.parent == Comment.objects.get(external_id="c1", source="archive")
    assert archive.run(comment("c1"), comment("c2", parent="c1")).counts["comments"]["unchanged"] == 2
    # It is the second run's now: the first has nothing left to undo.
    assert take_back(run).counts == {"withdrawn": 0, "restored": 0, "left": {}}
    assert take_back(again).counts == {"withdrawn": 2, "restored": 0, "left": {}}
    assert Comment.objects.get(pk=row.pk).status == "rejected"


def test_no_run_of_its_source_begins_before_all_is_taken_back(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    undo = begin_undo(run.pk, Options(), now=timezone.now())
    with pytest.raises(imports.Busy, match=f"run {run.pk} of source 'archive' is being undone"):
        archive.run(comment("c1"))
    assert archive.run(comment("c1"), slug="other").counts["comments"]["created"] == 1
    go_on(undo)
    assert archive.run(comment("c1")).counts["comments"]["updated"] == 1


def test_what_comes_back_may_say_something_else(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    take_back(run)
    archive.run(comment("c1", "直した文です。"))
    assert (of("c1").status, of("c1").body, of("c1").withdrawn_at) == ("published", "直した文です。", None)


def test_erasing_takes_what_an_edit_kept(archive: Archive) -> None:
    archive.run(comment("c1", author_email="kirishima@example.jp"))
    archive.run(comment("c1", author_email="other@example.jp"))
    assert CommentRevision.objects.get().former == {"author_email": "kirishima@example.jp"}
    erase([of("c1").pk], now=timezone.now())
    assert CommentRevision.objects.get().former is None


def test_what_was_erased_does_not_come_back(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    take_back(run)
    erase([of("c1").pk], now=timezone.now())
    assert archive.run(comment("c1")).counts["comments"]["unchanged"] == 1
    assert (of("c1").status, of("c1").body) == ("rejected", "")


def test_nothing_is_a_copy_of_what_was_withdrawn(archive: Archive) -> None:
    world.make_rule("repeated_text", slug="repeated", action="hold", severity=2)
    long = "欠航の知らせを前の晩までに出してもらえると、島の者は本当に助かるのですが。"
    rows = [comment("c1", long, author_email="shima@example.jp")]
    wrong = archive.run(*rows, slug="wrong-name")
    assert take_back(wrong).counts["withdrawn"] == 1
    archive.run(*rows, slug="right-name")
    assert Comment.objects.get(source="right-name").status == "published"


def test_a_dry_run_says_that_it_would_come_back(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    take_back(run)
    source = imports.Source(
        path=archive.path, name="rows.jsonl", digest="", format=by_slug("jsonl"), zone="UTC"
    )
    assert imports.preview(archive.site, "archive", source).ledger.counts["comments"]["updated"] == 1


def test_quotes_of_what_is_withdrawn_are_traced_again(archive: Archive) -> None:
    said = "渡し船の切符売り場は冬も開けてほしいです。"
    run = archive.run(comment("c1", said))
    sent = world.send(of("c1").article, f"> {said}\n\n賛成です。", now=timezone.now())
    screen_all()
    quote = Quote.objects.get(comment=sent.comment_id)
    assert (quote.verdict, quote.source_comment) == ("verbatim", of("c1"))
    version = of("c1").article.sources_version
    take_back(run, Options(include_answered=True))
    assert of("c1").article.sources_version == version + 1
    while Retrace.objects.exists():
        retrace()
    assert Quote.objects.get(comment=sent.comment_id).verdict == "hidden"
    case = Case.objects.get(comment=sent.comment_id, closed_at=None)
    assert [cause.kind for cause in case.causes.all()] == ["quote-hidden"]
    archive.run(comment("c1", said))
    while Retrace.objects.exists():
        retrace()
    assert Quote.objects.get(comment=sent.comment_id).verdict == "verbatim"
    assert not Case.objects.filter(comment=sent.comment_id, closed_at=None).exists()


def test_an_editing_by_its_author_lets_go_of_the_withdrawal(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    take_back(run)
    edit(of("c1"), "公開者の側で直された文。", now=timezone.now())
    assert of("c1").withdrawn_at is None
    assert take_back(run).counts["left"] == {"changed": 1}
