"""What an import format is: a stream of bytes in, rows out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import BinaryIO, Protocol

from comments.drafts import ArticleDraft, CommentDraft

# The kinds of row that the ledger counts apart.
KINDS = ("articles", "comments", "pings")


@dataclass(frozen=True, slots=True)
class Notice:
    """A remark on a row that was nevertheless taken in: a stable `code` and a
    sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a source: a draft, with where it stood and what was odd.

    `place` is what a person would look for (`line 12`, `item 3, comment 44`).
    """

    place: str
    draft: ArticleDraft | CommentDraft
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row that could not be taken in: why, and the row itself, cut at 8 KiB.

    `kind` is one of KINDS as far as it could be told, else `comments`.
    """

    place: str
    kind: str
    code: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a format may be told: the zone of dates that name none, and for
    formats that cannot say which article they hold, its URL or the file's name."""

    zone: tzinfo
    url: str = ""
    filename: str = ""
    extra: dict[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """Nothing (more) can be read from the source; what came before stands."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place


class Format(Protocol):
    """One import format."""

    slug: str
    # The policy of a run that names none: `enforce`, `flag` or `trusted`.
    policy: str

    def sniff(self, head: bytes) -> bool:
        """Whether a stream that begins with `head` (up to 64 KiB) is of this format."""

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """The rows of the stream, lazily, each with its place.

        Articles and comments come in whatever order the source has them;
        a comment names its article and parent by the source's ids. Raises
        `Unreadable` where the source cannot be read on.
        """
