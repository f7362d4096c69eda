"""What of comments is blurred until somebody wants to see it: a person's own setting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import F

from moderation.admin.highlight import VEIL, Mark, Segment, highlight
from moderation.models import Blur, Finding
from moderation.people import settings_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from comments.models import Comment

# Checks that find words, and reasons for which no word is harsh. What a newsroom adds itself is blurred.
HARSH_CHECKS = frozenset({"words", "patterns", "name_words"})
MILD_REASONS = frozenset({"spam", "off-topic", "personal-data", "unfounded"})

Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Veils:
    """What is blurred: nothing, whole texts, or by comment the places (field, start, end) of harsh words."""

    blur: str = Blur.OFF
    places: Mapping[int, list[Place]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.blur != Blur.OFF

    @property
    def whole(self) -> bool:
        return self.blur == Blur.TEXTS

    def marks(self, comment: int, name: str) -> list[Mark]:
        """The marks of a field of a comment."""
        return [Mark(start, end, VEIL) for where, start, end in self.places.get(comment, []) if where == name]

    def segments(self, text: str, comment: int, name: str) -> tuple[Segment, ...]:
        """A text, or its beginning, with what is blurred in it."""
        if self.whole and name == "body":
            return highlight(text, [Mark(0, len(text), VEIL)])
        return highlight(text, self.marks(comment, name))


NONE = Veils()


def veils_for(user: User, comments: Iterable[Comment | int | None]) -> Veils:
    """What `user` wants blurred of these comments, or of those ids; one query, or none."""
    blur = settings_of(user).blur
    if blur != Blur.WORDS:
        return Veils(blur)
    keys = {each if isinstance(each, int) else each.pk for each in comments if each is not None}
    found = Finding.objects.filter(
        decision__comment__in=keys,
        decision__revision=F("decision__comment__revision"),
        rule_version__check_slug__in=HARSH_CHECKS,
    ).exclude(rule_version__reason__slug__in=MILD_REASONS)
    places: dict[int, list[Place]] = defaultdict(list)
    for comment, spans in found.values_list("decision__comment", "spans"):
        places[comment] += [(name, start, end) for name, start, end in spans]
    return Veils(blur, dict(places))


def is_harsh(finding: Finding) -> bool:
    """Whether what a finding shows are harsh words. Its rule version and its reason are loaded."""
    version = finding.rule_version
    return version.check_slug in HARSH_CHECKS and version.reason.slug not in MILD_REASONS
