"""What a run would do, by looking alone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from comments.articles import Disagreement, find_articles, names
from comments.articles import differences as article_differences
from comments.drafts import ArticleDraft, CommentDraft
from comments.edits import differences as comment_differences
from comments.formats.base import Problem, Row, Unreadable
from comments.imports.chunks import NO_ID, TWICE, Item, article_keys, canonical_name, in_chunks, items
from comments.imports.ledger import Entry, Ledger, refusal
from comments.imports.seen import Seen
from comments.imports.source import Numbered, Source
from comments.models import Article, Comment, Site
from comments.services import Outcome

# Rows shown as they were understood.
SAMPLES = 3
# Rows among which they are looked for.
LOOKED_AT = 1_000
# Problems and notices kept to be shown; all are counted.
SHOWN = 1_000


@dataclass
class Preview:
    """What a run would do with a source, and why it would stop (`error`)."""

    ledger: Ledger = field(default_factory=Ledger)
    samples: list[Row] = field(default_factory=list)
    error: str = ""

    @property
    def entries(self) -> list[Entry]:
        """The first problems and notices."""
        return self.ledger.entries


def first_rows(source: Source) -> list[Row]:
    """The first rows of a source, as they are understood."""
    rows: list[Row] = []
    with suppress(Unreadable):  # The run says so at its place.
        for row in itertools.islice(source.rows(), LOOKED_AT):
            if isinstance(row, Row):
                rows.append(row)
            if len(rows) == SAMPLES:
                break
    return rows


def preview(site: Site, slug: str, source: Source) -> Preview:
    """Compare a source with what is stored. Writes nothing.

    Replies are not looked up: their notices come with a real run. Memory
    grows by the ids in the source, eight bytes each.
    """
    look = _Look(site, slug)
    try:
        for chunk in in_chunks(source.numbered()):
            look.at(chunk)
    except Unreadable as fault:
        look.preview.error = str(fault)
    look.last_call()
    return look.preview


class _Look:
    def __init__(self, site: Site, slug: str) -> None:
        self.site = site
        self.slug = slug
        self.preview = Preview()
        # Articles of the source, by each name and by key; ids of its comments.
        self.articles: set[object] = set()
        self.seen = Seen()
        # Comments of articles not met yet: `{article: {(kind, outcome): n}}`.
        self.waiting: dict[str, Counter[tuple[str, str]]] = {}

    def at(self, chunk: Sequence[Numbered]) -> None:
        """Compare one chunk: a constant number of queries."""
        ledger, samples = self.preview.ledger, self.preview.samples
        for position, row in chunk:
            if isinstance(row, Problem):
                ledger.refuse(position, row)
            elif len(samples) < SAMPLES:
                samples.append(row)
        self._articles(items(chunk, ArticleDraft))
        self._comments(items(chunk, CommentDraft))
        del ledger.entries[SHOWN:]

    def _articles(self, articles: Sequence[Item[ArticleDraft]]) -> None:
        ledger = self.preview.ledger
        found = find_articles([article.draft for article in articles], self.site)
        for article, stored in zip(articles, found, strict=True):
            named: set[object] = {name for _, name in names(article.draft)}
            if isinstance(stored, Article):
                named.add(stored.pk)
            if named & self.articles:
                ledger.refuse(
                    article.position, refusal(article.row, "duplicate-id", TWICE), article.row.notices
                )
                continue
            if isinstance(stored, Disagreement):
                ledger.refuse(
                    article.position, refusal(article.row, "disagreement", str(stored)), article.row.notices
                )
                continue
            if stored is None:
                ledger.settle(article.position, article.row, Outcome.CREATED)
            else:
                changed = article_differences(stored, article.draft)
                ledger.settle(
                    article.position, article.row, Outcome.UPDATED if changed else Outcome.UNCHANGED
                )
            self.articles |= named

    def _comments(self, comments: Sequence[Item[CommentDraft]]) -> None:
        ledger = self.preview.ledger
        placed = article_keys(self.site.pk, (comment.draft.article for comment in comments))
        keys = [comment.draft.external_id for comment in comments]
        taken = self.seen.among(keys)
        stored = Comment.objects.filter(site=self.site, source=self.slug, external_id__in=keys)
        known = {comment.external_id: comment for comment in stored}
        for comment in comments:
            draft = comment.draft
            if not draft.external_id:
                ledger.refuse(comment.position, refusal(comment.row, "required", NO_ID), comment.row.notices)
                continue
            if draft.external_id in taken:
                ledger.refuse(
                    comment.position, refusal(comment.row, "duplicate-id", TWICE), comment.row.notices
                )
                continue
            taken.add(draft.external_id)
            self.seen.add(draft.external_id)
            outcome = _outcome(known.get(draft.external_id), draft)
            if draft.article in placed or canonical_name(draft.article) in self.articles:
                ledger.settle(comment.position, comment.row, outcome)
            else:
                self.waiting.setdefault(draft.article, Counter())[comment.kind, outcome] += 1
                ledger.remark(comment.position, comment.row)

    def last_call(self) -> None:
        """Settle the comments that came before their article."""
        ledger = self.preview.ledger
        for article, counted in self.waiting.items():
            here = canonical_name(article) in self.articles
            for (kind, outcome), number in counted.items():
                ledger.count(kind, outcome if here else "problems", number)
            if not here:
                reason = f"there is no article {article!r}; {counted.total():,} comments name it."
                ledger.entries.append((True, 0, "comments", "", "unknown-article", reason, ""))
        del ledger.entries[SHOWN:]


def _outcome(stored: Comment | None, draft: CommentDraft) -> Outcome:
    if stored is None:
        return Outcome.CREATED
    # What was erased is not brought back, so nothing of it changes.
    changed = not stored.erased_at and comment_differences(stored, draft, live=False)
    return Outcome.UPDATED if changed else Outcome.UNCHANGED
