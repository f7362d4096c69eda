from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import get_resolver

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.models import Article, ArticleRevision, Comment, Site, Status
from comments.services import edit
from comments.statuses import set_status
from moderation.models import Decision, Finding, Mode, Quote, Reason, RuleVersion
from tests import world
from tests.publisher import ARTICLES, COMMENTS, Publisher, problem

if TYPE_CHECKING:
    from django.urls import URLPattern
    from pytest_django import DjangoAssertNumQueries

    from comments.services import Received


@pytest.fixture
def publisher(site: Site) -> Publisher:
    """The server of the site."""
    return Publisher(site)


def publish(article: Article, *bodies: str, **fields: Any) -> list[Comment]:
    """Published comments, a minute apart."""
    received = [
        world.send(article, body, now=world.NOON + timedelta(minutes=at), **fields)
        for at, body in enumerate(bodies)
    ]
    set_status({one.comment_id: Status.PUBLISHED for one in received})
    return [world.stored(one) for one in received]


def listed(publisher: Publisher, article: Article, **query: Any) -> dict[str, Any]:
    response = publisher.get(COMMENTS, article=article.external_id, **query)
    assert response.status_code == 200, response.content
    page: dict[str, Any] = response.json()
    return page


# --- status -----------------------------------------------------------------


def decide(received: Received, to: str, reason: Reason | None = None, **fields: Any) -> Decision:
    set_status({received.comment_id: to})
    return Decision.objects.create(
        comment_id=received.comment_id, revision=1, from_status="received", to_status=to, cause="rules",
        reason=reason, **fields,
    )  # fmt: skip


def status(publisher: Publisher, received: Received) -> dict[str, Any]:
    response = publisher.get(f"{COMMENTS}{received.public_id}/")
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_a_comment_is_received_until_it_is_decided(publisher: Publisher, article: Article) -> None:
    received = world.send(article, "待っています", external_id="c9")
    assert status(publisher, received) == {
        "id": str(received.public_id),
        "external_id": "c9",
        "article": article.external_id,
        "article_url": article.url,
        "status": "received",
        "revision": 1,
        "decided_revision": None,
        "decided_at": None,
        "reasons": [],
        "posted_at": "2026-01-10T12:00:00Z",
        "received_at": "2026-01-10T12:00:00Z",
    }


@pytest.mark.parametrize(("language", "text"), [("ja", "宣伝です。"), ("en", "Spam.")])
def test_the_author_is_told_in_the_language_of_the_site(
    publisher: Publisher, article: Article, language: str, text: str
) -> None:
    Site.objects.update(language=language)
    received = world.send(article, "買ってください")
    decide(received, "rejected", world.make_reason())
    answer = status(publisher, received)
    assert (answer["status"], answer["decided_revision"]) == ("rejected", 1)
    assert answer["decided_at"]
    assert answer["reasons"] == [{"code": "spam", "text": text}]


def test_reasons_of_the_rules_that_stopped_it_are_told_and_no_others(
    publisher: Publisher, article: Article
) -> None:
    def version(slug: str, **fields: Any) -> RuleVersion:
        text = {"public_ja": f"{slug}のため。"} if slug != "quiet" else {}
        reason = Reason.objects.create(slug=slug, label_ja=slug, label_en=slug, **text)
        rule = world.make_rule("links", reason=reason, **fields)
        return RuleVersion.objects.get(rule=rule)

    received = world.send(article, "止められたもの")
    decision = decide(received, "held")
    for slug, action, mode in [
        ("links", "hold", "enforce"),
        ("words", "reject", "enforce"),
        ("flagged", "flag", "enforce"),
        ("watched", "hold", "observe"),
        ("quiet", "hold", "enforce"),
    ]:
        Finding.objects.create(
            decision=decision, rule_version=version(slug), action=action, mode=Mode(mode), code="x"
        )
    assert [reason["code"] for reason in status(publisher, received)["reasons"]] == ["links", "words"]


def test_the_last_decision_counts(publisher: Publisher, article: Article) -> None:
    received = world.send(article, "見直されたもの")
    decide(received, "rejected", world.make_reason())
    decide(received, "published", by=world.make_member(article.site))
    answer = status(publisher, received)
    assert (answer["status"], answer["reasons"]) == ("published", [])


# --- the list ---------------------------------------------------------------


