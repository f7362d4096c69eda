"""Comments that a rule must hit and such that it must not, run whenever the rule is saved. Pure.

An example is a body, or a mapping of fields of a comment, as JSON keeps it and
a rule file has it. What it does not say is what an ordinary reader's comment
has, so that `{"author_name": ""}` is a comment without a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moderation.checks.base import Check, Finding, Needs, Submission

Example = str | Mapping[str, str]

# The fields that an example may have, with what it has of them where it does not say.
ORDINARY: Mapping[str, str] = {
    "body": "駅前の図書館の記事を読みました。開館時間が延びるのは助かります。",
    "author_name": "みどり",
    "author_email": "midori@example.jp",
    "author_url": "",
    "article_title": "",
    "language": "ja",
}
# A person writes a handful; a machine that writes thousands would hold up every save.
MOST = 50
LONGEST = 5_000
# Any moment: checks have no clock.
_MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Failed:
    """An example that came out wrong: its place among its kind, and what was found in it."""

    example: Example
    must_match: bool
    position: int
    found: tuple[Finding, ...]


def takes_examples(check: Check) -> bool:
    """Whether an example can show what the check does: none has earlier comments or sources of quotes."""
    return check.needs == Needs()


def failures(
    check: Check, match: Sequence[Example], passing: Sequence[Example], language: str = "ja"
) -> list[Failed]:
    """The examples that the check judges otherwise than they say; whatever the check raises is raised."""
    found = [
        Failed(example, must_match, position, _found(check, submission_of(example, language)))
        for must_match, examples in ((True, match), (False, passing))
        for position, example in enumerate(examples)
    ]
    return [each for each in found if bool(each.found) != each.must_match]


def _found(check: Check, submission: Submission) -> tuple[Finding, ...]:
    return tuple(check.check(submission)) if check.applies(submission) else ()


def submission_of(example: Example, language: str = "ja") -> Submission:
    """The example as a live comment of a site in `language`."""
    given = {"body": example} if isinstance(example, str) else dict(example)
    fields: dict[str, Any] = {**ORDINARY, "language": language, **given}
    return Submission(comment=0, revision=1, posted_at=_MOMENT, arrived_at=_MOMENT, **fields)


def shortest(fields: Mapping[str, str]) -> Example:
    """A mapping as it is kept: a body alone is a text."""
    return fields["body"] if fields.keys() == {"body"} else dict(sorted(fields.items(), key=_order))


def _order(item: tuple[str, str]) -> int:
    return list(ORDINARY).index(item[0])


# How a person types them in a form: one a line, fields other than the body in brackets before it.
_GIVEN = re.compile(rf"\[({'|'.join(name for name in ORDINARY if name != 'body')}):[ \t]*([^\]]*)\][ \t]*")
_BREAK = "⏎"


def from_lines(text: str) -> list[Example]:
    """Examples as a person types them, one a line: `[author_name: 編集部] 本文⏎二行目`."""
    return [_from_line(line.strip()) for line in text.splitlines() if line.strip()]


def _from_line(line: str) -> Example:
    fields: dict[str, str] = {}
    while given := _GIVEN.match(line):
        fields[given[1]] = given[2].strip()
        line = line[given.end() :]
    if line or not fields:
        fields["body"] = line.replace(_BREAK, "\n")
    return shortest(fields)


def to_lines(examples: Iterable[Example]) -> str:
    """The reverse of `from_lines`."""
    return "\n".join(map(_to_line, examples))


def _to_line(example: Example) -> str:
    if isinstance(example, str):
        return example.replace("\n", _BREAK)
    given = "".join(f"[{name}: {value}] " for name, value in example.items() if name != "body")
    return (given + example.get("body", "").replace("\n", _BREAK)).strip()


def in_words(failed: Failed, check: type[Check], language: str) -> str:
    """What went wrong with an example, in `ja` or `en`, and what was hit in it."""
    shown = f"«{_to_line(failed.example)[:80]}»"
    if failed.must_match:
        if language == "ja":
            return f"一致すべき例で何も見つかりません：{shown}"
        return f"{shown} must match, and does not."
    told = " ".join(check.sentence(found.code, found.data, language) for found in failed.found[:3])
    words = [word for found in failed.found for word in found.evidence][:5]
    hit = " " + ", ".join(f"“{word}”" for word in words) if words else ""
    if language == "ja":
        return f"一致してはならない例が一致します：{shown} {told}{hit}"
    return f"{shown} must not match, but does: {told}{hit}"
