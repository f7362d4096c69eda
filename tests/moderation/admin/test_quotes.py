"""Quotes on the desk: beside their sources, in their context, and who quotes whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from comments.articles import put_article
from comments.drafts import ArticleDraft
from comments.models import Article, Comment, Site, Status
from comments.services import Received, edit
from comments.statuses import set_status
from moderation.admin.beside import Beside, likeness, marks_of_quote, wording_of
from moderation.admin.highlight import Segment
from moderation.models import Quote
from moderation.quotes import find
from moderation.services import screen
from tests import newsroom, world
from tests.newsroom import ALTERED, TRUE, case_of, misquote
from tests.world import NOON, send, stored

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
    client.force_login(newsroom.make_person(site, "mori", "Moderator"))
    return client


def case_page(client: Client, received: Received) -> Any:
    return client.get(reverse("desk:case", args=[case_of(received).pk]))


def quotes_on(page: Any) -> list[Beside]:
    found: list[Beside] = page.context["card"].quotes
    return found


def kinds(segments: tuple[Segment, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(segment.text, segment.kinds) for segment in segments if segment.marks]


def text_of(page: Any) -> str:
    assert page.status_code == 200
    return str(page.content.decode())


# --- side by side -----------------------------------------------------------


def test_an_altered_quote_shows_what_differs_on_both_sides(article: Article, moderator: Client) -> None:
    page = case_page(moderator, misquote(article))
    (quote,) = quotes_on(page)
    assert kinds(quote.passage) == [("八十四", ("inserted",)), ("なわない", ("inserted",))]
    assert [text for text, which in kinds(quote.source) if "deleted" in which] == ["四十八", "なう"]
    assert "".join(text for text, which in kinds(quote.source) if "source" in which) == TRUE
    assert (quote.good, quote.likeness, quote.where) == (False, "86 %", "記事の中")
    # The gravest first, whatever the order of the text.
    assert [(each.words, each.source, each.quoted) for each in quote.differences] == [
        ("否定が変わっている", "なう", "なわない"),
        ("数が違う", "四十八", "八十四"),
    ]
    text = text_of(page)
    assert '<ins class="mark-inserted " title="数が違う">八十四' in text
    assert '<span class="hidden-visually"> [数が違う] </span></del>' in text
    assert "一致度86 %" in text


def test_the_words_are_those_of_the_readers_language(article: Article, moderator: Client) -> None:
    moderator.cookies["django_language"] = "en"
    text = text_of(case_page(moderator, misquote(article)))
    assert "negation changed" in text
    assert "86 % alike" in text
    assert "In the article" in text


def test_words_that_one_side_lacks_are_a_gap_in_it(article: Article, moderator: Client) -> None:
    sent = misquote(article)
    at = article.body.index("約四十八")
    Quote.objects.update(
        differences=[
            {"kind": "omitted", "quoted": "", "source": "約", "start": 5, "end": 5,
             "source_start": at, "source_end": at + 1},
            {"kind": "added", "quoted": "国の", "source": "", "start": ALTERED.index("国の"),
             "end": ALTERED.index("国の") + 2, "source_start": at + 4, "source_end": at + 4},
        ]
    )  # fmt: skip
    page = case_page(moderator, sent)
    (quote,) = quotes_on(page)
    assert kinds(quote.passage) == [("", ("gap",)), ("国の", ("inserted",))]
    assert ("約", ("source", "deleted")) in kinds(quote.source)
    assert ("", ("gap",)) in kinds(quote.source)
    assert (
        '<span class="gap" title="言葉が抜けている"><span class="hidden-visually">[言葉が抜けている]'
        in text_of(page)
    )


def test_a_false_name_is_told_and_marks_nothing(article: Article, moderator: Client) -> None:
    sent = misquote(article)
    Quote.objects.update(
        misattributed=True,
        ambiguous=True,
        differences=[{"kind": "attribution", "quoted": "沢井", "source": "みどり", "start": 0, "end": 0,
                      "source_start": 0, "source_end": 0}],
    )  # fmt: skip
    page = case_page(moderator, sent)
    (quote,) = quotes_on(page)
    assert kinds(quote.passage) == []
    assert {which for _, which in kinds(quote.source)} == {("source",)}
    text = text_of(page)
    for words in ("別の人の発言とされている", "示された人の発言ではない", "同じ言葉が複数か所にあり"):
        assert words in text


def test_what_readers_typed_is_escaped_in_quotes_and_differences(article: Article, moderator: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    sent = send(article, f"> {evil}総事業費は約四十八億円で\nと。", author_name=evil, now=NOON)
    screen(now=lambda: NOON)
    again = send(
        article, f"> {evil}総事業費は約四十八億円で\n", author_name="", now=NOON + timedelta(minutes=1)
    )
    screen(now=lambda: NOON + timedelta(minutes=1))
    Quote.objects.filter(comment=again.comment_id).delete()
    quote = world.make_quote(
        again.comment_id, start=0, end=40, verdict="altered", misattributed=True,
        source_comment_id=sent.comment_id, source_revision=1, source_start=0, source_end=40, similarity=0.9,
        differences=[{"kind": "name", "quoted": evil, "source": evil, "start": 0, "end": len(evil),
                      "source_start": 2, "source_end": 2 + len(evil)}],
    )  # fmt: skip
    pages = [
        case_page(moderator, again),
        moderator.get(reverse("desk:place", args=[quote.pk])),
        moderator.get(reverse("desk:quoted", args=[sent.comment_id])),
        moderator.get(reverse("admin:comments_comment_change", args=[again.comment_id])),
    ]
    for page in pages:
        assert "<img src=x" not in text_of(page)
        assert "&lt;img src=x" in text_of(page)


BODY = "前置き\n> 一行目です。\n>> 二行目です。\n> 三行目です。\n終わり"


@pytest.mark.parametrize(
    ("piece", "wording"),
    [
        ("> 一行目です。", "一行目です。"),
        (">> 二行目です。", "二行目です。"),
        ("行目です。", "行目です。"),
        ("終わり", "終わり"),
    ],
)
def test_a_quote_is_shown_without_its_markers(piece: str, wording: str) -> None:
    start = BODY.index(piece)
    assert wording_of(BODY, find(BODY), start, start + len(piece)) == wording


def test_the_lines_of_a_block_are_shown_without_theirs() -> None:
    body = "> 一行目です。\n> 二行目です。\n> 三行目です。"
    assert wording_of(body, find(body), 0, len(body)) == "一行目です。\n二行目です。\n三行目です。"
    assert wording_of(body, find(body), 9, len(body)) == "二行目です。\n三行目です。"


def test_a_difference_that_is_not_where_it_should_be_is_not_marked() -> None:
    shifted = {"kind": "number", "quoted": "八", "source": "九", "start": 7, "end": 8}
    assert marks_of_quote("費用は八億円です。", [shifted]) == []
    (mark,) = marks_of_quote("費用は八億円です。", [shifted | {"start": 3, "end": 4}])
    with translation.override("en"):
        assert (mark.kind, mark.start, mark.end) == ("inserted", 3, 4)


@pytest.mark.parametrize(("similarity", "shown"), [(0, ""), (1, ""), (0.999, "99 %"), (0.5, "50 %")])
def test_what_is_not_the_same_is_never_alike_to_the_last(similarity: float, shown: str) -> None:
    assert likeness(Quote(similarity=similarity)) == shown


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_many_quotes_cost_no_more_queries_than_few(article: Article, moderator: Client) -> None:
    sent = misquote(article)
    paths = [
        reverse("desk:case", args=[case_of(sent).pk]),
        reverse("desk:quoted", args=[sent.comment_id]),
        reverse("admin:comments_comment_change", args=[sent.comment_id]),
    ]
    others = [misquote(article, by=f"{at}人目") for at in range(2)]
    quote_of(others[0], sent)
    few = [queries(moderator, path) for path in paths]
    kept = Quote.objects.get(comment=sent.comment_id)
    for _ in range(20):
        kept.pk = None
        kept.save()
    for other in others * 8:
        quote_of(other, sent)
        world.make_quote(
        sent.comment_id, start=0, end=9, verdict="verbatim",
            source_comment_id=other.comment_id, source_revision=1, source_start=0, source_end=5,
        )  # fmt: skip
    assert [queries(moderator, path) for path in paths] == few


# --- the place --------------------------------------------------------------


def quote_of(by: Received, source: Received, **fields: Any) -> Quote:
    """That one comment quotes another, with its first ten characters."""
    return world.make_quote(
        by.comment_id,
        **{
            "start": 0, "end": 10, "verdict": "verbatim",
            "source_comment_id": source.comment_id, "source_revision": 1, "source_start": 0, "source_end": 10,
            **fields,
        }
    )  # fmt: skip


def test_the_place_is_shown_in_the_revision_that_was_quoted(article: Article, moderator: Client) -> None:
    sent = misquote(article)
    put_article(
        ArticleDraft(
            external_id=article.external_id or "", url=article.url, title=article.title, body="書き直した。"
        ),
        article.site,
    )
    page = case_page(moderator, sent)
    (quote,) = quotes_on(page)
    assert quote.where == "記事の中 (第1版、差し替え済み)"
    assert quote.place.endswith("#place")
    place = moderator.get(quote.place)
    text = text_of(place)
    shown = place.context["place"]
    parts = (*shown.before, *shown.passage, *shown.after)
    assert "".join(each.text for each in parts) == article.body
    assert "".join(each.text for each in shown.passage) == TRUE
    assert '<span id="place" class="place" tabindex="-1"><mark class="mark-source ">総事業費は約' in text
    assert "いま読者が見ているのは第2版です" in text
    assert "書き直した。" not in text


def test_the_place_in_a_title(article: Article, moderator: Client) -> None:
    sent = misquote(article)
    Quote.objects.update(article_field="title", source_start=0, source_end=5, differences=[])
    (quote,) = quotes_on(case_page(moderator, sent))
    assert quote.where == "記事の見出し"
    text = text_of(moderator.get(quote.place))
    assert '<h2 id="article-title" dir="auto"><span id="place" class="place" tabindex="-1"><mark' in text


def test_the_place_in_a_comment_is_in_the_text_that_was_quoted(article: Article, moderator: Client) -> None:
    source = send(article, "開館は夜九時までと聞きました。", author_name="みどり")
    sent = misquote(article)
    quote = quote_of(sent, source, source_start=3, source_end=8)
    path = reverse("desk:place", args=[quote.pk])
    assert "書き直しています" not in text_of(moderator.get(path))
    edit(Comment.objects.get(pk=source.comment_id), "消しました。", now=NOON)
    page = moderator.get(path)
    assert "書き直しています" in text_of(page)
    assert [each.text for each in page.context["place"].passage] == ["夜九時まで"]
    assert "消しました" not in text_of(page)


@pytest.mark.parametrize("end", [3, 99, 0])
def test_a_place_that_its_text_does_not_have_breaks_nothing(
    article: Article, moderator: Client, end: int
) -> None:
    source = send(article, "短い")
    quote = quote_of(misquote(article), source, source_start=1, source_end=end)
    assert moderator.get(reverse("desk:place", args=[quote.pk])).status_code == 200


def test_a_quote_without_a_source_has_no_place(article: Article, moderator: Client) -> None:
    sent = misquote(article)
    Quote.objects.update(source_start=None, source_end=None, article_revision=None, verdict="missing")
    page = case_page(moderator, sent)
    assert quotes_on(page)[0].place == ""
    assert "前後の文脈の中で見る" not in text_of(page)
    assert moderator.get(reverse("desk:place", args=[Quote.objects.latest("pk").pk])).status_code == 404


def test_who_may_not_see_quotes_gets_no_page_of_them(article: Article, site: Site, client: Client) -> None:
    quote = quote_of(misquote(article), send(article, "ひとの意見です、十文字以上。"))
    client.force_login(newsroom.make_person(site, "guest"))
    for name, key in (("place", quote.pk), ("quoted", quote.comment_id)):
        assert client.get(reverse(f"desk:{name}", args=[key])).status_code == 403


# --- who quotes -------------------------------------------------------------


def test_who_was_named_falsely_is_told_on_every_page(article: Article, moderator: Client) -> None:
    source = send(article, "開館は夜九時までと聞きました。", author_name="みどり")
    quote = quote_of(misquote(article), source, source_start=3, source_end=8, misattributed=True)
    for page in (
        moderator.get(reverse("desk:place", args=[quote.pk])),
        moderator.get(reverse("desk:quoted", args=[source.comment_id])),
    ):
        assert "示された人の発言ではない" in text_of(page)
        assert '<span class="tag bad">一字一句同じ</span>' in text_of(page)


def test_those_who_quote_a_comment_are_listed(article: Article, moderator: Client) -> None:
    source = misquote(article)
    page = case_page(moderator, source)
    assert page.context["card"].quoting.quotes == []
    assert "このコメントを引用しているものはありません" in text_of(page)

    true, false = misquote(article, by="正直者"), misquote(article, by="うっかり者")
    quote_of(true, source)
    quote_of(false, source, verdict="altered", start=2)
    path = reverse("desk:quoted", args=[source.comment_id])
    text = text_of(moderator.get(path))
    assert text.index("うっかり者") < text.index("正直者")
    assert "うっかり者" in text_of(case_page(moderator, source)).split('id="quoted-title"')[1]
    listed = moderator.get(path).context["quoting"].quotes
    assert [(each.quote.verdict, each.good, each.passage) for each in listed] == [
        ("altered", False, ALTERED[:8]),
        ("verbatim", True, ALTERED[:8]),
    ]


def test_what_an_edit_has_dropped_quotes_nobody(article: Article, moderator: Client) -> None:
    source, by = misquote(article), misquote(article, by="迷う人")
    quote_of(by, source)
    edit(Comment.objects.get(pk=by.comment_id), "引用をやめました。", now=NOON)
    assert moderator.get(reverse("desk:quoted", args=[source.comment_id])).context["quoting"].quotes == []


def test_a_long_list_is_paged(article: Article, moderator: Client) -> None:
    source, by = misquote(article), misquote(article, by="引用好き")
    made = [quote_of(by, source).pk for _ in range(60)]
    path = reverse("desk:quoted", args=[source.comment_id])
    first = moderator.get(path).context["quoting"]
    second = moderator.get(path, {"after": first.after}).context["quoting"]
    assert [each.quote.pk for page in (first, second) for each in page.quotes] == made[::-1]
    # The same comments in the same order though their quotes were traced, and so written, anew.
    quote_of(misquote(article, by="新しい人"), source)
    assert [
        each.quote.pk for each in moderator.get(path, {"after": first.after}).context["quoting"].quotes
    ] == [each.quote.pk for each in second.quotes]
    assert second.after == ""
    for nonsense in ("x", "²", "9" * 40, "-", "1-", "-1", "1-x"):
        assert len(moderator.get(path, {"after": nonsense}).context["quoting"].quotes) == 50
    panel = case_page(moderator, source).context["card"].quoting
    assert (len(panel.quotes), bool(panel.after)) == (5, True)


def test_an_empty_list_says_what_it_means(article: Article, moderator: Client) -> None:
    text = text_of(moderator.get(reverse("desk:quoted", args=[misquote(article).comment_id])))
    assert "このコメントの言葉を引用したコメントが" in text


# --- references -------------------------------------------------------------


def test_references_are_told_with_the_comments_that_are_meant(article: Article, moderator: Client) -> None:
    known = send(article, "一番目の意見です。", author_name="みどり")
    Comment.objects.filter(pk=known.comment_id).update(number=1)
    sent = send(article, ">>1 と >>99 は違うと思います。>>1", author_name="", now=NOON + timedelta(minutes=1))
    later = send(article, "あとから", now=NOON + timedelta(minutes=2))
    screen(now=lambda: NOON + timedelta(minutes=3))
    Comment.objects.filter(pk=later.comment_id).update(number=99)
    page = case_page(moderator, sent)
    found = page.context["card"].references
    assert [(each.number, each.verdict, each.good) for each in found] == [
        (1, "該当するコメントがある", True),
        (99, "その時点ではまだなかったコメント", False),
    ]
    assert [each.comment.pk for each in found] == [known.comment_id, later.comment_id]
    Comment.objects.filter(pk=later.comment_id).update(number=98)
    for page in (
        case_page(moderator, sent),
        moderator.get(reverse("admin:comments_comment_change", args=[sent.comment_id])),
    ):
        text = text_of(page)
        assert "&gt;&gt;99" in text
        assert "その番号のコメントはない" in text
        assert "一番目の意見です。" in text


def test_many_references_cost_no_more_queries_than_few(article: Article, moderator: Client) -> None:
    for number in range(1, 21):
        known = send(article, f"{number}番目です", now=NOON + timedelta(seconds=number))
        Comment.objects.filter(pk=known.comment_id).update(number=number)
    few, many = (
        send(article, body, now=NOON + timedelta(minutes=1))
        for body in (">>1 です", " ".join(f">>{number}" for number in range(1, 21)))
    )
    pages = [reverse("admin:comments_comment_change", args=[each.comment_id]) for each in (few, many)]
    assert moderator.get(pages[1]).content.decode().count('class="number"') == 20
    counts = [queries(moderator, page) for page in pages]
    assert counts[0] == counts[1]


# --- the archive's page -----------------------------------------------------


def test_the_page_of_a_comment_shows_its_quotes_and_who_quotes_it(
    article: Article, moderator: Client
) -> None:
    sent, by = misquote(article), misquote(article, by="引用者")
    quote_of(by, sent)
    text = text_of(moderator.get(reverse("admin:comments_comment_change", args=[sent.comment_id])))
    assert '<ins class="mark-inserted " title="数が違う">八十四' in text
    assert "引用者" in text
    plain = send(article, "静かなものです。")
    text = text_of(moderator.get(reverse("admin:comments_comment_change", args=[plain.comment_id])))
    assert "引用はありません" in text


def test_an_inferred_parent_is_told_as_such(article: Article, moderator: Client) -> None:
    source, sent = misquote(article, by="先の人"), misquote(article)
    Comment.objects.filter(pk=sent.comment_id).update(
        parent=source.comment_id, parent_how="quote", parent_sure=60
    )
    assert "引用から推定 · 確からしさ60％" in text_of(case_page(moderator, sent))
    assert "(引用から, 60 %)" in text_of(
        moderator.get(reverse("admin:comments_comment_change", args=[sent.comment_id]))
    )
    # The replies of the other one tell it, too.
    set_status({source.comment_id: Status.HELD})
    Comment.objects.filter(pk=source.comment_id).update(author_name="")
    assert "引用から推定" in text_of(case_page(moderator, source))
    Comment.objects.filter(pk=sent.comment_id).update(parent_how="given")
    assert "推定" not in text_of(case_page(moderator, sent))
    assert stored(sent).parent_id == source.comment_id
