"""The log of what was decided without a person: filtered, searched, sent to the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Article, Comment, Site
from moderation import machine_log
from moderation.machine_log import Wanted, look
from moderation.models import Case, Decision, Rule, WordList
from moderation.rules import save_word_list
from moderation.services import Wanted as Wish
from moderation.services import decide, screen, send_to_desk
from moderation.services.sending import Sent
from tests import newsroom, world
from tests.world import NOON

pytestmark = pytest.mark.django_db
LINK = "詳しくはこちら https://example.com/a"


@pytest.fixture(autouse=True)
def rule() -> Rule:
    return world.make_rule(
        "links", slug="links", action="reject", params={"most": 0}, breaker_pairs=1_000, name_ja="リンク"
    )


def judged(article: Article, bodies: Sequence[str], hours: int = 0) -> list[int]:
    at = NOON + timedelta(hours=hours)
    sent = [
        world.send(article, body, author_email=f"r{n}@example.com", now=at).comment_id
        for n, body in enumerate(bodies)
    ]
    screen(now=lambda: at)
    return sent


def comments(found: machine_log.Found) -> list[int]:
    of = dict(Decision.objects.values_list("pk", "comment"))
    return [of[key] for key in found.decisions]


def test_what_rules_rejected_stands_there_newest_first_and_what_people_did_does_not(
    article: Article, site: Site
) -> None:
    first, second, plain = judged(article, [f"一つ目 {LINK}", f"二つ目 {LINK}", "リンクのない感想"])
    by = newsroom.make_person(site, "mori", "Moderator")
    assert send_to_desk(plain, by=by, now=NOON)[0] is Sent.OPENED
    version = Comment.objects.get(pk=plain).version
    decide([Wish(Case.objects.get().pk, "reject", version, world.make_reason().pk)], by=by, now=NOON)
    found = look(Wanted(None))
    assert (comments(found), found.after, found.cut) == ([second, first], None, False)
    assert comments(look(Wanted(None, "published"))) == [plain]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("ｶﾀｶﾅ", 1),
        ("カタカナ", 1),
        ("FREE", 1),
        ("free", 1),
        ("渡し守", 3),
        ("ない語", 0),
        ("%", 0),
        ("'", 0),
    ],
)
def test_japanese_text_is_found_however_it_is_written(article: Article, text: str, hits: int) -> None:
    judged(article, [f"これはｶﾀｶﾅです {LINK}", f"Ｆｒｅｅ です {LINK}", f"ひらがな {LINK}"])
    assert len(look(Wanted(None, text=text)).decisions) == hits


def test_it_is_narrowed_by_site_rule_reason_and_day(article: Article, site: Site, rule: Rule) -> None:
    other = world.make_site("yunagi")
    name = world.make_rule("required_name", slug="name", action="reject", reason=world.make_reason("abuse"))
    (here,) = judged(article, [LINK])
    (there,) = judged(world.make_article(other), [f"別の {LINK}"], hours=30)
    nameless = world.send(
        article, "名前のない感想", author_name="", now=NOON + timedelta(hours=60)
    ).comment_id
    screen(now=lambda: NOON + timedelta(hours=60))
    assert comments(look(Wanted(None, site=other.pk))) == [there]
    assert comments(look(Wanted([site.pk]))) == [nameless, here]
    assert comments(look(Wanted([]))) == []
    assert comments(look(Wanted(None, rule=rule.pk))) == [there, here]
    assert comments(look(Wanted(None, rule=name.pk))) == [nameless]
    assert comments(look(Wanted(None, reason=world.make_reason("abuse").pk))) == [nameless]
    day = timedelta(days=1)
    assert comments(look(Wanted(None, since=NOON + day))) == [nameless, there]
    assert comments(look(Wanted(None, until=NOON + day))) == [here]
    assert comments(look(Wanted(None, since=NOON + day, until=NOON + 2 * day))) == [there]
    assert comments(look(Wanted(None, rule=rule.pk, until=NOON + day))) == [here]


@pytest.mark.parametrize("of_rule", [False, True])
def test_pages_follow_each_other_without_a_gap(
    article: Article, rule: Rule, monkeypatch: pytest.MonkeyPatch, of_rule: bool
) -> None:
    monkeypatch.setattr(machine_log, "PAGE", 2)
    sent = judged(article, [f"{at}番目 {LINK}" for at in range(5)])
    seen, after = list[int](), None
    for _ in range(3):
        found = look(Wanted(None, rule=rule.pk if of_rule else None), after)
        seen += comments(found)
        after = found.after
    assert (seen, after) == (sent[::-1], None)


@pytest.mark.parametrize("of_rule", [False, True])
def test_a_search_is_bounded_and_says_where_it_stopped(
    article: Article, rule: Rule, monkeypatch: pytest.MonkeyPatch, of_rule: bool
) -> None:
    monkeypatch.setattr(machine_log, "LOOKED_AT", 3)
    sent = judged(article, [f"さがしもの {LINK}", *(f"{at}番目 {LINK}" for at in range(4))])
    wanted = Wanted(None, rule=rule.pk if of_rule else None, text="さがしもの")
    found = look(wanted)
    assert (found.decisions, found.cut, found.looked_at) == ([], True, 3)
    assert found.back_to == NOON
    further = look(wanted, found.after)
    assert (comments(further), further.after, further.cut) == (sent[:1], None, False)


def test_what_an_erasure_did_is_no_decision_of_the_rules(article: Article) -> None:
    (sent,) = judged(article, ["感想です"])
    Decision.objects.create(
        comment_id=sent, revision=2, from_status="published", to_status="rejected", cause="erased"
    )
    assert look(Wanted(None)).decisions == []


def test_a_page_stays_on_its_index(article: Article) -> None:
    judged(article, [LINK])
    sql = machine_log._ALL.format(status="rejected")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", {"after": 9, "most": 5})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "decision_rejected_by_rules" in plan
    assert "Sort" not in plan


# --- the page ------------------------------------------------------------------


@pytest.fixture
def moderator(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    return client


def test_each_row_has_its_evidence_its_why_and_a_way_to_the_desk(article: Article, moderator: Client) -> None:
    listed = WordList(slug="jobs", name="副業", words="在宅ワーク")
    save_word_list(listed)
    world.make_rule("words", slug="jobs", action="reject", word_list=listed)
    (sent,) = judged(article, [f"<i>斜体</i> 在宅ワーク {LINK}"])
    page = moderator.get(reverse("desk:log")).content.decode()
    decision = Decision.objects.get()
    assert f"{reverse('desk:why', args=[sent])}?decision={decision.pk}" in page
    assert "&lt;i&gt;斜体" in page
    assert '<q dir="auto">在宅ワーク</q>' in page
    assert reverse("desk:send", args=[sent]) in page
    narrowed = moderator.post(reverse("desk:send", args=[sent]) + "?q=斜体", follow=True)
    assert narrowed.redirect_chain[-1][0].startswith(reverse("desk:log") + "?status=rejected&q=")
    case = Case.objects.get()
    assert reverse("desk:case", args=[case.pk]) in narrowed.content.decode()
    assert [each.kind for each in case.causes.all()] == ["sent"]
    assert Comment.objects.get(pk=sent).status == "rejected"
    moderator.post(reverse("desk:send", args=[sent]))
    assert Case.objects.count() == 1


def test_who_may_not_decide_sends_nothing(article: Article, site: Site, client: Client) -> None:
    (sent,) = judged(article, [LINK])
    client.force_login(newsroom.make_person(site, "audit", "Auditor"))
    assert reverse("desk:send", args=[sent]) not in client.get(reverse("desk:log")).content.decode()
    assert client.post(reverse("desk:send", args=[sent])).status_code == 403
    client.force_login(newsroom.make_person(world.make_site("yunagi"), "tanin", "Moderator"))
    assert "example.com/a" not in client.get(reverse("desk:log")).content.decode()
    assert client.post(reverse("desk:send", args=[sent])).status_code == 403
    assert not Case.objects.exists()


def test_an_erased_text_is_not_sent(article: Article, site: Site) -> None:
    (sent,) = judged(article, [LINK])
    Comment.objects.filter(pk=sent).update(erased_at=NOON, body="")
    by = newsroom.make_person(site, "mori", "Moderator")
    assert send_to_desk(sent, by=by, now=NOON) == (Sent.NO_TEXT, None)


@pytest.mark.parametrize(
    "query", ["site=x&rule=-1&reason=99999999999999999999&since=2026-99-01", "after=x", "status=held&q=+"]
)
def test_a_broken_address_is_no_filter(article: Article, moderator: Client, query: str) -> None:
    judged(article, [LINK])
    page = moderator.get(f"{reverse('desk:log')}?{query}")
    assert page.status_code == 200
    assert "example.com/a" in page.content.decode()


def test_many_rows_take_as_many_queries_as_few(article: Article, moderator: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert moderator.get(reverse("desk:log")).status_code == 200
        return len(queries)

    judged(article, [f"一つ目 {LINK}"])
    count()
    few = count()
    judged(article, [f"{at}番目 {LINK}" for at in range(12)])
    assert count() == few


def test_an_empty_log_says_so(site: Site, moderator: Client) -> None:
    assert "人を介さずに決まったものはありません。" in moderator.get(reverse("desk:log")).content.decode()
    assert "この条件に合うものはありません。" in moderator.get(reverse("desk:log") + "?q=x").content.decode()
