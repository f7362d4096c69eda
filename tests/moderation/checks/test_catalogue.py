"""What holds for every check."""

import re
from dataclasses import dataclass, fields
from string import Formatter

import pytest

from moderation.checks import BY_SLUG, CHECKS
from moderation.checks.base import Check, Needs
from moderation.checks.flood import Flood
from moderation.checks.words import Words
from tests.moderation.checks.cases import findings, submission

LANGUAGES = {"ja", "en"}
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.slug)


def test_slugs_are_unique_and_name_their_files() -> None:
    assert len(BY_SLUG) == len(CHECKS)
    assert all(check.__module__ == f"moderation.checks.{slug}" for slug, check in BY_SLUG.items())


@every_check
def test_texts_in_both_languages(check: type[Check]) -> None:
    texts = [check.title, *check.sentences.values(), *(_help(each.metadata) for each in fields(check))]
    for text in texts:
        assert text.keys() == LANGUAGES
        assert JAPANESE.search(text["ja"])
        assert not JAPANESE.search(text["en"])


def _help(metadata: object) -> dict[str, str]:
    assert hasattr(metadata, "items")
    return {key: value for key, value in metadata.items() if key in LANGUAGES}


@every_check
def test_both_languages_of_a_sentence_fill_the_same_places(check: type[Check]) -> None:
    for sentence in check.sentences.values():
        ja, en = (
            {name for _, name, _, _ in Formatter().parse(sentence[key]) if name} for key in ("ja", "en")
        )
        assert ja == en


@every_check
def test_defaults_construct_and_are_deterministic(check: type[Check]) -> None:
    assert check() == check()
    assert isinstance(check().needs, Needs)
    comment = submission("死ね http://a.jp http://b.jp http://c.jp", author_name="", author_email="x")
    assert findings(check(), comment) == findings(check(), comment)


@every_check
def test_actions_are_some_of_all_from_the_mildest_on(check: type[Check]) -> None:
    assert check.actions in {("flag",), ("flag", "hold"), ("flag", "hold", "reject")}


@every_check
def test_every_parameter_refuses_what_does_not_fit(check: type[Check]) -> None:
    for each in fields(check):
        with pytest.raises(TypeError, match=rf"^{each.name} must be "):
            check(**{each.name: None})
        if type(each.default) is int:
            for wrong in (each.metadata["least"] - 1, each.metadata["most"] + 1):
                with pytest.raises(ValueError, match=rf"^{each.name} must be from "):
                    check(**{each.name: wrong})


def test_refusals_say_what_would_do() -> None:
    with pytest.raises(ValueError, match=r"seconds must be from 1 to 86,400, not 0\."):
        Flood(seconds=0)
    with pytest.raises(TypeError, match=r"words must be a list of texts, not \('死ね', 3\)\."):
        Words(words=("死ね", 3))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="seconds must be of type int, not True"):
        Flood(seconds=True)


def test_needs_add_up_to_the_largest() -> None:
    one, other = Needs(author_seconds=60, author_rows=2), Needs(author_seconds=5, author_rows=9, quotes=True)
    assert one | other == Needs(author_seconds=60, author_rows=9, quotes=True)
    assert (one | other).quotes is True


def test_a_number_without_bounds_may_be_any() -> None:
    @dataclass(frozen=True)
    class Plain(Check):
        number: int = 1

    assert Plain(-5).number == -5
