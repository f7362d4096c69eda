"""Rule files and the database: what is in force as entries, and entries put in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction

from comments.models import Site
from moderation.examples import failures, in_words, takes_examples
from moderation.models import Mode, Reason, Rule, WordList, WordListVersion
from moderation.raising import JUDGED, LOWER, asks_for_reason
from moderation.rule_files.nodes import Fault, Faulty
from moderation.rule_files.schema import (
    SECTIONS,
    Entry,
    ReasonEntry,
    RuleEntry,
    RuleFile,
    WordListEntry,
)
from moderation.rule_files.values import unknown
from moderation.rules import WrongParameters, build_check, lock_rules, save_all

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from moderation.checks.base import Check


class What(StrEnum):
    """What an import does with an entry."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    # A rule that the file does not have: switched off, or left as it is.
    OFF = "off"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Change:
    """An entry, and for a changed one its fields: `(name, before, after)`."""

    section: str
    slug: str
    what: What
    fields: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def writes(self) -> bool:
        return self.what in {What.ADDED, What.CHANGED, What.OFF}


@dataclass(frozen=True, slots=True)
class Options:
    """`prune` switches off rules that the file does not have; `add_only` leaves what is there as it is."""

    prune: bool = False
    add_only: bool = False


def in_force() -> RuleFile:
    """Everything that the database has, as entries."""
    found = RuleFile()
    for reason in Reason.objects.all():
        found.reasons[reason.slug] = ReasonEntry(
            **{each.name: _tidy(getattr(reason, each.name)) for each in fields(ReasonEntry)}
        )
    words = _newest_words()
    for row in WordList.objects.select_related("site"):
        site = row.site.slug if row.site else None
        found.word_lists[row.slug] = WordListEntry(row.slug, row.name.strip(), words.get(row.pk, ()), site)
    for rule in Rule.objects.select_related("site", "reason", "word_list"):
        found.rules[rule.slug] = _entry(rule)
    return found


def _newest_words() -> dict[int, tuple[str, ...]]:
    newest = WordListVersion.objects.order_by("word_list", "-number").distinct("word_list")
    return {version.word_list_id: tuple(version.words) for version in newest}


