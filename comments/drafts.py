"""Drafts: the frozen, validated thing that every source of comments produces.

The API, an import format and a test all make the same two classes, so a limit
or a refusal is written once, here. A draft that exists is storable: what
PostgreSQL or the checks could not bear is refused by `Refused` before.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from operator import gt
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit, urlunsplit

BODY_LIMIT = 20_000
ARTICLE_BODY_LIMIT = 500_000
# The longest address of a mailbox by RFC 5321 (path of 256 with its brackets).
EMAIL_LIMIT = 254
NAME_LIMIT = 200
TITLE_LIMIT = 1_000
URL_LIMIT = 2_000
ID_LIMIT = 200
USER_AGENT_LIMIT = 500
# More than an article names: each is a column's element, and a page may be hostile.
RELATED_LIMIT = 100


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


class FormToken(StrEnum):
    """What the token was that came back with a form (`comments.form_tokens`); empty if none came."""

    NONE = ""
    VALID = "valid"
    INVALID = "invalid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Form:
    """How the form was filled in that a live comment came from, as far as the publisher's site tells.

    `seconds` are those from its rendering to its arrival, if a token of ours says so. `trap` is whether
    the field was filled in that people do not see.
    """

    token: FormToken = FormToken.NONE
    seconds: int | None = None
    trap: bool = False


NO_FORM = Form()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article as a source hands it over. At least one of `external_id`, `url`.

    `partial` is for sources that hold comments and only name the articles they
    belong to: such a draft fills what is empty of an article and changes nothing.
    """

    external_id: str = ""
    url: str = ""
    title: str = ""
    body: str = ""
    published_at: datetime | None = None
    closed: bool | None = None
    source: str = ""
    related: tuple[str, ...] = ()
    credit: str = ""
    partial: bool = False

    def __post_init__(self) -> None:
        if not (self.external_id or self.url):
            raise Refused("id", "", "an article needs an id or a url.", code="required")
        clean("id", self.external_id, ID_LIMIT)
        clean("title", self.title, TITLE_LIMIT)
        clean("body", self.body, ARTICLE_BODY_LIMIT)
        clean("source", self.source, TITLE_LIMIT)
        clean("credit", self.credit, TITLE_LIMIT)
        if len(self.related) > RELATED_LIMIT:
            mend = f"has {len(self.related):,} entries; the limit is {RELATED_LIMIT}."
            raise Refused("related", len(self.related), mend, code="too-long")
        for line in self.related:
            clean("related", line, TITLE_LIMIT)
        # A newspaper's archive reaches back to before there were comments.
        object.__setattr__(self, "published_at", in_utc("published_at", self.published_at, since=1600))
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
        _clean_all(
            _COMMENT_LIMITS,
            *(self.body, self.external_id, self.article, self.parent),
            *(self.author_name, self.author_email, self.author_url, self.author_id, self.user_agent),
        )
        if not _SEEN.search(self.body):
            raise Refused("body", self.body, "write something: the body is empty.", code="blank")
        if (posted_at := in_utc("posted_at", self.posted_at)) is not self.posted_at:
            object.__setattr__(self, "posted_at", posted_at)
        if (ip := plain_address(self.ip)) is not self.ip:
            object.__setattr__(self, "ip", ip)
        if self.number is not None and not 0 < self.number < 2**31:
            raise Refused("number", self.number, "give a whole number from 1.", code="range")


# What a browser shows as nothing, as a class of a regular expression: Unicode's
# Default_Ignorable_Code_Point (DerivedCoreProperties, which holds the zero-width characters,
# bidirectional controls, variation selectors and tags), the interlinear annotations beside it,
# and the control characters that are no white space.
INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The Braille blank is white space to the eye, though Unicode calls it a symbol.
_SEEN = re.compile(f"[^\\s\u2800{INVISIBLE}]")
# What PostgreSQL's text type (NUL) or UTF-8 (half of a surrogate pair) cannot hold.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


_COMMENT_LIMITS = {
    "body": BODY_LIMIT,
    "id": ID_LIMIT,
    "article": URL_LIMIT,
    "parent": ID_LIMIT,
    "author_name": NAME_LIMIT,
    "author_email": EMAIL_LIMIT,
    "author_url": URL_LIMIT,
    "author_id": ID_LIMIT,
    "user_agent": USER_AGENT_LIMIT,
}


def _clean_all(limits: dict[str, int], *values: str) -> None:
    """`clean` for the texts of an archive's rows, which are nearly all clean: at once for all."""
    together = "".join(values)
    if "\0" in together or any(map(gt, map(len, values), limits.values())) or not _encodable(together):
        for (field, limit), value in zip(limits.items(), values, strict=True):
            clean(field, value, limit)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean(field: str, value: str, limit: int) -> None:
    """Refuse a text that is too long or that cannot be stored."""
    if len(value) > limit:
        mend = f"has {len(value):,} characters; the limit is {limit:,}. Shorten it."
        raise Refused(field, value[:80], mend, code="too-long")
    if found := _UNSTORABLE.search(value):
        what = "a NUL character" if found[0] == "\0" else "half of a surrogate pair"
        mend = f"has {what} at place {found.start()}. Remove it."
        raise Refused(field, value[:80], mend, code="unstorable")


