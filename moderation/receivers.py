"""What moderation does when `comments` tells that something changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from comments import bulk
from comments.models import ImportRun
from comments.signals import Change, connect
from moderation import doorbell
from moderation.models import Case, Lane, Severity
from moderation.services.case_texts import renew_cases_of, write_texts_of_articles
from moderation.services.erased import withdraw
from moderation.services.link_traces import forget_links, trace_links
from moderation.services.near_keys import forget_near_keys, keep_near_keys
from moderation.services.noting import note_articles, note_edited
from moderation.services.stored import STORED, Stored
from moderation.services.terms import TERMS


def enlist(change: Change, ids: Sequence[int], *, live: bool, **_: Any) -> None:
    """Put comments on the list of what waits, in the transaction that stored them.

    An edit may find its comment waiting already: then its newer text is what
    will be judged, and it keeps the better lane. Where it links to is kept,
    and by what keys its text is found again.
    """
    if change not in {Change.RECEIVED, Change.EDITED}:
        return
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    # One round trip for both: it is paid by every comment that a reader sends.
    found = bulk.fetch(
        f"""WITH waiting AS (
                INSERT INTO moderation_pending (comment_id, lane, request_id, since)
                SELECT id, %s, %s, clock_timestamp() FROM unnest(%s::bigint[]) AS id
                ON CONFLICT (comment_id) DO UPDATE SET lane = least(moderation_pending.lane, excluded.lane)
            ) {STORED}""",  # noqa: S608
        [Lane.LIVE if live else Lane.IMPORT, request_id, list(ids), list(ids)],
    )
    if change is Change.EDITED:
        forget_links(ids)
        forget_near_keys(ids)
    stored = [Stored(*values) for values in found]
    trace_links(stored)
    keep_near_keys(stored)
    transaction.on_commit(doorbell.ring)


def open_run_case(change: Change, ids: Sequence[int], **_: Any) -> None:
    """One case of low severity for a run that brought in rows which are guesses.

    A run that found everything as it was has nothing new to look at.
    """
    if change is not Change.RUN_FINISHED:
        return
    guessed = ImportRun.objects.filter(
        pk__in=ids, problems__refused=False, problems__code__startswith="guessed-"
    ).select_related("source")
    now = timezone.now()
    for run in guessed.distinct():
        comments = run.counts.get("comments", {})
        if not comments.get("created", 0) + comments.get("updated", 0):
            continue
        case = Case.objects.create(
            import_run=run,
            site_id=run.source.site_id,
            severity=Severity.LOW,
            opened_at=now,
            due_at=now + TERMS[Severity.LOW],
        )
        case.causes.create(kind="import-guess")


def note_changed_sources(change: Change, ids: Sequence[int], **_: Any) -> None:
    """What others may have quoted has another text."""
    if change is Change.EDITED:
        note_edited(ids)
    elif change is Change.SOURCES:
        note_articles(ids)


def renew_what_cases_are_found_by(change: Change, ids: Sequence[int], **_: Any) -> None:
    """An open case is searched by the words of today."""
    if change is Change.EDITED:
        renew_cases_of(ids)
    elif change is Change.SOURCES:
        write_texts_of_articles(ids)


def withdraw_erased(change: Change, ids: Sequence[int], **_: Any) -> None:
    """What was erased is never shown, and nothing of it kept."""
    if change is Change.ERASED:
        withdraw(ids, timezone.now())


connect(enlist, dispatch_uid="moderation.enlist")
connect(note_changed_sources, dispatch_uid="moderation.note_changed_sources")
connect(withdraw_erased, dispatch_uid="moderation.withdraw_erased")
connect(renew_what_cases_are_found_by, dispatch_uid="moderation.renew_what_cases_are_found_by")
connect(open_run_case, dispatch_uid="moderation.open_run_case")
