"""Import runs: what becomes of rows, whatever their order and wherever a run dies."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments import imports
from comments.drafts import CommentDraft
from comments.formats import by_slug
from comments.imports import chunks, links, marks, reading, runs, storing
from comments.imports.seen import Seen
from comments.models import (
    Article,
    Comment,
    CommentRevision,
    ImportChunk,
    ImportMark,
    ImportProblem,
    ImportRun,
    RunStatus,
    Site,
)
from comments.services import Arrival, Origin, Outcome, new_keys, receive
from comments.signals import Change, connect
from moderation.models import Lane, Pending
from tests.world import make_site

pytestmark = pytest.mark.django_db

Row = dict[str, Any]


def article(key: str, **fields: Any) -> Row:
    return {"type": "article", "id": key, "title": f"記事 {key}", "body": "港の桟橋が開いた。", **fields}


def comment(key: str, of: str, **fields: Any) -> Row:
    return {
        "type": "comment",
        "id": key,
        "article": of,
        "author_name": "渡し守",
        "body": f"{key} の感想です。",
        "posted_at": "2026-01-10T09:00:00+09:00",
        **fields,
    }


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


MODELS = (Pending, ImportProblem, ImportMark, ImportChunk)


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three rows, so that a table of ten has borders."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 3)
    monkeypatch.setattr(links, "LINKED_AT_ONCE", 2)
    monkeypatch.setattr(runs, "ANNOUNCED_AT_ONCE", 4)


def write(path: Path, rows: list[Row]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def source_of(path: Path, form: str = "jsonl") -> imports.Source:
    return imports.Source(
        path=path, name=str(path), digest=imports.digest_of(path), format=by_slug(form), zone="Asia/Tokyo"
    )


def run_file(path: Path, site: Site, form: str = "jsonl") -> ImportRun:
    source = source_of(path, form)
    return imports.execute(imports.begin(site, "archive", source.wanted("enforce")), source)


def run_rows(path: Path, site: Site, rows: list[Row]) -> ImportRun:
    return run_file(write(path, rows), site)


def figures(run: ImportRun, kind: str = "comments") -> dict[str, int]:
    return {name: number for name, number in run.counts[kind].items() if number}


def codes(run: ImportRun, *, refused: bool) -> list[tuple[str, str]]:
    entries = ImportProblem.objects.filter(run=run, refused=refused).order_by("pk")
    return sorted(entries.values_list("place", "code"))


def state() -> dict[str, Any]:
    """All that an import makes, without the keys that a second world would number otherwise."""
    return {
        "articles": sorted(Article.objects.values_list("external_id", "url", "title", "body", "revision")),
        "comments": sorted(
            Comment.objects.values_list(
                "external_id", "article__external_id", "parent__external_id", "body", "revision", "posted_at"
            ),
            key=str,
        ),
        "pending": sorted(
            Comment.objects.filter(pending__isnull=False).values_list("external_id", flat=True)
        ),
        "problems": sorted(
            ImportProblem.objects.values_list("position", "refused", "kind", "place", "code", "raw")
        ),
        "waiting": ImportChunk.objects.filter(stored_at=None).count(),
        "marks": ImportMark.objects.count(),
    }


# --- outcomes -----------------------------------------------------------------


def test_rows_in_order(site: Site, path: Path) -> None:
    rows = [
        article("a1"),
        comment("c1", "a1"),
        comment("c2", "a1", parent="c1"),
        comment("c3", "a1", parent="c2"),
    ]
    run = run_rows(path, site, rows)
    assert figures(run, "articles") == {"read": 1, "created": 1}
    assert figures(run) == {"read": 3, "created": 3}
    assert (run.status, run.position, run.policy) == (RunStatus.DONE, 4, "enforce")
    parents = dict(Comment.objects.values_list("external_id", "parent__external_id"))
    assert parents == {"c1": None, "c2": "c1", "c3": "c2"}
    stored = Comment.objects.get(external_id="c3")
    assert (stored.source, stored.import_run_id, stored.live) == ("archive", run.pk, False)
    assert stored.parent_how == "given"
    assert stored.posted_at == datetime.fromisoformat("2026-01-10T09:00:00+09:00")


def test_all_wait_in_the_import_lane(site: Site, path: Path) -> None:
    run_rows(path, site, [article("a1"), *(comment(f"c{n}", "a1") for n in range(9))])
    assert list(Pending.objects.values_list("lane", flat=True)) == [Lane.IMPORT] * 9


def test_again_changes_nothing(site: Site, path: Path) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1", parent=f"c{n + 1}" if n < 5 else None) for n in range(6))]
    run_rows(path, site, rows)
    before = state()
    again = run_file(path, site)
    assert figures(again) == {"read": 6, "unchanged": 6}
    assert figures(again, "articles") == {"read": 1, "unchanged": 1}
    assert state() == before


def test_a_grown_file_adds_what_is_new(site: Site, path: Path) -> None:
    rows = [article("a1"), comment("c1", "a1"), comment("c2", "a1", parent="c9")]
    run_rows(path, site, rows)
    run = run_rows(path, site, [*rows, comment("c9", "a1")])
    assert figures(run) == {"read": 3, "created": 1, "unchanged": 2}
    assert Comment.objects.get(external_id="c2").parent == Comment.objects.get(external_id="c9")


EDITS: list[tuple[str, Row, str]] = [
    ("body", {"body": "言い直します。"}, "言い直します。"),
    ("author_name", {"author_name": "船頭"}, "船頭"),
    ("author_email", {"author_email": "sendo@example.jp"}, "sendo@example.jp"),
    ("posted_at", {"posted_at": "2026-01-10T09:00:01+09:00"}, "2026-01-10T09:00:01+09:00"),
]


@pytest.mark.parametrize(("column", "change", "value"), EDITS, ids=[edit[0] for edit in EDITS])
def test_an_edited_row_is_updated(site: Site, path: Path, column: str, change: Row, value: str) -> None:
    run_rows(path, site, [article("a1"), comment("c1", "a1"), comment("c2", "a1")])
    old = Comment.objects.get(external_id="c1")
    Pending.objects.all().delete()
    run = run_rows(path, site, [article("a1"), comment("c1", "a1", **change), comment("c2", "a1")])
    assert figures(run) == {"read": 2, "updated": 1, "unchanged": 1}
    new = Comment.objects.get(external_id="c1")
    expected = datetime.fromisoformat(value) if column == "posted_at" else value
    assert (getattr(new, column), new.revision, new.version) == (expected, 2, old.version + 1)
    assert CommentRevision.objects.get(comment=new).body == old.body
    assert Pending.objects.get().comment_id == new.pk
    assert Pending.objects.get().lane == Lane.IMPORT
    assert (new.author_key == old.author_key) is (column != "author_email")


def test_an_edited_article_keeps_its_revision(site: Site, path: Path) -> None:
    run_rows(path, site, [article("a1"), article("a2")])
    run = run_rows(path, site, [article("a1", body="桟橋はまた閉じた。"), article("a2")])
    assert figures(run, "articles") == {"read": 2, "updated": 1, "unchanged": 1}
    stored = Article.objects.get(external_id="a1")
    texts = ["港の桟橋が開いた。", "桟橋はまた閉じた。"]
    assert list(stored.revisions.order_by("number").values_list("body", flat=True)) == texts


# --- order --------------------------------------------------------------------


def test_comments_before_their_articles_and_replies_before_their_parents(site: Site, path: Path) -> None:
    rows = [comment(f"c{n}", f"a{n % 2}", parent=f"c{n + 2}" if n < 8 else None) for n in range(10)]
    run = run_rows(path, site, [*rows, article("a0"), article("a1")])
    assert figures(run) == {"read": 10, "created": 10}
    parents = dict(Comment.objects.values_list("external_id", "parent__external_id"))
    assert parents == {f"c{n}": f"c{n + 2}" if n < 8 else None for n in range(10)}


def test_the_order_of_rows_does_not_matter(site: Site, path: Path) -> None:
    rows = [article("a0"), article("a1")]
    rows += [comment(f"c{n}", f"a{n % 2}", parent=f"c{n - 2}" if n > 1 else None) for n in range(12)]
    shuffled = random.Random(7).sample(rows, len(rows))
    run_rows(path, site, shuffled)
    expected = {f"c{n}": f"c{n - 2}" if n > 1 else None for n in range(12)}
    assert dict(Comment.objects.values_list("external_id", "parent__external_id")) == expected
    assert Pending.objects.count() == 12


def test_an_article_of_an_earlier_run_is_known_by_id_and_url(site: Site, path: Path) -> None:
    run_rows(path, site, [article("a1", url="https://example.com/news/1")])
    rows = [comment("c1", "a1"), comment("c2", "https://EXAMPLE.com/news/1?utm_source=mail")]
    assert figures(run_rows(path, site, rows)) == {"read": 2, "created": 2}
    assert set(Comment.objects.values_list("article__external_id", flat=True)) == {"a1"}


def test_an_unknown_article_is_a_problem_with_its_place(site: Site, path: Path) -> None:
    make_site("elsewhere")
    run = run_rows(path, site, [article("a1"), comment("c1", "a1"), comment("c2", "a9")])
    assert figures(run) == {"read": 2, "created": 1, "problems": 1}
    problem = ImportProblem.objects.get(run=run)
    assert (problem.place, problem.code, problem.refused) == ("line 3", "unknown-article", True)
    assert json.loads(problem.raw)["external_id"] == "c2"


# --- threads ------------------------------------------------------------------


def test_threads_that_can_not_be(site: Site, path: Path) -> None:
    rows = [
        article("a1"),
        article("a2"),
        comment("c1", "a1", parent="nobody"),
        comment("c2", "a1", parent="c2"),
        comment("c3", "a1", parent="c4"),
        comment("c4", "a1", parent="c3"),
        comment("c5", "a2", parent="c1"),
        comment("c6", "a2", parent="c7"),
        comment("c7", "a1"),
        comment("c11", "a1"),
        comment("c8", "a1", parent="c10"),
        comment("c9", "a1", parent="c8"),
        comment("c10", "a1", parent="c9"),
    ]
    run = run_rows(path, site, rows)
    assert figures(run) == {"read": 11, "created": 11, "notices": 6}
    # Lines 5 and 6 stand in one chunk; the cycle of lines 11 to 13 spans two.
    assert codes(run, refused=False) == [
        ("line 11", "cycle"),
        ("line 3", "orphan"),
        ("line 4", "cycle"),
        ("line 5", "cycle"),
        ("line 7", "parent-elsewhere"),
        ("line 8", "parent-elsewhere"),
    ]
    parents = dict(Comment.objects.exclude(parent=None).values_list("external_id", "parent__external_id"))
    assert parents == {"c4": "c3", "c9": "c8", "c10": "c9"}
    before = state()
    assert figures(run_file(path, site)) == {"read": 11, "unchanged": 11, "notices": 6}
    assert state()["comments"] == before["comments"]


def test_a_chunk_takes_as_many_queries_however_many_rows(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 500)
    taken = []
    for size in (50, 400):
        replies = [comment(f"{size}-{n}", "a1", parent=f"{size}-{n - 1}" if n else None) for n in range(size)]
        articles = [article(f"{size}-{n}", url=f"https://example.com/{size}/{n}") for n in range(size // 10)]
        source = source_of(write(path, [article("a1"), *articles, *replies]))
        run = imports.begin(site, "archive", source.wanted("enforce"))
        with CaptureQueriesContext(connection) as queries:
            reading.read(run, list(source.numbered()), Seen())
            assert storing.store_next(run.pk)
        taken.append(len(queries))
        runs.finish(run)
    # The first chunk met no article that was stored, the second met a1.
    assert taken[1] - taken[0] <= 1
    assert taken[0] < 35


# --- rows that are refused -----------------------------------------------------


def test_the_first_of_two_rows_with_one_id_stands(site: Site, path: Path) -> None:
    rows = [
        article("a1"),
        comment("c1", "a1"),
        comment("c1", "a1", body="別の文です。"),
        comment("c2", "a2"),
        article("a1", title="別の題"),
        comment("c2", "a1", body="別の文です。"),
        comment("c1", "a1"),
        article("a2"),
    ]
    for outcome in ("created", "unchanged"):
        run = run_rows(path, site, rows)
        assert figures(run) == {"read": 5, outcome: 2, "problems": 3}
        assert figures(run, "articles") == {"read": 3, outcome: 2, "problems": 1}
        assert codes(run, refused=True) == [(f"line {n}", "duplicate-id") for n in (3, 5, 6, 7)]
        bodies = dict(Comment.objects.values_list("external_id", "body"))
        assert bodies == {"c1": "c1 の感想です。", "c2": "c2 の感想です。"}
    assert not CommentRevision.objects.exists()


def test_an_id_and_a_url_that_disagree(site: Site, path: Path) -> None:
    one, two = "https://example.com/1", "https://example.com/2"
    run_rows(path, site, [article("a1", url=one), article("a2", url=two)])
    run = run_rows(path, site, [article("a1", url=two), article("a3", url=one)])
    assert figures(run, "articles") == {"read": 2, "problems": 2}
    assert codes(run, refused=True) == [("line 1", "disagreement"), ("line 2", "disagreement")]


def test_what_came_before_an_unreadable_place_stands(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    item = """<item><title>桟橋</title><link>https://example.com/{0}</link><wp:post_id>{0}</wp:post_id>
        <wp:post_type>post</wp:post_type><wp:comment><wp:comment_id>{0}</wp:comment_id>
        <wp:comment_content>よい知らせ。</wp:comment_content><wp:comment_approved>1</wp:comment_approved>
        <wp:comment_date_gmt>2026-01-10 00:00:00</wp:comment_date_gmt></wp:comment></item>"""
    head = """<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
        <wp:wxr_version>1.2</wp:wxr_version>"""
    path.write_text(head + item.format(1) + item.format(2) + "<item><title>切れ", encoding="utf-8")
    run = run_file(path, site, "wxr")
    assert run.status == RunStatus.FAILED
    assert run.error
    assert run.finished_at is not None
    assert figures(run) == {"read": 2, "created": 2}
    assert Pending.objects.count() == 2


def test_a_problem_that_no_text_column_could_hold(site: Site, path: Path) -> None:
    path.write_bytes(
        json.dumps(article("a1")).encode() + b'\n{"type": "comment", "id": "c\\u0000", "x": "\0\xff"}\n'
    )
    run = run_file(path, site)
    assert figures(run) == {"read": 1, "problems": 1}
    assert ImportProblem.objects.get().place == "line 2"


# --- killed and resumed --------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process."""


