"""What checks and rules must make of the labelled comments, and that the examiner can fail them."""

import json
from functools import cache

import pytest

from bench.corpus.comments import CORPUS as MADE
from bench.corpus.comments import lines
from moderation.checks import BY_SLUG
from moderation.checks.links import Links
from moderation.checks.words import Words
from moderation.comment_corpus import Labelled, Score, checks_to_examine, read, score_check, score_rules
from moderation.comment_results import CORPUS, FLOORS, LEAST, RULE_FLOORS, scores, tables
from moderation.engine import ActiveRule
from moderation.presets import PRESETS, active_rules, preset

KINDS = {
    *("ordinary", "harsh", "insult", "threat", "mention", "distress", "trap"),
    *("spam", "evasion", "personal", "noise", "foreign", "identity", "quoting"),
}


@cache
def cases() -> list[Labelled]:
    return list(read(CORPUS.read_text("utf-8").splitlines()))


def test_the_corpus_is_fresh() -> None:
    assert MADE == CORPUS
    assert CORPUS.read_text("utf-8") == lines()


def test_there_are_enough_of_every_kind_in_both_languages() -> None:
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) >= 600
    assert len({row["body"] for row in rows if row["made"] == "by hand"}) >= 400
    assert {row["kind"] for row in rows} == KINDS
    for language in ("ja", "en"):
        of_language = [row for row in rows if row["language"] == language]
        assert len(of_language) > 200
        assert {row["kind"] for row in of_language} >= KINDS - {"distress"}
    assert {row["decision"] for row in rows} == {"publish", "reject"}


def test_what_is_hit_in_a_disguise_was_hit_before() -> None:
    by_id = {case.id: case for case in cases()}
    made = [case for case in cases() if case.id.count("-") == 3]
    assert len(made) > 100
    for case in made:
        assert case.hits - {"hidden_characters"} == by_id[case.id.rpartition("-")[0]].hits


@cache
def of_checks() -> dict[str, Score]:
    return dict(scores(cases(), active_rules(preset("balanced"))))


# What hangs on the time, on earlier comments, on decisions, on the form or on others' answers.
NO_TEXT = {
    *("quotes", "new_author_links", "repeated_text", "flood", "article_surge", "old_article", "external"),
    *("sanctioned", "email_near_sanctioned", "first_comment", "reputation", "near_duplicate"),
    *("honeypot", "form_time", "user_agent"),
}


def test_every_check_that_looks_at_text_has_comments_to_find() -> None:
    assert of_checks().keys() == BY_SLUG.keys() - NO_TEXT
    assert min(len(score.right) + len(score.missed) for score in of_checks().values()) >= 4


@pytest.mark.parametrize("slug", BY_SLUG)
def test_every_check_keeps_its_floors(slug: str) -> None:
    if slug not in of_checks():
        pytest.skip("It needs a history, or no comment is labelled with it.")
    score = of_checks()[slug]
    precision, recall = FLOORS.get(slug, LEAST)
    assert score.precision >= precision, score.too_many
    assert score.recall >= recall, score.missed


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_keeps_its_floors(name: str) -> None:
    score = score_rules(active_rules(preset(name)), cases())
    precision, recall = RULE_FLOORS[name]
    assert score.precision >= precision, score.too_many
    assert score.recall >= recall, score.missed


def test_no_ordinary_harsh_or_desperate_comment_is_stopped() -> None:
    """The strict preset holds what links, whoever wrote it."""
    for name in PRESETS:
        score = score_rules(active_rules(preset(name)), cases())
        stopped = [case for case in cases() if case.id in {*score.right, *score.too_many}]
        if name == "strict":
            stopped = [case for case in stopped if not case.submission.links]
        assert not {"ordinary", "harsh", "distress"} & {case.kind for case in stopped}


def one(body: str, *hits: str, decision: str = "publish") -> Labelled:
    row = {
        "id": body,
        "kind": "ordinary",
        "language": "ja",
        "author_name": "松岡",
        "author_email": "a@mail.example",
        "body": body,
        "hits": hits,
        "decision": decision,
    }
    return next(read([json.dumps(row)]))


def test_a_score_counts_what_is_right_too_many_and_missed() -> None:
    given = [one("馬鹿", "words"), one("馬鹿力"), one("阿呆", "words"), one("よい天気", "links")]
    score = score_check("words", [Words(words=("馬鹿",)), Words(words=("天気",))], given)
    assert (score.right, score.too_many, score.missed) == (("馬鹿",), ("馬鹿力", "よい天気"), ("阿呆",))
    assert score.precision == pytest.approx(1 / 3)
    assert score.recall == 0.5
    assert (Score((), (), ()).precision, Score((), (), ()).recall) == (1, 1)


def rule(check: Words | Links, *, enforced: bool = True, action: str = "hold") -> ActiveRule:
    return ActiveRule(1, check, action, enforced=enforced, severity=1, reason=1)


def test_rules_that_observe_or_flag_stop_nothing() -> None:
    given = [one("馬鹿", decision="reject"), one("馬鹿力")]
    listed = Words(words=("馬鹿",))
    for idle in (rule(listed, enforced=False), rule(listed, action="flag")):
        assert score_rules([idle], given) == Score((), (), ("馬鹿",))
    assert score_rules([rule(listed)], given) == Score(("馬鹿",), ("馬鹿力",), ())


def test_checks_are_taken_from_rules_in_effect_then_observing_then_by_default() -> None:
    strict, idle = rule(Links(most=0), enforced=False), rule(Links(most=1))
    catalogue = (Links, Words)
    assert checks_to_examine(catalogue, [strict, idle]) == {"links": [Links(most=1)], "words": [Words()]}
    assert checks_to_examine(catalogue, [strict])["links"] == [Links(most=0)]


def test_the_tables_tell_every_score() -> None:
    page = tables()
    assert f"{len(cases())} comments of our own" in page
    for slug, score in of_checks().items():
        assert f"| `{slug}` | {len(score.right) + len(score.missed)} |" in page
        least = FLOORS.get(slug, LEAST)
        told = f"| {score.precision:.2f} (≥ {least[0]:.2f}) | {score.recall:.2f} (≥ {least[1]:.2f}) |"
        assert f"{told}\n" in page
