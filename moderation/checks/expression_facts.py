"""What an expression may know of a comment: names, types, and the facts that each asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from moderation.checks.base import Needs, Submission
from moderation.quotes import Verdict
from moderation.text import fold

HOUR, DAY = 3_600, 86_400
# Rows that are counted at most: an author who sent 50 comments in an hour is not known better by 200.
MOST_COUNTED = 50


_NONE = Needs()


@dataclass(frozen=True)
class Fact:
    """One variable: its CEL type, what it says, how it is had, and what `facts.gather` must read for it."""

    type: str
    ja: str
    en: str
    value: Callable[[Submission], Any]
    needs: Needs = _NONE


def _hosts(submission: Submission) -> list[str]:
    return [link.host for link in submission.links]


def _quotes(submission: Submission) -> dict[str, int]:
    counts = {**dict.fromkeys(map(str, Verdict), 0), "misattributed": 0, "untraced": submission.untraced}
    for traced in submission.quotes:
        counts[traced.verdict] += 1
        counts["misattributed"] += traced.misattributed
    return counts


def _times(times: tuple[datetime, ...], submission: Submission, seconds: int) -> int:
    since = submission.since(seconds)
    return 1 + sum(since < time <= submission.now for time in times[:MOST_COUNTED])


def _copies(submission: Submission, *, own: bool) -> int:
    since = submission.since(DAY)
    return sum(
        each.same_author == own and since < each.posted_at <= submission.now for each in submission.copies
    )


_AUTHOR_HOUR = Needs(author_seconds=HOUR, author_rows=MOST_COUNTED)
_AUTHOR_DAY = Needs(author_seconds=DAY, author_rows=MOST_COUNTED)
_ADDRESS_HOUR = Needs(address_seconds=HOUR, address_rows=MOST_COUNTED)
_COPIES = Needs(copy_seconds=DAY, copy_rows=MOST_COUNTED)

FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        "body": Fact("string", "本文（入力されたまま）", "the body as it was typed", lambda s: s.body),
        "folded": Fact(
            "string",
            "全角・半角、大文字・小文字、空白をそろえた本文",
            "the body with width, case and blanks made one",
            lambda s: s.folded.text,
        ),
        "body_length": Fact("int", "本文の文字数", "characters of the body", lambda s: len(s.body)),
        "body_lines": Fact("int", "本文の行数", "lines of the body", lambda s: s.body.count("\n") + 1),
        "title": Fact("string", "記事の題名", "the article's title", lambda s: s.article_title),
        "language": Fact(
            "string", "サイトの言語（ja、enなど）", "the site's language: ja, en", lambda s: s.language
        ),
        "kind": Fact("string", "comment、pingbackなど", "comment, pingback and so on", lambda s: s.kind),
        "live": Fact(
            "bool",
            "読者がいま送ったもの（取り込みならfalse）",
            "sent by a reader now; false for an import",
            lambda s: s.live,
        ),
        "posted_at": Fact(
            "timestamp",
            "投稿された日時。posted_at.getHours('Asia/Tokyo')のように使う",
            "when it was posted, as in posted_at.getHours('Asia/Tokyo')",
            lambda s: s.posted_at,
        ),
        "author_name": Fact("string", "投稿者の名前", "the author's name", lambda s: s.author_name),
        "author_email_domain": Fact(
            "string",
            "メールアドレスの@の後（小文字）。なければ空",
            "what follows the @ of the e-mail address, in lower case; empty if there is none",
            lambda s: fold(s.author_email.rpartition("@")[2]).text.strip(),
        ),
        "author_url_host": Fact(
            "string",
            "投稿者のサイトのホスト名。なければ空",
            "the host of the author's address on the web; empty if there is none",
            lambda s: _host(s.author_url),
        ),
        "author_verified": Fact(
            "bool",
            "サイトがログインを確かめた投稿者",
            "the site vouches for the author",
            lambda s: s.author_verified,
        ),
        "published_before": Fact(
            "int",
            "この投稿者の、掲載された前のコメントの数",
            "published comments of this author before",
            lambda s: s.published_before,
        ),
        "author_comments_hour": Fact(
            "int",
            "同じ投稿者の1時間以内のコメント（これを含む）",
            "comments of this author within an hour, this one counted",
            lambda s: _times(s.author_times, s, HOUR),
            _AUTHOR_HOUR,
        ),
        "author_comments_day": Fact(
            "int",
            "同じ投稿者の24時間以内のコメント（これを含む）",
            "comments of this author within 24 hours, this one counted",
            lambda s: _times(s.author_times, s, DAY),
            _AUTHOR_DAY,
        ),
        "address_comments_hour": Fact(
            "int",
            "同じIPアドレスの1時間以内のコメント（これを含む）",
            "comments from this address within an hour, this one counted",
            lambda s: _times(s.address_times, s, HOUR),
            _ADDRESS_HOUR,
        ),
        "own_copies_day": Fact(
            "int",
            "同じ投稿者が24時間以内に投稿した同じ文章",
            "earlier comments with the same text by this author within 24 hours",
            lambda s: _copies(s, own=True),
            _COPIES,
        ),
        "others_copies_day": Fact(
            "int",
            "別の投稿者が24時間以内に投稿した同じ文章",
            "earlier comments with the same text by others within 24 hours",
            lambda s: _copies(s, own=False),
            _COPIES,
        ),
        "link_count": Fact("int", "本文のリンクの数", "links in the body", lambda s: len(s.links)),
        "link_hosts": Fact(
            "list(string)",
            "本文のリンクのホスト名（小文字）",
            "hosts of the links in the body, in lower case",
            _hosts,
        ),
        "quotes": Fact(
            "map(string, int)",
            "引用の数を判定ごとに。quotes.altered、quotes.missing、quotes.misattributedなど",
            "quotes by verdict: quotes.altered, quotes.missing, quotes.misattributed and so on",
            _quotes,
            Needs(quotes=True),
        ),
    }
)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _values(submission: Submission) -> dict[str, Any]:
    return {name: fact.value(submission) for name, fact in FACTS.items()}


_THEN = datetime(2026, 1, 1, tzinfo=UTC)
# What an expression meets: a reader's comment with a little of everything, an imported one with nothing.
TYPICAL = (
    _values(
        Submission(
            comment=2,
            revision=1,
            body="出典はこちらです。\nhttps://www.example.com/a",
            posted_at=_THEN,
            arrived_at=_THEN,
            author_name="山田",
            author_email="yamada@example.com",
            author_url="https://example.com/",
            author_verified=True,
            article_title="駅前の工事",
            published_before=1,
        )
    ),
    _values(Submission(comment=1, revision=1, body="", posted_at=_THEN, arrived_at=_THEN, live=False)),
)