def test_only_published_comments_are_listed_without_personal_data(
    publisher: Publisher, article: Article
) -> None:
    parent, reply = publish(
        article, "最初の人", "二番目の人", ip="192.0.2.77", author_url="https://a.example/", author_id="r1"
    )
    hidden, orphan = publish(article, "隠された人", "孤児")
    for status_ in ("received", "held", "rejected"):
        set_status({world.send(article, "見えない").comment_id: status_})
    set_status({hidden.pk: Status.HELD})
    inferred = {"parent_how": "quote", "parent_sure": 60}
    Comment.objects.filter(pk=reply.pk).update(parent=parent, **inferred)
    Comment.objects.filter(pk=orphan.pk).update(parent=hidden, **inferred)
    page = listed(publisher, article)
    shown = {comment["id"]: comment for comment in page["results"]}
    assert shown.keys() == {str(one.public_id) for one in (parent, reply, orphan)}
    assert shown[str(reply.public_id)] == {
        "id": str(reply.public_id),
        "external_id": None,
        "number": None,
        "kind": "comment",
        "parent": str(parent.public_id),
        "parent_how": "quote",
        "parent_sure": 60,
        "author_name": "渡し守",
        "author_url": "https://a.example/",
        "author_verified": False,
        "body": "二番目の人",
        "posted_at": "2026-01-10T12:01:00Z",
        "quotes": [],
    }
    for name in ("parent", "parent_how", "parent_sure"):
        assert shown[str(orphan.public_id)][name] is None
    assert page["next"] is None
    assert not {"a@example.com", "192.0.2.77", "r1"} & {
        str(value) for one in shown.values() for value in one.values()
    }


def test_the_text_last_published_is_shown_until_an_edit_is_decided(
    publisher: Publisher, article: Article
) -> None:
    (comment,) = publish(article, "公開された文")
    edit(comment, "まだ決まらない文", now=world.NOON)
    Quote.objects.create(comment=comment, article=article, revision=1, start=0, end=2, verdict="missing")
    Quote.objects.create(comment=comment, article=article, revision=2, start=0, end=9, verdict="missing")
    (shown,) = listed(publisher, article)["results"]
    assert shown["body"] == "公開された文"
    assert [(quote["start"], quote["end"]) for quote in shown["quotes"]] == [(0, 2)]
    set_status({comment.pk: Status.PUBLISHED})
    assert listed(publisher, article)["results"][0]["body"] == "まだ決まらない文"


def test_the_name_last_published_is_shown_until_an_edit_is_decided(
    publisher: Publisher, article: Article
) -> None:
    """A name is judged as a text is: an insult or a link may stand in either."""
    fields = {"article": article.external_id, "external_id": "c1", "body": "公開された文"}
    assert publisher.post(**fields, author_name="渡し守").status_code == 202
    comment = Comment.objects.get()
    set_status({comment.pk: Status.PUBLISHED})
    again = publisher.post(**fields, author_name="ばか市長", author_url="https://example.net/buy")
    assert again.json()["outcome"] == "updated"
    (shown,) = listed(publisher, article)["results"]
    assert (shown["author_name"], shown["author_url"]) == ("渡し守", "")
    set_status({comment.pk: Status.PUBLISHED})
    (shown,) = listed(publisher, article)["results"]
    assert (shown["author_name"], shown["author_url"]) == ("ばか市長", "https://example.net/buy")


def test_quotes_come_with_their_sources(publisher: Publisher, article: Article) -> None:
    source, hidden, comment = publish(
        article, "元の文です", "隠れた文です", "> 元の文\n> 隠れた文\n> 市は\n> どこにもない"
    )
    set_status({hidden.pk: Status.REJECTED})
    revision = ArticleRevision.objects.get(article=article)
    for at, (verdict, fields) in enumerate(
        [
            (
                "verbatim",
                {"source_comment": source, "source_revision": 1, "source_start": 0, "source_end": 3},
            ),
            ("hidden", {"source_comment": hidden, "source_revision": 1, "source_start": 0, "source_end": 4}),
            (
                "folded",
                {"article_revision": revision, "article_field": "body", "source_start": 0, "source_end": 2},
            ),
            ("missing", {}),
        ]
    ):
        Quote.objects.create(
            comment=comment,
            article=article,
            revision=1,
            start=at * 7,
            end=at * 7 + 6,
            verdict=verdict,
            **fields,
        )
    quotes = listed(publisher, article)["results"][-1]["quotes"]
    assert [(quote["start"], quote["end"], quote["verdict"]) for quote in quotes] == [
        (0, 6, "verbatim"), (7, 13, "hidden"), (14, 20, "folded"), (21, 27, "missing"),
    ]  # fmt: skip
    assert [quote["source"] for quote in quotes] == [
        {
            "kind": "comment",
            "id": str(source.public_id),
            "field": "body",
            "revision": 1,
            "start": 0,
            "end": 3,
        },
        None,
        {"kind": "article", "id": None, "field": "body", "revision": 1, "start": 0, "end": 2},
        None,
    ]