def _tidy(value: Any) -> Any:
    """Texts as a file has them: the ends of lines of a form are others, blanks at the ends are none."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _entry(rule: Rule) -> RuleEntry:
    return RuleEntry(
        slug=rule.slug,
        check=rule.check_slug,
        params=rule.params,
        reason=rule.reason.slug,
        site=rule.site.slug if rule.site else None,
        word_list=rule.word_list.slug if rule.word_list else None,
        match=tuple(rule.examples_match),
        passing=tuple(rule.examples_pass),
        **{name: _tidy(getattr(rule, name)) for name in _PLAIN},
    )


# Fields of an entry that are the rule's own, under the same name.
_PLAIN = (
    "name_ja", "name_en", "applies_to", "mode", "action", "severity", "message_ja", "message_en",
    "daily_quota", "breaker_pairs", "breaker_minutes",
)  # fmt: skip


def compare(there: RuleFile, file: RuleFile, options: Options = Options()) -> list[Change]:
    """What an import of the file would do, in its order; rules that it does not have come last."""
    changes = [
        _compare(section, slug, there.section(section).get(slug), entry, options)
        for section in SECTIONS
        for slug, entry in file.section(section).items()
    ]
    for slug in sorted(there.rules.keys() - file.rules.keys()):
        off = options.prune and there.rules[slug].mode != Mode.OFF
        changes.append(Change("rules", slug, What.OFF if off else What.LEFT))
    return changes


def _compare(section: str, slug: str, before: Entry | None, after: Entry, options: Options) -> Change:
    if before is None:
        return Change(section, slug, What.ADDED)
    found = tuple(
        (each.name, getattr(before, each.name), getattr(after, each.name))
        for each in fields(before)
        if getattr(before, each.name) != getattr(after, each.name)
    )
    changed = bool(found) and not options.add_only
    return Change(section, slug, What.CHANGED, found) if changed else Change(section, slug, What.SAME)


def examine(file: RuleFile, there: RuleFile | None = None, sites: Mapping[str, str] | None = None) -> None:
    """Raise `Faulty` where entries name what is nowhere, or an example of a rule comes out wrong.

    `there` is what the database has; `sites` are `{slug: language}`. Without
    them only what the file itself has is known, and sites are not looked up.
    """
    faults = [
        fault
        for rule in file.rules.values()
        for fault in _unknown_names(rule, file, there or RuleFile(), sites)
    ]
    for entry in file.word_lists.values():
        faults += _unknown_site("word_lists", entry, file, sites)
        faults += _used_elsewhere(entry, file, there or RuleFile())
    if not faults:
        for rule in file.rules.values():
            faults += _wrong_examples(rule, file, there or RuleFile(), sites or {})
    if faults:
        raise Faulty(faults)


def _unknown_names(
    rule: RuleEntry, file: RuleFile, there: RuleFile, sites: Mapping[str, str] | None
) -> Iterable[Fault]:
    reasons, lists = there.reasons | file.reasons, there.word_lists | file.word_lists
    if rule.reason not in reasons:
        yield file.fault("rules", rule.slug, "reason", unknown(rule.reason, sorted(reasons)))
    if rule.word_list and rule.word_list not in lists:
        yield file.fault("rules", rule.slug, "word_list", unknown(rule.word_list, sorted(lists)))
    elif rule.word_list and lists[rule.word_list].site not in {None, rule.site}:
        message = f"The list {rule.word_list} is of the site {lists[rule.word_list].site}, the rule is not."
        yield file.fault("rules", rule.slug, "word_list", message)
    yield from _unknown_site("rules", rule, file, sites)


def _unknown_site(
    section: str, entry: RuleEntry | WordListEntry, file: RuleFile, sites: Mapping[str, str] | None
) -> Iterable[Fault]:
    if entry.site and sites is not None and entry.site not in sites:
        yield file.fault(section, entry.slug, "site", unknown(entry.site, sorted(sites) or ["(no site)"]))


def _used_elsewhere(entry: WordListEntry, file: RuleFile, there: RuleFile) -> Iterable[Fault]:
    """Rules that the file leaves as they are are of other sites than a list of theirs would be."""
    of_list = [rule for slug, rule in there.rules.items() if slug not in file.rules]
    users = [rule.slug for rule in of_list if rule.word_list == entry.slug and rule.site != entry.site]
    if entry.site and users:
        message = f"Rules of all sites or of others use the list: {', '.join(sorted(users))}."
        yield file.fault("word_lists", entry.slug, "site", message)


def _wrong_examples(
    rule: RuleEntry, file: RuleFile, there: RuleFile, sites: Mapping[str, str]
) -> Iterable[Fault]:
    words = (there.word_lists | file.word_lists)[rule.word_list].words if rule.word_list else None
    try:
        check: Check = build_check(rule.check, dict(rule.params), words)
    except WrongParameters as error:
        yield file.fault("rules", rule.slug, "params", str(error))
        return
    if (rule.match or rule.passing) and not takes_examples(check):
        message = "This check looks at other comments or at quotes, which an example does not have."
        yield file.fault("rules", rule.slug, "examples", message)
        return
    for failed in failures(check, rule.match, rule.passing, sites.get(rule.site or "", "ja")):
        kind = "match" if failed.must_match else "pass"
        name = f"examples › {kind} › {failed.position + 1}"
        yield file.fault("rules", rule.slug, name, in_words(failed, type(check), "en"))


@transaction.atomic
def put_in_force(
    file: RuleFile, options: Options = Options(), *, by: User | None = None, note: str = ""
) -> list[Change]:
    """Write what the file says as one new rule set, with versions only of what changed.

    Raises `Faulty`, and nothing is written.
    """
    lock_rules()
    there = in_force()
    changes = compare(there, file, options)
    written = {(each.section, each.slug): each for each in changes if each.writes}
    examine(_only(file, written), there, dict(Site.objects.values_list("slug", "language")))
    sites = {site.slug: site for site in Site.objects.all()}
    _write_reasons([each for slug, each in file.reasons.items() if ("reasons", slug) in written])
    lists = [
        _word_list(each, sites) for slug, each in file.word_lists.items() if ("word_lists", slug) in written
    ]
    _write_names([row for row in lists if not _has_new_words(row, written)])
    rules = [_rule(each, sites, lists) for slug, each in file.rules.items() if ("rules", slug) in written]
    with_words = [row for row in lists if _has_new_words(row, written)]
    if not note.strip():
        _must_be_known(rules, with_words, file)
    rules += _switched_off([each.slug for each in changes if each.what is What.OFF])
    try:
        save_all(rules, with_words, by=by, note=note)
    except WrongParameters as error:
        raise Faulty([_fault_elsewhere(error, file)]) from error
    return changes


def rehearse(file: RuleFile, options: Options = Options(), *, note: str = "") -> list[Change]:
    """As `put_in_force`, and nothing is written."""
    with transaction.atomic():
        changes = put_in_force(file, options, note=note)
        transaction.set_rollback(True)
    return changes


def _only(file: RuleFile, written: Mapping[tuple[str, str], Change]) -> RuleFile:
    """The entries of the file that are written: what is there and stays is not judged again."""
    made = RuleFile(places=file.places)
    for section in SECTIONS:
        kept = {slug: entry for slug, entry in file.section(section).items() if (section, slug) in written}
        made.section(section).update(kept)
    return made


def _must_be_known(rules: Sequence[Rule], with_words: Sequence[WordList], file: RuleFile) -> None:
    """Raise `Faulty` where a rule would reject from now on, and neither its hits nor a note say why."""
    faults = []
    for rule in rules:
        known = asks_for_reason(rule, new_words=rule.word_list in with_words)
        if known is not None:
            told = (
                f"The rule would reject by itself. People have judged {known.judged} of its hits, "
                f"{known.right} right; it takes {JUDGED} with a lower bound of {LOWER} (now "
                f"{known.interval.low:.2f}). Observe it for longer, or say why with a note (--note)."
            )
            faults.append(file.fault("rules", rule.slug, "action", told))
    if faults:
        raise Faulty(faults)


def _fault_elsewhere(error: WrongParameters, file: RuleFile) -> Fault:
    """A rule that the file does not have fails with one of its word lists."""
    section = next(name for name in ("word_lists", "rules", "reasons") if file.section(name))
    slug = next(iter(file.section(section)))
    return file.fault(section, slug, "", f"A rule that uses what the file changes no longer holds: {error}")


def _write_reasons(entries: Sequence[ReasonEntry]) -> None:
    for entry in entries:
        values = {each.name: getattr(entry, each.name) for each in fields(entry) if each.name != "slug"}
        Reason.objects.update_or_create(slug=entry.slug, defaults=values)


def _word_list(entry: WordListEntry, sites: Mapping[str, Site]) -> WordList:
    row = WordList.objects.filter(slug=entry.slug).first() or WordList(slug=entry.slug)
    row.name, row.words = entry.name, "\n".join(entry.words)
    row.site = sites[entry.site] if entry.site else None
    return row


def _has_new_words(row: WordList, written: Mapping[tuple[str, str], Change]) -> bool:
    change = written["word_lists", row.slug]
    return change.what is What.ADDED or any(name == "words" for name, _, _ in change.fields)


def _write_names(rows: Sequence[WordList]) -> None:
    """A name or a site is no word: it makes no version."""
    for row in rows:
        row.save(update_fields=["name", "site"])


def _rule(entry: RuleEntry, sites: Mapping[str, Site], lists: Sequence[WordList]) -> Rule:
    rule = Rule.objects.filter(slug=entry.slug).first() or Rule(slug=entry.slug)
    for name in _PLAIN:
        setattr(rule, name, getattr(entry, name))
    rule.check_slug, rule.params = entry.check, dict(entry.params)
    rule.examples_match, rule.examples_pass = list(entry.match), list(entry.passing)
    rule.site = sites[entry.site] if entry.site else None
    rule.reason = Reason.objects.get(slug=entry.reason)
    rule.word_list = None
    if entry.word_list:
        new = next((row for row in lists if row.slug == entry.word_list), None)
        rule.word_list = new or WordList.objects.get(slug=entry.word_list)
    return rule


def _switched_off(slugs: Sequence[str]) -> list[Rule]:
    rules = list(Rule.objects.filter(slug__in=slugs))
    for rule in rules:
        rule.mode = Mode.OFF
    return rules
