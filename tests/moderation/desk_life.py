"""Weeks of a desk, made by the services: comments, decisions, second thoughts, and all that closes cases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from comments import erasing
from comments.models import Article, Comment, Site, Status
from comments.services import edit
from moderation import services
from moderation.models import Case, Decision, Reason, Rule
from moderation.rule_undoing import Window
from moderation.services import Wanted
from tests import newsroom, world
from tests.newsroom import MISQUOTING, QUOTING, SPAM

BODIES = ("駅前なら仕事帰りに寄れるので助かります。", MISQUOTING, SPAM, QUOTING, "Good news for commuters.")


class Life:
    """Some people at some sites; each step does one thing, at a time of its own."""

    def __init__(self, seed: int, sites: list[Site], began: datetime) -> None:
        self.rng, self.now, self.sites = random.Random(seed), began, sites
        newsroom.make_rules()
        self.articles = [newsroom.make_article(site) for site in sites]
        self.people = [newsroom.make_person(sites[0], name, "Lead") for name in ("mori", "abe")]
        for person in self.people:
            for site in sites[1:]:
                person.memberships.create(site=site)
        self.reasons = list(Reason.objects.all())
        self.number = 0

    @property
    def person(self) -> User:
        return self.rng.choice(self.people)

    def step(self) -> None:
        """What happens next, mostly comments and decisions."""
        self.now += timedelta(minutes=self.rng.randint(1, 300), seconds=self.rng.randint(0, 59))
        acts = (self.send, self.decide, self.undo, self.escalate, self.edit, self.erase, self.again)
        self.rng.choices((*acts, self.anew), weights=(10, 10, 4, 2, 2, 1, 1, 3))[0]()

    def send(self) -> None:
        article: Article = self.rng.choice(self.articles)
        for _ in range(self.rng.randint(1, 3)):
            self.number += 1
            body = f"{self.rng.choice(BODIES)}\n{self.number}"
            name = self.rng.choice(("みどり", ""))
            world.send(
                article, body, now=self.now, author_name=name, author_email=f"r{self.number}@example.jp"
            )
        services.screen(now=lambda: self.now + timedelta(seconds=40))

    def _some(self, most: int) -> list[Case]:
        cases = list(Case.objects.filter(closed_at=None, comment__isnull=False).order_by("pk"))
        return self.rng.sample(cases, min(len(cases), most))

    def decide(self) -> None:
        """One or several at once, some late."""
        wanted = []
        for case in self._some(self.rng.choice((1, 1, 4))):
            reject = self.rng.random() < 0.5
            comment = newsroom.comment_of(case)
            action, reason = ("reject", self.rng.choice(self.reasons).pk) if reject else ("publish", None)
            wanted.append(Wanted(case.pk, action, comment.version, reason_id=reason))
        services.decide(wanted, by=self.person, now=self.now)

    def anew(self) -> None:
        """A closed case is decided once more, in place of what was decided."""
        closed = Case.objects.filter(closed_by__isnull=False, comment__isnull=False).order_by("-pk")[:5]
        for case in self.rng.sample(list(closed), min(len(closed), 1)):
            version, reason = newsroom.comment_of(case).version, self.rng.choice(self.reasons).pk
            wanted = Wanted(case.pk, "reject", version, reason_id=reason, anew=True)
            services.decide([wanted], by=self.person, now=self.now)

    def undo(self) -> None:
        mine = list(Decision.objects.filter(cause__in=("person", "anew")).order_by("pk"))
        if mine:
            services.undo(self.rng.choice(mine[-6:]).pk, by=self.person, now=self.now)

    def escalate(self) -> None:
        for case in self._some(1):
            act = services.release if case.escalated_at else services.escalate
            act(case.pk, "もう一人見てください。", by=self.person, now=self.now)

    def _comment(self) -> Comment | None:
        rows = list(Comment.objects.select_for_update().filter(erased_at=None).order_by("pk"))
        return self.rng.choice(rows) if rows else None

    def edit(self) -> None:
        with transaction.atomic():
            if comment := self._comment():
                edit(comment, f"{self.rng.choice(BODIES)}\n{comment.pk} 書き直し", now=self.now)
        services.screen(now=lambda: self.now + timedelta(seconds=40))
        services.retrace()

    def erase(self) -> None:
        """Of a comment that waits."""
        erasing.erase([case.comment_id for case in self._some(1) if case.comment_id], now=self.now)

    def again(self) -> None:
        """Judged once more by today's rules, which are others."""
        world.make_rule("length", slug=f"length-{self.number}", action="flag", params={"least": 3})
        services.screen_again(list(Comment.objects.order_by("pk").values_list("pk", flat=True)[:6]))
        services.screen(now=lambda: self.now + timedelta(seconds=40))
        sent = Comment.objects.filter(status=Status.PUBLISHED, erased_at=None).order_by("pk").last()
        if sent:
            services.send_to_desk(sent.pk, by=self.person, now=self.now)

    def undo_rule(self) -> None:
        """Everything that the rule on links stopped."""
        world.send(self.articles[0], f"{SPAM}{self.number}", now=self.now, author_name="在宅ワーク")
        services.screen(now=lambda: self.now)
        version = Rule.objects.get(slug="links").versions.latest("number")
        window = Window(version.pk, self.now - timedelta(days=400), self.now)
        undo = services.begin_rule_undo(window, by=self.people[0], reason="誤検出", now=self.now)
        services.go_on_with_rule(undo, now=lambda: self.now)
