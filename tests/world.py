"""A small world for tests: one site, one article, comments by the front door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from comments.articles import put_article
from comments.drafts import ArticleDraft, CommentDraft
from comments.models import Article, Comment, Floor, Membership, Site
from comments.services import Arrival, Origin, Received, receive
from moderation.models import Quote, Reason, Rule
from moderation.rules import save_rule

NOON = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
_numbers = count(1)


def make_site(slug: str = "asagiri", **fields: Any) -> Site:
    """A site that is open unless said otherwise."""
    return Site.objects.create(**{"slug": slug, "name": slug.title(), "floor": Floor.OPEN, **fields})


def make_article(site: Site, **fields: Any) -> Article:
    """An article of two sentences, with a number of its own."""
    number = next(_numbers)
    draft = {
        "external_id": f"a{number}",
        "url": f"https://example.com/{number}",
        "title": "港の再開発",
        "body": "市は港の再開発を来年度から始める。\n費用は百二十億円に上る。",
    }
    return put_article(ArticleDraft(**{**draft, **fields}), site).article


def send(article: Article, body: str, *, now: datetime = NOON, **fields: Any) -> Received:
    """One live comment through the one door in."""
    draft = CommentDraft(**{"body": body, "author_name": "渡し守", "author_email": "a@example.com", **fields})
    (received,) = receive([Arrival(draft, article.pk)], Origin(article.site_id), now=now)
    return received


def send_many(article: Article, bodies: list[str], *, now: datetime = NOON, **fields: Any) -> list[Received]:
    """A batch of live comments, a minute apart, by different people."""
    return [
        send(article, body, now=now + timedelta(minutes=at), author_email=f"r{at}@example.com", **fields)
        for at, body in enumerate(bodies)
    ]


def stored(received: Received) -> Comment:
    """The comment as the database has it now."""
    return Comment.objects.get(pk=received.comment_id)


def make_reason(slug: str = "spam") -> Reason:
    """A coded reason."""
    return Reason.objects.get_or_create(
        slug=slug,
        defaults={"label_ja": "宣伝", "label_en": "Spam", "public_ja": "宣伝です。", "public_en": "Spam."},
    )[0]


def make_rule(check_slug: str, **fields: Any) -> Rule:
    """An enforced rule that flags, in force at once."""
    slug = fields.pop("slug", f"{check_slug}-{next(_numbers)}".replace("_", "-"))
    rule = Rule(
        slug=slug,
        check_slug=check_slug,
        **{"name_ja": slug, "name_en": slug, "mode": "enforce", "reason": make_reason(), **fields},
    )
    save_rule(rule)
    return rule


def make_member(site: Site, name: str = "mori", **fields: Any) -> User:
    """A member of a site."""
    user = get_user_model().objects.create_user(name, password="pass-for-tests", is_staff=True, **fields)
    Membership.objects.create(user=user, site=site)
    return user


def make_quote(comment_id: int, **fields: Any) -> Quote:
    """A quote of a comment, as a tracer might have left it."""
    comment = Comment.objects.get(pk=comment_id)
    if hasattr(Quote, "article"):
        fields["article"] = comment.article
    return Quote.objects.create(**{"comment": comment, "revision": 1, **fields})
