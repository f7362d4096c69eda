"""Quotes are kept true: traced again when their sources change."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from psycopg import errors

from comments.articles import put_article
from comments.drafts import ArticleDraft, CommentDraft
from comments.models import Article
from comments.services import Arrival, Origin, Received, edit, receive
from moderation import doorbell, tasks
from moderation.models import Case, Decision, Lane, Pending, Quote, Retrace
from moderation.quotes import Traced
from moderation.quotes import trace_blocks as trace_quotes_of_blocks
from moderation.services import Wanted, decide, retrace, retracing, screen, undo
from moderation.services.retracing import Retraced
from tests import world
from tests.world import NOON, send, stored

SOURCE = "堤防の高さが足りないと前から言われていました。"
QUOTING = f"> {SOURCE}\n\n私もそう聞きました。"


@pytest.fixture(autouse=True)
def rules(db: None) -> None:
    world.make_rule("quotes", slug="quote-missing", severity=1)


def verdicts(comment: Received) -> list[str]:
    return list(Quote.objects.filter(comment=comment.comment_id).values_list("verdict", flat=True))


def quoted(article: Article) -> tuple[Received, Received]:
    """A comment and one that quotes it, both published."""
    source = send(article, SOURCE, author_email="s@example.com")
    quoting = send(article, QUOTING, now=NOON + timedelta(minutes=5))
    screen(now=lambda: NOON)
    return source, quoting


def reject(article: Article, comment: Received) -> int:
    """Reject a published comment, as a person does by a case; the decision."""
    mori = article.site.memberships.first()
    person = mori.user if mori else world.make_member(article.site)
    case = Case.objects.create(
        comment_id=comment.comment_id, site=article.site, severity=2, opened_at=NOON, due_at=NOON
    )
    wanted = Wanted(case.pk, "reject", stored(comment).version, reason_id=world.make_reason().pk)
    (result,) = decide([wanted], by=person, now=NOON)
    assert result.decision_id
    return result.decision_id


def open_case(comment: Received) -> Case | None:
    return Case.objects.filter(comment=comment.comment_id, closed_at=None).first()


def causes(case: Case | None) -> list[str]:
    assert case is not None
    return sorted(case.causes.values_list("kind", flat=True))


def test_a_quote_whose_source_is_rejected_is_hidden_and_a_case_of_low_severity(article: Article) -> None:
    source, quoting = quoted(article)
    assert verdicts(quoting) == ["verbatim"]
    version = stored(quoting).version
    reject(article, source)
    assert retrace(now=lambda: NOON) == Retraced(changes=1, traced=1, changed=1)
    assert verdicts(quoting) == ["hidden"]
    case = open_case(quoting)
    assert case is not None
    assert (case.severity, case.due_at, causes(case)) == (1, NOON + timedelta(days=3), ["quote-hidden"])
    # Nobody un-publishes it, and who has it before him is told that it changed.
    assert (stored(quoting).status, stored(quoting).version) == ("published", version + 1)
    assert Decision.objects.filter(comment=quoting.comment_id).count() == 1
    assert not Retrace.objects.exists()


def test_a_source_that_is_shown_again_closes_the_case_with_a_record(article: Article) -> None:
    source, quoting = quoted(article)
    decision = reject(article, source)
    retrace()
    undo(decision, by=article.site.memberships.get().user, now=NOON)
    retrace(now=lambda: NOON + timedelta(hours=1))
    assert verdicts(quoting) == ["verbatim"]
    case = Case.objects.get(comment=quoting.comment_id)
    assert (case.closed_at, case.closed_by, case.closed_why) == (
        NOON + timedelta(hours=1),
        None,
        "quotes-found",
    )


def test_the_same_news_is_told_once(article: Article) -> None:
    source, quoting = quoted(article)
    reject(article, source)
    retrace()
    Retrace.objects.create(article=article, source_id=source.comment_id)
    assert retrace() == Retraced(changes=1, traced=1, changed=0)
    assert causes(open_case(quoting)) == ["quote-hidden"]


def test_what_was_quoted_before_its_author_changed_it_is_stale_and_no_case(article: Article) -> None:
    source, quoting = quoted(article)
    edit(stored(source), "別のことを書きます。", now=NOON)
    retrace()
    quote = Quote.objects.get(comment=quoting.comment_id)
    assert (quote.verdict, quote.source_comment_id, quote.source_revision) == ("stale", source.comment_id, 1)
    assert open_case(quoting) is None
    # And stays so, however often it is looked at.
    Retrace.objects.create(article=article, unsettled=True)
    assert retrace().changed == 0
    reject(article, source)
    retrace()
    assert verdicts(quoting) == ["hidden"]
    edit(stored(source), SOURCE, now=NOON)
    screen()
    retrace()


def arrive_late(article: Article) -> Received:
    """The source, written before all others, is brought in by an import and judged."""
    draft = CommentDraft(body=SOURCE, external_id="c1", posted_at=NOON, author_name="古い人")
    origin = Origin(article.site_id, "archive", live=False)
    (source,) = receive([Arrival(draft, article.pk)], origin, now=NOON + timedelta(hours=3))
    Pending.objects.create(comment_id=source.comment_id, lane=Lane.IMPORT)
    screen(now=lambda: NOON + timedelta(hours=3))
    return source


def test_a_late_arrival_brings_the_source_and_closes_what_was_only_about_that(article: Article) -> None:
    quoting = send(article, QUOTING, now=NOON + timedelta(hours=2))
    screen(now=lambda: NOON + timedelta(hours=2))
    assert verdicts(quoting) == ["missing"]
    assert open_case(quoting) is not None
    source = arrive_late(article)
    retrace(now=lambda: NOON + timedelta(hours=3))
    assert verdicts(quoting) == ["verbatim"]
    assert Case.objects.get(comment=quoting.comment_id).closed_why == "quotes-found"
    reply = stored(quoting)
    assert (reply.parent_id, reply.parent_how, reply.parent_sure) == (source.comment_id, "quote", 90)


def test_a_new_comment_makes_nobody_look_again_at_quotes_of_earlier_ones(article: Article) -> None:
    send(article, QUOTING)
    screen()
    send(article, SOURCE, now=NOON + timedelta(minutes=1))
    screen()
    assert not Retrace.objects.exists()


@pytest.mark.parametrize("keeps", ["another cause", "held"])
def test_a_case_stays_open_that_is_about_more_or_holds_the_comment(article: Article, keeps: str) -> None:
    if keeps == "held":
        world.make_rule("quotes", slug="quote-strict", action="hold")
    else:
        world.make_rule("links", params={"most": 0})
    quoting = send(article, f"{QUOTING}\nhttps://example.com/", now=NOON + timedelta(hours=2))
    screen(now=lambda: NOON + timedelta(hours=2))
    arrive_late(article)
    retrace()
    assert verdicts(quoting) == ["verbatim"]
    assert open_case(quoting) is not None


def test_an_article_with_another_text_has_its_quotes_looked_at(article: Article) -> None:
    of_article = send(article, "> 費用は百二十億円に上る。\n高い。")
    send(article, "> 誰も書いていない一文を引きました。\n本当？", now=NOON + timedelta(minutes=1))
    send(article, SOURCE, now=NOON + timedelta(minutes=2))
    send(article, QUOTING, now=NOON + timedelta(minutes=3))
    screen()
    draft = ArticleDraft(external_id=article.external_id or "", title=article.title, body="改めた本文。")
    put_article(draft, article.site)
    # That of a comment is not concerned.
    assert retrace().traced == 2
    assert verdicts(of_article) in (["stale"], ["verbatim"])


def test_a_quote_of_an_edited_text_waits_for_its_judgement(article: Article) -> None:
    source, quoting = quoted(article)
    edit(stored(quoting), f"> {SOURCE}\n言い直します。", now=NOON)
    reject(article, source)
    assert retrace().traced == 0
    screen()
    assert verdicts(quoting) == ["hidden"]


PLACES = ("川上の橋", "駅前の広場", "市民会館", "東の小学校", "魚市場", "港の灯台", "古い水車", "北の踏切")


def sentence(at: int) -> str:
    """Sentences that nobody takes for one another, so that no quote holds another's passage."""
    return f"{PLACES[at % 8]}から見た夕日は{at + 3}年前の{at % 12 + 1}月に取り壊された壁の向こうでした。"


