"""What the finder and the tracer must make of the labelled corpus, and that the examiner can fail them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from moderation.examination import BEGIN, END, tables, with_results
from moderation.quotes import Verdict
from moderation.quotes.corpus import Examination, examine, read

CORPUS = Path(__file__).parents[3] / "seeds" / "corpus" / "quotes.jsonl"


@cache
def examination() -> Examination:
    return examine(read(CORPUS.read_text("utf-8").splitlines()))


def test_no_altered_quote_passes() -> None:
    assert examination().altered_accepted() == []


def test_true_quotes_are_accepted_with_their_exact_place() -> None:
    count, missed = examination().true_quotes()
    assert count > 300
    assert len(missed) <= count * 0.01, missed


def test_what_is_no_quote_is_taken_for_none() -> None:
    assert examination().plain > 120
    assert len(examination().strays) <= examination().plain * 0.01, examination().strays


SCENE = {
    "type": "scene",
    "scene": "bridge",
    "language": "en",
    "article": {
        "id": 1,
        "revisions": [
            {
                "revision": 1,
                "at": "2026-04-01T06:00:00+00:00",
                "title": "The bridge",
                "body": "The bridge will close.",
            }
        ],
    },
    "comments": [
        {
            "id": 11,
            "number": 1,
            "author": "toll_keeper",
            "posted_at": "2026-04-01T07:00:00+00:00",
            "hidden": False,
            "body": "Nobody asked the people on the island.",
        }
    ],
}


def examined(
    body: str, *expected: dict[str, Any], references: tuple[dict[str, Any], ...] = ()
) -> Examination:
    comment = {
        "id": 12,
        "author": "a",
        "posted_at": "2026-04-01T08:00:00+00:00",
        "parent": None,
        "body": body,
    }
    case = {"type": "case", "id": "one", "scene": "bridge", "language": "en", "comment": comment}
    rows: Iterator[dict[str, Any]] = iter([SCENE, {**case, "expected": expected, "references": references}])
    return examine(read(json.dumps(row) for row in rows))


def quote(passage: str, verdict: str, source: dict[str, Any] | None = None, **judged: bool) -> dict[str, Any]:
    return {
        "start": 0,
        "end": len(passage) + 2,
        "passage": passage,
        "verdict": verdict,
        "source": source,
        **judged,
    }


ARTICLE = {"kind": "article", "id": 1, "revision": 1, "field": "body", "start": 0, "end": 22}
COPIED = "The bridge will close."


@pytest.mark.parametrize(
    ("body", "expected", "taken"),
    [
        ("> The bridge will close.\n\nWhen?", quote(COPIED, "verbatim", ARTICLE), "right"),
        ("> The bridge will close.", quote(COPIED, "folded", ARTICLE), "verbatim"),
        ("> The bridge will close.", quote(COPIED, "verbatim", {**ARTICLE, "start": 1}), "wrong place"),
        ("> The bridge will close.", quote(COPIED, "verbatim", {**ARTICLE, "field": "title"}), "wrong place"),
        ("> The bridge will close.", quote(COPIED, "altered", ARTICLE), "verbatim"),
        ("> The bridge will close.", quote(COPIED, "missing"), "verbatim"),
        ("> The bridge will close.", quote("The bridge will", "verbatim", ARTICLE), "wrong extent"),
        ("> The bridge will close.", quote(COPIED, "verbatim", ARTICLE, ambiguous=True), "not ambiguous"),
        ("The bridge will close.", quote(COPIED, "verbatim", ARTICLE), "not found"),
    ],
)
def test_an_answer_is_compared_in_every_way(body: str, expected: dict[str, Any], taken: str) -> None:
    (answer,) = examined(body, expected).answers
    assert answer.taken == taken


def test_an_altered_quote_that_passes_is_told() -> None:
    assert examined("> The bridge will close.", quote(COPIED, "altered", ARTICLE)).altered_accepted() == [
        "one"
    ]
    assert examined("> The bridge will close.", quote(COPIED, "verbatim", ARTICLE)).altered_accepted() == []


def test_a_true_quote_needs_its_exact_place() -> None:
    assert examined("> The bridge will close.", quote(COPIED, "folded", ARTICLE)).true_quotes() == (1, [])
    elsewhere = quote(COPIED, "verbatim", {**ARTICLE, "end": 21})
    assert examined("> The bridge will close.", elsewhere).true_quotes() == (1, ["one"])


def test_what_is_taken_for_a_quote_is_a_stray() -> None:
    assert examined("> The bridge will close.").strays == ("one",)
    assert examined("The bridge will close > soon").strays == ()
    assert examined("The bridge will close > soon").plain == 1


def test_references_are_compared_with_what_became_of_them() -> None:
    wanted = {"start": 0, "end": 3, "numbers": [1], "states": ["resolved"]}
    assert examined(">>1 Yes.", references=(wanted,)).references == (("one", True),)
    assert examined(">>1 Yes.", references=({**wanted, "states": ["dangling"]},)).references == (
        ("one", False),
    )
    assert examined(">>1 Yes.").references == (("one", False),)
    assert examined("Yes.", references=(wanted,)).references == (("one", False),)


def test_the_page_keeps_what_people_wrote() -> None:
    fresh = with_results(f"before\n{BEGIN}\nformer tables\n{END}\nafter\n", examination())
    assert fresh.startswith(f"before\n{BEGIN}\n\n| what is true")
    assert fresh.endswith(f"{END}\nafter\n")
    assert "former tables" not in fresh
    assert with_results(fresh, examination()) == fresh
    assert with_results(with_results("", examination()), examination()) == with_results("", examination())


def test_the_tables_count_right_and_wrong() -> None:
    one, *_ = examined("> The bridge will close.", quote(COPIED, "verbatim", ARTICLE)).answers
    answers = (one, replace(one, taken="missing"), replace(one, expected=Verdict.ALTERED, accepted=False))
    text = tables(Examination(answers, (), 4, (("one", True),)))
    assert "| verbatim | en | 2 | 1 | 50.0 % | 1 missing |" in text
    assert "| altered | en | 1 | 1 | 100.0 % |  |" in text
