"""The default rules, reasons and word lists fit the checks, and let ordinary comments through."""

import pytest

from moderation.checks import BY_SLUG
from moderation.checks.words import Words
from moderation.presets import PRESETS, preset
from moderation.rule_files.schema import ReasonEntry
from moderation.text import fold
from tests.moderation.checks.cases import marked, submission

BOOK = preset("balanced")
LISTS = BOOK.word_lists


def check_of(slug: str) -> Words:
    lines = LISTS[slug].words
    return Words(
        words=tuple(line for line in lines if not line.startswith("!")),
        allow=tuple(line[1:] for line in lines if line.startswith("!")),
    )


@pytest.mark.parametrize("name", PRESETS)
def test_every_check_has_a_rule(name: str) -> None:
    assert {rule.check for rule in preset(name).rules.values()} == set(BY_SLUG)


@pytest.mark.parametrize("reason", BOOK.reasons.values(), ids=lambda reason: reason.slug)
def test_reason(reason: ReasonEntry) -> None:
    assert reason.label_ja
    assert reason.label_en
    assert reason.public_en.isascii()
    assert not reason.public_ja.isascii()


@pytest.mark.parametrize("slug", LISTS)
def test_word_list(slug: str) -> None:
    lines = LISTS[slug].words
    folded = [fold(line).text for line in lines]
    assert len(set(folded)) == len(folded)
    assert all(line == line.strip() != "" for line in lines)
    check = check_of(slug)
    for phrase in check.allow:
        assert marked(Words(words=check.words), submission(phrase)), f"!{phrase} allows nothing"
        assert not marked(check, submission(phrase))


@pytest.mark.parametrize(
    ("slug", "body", "hits"),
    [
        ("threats", "お前なんか死ね", ["死ね"]),
        ("threats", "くたばれ、ＫＩＬＬ　ＹＯＵＲＳＥＬＦ", ["くたばれ", "ＫＩＬＬ　ＹＯＵＲＳＥＬＦ"]),
        ("threats", "このままでは死ねない。必死ねえ、死ねば終わりだ。", []),
        ("threats", "That skill yours? It will kill your chances.", []),
        ("insults", "書いた記者は馬鹿なのか。ﾊﾞｶ！", ["馬鹿", "ﾊﾞｶ"]),
        ("insults", "夏のバカンスに、馬鹿正直にアホウドリを見に行った。送料も馬鹿にならない。", []),
        ("insults", "You IDIOT.", ["IDIOT"]),
        ("insults", "The idiotic plan, an oxymoron, is a first-class mess.", []),
        ("spam", "スマホだけで月収百万！今すぐ登録で無料です", ["スマホだけで月収", "今すぐ登録で無料"]),
        ("spam", "カジノ誘致には反対です。無料の説明会で副業の話も出ました。", []),
    ],
)
def test_lists_on_ordinary_sentences(slug: str, body: str, hits: list[str]) -> None:
    assert marked(check_of(slug), submission(body)) == hits
