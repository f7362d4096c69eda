"""Which of several sources a quote was taken from, and what the comment says of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from moderation.quotes import DifferenceKind, Quoted, Source, Sources, Traced, Verdict, trace, trace_body
from moderation.quotes.base import ARTICLE
from moderation.quotes.dates import dates

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TIDE = "満潮の三時間前に着けば、まず座れます。"
PIER = "The pier is no place for a brass band."


def comment(number: int, text: str, author: str = "", *, minutes: float | None = None) -> Source:
    at = NOON + timedelta(minutes=number if minutes is None else minutes)
    return Source("comment", number, 1, "body", text, posted_at=at, number=number, author=author)


def article(text: str) -> Source:
    return Source("article", 1, 1, "body", text)


def named(text: str, *, attribution: str = "", numbers: tuple[int, ...] = ()) -> Quoted:
    return Quoted(0, len(text), text, attribution=attribution, numbers=numbers)


READERS = [
    article(f"釣り公園の混雑が続く。{TIDE}"),
    comment(1, TIDE, "磯の松田"),
    comment(2, TIDE, "Hana Mori"),
    comment(3, f"> {TIDE}\n本当ですか。", "松田"),
    comment(4, PIER, "Hana Mori"),
]


@pytest.mark.parametrize(
    ("quoted", "parent", "chosen"),
    [
        (named(TIDE), None, 2),
        (named(TIDE), 1, 1),
        (named(TIDE, numbers=(1,)), 2, 1),
        (named(TIDE, attribution="磯の松田さん"), 2, 1),
        (named(TIDE, attribution="ＨＡＮＡ　ＭＯＲＩ"), 1, 2),
        (named(TIDE, attribution="Hana Mori <hana@example.jp>"), None, 2),
        # A part of one author's name only
        (named(TIDE, attribution="Mori"), 1, 2),
        # Nobody here is called so
        (named(TIDE, attribution="誰か"), 1, 1),
        (named(TIDE, numbers=(99,)), 1, 1),
        # The parent only quotes it
        (named(TIDE), 3, 2),
    ],
)
def test_the_source_that_is_named_comes_before_the_parent_and_the_latest(
    quoted: Quoted, parent: int | None, chosen: int
) -> None:
    found = trace(quoted, READERS, parent=parent)
    assert found.source == READERS[chosen]
    assert (found.verdict, found.ambiguous, found.misattributed) == (Verdict.VERBATIM, True, False)


def test_the_article_is_chosen_where_it_is_named() -> None:
    found = trace(named(TIDE, attribution=ARTICLE), READERS, parent=1)
    assert (found.source, found.misattributed) == (READERS[0], False)
    other = trace(named(PIER, attribution=ARTICLE), READERS)
    assert (other.source, other.misattributed) == (READERS[4], True)


@pytest.mark.parametrize(
    ("quoted", "told"),
    [
        (named(PIER, numbers=(1,)), (">>1", ">>4")),
        (named(PIER, attribution="磯の松田"), ("磯の松田", "Hana Mori")),
        (named("The pier is a place for a brass band.", attribution="磯の松田"), ("磯の松田", "Hana Mori")),
    ],
)
def test_words_of_another_than_the_one_who_is_named_are_misattributed(
    quoted: Quoted, told: tuple[str, str]
) -> None:
    found = trace(quoted, READERS)
    assert found.misattributed
    (difference,) = (each for each in found.differences if each.kind is DifferenceKind.ATTRIBUTION)
    assert (difference.quoted, difference.source) == told


@pytest.mark.parametrize(
    "quoted",
    [
        named(PIER, attribution="誰か"),
        named(PIER, numbers=(77,)),
        named(PIER, attribution="Hana Mori"),
        # Who quotes it himself is not wholly wrongly named.
        named(TIDE, numbers=(3,)),
        named("どこにも書かれていない文である", numbers=(1,)),
    ],
)
def test_what_names_nobody_else_is_not_misattributed(quoted: Quoted) -> None:
    assert not trace(quoted, READERS).misattributed


@pytest.mark.parametrize(
    ("quoted", "verdict"),
    [
        (named("満潮"), Verdict.SHORT),
        (named("満潮", numbers=(1,)), Verdict.VERBATIM),
        (named("満潮", attribution="磯の松田"), Verdict.VERBATIM),
        (named("満潮", attribution=ARTICLE), Verdict.VERBATIM),
        (named("干潮", numbers=(1,)), Verdict.MISSING),
        (named("満潮", numbers=(99,)), Verdict.SHORT),
    ],
)
def test_a_short_passage_is_looked_for_in_the_source_that_is_named(quoted: Quoted, verdict: Verdict) -> None:
    assert trace(quoted, READERS).verdict is verdict


# One comment's quotes tend to come from one source.

SIGNED = [
    comment(1, "桟橋の東側は夜も明るいです。\n灯台守の会 世話人一同", "灯"),
    comment(2, "回覧板は来週です。\n灯台守の会 世話人一同", "灯"),
]


def sources_of(body: str, sources: list[Source]) -> list[int | None]:
    return [each.source.id if each.source else None for each in trace_body(body, sources)]


def test_a_line_that_stands_everywhere_goes_with_the_distinctive_ones() -> None:
    assert sources_of("> 灯台守の会 世話人一同\n誰？", SIGNED) == [2]
    body = "> 桟橋の東側は夜も明るいです。\nはい。\n> 灯台守の会 世話人一同\n誰？"
    assert sources_of(body, SIGNED) == [1, 1]
    body = "> 灯台守の会 世話人一同\n誰？\n> 桟橋の東側は夜も明るいです。\nはい。"
    assert sources_of(body, SIGNED) == [1, 1]


def test_what_a_program_wrapped_goes_with_the_line_before_it() -> None:
    letter = comment(
        1, "The ferry office keeps lost umbrellas for a year and then gives them\naway to the school."
    )
    answer = comment(
        2, f"> {letter.text.replace(chr(10), chr(10) + '> ')}\n\nOnly to the school, or to anyone who asks?"
    )
    body = (
        ">> The ferry office keeps lost umbrellas for a year and then\n> gives them\n>> away to the school.\n"
        "> Only to the school, or to anyone who asks?\nI asked, and got two."
    )
    traces = trace_body(body, [letter, answer])
    assert {each.verdict for each in traces} <= {Verdict.VERBATIM, Verdict.FOLDED}
    assert all(each.source in {letter, answer} for each in traces)


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, 1 Jun 2026 14:01:00 +0200, someone wrote:",
        "On Jun 1, 2026, at 9:01 PM, someone wrote:",
        "2026年6月1日(月) 21:01 ある人:",
        "2026/06/01 21:01:00 のコメントより",
        "Am 01.06.2026 um 14:01 schrieb jemand:",
    ],
)
def test_the_time_that_is_named_tells_which_of_many_is_meant(line: str) -> None:
    many = [comment(number, "灯台守の会 世話人一同") for number in range(1, 6)]
    assert sources_of(f"{line}\n> 灯台守の会 世話人一同\n誰？", many) == [1]
    assert sources_of("> 灯台守の会 世話人一同\n誰？", many) == [5]


@pytest.mark.parametrize(
    ("text", "at", "fits"),
    [
        ("Mon, 1 Jun 2026 14:01:30 +0200", NOON + timedelta(minutes=1, seconds=30), True),
        ("Mon, 1 Jun 2026 14:01:31 +0200", NOON + timedelta(minutes=1, seconds=30), False),
        ("Mon, 1 Jun 2026 14:01 +0200", NOON + timedelta(minutes=1, seconds=30), True),
        ("2026-06-01 17:46", NOON + timedelta(minutes=1), True),  # Nepal's clock
        ("2026-06-01 17:47", NOON + timedelta(minutes=1), False),
        ("2026年6月1日 午後9時1分", NOON + timedelta(minutes=1), True),
        ("13/6/2026 12:01", NOON + timedelta(days=12, minutes=1), True),
        ("2026-02-31 12:00", NOON, False),
        ("2026-06-01 99:99", NOON, False),
    ],
)
def test_times_are_compared_whatever_their_zone(text: str, at: datetime, *, fits: bool) -> None:
    found = dates(f"{text} someone wrote:")
    assert any(each.fits(at.astimezone(timezone(timedelta(hours=9)))) for each in found) is fits


def test_numbers_lead_to_moments() -> None:
    index = Sources(READERS)
    assert index.placed[4] == ((NOON + timedelta(minutes=4), 4), 4)
    assert set(index.placed) == {1, 2, 3, 4}
    assert index.characters == sum(len(each.text) for each in READERS)
    assert index.index_bytes > index.characters


def test_a_source_that_was_seen_is_nearer_than_one_that_was_not() -> None:
    hidden = Source(
        "comment", 9, 1, "body", "堤防の上は風が強くて立っていられない。", posted_at=NOON, hidden=True
    )
    seen = comment(1, "堤防の下は風が強くて立っていられない。")
    found = trace(named("堤防の横は風が強くて立っていられない。"), [hidden, seen])
    assert (found.verdict, found.source) == (Verdict.ALTERED, seen)


def parts(traces: tuple[Traced, ...]) -> list[tuple[str, str, int | None]]:
    return [
        (each.quoted.text, each.verdict.value, each.source.id if each.source else None) for each in traces
    ]


def test_sentences_of_one_line_may_come_from_two_sources() -> None:
    sources = [article("港の桟橋は来春まで閉じる。"), comment(2, "鴎に餌をやらないでください。")]
    body = "＞港の桟橋は来春まで閉じる。鴎に餌をやらないでください。\n関係ありますか。"
    assert parts(trace_body(body, sources)) == [
        ("港の桟橋は来春まで閉じる。", "verbatim", 1),
        ("鴎に餌をやらないでください。", "verbatim", 2),
    ]
    first, second = trace_body(body, sources)
    assert body[first.quoted.start : first.quoted.end] == "＞港の桟橋は来春まで閉じる。"
    assert body[second.quoted.start : second.quoted.end] == "鴎に餌をやらないでください。"


def test_a_sentence_left_out_of_one_line_without_a_mark_is_altered() -> None:
    source = article("桟橋は閉じない。ただし夜は別だ。釣りもできる。")
    (found,) = trace_body("＞桟橋は閉じない。釣りもできる。\nよかった。", [source])
    assert found.verdict is Verdict.ALTERED
    assert [each.kind for each in found.differences] == [DifferenceKind.OMITTED]
