"""Who decided what, when, on which text, under which rules."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from moderation.audit.base import Asked, Entry, Found, bounded
from moderation.machine_log import OVERLAP, place_of
from moderation.models import Decision, Finding

# Decisions that are looked at for a page: some hundredths of a second.
LOOKED_AT = 10_000


def find(asked: Asked, after: int | None, most: int) -> Found:
    """Three queries at most, however long the log is: the newest decisions first, by their ids."""
    place = after
    if place is None and asked.until is not None:
        place = place_of(asked.until)
    looked = _looked_at(asked, place)
    rows = list(_rows(asked, looked)[: most + 1])
    if len(rows) > most:
        return Found([entry(row) for row in rows[:most]], rows[most - 1].pk)
    last = looked.values_list("pk", "created_at")[LOOKED_AT - 1 : LOOKED_AT].first()
    too_old = last is not None and asked.since is not None and last[1] < asked.since - OVERLAP
    cut = last is not None and not too_old
    return Found([entry(row) for row in rows], last[0] if last and cut else None, cut)


def _looked_at(asked: Asked, place: int | None) -> QuerySet[Decision]:
    """What an index gives by itself: all, those of a person, those of a comment."""
    rows = Decision.objects.order_by("-pk")
    if place is not None:
        rows = rows.filter(pk__lt=place)
    if asked.person is not None:
        rows = rows.filter(by=asked.person)
    return rows if asked.comment is None else rows.filter(comment=asked.comment)


def _rows(asked: Asked, looked: QuerySet[Decision]) -> QuerySet[Decision]:
    rows = bounded(Decision.objects.filter(pk__in=looked.values("pk")[:LOOKED_AT]), asked.user)
    if asked.site is not None:
        rows = rows.filter(comment__site=asked.site)
    if asked.since is not None:
        rows = rows.filter(created_at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(created_at__lt=asked.until)
    if asked.kind:
        rows = rows.filter(cause=asked.kind)
    findings = Finding.objects.select_related("rule_version__rule").order_by("pk").defer("data", "spans")
    return (
        rows.select_related("comment__site", "reason", "by")
        .only(*_COLUMNS)
        .prefetch_related(Prefetch("findings", findings))
        .order_by("-pk")
    )


# Of a comment only where it is: what was typed is no part of an audit.
_COLUMNS = (
    *(field.attname for field in Decision._meta.concrete_fields),
    *("comment__site__slug", "comment__site__name", "comment__site__zone"),
    *("reason__slug", "reason__label_ja", "reason__label_en"),
    *("by__username", "by__first_name", "by__last_name"),
)


def entry(decision: Decision) -> Entry:
    """A decision in the columns of the log."""
    findings = decision.findings.all()
    values = {
        "id": decision.pk,
        "time": decision.created_at,
        "site": decision.comment.site.slug,
        "by": decision.by.username if decision.by else "",
        "comment": decision.comment_id,
        "revision": decision.revision,
        "from": decision.from_status,
        "to": decision.to_status,
        "cause": decision.cause,
        "reason": decision.reason.slug if decision.reason else "",
        "rule_set": decision.rule_set_id,
        "rules": [
            f"{each.rule_version.rule.slug} v{each.rule_version.number} {each.mode}" for each in findings
        ],
        "case": decision.case_id,
        "supersedes": decision.supersedes_id,
        "import_run": decision.import_run_id,
    }
    return Entry(at=decision.created_at, by=decision.by, values=values, row=decision)
