"""A case of the corpus: a comment, and what a reader who knows the scene would say of its quotes."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bench.corpus.scenes import PRESENT, Remark, Scene

MARKERS = {
    "ja": ("> ", ">", "＞", "＞ ", "\u3000＞", "&gt; ", "＞\u3000", "&gt;"),
    "en": ("> ", "> ", ">", "&gt; ", " > "),
}
_MARKER = re.compile("^[ \t\u3000]*(?:(?:>|＞|&gt;|≫|》|\\|)[ \t\u3000]?)+", re.MULTILINE)
# Author and number of whoever writes a case's comment; no scene has them.
AUTHOR = {"ja": "昼休みの人", "en": "lunch_break"}
COMMENT_ID = 90


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the scene's text named `text`: `article`, `article@1`, `title` or a comment's number."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """What is true of one quote. A judgement left None is not examined, for it would be a matter of taste."""

    verdict: str
    place: Place | None = None
    misattributed: bool | None = False
    ambiguous: bool | None = False
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote of a case: its place in the body, what it says, and its label."""

    start: int
    end: int
    passage: str
    label: Label


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of a case, with what becomes of each number: resolved, dangling or later."""

    start: int
    end: int
    numbers: tuple[int, ...]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One comment with its labels."""

    id: str
    scene: Scene
    body: str
    quotes: tuple[Quote, ...]
    reason: str
    made: str
    references: tuple[Reference, ...] = ()
    parent: int | None = None
    hours: float = PRESENT

    def record(self) -> dict[str, Any]:
        """The case as a line of the corpus."""
        comment = {
            "id": 100 * self.scene.id + COMMENT_ID,
            "author": AUTHOR[self.scene.language],
            "posted_at": self.posted_at,
            "parent": self.parent and remark(self.scene, self.parent).id,
            "body": self.body,
        }
        head = {"type": "case", "id": self.id, "scene": self.scene.name, "language": self.scene.language}
        return {
            **head,
            "comment": comment,
            "expected": [_quote_record(self.scene, each) for each in self.quotes],
            "references": [
                {"start": each.start, "end": each.end, "numbers": each.numbers, "states": each.states}
                for each in self.references
            ],
            "reason": self.reason,
            "made": self.made,
        }

    @property
    def posted_at(self) -> datetime:
        """When the comment was written."""
        return self.scene.at + timedelta(hours=self.hours)


def text_of(scene: Scene, name: str) -> str:
    """The text that a `Place` names."""
    articles = {"title": scene.title, "article": scene.second, "article@1": scene.first}
    return articles[name] if name in articles else remark(scene, int(name)).body


def remark(scene: Scene, number: int) -> Remark:
    """The scene's comment of that number."""
    return scene.remarks[number - 1]


def place(scene: Scene, name: str, passage: str) -> Place:
    """Where a passage stands in the text of that name; raises ValueError unless exactly once."""
    text = text_of(scene, name)
    if text.count(passage) != 1:
        raise ValueError(f"{scene.name}: {passage!r} stands {text.count(passage)} times in {name}, not once.")
    start = text.index(passage)
    return Place(name, start, start + len(passage))


def unmarked(lines: str) -> str:
    """Quote lines without their markers."""
    return _MARKER.sub("", lines)


def comment_of(parts: list[tuple[str, Label]], scene: Scene, rng: Random) -> tuple[str, tuple[Quote, ...]]:
    """A comment that quotes the passages, one block, in some way that people have, and answers."""
    language = scene.language
    marker = rng.choice(MARKERS[language])
    if marker.strip() == marker and not parts[0][0][0].isalpha():
        marker = "> "
    reply = rng.choice(scene.replies)
    body = ""
    if rng.random() < 0.3:
        opening, reply = reply, rng.choice([each for each in scene.replies if each != reply])
        body = f"{opening}\n\n" if language == "en" else f"{opening}\n"
    quotes: list[Quote] = []
    for passage, label in parts:
        lines = "\n".join(f"{marker}{line}" for line in passage.split("\n"))
        mark = len(body) + len(lines) - len(lines.lstrip(" \t\u3000"))
        body += lines
        quotes.append(Quote(mark, len(body), passage, label))
        body += "\n"
    ended = parts[-1][0].endswith(("。", ".", "．", "｡")) and "\n" not in parts[-1][0]
    gap = "" if ended and rng.random() < (0.6 if language == "ja" else 0.2) else "\n"
    return f"{body}{gap}{reply}", tuple(quotes)


def _quote_record(scene: Scene, quote: Quote) -> dict[str, Any]:
    label = quote.label
    judged = {"misattributed": label.misattributed, "ambiguous": label.ambiguous}
    return {
        "start": quote.start,
        "end": quote.end,
        "passage": quote.passage,
        "verdict": label.verdict,
        "source": label.place and _source_record(scene, label.place),
        **{name: value for name, value in judged.items() if value is not None},
        "differences": label.differences,
    }


def _source_record(scene: Scene, where: Place) -> dict[str, Any]:
    span = {"start": where.start, "end": where.end}
    if where.text.isdigit():
        return {"kind": "comment", "id": remark(scene, int(where.text)).id, **span}
    revision = 1 if where.text == "article@1" else 2
    field = "title" if where.text == "title" else "body"
    return {"kind": "article", "id": scene.id, "revision": revision, "field": field, **span}
