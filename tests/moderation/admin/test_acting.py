"""Acting at the desk: parts of the page, texts for the author, notes, passing on, leases, the day's list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.models import Site
from moderation.models import Case, Decision, Evidence, EvidenceKind, Note, Reason
from moderation.services import Wanted, claim, decide, escalate, screen
from tests import newsroom, world
from tests.newsroom import case_of, comment_of
from tests.world import NOON, make_reason

pytestmark = pytest.mark.django_db

CARD: dict[str, Any] = {"headers": {"Sekisho-Part": "card"}}
LIST: dict[str, Any] = {"headers": {"Sekisho-Part": "list"}}


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


@pytest.fixture
def cases(site: Site) -> list[Case]:
    """A misquote, spam, a nameless comment: in the order of the queue."""
    newsroom.make_rules()
    return [case_of(each) for each in newsroom.open_cases(newsroom.make_article(site))[1:]]


@pytest.fixture
def moderator(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森"))
    return client


@pytest.fixture
def other(site: Site) -> Client:
    client = Client()
    client.force_login(newsroom.make_person(site, "kida", "Moderator", first_name="太郎", last_name="木田"))
    return client


def address(case: Case, name: str = "case") -> str:
    return reverse(f"desk:{name}", args=[case.pk])


def form(case: Case, **fields: object) -> dict[str, object]:
    return {"seen_version": comment_of(case).version, **fields}


def test_the_card_alone_is_the_same_card(cases: list[Case], moderator: Client) -> None:
    part = moderator.get(address(cases[1]), **CARD)
    text = part.content.decode()
    assert part.headers["Sekisho-Part"] == "card"
    assert text.startswith("<article")
    assert "<html" not in text
    # The tokens that protect the forms are masked anew in every answer.
    whole = moderator.get(address(cases[1])).content.decode()
    body = text[text.index('id="body"') : text.index("</dl>")]
    assert body in whole
    assert "<script>alert" not in text
    assert f'data-url="{address(cases[1])}"' in text


def test_a_decision_answers_with_where_to_go_on(cases: list[Case], moderator: Client) -> None:
    answer = moderator.post(address(cases[0], "decide"), form(cases[0], action="publish"), **CARD)
    assert (answer.status_code, answer.headers["Sekisho-Next"]) == (200, address(cases[1]))
    decision = Decision.objects.get(by__isnull=False)
    assert reverse("desk:undo", args=[decision.pk]) in answer.content.decode()
    undone = moderator.post(reverse("desk:undo", args=[decision.pk]), **CARD)
    assert undone.headers["Sekisho-Next"] == address(cases[0])
    assert "取り消しました" in undone.content.decode()


def test_the_filters_stay_in_where_one_goes(cases: list[Case], moderator: Client) -> None:
    decided = address(cases[0], "decide") + "?severity=3"
    answer = moderator.post(decided, form(cases[0], action="publish"), **CARD)
    assert answer.headers["Sekisho-Next"] == address(cases[1]) + "?severity=3"


def test_after_the_last_case_comes_the_queue(cases: list[Case], moderator: Client) -> None:
    Case.objects.exclude(pk=cases[0].pk).update(closed_at=NOON)
    answer = moderator.post(address(cases[0], "decide"), form(cases[0], action="publish"), **CARD)
    assert answer.headers["Sekisho-Next"] == reverse("desk:queue")


def test_a_reasons_button_rejects_with_it(cases: list[Case], moderator: Client) -> None:
    reason = make_reason("abuse")
    moderator.post(
        address(cases[0], "decide"), form(cases[0], reject=reason.pk, message="言葉を改めてください。")
    )
    decision = Decision.objects.get(by__isnull=False)
    assert (decision.to_status, decision.reason) == ("rejected", reason)
    assert Evidence.objects.get(decision=decision).text == "言葉を改めてください。"
    page = moderator.get(address(cases[0])).content.decode()
    assert "投稿者へ：" in page


def test_the_reasons_own_text_is_not_kept_again(cases: list[Case], moderator: Client) -> None:
    Reason.objects.filter(slug="spam").update(public_ja="一行目\n二行目")
    fields = form(cases[0], reject=make_reason().pk, message="一行目\r\n二行目")
    moderator.post(address(cases[0], "decide"), fields)
    assert Decision.objects.get(by__isnull=False).to_status == "rejected"
    assert not Evidence.objects.filter(decision__by__isnull=False).exists()


def test_the_reasons_text_in_the_other_language_reaches_the_author(
    cases: list[Case], moderator: Client
) -> None:
    """The site's language is Japanese: chosen in English, the text would else be told in Japanese."""
    Reason.objects.filter(slug="spam").update(public_ja="宣伝でした。", public_en="It was an advertisement.")
    fields = form(cases[0], reject=make_reason().pk, message="It was an advertisement.")
    moderator.post(address(cases[0], "decide"), fields)
    assert Evidence.objects.get(kind=EvidenceKind.MESSAGE).text == "It was an advertisement."


