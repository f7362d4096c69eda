"""Rules do not run wild: breakers, quotas, samples."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from comments.models import Article, Comment, Site
from moderation import limits
from moderation.engine import Strictness, evaluate
from moderation.models import (
    AutomaticRejections,
    BreakerPair,
    BreakerTrip,
    Case,
    Decision,
    Finding,
    Lane,
    Pending,
    Rule,
    Safeguards,
    WordList,
)
from moderation.rules import save_rule, save_word_list
from moderation.safety import NoReason, reset_breaker, warnings_for
from moderation.services import Wanted, decide, screen
from moderation.services.auditing import is_sampled
from tests import newsroom, world
from tests.moderation.test_concurrency import Elsewhere
from tests.moderation.test_engine import SUBMISSION, context
from tests.moderation.test_engine import rule as active_rule
from tests.world import NOON

LINK = "ここに書きました https://example.com/a"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.250", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        (None, "192.0.2.1", False),
        (None, None, True),
    ],
)
def test_a_network_is_a_24_or_a_64(one: str | None, other: str | None, same: bool) -> None:
    author = UUID(int=7)
    assert (limits.pair_of(author, one, b"k") == limits.pair_of(author, other, b"k")) == same
    assert limits.pair_of(author, one, b"k") != limits.pair_of(UUID(int=8), one, b"k")
    assert limits.pair_of(author, one, b"k") != limits.pair_of(author, one, b"l")


@pytest.mark.parametrize(
    ("key", "address", "other", "same"),
    [
        (None, None, "渡辺", False),
        (None, None, "ＭＯＲＩ", True),
        (UUID(int=7), None, "渡辺", True),
        (None, "192.0.2.1", "渡辺", True),
    ],
)
def test_names_tell_authors_apart_where_nothing_else_does(
    key: UUID | None, address: str | None, other: str, same: bool
) -> None:
    pairs = {limits.pair_of(key, address, b"k", name) for name in ("mori", other)}
    assert (len(pairs) == 1) == same


@given(
    st.lists(st.integers(0, 6), max_size=40),
    st.integers(1, 5),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_whatever_the_batches_it_falls_back_after_exactly_the_limit(
    authors: list[int], limit: int, sizes: list[int]
) -> None:
    """The comments after the one that brings the limit's last pair are flagged, all before are held."""
    rule = active_rule("hold", rule=5, breaker_pairs=limit)
    stored: set[UUID] = set()
    fallen: set[int] = set()
    statuses, rest, at = [], list(authors), 0
    while rest:
        batch, rest = rest[: sizes[at % len(sizes)]], rest[sizes[at % len(sizes)] :]
        state = limits.State(fallen=set(fallen), pairs={1: set(stored)}, quotas={1: 99})
        for author in batch:
            verdict = evaluate([rule], SUBMISSION, context())
            actions = state.actions(verdict, context(), live=True)
            verdict = limits.with_actions(verdict, actions, context()) if actions else verdict
            statuses.append(verdict.status)
            state.count(verdict, context(), UUID(int=author))
        stored |= {pair for _, pair in state.hit}
        fallen = state.fallen
        at += 1
    seen: set[int] = set()
    for author, status in zip(authors, statuses, strict=True):
        assert status == ("held" if len(seen) < limit else "published")
        if len(seen) < limit:
            seen.add(author)


def test_a_verdict_with_another_action_is_weighed_anew() -> None:
    rules = [active_rule("reject", version=1, reason=1), active_rule("hold", version=2, reason=2, severity=3)]
    verdict = evaluate(rules, SUBMISSION, context(floor="hold_all"))
    assert (verdict.status, verdict.reason) == ("rejected", 1)
    milder = limits.with_actions(verdict, {1: "flag"}, context(floor="hold_all"))
    assert (milder.status, milder.reason, milder.severity) == ("held", 2, 3)
    flagged = limits.with_actions(verdict, {1: "flag", 2: "flag"}, context())
    assert (flagged.strictness, flagged.severity) == (Strictness.FLAG, 3)


def test_an_observing_rule_stops_nothing() -> None:
    verdict = evaluate([active_rule("reject", enforced=False)], SUBMISSION, context())
    assert limits.stopping(verdict, context()) == {}


# From here on with a database.

database = pytest.mark.django_db


def send(article: Article, count: int, *, first: int = 0, **fields: object) -> list[Comment]:
    """Comments that the rule hits, by different people from different networks unless said otherwise."""
    received = [
        world.send(
            article,
            f"{at}番目です。{LINK}",
            **{"author_email": f"r{at}@example.com", "ip": f"10.0.{at}.1", "now": NOON, **fields},  # type: ignore[arg-type]
        )
        for at in range(first, first + count)
    ]
    return [Comment.objects.get(pk=each.comment_id) for each in received]


def statuses(comments: list[Comment]) -> list[str]:
    found = dict(Comment.objects.values_list("pk", "status"))
    return [found[each.pk] for each in comments]


def links(**fields: object) -> Rule:
    return world.make_rule("links", params={"most": 0}, **{"action": "hold", "breaker_pairs": 5, **fields})


