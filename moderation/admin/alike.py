"""The other open cases of a case's group: what they say, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models.functions import Left
from django.utils.translation import gettext

from moderation import finding_cases
from moderation.admin.highlight import INSERTED, Mark, Segment
from moderation.admin.veiling import NONE, Veils, veils_for
from moderation.alike import ALIKE
from moderation.finding_cases import Asked, of_group
from moderation.models import Case
from moderation.near_text import differing_places, own_text, similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User

    from comments.models import Comment

# Others that a card shows; the rest is a page of the queue.
SHOWN = 10
# Characters of a body that are shown of each.
BEGINNING = 300


@dataclass(frozen=True, slots=True)
class Resembling:
    """One of the others: how it is alike, in words, and the beginning of its text, what differs marked."""

    case: Case
    how: str
    body: tuple[Segment, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """The open cases of a group, in the queue that the case is in; `number` is of all of them."""

    group: int
    number: int
    others: Sequence[Resembling]
    more: int
    veils: Veils


def alike_to(case: Case, comment: Comment, user: User, *, veiled: bool = True) -> Alike | None:
    """The others of a case's group that wait with it, blurred as the user wants; None without."""
    if case.group_id is None:
        return None
    asked = Asked([case.site_id], (of_group(case.group_id),), escalated=case.escalated_at is not None)
    keys = [place.case for place in finding_cases.page(asked, SHOWN + 1) if place.case != case.pk]
    if not keys:
        return None
    number = finding_cases.number(asked).found
    rows = (
        Case.objects.visible_to(user)
        .filter(pk__in=keys[:SHOWN])
        .select_related("comment")
        .annotate(beginning=Left("comment__body", BEGINNING + 1))
        .defer("comment__body", "comment__folded", "comment__user_agent")
        .order_by("due_at", "pk")
    )
    veils = veils_for(user, [row.comment_id for row in rows]) if veiled else NONE
    own = own_text(comment.body)
    others = [_resembling(row, comment, own, veils) for row in rows]
    more = number - len(others) - (case.closed_at is None)
    return Alike(case.group_id, number, others, more, veils)


def _may_be_one_source(one: Comment, other: Comment) -> bool:
    """Whether they could have been grouped for their source: the one author, or nobody that is known."""
    return one.author_key == other.author_key


def _resembling(case: Case, comment: Comment, own: str, veils: Veils) -> Resembling:
    other, beginning = case.comment, str(case.beginning)  # type: ignore[attr-defined]
    assert other is not None
    text, cut = beginning[:BEGINNING], len(beginning) > BEGINNING
    if comment.fingerprint and other.fingerprint == comment.fingerprint:
        return Resembling(case, gettext("the same text"), veils.within(text, other.pk), cut)
    # Of a long text its beginning is compared with as much of this one's.
    said = own_text(text)
    percent = similarity(own[: len(said)] if cut else own, said)
    if percent < ALIKE:
        how = gettext("another text from the same source")
        if not _may_be_one_source(comment, other):
            how = gettext("another text by now: one of them was edited")
        return Resembling(case, how, veils.within(text, other.pk), cut)
    words = gettext("differs")
    marks = [Mark(start, end, INSERTED, words, words) for start, end in differing_places(text, own)]
    how = gettext("nearly the same text, by %(percent)d %%") % {"percent": percent}
    return Resembling(case, how, veils.within(text, other.pk, marks), cut)
