"""Articles: the only writer of them, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from comments.drafts import ArticleDraft
from comments.models import Article, ArticleRevision, ArticleURL, Floor, Site
from comments.services import Outcome, touch_sources


class Disagreement(Exception):
    """A draft's id and its URL name two different articles."""

    def __init__(self, draft: ArticleDraft, by_id: Article, by_url: Article) -> None:
        super().__init__(
            f"the id {draft.external_id!r} is that of article {by_id.pk}, "
            f"but the url {draft.url!r} is that of article {by_url.pk}."
        )
        self.draft = draft


@dataclass(frozen=True, slots=True)
class Put:
    """The article that a draft became, or changed."""

    article: Article
    outcome: Outcome


def put_article(draft: ArticleDraft, site: Site) -> Put:
    """Create or update one article. Raises `Disagreement`.

    An article is known by its id at the source or by any URL it has had.
    A changed title or body makes a revision.
    """
    try:
        with transaction.atomic():
            return _put(draft, site)
    except IntegrityError:
        # Somebody else created it between our look and our insert: it is there now.
        with transaction.atomic():
            return _put(draft, site)


def _put(draft: ArticleDraft, site: Site) -> Put:
    article = find_article(draft, site, lock=True)
    if article is None:
        return Put(_create(draft, site), Outcome.CREATED)
    return Put(article, Outcome.UPDATED if _update(article, draft) else Outcome.UNCHANGED)


def find_article(draft: ArticleDraft, site: Site, *, lock: bool = False) -> Article | None:
    """The article that a draft names. Raises `Disagreement`."""
    articles = Article.objects.select_for_update(no_key=True) if lock else Article.objects.all()
    by_id = articles.filter(site=site, external_id=draft.external_id).first() if draft.external_id else None
    by_url = articles.filter(urls__site=site, urls__url=draft.url).first() if draft.url else None
    if by_id and by_url and by_id != by_url:
        raise Disagreement(draft, by_id, by_url)
    if by_url and not by_id and draft.external_id and by_url.external_id not in {None, draft.external_id}:
        raise Disagreement(draft, Article(pk=None, external_id=draft.external_id), by_url)
    return by_id or by_url


def _create(draft: ArticleDraft, site: Site) -> Article:
    article = Article.objects.create(
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
    ArticleRevision.objects.create(article=article, number=1, title=draft.title, body=draft.body)
    if draft.url:
        ArticleURL.objects.create(site=site, article=article, url=draft.url)
    return article


def _update(article: Article, draft: ArticleDraft) -> bool:
    """Write what the draft says otherwise; whether anything was."""
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
    differing = [name for name, value in wanted.items() if getattr(article, name) != value]
    if not differing:
        return False
    for name in differing:
        setattr(article, name, wanted[name])
    if "url" in differing:
        ArticleURL.objects.get_or_create(site=article.site, url=article.url, defaults={"article": article})
    if {"title", "body"} & set(differing):
        article.revision += 1
        differing.append("revision")
        ArticleRevision.objects.create(
            article=article, number=article.revision, title=article.title, body=article.body
        )
        touch_sources([article.pk])
    article.save(update_fields=differing)
    return True


def _closed(article: Article, *, closed: bool) -> str:
    if closed:
        return Floor.CLOSED
    return "" if article.floor == Floor.CLOSED else article.floor


def put_articles(drafts: Sequence[ArticleDraft], site: Site) -> list[Put | Disagreement]:
    """As `put_article`, for each of a batch; a disagreement ends no batch."""
    results: list[Put | Disagreement] = []
    for draft in drafts:
        try:
            results.append(put_article(draft, site))
        except Disagreement as disagreement:
            results.append(disagreement)
    return results
