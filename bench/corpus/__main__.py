"""Make `seeds/corpus/quotes.jsonl` from the scenes and cases beside it.

python -m bench.corpus            write it
python -m bench.corpus --check    only say whether it is fresh (status 1 if not)
"""

import argparse
import json
import sys
from collections import Counter
from datetime import datetime

from bench.corpus import byhand, seeded
from bench.corpus.cases import Case
from bench.corpus.scenes import FOLDER, load

CORPUS = FOLDER / "quotes.jsonl"


def lines() -> str:
    """The whole corpus: the scenes, then the cases."""
    scenes = load()
    records = [*(scene.record() for scene in scenes), *(case.record() for case in cases())]
    return "".join(f"{json.dumps(each, ensure_ascii=False, default=_plain)}\n" for each in records)


def cases() -> list[Case]:
    """All cases, the hand-written ones first."""
    scenes = load()
    return [*byhand.written(scenes), *seeded.made(scenes)]


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in the corpus.")


def main() -> None:
    """Write the corpus, or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether the corpus is fresh")
    text = lines()
    if not parser.parse_args().check:
        CORPUS.write_text(text, encoding="utf-8")
        counts = Counter((q.label.verdict, c.scene.language) for c in cases() for q in c.quotes)
        print(f"{len(cases())} cases in {CORPUS.name}:", dict(sorted(counts.items())))
    elif CORPUS.read_text("utf-8") != text:
        sys.exit(f"{CORPUS.name} is stale: run python -m bench.corpus.")


if __name__ == "__main__":
    main()
