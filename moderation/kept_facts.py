"""What a check saw that no stored row tells later: kept with the decision, for a try-out next year. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moderation.checks.base import Sanctioned, Span, Submission
from moderation.checks.facts import Standing

# That one comment is told of: one is enough to stop it. The facts of a decision hold a kilobyte, and a
# sanction is some forty bytes of it.
MOST_SANCTIONS = 5


def kept_facts(submission: Submission) -> dict[str, Any]:
    """The facts as JSON: ids, codes, places and counts; what is empty is left out."""
    sanctions = [_sanction(each) for each in submission.sanctions[:MOST_SANCTIONS]]
    kept: dict[str, Any] = {"sanctions": sanctions} if sanctions else {}
    if (standing := submission.standing) is not None:
        counts = [standing.published, standing.verified, standing.approved, standing.refused]
        kept["standing"] = [*counts, int(standing.known)]
    return kept


def restored_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Submission` that a decision's facts fill; the reverse of `kept_facts`."""
    sanctions = (
        Sanctioned(number, by, Span(*place) if place else None)
        for number, by, *place in facts.get("sanctions", ())
    )
    kept = facts.get("standing")
    standing = replace(Standing(*kept[:4]), known=bool(kept[4])) if kept else None
    return {"sanctions": tuple(sanctions), "standing": standing}


def _sanction(each: Sanctioned) -> list[int | str]:
    place = (each.span.field, each.span.start, each.span.end) if each.span else ()
    return [each.sanction, each.by, *place]
