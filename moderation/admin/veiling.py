"""What of comments is blurred until somebody wants to see it: a person's own setting.

There is one way for every page. Its view puts `veil_context(request, comments)`
into the context: one query for all of them, none for who blurs no words. Its
template shows a text, or the beginning of one, by `{% veiled text veils id %}`,
with `focus=1` where it stands in no link that takes the focus; a body with marks
by `desk/body.html`; what a finding stands on by `desk/evidence.html`. What is
blurred is said to be so, is seen under the pointer, a finger or the focus, and
the link of `desk/unveil.html` (key b) shows the page without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils.html import format_html

from comments.admin.base import person
from moderation.admin.highlight import VEIL, Mark, Segment, highlight, whole_of
from moderation.models import Blur, Finding, RuleVersion
from moderation.people import settings_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from comments.models import Comment
    from moderation.models import Quote

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
            return whole_of(text)
        return highlight(text, self.marks(comment, name))

    def within(self, text: str, comment: int, marks: Iterable[Mark] = ()) -> tuple[Segment, ...]:
        """A body with its marks, as `desk/body.html` takes it: that blurs whole texts by itself."""
        return highlight(text, [*marks, *(() if self.whole else self.marks(comment, "body"))])

    def part(self, text: str, comment: int, start: int, end: int) -> tuple[Segment, ...]:
        """What stands at `start` to `end` of a body, in other words: blurred as a whole, or not at all."""
        return whole_of(text) if self._touches(comment, start, end) else (Segment(text),)

    def hides(self, quote: Quote) -> bool:
        """Whether something in a quote or in its source is blurred."""
        return self._touches(quote.comment_id, quote.start, quote.end) or self._touches(
            quote.source_comment_id or 0, quote.source_start or 0, quote.source_end or 0
        )

    def _touches(self, comment: int, start: int, end: int) -> bool:
        marks = self.marks(comment, "body")
        return self.whole or any(mark.start < end and start < mark.end for mark in marks)


NONE = Veils()


def veils_for(user: User, comments: Iterable[Comment | int | None]) -> Veils:
    """What `user` wants blurred of these comments, or of those ids; one query, or none."""
    blur = settings_of(user).blur
    if blur != Blur.WORDS:
        return Veils(blur)
    keys = {each if isinstance(each, int) else each.pk for each in comments if each is not None}
    of_today = Q(decision__comment__in=keys, decision__revision=F("decision__comment__revision"))
    return Veils(blur, _places(of_today, "decision__comment"))


def veils_of_texts(user: User, comment: int) -> Veils:
    """As `veils_for`, of all texts that a comment has had, by their numbers."""
    blur = settings_of(user).blur
    if blur != Blur.WORDS:
        return Veils(blur)
    return Veils(blur, _places(Q(decision__comment=comment), "decision__revision"))


def _places(wanted: Q, by: str) -> dict[int, list[Place]]:
    found = Finding.objects.filter(wanted, rule_version__check_slug__in=HARSH_CHECKS)
    found = found.exclude(rule_version__reason__slug__in=MILD_REASONS)
    places: dict[int, list[Place]] = defaultdict(list)
    for key, spans in found.values_list(by, "spans"):
        places[key] += [(name, start, end) for name, start, end in spans]
    return dict(places)


def blurred(
    text: str, veils: Veils, comment: int, name: str = "body", *, focus: bool = False
) -> SafeString | str:
    """As the tag `veiled`, for a cell of the admin's own lists."""
    if not veils:
        return text
    segments = veils.segments(text, comment, name)
    return render_to_string("moderation/desk/veiled.html", {"segments": segments, "focus": focus})


def blurred_body(text: str, veils: Veils, comment: int) -> SafeString:
    """A body on the admin's own pages, with what is invisible in it made visible."""
    shown = {"segments": veils.within(text, comment), "veils": veils}
    return format_html(
        '<div class="sekisho sekisho-prose">{}</div>', render_to_string("moderation/desk/body.html", shown)
    )


def veil_context(request: HttpRequest, comments: Iterable[Comment | int | None]) -> dict[str, Any]:
    """What a page that shows these comments needs: `veils`, and the way to see it with or without them."""
    query, shown = request.GET.copy(), shows(request)
    veils = NONE if shown else veils_for(person(request), comments)
    if shown:
        del query["blur"]
    else:
        query["blur"] = "off"
    offered = request.method == "GET" and settings_of(request.user).blur != Blur.OFF
    return {"veils": veils, "unveil_link": f"?{query.urlencode()}" if offered else ""}


def shows(request: HttpRequest) -> bool:
    """Whether a page is asked for without blur, this once."""
    return request.GET.get("blur") == "off"


def is_harsh(version: RuleVersion) -> bool:
    """Whether what a rule version finds are harsh words. Its reason is loaded."""
    return version.check_slug in HARSH_CHECKS and version.reason.slug not in MILD_REASONS
