"""What the API shows: a comment's status, an article's published comments.

Each answer takes a constant number of queries, and none holds an e-mail or a
network address.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from comments.models import Comment, CommentRevision, Status
from moderation.models import (
    Action,
    Decision,
    Evidence,
    EvidenceKind,
    Finding,
    Mode,
    Quote,
    Reason,
    RuleVersion,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

Row = Mapping[str, Any]

# What a finding must have asked for to be among the reasons of such a status.
_STOPPING: Mapping[str, Sequence[str]] = {
    Status.HELD: (Action.HOLD, Action.REJECT),
    Status.REJECTED: (Action.REJECT,),
}


class Order(StrEnum):
    OLDEST = "oldest"
    NEWEST = "newest"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE = struct.Struct(">cqq")


@dataclass(frozen=True, slots=True)
class Place:
    """A comment's place among those of its article."""

    posted_at: datetime
    comment_id: int

    def cursor(self, order: Order) -> str:
        """The place as a text without meaning to anybody else, good for one order."""
        micros = (self.posted_at - _EPOCH) // _MICROSECOND
        packed = _PLACE.pack(order[:1].encode(), micros, self.comment_id)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, cursor: str, order: Order) -> Place | None:
        """The place that `cursor` made; None if it made none, or for another order."""
        try:
            packed = base64.b64decode(cursor.encode("ascii") + b"=", altchars=b"-_", validate=True)
            _kind, micros, comment_id = _PLACE.unpack(packed)
            place = cls(_EPOCH + micros * _MICROSECOND, comment_id)
        except (UnicodeEncodeError, binascii.Error, struct.error, OverflowError):
            return None
        return place if place.cursor(order) == cursor else None


@dataclass(frozen=True, slots=True)
class Page:
    """Comments of one page; `last` is the place to go on after, None at the end."""

    comments: list[Row]
    last: Place | None


def status_of(public_id: UUID, site_id: int, language: str) -> Row | None:
    """Where a comment of the site stands; None if there is no such comment."""
    row = (
        Comment.objects.filter(public_id=public_id, site_id=site_id)
        .values(
            "pk", "external_id", "article__external_id", "article__url", "status", "revision",
            "posted_at", "received_at",
        )
        .first()
    )  # fmt: skip
    if row is None:
        return None
    decision = (
        Decision.objects.filter(comment_id=row["pk"])
        .order_by("-id")
        .values("pk", "revision", "created_at", "reason_id")
        .first()
    )
    return {
        "id": str(public_id),
        "external_id": row["external_id"],
        "article": row["article__external_id"],
        "article_url": row["article__url"],
        "status": row["status"],
        "revision": row["revision"],
        "decided_revision": decision and decision["revision"],
        "decided_at": decision and decision["created_at"],
        "reasons": _reasons(decision, row["status"], language) if decision else [],
        "posted_at": row["posted_at"],
        "received_at": row["received_at"],
    }


def _reasons(decision: Row, status: str, language: str) -> list[dict[str, str]]:
    """The decision's own reason and those of the rules that stopped the comment.

    A reason without a text for the author is for staff alone.
    """
    actions = stopping(status)
    if not actions:
        return []
    findings = Finding.objects.filter(decision=decision["pk"], mode=Mode.ENFORCE, action__in=actions)
    versions = RuleVersion.objects.filter(pk__in=findings.values("rule_version")).select_related("reason")
    told = [(version.reason, version.message(language)) for version in versions]
    if decision["reason_id"] not in {reason.pk for reason, _ in told}:
        # Who rejected it may have put it in words of his own.
        own = Evidence.objects.filter(decision=decision["pk"], kind=EvidenceKind.MESSAGE)
        message = own.values_list("text", flat=True).first() or ""
        told += [(reason, message) for reason in Reason.objects.filter(pk=decision["reason_id"])]
    return in_public(told, language)


def in_public(told: Iterable[tuple[Reason, str]], language: str) -> list[dict[str, str]]:
    """Reasons, each with the message of a rule if that has one, as the author may read them.

    One without a text for the author is for staff alone.
    """
    texts = [(reason, message or reason.public_text(language)) for reason, message in told]
    texts.sort(key=lambda each: (each[0].position, each[0].slug))
    shown = dict.fromkeys((reason.slug, text) for reason, text in texts if text)
    return [{"code": slug, "text": text} for slug, text in shown]


def stopping(status: str) -> Sequence[str]:
    """The actions of a rule that had a part in such a status."""
    return _STOPPING.get(Status(status), ())


