"""Words that are written so that no list finds them, and ordinary texts that look like it."""

import json
import re
from pathlib import Path

import pytest

from moderation.checks.words import Words
from moderation.presets import preset
from moderation.text import fold
from tests.moderation.checks.cases import findings, marked, submission

SEEDS = Path(__file__).parents[3] / "seeds"
LISTED = Words(
    words=(
        *("死ね", "馬鹿", "くたばれ", "殺すぞ", "間抜け", "バカ", "アホ", "ゴミ野郎", "脳みそ足り", "110"),
        *("誰でも簡単に稼げ", "ass", "shit", "idiot", "moron", "shut up", "kill yourself", "f***"),
    )
)


@pytest.mark.parametrize(
    ("body", "hits"),
    [
        # A sign stands for a character inside the word.
        ("くた○れ", ["くた○れ"]),
        ("くた〇れ、殺＊ぞ", ["くた〇れ", "殺＊ぞ"]),
        ("このゴ●野郎", ["ゴ●野郎"]),
        ("誰○も簡○に稼げます", ["誰○も簡○に稼げ"]),
        ("Sh*t, what an id★ot", ["Sh*t", "id★ot"]),
        ("k**l yourself", ["k**l yourself"]),
        # Something stands between the characters.
        ("死・ねと書いた", ["死・ね"]),
        ("もう死 ね", ["死 ね"]),
        ("死☆ね！馬★鹿！", ["死☆ね", "馬★鹿"]),
        ("バ.カ、ア･ホ", ["バ.カ", "ア･ホ"]),
        ("く・た・ば・れ", ["く・た・ば・れ"]),
        ("くた　ばれ", ["くた　ばれ"]),
        ("間 抜 けな役人", ["間 抜 け"]),
        ("誰でも 簡単に 稼げます", ["誰でも 簡単に 稼げ"]),
        ("脳みそ●足りない", ["脳みそ●足り"]),
        ("you i d i o t!", ["i d i o t"]),
        ("a i d i o t", ["i d i o t"]),
        ("s.h.i.t", ["s.h.i.t"]),
        ("mo.ron, shut_up", ["mo.ron", "shut_up"]),
        ("kill  your-self", ["kill  your-self"]),
        # Zero-width characters are dropped before.
        ("く\u200bた\u200b○\u200bれ", ["く\u200bた\u200b○\u200bれ"]),
        # Figures and signs stand for letters.
        ("1d10t! M0R0N!", ["1d10t", "M0R0N"]),
        ("お前は@ss", ["@ss"]),
        ("k1ll y0urs3lf", ["k1ll y0urs3lf"]),
        ("ｓｈ１ｔ", ["ｓｈ１ｔ"]),
        ("殺❌ぞ、ゴ⭕野郎", ["殺❌ぞ", "ゴ⭕野郎"]),
        # A word that is listed with its signs is itself.
        ("f***", ["f***"]),
    ],
)
def test_disguised(body: str, hits: list[str]) -> None:
    assert marked(LISTED, submission(body)) == hits
    (finding,) = findings(LISTED, submission(body))
    assert finding.evidence == tuple(hits)


@pytest.mark.parametrize(
    "body",
    [
        # Not inside, too much, or too short to tell.
        "くたば○、○たばれ、く○○れ、死○、バ○",
        "a*s = s*a, id*** i***t",
        # Enumerated, wrapped, cut through by another word.
        "牛・馬・鹿・猪の被害。馬・鹿も。牛 馬 鹿 猪",
        "人はいつか死\nねこもいつか死ぬ。くたば\nれ",
        "コロンビア・ホンジュラス、アルバ・カリブ海",
        "必死 ねえ。この間 抜けた歯",
        "馬 鹿 正 直",
        "c l a s s; class; a-s-s-e-t",
        "mor on, id iot, as s, mass hit",
        # Figures that are figures.
        "the A55 road, as5, john@ss.example, 455, 5417",
        "1×0 1・1・0 1.1.0 1-1-0 二〇二六年",
        "f** fu**",
    ],
)
def test_not_disguised(body: str) -> None:
    assert marked(LISTED, submission(body)) == []


def test_disguises_are_a_parameter() -> None:
    plain = Words(words=LISTED.words, disguised=False)
    assert marked(plain, submission("くた○れ 死・ね 1d10t ass")) == ["ass"]


