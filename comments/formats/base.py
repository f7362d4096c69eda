"""What an import format is: a stream of bytes in, rows out. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import BinaryIO, Protocol

from comments.drafts import ArticleDraft, CommentDraft, Kind, Refused

# The kinds of row that the ledger counts apart.
KINDS = ("articles", "comments", "pings")

# How much of a refused row is kept for the person who mends it, in UTF-8 bytes.
RAW_LIMIT = 8 * 1024
# Characters that are kept of a text whose beginning was guessed: of four bytes at most.
GUESSED_LIMIT = RAW_LIMIT // 4


@dataclass(frozen=True, slots=True)
class Notice:
    """A remark on a row that was nevertheless taken in: a stable `code` and a
    sentence for people. It holds nothing that the row's author typed."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a source: a draft, with where it stood and what was odd.

    `place` is what a person would look for (`line 12`, `item 3, comment 2 (id 44)`).
    """

    place: str
    draft: ArticleDraft | CommentDraft
    notices: tuple[Notice, ...] = ()

    @property
    def kind(self) -> str:
        """The one of KINDS that the ledger counts this row under."""
        if isinstance(self.draft, ArticleDraft):
            return "articles"
        return "comments" if self.draft.kind is Kind.COMMENT else "pings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row that could not be taken in: why, and the row itself.

    `kind` is one of KINDS as far as it could be told, else `comments`. `raw`
    is cut at RAW_LIMIT and made storable: what no text column holds (NUL,
    half of a surrogate pair) stands as U+FFFD.
    """

    place: str
    kind: str
    code: str
    reason: str
    raw: str = ""

    def __post_init__(self) -> None:
        raw = self.raw[:RAW_LIMIT].encode("utf-8", "replace").replace(b"\0", "\ufffd".encode())
        object.__setattr__(self, "raw", raw[:RAW_LIMIT].decode("utf-8", "ignore"))

    @classmethod
    def of(cls, refused: Refused, *, place: str, kind: str, raw: str) -> "Problem":
        """The problem that a draft's refusal is."""
        return cls(place=place, kind=kind, code=refused.code, reason=str(refused), raw=raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a format may be told.

    The zone of dates that name none; for formats that cannot say which article
    they hold its URL or the file's name; for tables `{field: header of its
    column}`; and the encoding of the text: `""` is what the format itself
    declares, else UTF-8.
    """

    zone: tzinfo
    url: str = ""
    filename: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    encoding: str = ""


class Unreadable(Exception):
    """Nothing (more) can be read from the source; what came before stands."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place


class Format(Protocol):
    """One import format."""

    slug: str
    # What `--format` and the detection's message call it, for people.
    title: str
    # The policy of a run that names none: `enforce`, `flag` or `trusted`.
    policy: str

    def sniff(self, head: bytes) -> bool:
        """Whether a stream that begins with `head` (up to HEAD bytes) is of this format."""

    def read(self, stream: BinaryIO, options: Options) -> Iterator[Row | Problem]:
        """The rows of the stream, lazily, each with its place.

        Articles and comments come in whatever order the source has them;
        a comment names its article and parent by the source's ids. Memory is
        bounded whatever the stream holds. A row that cannot be taken in is a
        `Problem`; `Unreadable` is raised where the source cannot be read on,
        and no other exception whatever the bytes are.
        """
