"""Make `seeds/corpus/comments.jsonl`: what people wrote, and disguises of it.

python -m bench.corpus.comments            write it
python -m bench.corpus.comments --check    only say whether it is fresh (status 1 if not)

A disguise's label follows from what was done: a word of the shipped lists that
stood openly in a comment by hand is written so that a plain search misses it.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice
from typing import Any

import yaml

from bench.corpus.scenes import FOLDER

CORPUS = FOLDER / "comments.jsonl"
LANGUAGES = ("ja", "en")
_NAMES = {
    "ja": (
        "川端",
        "みかん箱",
        "夜勤明け",
        "松岡",
        "停留所の前",
        "ふじ子",
        "港の猫",
        "三毛",
        "杉本",
        "たぬき",
    ),
    "en": ("Rowan", "ferry_fan", "Mrs. Aldous", "tollkeeper", "J. Whitcombe", "nightshift", "Oddny", "heron"),
}
# Comments whose listed words are disguised, and how many disguises each gets.
_DISGUISED = frozenset({"insult", "threat", "spam"})
_EACH = 2

Row = dict[str, Any]


def lines() -> str:
    """The whole corpus."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows())


def rows() -> list[Row]:
    """All comments, those by hand first."""
    written = [row for language in LANGUAGES for row in by_hand(language)]
    return [*written, *disguises(written)]


def by_hand(language: str) -> Iterator[Row]:
    """The comments of `comments-{language}.yaml`, group by group."""
    groups = yaml.safe_load((FOLDER / f"comments-{language}.yaml").read_text("utf-8"))
    numbers: Counter[str] = Counter()
    for group in groups:
        for given in group["bodies"]:
            each: Mapping[str, Any] = {"body": given} if isinstance(given, str) else given
            numbers[group["kind"]] += 1
            name = _NAMES[language][sum(numbers.values()) % len(_NAMES[language])]
            yield {
                "id": f"{language}-{group['kind']}-{numbers[group['kind']]}",
                "kind": group["kind"],
                "language": language,
                "author_name": each.get("name", name),
                "author_email": each.get("email", f"reader{sum(numbers.values())}@mail.example"),
                "body": "\n".join([each["body"]] * group.get("repeat", 1)),
                "hits": sorted(group.get("hits", [])),
                "decision": group["decision"],
                "reason": group.get("reason", ""),
                "made": "by hand",
            }


def _words(language: str) -> list[str]:
    """The shipped words, the longest first, so that no word is disguised inside another."""
    lists = yaml.safe_load((FOLDER.parent / "words.yaml").read_text("utf-8"))["word_lists"]
    found = {
        word
        for each in lists
        for word in each["words"]
        if not word.startswith("!") and word.isascii() == (language == "en")
    }
    return sorted(found, key=lambda word: (-len(word), word))


def disguises(written: list[Row]) -> Iterator[Row]:
    """Two disguises of each comment by hand that is rejected for a listed word alone, in turn."""
    turn = count()
    words = {language: _words(language) for language in LANGUAGES}
    for row in written:
        if row["kind"] not in _DISGUISED or row["hits"] != ["words"]:
            continue
        ways = WAYS[row["language"]]
        at = next(turn)
        order = (ways[(at * _EACH + step) % len(ways)] for step in range(len(ways)))
        yield from islice(
            filter(None, (_disguised(row, way, words[row["language"]]) for way in order)), _EACH
        )


def _disguised(row: Row, way: Callable[[str], str], words: list[str]) -> Row | None:
    body, at = row["body"], 0
    while at < len(body):
        word = next((each for each in words if body[at:].lower().startswith(each.lower())), "")
        typed = body[at : at + len(word)]
        changed = way(typed) if word else body[at]
        if word and changed == typed:
            return None
        body = body[:at] + changed + body[at + max(len(word), 1) :]
        at += len(changed)
    if body == row["body"]:
        return None
    hits = {*row["hits"], *({"hidden_characters"} if "\u200b" in body else ())}
    return {
        **row,
        "id": f"{row['id']}-{way.__name__}",
        "kind": "evasion",
        "body": body,
        "hits": sorted(hits),
        "reason": row["reason"] or "A listed word in disguise.",
        "made": way.__name__,
    }


def hidden(word: str) -> str:
    """Something of no width between all characters."""
    return "\u200b".join(word)


def starred(word: str) -> str:
    """A sign between all characters."""
    return "★".join(word)


def spread(word: str) -> str:
    """A blank between all characters."""
    return word if " " in word else " ".join(word)


def masked(word: str) -> str:
    """A sign for a character inside, of words long enough to be known again."""
    least, sign = (4, "*") if word.isascii() else (3, "○")
    middle = len(word) // 2
    if len(word.replace(" ", "")) < least or word[middle] == " ":
        return word
    return word[:middle] + sign + word[middle + 1 :]


def narrow(word: str) -> str:
    """Half-width katakana."""
    kana = dict(zip("アホバカマヌケクズスゴミコピブランド", "ｱﾎ ｶﾏﾇｹｸ ｽ ﾐｺ  ﾗﾝ ", strict=True))
    kana |= {"バ": "ﾊﾞ", "ズ": "ｽﾞ", "ゴ": "ｺﾞ", "ピ": "ﾋﾟ", "ブ": "ﾌﾞ", "ド": "ﾄﾞ"}
    return "".join(kana.get(char, char) for char in word)


def wide(word: str) -> str:
    """Full-width letters."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in word)


def figures(word: str) -> str:
    """Figures for letters that look like them, of words with letters enough left."""
    changed = word.translate(str.maketrans("oie", "013"))
    return changed if sum(map(str.isalpha, changed)) >= 2 else word


WAYS: Mapping[str, tuple[Callable[[str], str], ...]] = {
    "ja": (hidden, starred, narrow, masked, spread),
    "en": (wide, figures, hidden, masked, spread),
}


def main() -> None:
    """Write the corpus, or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether the corpus is fresh")
    text = lines()
    if not parser.parse_args().check:
        CORPUS.write_text(text, encoding="utf-8")
        made = rows()
        print(f"{len(made)} comments in {CORPUS.name}:", dict(Counter(row["kind"] for row in made)))
    elif CORPUS.read_text("utf-8") != text:
        sys.exit(f"{CORPUS.name} is stale: run python -m bench.corpus.comments.")


if __name__ == "__main__":
    main()
