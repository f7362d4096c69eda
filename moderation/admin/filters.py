"""What the queue is narrowed to: read from an address, written into every address of the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.admin.base import visible
from comments.models import Article, Comment, Site
from moderation.admin.sentences import cause_in_words
from moderation.checks import BY_SLUG
from moderation.finding_cases import Asked
from moderation.grams import LONGEST
from moderation.models import Reason, Rule, Severity

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

AUDIT = "audit"
# Kinds of causes that are no check; the sample has a filter of its own.
BARE = (
    "floor", "no-rule-set", "check-failed", "import", "edit", "import-guess",
    "quote-hidden", "quote-erased", "quote-altered",
)  # fmt: skip


class Age(TextChoices):
    """How long ago a case was opened."""

    LAST_HOUR = "lt1h", _("opened within the last hour")
    LAST_DAY = "lt1d", _("opened within the last day")
    OVER_8_HOURS = "gt8h", _("waiting for over 8 hours")
    OVER_A_DAY = "gt1d", _("waiting for over a day")
    OVER_3_DAYS = "gt3d", _("waiting for over 3 days")
    OVER_A_WEEK = "gt7d", _("waiting for over a week")

    @property
    def length(self) -> timedelta:
        number = int(self.value[2:-1])
        return timedelta(hours=number) if self.value.endswith("h") else timedelta(days=number)

    @property
    def at_most(self) -> bool:
        return self.value.startswith("lt")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; kept in every address of the desk."""

    site: int | None = None
    severity: int | None = None
    reason: int | None = None
    rule: int | None = None
    check: str = ""
    author: UUID | None = None
    article: int | None = None
    age: str = ""
    audit: bool = False
    overdue: bool = False
    # Those that wait for a second pair of eyes; they are not in the common queue.
    escalated: bool = False
    # What is searched for, as it was typed.
    q: str = ""
    # The open cases of one group, and those of groups each by itself.
    group: int | None = None
    one: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        """The filters in an address; what cannot be read is no filter."""
        severity, check, age = (query.get(name, "") for name in ("severity", "check", "age"))
        return cls(
            site=_number(query.get("site", "")),
            severity=int(severity) if severity in {str(value) for value in Severity.values} else None,
            reason=_number(query.get("reason", "")),
            rule=_number(query.get("rule", "")),
            check=check if check in BY_SLUG or check in BARE else "",
            author=_uuid(query.get("author", "")),
            article=_number(query.get("article", "")),
            age=age if age in Age.values else "",
            audit=query.get("audit") == "1",
            overdue=query.get("overdue") == "1",
            escalated=query.get("escalated") == "1",
            q=query.get("q", "").strip()[:LONGEST],
            group=_number(query.get("group", "")),
            one=query.get("one") == "1",
        )

    @property
    def given(self) -> dict[str, str]:
        """`{name in the address: value}` of those that are on."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: "1" if value is True else str(value) for name, value in values.items() if value}

    @property
    def has_further(self) -> bool:
        """Whether one is on that the form shows only when asked for more."""
        return bool(self.reason or self.rule or self.check or self.age or self.audit or self.overdue)

    @property
    def could_group(self) -> bool:
        """Whether cases that are alike could be one entry: of a narrowed queue each that fits is shown."""
        return not {*self.given} - {"site", "escalated", "one"}

    @property
    def grouped(self) -> bool:
        """Whether cases that are alike are one entry."""
        return self.could_group and not self.one

    @property
    def query(self) -> str:
        """`?site=…`, or nothing."""
        return f"?{urlencode(self.given)}" if self.given else ""

    @property
    def further(self) -> str:
        """`&site=…`, to go on an address that has a query, or nothing."""
        return f"&{urlencode(self.given)}" if self.given else ""

    def without(self, name: str) -> Filters:
        """The same, one taken off."""
        return replace(self, **{name: getattr(Filters(), name)})

    def asked(self, sites: Sequence[int], now: datetime) -> Asked:
        """What open cases must be, of those of `sites`."""
        age = Age(self.age) if self.age else None
        since = now - age.length if age else None
        return Asked(
            sites=[site for site in sites if self.site in {None, site}],
            facets=tuple(self._facets()),
            due_before=now if self.overdue else None,
            opened_before=None if age is None or age.at_most else since,
            opened_after=since if age is not None and age.at_most else None,
            escalated=self.escalated,
        )

    def _facets(self) -> Iterator[str]:
        """The facets of `CaseFacet`, the one with the fewest cases, as a rule, first."""
        for name in ("group", "author", "article", "rule"):
            if value := getattr(self, name):
                yield f"{name}:{value}"
        if self.audit:
            yield f"check:{AUDIT}"
        for name in ("check", "reason", "severity"):
            if value := getattr(self, name):
                yield f"{name}:{value}"


def _number(value: str) -> int | None:
    """A row's id, None for what cannot be one."""
    return int(value) or None if value.isascii() and value.isdecimal() and len(value) < 19 else None


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, in words, and the address without it."""

    name: str
    value: str
    query: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers: `(value, label)` by filter."""

    sites: Sequence[tuple[int, str]]
    severities: Sequence[tuple[int, str]]
    reasons: Sequence[tuple[int, str]]
    rules: Sequence[tuple[int, str]]
    checks: Sequence[tuple[str, str]]
    ages: Sequence[tuple[str, str]]


