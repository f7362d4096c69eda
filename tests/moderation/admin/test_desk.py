"""The desk: the queue, the page of a case, deciding, taking back."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import Article, Comment, ImportProblem, Site
from comments.services import edit
from moderation.models import Case, Decision, Evidence, Reason
from moderation.services import Wanted, decide, screen
from moderation.services.judgements import judge_again
from tests import newsroom, world
from tests.newsroom import case_of, open_cases
from tests.world import NOON, make_reason, send, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


@pytest.fixture
def article(site: Site) -> Article:
    newsroom.make_rules()
    return newsroom.make_article(site)


@pytest.fixture
def moderator(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "mori", "Moderator", first_name="森", last_name="真理"))
    return client


def address(case: Case, name: str = "case") -> str:
    return reverse(f"desk:{name}", args=[case.pk])


def form(case: Case, action: str, **fields: object) -> dict[str, object]:
    return {"action": action, "seen_version": newsroom.comment_of(case).version, **fields}


def test_the_queue_is_in_the_order_of_due_times(article: Article, moderator: Client) -> None:
    _, misquote, spam, nameless = open_cases(article)
    Comment.objects.filter(pk=spam.comment_id).update(author_name="高\u200b田", body="<b>安\u200b売り</b>")
    page = moderator.get(reverse("desk:queue"))
    text = page.content.decode()
    shown = [case.comment_id for case in page.context["rows"]]
    assert shown == [misquote.comment_id, spam.comment_id, nameless.comment_id]
    assert "駅前なら" not in text
    assert "リンクが3個あります" in text
    assert page.context["count"] == 3
    # What would stay unseen is named, what was typed is no markup.
    unseen = '<span class="unseen" title="U+200B ZERO WIDTH SPACE">U+200B</span>'
    assert f"<bdi>高{unseen}田</bdi></b> &lt;b&gt;安{unseen}売り&lt;/b&gt;" in text


def test_the_queue_can_be_narrowed(article: Article, moderator: Client) -> None:
    *_, nameless = open_cases(article)
    page = moderator.get(reverse("desk:queue"), {"severity": "2"})
    assert [case.comment_id for case in page.context["rows"]] == [nameless.comment_id]
    assert page.context["count"] == 1
    for nonsense in ("x", "99", "²", "1" * 40):
        assert len(moderator.get(reverse("desk:queue"), {"severity": nonsense}).context["rows"]) == 3
        assert moderator.get(reverse("desk:queue"), {"site": nonsense, "after": nonsense}).status_code == 200


def test_an_empty_queue_says_what_to_do_next(site: Site, moderator: Client) -> None:
    text = moderator.get(reverse("desk:queue")).content.decode()
    assert "待っているものはありません" in text
    assert reverse("admin:comments_comment_changelist") in text
    narrowed = moderator.get(reverse("desk:queue"), {"severity": "3"}).content.decode()
    assert "すべての待ち行列を表示" in narrowed


def test_a_long_queue_is_paged(article: Article, moderator: Client) -> None:
    world.send_many(article, [f"{at}件目の匿名の意見です。" for at in range(35)], author_name="")

    screen(now=lambda: NOON)
    first = moderator.get(reverse("desk:queue"))
    assert len(first.context["rows"]) == 25
    second = moderator.get(reverse("desk:queue"), {"after": first.context["page"].more_after})
    assert len(second.context["rows"]) == 10
    seen = [case.pk for page in (first, second) for case in page.context["rows"]]
    assert len(set(seen)) == 35


def test_the_evidence_is_marked_and_nothing_typed_is_believed(article: Article, moderator: Client) -> None:
    spam = open_cases(article)[2]
    text = moderator.get(address(case_of(spam))).content.decode()
    assert (
        '<mark class="mark-hold " title="リンクは二つまで: リンクが3個あります（2個まで）。">https://example.net/a</mark>'
        in text
    )
    # What was found twice is read once.
    assert text.count('<q dir="auto">example.net</q>') == 1
    assert "&lt;script&gt;alert" in text
    assert "<script>alert" not in text
    # A reader's link is text, not a link.
    assert 'href="https://example.net' not in text
    # How long it has been open is told on the card, too, and not in the list alone.
    card = moderator.get(address(case_of(spam)), headers={"Sekisho-Part": "card"}).content.decode()
    assert "前に発生" in card


def test_a_quote_has_its_source_beside_it(article: Article, moderator: Client) -> None:
    *_, nameless = open_cases(article)
    page = moderator.get(address(case_of(nameless)))
    (traced,) = page.context["card"].quotes
    assert traced.quote.verdict == "verbatim"
    (marked,) = [segment.text for segment in traced.source if segment.marks]
    assert marked == "総事業費は約四十八億円で、うち半分を国の補助金でまかなう。"
    around = "".join(segment.text for segment in traced.source)
    assert around in newsroom.ARTICLE
    assert len(around) > len(marked)
    assert "一字一句同じ" in page.content.decode()


def test_a_misquote_says_that_no_source_has_it(article: Article, moderator: Client) -> None:
    misquote = open_cases(article)[1]
    page = moderator.get(address(case_of(misquote)))
    (traced,) = page.context["card"].quotes
    assert (traced.quote.verdict, traced.source) == ("missing", ())
    assert page.context["card"].body[0].kinds[0] == "flag"


def test_a_quote_of_an_edited_comment_shows_the_text_that_it_quoted(
    article: Article, moderator: Client
) -> None:
    first = send(article, "開館は夜九時までと聞きました。とても楽しみにしています。")
    screen(now=lambda: NOON)
    second = send(
        article,
        ">開館は夜九時までと聞きました。とても楽しみにしています。\n同感です。",
        author_name="",
        now=NOON + timedelta(minutes=1),
    )
    screen(now=lambda: NOON + timedelta(minutes=1))
    with transaction.atomic():
        edit(Comment.objects.select_for_update().get(pk=first.comment_id), "消しました。", now=NOON)
    (traced,) = moderator.get(address(case_of(second))).context["card"].quotes
    assert [segment.text for segment in traced.source if segment.marks] == [
        "開館は夜九時までと聞きました。とても楽しみにしています。"
    ]


def test_the_author_is_shown_with_what_he_wrote_before(article: Article, moderator: Client) -> None:
    good, *_, nameless = open_cases(article)
    card = moderator.get(address(case_of(nameless))).context["card"]
    assert [comment.pk for comment in card.history.comments] == [good.comment_id]
    assert card.history.counts == {"published": 1}
    anonymous = send(article, "だれかわからない人", author_name="", author_email="")

    screen(now=lambda: NOON)
    assert moderator.get(address(case_of(anonymous))).context["card"].history is None


def test_addresses_are_masked_without_the_permission(article: Article, site: Site, client: Client) -> None:
    spam = open_cases(article)[2]
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    text = client.get(address(case_of(spam))).content.decode()
    assert "job@example.net" not in text
    assert "j•••@•••.net" in text
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    masked = client.get(address(case_of(spam))).content.decode()
    assert "job@example.net" not in masked
    assert "personal=show" in masked


def test_publishing_leads_to_the_next_case_with_a_way_back(article: Article, moderator: Client) -> None:
    _, misquote, spam, _ = open_cases(article)
    case = case_of(misquote)
    response = moderator.post(address(case, "decide"), form(case, "publish", note="意見として残す"))
    decision = Decision.objects.get(by__isnull=False)
    assert response.headers["Location"] == f"{address(case_of(spam))}?decided={decision.pk}"
    assert stored(misquote).status == "published"
    assert Evidence.objects.get(decision=decision).text == "意見として残す"
    following = moderator.get(response.headers["Location"]).content.decode()
    assert reverse("desk:undo", args=[decision.pk]) in following


def test_rejecting_asks_for_a_reason(article: Article, moderator: Client) -> None:
    case = case_of(open_cases(article)[2])
    response = moderator.post(address(case, "decide"), form(case, "reject", note="宣伝"))
    assert response.status_code == 422
    text = response.content.decode()
    assert "掲載しない理由を選んでください" in text
    assert "宣伝</textarea>" in text
    assert Decision.objects.filter(by__isnull=False).count() == 0

    reason = Reason.objects.get(slug="spam")
    moderator.post(address(case, "decide"), form(case, "reject", reason=reason.pk))
    decision = Decision.objects.get(by__isnull=False)
    assert (decision.to_status, decision.reason) == ("rejected", reason)


@pytest.mark.parametrize(
    "broken",
    [
        {"action": "burn"},
        {"action": ""},
        {"seen_version": "x"},
        {"seen_version": ""},
        {"reason": "99999"},
        {"note": "長" * 2001},
    ],
)
def test_a_broken_form_decides_nothing(article: Article, moderator: Client, broken: dict[str, str]) -> None:
    case = case_of(open_cases(article)[1])
    response = moderator.post(address(case, "decide"), {**form(case, "publish"), **broken})
    assert response.status_code == 422
    assert not Decision.objects.filter(by__isnull=False).exists()


def test_the_reason_of_the_rule_is_suggested(article: Article, moderator: Client) -> None:
    case = case_of(open_cases(article)[2])
    assert moderator.get(address(case)).context["card"].suggested_reason == make_reason().pk


def test_undo_brings_the_case_back_as_it_was(article: Article, moderator: Client) -> None:
    misquote = open_cases(article)[1]
    case = case_of(misquote)
    moderator.post(address(case, "decide"), form(case, "publish"))
    decision = Decision.objects.get(by__isnull=False)
    response = moderator.post(reverse("desk:undo", args=[decision.pk]))
    assert response.headers["Location"] == address(case)
    again = Case.objects.get(pk=case.pk)
    assert (again.closed_at, again.due_at, again.severity) == (None, case.due_at, case.severity)
    assert "取り消しました" in moderator.get(address(case)).content.decode()
    # Twice does no harm, and says so.
    response = moderator.post(reverse("desk:undo", args=[decision.pk]), follow=True)
    assert "取り消せませんでした" in response.content.decode()


def test_only_leads_take_back_what_others_decided(article: Article, site: Site, client: Client) -> None:
    case = case_of(open_cases(article)[1])
    first = newsroom.make_person(site, "mori", "Moderator")
    version = newsroom.comment_of(case).version
    (result,) = decide([Wanted(case.pk, "publish", version)], by=first, now=NOON)
    undo = reverse("desk:undo", args=[result.decision_id])
    client.force_login(newsroom.make_person(site, "kida", "Moderator"))
    assert undo not in client.get(address(case)).content.decode()
    assert client.post(undo).status_code == 403
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    assert undo in client.get(address(case)).content.decode()
    assert client.post(undo).status_code == 302


def test_a_stale_page_is_refused_and_shows_how_it_stands(article: Article, moderator: Client) -> None:
    misquote = open_cases(article)[1]
    case = case_of(misquote)
    late = form(case, "reject", reason=make_reason().pk, note="虚偽")
    with transaction.atomic():
        comment = Comment.objects.select_for_update().get(pk=misquote.comment_id)
        edit(comment, "言い過ぎました。取り下げます。", now=NOON + timedelta(minutes=9))
    response = moderator.post(address(case, "decide"), late)
    assert response.status_code == 409
    text = response.content.decode()
    assert "言い過ぎました。取り下げます。" in text
    assert "このページを開いたあとにコメントが変わりました" in text
    assert "虚偽</textarea>" in text
    assert f'name="seen_version" value="{comment.version}"' in text
    assert stored(misquote).status != "rejected"
    # The findings were about the former text: none of their marks stand in the new one.
    assert response.context["card"].edited_since
    assert [segment.marks for segment in response.context["card"].body] == [()]


def test_the_second_of_two_gets_the_decision_of_the_first(
    article: Article, site: Site, moderator: Client
) -> None:
    misquote = open_cases(article)[1]
    case = case_of(misquote)
    late = form(case, "publish")
    other = newsroom.make_person(site, "kida", "Moderator", first_name="木田")
    decide(
        [Wanted(case.pk, "reject", newsroom.comment_of(case).version, make_reason("abuse").pk)],
        by=other,
        now=NOON,
    )
    response = moderator.post(address(case, "decide"), late)
    text = response.content.decode()
    assert response.status_code == 409
    assert "木田" in text
    assert "木田さんが先に判断しました" in text
    assert 'value="publish"' not in text
    assert stored(misquote).status == "rejected"


def test_an_import_run_is_looked_at_and_closed(article: Article, site: Site, moderator: Client) -> None:
    case = newsroom.make_run_case(site)
    queue = moderator.get(reverse("desk:queue")).content.decode()
    assert "library.txt" in queue
    page = moderator.get(address(case)).content.decode()
    assert "そもそも反対の署名は集まったのか？" in page
    assert "コメントの始まりを示すものがなく" in page
    assert "The body is empty." not in page
    response = moderator.post(address(case, "seen"))
    assert response.headers["Location"] == reverse("desk:queue")
    assert Case.objects.get(pk=case.pk).closed_at is not None
    assert moderator.get(address(case)).status_code == 200
    assert moderator.post(address(case, "seen")).status_code == 302
    # A run has no comment to publish.
    assert (
        moderator.post(address(case, "decide"), {"action": "publish", "seen_version": 1}).status_code == 403
    )


def test_what_was_guessed_alike_is_said_once(site: Site, moderator: Client) -> None:
    case = newsroom.make_run_case(site)
    assert case.import_run is not None
    for position in range(120):
        ImportProblem.objects.create(
            run=case.import_run, refused=False, position=position + 20, kind="comments",
            place=f"line {position + 30}", code="guessed-split", raw=f"{position}番目の感想",
            reason="Nothing marks where this comment begins: it was taken to be one of its own.",
        )  # fmt: skip
    page = moderator.get(address(case)).content.decode()
    # Once as a heading and once as the name of its table, for 121 rows.
    assert page.count("コメントの始まりを示すものがなく") == 2
    assert "121行" in page
    assert page.count('<td class="raw"') == 100
    assert "そもそも反対の署名は集まったのか？" in page
    assert "outcome=notice&amp;code=guessed-split" in page


def test_an_auditor_looks_and_decides_nothing(article: Article, site: Site, client: Client) -> None:
    case = case_of(open_cases(article)[1])
    client.force_login(newsroom.make_person(site, "audit", "Auditor"))
    assert client.get(reverse("desk:queue")).status_code == 200
    text = client.get(address(case)).content.decode()
    assert 'value="publish"' not in text
    assert client.post(address(case, "decide"), form(case, "publish")).status_code == 403
    assert client.post(address(newsroom.make_run_case(site), "seen")).status_code == 403
    assert Case.objects.get(pk=case.pk).closed_at is None


def test_another_site_is_not_there(article: Article, client: Client) -> None:
    case = case_of(open_cases(article)[1])
    client.force_login(newsroom.make_person(world.make_site("other"), "tanin", "Lead"))
    assert client.get(reverse("desk:queue")).context["rows"] == []
    assert client.get(address(case)).status_code == 404
    assert client.post(address(case, "decide"), form(case, "publish")).status_code == 404
    mine = newsroom.make_person(case.site, "mori", "Moderator")
    version = newsroom.comment_of(case).version
    (result,) = decide([Wanted(case.pk, "publish", version)], by=mine, now=NOON)
    assert client.post(reverse("desk:undo", args=[result.decision_id])).status_code == 403
    assert client.get(reverse("desk:queue"), {"decided": str(result.decision_id)}).context["decided"] is None


def test_a_deadlock_is_nobodys_business(
    article: Article, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two in each other's way: PostgreSQL ends one at a case's row, and it is tried once more."""
    case, calls = case_of(open_cases(article)[1]), []

    def once(comments: object) -> None:
        calls.append(comments)
        if len(calls) == 1:
            raise OperationalError("deadlock detected")
        judge_again(comments)  # type: ignore[arg-type]

    monkeypatch.setattr("moderation.services.deciding.judge_again", once)
    assert moderator.post(address(case, "decide"), form(case, "publish")).status_code == 302
    assert len(calls) == 2
    assert Decision.objects.filter(by__isnull=False).count() == 1


