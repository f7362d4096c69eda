"""What folding costs, in microseconds a comment of 280 characters.

    python -m bench.micro [--json]

Beside it the slowest of catastrophic patterns over 30,000 characters; what the checks cost is told by
`bench.checks`. Each figure is the best of five rounds, which is the one least disturbed by what else the
machine does.
"""

import argparse
import json
import random
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import process_time

from moderation.checks.base import Submission
from moderation.checks.patterns import Patterns
from moderation.text import Folded, fold, links, stored_form

LENGTH = 280
NOW = datetime(2026, 1, 10, tzinfo=UTC)

_JAPANESE = (
    "駅前の再開発について、住民説明会では何度も質問が出ていました。それなのに「反対の声はなかった」と書くのは、"
    "どうなのでしょうか。市の資料を読むと、事業費は当初の見積もりより三割も増えています。駅ビルができれば便利になるのは"
    "確かですが、商店街の人たちの話も聞いてほしい。とはいえ、バス停に屋根がつくのは助かります。雨の日に小さな子どもを"
    "連れて待つのは大変ですから。工事の間の歩道がどうなるのかも、もう少し詳しく知りたいところです。"
    "担当の方は、次の説明会までに図面を出すと話していました。続報を待っています。反対の人も賛成の人も、同じ資料を見て話せればよいと思います。よろしくお願いします。"
)
# As people type it: full-width punctuation, figures and letters, indents and line feeds.
_TYPED = (
    _JAPANESE.replace("。", "！\n　", 1)
    .replace("か。", "か？（", 1)
    .replace("三割", "３割")
    .replace("。と", "）…と")
)
_MIXED = _TYPED.replace("バス", "ﾊﾞｽ").replace("駅ビル", "ＪＲの駅ビル")
_ENGLISH = (
    "i was at the meeting on tuesday, and nobody said that the library would close. the hours would change, "
    "that was all. it would help if the article named the councillor who is quoted in the third paragraph; "
    "her answer to the question about the bus stop was quite different, and i have it on tape. please ask."
)

TEXTS = {
    "Japanese, nothing to fold": _JAPANESE[:LENGTH],
    "Japanese, as it is typed": _TYPED[:LENGTH],
    "Japanese, half-width kana too": _MIXED[:LENGTH],
    "English, nothing to fold": _ENGLISH[:LENGTH],
    "English, as it is typed": _ENGLISH.title().replace(". ", ".\n\n")[:LENGTH],
}


def fold_microseconds() -> dict[str, float]:
    """Folding, storing, mapping a hit back and looking for links, by kind of text."""
    figures: dict[str, float] = {}
    for name, text in TEXTS.items():
        figures[f"fold: {name}"] = _best(partial(fold, text))
    typed = TEXTS["Japanese, as it is typed"]
    folded = fold(typed).text
    figures["stored form: Japanese, as it is typed"] = _best(partial(stored_form, typed))
    # A new `Folded` each time, for the map is made once and kept.
    figures["first hit mapped back"] = _best(lambda: Folded(typed, folded).original_span(100, 104))
    figures["links: Japanese, as it is typed"] = _best(partial(links, typed))
    return figures


# Patterns that are slow on such a text in engines that backtrack or make their automata in advance;
# those that are slowest in RE2 last, on texts without a period.
_RANDOM = random.Random(1)
_AB, _KANA = ("".join(_RANDOM.choices(letters, k=30_000)) for letters in ("ab", "あい"))
_CATASTROPHIC = (
    (r"(a+)+$", "a" * 29_999 + "!"),
    (r"(.*a){25}b", "a" * 30_000),
    (r"(.*あ){20}い", "あ" * 30_000),
    (r"(\w+\s?)*!", "word " * 6_000),
    (r"(?:a?){50}a{50}b", "a" * 30_000),
    (r"あ.{10}う", _KANA),
    (r"あ.{30}う", _KANA),
    (r"[ab]*a[ab]{82}c", _AB),
    (r"[ab]*a[ab]{242}c", _AB),
)


def worst_pattern_milliseconds() -> dict[str, float]:
    """The slowest of catastrophic patterns over 30,000 characters, its automaton made anew each time."""
    taken = []
    for pattern, body in _CATASTROPHIC:
        rounds = []
        for _ in range(3):
            check = Patterns(patterns=(pattern,))
            comment = Submission(comment=1, revision=1, body=body, posted_at=NOW, arrived_at=NOW)
            _ = comment.folded.places
            looked = partial(_look, check, comment)
            rounds.append(timeit.timeit(looked, timer=process_time, number=1))
        taken.append(min(rounds))
    return {"patterns: CPU ms of the worst catastrophic one, 30,000 characters": max(taken) * 1e3}


def _look(check: Patterns, comment: Submission) -> None:
    for _ in check.check(comment):
        pass


def _best(call: Callable[[], object]) -> float:
    timer = timeit.Timer(call)
    number = max(1, timer.autorange()[0] // 4)
    return min(timer.repeat(5, number)) / number * 1e6


def run(*, quick: bool = False) -> dict[str, float]:
    """Microseconds a comment by what is done; the same if `quick`, for it takes seconds."""
    del quick
    return fold_microseconds() | worst_pattern_milliseconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    as_json = parser.parse_args().json
    figures = run()
    if as_json:
        print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
        return
    print(f"microseconds a comment of {LENGTH} characters")
    for name, value in figures.items():
        print(f"{value:8.2f}  {name}")


if __name__ == "__main__":
    main()
