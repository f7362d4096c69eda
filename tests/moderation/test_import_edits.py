"""An import that brings another text of a comment which a person has decided."""

import json
from pathlib import Path

import pytest

from comments import imports
from comments.formats import by_slug
from comments.models import Comment, CommentRevision, ImportProblem, ImportRun, Site
from moderation.models import Case, Decision, Pending
from moderation.reading import Order, published
from moderation.services import Wanted, decide, screen, undo
from tests import world
from tests.world import NOON

pytestmark = pytest.mark.django_db

FIRST, SECOND = "橋の通行止めは三月までです。", "橋の通行止めは五月までに延びました。"


@pytest.fixture
def site() -> Site:
    world.make_rule("required_email", action="reject")
    return world.make_site()


def import_text(
    site: Site, folder: Path, body: str, state: str = "pending", name: str = "渡し守"
) -> ImportRun:
    """A run over a file with one article and one comment."""
    rows = [
        {"type": "article", "id": "a1", "title": "橋", "body": "橋を架け替える。"},
        {"type": "comment", "id": "c1", "article": "a1", "body": body, "state": state, "author_name": name}
        | {"author_email": "w@example.jp", "posted_at": "2026-01-10T09:00:00+09:00"},
    ]
    path = folder / "archive.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    source = imports.Source(
        path=path, name=str(path), digest=imports.digest_of(path), format=by_slug("jsonl"), zone="Asia/Tokyo"
    )
    run = imports.execute(imports.begin(site, "archive", source.wanted("flag")), source)
    screen()
    return run


def decide_open_case(site: Site, action: str) -> Decision:
    case = Case.objects.get(closed_at=None)
    assert case.comment
    reason = world.make_reason(f"r{case.pk}").pk if action == "reject" else None
    by = world.make_member(site, f"mori{case.pk}")
    (done,) = decide([Wanted(case.pk, action, case.comment.version, reason_id=reason)], by=by, now=NOON)
    assert done.decision_id
    return Decision.objects.get(pk=done.decision_id)


def shown() -> list[str]:
    """The texts that readers see."""
    page = published(Comment.objects.get().article_id, Order.OLDEST, None, 10)
    return [comment["body"] for comment in page.comments]


def notices(run: ImportRun) -> list[str]:
    return list(ImportProblem.objects.filter(run=run, refused=False).values_list("code", flat=True))


def test_the_newer_source_wins_where_no_person_has_decided(site: Site, tmp_path: Path) -> None:
    import_text(site, tmp_path, FIRST, state="approved")
    run = import_text(site, tmp_path, SECOND, state="approved")
    assert shown() == [SECOND]
    assert notices(run) == []
    assert not Case.objects.exists()


class TestWhatAPersonHasPublished:
    @pytest.fixture(autouse=True)
    def _edited(self, site: Site, tmp_path: Path) -> None:
        import_text(site, tmp_path, FIRST)
        decide_open_case(site, "publish")
        self.run = import_text(site, tmp_path, SECOND)

    def test_stays_with_a_notice_and_a_case(self) -> None:
        assert shown() == [FIRST]
        assert Comment.objects.get().status == "published"
        assert notices(self.run) == ["decided"]
        assert self.run.counts["comments"]["updated"] == self.run.counts["comments"]["notices"] == 1
        assert Case.objects.get(closed_at=None).causes.get().kind == "edit"
        assert Comment.objects.get().body == SECOND
        assert CommentRevision.objects.get().body == FIRST
        assert not Pending.objects.exists()

    def test_stays_whatever_the_source_says_now(self, site: Site, tmp_path: Path) -> None:
        import_text(site, tmp_path, SECOND, state="spam")
        assert shown() == [FIRST]
        assert Case.objects.get(closed_at=None).causes.get().kind == "edit"

    def test_gives_way_when_a_person_publishes_the_edit(self, site: Site) -> None:
        decide_open_case(site, "publish")
        assert shown() == [SECOND]

    def test_is_no_way_to_show_the_edit_by_an_undo(self, site: Site) -> None:
        rejected = decide_open_case(site, "reject")
        assert rejected.by
        undo(rejected.pk, by=rejected.by, now=NOON)
        assert shown() == []
        assert Comment.objects.get().status == "held"
        assert Case.objects.filter(closed_at=None).exists()

    def test_is_told_of_once(self, site: Site, tmp_path: Path) -> None:
        assert notices(import_text(site, tmp_path, SECOND)) == []
        assert Case.objects.filter(closed_at=None).count() == 1


def test_what_a_person_has_rejected_waits_for_a_person(site: Site, tmp_path: Path) -> None:
    import_text(site, tmp_path, FIRST)
    decide_open_case(site, "reject")
    run = import_text(site, tmp_path, SECOND, state="approved")
    assert shown() == []
    assert notices(run) == ["decided"]
    assert Case.objects.get(closed_at=None).causes.get().kind == "edit"


def test_a_decision_that_was_undone_is_none(site: Site, tmp_path: Path) -> None:
    import_text(site, tmp_path, FIRST)
    decision = decide_open_case(site, "reject")
    assert decision.by
    undo(decision.pk, by=decision.by, now=NOON)
    run = import_text(site, tmp_path, SECOND, state="approved")
    assert notices(run) == []
    assert shown() == [SECOND]