def test_a_message_of_a_publication_goes_nowhere(cases: list[Case], moderator: Client) -> None:
    moderator.post(address(cases[0], "decide"), form(cases[0], action="publish", message="なし"))
    assert Decision.objects.get(by__isnull=False).to_status == "published"
    assert not Evidence.objects.filter(decision__by__isnull=False).exists()


def test_a_note_is_kept_without_deciding(cases: list[Case], moderator: Client, other: Client) -> None:
    answer = moderator.post(address(cases[0], "note"), {"note": "<b>要注意</b>"})
    assert answer.headers["Location"] == address(cases[0])
    page = other.get(address(cases[0])).content.decode()
    assert "&lt;b&gt;要注意&lt;/b&gt;" in page
    assert "森 真理" in page
    assert Case.objects.get(pk=cases[0].pk).closed_at is None
    empty = moderator.post(address(cases[0], "note"), {"note": " ", "message": "書きかけ"}, **CARD)
    assert empty.status_code == 422
    assert "先にメモを書いてください" in empty.content.decode()
    assert "書きかけ</textarea>" in empty.content.decode()
    assert Note.objects.count() == 1


def test_passing_on_moves_it_to_the_other_queue(cases: list[Case], moderator: Client, other: Client) -> None:
    assert moderator.post(address(cases[0], "escalate"), {"note": ""}).status_code == 422
    answer = moderator.post(address(cases[0], "escalate"), {"note": "上の判断がほしい"}, **CARD)
    assert answer.headers["Sekisho-Next"] == address(cases[1])
    queue = [case.pk for case in moderator.get(reverse("desk:queue")).context["rows"]]
    assert queue == [cases[1].pk, cases[2].pk]
    passed = other.get(reverse("desk:queue"), {"escalated": "1"})
    assert [case.pk for case in passed.context["rows"]] == [cases[0].pk]
    assert passed.context["escalated"] == 1
    # He who passed it on looks, gives it back, and decides nothing.
    page = moderator.get(address(cases[0])).content.decode()
    assert 'value="publish"' not in page
    assert address(cases[0], "release") in page
    refused = moderator.post(address(cases[0], "decide"), form(cases[0], action="publish"))
    assert refused.status_code == 409
    assert "自分でエスカレートした案件" in refused.content.decode()
    # The other one sees why, cannot give it back, and decides.
    page = other.get(address(cases[0]) + "?escalated=1").content.decode()
    assert "上の判断がほしい" in page
    assert 'value="publish"' in page
    assert address(cases[0], "release") not in page
    assert other.post(address(cases[0], "release")).status_code == 403
    late = other.post(address(cases[0], "escalate"), {"note": "私も"})
    assert late.status_code == 409
    assert "森 真理さんがすでにエスカレートしています" in late.content.decode()
    answer = other.post(
        address(cases[0], "decide") + "?escalated=1", form(cases[0], action="publish"), **CARD
    )
    assert answer.headers["Sekisho-Next"] == reverse("desk:queue") + "?escalated=1"


def test_what_was_passed_on_can_be_given_back(cases: list[Case], moderator: Client) -> None:
    moderator.post(address(cases[0], "escalate"), {"note": "上の判断がほしい"})
    answer = moderator.post(address(cases[0], "release"), {"note": "分かりました"}, follow=True)
    assert "全員の待ち行列に再び並んでいます" in answer.content.decode()
    assert 'value="publish"' in answer.content.decode()
    assert [note.kind for note in Note.objects.order_by("pk")] == ["escalated", "released"]
    again = moderator.post(address(cases[0], "release"), follow=True)
    assert "もうエスカレーションの列にはありません" in again.content.decode()


