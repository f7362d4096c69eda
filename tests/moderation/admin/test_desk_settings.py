"""Settings of a person: language, keys and blur, wherever he logs in."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml.html import HtmlElement, fromstring, tostring

from comments.models import Article, Comment, Site
from moderation.admin.veiling import veils_for
from moderation.models import Case, Decision, DeskSettings, Rule, WordList
from moderation.people import PeopleBackend, settings_of
from moderation.rules import save_word_list
from moderation.services import Wanted, decide, screen
from tests import newsroom, world
from tests.world import NOON, send

pytestmark = pytest.mark.django_db
QUEUE = "desk:queue"


@pytest.fixture
def mori(site: Site) -> User:
    return newsroom.make_person(site, "mori", "Moderator")


@pytest.fixture
def desk(mori: User, client: Client) -> Client:
    client.force_login(mori)
    return client


def set_blur(user: User, blur: str) -> None:
    DeskSettings.objects.update_or_create(user=user, defaults={"blur": blur})


@pytest.fixture
def insult(article: Article) -> Case:
    """A comment with a harsh word after an advertised one, each found by a rule."""
    for slug, reason, word in (("harsh", "insult", "くたばれ"), ("advert", "spam", "副業")):
        words = WordList(slug=slug, name=slug, words=word)
        save_word_list(words)
        world.make_rule("words", slug=slug, action="hold", word_list=words, reason=world.make_reason(reason))
    send(article, "以前にも書きました。くたばれ。", author_name="怒れる市民", author_email="ikari@example.jp")
    sent = send(
        article, "副業の話はもういい。くたばれ、と言いたくなる。", author_name="怒れる市民",
        author_email="ikari@example.jp",
    )  # fmt: skip
    screen(now=lambda: NOON)
    return newsroom.case_of(sent)


def page(client: Client, case: Case, **query: str) -> str:
    response = client.get(reverse("desk:case", args=[case.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


VEILED = 'class="veiled" aria-hidden="true">'


def test_the_language_is_kept_with_the_person(desk: Client, mori: User) -> None:
    assert 'lang="ja"' in desk.get(reverse(QUEUE)).content.decode()
    response = desk.post("/i18n/setlang/", {"language": "en", "next": reverse(QUEUE)})
    assert response.status_code == 302
    # Another browser, which asks for Japanese and has no cookie.
    other = Client(headers={"accept-language": "ja"})
    assert 'lang="ja"' in other.get(reverse("admin:login")).content.decode()
    other.force_login(mori)
    text = other.get(reverse(QUEUE)).content.decode()
    assert 'lang="en"' in text
    assert "What I did today" in text


@pytest.mark.parametrize("language", ["", "xx", "de"])
def test_a_language_that_there_is_not_changes_nothing(desk: Client, mori: User, language: str) -> None:
    desk.post("/i18n/setlang/", {"language": language})
    assert not DeskSettings.objects.exists()


def test_who_is_not_logged_in_has_the_cookie_alone(client: Client, db: None) -> None:
    client.post("/i18n/setlang/", {"language": "en"})
    assert 'lang="en"' in client.get(reverse("admin:login")).content.decode()
    assert not DeskSettings.objects.exists()


def test_all_are_saved_on_their_page_and_each_alone(desk: Client, mori: User) -> None:
    own = reverse("desk:settings")
    assert desk.get(own).status_code == 200
    assert desk.post(own, {"language": "en", "blur": "words"}).status_code == 302
    assert DeskSettings.objects.values_list("language", "has_keys", "blur").get() == ("en", False, "words")
    assert desk.post(own, {"only": "has_keys", "has_keys": "on"}).status_code == 204
    assert DeskSettings.objects.values_list("language", "has_keys", "blur").get() == ("en", True, "words")
    assert desk.post(own, {"language": "en", "blur": "everything"}).status_code == 422
    assert 'id="keys"' in desk.get(reverse(QUEUE)).content.decode()


def test_keys_are_off_in_every_browser(desk: Client, mori: User) -> None:
    assert " checked> " in desk.get(reverse(QUEUE)).content.decode().split('id="keys"')[1][:120]
    DeskSettings.objects.create(user=mori, has_keys=False)
    assert " checked>" not in desk.get(reverse(QUEUE)).content.decode().split('id="keys"')[1][:120]


def test_settings_come_with_the_user_in_one_query(mori: User) -> None:
    for expected in ("off", "words"):
        with CaptureQueriesContext(connection) as captured:
            user = PeopleBackend().get_user(mori.pk)
            assert user is not None
            assert settings_of(user).blur == expected
        assert len(captured) == 1
        set_blur(mori, "words")
    User.objects.filter(pk=mori.pk).update(is_active=False)
    assert PeopleBackend().get_user(mori.pk) is None


def test_harsh_words_are_blurred_in_card_list_and_drawer(desk: Client, mori: User, insult: Case) -> None:
    assert VEILED not in page(desk, insult)
    set_blur(mori, "words")
    text = page(desk, insult)
    # The card, its evidence, the list (two cases) and the author's earlier comment.
    assert text.count(f"{VEILED}くたばれ</span>") >= 4
    assert "くたばれ" not in text.replace(f"{VEILED}くたばれ</span>", "")
    assert f"{VEILED}副業" not in text
    assert "と言いたくなる。" in text
    assert text.count("[ぼかし]") == text.count(VEILED)


def test_a_key_shows_the_card_and_blurs_it_again(desk: Client, mori: User, insult: Case) -> None:
    set_blur(mori, "words")
    assert 'blur=off" id="unveil" data-step data-key="b"' in page(desk, insult)
    part = desk.get(
        reverse("desk:case", args=[insult.pk]), {"blur": "off"}, headers={"sekisho-part": "card"}
    ).content.decode()
    assert VEILED not in part
    assert "くたばれ" in part
    assert 'blur=on" id="unveil"' in part
    set_blur(mori, "off")
    assert "unveil" not in page(desk, insult)


def test_whole_comments_can_be_blurred(desk: Client, mori: User, insult: Case) -> None:
    set_blur(mori, "texts")
    text = page(desk, insult)
    body = text.split('id="body"')[1].split("</section>")[0]
    assert body.index('aria-hidden="true"') < body.index("くたばれ")
    # Nothing that takes the focus is hidden from those who hear the page.
    assert 'tabindex="0"' not in body.split('aria-hidden="true"')[1].split('id="unveil"')[0]
    assert text.split('id="list"')[1].count(VEILED) >= 2


def shown_plainly(html: str, word: str) -> bool:
    """Whether a word stands anywhere on a page outside what is blurred, be it in a hint."""
    tree = fromstring(html)
    assert isinstance(tree, HtmlElement)
    for veiled in tree.find_class("veiled"):
        veiled.drop_tree()
    text = tostring(tree, encoding="unicode")
    return word in text


@pytest.fixture
def pages(article: Article, mori: User, insult: Case, client: Client) -> dict[str, str]:
    """Every page that shows what somebody typed, by name: each shows the word くたばれ."""
    client.force_login(mori)
    User.objects.filter(pk=mori.pk).update(is_superuser=True)
    rule = Rule.objects.get(slug="harsh")
    send(article, "副業の話はもういい。くたばれ、と言いたくなる！", author_name="怒れる市民")
    screen(now=lambda: NOON)
    first = Case.objects.order_by("pk").first()
    assert first is not None
    comment = newsroom.comment_of(first)
    wanted = Wanted(first.pk, "publish", comment.version)
    decide([wanted], by=mori, now=timezone.now())
    world.make_rule("words", slug="gone", action="reject", word_list=rule.word_list, reason=rule.reason)
    quoting = send(article, "＞くたばれ。\nひどい言い方だ。", author_name="怒れる市民")
    screen(now=lambda: NOON)
    quote = world.make_quote(
        quoting.comment_id, source_comment_id=comment.pk, source_revision=1, start=0, end=7,
        source_start=10, source_end=15, verdict="exact",
    )  # fmt: skip
    decision = Decision.objects.filter(comment=comment).latest("pk")
    of_comment = [comment.pk]
    return {
        "card": reverse("desk:case", args=[insult.pk]),
        "queue": reverse(QUEUE),
        "decided": f"{reverse(QUEUE)}?decided={decision.pk}",
        "today": reverse("desk:today"),
        "log": f"{reverse('desk:log')}?status=rejected",
        "why": reverse("desk:why", args=of_comment),
        "disagreements": f"{reverse('desk:disagreements')}?rule={rule.pk}",
        "quoted": reverse("desk:quoted", args=of_comment),
        "place": reverse("desk:place", args=[quote.pk]),
        "archive": reverse("admin:comments_comment_changelist"),
        "comment": reverse("admin:comments_comment_change", args=of_comment),
        "quoting": reverse("admin:comments_comment_change", args=[quoting.comment_id]),
        "erase": reverse("admin:comments_comment_erase", args=of_comment),
        "sanction": f"{reverse('admin:moderation_sanction_add')}?comment={comment.pk}",
        "decisions": reverse("admin:moderation_decision_changelist"),
        "decision": reverse("admin:moderation_decision_change", args=[decision.pk]),
    }


def test_no_page_shows_a_harsh_word_before_it_is_wanted(
    pages: dict[str, str], client: Client, mori: User
) -> None:
    def read(path: str) -> tuple[str, int]:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200, path
        return response.content.decode(), len(captured)

    read(pages["queue"])
    plain = {name: read(path) for name, path in pages.items()}
    assert [name for name, (text, _) in plain.items() if not shown_plainly(text, "くたばれ")] == []
    set_blur(mori, "words")
    blurred = {name: read(path) for name, path in pages.items()}
    assert [name for name, (text, _) in blurred.items() if shown_plainly(text, "くたばれ")] == []
    # What is blurred is said to be.
    assert [
        name for name, (text, _) in blurred.items() if text.count("[ぼかし]") != text.count('veiled"')
    ] == []
    more = {name: count - plain[name][1] for name, (_, count) in blurred.items()}
    assert max(more.values()) <= 3, more
    set_blur(mori, "texts")
    for name, path in pages.items():
        assert not shown_plainly(read(path)[0], "以前にも書きました"), name
    for name in ("today", "why", "comment", "log", "quoted"):
        assert 'id="unveil"' in blurred[name][0], name
        assert shown_plainly(
            read(f"{pages[name]}{'&' if '?' in pages[name] else '?'}blur=off")[0], "くたばれ"
        ), name


def test_what_was_edited_since_is_not_blurred_by_old_places(insult: Case, mori: User) -> None:
    set_blur(mori, "words")
    user = PeopleBackend().get_user(mori.pk)
    assert user is not None
    comment = insult.comment
    assert comment is not None
    assert veils_for(user, [comment]).places
    Comment.objects.filter(pk=comment.pk).update(revision=2)
    assert not veils_for(user, [comment]).places


def test_blurring_takes_one_query_for_each_of_list_and_card(desk: Client, mori: User, insult: Case) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(desk, insult)
        return len(captured)

    queries()
    plain = queries()
    set_blur(mori, "words")
    assert queries() == plain + 2
    set_blur(mori, "texts")
    assert queries() == plain


def test_hostile_text_stays_text_under_the_blur(desk: Client, mori: User, article: Article) -> None:
    newsroom.make_rules()
    spam = newsroom.case_of(newsroom.open_cases(article)[2])
    for blur in ("words", "texts"):
        set_blur(mori, blur)
        text = page(desk, spam)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
