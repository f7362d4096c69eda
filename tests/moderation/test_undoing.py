"""An import run is undone: what goes, what stays and why, and how it comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import imports
from comments.drafts import CommentDraft
from comments.erasing import erase
from comments.formats import by_slug
from comments.models import Article, Comment, CommentRevision, ImportRun, RunStatus, Site
from comments.services import Arrival, Origin, Received, edit, receive
from comments.undoing import NotUndoable
from moderation import undoing as preview_of
from moderation.models import Case, Decision, ImportUndo, Pending, Quote, Retrace
from moderation.services import Wanted, begin_undo, decide, go_on, retrace, screen, undo, undoing
from moderation.undoing import Options, preview
from tests import world
from tests.world import make_site

pytestmark = pytest.mark.django_db

Row = dict[str, Any]
PLAIN = Options()
BOTH = Options(include_decided=True, include_answered=True)
MORNING = "2026-01-10T09:00:00+09:00"


def article(key: str = "a1", **fields: Any) -> Row:
    return {"type": "article", "id": key, "title": "桟橋の再建", "body": "港の桟橋が開いた。", **fields}


def comment(key: str, body: str = "", **fields: Any) -> Row:
    row = {"type": "comment", "id": key, "article": "a1", "author_name": "渡し守", "posted_at": MORNING}
    return {**row, "body": body or f"{key} 便で渡りましたが、桟橋はまだ新しい木の匂いがしました。", **fields}


@pytest.fixture
def site() -> Site:
    return make_site()


class Archive:
    """A file of rows, imported into a site by the one way in, and screened."""

    def __init__(self, path: Path, site: Site) -> None:
        self.path, self.site = path, site

    def run(
        self, *rows: Row, slug: str = "archive", policy: str = "enforce", screened: bool = True
    ) -> ImportRun:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in (article(), *rows))
        self.path.write_text("".join(lines), encoding="utf-8")
        source = imports.Source(
            path=self.path, name="rows.jsonl", digest=imports.digest_of(self.path), format=by_slug("jsonl"),
            zone="Asia/Tokyo",
        )  # fmt: skip
        run = imports.execute(imports.begin(self.site, slug, source.wanted(policy)), source)
        if screened:
            screen_all()
        return run


def screen_all() -> None:
    while screen().claimed:
        pass


@pytest.fixture
def bare(tmp_path: Path, site: Site) -> Archive:
    """Where no rules are in force."""
    return Archive(tmp_path / "rows.jsonl", site)


@pytest.fixture
def archive(bare: Archive) -> Archive:
    world.make_rule("quotes", slug="quote-missing", severity=1)
    return bare


def of(key: str) -> Comment:
    return Comment.objects.get(external_id=key)


def take_back(run: ImportRun, options: Options = PLAIN) -> ImportUndo:
    return go_on(begin_undo(run.pk, options, now=timezone.now()))


def statuses() -> dict[str | None, str]:
    return dict(Comment.objects.order_by("external_id").values_list("external_id", "status"))


def reply_to(key: str, body: str = "それは三便のことでは。") -> Received:
    parent = of(key)
    draft = CommentDraft(body=body, author_name="岸", author_email="kishi@example.com")
    arrival = Arrival(draft, parent.article_id, parent_id=parent.pk)
    (received,) = receive([arrival], Origin(parent.site_id), now=timezone.now())
    screen_all()
    return received


def decide_on(key: str, action: str = "publish") -> int:
    """A person decides on a comment by a case; the decision."""
    target = of(key)
    member = target.site.memberships.first()
    person = member.user if member else world.make_member(target.site)
    now = timezone.now()
    case = Case.objects.filter(comment=target, closed_at=None).first() or Case.objects.create(
        comment=target, site=target.site, severity=2, opened_at=now, due_at=now
    )
    wanted = Wanted(case.pk, action, target.version, reason_id=world.make_reason().pk)
    (result,) = decide([wanted], by=person, now=now)
    assert result.decision_id
    return result.decision_id


# --- what goes ------------------------------------------------------------------


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


# --- coming back --------------------------------------------------------------------


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


# --- the record, and going on ---------------------------------------------------------


class Killed(BaseException):
    """As a process that dies."""


def world_of(archive: Archive) -> ImportRun:
    """A run that has something of everything: created, edited, decided, answered, quoted among themselves."""
    archive.run(comment("e1", "前からあった一つ目の文。"), comment("e2", "前からあった二つ目の文。"))
    rows = [comment(f"c{at}", parent=f"c{at - 1}" if at % 3 else "") for at in range(1, 10)]
    run = archive.run(comment("e1"), comment("e2"), *rows)
    decide_on("c3")
    reply_to("c5")
    decide_on("e2", "reject")
    return run


def state() -> dict[str, Any]:
    return {
        "comments": sorted(
            Comment.objects.exclude(external_id=None).values_list(
                "external_id", "status", "revision", "version", "body", "pending__lane"
            ),
            key=str,
        ),
        "withdrawn": sorted(Comment.objects.exclude(withdrawn_at=None).values_list("external_id", flat=True)),
        "decisions": sorted(
            Decision.objects.values_list("comment__external_id", "revision", "cause", "to_status"), key=str
        ),
        "cases": Case.objects.filter(closed_at=None).count(),
        "revisions": CommentRevision.objects.count(),
        "counts": list(ImportUndo.objects.values_list("counts", flat=True)),
    }


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "BATCH", 2)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("at", range(1, 8))
def test_killed_at_any_border_the_end_is_the_same(
    archive: Archive, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the batch `at`, and inside of the next, which leaves no trace. There are seven."""
    run = world_of(archive)
    with transaction.atomic():
        assert take_back(run).counts == {"withdrawn": 7, "restored": 1, "left": {"decided": 2, "replied": 1}}
        undisturbed = state()
        transaction.set_rollback(True)
    begun = begin_undo(run.pk, Options(), now=timezone.now())
    borders = iter(range(1, at))
    with pytest.raises(Killed):
        go_on(begun, step=lambda _: next(borders, None) or die())
    killed = state()
    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(undoing, "restore", die)
        go_on(ImportUndo.objects.get())
    assert state() == killed
    if ImportUndo.objects.filter(finished_at=None).exists():
        take_back(run)
    assert state() == undisturbed


