"""What the page of a try-out shows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from comments.masking import mask_email
from comments.models import Comment
from moderation.admin.highlight import VEIL, Mark, Segment, highlight
from moderation.admin.scores import precision_in_words
from moderation.admin.veiling import HARSH_CHECKS, NONE, Veils
from moderation.backtest import Counts, counts_of
from moderation.backtest.drafts import FIRST_DRAFT, version_of
from moderation.backtest.reproducing import Cause
from moderation.checks import BY_SLUG
from moderation.models import Case, RuleVersion, Tryout, TryoutHit, TryoutStatus
from moderation.scoring import Judged, Kind, Score

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KINDS = {
    Kind.FALSE_ALARM: (
        _("False alarms"),
        _("It hits these, and a person published them."),
    ),
    Kind.CAUGHT: (_("Newly caught"), _("It hits these; what is in force does not.")),
    Kind.MISSED: (_("Newly missed"), _("What is in force hits these; it does not.")),
    Kind.UNSEEN: (_("Never looked at"), _("Both hit these, and no person has decided on them.")),
    Kind.RIGHT: (_("Right"), _("Both hit these, and a person rejected them.")),
}
JUDGED = {
    Judged.RIGHT: _("a person rejected it"),
    Judged.FALSE_ALARM: _("a person published it"),
    Judged.UNSEEN: _("no person has decided on it"),
}
CAUSES = {
    Cause.EDITED: _("the comment was edited since, and not judged again by this version"),
    Cause.NOT_SCREENED: _("this version never judged the comment"),
    Cause.CHECK: _("the check has another version now"),
    Cause.FOLDER: _("texts are folded by another version now"),
    Cause.FAILED: _("the check failed, then or now"),
    Cause.LATE: _("an earlier comment arrived after this one was judged"),
    Cause.SOURCES: _("the article or an earlier comment was changed, erased or hidden since"),
    Cause.UNKNOWN: _("for a cause that is not known"),
}
# Characters of a comment that a sample shows, and how many stand before the first place.
SHOWN, BEFORE = 600, 120


@dataclass(frozen=True, slots=True)
class Shown:
    """A sample as the page shows it."""

    comment: Comment
    name: tuple[Segment, ...]
    email: str
    body: tuple[Segment, ...]
    judged: str
    told: list[str]
    case: int | None
    edited_since: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The samples of one kind, and how many there are in all."""

    kind: Kind
    title: str
    explanation: str
    total: int
    samples: list[Shown]


@dataclass(frozen=True, slots=True)
class Page:
    """A try-out's progress and what it has found until now."""

    tryout: Tryout
    counts: Counts
    done: int
    chunks: int
    groups: list[Group]
    rules: list[tuple[str, Score]]
    differing: list[tuple[str, int]]

    @property
    def percent(self) -> int:
        return 100 * self.done // self.chunks if self.chunks else 0

    @property
    def going(self) -> bool:
        return self.tryout.status in {TryoutStatus.WAITING, TryoutStatus.RUNNING}

    @property
    def is_in_force(self) -> bool:
        """Whether what was tried is what it is compared with."""
        tried: list[int | None] = [each.get("version") for each in self.tryout.drafts]
        return tried == list(self.tryout.against)

    @property
    def score(self) -> Score:
        return self.counts.compared.draft

    @property
    def words(self) -> str:
        return precision_in_words(self.score)

    @property
    def words_in_force(self) -> str:
        return precision_in_words(self.counts.compared.in_force)

    @property
    def shares(self) -> list[tuple[str, int, float, str]]:
        """The parts of the bar: kind, number, percent and words."""
        score, hits = self.score, max(self.score.hits, 1)
        parts = (
            ("right", score.right, _g("right: people rejected them")),
            ("false-alarm", score.false_alarms, _g("false alarms: people published them")),
            ("unseen", score.unseen, _g("never looked at")),
        )
        return [(kind, number, 100 * number / hits, told) for kind, number, told in parts]


@dataclass(frozen=True, slots=True)
class _Look:
    """How the samples are looked at: with addresses in full, with what blurred."""

    full: bool
    veils: Veils


def make_page(tryout: Tryout, user: User, *, full: bool = False, veils: Veils = NONE) -> Page:
    """The page of a try-out; samples of the user's own sites alone.

    What a rule for words points at is blurred where `veils` ask for it, whatever its reason: a try-out
    keeps none. With `full` e-mail addresses are not masked: who asks for that records it
    (`comments.disclosing`).
    """
    counts = counts_of(tryout)
    done = list(tryout.chunks.values_list("done_at", flat=True))
    names = names_of(tryout)
    shown = _samples(tryout, user, names, _Look(full, veils))
    totals = _totals(counts)
    return Page(
        tryout=tryout,
        counts=counts,
        done=sum(at is not None for at in done),
        chunks=len(done),
        groups=[
            Group(kind, str(title), str(told), totals[kind], shown.get(kind, []))
            for kind, (title, told) in KINDS.items()
        ],
        rules=[(names.get(key, f"#{key}"), score) for key, score in counts.rules.items()],
        differing=[(str(CAUSES.get(Cause(name), name)), number) for name, number in counts.differing.items()],
    )


