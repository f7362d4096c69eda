"""What becomes of a quote by how it was changed and by what could be seen when it was written."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation.quotes import DifferenceKind, Quoted, Source, Sources, Traced, Verdict, trace, trace_body

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
BODY = (
    "県は十二日、老朽化した瀬戸口水門を二年かけて造り替えると発表した。\n"
    "総事業費は約48億円で、国が半分を負担する。工事の間も通航は止めない。\n"
    "漁協の浜田組合長は「説明会で出た不安は、まだ一つも解けていない」と話した。\n"
    "試験放流は四月に始まり、水位の変化を一年にわたって測る。"
)
CORRECTED = BODY.replace("約48億円", "約52億円")
ENGLISH = (
    "The harbour board will not close the north pier before September.\n"
    "Engineers found cracks in 14 of the 60 piles, and repairs will cost £2.3 million.\n"
    "Harbour master Ellen Prowse said the pier was safe for walkers but not for vehicles."
)


def article(
    text: str, *, until: datetime | None = None, since: datetime | None = None, revision: int = 1
) -> Source:
    return Source("article", 1, revision, "body", text, posted_at=since, until=until)


def comment(number: int, text: str, hours: float, *, hidden: bool = False) -> Source:
    at = NOON + timedelta(hours=hours)
    return Source(
        "comment", number, 1, "body", text, posted_at=at, number=number, author=f"読者{number}", hidden=hidden
    )


SOURCES = (
    article(BODY, until=NOON + timedelta(hours=6)),
    article(CORRECTED, since=NOON + timedelta(hours=6), revision=2),
    Source("article", 1, 2, "title", "瀬戸口水門の造り替え"),
    comment(1, "水門より先に、排水機場の電源をどうにかしてほしいです。", 1),
    comment(2, "組合長の言う通り。うちの生け簀は去年の濁りで全滅しました。", 2),
    comment(3, "役所の連中は現場を見たこともない嘘つきばかりだ。", 3, hidden=True),
    comment(4, ENGLISH, 4),
    comment(5, "> 工事の間も通航は止めない。\n本当にそうなら助かります。", 5),
    comment(6, "濁りの原因は水門ではなく、上流の護岸工事だったはずです。", 30),
)
# What is asked about was written a day after the article.
BEFORE = (NOON + timedelta(hours=24), 99)


def traced(text: str, *, parent: int | None = None) -> Traced:
    return trace(Quoted(0, len(text), text), Sources(SOURCES), before=BEFORE, parent=parent)


@pytest.mark.parametrize(
    ("text", "verdict", "passage"),
    [
        ("はい", "short", None),
        ("I see.", "short", None),
        ("国が半分を負担する", "verbatim", "国が半分を負担する"),
        ("repairs will cost £2.3 million", "verbatim", "repairs will cost £2.3 million"),
        ("瀬戸口水門の造り替え", "verbatim", "瀬戸口水門の造り替え"),
        ("総事業費は約５２億円で,国が\n半分を負担する", "folded", "総事業費は約52億円で、国が半分を負担する"),
        ("ＥＮＧＩＮＥＥＲＳ found\ncracks", "folded", "Engineers found cracks"),
        # Quotation marks and a full stop that were put round it
        ("「国が半分を負担する」。", "folded", "国が半分を負担する"),
        # Elisions
        (
            "県は十二日、（中略）二年かけて造り替えると発表した。",
            "elided",
            "県は十二日、老朽化した瀬戸口水門を二年かけて造り替えると発表した。",
        ),
        ("県は十二日、…造り替えると発表した。", "elided", BODY.split("\n", maxsplit=1)[0]),
        ("…国が半分を負担する……", "elided", "国が半分を負担する"),
        (
            "Engineers found cracks in 14 of the 60 piles, [...] cost £2.3 million.",
            "elided",
            "Engineers found cracks in 14 of the 60 piles, and repairs will cost £2.3 million.",
        ),
        (
            "試験放流は四月に始まり、〜略〜測る。",
            "elided",
            "試験放流は四月に始まり、水位の変化を一年にわたって測る。",
        ),
        # What could not be seen
        ("総事業費は約48億円で", "stale", "総事業費は約48億円で"),
        ("総事業費は…48億円で、国が半分を", "stale", "総事業費は約48億円で、国が半分を"),
        ("役所の連中は現場を見たこともない", "hidden", "役所の連中は現場を見たこともない"),
        ("水門ではなく、上流の護岸工事だった", "later", "水門ではなく、上流の護岸工事だった"),
        # Nowhere
        ("来年度の予算に新しい橋の調査費を盛り込んだ", "missing", None),
        ("The council has no money left for libraries", "missing", None),
    ],
)
def test_verdicts(text: str, verdict: str, passage: str | None) -> None:
    found = traced(text)
    assert found.verdict == verdict
    if found.source is None:
        assert passage is None
    else:
        assert found.source.text[found.start : found.end] == passage
        assert (found.similarity, found.differences) == (1.0, ())


@pytest.mark.parametrize(
    ("text", "kind", "quoted", "source"),
    [
        ("工事の間も通航は止める。", "negation", "る", "ない"),
        ("説明会で出た不安は、もう一つも解けている", "negation", "る", "ない"),
        ("The harbour board will close the north pier before September.", "negation", "", "not"),
        ("the pier was safe for walkers and for vehicles", "negation", "and", "but not"),
        ("the pier was unsafe for walkers but not for vehicles", "negation", "unsafe", "safe"),
        ("総事業費は約520億円で、国が半分を負担する", "number", "520億", "52億"),
        ("総事業費は約52億ドルで、国が半分を負担する", "number", "ドル", "円"),
        ("試験放流は五月に始まり、水位の変化を一年に", "number", "五", "四"),
        ("Engineers found cracks in 40 of the 60 piles", "number", "40", "14"),
        ("漁協の浜野組合長は「説明会で出た不安は", "name", "浜野組合長", "浜田組合長"),
        ("said harbour master Helen Prowse said the pier was safe", "name", "Helen", "Ellen"),
        ("国が半分を負担する。総事業費は約52億円で", "order", "国が半分を負担する", "国が半分を負担する"),
        ("総事業費は約52億円で、国がおよそ半分を負担する。", "added", "およそ", ""),
        ("Engineers found deep cracks in 14 of the 60 piles", "added", "deep", ""),
        ("老朽化した水門を二年かけて造り替えると発表した。", "omitted", "", "瀬戸口"),
        ("水位の変化を一年にわたって眺める。", "wording", "眺め", "測"),
        ("repairs will consume £2.3 million", "wording", "consume", "cost"),
        ("国が半分を負担する。工事の間も通航は止め…", "negation", "…", "ない"),
        ("国が半分を負担する。工事の間も通航は止め…", "elision", "…", "ない"),
    ],
)
def test_altered_is_told_by_what_differs(text: str, kind: str, quoted: str, source: str) -> None:
    found = traced(text)
    assert found.verdict is Verdict.ALTERED
    assert 0.5 < found.similarity < 1
    told = [(each.kind.value, each.quoted, each.source) for each in found.differences]
    assert kind in {each for each, _, _ in told}
    assert any(one == kind and quoted in ours and source in theirs for one, ours, theirs in told), told
    for each in found.differences:
        assert found.source is not None
        assert text[each.start : each.end] == each.quoted
        assert found.source.text[each.source_start : each.source_end] == each.source


def test_an_elision_that_drops_a_negation_is_altered() -> None:
    assert traced("工事の間も通航は…。").verdict is Verdict.ELIDED  # what is left off says nothing yet
    found = traced("説明会で出た不安は、まだ一つも（略）と話した。")
    assert found.verdict is Verdict.ALTERED
    assert {each.kind for each in found.differences} == {DifferenceKind.NEGATION, DifferenceKind.ELISION}
    assert found.differences[0].source == "解けていない」"


def test_an_elision_over_many_paragraphs_is_altered() -> None:
    paragraphs = "\n".join(
        f"第{number}の論点は、委員の間で長く話し合われたものである。" for number in range(30)
    )
    source = article(f"委員会は冒頭で経緯を説明した。\n{paragraphs}\n最後に委員長が謝辞を述べた。")
    found = trace(Quoted(0, 0, "委員会は冒頭で経緯を説明した。（略）最後に委員長が謝辞を述べた。"), [source])
    assert found.verdict is Verdict.ALTERED
    assert [each.kind for each in found.differences] == [DifferenceKind.ELISION]


@pytest.mark.parametrize("size", [3, 12, 40, 200])
def test_one_negation_in_a_long_passage_is_never_a_pass(size: int) -> None:
    text = "".join(f"第{number}項の費用は市が負担する。" for number in range(size))
    flipped = text.replace(f"第{size // 2}項の費用は市が負担する", f"第{size // 2}項の費用は市が負担しない")
    found = trace(Quoted(0, len(flipped), flipped), [article(text)])
    assert found.verdict is Verdict.ALTERED
    assert [each.kind for each in found.differences] == [DifferenceKind.NEGATION]
    assert found.similarity < 1


@pytest.mark.parametrize(
    "body",
    [
        "> 工事の間も通航は止め\n> る。国が半分を負担する。",
        "> 国が半分を負担する。工事の間も通航は止める。",
        "> 漁協の浜田組合長は「説明会で出た不安は、\n> まだ一つも\n> 解けている」と話した。",
        "> The harbour board will\n> close the north pier\n> before September.",
        "> The pier was safe\n> for walkers\n> and for vehicles",
    ],
)
def test_no_line_of_an_altered_passage_makes_it_pass(body: str) -> None:
    verdicts = {each.verdict for each in trace_body(body, Sources(SOURCES), before=BEFORE)}
    assert Verdict.ALTERED in verdicts or Verdict.MISSING in verdicts


def test_what_a_later_comment_quotes_of_the_asker_is_no_source() -> None:
    rumour = "水門の鍵は前の所長が売ってしまったそうだ"
    sources = [article(BODY), comment(8, f"> {rumour}\nそんな話は聞いたことがない。", 30)]
    assert trace(Quoted(0, 0, rumour), sources, before=BEFORE).verdict is Verdict.MISSING


def test_the_asker_itself_is_no_source() -> None:
    body = "> 水門の鍵は所長が持っている\n水門の鍵は所長が持っている"
    asker = comment(50, body, 24)
    (found,) = trace_body(body, [article(BODY), asker], before=(NOON + timedelta(hours=24), 50))
    assert found.verdict is Verdict.MISSING


def test_a_parent_or_a_named_comment_was_seen_whatever_the_clocks_say() -> None:
    words = "水門ではなく、上流の護岸工事だった"
    assert traced(words, parent=6).verdict is Verdict.VERBATIM
    (found,) = trace_body(f">>6\n> {words}\nその通り。", Sources(SOURCES), before=BEFORE)
    assert found.verdict in {Verdict.VERBATIM, Verdict.LATER}
    assert found.source == SOURCES[-1]


def test_revisions_are_seen_in_their_time() -> None:
    index = Sources(SOURCES)
    asked = Quoted(0, 0, "総事業費は約48億円で")
    verdicts = [
        trace(asked, index, before=(NOON + timedelta(hours=hours), 99)).verdict for hours in (1, 5.9, 6, 24)
    ]
    assert verdicts == [Verdict.VERBATIM, Verdict.VERBATIM, Verdict.STALE, Verdict.STALE]
    new = Quoted(0, 0, "総事業費は約52億円で")
    assert trace(new, index, before=(NOON + timedelta(hours=1), 99)).verdict is Verdict.LATER
    assert trace(new, index).verdict is Verdict.VERBATIM


@pytest.mark.parametrize(
    ("one", "other"), [("x > 5 のとき", "x 5 のとき"), ("3->4 に変えた", "3-4 に変えた")]
)
def test_a_mark_inside_of_a_line_says_something(one: str, other: str) -> None:
    text = f"設定は {one} 動きます。"
    found = trace(Quoted(0, 0, f"設定は {other} 動きます。"), [article(text)])
    assert found.verdict is Verdict.ALTERED
    assert found.similarity < 1


@pytest.mark.parametrize("quoted", ["住民には説明会を開く", "住民には説明会を開く。"])
def test_a_short_sentence_without_its_denial_is_altered(quoted: str) -> None:
    body = "費用は百二十億円に上る。住民には説明会を開かない。工事は秋に始まる。"
    (traced,) = trace_body(f"> {quoted}\nよかった。", [Source("article", 1, 1, "body", body)])
    assert traced.verdict == Verdict.ALTERED
