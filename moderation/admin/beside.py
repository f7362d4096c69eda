"""A comment's quotes beside their sources, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case as Choose
from django.db.models import F, OuterRef, Subquery, TextField, When
from django.db.models.functions import Greatest, Substr
from django.urls import reverse
from django.utils.translation import gettext

from comments.models import CommentRevision
from moderation.admin.highlight import DELETED, GAP, INSERTED, Mark, Segment, highlight
from moderation.models import Quote
from moderation.quote_words import GOOD_QUOTES, difference_in_words, quote_in_words
from moderation.quotes import DifferenceKind, Quoted, find

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from comments.models import Comment

# Characters of a source that are shown on either side of what was quoted.
AROUND = 90
# What is told of how a quote differs is in the order of its weight.
_WEIGHT = {str(kind): weight for weight, kind in enumerate(DifferenceKind)}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Differing:
    """One difference in words; empty where one of the two has none."""

    kind: str
    words: str
    quoted: str
    source: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A quote, and its source in context; `source` is empty where there is none."""

    quote: Quote
    verdict: str
    good: bool
    passage: tuple[Segment, ...]
    source: tuple[Segment, ...] = ()
    cut_before: bool = False
    cut_after: bool = False
    where: str = ""
    place: str = ""
    likeness: str = ""
    differences: tuple[Differing, ...] = ()


def quotes_of(comment: Comment) -> list[Quote]:
    """The quotes of today's text, each with as much of its source as is shown: one query."""
    return list(_with_sources(comment.quotes.filter(revision=comment.revision)))


def quotes_of_all(comments: Iterable[int]) -> dict[int, list[Quote]]:
    """As `quotes_of`, of many comments: `{comment: its quotes}` in one query."""
    found: dict[int, list[Quote]] = {}
    rows = Quote.objects.filter(comment__in=set(comments), revision=F("comment__revision"))
    for quote in _with_sources(rows):
        found.setdefault(quote.comment_id, []).append(quote)
    return found


def _with_sources(rows: QuerySet[Quote]) -> QuerySet[Quote]:
    # Of an article of half a million characters only the passage travels.
    first = Greatest(F("source_start") - AROUND, 0)
    around = Substr(text_of_source(), first + 1, F("source_end") - first + AROUND + 1)
    found = rows.annotate(around=around).select_related("article_revision", "source_comment")
    return found.defer("article_revision__body", "source_comment__body", "source_comment__folded").order_by(
        "start", "pk"
    )


def text_of_source() -> Choose:
    """The text that a quote's places are of: an article's revision, a comment's text of then or now."""
    earlier = CommentRevision.objects.filter(
        comment=OuterRef("source_comment"), number=OuterRef("source_revision")
    )
    return Choose(
        When(article_field="title", then="article_revision__title"),
        When(article_revision__isnull=False, then="article_revision__body"),
        When(source_revision=F("source_comment__revision"), then="source_comment__body"),
        default=Subquery(earlier.values("body")[:1]),
        output_field=TextField(),
    )


def beside(quotes: Sequence[Quote], comment: Comment) -> list[Beside]:
    """The quotes that `quotes_of` gave, as they are shown."""
    blocks = find(comment.body) if quotes else ()
    return [_beside(quote, comment, blocks) for quote in quotes]


def _beside(quote: Quote, comment: Comment, blocks: Sequence[Quoted]) -> Beside:
    differences = sorted(quote.differences, key=lambda each: _WEIGHT.get(each["kind"], len(_WEIGHT)))
    wording = wording_of(comment.body, blocks, quote.start, quote.end)
    shown = Beside(
        quote,
        quote_in_words(quote.verdict),
        is_good(quote),
        highlight(wording, marks_of_quote(wording, differences)),
        differences=tuple(
            Differing(each["kind"], difference_in_words(each["kind"]), each["quoted"], each["source"])
            for each in differences
        ),
    )
    around: str | None = quote.around  # type: ignore[attr-defined]
    if around is None or quote.source_start is None or quote.source_end is None:
        return shown
    return _with_source(shown, around, comment)


