"""Articles: the only writer of them, a batch at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from comments import bulk
from comments.drafts import ArticleDraft
from comments.models import Article, ArticleURL, Floor, Site
from comments.services import Outcome
from comments.signals import Change, changed
from comments.statuses import touch_sources


class Disagreement(Exception):
    """A draft's id and its URL name two different articles."""

    def __init__(self, draft: ArticleDraft, by_id: Article, by_url: Article) -> None:
        super().__init__(
            f"the id {draft.external_id!r} is that of article {by_id.pk}, "
            f"but the url {draft.url!r} is that of article {by_url.pk}."
            if by_id.pk
            else f"the url {draft.url!r} is that of article {by_url.pk}, "
            f"whose id is {by_url.external_id!r} and not {draft.external_id!r}."
        )
        self.draft = draft


@dataclass(frozen=True, slots=True)
class Put:
    """The article that a draft became, or changed."""

    article: Article
    outcome: Outcome


Found = Article | Disagreement | None


def put_article(draft: ArticleDraft, site: Site) -> Put:
    """Create or update one article. Raises `Disagreement`.

    An article is known by its id at the source or by any URL it has had.
    A changed title or body makes a revision.
    """
    put = put_articles([draft], site)[0]
    if isinstance(put, Disagreement):
        raise put
    return put


def put_articles(drafts: Sequence[ArticleDraft], site: Site) -> list[Put | Disagreement]:
    """As `put_article`, for each of a batch; a disagreement ends no batch.

    A constant number of queries, times the number of drafts that name one
    article: each of those sees what the one before it made.
    """
    results: list[Put | Disagreement] = []
    for batch in _without_repeats(drafts):
        try:
            with transaction.atomic():
                results += _put(batch, site)
        except IntegrityError:
            # Somebody else created one between our look and our insert: it is there now.
            with transaction.atomic():
                results += _put(batch, site)
    return results


def _without_repeats(drafts: Sequence[ArticleDraft]) -> list[list[ArticleDraft]]:
    batches: list[list[ArticleDraft]] = []
    keys: set[tuple[str, str]] = set()
    for draft in drafts:
        named = names(draft)
        if not batches or named & keys:
            batches.append([])
            keys = set()
        batches[-1].append(draft)
        keys |= named
    return batches


def names(draft: ArticleDraft) -> set[tuple[str, str]]:
    """By what an article can be known: its id, its URL."""
    return {(kind, name) for kind, name in (("id", draft.external_id), ("url", draft.url)) if name}


def find_articles(drafts: Sequence[ArticleDraft], site: Site, *, lock: bool = False) -> list[Found]:
    """The articles that drafts name, or how one's id and URL disagree: two queries."""
    ids = {draft.external_id for draft in drafts if draft.external_id}
    by_url = dict(
        ArticleURL.objects.filter(
            site=site, url__in={draft.url for draft in drafts if draft.url}
        ).values_list("url", "article_id")
    )
    articles = Article.objects.filter(Q(pk__in=set(by_url.values())) | Q(external_id__in=ids), site=site)
    if lock:
        articles = articles.select_for_update(no_key=True)
    by_key = {article.pk: article for article in articles.order_by("pk")}
    by_id = {article.external_id: article for article in by_key.values()}
    return [
        _agreed(draft, by_id.get(draft.external_id or "\0"), by_key.get(by_url.get(draft.url, 0)))
        for draft in drafts
    ]


def _agreed(draft: ArticleDraft, by_id: Article | None, by_url: Article | None) -> Found:
    if by_id and by_url and by_id != by_url:
        return Disagreement(draft, by_id, by_url)
    if by_url and not by_id and draft.external_id and by_url.external_id not in {None, draft.external_id}:
        return Disagreement(draft, Article(pk=None, external_id=draft.external_id), by_url)
    return by_id or by_url


def _put(drafts: Sequence[ArticleDraft], site: Site) -> list[Put | Disagreement]:
    found = find_articles(drafts, site, lock=True)
    new = [draft for draft, article in zip(drafts, found, strict=True) if article is None]
    created = iter(_create(new, site))
    puts: list[Put | Disagreement] = []
    changes = _Changes()
    for draft, article in zip(drafts, found, strict=True):
        if isinstance(article, Disagreement):
            puts.append(article)
        elif article is None:
            puts.append(Put(next(created), Outcome.CREATED))
        else:
            differs = changes.add(article, differences(article, draft))
            puts.append(Put(article, Outcome.UPDATED if differs else Outcome.UNCHANGED))
    changes.write()
    return puts


