"""What a person typed is gone for good; the row, its place and its log stay."""

from datetime import timedelta
from io import StringIO
from ipaddress import IPv4Address
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.drafts import CommentDraft
from comments.erasing import erase
from comments.formats.base import Notice, Row
from comments.imports.ledger import Ledger
from comments.models import Article, Comment, ImportRun, ImportSource
from comments.services import Arrival, Origin, Outcome, Received, edit, receive
from moderation.models import Case, Decision, Evidence, Finding, Pending, Quote, Retrace
from moderation.services import Wanted, decide, retrace, screen, undo
from tests import world
from tests.world import NOON, send, stored

SECRET = "私の本名は霧島で、勤め先は駅裏の工場です。"
# Every column that can hold a text, of every table that is ours.
_TEXTS = """
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'r' AND (c.relname LIKE 'comments_%%' OR c.relname LIKE 'moderation_%%')
  AND a.attnum > 0 AND NOT a.attisdropped AND t.typname IN ('text', 'varchar', 'jsonb', 'inet', '_text')
  AND %s = 1
"""


def places_of(word: str) -> list[str]:
    """Where in the database a word stands."""
    return [
        f"{table}.{column}"
        for table, column in bulk.fetch(_TEXTS, [1])
        if bulk.fetch(f'SELECT 1 FROM {table} WHERE "{column}"::text LIKE %s LIMIT 1', [f"%{word}%"])
    ]


@pytest.fixture
def told(article: Article) -> Received:
    """A comment full of personal data, edited once, stopped, noted on, published and quoted."""
    world.make_rule("quotes", params={"least": 1, "tell": ["missing", "altered"]}, action="hold")
    draft = CommentDraft(
        body=f"{SECRET}\n> 霧島は悪くない、と皆が言っています。",
        external_id="c-1",
        author_name="霧島",
        author_email="kirishima@example.jp",
        author_url="https://kirishima.example/",
        author_id="reader-霧島",
        ip=IPv4Address("192.0.2.77"),
        user_agent="霧島のブラウザ",
    )
    (sent,) = receive([Arrival(draft, article.pk)], Origin(article.site_id), now=NOON)
    screen(now=lambda: NOON)
    edit(stored(sent), f"{draft.body}\n霧島より", now=NOON)
    screen(now=lambda: NOON)
    case = Case.objects.get(comment=sent.comment_id)
    wanted = Wanted(case.pk, "publish", stored(sent).version, note="霧島さんに電話で確かめた。")
    decide([wanted], by=world.make_member(article.site), now=NOON)
    return sent


def test_nothing_that_was_typed_is_left_anywhere(told: Received) -> None:
    assert {"comments_comment.body", "comments_commentrevision.body", "moderation_evidence.text"} <= set(
        places_of("霧島")
    )
    assert erase([told.comment_id], now=NOON) == 1
    assert [places_of(word) for word in ("霧島", "kirishima", "192.0.2.77")] == [[], [], []]


def test_the_row_its_place_and_its_log_stay(told: Received, article: Article) -> None:
    before = stored(told)
    version = Article.objects.get(pk=article.pk).sources_version
    decisions, findings = Decision.objects.count(), Finding.objects.count()
    erase([told.comment_id], now=NOON)
    after = stored(told)
    assert (after.public_id, after.number, after.posted_at, after.external_id) == (
        before.public_id,
        before.number,
        before.posted_at,
        "c-1",
    )
    assert (after.status, after.erased_at, after.revision) == ("rejected", NOON, before.revision + 1)
    assert (Decision.objects.count(), Finding.objects.count()) == (decisions + 1, findings)
    newest = Decision.objects.latest("pk")
    assert (newest.cause, newest.from_status, newest.to_status) == ("erased", "published", "rejected")
    assert Article.objects.get(pk=article.pk).sources_version == version + 1
    assert not Evidence.objects.exists()
    assert not Quote.objects.exists()


def test_a_second_time_changes_nothing(told: Received) -> None:
    erase([told.comment_id], now=NOON)
    version = stored(told).version
    assert erase([told.comment_id], now=NOON + timedelta(days=1)) == 0
    assert (stored(told).version, stored(told).erased_at) == (version, NOON)


@pytest.mark.parametrize("live", [True, False], ids=["the API", "an import"])
def test_the_same_row_again_brings_nothing_back(told: Received, article: Article, live: bool) -> None:
    erase([told.comment_id], now=NOON)
    draft = CommentDraft(body=SECRET, external_id="c-1", author_name="霧島")
    (again,) = receive([Arrival(draft, article.pk)], Origin(article.site_id, live=live), now=NOON)
    assert (again.outcome, again.status) == (Outcome.UNCHANGED, "rejected")
    assert places_of("霧島") == []
    with pytest.raises(ValueError, match="was erased"):
        edit(stored(told), SECRET, now=NOON)


