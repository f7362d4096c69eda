"""What undoing an import run would do to each comment that the run touched, and why not to some.

A comment is touched if the run created it, brought it back, or edited it. The
first two are withdrawn, the last gets its former text back; each only as long
as it is as the run left it, and nobody has worked with it since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from time import monotonic
from typing import NamedTuple

from comments import bulk
from comments.models import ImportRun
from comments.undoing import beside

# Comments that a preview looks at in one query.
LOOKED_AT = 2_000
# Examples kept of each cause.
EXAMPLES = 3


class Cause(StrEnum):
    """Why a comment is left alone; several may be true of one."""

    # Settled: nothing is left to take back.
    ERASED = "erased"
    DONE = "done"
    # A later run or an edit has changed it since. What that said is not the run's to withdraw.
    CHANGED = "changed"
    # A person has decided on what the run brought.
    DECIDED = "decided"
    # A comment that is not of the run answers it, or quotes it, and is not rejected.
    REPLIED = "replied"
    QUOTED = "quoted"


Causes = frozenset[Cause]


class Options(NamedTuple):
    """Which of the comments that people have worked with since are taken back, too."""

    include_decided: bool = False
    include_answered: bool = False

    @property
    def waived(self) -> Causes:
        """The causes that do not count."""
        decided = {Cause.DECIDED} if self.include_decided else set()
        answered = {Cause.REPLIED, Cause.QUOTED} if self.include_answered else set()
        return frozenset(decided | answered)


@dataclass(frozen=True, slots=True)
class Touched:
    """A comment that the run touched; `before` is the number of the revision that it replaced, 0 for none.

    `brought` by the run is one that it created or brought back; others it edited.
    """

    id: int
    article_id: int
    status: str
    brought: bool
    before: int
    causes: Causes


@dataclass(frozen=True, slots=True)
class Figures:
    """What an undo does, as `ImportUndo.counts` has it."""

    withdrawn: int
    restored: int
    left: dict[str, int]

    @property
    def kept(self) -> int:
        """How many are left alone though something could be taken back."""
        return sum(number for name, number in self.left.items() if name not in {Cause.DONE, Cause.ERASED})

    def document(self) -> dict[str, object]:
        return {"withdrawn": self.withdrawn, "restored": self.restored, "left": self.left}


@dataclass(slots=True)
class Tally:
    """How many comments there are of each kind and causes, with the ids of a few; `whole` if of all."""

    counts: Counter[tuple[bool, Causes]] = field(default_factory=Counter)
    examples: dict[tuple[bool, Causes], list[int]] = field(default_factory=dict)
    whole: bool = True

    def add(self, touched: Iterable[Touched]) -> None:
        for each in touched:
            self.counts[each.brought, each.causes] += 1
            examples = self.examples.setdefault((each.brought, each.causes), [])
            if len(examples) < EXAMPLES:
                examples.append(each.id)

    @property
    def total(self) -> int:
        return self.counts.total()

    def of(self, options: Options) -> Figures:
        """The figures of an undo with these options."""
        taken: Counter[bool] = Counter()
        left: Counter[str] = Counter()
        for (brought, causes), number in self.counts.items():
            if causes <= options.waived:
                taken[brought] += number
            else:
                left[name_of(causes)] += number
        return Figures(taken[True], taken[False], dict(sorted(left.items())))

    def examples_of(self, name: str) -> list[int]:
        """The ids of a few comments that have these causes."""
        found = (ids for (_, causes), ids in self.examples.items() if name_of(causes) == name)
        return [key for ids in found for key in ids][:EXAMPLES]


def name_of(causes: Causes) -> str:
    """The causes as one word: `decided+replied`."""
    return "+".join(cause for cause in Cause if cause in causes)


def size_of(run: ImportRun) -> int:
    """How many comments the run touched, by its counts."""
    return sum(
        counts.get(outcome, 0)
        for kind, counts in run.counts.items()
        if kind != "articles"
        for outcome in ("created", "updated")
    )


def articles_of(run: ImportRun) -> int:
    """How many articles it created. They stay: comments of others may hang on them."""
    return int(run.counts.get("articles", {}).get("created", 0))


def preview(
    run: ImportRun, *, seconds: float | None = None, step: Callable[[int], None] | None = None
) -> Tally:
    """What an undo of the run would find now, as far as `seconds` reach; nothing is locked nor written.

    `step` is called with the number of comments looked at.
    """
    tally, after, started = Tally(), 0, monotonic()
    while ids := next_ids(run, after, LOOKED_AT):
        tally.add(look(run.pk, ids))
        after = ids[-1]
        if step:
            step(tally.total)
        if seconds is not None and monotonic() - started > seconds:
            tally.whole = not next_ids(run, after, 1)
            break
    return tally


# The comments that a run created lie in its range of ids; those that it brought back are among its edits.
_NEXT = """
(SELECT id FROM comments_comment
 WHERE id > %s AND id BETWEEN %s AND %s AND import_run_id = %s ORDER BY id LIMIT %s)
UNION
(SELECT comment_id FROM comments_commentrevision
 WHERE import_run_id = %s AND comment_id > %s ORDER BY comment_id LIMIT %s)
