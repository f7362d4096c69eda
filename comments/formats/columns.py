"""Which column of a table holds what: told by well-known names, or by the person who knows."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from comments.formats.base import Unreadable

# `{what we call it: names that tables give it}`, folded as `_folded` does. Names that mean
# one thing in one table and another in the next (`subject`, `user`) are left to `--columns`.
KNOWN: dict[str, tuple[str, ...]] = {
    "id": ("id", "commentid", "コメントid", "投稿id"),
    "article": ("article", "articleid", "postid", "threadid", "commentpostid", "記事", "記事id"),
    "url": ("url", "articleurl", "posturl", "pageurl", "permalink", "link", "記事url", "ページurl", "リンク"),
    "title": ("title", "articletitle", "posttitle", "pagetitle", "記事タイトル", "記事名", "タイトル"),
    "parent": (
        *("parent", "parentid", "commentparent", "inreplyto", "replyto", "replytoid"),
        *("返信先", "返信先id", "親コメント", "親コメントid", "親id"),
    ),
    "number": ("number", "no", "commentnumber", "番号", "コメント番号", "レス番号"),
    "author_name": (
        *("name", "author", "authorname", "username", "nickname", "displayname", "commentauthor"),
        *("名前", "お名前", "氏名", "投稿者", "投稿者名", "ニックネーム", "ハンドルネーム"),
    ),
    "author_email": (
        *("email", "mail", "emailaddress", "authoremail", "commentauthoremail"),
        *("メール", "メールアドレス", "eメール"),
    ),
    "author_url": (
        *("website", "homepage", "authorurl", "commentauthorurl"),
        *("ウェブサイト", "サイト", "ホームページ"),
    ),
    "author_id": ("userid", "authorid", "ユーザーid", "会員番号", "会員id"),
    "ip": ("ip", "ipaddress", "remoteaddr", "commentauthorip", "ipアドレス"),
    "body": (
        *("body", "text", "comment", "content", "message", "commentcontent", "commenttext", "commentbody"),
        *("本文", "コメント", "コメント本文", "内容", "投稿内容", "メッセージ"),
    ),
    "posted_at": (
        *("date", "datetime", "time", "timestamp", "created", "createdat", "postedat", "commentdate"),
        *("日時", "日付", "投稿日", "投稿日時", "作成日時", "タイムスタンプ"),
    ),
    "state": ("status", "state", "approved", "commentapproved", "状態", "ステータス", "承認"),
}
_BY_NAME = {name: target for target, names in KNOWN.items() for name in (*names, target.replace("_", ""))}


def _folded(header: str) -> str:
    """A header without what writers vary: width, case, and what stands between words."""
    header = unicodedata.normalize("NFKC", header).casefold()
    return "".join(char for char in header if char.isalnum())


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """`{field: column}` of `--columns author_name=名前,body=本文`; an empty column means none.

    A column with a comma in its name stands in quotes: `'"body=What, then?"'`.
    Raises `Unreadable`, naming what is wrong.
    """
    given: dict[str, str] = {}
    for text in texts:
        for pair in next(csv.reader([text]), []):
            field, equals, column = pair.partition("=")
            field = field.strip()
            if not equals or field not in KNOWN:
                known = ", ".join(KNOWN)
                raise Unreadable(f"--columns {pair}: write FIELD=COLUMN with one of the fields {known}.")
            if field in given:
                raise Unreadable(f"--columns names {field} twice.")
            given[field] = column.strip()
    return given


def quoted(columns: Mapping[str, str]) -> list[str]:
    """What `pairs` reads, a text a pair."""
    return ['"' + f"{field}={column}".replace('"', '""') + '"' for field, column in columns.items()]


def found(headers: Sequence[str]) -> dict[str, int]:
    """`{field: place of its column}` by well-known names; the first of a name counts."""
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        if target := _BY_NAME.get(_folded(header)):
            places.setdefault(target, place)
    return places


def resolve(headers: Sequence[str], given: Mapping[str, str], *, with_url: bool) -> dict[str, int]:
    """`{field: place of its column}`: those `given`, the others by well-known names.

    `with_url` says that the article is known without a column. Raises
    `Unreadable` for columns that are not there and for fields that must be.
    """
    places = {header.strip(): place for place, header in reversed(list(enumerate(headers)))}
    has = f"It has the columns {', '.join(header.strip() for header in headers)}."[:2000]
    if unknown := [column for column in given.values() if column and column not in places]:
        raise Unreadable(
            f"has no column {', '.join(map(repr, unknown))} that --columns names. {has}", "line 1"
        )
    told = {field: places[column] for field, column in given.items() if column}
    guessed = {
        field: place
        for field, place in found(headers).items()
        if field not in given and place not in told.values()
    }
    columns = guessed | told
    missing = [] if "body" in columns else ["body"]
    if not (with_url or columns.keys() & {"article", "url"}):
        missing.append("article or url (or give --url)")
    if missing:
        mend = f"Name it: --columns {missing[0].split(' ')[0]}=…"
        raise Unreadable(f"has no column for {', '.join(missing)}. {mend} {has}", "line 1")
    return columns
