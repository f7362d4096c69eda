"""The pages around a quote: its place in the source, and who quotes a comment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from comments.admin.base import person
from comments.models import Comment
from moderation.admin.beside import is_good, likeness, marks_of_source, text_of_source
from moderation.admin.highlight import Mark, Segment, highlight
from moderation.admin.pages import needs, page_context
from moderation.admin.quoting import who_quotes
from moderation.admin.veiling import NONE, Veils, veil_context
from moderation.models import Quote
from moderation.quote_words import quote_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

SEE = "moderation.view_quote"


@needs(SEE)
@require_GET
def quoted(request: HttpRequest, key: int) -> HttpResponse:
    """Everybody who quotes a comment."""
    user = person(request)
    rows = Comment.objects.visible_to(user).select_related("site", "article")
    comment = rows.defer("folded", "user_agent", "article__body").filter(pk=key).first()
    if comment is None:
        raise Http404(gettext("There is no such comment at your sites."))
    quoting = who_quotes(comment, user, after=request.GET.get("after", ""))
    veiling = veil_context(request, [comment, *(each.quote.comment for each in quoting.quotes)])
    context = {
        **veiling,
        "body": veiling["veils"].within(comment.body, comment.pk),
        **page_context(request, gettext("Who quotes comment %(number)d") % {"number": comment.pk}),
        "comment": comment,
        "quoting": quoting,
    }
    return TemplateResponse(request, "moderation/desk/quoted.html", context)


@dataclass(frozen=True, slots=True)
class Place:
    """A whole text in three parts, the passage in the middle."""

    before: tuple[Segment, ...]
    passage: tuple[Segment, ...]
    after: tuple[Segment, ...]


@needs(SEE)
@require_GET
def place(request: HttpRequest, key: int) -> HttpResponse:
    """The text that a quote was traced to, as it then was, with the passage marked."""
    quote = _with_text(person(request), key)
    if quote is None:
        raise Http404(gettext("There is no such quote at your sites, or it has no source."))
    title = gettext("The place in its context")
    source, veils = quote.source_comment, NONE
    context = page_context(request, title)
    if source is not None:
        context |= veil_context(request, [source, quote.comment])
        # What is known to be harsh stands where it does in the text of today alone.
        veils = context["veils"] if source.revision == quote.source_revision else NONE
    context |= {"quote": quote, "place": _place(quote, veils)}
    context["verdict"], context["good"] = quote_in_words(quote.verdict), is_good(quote)
    context["likeness"] = likeness(quote)
    if quote.article_revision is not None:
        context["article"], context["revision"] = quote.article_revision.article, quote.article_revision
        context["in_title"] = quote.article_field == "title"
        return TemplateResponse(request, "moderation/desk/place_article.html", context)
    assert source is not None
    context["source"] = source
    context["edited_since"] = source.revision != quote.source_revision
    return TemplateResponse(request, "moderation/desk/place_comment.html", context)


def _with_text(user: User, key: int) -> Quote | None:
    rows: QuerySet[Quote] = Quote.objects.visible_to(user).filter(pk=key, source_start__isnull=False)
    return (
        rows.annotate(text=text_of_source())
        .select_related("comment__site", "article_revision__article", "source_comment__article")
        .defer(
            "comment__folded", "article_revision__body", "article_revision__article__body",
            "source_comment__body", "source_comment__folded", "source_comment__article__body",
        )
        .first()
    )  # fmt: skip


def _place(quote: Quote, veils: Veils) -> Place:
    text: str = quote.text or ""  # type: ignore[attr-defined]
    start, end = quote.source_start or 0, quote.source_end or 0
    hidden = [] if veils.whole else veils.marks(quote.source_comment_id or 0, "body")

    def part(first: int, last: int, marks: Sequence[Mark] = ()) -> tuple[Segment, ...]:
        within = [replace(mark, start=mark.start - first, end=mark.end - first) for mark in hidden]
        return highlight(text[first:last], [*marks, *within])

    marks = marks_of_source(text[start:end], quote, start)
    return Place(part(0, start), part(start, end, marks), part(end, len(text)))
