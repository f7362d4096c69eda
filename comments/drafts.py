"""Drafts: the frozen, validated thing that every source of comments produces.

The API, an import format and a test all make the same two classes, so a limit
or a refusal is written once, here. A draft that exists is storable: what
PostgreSQL or the checks could not bear is refused by `Refused` before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

BODY_LIMIT = 20_000
ARTICLE_BODY_LIMIT = 500_000
# The longest address of a mailbox by RFC 5321 (path of 256 with its brackets).
EMAIL_LIMIT = 254
NAME_LIMIT = 200
TITLE_LIMIT = 1_000
URL_LIMIT = 2_000
ID_LIMIT = 200
USER_AGENT_LIMIT = 500


class Refused(ValueError):
    """A value that no draft may hold: `field`, `value` as given, and `mend`.

    `code` is stable and meant for programs; `mend` is a sentence for people
    that says what would be accepted.
    """

    def __init__(self, field: str, value: object, mend: str, *, code: str) -> None:
        super().__init__(f"{field}: {mend}")
        self.field = field
        self.value = value
        self.mend = mend
        self.code = code


class Kind(StrEnum):
    """What a reader or another site left at an article."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"


class SourceState(StrEnum):
    """What the source itself had decided; a ceiling for our own decision."""

    NONE = ""
    APPROVED = "approved"
    PENDING = "pending"
    SPAM = "spam"
    TRASH = "trash"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article as a source hands it over. At least one of `external_id`, `url`."""

    external_id: str = ""
    url: str = ""
    title: str = ""
    body: str = ""
    published_at: datetime | None = None
    closed: bool | None = None
    source: str = ""
    related: tuple[str, ...] = ()
    credit: str = ""

    def __post_init__(self) -> None:
        if not (self.external_id or self.url):
            raise Refused("id", "", "an article needs an id or a url.", code="required")
        clean("id", self.external_id, ID_LIMIT)
        clean("title", self.title, TITLE_LIMIT)
        clean("body", self.body, ARTICLE_BODY_LIMIT)
        clean("source", self.source, TITLE_LIMIT)
        clean("credit", self.credit, TITLE_LIMIT)
        for line in self.related:
            clean("related", line, TITLE_LIMIT)
        aware("published_at", self.published_at)
        if self.url:
            object.__setattr__(self, "url", canonical_url(self.url))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDraft:
    """A comment as a source hands it over.

    `article` and `parent` are the source's own ids (an article's may be its
    canonical URL). `identity` says whether the source can carry a name and an
    e-mail at all: a check that requires them does not apply where it cannot.
    `posted_at` is when the reader wrote; None means on arrival.
    """

    body: str
    external_id: str = ""
    article: str = ""
    parent: str = ""
    kind: Kind = Kind.COMMENT
    author_name: str = ""
    author_email: str = ""
    author_url: str = ""
    author_id: str = ""
    author_verified: bool = False
    ip: IPv4Address | IPv6Address | None = None
    user_agent: str = ""
    posted_at: datetime | None = None
    number: int | None = None
    state: SourceState = SourceState.NONE
    identity: bool = True

    def __post_init__(self) -> None:
        clean("body", self.body, BODY_LIMIT)
        if not self.body.strip():
            raise Refused("body", self.body, "write something: the body is empty.", code="blank")
        clean("id", self.external_id, ID_LIMIT)
        clean("article", self.article, URL_LIMIT)
        clean("parent", self.parent, ID_LIMIT)
        clean("author_name", self.author_name, NAME_LIMIT)
        clean("author_email", self.author_email, EMAIL_LIMIT)
        clean("author_url", self.author_url, URL_LIMIT)
        clean("author_id", self.author_id, ID_LIMIT)
        clean("user_agent", self.user_agent, USER_AGENT_LIMIT)
        aware("posted_at", self.posted_at)
        if self.number is not None and not 0 < self.number < 2**31:
            raise Refused("number", self.number, "give a whole number from 1.", code="range")


# What PostgreSQL's text type (NUL) or UTF-8 (half of a surrogate pair) cannot hold.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(field: str, value: str, limit: int) -> None:
    """Refuse a text that is too long or that cannot be stored."""
    if len(value) > limit:
        mend = f"has {len(value):,} characters; the limit is {limit:,}. Shorten it."
        raise Refused(field, value[:80], mend, code="too-long")
    if found := _UNSTORABLE.search(value):
        what = "a NUL character" if found[0] == "\0" else "half of a surrogate pair"
        mend = f"has {what} at place {found.start()}. Remove it."
        raise Refused(field, value[:80], mend, code="unstorable")


def aware(field: str, value: datetime | None) -> None:
    """Refuse a time that does not say its zone, or that PostgreSQL cannot hold."""
    if value is not None and value.tzinfo is None:
        mend = "says no time zone. Write it as 2026-01-10T09:00:00+09:00."
        raise Refused(field, value.isoformat(), mend, code="naive-time")
    if value is not None and not 1970 <= value.year <= 9000:
        raise Refused(field, value.isoformat(), "lies outside 1970 to 9000.", code="range")


# Parameters that say by which way a reader came, not what he reads. The list
# is what the large advertisers and newsletters document for their own links.
TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid"
    r"|_ga|_gl|ref_src|ref_url|spm|cmpid|ncid|_hsenc|_hsmi|mkt_tok|vero_id|oly_enc_id|oly_anon_id)$",
    re.IGNORECASE,
)


def canonical_url(url: str) -> str:
    """The one spelling of an article's URL.

    Scheme and host in lower case (IDNA), default ports, fragment, tracking
    parameters and an empty query dropped; the path's percent-encoding made
    uniform; parameters keep their order, for order may matter to a site. A
    trailing slash stays: it may name another page. Raises `Refused` for what
    is no absolute http(s) URL.
    """
    mend = "give an absolute http or https URL, such as https://example.com/news/1."
    clean("url", url, URL_LIMIT)
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        raise Refused("url", url, mend, code="url") from None
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[\s<>\"]", host):
        raise Refused("url", url, mend, code="url")
    if parts.username is not None:
        raise Refused("url", url, "holds a user name or password: remove it.", code="url")
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}[parts.scheme]
    netloc = host if port in {None, default} else f"{host}:{port}"
    path = quote(
        unquote(parts.path, errors="surrogateescape"), safe="/!$&'()*+,;=:@~-._", errors="surrogateescape"
    )
    query = urlencode([(k, v) for k, v in _pairs(parts.query) if not TRACKING.match(k)])
    return urlunsplit((parts.scheme, netloc, path or "/", query, ""))


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True) if query else ()
