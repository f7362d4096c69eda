"""What became of a site's comments, as a table for a terminal."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from comments.models import Comment, Site, Status
from moderation.models import Case, Decision, Finding, Mode

# Of a decision in which no rule had a say.
CAUSES = {
    "floor": "サイトの方針により確認 / Held by the site's floor",
    "import": "移行元の状態による / State at the source",
    "no-rule-set": "ルールが未設定 / No rules in force",
    "check-failed": "確認に失敗 / A check failed",
    "edit": "却下後の編集 / Edited after a rejection",
    "person": "担当者の判断 / A person's decision",
    "undo": "担当者の判断 / A person's decision",
}
ROWS = {
    "published": "公開 published",
    "flagged": "公開・要確認 flagged",
    "held": "保留 held",
    "rejected": "却下 rejected",
    "received": "未判定 waiting",
}


def outcome_table(site: Site) -> str:
    """The comments of a site by what became of them, each with its reasons and how many had them.

    A comment with two reasons counts for both.
    """
    comments = Comment.objects.filter(site=site)
    standing = {
        pk: "flagged" if status == Status.PUBLISHED and has_case else status
        for pk, status, has_case in comments.annotate(
            has_case=Exists(Case.objects.filter(comment=OuterRef("pk"), closed_at=None))
        ).values_list("pk", "status", "has_case")
    }
    totals = Counter(standing.values())
    reasons = _reasons(site, standing)
    lines = [("受付 received", len(standing))]
    for name, label in ROWS.items():
        if totals[name] or name != "received":
            lines.append((label, totals[name]))
            lines += [(f"    {reason}", count) for reason, count in reasons[name].most_common()]
    return "\n".join(_aligned(lines))


def _reasons(site: Site, standing: dict[int, str]) -> defaultdict[str, Counter[str]]:
    """`{standing: {reason: comments}}` by the last decision of each comment that was stopped."""
    newest = Decision.objects.filter(comment__site=site).order_by("comment", "-pk").distinct("comment")
    decisions = {pk: (comment, cause) for pk, comment, cause in newest.values_list("pk", "comment", "cause")}
    found: defaultdict[int, set[str]] = defaultdict(set)
    names = Finding.objects.filter(decision__in=decisions, mode=Mode.ENFORCE).values_list(
        "decision", "rule_version__name_ja", "rule_version__name_en"
    )
    for decision, japanese, english in names:
        found[decision].add(f"{japanese} / {english}")
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for decision, (comment, cause) in decisions.items():
        if standing[comment] != "published":
            reasons[standing[comment]].update(
                found[decision] if cause == "rules" else {CAUSES.get(cause, cause)}
            )
    return reasons


def width(text: str) -> int:
    """The columns that a text takes on a terminal: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _aligned(lines: list[tuple[str, int]]) -> Iterator[str]:
    columns = max(width(label) for label, _ in lines)
    for label, count in lines:
        yield f"  {label}{' ' * (columns - width(label))}  {count:>5}"
