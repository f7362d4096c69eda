"""What was decided without a person is sent to the desk: the comment stays as it is, a case is opened."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog
from django.db import transaction

from comments.models import Comment
from moderation.models import Case, Severity
from moderation.services.cases import open_cases
from moderation.services.deciding import lock

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = structlog.get_logger(__name__)

# The cause of such a case.
SENT = "sent"


class Sent(StrEnum):
    """What became of it: a new case, one that was open already, or why there is none."""

    OPENED = "opened"
    OPEN_ALREADY = "open-already"
    NO_TEXT = "no-text"
    DENIED = "denied"


@transaction.atomic
def send_to_desk(comment_id: int, *, by: User, now: datetime) -> tuple[Sent, int | None]:
    """Open a case for a comment, which keeps its status; what became of it, and the case.

    Denied where he does not see the comment, and refused where nothing is
    left to look at: it was erased, or withdrawn with its import.
    """
    if not Comment.objects.visible_to(by).filter(pk=comment_id).exists():
        return Sent.DENIED, None
    comment = lock([comment_id])[comment_id]
    if comment.erased_at is not None or comment.withdrawn_at is not None:
        return Sent.NO_TEXT, None
    case = Case.objects.filter(comment=comment, closed_at=None).first()
    if case is not None:
        return Sent.OPEN_ALREADY, case.pk
    open_cases({comment: [SENT]}, Severity.NORMAL, now)
    log.info("sent-to-desk", comment=comment_id, by=by.pk)
    return Sent.OPENED, Case.objects.get(comment=comment, closed_at=None).pk
