"""The page on which a person takes an import run back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.models import Article, Comment, ImportRun, RunStatus, Site
from moderation import tasks
from moderation.models import ImportUndo
from moderation.services import go_on
from tests import newsroom, world
from tests.moderation.test_undo_command import answer, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(site: Site) -> ImportRun:
    world.make_rule("links")
    article: Article = newsroom.make_article(site)
    return make_run(article)


@pytest.fixture
def lead(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "hidaka", "Lead", last_name="日高", first_name="凪"))
    return client


def page_of(run: ImportRun) -> str:
    return reverse("desk:undo_import", args=[run.pk])


def text(client: Client, url: str, language: str = "en") -> str:
    return client.get(url, headers={"accept-language": language}).content.decode()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            (
                "withdrawn: the run created them",
                "left alone: somebody has answered it since",
                "Undo this run",
            ),
        ),
        (
            "ja",
            (
                "取り下げる：この取り込みが作ったもの",
                "そのまま残す： あとから返信がついた",
                "この取り込みを取り消す",
            ),
        ),
    ],
)
def test_it_says_what_would_happen_and_does_nothing(
    run: ImportRun, lead: Client, language: str, told: tuple[str, ...]
) -> None:
    answer(run)
    page = text(lead, page_of(run), language)
    for part in told:
        assert part in page
    for comment in Comment.objects.exclude(external_id=None):
        assert reverse("admin:comments_comment_change", args=[comment.pk]) in page
    assert not ImportUndo.objects.exists()


def test_what_was_typed_is_escaped(run: ImportRun, lead: Client) -> None:
    Comment.objects.filter(external_id="w0").update(
        body="<script>alert('x')</script>", author_name="<b>x</b>"
    )
    page = text(lead, page_of(run))
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_it_is_begun_here_done_by_a_worker_and_told_on_the_runs_page(run: ImportRun, lead: Client) -> None:
    wanted = {"reason": "よその<b>新聞</b>", "include_answered": "on"}
    assert lead.post(page_of(run), wanted).headers["Location"] == page_of(run)
    undo = ImportUndo.objects.get()
    assert (undo.by and undo.by.username, undo.reason) == ("hidaka", "よその<b>新聞</b>")
    assert (undo.include_decided, undo.include_answered, undo.finished_at) == (False, True, None)
    assert not Comment.objects.exclude(withdrawn_at=None).exists()
    going = text(lead, page_of(run))
    assert 'data-progress="going"' in going
    assert "moderation/progress.js" in going
    assert 'name="reason"' not in going
    tasks.undo_imports()
    assert Comment.objects.exclude(withdrawn_at=None).count() == 3
    page = text(lead, page_of(run))
    assert "data-progress=" not in page
    about = text(lead, reverse("admin:comments_importrun_change", args=[run.pk]))
    for shown in (page, about):
        assert "Undone on" in shown
        assert "よその&lt;b&gt;新聞&lt;/b&gt;" in shown
        assert "what somebody had answered or quoted" in shown
    assert page_of(run) in about


def test_a_reason_is_wanted(run: ImportRun, lead: Client) -> None:
    response = lead.post(page_of(run), {"reason": " ", "include_decided": "on"})
    assert response.status_code == 422
    assert 'name="include_decided" checked' in response.content.decode()
    assert not ImportUndo.objects.exists()


def test_a_run_that_is_going_on(run: ImportRun, lead: Client) -> None:
    ImportRun.objects.update(status=RunStatus.RUNNING, finished_at=None, heartbeat_at=timezone.now())
    page = text(lead, page_of(run))
    assert "Pause or cancel it first" in page
    assert 'name="reason"' not in page
    after = lead.post(page_of(run), {"reason": "x"}, follow=True, headers={"accept-language": "en"})
    assert "Not undone: a run of this source is going on" in after.content.decode()
    assert not ImportUndo.objects.exists()


def test_nothing_is_left_to_undo(run: ImportRun, lead: Client) -> None:
    lead.post(page_of(run), {"reason": "wrong file"})
    go_on(ImportUndo.objects.get())
    page = text(lead, page_of(run))
    assert "taken back before, nothing is left to do" in page
    assert 'name="reason"' not in page


def test_a_large_run_is_looked_at_in_part(
    run: ImportRun, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.undoing.LOOKED_AT", 2)
    monkeypatch.setattr("moderation.admin.undoing.PREVIEW_SECONDS", 0)
    assert "these are its first 2 comments" in text(lead, page_of(run))


@pytest.mark.parametrize("group", ["Moderator", "Auditor"])
def test_others_may_look_at_what_was_undone_and_no_more(
    run: ImportRun, site: Site, client: Client, group: str
) -> None:
    client.force_login(newsroom.make_person(site, "kida", group))
    for method in (client.get, client.post):
        assert method(page_of(run), {"reason": "x"}).status_code == 403
    about = text(client, reverse("admin:comments_importrun_change", args=[run.pk]))
    assert "This run has not been undone." in about
    assert page_of(run) not in about


def test_a_lead_of_another_site_finds_no_such_run(run: ImportRun, client: Client) -> None:
    other = world.make_site("yunagi")
    client.force_login(newsroom.make_person(other, "tanin", "Lead"))
    for method in (client.get, client.post):
        assert method(page_of(run), {"reason": "x"}).status_code == 404
    assert not ImportUndo.objects.exists()


def test_queries_do_not_grow_with_the_run(site: Site, lead: Client) -> None:
    def count(number: int) -> int:
        run = make_run(newsroom.make_article(site), number, slug=f"blog-{number}")
        with CaptureQueriesContext(connection) as captured:
            lead.get(page_of(run))
        return len(captured)

    world.make_rule("links")
    assert count(3) == count(30)
