"""A rule as it was when it was tried, saved or not: frozen into JSON, thawed ready to run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moderation.engine import ActiveRule
from moderation.models import Mode, Rule, RuleSet, RuleVersion, Tryout, WordListVersion
from moderation.rules import TERMS, active, newest_words

# Drafts have no version yet: they are numbered from here down.
FIRST_DRAFT = -1


@dataclass(frozen=True, slots=True)
class Tried:
    """The rules of a try-out, ready to run.

    `drafts` are what is tried, `against` what it is compared with; a rule in
    both is the same one. Those that have a version are numbered by it, others
    from -1 down.
    """

    drafts: tuple[ActiveRule, ...]
    against: tuple[ActiveRule, ...]

    @property
    def rules(self) -> tuple[ActiveRule, ...]:
        """Each rule once, the drafts first."""
        known = {rule.version for rule in self.drafts}
        return (*self.drafts, *(rule for rule in self.against if rule.version not in known))

    @property
    def alone(self) -> bool:
        """Whether one rule is tried, whose hits count also while it only observes."""
        return len(self.drafts) == 1 and len(self.against) <= 1


def freeze_draft(rule: Rule) -> dict[str, Any]:
    """A rule with its present terms and the newest words of its list, whether it is saved or not."""
    words = newest_words(rule.word_list) if rule.word_list else None
    terms = {name: getattr(rule, name) for name in TERMS}
    return {
        "terms": terms,
        "words": words,
        "slug": rule.slug,
        "word_list": rule.word_list_id,
    }


def freeze_versions(versions: Iterable[RuleVersion]) -> list[dict[str, Any]]:
    """Versions, which are frozen by themselves."""
    return [{"version": version.pk} for version in versions]


def versions_of(rule_set: RuleSet | None) -> list[RuleVersion]:
    """The versions of a rule set that run, in the order in which they do."""
    if rule_set is None:
        return []
    rows = rule_set.versions.exclude(mode=Mode.OFF).order_by("rule__slug")
    return list(rows)


def thaw(tryout: Tryout) -> Tried:
    """The rules of a try-out. Two queries."""
    wanted = [*(each["version"] for each in tryout.drafts if "version" in each), *tryout.against]
    found = RuleVersion.objects.filter(pk__in=wanted).select_related("word_list_version")
    compiled = {version.pk: active(version) for version in found}
    return Tried(
        tuple(
            compiled[each["version"]] if "version" in each else _thaw_draft(each, FIRST_DRAFT - at)
            for at, each in enumerate(tryout.drafts)
        ),
        tuple(compiled[key] for key in tryout.against),
    )


def _thaw_draft(frozen: dict[str, Any], number: int) -> ActiveRule:
    return replace(active(version_of(frozen)), version=number)


def version_of(frozen: dict[str, Any]) -> RuleVersion:
    """A draft as a version that is in no table. Terms that came since have their defaults."""
    known = {name: value for name, value in frozen["terms"].items() if name in TERMS}
    words: Sequence[str] | None = frozen["words"]
    listed = None if words is None else WordListVersion(words=list(words))
    return RuleVersion(**known, word_list_version=listed)
