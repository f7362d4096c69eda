"""What WordPress's fields mean: from the texts of an item or comment to a draft.

Apart from the XML that carries them, so that the dialects of WXR share it.
"""

import re
from datetime import UTC, datetime, tzinfo
from hashlib import sha256

from comments.drafts import (
    ARTICLE_BODY_LIMIT,
    BODY_LIMIT,
    EMAIL_LIMIT,
    NAME_LIMIT,
    TITLE_LIMIT,
    URL_LIMIT,
    ArticleDraft,
    CommentDraft,
    Kind,
    Refused,
    SourceState,
    canonical_url,
)
from comments.formats.base import Notice
from comments.formats.plain import one_line, plain
from comments.formats.values import address, assumed_zone, cut

Fields = dict[str, str]
Notices = tuple[Notice, ...]

# `comment_approved`; an export that leaves it out states nothing.
_STATES = {
    "": SourceState.NONE,
    "1": SourceState.APPROVED,
    "approve": SourceState.APPROVED,
    "approved": SourceState.APPROVED,
    "0": SourceState.PENDING,
    "hold": SourceState.PENDING,
    "spam": SourceState.SPAM,
    "trash": SourceState.TRASH,
    "post-trashed": SourceState.TRASH,
}
# `review` is a reader's comment on a product, with stars.
_KINDS = {
    "": Kind.COMMENT,
    "comment": Kind.COMMENT,
    "review": Kind.COMMENT,
    "pingback": Kind.PINGBACK,
    "trackback": Kind.TRACKBACK,
}
# A missing type is how reduced exports write a post.
_POSTS = {"", "post", "page"}
_PUBLIC = {"", "publish"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T](?!24)\d\d:\d\d:\d\d", re.ASCII)
_NEVER = "0000-00-00 00:00:00"


def is_article(item: Fields) -> bool:
    """Whether an item without comments is an article: a published post or page."""
    return _text(item, "post_type") in _POSTS and _text(item, "status") in _PUBLIC


def ping(fields: Fields) -> bool:
    """Whether a comment's fields are those of a pingback or trackback."""
    return _text(fields, "comment_type") in {Kind.PINGBACK, Kind.TRACKBACK}


def article_draft(item: Fields, zone: tzinfo) -> tuple[ArticleDraft, Notices]:
    """An item's article. Raises `Refused`."""
    number, identifier = _text(item, "post_id"), _text(item, "thread_identifier")
    url, dropped = _url(_text(item, "link"), required=not (number or identifier))
    title, cut_title = cut("title", one_line(item.get("title", "")), TITLE_LIMIT)
    body, cut_body = cut("body", plain(item.get("encoded", "")), ARTICLE_BODY_LIMIT)
    published, undated = _published(item, zone)
    status = _text(item, "comment_status")
    draft = ArticleDraft(
        external_id=number or ("" if url else identifier),
        url=url,
        title=title,
        body=body,
        published_at=published,
        closed=status == "closed" if status else None,
        # Disqus's dialect carries comments; what it says of the page is often a stub.
        partial=bool(identifier),
    )
    return draft, dropped + cut_title + cut_body + undated


