"""Why a comment was stopped, and why not: what each rule that was in force did about it.

Only hits are stored. What the others did is found again from the rule set of
the decision, the text that it judged and the facts as they were, and it is
said where these are no longer what they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from comments import bulk
from comments.models import Comment, CommentRevision
from moderation.backtest.drafts import Tried
from moderation.backtest.judging import Answer, answers, told
from moderation.backtest.past import NOTHING, Decided, Past, Told, decided_on, past, stored_findings
from moderation.backtest.reproducing import changed_since
from moderation.checks.base import Finding, Needs
from moderation.engine import ActiveRule, Context, Hit, Strictness, strictness_of
from moderation.explained_facts import Fact, facts_of
from moderation.facts import COLUMNS, JOINS, Row
from moderation.models import Decision, Lane, Mode, RuleSet, RuleVersion
from moderation.rules import active
from moderation.text import FOLDER_VERSION


class What(StrEnum):
    """What a rule did about a comment, as a page lists it."""

    HIT = "hit"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MISSED = "missed"
    NOT_APPLIED = "not-applied"


class Because(StrEnum):
    """Why a rule did not look at a comment, or why it is not known whether it saw anything."""

    OFF = "off"
    SITE = "site"
    TRUSTED = "trusted"
    STAFF = "staff"
    OTHERS = "others"
    CHECK = "check"
    ERASED = "erased"
    TEXT_GONE = "text-gone"


class Doubt(StrEnum):
    """Why what was found again may not be what the rule did then."""

    # Another version of the check, or of what folds texts, judged it.
    CHECK = "check"
    FOLDER = "folder"
    # What stands before the comment is another than it was: see `backtest.reproducing.Cause`.
    LATE = "late"
    SOURCES = "sources"
    # Whether somebody belongs to the site is not stored: it is as of today.
    STAFF = "staff"
    # Several rules of a check that failed: which of them is not stored.
    SHARED = "shared"
    # It comes out otherwise now.
    HITS_NOW = "hits-now"
    MISSES_NOW = "misses-now"
    FAILS_NOW = "fails-now"


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What one rule version did about the text.

    `told` are its findings as they are stored. `did` is what they did to the
    comment, `publish` for nothing; `instead` is what a breaker or a quota
    left of its action. `again` says that it was found again, for it is not
    stored; `doubts` how far that can be trusted.
    """

    version: RuleVersion
    what: What
    because: Because | None = None
    told: tuple[Told, ...] = ()
    did: str = "publish"
    instead: str = ""
    facts: tuple[Fact, ...] = ()
    again: bool = True
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of how a comment came to its status by `decision`.

    `machine` is the look of the rules that is told: the decision itself, or,
    where a person took it, the last one before. None if no rule ever looked.
    """

    comment: Comment
    decisions: Sequence[Decision]
    decision: Decision | None
    machine: Decision | None
    rules: tuple[RuleAnswer, ...]
    body: str
    author_name: str

    @property
    def newest(self) -> bool:
        return bool(self.decisions) and self.decision == self.decisions[0]


class NoSuchDecision(LookupError):
    """The comment has no decision of that number."""


# A comment has few; a page shows no more.
MOST_DECISIONS = 50


def explain(comment: Comment, decision: int | None = None) -> Explanation:
    """Explain a decision on a comment, the newest if none is named.

    As many queries for fifty rules as for one. Raises NoSuchDecision.
    """
    rows = comment.decisions.select_related("reason", "by", "rule_set").prefetch_related("notes")
    decisions = list(rows.order_by("-pk")[:MOST_DECISIONS])
    if decision is not None and decision not in {each.pk for each in decisions}:
        decisions += list(rows.filter(pk=decision))
    wanted = next((each for each in decisions if decision in {None, each.pk}), None)
    if decision is not None and wanted is None:
        raise NoSuchDecision(f"comment {comment.pk} has no decision {decision}.")
    decided = decided_on([comment.pk]).get(comment.pk, [])
    looks = [each for each in decided if wanted and each.id <= wanted.pk and each.screened]
    look = looks[-1] if looks else None
    if wanted is None or look is None:
        return Explanation(comment, decisions, wanted, None, (), comment.body, comment.author_name)
    machine = next((each for each in decisions if each.pk == look.id), None) or rows.get(pk=look.id)
    row, kept = _row(comment, machine)
    found = _rules(comment, machine, look, row if kept else None, past(looks, look.revision))
    return Explanation(comment, decisions, wanted, machine, found, row.body, row.author_name)


# --- the comment as it was ----------------------------------------------------

_ROW = f"SELECT c.id, {int(Lane.AGAIN)}, '', {COLUMNS} FROM comments_comment c {JOINS} WHERE c.id = %s"  # noqa: S608


def _row(comment: Comment, decision: Decision) -> tuple[Row, bool]:
    """The comment with the text, the floor and the policy of that decision, and whether the text is kept."""
    facts = decision.facts
    row = Row(*bulk.fetch(_ROW, [comment.pk])[0])._replace(
        floor=facts.get("floor", "open"),
        policy=facts.get("policy", ""),
        source_state=facts.get("state", ""),
    )
    if decision.revision >= row.revision:
        return row, True
    earlier = CommentRevision.objects.filter(comment=comment.pk, number__gte=decision.revision)
    number = row.revision
    # From the newest back: what an edit did not change is as it was after it.
    for text in earlier.order_by("-number"):
        number, former = text.number, text.former or {}
        row = row._replace(
            revision=text.number,
            body=text.body,
            author_name=text.author_name,
            author_url=text.author_url,
            fingerprint=text.fingerprint,
            folded=text.folded if text.folder_version == FOLDER_VERSION else "",
            author_email=former.get("author_email", row.author_email),
        )
    return row, number == decision.revision


# --- the rules ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """What the rules of a decision are asked with. `answer` is None where the text is gone."""

    decision: Decision
    decided: Decided
    answer: Answer | None
    gone: Because
    stored: Mapping[tuple[int, int], list[Told]]
    changed: Doubt | None
    failed: Counter[str]
    context: Context


def _rules(
    comment: Comment, decision: Decision, decided: Decided, row: Row | None, before: Past
) -> tuple[RuleAnswer, ...]:
    versions = _versions(decision.rule_set)
    compiled = {version.pk: active(version) for version in versions if version.mode != Mode.OFF}
    there = row if comment.erased_at is None else None
    answer = _answer(there, tuple(compiled.values()), before) if there else None
    changed = changed_since({comment.pk: decided.at}).get(comment.pk)
    facts = decision.facts
    context = Context(
        site=comment.site_id,
        floor=facts.get("floor", "open"),
        policy=facts.get("policy", ""),
        state=facts.get("state", ""),
    )
    look = _Look(
        decision,
        decided,
        answer,
        Because.ERASED if comment.erased_at else Because.TEXT_GONE,
        stored_findings([decision.pk], list(compiled)),
        Doubt(changed) if changed else None,
        Counter(rule.check.slug for rule in compiled.values()),
        answer.claimed.context if answer else context,
    )
    found = [
        _rule(version, compiled[version.pk], look)
        if version.pk in compiled
        else RuleAnswer(version, What.NOT_APPLIED, Because.OFF, again=False)
        for version in versions
    ]
    return tuple(sorted(found, key=_place))


def _place(answer: RuleAnswer) -> tuple[int, int]:
    """What stopped the comment first, then by what the rules did; in the order of their slugs."""
    return list(What).index(answer.what), -Strictness[answer.did.upper()]


def _versions(rule_set: RuleSet | None) -> list[RuleVersion]:
    if rule_set is None:
        return []
    rows = rule_set.versions.select_related("rule", "reason", "word_list_version", "site")
    return list(rows.order_by("rule__slug"))


def _answer(row: Row, rules: tuple[ActiveRule, ...], before: Past) -> Answer:
    return next(answers([row], Tried(rules, ()), {row.id: before or NOTHING}))


def _rule(version: RuleVersion, rule: ActiveRule, look: _Look) -> RuleAnswer:
    then = look.stored.get((look.decision.pk, rule.version), [])
    answer = (
        _found_again(version, rule, look) if look.answer else RuleAnswer(version, What.UNKNOWN, look.gone)
    )
    if then:
        return replace(_stored(rule, then, look, answer), version=version)
    if rule.check.slug in look.decision.facts.get("failed", ()):
        shared = (Doubt.SHARED,) if look.failed[rule.check.slug] > 1 else ()
        return RuleAnswer(version, What.FAILED, facts=answer.facts, again=False, doubts=shared)
    return answer


def _stored(rule: ActiveRule, then: Sequence[Told], look: _Look, now: RuleAnswer) -> RuleAnswer:
    """A hit, which is stored: nothing about it is in doubt, save that today it might not be one."""
    instead = look.decision.facts.get("restrained", {}).get(str(rule.version), "")
    hits = [
        Hit(replace(rule, action=each.action, enforced=each.mode == Mode.ENFORCE), Finding(each.code))
        for each in then
    ]
    did = max(strictness_of(hit, look.context) for hit in hits)
    misses = look.answer is not None and not look.answer.hits_of(rule.version)
    doubts = (Doubt.MISSES_NOW, *_doubts(rule, look)) if misses else ()
    return RuleAnswer(
        now.version,
        What.HIT,
        None,
        tuple(then),
        did.name.lower(),
        instead,
        now.facts,
        again=False,
        doubts=doubts,
    )


def _found_again(version: RuleVersion, rule: ActiveRule, look: _Look) -> RuleAnswer:
    """What the rule does with the text and the facts of then, by the checks of today."""
    assert look.answer is not None
    submission, context = look.answer.claimed.submission, look.answer.claimed.context
    facts, doubts = facts_of(rule, submission), _doubts(rule, look)
    if not rule.concerns(context):
        staff = (Doubt.STAFF,) if rule.not_staff and context.staff else ()
        return RuleAnswer(version, What.NOT_APPLIED, _unconcerned(rule, context), facts=facts, doubts=staff)
    if rule.not_staff:
        doubts = (*doubts, Doubt.STAFF)
    if any(failure.rule.version == rule.version for failure in look.answer.verdict.failures):
        return RuleAnswer(version, What.UNKNOWN, facts=facts, doubts=(Doubt.FAILS_NOW, *doubts))
    if hits := look.answer.hits_of(rule.version):
        seen = tuple(told(hit) for hit in hits)
        return RuleAnswer(version, What.MISSED, told=seen, facts=facts, doubts=(Doubt.HITS_NOW, *doubts))
    if not rule.check.applies(submission):
        return RuleAnswer(version, What.NOT_APPLIED, Because.CHECK, facts=facts, doubts=doubts)
    return RuleAnswer(version, What.MISSED, facts=facts, doubts=doubts)


def _unconcerned(rule: ActiveRule, context: Context) -> Because:
    if rule.site is not None and rule.site != context.site:
        return Because.SITE
    if rule.only_new and context.trusted:
        return Because.TRUSTED
    return Because.STAFF if rule.not_staff and context.staff else Because.OTHERS


def _doubts(rule: ActiveRule, look: _Look) -> tuple[Doubt, ...]:
    doubts: list[Doubt] = []
    if look.decided.version_of(rule.check.slug) != rule.check.version:
        doubts.append(Doubt.CHECK)
    if look.decided.folder != FOLDER_VERSION:
        doubts.append(Doubt.FOLDER)
    # A check that asks for no facts sees the comment alone.
    if look.changed and rule.check.needs != Needs():
        doubts.append(look.changed)
    return tuple(doubts)
