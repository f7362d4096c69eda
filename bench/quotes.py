"""What tracing costs, each figure beside a baseline of the same run.

    python -m bench.quotes [--quick]

An article of 3,000 characters and its comments of 200 are seeded texts that
look like Japanese. Of the quotes a quarter is cut word for word from a
source, a quarter is spelled otherwise (half-width signs, a wrap); the others
are altered in a word, elided, and of nothing that is there. The baseline is
what anyone would write: `rapidfuzz.fuzz.partial_ratio_alignment` of the quote
with every source.
"""

import argparse
import gc
import json
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from rapidfuzz import fuzz

from moderation.quotes import Quoted, Source, Sources, Traced, Verdict, find, trace, trace_body
from moderation.text import fold

SEED = 20260403
LENGTH = 200
ARTICLE = 3_000
START = datetime(2026, 1, 10, 9, tzinfo=UTC)
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
    *(
        "病院",
        "学校",
        "保護者",
        "教員",
        "給食",
        "通学路",
        "信号",
        "雨",
        "台風",
        "避難所",
        "港",
        "漁協",
        "観光客",
        "ホテル",
    ),
    *(
        "売上",
        "駅前",
        "商店街",
        "若者",
        "高齢者",
        "介護",
        "制度",
        "見直し",
        "批判",
        "支持",
        "必要",
        "不安",
        "期待",
        "問題",
    ),
    *(
        "は",
        "が",
        "を",
        "に",
        "で",
        "と",
        "も",
        "から",
        "まで",
        "です",
        "ます",
        "。",
        "、",
        "「",
        "」",
        "しかし",
        "また",
    ),
    *(
        "さらに",
        "一方",
        "という",
        "ている",
        "だった",
        "だろう",
        "かもしれない",
        "と思う",
        "と述べた",
        "について",
        "によると",
    ),
]
SIGNS = {"、": ",", "「": "『", "」": "』", "。": "．"}
KINDS = (Verdict.VERBATIM, Verdict.FOLDED, Verdict.ALTERED, Verdict.ELIDED, Verdict.MISSING)
SHARES = (3, 3, 2, 2, 2)


def words(rng: random.Random, length: int) -> str:
    """A text of `length` characters."""
    text = ""
    while len(text) < length:
        text += "".join(rng.choices(WORDS, k=60))
    return text[:length]


def sources(rng: random.Random, count: int) -> list[Source]:
    """An article and `count` comments, with their folded texts as they are stored."""
    texts = [words(rng, ARTICLE), *(words(rng, LENGTH) for _ in range(count))]
    return [
        Source(
            "comment" if number else "article",
            number,
            1,
            "body",
            text,
            fold(text).text,
            START + timedelta(seconds=number) if number else None,
        )
        for number, text in enumerate(texts)
    ]


def cut(rng: random.Random, given: Sequence[Source], low: int, high: int) -> str:
    """A passage of one of the sources."""
    source, length = rng.choice(given).text, rng.randint(low, high)
    at = rng.randint(0, len(source) - length)
    return source[at : at + length]


def quote(rng: random.Random, given: Sequence[Source], kind: Verdict) -> Quoted:
    """A quote of 30 to 120 characters that should come to a verdict."""
    text = cut(rng, given, 30, 120)
    if kind is Verdict.FOLDED:
        text = "".join(SIGNS.get(each, each) for each in text)
        text = f"{text[: len(text) // 2]}\n{text[len(text) // 2 :]}"
    elif kind is Verdict.ALTERED:
        at = rng.randint(5, len(text) - 10)
        text = f"{text[:at]}否定的な{text[at + 4 :]}"
    elif kind is Verdict.ELIDED:
        text = cut(rng, given, 80, 120)
        text = f"{text[:30]}（略）{text[50:]}"
    elif kind is Verdict.MISSING:
        text = words(rng, len(text))
    return Quoted(0, len(text), text)


