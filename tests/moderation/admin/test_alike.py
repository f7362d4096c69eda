"""Cases that are alike at the desk: one entry with its number, the others on the card."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Article, Comment, Floor, Site
from comments.services import edit
from moderation.admin import queue, showing
from moderation.models import Case
from moderation.services import Wanted, decide, group_cases, screen
from tests import newsroom, world
from tests.moderation.test_grouping import complaint, held
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db: None) -> Site:
    return world.make_site("asagiri", name="あさぎり新聞", floor=Floor.HOLD_ALL)


@pytest.fixture
def moderator(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    return client


@pytest.fixture
def cases(article: Article) -> list[int]:
    """Three that are alike, one that is not, and one more of the three's."""
    found = [complaint(article, number) for number in range(3)]
    found.append(held(article, "駅の東口に屋根ができるのは助かります。雨の日が楽です。", 3))
    found.append(complaint(article, 4))
    while group_cases().looked:
        pass
    return found


def listed(client: Client, query: str = "") -> list[int]:
    page = client.get(f"{reverse('desk:queue')}{query}")
    return [case.pk for case in page.context["rows"]]


def text_of(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode())


def test_the_queue_shows_one_of_those_alike(cases: list[int], moderator: Client) -> None:
    assert listed(moderator) == [cases[0], cases[3]]
    text = text_of(moderator, reverse("desk:queue"))
    assert "<strong>5</strong>" in text
    assert "（2組）" in text
    assert "似たもの4件" in text
    assert listed(moderator, "?one=1") == cases
    assert "（2組）" not in text_of(moderator, f"{reverse('desk:queue')}?one=1")


def test_very_many_entries_are_not_counted_to_the_end(
    cases: list[int], moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (queue, showing):
        monkeypatch.setattr(module, "MANY_ENTRIES", 2)
    assert "<strong>5</strong>" in text_of(moderator, reverse("desk:queue"))
    assert "（2組以上）" in text_of(moderator, reverse("desk:queue"))


def test_filters_find_members(cases: list[int], moderator: Client) -> None:
    author = Comment.objects.get(cases=cases[2]).author_key
    assert listed(moderator, f"?author={author}") == [cases[2]]
    assert listed(moderator, f"?group={cases[0]}") == [*cases[:3], cases[4]]
    assert listed(moderator, "?q=渡辺さん") == [cases[2]]
    site = Case.objects.get(pk=cases[0]).site_id
    assert listed(moderator, f"?site={site}") == [cases[0], cases[3]]


def test_one_that_was_edited_is_told_as_such(cases: list[int], moderator: Client) -> None:
    with transaction.atomic():
        comment = Comment.objects.select_for_update(of=("self",)).get(cases=cases[0])
        edit(comment, "今日はこれから会議です。", now=NOON)
    text = text_of(moderator, reverse("desk:case", args=[cases[2]]))
    assert text.count("今は別の文章（どちらかが編集されました）") == 1
    assert "同じ投稿元からの別の文章" not in text


def test_steps_go_from_entry_to_entry(cases: list[int], moderator: Client) -> None:
    page = moderator.get(reverse("desk:case", args=[cases[0]]))
    assert (page.context["previous"], page.context["next"]) == (None, cases[3])
    page = moderator.get(f"{reverse('desk:case', args=[cases[0]])}?one=1")
    assert page.context["next"] == cases[1]


def test_the_card_shows_the_others_and_what_differs(cases: list[int], moderator: Client) -> None:
    page = moderator.get(reverse("desk:case", args=[cases[0]]))
    alike = page.context["alike"]
    assert (alike.number, alike.more) == (4, 0)
    assert [each.case.pk for each in alike.others] == [cases[1], cases[2], cases[4]]
    assert [segment.text for segment in alike.others[0].body if segment.marks] == ["小田切"]
    assert alike.others[0].how == "ほぼ同じ文章（一致94%）"
    assert f"?group={cases[0]}" in page.content.decode()
    assert moderator.get(reverse("desk:case", args=[cases[3]])).context["alike"] is None


def test_the_card_tells_how_each_is_alike(article: Article, moderator: Client) -> None:
    sender = {"author_email": "a@example.com"}
    first = held(article, "賛成です。", 0, **sender)
    held(article, "賛成です！", 1)
    held(article, "図書館が遅くまで開くのはうれしい。", 2, **sender)
    group_cases()
    alike = moderator.get(reverse("desk:case", args=[first])).context["alike"]
    assert [each.how for each in alike.others] == ["同じ文章", "同じ投稿元からの別の文章"]


def test_what_is_typed_is_escaped(article: Article, moderator: Client) -> None:
    body = "<script>alert('市民会館の館長は雨漏りを三年も放置しています')</script>{}"
    first = held(article, body.format(1), 0)
    held(article, body.format("二番"), 1, author_name="<b>名</b>")
    group_cases()
    text = text_of(moderator, reverse("desk:case", args=[first]))
    assert "<script>alert" not in text
    assert "<b>名</b>" not in text
    assert "&lt;b&gt;名&lt;/b&gt;" in text


def test_only_so_many_are_shown(article: Article, moderator: Client) -> None:
    cases = [complaint(article, number) for number in range(14)]
    group_cases()
    alike = moderator.get(reverse("desk:case", args=[cases[0]])).context["alike"]
    assert (alike.number, len(alike.others), alike.more) == (14, 10, 3)


def test_who_sees_another_site_sees_none_of_them(cases: list[int], client: Client) -> None:
    other = world.make_site("yugure", name="ゆうぐれ")
    client.force_login(newsroom.make_person(other, "abe", "Moderator"))
    assert listed(client) == []
    assert listed(client, f"?group={cases[0]}") == []
    assert client.get(reverse("desk:case", args=[cases[0]])).status_code == 404


def test_after_the_first_the_next(cases: list[int], moderator: Client, site: Site) -> None:
    by = world.make_member(site, "abe")
    decide([Wanted(cases[0], "publish", Comment.objects.get(cases=cases[0]).version)], by=by, now=NOON)
    assert listed(moderator) == [cases[1], cases[3]]
    alike = moderator.get(reverse("desk:case", args=[cases[0]])).context["alike"]
    assert (alike.number, [each.case.pk for each in alike.others]) == (3, [cases[1], cases[2], cases[4]])


def query_counts(client: Client, case: int) -> tuple[int, int]:
    counts = []
    for address in (reverse("desk:queue"), reverse("desk:case", args=[case])):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    return counts[0], counts[1]


def test_queries_do_not_grow_with_groups(article: Article, moderator: Client) -> None:
    def grow(start: int, number: int) -> int:
        for at in range(number):
            for times in range(2):
                body = f"{chr(0x6F22 + start + at) * 20}について{'、もう一度' * times}書きます。"
                world.send(
                    article, body, now=NOON + timedelta(minutes=at), author_email=f"{start + at}@example.com"
                )
        screen(now=lambda: NOON)
        while group_cases().looked:
            pass
        return Case.objects.filter(group_id__isnull=False).earliest("due_at", "pk").pk

    case = grow(0, 2)
    few = query_counts(moderator, case)
    assert grow(2, 20) == case
    assert query_counts(moderator, case) == few
