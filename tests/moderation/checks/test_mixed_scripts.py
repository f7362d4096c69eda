import pytest

from moderation.checks.base import SHOWN
from moderation.checks.mixed_scripts import MixedScripts
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("body", "hits"),
    [
        ("JRの駅前でWi-Fiが使えるカフェ、SNS映えするTシャツ、Ｔｗｉｔｔｅｒの投稿", []),
        ("iPhone15のＬＩＮＥアプリとNHKのBS4K", []),
        ("ログインはpаypalから", ["pаypal"]),
        ("ログインはｐаｙｐａｌから", ["ｐаｙｐａｌ"]),
        ("Ηello、wоrld", ["Ηello", "wоrld"]),
        ("Vіagraとcаsino", ["Vіagra", "cаsino"]),
        ("Москва и Санкт-Петербург", []),
        ("καλημέρα κόσμε", []),
        ("Москва-City、Яндекс Maps", []),
        # Units, formulas, faces.
        ("幅は20μm、抵抗は10kΩ、λmaxとΔtを測る", []),
        ("hνとνeの話、α-リノレン酸とβ版", []),
        ("(ﾟДﾟ) (；´Д｀) Σ(ﾟωﾟ) щ(゜ロ゜щ) (TДT) (OωO)", []),
        # Four letters are a word, three are a formula.
        ("аbc", []),
        ("аbcd", ["аbcd"]),
        # Kanji among katakana.
        ("スパイウ工アにご注意、ク夕ーズ", ["工", "夕"]),
        ("パソコン口ーン", ["口"]),
        ("ネット口コミとビール一ケース、コミュ力アップ、トーク力", []),
        ("ライブ口パク、カップル口ゲンカ、タメ口キャラ", []),
        ("カタカナ工事、イワシ夕食、ガス口", []),
        ("エ場のトイレ", []),
        ("𝐇𝐞𝐥𝐥𝐨𠮷", []),
        ("", []),
        ("\u200b", []),
    ],
)
def test_words(body: str, hits: list[str]) -> None:
    assert marked(MixedScripts(), submission(body)) == hits
    assert [
        each for finding in findings(MixedScripts(), submission(body)) for each in finding.evidence
    ] == hits


def test_both_kinds_and_the_bound() -> None:
    assert codes(MixedScripts(), submission("pаypalとスパイウ工ア")) == ["alike", "kanji"]
    assert codes(MixedScripts(letters=7), submission("pаypal")) == []
    (finding,) = findings(MixedScripts(), submission("pаypal " * 200))
    assert (len(finding.spans), finding.data) == (SHOWN, {"count": 200})
