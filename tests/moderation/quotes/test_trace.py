"""Where a quoted passage stands, which source is chosen, and that the place is exact."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from moderation.quotes import Quoted, Source, Sources, Traced, Verdict, find, trace, trace_body
from moderation.quotes.edges import Cut, same_words, whole
from moderation.quotes.keys import decoded, joined_codes, key, mapped
from moderation.text import fold

BODY = (
    "市議会は三日、老朽化した「みどり橋」の架け替えを、賛成多数で可決した。工費はおよそ３億円で、"
    "工期は二年…との見通しだ。\n"
    "ワクチン接種センターの移転も決まった。議長は“No delay is acceptable”と述べ、e-mailでの意見募集を始める。"
)
LONG = "通行止めの間、バスは川沿いの道を迂回し、所要時間は十五分ほど延びるという。"


def article(text: str = BODY, *, revision: int = 1, field: str = "body") -> Source:
    return Source("article", 1, revision, field, text)


def comment(number: int, text: str) -> Source:
    return Source("comment", number, 1, "body", text)


def quoted(text: str) -> Quoted:
    return Quoted(0, len(text), text)


def passage(traced: Traced) -> str:
    assert traced.source is not None
    return traced.source.text[traced.start : traced.end]


@pytest.mark.parametrize(
    ("text", "verdict", "expected"),
    [
        ("工期は二年…との見通しだ。", Verdict.VERBATIM, "工期は二年…との見通しだ。"),
        ("  工期は二年…との見通しだ。 ", Verdict.VERBATIM, "工期は二年…との見通しだ。"),
        ("No delay is acceptable", Verdict.VERBATIM, "No delay is acceptable"),
        # Width and case
        ("工費はおよそ3億円で", Verdict.FOLDED, "工費はおよそ３億円で"),
        ("ﾜｸﾁﾝ接種ｾﾝﾀｰの移転", Verdict.FOLDED, "ワクチン接種センターの移転"),
        ("ＮＯ ＤＥＬＡＹ ｉｓ ａｃｃｅｐｔａｂｌｅ", Verdict.FOLDED, "No delay is acceptable"),
        # White space: wraps inside words, blanks that were not there
        ("ワクチン接種セン\nターの移転も決", Verdict.FOLDED, "ワクチン接種センターの移転も決"),
        ("No delay\nis acceptable", Verdict.FOLDED, "No delay is acceptable"),
        ("みどり橋」 の 架け替え", Verdict.FOLDED, "みどり橋」の架け替え"),
        ("見通しだ。ワクチン接種センター", Verdict.FOLDED, "見通しだ。\nワクチン接種センター"),
        ("ワクチン\u200b接種センター", Verdict.FOLDED, "ワクチン接種センター"),
        # Punctuation
        (
            "老朽化した『みどり橋』の架け替えを,賛成多数",
            Verdict.FOLDED,
            "老朽化した「みどり橋」の架け替えを、賛成多数",
        ),
        ("工期は二年・・・との見通しだ．", Verdict.FOLDED, "工期は二年…との見通しだ。"),
        ("工期は二年...との見通しだ", Verdict.FOLDED, "工期は二年…との見通しだ"),
        ('"No delay is acceptable"', Verdict.FOLDED, "“No delay is acceptable”"),
        ("e—mailでの意見募集", Verdict.FOLDED, "e-mailでの意見募集"),
        # Other words are no variant of spelling
        ("工期は三年…との見通しだ。", Verdict.ALTERED, "工期は二年…との見通しだ。"),
        ("賛成多数で否決した", Verdict.ALTERED, "賛成多数で可決した"),
        ("みどり橋の架け替え", Verdict.ALTERED, "みどり橋」の架け替え"),
        ("工費はおよそ30億円で", Verdict.ALTERED, "工費はおよそ３億円で"),
        ("工費はおよそ3億円で、工期は", Verdict.FOLDED, "工費はおよそ３億円で、工期は"),
        ("No delay was acceptable", Verdict.ALTERED, "No delay is acceptable"),
        # Too short to mean anything, though it stands there
        ("工費", Verdict.SHORT, None),
        ("delay", Verdict.SHORT, None),
        ("。、。、。、。、「」「」（）", Verdict.SHORT, None),
        ("賛成多数", Verdict.VERBATIM, "賛成多数"),
    ],
)
def test_verdicts(text: str, verdict: Verdict, expected: str | None) -> None:
    traced = trace(quoted(text), [article()])
    assert traced.verdict is verdict
    if expected is not None:
        assert passage(traced) == expected
        assert traced.source == article()
    else:
        assert (traced.source, traced.start, traced.end) == (None, 0, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [("-5度まで下がる見込み", "~5度まで下がる見込み"), ("1,5倍に増えました", "1.5倍に増えました")],
)
def test_signs_that_mean_something_are_no_variants(one: str, other: str) -> None:
    assert trace(quoted(one), [article(other)]).verdict is Verdict.ALTERED


def test_line_ends_of_a_form_make_no_difference() -> None:
    source = comment(1, "賛成です。\r\n橋は必要です。\r\n以上")
    traced = trace(quoted("賛成です。\n橋は必要です。"), [source])
    assert traced.verdict is Verdict.VERBATIM
    assert passage(traced) == "賛成です。\r\n橋は必要です。"


def test_a_run_of_one_sign_at_the_edge_belongs_to_the_passage_whole() -> None:
    traced = trace(quoted("まだ 決まらないのか-"), [comment(1, "まだ決まらないのか――――あきれた")])
    assert traced.verdict is Verdict.FOLDED
    assert passage(traced) == "まだ決まらないのか――――"


# Which source


@pytest.mark.parametrize(
    ("sources", "parent", "chosen", "ambiguous"),
    [
        pytest.param(
            [article(LONG), comment(1, "読みました。")], None, ("article", 1), False, id="only the article"
        ),
        pytest.param([article(), comment(1, LONG)], None, ("comment", 1), False, id="only a comment"),
        pytest.param(
            [article(LONG), comment(1, f"> {LONG}\n遠いですね。")],
            None,
            ("article", 1),
            False,
            id="the article before a comment that quotes it",
        ),
        pytest.param(
            [article(), comment(1, LONG), comment(2, f"＞{LONG}\nなるほど。")],
            2,
            ("comment", 1),
            False,
            id="a comment's own words before the parent's quote of them",
        ),
        pytest.param(
            [article(), comment(1, f"> {LONG}\n遠いですね。")],
            None,
            ("comment", 1),
            False,
            id="a comment's quote where nothing else is left",
        ),
        pytest.param(
            [article(), comment(1, LONG), comment(2, LONG)],
            None,
            ("comment", 2),
            True,
            id="the latest comment",
        ),
        pytest.param(
            [article(), comment(1, LONG), comment(2, LONG)],
            1,
            ("comment", 1),
            True,
            id="the parent before the latest",
        ),
        pytest.param(
            [article(LONG), comment(1, f"こうあります。{LONG}")],
            None,
            ("comment", 1),
            True,
            id="a comment before the article",
        ),
        pytest.param(
            [article(LONG.replace("、", "，")), comment(1, LONG), comment(2, LONG.replace("、", ","))],
            None,
            ("comment", 1),
            True,
            id="verbatim before folded",
        ),
        pytest.param(
            [article(LONG), article(LONG, revision=2), article(f"題：{LONG}", revision=2, field="title")],
            None,
            ("article", 1),
            False,
            id="the article's texts are one source",
        ),
    ],
)
def test_choice(
    sources: list[Source], parent: int | None, chosen: tuple[str, int], *, ambiguous: bool
) -> None:
    traced = trace(quoted(LONG), sources, parent=parent)
    assert traced.verdict is Verdict.VERBATIM
    assert traced.source is not None
    assert (traced.source.kind, traced.source.id) == chosen
    assert passage(traced) == LONG
    assert traced.ambiguous is ambiguous


def test_the_latest_revision_and_the_body_are_preferred() -> None:
    texts = [article(LONG, revision=2), article(LONG, revision=2, field="title"), article(LONG)]
    assert trace(quoted(LONG), texts).source == texts[0]


def test_the_place_is_the_own_words_and_not_the_quote_above_them() -> None:
    text = f"> {LONG}\n本当に？\n{LONG}\nと書いてありますが。"
    traced = trace(quoted(LONG), [comment(1, text)])
    assert (traced.start, traced.end) == (text.rindex(LONG), text.rindex(LONG) + len(LONG))
    folded = trace(quoted(LONG.replace("、", ",")), [comment(1, text)])
    assert (folded.verdict, folded.start, folded.end) == (Verdict.FOLDED, traced.start, traced.end)


def test_a_stock_phrase_is_found_at_the_parent_however_many_hold_it() -> None:
    many = [comment(number, LONG) for number in range(1, 400)]
    assert trace(quoted(LONG), [article(), *many], parent=7).source == many[6]
    assert trace(quoted(LONG), [article(), *many]).source == many[-1]


START = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)


def dated(number: int, text: str, minutes: int) -> Source:
    return Source("comment", number, 1, "body", text, posted_at=START + timedelta(minutes=minutes))


def test_a_comment_sees_only_those_before_it() -> None:
    index = Sources([article(), dated(4, LONG, 0), dated(3, LONG, 5), dated(9, LONG, 5)])
    chosen = {}
    for number, minutes in [(4, 0), (5, 0), (3, 5), (9, 5), (10, 5)]:
        traced = trace(quoted(LONG), index, before=(START + timedelta(minutes=minutes), number))
        chosen[number] = traced.source.id if traced.source else None
    assert chosen == {4: 9, 5: 4, 3: 4, 9: 3, 10: 9}
    earliest = trace(quoted(LONG), index, before=(START, 4))
    assert earliest.verdict is Verdict.LATER


def test_comments_out_of_order_or_without_a_time_are_refused() -> None:
    index = Sources([dated(4, LONG, 5)])
    with pytest.raises(ValueError, match=r"comment 3 .* comes after comment 4 .*give comments in the order"):
        index.extend([dated(3, LONG, 5)])
    assert len(index) == 1
    with pytest.raises(ValueError, match="comment 2 has no posted_at"):
        trace(quoted(LONG), Sources([comment(2, LONG)]), before=(START, 3))


def test_stored_folded_texts_are_used_and_an_outdated_one_gives_no_wrong_place() -> None:
    stored = Source("article", 1, 1, "body", BODY, folded=fold(BODY).text)
    assert passage(trace(quoted("工費はおよそ3億円で"), [stored])) == "工費はおよそ３億円で"
    outdated = Source("article", 1, 1, "body", "別の文章になりました。", folded=fold(BODY).text)
    assert trace(quoted("工費はおよそ3億円で"), [outdated]).verdict is Verdict.MISSING


# Bodies


def outcome(body: str, sources: list[Source]) -> list[tuple[str, str, int | None]]:
    return [
        (
            body[each.quoted.start : each.quoted.end],
            each.verdict.value,
            each.source.id if each.source else None,
        )
        for each in trace_body(body, sources)
    ]


def test_a_block_is_one_quote_where_it_stands_as_a_whole() -> None:
    body = "> 市議会は三日、老朽化した「みどり橋」の架\n> け替えを、賛成多数で可決した。\n反対です。"
    (traced,) = trace_body(body, [article()])
    assert traced.verdict is Verdict.FOLDED
    assert passage(traced) == "市議会は三日、老朽化した「みどり橋」の架け替えを、賛成多数で可決した。"


def test_lines_from_two_places_are_two_quotes() -> None:
    body = "＞工費はおよそ３億円で\n＞川沿いの道を迂回し\n結局いくら？"
    sources = [article(), comment(5, LONG)]
    assert outcome(body, sources) == [
        ("＞工費はおよそ３億円で", "verbatim", 1),
        ("＞川沿いの道を迂回し", "verbatim", 5),
    ]


def test_neighbours_of_one_source_are_put_together_and_so_is_what_is_missing() -> None:
    source = comment(
        5,
        "I walked over the bridge this morning\nand the handrail was loose again.\n"
        "Somebody should tell the council\nbefore a child is hurt.",
    )
    body = (
        "> I walked over the bridge this morning\n> and the handrail was loose\n> again.\n"
        "> Nobody cares about it, and\n> nobody ever will,\n> sadly.\n"
        "> Somebody should tell the council\n> before a child\n> is hurt.\n"
        "I do care."
    )
    assert outcome(body, [source]) == [
        ("> I walked over the bridge this morning\n> and the handrail was loose\n> again.", "folded", 5),
        ("> Nobody cares about it, and\n> nobody ever will,\n> sadly.", "missing", None),
        ("> Somebody should tell the council\n> before a child\n> is hurt.", "folded", 5),
    ]


def test_lines_put_together_are_ambiguous_only_if_each_is() -> None:
    sources = [comment(1, "橋は古いです。"), comment(2, "橋は古いです。\n直すべきです。")]
    one, other = trace_body("> 橋は古いです。\n> 直すべきです。\n> 誰も言っていない文です", sources)
    assert (one.verdict, one.source, one.ambiguous) == (Verdict.VERBATIM, sources[1], False)
    assert other.verdict is Verdict.MISSING


def test_a_block_of_which_nothing_is_found_stays_whole() -> None:
    body = "> 誰も言っていない文です\n> はい\n> これもどこにもない文です\n出典は？"
    assert outcome(body, [article()]) == [(body.removesuffix("\n出典は？"), "missing", None)]


def test_nested_quotes_are_traced_each_to_its_own_source() -> None:
    first, second = (
        comment(1, "橋より先に道路を直すべきです。"),
        comment(2, "> 橋より先に道路を直すべきです。\n道路は県の管轄ですよ。"),
    )
    body = ">> 橋より先に道路を直すべきです。\n> 道路は県の管轄ですよ。\n県に聞きました。"
    assert [each.source for each in trace_body(body, [first, second])] == [first, second]


# Properties

ALPHABET = "橋予算市民ワクチンセンターガパのはをが、。「」…ー〜・ABCdefxyz 0129,.'-!?\n\u3000３Ｂ𠮷"
TEXT = st.text(ALPHABET, min_size=30, max_size=120)

NARROW = {"ガ": "ｶﾞ", "パ": "ﾊﾟ", "ワ": "ﾜ", "セ": "ｾ", "ン": "ﾝ", "タ": "ﾀ", "３": "3", "Ｂ": "b", "ー": "ｰ"}
MARKS = {
    "、": ",",
    "。": "．",
    "「": "『",
    "」": '"',
    "…": "...",
    "〜": "～",
    "・": "･",
    "'": "’",
    "-": "–",
    ",": "，",
}
EDITS: list[Callable[[str], str]] = [
    str.upper,
    lambda character: NARROW.get(character, character),
    lambda character: MARKS.get(character, character),
    lambda character: chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character,
    lambda character: character + "\n",
    lambda character: character + "\u200b",
    lambda character: "\u3000" + character,
    lambda character: "" if character in " \n\u3000" else character,
    lambda character: character,
]


def is_long(text: str) -> bool:
    return sum(1 + (each >= "\u1100") for each in key(fold(text).text) if each.isalnum()) >= 8


def is_uncut(cut: str, text: str) -> bool:
    """Whether its first place in the text begins and ends within no number and no denied word."""
    place = text.index(cut), text.index(cut) + len(cut)
    return whole(Cut(cut), text, *place) == place


@given(TEXT, st.data())
def test_a_passage_cut_from_a_source_is_verbatim_at_its_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = text[start:end]
    assume(is_long(cut) and is_uncut(cut.strip(), text))
    traced = trace(quoted(cut), [article(text)])
    assert traced.verdict is Verdict.VERBATIM
    assert traced.start == text.index(cut.strip())
    assert passage(traced) == cut.strip()


@given(TEXT, st.data())
def test_a_passage_spelled_otherwise_is_found_at_its_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = text[start:end]
    edits = data.draw(st.lists(st.sampled_from(EDITS), min_size=len(cut), max_size=len(cut)))
    spelled = "".join(edit(character) for edit, character in zip(edits, cut, strict=True))
    assume(is_long(cut) and is_uncut(cut.strip(), text) and same_words(spelled, cut))
    traced = trace(quoted(spelled), [article(text)])
    assert traced.verdict in {Verdict.VERBATIM, Verdict.FOLDED}
    wanted = key(fold(cut).text)
    assert key(fold(passage(traced)).text) == wanted
    whole = key(fold(text).text)
    if whole.find(wanted) == whole.rfind(wanted) and cut[0].isalnum() and cut[-1].isalnum():
        assert (traced.start, traced.end) == (start, end)


@given(TEXT, TEXT)
@example("東京" * 20, "東京" * 4)
def test_a_text_that_is_not_there_is_never_found(text: str, other: str) -> None:
    assume(is_long(other))
    traced = trace(quoted(other), [article(text)])
    spelled = "".join(unicodedata.normalize("NFKC", other).casefold().split())
    if spelled in "".join(unicodedata.normalize("NFKC", text).casefold().split()):
        assert traced.source is not None
    if traced.source is not None:
        assert key(fold(passage(traced)).text) == key(fold(other).text)


@given(st.text(ALPHABET + "\0\u0301", max_size=60))
def test_keys_one_by_one_joined_and_mapped_are_the_same(text: str) -> None:
    folded = fold(text).text
    assert decoded(joined_codes([folded, "x", folded])) == f"{key(folded)}\0x\0{key(folded)}\0"
    mapping = mapped(folded)
    assert mapping.key == key(folded)
    for place, sign in enumerate(mapping.key):
        assert key(folded[mapping.starts[place] : mapping.ends[place]]) == sign


# Hostile bodies

HALF = BODY[: len(BODY) // 2].replace("\n", "")


@pytest.mark.parametrize(
    "body",
    [
        ">" * 20_000,
        "> a\n" * 5_000,
        "> a\nb\n" * 3_333,
        "\n".join(">" * depth + " 入れ子の引用文" for depth in range(1, 191)),
        "> 誰も言っていない文です\n" * 1_500,
        f"> {HALF}\n" * (20_000 // (len(HALF) + 3)),
        "> " + HALF * (19_998 // len(HALF)),
        "> " + "。" * 19_998,
        "> " + "あ" * 19_998,
        "> 工費はおよそ\n> 誰も言っていない文です\n" * 900,
        "\0> 工費は\0およそ３億円で\0",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_hostile_bodies_are_borne(body: str) -> None:
    traces = trace_body(body, [article(), comment(1, body), comment(2, "あ" * 20_000)])
    blocks = find(body)
    assert [each.quoted.start for each in traces] == sorted(each.quoted.start for each in traces)
    assert sum(len(each.quoted.lines) for each in traces) <= sum(len(block.lines) for block in blocks)
    assert bool(traces) is bool(blocks)
