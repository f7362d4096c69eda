"""The index of sources that a worker keeps: never stale, never without bound."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.drafts import CommentDraft
from comments.models import Article, ImportRun, ImportSource
from comments.services import Arrival, Origin, edit, receive
from moderation.quotes import Verdict, find, trace
from moderation.sources import SourceCache
from tests import world
from tests.world import NOON, send

TEXT = "堤防の高さが足りないと聞きました。"


def version_of(article: Article) -> int:
    return Article.objects.values_list("sources_version", flat=True).get(pk=article.pk)


def verdict(cache: SourceCache, article: Article, text: str = TEXT) -> Verdict:
    """What becomes of a quote of `text` by the index that the cache gives."""
    index = cache.get({article.pk: version_of(article)})[article.pk]
    (quoted,) = find(f"> {text}\nそうですか。")
    return trace(quoted, index).verdict


def test_comments_that_came_since_are_appended(article: Article) -> None:
    cache = SourceCache()
    send(article, "最初の書き込みです。")
    assert verdict(cache, article) == "missing"
    send(article, TEXT, now=NOON + timedelta(minutes=1))
    assert verdict(cache, article) == "verbatim"


def test_an_edit_is_seen(article: Article) -> None:
    cache = SourceCache()
    comment = world.stored(send(article, TEXT))
    assert verdict(cache, article) == "verbatim"
    edit(comment, "やはり取り消します。", now=NOON)
    assert verdict(cache, article) == "missing"


def test_a_late_arrival_is_seen(article: Article) -> None:
    cache = SourceCache()
    send(article, "昼過ぎの書き込みです。", now=NOON + timedelta(hours=3))
    assert verdict(cache, article) == "missing"
    send(article, TEXT, now=NOON)
    assert verdict(cache, article) == "verbatim"


def test_a_comment_committed_after_a_later_one_is_seen(article: Article) -> None:
    """Two stored at once: neither saw the other, so the version did not rise."""
    cache = SourceCache()
    send(article, "後の時刻で先に見えた書き込み。", now=NOON + timedelta(minutes=2))
    assert verdict(cache, article) == "missing"
    known = version_of(article)
    send(article, TEXT, now=NOON)
    Article.objects.filter(pk=article.pk).update(sources_version=known)
    assert verdict(cache, article) == "verbatim"


def test_an_import_always_raises_the_version(article: Article) -> None:
    source = ImportSource.objects.create(site=article.site, slug="archive")
    run = ImportRun.objects.create(source=source, path="a.jsonl", format="jsonl", policy="enforce")
    before = version_of(article)
    draft = CommentDraft(body=TEXT, external_id="c1", posted_at=NOON)
    origin = Origin(article.site_id, "archive", live=False, import_run_id=run.pk)
    receive([Arrival(draft, article.pk)], origin, now=NOON)
    assert version_of(article) == before + 1


def test_a_settled_article_costs_one_query(article: Article) -> None:
    cache = SourceCache()
    world.send_many(article, [f"{at}番目の書き込みです。" for at in range(30)])
    verdict(cache, article)
    with CaptureQueriesContext(connection) as captured:
        cache.get({article.pk: version_of(article)})
    assert len(captured) == 2  # the version, and the count


@pytest.mark.parametrize(("bound", "kept"), [(10, 1), (1_000_000, 2)])
def test_what_was_used_longest_ago_is_let_go(article: Article, bound: int, kept: int) -> None:
    other = world.make_article(article.site)
    cache = SourceCache(bound)
    for each in (article, other):
        cache.get({each.pk: version_of(each)})
    with CaptureQueriesContext(connection) as captured:
        cache.get({article.pk: version_of(article)})
    assert len(captured) == (2 if kept == 2 else 3)


def test_an_index_that_could_not_be_filled_is_not_kept(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(article, "一つ目のコメントです。")
    cache, real, failures = SourceCache(), bulk.fetch, [OperationalError("the server closed the connection")]

    def fetch(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        if failures:
            raise failures.pop()
        return real(sql, params)

    monkeypatch.setattr(bulk, "fetch", fetch)
    with pytest.raises(OperationalError):
        cache.get({article.pk: 1})
    # Title and body of the article, and the comment.
    assert len(cache.get({article.pk: 1})[article.pk]) == 3


@pytest.mark.django_db(transaction=True)
def test_a_comment_that_is_committed_while_the_index_looks_hides_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two more comments: one older than what is in, and a newest one between two queries."""
    article = world.make_article(world.make_site())
    send(article, "中ほど。", now=NOON + timedelta(minutes=2))
    cache = SourceCache()
    cache.get({article.pk: 1})
    send(article, "後から来た古いもの。", now=NOON + timedelta(minutes=1))
    real, arrivals = bulk.fetch, [NOON + timedelta(minutes=3)]

    def fetch(sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        rows = real(sql, params)
        if arrivals:
            elsewhere(lambda: send(article, "最新。", now=arrivals.pop()))
        return rows

    monkeypatch.setattr(bulk, "fetch", fetch)
    index = cache.get({article.pk: 1})[article.pk]
    assert index.holders("後から来た古いもの", parent=None, before=None)


def elsewhere(work: Callable[[], object]) -> None:
    """Do `work` on another connection, and wait for it."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