def _totals(counts: Counts) -> Mapping[Kind, int]:
    """How many comments there are of each kind, shown or not."""
    compared = counts.compared
    both = compared.draft.unseen - compared.caught.unseen
    return {
        Kind.FALSE_ALARM: compared.draft.false_alarms,
        Kind.CAUGHT: compared.caught.right + compared.caught.unseen,
        Kind.MISSED: compared.missed.hits,
        Kind.UNSEEN: both,
        Kind.RIGHT: compared.draft.right - compared.caught.right,
    }


def names_of(tryout: Tryout) -> dict[int, str]:
    """The names of all rules that are tried or compared with, by their numbers. One query."""
    wanted = [each["version"] for each in tryout.drafts if "version" in each] + tryout.against
    names = {version.pk: str(version) for version in RuleVersion.objects.filter(pk__in=wanted)}
    for at, each in enumerate(tryout.drafts):
        if "version" not in each:
            names[FIRST_DRAFT - at] = _g("%(rule)s (draft)") % {"rule": version_of(each)}
    return names


def _samples(tryout: Tryout, user: User, names: Mapping[int, str], look: _Look) -> dict[str, list[Shown]]:
    hits = list(TryoutHit.objects.filter(tryout=tryout).order_by("kind", "place"))
    keys = [hit.comment_id for hit in hits]
    comments = Comment.objects.visible_to(user).select_related("article", "site")
    found = comments.defer("folded", "article__body").in_bulk(keys)
    cases = dict(Case.objects.filter(comment__in=found).order_by("pk").values_list("comment_id", "pk"))
    shown: dict[str, list[Shown]] = {}
    for hit in hits:
        if comment := found.get(hit.comment_id):
            each = _shown(hit, comment, names, cases.get(comment.pk), look)
            shown.setdefault(hit.kind, []).append(each)
    return shown


def _shown(
    hit: TryoutHit, comment: Comment, names: Mapping[int, str], case: int | None, look: _Look
) -> Shown:
    edited = hit.revision != comment.revision
    marks = [] if edited else [mark for each in hit.findings for mark in _marks(each, look.veils)]
    email = comment.author_email
    return Shown(
        comment=comment,
        name=highlight(comment.author_name, [mark for field, mark in marks if field == "author_name"]),
        email=email if look.full else mask_email(email),
        body=excerpt(comment.body, [mark for field, mark in marks if field == "body"]),
        judged=str(JUDGED[Judged(hit.judged)]),
        told=list(dict.fromkeys(_sentence(each, names) for each in hit.findings)),
        case=case,
        edited_since=edited,
    )


def _marks(finding: Mapping[str, Any], veils: Veils) -> list[tuple[str, Mark]]:
    told = sentence_of(finding)
    marks = [(field, Mark(start, end, finding["action"], told)) for field, start, end in finding["spans"]]
    if veils and not veils.whole and finding["check"] in HARSH_CHECKS:
        marks += [(field, Mark(mark.start, mark.end, VEIL)) for field, mark in marks]
    return marks


def excerpt(text: str, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """The text with its marks; of a long one the part around the first of them."""
    segments = highlight(text, marks)
    if len(text) <= SHOWN:
        return segments
    start = max(min((mark.start for mark in marks), default=0) - BEFORE, 0)
    end = start + SHOWN
    cut: list[Segment] = []
    at = 0
    for segment in segments:
        piece = segment.text[max(start - at, 0) : max(end - at, 0)]
        at += len(segment.text)
        if piece:
            cut.append(Segment(piece, segment.marks))
    before = (Segment("… "),) if start else ()
    after = (Segment(" …"),) if end < len(text) else ()
    return (*before, *cut, *after)


def _sentence(finding: Mapping[str, Any], names: Mapping[int, str]) -> str:
    return f"{names.get(finding['rule'], '')}: {sentence_of(finding)}"


def sentence_of(finding: Mapping[str, Any]) -> str:
    """A sample's finding in the reader's language; its code where the check no longer has a sentence."""
    check = BY_SLUG.get(finding["check"])
    if check is not None and finding["code"] in check.sentences:
        try:
            return check.sentence(finding["code"], finding["data"], (get_language() or "ja")[:2])
        except KeyError:
            pass
    return f"{finding['check']}: {finding['code']}"