def test_an_allowed_phrase_allows_its_disguised_word() -> None:
    check = Words(words=("shut up",), allow=("the shut-up box",))
    assert marked(check, submission("the shut-up box, shut-up")) == ["shut-up"]


@pytest.mark.parametrize(
    ("words", "body", "hits"),
    [
        (["バカ"], "ばかな話だ", ["ばか"]),
        (["ばか"], "ﾊﾞｶ", ["ﾊﾞｶ"]),
        (["くたばれ"], "クタ○レ", ["クタ○レ"]),
        (["ヴァカ"], "ゔぁか", ["ゔぁか"]),
        (["バーカ"], "ばーか", ["ばーか"]),
    ],
)
def test_kana_are_one_where_asked_for(words: list[str], body: str, hits: list[str]) -> None:
    assert marked(Words(words=tuple(words), kana=True), submission(body)) == hits
    assert marked(Words(words=tuple(words)), submission(body)) == [hit for hit in hits if hit == words[0]]


@pytest.mark.parametrize(
    ("words", "body", "hits"),
    [
        # What half-width keyboards, other dashes and the kanji 一 make of the long vowel.
        (["スーパーコピー"], "激安ｽ-ﾊﾟ-ｺﾋﾟ-、ス一パ一コピー", ["ｽ-ﾊﾟ-ｺﾋﾟ-", "ス一パ一コピー"]),
        (["コピー品"], "コピ—品、コピ―品、コピ−品、コピ─品", ["コピ—品", "コピ―品", "コピ−品", "コピ─品"]),
        (["バーカ"], "ﾊﾞｰｶ、ばーか、カバ-カバー、1-カ", ["ﾊﾞｰｶ", "バ-カ"]),
        (["バーカ"], "バ カ、バ・カ、バ~カ、ビール一ケース", []),
        (["バカ"], "ビールバーカウンター", []),
        (["sーx"], "as-x", []),
    ],
)
def test_whatever_dash_stands_for_the_long_vowel(words: list[str], body: str, hits: list[str]) -> None:
    assert marked(Words(words=tuple(words)), submission(body)) == hits


def test_a_dash_is_one_in_either_kana() -> None:
    assert marked(Words(words=("ばーか",), kana=True), submission("バ一カ")) == ["バ一カ"]


def test_an_allowed_phrase_is_one_in_either_kana() -> None:
    check = Words(words=("バカ",), allow=("ばかり",), kana=True)
    assert marked(check, submission("それバカリ言うバカ")) == ["バカ"]


def ordinary_texts() -> list[str]:
    """What people wrote in the corpora of quotes and in the demo, disguising nothing."""
    texts: list[str] = []
    for line in (SEEDS / "corpus" / "quotes.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["type"] == "case":
            texts.append(row["comment"]["body"])
        else:
            texts += [each["body"] for each in (*row["article"]["revisions"], *row["comments"])]
    demo = json.loads((SEEDS / "demo" / "comments.json").read_text("utf-8"))
    return [*texts, *(each["body"] for each in (*demo["articles"], *demo["comments"]))]


def test_no_ordinary_text_is_taken_for_a_disguised_word() -> None:
    texts = ordinary_texts()
    assert len(texts) > 1_000
    # The shipped lists, and words so short and frequent that chance would meet them first.
    shipped = [word for each in preset("balanced").word_lists.values() for word in each.words]
    words = [word for word in shipped if not word.startswith("!")]
    assert len(words) > 50
    words += re.findall(
        r"\S+",
        "クソ カス ゴミ サーバー デブ ハゲ エロ シネ きもい うざい 消えろ 基地外 変態 無料 副業 稼ぐ "
        "当選 ass shit fuck dick cunt hell damn crap sex xxx free cash casino viagra slut retard",
    )
    with_disguises, without = (Words(words=tuple(words), disguised=each) for each in (True, False))
    for text in texts:
        folded = fold(text)
        assert with_disguises.find(folded) == without.find(folded), text


@pytest.mark.parametrize("unit", ["馬 ", "死・", "くた○", "a*", "i d ", "1d", "*", "く・た・", "$s"])
def test_hostile_bodies_hit_nothing_and_come_to_an_end(unit: str) -> None:
    assert LISTED.find(fold(unit * (20_000 // len(unit)))) == []
