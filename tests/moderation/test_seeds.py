"""The default rules, reasons and word lists fit the checks, and let ordinary comments through."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from moderation.checks import BY_SLUG
from moderation.checks.words import Words
from moderation.rules import build_check
from moderation.text import fold
from tests.moderation.checks.cases import marked, submission

SEEDS = Path(__file__).parents[2] / "seeds"


def load(name: str) -> Any:
    return yaml.safe_load((SEEDS / name).read_text("utf-8"))


BOOK = load("rules.yaml")
RULES: list[dict[str, Any]] = BOOK["rules"]
REASONS: list[dict[str, Any]] = load("reasons.yaml")
LISTS = {each["slug"]: (SEEDS / each["file"]).read_text("utf-8").splitlines() for each in BOOK["word_lists"]}
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["slug"])


def check_of(slug: str) -> Words:
    lines = LISTS[slug]
    return Words(
        words=tuple(line for line in lines if not line.startswith("!")),
        allow=tuple(line[1:] for line in lines if line.startswith("!")),
    )


@every_rule
def test_rule(rule: dict[str, Any]) -> None:
    needed = {
        "slug",
        "name_ja",
        "name_en",
        "check",
        "params",
        "action",
        "mode",
        "severity",
        "reason",
        "applies_to",
    }
    assert rule.keys() - {"word_list"} == needed
    check = build_check(rule["check"], rule["params"])
    assert rule["params"].keys() <= {each.name for each in fields(check)}
    assert rule["action"] in {"flag", "hold", "reject"}
    assert rule["mode"] in {"observe", "enforce"}
    assert rule["severity"] in {1, 2, 3}
    assert rule["applies_to"] in {"everyone", "new"}
    assert rule["reason"] in {reason["slug"] for reason in REASONS}
    assert ("word_list" in rule) == (rule["check"] in {"words", "name_words"})
    assert rule.get("word_list") in {None, *LISTS}


def test_every_check_has_a_rule_and_every_name_is_one() -> None:
    assert {rule["check"] for rule in RULES} == set(BY_SLUG)
    for names in ([rule["slug"] for rule in RULES], [reason["slug"] for reason in REASONS]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason["slug"])
def test_reason(reason: dict[str, Any]) -> None:
    assert reason.keys() == {"slug", "position", "label_ja", "label_en", "public_ja", "public_en"}
    assert all(reason.values())
    assert max(len(reason["label_ja"]), len(reason["label_en"])) <= 100
    assert reason["public_en"].isascii()
    assert not reason["public_ja"].isascii()


@pytest.mark.parametrize("slug", LISTS)
def test_word_list(slug: str) -> None:
    lines = LISTS[slug]
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