def published(article_id: int, order: Order, after: Place | None, limit: int) -> Page:
    """A page of an article's published comments with parents and quotes."""
    rows = list(_page(article_id, order, after)[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    earlier = _earlier(rows)
    quotes = _quotes(rows)
    last = Place(rows[-1]["posted_at"], rows[-1]["pk"]) if more else None
    return Page([_comment(row, earlier, quotes.get(row["pk"], [])) for row in rows], last)


def _page(article_id: int, order: Order, after: Place | None) -> QuerySet[Comment, Row]:
    rows = Comment.objects.filter(article_id=article_id, status=Status.PUBLISHED)
    if after:
        sign = "gt" if order is Order.OLDEST else "lt"
        # The first condition enters the index at the place, the second drops
        # those of the same moment that were on the page before.
        further = Q((f"posted_at__{sign}", after.posted_at)) | Q((f"pk__{sign}", after.comment_id))
        rows = rows.filter(Q((f"posted_at__{sign}e", after.posted_at)), further)
    direction = "" if order is Order.OLDEST else "-"
    return rows.order_by(f"{direction}posted_at", f"{direction}pk").values(
        "pk", "public_id", "external_id", "number", "kind", "parent__public_id", "parent__status",
        "parent_how", "parent_sure",
        "author_name", "author_url", "author_verified", "body", "revision", "published_revision", "posted_at",
    )  # fmt: skip


def _comment(row: Row, earlier: Mapping[int, Row], quotes: Sequence[Row]) -> Row:
    shown = earlier.get(row["pk"], row)
    answers = row["parent__status"] == Status.PUBLISHED
    return {
        "id": row["public_id"],
        "external_id": row["external_id"],
        "number": row["number"],
        "kind": row["kind"],
        "parent": row["parent__public_id"] if answers else None,
        "parent_how": row["parent_how"] or None if answers else None,
        "parent_sure": row["parent_sure"] if answers else None,
        "author_name": shown["author_name"],
        "author_url": shown["author_url"],
        "author_verified": row["author_verified"],
        "body": shown["body"],
        "posted_at": row["posted_at"],
        "quotes": quotes,
    }


def _shown_revision(row: Row) -> int:
    """The text that readers see: after an edit, until it is decided, the one before."""
    revision: int = row["published_revision"] or row["revision"]
    return revision


def _earlier(rows: Sequence[Row]) -> dict[int, Row]:
    """`{comment: the published text and name}` of those whose text of today is not the published one."""
    wanted = Q()
    for row in rows:
        if _shown_revision(row) != row["revision"]:
            wanted |= Q(comment_id=row["pk"], number=_shown_revision(row))
    if not wanted:
        return {}
    revisions = CommentRevision.objects.filter(wanted)
    return {
        row["comment_id"]: row for row in revisions.values("comment_id", "author_name", "author_url", "body")
    }


def _quotes(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """`{comment: its quotes}`, in the order of the text, of the texts that readers see."""
    shown = {row["pk"]: _shown_revision(row) for row in rows}
    found: dict[int, list[Row]] = {}
    quotes = Quote.objects.filter(comment_id__in=shown).order_by("comment_id", "start").values(
        "comment_id", "revision", "start", "end", "verdict", "article_revision__number", "article_field",
        "source_comment__public_id", "source_comment__status", "source_revision",
        "source_comment__revision", "source_comment__published_revision",
        "source_start", "source_end", "similarity", "differences", "ambiguous", "misattributed",
    )  # fmt: skip
    for quote in quotes:
        if quote["revision"] == shown[quote["comment_id"]]:
            found.setdefault(quote["comment_id"], []).append(_quote(quote))
    return found


def _quote(quote: Row) -> Row:
    """A quote as readers may see it: of a source that they do not see, the verdict alone is told."""
    named, told = ("kind", "quoted", "source"), _is_shown(quote)
    return {
        "start": quote["start"],
        "end": quote["end"],
        "verdict": quote["verdict"],
        "source": _source(quote),
        "similarity": round(quote["similarity"], 4) if told else None,
        "differences": [{name: each[name] for name in named} for each in quote["differences"] if told],
        "ambiguous": quote["ambiguous"],
        "misattributed": quote["misattributed"],
    }


def _is_shown(quote: Row) -> bool:
    """Whether readers see the text that it was traced to: an edit of it may wait for its decision."""
    if quote["article_revision__number"] is not None:
        return True
    shown = quote["source_comment__published_revision"] or quote["source_comment__revision"]
    published: bool = quote["source_comment__status"] == Status.PUBLISHED
    return published and quote["source_revision"] == shown


def _source(quote: Row) -> Row | None:
    span = {"start": quote["source_start"], "end": quote["source_end"]}
    if quote["article_revision__number"] is not None:
        name = {"kind": "article", "id": None, "field": quote["article_field"] or "body"}
        return name | {"revision": quote["article_revision__number"]} | span
    if quote["source_comment__status"] == Status.PUBLISHED:
        name = {"kind": "comment", "id": quote["source_comment__public_id"], "field": "body"}
        return name | {"revision": quote["source_revision"]} | span
    return None
