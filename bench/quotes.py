"""What tracing costs: microseconds per quote and per source, by the size of the article.

    python -m bench.quotes

An article's sources are seeded Japanese-looking texts of 200 characters. Of
the quotes a third is cut word for word from a source, a third is cut and
spelled otherwise (half-width signs, a wrap), a third stands nowhere.
"""

import gc
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from moderation.quotes import Quoted, Source, Sources, Verdict, find, trace, trace_body
from moderation.text import fold

SEED = 20260403
LENGTH = 200
WORDS = [
    *(
        "市議会",
        "知事",
        "住民",
        "記者",
        "会見",
        "橋",
        "道路",
        "予算",
        "工事",
        "説明会",
        "選挙",
        "公約",
        "税金",
        "図書館",
    ),
    *(
        "バス",
        "データ",
        "NATO",
        "3.5億円",
        "12人",
        "来年",
        "三月",
        "賛成",
        "反対",
        "多数",
        "可決",
        "否決",
        "延期",
        "安全",
    ),
    *("は", "が", "を", "に", "で", "と", "も", "から", "まで", "です", "ます", "。", "、", "「", "」", "…"),
]


def words(rng: random.Random, length: int) -> str:
    """A text of `length` characters."""
    text = ""
    while len(text) < length:
        text += "".join(rng.choices(WORDS, k=40))
    return text[:length]


def sources(rng: random.Random, count: int) -> list[Source]:
    """An article of 3,000 characters and `count` comments, with their folded texts as they are stored."""
    start = datetime(2026, 1, 10, 9, tzinfo=UTC)
    texts = [words(rng, 3_000), *(words(rng, LENGTH) for _ in range(count))]
    return [
        Source(
            "comment" if number else "article",
            number,
            1,
            "body",
            text,
            fold(text).text,
            start + timedelta(seconds=number),
        )
        for number, text in enumerate(texts)
    ]


def quotes(rng: random.Random, given: list[Source], count: int) -> list[Quoted]:
    """Quotes of 30 to 120 characters, a third each verbatim, folded and missing."""
    made = []
    for number in range(count):
        source, length = rng.choice(given).text, rng.randint(30, 120)
        at = rng.randint(0, len(source) - length)
        text = source[at : at + length] if number % 3 < 2 else words(rng, length)
        if number % 3 == 1:
            text = text.replace("、", ",").replace("「", "『")
            text = f"{text[: length // 2]}\n{text[length // 2 :]}"
        made.append(Quoted(0, len(text), text))
    return made


def seconds(function: Callable[[], object], repeat: int = 3) -> float:
    """The best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        began = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - began)
    return best


def trace_all(asked: list[Quoted], index: Sources) -> list[Verdict]:
    """The verdicts of many quotes."""
    return [trace(each, index).verdict for each in asked]


def find_often(text: str) -> None:
    """Look for quotes a thousand times."""
    for _ in range(1_000):
        find(text)


def tracing(comments: int, count: int) -> dict[str, float]:
    """Building the index of `comments` sources, and tracing `count` quotes in it."""
    rng = random.Random(SEED)
    given = sources(rng, comments)
    asked = quotes(rng, given, count)
    index = Sources(given)
    figures = {
        "sources": comments,
        "index_us_per_source": 1e6 * seconds(partial(Sources, given)) / len(given),
        "us_per_quote": 1e6 * seconds(partial(trace_all, asked, index)) / count,
    }
    wrong = 0
    for kind, name in enumerate(("verbatim", "folded", "missing")):
        some = asked[kind::3]
        figures[f"us_per_{name}"] = 1e6 * seconds(partial(trace_all, some, index)) / len(some)
        wrong += sum(verdict is not Verdict(name) for verdict in trace_all(some, index))
    figures["wrong"] = wrong
    return figures


def finding() -> dict[str, float]:
    """Microseconds to look for quotes in a body of 280 characters, without and with one."""
    rng = random.Random(SEED)
    plain = words(rng, 280)
    body = f"> {plain[:100]}\n{plain[100:]}"
    return {
        name: 1e6 * seconds(partial(find_often, text)) / 1_000
        for name, text in (("find_us_without_a_quote", plain), ("find_us_with_a_quote", body))
    }


def hostile(length: int = 20_000) -> dict[str, float]:
    """Milliseconds for `find` and `trace_body` of bodies made to be slow, and for ones of half the length."""
    rng = random.Random(SEED)
    given = sources(rng, 80)
    half = given[0].text[:1_500]
    deep = int((2 * length) ** 0.5)
    bodies: dict[str, Callable[[int], str]] = {
        "all_signs": lambda n: ">" * n,
        "one_character_quotes": lambda n: "> a\n" * (n // 4),
        "one_character_quotes_apart": lambda n: "> a\nb\n" * (n // 6),
        "nesting": lambda n: "\n".join(">" * depth for depth in range(1, deep * n // length)) + " 橋は来年に",
        "article_again_and_again": lambda n: f"> {half}\n" * (n // len(half)),
        "article_again_on_one_line": lambda n: "> " + half * (n // len(half)),
        "missing_lines": lambda n: "> どこにもない文が並ぶ\n" * (n // 13),
        "one_letter": lambda n: "> " + "あ" * n,
        "full_stops": lambda n: "> " + "。" * n,
    }
    figures = {}
    for name, make in bodies.items():
        for size in (length // 2, length):
            body = make(size)
            index = Sources([*given, Source("comment", 10_000, 1, "body", body, "", given[-1].posted_at)])
            figures[f"{name}_{size}_ms"] = 1e3 * seconds(partial(trace_body, body, index))
    return figures


def run(*, quick: bool = False) -> dict[str, float]:
    """All figures; articles of 10,000 comments are left out if `quick`."""
    figures = finding() | hostile()
    for comments in (80, 1_000) if quick else (80, 1_000, 10_000):
        figures |= {f"{comments} comments: {name}": value for name, value in tracing(comments, 900).items()}
    return figures


def main() -> None:
    """Print all figures as JSON."""
    print(json.dumps(run(), indent=1, default=float))


if __name__ == "__main__":
    main()