def test_deciding_is_no_link(article: Article, moderator: Client) -> None:
    case = case_of(open_cases(article)[1])
    assert moderator.get(address(case, "decide")).status_code == 405
    assert moderator.get(address(case, "seen")).status_code == 405
    assert moderator.get(reverse("desk:undo", args=[1])).status_code == 405
    assert Client(enforce_csrf_checks=True).post(address(case, "decide")).status_code in {302, 403}


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_grow(article: Article, moderator: Client) -> None:
    few = open_cases(article)
    moderator.get(reverse("desk:queue"))  # fills what is cached once a process
    of_queue, of_case = (
        queries(moderator, reverse("desk:queue")),
        queries(moderator, address(case_of(few[3]))),
    )
    body = "\n".join(f"{newsroom.QUOTING}\nその{at}" for at in range(4))
    for at in range(20):
        send(
            article,
            f"{body} {at}",
            author_name="",
            author_email="midori@example.jp",
            now=NOON + timedelta(hours=at),
        )
    screen(now=lambda: NOON)
    large = Case.objects.latest("pk")
    assert len(moderator.get(address(large)).context["card"].quotes) == 4
    assert queries(moderator, reverse("desk:queue")) == of_queue
    # The last of the queue looks once more for the one that follows.
    assert queries(moderator, address(large)) <= of_case
    assert of_case <= 35
    assert of_queue < 20


