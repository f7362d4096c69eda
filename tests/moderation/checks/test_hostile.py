"""What every check promises of every text: it answers, its places lie in the text, its time is linear."""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.checks import CHECKS
from moderation.checks.base import Check, Submission
from moderation.checks.words import Words
from tests.moderation.checks.cases import findings, submission

# Pieces of what the checks look for, so that random texts come near to it.
PIECES = [
    *(
        "a",
        "1",
        "ｱ",
        "ア",
        "あ",
        "漢",
        " ",
        "\n",
        "　",
        ".",
        ",",
        "@",
        "-",
        "ー",
        ":",
        "/",
        "%",
        "!!",
        "ＡＢＣ",
    ),
    *(
        "http://",
        "www.",
        "example.jp",
        "[.]",
        "(dot)",
        "ドット",
        "hxxp://",
        "://",
        "//",
        "．",
        "。com",
        "ｅｘ",
    ),
    *("\u200b", "\u202e", "\u0301", "\u3099", "\U000e0061", "🏴", "👍", "𠮷", "а", "Η", "ロ", "口"),
    *("090", "1234", "〇九〇", "4111", "市", "丁目", "番地", "LINE ID", "line", "@example.com"),
]
hostile = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=80
)


def checks() -> Iterator[Check]:
    for kind in CHECKS:
        listed: dict[str, Any] = {"words": ("馬鹿", "ass")} if issubclass(kind, Words) else {}
        yield kind(**listed)


every_check = pytest.mark.parametrize("check", list(checks()), ids=lambda check: check.slug)


@every_check
@settings(max_examples=60)
@given(body=hostile, name=hostile, email=hostile, url=hostile)
def test_it_answers_with_places_in_the_text(check: Check, body: str, name: str, email: str, url: str) -> None:
    for language in ("ja", "en"):
        comment = submission(body, author_name=name, author_email=email, author_url=url, language=language)
        findings(check, comment)


# Each is repeated to a text of any length; whatever looks back or ahead without a bound takes the square.
RUNS = [
    *("a", "ａ", "1", "1 ", "〇", "あ", "ア", "市", "市あ", "市1丁目", "0", "09", "4111 ", "-", "ー", "a-"),
    *(".", "．", "a.", "ａ．", "a@", "@", "h", "http://", "http://a.jp ", "www.", "hxxp://", "://", "[.]"),
    *("a[.]", "ドット", "aドット", "(dot", "ｈｔｔｐ：／／ａ．ｊｐ ", "line ", "lineid", "ab", "!", "☆"),
    *("\n", "\n ", "\u200b", "a\u200b", "\u202e", "\u0301", "\U000e0061", "🏴", "аa", "а"),
]
SHORT, LONG = 2_500, 20_000


@every_check
def test_its_time_is_linear(check: Check) -> None:
    """Eight times the text, at most some thirty times the time: the square would take 64 times it."""
    slow = {run: ratio for run in RUNS if (ratio := _ratio(check, run)) > 32}
    # A machine that pauses spoils one measure, not the same one again.
    assert [run for run in slow if _ratio(check, run, rounds=9) > 32] == []


def _ratio(check: Check, run: str, rounds: int = 2) -> float:
    short, long = (_ready((run * size)[:size]) for size in (SHORT, LONG))
    # Less than 50 µs is no time to compare with.
    return _best(check, long, rounds) / max(_best(check, short, rounds), 50_000)


@cache
def _ready(body: str) -> Submission:
    comment = submission(body, author_name=body[:200], author_email=body[:254], author_url=body[:2_000])
    _ = comment.folded.places, comment.all_links, comment.folded_name
    return comment


def _best(check: Check, comment: Submission, rounds: int) -> int:
    times = []
    for _ in range(rounds):
        begun = time.process_time_ns()
        if check.applies(comment):
            list(check.check(comment))
        times.append(time.process_time_ns() - begun)
    return min(times)
