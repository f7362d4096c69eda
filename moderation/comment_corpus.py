"""The labelled comments of `seeds/corpus/`: read them, and examine checks and rules with them. Pure."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from moderation.checks.base import Check, Submission
from moderation.checks.link_domains import LinkDomains
from moderation.engine import ActiveRule, Context, Strictness, evaluate
from moderation.quotes import Traced, Verdict, find

# When all of them were sent: no label depends on the time.
_AT = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
# What no rule comes with, for every site has its own list.
LISTS: tuple[Check, ...] = (LinkDomains(block=("kaitori.example.jp",)),)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One comment, with the checks that should hit it and what a careful moderator would decide.

    `decision` is `publish` or `reject`; `hits` are slugs. The labels' meaning
    is told in `seeds/corpus/README.md`.
    """

    id: str
    kind: str
    language: str
    submission: Submission
    hits: frozenset[str]
    decision: str


@dataclass(frozen=True, slots=True)
class Score:
    """Ids of comments by what was expected and what was found."""

    right: tuple[str, ...]
    too_many: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def precision(self) -> float:
        """The share of what was found that was to be found; 1 where nothing was found."""
        found = len(self.right) + len(self.too_many)
        return len(self.right) / found if found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was to be found that was found; 1 where there was nothing to find."""
        wanted = len(self.right) + len(self.missed)
        return len(self.right) / wanted if wanted else 1.0


def read(lines: Iterable[str]) -> Iterator[Labelled]:
    """The comments of a corpus. Each is by an author whom the site has never seen before.

    All that they quote is taken for true: what a quote is worth is examined with a corpus of its own.
    """
    for number, line in enumerate(lines, start=1):
        row = json.loads(line)
        submission = Submission(
            comment=number,
            revision=1,
            body=row["body"],
            posted_at=_AT,
            arrived_at=_AT,
            author_name=row["author_name"],
            author_email=row["author_email"],
            language=row["language"],
            quotes=tuple(Traced(each, Verdict.VERBATIM) for each in find(row["body"])),
        )
        hits = frozenset(row["hits"])
        yield Labelled(row["id"], row["kind"], row["language"], submission, hits, row["decision"])


def score_check(slug: str, checks: Sequence[Check], cases: Iterable[Labelled]) -> Score:
    """What rules of one check, taken together, find of the comments that are labelled with it."""
    return _score(
        (case.id, slug in case.hits, any(_hits(check, case.submission) for check in checks)) for case in cases
    )


def score_rules(rules: Sequence[ActiveRule], cases: Iterable[Labelled]) -> Score:
    """What a rule set holds or rejects of the comments that a moderator would reject."""
    return _score((case.id, case.decision == "reject", _stopped(rules, case)) for case in cases)


def checks_to_examine(
    catalogue: Iterable[type[Check]], rules: Sequence[ActiveRule]
) -> dict[str, list[Check]]:
    """The checks of each slug as the rules have them, those with effect before those that observe.

    One that no rule uses is examined by its defaults, one of a list that is a site's own with `LISTS`.
    """
    listed = {check.slug: [check] for check in LISTS}
    found: dict[str, list[Check]] = {}
    for check in catalogue:
        of_check = [rule for rule in rules if rule.check.slug == check.slug]
        in_effect = [rule for rule in of_check if rule.enforced]
        of_rules = [rule.check for rule in in_effect or of_check]
        found[check.slug] = listed.get(check.slug) or of_rules or [check()]
    return found


def _hits(check: Check, submission: Submission) -> bool:
    return check.applies(submission) and any(True for _ in check.check(submission))


def _stopped(rules: Sequence[ActiveRule], case: Labelled) -> bool:
    verdict = evaluate(rules, case.submission, Context(site=1, floor="open"))
    return verdict.strictness >= Strictness.HOLD


def _score(answers: Iterable[tuple[str, bool, bool]]) -> Score:
    taken: dict[tuple[bool, bool], list[str]] = {}
    for case, wanted, found in answers:
        taken.setdefault((wanted, found), []).append(case)
    return Score(
        right=tuple(taken.get((True, True), ())),
        too_many=tuple(taken.get((False, True), ())),
        missed=tuple(taken.get((True, False), ())),
    )
