"""Who changed rules, lists, sanctions, sources, keys, members, rights: the admin's log and the rule sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from comments.admin.base import member_of_every_site, visible
from comments.models import Site
from moderation.audit.base import Asked, Entry, Found, known_to
from moderation.models import RuleSet

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

# Entries that are read at once, and those that are looked at for a page.
AT_ONCE = 500
LOOKED_AT = 5_000
RULE_SET = "moderation.ruleset"
# Where a row has its site: its own, or that of what it hangs on.
SITES = {"site": "site", "source": "source__site", "run": "run__source__site", "rule": "rule__site"}
ACTIONS = {ADDITION: "added", DELETION: "deleted"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Change:
    """A change to a row of `model` (`app.name`); `target` is None where it is no more."""

    at: datetime
    by: User | None
    model: str
    key: str
    name: str
    action: str
    told: str
    target: Model | None
    site: Site | None


def find(asked: Asked, after: int | None, most: int) -> Found:
    """The newest first, by the time in microseconds: two tables lie side by side in it."""
    before = None if after is None else _EPOCH + min(after, _LAST) * _MICROSECOND
    known = known_to(asked.user)
    found: list[Change] = []
    for looked, (at, each) in enumerate(_changes(asked, before), start=1):
        if each is not None and asked.site in (None, each.site and each.site.pk):
            hidden = known is not None and each.site is None and each.by and each.by.pk not in known
            found.append(replace(each, by=None) if hidden else each)
        if len(found) > most:
            return Found([entry(row) for row in found[:most]], _place(found[most - 1].at))
        if looked >= LOOKED_AT:
            return Found([entry(row) for row in found], _place(at), cut=True)
    return Found([entry(row) for row in found], None)


def entry(change: Change) -> Entry:
    """A change in the columns of the log."""
    values = {
        "time": change.at,
        "site": change.site.slug if change.site else "",
        "by": change.by.username if change.by else "",
        "what": change.model,
        "key": change.key,
        "name": change.name,
        "action": change.action,
        "told": change.told,
    }
    return Entry(at=change.at, by=change.by, values=values, row=change)


def _place(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _changes(asked: Asked, before: datetime | None) -> Iterator[tuple[datetime, Change | None]]:
    """Both tables by time; None stands for what he may not see, and is looked at all the same."""
    logged = _logged(_within(LogEntry.objects.all(), "action_time", "user", asked, before), asked)
    sets = _sets(_within(RuleSet.objects.all(), "created_at", "created_by", asked, before), asked)
    return merge(logged, sets, key=itemgetter(0), reverse=True)


def _within(
    rows: QuerySet[Any], time: str, person: str, asked: Asked, before: datetime | None
) -> QuerySet[Any]:
    ends = [each for each in (before, asked.until) if each is not None]
    given = {f"{time}__lt": min(ends, default=None), f"{time}__gte": asked.since, person: asked.person}
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    return rows.select_related(person).order_by(f"-{time}", "-pk")


def _slices(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """So many at once, and no more than are looked at: an offset that small costs nothing."""
    for start in range(0, LOOKED_AT + 1, AT_ONCE):
        found = list(rows[start : start + AT_ONCE])
        yield found
        if len(found) < AT_ONCE:
            return


def _logged(rows: QuerySet[LogEntry], asked: Asked) -> Iterator[tuple[datetime, Change | None]]:
    if asked.kind == RULE_SET:
        return
    if asked.kind:
        app, _dot, model = asked.kind.partition(".")
        rows = rows.filter(content_type__app_label=app, content_type__model=model)
    sees_gone = asked.user is None or member_of_every_site(asked.user)
    for entries in _slices(rows):
        found = _targets(entries, asked.user)
        for each in entries:
            target = found.get((each.content_type_id, each.object_id))
            # Whose a row was that is no more cannot be told: such entries are for those of all sites.
            seen = target is not None or (sees_gone and (asked.user is None or _is_gone(each)))
            yield each.action_time, _of_entry(each, target) if seen else None


def _targets(entries: Iterable[LogEntry], user: User | None) -> Mapping[tuple[Any, Any], Model]:
    """The rows that entries are about, of those that `user` may see: a query a model."""
    wanted: dict[int, set[str]] = defaultdict(set)
    for each in entries:
        if each.content_type_id is not None and (each.object_id or "").isdecimal():
            wanted[each.content_type_id].add(each.object_id or "")
    found: dict[tuple[Any, Any], Model] = {}
    for key, ids in wanted.items():
        model = ContentType.objects.get_for_id(key).model_class()
        if model is not None:
            rows = model._default_manager.all() if user is None else visible(model, user)
            names = {field.name for field in model._meta.fields}
            rows = rows.select_related(*(path for name, path in SITES.items() if name in names))
            found |= {(key, str(row.pk)): row for row in rows.filter(pk__in=ids)}
    return found


def _kind(entry: LogEntry) -> ContentType | None:
    """The model of an entry, from the cache that all share."""
    return ContentType.objects.get_for_id(entry.content_type_id) if entry.content_type_id else None


def _is_gone(entry: LogEntry) -> bool:
    model = kind.model_class() if (kind := _kind(entry)) else None
    return model is None or not model._default_manager.filter(pk=entry.object_id).exists()


def _of_entry(entry: LogEntry, target: Model | None) -> Change:
    kind = _kind(entry)
    return Change(
        at=entry.action_time,
        by=entry.user,
        model=f"{kind.app_label}.{kind.model}" if kind else "",
        key=entry.object_id or "",
        name=str(target) if target is not None else entry.object_repr,
        action=ACTIONS.get(entry.action_flag, "changed"),
        told=entry.get_change_message(),
        target=target,
        site=_site_of(target),
    )


def _site_of(target: Model | None) -> Site | None:
    """The site of a row, if it is of one."""
    if target is None or isinstance(target, Site):
        return target
    for name in SITES:
        if (owner := getattr(target, name, None)) is not None:
            return _site_of(owner)
    return None


def _sets(rows: QuerySet[RuleSet], asked: Asked) -> Iterator[tuple[datetime, Change | None]]:
    """Each change of what is in force, by whomever: commands leave no other trace. They are of all sites."""
    if asked.kind not in ("", RULE_SET) or asked.site is not None:
        return
    for found in _slices(rows):
        for each in found:
            yield each.created_at, Change(
                at=each.created_at, by=each.created_by, model=RULE_SET, key=str(each.pk), name=str(each),
                action="added", told="", target=each, site=None,
            )  # fmt: skip
