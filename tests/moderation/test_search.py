"""Search at the desk: any piece of a text, in any width or case, of what is open at one's own sites."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.erasing import erase
from comments.models import Article, Comment, Site
from comments.services import Received, edit
from moderation import finding_cases
from moderation.models import CaseText
from moderation.services import Wanted, decide, screen, undo
from tests import newsroom, world
from tests.newsroom import case_of
from tests.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(site: Site) -> Article:
    newsroom.make_rules()
    return newsroom.make_article(site)


@pytest.fixture
def sent(article: Article) -> list[Received]:
    return newsroom.open_cases(article)


@pytest.fixture
def moderator(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    return client


def found(client: Client, q: str, **query: str) -> set[int | None]:
    """The comments whose cases are shown, of which the count tells as many."""
    page = client.get(reverse("desk:queue"), {"q": q, **query})
    assert page.context["count"] == len(page.context["rows"])
    return {case.comment_id for case in page.context["rows"]}


def test_a_case_is_found_by_any_piece_of_what_it_shows(sent: list[Received], moderator: Client) -> None:
    published, misquote, spam, nameless = (each.comment_id for each in sent)
    assert found(moderator, "補助金が") == {nameless}
    assert found(moderator, "で月３０万") == {spam}
    assert found(moderator, "EXAMPLE.org") == {spam}
    assert found(moderator, "怒れる市民") == {misquote}
    # The title of the article; a single character; words in any order.
    assert found(moderator, "駅前へ移転") == {misquote, spam, nameless}
    assert found(moderator, "跡") == {misquote}
    assert found(moderator, "市民 閉館") == {misquote}
    assert found(moderator, "閉館 補助金") == set()
    assert found(moderator, "閉館", severity="2") == set()
    assert published not in found(moderator, "駅前")


def test_an_address_is_found_by_those_who_may_see_it(
    sent: list[Received], moderator: Client, client: Client, site: Site
) -> None:
    assert found(moderator, "job@example.net") == set()
    assert found(moderator, "@example") == set()
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    assert found(client, "JOB@example.net") == {sent[2].comment_id}


def test_of_another_site_nothing_is_found(sent: list[Received], client: Client) -> None:
    client.force_login(newsroom.make_person(world.make_site("other"), "tanin", "Lead"))
    assert found(client, "補助金が") == set()


def test_words_follow_what_is_edited_closed_and_opened_again(
    sent: list[Received], moderator: Client, article: Article
) -> None:
    spam = sent[2]
    case = case_of(spam)
    with transaction.atomic():
        edit(Comment.objects.select_for_update().get(pk=spam.comment_id), "猫の写真です。", now=NOON)
    assert found(moderator, "猫の写真") == {spam.comment_id}
    assert found(moderator, "月30万") == set()
    mori = world.make_member(article.site, "kida")
    decide([Wanted(case.pk, "publish", newsroom.comment_of(case).version)], by=mori, now=NOON)
    assert found(moderator, "猫の写真") == set()
    assert not CaseText.objects.filter(case=case.pk).exists()
    screen(now=lambda: NOON + timedelta(hours=1))
    (again,) = world.send_many(
        article, ["https://example.com/1 https://example.com/2 https://example.com/3 鯨"]
    )
    screen(now=lambda: NOON + timedelta(hours=2))
    assert found(moderator, "鯨") == {again.comment_id}


def test_an_undone_decision_is_found_again(sent: list[Received], moderator: Client, site: Site) -> None:
    case = case_of(sent[2])
    mori = world.make_member(site, "kida")
    (done,) = decide([Wanted(case.pk, "publish", newsroom.comment_of(case).version)], by=mori, now=NOON)
    assert done.decision_id
    undo(done.decision_id, by=mori, now=NOON)
    assert found(moderator, "在宅ワーク") == {sent[2].comment_id}


def test_another_title_is_searched_at_once(sent: list[Received], moderator: Client, article: Article) -> None:
    assert article.external_id
    put_article(
        ArticleDraft(external_id=article.external_id, url=article.url, title="水族館の夜", body=article.body),
        article.site,
    )
    assert len(found(moderator, "水族館の夜")) == 3
    assert found(moderator, "移転二〇二八") == set()


def test_nothing_is_kept_of_what_is_erased(sent: list[Received]) -> None:
    with transaction.atomic():
        erase([sent[2].comment_id], now=NOON)
    assert not CaseText.objects.filter(text__contains="在宅").exists()
    assert CaseText.objects.count() == 2


@pytest.mark.parametrize(
    "q", ["%", "_", "\\", "'", '"; DROP', "<script>", "\u200b", "🐈", "á́́́", "{}", "a" * 500]
)
def test_what_is_typed_is_text(sent: list[Received], moderator: Client, q: str) -> None:
    page = moderator.get(reverse("desk:queue"), {"q": q})
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_a_search_that_finds_too_much_says_so(
    article: Article, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the queue is walked through by due time, so many at a time, and nothing is left out."""
    bodies = [f"{at}番の匿名の意見です。{'鯨' if at % 3 == 0 else ''}" for at in range(30)]
    sent = world.send_many(article, bodies, author_name="")
    screen(now=lambda: NOON + timedelta(hours=1))
    expected = {each.comment_id for at, each in enumerate(sent) if at % 3 == 0}
    assert found(moderator, "鯨") == expected
    monkeypatch.setattr(finding_cases, "CANDIDATES", 5)
    monkeypatch.setattr(finding_cases, "WALKED", 8)
    monkeypatch.setattr(finding_cases, "SAMPLED", 6)
    monkeypatch.setattr(finding_cases, "COMMON", 2)
    seen: list[int | None] = []
    address = reverse("desk:queue") + "?q=鯨"
    for turn in range(4):
        page = moderator.get(address)
        shown = [case.comment_id for case in page.context["rows"]]
        assert page.context["count"] == len(shown)
        seen += shown
        text = page.content.decode()
        if turn < 3:
            assert "期限の近い順に" in text
            query = f"?after={page.context['page'].cut_at}&q=%E9%AF%A8"
            assert f'href="{query}"'.replace("&", "&amp;") in text
            address = reverse("desk:queue") + query
    assert "期限の近い順に" not in text
    assert (len(seen), set(seen)) == (10, expected)
    # What few have is found wherever it stands.
    assert found(moderator, "29番") == {sent[29].comment_id}
    assert moderator.get(reverse("desk:queue"), {"q": "29番"}).context["page"].cut_at is None
    # Where a filter leaves few, they are all looked into.
    monkeypatch.setattr(finding_cases, "WALKED", 31)
    assert found(moderator, "鯨", severity="2") == expected
    assert moderator.get(reverse("desk:queue"), {"q": "鯨"}).context["page"].cut_at is None


def test_a_search_reads_its_index_and_as_often_for_little_as_for_much(
    sent: list[Received], moderator: Client, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries(q: str) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            found(moderator, q)
        return [query["sql"] for query in captured]

    found(moderator, "補助金")
    few = len(queries("駅前へ"))
    world.send_many(article, [f"{at}番の匿名の意見です。" for at in range(20)], author_name="")
    screen(now=lambda: NOON + timedelta(hours=1))
    assert len(queries("駅前へ")) == few
    monkeypatch.setattr(finding_cases, "CANDIDATES", 5)
    assert len(queries("駅前へ")) == few
    with connection.cursor() as cursor:
        # Screening, in the same transaction here, has planned without bitmaps.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = on")
        cursor.execute(
            "EXPLAIN SELECT case_id FROM moderation_casetext WHERE grams @> '{1,2}'::int[] LIMIT 9"
        )
        assert "case_text_grams" in str(cursor.fetchall())
