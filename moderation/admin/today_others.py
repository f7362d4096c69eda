"""What else one did today beside deciding: noted, passed on, gave back, sanctioned, saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from moderation.admin.ways_back import Back
from moderation.models import Case, Note, Sanction
from moderation.models.notes import NoteKind
from moderation.services.escalating import OWN_UNDO
from moderation.services.sanctioning import may_sanction
from moderation.targets import masked

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Of each kind; decisions have a list with pages of their own.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done, in words; `url` is where it is seen, `back` takes it back, None where that is past."""

    at: datetime
    what: str
    text: str
    url: str
    # The clock of its site, of a sanction for all sites the installation's.
    zone: str
    back: Back | None = None


def other_deeds(user: User, now: datetime) -> list[Deed]:
    """Those of the last day, the newest first; five queries."""
    since = now - OWN_UNDO
    found = [*_notes(user, since), *_sanctions(user, since), *_runs(user, since)]
    return sorted(found, key=lambda deed: deed.at, reverse=True)


def _notes(user: User, since: datetime) -> Iterator[Deed]:
    rows = Note.objects.visible_to(user).filter(by=user, created_at__gt=since).order_by("-pk")[:SHOWN]
    notes = list(rows)
    # The newest case of each comment: a note is of the comment, and is shown on its card.
    cases: dict[int | None, Case] = {
        case.comment_id: case
        for case in Case.objects.filter(comment__in={each.comment_id for each in notes})
        .select_related("site")
        .order_by("pk")
    }
    passed: set[int] = set()
    for note in notes:
        case = cases.get(note.comment_id)
        if case is None:
            continue
        newest = note.comment_id not in passed and note.kind in {NoteKind.ESCALATED, NoteKind.RELEASED}
        if newest:
            passed.add(note.comment_id)
        url = reverse("desk:case", args=[case.pk])
        what, back = str(note.get_kind_display()), _back(note, case, newest=newest)
        yield Deed(note.created_at, what, note.text, url, case.site.zone, back)


def _back(note: Note, case: Case, *, newest: bool) -> Back | None:
    if note.kind == NoteKind.NOTE:
        return Back(reverse("desk:unnote", args=[case.pk, note.pk]))
    if case.closed_at or not newest or note.created_at < case.opened_at:
        return None
    if note.kind == NoteKind.ESCALATED and case.escalated_at:
        return Back(reverse("desk:release", args=[case.pk]), {"undo": "1"})
    if note.kind == NoteKind.RELEASED and not case.escalated_at:
        return Back(reverse("desk:unrelease", args=[case.pk]))
    return None


def _sanctions(user: User, since: datetime) -> Iterator[Deed]:
    rows = Sanction.objects.visible_to(user).filter(created_by=user, created_at__gt=since)  # type: ignore[no-untyped-call]
    found = list(rows.select_related("site").order_by("-pk")[:SHOWN])
    his = {site for site in {row.site_id for row in found} if may_sanction(user, site)}
    cases = Case.objects.filter(comment__in=[row.comment_id for row in found if row.comment_id]).order_by(
        "pk"
    )
    of_comment = dict(cases.values_list("comment", "pk"))
    for row in found:
        shown = masked(row.kind, row.shown)
        what = gettext("sanction lifted") if row.lifted_at else gettext("sanction set")
        case, back = of_comment.get(row.comment_id), None
        if case and row.lifted_at is None and row.site_id in his:
            back = Back(reverse("desk:lift", args=[case, row.pk]), {"at_once": "1"})
        url = reverse("admin:moderation_sanction_change", args=[row.pk])
        zone = row.site.zone if row.site else settings.TIME_ZONE
        yield Deed(row.created_at, what, f"{row.get_kind_display()}: {shown}", url, zone, back)


def _runs(user: User, since: datetime) -> Iterator[Deed]:
    rows = Case.objects.visible_to(user).filter(closed_by=user, closed_at__gt=since, import_run__isnull=False)
    for case in rows.select_related("import_run__source", "site").order_by("-closed_at")[:SHOWN]:
        assert case.closed_at is not None
        url, back = reverse("desk:case", args=[case.pk]), Back(reverse("desk:reopen", args=[case.pk]))
        yield Deed(
            case.closed_at, gettext("import run seen"), f"{case.import_run}", url, case.site.zone, back
        )