def _with_source(shown: Beside, around: str, comment: Comment) -> Beside:
    quote = shown.quote
    assert quote.source_start is not None
    assert quote.source_end is not None
    first = max(quote.source_start - AROUND, 0)
    last = quote.source_end + AROUND
    marks = marks_of_source(around, quote, first)
    return Beside(
        quote,
        shown.verdict,
        shown.good,
        shown.passage,
        highlight(around[: last - first], marks),
        cut_before=first > 0,
        cut_after=len(around) > last - first,
        where=where_it_is(quote, comment),
        place=reverse("desk:place", args=[quote.pk]) + "#place",
        likeness=likeness(quote),
        differences=shown.differences,
    )


def wording_of(body: str, blocks: Sequence[Quoted], start: int, end: int) -> str:
    """The text that a quote at `body[start:end]` quotes: its lines without their markers.

    A quote may be a part of one of the `blocks` that `find` gives.
    """
    for block in blocks:
        if block.start <= start and end <= block.end and block.lines:
            return "\n".join(
                text[max(start - line.start, 0) : len(text) - max(line.end - end, 0)]
                for text, line in zip(block.text.split("\n"), block.lines, strict=True)
                if line.end >= start and line.mark < end
            )
    return body[start:end]


def marks_of_quote(wording: str, differences: Sequence[Row]) -> list[Mark]:
    """Where a quote differs; what does not stand where it should is not marked."""
    marks = []
    for each in differences:
        words = difference_in_words(each["kind"])
        start, end = each.get("start", 0), each.get("end", 0)
        if each["quoted"] and wording[start:end] == each["quoted"]:
            marks.append(Mark(start, end, INSERTED, words, words))
        elif not each["quoted"] and _has_place(each):
            marks.append(Mark(start, start, GAP, words, words))
    return marks


def marks_of_source(text: str, quote: Quote, first: int = 0) -> list[Mark]:
    """The passage and where it differs, in a text that begins at `first` of the source's."""
    assert quote.source_start is not None
    assert quote.source_end is not None
    marks = [Mark(quote.source_start - first, quote.source_end - first, "source")]
    for each in quote.differences:
        words = difference_in_words(each["kind"])
        start, end = each.get("source_start", 0) - first, each.get("source_end", 0) - first
        if each["source"] and start >= 0 and text[start:end] == each["source"]:
            marks.append(Mark(start, end, DELETED, words, words))
        elif not each["source"] and start >= 0 and _has_place(each):
            marks.append(Mark(start, start, GAP, words, words))
    return marks


def _has_place(difference: Row) -> bool:
    """Whether one side has words that the other lacks; who is said to have written them has none."""
    return difference["kind"] != DifferenceKind.ATTRIBUTION and bool(
        difference["quoted"] or difference["source"]
    )


def is_good(quote: Quote) -> bool:
    """Whether a quote says what its source says, and names it right."""
    return quote.verdict in GOOD_QUOTES and not quote.misattributed


def likeness(quote: Quote) -> str:
    """How like the source a quote is that is not the same: `97 %`, never 100."""
    return f"{min(int(quote.similarity * 100), 99)} %" if 0 < quote.similarity < 1 else ""


def where_it_is(quote: Quote, comment: Comment) -> str:
    """The heading over a source."""
    if quote.article_revision:
        number = quote.article_revision.number
        if quote.article_field == "title":
            place = gettext("In the article's title")
        else:
            place = gettext("In the article")
        earlier = gettext("revision %(number)d, since replaced") % {"number": number}
        return f"{place} ({earlier})" if number != comment.article.revision else place
    source = quote.source_comment
    assert source is not None
    return gettext("In the comment of %(name)s") % {"name": source.author_name or "–"}