def comment_draft(fields: Fields, article: ArticleDraft | None, zone: tzinfo) -> tuple[CommentDraft, Notices]:
    """A comment of `article`. Raises `Refused`.

    WordPress's ids are unique in one blog, but not in files merged from
    several, so ours name the article too: `18:6` is comment 6 of post 18.
    """
    if article is None:
        mend = "belongs to an item that is no article (see its own problem). Mend the item."
        raise Refused("article", "", mend, code="no-article")
    fields = {name: text.strip() for name, text in fields.items()}
    kind = _KINDS.get(fields.get("comment_type", ""))
    if kind is None:
        mend = "is none that a reader or another site writes, such as comment, pingback or trackback."
        raise Refused("comment_type", "", mend, code="unknown-type")
    number, parent = fields.get("comment_id", ""), fields.get("comment_parent", "")
    if not number:
        raise Refused(
            "comment_id", "", "is missing: without it a second run would double it.", code="required"
        )
    scope = article.external_id or sha256(article.url.encode()).hexdigest()[:16]
    posted, undated = _time("comment_date", fields, zone)
    state, unknown = _state(fields.get("comment_approved", ""))
    ip, dropped = address(fields.get("comment_author_IP", ""))
    name, cut_name = cut("author_name", one_line(fields.get("comment_author", "")), NAME_LIMIT)
    email, no_email = _within("author_email", fields.get("comment_author_email", ""), EMAIL_LIMIT)
    site, no_site = _within("author_url", _website(fields.get("comment_author_url", "")), URL_LIMIT)
    body, cut_body = cut("body", plain(fields.get("comment_content", "")), BODY_LIMIT)
    draft = CommentDraft(
        external_id=f"{scope}:{number}",
        article=article.external_id or article.url,
        parent=f"{scope}:{parent}" if parent.strip("0") else "",
        kind=kind,
        author_name=name,
        author_email=email,
        author_url=site,
        author_id=_author_id(fields),
        ip=ip,
        body=body,
        posted_at=posted,
        state=state,
    )
    return draft, undated + unknown + dropped + cut_name + no_email + no_site + cut_body


def _text(fields: Fields, name: str) -> str:
    return fields.get(name, "").strip()


def _author_id(fields: Fields) -> str:
    """The user's number in the blog, else the name at the site that Disqus was told."""
    user, remote = fields.get("comment_user_id", ""), fields.get("remote", "")
    if user.strip("0"):
        return f"wp:{user}"
    return f"sso:{remote}" if remote else ""


def _url(link: str, *, required: bool) -> tuple[str, Notices]:
    """The item's address; one that is none is dropped if the item has an id."""
    if not link:
        return "", ()
    try:
        return canonical_url(link), ()
    except Refused:
        if required:
            raise
        return "", (Notice("bad-url", "link is no absolute http(s) URL: the article is kept without it."),)


def _published(item: Fields, zone: tzinfo) -> tuple[datetime | None, Notices]:
    """When the article appeared; a fault costs the date, not the article and its comments."""
    try:
        time, notices = _time("post_date", item, zone)
    except Refused as refused:
        return None, (Notice("bad-date", f"{refused.field} {refused.mend} The article is kept without it."),)
    return time, tuple(notice for notice in notices if notice.code != "no-date")


def _time(field: str, fields: Fields, zone: tzinfo) -> tuple[datetime | None, Notices]:
    """The GMT field if it is set, else the local one in the site's zone.

    A comment without either has no time of its own and says so in a notice.
    A time that is none is refused: it must not become the time of the import.
    """
    gmt, local = _text(fields, f"{field}_gmt"), _text(fields, field)
    if gmt and gmt != _NEVER:
        return _clock(f"{field}_gmt", gmt, UTC), ()
    if local and local != _NEVER:
        return _clock(field, local, zone), (assumed_zone(field, zone),)
    return None, (Notice("no-date", f"{field} is not given: the time of arrival stands for it."),)


def _clock(field: str, text: str, zone: tzinfo) -> datetime:
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        mend = "is no date and time. Write it as 2026-01-10 09:00:00."
        raise Refused(field, text[:80], mend, code="bad-date") from None


def _state(text: str) -> tuple[SourceState, Notices]:
    """The blog's own verdict; one that we do not know waits for a person."""
    state = _STATES.get(text)
    if state is not None:
        return state, ()
    return SourceState.PENDING, (Notice("unknown-state", "comment_approved is unknown: taken as pending."),)


def _website(text: str) -> str:
    """WordPress writes a bare `http://` for none."""
    return "" if text in {"http://", "https://"} else text


def _within(field: str, text: str, limit: int) -> tuple[str, Notices]:
    """An address that is too long is none: a part of it would be another's."""
    if len(text) <= limit:
        return text, ()
    return "", (Notice("cut-field", f"{field} is longer than {limit} characters: it was dropped."),)
