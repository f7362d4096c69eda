"""What a sanction would have found, and which waiting cases it would touch, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from comments.disclosing import DisclosedBy, DisclosedKind, disclose_file
from comments.masking import may_see_personal_data
from comments.models import Comment, Disclosure, Site, Status
from moderation.admin.veiling import Veils, veils_for
from moderation.models import Sanction
from moderation.sanction_preview import DAYS, Foreseen, would_find, would_touch
from moderation.targets import PERSONAL, Kind, Target, masked

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# So long a request may look at what a sanction would have found, and at what waits.
PREVIEW_SECONDS, WAITING_SECONDS = 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview in words; `statuses` are `(label, how many)`."""

    shown: str
    found: Foreseen
    waiting: Foreseen
    statuses: list[tuple[str, int]]
    examples: list[Comment]
    veils: Veils
    days: int = DAYS


def foresee(user: User, target: Target, site: int | None, *, typed: bool = False) -> Shown:
    """What it would have found at a site, or at all that he sees.

    Whose a `typed` address is, is told by the comments that it finds: that is recorded.
    """
    sites = [site] if site else list(Site.objects.visible_to(user).values_list("pk", flat=True))
    emails = may_see_personal_data(user)
    found = would_find(target, sites, now=timezone.now(), seconds=PREVIEW_SECONDS, emails=emails)
    rows = Comment.objects.visible_to(user).in_bulk(found.examples)
    if typed and target.kind in PERSONAL:
        _record(rows.values(), site, target.kind, user)
    return Shown(
        shown=target.shown if typed else masked(target.kind, target.shown),
        found=found,
        waiting=would_touch(target, sites, seconds=WAITING_SECONDS, emails=emails),
        statuses=[(str(Status(status).label), count) for status, count in sorted(found.found.items())],
        examples=[rows[key] for key in found.examples if key in rows],
        veils=veils_for(user, rows),
    )


def _record(found: Iterable[Comment], site: int | None, kind: Kind, user: User) -> None:
    """A row a site, whose auditors read of its own comments; one without any where nothing is found."""
    kinds = [DisclosedKind.ADDRESS if kind is Kind.ADDRESS else DisclosedKind.EMAIL]
    of_site: dict[int | None, list[int]] = {}
    for comment in found:
        of_site.setdefault(comment.site_id, []).append(comment.pk)
    for each, keys in (of_site or {site: []}).items():
        told = Disclosure(by_page=DisclosedBy.PREVIEW, site_id=each, comments=keys, kinds=kinds)
        disclose_file(told, by=user)


def touched_by(user: User, sanction: int) -> list[int]:
    """The comments of open cases that a sanction of his sites finds, as far as the time reaches."""
    row = Sanction.objects.visible_to(user).filter(pk=sanction).first()  # type: ignore[no-untyped-call]
    if row is None:
        return []
    mine = Site.objects.visible_to(user).values_list("pk", flat=True)
    target = Target(Kind(row.kind), row.match, row.shown)
    sites = [site for site in mine if row.site_id in {None, site}]
    emails = may_see_personal_data(user)
    return would_touch(target, sites, seconds=WAITING_SECONDS, emails=emails).keys
