"""A newspaper's season for try-outs: comments that every default rule has something to say of."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from comments import imports
from comments.formats import by_slug
from comments.models import Article, Comment, Site
from comments.services import Received
from moderation.backtest import Period, run_next
from moderation.models import Case, Rule, Tryout
from moderation.services import Wanted, decide, screen
from tests import newsroom, world
from tests.newsroom import ALTERED, MISQUOTING, QUOTING, SPAM
from tests.world import NOON

TWICE = {"author_email": "nido@example.jp"}
PETITION = "市立図書館の駅前への移転に反対する署名へのご協力を広くお願いします。"
LIVE: list[dict[str, Any]] = [
    {"body": "駅前なら仕事帰りに寄れるので助かります。", "author_name": "みどり"},
    {"body": "名乗るほどの者ではない。", "author_name": ""},
    {"body": "メールは書きたくありません。", "author_email": ""},
    {"body": SPAM},
    {"body": "詳しくは https://example.org/riyou をご覧ください。"},
    {"body": "議員は馬鹿ばかりだ。ばか正直とは言わない。"},
    {"body": "反対派はくたばれ。"},
    {"body": "スマホだけで月収が倍になりました。 **スマホだけで月収** です。"},
    {"body": MISQUOTING},
    {"body": f"> {ALTERED}\n高すぎます。"},
    {"body": QUOTING},
    {"body": "> 反対派はくたばれ。\nこれはひどい。"},
    {"body": ">>2\n> 駅前なら仕事帰りに寄れるので助かります。\nそうですよね。"},
    *({"body": PETITION, "author_email": f"shomei{at}@example.jp"} for at in range(4)),
    {"body": PETITION, "author_email": "shomei0@example.jp"},
    *({"body": f"連投その{at}です。", "author_email": "renzoku@example.jp"} for at in range(7)),
    {"body": "Great article, but the cost of the new library is nowhere explained.", "author_name": "Rowan"},
    {"body": "Totally　ＢＡＫＡ な話。絵文字👨‍👩‍👧も。"},
]

# What the rest of the catalogue has to say something of.
ODD: list[dict[str, Any]] = [
    {"body": "使い捨ての住所から失礼します。", "author_email": "x@mailinator.com"},
    {"body": "続きは hxxp://example[.]com にあります。 https://bit.ly/3abcde も。"},
    {"body": "あ"},
    {"body": "\n".join(f"> {line}" for line in newsroom.ARTICLE.splitlines() * 2) + "\n同感。"},
    {"body": "うわ" + "あ" * 60},
    {"body": "THIS IS A SCANDAL AND NOBODY AT CITY HALL CARES ABOUT IT"},
    {"body": "逆さ\u202eまに読む文です。"},
    {"body": "目に見えない\u200b字が\u200bあちこちに\u200b入る。"},
    {"body": "お支払いは pаypаl の公式ページから。"},
    {"body": "市長の家は東京都千代田区丸の内1丁目9番1号です。"},
    {"body": "詳しくは 090-1234-5678 まで電話ください。"},
    {"body": "担当は yamada.taro@example.co.jp です。"},
    {"body": "静かにしてください。", "author_name": "管理人"},
    {"body": "良い記事でした。", "author_name": "激安通販 https://example.net/shop"},
    {"body": "Совершенно бесполезная трата денег налогоплательщиков."},
    {"body": "副業で月収50万円、簡単に稼げます。LINE ID: kasegu77 まで今すぐ登録!"},
    {"body": "こちら https://example.org/go"},
    {"body": "https://example.org/a-rather-long-address-of-a-page-that-nobody-asked-for"},
    {"body": "ログインはこちらです。 http://asagiri.example@203.0.113.80/login"},
    {"body": "静かな町でした。", "author_name": "馬鹿市長"},
    *(
        {
            "body": f"体育館の{who}さんに何回電話をしても、いつも担当者が不在だと言って切られてしまいます。",
            **TWICE,
        }
        for who in ("佐々木", "小田切")
    ),
]


def load_rules() -> None:
    """The default rules, in force."""
    call_command("load_rules", stdout=io.StringIO())


def post(
    article: Article, rows: list[dict[str, Any]], *, seconds: int = 7, start: datetime = NOON
) -> list[Received]:
    """Live comments one after the other, each screened before the next one comes."""
    sent = []
    for at, fields in enumerate(rows):
        now = start + timedelta(seconds=at * seconds)
        sender = {"author_email": f"reader{at}@example.jp", "ip": "203.0.113.7"}
        sent.append(world.send(article, now=now, **{**sender, **fields}))
        screen(now=lambda now=now: now + timedelta(seconds=1))  # type: ignore[misc]
    return sent


def bring_in(site: Site, folder: Path) -> list[Comment]:
    """An archive with an article and comments of its own, imported under the site's rules."""
    text = {"title": "中央図書館の移転案", "body": newsroom.ARTICLE}
    rows: list[dict[str, Any]] = [{"type": "article", "id": "old", "url": "https://example.com/old", **text}]
    for at, fields in enumerate(LIVE + ODD):
        sender = {"author_name": "古い読者", "author_email": f"old{at % 3}@example.jp"}
        posted = {"posted_at": f"2025-06-01T10:{at:02}:00+09:00"}
        rows.append({"type": "comment", "id": f"c{at}", "article": "old", **sender, **posted, **fields})
    path = folder / "archive.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    source = imports.Source(
        path=path, name=str(path), digest=imports.digest_of(path), format=by_slug("jsonl"), zone="Asia/Tokyo"
    )
    imports.execute(imports.begin(site, "archive", source.wanted("enforce")), source)
    while screen().claimed:
        pass
    return list(Comment.objects.filter(live=False).order_by("pk"))


def season() -> Period:
    """All that the tests have sent, and what an import brought in at this moment."""
    return Period(NOON - timedelta(days=30), timezone.now() + timedelta(days=1))


def finish(tryout: Tryout) -> Tryout:
    """The try-out once it is at its end."""
    while run_next():
        pass
    tryout.refresh_from_db()
    return tryout


def judge(site: Site, received: Received, action: str) -> int:
    """A person decides the comment's case; the decision."""
    case = Case.objects.filter(comment=received.comment_id, closed_at=None).get()
    by = User.objects.filter(username="mori").first() or world.make_member(site)
    reason = world.make_reason().pk if action == "reject" else None
    wanted = Wanted(case.pk, action, newsroom.comment_of(case).version, reason)
    (result,) = decide([wanted], by=by, now=NOON + timedelta(hours=2))
    assert result.decision_id is not None
    return result.decision_id


def rule(slug: str) -> Rule:
    return Rule.objects.get(slug=slug)
