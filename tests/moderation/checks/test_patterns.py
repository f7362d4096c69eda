"""Regular expressions of a site's own: what they match, what is refused, that none is slow."""

import random
from time import process_time

import pytest

from moderation.checks.base import SHOWN, Refused
from moderation.checks.patterns import Patterns
from tests.moderation.checks.cases import findings, marked, submission


@pytest.mark.parametrize(
    ("pattern", "body", "hits"),
    [
        # Japanese: in the folded text, told in the original one.
        (r"副業.{0,6}月\d+万", "副業で月３０万！副業の月", ["副業で月３０万"]),
        (r"(?:稼げ|儲か)(?:る|り?ます)", "必ず儲かります。稼げない。", ["儲かります"]),
        (r"\p{Katakana}{6,}", "ﾌﾞﾗﾝﾄﾞｺﾋﾟｰ時計", ["ﾌﾞﾗﾝﾄﾞｺﾋﾟ"]),
        (r"[ァ-ヶー]{6,}", "ﾌﾞﾗﾝﾄﾞｺﾋﾟｰ時計", ["ﾌﾞﾗﾝﾄﾞｺﾋﾟｰ"]),
        (r"[一-鿿]{8,}", "東京特許許可局長今日急遽却下", ["東京特許許可局長今日急遽却下"]),
        (r"\p{Han}+駅前$", "水無瀬駅前", ["水無瀬駅前"]),
        (r"死\s?ね", "死\n\nね、死ね", ["死\n\nね", "死ね"]),
        (r"がくせい", "か\u3099くせい", ["か\u3099くせい"]),
        (r"馬鹿", "馬\u200b鹿", ["馬\u200b鹿"]),
        # English: case and width make no difference.
        (r"win\s+cash", "ＷＩＮ　Cash now", ["ＷＩＮ　Cash"]),
        (r"WIN", "win", ["win"]),
        (r"\bass\b", "class ass お前はassだ", ["ass", "ass"]),
        (r"\d{3}-\d{4}", "電話は555－0123", ["555－0123"]),
        (r"a # comment", "banana", ["a", "a", "a"]),
        (r"a\#b", "a#b", ["a#b"]),
        (r"a#b", "a#b", ["a#b"]),
        (r"\b", "no place has text", []),
        ("# only a comment", "# only a comment", []),
    ],
)
def test_patterns(pattern: str, body: str, hits: list[str]) -> None:
    assert marked(Patterns(patterns=(pattern,)), submission(body)) == hits


def test_each_pattern_that_matches_is_told_by_its_line() -> None:
    check = Patterns(patterns=("# money", "月\\d+万", "never", "副業"))
    one, other = findings(check, submission("副業で月30万、月50万"))
    assert (one.data, one.evidence) == ({"number": 2, "count": 2}, ("月30万", "月50万"))
    assert (other.data, other.evidence) == ({"number": 4, "count": 1}, ("副業",))


def test_a_large_pattern_runs_beside_the_others_in_order() -> None:
    check = Patterns(patterns=("副業", "副業.{0,20}月", "月"))
    found = findings(check, submission("副業なら月"))
    assert [each.data["number"] for each in found] == [1, 2, 3]


def test_the_original_text_may_be_asked_for() -> None:
    check = Patterns(patterns=("Ａ+", r"x\ny"), original=True)
    assert marked(check, submission("aＡＡA x\ny X\ny")) == ["ＡＡ", "x\ny"]


def test_places_are_capped_and_every_matching_pattern_shows_one() -> None:
    found = findings(Patterns(patterns=("a", "b", "c")), submission("ab" * 1_000))
    assert [(each.data["number"], len(each.spans)) for each in found] == [(1, SHOWN), (2, 1)]


@pytest.mark.parametrize(
    ("pattern", "ja", "en"),
    [
        ("(", "2行目：閉じ括弧", "Line 2: A closing ) is missing."),
        ("ab)", "2行目：開き括弧", "Line 2: A ) closes nothing."),
        ("[あ-ん", "2行目：閉じ括弧「]」", "Line 2: A closing ] is missing."),
        ("x[z-a]", "2行目の3文字目：文字の範囲", "Line 2, column 3: The range of characters is wrong: z-a"),
        ("値(?=上げ)", "2行目の2文字目：(?= は使えません", "Line 2, column 2: (?= is unknown here"),
        (r"(a)\1", r"2行目の4文字目：\1 は使えません", r"Line 2, column 4: \1 is unknown here"),
        (
            "ab**",
            "2行目の3文字目：くり返しが重なって",
            "Line 2, column 3: Repetitions stand side by side: **",
        ),
        ("*死ね", "2行目の1文字目：* の前に", "Line 2, column 1: There is nothing before *"),
        ("x{1001}", "2行目の2文字目：くり返しの回数", "Line 2, column 2: The number of repetitions"),
        ("a\\", "2行目：最後の「\\」", "Line 2: Nothing follows the last \\."),
        (".*", "2行目：空の文字列に一致", "Line 2: it matches the empty text"),
        ("(副業)?", "2行目：空の文字列に一致", "Line 2: it matches the empty text"),
        ("副業！", "2行目の3文字目：「！」は", "Line 2, column 3: '！' stands in no text"),
        ("ﾊﾞｶ", "「ハ」と書いてください", "write ハ"),
        ("馬\u200b鹿", "取り除いてください", "take it out"),
        ("死　ね", "半角の空白を書いて", "write a blank"),
        (r"a\nb", "半角の空白を書いて", "Line 2, column 2"),
        ("a" * 1_001, "1,000文字まで", "1,000 characters, not 1,001"),
        (r"\p{Han}{1,40}", "手順、250まで", "250 at most"),
    ],
)
def test_refused_with_its_place_and_reason(pattern: str, ja: str, en: str) -> None:
    with pytest.raises(Refused) as refused:
        Patterns(patterns=("副業", pattern))
    assert refused.value.parameter == "patterns"
    assert ja in refused.value.ja
    assert en in refused.value.en == str(refused.value)


