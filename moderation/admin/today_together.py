"""What one decided together, as one entry of what one did today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from moderation.models import BulkDecision, BulkRow, Decision
from moderation.services.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Together:
    """A bulk decision, how many cases it decided, and how many of these decisions still stand.

    `key` is the one to be opened: of an undo what it undid. `token` is for the press that takes it back.
    """

    bulk: BulkDecision
    number: int
    standing: int
    key: int
    token: UUID


def first_of_each(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Of decisions that were taken together the first alone."""
    earlier = BulkRow.objects.filter(decision=OuterRef("pk"), bulk__rows__decision__lt=OuterRef("pk"))
    return decisions.exclude(Exists(earlier))


def together(decisions: Iterable[Decision]) -> dict[int, Together]:
    """`{decision: what it was taken together with}` of those that were: one query."""
    rows = {each.pk: each.bulk_row.bulk_id for each in decisions if hasattr(each, "bulk_row")}
    since = Decision.objects.filter(
        comment=OuterRef("rows__decision__comment"), pk__gt=OuterRef("rows__decision")
    )
    done, last = Q(rows__outcome=Outcome.DONE), Q(~Exists(since))
    counted = BulkDecision.objects.filter(pk__in=rows.values()).annotate(
        number=Count("rows", filter=done), standing=Count("rows", filter=done & last)
    )
    found = {
        each.pk: Together(
            each, each.number, 0 if each.undoes_id else each.standing, each.undoes_id or each.pk, uuid4()
        )
        for each in counted
    }
    return {decision: found[bulk] for decision, bulk in rows.items()}
