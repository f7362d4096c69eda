"""A rule that would reject by itself is known to be right, or somebody says why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from comments.models import Article, Comment, Site
from moderation import backtest
from moderation.models import Case, Rule, WordList
from moderation.raising import asks_for_reason, live_score
from moderation.rule_files.nodes import Faulty, Place
from moderation.rule_files.schema import ReasonEntry, RuleEntry, RuleFile, WordListEntry
from moderation.rule_files.store import in_force, put_in_force, rehearse
from moderation.rules import save_rule, save_word_list
from moderation.scoring import Score
from moderation.services import Wanted, decide, screen, undo
from tests import newsroom, world
from tests.moderation.backtest.newspaper import finish, season
from tests.world import NOON

pytestmark = pytest.mark.django_db


def judged(site: Site, article: Article, right: int, wrong: int = 0, **fields: object) -> Rule:
    """A rule that holds, with so many of its hits rejected and so many published by a person."""
    terms = {"params": {"most": 0}, "action": "hold", "breaker_pairs": 1_000}
    rule = world.make_rule("links", slug="links", **{**terms, **fields})
    for at in range(right + wrong):
        world.send(article, f"{at}番目 https://example.com/a", author_email=f"r{at}@example.com")
    screen(now=lambda: NOON)
    by = newsroom.make_person(site, "mori", "Moderator")
    reason = world.make_reason().pk
    versions = dict(Comment.objects.values_list("pk", "version"))
    cases = list(Case.objects.order_by("pk"))
    wanted = [
        Wanted(each.pk, "reject" if at < right else "publish", versions[each.comment_id or 0], reason)
        for at, each in enumerate(cases)
    ]
    assert {each.outcome for each in decide(wanted, by=by, now=NOON)} == {"done"}
    return rule


@pytest.mark.parametrize(
    ("right", "wrong", "asked"), [(73, 0, False), (72, 0, True), (49, 0, True), (80, 1, True)]
)
def test_it_takes_fifty_judged_hits_and_a_lower_bound(
    site: Site, article: Article, right: int, wrong: int, asked: bool
) -> None:
    rule = judged(site, article, right, wrong)
    assert asks_for_reason(rule) is None
    rule.action = "reject"
    known = asks_for_reason(rule)
    assert (known is not None) == asked
    if known:
        assert (known.right, known.false_alarms) == (right, wrong)
    # Hits of other parameters say nothing of these.
    rule.params = {"most": 1}
    assert asks_for_reason(rule) is not None


def test_a_tryout_on_what_people_decided_counts(site: Site, article: Article) -> None:
    """Of the same check, parameters and scope alone, and only once it is at its end."""
    rule = judged(site, article, 73)
    draft = Rule.objects.get(pk=rule.pk)
    draft.action, draft.applies_to = "reject", "new"
    finish(backtest.try_rule(draft, season(), site=site))
    assert asks_for_reason(draft) is not None
    tryout = backtest.try_rule(draft, season())
    assert asks_for_reason(draft) is not None
    finish(tryout)
    assert asks_for_reason(draft) is None
    draft.params = {"most": 1}
    assert asks_for_reason(draft) is not None


def test_what_was_taken_back_and_what_nobody_saw_is_no_judgement(site: Site, article: Article) -> None:
    rule = judged(site, article, 3)
    decision = Comment.objects.earliest("pk").decisions.get(cause="person")
    assert decision.by is not None
    undo(decision.pk, by=decision.by, now=NOON)
    world.send(article, "もう一つ https://example.com/b", author_email="z@example.com")
    screen(now=lambda: NOON)
    found = live_score([rule.versions.get().pk])
    assert (found.right, found.false_alarms, found.unseen) == (2, 0, 2)


def test_the_form_asks_for_a_reason_and_keeps_it(site: Site, article: Article, client: Client) -> None:
    judged(site, article, 3)
    rule = Rule.objects.get()
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    page = reverse("admin:moderation_rule_change", args=[rule.pk])
    form = {
        "name_ja": "リンク", "name_en": "Links", "site": "", "applies_to": "everyone", "mode": "enforce",
        "action": "reject", "severity": "2", "reason": rule.reason_id, "note": "", "param_most": "0",
        "breaker_pairs": "1000", "breaker_minutes": "60",
        "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0",
    }  # fmt: skip
    told = client.post(page, form).context["adminform"].form.errors["note"][0]
    assert "3件" in told
    assert Rule.objects.get().action == "hold"
    assert client.post(page, {**form, "note": "選挙の期間だけ"}).status_code == 302
    assert rule.versions.latest("number").note == "選挙の期間だけ"
    # What rejects already may be changed without another reason, but not to look for something else.
    assert client.post(page, {**form, "severity": "1"}).status_code == 302
    assert (Rule.objects.get().severity, rule.versions.count()) == (1, 3)
    for change in ({"param_most": "1"}, {"site": site.pk}, {"applies_to": "new"}):
        refused = client.post(page, {**form, "severity": "1", **change})
        assert "0件" in refused.context["adminform"].form.errors["note"][0], change
    assert rule.versions.count() == 3


def test_what_a_rule_looks_for_is_no_matter_of_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter that is not given is the check's own; another list is something else."""
    monkeypatch.setattr("moderation.raising.live_score", lambda versions: Score(right=500 * len(versions)))
    lists = [
        WordList(slug=slug, name=slug, words=words) for slug, words in (("ads", "副業"), ("own", "投資"))
    ]
    for words in lists:
        save_word_list(words)
    rule = world.make_rule("words", word_list=lists[0], action="hold")
    rule.params, rule.action = {"kana": False, "disguised": True}, "reject"
    assert asks_for_reason(rule) is None
    rule.params = {"kana": True}
    assert asks_for_reason(rule) is not None
    save_rule(rule, note="選挙の期間だけ")
    assert asks_for_reason(rule) is None
    lists[0].words += "\n即日入金"
    save_word_list(lists[0])
    assert asks_for_reason(rule) is None
    rule.word_list = lists[1]
    assert asks_for_reason(rule) is not None