def after(calls: int, do: Callable[..., Any]) -> Callable[..., Any]:
    """`do`, but once it was called `calls` times the process dies."""
    left = iter(range(calls, -1, -1))

    def doomed(*args: Any, **kwargs: Any) -> Any:
        result = do(*args, **kwargs)
        if next(left) == 1:
            raise Killed
        return result

    return doomed


# Where a run dies: a module, the name of what dies there, which of its calls.
KILLS = [
    pytest.param((imports, "read", 1), id="between chunks"),
    pytest.param((imports, "read", 4), id="between later chunks"),
    pytest.param((reading, "put_articles", 1), id="in reading a chunk, articles stored"),
    pytest.param((reading._Step, "write", 3), id="in reading a chunk, all written but the commit"),
    pytest.param((imports, "read_waiting", 1), id="between chunks of those that waited"),
    pytest.param((reading, "article_keys", 6), id="in a chunk of those that waited"),
    pytest.param((storing, "receive", 2), id="in storing a chunk, comments stored"),
    pytest.param((marks, "write", 3), id="in storing a chunk, before it is counted"),
    pytest.param((storing, "store_next", 2), id="between stored chunks"),
    pytest.param((links, "find_comments", 2), id="in the linking of replies"),
    pytest.param((links, "_link_slice", 1), id="between slices of replies"),
    pytest.param((runs, "announce", 1), id="in the announcing"),
    pytest.param((runs, "changed", 1), id="at the end"),
]