_COLUMNS = {
    "external_id": "text",
    "url": "text",
    "title": "text",
    "body": "text",
    "source": "text",
    "related": "jsonb",
    "credit": "text",
    "published_at": "timestamptz",
    "floor": "text",
    "revision": "int",
}
_REVISION_COLUMNS = {"article_id": "bigint", "number": "int", "title": "text", "body": "text"}
_URL_COLUMNS = {"site_id": "bigint", "article_id": "bigint", "url": "text"}


def _create(drafts: Sequence[ArticleDraft], site: Site) -> list[Article]:
    articles = [
        Article(
            site=site,
            external_id=draft.external_id or None,
            url=draft.url,
            title=draft.title,
            body=draft.body,
            source=draft.source,
            related=list(draft.related),
            credit=draft.credit,
            published_at=draft.published_at,
            floor=Floor.CLOSED if draft.closed else "",
        )
        for draft in drafts
    ]
    rows = [(site.pk, *_values(article)) for article in articles]
    keys = bulk.insert("comments_article", {"site_id": "bigint", **_COLUMNS}, rows)
    for article, (key,) in zip(articles, keys, strict=True):
        article.pk = key
    revisions = [(article.pk, 1, article.title, article.body) for article in articles]
    bulk.insert("comments_articlerevision", _REVISION_COLUMNS, revisions)
    urls = [(site.pk, article.pk, article.url) for article in articles if article.url]
    bulk.insert("comments_articleurl", _URL_COLUMNS, urls)
    return articles


def _values(article: Article) -> list[Any]:
    values = [getattr(article, column) for column in _COLUMNS]
    values[list(_COLUMNS).index("related")] = json.dumps(article.related)
    return values


def differences(article: Article, draft: ArticleDraft) -> dict[str, Any]:
    """`{column: value}` of what a draft says otherwise than the row that is there."""
    wanted = {
        "external_id": draft.external_id or article.external_id,
        "url": draft.url or article.url,
        "title": draft.title,
        "body": draft.body,
        "source": draft.source,
        "related": list(draft.related),
        "credit": draft.credit,
        "published_at": draft.published_at or article.published_at,
        "floor": article.floor if draft.closed is None else _closed(article, closed=draft.closed),
    }
    return {
        column: value
        for column, value in wanted.items()
        if getattr(article, column) != value and not (draft.partial and getattr(article, column))
    }


def _closed(article: Article, *, closed: bool) -> str:
    if closed:
        return Floor.CLOSED
    return "" if article.floor == Floor.CLOSED else article.floor


class _Changes:
    """Changes of a batch of articles, whose rows are locked."""

    def __init__(self) -> None:
        self.articles: dict[int, Article] = {}
        self.revisions: list[tuple[int, int, str, str]] = []
        self.urls: list[tuple[int, int, str]] = []

    def add(self, article: Article, values: Mapping[str, Any]) -> bool:
        """Set `values` on the article; whether there were any."""
        for column, value in values.items():
            setattr(article, column, value)
        if {"title", "body"} & values.keys():
            article.revision += 1
            self.revisions.append((article.pk, article.revision, article.title, article.body))
        if "url" in values:
            self.urls.append((article.site_id, article.pk, article.url))
        if values:
            self.articles[article.pk] = article
        return bool(values)

    def write(self) -> None:
        """Store them with their new revisions and URLs."""
        rows = [(article.pk, *_values(article)) for article in self.articles.values()]
        bulk.update("comments_article", _COLUMNS, rows)
        bulk.insert("comments_articlerevision", _REVISION_COLUMNS, self.revisions)
        known = "ON CONFLICT (site_id, url) DO NOTHING"
        bulk.insert("comments_articleurl", _URL_COLUMNS, self.urls, conflict=known)
        if self.revisions:
            revised = sorted({revision[0] for revision in self.revisions})
            touch_sources(revised)
            changed(Change.SOURCES, revised, live=True)
