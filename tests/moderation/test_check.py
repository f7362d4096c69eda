"""`POST /api/v1/comments/check/`: what would become of a comment, and nothing stored."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.utils import timezone

from comments import redis_client
from comments.models import Article, Comment, Floor, Site, Status
from comments.services import edit
from comments.statuses import set_status
from moderation import forecast
from moderation.models import Case, Reason, WordList
from moderation.quotes import Difference, DifferenceKind, Quoted, Source, Traced, Verdict, find
from moderation.rules import save_word_list
from moderation.services import Wanted, decide, screen
from moderation.shown_quotes import Shown
from tests import newsroom, world
from tests.publisher import COMMENTS, Publisher, problem
from tests.world import NOON

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

# Where the tracer is asked: what it would say of an altered quote is put in its mouth.
TRACE_BLOCKS = "moderation.tracing.trace_blocks"
CHECK = f"{COMMENTS}check/"
FEE = "費用は百二十億円に上る。"


@pytest.fixture
def publisher(site: Site) -> Publisher:
    """The server of the site."""
    return Publisher(site)


def check(publisher: Publisher, article: Article, body: str, **fields: Any) -> dict[str, Any]:
    response = publisher.post(CHECK, article=article.external_id, body=body, **fields)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def published(article: Article, body: str, **fields: Any) -> Comment:
    received = world.send(article, body, **fields)
    set_status({received.comment_id: Status.PUBLISHED})
    return world.stored(received)


# --- the verdict ------------------------------------------------------------


def test_a_comment_that_nothing_stops_would_be_published(publisher: Publisher, article: Article) -> None:
    world.make_rule("links", action="hold")
    assert check(publisher, article, "楽しみです。") == {
        "status": "published", "causes": [], "reasons": [], "findings": [], "quotes": [],
        "references": [], "parent": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "sentence", "reason"),
    [
        ("ja", "リンクが3個あります（2個まで）。", "宣伝です。"),
        ("en", "Number of links: 3; 2 are allowed.", "Spam."),
    ],
)
def test_it_says_which_rule_would_stop_it_and_where(
    publisher: Publisher, article: Article, language: str, sentence: str, reason: str
) -> None:
    Site.objects.update(language=language)
    world.make_rule("links", action="hold")
    body = "https://a.example/1 https://a.example/2 https://a.example/3"
    answer = check(publisher, article, body)
    assert (answer["status"], answer["causes"]) == ("held", ["rules"])
    assert answer["reasons"] == [{"code": "spam", "text": reason}]
    (finding,) = answer["findings"]
    assert sentence in finding.pop("text")
    assert finding == {
        "reason": "spam",
        "code": "many",
        "action": "hold",
        "spans": [{"field": "body", "start": at, "end": at + 19} for at in (0, 20, 40)],
    }


def test_what_is_for_staff_alone_is_not_told(publisher: Publisher, article: Article) -> None:
    quiet = Reason.objects.create(slug="quiet", label_ja="内輪", label_en="Quiet")
    world.make_rule("links", params={"most": 0}, action="reject", reason=quiet)
    world.make_rule("links", params={"most": 0}, action="hold", mode="observe")
    answer = check(publisher, article, "https://a.example/")
    assert (answer["status"], answer["causes"], answer["reasons"], answer["findings"]) == (
        "rejected", ["rules"], [], [],
    )  # fmt: skip


def test_which_listed_word_was_hit_is_not_told(publisher: Publisher, article: Article) -> None:
    words = WordList(slug="insults", name="侮辱", words="まぬけ\nとんま")
    save_word_list(words)
    world.make_rule("words", word_list=words, action="hold")
    patterns = ["ま.け", "と.ま"]
    message = "言葉を選んで、もう一度お送りください。"
    world.make_rule("patterns", params={"patterns": patterns}, action="hold", message_ja=message)
    answer = check(publisher, article, "このまぬけが。とんまめ。")
    told = [(each["code"], each["text"], each["spans"]) for each in answer["findings"]]
    assert sorted(told) == [("listed", "宣伝です。", []), ("matched", message, [])]


def test_a_flagged_comment_would_be_published_with_its_finding(
    publisher: Publisher, article: Article
) -> None:
    world.make_rule("links", params={"most": 0}, action="flag")
    answer = check(publisher, article, "https://a.example/")
    assert (answer["status"], answer["reasons"]) == ("published", [])
    assert [finding["action"] for finding in answer["findings"]] == ["flag"]


def test_the_floor_and_missing_rules_are_causes(publisher: Publisher, article: Article) -> None:
    assert check(publisher, article, "意見")["causes"] == ["no-rule-set"]
    world.make_rule("links")
    Article.objects.update(floor=Floor.HOLD_ALL)
    answer = check(publisher, article, "意見")
    assert (answer["status"], answer["causes"]) == ("held", ["floor"])


def test_a_check_that_fails_holds_the_comment(
    publisher: Publisher, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make_rule("links")

    def broken(*_: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("moderation.checks.links.Links.check", broken)
    assert check(publisher, article, "意見")["causes"] == ["check-failed"]


BODIES = {
    "plain": "楽しみにしています。",
    "links": "https://a.example/1 https://a.example/2 https://a.example/3",
    "quote": f"> {FEE}\n高いですね。",
    "misquote": "> 市は港をすべて埋め立てて売却する方針を固めた。\n本当ですか。",
    "again": "同じ文章を二度送る人がいます。気をつけましょう、本当に。",
}


@pytest.mark.parametrize("kind", BODIES)
def test_the_forecast_is_what_the_screening_decides(
    publisher: Publisher, article: Article, kind: str
) -> None:
    world.make_rule("links", action="hold")
    world.make_rule("quotes", action="reject")
    world.make_rule("repeated_text", action="hold")
    world.make_rule("flood", params={"seconds": 60, "author_most": 1, "address_most": 0}, action="hold")
    send = {"body": BODIES[kind], "author_name": "松田", "author_email": "m@mail.example"}
    if kind == "again":
        assert publisher.post(article=article.external_id, **send).status_code == 202
        screen()
    answer = check(publisher, article, **send)
    sent = publisher.post(article=article.external_id, **send).json()
    screen()
    stored = Comment.objects.get(public_id=sent["id"])
    assert answer["status"] == stored.status
    assert [(each["start"], each["end"], each["verdict"]) for each in answer["quotes"]] == list(
        stored.quotes.order_by("start").values_list("start", "end", "verdict")
    )


# --- nothing is stored ------------------------------------------------------


def test_nothing_is_stored(publisher: Publisher, article: Article) -> None:
    world.make_rule("links", params={"most": 0}, action="hold")
    world.make_rule("quotes", action="flag")
    first = published(article, "港の夜景が好きです。船の灯りがきれいなので。", external_id="c1")
    kept = Comment.objects.values().get(pk=first.pk)
    before, version = row_counts(), Article.objects.get().sources_version
    for body in BODIES.values():
        check(publisher, article, body, parent=str(first.public_id), author_id="r7", ip="192.0.2.9")
        check(publisher, article, body, external_id="c1")
        check(publisher, article, body, external_id="new")
    assert row_counts() == before
    assert Article.objects.get().sources_version == version
    assert Comment.objects.values().get(pk=first.pk) == kept


def test_what_could_not_be_sent_cannot_be_checked(publisher: Publisher, article: Article) -> None:
    known = article.external_id
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({"article": known, "body": " "}, 422, "refused"),
        ({"article": "nowhere", "body": "x"}, 422, "refused"),
        ({"article": known, "body": "x", "parent": "01a2038d-9278-7d3e-8b35-e4dfd0a86a56"}, 422, "refused"),
        ({"article": known, "body": "x", "likes": 3}, 422, "refused"),
    ]
    for fields, status, kind in refused:
        told = problem(publisher.post(CHECK, **fields), status, kind)
        assert told["errors"] == problem(publisher.post(**fields), status, kind)["errors"]
    problem(publisher.send("GET", CHECK), 405, "method")
    problem(Publisher(None).post(CHECK, article=known, body="x"), 401, "no-key")
    Article.objects.update(floor=Floor.CLOSED)
    problem(publisher.post(CHECK, article=known, body="x"), 409, "closed")


def empty_buckets() -> None:
    client = redis_client.server(configured.REDIS_URL).client
    for name in client.scan_iter("throttle:*"):
        client.delete(name)


def test_it_is_throttled_apart_from_what_is_sent(
    publisher: Publisher, article: Article, settings: Settings
) -> None:
    empty_buckets()
    settings.THROTTLE_CHECK_CLIENT_ADDRESS = 2
    ask: dict[str, Any] = {"article": article.external_id, "body": "意見", "ip": "192.0.2.55"}
    assert [publisher.post(CHECK, **ask).status_code for _ in range(3)] == [200, 200, 429]
    assert publisher.post(**ask).status_code == 202
    assert publisher.post(CHECK, **ask | {"ip": "192.0.2.56"}).status_code == 200
    empty_buckets()
    settings.THROTTLE_CHECK_SITE_KEY = 1
    assert publisher.post(CHECK, **ask | {"ip": "192.0.2.57"}).status_code == 200
    problem(publisher.post(CHECK, **ask | {"ip": "192.0.2.58"}), 429, "throttled")


def test_it_works_without_redis(publisher: Publisher, article: Article, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert check(publisher, article, f"> {FEE}")["quotes"][0]["verdict"] == "verbatim"


# --- edits ------------------------------------------------------------------


def test_an_edit_is_judged_as_one(publisher: Publisher, article: Article) -> None:
    world.make_rule("repeated_text", params={"least": 5}, action="hold")
    text, by = "自分の文章を直すときは、前の文章と比べられません。", {"author_email": "m@mail.example"}
    comment = published(article, text, external_id="c1", now=timezone.now(), **by)
    assert check(publisher, article, text, external_id="c2", **by)["status"] == "held"
    assert check(publisher, article, text + "追記。", external_id="c1", **by)["status"] == "published"
    assert check(publisher, article, text + " ", external_id="c1", **by)["status"] == "published"
    assert Comment.objects.get(pk=comment.pk).body == text


def test_a_text_that_a_person_decided_stays_as_it_is(publisher: Publisher, article: Article) -> None:
    world.make_rule("links", params={"most": 0}, action="hold")
    received = world.send(article, "https://a.example/", external_id="c1")
    screen(now=lambda: NOON)
    case = Case.objects.get(comment=received.comment_id)
    wanted = Wanted(case.pk, "publish", world.stored(received).version)
    decide([wanted], by=newsroom.make_person(article.site, "mori", "Moderator"), now=NOON)
    answer = check(
        publisher, article, "https://a.example/", external_id="c1",
        author_name="渡し守", author_email="a@example.com",
    )  # fmt: skip
    assert answer["status"] == "published"
    assert check(publisher, article, "https://b.example/", external_id="c1")["status"] == "held"


def test_an_external_id_of_another_article_is_a_disagreement(
    publisher: Publisher, site: Site, article: Article
) -> None:
    world.send(world.make_article(site), "よその記事で", external_id="c1")
    response = publisher.post(CHECK, article=article.external_id, body="こちらで", external_id="c1")
    problem(response, 409, "disagreement")


# --- quotes -----------------------------------------------------------------


def test_a_quote_comes_with_its_source_and_the_words_there(publisher: Publisher, article: Article) -> None:
    world.make_rule("quotes")
    source = published(article, "はじめの人の、長めの意見です。")
    body = f"> {FEE}\n> はじめの人の、長めの意見です。\nなるほど。"
    first, second = check(publisher, article, body, parent=str(source.public_id))["quotes"]
    at = article.body.index(FEE)
    assert first == {
        "start": 0,
        "end": 2 + len(FEE),
        "verdict": "verbatim",
        "text": "一字一句同じ",
        "source": {
            "kind": "article", "id": None, "revision": 1, "field": "body", "start": at, "end": at + len(FEE),
        },
        "passage": FEE,
        "similarity": 1.0,
        "differences": [],
        "ambiguous": False,
        "misattributed": False,
    }  # fmt: skip
    assert second["source"]["id"] == str(source.public_id)
    assert second["passage"] == "はじめの人の、長めの意見です。"


SECRET = "内緒の番地は三丁目の角の青い家です。"


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.HELD, Status.REJECTED])
def test_a_text_that_readers_do_not_see_is_not_told(
    publisher: Publisher, article: Article, status: Status
) -> None:
    world.make_rule("quotes")
    hidden = world.send(article, f"前置き。{SECRET}", author_email="hidden@mail.example", author_name="匿名A")
    if status != Status.RECEIVED:
        set_status({hidden.comment_id: status}, hidden_or_shown=[article.pk])
    answer = check(publisher, article, f"> {SECRET}\nと聞きました。")
    (quote,) = answer["quotes"]
    assert quote["verdict"] in set(Verdict)
    assert (quote["source"], quote["passage"], quote["similarity"], quote["differences"]) == (
        None, None, None, [],
    )  # fmt: skip
    told = json.dumps(answer, ensure_ascii=False)
    for secret in (SECRET, str(hidden.public_id), "hidden@mail.example", "匿名A"):
        assert secret not in told


def test_an_edit_that_waits_is_not_told(publisher: Publisher, article: Article) -> None:
    world.make_rule("quotes")
    comment = published(article, "見てよい文章です、どうぞ。")
    edit(comment, SECRET, now=NOON)
    (quote,) = check(publisher, article, f"> {SECRET}")["quotes"]
    assert (quote["source"], quote["passage"]) == (None, None)


def altered(source: Source, body: str) -> Traced:
    (quoted,) = find(body)
    return Traced(
        quoted, Verdict.ALTERED, source, 0, len(source.text), similarity=0.912_345, misattributed=True,
        differences=(
            Difference(DifferenceKind.NUMBER, "九", "八", 3, 4, 3, 4),
            Difference(DifferenceKind.OMITTED, "", "すでに", 5, 5, 5, 8),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("language", "word"), [("ja", "数が違う"), ("en", "number changed")])
def test_an_altered_quote_is_told_with_its_differences(
    publisher: Publisher, article: Article, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    Site.objects.update(language=language)
    world.make_rule("quotes")
    comment = published(article, "費用は八億円すでに払った。")
    source = Source("comment", comment.pk, 1, "body", comment.body)
    body = "えっ\n> 費用は九億円払った。"
    monkeypatch.setattr(TRACE_BLOCKS, lambda *_, **__: (altered(source, body),))
    (quote,) = check(publisher, article, body)["quotes"]
    assert (quote["verdict"], quote["similarity"], quote["misattributed"]) == ("altered", 0.9123, True)
    assert quote["passage"] == comment.body
    number, omitted = quote["differences"]
    assert number == {
        "kind": "number", "text": word, "quoted": "九", "source": "八", "start": 8, "end": 9,
    }  # fmt: skip
    assert body[8:9] == "九"
    assert (omitted["start"], omitted["end"], omitted["quoted"]) == (10, 10, "")

    # The same, when the source is not for readers.
    set_status({comment.pk: Status.REJECTED})
    (quote,) = check(publisher, article, body)["quotes"]
    assert (quote["verdict"], quote["similarity"], quote["differences"]) == ("altered", None, [])
    assert "八" not in json.dumps(quote, ensure_ascii=False)


@pytest.mark.parametrize(("status", "told"), [(Status.PUBLISHED, True), (Status.REJECTED, False)])
def test_a_finding_counts_no_differences_from_what_readers_do_not_see(
    publisher: Publisher, article: Article, monkeypatch: pytest.MonkeyPatch, status: Status, told: bool
) -> None:
    world.make_rule("quotes", params={"least": 1, "tell": ["altered"]}, action="flag")
    comment = published(article, "費用は八億円すでに払った。")
    body = "> 費用は九億円払った。"
    source = Source("comment", comment.pk, 1, "body", comment.body)
    monkeypatch.setattr(TRACE_BLOCKS, lambda *_, **__: (altered(source, body),))
    set_status({comment.pk: status})
    (finding,) = check(publisher, article, body)["findings"]
    if told:
        assert (finding["code"], "91" in finding["text"]) == ("altered-number", True)
    else:
        assert (finding["code"], finding["text"]) == ("altered", "出典に近いが、語が異なる")


# --- the thread -------------------------------------------------------------


def numbered(article: Article, *bodies: str) -> list[Comment]:
    comments = [published(article, body, now=NOON + timedelta(seconds=at)) for at, body in enumerate(bodies)]
    for number, comment in enumerate(comments, start=1):
        Comment.objects.filter(pk=comment.pk).update(number=number)
    return comments


def test_references_are_resolved(publisher: Publisher, article: Article) -> None:
    first, second = numbered(article, "一番目です", "二番目です")
    late = published(article, "まだない", now=timezone.now() + timedelta(days=1))
    Comment.objects.filter(pk=late.pk).update(number=3)
    set_status({second.pk: Status.REJECTED})
    answer = check(publisher, article, ">>1 >>2\n>>3 と >>99 はどうですか")
    assert [(each["start"], each["end"], each["number"]) for each in answer["references"]] == [
        (0, 3, 1), (4, 7, 2), (8, 11, 3), (14, 18, 99),
    ]  # fmt: skip
    assert [(each["verdict"], each["id"]) for each in answer["references"]] == [
        ("resolved", str(first.public_id)), ("resolved", None), ("later", str(late.public_id)),
        ("dangling", None),
    ]  # fmt: skip
    assert answer["references"][3]["text"] == "その番号のコメントはない"


def test_numbers_of_other_articles_are_none_of_ours(
    publisher: Publisher, site: Site, article: Article
) -> None:
    numbered(world.make_article(site), "よその一番目です")
    assert check(publisher, article, ">>1 です")["references"][0]["verdict"] == "dangling"


def test_the_given_parent_is_told(publisher: Publisher, article: Article) -> None:
    (first,) = numbered(article, "一番目です")
    answer = check(publisher, article, "同感です", parent=str(first.public_id))
    assert answer["parent"] == {"id": str(first.public_id), "how": "given", "sure": None}


def test_a_parent_is_inferred_from_a_reference(publisher: Publisher, article: Article) -> None:
    _, second = numbered(article, "一番目です", "二番目です")
    parent = check(publisher, article, ">>2\n同感です")["parent"]
    assert (parent["id"], parent["how"]) == (str(second.public_id), "reference")


def test_a_parent_is_inferred_from_a_quote(publisher: Publisher, article: Article) -> None:
    first, _ = numbered(article, "一番目の、やや長めの意見です。", "二番目の、やや長めの意見です。")
    body = "> 一番目の、やや長めの意見です。\n同感です"
    parent = check(publisher, article, body)["parent"]
    assert (parent["id"], parent["how"]) == (str(first.public_id), "quote")
    assert 0 < parent["sure"] <= 100
    # A comment that readers do not see is nobody's parent.
    set_status({first.pk: Status.REJECTED}, hidden_or_shown=[article.pk])
    assert check(publisher, article, body)["parent"] is None


def test_a_difference_over_the_end_of_a_line_ends_on_its_last_character() -> None:
    body = "> 一行目の終わり\n> 二行目"
    (quoted,) = find(body)
    traced = Traced(quoted, Verdict.ALTERED, Source("comment", 1, 1, "body", "x"))
    told = forecast._difference(Difference(DifferenceKind.WORDING, "終わり", "始まり", 4, 7), traced)
    assert body[told["start"] : told["end"]] == "終わり"


def test_a_long_passage_is_cut() -> None:
    source = Source("article", 1, 1, "body", "長" * 5_000)
    traced = Traced(Quoted(0, 1, "長"), Verdict.VERBATIM, source, 0, 5_000)
    told = forecast._quote(traced, Shown({}, {1: 1}))
    assert len(told["passage"]) == 1_000


def test_the_number_of_queries_does_not_grow(
    publisher: Publisher, article: Article, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for check_slug in ("links", "quotes", "repeated_text", "flood"):
        world.make_rule(check_slug, action="hold")
    bodies = [f"{at}人目の、やや長めの意見をここに書きます。" for at in range(20)]
    for at, body in enumerate(bodies):
        published(article, body, now=NOON + timedelta(seconds=at))
    fields = {"author_email": "m@mail.example", "author_verified": True, "ip": "192.0.2.4"}
    few, many = (f"> {FEE}\n" + "".join(f"> {body}\nうん\n" for body in bodies[:most]) for most in (1, 20))
    check(publisher, article, few, **fields)
    with django_assert_num_queries(COUNT):
        check(publisher, article, few, **fields)
    with django_assert_num_queries(COUNT):
        assert len(check(publisher, article, many, **fields)["quotes"]) == 21


# The key and the article, the article's terms, the rule set, the author's times and the address's,
# copies, the author's standing, the sources, then what of them is told and the reasons.
COUNT = 10
