"""Why was it stopped, and why was it not: each rule that was in force, with what it did."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from comments.models import Article, Comment, Site
from comments.services import Received, edit
from moderation.checks.links import Links
from moderation.checks.words import Words
from moderation.explained_words import fact_in_words, facts_in_words
from moderation.explaining import Because, Doubt, Explanation, NoSuchDecision, RuleAnswer, What, explain
from moderation.models import BreakerTrip, Case, Decision, Rule, WordList
from moderation.rules import save_rule, save_word_list
from moderation.services import Wanted, decide, screen, undo
from tests import newsroom, world
from tests.publisher import COMMENTS, Publisher
from tests.world import NOON

pytestmark = pytest.mark.django_db
LINK = "ここに書きました https://example.com/a"


def words(*listed: str, **fields: Any) -> Rule:
    word_list = WordList(slug="insults", name="侮辱", words="\n".join(listed))
    save_word_list(word_list)
    rule = Rule(
        slug="insults", check_slug="words", name_ja="侮辱語", name_en="Insults", mode="enforce",
        action="reject", reason=world.make_reason("abuse"), word_list=word_list, **fields,
    )  # fmt: skip
    save_rule(rule)
    return rule


def judged(article: Article, body: str, **fields: Any) -> Received:
    sent = world.send(article, body, **fields)
    screen(now=lambda: NOON)
    return sent


def explained(sent: Received, decision: int | None = None) -> Explanation:
    return explain(world.stored(sent), decision)


def of(found: Explanation, slug: str) -> RuleAnswer:
    (answer,) = (each for each in found.rules if each.version.rule.slug == slug)
    return answer


def test_each_rule_in_force_is_told_what_stopped_it_first(article: Article) -> None:
    other = world.make_site("yunagi")
    world.make_rule("links", slug="links", action="hold", params={"most": 0})
    world.make_rule("length", slug="observed", mode="observe", params={"least": 500})
    world.make_rule("links", slug="elsewhere", site=other, params={"most": 0})
    world.make_rule("links", slug="off", mode="off", params={"most": 0})
    world.make_rule("required_name", slug="name", action="hold")
    found = explained(judged(article, LINK))
    answers = {each.version.rule.slug: (each.what, each.because, each.did) for each in found.rules}
    assert answers == {
        "links": (What.HIT, None, "hold"),
        "observed": (What.HIT, None, "publish"),
        "name": (What.MISSED, None, "publish"),
        "elsewhere": (What.NOT_APPLIED, Because.SITE, "publish"),
        "off": (What.NOT_APPLIED, Because.OFF, "publish"),
    }
    assert [each.version.rule.slug for each in found.rules[:3]] == ["links", "observed", "name"]
    assert (of(found, "links").again, of(found, "name").again) == (False, True)
    assert not any(each.doubts for each in found.rules)


def test_the_version_of_then_is_told_not_the_one_of_today(article: Article) -> None:
    rule = world.make_rule("links", slug="links", action="hold", params={"most": 5})
    sent = judged(article, LINK)
    rule.params = {"most": 0}
    save_rule(rule)
    answer = of(explained(sent), "links")
    assert (answer.version.number, answer.what, answer.doubts) == (1, What.MISSED, ())


def test_a_rule_for_new_authors_spares_who_was_trusted_then(article: Article) -> None:
    world.make_rule("links", slug="links", action="hold", params={"most": 0}, applies_to="new")
    for at in range(3):
        judged(article, f"{at}番目の感想です。", author_verified=True, now=NOON + timedelta(minutes=at))
    sent = judged(article, LINK, author_verified=True, now=NOON + timedelta(hours=1))
    Comment.objects.exclude(pk=sent.comment_id).update(status="rejected")
    answer = of(explained(sent), "links")
    assert (answer.what, answer.because) == (What.NOT_APPLIED, Because.TRUSTED)
    (fact,) = answer.facts
    assert (fact.kind, fact.count) == ("published_before", 3)


def test_staff_are_spared_and_it_is_said_that_this_is_as_of_today(article: Article, site: Site) -> None:
    world.make_rule("links", slug="links", action="hold", params={"most": 0}, applies_to="not_staff")
    world.make_member(site, "desk", email="desk@example.jp")
    sent = judged(article, LINK, author_verified=True, author_email="desk@example.jp")
    answer = of(explained(sent), "links")
    assert (answer.because, answer.doubts) == (Because.STAFF, (Doubt.STAFF,))


def test_the_windows_that_a_rule_counted_are_told_as_they_were(article: Article) -> None:
    world.make_rule("flood", slug="flood", action="hold", params={"author_most": 2, "seconds": 600})
    for at in range(2):
        world.send(article, f"{at}番目の感想です。", now=NOON + timedelta(minutes=at))
    sent = judged(article, "三番目の感想です。", now=NOON + timedelta(minutes=2))
    judged(article, "四番目の感想です。", now=NOON + timedelta(minutes=3))
    facts = {each.kind: each for each in of(explained(sent), "flood").facts}
    assert (facts["author"].count, facts["author"].seconds) == (2, 600)


def test_who_else_was_there_and_linked_there_is_told_of_a_rule_that_saw_nothing(article: Article) -> None:
    world.make_rule("article_surge", slug="surge", params={"seconds": 600, "most": 3})
    world.make_rule("new_author_links", slug="linked", params={"authors": 4, "hours": 1})
    for at in range(2):
        world.send(article, LINK, author_email=f"r{at}@example.com", now=NOON + timedelta(minutes=at))
    found = explained(judged(article, LINK, now=NOON + timedelta(minutes=2)))
    answers = [of(found, slug) for slug in ("surge", "linked")]
    assert [each.what for each in answers] == [What.MISSED] * 2
    with override("en"):
        assert [fact_in_words(each) for answer in answers for each in answer.facts] == [
            "other authors at this article within 10 min: 2",
            "earlier links of others to the same domains within 1 h: 2",
        ]


def test_an_open_breaker_is_told(article: Article) -> None:
    rule = world.make_rule("links", slug="links", action="reject", params={"most": 0}, breaker_pairs=1)
    BreakerTrip.objects.create(rule=rule, rule_version=rule.versions.get(), pairs=1, opened_at=NOON)
    answer = of(explained(judged(article, LINK)), "links")
    assert (answer.what, answer.did, answer.instead) == (What.HIT, "flag", "flag")


def test_a_check_that_failed_then_is_told_as_failed(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("links", slug="links", params={"most": 0})

    def broken(*_args: object) -> None:
        raise RuntimeError("a broken check")

    with monkeypatch.context() as patch:
        patch.setattr(Links, "check", broken)
        sent = judged(article, LINK)
    answer = of(explained(sent), "links")
    assert (answer.what, answer.again) == (What.FAILED, False)


def test_another_version_of_a_check_is_said_plainly(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("links", slug="links", params={"most": 5})
    sent = judged(article, LINK)
    monkeypatch.setattr(Links, "version", Links.version + 1)
    assert of(explained(sent), "links").doubts == (Doubt.CHECK,)


def test_a_hit_that_would_be_none_today_stays_one(article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    words("まぬけ")
    sent = judged(article, "このまぬけが。")
    monkeypatch.setattr(Words, "check", lambda *_args: iter(()))
    answer = of(explained(sent), "insults")
    assert (answer.what, answer.did, answer.doubts) == (What.HIT, "reject", (Doubt.MISSES_NOW,))
    assert [each.evidence for each in answer.told] == [["まぬけ"]]


def test_what_changed_before_a_comment_since_is_said(article: Article) -> None:
    world.make_rule("flood", slug="flood", params={"author_most": 5, "seconds": 600})
    world.make_rule("links", slug="links", params={"most": 5})
    first = world.send(article, "最初の感想です。")
    sent = judged(article, "二番目の感想です。", now=NOON + timedelta(minutes=1))
    Comment.objects.filter(pk=first.comment_id).update(erased_at=NOON + timedelta(days=1))
    found = explained(sent)
    assert of(found, "flood").doubts == (Doubt.SOURCES,)
    assert of(found, "links").doubts == ()


def test_the_text_of_then_is_looked_at_again(article: Article) -> None:
    world.make_rule("links", slug="links", action="hold", params={"most": 0})
    sent = judged(article, "リンクのない感想です。")
    comment = world.stored(sent)
    first = comment.decisions.get()
    edit(comment, LINK, now=NOON)
    screen(now=lambda: NOON)
    then, now = explained(sent, first.pk), explained(sent)
    assert (then.body, of(then, "links").what) == ("リンクのない感想です。", What.MISSED)
    assert (now.body, of(now, "links").what, now.newest, then.newest) == (LINK, What.HIT, True, False)


def test_of_an_erased_text_only_what_is_stored_is_known(article: Article) -> None:
    world.make_rule("links", slug="links", action="hold", params={"most": 0})
    world.make_rule("required_name", slug="name", action="hold")
    sent = judged(article, LINK)
    Comment.objects.filter(pk=sent.comment_id).update(erased_at=NOON, body="", author_name="")
    found = explained(sent)
    assert of(found, "links").what is What.HIT
    assert (of(found, "name").what, of(found, "name").because) == (What.UNKNOWN, Because.ERASED)


def test_below_a_persons_decision_stands_the_last_look_of_the_rules(article: Article, site: Site) -> None:
    world.make_rule("links", slug="links", action="hold", params={"most": 0})
    sent = judged(article, LINK)
    by = newsroom.make_person(site, "mori", "Moderator")
    case = Case.objects.get()
    (done,) = decide([Wanted(case.pk, "publish", world.stored(sent).version)], by=by, now=NOON)
    undo(done.decision_id or 0, by=by, now=NOON)
    found = explained(sent)
    assert found.decision
    assert found.machine
    assert (found.decision.cause, found.machine.cause) == ("undo", "rules")
    assert of(found, "links").did == "hold"


def test_without_rules_or_decision_there_is_nothing_to_tell(article: Article) -> None:
    waiting = world.send(article, LINK)
    assert (explained(waiting).decision, explained(waiting).rules) == (None, ())
    screen(now=lambda: NOON)
    found = explained(waiting)
    assert found.decision
    assert (found.decision.cause, found.rules) == ("no-rule-set", ())
    with pytest.raises(NoSuchDecision, match="no decision 0"):
        explained(waiting, 0)


def test_what_is_stored_with_a_decision_has_words() -> None:
    facts = {
        "floor": "closed", "policy": "flag", "state": "spam", "published_before": 2, "hits": 3,
        "restrained": {"7": "flag"}, "failed": ["links"], "standing": [4, 0, 3, 1, 1],
        "sanctions": [[12, "mailbox"]], "external": {"akismet": {"hit": True, "score": 90}}, "new": 5,
    }  # fmt: skip
    with override("en"):
        assert list(facts_in_words(facts)) == [
            "what the site or the article asked for: closed: nothing is taken in",
            "its import only flags",
            "its source had it as: spam",
            "published comments of this verified author: 2",
            "rules kept from their action by a breaker or a quota: 1",
            "checks that failed: links",
            "earlier comments of the author: published 4, approved by people 3, refused 1",
            "sanctions that concerned it: #12 (mailbox)",
            "service outside, akismet: hit 90",
            "new: 5",
        ]


def test_many_rules_take_as_many_queries_as_few(article: Article) -> None:
    def count(rules: int) -> int:
        for at in range(rules):
            world.make_rule("links", slug=f"links-{rules}-{at}", action="hold", params={"most": at})
        sent = judged(article, f"{rules} {LINK}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(explained(sent).rules) >= rules
        return len(queries)

    assert count(1) == count(15)


# --- the page, the command, the author --------------------------------------


def test_the_page_shows_the_matched_words_and_why_others_saw_nothing(
    article: Article, site: Site, client: Client
) -> None:
    words("まぬけ")
    world.make_rule("links", slug="links", name_ja="リンクは二つまで", params={"most": 2})
    sent = judged(article, "このまぬけが。<b>")
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    page = client.get(reverse("desk:why", args=[sent.comment_id])).content.decode()
    assert '<mark class="mark-reject "' in page
    assert '<q dir="auto">まぬけ</q>' in page
    assert "コメントを非掲載にしました。" in page
    assert page.index("侮辱語") < page.index("何も見つけなかったルール") < page.index("リンクは二つまで")
    assert "&lt;b&gt;" in page
    # The parameters of a rule are for those who may see rules, in words.
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    page = client.get(reverse("desk:why", args=[sent.comment_id])).content.decode()
    assert "本文に入れてよいリンクの数：2" in page
    assert client.get(reverse("desk:why", args=[sent.comment_id]) + "?decision=0").status_code == 404


def test_the_card_and_the_comments_page_lead_there(article: Article, site: Site, client: Client) -> None:
    world.make_rule("links", slug="links", action="hold", params={"most": 0})
    sent = judged(article, LINK)
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    why = reverse("desk:why", args=[sent.comment_id])
    for page in (
        reverse("desk:case", args=[Case.objects.get().pk]),
        reverse("admin:comments_comment_change", args=[sent.comment_id]),
    ):
        assert why in client.get(page).content.decode()


def test_the_command_tells_it_as_text_and_as_json(
    article: Article, capsys: pytest.CaptureFixture[str]
) -> None:
    words("まぬけ")
    world.make_rule("flood", slug="flood", name_en="Flood", params={"author_most": 5, "seconds": 600})
    sent = judged(article, "このまぬけが。")
    call_command("explain", str(sent.comment_id))
    told = capsys.readouterr().out
    assert "hit: Insults v1 (words, enforce, reject)" in told
    assert "[まぬけ]" in told
    assert "earlier comments of this author within 10 min: 0" in told
    call_command("explain", str(sent.public_id), "--json", "--decision", str(Decision.objects.get().pk))
    found = json.loads(capsys.readouterr().out)
    by_rule = {each["rule"]: each for each in found["rules"]}
    assert found["status"] == "rejected"
    assert (by_rule["insults"]["what"], by_rule["flood"]["what"]) == ("hit", "missed")
    assert by_rule["insults"]["findings"][0]["evidence"] == ["まぬけ"]
    assert (by_rule["insults"]["recomputed"], by_rule["flood"]["recomputed"]) == (False, True)


@pytest.mark.parametrize("arguments", [["999"], ["not-an-id"], ["1", "--decision", "999999"]])
def test_the_command_says_what_is_not_there(article: Article, arguments: list[str]) -> None:
    sent = world.send(article, LINK)
    arguments = [str(sent.comment_id) if each == "1" else each for each in arguments]
    with pytest.raises(CommandError) as wrong:
        call_command("explain", *arguments)
    assert wrong.value.returncode == 2


def test_the_author_is_told_the_reason_and_never_the_words(article: Article, site: Site) -> None:
    words("まぬけ")
    sent = judged(article, "このまぬけが。")
    body = Publisher(site).get(f"{COMMENTS}{sent.public_id}/").content.decode()
    answer = json.loads(body)
    assert answer["status"] == "rejected"
    assert answer["reasons"] == [{"code": "abuse", "text": "宣伝です。"}]
    for secret in ("まぬけ", "侮辱語", "insults", "Insults"):
        assert secret not in body
