"""Open cases that are alike: who is in which group, and who stands for it in the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comments.models import Article, Comment, Floor, Site
from comments.services import edit
from moderation import finding_cases
from moderation.finding_cases import FIRST, Asked
from moderation.models import Case, Regroup, Severity
from moderation.services import Wanted, decide, escalate, group_cases, release, screen, undo
from moderation.services.cases import open_cases
from moderation.services.deciding import Result
from tests import facets, newsroom, world
from tests.world import NOON, send

BODY = "市民会館の館長の{}さんは、雨漏りを三年も放置していると聞きました。市は早く調べてください。"
NAMES = ["佐藤", "小田切", "渡辺", "五十嵐", "大河原", "東", "長谷川", "林", "久保田", "小鳥遊"]


pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db: None) -> Site:
    return world.make_site(floor=Floor.HOLD_ALL)


@pytest.fixture
def mori(site: Site) -> User:
    return world.make_member(site)


def complaint(article: Article, number: int, **fields: Any) -> int:
    """The case of one of many nearly the same, each by somebody else, due a minute after the one before."""
    return held(article, BODY.format(NAMES[number % len(NAMES)]), number, **fields)


def held(article: Article, body: str, number: int, **fields: Any) -> int:
    at = NOON + timedelta(minutes=number)
    given = {"author_email": f"n{number}@example.com", **fields}
    received = send(article, body, now=at, **given)
    screen(now=lambda: at)
    return Case.objects.get(comment=received.comment_id, closed_at=None).pk


def group() -> int:
    """Look at all notes; how many cases came into a group. The facets are as a recount has them."""
    joined = 0
    while (done := group_cases()).looked:
        joined += done.joined
    assert facets.stored() == facets.expected()
    assert not Regroup.objects.exists()
    return joined


def groups() -> dict[int, int | None]:
    return dict(Case.objects.filter(closed_at=None).values_list("pk", "group_id"))


def entries(site: Site, *, escalated: bool = False) -> list[int]:
    """What the queue shows, by due time."""
    asked = Asked([site.pk], facets=(FIRST,), escalated=escalated)
    return [place.case for place in finding_cases.page(asked, 100)]


def close(case: int, by: User) -> Result:
    version = Comment.objects.get(cases=case).version
    (result,) = decide([Wanted(case, "publish", version)], by=by, now=NOON)
    return result


def test_nearly_the_same_are_one_entry(article: Article, site: Site) -> None:
    first, second = complaint(article, 0), complaint(article, 1)
    other = held(article, "駅の東口に屋根ができるのは助かります。雨の日が楽です。", 2)
    assert entries(site) == [first, second, other]
    assert group() == 2
    third = complaint(article, 3)
    assert entries(site) == [first, other, third]
    assert group() == 1
    assert entries(site) == [first, other]
    assert groups() == {first: first, second: first, third: first, other: None}


def test_the_same_short_text_is_one_entry(article: Article, site: Site) -> None:
    first, second = held(article, "賛成です。", 0), held(article, "賛成です！", 1)
    other = held(article, "反対です。", 2)
    group()
    assert entries(site) == [first, other]
    assert groups()[second] == first


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"author_email": "a@example.com"}, {"author_email": "a@example.com"}, True),
        ({"author_email": "a@example.com"}, {"author_email": "b@example.com"}, False),
        ({"author_email": "", "ip": "192.0.2.1"}, {"author_email": "", "ip": "192.0.2.1"}, True),
        ({"author_email": "", "ip": "192.0.2.1"}, {"author_email": "", "ip": "192.0.2.2"}, False),
        ({"author_email": "", "ip": "2001:db8::1"}, {"author_email": "", "ip": "2001:db8::ffff:2"}, True),
        ({"author_email": "", "ip": "2001:db8::1"}, {"author_email": "", "ip": "2001:db8:0:1::1"}, False),
        (
            {"author_email": "", "ip": "192.0.2.1"},
            {"author_email": "b@example.com", "ip": "192.0.2.1"},
            False,
        ),
        ({"author_email": ""}, {"author_email": ""}, False),
    ],
)
def test_one_source(article: Article, one: Any, other: Any, alike: bool) -> None:
    first = held(article, "駅の東口に屋根ができるのは助かります。", 0, **one)
    second = held(article, "図書館の開館時間が延びるのはうれしいです。", 1, **other)
    group()
    assert groups() == ({first: first, second: first} if alike else {first: None, second: None})


@pytest.mark.parametrize(("minutes", "alike"), [(24 * 60, True), (24 * 60 + 1, False)])
def test_one_source_within_a_day(article: Article, minutes: int, alike: bool) -> None:
    first = held(article, "駅の東口に屋根ができるのは助かります。", 0, author_email="a@example.com")
    second = held(article, "図書館が遅くまで開くのはうれしい。", minutes, author_email="a@example.com")
    group()
    assert groups()[second] == (first if alike else None)


def test_no_group_crosses_sites(article: Article, site: Site) -> None:
    elsewhere = world.make_site("yugure", floor=Floor.HOLD_ALL)
    mine, theirs = complaint(article, 0), complaint(world.make_article(elsewhere), 0)
    assert group() == 0
    assert (entries(site), entries(elsewhere)) == ([mine], [theirs])


def test_the_next_takes_the_place_of_the_first(article: Article, site: Site, mori: User) -> None:
    cases = [complaint(article, number) for number in range(4)]
    group()
    for number in range(3):
        assert entries(site) == [cases[number]]
        close(cases[number], mori)
        assert facets.stored() == facets.expected()
    close(cases[3], mori)
    assert entries(site) == []


def test_who_was_closed_behind_the_first_is_not_missed(article: Article, site: Site, mori: User) -> None:
    cases = [complaint(article, number) for number in range(4)]
    group()
    close(cases[1], mori)
    assert entries(site) == [cases[0]]
    close(cases[0], mori)
    assert entries(site) == [cases[2]]


def test_all_closed_at_once_leave_nothing(article: Article, site: Site) -> None:
    cases = [complaint(article, number) for number in range(4)]
    group()
    Case.objects.filter(pk__in=cases[:3]).update(closed_at=NOON)
    assert entries(site) == [cases[3]]
    Case.objects.filter(pk__in=cases).update(closed_at=NOON)
    assert entries(site) == []
    assert facets.stored() == facets.expected() == {}


def test_what_is_taken_back_is_in_its_group_again(article: Article, site: Site, mori: User) -> None:
    cases = [complaint(article, number) for number in range(3)]
    group()
    results = [close(case, mori) for case in cases[:2]]
    assert entries(site) == [cases[2]]
    for result in results:
        assert result.decision_id is not None
        undo(result.decision_id, by=mori, now=NOON)
    # None is missing before its place is looked at.
    assert set(entries(site)) == set(cases)
    group()
    assert entries(site) == [cases[0]]


def test_escalated_cases_are_entries_of_their_own_queue(article: Article, site: Site, mori: User) -> None:
    cases = [complaint(article, number) for number in range(4)]
    group()
    for case in cases[:2]:
        escalate(case, "館長の件です。", by=mori, now=NOON)
        assert case in entries(site, escalated=True)
    group()
    assert (entries(site), entries(site, escalated=True)) == ([cases[2]], [cases[0]])
    release(cases[0], "", by=mori, now=NOON)
    group()
    assert (entries(site), entries(site, escalated=True)) == ([cases[0]], [cases[1]])


def test_who_becomes_due_earlier_stands_for_the_group(article: Article, site: Site) -> None:
    cases = [complaint(article, number) for number in range(3)]
    group()
    comment = Comment.objects.get(cases=cases[2])
    open_cases({comment: ["quote-hidden"]}, Severity.HIGH, NOON - timedelta(days=1))
    group()
    assert entries(site) == [cases[2]]


def test_a_group_outlives_the_case_that_it_began_with(article: Article, site: Site, mori: User) -> None:
    first, second = complaint(article, 0), complaint(article, 1)
    group()
    close(first, mori)
    third = complaint(article, 2)
    group()
    assert groups() == {second: first, third: first}
    assert entries(site) == [second]


def rewrite(case: int, body: str) -> None:
    with transaction.atomic():
        edit(Comment.objects.select_for_update(of=("self",)).get(cases=case), body, now=NOON)


def test_an_edit_leaves_a_group_and_finds_another(article: Article, site: Site) -> None:
    first, second, third = (complaint(article, number) for number in range(3))
    other = held(article, "駅の東口に屋根ができるのは助かります。雨の日が楽です。", 3)
    assert group() == 3
    rewrite(third, "駅の東口に屋根ができるのは助かります。雨の日が楽ですね。")
    assert entries(site) == [first, third, other]
    assert group() == 2
    assert groups() == {first: first, second: first, third: third, other: third}
    assert entries(site) == [first, third]
    # The one that the group began with gives it its name.
    rewrite(first, "今日はこれから会議です。")
    group()
    assert groups()[first] == first
    rewrite(second, "明日はこれから会議でした。長い一日になりそうです。")
    assert group() == 0
    assert entries(site) == [first, second, third]


def test_an_import_run_is_in_no_group(article: Article) -> None:
    newsroom.make_run_case(article.site)
    assert not Regroup.objects.exists()


def test_a_note_of_a_case_that_is_closed_is_done_with(article: Article) -> None:
    Case.objects.filter(pk=complaint(article, 0)).update(closed_at=NOON)
    assert Regroup.objects.count() == 1
    assert group() == 0


def query_count(article: Article, many: int) -> int:
    for number in range(many):
        complaint(article, number)
    with CaptureQueriesContext(connection) as captured:
        assert group_cases().joined == many
    return len(captured)


def test_queries_do_not_grow_with_the_chunk(article: Article) -> None:
    complaint(article, 0, author_email="first@example.com")
    complaint(article, 0, author_email="next@example.com")
    group()
    few = query_count(article, 2)
    assert query_count(article, 30) == few
