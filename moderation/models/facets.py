"""What open cases are found by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from moderation.models.cases import ByCase, Case


class CaseFacet(models.Model):
    """One thing that is true of an open case, in the order of due times.

    `facet` is `open`, of every one, or a kind and a value: `severity:3`, `check:links`, `rule:7`,
    `reason:2`, `article:55`, `author:` with the author's key, `group:40`; `first` of one that is alone or
    the first of its group. Those of an escalated case begin with `escalated `. Triggers on cases and
    their causes write these rows, in the transaction that changes what they say (docs/decisions/015):
    whoever opens, closes or renews a case need not know of them. Of `first` see docs/decisions/020.
    """

    pk = models.CompositePrimaryKey("case_id", "facet")
    case = models.ForeignKey(
        Case, models.DO_NOTHING, related_name="facets", db_index=False, db_constraint=False
    )
    facet = models.CharField(max_length=60)
    site_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()

    objects = ByCase.as_manager()

    class Meta:
        indexes = [
            # A page of the queue, its neighbours and its number, narrowed to anything.
            models.Index(
                fields=["site_id", "facet", "due_at", "case_id"],
                include=["opened_at"],
                name="case_by_facet",
            )
        ]


class CaseText(models.Model):
    """The words that an open case is searched by: see `moderation.grams` and docs/decisions/012.

    `private` is searched for those alone who may see personal data. Written by
    `services.case_texts`, and deleted by the trigger that deletes the facets of a closed case.
    """

    case = models.OneToOneField(
        Case, models.DO_NOTHING, primary_key=True, related_name="text", db_constraint=False
    )
    text = models.TextField()
    private = models.TextField()
    grams = ArrayField(models.IntegerField())

    objects = ByCase.as_manager()

    class Meta:
        indexes = [
            # The cases whose texts hold all grams of a query.
            GinIndex(fields=["grams"], name="case_text_grams", gin_pending_list_limit=512)
        ]
