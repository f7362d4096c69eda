from typing import Any

import pytest

from moderation.checks.language import Language
from tests.moderation.checks.cases import codes, findings, submission

ENGLISH = "I have read this article with great interest and would like to offer you my services."
CYRILLIC = "Отличная статья, спасибо автору за подробный разбор!"
CHINESE = "本公司专业办理各类证件质量保证价格优惠欢迎来电咨询洽谈合作"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("駅前の工事はいつ終わるのでしょうか。バスが遅れて困っています。", []),
        ("ｺﾒﾝﾄは半角ｶﾅでもよいのですか？　ｵｼｴﾃｸﾀﾞｻｲ。", []),
        (ENGLISH, ["foreign"]),
        ("Ｉ　ｈａｖｅ　ｒｅａｄ　ｔｈｉｓ　ａｒｔｉｃｌｅ", ["foreign"]),
        (CYRILLIC, ["foreign"]),
        (CHINESE, ["no-kana"]),
        (CHINESE + "の", []),
        ("บทความนี้ดีมากขอบคุณที่แบ่งปันข้อมูลให้พวกเราอ่าน", ["foreign"]),
        ("역 앞 공사는 언제 끝나나요? 버스가 늦어서 곤란합니다.", ["foreign"]),
        ("역 앞 공사는 언제 끝나나요? 버스가 늦어서 곤란합니다の", ["foreign"]),
        # Just enough of Japanese, and just too little: 5 of 25 letters, 4 of 24.
        ("abcdefghij klmnopqrst 賛成です！か", []),
        ("abcdefghij klmnopqrst 賛成です！", ["foreign"]),
        # Too short to tell: 19 letters, and 20.
        ("Thanks for the story 2026", []),
        ("Thanks for this storys", []),
        ("Thanks for these storys", ["foreign"]),
        # Links say nothing of the language; without them little is left.
        ("出典です。https://www.example.org/a/very/long/path/which/nobody/reads?and=queries", []),
        ("https://www.example.org/a/very/long/path/which/nobody/reads?and=queries", []),
        # Characters beyond the basic plane are kanji, too.
        ("𠮷野家で𩸽を食べました。𠮟られるかもしれませんが、おいしかったです。", []),
        ("", []),
        ("👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍", []),
        ("1234567890 1234567890 1234567890", []),
    ],
)
def test_a_japanese_site(body: str, expected: list[str]) -> None:
    assert codes(Language(), submission(body)) == expected


@pytest.mark.parametrize(
    "title", ["駅前の工事、来年３月まで続く見通しに", "駅前の工事、来年3月まで続く見通しに"]
)
def test_the_title_pasted_into_a_foreign_text_does_not_count(title: str) -> None:
    body = "Nice post about 駅前の工事、来年３月まで続く見通しに thanks for sharing it"
    assert codes(Language(), submission(body)) == []
    pasted = submission(body, article_title=title)
    assert codes(Language(), pasted) == ["foreign"]
    assert findings(Language(), pasted)[0].data == {"own": 0, "letters": 31, "percent": 20}


def test_a_japanese_comment_may_hold_the_title() -> None:
    title = "駅前の工事、来年三月まで続く見通しに"
    comment = submission(f"「{title}」という見出しですが、どこに書いてあるのですか。", article_title=title)
    assert codes(Language(), comment) == []


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    [
        ("en", ENGLISH, []),
        ("en", "Ce n’est pas très drôle, mais c’est écrit en français.", []),
        ("en", CYRILLIC, ["foreign"]),
        ("en", "駅前の工事はいつ終わるのでしょうか。バスが遅れて困っています。", ["foreign"]),
        ("en", CHINESE, ["foreign"]),
        ("ko", ENGLISH, []),
        ("", ENGLISH, []),
    ],
)
def test_sites_in_other_languages(language: str, body: str, expected: list[str]) -> None:
    assert codes(Language(), submission(body, language=language)) == expected


@pytest.mark.parametrize(
    ("params", "body", "expected"),
    [
        ({"percent": 100}, "賛成です。" * 5 + "a", ["foreign"]),
        ({"percent": 100}, "賛成です。" * 5, []),
        ({"letters": 1}, "OK", ["foreign"]),
        ({"letters": 1}, "了解", ["no-kana"]),
        ({"letters": 3}, "OK", []),
    ],
)
def test_parameters(params: dict[str, Any], body: str, expected: list[str]) -> None:
    assert codes(Language(**params), submission(body)) == expected


def test_the_whole_body_is_marked_and_nothing_is_kept_of_it() -> None:
    (finding,) = findings(Language(), submission(ENGLISH))
    assert [(span.start, span.end) for span in finding.spans] == [(0, len(ENGLISH))]
    assert finding.evidence == ()
