"""What is sent to a service and how its answer is read, by protocol. Pure.

docs/external.md has it for those who write a service. Both protocols give an
answer or one of `FAILURES`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from moderation.checks.external import External, Protocol
from moderation.checks.facts import ServiceAnswer

# What an answer may be called by its service: a code, so that nothing a person typed gets into the log.
_LABEL = re.compile(r"[a-z0-9][a-z0-9\-]{0,29}")
_PREFIX = "whsec_"
_KINDS = {"comment": "comment", "trackback": "trackback", "pingback": "pingback"}


@dataclass(frozen=True, slots=True)
class About:
    """All that a service could be told of a comment; `of` the rule says what it is told."""

    id: str
    revision: int
    site: str
    kind: str
    language: str
    body: str
    posted_at: datetime
    live: bool = True
    reply: bool = False
    author_name: str = ""
    author_email: str = ""
    author_url: str = ""
    author_verified: bool = False
    address: str = ""
    user_agent: str = ""
    article: str = ""
    article_title: str = ""
    article_url: str = ""
    # A try from the admin: a service is not to learn from it.
    test: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Unasked(Exception):
    """It can not even be asked about such a comment: `failure` says why."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


def request_of(check: External, about: About, secret: str, now: datetime) -> Request:
    """What asks the service of a rule. Raises `Unasked`."""
    if check.protocol == Protocol.AKISMET:
        return _akismet(check, about, secret)
    return _signed(check, about, secret, now)


def answer_of(check: External, status: int, headers: Mapping[str, str], body: bytes) -> ServiceAnswer:
    """The answer, or the failure that it is."""
    if status != 200:
        return ServiceAnswer(failure=f"status-{status}")
    return _akismet_said(headers, body) if check.protocol == Protocol.AKISMET else _signed_said(body)


def _akismet(check: External, about: About, secret: str) -> Request:
    if not about.address:
        raise Unasked("no-address")
    blog = check.blog or _origin(about.article_url)
    if not blog:
        raise Unasked("no-blog")
    fields = {
        "api_key": secret,
        "blog": blog,
        "user_ip": about.address,
        "user_agent": about.user_agent,
        "comment_type": "reply" if about.reply else _KINDS.get(about.kind, "comment"),
        "comment_author": about.author_name,
        "comment_author_email": about.author_email if check.send_email else "",
        "comment_author_url": about.author_url,
        "comment_content": about.body,
        "comment_date_gmt": about.posted_at.isoformat(),
        "permalink": about.article_url,
        "blog_lang": about.language,
        "blog_charset": "UTF-8",
        "recheck_reason": "edit" if about.revision > 1 else "",
        "is_test": "1" if about.test else "",
    }
    given = {name: value for name, value in fields.items() if value}
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Request(check.address, headers, urlencode(given).encode())


def _akismet_said(headers: Mapping[str, str], body: bytes) -> ServiceAnswer:
    match body.strip():
        case b"true":
            return ServiceAnswer(hit=True, label=_label_or_none(headers.get("X-akismet-pro-tip", "")))
        case b"false":
            return ServiceAnswer()
        case b"invalid":
            return ServiceAnswer(failure="key-refused")
    return ServiceAnswer(failure="bad-answer")


def _signed(check: External, about: About, secret: str, now: datetime) -> Request:
    body = json.dumps(_document(check, about, now), ensure_ascii=False, separators=(",", ":")).encode()
    message, timestamp = f"{about.id}-{about.revision}", str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(secret, message, timestamp, body),
    }
    return Request(check.address, headers, body)


def sign(secret: str, message: str, timestamp: str, body: bytes) -> str:
    """The signature by Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, in base64.

    The secret is `whsec_` and base64, as its libraries have it. Raises `Unasked`.
    """
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    # A shorter key could be guessed from what is signed with it.
    if len(key) < 24:
        raise Unasked("bad-secret")
    digest = hmac.digest(key, f"{message}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + b64encode(digest).decode()


def _document(check: External, about: About, now: datetime) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": about.id,
        "revision": about.revision,
        "site": about.site,
        "kind": about.kind,
        "language": about.language,
        "live": about.live,
        "posted_at": about.posted_at.isoformat(),
        "body": about.body,
        "author_name": about.author_name,
        "author_url": about.author_url,
        "author_verified": about.author_verified,
        "article": {"id": about.article, "title": about.article_title, "url": about.article_url},
        "test": about.test,
    }
    if check.send_email:
        data["author_email"] = about.author_email
    if check.send_address:
        data |= {"address": about.address, "user_agent": about.user_agent}
    return {"type": "comment.check", "timestamp": now.isoformat(), "data": data}


def _signed_said(body: bytes) -> ServiceAnswer:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ServiceAnswer(failure="bad-answer")
    if not isinstance(said, dict) or not isinstance(said.get("hit"), bool):
        return ServiceAnswer(failure="bad-answer")
    score, label = said.get("score"), said.get("label") or ""
    fits = score is None or (type(score) is int and 0 <= score <= 100)
    if not fits or not isinstance(label, str) or (label and not _LABEL.fullmatch(label)):
        return ServiceAnswer(failure="bad-answer")
    return ServiceAnswer(said["hit"], score, label)


def _label_or_none(text: str) -> str:
    return text if _LABEL.fullmatch(text) else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
