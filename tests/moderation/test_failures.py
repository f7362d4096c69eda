"""What cannot be judged is held, and only that; what merely failed in passing waits."""

from collections import Counter

import pytest

from comments.models import Article
from moderation import rules
from moderation.models import Decision, Pending
from moderation.services import screen
from tests import world
from tests.world import send, stored


def test_a_rule_whose_check_is_gone_holds_what_it_should_have_seen(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("links")
    world.make_rule("required_name", action="reject", site=world.make_site("yosomachi"))
    rules.rule_book.cache_clear()
    monkeypatch.delitem(rules.BY_SLUG, "links")
    received = [send(article, "一つ目。"), send(article, "二つ目。")]

    assert screen().decided == Counter(held=2)

    assert {stored(each).status for each in received} == {"held"}
    assert {decision.cause for decision in Decision.objects.all()} == {"check-failed"}
    assert not Pending.objects.exists()


def test_parameters_that_no_longer_fit_stop_no_other_site(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("links", params={"most": 1}, site=world.make_site("yosomachi"))
    world.make_rule("required_name")
    rules.rule_book.cache_clear()
    monkeypatch.setattr(rules, "BY_SLUG", {**rules.BY_SLUG, "links": rules.BY_SLUG["required_name"]})
    send(article, "こちらには関わりのない規則。")
    assert screen().decided == Counter(published=1)