def quotes(rng: random.Random, given: Sequence[Source], count: int) -> list[tuple[Verdict, Quoted]]:
    """Quotes of every kind: half verbatim or folded, the others altered, elided and missing."""
    kinds = [kind for kind, share in zip(KINDS, SHARES, strict=True) for _ in range(share)]
    return [(kind, quote(rng, given, kind)) for kind in (kinds[n % len(kinds)] for n in range(count))]


def seconds(function: Callable[[], object], repeat: int = 3) -> float:
    """The best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        gc.collect()
        began = time.process_time()
        function()
        best = min(best, time.process_time() - began)
    return best


def trace_all(asked: Sequence[tuple[Verdict, Quoted]], given: Sequence[Source] | Sources) -> list[Traced]:
    """Many quotes of one article, each of a comment that came after all sources."""
    index = given if isinstance(given, Sources) else Sources(given)
    before = (START + timedelta(days=365), 1 << 40)
    return [trace(each, index, before=before) for _, each in asked]


def everywhere(quoted: Quoted, given: Sequence[Source]) -> float:
    """The best that the baseline finds, from 0 to 1."""
    text = fold(quoted.text).text
    found = (fuzz.partial_ratio_alignment(text, source.folded) for source in given)
    return max(each.score for each in found if each) / 100


def tracing(comments: int, count: int, sample: int) -> dict[str, float]:
    """Milliseconds a quote with the index built, and how many times the baseline's."""
    rng = random.Random(SEED)
    given = sources(rng, comments)
    asked = quotes(rng, given, count)
    took = seconds(partial(trace_all, asked, given), 2) / count
    traces = trace_all(asked, given)
    some = list(zip(asked, traces, strict=True))[: sample * 7 : 7]
    gc.collect()
    began = time.process_time()
    scores = [everywhere(quoted, given) for (_, quoted), _ in some]
    baseline = (time.process_time() - began) / len(some)
    worse = sum(
        kind is not Verdict.MISSING
        and traced.similarity < score - 0.05
        and traced.verdict is not Verdict.ELIDED
        for ((kind, _), traced), score in zip(some, scores, strict=True)
    )
    figures = {
        f"{comments} comments: ms a quote, index included": 1e3 * took,
        f"{comments} comments: times faster than the baseline": baseline / took,
        f"{comments} comments: worse than the baseline, of {len(some)}": worse,
    }
    index = Sources(given)
    trace_all(asked, index)
    for kind in KINDS:
        mine = [each for each in asked if each[0] is kind]
        figures[f"{comments} comments: ms of {kind}"] = (
            1e3 * seconds(partial(trace_all, mine, index), 2) / len(mine)
        )
        wrong = sum(each.verdict is not kind for each in trace_all(mine, index))
        figures[f"{comments} comments: of {len(mine)} {kind} otherwise"] = wrong
    return figures


def growth(few: int, many: int, count: int) -> dict[str, float]:
    """The cost of a quote at `many` comments by that at `few`, and the index's bytes."""
    figures: dict[str, float] = {}
    costs = []
    for comments in (few, many):
        rng = random.Random(SEED)
        given = sources(rng, comments)
        asked = quotes(rng, given, count)
        gc.collect()
        tracemalloc.start()
        index = Sources(given)
        trace_all(asked[:20], index)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        figures[f"{comments} comments: bytes a character, measured"] = held / index.characters
        figures[f"{comments} comments: bytes a character, with folded texts"] = (
            index.index_bytes / index.characters
        )
        costs.append(seconds(partial(trace_all, asked, index), 3) / count)
        figures[f"{comments} comments: ms a quote, warm"] = 1e3 * costs[-1]
    figures[f"a quote at {many} to one at {few}"] = costs[1] / costs[0]
    return figures


