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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from comments import bulk
from comments.services import LATE
from moderation.quotes import Moment, Source, Sources
from moderation.text import FOLDER_VERSION

# Characters of sources that a worker keeps. With their folded texts and keys
# some six bytes each in Japanese: about 120 MB.
MOST_CHARACTERS = 20_000_000
EVER = datetime.min.replace(tzinfo=UTC)

# What was stored at once with the newest may come into sight later and be older,
# by no more than what `comments` calls late; a minute is for the storing.
SETTLED = LATE + timedelta(minutes=1)

_ARTICLES = """
SELECT article_id, id, title, body FROM comments_articlerevision
WHERE article_id = ANY(%s) ORDER BY article_id, number
"""
# How many recent comments an article has and those that came since, of one moment: a
# count that is older than the rows beside it could make up for one that is missing.
_COMMENTS = """
WITH k AS MATERIALIZED (
    SELECT k.*, (
        SELECT count(*) FROM comments_comment c WHERE c.article_id = k.article_id AND c.posted_at > k.since
    ) AS recent
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::timestamptz[], %s::bigint[])
        AS k(article_id, since, known, posted_at, id)
)
SELECT k.article_id, k.recent - k.known, c.id, c.revision, c.body,
    CASE WHEN c.folder_version = %s THEN c.folded ELSE '' END, c.posted_at
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
    characters: int = 0

    def add(self, comments: Sequence[Source]) -> None:
        """Append comments that are newer than those that are in."""
        self.index.extend(comments)
        self.characters += sum(len(source.text) for source in comments)
        times = [source.posted_at for source in comments if source.posted_at]
        self.newest = times[-1], comments[-1].id
        self.recent = [at for at in [*self.recent, *times] if at > self.since]

    @property
    def since(self) -> datetime:
        """What was posted until then is settled."""
        return max(self.newest[0], EVER + SETTLED) - SETTLED


class SourceCache:
    """The indexes of the articles used last, within a bound of memory."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._most = most_characters

    def get(self, versions: Mapping[int, int]) -> dict[int, Sources]:
        """`{article: its sources}` for `{article: its sources_version}`.

        A comment's Source has the revision of its text, an article's the id
        of its ArticleRevision. Two queries; four only in the rare case that a
        comment was committed after a later one.
        """
        try:
            return self._get(versions)
        except BaseException:
            # An index that was begun and not filled would pass for whole the next time.
            for article in versions:
                self._kept.pop(article, None)
            raise

    def _get(self, versions: Mapping[int, int]) -> dict[int, Sources]:
        for article in [key for key, version in versions.items() if self._outdated(key, version)]:
            del self._kept[article]
        if disordered := self._bring_up(versions):
            # A comment was committed after a later one that is in: begin anew.
            for article in disordered:
                del self._kept[article]
            self._bring_up(versions)
        for article in versions:
            self._kept.move_to_end(article)
        self._shrink(versions)
        return {article: self._kept[article].index for article in versions}

    def _outdated(self, article: int, version: int) -> bool:
        return article in self._kept and self._kept[article].version != version

    def _bring_up(self, versions: Mapping[int, int]) -> list[int]:
        """Index the articles that are not in, and append what came to the others;
        those at which some comment could not be appended."""
        fresh = [article for article in versions if article not in self._kept]
        for article in fresh:
            self._kept[article] = _Kept(versions[article])
        for article, revision, title, body in bulk.fetch(_ARTICLES, [fresh]) if fresh else ():
            self._kept[article].index.extend(
                [
                    Source("article", article, revision, "title", title),
                    Source("article", article, revision, "body", body),
                ]
            )
            self._kept[article].characters += len(title) + len(body)
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
        for article, more, key, revision, body, folded, at in bulk.fetch(_COMMENTS, params):
            missing[article] = more
            if key is not None:
                comment = Source("comment", key, revision, "body", body, folded, at)
                found.setdefault(article, []).append(comment)
        return missing, found

    def _shrink(self, needed: Collection[int]) -> None:
        """Let go of the articles used longest ago, beyond the bound."""
        total = sum(kept.characters for kept in self._kept.values())
        for article in [key for key in self._kept if key not in needed]:
            if total <= self._most:
                return
            total -= self._kept.pop(article).characters
