"""The index of sources that a worker keeps: never stale, never without bound."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.articles import put_article
from comments.drafts import ArticleDraft, CommentDraft
from comments.models import Article, ArticleRevision, Comment, ImportRun, ImportSource
from comments.services import Arrival, Origin, edit, receive
from moderation import sources
from moderation.quotes import Source, Sources, Verdict, find, trace
from moderation.quotes.sight import Asker
from moderation.services import screen
from moderation.sources import BYTES_A_COMMENT, SourceCache
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
    (held,) = index.holders("後から来た古いもの", Asker())
    assert held.source.text == "後から来た古いもの。"


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


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[[Article], list[Source]]:
    """What a new cache puts into the index of an article."""
    seen: list[Source] = []
    real = Sources.extend

    def extend(self: Sources, sources: Iterable[Source]) -> None:
        given = list(sources)
        seen.extend(given)
        real(self, given)

    def load(article: Article) -> list[Source]:
        seen.clear()
        SourceCache().get({article.pk: version_of(article)})
        return list(seen)

    monkeypatch.setattr(Sources, "extend", extend)
    return load


def test_a_comment_comes_with_its_number_and_author_and_whether_it_was_rejected(
    article: Article, loaded: Callable[[Article], list[Source]]
) -> None:
    """A number that is not there yet is the one that it will get."""
    first, second, third = world.send_many(article, ["一つ目。", "二つ目。", "三つ目。"])
    numbered = Comment.objects.filter(pk=first.comment_id)
    numbered.update(number=41, author_name="松田", status="published")
    Comment.objects.filter(pk=second.comment_id).update(status="rejected")
    Comment.objects.filter(pk=third.comment_id).update(status="held")
    comments = [each for each in loaded(article) if each.is_comment]
    assert [(each.number, each.author, each.hidden) for each in comments] == [
        (41, "松田", False),
        (42, "渡し守", True),
        (43, "渡し守", False),
    ]


def test_a_foreseen_number_is_the_one_that_screening_gives(
    article: Article, loaded: Callable[[Article], list[Source]]
) -> None:
    world.make_rule("required_name")
    received = world.send_many(article, ["一つ目。", "二つ目。"])
    screen()
    received.append(send(article, "三つ目。", now=NOON + timedelta(hours=1)))
    foreseen = {each.id: each.number for each in loaded(article) if each.is_comment}
    screen()
    assert foreseen == {each.comment_id: world.stored(each).number for each in received}


def test_a_text_of_the_article_comes_with_the_time_that_it_was_up(
    article: Article, loaded: Callable[[Article], list[Source]]
) -> None:
    """The third revision leaves the body of the second as it was."""
    first, second, third = (NOON + timedelta(days=day) for day in range(3))
    same: dict[str, Any] = {"external_id": article.external_id, "url": article.url}
    put_article(ArticleDraft(**same, title="港の再開発", body="市は計画を見直す。"), article.site)
    put_article(ArticleDraft(**same, title="港の再開発、見直し", body="市は計画を見直す。"), article.site)
    for number, at in enumerate((first, second, third), start=1):
        ArticleRevision.objects.filter(article=article, number=number).update(created_at=at)
    keys = dict(ArticleRevision.objects.filter(article=article).values_list("number", "pk"))
    texts = [(each.field, each.revision, each.posted_at, each.until) for each in loaded(article)]
    assert sorted(texts, key=lambda text: text[:2]) == [
        ("body", keys[1], None, second),
        ("body", keys[3], second, None),
        ("title", keys[2], None, third),
        ("title", keys[3], third, None),
    ]


def test_articles_come_in_slices_that_fit_into_the_bound(article: Article) -> None:
    articles = [article, *(world.make_article(article.site) for _ in range(4))]
    for each in articles:
        world.send_many(each, ["短い一言。"] * 3)
    size = 3 * BYTES_A_COMMENT
    cache = SourceCache(2 * size)
    slices = list(cache.slices({each.pk: version_of(each) for each in articles}))
    assert [list(each) for each in slices] == [
        [articles[0].pk, articles[1].pk],
        [articles[2].pk, articles[3].pk],
        [articles[4].pk],
    ]
    assert len(SourceCache(1).get({article.pk: version_of(article)})) == 1


def test_articles_in_turn_that_just_do_not_fit_are_not_all_built_anew(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [article, *(world.make_article(article.site) for _ in range(7))]
    for each in articles:
        send(each, "同じ長さの書き込み。")
    versions = {each.pk: version_of(each) for each in articles}
    one = SourceCache()
    one.get({article.pk: version_of(article)})
    cache = SourceCache(7 * one._kept[article.pk].bytes)
    built: list[int] = []
    real = sources._articles

    def note(keys: Sequence[int]) -> dict[int, list[Source]]:
        built.extend(keys)
        return real(keys)

    monkeypatch.setattr(sources, "_articles", note)
    for _ in range(10):
        for key, version in versions.items():
            cache.get({key: version})
    # Were the one used longest ago let go each time, it would be eighty.
    assert 8 < len(built) < 40
