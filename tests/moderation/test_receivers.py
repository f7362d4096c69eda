"""What moderation does when `comments` tells that something changed."""

import pytest

from comments.models import Article, ImportProblem, ImportRun, ImportSource, Site
from comments.services import edit
from comments.signals import Change, changed
from moderation.models import Case, Pending
from tests import world


@pytest.fixture
def run(site: Site) -> ImportRun:
    source = ImportSource.objects.create(site=site, slug="page")
    return ImportRun.objects.create(
        source=source, path="page.txt", format="page", policy="flag", counts={"comments": {"created": 2}}
    )


def notice(run: ImportRun, code: str, *, refused: bool = False) -> None:
    ImportProblem.objects.create(
        run=run, refused=refused, kind="comments", place="line 3", code=code, reason="…"
    )


def test_guesses_of_a_run_make_one_case_of_low_severity(run: ImportRun) -> None:
    notice(run, "guessed-split")
    notice(run, "guessed-split")
    changed(Change.RUN_FINISHED, [run.pk], live=False)
    case = Case.objects.get()
    assert (case.import_run, case.comment, case.severity) == (run, None, 1)
    assert [cause.kind for cause in case.causes.all()] == ["import-guess"]


def test_a_run_without_guesses_makes_no_case(run: ImportRun) -> None:
    notice(run, "assumed-zone")
    notice(run, "guessed-split", refused=True)
    changed(Change.RUN_FINISHED, [run.pk], live=False)
    assert not Case.objects.exists()


def test_a_second_run_that_changes_nothing_makes_no_case(run: ImportRun) -> None:
    run.counts = {"comments": {"created": 0, "updated": 0, "unchanged": 2}}
    run.save()
    notice(run, "guessed-split")
    changed(Change.RUN_FINISHED, [run.pk], live=False)
    assert not Case.objects.exists()


def test_an_edit_of_a_waiting_comment_keeps_its_place_and_better_lane(article: Article) -> None:
    received = world.send(article, "送信中の文。")
    edit(world.stored(received), "直した文。", now=world.NOON, announced=False)
    assert [(each.comment_id, each.lane) for each in Pending.objects.all()] == [(received.comment_id, 0)]
