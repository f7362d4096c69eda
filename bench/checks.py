"""What each check costs, and fifty rules of them, over Japanese comments of 280 characters.

    python -m bench.checks [--json] [--quick]

A seeded mixture: plain sentences, and some with links, quotes, figures in full
width, half-width kana, faces, laughter and English. No database: checks are
pure, and their facts are given. Each figure is a percentile over the comments
of the best of several rounds, which is the one least disturbed by what else
the machine does. The fifty rules walk `CHECKS` again and again, with 5,000
words and 500 patterns shared among those that take them; there the folded text
is the stored one, and everything else is found anew for each comment.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from statistics import quantiles
from time import perf_counter_ns
from typing import Any

from bench.micro import LENGTH, TEXTS
from moderation.checks import CHECKS
from moderation.checks.base import Check, Copy, Submission
from moderation.engine import ActiveRule, Context, evaluate
from moderation.quotes import Quoted, Traced, Verdict

SEED = 20261122
NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
RULES, WORDS, PATTERNS = 50, 5_000, 500

PLAIN = [sentence + "。" for sentence in TEXTS["Japanese, nothing to fold"].split("。") if sentence]
ODD = [
    "出典は https://www.example.co.jp/news/2026/04/01/article_12345.html にあります。",
    "＞工事は三月に終わる\n本当でしょうか。",
    "利用者は１，２３４人から９８７人に減り、前年の８０％でした（市の資料）。",
    "ﾊﾞｽの屋根は助かります(^o^)",
    "さすがに笑いましたｗｗｗｗｗ",
    "NHKとJRの発表では2026年4月1日の10:30からだそうです。",
    "ありがとうございます！！！！ うれしい♪♪ 👍👍",
    "「反対の声はなかった」とは、どの議事録の何ページですか？",
    "Wi-Fiが使えるなら、iPadで資料を見られますね。The map in English would help, too.",
    "……と思っていたのですが、・・・どうでしょう。",
]
NAMES = ("松田", "港町の会計係", "なぎさ", "通りすがり", "Tom Ellery", "ﾀﾅﾍﾞ", "防災士の端くれ", "Ｋ．Ｓ．")


def comments(count: int) -> list[Submission]:
    """So many comments of authors with a history, one in three with a traced quote; always the same."""
    rng = random.Random(SEED)
    times = tuple(NOW - timedelta(seconds=seconds) for seconds in (50, 400, 3_000))
    copies = tuple(
        Copy(number, at, same_author=False, same_article=True) for number, at in enumerate(times[:2])
    )
    made = []
    for number in range(count):
        body = _body(rng)
        made.append(
            Submission(
                comment=number,
                revision=1,
                body=body,
                posted_at=NOW,
                arrived_at=NOW,
                author_name=rng.choice(NAMES),
                author_email=f"reader{number}@mail.example.jp",
                article_title="駅前の再開発、説明会で質問が相次ぐ",
                quotes=(Traced(Quoted(0, 20, body[:20]), Verdict.VERBATIM),) if number % 3 == 0 else (),
                author_times=times,
                address_times=times * 3,
                copies=copies if number % 10 == 0 else (),
            )
        )
    return made


def _body(rng: random.Random) -> str:
    pieces: list[str] = []
    while sum(map(len, pieces)) < LENGTH:
        pieces.append(rng.choice(ODD) if rng.random() < 0.15 else rng.choice(PLAIN))
    return "".join(pieces)[:LENGTH]


def busy(kind: type[Check], words: int, patterns: int) -> Check:
    """The check by its defaults, with so many words or patterns where it takes a list of them."""
    names = {field.name for field in fields(kind)}
    listed: dict[str, Any] = {}
    if "words" in names:
        listed["words"] = tuple(islice(_words(), words))
    if "patterns" in names:
        listed["patterns"] = tuple(f"{re.escape(word)}[0-9]{{2,4}}円?" for word in islice(_words(), patterns))
    if "expression" in names:
        listed["expression"] = "published_before < 3 && (link_count > 2 || folded.contains('副業'))"
    return kind(**listed)


def _words() -> Iterator[str]:
    """Words that no comment holds, Japanese and English in turn."""
    text = TEXTS["Japanese, nothing to fold"]
    for first in range(len(text) - 2):
        for second in "鬱鰐鼈蠍麒麟驢鷲鷺鷽鸚鵡黴黛鼬鼯鼾齟齬龕":
            yield f"{text[first : first + 2]}{second}郎"
            yield f"{chr(97 + first % 26)}{chr(97 + first // 26)}{ord(second) % 97}head"


def fifty_rules() -> list[ActiveRule]:
    """Fifty enforced rules over all checks in turn."""
    kinds = list(islice(cycle(CHECKS), RULES))
    lists = sum(_takes(kind, "words") for kind in kinds), sum(_takes(kind, "patterns") for kind in kinds)
    words, patterns = (total // max(1, count) for total, count in zip((WORDS, PATTERNS), lists, strict=True))
    return [
        ActiveRule(version, busy(kind, words, patterns), "hold", enforced=True, severity=2, reason=1)
        for version, kind in enumerate(kinds)
    ]


def _takes(kind: type[Check], name: str) -> bool:
    return name in {field.name for field in fields(kind)}


def _nanoseconds(
    call: Callable[[Submission], object], ready: Callable[[], Sequence[Submission]], rounds: int
) -> list[int]:
    """The least time of each comment over the rounds; `ready` makes the comments of a round."""
    best: list[int] = []
    for _ in range(rounds):
        times = []
        for comment in ready():
            begun = perf_counter_ns()
            call(comment)
            times.append(perf_counter_ns() - begun)
        best = list(map(min, best, times)) if best else times
    return best


def _percentiles(times: Sequence[int], unit: float) -> tuple[float, float]:
    cuts = quantiles(times, n=20)
    return cuts[9] / unit, cuts[18] / unit


def _run(check: Check) -> Callable[[Submission], object]:
    def call(comment: Submission) -> None:
        if check.applies(comment):
            for _ in check.check(comment):
                pass

    return call


def run(*, quick: bool = False) -> dict[str, float]:
    """Microseconds a comment by check, and milliseconds of fifty rules."""
    rounds = 2 if quick else 9
    some = comments(100 if quick else 500)
    for comment in some:
        _ = comment.folded, comment.folded_name, comment.all_links
    figures: dict[str, float] = {}
    sums = [0] * len(some)
    for kind in CHECKS:
        times = _nanoseconds(_run(busy(kind, WORDS, PATTERNS)), lambda: some, rounds)
        sums = [total + time for total, time in zip(sums, times, strict=True)]
        figures[f"{kind.slug}: µs, p50"], figures[f"{kind.slug}: µs, p95"] = _percentiles(times, 1_000)
    figures["sum of all checks: µs, p50"], figures["sum of all checks: µs, p95"] = _percentiles(sums, 1_000)
    rules, context = fifty_rules(), Context(site=1, floor="open")
    folds = [comment.folded.text for comment in some]

    def fresh() -> list[Submission]:
        return [replace(comment, stored_fold=text) for comment, text in zip(some, folds, strict=True)]

    times = _nanoseconds(lambda comment: evaluate(rules, comment, context), fresh, rounds)
    figures["50 rules: ms, p50"], figures["50 rules: ms, p95"] = _percentiles(times, 1_000_000)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--quick", action="store_true", help="little of it: only to see that it runs")
    options = parser.parse_args()
    figures = run(quick=options.quick)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{value:9.3f}  {name}")


if __name__ == "__main__":
    main()
