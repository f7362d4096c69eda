"""Taking back what a rule version did: only that, only where nobody has decided since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from comments.models import Article, Comment, Site
from moderation import tasks
from moderation.models import Case, Decision, Finding, Rule, RuleUndo
from moderation.rule_undoing import Fate, Window, bounds_of, preview
from moderation.rules import save_rule
from moderation.services import (
    Wanted,
    begin_rule_undo,
    cancel_rule_undo,
    decide,
    go_on_with_rule,
    resume_rule_undo,
    rule_undoing,
    screen,
)
from tests import newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db
LINK = "ここに書きました https://example.com/a"


@pytest.fixture
def lead(site: Site) -> User:
    return newsroom.make_person(site, "hara", "Lead")


def links(**fields: object) -> Rule:
    terms = {"slug": "links", "params": {"most": 0}, "action": "reject", "breaker_pairs": 1_000}
    return world.make_rule("links", **{**terms, **fields})


def send(article: Article, count: int = 1, body: str = LINK, **fields: object) -> list[int]:
    first = Comment.objects.count()
    return [
        world.send(article, f"{at}番目。{body}", author_email=f"r{at}@example.com", **fields).comment_id  # type: ignore[arg-type]
        for at in range(first, first + count)
    ]


def statuses(keys: list[int]) -> list[str]:
    found = dict(Comment.objects.values_list("pk", "status"))
    return [found[key] for key in keys]


def window(rule: Rule) -> Window:
    return Window(rule.versions.latest("number").pk, NOON - timedelta(hours=1), NOON + timedelta(hours=1))


def take_back(rule: Rule, by: User) -> RuleUndo:
    return go_on_with_rule(begin_rule_undo(window(rule), by=by, reason="誤検出", now=NOON), now=lambda: NOON)


def test_what_it_rejected_is_published_by_a_decision_that_supersedes(article: Article, lead: User) -> None:
    rule = links()
    sent, plain = send(article, 3), send(article, 1, "リンクのない感想です。")
    screen(now=lambda: NOON)
    found = preview(window(rule))
    assert dict(found.counts) == {Fate.PUBLISHED: 3}
    assert found.examples[Fate.PUBLISHED] == sent
    assert statuses(sent) == ["rejected"] * 3
    undo = take_back(rule, lead)
    assert (undo.counts, undo.finished_at) == ({"published": 3}, NOON)
    assert statuses(sent + plain) == ["published"] * 4
    last = Decision.objects.filter(comment=sent[0]).latest("pk")
    assert (last.cause, last.by, last.facts) == ("undo", lead, {"rule_undo": undo.pk})
    assert last.supersedes is not None
    assert (last.supersedes.to_status, last.supersedes.by) == ("rejected", None)
    # A second one finds that it was done.
    assert take_back(rule, lead).counts == {"done": 3}
    assert take_back(rule, lead).counts == {"done": 3}
    assert Decision.objects.filter(comment=sent[0]).count() == 2


def test_what_else_stops_a_comment_goes_on_stopping_it(article: Article, lead: User) -> None:
    rule = links()
    world.make_rule("required_name", slug="name", action="hold", severity=3, breaker_pairs=1_000)
    world.make_rule("required_email", slug="email", action="reject", breaker_pairs=1_000)
    (both,) = send(article, 1, author_name="")
    (same,) = [
        world.send(article, LINK, author_email="", author_name="名無し").comment_id,
    ]
    screen(now=lambda: NOON)
    assert statuses([both, same]) == ["rejected", "rejected"]
    undo = take_back(rule, lead)
    assert undo.counts == {"held": 1, "same": 1}
    assert statuses([both, same]) == ["held", "rejected"]
    case = Case.objects.get(closed_at=None)
    assert (case.comment_id, case.severity) == (both, 3)
    assert [cause.kind for cause in case.causes.all()] == ["required_name"]


def test_the_floor_counts_as_it_was(lead: User, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(floor="hold_all")
    rule = links()
    sent = send(world.make_article(site), 1)
    screen(now=lambda: NOON)
    assert take_back(rule, lead).counts == {"held": 1}
    assert statuses(sent) == ["held"]


def test_cases_of_the_rule_alone_are_closed(article: Article, lead: User) -> None:
    rule = links(action="hold")
    world.make_rule("required_name", slug="name", action="flag")
    (held,) = send(article, 1)
    (also,) = send(article, 1, author_name="")
    screen(now=lambda: NOON)
    assert statuses([held, also]) == ["held", "held"]
    assert take_back(rule, lead).counts == {"published": 2}
    assert statuses([held, also]) == ["published", "published"]
    closed = Case.objects.get(comment=held)
    assert (closed.closed_at, closed.closed_why) == (NOON, "rule-undo")
    assert Case.objects.get(comment=also).closed_at is None


def test_of_a_rule_that_flags_the_case_is_closed(article: Article, lead: User) -> None:
    rule = links(action="flag")
    (flagged,) = send(article, 1)
    screen(now=lambda: NOON)
    assert take_back(rule, lead).counts == {"closed": 1}
    assert Case.objects.get(comment=flagged).closed_why == "rule-undo"
    assert dict(preview(window(rule)).counts) == {Fate.DONE: 1}
    assert Decision.objects.filter(comment=flagged).count() == 1


def test_what_people_have_decided_since_stays(article: Article, site: Site, lead: User) -> None:
    rule = links(action="hold")
    sent = send(article, 2)
    screen(now=lambda: NOON)
    case = Case.objects.get(comment=sent[0])
    reason, version = world.make_reason().pk, Comment.objects.get(pk=sent[0]).version
    mori = newsroom.make_person(site, "mori", "Moderator")
    decide([Wanted(case.pk, "reject", version, reason)], by=mori, now=NOON)
    assert take_back(rule, lead).counts == {"decided": 1, "published": 1}
    assert statuses(sent) == ["rejected", "published"]


def test_only_of_the_window_and_of_the_version(article: Article, lead: User) -> None:
    rule = links()
    before = send(article, 1)
    screen(now=lambda: NOON - timedelta(hours=2))
    inside = send(article, 1)
    screen(now=lambda: NOON)
    first = window(rule)
    rule.name_en = "Other"
    save_rule(rule)
    later = send(article, 1)
    screen(now=lambda: NOON)
    undo = begin_rule_undo(first, by=lead, reason="誤検出", now=NOON)
    go_on_with_rule(undo, now=lambda: NOON)
    assert statuses(before + inside + later) == ["rejected", "published", "rejected"]


def test_it_goes_on_where_it_stopped_and_the_workers_do_it(
    article: Article, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = links()
    sent = send(article, 5)
    screen(now=lambda: NOON)
    # A second finding on the first, behind those of others: workers write at once.
    Finding.objects.create(
        decision=Decision.objects.get(comment=sent[0]), rule_version=rule.versions.get(), action="reject",
        mode="enforce", code="many",
    )  # fmt: skip
    assert dict(preview(window(rule)).counts) == {Fate.PUBLISHED: 5}
    monkeypatch.setattr(rule_undoing, "BATCH", 2)
    undo = begin_rule_undo(window(rule), by=lead, reason="誤検出", now=NOON)
    rule_undoing._batch(undo.pk, NOON)
    assert statuses(sent) == ["published"] * 2 + ["rejected"] * 3
    assert begin_rule_undo(window(rule), by=lead, reason="again", now=NOON).pk == undo.pk
    tasks.undo_imports(on=True)
    undo.refresh_from_db()
    assert undo.finished_at is not None
    assert undo.counts == {"published": 5}
    assert statuses(sent) == ["published"] * 5


def test_what_was_taken_back_before_a_cancel_stays_and_the_rest_can_follow(
    article: Article, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = links()
    sent = send(article, 5)
    screen(now=lambda: NOON)
    monkeypatch.setattr(rule_undoing, "BATCH", 2)
    undo = begin_rule_undo(window(rule), by=lead, reason="誤検出", now=NOON)
    bounds = bounds_of(window(rule))
    assert (bounds.share(undo.position), bounds.share(bounds.last)) == (0, 1)
    rule_undoing._batch(undo.pk, NOON)
    undo.refresh_from_db()
    assert bounds.share(undo.position) == 0.25
    assert cancel_rule_undo(undo.pk, by=lead, now=NOON)
    assert not cancel_rule_undo(undo.pk, by=lead, now=NOON)
    undo.refresh_from_db()
    assert go_on_with_rule(undo, now=lambda: NOON).counts == {"published": 2}
    tasks.undo_imports(on=True)
    assert statuses(sent) == ["published"] * 2 + ["rejected"] * 3
    assert (undo.cancelled_at, undo.cancelled_by, undo.done) == (NOON, lead, 2)
    # While another goes on it cannot, and after that it does.
    other = begin_rule_undo(window(rule), by=lead, reason="again", now=NOON)
    assert other.pk != undo.pk
    assert not resume_rule_undo(undo.pk, by=lead, now=NOON)
    cancel_rule_undo(other.pk, by=lead, now=NOON)
    assert resume_rule_undo(undo.pk, by=lead, now=NOON)
    assert not resume_rule_undo(undo.pk, by=lead, now=NOON)
    tasks.undo_imports(on=True)
    undo.refresh_from_db()
    assert (undo.counts, undo.cancelled_at) == ({"published": 5}, None)
    assert undo.finished_at is not None
    assert statuses(sent) == ["published"] * 5
    # One that has ended by itself is neither cancelled nor resumed.
    assert not cancel_rule_undo(undo.pk, by=lead, now=NOON)
    assert not resume_rule_undo(undo.pk, by=lead, now=NOON)


def test_the_number_of_queries_does_not_grow(article: Article, lead: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rule, counts = links(), []
    for size in (2, 12):
        send(article, size)
        screen(now=lambda: NOON)
        with CaptureQueriesContext(connection) as caught:
            take_back(rule, lead)
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_the_page_shows_first_and_asks_why(article: Article, site: Site, lead: User, client: Client) -> None:
    rule = links(name_ja="リンクの規則")
    sent = send(article, 2)
    screen()
    page = reverse("admin:moderation_rule_undo", args=[rule.versions.get().pk])
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    assert (client.get(page).status_code, client.post(page).status_code) == (403, 403)
    client.force_login(lead)
    assert page in client.get(reverse("admin:moderation_rule_change", args=[rule.pk])).content.decode()
    shown = client.get(page)
    text = shown.content.decode()
    assert "<strong>2</strong> 再び掲載します" in text
    assert "0番目。" in text
    assert client.post(page, {"until": shown.context["until"], "reason": ""}).status_code == 422
    assert not RuleUndo.objects.exists()
    assert client.post(page, {"until": shown.context["until"], "reason": "誤検出"}).status_code == 302
    assert "取り消し中" in client.get(page).content.decode()
    tasks.undo_imports()
    assert statuses(sent) == ["published"] * 2
    assert "取り消し済み" in client.get(page).content.decode()


def test_the_page_cancels_and_goes_on(article: Article, site: Site, lead: User, client: Client) -> None:
    rule = links(name_ja="リンクの規則")
    sent = send(article, 2)
    screen(now=lambda: NOON)
    undo = begin_rule_undo(window(rule), by=lead, reason="誤検出", now=NOON)
    page = reverse("admin:moderation_rule_undo", args=[undo.rule_version_id])
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    assert client.post(page, {"do": "cancel", "undo": undo.pk}).status_code == 403
    client.force_login(lead)
    assert "残りを中止" in client.get(page).content.decode()
    for wrong in ("", "x", str(undo.pk + 1), "9" * 30):
        assert client.post(page, {"do": "cancel", "undo": wrong}).status_code == 404
    text = client.post(page, {"do": "cancel", "undo": undo.pk}, follow=True).content.decode()
    assert "haraさんが" in text
    assert "続ける" in text
    assert statuses(sent) == ["rejected"] * 2
    again = client.post(page, {"do": "cancel", "undo": undo.pk}, follow=True).content.decode()
    assert "すでに終わっています" in again
    client.post(page, {"do": "resume", "undo": undo.pk})
    tasks.undo_imports(on=True)
    assert statuses(sent) == ["published"] * 2