def in_utc(field: str, value: datetime | None, since: int = 1970) -> datetime | None:
    """The time in UTC. Refuses one without a zone, or outside the years `since` to 9000.

    The margins keep any zone's conversion inside what Python and PostgreSQL
    hold. PostgreSQL refuses offsets of 16 hours and more, which Python reads.
    """
    if value is None:
        return None
    if value.tzinfo is not UTC and value.utcoffset() is None:
        mend = "says no time zone. Write it as 2026-01-10T09:00:00+09:00."
        raise Refused(field, value.isoformat(), mend, code="naive-time")
    if not since <= value.year <= 9000:
        raise Refused(field, value.isoformat(), f"lies outside {since} to 9000.", code="range")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def plain_address(ip: IPv4Address | IPv6Address | None) -> IPv4Address | IPv6Address | None:
    """The one spelling of a client's address: `::ffff:192.0.2.1` is `192.0.2.1`.

    A network interface (`fe80::1%eth0`) means nothing on another machine, and
    PostgreSQL's inet type refuses it.
    """
    if not isinstance(ip, IPv6Address):
        return ip
    if ip.scope_id is not None:
        mend = "names a network interface. Give the address without what follows '%'."
        raise Refused("ip", str(ip)[:80], mend, code="ip")
    return ip.ipv4_mapped or ip


# Parameters that say by which way a reader came, not what he reads. The list
# is what the large advertisers and newsletters document for their own links.
TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid"
    r"|_ga|_gl|ref_src|ref_url|spm|cmpid|ncid|_hsenc|_hsmi|mkt_tok|vero_id|oly_enc_id|oly_anon_id)",
    re.IGNORECASE,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
# RFC 3986: what means the same escaped or not, and what may stand as it is in
# a path and in a query. A reserved character that is escaped is another one.
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = "/!$&'()*+,;=:@"
_IN_QUERY = "/?!$&'()*+,;=:@"


def canonical_url(url: str) -> str:
    """The one spelling of an article's URL; canonical URLs come back unchanged.

    Scheme and host in lower case (IDNA, so `日本語.jp` and `xn--wgv71a119e.jp`
    are one), default port, fragment, tracking parameters and an empty query
    dropped, dot segments resolved (RFC 3986, 5.2.4), percent-encoding made
    uniform. Nothing that a server may tell apart is merged: `%2F` and `/`,
    `+` and `%20`, `?p` and `?p=`, a trailing slash, the order of parameters.
    Raises `Refused` for what is no absolute http(s) URL.
    """
    mend = "give an absolute http or https URL, such as https://example.com/news/1."
    clean("url", url, URL_LIMIT)
    url = url.strip()
    try:
        parts = urlsplit(url)
        netloc = _netloc(parts)
    except (ValueError, UnicodeError):
        raise Refused("url", url, mend, code="url") from None
    # urlsplit drops tabs and line feeds in silence: two lines would become one URL.
    if parts.scheme not in {"http", "https"} or not netloc or _CONTROL.search(url):
        raise Refused("url", url, mend, code="url")
    if "@" in parts.netloc:
        raise Refused("url", url, "holds a user name or password: remove it.", code="url")
    pieces = (piece for piece in parts.query.split("&") if piece and not _tracks(piece))
    query = "&".join(_escape(piece, _IN_QUERY) for piece in pieces)
    canonical = urlunsplit((parts.scheme, netloc, _resolve(_escape(parts.path, _IN_PATH)), query, ""))
    clean("url", canonical, URL_LIMIT)
    return canonical


def _netloc(parts: SplitResult) -> str:
    """Host and port; empty where the host is none. Raises ValueError."""
    host, port = parts.hostname or "", parts.port
    if ":" in host:
        host = f"[{IPv6Address(host)}]" if "%" not in host else ""
    else:
        host = host.encode("idna").decode("ascii").lower().rstrip(".")
        host = host if _HOST.fullmatch(host) and len(host) <= 253 else ""
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return host if not host or port in {None, default} else f"{host}:{port}"


def _tracks(piece: str) -> bool:
    """Whether a query's `key=value` says only by which way the reader came."""
    return TRACKING.fullmatch(unquote_plus(piece.partition("=")[0])) is not None


def _escape(text: str, safe: str) -> str:
    """Uniform percent-encoding: unreserved characters plain, hex in capitals,
    all else escaped that is neither `safe` nor an escape already."""
    out: list[str] = []
    at = 0
    for found in _ESCAPED.finditer(text):
        char = chr(int(found[0][1:], 16))
        out += quote(text[at : found.start()], safe), char if char in _UNRESERVED else found[0].upper()
        at = found.end()
    return "".join(out) + quote(text[at:], safe)


def _resolve(path: str) -> str:
    """The path without `.` and `..` segments, beginning with a slash."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
