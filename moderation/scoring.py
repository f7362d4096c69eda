"""How right a rule is, by what people decided on the comments that it hit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from math import sqrt
from typing import Any

# The standard normal deviate of a two-sided interval of 95 %.
Z95 = 1.959964


class Judged(StrEnum):
    """What people say of a hit, by their last decision on that very text."""

    RIGHT = "right"
    FALSE_ALARM = "false-alarm"
    UNSEEN = "unseen"


class Kind(StrEnum):
    """Where a comment is listed among the samples of a try-out: the first of these that fits."""

    FALSE_ALARM = "false-alarm"
    CAUGHT = "caught"
    MISSED = "missed"
    UNSEEN = "unseen"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Interval:
    """Shares from 0 to 1 between which the true share lies, at the level asked for."""

    low: float
    high: float


def wilson(right: int, judged: int, z: float = Z95) -> Interval:
    """The score interval of a share of which `right` of `judged` are a sample.

    The solutions p of |p̂ - p| = z √(p(1 - p)/n), without a correction for
    continuity: E. B. Wilson, "Probable Inference, the Law of Succession, and
    Statistical Inference", JASA 22 (1927), 209-212. It stays within 0 and 1
    and holds for few cases and for shares near 1, where the usual p̂ ± z·s
    claims certainty (R. G. Newcombe, Statistics in Medicine 17 (1998),
    857-872). From 0 to 1 where nobody has judged anything. Raises ValueError
    for more right ones than there are.
    """
    if not 0 <= right <= judged:
        raise ValueError(f"{right} of {judged} cannot be right.")
    if not judged:
        return Interval(0.0, 1.0)
    share, square = right / judged, z * z
    middle = share + square / (2 * judged)
    half = z * sqrt(share * (1 - share) / judged + square / (4 * judged * judged))
    scale = 1 + square / judged
    # Of all or of none, one end is the share itself and not that less a rounding error.
    low = 0.0 if right == 0 else (middle - half) / scale
    return Interval(low, 1.0 if right == judged else (middle + half) / scale)


def judged_by(status: str | None) -> Judged:
    """What a person's last decision on a text says of a hit on it; None where no person took one."""
    return {"rejected": Judged.RIGHT, "published": Judged.FALSE_ALARM}.get(status or "", Judged.UNSEEN)


@dataclass(frozen=True, slots=True)
class Score:
    """Comments that were hit, by what people say of them. Scores of parts add up."""

    right: int = 0
    false_alarms: int = 0
    unseen: int = 0

    @classmethod
    def of(cls, judged: Judged) -> Score:
        """The score of one hit."""
        return _ONE[judged]

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right + other.right, self.false_alarms + other.false_alarms, self.unseen + other.unseen
        )

    @property
    def hits(self) -> int:
        return self.judged + self.unseen

    @property
    def judged(self) -> int:
        """Hits on texts that people have decided."""
        return self.right + self.false_alarms

    @property
    def precision(self) -> float | None:
        """The share of right ones of those judged; None where there is none."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> Interval:
        """Where the precision lies, at 95 %."""
        return wilson(self.right, self.judged)


_ONE = {Judged.RIGHT: Score(1, 0, 0), Judged.FALSE_ALARM: Score(0, 1, 0), Judged.UNSEEN: Score(0, 0, 1)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A draft beside what is in force, over the same comments.

    `caught` are hits of the draft alone, `missed` hits of the other alone.
    """

    draft: Score = field(default_factory=Score)
    in_force: Score = field(default_factory=Score)
    caught: Score = field(default_factory=Score)
    missed: Score = field(default_factory=Score)

    @classmethod
    def of(cls, draft: bool, in_force: bool, judged: Judged) -> Comparison:
        """What one comment adds: which of the two hit it, and what people say of it."""
        one, none = Score.of(judged), Score()
        return cls(
            one if draft else none,
            one if in_force else none,
            one if draft and not in_force else none,
            one if in_force and not draft else none,
        )

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def as_json(self) -> dict[str, dict[str, int]]:
        """As nested objects of counts; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Comparison:
        return cls(**{name: Score(**counts) for name, counts in value.items()})


def total(parts: Iterable[Comparison]) -> Comparison:
    """The sum of the parts, whatever their order."""
    return sum(parts, start=Comparison())


def kind_of(draft: bool, in_force: bool, judged: Judged) -> Kind | None:
    """Where a comment is listed; None where neither hit it."""
    if not draft:
        return Kind.MISSED if in_force else None
    if judged is Judged.FALSE_ALARM:
        return Kind.FALSE_ALARM
    if not in_force:
        return Kind.CAUGHT
    return Kind.UNSEEN if judged is Judged.UNSEEN else Kind.RIGHT
