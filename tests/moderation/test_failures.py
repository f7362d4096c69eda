"""What cannot be judged is held, and only that; what merely failed in passing waits."""

from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError
from psycopg import errors

from comments.models import Article
from moderation import rules
from moderation.checks import BY_SLUG
from moderation.models import Case, Decision, Pending
from moderation.services import Wanted, decide, screen
from tests import world
from tests.world import NOON, send, stored


def test_a_rule_whose_check_is_gone_holds_what_it_should_have_seen(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("links")
    world.make_rule("required_name", action="reject", site=world.make_site("yosomachi"))
    rules.rule_book.cache_clear()
    monkeypatch.delitem(BY_SLUG, "links")
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
    monkeypatch.setitem(BY_SLUG, "links", BY_SLUG["required_name"])
    send(article, "こちらには関わりのない規則。")
    assert screen().decided == Counter(published=1)


@pytest.mark.parametrize("state", ["40P01", "40001", "57P01", "08006", "53300", "55P03"])
def test_an_error_that_passes_holds_nothing(
    article: Article, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """A deadlock, a serialization failure, a server shut down or gone, too many connections, a lock."""
    world.make_rule("required_name")
    received = send(article, "ただの一文。")
    with monkeypatch.context() as patched:
        patched.setattr("moderation.services.screening.gather", failing(state))
        with pytest.raises(OperationalError):
            screen()
    assert (stored(received).status, Pending.objects.count()) == ("received", 1)
    assert screen().decided == Counter(published=1)


def test_a_comment_on_which_a_statement_takes_too_long_is_held(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = send(article, "ただの一文。")
    monkeypatch.setattr("moderation.services.screening.gather", failing("57014"))
    screen()
    assert (stored(received).status, Pending.objects.count()) == ("held", 0)


def test_what_a_person_published_is_not_held_because_it_cannot_be_judged(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = send(article, "ただの一文。")
    screen()
    case = Case.objects.get()
    wanted = Wanted(case.pk, "publish", stored(received).version)
    decide([wanted], by=world.make_member(article.site), now=NOON)
    Pending.objects.create(comment_id=received.comment_id, lane=2)
    monkeypatch.setattr("moderation.services.screening.gather", failing("57014"))
    screen()
    assert (stored(received).status, Pending.objects.count()) == ("published", 0)


def failing(state: str) -> Any:
    """Something that fails as Django tells PostgreSQL's error of that code."""

    def fail(*_: object) -> None:
        raise OperationalError("on purpose") from errors.lookup(state)("on purpose")

    return fail
