"""A newsroom for tests of the admin: a site, its people, and cases to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission, User

from comments.models import (
    Article,
    ArticleRevision,
    Comment,
    ImportProblem,
    ImportRun,
    ImportSource,
    Membership,
    Site,
)
from comments.services import Received
from moderation.migrations import _groups
from moderation.models import Case, CaseCause, Quote
from moderation.services import screen
from tests import world
from tests.world import NOON, send

ARTICLE = """朝霧市は十日、老朽化した中央図書館を駅前に移転し、二〇二八年春に開館させる計画を発表した。
総事業費は約四十八億円で、うち半分を国の補助金でまかなう。現在の建物は築五十二年で、耐震基準を満たしていない。
市教育委員会の沢井課長は「蔵書は十万冊増え、夜九時まで開館する」と説明した。一方、移転に反対する住民グループは署名三千二百人分を提出している。"""

QUOTING = """>総事業費は約四十八億円で、うち半分を国の補助金でまかなう。
補助金が通らなかったら残りはどうするんでしょうか。そこを説明してほしい。"""

MISQUOTING = """>市は図書館を来月にも閉館し、跡地を売却する方針を固めた。
こんな勝手な話があるか。"""

SPAM = "在宅で月30万円！\nhttps://example.net/a https://example.net/b https://example.org/c\n<script>alert('x')</script>"


def groups() -> None:
    """The groups as the migration made them; a test that empties tables loses them."""
    if not Group.objects.exists():
        _groups.fill(Group, Permission, "default")


def make_person(site: Site | None, name: str, group: str = "", **fields: Any) -> User:
    """A person of the newsroom, in one of the groups."""
    groups()
    user = User.objects.create_user(name, password="pass-for-tests", is_staff=True, **fields)
    if site:
        Membership.objects.create(user=user, site=site)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_rules() -> None:
    """Rules that give the desk something of each kind."""
    world.make_rule(
        "required_name", slug="name", action="hold", severity=2, name_ja="名前は必須", name_en="Name"
    )
    world.make_rule(
        "links", slug="links", action="hold", severity=3, name_ja="リンクは二つまで", name_en="Links"
    )
    world.make_rule(
        "quotes",
        slug="quotes",
        action="flag",
        severity=3,
        name_ja="引用の出典",
        name_en="Quotes",
        params={"tell": ["altered", "misattributed", "missing"]},
    )
    world.make_reason("abuse")


def make_article(site: Site, **fields: Any) -> Article:
    """The article on the library that all comments here are about."""
    fields = {"title": "中央図書館、駅前へ移転　二〇二八年春に開館", "body": ARTICLE, **fields}
    return world.make_article(site, **fields)


def open_cases(article: Article) -> list[Received]:
    """A misquote, spam and a nameless comment, screened: three open cases."""
    sent = [
        send(
            article,
            "駅前なら仕事帰りに寄れるので助かります。",
            author_name="みどり",
            author_email="midori@example.jp",
        ),
        send(article, MISQUOTING, author_name="怒れる市民", now=NOON + timedelta(minutes=1)),
        send(
            article,
            SPAM,
            author_name="在宅ワーク",
            author_email="job@example.net",
            now=NOON + timedelta(minutes=2),
        ),
        send(
            article,
            QUOTING,
            author_name="",
            author_email="midori@example.jp",
            now=NOON + timedelta(minutes=3),
        ),
    ]
    screen(now=lambda: NOON + timedelta(minutes=5))
    return sent


def case_of(received: Received) -> Case:
    """The newest case of a comment."""
    return Case.objects.filter(comment=received.comment_id).latest("pk")


ALTERED = "総事業費は約八十四億円で、うち半分を国の補助金でまかなわない。"
TRUE = "総事業費は約四十八億円で、うち半分を国の補助金でまかなう。"


def difference(kind: str, quoted: str, source: str, text: str, of: str) -> dict[str, Any]:
    """A difference as the column `differences` holds it, where each of its words stands once."""
    start, at = text.index(quoted), of.index(source)
    return {
        "kind": kind, "quoted": quoted, "source": source, "start": start, "end": start + len(quoted),
        "source_start": at, "source_end": at + len(source),
    }  # fmt: skip


def misquote(article: Article, by: str = "") -> Received:
    """A comment that alters the article, with its quote as a tracer would have it."""
    sent = send(article, f"> {ALTERED}\n高すぎます。", author_name=by, now=NOON + timedelta(minutes=9))
    screen(now=lambda: NOON + timedelta(minutes=10))
    Quote.objects.filter(comment=sent.comment_id).delete()
    start = article.body.index(TRUE)
    world.make_quote(
        sent.comment_id, start=0, end=2 + len(ALTERED), verdict="altered",
        article_revision=ArticleRevision.objects.filter(article=article).latest("number"),
        article_field="body", source_start=start, source_end=start + len(TRUE), similarity=0.866,
        differences=[
            difference("number", "八十四", "四十八", ALTERED, article.body),
            difference("negation", "なわない", "なう", ALTERED, article.body),
        ],
    )  # fmt: skip
    return sent


def make_run_case(site: Site) -> Case:
    """The case of an import run that guessed where a comment begins."""
    source = ImportSource.objects.create(site=site, slug="furui-blog")
    run = ImportRun.objects.create(
        source=source, path="library.txt", format="page", policy="flag", status="done",
        counts={"comments": {"read": 12, "created": 11, "updated": 0, "unchanged": 0, "problems": 1,
                             "notices": 1}},
    )  # fmt: skip
    ImportProblem.objects.create(
        run=run,
        refused=False,
        kind="comments",
        place="line 14",
        code="guessed-split",
        reason="Nothing marks where this comment begins: it was taken to be one of its own.",
        raw="そもそも反対の署名は集まったのか？",
    )
    ImportProblem.objects.create(
        run=run,
        refused=True,
        kind="comments",
        place="line 20",
        code="blank",
        reason="The body is empty.",
        raw="",
    )
    case = Case.objects.create(
        import_run=run, site=site, severity=1, opened_at=NOON, due_at=NOON + timedelta(days=3)
    )
    CaseCause.objects.create(case=case, kind="import-guess")
    return case


def comment_of(case: Case) -> Comment:
    """The comment of a comment's case."""
    assert case.comment is not None
    return case.comment
