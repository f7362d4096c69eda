"""Who wrote nearly the same before: the keys of stored comments, and the facts made from them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import bulk
from comments.drafts import CommentDraft
from comments.erasing import erase
from comments.models import Article, Comment
from comments.services import Arrival, Received, edit
from moderation.checks.base import Needs
from moderation.checks.facts import NearCopy
from moderation.facts import Limits, claim, gather
from moderation.models import Finding, NearKeys
from moderation.near import _SHARING
from moderation.near_text import band_keys, own_text
from moderation.preview import foresee
from moderation.services import screen
from moderation.services.guarding import guard
from tests import world
from tests.world import NOON, send

BODY = "市民会館の館長の{}さんは、雨漏りを三年も放置していると聞きました。市は早く調べてください。"
NAMES = ["佐藤", "小田切", "渡辺", "五十嵐", "大河原", "東", "長谷川", "林", "久保田", "小鳥遊"]
NEEDS = Needs(near_seconds=86_400, near_rows=20)


def complaint(article: Article, number: int, **fields: Any) -> Received:
    at = NOON + timedelta(minutes=number)
    given = {"author_email": f"n{number}@example.com", **fields}
    return send(article, BODY.format(NAMES[number % len(NAMES)]), now=at, **given)


def keys(received: Received) -> set[int]:
    rows = NearKeys.objects.filter(comment=received.comment_id)
    return {key for each in rows for key in (each.key1, each.key2, each.key3, each.key4)}


def near_to(received: Received, needs: Needs = NEEDS) -> tuple[NearCopy, ...]:
    """Those nearly the same before it, as a claim gathers them."""
    rows = claim(Limits(100, 100, 100)).rows
    (claimed,) = [each for each in gather(rows, needs) if each.row.id == received.comment_id]
    return claimed.submission.near


def test_what_is_too_short_has_no_keys(article: Article) -> None:
    assert keys(send(article, "賛成です。がんばってください！")) == set()
    assert keys(send(article, f"> {BODY.format('佐藤')}\nhttps://example.jp/abcdefghijklmn")) == set()
    received = complaint(article, 0)
    (expected,) = band_keys([own_text(BODY.format(NAMES[0]))])
    assert keys(received) == set(expected)


def test_an_edit_has_keys_of_its_own_and_an_erasure_leaves_none(article: Article) -> None:
    received = complaint(article, 1)
    comment = Comment.objects.get(pk=received.comment_id)
    before = keys(received)
    edit(comment, "駅の東口に屋根ができるのは助かります。雨の日が楽になりそうです。", now=NOON)
    assert len(keys(received)) == 4
    assert before.isdisjoint(keys(received))
    erase([comment.pk], now=NOON)
    assert keys(received) == set()


def test_what_is_brought_of_each(article: Article) -> None:
    own = complaint(article, 1, author_email="n5@example.com")
    exact = send(
        article, BODY.format("大河原"), now=NOON + timedelta(minutes=2), author_email="x@example.com"
    )
    other = complaint(article, 3, author_email="x@example.com")
    received = complaint(article, 4, author_email="n5@example.com")
    near = near_to(received)
    assert [each.comment for each in near] == [other.comment_id, exact.comment_id, own.comment_id]
    assert [each.same_author for each in near] == [False, False, True]
    assert [each.exact for each in near] == [False, True, False]
    assert [each.percent for each in near] == [93, 100, 93]
    assert near[0].author == near[1].author != near[2].author
    assert near[1].posted_at == NOON + timedelta(minutes=2)


def test_only_what_stands_before_at_the_same_site_counts(article: Article) -> None:
    elsewhere = complaint(world.make_article(world.make_site("yugure")), 1)
    gone = complaint(article, 2)
    Comment.objects.filter(pk=gone.comment_id).update(withdrawn_at=NOON)
    complaint(article, 6)
    received = complaint(article, 5)
    early = complaint(article, 3)
    assert [each.comment for each in near_to(received)] == [early.comment_id]
    assert near_to(early) == ()
    assert near_to(elsewhere) == ()


def test_a_window_and_a_number(article: Article) -> None:
    earlier = [complaint(article, number) for number in range(5)]
    received = complaint(article, 5)
    two = near_to(received, Needs(near_seconds=86_400, near_rows=2))
    assert [each.comment for each in two] == [earlier[4].comment_id, earlier[3].comment_id]
    late = near_to(received, Needs(near_seconds=120, near_rows=20))
    assert [each.comment for each in late] == [earlier[4].comment_id]
    assert near_to(received, Needs()) == ()


def test_withdrawn_copies_hide_no_others(article: Article) -> None:
    kept = complaint(article, 0)
    for number in range(1, 5):
        gone = complaint(article, number)
        Comment.objects.filter(pk=gone.comment_id).update(withdrawn_at=NOON)
    near = near_to(complaint(article, 6), Needs(near_seconds=86_400, near_rows=1))
    assert [each.comment for each in near] == [kept.comment_id]


def test_the_fourth_author_is_told_of(article: Article) -> None:
    world.make_rule("near_duplicate")
    received = [complaint(article, number) for number in range(5)]
    screen()
    told = Finding.objects.order_by("id").values_list("decision__comment", "data__count", "data__authors")
    assert list(told) == [(received[3].comment_id, 3, 3), (received[4].comment_id, 4, 4)]


def query_count(article: Article, many: int) -> int:
    for number in range(many):
        complaint(article, number)
    with CaptureQueriesContext(connection) as captured:
        assert screen().claimed == many
    return len(captured)


def test_queries_do_not_grow_with_the_batch(article: Article) -> None:
    world.make_rule("near_duplicate", params={"others": 1})
    complaint(article, 0, author_email="first@example.com")
    screen()
    query_count(article, 1)
    few = query_count(article, 2)
    assert query_count(article, 40) == few


def test_storing_takes_one_statement_more(article: Article) -> None:
    with CaptureQueriesContext(connection) as captured:
        complaint(article, 0)
    written = [each["sql"] for each in captured if "moderation_nearkeys" in each["sql"]]
    assert len(written) == 1


def test_what_came_before_is_found_by_index(article: Article) -> None:
    received = complaint(article, 1)
    guard()
    asked = {"id": [received.comment_id], "site_id": [article.site_id], "posted_at": [NOON]}
    asked |= {f"key{number}": [number] for number in range(1, 5)} | {"window": timedelta(days=3), "limit": 20}
    found = bulk.fetch(f"EXPLAIN {_SHARING}", asked)
    plan = "\n".join(line for (line,) in found)
    assert "Seq Scan" not in plan
    assert all(f"nearkeys_by_key{number}" in plan for number in range(1, 5))


def test_an_erased_comment_is_near_to_nothing(article: Article) -> None:
    erase([complaint(article, 1).comment_id], now=NOON)
    assert near_to(complaint(article, 2)) == ()


def test_a_preview_finds_what_is_stored(article: Article) -> None:
    world.make_rule("near_duplicate", params={"others": 1})
    complaint(article, 1)
    draft = CommentDraft(body=BODY.format("佐藤"), author_name="渡し守", author_email="p@example.com")
    preview = foresee(Arrival(draft, article.pk), article.site_id, now=NOON + timedelta(hours=1))
    assert [hit.finding.code for hit in preview.verdict.hits] == ["others"]