NAMES = {
    "site": _("Site"),
    "severity": _("Severity"),
    "reason": _("Reason"),
    "rule": _("Rule"),
    "check": _("Check"),
    "author": _("Author"),
    "article": _("Article"),
    "age": _("Age"),
    "audit": _("Audit sample"),
    "overdue": _("Overdue"),
    "escalated": _("Escalated"),
    "q": _("Search"),
    "group": _("Alike"),
    "one": _("One by one"),
}


def choices_for(user: User | AnonymousUser, sites: Iterable[Site], language: str) -> Choices:
    """What he may narrow the queue to."""
    rules: QuerySet[Rule] = visible(Rule, user).only("pk", "name_ja", "name_en")
    name = "name_ja" if language == "ja" else "name_en"
    return Choices(
        sites=[(site.pk, str(site)) for site in sites],
        severities=[(value, str(label)) for value, label in Severity.choices],
        reasons=[(reason.pk, str(reason)) for reason in Reason.objects.all()],
        rules=sorted(((rule.pk, getattr(rule, name)) for rule in rules), key=lambda each: each[1]),
        checks=[
            *((slug, cause_in_words(slug)) for slug in BY_SLUG),
            *((kind, cause_in_words(kind)) for kind in BARE),
        ],
        ages=[(value, str(label)) for value, label in Age.choices],
    )


def chips_for(user: User | AnonymousUser, filters: Filters, choices: Choices) -> list[Chip]:
    """Each filter that is on, with its way off. Of what he may not see nothing but its number is told."""
    known: dict[str, Sequence[tuple[int | str, str]]] = {
        "site": choices.sites,
        "severity": choices.severities,
        "reason": choices.reasons,
        "rule": choices.rules,
        "check": choices.checks,
        "age": choices.ages,
    }
    found = []
    for name, value in filters.given.items():
        labels = {str(key): label for key, label in known.get(name, ())}
        found.append(
            Chip(
                str(NAMES[name]),
                labels.get(value) or _in_words(user, name, value),
                filters.without(name).query,
            )
        )
    return found


def _in_words(user: User | AnonymousUser, name: str, value: str) -> str:
    match name:
        case "audit" | "overdue" | "escalated" | "one":
            return ""
        case "q":
            return value
        case "article":
            article = Article.objects.visible_to(user).filter(pk=int(value)).only("title", "url").first()
            return str(article or f"#{value}")
        case "author":
            newest = Comment.objects.visible_to(user).newest_of(UUID(value))
            name = newest.values_list("author_name", flat=True).first() or ""
            return name or gettext("without a name")
    return f"#{value}"
