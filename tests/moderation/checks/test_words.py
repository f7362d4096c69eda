import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.checks.base import SHOWN
from moderation.checks.words import Words
from tests.moderation.checks.cases import findings, marked, submission


@pytest.mark.parametrize(
    ("words", "body", "hits"),
    [
        # Japanese: anywhere, whatever the width or what hides between.
        (["馬鹿"], "この馬鹿者が", ["馬鹿"]),
        (["馬鹿"], "馬と鹿がいた", []),
        (["バカ"], "このﾊﾞｶ！", ["ﾊﾞｶ"]),
        (["ﾊﾞｶ"], "このバカ！", ["バカ"]),
        (["バカ"], "ばかな話だ", []),
        (["死ね"], "死\u200bね", ["死\u200bね"]),
        (["死ね"], "さっさと死ね。死ね！", ["死ね", "死ね"]),
        (["くたばれ"], "くたば\nれ", []),
        (["クズ"], "グズ", []),
        (["が"], "か\u3099くせい", ["か\u3099"]),
        (["か"], "か\u3099くせい", []),
        # Latin words: whole ones only, and Japanese is no part of a Latin word.
        (["ass"], "a first-class hotel", []),
        (["ass"], "Ass.", ["Ass"]),
        (["ass"], "お前はassだ", ["ass"]),
        (["ass"], "お前はＡＳＳだ", ["ＡＳＳ"]),
        (["ass"], "asses", []),
        (["ass"], "bad_ass_x ass's", ["ass", "ass"]),
        (["ass"], "ass2 2ass", []),
        (["ass"], "éass assé", []),
        (["ass"], "ass\u0336!", ["ass\u0336"]),
        (["f***"], "what the f***s", ["f***"]),
        (["110"], "1100 は110番", ["110"]),
        (["straße"], "STRASSE", ["STRASSE"]),
        (["kick ass"], "kick\n  ass", ["kick\n  ass"]),
        (["バカass"], "大バカass。", ["バカass"]),
        (["バカass"], "大バカassy", []),
        # Other scripts: blanks between words or none.
        (["дурак"], "ты дурак", ["дурак"]),
        (["дурак"], "дураками", []),
        (["바보"], "너는 바보야", ["바보"]),
        (["โง่"], "คนโง่มาก", ["โง่"]),
        (["笨蛋"], "你这个笨蛋", ["笨蛋"]),
        # Overlaps: leftmost, then longest; a longer one that is no whole word hides nothing.
        (["馬鹿", "馬鹿野郎", "野郎"], "馬鹿野郎", ["馬鹿野郎"]),
        (["ゴミ", "ミス"], "ゴミス", ["ゴミ"]),
        (["ass", "ass hole"], "ass holes", ["ass"]),
        (["死ね", "死ね"], "死ね", ["死ね"]),
        # Lists that hold nothing.
        ([], "馬鹿", []),
        (["", " ", "\u200b"], "馬鹿 \u200b", []),
        (["馬鹿"], "", []),
    ],
)
def test_words(words: list[str], body: str, hits: list[str]) -> None:
    check, comment = Words(words=tuple(words)), submission(body)
    assert marked(check, comment) == hits
    for finding in findings(check, comment):
        assert finding.evidence == tuple(hits)
        assert finding.data == {"count": len(hits)}


# How words are matched elsewhere unless one asks for something else: by what is no letter around them, and
# in Japanese there are letters around every word. First AutoModerator's `includes-word`, then Discourse's
# watched words.
ELSEWHERE = [r"(?:^|\W|\b)%s(?:$|\W|\b)", r"(?:[^\w]|^)%s(?=[^\w]|$)"]


@pytest.mark.parametrize(
    ("word", "body", "hit"),
    [
        ("死ね", "お前なんかさっさと死ねよ", "死ね"),
        ("馬鹿", "この馬鹿者が記者を名乗るとは", "馬鹿"),
        ("クズ", "やはり人間のクズだな", "クズ"),
        ("バカ", "本当にﾊﾞｶですね", "ﾊﾞｶ"),
        ("副業", "誰でもできる副業で月３０万", "副業"),
        ("売国奴", "市長は売国奴だ", "売国奴"),
        ("くたばれ", "早くく・た・ば・れと思う", "く・た・ば・れ"),
        ("殺すぞ", "いい加減にしないと殺○ぞ", "殺○ぞ"),
        ("idiot", "あいつはidiotだよ", "idiot"),
        ("ass", "お前はＡＳＳだ", "ＡＳＳ"),
        ("出会い系", "無料の出\u200b会い系サイト", "出\u200b会い系"),
        ("スーパーコピー", "激安ｽｰﾊﾟｰｺﾋﾟｰ時計", "ｽｰﾊﾟｰｺﾋﾟｰ"),
    ],
)
def test_what_default_matching_elsewhere_misses_is_found(word: str, body: str, hit: str) -> None:
    assert not any(re.search(pattern % re.escape(word), body, re.IGNORECASE) for pattern in ELSEWHERE)
    assert all(re.search(pattern % word, f"「{word}」") for pattern in ELSEWHERE)
    assert marked(Words(words=(word,)), submission(body)) == [hit]


@pytest.mark.parametrize(
    ("words", "allow", "body", "hits"),
    [
        (["馬鹿"], ["馬鹿正直"], "馬鹿正直な馬鹿", ["馬鹿"]),
        (["馬鹿"], ["馬鹿正直"], "馬鹿正", ["馬鹿"]),
        (["死ね"], ["死ねない"], "まだ死ねない", []),
        (["ゴミ"], ["ゴミ箱", "生ゴミ"], "生ゴミをゴミ箱へ。ゴミ！", ["ゴミ"]),
        (["馬鹿野郎"], ["馬鹿"], "馬鹿野郎", ["馬鹿野郎"]),
        (["馬鹿", "鹿野"], ["馬鹿"], "馬鹿野", ["鹿野"]),
        (["馬鹿", "馬鹿野郎"], ["馬鹿野郎め"], "馬鹿野郎め", []),
        (["郎"], ["馬鹿野郎め", "鹿野"], "馬鹿野郎め", []),
        (["dick"], ["Dick Smith"], "DICK SMITH and a dick", ["dick"]),
        (["dick"], ["Dick Smith"], "dick smithson", ["dick"]),
    ],
)
def test_allowed_phrases(words: list[str], allow: list[str], body: str, hits: list[str]) -> None:
    assert marked(Words(words=tuple(words), allow=tuple(allow)), submission(body)) == hits


def test_a_thousand_hits_show_the_first_few() -> None:
    (finding,) = findings(Words(words=("死ね",)), submission("死ね" * 1_000))
    assert (len(finding.spans), len(finding.evidence), finding.data["count"]) == (SHOWN, SHOWN, 1_000)


@given(
    st.lists(st.text(st.sampled_from("a1あ馬鹿 "), min_size=1, max_size=3), max_size=5),
    st.lists(st.text(st.sampled_from("a1あ馬鹿 "), min_size=1, max_size=4), max_size=3),
    st.text(st.sampled_from("aＡ1あ馬鹿 \u200b"), max_size=30),
)
def test_hits_do_not_overlap_and_are_of_the_list(words: list[str], allow: list[str], body: str) -> None:
    check, comment = Words(words=tuple(words), allow=tuple(allow)), submission(body)
    hits = check.find(comment.folded)
    folded = {" ".join(word.split()) for word in words}
    assert all(comment.folded.text[start:end] in folded for start, end in hits)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(hits))
