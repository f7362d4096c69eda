"""The scenes of the corpus: an article, its correction, the comments below it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "seeds" / "corpus"
LANGUAGES = ("ja", "en")

# The course of every scene, in hours after the article: comments 1 to 6, the article's correction between,
# then the comments that the cases are about, then comments 7 and 8, which no case could have seen.
PRESENT = 24
HOURS = (1, 2, 3, 4, 5, 6, 30, 33)
HIDDEN = 5


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment of a scene; `number` counts from 1."""

    id: int
    number: int
    author: str
    posted_at: datetime
    body: str

    @property
    def hidden(self) -> bool:
        """Whether moderators rejected it before the cases were written."""
        return self.number == HIDDEN

    def own_words(self) -> str:
        """What is left without its quote lines."""
        return "\n".join(line for line in self.body.split("\n") if line and not line.startswith(">"))


@dataclass(frozen=True, slots=True)
class Scene:
    """One article with both texts of its body, its comments, and the edits that were thought of for it.

    `altered` holds, by the kind of difference, pairs of words in the
    corrected text and what they are changed to. `replies` are sentences that
    answer anything.
    """

    name: str
    language: str
    id: int
    at: datetime
    corrected_at: datetime
    title: str
    first: str
    second: str
    remarks: tuple[Remark, ...]
    altered: dict[str, list[tuple[str, str]]]
    replies: tuple[str, ...]

    def visible(self) -> Iterable[str]:
        """All texts that readers see at the time of the cases."""
        seen = (each.body for each in self.remarks if not each.hidden and each.number <= 6)
        return self.title, self.second, *seen

    def texts(self) -> Iterable[str]:
        """All texts of the scene, whatever became of them."""
        return self.title, self.first, self.second, *(each.body for each in self.remarks)

    def withdrawn(self) -> list[str]:
        """The lines of the first text that the correction took out."""
        return [line for line in self.first.split("\n") if line not in self.second.split("\n")]

    def record(self) -> dict[str, Any]:
        """The scene as a line of the corpus."""
        revisions = [
            {"revision": 1, "at": self.at, "title": self.title, "body": self.first},
            {"revision": 2, "at": self.corrected_at, "title": self.title, "body": self.second},
        ]
        comments = [
            {
                "id": each.id,
                "number": each.number,
                "author": each.author,
                "posted_at": each.posted_at,
                "hidden": each.hidden,
                "body": each.body,
            }
            for each in self.remarks
        ]
        article = {"id": self.id, "revisions": revisions}
        head = {"type": "scene", "scene": self.name, "language": self.language}
        return {**head, "article": article, "comments": comments}


def load() -> list[Scene]:
    """Every scene: the Japanese ones, the English ones, then those for cases by hand alone."""
    rows = [(name, row) for name in (*LANGUAGES, "more") for row in _rows(f"scenes-{name}.yaml")]
    return [
        _scene(number, row.get("language", name), row) for number, (name, row) in enumerate(rows, start=1)
    ]


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return rows


def _scene(number: int, language: str, row: dict[str, Any]) -> Scene:
    at: datetime = row["at"]
    second = row["body"]
    for old, new in row["corrected"]["replace"].items():
        if second.count(old) != 1:
            raise ValueError(f"{row['scene']}: {old!r} must stand once in the article.")
        second = second.replace(old, new)
    remarks = tuple(
        Remark(100 * number + place, place, author, at + timedelta(hours=hours), body)
        for place, (hours, (author, body)) in enumerate(zip(HOURS, row["comments"], strict=True), start=1)
    )
    return Scene(
        name=row["scene"],
        language=language,
        id=number,
        at=at,
        corrected_at=at + timedelta(hours=row["corrected"]["after"]),
        title=row["title"],
        first=row["body"],
        second=second,
        remarks=remarks,
        altered={kind: [(old, new) for old, new in pairs] for kind, pairs in row["altered"].items()},
        replies=tuple(row["replies"]),
    )


def letters(text: str) -> str:
    """The letters and figures of a text, whatever their width and case: what no folding may change.

    On purpose not the folder of `moderation.text`: the examiner has his own spectacles.
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def held(passage: str, texts: Iterable[str]) -> list[str]:
    """Those of `texts` that hold the letters of a passage, in their order and without a gap."""
    wanted = letters(passage)
    return [text for text in texts if wanted in letters(text)]
