"""What a try-out counts. Pure: counts of chunks add up, whatever their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from moderation.scoring import Comparison, Score


@dataclass(frozen=True, slots=True)
class Counts:
    """`tried` comments were judged, `erased` ones could not be; `failed` made a check raise.

    `compared` is what the drafts hit beside what is in force; `rules` the
    score of each rule that was tried, by its number. Of the versions whose
    findings are stored, `same` hits came out to the letter as they are stored;
    `differing` ones are counted by cause, and so are comments that could not
    be compared.
    """

    tried: int = 0
    erased: int = 0
    failed: int = 0
    compared: Comparison = field(default_factory=Comparison)
    rules: Mapping[int, Score] = field(default_factory=dict)
    same: int = 0
    differing: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        keys = [*self.rules, *(key for key in other.rules if key not in self.rules)]
        none = Score()
        return Counts(
            self.tried + other.tried,
            self.erased + other.erased,
            self.failed + other.failed,
            self.compared + other.compared,
            {key: self.rules.get(key, none) + other.rules.get(key, none) for key in sorted(keys)},
            self.same + other.same,
            dict(sorted((Counter(self.differing) + Counter(other.differing)).items())),
        )

    def as_json(self) -> dict[str, Any]:
        """As an object; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Counts:
        """The counts of `as_json`; of an empty object none."""
        if not value:
            return cls()
        rules = {int(key): Score(**score) for key, score in value["rules"].items()}
        return cls(**{**value, "compared": Comparison.from_json(value["compared"]), "rules": rules})
