"""What quotes may be traced to, kept by a worker between batches.

An index of an article's sources is valid for one `Article.sources_version`,
which rises with every edit, hide, erase and late arrival; comments that came
since are appended. The highest id is never trusted, for transactions commit
in any order. Comments are never deleted: as long as an article has as many
recent ones as the index knows, it has the same ones. What is older than
`SETTLED` can only have come with a rise of the version.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Any

from django.conf import settings

from comments import bulk
from comments.services import LATE
from moderation.quotes import Moment, Source, Sources
from moderation.text import FOLDER_VERSION

# What an index that is still to be built is taken for: a character costs some 16 bytes with its text,
# folded text and keys (`Sources.index_bytes` at 200 characters a comment), and readers of newspapers
# and forums write from 100 to 250 characters.
BYTES_A_COMMENT = 16 * 200
EVER = datetime.min.replace(tzinfo=UTC)

# What was stored at once with the newest may come into sight later and be older,
# by no more than what `comments` calls late; a minute is for the storing.
SETTLED = LATE + timedelta(minutes=1)

# The first text was there before anybody could quote it, whenever its row was made.
_ARTICLES = """
SELECT article_id, id, title, body, CASE WHEN number > 1 THEN created_at END,
    lead(created_at) OVER (PARTITION BY article_id ORDER BY number)
FROM comments_articlerevision WHERE article_id = ANY(%s) ORDER BY article_id, number
"""
_SIZES = """
SELECT k.id, (SELECT count(*) FROM comments_comment c WHERE c.article_id = k.id)
FROM unnest(%s::bigint[]) AS k(id)
"""
_COMMENTS = """
WITH k AS MATERIALIZED (
    SELECT k.*, (
        SELECT count(*) FROM comments_comment c WHERE c.article_id = k.article_id AND c.posted_at > k.since
    ) AS recent
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::timestamptz[], %s::bigint[])
        AS k(article_id, since, known, posted_at, id)
)
SELECT k.article_id, k.recent - k.known, c.id, c.revision, c.body,
    CASE WHEN c.folder_version = %s THEN c.folded ELSE '' END, c.posted_at, c.number, c.author_name,
    c.status = 'rejected'
FROM k LEFT JOIN comments_comment c ON c.article_id = k.article_id
    AND k.recent <> k.known AND (c.posted_at, c.id) > (k.posted_at, k.id)
ORDER BY k.article_id, c.posted_at, c.id
"""


@dataclass(slots=True)
class _Kept:
    """An article's index at one version of its sources, and what is in it."""

    version: int
    index: Sources = field(default_factory=Sources)
    recent: list[datetime] = field(default_factory=list)
    newest: Moment = (EVER, 0)
    number: int = 0
    bytes: int = 0

    def add(self, comments: Sequence[Source]) -> None:
        """Append comments that are newer than those that are in."""
        self.index.extend(comments)
        times = [source.posted_at for source in comments if source.posted_at]
        self.newest, self.number = (times[-1], comments[-1].id), comments[-1].number or 0
        self.recent = [at for at in [*self.recent, *times] if at > self.since]

    @property
    def since(self) -> datetime:
        """What was posted until then is settled."""
        return max(self.newest[0], EVER + SETTLED) - SETTLED

    def measure(self) -> int:
        """Set `bytes`, what it costs to keep: the index and the texts, of two bytes a character
        in Japanese; by how much it has grown."""
        before = self.bytes
        self.bytes = self.index.index_bytes + 2 * self.index.characters
        return self.bytes - before