@database
def test_twice_the_limit_from_one_author_changes_nothing(article: Article) -> None:
    links()
    sent = send(article, 10, author_email="one@example.com", ip="10.0.0.1")
    screen(now=lambda: NOON)
    assert statuses(sent) == ["held"] * 10
    assert not BreakerTrip.objects.exists()


@database
@pytest.mark.parametrize("batch", [1, 3, 4, 100])
def test_from_as_many_authors_as_the_limit_it_falls_back_after_exactly_the_limit(
    article: Article, batch: int
) -> None:
    rule = links()
    sent = send(article, 8)
    while Pending.objects.exists():
        screen(batch, now=lambda: NOON)
    assert statuses(sent) == ["held"] * 5 + ["published"] * 3
    trip = BreakerTrip.objects.get()
    assert (trip.rule, trip.pairs, trip.reset_at) == (rule, 5, None)
    assert Case.objects.count() == 8
    fallen = Decision.objects.get(comment=sent[5])
    assert fallen.facts["restrained"] == {str(rule.versions.get().pk): "flag"}
    assert Finding.objects.get(decision=fallen).action == "flag"
    assert "restrained" not in Decision.objects.get(comment=sent[4]).facts


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_let_exactly_the_limit_through() -> None:
    """Both have judged before either has written; whoever comes second reads what the first wrote."""
    article = world.make_article(world.make_site())
    links(breaker_pairs=7)
    sent = send(article, 12)
    judged = Barrier(2, timeout=30)

    def work() -> None:
        def now() -> object:
            judged.wait()
            return NOON

        screen(6, now=now)  # type: ignore[arg-type]

    workers = [Elsewhere(work), Elsewhere(work)]
    for each in workers:
        each.join()
    assert [each.error for each in workers] == [None, None]
    assert not Pending.objects.exists()
    assert sorted(statuses(sent)) == ["held"] * 7 + ["published"] * 5
    assert BreakerTrip.objects.count() == 1


@database
def test_who_came_before_the_window_counts_no_more(article: Article) -> None:
    links()
    send(article, 4)
    screen(now=lambda: NOON)
    send(article, 4, first=4)
    screen(now=lambda: NOON + timedelta(minutes=60))
    assert BreakerPair.objects.count() == 4
    assert not BreakerTrip.objects.exists()
    send(article, 1, first=8)
    screen(now=lambda: NOON + timedelta(minutes=61))
    assert BreakerTrip.objects.get().pairs == 5


@database
def test_imports_and_observing_rules_do_not_count(article: Article) -> None:
    links()
    links(mode="observe", slug="watching")
    sent = send(article, 8)
    Pending.objects.update(lane=Lane.IMPORT)
    screen(now=lambda: NOON)
    assert statuses(sent) == ["held"] * 8
    assert not BreakerPair.objects.exists()


@database
def test_a_new_version_or_another_word_is_no_reset(site: Site, article: Article) -> None:
    words = WordList(slug="ads", name="宣伝", words="番目です")
    save_word_list(words)
    rule = world.make_rule("words", word_list=words, action="reject", breaker_pairs=2)
    sent = send(article, 3)
    screen(now=lambda: NOON)
    assert statuses(sent) == ["rejected", "rejected", "published"]
    words.words += "\n別の語"
    save_word_list(words)
    rule.name_en = "Other"
    save_rule(rule)
    later = send(article, 1, first=9)
    screen(now=lambda: NOON)
    assert statuses(later) == ["published"]

    by = newsroom.make_person(site, "hara", "Lead")
    trip = BreakerTrip.objects.get()
    with pytest.raises(NoReason):
        reset_breaker(trip.pk, by=by, reason=" ", now=NOON)
    assert reset_breaker(trip.pk, by=by, reason="催しの日だった", now=NOON)
    assert not reset_breaker(trip.pk, by=by, reason="again", now=NOON)
    trip.refresh_from_db()
    assert (trip.reset_by, trip.reset_reason) == (by, "催しの日だった")
    again = send(article, 3, first=20)
    screen(now=lambda: NOON)
    assert statuses(again) == ["rejected", "rejected", "published"]
    assert BreakerTrip.objects.filter(reset_at=None).count() == 1


@database
def test_past_a_rules_quota_it_holds_until_midnight_of_the_site(article: Article) -> None:
    links(action="reject", breaker_pairs=100, daily_quota=3)
    sent = send(article, 5)
    screen(2, now=lambda: NOON)
    screen(now=lambda: NOON)
    assert statuses(sent) == ["rejected"] * 3 + ["held"] * 2
    # Noon of Greenwich is nine in the evening of Tokyo, whose next day begins three hours later.
    later = send(article, 2, first=10)
    screen(1, now=lambda: NOON + timedelta(hours=2, minutes=59))
    screen(now=lambda: NOON + timedelta(hours=3))
    assert statuses(later) == ["held", "rejected"]


