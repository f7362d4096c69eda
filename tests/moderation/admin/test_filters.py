"""The filters of the queue: what they find, that they travel along, and that each can be taken off."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.models import Article, Comment, Site
from comments.services import Received
from moderation.admin.filters import Filters
from moderation.models import Case, Reason, Rule
from moderation.services import screen
from tests import newsroom, world
from tests.newsroom import case_of
from tests.world import NOON

pytestmark = pytest.mark.django_db

QUEUE = "desk:queue"


@pytest.fixture
def site() -> Site:
    return world.make_site("asagiri", name="あさぎり新聞")


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


def found(client: Client, **query: object) -> set[int | None]:
    """The comments whose cases are shown; the count says as many."""
    page = client.get(reverse(QUEUE), {name: str(value) for name, value in query.items()})
    assert page.context["count"] == len(page.context["rows"])
    return {case.comment_id for case in page.context["rows"]}


def test_each_filter_finds_its_cases(sent: list[Received], moderator: Client, article: Article) -> None:
    _, misquote, spam, nameless = (each.comment_id for each in sent)
    other = newsroom.make_article(article.site, title="水族館の夜")
    elsewhere = world.send(other, "匿名の意見です。", author_name="", author_email="kai@example.jp")
    screen(now=lambda: NOON)
    key = Comment.objects.get(pk=nameless).author_key
    links, abuse = Rule.objects.get(slug="links"), world.make_reason("abuse")
    everything = {misquote, spam, nameless, elsewhere.comment_id}
    assert found(moderator) == everything
    assert found(moderator, site=article.site_id) == everything
    assert found(moderator, severity=2) == {nameless, elsewhere.comment_id}
    assert found(moderator, rule=links.pk) == {spam}
    assert found(moderator, check="links") == {spam}
    assert found(moderator, reason=Reason.objects.get(slug="spam").pk) == everything
    assert found(moderator, reason=abuse.pk) == set()
    assert found(moderator, author=key) == {nameless}
    assert found(moderator, article=other.pk) == {elsewhere.comment_id}
    assert found(moderator, article=article.pk, severity=2) == {nameless}
    assert found(moderator, audit=1) == set()


def test_a_sample_is_found(sent: list[Received], moderator: Client) -> None:
    case = case_of(sent[1])
    case.causes.create(kind="audit")
    assert found(moderator, audit=1) == {case.comment_id}
    assert found(moderator, audit=0) == {each.comment_id for each in sent[1:]}


def test_age_and_due_time_count_from_now(sent: list[Received], moderator: Client) -> None:
    _, misquote, spam, nameless = sent
    now = timezone.now()
    times = {misquote: (2, -1), spam: (30, -20), nameless: (0.1, 5)}
    for each, (opened, due) in times.items():
        Case.objects.filter(comment=each.comment_id).update(
            opened_at=now - timedelta(hours=opened), due_at=now + timedelta(hours=due)
        )
    assert found(moderator, overdue=1) == {misquote.comment_id, spam.comment_id}
    assert found(moderator, age="lt1h") == {nameless.comment_id}
    assert found(moderator, age="lt1d") == {nameless.comment_id, misquote.comment_id}
    assert found(moderator, age="gt1d") == {spam.comment_id}
    assert found(moderator, age="gt1d", severity=2) == set()
    assert found(moderator, age="gt7d") == set()


@pytest.mark.parametrize(
    "name", ["site", "severity", "reason", "rule", "check", "author", "article", "age", "audit", "overdue"]
)
@pytest.mark.parametrize("value", ["x", "", "²", "0", "-1", "1" * 40, "<script>", "lt9h", "%00", "ａ"])
def test_what_cannot_be_read_is_no_filter(name: str, value: str) -> None:
    assert Filters.read({name: value}) == Filters()


def test_filters_travel_along(sent: list[Received], moderator: Client) -> None:
    query = "?severity=3&check=links&overdue=1"
    filters = Filters.read({"severity": "3", "check": "links", "overdue": "1"})
    assert filters.query == query
    case = case_of(sent[2])
    queue = moderator.get(reverse(QUEUE) + query).content.decode()
    assert f"{reverse('desk:case', args=[case.pk])}{query}".replace("&", "&amp;") in queue
    card = moderator.get(reverse("desk:case", args=[case.pk]) + query).content.decode()
    for address in (reverse(QUEUE), reverse("desk:decide", args=[case.pk])):
        assert f'"{address}{query}"'.replace("&", "&amp;") in card
    form = {"action": "publish", "seen_version": newsroom.comment_of(case).version}
    gone_on = moderator.post(reverse("desk:decide", args=[case.pk]) + query, form)
    assert gone_on.headers["Location"].startswith(reverse(QUEUE) + query + "&decided=")


def test_later_cases_are_narrowed_too(article: Article, moderator: Client) -> None:
    world.send_many(article, [f"{at}件目の匿名の意見です。" for at in range(35)], author_name="")
    screen(now=lambda: NOON)
    page = moderator.get(reverse(QUEUE), {"check": "required_name"})
    later = f"?check=required_name&amp;after={page.context['page'].more_after}"
    assert later in page.content.decode()
    assert len(moderator.get(reverse(QUEUE) + later.replace("&amp;", "&")).context["rows"]) == 10


def test_each_filter_that_is_on_can_be_taken_off(sent: list[Received], moderator: Client) -> None:
    case = case_of(sent[2])
    comment = newsroom.comment_of(case)
    query = {
        "rule": str(Rule.objects.get(slug="links").pk),
        "article": str(comment.article_id),
        "overdue": "1",
    }
    page = moderator.get(reverse(QUEUE), {**query, "author": str(comment.author_key)})
    chips = {chip.name: chip for chip in page.context["chips"]}
    assert [chip.value for chip in page.context["chips"]] == [
        "リンクは二つまで", "在宅ワーク", str(comment.article), "",
    ]  # fmt: skip
    assert "author" not in chips["投稿者"].query
    assert "overdue=1" in chips["投稿者"].query
    text = page.content.decode()
    assert "外す：ルール リンクは二つまで" in text
    assert text.count('class="chip"') == 4
    # What a form does not offer it keeps.
    assert f'name="author" value="{comment.author_key}"' in text


def test_an_empty_queue_says_which_filters_to_take_off(sent: list[Received], moderator: Client) -> None:
    text = moderator.get(reverse(QUEUE), {"check": "flood"}).content.decode()
    assert "どれか、またはすべてを外して" in text
    assert text.count('class="chip"') == 1


def test_nothing_of_another_site_is_told_by_a_filter(sent: list[Received], client: Client) -> None:
    other = world.make_site("other", name="別の新聞")
    client.force_login(newsroom.make_person(other, "tanin", "Lead"))
    case = case_of(sent[2])
    comment = newsroom.comment_of(case)
    query = {"article": str(comment.article_id), "author": str(comment.author_key), "site": str(case.site_id)}
    page = client.get(reverse(QUEUE), query)
    assert (page.context["rows"], page.context["count"]) == ([], 0)
    told = " ".join(chip.value for chip in page.context["chips"])
    assert "在宅ワーク" not in told
    assert "図書館" not in told
    assert "あさぎり" not in page.content.decode()


def test_the_queries_are_as_many_whatever_is_on(sent: list[Received], moderator: Client) -> None:
    comment = newsroom.comment_of(case_of(sent[2]))

    def queries(**query: object) -> int:
        with CaptureQueriesContext(connection) as captured:
            found(moderator, **query)
        return len(captured)

    found(moderator)
    # Severities are told by the tallies, all else is counted; there are no groups to be looked for.
    assert queries(severity=3) < queries()
    one = queries(check="links")
    everything = {
        "rule": Rule.objects.get(slug="links").pk, "check": "links", "severity": 3, "overdue": 1,
        "reason": Reason.objects.get(slug="spam").pk, "age": "gt7d", "site": comment.site_id,
    }  # fmt: skip
    assert queries(**everything) == one
    # The name of the author, the title of the article.
    assert queries(**everything, author=comment.author_key, article=comment.article_id) == one + 2