def test_nobody_publishes_it_again(told: Received, article: Article) -> None:
    decision = Decision.objects.filter(by__isnull=False).latest("pk")
    erase([told.comment_id], now=NOON)
    assert decision.by
    assert undo(decision.pk, by=decision.by, now=NOON).outcome == "stale"
    Pending.objects.create(comment_id=told.comment_id, lane=2)
    screen()
    assert stored(told).status == "rejected"
    assert not Pending.objects.exists()


@pytest.mark.parametrize("edited", [False, True])
def test_the_notice_of_a_guess_lets_go_of_the_text(article: Article, edited: bool) -> None:
    source = ImportSource.objects.create(site=article.site, slug="old-pages")
    run = ImportRun.objects.create(source=source, path="page.txt", format="page", policy="enforce")
    long = SECRET * 200
    drafts = [CommentDraft(body=text, external_id=f"c-{len(text)}") for text in (long, "駅前は便利です。")]
    origin = Origin(article.site_id, source="old-pages", live=False, import_run_id=run.pk)
    mine, _ = receive([Arrival(draft, article.pk) for draft in drafts], origin, now=NOON)
    ledger, guess = Ledger(), Notice("guessed-split", "It was guessed.")
    for draft in drafts:
        ledger.remark(2, Row(place="line 3", draft=draft, notices=(guess,)))
    ledger.write(run.pk)
    if edited:
        edit(stored(mine), "改めました。", now=NOON)
    assert "comments_importproblem.raw" in places_of("霧島")
    erase([mine.comment_id], now=NOON)
    assert places_of("霧島") == []
    assert sorted(run.problems.values_list("raw", flat=True)) == ["", "駅前は便利です。"]


def test_what_waits_is_withdrawn(article: Article) -> None:
    article.site.floor = "hold_all"
    article.site.save()
    held = send(article, SECRET)
    screen()
    waiting = send(article, SECRET, now=NOON + timedelta(minutes=1))
    erase([held.comment_id, waiting.comment_id], now=NOON)
    assert not Pending.objects.exists()
    assert not Case.objects.filter(closed_at=None).exists()
    assert Case.objects.get().closed_why == "erased"
    assert {stored(held).status, stored(waiting).status} == {"rejected"}


def test_who_quoted_it_becomes_a_case(article: Article) -> None:
    world.make_rule("quotes")
    source = send(article, SECRET)
    quoting = send(article, f"> {SECRET}\n\nお大事に。", now=NOON + timedelta(minutes=1))
    screen()
    erase([source.comment_id], now=NOON)
    retrace()
    quote = Quote.objects.get(comment=quoting.comment_id)
    assert (quote.verdict, quote.source_comment_id) == ("missing", None)
    case = Case.objects.get(comment=quoting.comment_id)
    assert (case.severity, [cause.kind for cause in case.causes.all()]) == (1, ["quote-erased"])
    assert not Retrace.objects.exists()


def test_queries_do_not_grow_with_the_batch(article: Article) -> None:
    def count(number: int) -> int:
        keys = [send(article, f"{at}番目の文。").comment_id for at in range(number)]
        with CaptureQueriesContext(connection) as captured:
            assert erase(keys, now=NOON) == number
        return len(captured)

    assert count(2) == count(30)


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("erase_comments", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize(
    ("arguments", "erased"),
    [
        (["--email", "Reader@Example.com"], ["a", "b"]),
        (["--author-id", "r9"], ["c"]),
        (["--email", "reader@example.com", "--author-id", "r9"], ["a", "b", "c"]),
        (["--email", "nobody@example.com"], []),
    ],
)
def test_the_command_finds_a_persons_comments(
    article: Article, arguments: list[str], erased: list[str]
) -> None:
    people: dict[str, dict[str, Any]] = {
        "a": {"author_email": "reader@example.com"},
        "b": {"author_email": "reader@example.com", "author_id": "r1"},
        "c": {"author_email": "x@example.com", "author_id": "r9"},
        "d": {"author_email": "other@example.com"},
    }
    sent = {name: send(article, f"{name}の文。", **fields) for name, fields in people.items()}
    elsewhere = world.make_article(world.make_site("yosomachi"))
    send(elsewhere, "よそのサイトの文。", author_email="reader@example.com")
    assert f"would be erased: {len(erased)}." in run("--site", "asagiri", *arguments, "--dry-run")
    assert not Comment.objects.exclude(erased_at=None).exists()
    assert f"erased: {len(erased)}." in run("--site", "asagiri", *arguments)
    gone = set(Comment.objects.exclude(erased_at=None).values_list("pk", flat=True))
    assert gone == {sent[name].comment_id for name in erased}


def test_the_command_takes_ids_and_says_what_is_missing(article: Article) -> None:
    sent = send(article, SECRET)
    assert "erased: 1." in run("--site", "asagiri", "--id", str(sent.public_id))
    with pytest.raises(CommandError, match="Known are: asagiri"):
        run("--site", "asagir", "--email", "x@example.com")
    with pytest.raises(CommandError, match="--id, --email or --author-id"):
        run("--site", "asagiri")