def test_a_lease_is_seen_by_others_on_list_and_card(
    cases: list[Case], moderator: Client, other: Client
) -> None:
    version = comment_of(cases[0]).version
    mine = moderator.post(address(cases[0], "claim"), {"seen_version": version}).content.decode()
    assert "notice" not in mine
    theirs = other.post(address(cases[0], "claim"), {"seen_version": version}).content.decode()
    assert "森 真理さんが見ています" in theirs
    assert "森 真理さんが見ています" in other.get(reverse("desk:queue")).content.decode()
    assert "森 真理さんが見ています" in other.get(address(cases[0])).content.decode()
    assert "見ています" not in moderator.get(reverse("desk:queue")).content.decode()
    # Moving on gives it back.
    moderator.post(address(cases[1], "claim"), {"seen_version": 1, "left": cases[0].pk})
    assert "notice" not in other.post(address(cases[0], "claim"), {"seen_version": version}).content.decode()
    assert other.post(address(cases[0], "leave")).status_code == 204
    assert Case.objects.get(pk=cases[0].pk).claimed_by is None
    assert Case.objects.get(pk=cases[1].pk).claimed_by is not None


def test_who_looks_is_told_what_others_did_meanwhile(
    cases: list[Case], moderator: Client, other: Client
) -> None:
    version = comment_of(cases[0]).version
    changed = moderator.post(address(cases[0], "claim"), {"seen_version": version - 1}).content.decode()
    assert "開いたあとに本文が変わりました" in changed
    other.post(address(cases[0], "decide"), form(cases[0], action="publish"))
    told = moderator.post(address(cases[0], "claim"), {"seen_version": version}).content.decode()
    assert "木田 太郎さんがこの間に判断しました" in told


def test_the_second_of_two_keeps_his_note(cases: list[Case], moderator: Client, other: Client) -> None:
    late = form(cases[0], reject=make_reason().pk, note="前にも書いた人です")
    other.post(address(cases[0], "decide"), form(cases[0], action="publish"))
    answer = moderator.post(address(cases[0], "decide"), late, **CARD)
    text = answer.content.decode()
    assert (answer.status_code, answer.headers["Sekisho-Part"]) == (409, "card")
    assert "木田 太郎さんが先に判断しました" in text
    assert "前にも書いた人です</textarea>" in text
    assert address(cases[0], "note") in text
    assert moderator.post(address(cases[0], "note"), {"note": "前にも書いた人です"}).status_code == 302


def test_the_same_again_is_done_once(cases: list[Case], moderator: Client) -> None:
    """The answer was lost on the way; who presses again is not told that somebody was faster."""
    fields = form(cases[0], reject=make_reason().pk)
    for _ in range(2):
        answer = moderator.post(address(cases[0], "decide"), fields, **CARD)
        assert (answer.status_code, answer.headers["Sekisho-Next"]) == (200, address(cases[1]))
    assert Decision.objects.filter(by__isnull=False).count() == 1
    assert (
        moderator.post(address(cases[0], "decide"), {**fields, "reject": make_reason("abuse").pk}).status_code
        == 409
    )


def test_the_list_is_sent_only_when_it_has_changed(
    cases: list[Case], moderator: Client, other: Client
) -> None:
    first = moderator.get(reverse("desk:queue"), **LIST)
    etag = first.context["etag"]

    def again() -> int:
        headers = {"Sekisho-Part": "list", "If-None-Match": etag}
        return moderator.get(reverse("desk:queue"), headers=headers).status_code

    assert first.headers["Sekisho-Part"] == "list"
    assert again() == 304
    other.post(address(cases[2], "claim"), {"seen_version": 1})
    assert again() == 200
    other.post(address(cases[2], "leave"))
    assert again() == 304
    other.post(address(cases[2], "decide"), form(cases[2], action="publish"))
    assert again() == 200
    rows = moderator.get(reverse("desk:queue"), **LIST).content.decode()
    assert f'data-row="{cases[2].pk}"' not in rows
    assert 'data-count="2"' in rows


def test_the_mode_is_kept(cases: list[Case], moderator: Client) -> None:
    assert 'class="split split"' in moderator.get(address(cases[0])).content.decode()
    assert 'class="split single"' in moderator.get(reverse("desk:queue"), {"mode": "single"}).content.decode()
    assert 'class="split single"' in moderator.get(address(cases[0])).content.decode()
    assert 'class="split split"' in moderator.get(reverse("desk:queue"), {"mode": "split"}).content.decode()
    assert 'class="split split"' in moderator.get(address(cases[0]), {"mode": "<b>"}).content.decode()