class SourceCache:
    """The indexes of articles that were used lately, within a bound of memory.

    The bound is `settings.SOURCES_MEGABYTES` unless `most_bytes` is given. It
    is never passed by more than one article that is larger by itself.
    """

    def __init__(self, most_bytes: int | None = None) -> None:
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._most = settings.SOURCES_MEGABYTES * 2**20 if most_bytes is None else most_bytes
        self._random = Random(0)  # noqa: S311 - what is let go is no secret
        self._bytes = 0
        # Those given out last: while they are used they grow.
        self._used: Collection[int] = ()

    def get(self, versions: Mapping[int, int]) -> dict[int, Sources]:
        """`{article: its sources}` for `{article: its sources_version}`.

        A comment's Source has the revision of its text, an article's the id
        of its ArticleRevision. A comment that was rejected is hidden; one that
        is held or not yet judged is not, for it may be published later. One
        that has no number yet has the one it will get. Two queries; four only
        in the rare case that a comment was committed after a later one.
        """
        try:
            return self._get(versions)
        except BaseException:
            # An index that was begun and not filled would pass for whole the next time.
            for article in versions:
                self._drop(article)
            raise

    def slices(self, versions: Mapping[int, int]) -> Iterator[dict[int, Sources]]:
        """As `get`, some articles at a time, in their order: as many as fit into the bound at once.

        One query more for their sizes, and those of `get` a slice; of ordinary
        batches there is one.
        """
        taken: dict[int, int] = {}
        total = 0
        for article, size in self._sizes(versions).items():
            if taken and total + size > self._most:
                yield self._of_slice(taken, total)
                taken, total = {}, 0
            taken[article] = versions[article]
            total += size
        if taken:
            yield self._of_slice(taken, total)

    def _of_slice(self, versions: Mapping[int, int], size: int) -> dict[int, Sources]:
        self._shrink(versions, self._most - size)
        return self.get(versions)

    def _sizes(self, versions: Mapping[int, int]) -> dict[int, int]:
        """What the index of each article costs, or will cost: in bytes."""
        fresh = [article for article in versions if article not in self._kept]
        counts = dict(bulk.fetch(_SIZES, [fresh])) if fresh else {}
        return {
            key: counts[key] * BYTES_A_COMMENT if key in counts else self._kept[key].bytes for key in versions
        }

    def _get(self, versions: Mapping[int, int]) -> dict[int, Sources]:
        self._measure(self._used)
        for article in [key for key, version in versions.items() if self._outdated(key, version)]:
            self._drop(article)
        if disordered := self._bring_up(versions):
            # A comment was committed after a later one that is in: begin anew.
            for article in disordered:
                self._drop(article)
            self._bring_up(versions)
        for article in versions:
            self._kept.move_to_end(article)
        self._used = tuple(versions)
        self._measure(self._used)
        self._shrink(versions, self._most - sum(self._kept[article].bytes for article in versions))
        return {article: self._kept[article].index for article in versions}

    def _outdated(self, article: int, version: int) -> bool:
        return article in self._kept and self._kept[article].version != version

    def _bring_up(self, versions: Mapping[int, int]) -> list[int]:
        """Index the articles that are not in, and append what came to the others;
        those at which some comment could not be appended."""
        fresh = [article for article in versions if article not in self._kept]
        for article in fresh:
            self._kept[article] = _Kept(versions[article])
        for article, texts in _articles(fresh).items():
            self._kept[article].index.extend(texts)
        missing, newer = self._newer(list(versions))
        for article, comments in newer.items():
            self._kept[article].add(comments)
        return [article for article in versions if len(newer.get(article, ())) < missing[article]]

    def _newer(self, articles: Sequence[int]) -> tuple[dict[int, int], dict[int, list[Source]]]:
        """How many more comments an article has than are in; those after its newest, in order."""
        missing: dict[int, int] = {}
        found: dict[int, list[Source]] = {}
        kept = [self._kept[article] for article in articles]
        params = [
            articles,
            [each.since for each in kept],
            [len(each.recent) for each in kept],
            [each.newest[0] for each in kept],
            [each.newest[1] for each in kept],
            FOLDER_VERSION,
        ]
        for article, more, *row in bulk.fetch(_COMMENTS, params):
            missing[article] = more
            if row[0] is not None:
                before = found.setdefault(article, [])
                last = before[-1].number if before else self._kept[article].number
                before.append(_comment(row, (last or 0) + 1))
        return missing, found

    def _shrink(self, needed: Mapping[int, int], most: int) -> None:
        """Let go of articles that are not needed beyond so many bytes: of two drawn by lot
        the one used longer ago.

        Were it always the one used longest ago, articles that are visited in
        turn and just do not fit would all be built anew at every turn.
        """
        total = self._bytes - sum(self._kept[key].bytes for key in needed if key in self._kept)
        if total <= most:
            return
        others = [key for key in self._kept if key not in needed]
        while total > most and others:
            drawn = min(self._random.randrange(len(others)), self._random.randrange(len(others)))
            total -= self._drop(others.pop(drawn))

    def _measure(self, articles: Iterable[int]) -> None:
        self._bytes += sum(self._kept[key].measure() for key in articles if key in self._kept)

    def _drop(self, article: int) -> int:
        """Let go of an article; the bytes that it had."""
        kept = self._kept.pop(article, None)
        freed = kept.bytes if kept else 0
        self._bytes -= freed
        return freed


def _articles(articles: Sequence[int]) -> dict[int, list[Source]]:
    """The titles and bodies that articles have or had, with the time that each was up.

    A revision that left one of them as it was only makes it last longer.
    """
    texts: dict[int, list[Source]] = {article: [] for article in articles}
    rows = bulk.fetch(_ARTICLES, [articles]) if articles else []
    for name, column in (("title", 2), ("body", 3)):
        for (article, text), same in groupby(rows, key=itemgetter(0, column)):
            run = list(same)
            source = Source("article", article, run[-1][1], name, text, posted_at=run[0][4], until=run[-1][5])
            texts[article].append(source)
    return texts


def _comment(row: Sequence[Any], number: int) -> Source:
    """The source that a row of `_COMMENTS` holds; `number` if it has none of its own."""
    key, revision, body, folded, posted_at, given, author, hidden = row
    return Source(
        "comment", key, revision, "body", body, folded, posted_at,
        number=number if given is None else given, author=author, hidden=hidden,
    )  # fmt: skip
