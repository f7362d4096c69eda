"""Parents: what was given stays, what was inferred makes no circle."""

from datetime import timedelta

import pytest

from comments.drafts import CommentDraft
from comments.models import Article, Comment, ParentHow
from comments.services import Arrival, Origin, receive
from comments.threads import Parent, set_parents
from tests import world
from tests.world import NOON


@pytest.fixture
def keys(article: Article) -> list[int]:
    return [each.comment_id for each in world.send_many(article, ["一つ目。", "二つ目。", "三つ目。"])]


def parent_of(key: int) -> tuple[int | None, str, int | None]:
    return Comment.objects.values_list("parent_id", "parent_how", "parent_sure").get(pk=key)


def inferred(parent: int, sure: int = 90) -> Parent:
    return Parent(parent, ParentHow.QUOTE, sure)


def test_a_parent_is_inferred_once_and_may_be_inferred_anew(keys: list[int]) -> None:
    first, second, third = keys
    set_parents({third: inferred(first)})
    assert parent_of(third) == (first, "quote", 90)
    version = Comment.objects.get(pk=third).version
    set_parents({third: inferred(first)})
    assert Comment.objects.get(pk=third).version == version
    set_parents({third: Parent(second, ParentHow.REFERENCE, 95)})
    assert parent_of(third) == (second, "reference", 95)


def test_a_given_parent_stays_and_takes_the_place_of_an_inferred_one(keys: list[int]) -> None:
    first, second, third = keys
    set_parents({third: inferred(first)})
    set_parents({third: Parent(second)})
    assert parent_of(third) == (second, "given", None)
    set_parents({third: inferred(first), second: inferred(first)})
    assert parent_of(third) == (second, "given", None)
    assert parent_of(second) == (first, "quote", 90)


def test_an_inferred_parent_was_there_before_at_the_same_article(article: Article, keys: list[int]) -> None:
    first, second, _ = keys
    elsewhere = world.send(world.make_article(article.site), "よその一言。", now=NOON - timedelta(days=1))
    set_parents({first: inferred(second), second: inferred(elsewhere.comment_id)})
    assert parent_of(first) == parent_of(second) == (None, "", None)
    set_parents({first: inferred(first)})
    assert parent_of(first) == (None, "", None)


def test_nobody_answers_himself_by_way_of_a_given_parent_that_is_later(keys: list[int]) -> None:
    """The first was given the third as its parent, for clocks disagree."""
    first, second, third = keys
    set_parents({first: Parent(third)})
    set_parents({second: inferred(first), third: inferred(second)})
    assert parent_of(second) == (first, "quote", 90)
    assert parent_of(third) == (None, "", None)


def test_an_import_that_names_the_parent_later_overrules_what_was_inferred(article: Article) -> None:
    origin = Origin(article.site_id, "archive", live=False)
    drafts = [CommentDraft(body=f"{name}の文。", external_id=name, posted_at=NOON) for name in "甲乙丙"]
    first, second, third = receive([Arrival(each, article.pk) for each in drafts], origin, now=NOON)
    set_parents({third.comment_id: inferred(first.comment_id)})
    (again,) = receive([Arrival(drafts[2], article.pk, second.comment_id)], origin, now=NOON)
    # None says that the import may still link it.
    assert (again.outcome, again.parent_id) == ("unchanged", None)
