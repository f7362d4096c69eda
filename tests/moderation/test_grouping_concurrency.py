"""Two at once at one group: nobody's case falls out of the queue, and none that was closed stays in it."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from comments.models import Article, Comment, Floor, Site
from moderation.models import Case, Regroup
from moderation.services import Wanted, decide, group_cases, screen
from tests import facets, world
from tests.moderation.test_concurrency import Elsewhere
from tests.moderation.test_grouping import BODY, NAMES, complaint, entries
from tests.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site() -> Site:
    return world.make_site(floor=Floor.HOLD_ALL)


def group_all() -> None:
    while group_cases().looked:
        pass
    assert not Regroup.objects.exists()
    assert facets.stored() == facets.expected()


def close(case: int) -> None:
    Case.objects.filter(pk=case, closed_at=None).update(closed_at=NOON)


def test_two_opened_at_once_come_into_one_group(article: Article, site: Site) -> None:
    for number in range(2):
        world.send(article, BODY.format(NAMES[number]), author_email=f"n{number}@example.com")
    with transaction.atomic():
        assert screen(1, now=lambda: NOON).claimed == 1
        other = Elsewhere(partial(screen, 1, now=lambda: NOON))
        other.join()
        # What is not committed yet is not noted for anybody else.
        assert Case.objects.count() == 2
    assert other.error is None
    group_all()
    first, second = Case.objects.order_by("pk")
    assert (first.group_id, second.group_id) == (first.pk, first.pk)
    assert entries(site) == [first.pk]


def test_the_first_and_the_next_are_closed_at_once(article: Article, site: Site) -> None:
    cases = [complaint(article, number) for number in range(3)]
    group_all()
    with transaction.atomic():
        close(cases[1])
        other = Elsewhere(partial(close, cases[0]))
        # It wants the next in its place, and waits to see what becomes of it.
        other.until_done_or_waiting()
        assert other.is_alive()
    other.join()
    assert other.error is None
    assert entries(site) == [cases[2]]
    group_all()


def test_the_next_is_closed_while_the_first_is(article: Article, site: Site) -> None:
    cases = [complaint(article, number) for number in range(3)]
    group_all()
    with transaction.atomic():
        close(cases[0])
        other = Elsewhere(partial(close, cases[1]))
        other.until_done_or_waiting()
        assert other.is_alive()
    other.join()
    assert other.error is None
    assert entries(site) == [cases[2]]
    group_all()


def test_of_two_moderators_at_the_first_one_decides(article: Article, site: Site) -> None:
    cases = [complaint(article, number) for number in range(2)]
    group_all()
    people = [world.make_member(site, name) for name in ("mori", "abe")]
    version = Comment.objects.get(cases=cases[0]).version
    outcomes: list[str] = []

    def publish(number: int) -> None:
        (result,) = decide([Wanted(cases[0], "publish", version)], by=people[number], now=NOON)
        outcomes.append(str(result.outcome))

    others = [Elsewhere(partial(publish, number)) for number in range(2)]
    for other in others:
        other.join()
        assert other.error is None
    assert sorted(outcomes) == ["closed", "done"]
    assert entries(site) == [cases[1]]


def test_one_joins_while_the_first_is_closed(article: Article, site: Site) -> None:
    first, second = complaint(article, 0), complaint(article, 1)
    group_all()
    third = complaint(article, 2)
    with transaction.atomic():
        close(first)
        other = Elsewhere(group_cases)
        other.join()
        # Who is first is held: the third stays an entry of its own, and is looked at again.
        assert other.error is None
    assert set(entries(site)) == {second, third}
    group_all()
    assert entries(site) == [second]


def test_the_first_is_closed_while_one_joins(article: Article, site: Site) -> None:
    first = complaint(article, 0)
    group_all()
    second = complaint(article, 1)
    with transaction.atomic():
        assert group_cases().joined == 2
        other = Elsewhere(partial(close, first))
        other.until_done_or_waiting()
        assert other.is_alive()
    other.join()
    assert other.error is None
    assert entries(site) == [second]


def test_only_one_groups_at_a_time(article: Article) -> None:
    complaint(article, 0)
    looked: list[int] = []
    with transaction.atomic():
        assert group_cases().looked == 1
        other = Elsewhere(lambda: looked.append(group_cases().looked))
        other.join()
    assert looked == [0]
