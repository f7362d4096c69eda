"""Rules, their versions and the rule set in force: the only writer of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from django.db.models import Max

from comments import bulk
from moderation.checks import BY_SLUG
from moderation.checks.base import Check, Finding, Needs, Submission
from moderation.checks.external import External
from moderation.engine import ActiveRule
from moderation.examples import Failed, failures, in_words
from moderation.models import (
    AppliesTo,
    Mode,
    Rule,
    RuleSet,
    RuleTerms,
    RuleVersion,
    WordList,
    WordListVersion,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = structlog.get_logger(__name__)

TERMS = tuple(field.attname for field in RuleTerms._meta.get_fields() if hasattr(field, "attname")) or ()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """A rule set ready to run. `rule_set` is None when none is in force."""

    rule_set: int | None
    rules: tuple[ActiveRule, ...]
    needs: Needs


EMPTY = RuleBook(None, (), Needs())


def in_force() -> RuleBook:
    """The newest rule set, compiled; compiled anew only when its number changes."""
    newest = RuleSet.objects.order_by("-pk").values_list("pk", flat=True).first()
    return EMPTY if newest is None else rule_book(newest)


@lru_cache(maxsize=4)
def rule_book(rule_set: int) -> RuleBook:
    """A rule set compiled. It is immutable, so the cache needs no clearing."""
    versions = (
        RuleVersion.objects.filter(
            pk__in=RuleSet.versions.through.objects.filter(ruleset=rule_set).values("ruleversion")
        )
        .exclude(mode=Mode.OFF)
        .select_related("word_list_version")
        .order_by("rule__slug")
    )
    rules = tuple(active(version) for version in versions)
    needs = Needs(staff=any(rule.not_staff for rule in rules))
    for rule in rules:
        needs |= rule.check.needs
    return RuleBook(rule_set, rules, needs)


def active(version: RuleVersion) -> ActiveRule:
    """A version with its check ready to run; one that is not saved has the number 0."""
    return ActiveRule(
        version=version.pk or 0,
        check=_check_of(version),
        action=version.action,
        enforced=version.mode == Mode.ENFORCE,
        severity=version.severity,
        reason=version.reason_id,
        site=version.site_id,
        only_new=version.applies_to == AppliesTo.NEW,
        not_staff=version.applies_to == AppliesTo.NOT_STAFF,
        messages=(version.message_ja, version.message_en),
        rule=version.rule_id,
        quota=version.daily_quota,
        breaker_pairs=version.breaker_pairs,
        breaker_minutes=version.breaker_minutes,
    )


def _check_of(version: RuleVersion) -> Check:
    words = version.word_list_version.words if version.word_list_version else None
    try:
        check = build_check(version.check_slug, version.params, words)
    except WrongParameters as error:
        log.error("rule-unfit", rule_version=version.pk, error=str(error))  # noqa: TRY400 - it says all
        return Unfit(str(error))
    if isinstance(check, External) and version.mode == Mode.OBSERVE:
        # A rule that observes holds nothing, whatever becomes of its service.
        return replace(check, required=False)
    return check


@dataclass(frozen=True)
class Unfit(Check):
    """Stands in for a check that this program does not have, or no longer with such parameters.

    It fails, so that what it should have looked at is held for a person. The
    other rules of the set go on.
    """

    slug = "unfit"
    title = {"ja": "実行できないルール", "en": "A rule that cannot run"}
    sentences = {}

    error: str = ""

    def check(self, submission: Submission) -> Iterator[Finding]:  # noqa: ARG002
        raise WrongParameters(self.error)


class WrongParameters(ValueError):
    """A rule's parameters do not fit its check."""


def build_check(slug: str, params: dict[str, Any], words: Sequence[str] | None = None) -> Check:
    """The check of a rule. JSON's lists become tuples; words come from the list's version."""
    if slug not in BY_SLUG:
        raise WrongParameters(f"There is no check {slug!r}; there are: {', '.join(sorted(BY_SLUG))}.")
    known = {field.name for field in fields(BY_SLUG[slug])}
    if unknown := sorted(params.keys() - known):
        raise WrongParameters(
            f"The check {slug!r} has no parameter {unknown[0]!r}; it has: {', '.join(sorted(known))}."
        )
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}
    if words is not None:
        values["words"] = tuple(word for word in words if not word.startswith("!"))
        values["allow"] = tuple(word[1:] for word in words if word.startswith("!"))
    try:
        return BY_SLUG[slug](**values)
    except (TypeError, ValueError) as error:
        raise WrongParameters(f"The parameters of the check {slug!r} do not fit: {error}") from error


class ExamplesFailed(WrongParameters):
    """Examples of a rule come out otherwise than they say."""

    def __init__(self, rule: RuleTerms, failed: Sequence[Failed]) -> None:
        told = "; ".join(in_words(each, BY_SLUG[rule.check_slug], "en") for each in failed[:3])
        super().__init__(f"{rule.name_en}: {told}")
        self.rule, self.failed = rule, failed


def must_pass_examples(rule: RuleTerms, check: Check) -> None:
    """Raise `ExamplesFailed` if an example of the rule comes out otherwise than it says."""
    language = rule.site.language if rule.site else "ja"
    failed = failures(check, rule.examples_match, rule.examples_pass, language)
    if failed:
        raise ExamplesFailed(rule, failed)


