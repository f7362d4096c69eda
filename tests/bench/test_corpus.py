"""The corpus of quotes is fresh, and its labels are true, whatever a tracer may say."""

import json
import re
import unicodedata
from collections import Counter
from typing import Any

import pytest

from bench.corpus.__main__ import CORPUS, lines
from bench.corpus.scenes import held, letters

ROWS: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
SCENES = {row["scene"]: row for row in ROWS if row["type"] == "scene"}
CASES = [row for row in ROWS if row["type"] == "case"]
QUOTES = [(case, quote) for case in CASES for quote in case["expected"]]


def of(*verdicts: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(case, quote) for case, quote in QUOTES if quote["verdict"] in verdicts]


def text(case: dict[str, Any], source: dict[str, Any]) -> str:
    """The passage of the source that a label points at."""
    scene = SCENES[case["scene"]]
    if source["kind"] == "article":
        revision = next(r for r in scene["article"]["revisions"] if r["revision"] == source["revision"])
        whole = revision[source["field"]]
    else:
        whole = next(c["body"] for c in scene["comments"] if c["id"] == source["id"])
    assert 0 <= source["start"] < source["end"] <= len(whole)
    return str(whole[source["start"] : source["end"]])


def seen(case: dict[str, Any]) -> list[str]:
    """All texts that readers saw when the comment was written; times of one scene are of one zone."""
    scene, now = SCENES[case["scene"]], case["comment"]["posted_at"]
    revision = [each for each in scene["article"]["revisions"] if each["at"] <= now][-1]
    comments = [c["body"] for c in scene["comments"] if c["posted_at"] <= now and not c["hidden"]]
    return [revision["title"], revision["body"], *comments]


def all_texts(case: dict[str, Any]) -> list[str]:
    scene = SCENES[case["scene"]]
    revisions = scene["article"]["revisions"]
    return [
        *(r["title"] for r in revisions),
        *(r["body"] for r in revisions),
        *(c["body"] for c in scene["comments"]),
    ]


def test_the_corpus_is_what_its_makers_say() -> None:
    assert CORPUS.read_text("utf-8") == lines(), "run python -m bench.corpus"


def test_there_is_enough_of_everything() -> None:
    assert len({row["scene"] for row in CASES}) >= 14
    assert len(CASES) >= 560
    languages = Counter(case["language"] for case in CASES)
    assert 0.5 < languages["ja"] / len(CASES) < 0.7
    counts = Counter((quote["verdict"], case["language"]) for case, quote in QUOTES)
    assert sum(not case["expected"] for case in CASES) >= 120
    for verdict in (
        "short",
        "verbatim",
        "folded",
        "elided",
        "stale",
        "hidden",
        "later",
        "altered",
        "missing",
    ):
        for language in ("ja", "en"):
            assert counts[verdict, language] >= 20, (verdict, language)


def test_every_case_has_a_name_and_a_reason() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert case["scene"] in SCENES
        assert case["reason"]
        assert case["made"]


def test_quotes_stand_where_they_are_said_to_stand() -> None:
    for case, quote in QUOTES:
        there = case["comment"]["body"][quote["start"] : quote["end"]].replace("&gt;", ">")
        assert letters(quote["passage"]) in letters(there), case["id"]
        assert (quote["source"] is None) == (quote["verdict"] in {"short", "missing"}), case["id"]
        assert quote["passage"].strip()
    for case in CASES:
        ends = [0, *(quote["end"] for quote in case["expected"])]
        starts = [*(quote["start"] for quote in case["expected"]), len(case["comment"]["body"])]
        assert all(end <= start for end, start in zip(ends, starts, strict=True)), case["id"]


def test_verbatim_is_verbatim_and_folded_keeps_the_letters() -> None:
    for case, quote in of("verbatim"):
        assert quote["passage"].strip() == text(case, quote["source"]), case["id"]
    for case, quote in of("folded"):
        assert quote["passage"].strip() != text(case, quote["source"]), case["id"]
        assert letters(quote["passage"]) == letters(text(case, quote["source"])), case["id"]


@pytest.mark.parametrize("verdict", ["stale", "hidden", "later"])
def test_what_was_not_seen_is_in_nothing_that_was_seen(verdict: str) -> None:
    for case, quote in of(verdict):
        assert letters(quote["passage"]) == letters(text(case, quote["source"])), case["id"]
        assert not held(quote["passage"], seen(case)), case["id"]


def test_altered_and_missing_are_in_no_text() -> None:
    for case, quote in of("altered", "missing"):
        assert not held(quote["passage"], all_texts(case)), case["id"]


def test_altered_says_how() -> None:
    kinds = Counter(kind for _, quote in of("altered") for kind in quote["differences"])
    for kind in ("negation", "number", "name", "order", "elision", "added", "omitted", "wording"):
        assert kinds[kind] >= 10, kind
    assert all(quote["differences"] for _, quote in of("altered"))


def test_references_are_what_their_numbers_say() -> None:
    for case in CASES:
        now = case["comment"]["posted_at"]
        times = {c["number"]: c["posted_at"] for c in SCENES[case["scene"]]["comments"]}
        for reference in case["references"]:
            there = case["comment"]["body"][reference["start"] : reference["end"]]
            assert str(reference["numbers"][0]) in unicodedata.normalize("NFKC", there), case["id"]
            for number, state in zip(reference["numbers"], reference["states"], strict=True):
                time = times.get(number)
                assert state == ("dangling" if time is None else "resolved" if time < now else "later"), case[
                    "id"
                ]


def test_only_what_is_ambiguous_stands_twice() -> None:
    for case, quote in of("verbatim", "folded"):
        if quote.get("ambiguous") is False:
            own = [re.sub("^>.*$", "", each, flags=re.MULTILINE) for each in seen(case)]
            # None where the clock of what was answered is fast.
            assert len(held(quote["passage"], own)) <= 1, case["id"]
        elif quote.get("ambiguous"):
            assert len(held(quote["passage"], seen(case))) == 2, case["id"]
