"""`manage.py undo_import`: what it says, asks, and ends with."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from comments.drafts import CommentDraft
from comments.models import Article, Comment, ImportRun, ImportSource, RunStatus, Site
from comments.services import Arrival, Origin, receive
from moderation.models import Decision, ImportUndo
from moderation.services import screen
from tests import world
from tests.processes import MANAGE
from tests.world import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return make_site()


def make_run(article: Article, number: int = 3, slug: str = "minato-blog") -> ImportRun:
    """A run that is done and created one article and so many comments."""
    source = ImportSource.objects.create(site=article.site, slug=slug)
    counts = {"articles": {"created": 1}, "comments": {"created": number}}
    run = ImportRun.objects.create(
        source=source, path="minato.xml", format="wxr", policy="enforce", counts=counts,
        status=RunStatus.DONE, finished_at=timezone.now(),
    )  # fmt: skip
    drafts = [
        CommentDraft(body=f"{at}番線は屋根がありません。", external_id=f"w{at}") for at in range(number)
    ]
    origin = Origin(article.site_id, slug, live=False, import_run_id=run.pk)
    received = receive([Arrival(draft, article.pk) for draft in drafts], origin, now=timezone.now())
    keys = [each.comment_id for each in received]
    run.first_comment_id, run.last_comment_id = min(keys), max(keys)
    run.save()
    screen()
    return run


@pytest.fixture
def run(article: Article) -> ImportRun:
    return make_run(article)


def answer(run: ImportRun) -> None:
    first = Comment.objects.get(external_id="w0")
    arrival = Arrival(CommentDraft(body="いえ、去年つきました。"), first.article_id, parent_id=first.pk)
    receive([arrival], Origin(first.site_id), now=timezone.now())


def undo_import(run: ImportRun, *arguments: str) -> tuple[str, int]:
    """What it printed, and its exit status."""
    said = StringIO()
    try:
        call_command("undo_import", str(run.pk), *arguments, stdout=said, stderr=said)
    except SystemExit as ended:
        return said.getvalue(), int(ended.code or 0)
    return said.getvalue(), 0


def test_a_dry_run_says_what_would_be_done_and_does_nothing(run: ImportRun) -> None:
    answer(run)
    said, status = undo_import(run, "--dry-run")
    first = Comment.objects.get(external_id="w0")
    assert f"Run {run.pk} (" in said
    assert "2  comments that it created: withdrawn" in said
    assert f"1  left alone: somebody has answered it since (#{first.pk})" in said
    assert "Articles that it created (1) stay" in said
    assert status == 1
    assert undo_import(run, "--dry-run", "--include-answered")[1] == 0
    assert not ImportUndo.objects.exists()
    assert not Decision.objects.filter(cause="import-undo").exists()


def test_it_is_recorded_with_who_and_why(run: ImportRun) -> None:
    hidaka = world.make_member(run.source.site, "hidaka")
    said, status = undo_import(run, "--yes", "--by", "hidaka", "--reason", "よその新聞の記事だった")
    undo = ImportUndo.objects.get()
    assert (undo.by, undo.reason, undo.run) == (User.objects.get(pk=hidaka.pk), "よその新聞の記事だった", run)
    assert (undo.include_decided, undo.include_answered) == (False, False)
    assert undo.finished_at
    assert f"Undo {undo.pk} of run {run.pk} is done." in said
    assert "3  comments that it created: withdrawn" in said
    assert status == 0


@pytest.mark.parametrize("dry", [True, False])
def test_json_is_one_line_for_programs(run: ImportRun, dry: bool) -> None:
    answer(run)
    said, status = undo_import(run, "--json", "--dry-run" if dry else "--yes")
    undo = ImportUndo.objects.first()
    assert json.loads(said) == {
        "run": run.pk, "undo": undo.pk if undo else None, "site": "asagiri", "source": "minato-blog",
        "withdrawn": 2, "restored": 0, "left": {"replied": 1}, "articles": 1, "dry_run": dry,
    }  # fmt: skip
    assert (undo is None) is dry
    assert said.count("\n") == 1
    assert status == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nobody is here to be asked"),
        (("--yes", "--by", "nobody"), "there is no such account"),
    ],
)
def test_what_it_refuses(run: ImportRun, arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told) as refused:
        undo_import(run, *arguments)
    assert refused.value.returncode == 2
    assert not ImportUndo.objects.exists()


def test_a_run_that_is_not_there_or_going_on(run: ImportRun) -> None:
    with pytest.raises(CommandError, match="there is no run 999999") as refused:
        call_command("undo_import", "999999", "--yes")
    assert refused.value.returncode == 2
    ImportRun.objects.update(status=RunStatus.RUNNING, finished_at=None, heartbeat_at=timezone.now())
    with pytest.raises(CommandError, match="pause or cancel it first") as refused:
        undo_import(run, "--yes")
    assert refused.value.returncode == 2


def test_other_options_while_one_is_unfinished(run: ImportRun) -> None:
    ImportUndo.objects.create(run=run)
    with pytest.raises(CommandError, match="Give the same options again"):
        undo_import(run, "--yes", "--include-decided")
    assert undo_import(run, "--yes")[1] == 0
    assert ImportUndo.objects.get().counts["withdrawn"] == 3
    # Once more there is nothing to do, which is well.
    assert json.loads(undo_import(run, "--yes", "--json")[0])["left"] == {"done": 3}
    assert undo_import(run, "--yes")[1] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("typed", "status", "left"), [("n\n", 2, 3), ("y\n", 0, 0), ("\x04", 2, 3)])
def test_on_a_terminal_it_asks(article: Article, typed: str, status: int, left: int) -> None:
    run = make_run(article)
    process, said = in_a_terminal(["undo_import", str(run.pk)], typed)
    assert "3  comments that it created: withdrawn" in said
    assert "Undo this run? [y/N]" in said
    assert process == status
    assert "Traceback" not in said
    assert Comment.objects.filter(withdrawn_at=None).count() == left


def in_a_terminal(arguments: list[str], typed: str) -> tuple[int, str]:
    """`manage.py` with a terminal of its own and what is typed there: its exit status and what it showed."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"]
    server, mark, options = url.partition("?")
    environment = {**os.environ, "DATABASE_URL": f"{server.rpartition('/')[0]}/{name}{mark}{options}"}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*MANAGE, *arguments], env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    said = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
    os.close(ours)
    return process.wait(), said.decode()