def test_what_i_did_today(cases: list[Case], moderator: Client, other: Client) -> None:
    today = reverse("desk:today")
    assert "直近24時間に判断したものはありません" in moderator.get(today).content.decode()
    moderator.post(address(cases[0], "decide"), form(cases[0], action="publish", note="<i>可</i>"))
    moderator.post(address(cases[1], "decide"), form(cases[1], reject=make_reason().pk))
    other.post(address(cases[2], "decide"), form(cases[2], action="publish"))
    page = moderator.get(today)
    assert [(each.case_id, undoable) for each, undoable in page.context["rows"]] == [
        (cases[1].pk, True),
        (cases[0].pk, True),
    ]
    assert "&lt;i&gt;可&lt;/i&gt;" in page.content.decode()
    first = Decision.objects.get(case=cases[0], by__isnull=False)
    moderator.post(reverse("desk:undo", args=[first.pk]))
    rows = moderator.get(today).context["rows"]
    # An undo is a decision of today, too, and what it took back cannot be taken back again.
    assert [(each.cause, undoable) for each, undoable in rows] == [
        ("undo", False),
        ("person", True),
        ("person", False),
    ]


def test_yesterday_is_not_today(cases: list[Case], moderator: Client, site: Site) -> None:
    user = newsroom.make_person(site, "old", "Moderator")
    wanted = Wanted(cases[0].pk, "publish", comment_of(cases[0]).version)
    decide([wanted], by=user, now=timezone.now() - timedelta(hours=25))
    client = Client()
    client.force_login(user)
    assert client.get(reverse("desk:today")).context["rows"] == []
    decision = Decision.objects.get(by=user)
    answer = client.post(reverse("desk:undo", args=[decision.pk]), follow=True)
    assert "取り消せるのはリードだけ" in answer.content.decode()
    assert Case.objects.get(pk=cases[0].pk).closed_at is not None


def test_the_author_is_shown_with_rates_decisions_and_notes(cases: list[Case], moderator: Client) -> None:
    nameless = comment_of(cases[2])
    for at in range(3):
        world.send(nameless.article, f"つづき{at}", author_name="", author_email="midori@example.jp")
    screen(now=lambda: NOON)
    newest = Case.objects.latest("pk")
    moderator.post(address(newest, "decide"), form(newest, reject=make_reason().pk, note="三度目"))
    moderator.post(address(cases[1], "note"), {"note": "別の人のこと"})
    moderator.post(address(newest, "note"), {"note": "同じ人か"})
    history = moderator.get(address(cases[2])).context["card"].history
    assert history.rates == [("held", 2, 50), ("published", 1, 25), ("rejected", 1, 25)]
    assert [each.case_id for each in history.decisions] == [newest.pk]
    assert [note.text for note in history.notes] == ["同じ人か"]
    text = moderator.get(address(cases[2])).content.decode()
    assert "三度目" in text
    assert "別の人のこと" not in text


def test_an_auditor_acts_on_nothing(cases: list[Case], site: Site, client: Client) -> None:
    client.force_login(newsroom.make_person(site, "audit", "Auditor"))
    for name in ("note", "escalate", "release", "claim", "leave"):
        assert client.post(address(cases[0], name), {"note": "読むだけ"}).status_code == 403, name
        assert client.get(address(cases[0], name)).status_code in {403, 405}, name
    assert "data-claim" not in client.get(address(cases[0])).content.decode()
    assert client.get(reverse("desk:today")).status_code == 200
    assert not Note.objects.exists()


def queries(client: Client, url: str, **headers: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, **headers).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow(cases: list[Case], site: Site, moderator: Client) -> None:
    article = comment_of(cases[0]).article
    for at in range(40):
        world.send(article, f"{at}件目", author_name="", author_email=f"{at % 3}@example.jp")
    screen(now=lambda: NOON)
    waiting = list(Case.objects.order_by("due_at", "pk"))
    kida = newsroom.make_person(site, "kida", "Moderator")

    def decided(few: list[Case]) -> None:
        for each in few:
            moderator.post(address(each, "decide"), form(each, reject=make_reason().pk, note="同じ"))
            moderator.post(address(each, "note"), {"note": "同じ"})

    looked, pages = waiting[-1], [reverse("desk:today")]

    def passed_on(few: list[Case]) -> None:
        for each in few:
            claim(each.pk, by=kida, now=timezone.now())
            escalate(each.pk, "なぜ", by=kida, now=NOON)
            claim(each.pk, by=kida, now=timezone.now())

    decided(waiting[3:9])
    passed_on(waiting[30:32])
    few = [queries(moderator, page) for page in pages] + [
        queries(moderator, address(looked), **CARD),
        queries(moderator, reverse("desk:queue") + "?escalated=1", **LIST),
    ]
    decided(waiting[9:30])
    passed_on(waiting[32:-1])
    many = [queries(moderator, page) for page in pages] + [
        queries(moderator, address(looked), **CARD),
        queries(moderator, reverse("desk:queue") + "?escalated=1", **LIST),
    ]
    assert many == few
    assert few[0] < 20
    assert few[1] < 28