def unruly_rows() -> list[Row]:
    """Fourteen rows in the worst of orders, with a problem of each kind."""
    rows = [comment(f"c{n}", f"a{n % 2}", parent=f"c{n + 1}" if n % 3 else f"c{n - 3}") for n in range(10)]
    lost = [comment("lost", "a9"), comment("c1", "a1"), {"type": "comment"}]
    return random.Random(3).sample([*rows, article("a0"), article("a1"), *lost], 15)


@pytest.mark.parametrize("kill", KILLS)
def test_a_killed_run_goes_on_to_the_same_end(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch, kill: tuple[Any, str, int]
) -> None:
    module, name, call = kill
    rows = unruly_rows()
    whole = run_rows(path, site, rows)
    undisturbed, counts = state(), whole.counts
    wipe()
    with monkeypatch.context() as patched:
        patched.setattr(module, name, after(call, getattr(module, name)))
        with pytest.raises(Killed):
            run_file(path, site)
    died = ImportRun.objects.get()
    assert (died.status, died.finished_at) == (RunStatus.FAILED, None)
    resumed = run_file(path, site)
    assert (resumed.pk, resumed.status, resumed.error) == (died.pk, RunStatus.DONE, "")
    assert resumed.counts == counts
    assert state() == undisturbed


def test_each_comment_is_announced_once(site: Site, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    def hear(change: Change, ids: list[int], **_: Any) -> None:
        told.extend(ids if change == Change.RECEIVED else [])

    connect(hear)
    with monkeypatch.context() as patched:
        patched.setattr(runs, "fence", after(6, runs.fence))
        with pytest.raises(Killed):
            run_rows(path, site, [article("a1"), *(comment(f"c{n}", "a1") for n in range(14))])
    between = sorted(told)
    run_file(path, site)
    ids = sorted(Comment.objects.values_list("pk", flat=True))
    assert between == ids[: len(between)] != []
    assert sorted(told) == ids


def wipe() -> None:
    for model in MODELS:
        model.objects.all().delete()
    Comment.objects.update(parent=None)
    Comment.objects.all().delete()
    ImportRun.objects.all().delete()
    Article.objects.all().delete()


def test_another_file_does_not_go_on_with_the_run(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1") for n in range(5))]
    kill_after_first_chunk(path, site, rows, monkeypatch)
    died = ImportRun.objects.get()
    write(path, [*rows, comment("c5", "a1")])
    with pytest.raises(imports.NotResumable, match="is not the one"):
        imports.resume(died.pk, imports.digest_of(path))
    run = run_file(path, site)
    assert run.pk != died.pk
    # What the dead reader had handed on was stored before the newer file.
    assert figures(run) == {"read": 6, "created": 4, "unchanged": 2}


def kill_after_first_chunk(path: Path, site: Site, rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(imports, "read", after(1, reading.read))
        with pytest.raises(Killed):
            run_rows(path, site, rows)


def test_an_ended_run_is_not_resumed(site: Site, path: Path) -> None:
    run = run_rows(path, site, [article("a1")])
    with pytest.raises(imports.NotResumable, match="has ended"):
        imports.resume(run.pk, run.digest)
    with pytest.raises(imports.NotResumable, match="no run"):
        imports.resume(run.pk + 1, run.digest)


# --- one at a time --------------------------------------------------------------


def test_a_second_run_of_a_source_is_refused(site: Site, path: Path) -> None:
    source = source_of(write(path, [article("a1")]))
    first = imports.begin(site, "archive", source.wanted("enforce"))
    with pytest.raises(imports.Busy, match=f"run {first.pk} of source 'archive' is going on"):
        imports.begin(site, "archive", source.wanted("enforce"))
    with pytest.raises(imports.Busy):
        imports.resume(first.pk, source.digest)
    imports.begin(site, "another", source.wanted("enforce"))


@pytest.mark.parametrize(
    ("owner", "minutes", "alive"),
    [
        ("elsewhere 1 1", 1, True),
        ("elsewhere 1 1", 3, False),
        (runs.this_process(), 1, True),
        (runs.this_process(), 3, False),
        (f"{runs.this_process()}0", 1, False),
    ],
    ids=["elsewhere", "elsewhere and quiet", "here", "here and quiet", "here, another of the same number"],
)
def test_who_is_alive(owner: str, minutes: int, alive: bool) -> None:
    now = timezone.now()
    run = ImportRun(owner=owner, heartbeat_at=now - timedelta(minutes=minutes))
    assert runs.is_alive(run, now) is alive


def test_a_run_that_was_taken_over_writes_no_more(site: Site, path: Path) -> None:
    source = source_of(write(path, [article("a1"), comment("c1", "a1")]))
    slow = imports.begin(site, "archive", source.wanted("enforce"))
    ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    taker = imports.begin(site, "archive", source.wanted("enforce"))
    assert (taker.pk, taker.attempt > slow.attempt) == (slow.pk, True)
    with pytest.raises(imports.TakenOver):
        imports.execute(slow, source)
    assert not Comment.objects.exists()
    assert imports.execute(taker, source).status == RunStatus.DONE


# --- left alone ------------------------------------------------------------------


def test_what_a_dead_run_stored_is_announced(site: Site, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1") for n in range(8))]
    kill_after_first_chunk(path, site, rows, monkeypatch)
    died = ImportRun.objects.get()
    assert imports.recover(died.heartbeat_at + timedelta(minutes=1)) == []
    assert not Pending.objects.exists()
    assert imports.recover(died.heartbeat_at + timedelta(minutes=3)) == [died.pk]
    assert Pending.objects.count() == 2
    assert imports.recover(timezone.now() + timedelta(hours=1)) == []
    died.refresh_from_db()
    assert died.status == RunStatus.FAILED
    assert f"--resume {died.pk}" in died.error
    assert figures(run_file(path, site)) == {"read": 8, "created": 8}
    assert Pending.objects.count() == 8


def test_a_run_whose_process_vanished_is_marked(site: Site, path: Path) -> None:
    source = source_of(write(path, [article("a1")]))
    run = imports.begin(site, "archive", source.wanted("enforce"))
    assert imports.recover(timezone.now() + timedelta(minutes=3)) == [run.pk]
    run.refresh_from_db()
    assert (run.status, run.finished_at) == (RunStatus.FAILED, None)


# --- any file at all ---------------------------------------------------------------

_KEYS = st.sampled_from("abcdef")
_FILES = st.lists(
    st.one_of(
        st.builds(article, st.sampled_from("xyz"), body=st.sampled_from(["一", "二"])),
        st.builds(
            comment,
            _KEYS,
            st.sampled_from("xyz"),
            parent=st.none() | _KEYS,
            body=st.sampled_from(["はい", "いいえ", ""]),
        ),
        st.just({"type": "comment"}),
    ),
    max_size=14,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=_FILES)
def test_counts_add_up_and_a_second_run_changes_nothing(site: Site, path: Path, rows: list[Row]) -> None:
    wipe()
    first = run_rows(path, site, rows)
    stored = {name: state()[name] for name in ("articles", "comments", "pending")}
    second = run_file(path, site)
    for run in (first, second):
        for counts in run.counts.values():
            settled = ("created", "updated", "unchanged", "problems")
            assert counts["read"] == sum(counts[name] for name in settled)
        refused = ImportProblem.objects.filter(run=run, refused=True)
        assert refused.count() == sum(counts["problems"] for counts in run.counts.values())
    assert sum(counts["read"] for counts in first.counts.values()) == len(rows)
    for kind, counts in second.counts.items():
        assert (counts["created"], counts["updated"]) == (0, 0)
        assert counts["problems"] == first.counts[kind]["problems"]
    assert {name: state()[name] for name in stored} == stored
    assert first.counts["comments"]["created"] == Comment.objects.count()
    tried = imports.preview(site, "elsewhere", source_of(path)).ledger.counts
    for kind, counts in tried.items():
        assert counts["problems"] == first.counts[kind]["problems"]
    wipe()


# --- many hands --------------------------------------------------------------------


def read_all(path: Path, site: Site) -> tuple[ImportRun, imports.Source]:
    """A run whose rows are read, and none of whose comments is stored."""
    source = source_of(path)
    run = imports.begin(site, "archive", source.wanted("enforce"))
    seen = Seen()
    for chunk in chunks.in_chunks(source.numbered()):
        run = reading.read(run, chunk, seen)
    return run, source


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=_FILES, order=st.randoms(use_true_random=False))
def test_chunks_may_be_stored_in_any_order(
    site: Site, path: Path, rows: list[Row], order: random.Random
) -> None:
    wipe()
    counts = run_rows(path, site, rows).counts
    in_order = state()
    wipe()
    run, source = read_all(path, site)
    numbers = list(run.chunks.values_list("number", flat=True))
    order.shuffle(numbers)
    for place, number in enumerate(numbers):
        ImportChunk.objects.filter(run=run, number=number).update(number=1000 + place)
    assert imports.execute(run, source).counts == counts
    assert state() == in_order
    wipe()


def test_ids_follow_the_order_of_the_source(site: Site, path: Path) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1") for n in range(9))]
    run, source = read_all(write(path, rows), site)
    ImportChunk.objects.filter(run=run, number=0).update(number=99)
    imports.execute(run, source)
    stored = Comment.objects.order_by("pk").values_list("external_id", flat=True)
    assert list(stored) == [f"c{n}" for n in range(9)]


def test_what_a_dead_reader_handed_on_is_stored_and_announced(site: Site, path: Path) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1") for n in range(9))]
    run, _ = read_all(write(path, rows), site)
    assert not Comment.objects.exists()
    assert imports.recover(timezone.now() + timedelta(minutes=3)) == [run.pk]
    assert Pending.objects.count() == 9
    assert figures(run_file(path, site)) == {"read": 9, "created": 9}


# --- asked by a person ----------------------------------------------------------------


def ask_after_first_chunk(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    asking = iter([asked])

    def told(run: ImportRun, rows: list[Any], seen: Seen) -> ImportRun:
        ImportRun.objects.filter(pk=run.pk, asked="").update(asked=next(asking, ""))
        return reading.read(run, rows, seen)

    monkeypatch.setattr(imports, "read", told)


def test_a_paused_run_goes_on_to_the_same_end(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = unruly_rows()
    counts = run_rows(path, site, rows).counts
    undisturbed = state()
    wipe()
    with monkeypatch.context() as patched:
        ask_after_first_chunk(patched, "pause")
        paused = run_file(path, site)
    assert (paused.status, paused.finished_at, paused.asked, paused.position) == ("paused", None, "", 3)
    assert not imports.store_next()
    assert imports.recover(timezone.now() + timedelta(hours=1)) == []
    resumed = run_file(path, site)
    assert (resumed.pk, resumed.status, resumed.counts) == (paused.pk, RunStatus.DONE, counts)
    assert state() == undisturbed


def test_what_a_paused_run_stored_does_not_wait_as_long_as_the_pause(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1") for n in range(8))]
    write(path, rows)
    with monkeypatch.context() as patched:
        ask_after_first_chunk(patched, "pause")
        paused = run_file(path, site)
    assert imports.recover(paused.heartbeat_at + timedelta(minutes=1)) == []
    assert not Pending.objects.exists()
    assert imports.recover(timezone.now() + timedelta(minutes=3)) == [paused.pk]
    assert Pending.objects.count() == Comment.objects.count() == 2
    assert imports.recover(timezone.now() + timedelta(hours=1)) == []
    assert ImportRun.objects.get().status == RunStatus.PAUSED
    assert figures(run_file(path, site)) == {"read": 8, "created": 8}
    assert Pending.objects.count() == 8


def test_of_a_cancelled_run_what_is_stored_stands(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [article("a1"), *(comment(f"c{n}", "a1") for n in range(20))]
    monkeypatch.setattr(imports, "MOST_WAITING", 1)
    asking = iter(["", "", "cancel"])

    def told(run: ImportRun, rows: list[Any], seen: Seen) -> ImportRun:
        ImportRun.objects.filter(pk=run.pk, asked="").update(asked=next(asking, ""))
        return reading.read(run, rows, seen)

    monkeypatch.setattr(imports, "read", told)
    run = run_rows(path, site, rows)
    assert (run.status, run.error, run.asked) == (RunStatus.CANCELLED, "", "")
    assert run.finished_at is not None
    # Of three chunks one was stored to make room; the others nobody had begun.
    assert figures(run) == {"read": 2, "created": 2}
    assert Pending.objects.count() == Comment.objects.count() == 2
    assert not ImportMark.objects.exists()
    monkeypatch.undo()
    again = run_file(path, site)
    assert figures(again) == {"read": 20, "created": 18, "unchanged": 2}


def test_a_row_that_somebody_else_has_stored_meanwhile(site: Site, path: Path) -> None:
    run = run_rows(path, site, [article("a1"), comment("c1", "a1")])
    stored = Comment.objects.get()
    drafts = [CommentDraft(body="対岸に渡る。", external_id=key, article="a1") for key in ("c1", "c2")]
    keys = new_keys(2)
    arrivals = [
        Arrival(draft, stored.article_id, comment_id=key) for draft, key in zip(drafts, keys, strict=True)
    ]
    origin = Origin(site.pk, "archive", live=False, import_run_id=run.pk)
    # Nothing is known of the first, as if it came between the look and the writing.
    first, second = receive(arrivals, origin, now=timezone.now())
    assert (first.comment_id, first.outcome) == (stored.pk, Outcome.UPDATED)
    assert (second.comment_id, second.outcome) == (keys[1], Outcome.CREATED)
    assert Comment.objects.count() == 2