def many(article: Article, count: int) -> list[Received]:
    """So many comments that quote one, each another sentence of it, and that one rejected."""
    source = send(article, "\n".join(sentence(at) for at in range(count)))
    quoting = [
        send(
            article,
            f"> {sentence(at)}\n\n{at}人目です。",
            now=NOON + timedelta(minutes=at + 1),
            author_email=f"{at}@example.jp",
        )
        for at in range(count)
    ]
    screen()
    reject(article, source)
    return quoting


def test_an_article_is_done_chunk_by_chunk(article: Article) -> None:
    quoting = many(article, 5)
    done = []
    while (each := retrace(2)).changes:
        done.append(each.traced)
    assert done == [2, 2, 1]
    assert [verdicts(each) for each in quoting] == [["hidden"]] * 5


def test_time_that_is_up_leaves_the_rest_for_the_next(
    article: Article, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    quoting, seconds, rings = many(article, 3), iter(range(100)), []
    monkeypatch.setattr(retracing, "monotonic", lambda: next(seconds))
    with django_capture_on_commit_callbacks(execute=True):
        assert retrace(on_full=lambda: rings.append(1)).traced == 2
    assert rings == [1]
    assert [verdicts(each) for each in quoting] == [["hidden"], ["hidden"], ["verbatim"]]
    retrace()
    assert verdicts(quoting[2]) == ["hidden"]


def count_queries(article: Article, comments: int) -> int:
    many(article, comments)
    with CaptureQueriesContext(connection) as captured:
        assert retrace().changed == comments
    return len(captured)


def test_queries_do_not_grow_with_the_chunk(article: Article) -> None:
    assert count_queries(world.make_article(article.site), 30) == count_queries(article, 2)


def test_a_comment_on_which_it_fails_holds_up_nobody_else(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoting = many(article, 3)

    def trace_blocks(*args: Any, before: Any, **options: Any) -> tuple[Traced, ...]:
        if before[1] == quoting[1].comment_id:
            raise RuntimeError("broken on purpose")
        return trace_quotes_of_blocks(*args, before=before, **options)

    monkeypatch.setattr("moderation.tracing.trace_blocks", trace_blocks)
    while retrace() != Retraced():
        pass
    while Retrace.objects.exists():
        retrace()
    assert [verdicts(each) for each in quoting] == [["hidden"], ["verbatim"], ["hidden"]]


@pytest.mark.parametrize("where", ["trace_rows", "write", "open_news", "_settle", "note_overtaken"])
def test_a_worker_that_dies_loses_nothing(
    article: Article, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    quoting = many(article, 2)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retracing, where, die)
        with pytest.raises(KeyboardInterrupt):
            retrace()
    assert [verdicts(each) for each in quoting] == [["verbatim"]] * 2
    retrace()
    assert [verdicts(each) for each in quoting] == [["hidden"]] * 2


def test_an_error_that_passes_leaves_the_changes_for_the_next_look(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoting = many(article, 1)

    def fail(rows: Sequence[object]) -> None:
        raise OperationalError("on purpose") from errors.lookup("40P01")("on purpose")

    with monkeypatch.context() as patched:
        patched.setattr(retracing, "trace_rows", fail)
        with pytest.raises(OperationalError):
            retrace()
    retrace()
    assert verdicts(quoting[0]) == ["hidden"]


def test_it_reads_by_index(article: Article) -> None:
    many(article, 3)
    sql = "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
    tables = ["comments_comment", "moderation_quote", "moderation_case"]

    def scans() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [tables])
            return sorted(cursor.fetchall())

    with connection.cursor() as cursor:
        # A table of one page is read as quickly whole: asked is whether there is an index for each look.
        # Statements that other tests prepared may have plans already.
        cursor.execute("SET LOCAL enable_seqscan = off; DISCARD PLANS")
    before = scans()
    assert retrace().changed == 3
    assert scans() == before


def test_who_quotes_a_comment_is_asked_of_the_quotes(article: Article) -> None:
    source, quoting = quoted(article)
    again = send(article, f"{QUOTING}\n二人目。", now=NOON + timedelta(minutes=9))
    screen()
    edit(stored(quoting), "引用をやめました。", now=NOON)
    rows = Quote.objects.quoting(stored(source))
    assert [row.comment_id for row in rows] == [again.comment_id]
    assert list(Quote.objects.visible_to(world.make_member(world.make_site("yoso"), "yoso"))) == []


def test_beat_finds_what_no_ring_told_of(article: Article) -> None:
    source, quoting = quoted(article)
    reject(article, source)
    assert settings.CELERY_BEAT_SCHEDULE["sweep-quotes"]["task"] == tasks.sweep_quotes.name
    tasks.sweep_quotes()
    assert verdicts(quoting) == ["hidden"]


def test_a_change_rings_once_it_is_committed(
    article: Article, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    source, _ = quoted(article)
    rings: list[int] = []
    monkeypatch.setattr(doorbell, "ring_for_quotes", lambda: rings.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        reject(article, source)
        assert rings == []
    assert rings == [1]