ORDER BY id LIMIT %s
"""


def next_ids(run: ImportRun, after: int, limit: int) -> list[int]:
    """The next comments that the run touched, in ascending id."""
    first, last = run.first_comment_id or 0, run.last_comment_id or 0
    params = [after, first, last, run.pk, limit, run.pk, after, limit, limit]
    return [key for (key,) in bulk.fetch(_NEXT, params)]


# What a person took back does not count as decided. A reply from before the run's edit answers the
# former text.
_LOOK = """
SELECT c.id, c.article_id, c.status, c.revision, c.import_run_id IS NOT DISTINCT FROM k.run,
    coalesce(r.number, 0), c.erased_at IS NOT NULL, c.withdrawn_at IS NOT NULL,
    EXISTS (
        SELECT FROM moderation_decision d
        WHERE d.comment_id = c.id AND d.by_id IS NOT NULL AND d.cause <> 'undo'
          AND d.revision > coalesce(r.number, 0)
          AND NOT EXISTS (
            SELECT FROM moderation_decision u
            WHERE u.comment_id = c.id AND u.supersedes_id = d.id AND u.cause = 'undo')),
    EXISTS (
        SELECT FROM comments_comment p
        WHERE p.parent_id = c.id AND p.status <> 'rejected' AND p.import_run_id IS DISTINCT FROM k.run
          AND p.received_at >= coalesce(r.created_at, '-infinity')),
    EXISTS (
        SELECT FROM moderation_quote q
        JOIN comments_comment p ON p.id = q.comment_id AND p.revision = q.revision
        WHERE q.source_comment_id = c.id AND p.status <> 'rejected'
          AND p.import_run_id IS DISTINCT FROM k.run
          AND p.received_at >= coalesce(r.created_at, '-infinity'))
FROM (SELECT %s::bigint AS run, unnest(%s::bigint[]) AS id) k
JOIN comments_comment c ON c.id = k.id
LEFT JOIN LATERAL (
    SELECT number, created_at FROM comments_commentrevision r
    WHERE r.comment_id = c.id AND r.import_run_id = k.run ORDER BY number LIMIT 1
) r ON true
ORDER BY c.id
"""


class _Row(NamedTuple):
    """A row of `_LOOK`."""

    id: int
    article_id: int
    status: str
    revision: int
    brought: bool
    before: int
    erased: bool
    withdrawn: bool
    decided: bool
    replied: bool
    quoted: bool


def look(run_id: int, ids: Sequence[int]) -> list[Touched]:
    """These comments, which the run touched, with why each is to be left alone: two queries."""
    rows = [_Row(*values) for values in bulk.fetch(_LOOK, [run_id, list(ids)])]
    later = _later({row.id: row.before for row in rows if row.before or row.revision > 1})
    return [
        Touched(
            row.id, row.article_id, row.status, row.brought, row.before, _causes(row, later.get(row.id, []))
        )
        for row in rows
    ]


def _causes(row: _Row, later: Sequence[_Later]) -> Causes:
    if row.erased:
        return frozenset({Cause.ERASED})
    if row.withdrawn or (not row.brought and _stands(later)):
        return frozenset({Cause.DONE})
    # What stood before the run is the first of `later`, unless the run created it; then what it left.
    if not _stands(later[1:] if row.before else later):
        return frozenset({Cause.CHANGED})
    worked = {Cause.DECIDED: row.decided, Cause.REPLIED: row.replied, Cause.QUOTED: row.quoted}
    return frozenset(cause for cause, true in worked.items() if true)


class _Later(NamedTuple):
    """A revision that was replaced since: whether its text is that of today, and what else was `former`."""

    same: bool
    former: dict[str, object]
    today: dict[str, object]


def _stands(later: Sequence[_Later]) -> bool:
    """Whether a comment is today what it was in the first of these revisions; it is where there are none."""
    then: dict[str, object] = {}
    for each in reversed(later):
        then.update(each.former)
    return not later or (later[0].same and all(later[0].today[name] == value for name, value in then.items()))


_LATER = """
SELECT c.id, (r.author_name, r.author_url, r.body) = (c.author_name, c.author_url, c.body), r.former,
    c.author_email, c.author_id, c.source_state, c.posted_at
FROM unnest(%s::bigint[], %s::int[]) AS k(id, number)
JOIN comments_comment c ON c.id = k.id
JOIN comments_commentrevision r ON r.comment_id = k.id AND r.number >= k.number
ORDER BY c.id, r.number
"""


def _later(since: dict[int, int]) -> dict[int, list[_Later]]:
    """`{comment: its revisions from that number on, in order}`."""
    rows = bulk.fetch(_LATER, [list(since), list(since.values())]) if since else []
    return {
        key: [
            _Later(same, beside(former), _today(email, author, state, posted_at))
            for _, same, former, email, author, state, posted_at in found
        ]
        for key, found in groupby(rows, key=itemgetter(0))
    }


def _today(email: str, author: str, state: str, posted_at: datetime) -> dict[str, object]:
    return {"author_email": email, "author_id": author, "source_state": state, "posted_at": posted_at}