def test_what_an_altered_quote_changed_is_told_of_sources_that_readers_see(
    publisher: Publisher, article: Article
) -> None:
    source, comment = publish(article, "八億円かかりました。", "> 九億円かかりました。\n高い。")
    difference = {"kind": "number", "quoted": "九", "source": "八", "start": 0, "end": 1, "source_start": 0,
                  "source_end": 1}  # fmt: skip
    world.make_quote(
        comment.pk, start=0, end=12, verdict="altered", source_comment=source,
        source_revision=1, source_start=0, source_end=10, similarity=0.912_345, differences=[difference],
        ambiguous=True, misattributed=True,
    )  # fmt: skip

    def quote() -> dict[str, Any]:
        (told,) = listed(publisher, article)["results"][-1]["quotes"]
        return {name: told[name] for name in ("similarity", "differences", "ambiguous", "misattributed")}

    seen = {"ambiguous": True, "misattributed": True, "similarity": 0.9123,
            "differences": [{"kind": "number", "quoted": "九", "source": "八"}]}  # fmt: skip
    unseen: dict[str, Any] = {"ambiguous": True, "misattributed": True, "similarity": None, "differences": []}
    assert quote() == seen
    # Readers still see the first text, and it is the one that was quoted.
    edit(source, "十億円かかりました。", now=world.NOON)
    assert quote() == seen
    Quote.objects.update(source_revision=2)
    assert quote() == unseen
    set_status({source.pk: Status.REJECTED})
    assert quote() == unseen


@pytest.mark.parametrize(("order", "sign"), [("oldest", 1), ("newest", -1)])
def test_pages_hold_every_comment_once_and_in_order(
    publisher: Publisher, article: Article, order: str, sign: int
) -> None:
    received = [
        world.send(article, f"同じ時刻の{at}", now=world.NOON + timedelta(minutes=at // 4))
        for at in range(11)
    ]
    set_status({one.comment_id: Status.PUBLISHED for one in received})
    page = listed(publisher, article, order=order, limit=3)
    seen = page["results"]
    while page["next"]:
        page = publisher.get(page["next"]).json()
        seen += page["results"]
    assert [one["body"] for one in seen] == [f"同じ時刻の{at}" for at in range(11)][::sign]
    assert all(a["posted_at"] <= b["posted_at"] for a, b in pairwise(seen[::sign]))


def test_a_comment_that_arrives_between_two_pages_shifts_none(publisher: Publisher, article: Article) -> None:
    publish(article, "一", "二", "三")
    page = listed(publisher, article, order="newest", limit=2)
    publish(article, "割り込み")
    assert [one["body"] for one in publisher.get(page["next"]).json()["results"]] == ["割り込み", "一"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"order": "best"}, "order"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "１"}, "limit"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "b8AAAAAAAAAAAAAAAAAAAAA"}, "cursor"),
        ({"cursor": "b3////////////////////8"}, "cursor"),
        ({"cursor": "港"}, "cursor"),
        ({"cursor": "a" * 5_000}, "cursor"),
        ({"limti": "9"}, "limti"),
        ({"article": ""}, "article"),
        ({"article_url": "https://example.com/1"}, "article"),
        ({"article": "", "article_url": "ftp://example.com/"}, "article_url"),
    ],
)
def test_a_bad_parameter_is_named(
    publisher: Publisher, article: Article, query: dict[str, str], name: str
) -> None:
    (error,) = problem(
        publisher.get(COMMENTS, **{"article": article.external_id, **query}), 400, "bad-parameter"
    )["errors"]
    assert error["field"] == name


def test_a_cursor_serves_its_own_order_alone(publisher: Publisher, article: Article) -> None:
    publish(article, "一", "二", "三")
    following = listed(publisher, article, limit=1)["next"]
    problem(publisher.get(f"{following}&order=newest"), 400, "bad-parameter")