@transaction.atomic
def save_rule(rule: Rule, *, by: User | None = None, note: str = "") -> RuleVersion:
    """Write a rule, freeze it as a version and put a new rule set in force."""
    return save_all([rule], by=by, note=note)[0]


@transaction.atomic
def save_all(
    rules: Sequence[Rule],
    word_lists: Sequence[WordList] = (),
    *,
    by: User | None = None,
    note: str = "",
) -> list[RuleVersion]:
    """Write word lists and rules, freeze each as a version, and put one new rule set in force.

    Rules that use one of the lists get a version, too: a version has its words
    frozen with it. The versions of `rules` come back. Raises `WrongParameters`,
    and nothing is written.
    """
    lock_rules()
    lists = [_freeze_word_list(each, by) for each in word_lists]
    versions = [_freeze_rule(rule, by, note) for rule in rules]
    numbers = {each.word_list_id: f"{each.word_list.slug} v{each.number}" for each in lists}
    using = Rule.objects.filter(word_list__in=list(numbers)).exclude(pk__in=[rule.pk for rule in rules])
    others = [_freeze_rule(rule, by, numbers[rule.word_list_id or 0]) for rule in using]
    if versions or others:
        _put_in_force(by)
    return versions


def lock_rules() -> None:
    """Wait for whoever saves rules now: neither of two would see the other's
    version, and the later rule set would put the other's out of force."""
    bulk.execute("LOCK TABLE moderation_ruleset IN SHARE ROW EXCLUSIVE MODE")


def _freeze_rule(rule: Rule, by: User | None, note: str) -> RuleVersion:
    words = _newest_words(rule.word_list)
    check = build_check(rule.check_slug, rule.params, words.words if words else None)
    _must_be_allowed(rule)
    must_pass_examples(rule, check)
    rule.save()
    number = rule.versions.aggregate(newest=Max("number"))["newest"] or 0
    return RuleVersion.objects.create(
        rule=rule,
        number=number + 1,
        word_list_version=words,
        note=note,
        created_by=by,
        **{name: getattr(rule, name) for name in TERMS},
    )


def _must_be_allowed(rule: Rule) -> None:
    allowed = BY_SLUG[rule.check_slug].actions
    if rule.action not in allowed:
        raise WrongParameters(
            f"A rule of the check {rule.check_slug!r} must not {rule.action}, for most of what it sees is "
            f"harmless; it may: {', '.join(allowed)}."
        )
    if rule.word_list and rule.word_list.site_id not in {None, rule.site_id}:
        raise WrongParameters(f"The word list {rule.word_list.slug!r} is of another site than the rule.")


def used_elsewhere(word_list: WordList) -> list[Rule]:
    """The rules of other sites that use a list, if it is of one: its people would write what holds there."""
    if word_list.site_id is None or not word_list.pk:
        return []
    return list(Rule.objects.filter(word_list=word_list.pk).exclude(site=word_list.site_id))


def newest_words(word_list: WordList) -> list[str]:
    """The words that a rule saved now would look for."""
    version = _newest_words(word_list)
    return version.words if version else []


def _newest_words(word_list: WordList | None) -> WordListVersion | None:
    return word_list.versions.order_by("-number").first() if word_list else None


@transaction.atomic
def renew_rule_set(by: User | None) -> RuleSet:
    """The same versions as a new rule set: what the old one has decided may be decided again."""
    lock_rules()
    return _put_in_force(by)


def _put_in_force(by: User | None) -> RuleSet:
    """A rule set of the newest version of every rule."""
    newest = RuleVersion.objects.order_by("rule_id", "-number").distinct("rule_id")
    rule_set = RuleSet.objects.create(created_by=by)
    rule_set.versions.set(newest)
    return rule_set


@transaction.atomic
def restore(version: RuleVersion, *, by: User | None = None, note: str = "") -> RuleVersion:
    """Make a rule again what it was at `version`, as a new version. Raises `WrongParameters`."""
    told = f"= v{version.number}" + (f": {note}" if note else "")
    return save_rule(as_it_was(version), by=by, note=told)


def as_it_was(version: RuleVersion) -> Rule:
    """The rule of a version with its terms and its word list of then, not saved.

    The list has the words that it has today.
    """
    rule = copy(version.rule)
    for name in TERMS:
        setattr(rule, name, getattr(version, name))
    words = version.word_list_version
    rule.word_list = words.word_list if words else None
    return rule


def rules_that_fail(word_list: WordList) -> list[WrongParameters]:
    """What would refuse the words of a list as they are now, one a rule that uses it."""
    found: list[WrongParameters] = []
    words = listed(word_list.words)
    for rule in Rule.objects.filter(word_list=word_list.pk).select_related("site") if word_list.pk else ():
        try:
            must_pass_examples(rule, build_check(rule.check_slug, rule.params, words))
        except WrongParameters as wrong:
            found.append(wrong)
    return found


def save_word_list(word_list: WordList, *, by: User | None = None) -> WordListVersion:
    """Write a word list, freeze it as a version, and every rule that uses it with it."""
    with transaction.atomic():
        save_all([], [word_list], by=by)
        return word_list.versions.latest("number")


def _freeze_word_list(word_list: WordList, by: User | None) -> WordListVersion:
    word_list.save()
    number = word_list.versions.aggregate(newest=Max("number"))["newest"] or 0
    return WordListVersion.objects.create(
        word_list=word_list, number=number + 1, words=listed(word_list.words), created_by=by
    )


def listed(text: str) -> list[str]:
    """The words of a list as it is typed: one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
