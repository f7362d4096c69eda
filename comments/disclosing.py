"""Record who is shown personal data: the only writer of `Disclosure`.

Written where the data is about to be sent, in one statement a request. Without
the row there is no data: a failure here fails the request.
"""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from comments.models import Comment, DisclosedBy, DisclosedKind, Disclosure

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = ["ALL", "DisclosedBy", "DisclosedKind", "disclose", "disclose_file", "kinds_of"]

COLUMNS = {
    DisclosedKind.EMAIL: "author_email",
    DisclosedKind.ADDRESS: "ip",
    DisclosedKind.USER_AGENT: "user_agent",
}
ALL = tuple(COLUMNS)


def disclose(
    shown: Iterable[Comment],
    page: DisclosedBy,
    *,
    by: User,
    kinds: Iterable[DisclosedKind] = ALL,
    about: int | None = None,
) -> None:
    """Record that `by` is shown these kinds of data of comments: a row a site, none for what has no data."""
    wanted = set(kinds)
    seen: dict[int, tuple[list[int], set[DisclosedKind]]] = defaultdict(lambda: ([], set()))
    for comment in shown:
        if held := kinds_of(comment, wanted):
            keys, found = seen[comment.site_id]
            keys.append(comment.pk)
            found.update(held)
    Disclosure.objects.bulk_create(
        Disclosure(by=by, site_id=site, by_page=page, kinds=sorted(found), comments=keys, about=about)
        for site, (keys, found) in seen.items()
    )


def disclose_file(shown: Disclosure, *, by: User | None) -> None:
    """Record what holds data of many, or of no comment. Without `by` it is a command."""
    shown.by = by
    shown.operator = "" if by else _account()
    shown.kinds = sorted(shown.kinds or [DisclosedKind.ROW])
    shown.save()


def kinds_of(comment: Comment, wanted: Collection[DisclosedKind] = ALL) -> list[DisclosedKind]:
    """The kinds of personal data that a comment has, of those that are wanted."""
    # A list does not load all columns: what is not wanted is not looked at.
    return [kind for kind, column in COLUMNS.items() if kind in wanted and getattr(comment, column)]


def _account() -> str:
    """Who runs the command, as the machine knows him; a container may have no name for its user."""
    try:
        return getpass.getuser()[:64]
    except (KeyError, OSError):
        return "?"
