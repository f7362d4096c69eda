"""Screening with a service: asked once for each text, between two claims."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from comments.drafts import CommentDraft
from comments.models import Article, Membership, Site
from comments.services import Arrival, Origin, Received, edit, receive
from moderation.external import asking, calling
from moderation.models import Case, Decision, ExternalAnswer, Finding, Lane, Pending
from moderation.preview import foresee
from moderation.rules import renew_rule_set, save_rule
from moderation.services import Wanted, decide, rehearse_again, screen, screen_again, screening
from tests import world
from tests.moderation.external.conftest import NO, YES, Asked, Service, make_rule
from tests.world import NOON, send, stored

pytestmark = pytest.mark.django_db


def judge(**given: Any) -> Counter[str]:
    return screen(now=lambda: NOON, **given).decided


def says(word: str, *, score: int = 97, label: str = "promotion") -> Callable[[Asked], Any]:
    """Yes to what holds the word."""
    yes = json.dumps({"hit": True, "score": score, "label": label}).encode()
    return lambda asked: (200, {}, yes) if word in asked.body.decode() else NO


def facts_of(received: Received) -> Any:
    return Decision.objects.filter(comment=received.comment_id, by=None).latest("pk").facts.get("external")


def test_what_the_service_says_yes_to_is_held(service: Service, article: Article) -> None:
    service.answer = says("副業")
    rule = make_rule(service)
    good, bad = send(article, "楽しみです。"), send(article, "副業で月収百万円になりました。")
    assert judge() == Counter(published=1, held=1)

    assert (stored(good).status, stored(bad).status) == ("published", "held")
    assert len(service.asked) == 2
    finding = Finding.objects.get()
    assert (finding.code, finding.data) == ("label_score", {"label": "promotion", "score": 97})
    name = rule.versions.get() and ExternalAnswer.objects.values_list("service", flat=True)[0]
    assert facts_of(good) == {name: {}}
    assert facts_of(bad) == {name: {"hit": True, "score": 97, "label": "promotion"}}
    assert not Pending.objects.exists()


def test_without_such_a_rule_not_one_query_more(article: Article) -> None:
    world.make_rule("links")
    send(article, "楽しみです。")
    with CaptureQueriesContext(connection) as captured:
        judge()
    assert not [each for each in captured.captured_queries if "externalanswer" in each["sql"]]
    assert "external" not in Decision.objects.get().facts


def test_as_many_queries_for_many_as_for_few(service: Service, article: Article) -> None:
    make_rule(service)

    def queries(count: int) -> int:
        world.send_many(article, [f"{at}番目のコメントです。" for at in range(count)])
        with CaptureQueriesContext(connection) as captured:
            assert judge() == Counter(published=count)
        return len(captured)

    queries(1)  # the rule set is compiled once a process
    assert queries(20) == queries(2)


def test_a_text_is_asked_about_once(service: Service, article: Article) -> None:
    make_rule(service)
    sent = send(article, "副業で稼げます。")
    judge()
    service.answer = lambda _asked: YES
    renew_rule_set(None)
    screen_again([sent.comment_id])
    judge()
    assert len(service.asked) == 1
    assert stored(sent).status == "published"
    first, second = Decision.objects.order_by("pk").values_list("facts", flat=True)
    assert first["external"] == second["external"]


def test_a_new_text_is_asked_about_anew(service: Service, article: Article) -> None:
    service.answer = says("副業")
    make_rule(service)
    sent = send(article, "楽しみです。")
    judge()
    edit(stored(sent), "副業で稼げます。", now=NOON)
    judge()
    assert stored(sent).status == "held"
    assert [json.loads(each.body)["data"]["revision"] for each in service.asked] == [1, 2]


def test_a_text_that_changes_while_it_is_asked_about_is_asked_about_anew(
    service: Service, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rule(service)
    sent = send(article, "楽しみです。")
    real = calling.call

    def call(batches: Any, *rest: Any) -> Any:
        if len(service.asked) == 0:
            edit(stored(sent), "副業で稼げます。", now=NOON)
        return real(batches, *rest)

    monkeypatch.setattr(asking, "call", call)
    service.answer = says("副業")
    assert judge() == Counter(held=1)
    assert len(service.asked) == 2


def test_nobody_is_asked_about_whom_the_rule_spares(service: Service, article: Article, site: Site) -> None:
    editor = world.make_member(site, "kawai", email="kawai@asagiri.example")
    assert Membership.objects.filter(user=editor, site=site).exists()
    elsewhere = world.make_site("kozue")
    make_rule(service, terms={"applies_to": "not_staff", "site": site})
    send(article, "編集部の者です。", author_email=editor.email, author_verified=True, author_id="7")
    send(world.make_article(elsewhere), "別のサイトの声です。")
    send(article, "読者の声です。")
    assert judge() == Counter(published=3)
    assert len(service.asked) == 1
    assert "読者の声です。" in service.bodies()


def test_what_a_person_has_decided_is_not_sent(service: Service, article: Article, site: Site) -> None:
    world.make_rule("links", action="hold", params={"most": 0})
    sent = send(article, "こちら https://example.com/a")
    judge()
    case = Case.objects.get()
    wanted = Wanted(case.pk, "publish", stored(sent).version)
    assert decide([wanted], by=world.make_member(site), now=NOON)[0].outcome == "done"
    make_rule(service)
    screen_again([sent.comment_id])
    judge()
    assert service.asked == []


def imported(article: Article, count: int = 1) -> list[int]:
    rows = [CommentDraft(body=f"{at}番目の過去の声。", external_id=str(at)) for at in range(count)]
    origin = Origin(article.site_id, "archive", live=False)
    keys = [each.comment_id for each in receive([Arrival(row, article.pk) for row in rows], origin, now=NOON)]
    Pending.objects.bulk_create(Pending(comment_id=key, lane=Lane.IMPORT) for key in keys)
    return keys


@pytest.mark.parametrize(("ask_imports", "asked"), [(False, 0), (True, 2)])
def test_imports_are_asked_about_where_the_rule_says_so(
    service: Service, article: Article, ask_imports: bool, asked: int
) -> None:
    make_rule(service, ask_imports=ask_imports)
    imported(article, 2)
    assert judge() == Counter(published=2)
    assert len(service.asked) == asked


def test_rules_that_ask_the_same_ask_once_and_others_beside_them(service: Service, article: Article) -> None:
    service.answer = says("副業", score=60)
    make_rule(service, terms={"slug": "sure", "action": "reject"}, from_score=90)
    make_rule(service, terms={"slug": "perhaps"}, from_score=50)
    make_rule(service, terms={"slug": "with-mail"}, send_email=True, from_score=99)
    sent = send(article, "副業で稼げます。")
    judge()
    assert len(service.asked) == 2
    assert sum("a@example.com" in each.body.decode() for each in service.asked) == 1
    assert stored(sent).status == "held"
    assert len(facts_of(sent)) == 2
    assert len(json.dumps(Decision.objects.get().facts)) < 1_000


def test_a_worker_asks_about_some_and_rings_for_the_others(
    service: Service, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 3)
    make_rule(service)
    imported(article, 2)
    world.send_many(article, [f"{at}番目。" for at in range(5)])
    rings: list[int] = []
    with TestCase.captureOnCommitCallbacks(execute=True):
        # Those of an import need no asking and are decided at once.
        assert judge(on_full=lambda: rings.append(1)) == Counter(published=5)
    assert rings == [1]
    assert (len(service.asked), Pending.objects.filter(asking_until=None).count()) == (3, 2)
    assert judge() == Counter(published=2)
    assert len(service.asked) == 5


def test_a_rule_that_comes_into_force_meanwhile_is_asked_for_too(
    service: Service, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rule(service)
    send(article, "楽しみです。")
    real = calling.call

    def call(batches: Any, *rest: Any) -> Any:
        if not service.asked:
            make_rule(service, terms={"slug": "second"}, send_email=True)
        return real(batches, *rest)

    monkeypatch.setattr(asking, "call", call)
    assert judge() == Counter(published=1)
    assert len(service.asked) == 2


def test_a_forecast_and_a_rehearsal_ask_nobody(service: Service, article: Article) -> None:
    service.answer = lambda _asked: YES
    rule = make_rule(service)
    draft = CommentDraft(body="副業で稼げます。", author_name="凪", author_email="n@example.com")
    assert foresee(Arrival(draft, article.pk), article.site_id, now=NOON).status == "published"
    sent = send(article, "副業で稼げます。")
    judge()
    assert len(service.asked) == 1
    rule.params = {**rule.params, "send_email": True}
    save_rule(rule)
    # What nobody has been asked about yet can not be foretold: it is not counted.
    found = rehearse_again([sent.comment_id], NOON, seconds=9)
    assert (found.total, found.looked_at) == (1, 0)
    rule.params = {**rule.params, "send_email": False, "labels": ["promotion"]}
    save_rule(rule)
    found = rehearse_again([sent.comment_id], NOON, seconds=9)
    assert dict(found.changes) == {("held", "published"): 1}
    assert len(service.asked) == 1
    assert stored(sent).status == "held"


def test_the_times_of_a_reservation(service: Service, article: Article) -> None:
    """A worker that died while it asked: nobody takes its comments before the time, and somebody after."""
    make_rule(service, deadline_ms=2_000)
    sent = send(article, "楽しみです。")
    died = screening._screen(10, (), lambda: NOON, lambda: None, [])
    assert [question.row.id for question in died.unasked] == [sent.comment_id]
    waits = Pending.objects.get()
    assert waits.asking_until is not None
    assert waits.asking_until - waits.since >= timedelta(seconds=2 + asking.SLACK_SECONDS)
    assert judge() == Counter()
    assert service.asked == []

    Pending.objects.update(asking_until=waits.since - timedelta(seconds=1))
    assert judge() == Counter(published=1)
    assert len(service.asked) == 1


def test_a_worker_that_dies_after_the_answers_were_kept_costs_nothing(
    service: Service, article: Article
) -> None:
    service.answer = lambda _asked: YES
    make_rule(service)
    sent = send(article, "副業で稼げます。")
    died = screening._screen(10, (), lambda: NOON, lambda: None, [])
    asking.ask(died.unasked, NOON)
    assert stored(sent).status == "received"
    assert judge() == Counter(held=1)
    assert len(service.asked) == 1