def arrival(comments: int, repeat: int) -> dict[str, float]:
    """Milliseconds for one new comment with a quote: with the article's index at hand, and without."""
    rng = random.Random(SEED)
    given = sources(rng, comments + repeat)
    bodies = [f"> {quote(rng, given[:comments], KINDS[n % 5]).text}\nどうでしょう。" for n in range(repeat)]
    cold, warm = [], []
    for body in bodies[:5]:
        gc.collect()
        began = time.process_time()
        trace_body(body, Sources(given[:comments]))
        cold.append(time.process_time() - began)
    index = Sources(given[:comments])
    for body in bodies[:10]:
        trace_body(body, index)
    for number, body in enumerate(bodies):
        began = time.process_time()
        index.extend(given[comments + number : comments + number + 1])
        trace_body(body, index)
        warm.append(time.process_time() - began)
    return {
        f"{comments} comments: ms of a new one, cold, worst": 1e3 * max(cold),
        f"{comments} comments: ms of a new one, warm": 1e3 * sorted(warm)[len(warm) // 2],
        f"{comments} comments: ms of a new one, warm, worst": 1e3 * max(warm),
    }


def find_often(text: str) -> None:
    """Look for quotes a thousand times."""
    for _ in range(1_000):
        find(text)


def finding() -> dict[str, float]:
    """Microseconds to look for quotes in a body of 280 characters, without and with one."""
    rng = random.Random(SEED)
    plain = words(rng, 280)
    body = f"> {plain[:100]}\n{plain[100:]}"
    return {
        name: 1e6 * seconds(partial(find_often, text)) / 1_000
        for name, text in (("find: µs without a quote", plain), ("find: µs with a quote", body))
    }


def hostile(length: int = 20_000) -> dict[str, float]:
    """Milliseconds for `trace_body` of bodies made to be slow."""
    rng = random.Random(SEED)
    given = sources(rng, 1_000)
    half = given[0].text[: ARTICLE // 2]
    deep = int((2 * length) ** 0.5)
    lines = [words(rng, 30) for _ in range(length // 33)]
    changed = [cut(rng, given, 30, 40)[:-8] + "とは言えない" for _ in range(length // 40)]
    bodies = {
        "signs alone": ">" * length,
        "one-character quotes": "> a\n" * (length // 4),
        "one-character quotes apart": "> a\nb\n" * (length // 6),
        "nesting": "\n".join(">" * depth for depth in range(1, deep)) + " 橋は来年に",
        "nesting of 1,000": "\n".join(">" * 1_000 + " 橋は来年に延期された" for _ in range(length // 1_012)),
        "the article again and again": f"> {half}\n" * (length // len(half)),
        "the article on one line": "> " + half * (length // len(half)),
        "a missing line": "> どこにもない文が並ぶ\n" * (length // 13),
        "missing lines": "".join(f"> {line}\n" for line in lines),
        "missing lines apart": "".join(f"> {line}\n\nno\n" for line in lines),
        "altered lines": "".join(f"> {line}\n" for line in changed),
        "altered lines apart": "".join(f"> {line}\n\nno\n" for line in changed),
        "elisions": "> " + "…".join(line[:6] for line in changed * 4)[:length],
        "one letter": "> " + "あ" * length,
        "full stops": "> " + "。" * length,
        "sentences": "> " + "それは違う。" * (length // 6),
    }
    figures = {}
    for name, body in bodies.items():
        index = Sources(
            [*given, Source("comment", 10_000, 1, "body", body[:length], "", given[-1].posted_at)]
        )
        trace_body("> 橋は来年に延期された", index)
        before = (START + timedelta(days=1), 20_000)
        figures[f"hostile: ms of {name}"] = 1e3 * seconds(
            partial(trace_body, body[:length], index, before=before)
        )
    figures["hostile: ms of the worst"] = max(figures.values())
    return figures


def run(*, quick: bool = False) -> dict[str, float]:
    """All figures; of small articles alone if `quick`."""
    figures = finding() | hostile()
    figures |= tracing(500, 240, 5) if quick else tracing(10_000, 3_000, 20)
    figures |= arrival(500, 20) if quick else arrival(10_000, 60)
    return figures | (growth(100, 1_000, 120) if quick else growth(1_000, 100_000, 600))


def main() -> None:
    """Print all figures as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.quotes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="small articles, to see that everything runs")
    print(json.dumps(run(quick=parser.parse_args().quick), indent=1, default=float, ensure_ascii=False))


if __name__ == "__main__":
    main()
