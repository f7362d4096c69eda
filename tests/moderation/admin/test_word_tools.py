"""The tools of a word list in the admin."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.models import Article, Site
from moderation.models import Evidence, WordList
from moderation.rules import save_word_list
from moderation.services import screen
from moderation.word_hits import check_of_list, hits
from tests import newsroom, world
from tests.world import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(site: Site, client: Client) -> Client:
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    return client


@pytest.fixture
def words() -> WordList:
    made = WordList(slug="abuse", name="罵倒", words="くたばれ\nﾊﾞｶ\nバカ\n馬鹿\n!馬鹿正直\nしね\nidiot")
    save_word_list(made)
    return made


def page(words: WordList, tool: str = "tools") -> str:
    return reverse(f"admin:moderation_wordlist_{tool}", args=[words.pk])


def test_a_text_is_tried_and_lit_as_typed_and_as_compared(lead: Client, words: WordList) -> None:
    text = "お前らくた○れ、<b>ＩＤＩＯＴ</b>\n馬鹿正直"
    response = lead.post(page(words), {"text": text})
    assert [(typed, word) for typed, _, word in response.context["tried"].hits] == [
        ("くた○れ", "くたばれ"),
        ("ＩＤＩＯＴ", "idiot"),
    ]
    html = response.content.decode()
    assert '<mark class="mark-words " title="idiot">ＩＤＩＯＴ</mark>' in html
    assert '<mark class="mark-words " title="idiot">idiot</mark>' in html
    assert "<b>Ｉ" not in html
    assert "当たる所：2か所" in html
    assert WordList.objects.get().versions.count() == 1


def test_a_harmless_text_hits_nothing(lead: Client, words: WordList) -> None:
    assert "どの語にも当たりません" in lead.post(page(words), {"text": "よい天気です"}).content.decode()
    assert lead.get(page(words)).context["tried"] is None


def test_the_list_is_tried_as_its_rules_have_it(lead: Client, words: WordList) -> None:
    assert not lead.post(page(words), {"text": "ばかめ"}).context["tried"].hits
    world.make_rule("words", word_list=words, params={"kana": True, "disguised": False})
    assert lead.post(page(words), {"text": "ばかめ"}).context["tried"].hits
    assert not lead.post(page(words), {"text": "くた○れ"}).context["tried"].hits


def screened(article: Article, words: WordList, *bodies: str) -> None:
    world.make_rule("words", word_list=words)
    for number, body in enumerate(bodies):
        send(article, body, author_email=f"r{number}@example.com", now=timezone.now())
    screen()


def test_hits_are_counted_by_word_and_the_unused_are_told(
    article: Article, lead: Client, words: WordList
) -> None:
    screened(article, words, "くたばれ、くた○れ", "ＩＤＩＯＴ", "馬鹿正直", "馬鹿だ、くたばれ")
    context = lead.get(page(words)).context
    assert context["used"] == [("くたばれ", 3), ("idiot", 1), ("馬鹿", 1)]
    assert context["unused"] == ["ﾊﾞｶ", "バカ", "しね"]
    assert context["young"]


def test_hits_of_long_ago_of_other_lists_and_of_the_erased_are_not_counted(
    article: Article, words: WordList
) -> None:
    screened(article, words, "くたばれ", "馬鹿だ")
    other = WordList(slug="other", name="別", words="天気")
    save_word_list(other)
    screened(article, other, "天気がよい")
    check = check_of_list(words, words.words.splitlines())
    now = timezone.now()
    assert hits(words, check, now=now) == {"くたばれ": 1, "馬鹿": 1}
    assert hits(words, check, now=now + timedelta(days=91)) == {}
    Evidence.objects.filter(text="馬鹿").delete()
    assert hits(words, check, now=now) == {"くたばれ": 1}


def test_counting_takes_the_same_queries_for_many(article: Article, words: WordList) -> None:
    screened(article, words, "くたばれ")
    counts: list[int] = []
    for _ in range(2):
        check = check_of_list(words, words.words.splitlines())
        with CaptureQueriesContext(connection) as captured:
            hits(words, check, now=timezone.now())
        counts.append(len(captured))
        for number in range(10):
            send(
                article, f"くたばれ{number}、馬鹿", author_email=f"m{number}@example.com", now=timezone.now()
            )
        words.words += "\nまぬけ"
        save_word_list(words)
        screen()
    assert counts == [2, 2]


def test_lines_that_were_chosen_are_removed_as_a_version(lead: Client, words: WordList) -> None:
    context = lead.get(page(words)).context
    assert context["duplicates"] == [("バカ", "ﾊﾞｶ")]
    assert {"しね", "ﾊﾞｶ"} <= {risk.word for risk in context["risks"]}
    lead.post(page(words), {"remove": "1", "line": ["バカ", "しね", "不明な行"]})
    assert words.versions.order_by("-number")[0].words == ["くたばれ", "ﾊﾞｶ", "馬鹿", "!馬鹿正直", "idiot"]
    lead.post(page(words), {"remove": "1"})
    assert words.versions.count() == 2


def test_a_list_leaves_and_enters_as_a_file(lead: Client, words: WordList) -> None:
    response = lead.get(page(words, "export"))
    assert response.headers["Content-Disposition"] == 'attachment; filename="abuse.txt"'
    lines = response.content.decode().splitlines()
    assert lines == words.words.splitlines()
    file = SimpleUploadedFile("words.txt", "\r\n".join(["まぬけ", "馬鹿"]).encode("cp932"))
    lead.post(page(words, "import"), {"file": file, "how": "add"})
    assert words.versions.order_by("-number")[0].words == [*lines, "まぬけ"]
    lead.post(
        page(words, "import"), {"file": SimpleUploadedFile("w.txt", "間抜け".encode()), "how": "replace"}
    )
    assert words.versions.order_by("-number")[0].words == ["間抜け"]


def test_a_wrong_file_changes_nothing_and_says_where(lead: Client, words: WordList) -> None:
    file = SimpleUploadedFile("words.txt", "よい語\n\na\tb\n".encode())
    response = lead.post(page(words, "import"), {"file": file, "how": "replace"})
    html = response.content.decode()
    assert "何も変更していません" in html
    assert "3行目：" in html
    assert "制御文字やタブ" in html
    assert words.versions.count() == 1


def test_what_is_no_word_is_refused_by_whatever_way_it_comes(
    lead: Client, words: WordList, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = reverse("admin:moderation_wordlist_change", args=[words.pk])
    form = {"name": "罵倒", "site": "", "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    typed = lead.post(change, {**form, "words": "まぬけ\n" + "長" * 101 + "\n\u200b"})
    assert typed.context["adminform"].form.errors["words"] == [
        "2行目： 100文字までです（101文字あります）。",
        "3行目： 見える文字がありません。",
    ]
    monkeypatch.setattr("moderation.word_lists.MOST_LINES", 8)
    file = SimpleUploadedFile("words.txt", "いち\nに\nさん\n".encode())
    added = lead.post(page(words, "import"), {"file": file, "how": "add"}, follow=True)
    assert "何も変更していません。 語は8行までです。" in added.content.decode()
    assert words.versions.count() == 1


def test_who_may_only_look_changes_nothing(site: Site, client: Client, words: WordList) -> None:
    # A list of all sites is changed by those of all sites.
    world.make_site("yunagi")
    client.force_login(newsroom.make_person(site, "hara", "Lead"))
    assert not client.get(page(words)).context["may_change"]
    assert client.post(page(words), {"remove": "1", "line": "馬鹿"}).status_code == 403
    assert client.get(page(words, "import")).status_code == 403
    assert client.get(page(words, "export")).status_code == 200
    assert words.versions.count() == 1


def test_saving_warns_of_what_is_odd(lead: Client, words: WordList) -> None:
    form = {
        "name": "罵倒",
        "site": "",
        "words": "くたばれ\nばか\nバカ\nﾊﾞｶ",
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
    }
    address = reverse("admin:moderation_wordlist_change", args=[words.pk])
    html = lead.post(address, form, follow=True).content.decode()
    assert "重複した行が1行、ふつうのコメントに当たりそうな語が3語" in html
    assert page(words) in html
