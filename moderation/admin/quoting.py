"""Who quotes a comment. Reading only, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q

from comments.admin.base import row_id
from moderation.admin.beside import is_good, wording_of
from moderation.models import Quote
from moderation.quote_words import quote_in_words
from moderation.quotes import find

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

    from comments.models import Comment

# Quotes on a page of those who quote a comment.
PAGE = 50
# Characters that the list shows of a quote.
SHOWN = 240


@dataclass(frozen=True, slots=True)
class QuotedBy:
    """A quote of a comment, with the comment that it stands in."""

    quote: Quote
    passage: str
    verdict: str
    good: bool


@dataclass(frozen=True, slots=True)
class Quoting:
    """Some of those who quote a comment; `after` is where to go on, empty at the end."""

    quotes: Sequence[QuotedBy]
    after: str = ""


def who_quotes(comment: Comment, user: User | AnonymousUser, most: int = PAGE, after: str = "") -> Quoting:
    """The quotes of a comment in the present texts of others, the newest comment first: one query."""
    rows: QuerySet[Quote] = Quote.objects.visible_to(user).filter(
        source_comment=comment, revision=F("comment__revision")
    )
    by, _, key = after.partition("-")
    if (last := row_id(by)) and (quote := row_id(key)):
        rows = rows.filter(Q(comment__lt=last) | Q(comment=last, pk__lt=quote))
    rows = rows.select_related("comment").defer("comment__folded", "comment__user_agent")
    found = list(rows.order_by("-comment", "-pk")[: most + 1])
    shown = [_quoted_by(quote) for quote in found[:most]]
    last_shown = found[most - 1] if len(found) > most else None
    return Quoting(shown, f"{last_shown.comment_id}-{last_shown.pk}" if last_shown else "")


def _quoted_by(quote: Quote) -> QuotedBy:
    body = quote.comment.body
    passage = wording_of(body, find(body), quote.start, quote.end)
    return QuotedBy(quote, passage[:SHOWN], quote_in_words(quote.verdict), is_good(quote))