def test_what_has_effect_is_told_before_what_observes(article: Article, moderator: Client) -> None:
    world.make_rule("length", slug="short", params={"least": 500}, mode="observe")
    world.make_rule("required_email", slug="mail", action="flag")
    world.make_rule("links", slug="linked", params={"most": 0}, action="hold")
    sent = send(article, "見てください。 https://example.net/a", author_email="")
    screen(now=lambda: NOON)
    told = moderator.get(address(case_of(sent))).context["card"].told
    assert [each.finding.rule_version.rule.slug for each in told] == ["linked", "mail", "short"]


def test_nobody_rejects_with_what_only_says_why_it_waits(article: Article, moderator: Client) -> None:
    case = case_of(open_cases(article)[1])
    Reason.objects.create(slug="waits", label_ja="確認待ち", label_en="Waits", offered=False)
    page = moderator.get(address(case))
    assert page.context["reasons"]
    assert "waits" not in {reason.slug for reason in page.context["reasons"]}


def test_the_thread_above_is_shown_the_oldest_first(article: Article, moderator: Client) -> None:
    thread = [send(article, f"{at}番目の意見です。", author_name="港の人") for at in range(3)]
    for above, below in pairwise(thread):
        Comment.objects.filter(pk=below.comment_id).update(parent=above.comment_id)
    last = send(article, "名乗らずに失礼します。", author_name="")
    Comment.objects.filter(pk=last.comment_id).update(parent=thread[-1].comment_id)
    screen(now=lambda: NOON)
    card = moderator.get(address(case_of(last))).context["card"]
    assert [each.pk for each in card.above] == [thread[0].comment_id, thread[1].comment_id]
    assert card.comment.parent_id == thread[2].comment_id