def test_a_file_needs_a_note_for_it() -> None:
    world.make_rule("links", slug="links", action="hold")
    rule = Rule.objects.get()
    rule.action = "reject"
    save_rule(rule)
    raised = in_force()
    rule.action = "hold"
    save_rule(rule)
    raised.places = {("rules", "links", ""): Place("f.yaml", 1, 1)}
    with pytest.raises(Faulty, match="would reject by itself"):
        put_in_force(raised)
    put_in_force(raised, note="agreed on Monday")
    assert Rule.objects.get().versions.latest("number").note == "agreed on Monday"


def test_words_that_come_with_the_rule_are_not_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is known of the words that the list has had until now; of a new list nothing is."""
    monkeypatch.setattr("moderation.raising.score", lambda rule: Score(right=500))
    entry = RuleEntry("ads", "宣伝", "Ads", "words", "spam", word_list="ads", mode="enforce", action="hold")
    file = RuleFile(
        {"spam": ReasonEntry("spam", "宣伝", "Spam")}, {"ads": WordListEntry("ads", "宣伝", ("副業",))}
    )
    file.places = {("rules", "ads", ""): Place("f.yaml", 1, 1)}
    file.rules = {"ads": replace(entry, action="reject")}
    with pytest.raises(Faulty, match="would reject by itself"):
        put_in_force(file)
    file.rules = {"ads": entry}
    put_in_force(file)
    file.rules = {"ads": replace(entry, action="reject")}
    assert rehearse(file)
    file.word_lists = {"ads": WordListEntry("ads", "宣伝", ("副業", "の"))}
    with pytest.raises(Faulty, match="would reject by itself"):
        put_in_force(file)
    assert Rule.objects.get().action == "hold"
