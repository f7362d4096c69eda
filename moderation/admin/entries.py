"""The entries of the queue's list, in two statements: what they show, and why they wait.

Rows and not models: twenty-five cases with their comments, articles and people took a third of the
time of the page to be made, and another to be asked for texts by the template (measured).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext

from comments import bulk
from moderation.admin.sentences import cause_in_words, sentence_of
from moderation.finding_cases import MANY
from moderation.models import Severity
from moderation.templatetags.desk import full_name

if TYPE_CHECKING:
    from moderation.admin.filters import Filters
    from moderation.admin.queue import Page

# Characters of a body, of a title and of a note that the list shows.
BEGINNING, TITLE, WHY = 240, 60, 160


class Name(NamedTuple):
    """What a colleague is called by, as `full_name` writes it."""

    username: str
    first: str
    last: str

    def __str__(self) -> str:
        return full_name(User(username=self.username, first_name=self.first, last_name=self.last))


class Row(NamedTuple):
    """A case that waits, with what the list shows of its comment or its import run."""

    pk: int
    comment_id: int | None
    severity: int
    opened_at: datetime
    due_at: datetime
    group_id: int | None
    escalated_at: datetime | None
    site: str
    version: int | None
    author_name: str
    beginning: str
    article: str
    run: int | None
    path: str
    escalated_why: str
    escalated_by: Name | None
    # The colleague who looks at it now.
    looking: int | None
    looking_name: Name | None


_ROWS = """
SELECT k.id, k.comment_id, k.severity, k.opened_at, k.due_at, k.group_id, k.escalated_at, s.name,
       c.version, coalesce(c.author_name, ''), coalesce(left(c.body, %s), ''),
       coalesce(nullif(a.title, ''), nullif(a.url, ''), nullif(a.external_id, ''), '#' || a.id, ''),
       k.import_run_id, coalesce(r.path, ''),
       CASE WHEN k.escalated_at IS NOT NULL THEN coalesce(
           (SELECT n.text FROM moderation_note n WHERE n.comment_id = k.comment_id AND n.kind = 'escalated'
            ORDER BY n.id DESC LIMIT 1), '') ELSE '' END,
       e.username, e.first_name, e.last_name, h.id, h.username, h.first_name, h.last_name
FROM moderation_case k JOIN comments_site s ON s.id = k.site_id
LEFT JOIN comments_comment c ON c.id = k.comment_id LEFT JOIN comments_article a ON a.id = c.article_id
LEFT JOIN comments_importrun r ON r.id = k.import_run_id
LEFT JOIN auth_user e ON e.id = k.escalated_by_id
LEFT JOIN auth_user h ON h.id = k.claimed_by_id AND k.claimed_until > %s AND h.id <> %s
WHERE k.id = ANY(%s) AND k.site_id = ANY(%s) ORDER BY k.due_at, k.id
"""


def rows_of(cases: Sequence[int], sites: Sequence[int], person: int, now: datetime) -> list[Row]:
    """Those of these cases that are of these sites, by due time, as `person` sees them."""
    rows = bulk.fetch(_ROWS, [BEGINNING, now, person, list(cases), list(sites)])
    return [Row._make((*row[:15], _name(row[15:18]), row[18], _name(row[19:22]))) for row in rows]


def _name(columns: tuple[str | None, ...]) -> Name | None:
    username, first, last = columns
    return None if username is None else Name(username, first or "", last or "")


_CAUSES = """
SELECT u.case_id, u.kind, v.check_slug, f.code, f.data
FROM moderation_casecause u LEFT JOIN moderation_finding f ON f.id = u.finding_id
LEFT JOIN moderation_ruleversion v ON v.id = f.rule_version_id
WHERE u.case_id = ANY(%s) ORDER BY u.id
"""


def _causes_of(cases: Sequence[int], language: str) -> Mapping[int, list[str]]:
    """Why cases wait, in words, each once."""
    told: dict[int, dict[str, None]] = defaultdict(dict)
    for case, kind, check, code, data in bulk.fetch(_CAUSES, [list(cases)]):
        said = sentence_of(check, code, json.loads(data), language) if check else cause_in_words(kind)
        told[case][said] = None
    return {case: list(sentences) for case, sentences in told.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row in words: what the template puts down."""

    pk: int
    comment_id: int | None
    address: str
    severity: int
    severity_name: str
    is_overdue: bool
    due: str
    opened: str
    where: str
    causes: list[str]
    name: str
    beginning: str
    # `#12` and the file of an import run.
    run: str
    path: str
    # Empty where it is not so.
    alike: str
    escalated: bool
    escalated_by: str
    escalated_why: str
    looking: str
    # What marking it is called and sends: the case, or its whole group.
    mark: str
    pick: str
    picked: int


def entries_of(shown: Page, filters: Filters, now: datetime, language: str) -> list[Entry]:
    """The rows of a page of the queue in words; their addresses keep the filters."""
    causes = _causes_of([row.pk for row in shown.rows], language)
    return [
        _entry(row, causes.get(row.pk, []), shown.sizes.get(row.group_id or 0, 0), now, filters)
        for row in shown.rows
    ]


def _entry(row: Row, causes: list[str], alike: int, now: datetime, filters: Filters) -> Entry:
    as_group = filters.grouped and alike > 1
    return Entry(
        pk=row.pk,
        comment_id=row.comment_id,
        address=reverse("desk:case", args=[row.pk]) + filters.query,
        severity=row.severity,
        severity_name=str(Severity(row.severity).label),
        is_overdue=row.due_at < now,
        due=_due(row.due_at, now),
        opened=gettext("opened %(time)s ago") % {"time": timesince(row.opened_at, now, depth=1)},
        where=f"{row.site} · {_cut(row.article, TITLE)}" if row.article else row.site,
        causes=causes,
        name=row.author_name or "–",
        beginning=row.beginning,
        run=f"#{row.run}" if row.run else "",
        path=row.path,
        alike=_alike(alike) if alike > 1 else "",
        escalated=row.escalated_at is not None,
        escalated_by=_passed_on(row, now),
        escalated_why=_cut(row.escalated_why, WHY),
        looking=_looked_at(row),
        mark=gettext("Mark case %(number)s") % {"number": row.pk},
        pick="group" if as_group else "case",
        picked=row.group_id if as_group and row.group_id else row.pk,
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else Truncator(text).chars(most)


def _due(at: datetime, now: datetime) -> str:
    """At a glance is enough: the largest unit alone."""
    if at < now:
        return gettext("overdue by %(time)s") % {"time": timesince(at, now, depth=1)}
    return gettext("due in %(time)s") % {"time": timeuntil(at, now, depth=1)}


def _alike(number: int) -> str:
    if number < MANY:
        return gettext("%(number)s alike") % {"number": number}
    return gettext("%(number)s or more alike") % {"number": MANY}


def _looked_at(row: Row) -> str:
    return gettext("%(name)s is looking at this") % {"name": row.looking_name} if row.looking_name else ""


def _passed_on(row: Row, now: datetime) -> str:
    if row.escalated_by is None or row.escalated_at is None:
        return ""
    time = timesince(row.escalated_at, now, depth=1)
    return gettext("by %(name)s, %(time)s ago") % {"name": row.escalated_by, "time": time}
