import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.checks.base import SHOWN
from moderation.checks.repeated_characters import RepeatedCharacters, _may_repeat
from tests.moderation.checks.cases import codes, findings, marked, submission


@pytest.mark.parametrize(
    ("body", "hits"),
    [
        ("笑えますｗｗｗｗｗｗｗｗｗｗ", []),
        ("笑え" + "ｗ" * 20, []),
        ("笑え" + "ｗ" * 21 + "ますね", ["ｗ" * 21]),
        ("笑え" + "ｗWw" * 7 + "ますね", ["ｗWw" * 7]),
        ("あ" * 21, ["あ" * 21]),
        ("ｱ" * 10 + "ア" * 11, ["ｱ" * 10 + "ア" * 11]),
        ("えー" + "ー" * 19 + "、", []),
        ("えー" + "ー" * 20 + "、", ["ー" * 21]),
        ("𠮷" * 21, ["𠮷" * 21]),
        ("👍" * 21 + "いい", ["👍" * 21]),
        ("!" * 10 + "！" * 11, ["!" * 10 + "！" * 11]),
        ("あ" * 21 + "い" * 22, ["あ" * 21, "い" * 22]),
        ("あ\u200b" * 21, ["あ\u200b" * 20 + "あ"]),
        # Groups: six times are speech.
        ("いやいやいやいやいやいやそれはない", []),
        ("いや" * 7 + "それはない", ["いや" * 7]),
        ("今すぐ登録！" * 6, []),
        ("今すぐ登録！" * 7, ["今すぐ登録！" * 7]),
        ("バカﾊﾞｶ" * 4, ["バカﾊﾞｶ" * 4]),
        ("うそだ " * 7, ["うそだ " * 6 + "うそだ "]),
        ("12345678" * 7, ["12345678" * 7]),
        ("123456789" * 7, []),
        ("ab" * 40, ["ab" * 40]),
        # A row of one group after another.
        ("まだ" * 7 + "かな" * 7, ["まだ" * 7, "かな" * 7]),
        # Lines ruled.
        ("見出し\n" + "=" * 60 + "\n" + "－" * 40 + "\n" + "・" * 50 + "\n" + "★☆" * 20, []),
        ("……………………………………………………………………", []),
        # Empty lines.
        ("上" + "\n" * 11 + "下", []),
        ("上" + "\n" * 12 + "下", ["\n" * 12]),
        ("上" + "\n\u3000 " * 12 + "下", ["\n\u3000 " * 11 + "\n"]),
        ("上" + "\r\n" * 12 + "下", ["\n" + "\r\n" * 11]),
        ("\n".join(f"{number}行目です。" for number in range(30)), []),
        ("> \n" * 12 + "空の引用", []),
        ("", []),
        ("\u200b", []),
    ],
)
def test_defaults(body: str, hits: list[str]) -> None:
    assert marked(RepeatedCharacters(), submission(body)) == hits


def test_what_it_counts() -> None:
    comment = submission("あ" * 21 + "いい" + "う" * 30 + "\n" * 13 + "まだ" * 9)
    assert [(each.code, each.data) for each in findings(RepeatedCharacters(), comment)] == [
        ("character", {"count": 2, "longest": 30, "most": 20}),
        ("group", {"count": 1, "longest": 18, "most": 6}),
        ("blank-lines", {"count": 1, "longest": 12, "most": 10}),
    ]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (RepeatedCharacters(), ["character", "group", "blank-lines"]),
        (RepeatedCharacters(most=0), ["group", "blank-lines"]),
        (RepeatedCharacters(groups=0), ["character", "blank-lines"]),
        (RepeatedCharacters(lines=0), ["character", "group"]),
    ],
)
def test_each_can_be_switched_off(check: RepeatedCharacters, expected: list[str]) -> None:
    assert codes(check, submission("あ" * 21 + "\n" * 13 + "まだ" * 9)) == expected


def test_free_characters_are_a_parameter() -> None:
    assert codes(RepeatedCharacters(free="ｗ"), submission("w" * 30)) == []
    assert codes(RepeatedCharacters(free=""), submission("…" * 30)) == ["character"]


def test_hundreds_show_the_first_few() -> None:
    (finding,) = findings(RepeatedCharacters(), submission("".join(c * 21 for c in "あい") * 200))
    assert (len(finding.spans), finding.data["count"]) == (SHOWN, 400)


@given(st.text(st.sampled_from("abｗ🎉 \n\u200b"), max_size=80))
def test_it_finds_what_a_naive_search_finds(body: str) -> None:
    check, comment = RepeatedCharacters(most=3, groups=2, lines=2, free=""), submission(body)
    found = codes(check, comment)
    text = comment.folded.text
    runs = [char for char, run in itertools.groupby(text) if len(list(run)) > 3 and char != " "]
    assert ("character" in found) == bool(runs)
    groups = any(
        len(set(text[at : at + length])) > 1 and text[at : at + 3 * length] == text[at : at + length] * 3
        for length in range(2, 9)
        for at in range(len(text) - 3 * length + 1)
    )
    assert ("group" in found) == groups


def _is_repeated(text: str, most: int, lengths: range) -> bool:
    return any(
        text[at : at + length] * (most + 1) == text[at : at + length * (most + 1)]
        for length in lengths
        for at in range(len(text) - length * (most + 1) + 1)
    )


@given(
    before=st.text("abあ", max_size=20),
    group=st.text("abcdefあい", min_size=1, max_size=8),
    times=st.integers(1, 10),
    after=st.text("abあ", max_size=20),
    most=st.integers(1, 8),
)
def test_quick_look_passes_over_no_repetition(
    before: str, group: str, times: int, after: str, most: int
) -> None:
    text = before + group * times + after
    for lengths in (range(1, 2), range(2, 9)):
        if _is_repeated(text, most, lengths):
            assert _may_repeat(text, most * lengths[0], lengths)


def test_quick_look_spares_ordinary_text_the_closer_one() -> None:
    text = "昨日の会見では予算の増額について説明がありましたが、内訳はまだ公表されていません。"
    assert not _may_repeat(text, 12, range(2, 9))
