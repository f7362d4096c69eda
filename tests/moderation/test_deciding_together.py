"""Many people at the same cases at once: nobody's decision is doubled or lost, and every number is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Barrier
from typing import TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connection

from comments.models import Article, Comment, Site
from moderation.finding_cases import Asked, number
from moderation.models import Case, Decision
from moderation.services import Wanted, decide, screen, tallying
from moderation.services.outcomes import Outcome
from tests import facets, newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)

CASES, WORKERS = 500, 16
Told = TypeVar("Told")


@pytest.fixture
def article(transactional_db: None) -> Article:
    return world.make_article(world.make_site(floor="hold_all"))


def open_cases(article: Article) -> list[Case]:
    """So many more cases, all waiting for a person."""
    known = Case.objects.count()
    world.send_many(article, [f"図書館について、{known + at}件目の意見です。" for at in range(CASES)])
    while screen().claimed:
        pass
    return list(Case.objects.filter(closed_at=None).select_related("comment").order_by("pk"))


def at_once(work: Sequence[Callable[[], Told]]) -> list[Told]:
    """What each of these gives, run side by side on connections of their own."""

    def alone(each: Callable[[], Told]) -> Told:
        try:
            return each()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(alone, work))


def wanted(case: Case, action: str, reason: int | None) -> Wanted:
    assert case.comment
    return Wanted(case.pk, action, case.comment.version, reason_id=reason)


def check_all(site: Site, done: int) -> None:
    """One decision of a person for each closed case, and every number as a recount has it."""
    by_people = Counter(Decision.objects.filter(by__isnull=False).values_list("comment_id", flat=True))
    closed = Case.objects.filter(closed_at__isnull=False)
    assert set(by_people.values()) == {1}
    assert set(by_people) == set(closed.values_list("comment_id", flat=True))
    assert len(by_people) == done
    last = {each.comment_id: each for each in Decision.objects.order_by("pk")}
    for comment in Comment.objects.all():
        assert comment.status == last[comment.pk].to_status
    for case in closed:
        assert case.closed_by_id == last[case.comment_id or 0].by_id
    assert number(Asked([site.pk])).found == Case.objects.filter(closed_at=None).count()
    assert facets.stored() == facets.expected()
    assert tallying.differences() == []


def test_five_hundred_cases_by_two_at_the_same_moment_then_by_sixteen(article: Article) -> None:
    site, reason = article.site, world.make_reason().pk
    people = [newsroom.make_person(site, f"person{at}", "Moderator") for at in range(WORKERS)]
    cases = open_cases(article)
    assert len(cases) == CASES
    barrier = Barrier(2, timeout=60)

    def all_of_them(by: User, action: str) -> list[Outcome]:
        found = []
        for case in cases:
            barrier.wait()
            asked = wanted(case, action, reason if action == "reject" else None)
            found += [each.outcome for each in decide([asked], by=by, now=NOON)]
        return found

    first, second = at_once(
        [lambda: all_of_them(people[0], "publish"), lambda: all_of_them(people[1], "reject")]
    )
    # Of two at the same case one decides, and the other is told that it was.
    assert [Counter(pair)[Outcome.DONE] for pair in zip(first, second, strict=True)] == [1] * CASES
    assert not {*first, *second} - {Outcome.DONE, Outcome.CLOSED}
    check_all(site, CASES)

    more = open_cases(article)

    def at_random(at: int) -> int:
        """Cases in an order of his own, some of them decided long ago; how many he decided."""
        rng, done = Random(at), 0
        for case in rng.sample(cases + more, CASES // 4):
            action = rng.choice(["publish", "reject"])
            asked = wanted(case, action, reason if action == "reject" else None)
            done += [each.outcome for each in decide([asked], by=people[at], now=NOON)] == [Outcome.DONE]
        return done

    done = sum(at_once([partial(at_random, at) for at in range(WORKERS)]))
    assert 0 < done <= CASES
    check_all(site, CASES + done)
