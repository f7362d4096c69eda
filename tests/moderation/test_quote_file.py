"""The quotes of a file: what is read, in which order, and what is told of each."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from comments.formats.base import Problem
from moderation.quote_file import Found, QuoteFile, trace_thread
from moderation.quotes import Difference, DifferenceKind, Quoted, Source, Traced, Verdict
from tests.tracing import ARTICLE, as_lines, comment

PASSAGE = "渡し船は一日に六往復し、冬のあいだは四往復に減る。"


def read(*rows: dict[str, Any] | str) -> tuple[QuoteFile, list[Problem]]:
    file = QuoteFile(io.BytesIO(as_lines(*rows)))
    return file, list(file.read())


def traced(*rows: dict[str, Any] | str, parents: bool = True) -> list[dict[str, Any]]:
    file, _ = read(*rows)
    return [found.document() for found in file.trace(parents=parents)]


def test_every_quote_comes_with_places_in_the_texts_of_the_file() -> None:
    body = f"ひとつ伺います。\n> {PASSAGE}\nこれは去年の話では。"
    (line,) = traced(comment("c1", body), ARTICLE)
    assert line == {
        "comment": "c1",
        "start": 9,
        "end": 11 + len(PASSAGE),
        "quote": PASSAGE,
        "verdict": "verbatim",
        "source": {"kind": "article", "id": "ferry", "start": 11, "end": 11 + len(PASSAGE)},
        "similarity": 1.0,
        "differences": [],
        "ambiguous": False,
    }
    assert ARTICLE["body"][11 : 11 + len(PASSAGE)] == PASSAGE
    assert list(line) == [
        "comment", "start", "end", "quote", "verdict", "source", "similarity", "differences", "ambiguous",
    ]  # fmt: skip


def test_lines_of_several_articles_may_stand_in_any_order() -> None:
    other = {"type": "article", "id": "mill", "body": "水車小屋は取り壊さずに移すことになった。"}
    found = traced(
        comment("m1", "> 水車小屋は取り壊さずに移すことになった。", article="mill"),
        comment("c2", "> 船酔いしやすい人には朝の便がおすすめです。", at="09:30"),
        other,
        comment("c1", "船酔いしやすい人には朝の便がおすすめです。", at="09:10"),
        ARTICLE,
    )
    assert [(each["comment"], each["source"]["kind"], each["source"]["id"]) for each in found] == [
        ("m1", "article", "mill"),
        ("c2", "comment", "c1"),
    ]


def test_what_is_later_by_its_time_is_no_source_though_it_stands_before() -> None:
    words = "桟橋の灯りは夕方の五時にともります。"
    found = traced(ARTICLE, comment("late", words, at="11:00"), comment("early", f"> {words}", at="09:00"))
    assert found[0]["verdict"] not in {"verbatim", "folded", "elided"}


def test_comments_of_one_time_stand_in_the_order_of_the_file() -> None:
    words = "桟橋の灯りは夕方の五時にともります。"
    first, second = comment("x", words, at="09:00"), comment("y", f"> {words}", at="09:00")
    assert traced(ARTICLE, first, second)[0]["source"]["id"] == "x"
    assert traced(ARTICLE, second, first)[0]["verdict"] not in {"verbatim", "folded", "elided"}


def test_a_comment_without_a_time_comes_last() -> None:
    words = "桟橋の灯りは夕方の五時にともります。"
    undated = {**comment("u", f"> {words}"), "posted_at": None}
    assert traced(ARTICLE, undated, comment("d", words, at="23:00"))[0]["source"]["id"] == "d"


def test_a_given_parent_helps_unless_it_is_to_be_ignored() -> None:
    words = "冬の便が減るのは困ります、病院の予約があるので。"
    rows = [
        ARTICLE,
        comment("a", words, at="09:00"),
        comment("b", words, at="09:10"),
        comment("c", f"> {words}\n同じです。", at="09:20", parent="a"),
    ]
    (helped,), (alone,) = traced(*rows), traced(*rows, parents=False)
    assert (helped["source"]["id"], helped["ambiguous"]) == ("a", True)
    assert (alone["source"]["id"], alone["ambiguous"]) == ("b", True)


def sources_seen(monkeypatch: Any, *rows: dict[str, Any]) -> list[Source]:
    """What `trace_thread` gives the tracer."""
    seen: list[Source] = []
    monkeypatch.setattr("moderation.quote_file.Sources", lambda _: _Recorder(seen))
    monkeypatch.setattr("moderation.quote_file.trace_body", lambda *_, **__: ())
    list(QuoteFileOf(*rows).trace())
    return seen


class _Recorder:
    def __init__(self, seen: list[Source]) -> None:
        self.extend = seen.extend


def QuoteFileOf(*rows: dict[str, Any]) -> QuoteFile:
    file, problems = read(*rows)
    assert problems == []
    return file


def test_states_that_readers_do_not_see_are_hidden(monkeypatch: Any) -> None:
    states = ["", "approved", "published", "pending", "held", "spam", "trash", "rejected", "deleted"]
    rows = [comment(f"c{at}", "潮の香り", state=state) for at, state in enumerate(states)]
    seen = sources_seen(monkeypatch, ARTICLE, *rows)
    assert [source.hidden for source in seen if source.is_comment] == [False] * 5 + [True] * 4


def test_an_article_given_twice_has_two_texts(monkeypatch: Any) -> None:
    later = ARTICLE | {"body": "一日に八往復する。", "published_at": "2026-01-11T06:00:00+09:00"}
    undated = ARTICLE | {"body": "一日に五往復する。"}
    first, second, third = sources_seen(monkeypatch, ARTICLE, ARTICLE, later, undated)[1::2]
    assert [source.revision for source in (first, second, third)] == [1, 2, 3]
    assert (first.posted_at, third.until) == (None, None)
    assert first.until == second.posted_at
    assert str(first.until) == "2026-01-10 21:00:00+00:00"
    # Nothing tells when the third took the second's place: then nobody has seen the second.
    assert second.until is not None
    assert second.until.year == 1
    assert third.posted_at == second.until


def test_numbers_and_names_are_given_for_references_and_attributions(monkeypatch: Any) -> None:
    rows = [comment("b", "二番", at="10:00", author_name="木村"), comment("a", "一番", at="09:00")]
    seen = sources_seen(monkeypatch, ARTICLE, *rows)
    assert [(each.number, each.author) for each in seen if each.is_comment] == [(1, ""), (2, "木村")]


OLD, NEW = "船は一日に六往復し、夜の便は九時に出ます。", "船は一日に四往復し、夜の便は八時に出ます。"


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([ARTICLE | {"body": OLD}, ARTICLE | {"body": NEW}], "stale"),
        # It was replaced only after it was quoted.
        (
            [ARTICLE | {"body": OLD}, ARTICLE | {"body": NEW, "published_at": "2026-02-01T00:00:00+09:00"}],
            "verbatim",
        ),
        ([ARTICLE, comment("h", OLD, at="08:00", state="rejected")], "hidden"),
        ([ARTICLE, comment("l", OLD, at="23:00")], "later"),
        ([ARTICLE, comment("a", OLD.replace("六", "四"), at="08:00")], "altered"),
        ([ARTICLE], "missing"),
    ],
)
def test_every_verdict_that_depends_on_the_file(rows: list[dict[str, Any]], verdict: str) -> None:
    (line,) = traced(*rows, comment("c", f"> {OLD}\nほう。"))
    assert line["verdict"] == verdict
    assert (line["source"] is None) == (verdict == "missing")


def test_of_a_comment_given_twice_the_later_text_counts() -> None:
    words = "桟橋の灯りは夕方の五時にともります。"
    rows = [
        ARTICLE,
        comment("a", "書きかけ", at="09:00"),
        comment("b", f"> {words}", at="10:00"),
        comment("a", words, at="09:00"),
    ]
    assert traced(*rows)[0]["source"]["id"] == "a"


def test_a_bad_line_is_a_problem_and_the_others_are_traced() -> None:
    file, problems = read(
        ARTICLE, "{", "", comment("c1", f"> {PASSAGE}"), {"type": "comment", "id": "x", "article": "ferry"}
    )
    assert [(each.place, each.code) for each in problems] == [("line 2", "json"), ("line 5", "required")]
    assert [found.comment for found in file.trace()] == ["c1"]


def test_comments_without_their_article_are_told_of_and_traced_to_each_other() -> None:
    words = "桟橋の灯りは夕方の五時にともります。"
    file, (told,) = read("", comment("a", words, at="09:00"), comment("b", f"> {words}", at="09:05"))
    assert (told.place, told.code) == ("line 2", "no-article")
    assert "'ferry'" in told.reason
    assert [found.source_id for found in file.trace()] == ["a"]


def test_a_byte_order_mark_and_other_line_ends_shift_nothing() -> None:
    rows = as_lines(ARTICLE, comment("c1", f"> {PASSAGE}")).replace(b"\n", b"\r\n")
    file = QuoteFile(io.BytesIO(b"\xef\xbb\xbf" + rows.removesuffix(b"\r\n")))
    assert list(file.read()) == []
    assert [found.document()["verdict"] for found in file.trace()] == ["verbatim"]


def test_it_says_how_far_it_is() -> None:
    file = QuoteFile(io.BytesIO(as_lines(ARTICLE, comment("c", "海"), comment("m", "山", article="mill"))))
    read_to: list[int] = []
    done: list[int] = []
    list(file.read(read_to.append))
    list(file.trace(step=done.append))
    assert read_to == sorted(set(read_to))
    assert len(read_to) == 3
    assert done == [1, 2] == list(range(1, file.articles + 1))


def test_an_altered_quote_is_told_with_its_nearest_passage_and_differences() -> None:
    source = Source("comment", 3, 1, "body", "費用は八億円です。")
    quote = Traced(
        Quoted(0, 12, "費用は九億円です。"), Verdict.ALTERED, source, 0, 9, True, 0.888_888,
        (Difference(DifferenceKind.NUMBER, "九", "八", 3, 4, 3, 4),),
    )  # fmt: skip
    told = json.loads(json.dumps(Found("c9", quote, "c3").document()))
    assert (told["verdict"], told["similarity"], told["ambiguous"]) == ("altered", 0.8889, True)
    assert told["source"] == {"kind": "comment", "id": "c3", "start": 0, "end": 9}
    assert told["differences"] == [{"kind": "number", "quoted": "九", "source": "八"}]


def test_an_empty_thread_has_no_quotes() -> None:
    assert list(trace_thread("a", [])) == []
