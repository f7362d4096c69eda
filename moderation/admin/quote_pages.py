"""The pages around a quote: its place in the source, and who quotes a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from comments.admin.base import person
from comments.models import Comment
from moderation.admin.beside import is_good, likeness, marks_of_source, text_of_source
from moderation.admin.highlight import Segment, highlight
from moderation.admin.pages import needs, page_context
from moderation.admin.quoting import who_quotes
from moderation.models import Quote
from moderation.quote_words import quote_in_words

if TYPE_CHECKING:
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
    context = {
        **page_context(request, gettext("Who quotes comment %(number)d") % {"number": comment.pk}),
        "comment": comment,
        "quoting": who_quotes(comment, user, after=request.GET.get("after", "")),
    }
    return TemplateResponse(request, "moderation/desk/quoted.html", context)


@dataclass(frozen=True, slots=True)
class Place:
    """A whole text in three parts, the passage in the middle."""

    before: str
    passage: tuple[Segment, ...]
    after: str


@needs(SEE)
@require_GET
def place(request: HttpRequest, key: int) -> HttpResponse:
    """The text that a quote was traced to, as it then was, with the passage marked."""
    quote = _with_text(person(request), key)
    if quote is None:
        raise Http404(gettext("There is no such quote at your sites, or it has no source."))
    title = gettext("The place in its context")
    context = {**page_context(request, title), "quote": quote, "place": _place(quote)}
    context["verdict"], context["good"] = quote_in_words(quote.verdict), is_good(quote)
    context["likeness"] = likeness(quote)
    if quote.article_revision is not None:
        context["article"], context["revision"] = quote.article_revision.article, quote.article_revision
        context["in_title"] = quote.article_field == "title"
        return TemplateResponse(request, "moderation/desk/place_article.html", context)
    context["source"] = source = quote.source_comment
    assert source is not None
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


def _place(quote: Quote) -> Place:
    text: str = quote.text or ""  # type: ignore[attr-defined]
    start, end = quote.source_start or 0, quote.source_end or 0
    marks = marks_of_source(text[start:end], quote, start)
    return Place(text[:start], highlight(text[start:end], marks), text[end:])
