"""Which rows an export holds, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from comments.drafts import ID_LIMIT
from comments.formats.foreign import content_id
from comments.models import Article, Comment, Site

# Articles and comments read at once: some megabytes, however long their texts are.
ARTICLES_AT_ONCE = 50
COMMENTS_AT_ONCE = 500
# The source whose ids an export writes as they are.
OWN_SOURCE = "jsonl"


def _silent(articles: int, comments: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The comments of a site, those of one article (its key), those from a time on (by
    when they were posted), those of one status. E-mail, network addresses and user agents
    only with `personal`. `progress` is told how many articles and comments were read."""

    site: Site
    article: int | None = None
    since: datetime | None = None
    status: str = ""
    personal: bool = False
    progress: Callable[[int, int], None] = field(default=_silent)

    @property
    def narrowed(self) -> bool:
        """Whether comments are left out; then articles without any that is chosen are too."""
        return bool(self.since or self.status)

    def comments(self) -> QuerySet[Comment]:
        """The comments that are chosen."""
        wanted = Comment.objects.filter(site=self.site)
        if self.article is not None:
            wanted = wanted.filter(article=self.article)
        if self.since is not None:
            wanted = wanted.filter(posted_at__gte=self.since)
        return wanted.filter(status=self.status) if self.status else wanted

    def articles(self) -> QuerySet[Article]:
        """The articles that are chosen."""
        wanted = Article.objects.filter(site=self.site)
        if self.article is not None:
            wanted = wanted.filter(pk=self.article)
        if self.narrowed:
            wanted = wanted.filter(Exists(self.comments().filter(article=OuterRef("pk"))))
        return wanted


def chosen(selection: Selection) -> Iterator[Article | Comment]:
    """Each article, and behind it its comments by their time.

    What is stored while the export goes on may be in it or not; a comment
    is never without its article.
    """
    articles = comments = 0
    last = selection.articles().aggregate(last=Max("pk"))["last"] or 0
    after = 0
    while chunk := list(
        selection.articles().filter(pk__gt=after, pk__lte=last).order_by("pk")[:ARTICLES_AT_ONCE]
    ):
        of_article = _comments(selection, [article.pk for article in chunk])
        waiting = next(of_article, None)
        for article in chunk:
            articles += 1
            yield article
            while waiting is not None and waiting.article_id == article.pk:
                comments += 1
                yield waiting
                if comments % COMMENTS_AT_ONCE == 0:
                    selection.progress(articles, comments)
                waiting = next(of_article, None)
            selection.progress(articles, comments)
        after = chunk[-1].pk


def _comments(selection: Selection, articles: list[int]) -> Iterator[Comment]:
    """The comments of some articles, in the order of the index of threads."""
    wanted = selection.comments().filter(article__in=articles).select_related("parent")
    wanted = wanted.order_by("article_id", "posted_at", "pk").defer(
        "folded", "parent__folded", "parent__body"
    )
    after = Q()
    while chunk := list(wanted.filter(after)[:COMMENTS_AT_ONCE]):
        yield from chunk
        last = chunk[-1]
        after = Q(article__gt=last.article_id) | Q(article=last.article_id) & (
            Q(posted_at__gt=last.posted_at) | Q(posted_at=last.posted_at, pk__gt=last.pk)
        )


def name_of(article: Article) -> str:
    """By what comments name their article."""
    return article.external_id or article.url


def id_of(comment: Comment) -> str:
    """The comment's id in an export: the same in every export, whatever else is stored.

    Ids are unique within their source, so that of any source but our own
    JSONL goes before; who has none at his source has the one that we gave.
    """
    if not comment.external_id:
        return str(comment.public_id)
    if comment.source == OWN_SOURCE:
        return comment.external_id
    name = f"{comment.source}:{comment.external_id}"
    return name if len(name) <= ID_LIMIT else content_id(comment.source, comment.external_id)


def without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in ("", None, [])}