@database
def test_past_a_sites_quota_all_its_rejections_are_held_and_everyone_is_told(
    site: Site, article: Article, client: Client
) -> None:
    Safeguards.objects.create(site=site, rejections_a_day=2)
    links(action="reject", breaker_pairs=100)
    other = world.make_article(world.make_site("yunagi"))
    sent, elsewhere = send(article, 3), send(other, 3)
    screen(now=lambda: NOON)
    assert (statuses(sent), statuses(elsewhere)) == (["rejected", "rejected", "held"], ["rejected"] * 3)
    row = AutomaticRejections.objects.get(site=site, rule=None)
    assert (row.count, row.full_at) == (2, NOON)
    mori = newsroom.make_person(site, "mori", "Moderator")
    assert [each.pk for each in warnings_for(mori, NOON).quotas] == [row.pk]
    assert not warnings_for(mori, NOON + timedelta(days=1))
    assert not warnings_for(newsroom.make_person(other.site, "tani", "Moderator"), NOON)


@database
def test_everyone_is_told_of_a_rule_that_has_fallen_back(
    site: Site, article: Article, client: Client
) -> None:
    rule = links(name_ja="リンクの規則")
    send(article, 5)
    screen(now=lambda: NOON)
    reset = reverse("admin:moderation_rule_reset", args=[BreakerTrip.objects.get().pk])
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    desk = client.get(reverse("desk:queue")).content.decode()
    assert "「リンクの規則」は印を付けるだけになっています" in desk
    assert reset not in desk
    assert client.post(reset, {"reason": "x"}).status_code == 403

    lead = newsroom.make_person(site, "hara", "Lead")
    client.force_login(lead)
    for page in (
        reverse("desk:queue"),
        reverse("admin:moderation_rule_changelist"),
        reverse("admin:moderation_rule_change", args=[rule.pk]),
    ):
        assert reset in client.get(page).content.decode()
    assert client.post(reset, {"reason": ""}).status_code == 422
    assert BreakerTrip.objects.filter(reset_at=None).exists()
    assert client.post(reset, {"reason": "催しの日だった"}).status_code == 302
    assert BreakerTrip.objects.get().reset_by == User.objects.get(username="hara")
    assert reset not in client.get(reverse("desk:queue")).content.decode()


# The sample.


def test_the_sample_is_the_same_each_time_and_of_the_size_asked_for() -> None:
    ids = [UUID(int=number) for number in range(4_000)]
    drawn = {each for each in ids if is_sampled(each, 50, b"k")}
    assert 140 < len(drawn) < 260
    assert drawn == {each for each in ids if is_sampled(each, 50, b"k")}
    assert drawn <= {each for each in ids if is_sampled(each, 200, b"k")}
    assert drawn != {each for each in ids if is_sampled(each, 50, b"l")}
    assert all(is_sampled(each, 1000, b"k") and not is_sampled(each, 0, b"k") for each in ids[:50])


@database
def test_a_sample_of_what_rules_rejected_goes_to_the_desk_and_stays_as_it_is(
    site: Site, article: Article
) -> None:
    Safeguards.objects.create(site=site, audit_rejected=1000)
    rule = links(action="reject")
    (rejected,) = send(article, 1)
    plain = world.send(article, "リンクのない、ごく普通の感想です。")
    screen(now=lambda: NOON)
    case = Case.objects.get()
    assert (case.comment_id, case.severity) == (rejected.pk, 1)
    cause = case.causes.get()
    assert (cause.kind, cause.finding) == ("audit", None)
    assert statuses([rejected, world.stored(plain)]) == ["rejected", "published"]
    by = newsroom.make_person(site, "mori", "Moderator")
    version = Comment.objects.get(pk=rejected.pk).version
    (result,) = decide([Wanted(case.pk, "publish", version)], by=by, now=NOON)
    assert (result.outcome, result.status) == ("done", "published")
    assert rule.versions.count() == 1


@database
def test_a_sample_of_publications_spares_what_has_a_case_and_what_was_imported(
    site: Site, article: Article
) -> None:
    Safeguards.objects.create(site=site, audit_published=1000)
    links(action="flag")
    flagged = send(article, 1)[0]
    plain = world.send(article, "リンクのない、ごく普通の感想です。")
    imported = world.send(article, "昔の、ごく普通の感想です。")
    Pending.objects.filter(comment=imported.comment_id).update(lane=Lane.IMPORT)
    screen(now=lambda: NOON)
    kinds = dict(Case.objects.values_list("comment", "causes__kind"))
    assert kinds == {flagged.pk: "links", plain.comment_id: "audit"}


@database
def test_the_number_of_queries_does_not_grow_with_the_batch(
    site: Site, article: Article, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    Safeguards.objects.create(site=site, audit_rejected=500, audit_published=500)
    links(action="reject", breaker_pairs=1_000, daily_quota=1_000)
    counts = []
    for first, size in ((0, 2), (100, 30)):
        send(article, size, first=first)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            screen(now=lambda: NOON)
        counts.append(len(caught))
    assert abs(counts[0] - counts[1]) <= 3, counts
