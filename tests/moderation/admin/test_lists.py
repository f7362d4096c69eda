"""The archive's lists: found by what one has, counted by nobody."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.admin.comments import search
from comments.models import Article, Comment, Disclosure, ImportRun, Site
from tests import newsroom, world
from tests.world import send

pytestmark = pytest.mark.django_db

COMMENTS = "admin:comments_comment_changelist"


@pytest.fixture
def lead(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    return client


def found(client: Client, **query: str | int) -> list[int]:
    response = client.get(reverse(COMMENTS), query)
    assert response.status_code == 200
    return [comment.pk for comment in response.context["cl"].result_list]


def test_comments_are_found_by_name_id_and_email(article: Article, lead: Client) -> None:
    one = send(article, "一つめ", author_name="佐藤花子", author_email="hanako@example.jp")
    two = send(article, "二つめ", author_name="佐々木", author_email="sasaki@example.jp")
    assert found(lead) == [two.comment_id, one.comment_id]
    assert found(lead, q="佐藤") == [one.comment_id]
    assert found(lead, q="花子") == []
    assert found(lead, q=str(two.public_id)) == [two.comment_id]
    assert found(lead, q=" Hanako@Example.jp ") == [one.comment_id]
    assert found(lead, q="nobody@example.jp") == []


def test_an_email_is_searched_only_by_those_who_may_see_it(article: Article, client: Client) -> None:
    send(article, "一つめ", author_email="hanako@example.jp")
    client.force_login(newsroom.make_person(article.site, "mori", "Moderator"))
    assert found(client, q="hanako@example.jp") == []


def test_a_superuser_finds_by_email_at_every_site(article: Article, admin_user: object) -> None:
    other = world.make_article(world.make_site("yunagi"))
    for each in (article, other):
        send(each, "同じ人", author_email="hanako@example.jp")
    assert search(Comment.objects.all(), "hanako@example.jp", admin_user).count() == 2  # type: ignore[arg-type]


def test_comments_are_filtered(article: Article, lead: Client) -> None:
    first = send(article, "一つめ")
    second = send(world.make_article(article.site), "二つめ")
    Comment.objects.filter(pk=second.comment_id).update(status="published", source="furui-blog")
    assert found(lead, status__exact="published") == [second.comment_id]
    assert found(lead, article=article.pk) == [first.comment_id]
    assert found(lead, site=article.site_id) == [second.comment_id, first.comment_id]
    assert found(lead, source="api") == [first.comment_id]
    assert found(lead, kind="pingback") == []
    assert found(lead, posted_at_from="2026-01-10", posted_at_to="2026-01-10") == [
        second.comment_id,
        first.comment_id,
    ]
    assert found(lead, posted_at_from="2026-02-01") == []
    # The ends of the calendar are days, too; what follows the last one is none.
    assert len(found(lead, posted_at_from="0001-01-01", posted_at_to="9999-12-31")) == 2
    assert found(lead, posted_at_from="9999-12-31") == []
    # What cannot be read is no filter.
    assert (
        len(
            found(lead, article="x", site="²", kind="nonsense", posted_at_from="9999-99-99", posted_at_to="x")
        )
        == 2
    )


@pytest.mark.parametrize(
    "name", ["comments_comment", "comments_article", "moderation_decision", "comments_importproblem"]
)
def test_no_list_counts_its_table(article: Article, lead: Client, name: str) -> None:
    world.make_rule("required_name")
    newsroom.open_cases(article)
    newsroom.make_run_case(article.site)
    url = reverse(f"admin:{name}_changelist")
    for query in ({}, {"p": "2"}, {"q": "みどり"}):
        with CaptureQueriesContext(connection) as captured:
            assert lead.get(url, query).status_code == 200
        table = f'"{name}"'
        counted = [
            each["sql"]
            for each in captured
            if "COUNT(" in each["sql"].upper() and f"FROM {table}" in each["sql"]
        ]
        assert counted == []


def test_the_list_takes_the_same_queries_however_long(article: Article, lead: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert lead.get(reverse(COMMENTS)).status_code == 200
        return len(captured)

    send(article, "一つめ")
    queries()
    few = queries()
    for at in range(30):
        send(world.make_article(article.site), f"{at}件目", author_email=f"r{at}@example.jp")
    assert queries() == few


def test_a_comment_is_masked_for_those_who_may_not_see_addresses(article: Article, client: Client) -> None:
    received = send(article, "<b>太字</b>", author_email="hanako@example.jp", user_agent="Lynx/2.9")
    Comment.objects.filter(pk=received.comment_id).update(
        ip="203.0.113.9", author_url="https://example.com/me"
    )
    page = reverse("admin:comments_comment_change", args=[received.comment_id])
    client.force_login(newsroom.make_person(article.site, "mori", "Moderator"))
    text = client.get(page).content.decode()
    assert [word for word in ("hanako@", "203.0.113.9", "Lynx") if word in text] == []
    assert "h•••@•••.jp" in text
    assert "203.0.•.•" in text
    assert "&lt;b&gt;太字&lt;/b&gt;" in text
    assert 'href="https://example.com/me"' not in text
    client.force_login(newsroom.make_person(article.site, "hara", "Lead"))
    assert "hanako@" not in client.get(page).content.decode()
    text = client.get(page, {"personal": "show"}).content.decode()
    assert [word for word in ("hanako@example.jp", "203.0.113.9", "Lynx/2.9") if word not in text] == []


def test_an_import_run_shows_its_counts_and_its_raw_rows_to_some(site: Site, client: Client) -> None:
    case = newsroom.make_run_case(site)
    run = ImportRun.objects.get(cases=case)
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    page = client.get(reverse("admin:comments_importrun_change", args=[run.pk])).content.decode()
    assert '<th scope="row">コメント</th><td>12</td><td>11</td>' in page
    problem = run.problems.get(refused=False)
    row = reverse("admin:comments_importproblem_change", args=[problem.pk])
    assert problem.raw not in client.get(row).content.decode()
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    assert problem.raw not in client.get(row).content.decode()
    assert not Disclosure.objects.exists()
    assert problem.raw in client.get(row, {"personal": "show"}).content.decode()
    assert Disclosure.objects.values_list("by_page", "about").get() == ("entry", problem.pk)
    query = {"run": str(run.pk), "code": "guessed-split"}
    listed = client.get(reverse("admin:comments_importproblem_changelist"), query)
    assert [each.pk for each in listed.context["cl"].result_list] == [problem.pk]


def test_the_floor_of_an_article_is_all_that_is_changed_here(article: Article, lead: Client) -> None:
    page = reverse("admin:comments_article_change", args=[article.pk])
    empty = {f"{name}-{which}_FORMS": "0" for name in ("urls", "revisions") for which in ("TOTAL", "INITIAL")}
    response = lead.post(page, {"floor": "closed", "title": "別の題", "body": "別の本文", **empty})
    assert response.status_code == 302
    again = Article.objects.get(pk=article.pk)
    assert (again.floor, again.title, again.body) == ("closed", article.title, article.body)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("comment", "article=" + "9" * 40),
        ("comment", "site=" + "9" * 5_000),
        ("comment", "article=٣"),
        ("importproblem", "run=" + "9" * 40),
    ],
)
def test_an_id_that_no_row_can_have_filters_nothing(
    name: str, query: str, article: Article, lead: Client
) -> None:
    send(article, "番号の範囲を超えた問い合わせ。")
    response = lead.get(f"{reverse(f'admin:comments_{name}_changelist')}?{query}")
    assert response.status_code == 200