def test_too_many_patterns_are_refused() -> None:
    with pytest.raises(Refused, match=r"1,000 patterns at most, not 1,001"):
        Patterns(patterns=("a",) * 1_001)


# Each with the text that it is slow on in engines that backtrack, or in automata that are made in advance.
RANDOM = random.Random(1)
AB, KANA = ("".join(RANDOM.choices(letters, k=30_000)) for letters in ("ab", "あい"))
CATASTROPHIC = [
    (r"(a+)+$", "a" * 29_999 + "!"),
    (r"(a|aa)+$", "a" * 29_999 + "!"),
    (r"(a|a?)+$", "a" * 29_999 + "!"),
    (r"(.*a){25}", "a" * 30_000),
    (r"(.*a){25}b", "a" * 30_000),
    (r"(.*あ){20}い", "あ" * 30_000),
    (r"([a-zA-Z]+)*\d", "a" * 30_000),
    (r"(x+x+)+y", "x" * 30_000),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 30_000),
    (r"([^@]+)*@example", "a" * 30_000),
    (r"(\w+\s?)*!", "word " * 6_000),
    (r"(?:a?){50}a{50}b", "a" * 30_000),
    (r"(.*?,){20}P", "a," * 15_000),
    (r".*.*=.*;", "=" * 30_000),
    (r"(a*)*b", "a" * 30_000),
    (r"((a*)*)*b", "a" * 30_000),
    (r"(0|00|000)+x", "0" * 30_000),
    (r"(馬|馬馬|馬鹿?)+正", "馬" * 30_000),
    (r"[ab]*a[ab]{82}c", AB),
    (r"[ab]*a[ab]{242}c", AB),
    (r"あ.{10}う", KANA),
    (r"あ.{30}う", KANA),
    (r"(a{1,100}){1,100}b", "a" * 30_000),
    (r"(.{1,500})x$", "ab" * 15_000),
    (r"(((a{10}){10}){10}){10}", "a" * 30_000),
    (r"(?:x?){1,40}y", "x" * 30_000),
    (r"(?:(?:副業|稼げ).{0,10})+万", "副業稼げ" * 7_500),
]


def test_catastrophic_patterns_are_refused_or_fast() -> None:
    """Fast is in the order of reading the text: 60 times one pass over it in Python is about 50 ms."""
    refused = 0
    for pattern, body in CATASTROPHIC:
        try:
            check = Patterns(patterns=(pattern,))
        except Refused:
            refused += 1
            continue
        comment = submission(body)
        comment.folded.original_span(0, 1)
        assert seconds(check, body) <= 60 * pass_over(body), pattern
    assert len(CATASTROPHIC) - refused >= 20


def seconds(check: Patterns, body: str) -> float:
    """The least CPU time of three runs, each with the set's automaton made anew."""
    taken = []
    for _ in range(3):
        fresh = Patterns(patterns=check.patterns)
        comment = submission(body)
        _ = comment.folded.places
        begun = process_time()
        list(fresh.check(comment))
        taken.append(process_time() - begun)
    return min(taken)


def pass_over(body: str) -> float:
    taken = []
    for _ in range(5):
        begun = process_time()
        sum(1 for char in body if char != "\0")
        taken.append(process_time() - begun)
    return min(taken)


def test_an_automaton_out_of_memory_is_an_error_and_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.checks.regex._LEAST_BYTES", 40_000)
    monkeypatch.setattr("moderation.checks.regex._BYTES_A_STEP", 0)
    check = Patterns(patterns=tuple(f"[ab]*a[ab]{{{number}}}c" for number in range(10, 40)))
    with pytest.raises(Exception, match=r"Set|memory"):
        list(check.check(submission("abbabab" * 1_000)))