def die(*_: object, **__: object) -> Any:
    raise Killed


def test_one_after_the_other_counts_nothing_twice(archive: Archive) -> None:
    run = world_of(archive)
    first = take_back(run)
    before = state()
    second = take_back(run)
    assert first.pk != second.pk
    assert second.counts == {"withdrawn": 0, "restored": 0, "left": {"decided": 2, "done": 8, "replied": 1}}
    assert {**state(), "counts": None} == {**before, "counts": None}


def test_one_that_is_begun_is_gone_on_with_only_by_the_same_options(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    now = timezone.now()
    begun = begin_undo(run.pk, Options(), now=now, reason="wrong site")
    assert begin_undo(run.pk, Options(), now=now) == begun
    with pytest.raises(NotUndoable, match="other options"):
        begin_undo(run.pk, BOTH, now=now)
    assert undoing.unfinished(now) == [begun]
    go_on(begun)
    assert undoing.unfinished(now + timedelta(days=1)) == []


def test_what_somebody_is_at_is_left_to_him(archive: Archive) -> None:
    begun = begin_undo(archive.run(comment("c1")).pk, Options(), now=timezone.now())
    ImportUndo.objects.update(position=1)
    assert undoing.unfinished(begun.moved_at + undoing.QUIET) == []
    assert undoing.unfinished(begun.moved_at + undoing.QUIET + timedelta(seconds=1)) == [begun]


def test_what_somebody_was_in_the_way_of_is_tried_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = archive.run(comment("c1"))
    real, tries = preview_of.look, []

    def busy(run_id: int, ids: list[int]) -> Any:
        tries.append(ids)
        if len(tries) < undoing.TRIES:
            raise OperationalError("somebody has these rows")
        return real(run_id, ids)

    monkeypatch.setattr(undoing, "look", busy)
    assert take_back(run).counts["withdrawn"] == 1
    assert len(tries) == undoing.TRIES


def test_a_run_that_is_going_on_cannot_be_undone(archive: Archive) -> None:
    run = archive.run(comment("c1"))
    going = ImportRun.objects.create(
        source=run.source, path="x", format="jsonl", policy="enforce", owner=run.owner,
        heartbeat_at=timezone.now(),
    )  # fmt: skip
    for key in (run.pk, going.pk):
        with pytest.raises(
            NotUndoable, match=f"run {going.pk} of source 'archive' is going on: pause or cancel"
        ):
            begin_undo(key, Options(), now=timezone.now())
    assert statuses() == {"c1": "published"}
    with pytest.raises(NotUndoable, match="there is no run 0"):
        begin_undo(0, Options(), now=timezone.now())


@pytest.mark.parametrize("status", [RunStatus.PAUSED, RunStatus.FAILED])
def test_a_run_that_did_not_end_ends_with_it(archive: Archive, status: str) -> None:
    run = archive.run(comment("c1"), screened=False)
    Pending.objects.all().delete()
    ImportRun.objects.update(status=status, finished_at=None)
    attempt = run.attempt
    take_back(run)
    run.refresh_from_db()
    assert run.finished_at
    assert run.attempt == attempt + 1
    assert "was undone" in run.error
    assert statuses() == {"c1": "rejected"}
    with pytest.raises(imports.NotResumable, match="has ended"):
        imports.resume(run.pk, run.digest)


def test_a_run_that_created_nothing(archive: Archive) -> None:
    assert take_back(archive.run()).counts == {"withdrawn": 0, "restored": 0, "left": {}}


def test_the_case_of_its_guesses_goes_with_it(archive: Archive) -> None:
    run = archive.run(comment("c1"), comment("c2"))
    now = timezone.now()
    case = Case.objects.create(import_run=run, site=archive.site, severity=1, opened_at=now, due_at=now)
    decide_on("c1")
    take_back(run)
    assert Case.objects.get(pk=case.pk).closed_at is None
    take_back(run, BOTH)
    assert statuses() == {"c1": "rejected", "c2": "rejected"}
    assert Case.objects.get(pk=case.pk).closed_why == "import-undo"


@pytest.mark.parametrize("edited", [False, True])
def test_queries_do_not_grow_with_the_batch(archive: Archive, edited: bool) -> None:
    def count(number: int) -> int:
        rows = [comment(f"{number}-{at}") for at in range(number)]
        if edited:
            archive.run(*rows)
            rows = [{**row, "body": f"{row['body']} 訂正。"} for row in rows]
        begun = begin_undo(archive.run(*rows).pk, Options(), now=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            done = undoing._batch(begun.pk, timezone.now())
        assert done.counts["restored" if edited else "withdrawn"] == number
        return len(captured)

    assert count(2) == count(40)


def test_a_preview_looks_as_far_as_its_time_reaches(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_of, "LOOKED_AT", 2)
    run = archive.run(*(comment(f"c{at}") for at in range(5)))
    seen: list[int] = []
    tally = preview(run, step=seen.append)
    assert (tally.total, tally.whole, seen) == (5, True, [2, 4, 5])
    assert tally.examples == {(True, frozenset()): [of(f"c{at}").pk for at in range(3)]}
    tally = preview(run, seconds=0)
    assert (tally.total, tally.whole) == (2, False)
