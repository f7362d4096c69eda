"""Passages whose characters stand in the source while their words do not."""

import pytest

from moderation.quotes import DifferenceKind, Source, Traced, Verdict, trace_body
from moderation.quotes.edges import Cut, same_words, whole

BEFORE = "駅前の広場で朝市が開かれた。"
BEHIND = "来月も同じ場所で開く予定だ。\n"


def traced(said: str, quoted: str) -> Traced:
    article = Source("article", 1, 1, "body", f"{BEFORE}{said} {BEHIND}")
    (found,) = trace_body(f"> {quoted}\n\nそうでしょうか。", [article])
    return found


@pytest.mark.parametrize(
    ("said", "quoted", "kind"),
    [
        ("来場者は2400人を超えたと組合は話す。", "400人を超えたと組合は話す。", "number"),
        ("売上は1.8倍に伸びたと組合は話す。", "8倍に伸びたと組合は話す。", "number"),
        ("出店した農家は百二十軒に上ったという。", "二十軒に上ったという。", "number"),
        ("明け方の気温は−4度まで下がった。", "4度まで下がった。", "omitted"),
        ("About 2,400 people came to the market.", "400 people came to the market.", "number"),
        ("Some thirty-six growers took a stall there.", "six growers took a stall there.", "number"),
        ("Takings rose 8 percent on last year's day.", ".8 percent on last year's day.", None),
        ("敷地は10²メートルに広がっている。", "敷地は102メートルに広がっている。", None),
        ("雨天の開催は不可能だと組合は話す。", "可能だと組合は話す。", "negation"),
        ("売上の内訳は非公開とすることになった。", "公開とすることになった。", "negation"),
        ("The growers were unhappy about the new fees.", "happy about the new fees.", "negation"),
        ("出店料の値上げには賛成できないと話す。", "出店料の値上げには賛成。", "negation"),
        ("農家は値上げに反対しているわけではない。", "農家は値上げに反対している。", "negation"),
        ("The fees stay as they are unless the rent goes up.", "The fees stay as they are.", None),
        ("The stall was notable for its size.", "The stall was not able for its size.", "negation"),
        ("The growers are now here for a week.", "The growers are nowhere for a week.", "negation"),
        ("The bread cost 1 5 coins in that year.", "The bread cost 15 coins in that year.", "number"),
    ],
)
def test_what_is_cut_or_parted_so_that_it_says_otherwise_is_altered(
    said: str, quoted: str, kind: str | None
) -> None:
    found = traced(said, quoted)
    assert found.verdict is Verdict.ALTERED
    assert found.differences
    if kind:
        assert DifferenceKind(kind) in {each.kind for each in found.differences}
    for each in found.differences:
        assert found.source is not None
        assert found.source.text[each.source_start : each.source_end] == each.source
        assert found.quoted.text[each.start : each.end] == each.quoted


@pytest.mark.parametrize(
    ("said", "quoted", "words"),
    [
        ("来場者は2400人を超えたと組合は話す。", "2400人を超えたと組合は話す。", None),
        ("来場者は2400人を超えたと組合は話す。", "来場者は2400人を超えたと組合は話", None),
        ("朝の部の来場者はおよそ2400人だった。", "朝の部の来場者はおよそ24", None),
        ("7月-8月の朝市は夕方に開く。", "8月の朝市は夕方に開く。", None),
        ("雨天の開催は不可能だと組合は話す。", "雨天の開催は不可能だと組合", None),
        ("出店料の値上げには賛成できないと話す。", "出店料の値上げには賛成でき", None),
        (
            "The growers were unhappy about the new fees.",
            "rowers were unhappy about the new fee",
            None,
        ),
        ("The bread cost 1 500 coins.", "The bread cost 1500 coins.", None),
        ("The growers set up\nearly.", "The growers set up early.", None),
        ("The growers set up early.", "The grow\n> ers set up early.", None),
        ("広場の入口は 5 ＞ 3 の札が目印だ。", "広場の入口は 5 > 3 の札が目印だ。", None),
        ("農家は値上げに反対している。", "…農家は値上げに反対している。", "農家は値上げに反対している。"),
    ],
)
def test_what_is_cut_elsewhere_is_accepted_at_its_place(said: str, quoted: str, words: str | None) -> None:
    found = traced(said, quoted)
    assert found.verdict in {Verdict.VERBATIM, Verdict.FOLDED, Verdict.ELIDED}
    assert found.source is not None
    passage = found.source.text[found.start : found.end]
    assert "".join(passage.split()) == "".join((words or quoted.replace("\n> ", "")).split()).replace(
        "5>3", "5＞3"
    )


@pytest.mark.parametrize(
    ("said", "quoted", "kind"),
    [
        ("組合は赤字だったが、農家は過去最高の黒字だった。", "組合は…過去最高の黒字だった。", "elision"),
        ("値上げが原因だという話は誤りだと組合は話す。", "値上げが原因だ…と組合は話す。", "negation"),
        (
            "The growers refused to pay the new fees.",
            "The growers ... to pay the new fees.",
            "negation",
        ),
        ("組合は出店料を上げる方針ではない。", "組合は出店料を上げる方針…", "negation"),
    ],
)
def test_an_elision_that_says_otherwise_is_altered(said: str, quoted: str, kind: str) -> None:
    found = traced(said, quoted)
    assert found.verdict is Verdict.ALTERED
    assert DifferenceKind(kind) in {each.kind for each in found.differences}


def test_a_number_that_a_line_break_parts_in_the_quote_is_whole() -> None:
    source = "来場者は2400人"
    assert whole(Cut("400人"), source, 5, 9) == (4, 9)
    assert whole(Cut("400人", "来場者は2\n"), source, 5, 9) == (5, 9)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("set up the stall", "set\nup the stall", True),
        ("set up the stall", "setup the stall", False),
        ("広場 の朝市", "広場の朝市", True),
        ("SET UP", "set  up", True),
    ],
)
def test_words_are_parted_alike(one: str, other: str, *, same: bool) -> None:
    assert same_words(one, other) is same
    assert same_words(other, one) is same


def test_what_a_gap_begins_within_is_no_denial_of_its_own() -> None:
    found = traced("夕方は雨になるかもしれないと組合は見ている。", "夕方は雨になるかもし…と組合は見ている。")
    assert found.verdict is Verdict.ELIDED
