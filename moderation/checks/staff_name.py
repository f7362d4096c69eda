"""Nobody may look like the staff who is not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from moderation.checks.base import Check, Finding, Span, Submission, parameter
from moderation.confusable import skeleton
from moderation.text import UNSPACED

_WORD = re.compile(rf"[^\W_{UNSPACED}]+")


@dataclass(frozen=True)
class StaffName(Check):
    """The name is, to the eye, one that is kept for the staff, or holds a title of theirs.

    Compared is what a reader sees: `０`, `O` and `0` are one, ロ and 口, ー and 一,
    Cyrillic and Latin а. Titles of kana and kanji are found anywhere in a name,
    others as whole words, so that a badminton player is no admin. An author
    whom the site vouches for (`author_verified`) may have any name.
    """

    slug = "staff_name"
    title = {"ja": "運営者を装う名前", "en": "Name of the staff"}
    sentences = {
        "name": {
            "ja": "運営者などの名前と見分けがつきません。",
            "en": "The name looks like one that is kept for the staff.",
        },
        "title": {
            "ja": "名前に運営者などの肩書が含まれています。",
            "en": "The name holds a title of the staff.",
        },
    }

    # What blogs and boards call those who run them. A paper adds its own name and those of its writers.
    names: tuple[str, ...] = parameter(
        (
            "管理人",
            "管理者",
            "運営",
            "運営者",
            "公式",
            "スタッフ",
            "記者",
            "admin",
            "administrator",
            "mod",
            "moderator",
            "staff",
            "editor",
            "webmaster",
            "owner",
        ),
        ja="投稿者が名乗れない名前。見た目が同じなら同じ名前とみなします。",
        en="Names that no author may have. What looks the same is the same.",
    )
    titles: tuple[str, ...] = parameter(
        (
            "編集部",
            "編集局",
            "編集長",
            "編集委員",
            "運営事務局",
            "運営スタッフ",
            "サイト管理",
            "モデレーター",
            "administrator",
            "moderator",
        ),
        ja="名前に含まれてはならない肩書。",
        en="Titles that must not be part of a name.",
    )

    def applies(self, submission: Submission) -> bool:
        return submission.identity and not submission.author_verified

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(filter(None, map(skeleton, self.names)))

    @cached_property
    def _titles(self) -> tuple[tuple[str, ...], frozenset[str]]:
        """Those found anywhere, and those that must be whole words."""
        titles = [(title, skeleton(title)) for title in self.titles]
        words = frozenset(seen for title, seen in titles if seen and title.isascii())
        return tuple(seen for title, seen in titles if seen and not title.isascii()), words

    def check(self, submission: Submission) -> Iterator[Finding]:
        name = submission.author_name
        seen = skeleton(name)
        if not seen:
            return
        code = "name" if seen in self._names else "title" if self._holds_title(name, seen) else ""
        if code:
            yield Finding(code, (Span("author_name", 0, len(name)),), evidence=(name,))

    def _holds_title(self, name: str, seen: str) -> bool:
        anywhere, words = self._titles
        return any(title in seen for title in anywhere) or any(
            skeleton(word) in words for word in _WORD.findall(name)
        )