def test_an_article_is_found_by_any_url(publisher: Publisher, site: Site, article: Article) -> None:
    publish(article, "見つかった")
    put_article(
        ArticleDraft(external_id=article.external_id or "", url="https://example.com/new", body="x"), site
    )
    for url in (article.url, "https://EXAMPLE.com/new#top"):
        assert len(publisher.get(COMMENTS, article_url=url).json()["results"]) == 1


def test_the_number_of_queries_does_not_grow(
    publisher: Publisher, article: Article, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def fill(bodies: list[str]) -> None:
        for comment in publish(article, *bodies):
            Quote.objects.create(
                comment=comment, article=article, revision=1, start=0, end=1, verdict="missing"
            )
            edit(comment, "直した", now=world.NOON)

    fill(["一つ"])
    # The key, the article, its comments, their quotes, the texts before an edit.
    with django_assert_num_queries(5):
        listed(publisher, article)
    fill([f"{at}番" for at in range(30)])
    with django_assert_num_queries(5):
        assert len(listed(publisher, article)["results"]) == 31


# --- other sites ------------------------------------------------------------


def requests(article: Article, comment: Comment) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """For every view of the API, requests that name what belongs to the site of `article`."""
    named = f"?article={article.external_id}"
    body = {"article": article.external_id, "body": "よそから"}
    return {
        "api-articles": [
            ("GET", ARTICLES + named, {}),
            ("GET", f"{ARTICLES}?article_url={article.url}", {}),
        ],
        "api-comments": [
            ("GET", COMMENTS + named, {}),
            ("GET", f"{COMMENTS}?article_url={article.url}", {}),
            ("POST", COMMENTS, body),
            ("POST", COMMENTS, {"article_url": article.url, "body": "よそから"}),
        ],
        "api-check": [
            ("POST", f"{COMMENTS}check/", body),
            ("POST", f"{COMMENTS}check/", {"article_url": article.url, "body": "よそから"}),
        ],
        "api-comment": [("GET", f"{COMMENTS}{comment.public_id}/", {})],
    }


def api_views() -> set[str]:
    """The names of all views that need a key."""
    open_to_all = {"schema", "docs"}

    def walk(patterns: list[Any], prefix: str) -> list[tuple[str, URLPattern]]:
        found: list[tuple[str, URLPattern]] = []
        for pattern in patterns:
            route = prefix + str(pattern.pattern).removeprefix("^")
            found += (
                walk(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else [(route, pattern)]
            )
        return found

    named = walk(get_resolver().url_patterns, "")
    return {str(one.name) for route, one in named if route.startswith("api/v1/")} - open_to_all


def test_a_key_opens_nothing_of_another_site(article: Article) -> None:
    (comment,) = publish(article, "うちの人")
    stranger = Publisher(world.make_site("yugiri"))
    walked = requests(article, comment)
    # The token of a form says nothing of what any site has.
    assert walked.keys() == api_views() - {"api-form-token"}
    for asked in walked.values():
        for method, path, body in asked:
            theirs = stranger.post(path, **body) if body else stranger.get(path)
            nowhere = {404: "not-found", 422: "refused"}
            problem(theirs, theirs.status_code, nowhere[theirs.status_code])
            assert theirs.status_code == (422 if method == "POST" else 404)
    assert Comment.objects.count() == 1


def test_what_is_there_elsewhere_looks_like_what_is_nowhere(article: Article) -> None:
    (comment,) = publish(article, "うちの人")
    other = world.make_site("yugiri")
    stranger = Publisher(other)
    unknown = "0197c1f0-0000-7000-8000-000000000000"
    there = stranger.get(f"{COMMENTS}{comment.public_id}/").content
    assert there == stranger.get(f"{COMMENTS}{unknown}/").content
    own = world.make_article(other).external_id
    parents = [
        stranger.post(article=own, body="返信", parent=parent).content.replace(parent.encode(), b"?")
        for parent in (str(comment.public_id), unknown)
    ]
    assert parents[0] == parents[1]


def test_an_id_may_be_used_at_two_sites(article: Article) -> None:
    stranger = Publisher(world.make_site("yugiri"))
    assert stranger.put(id=article.external_id, url=article.url, body="同じ番号").status_code == 201
    article.refresh_from_db()
    assert article.body != "同じ番号"
