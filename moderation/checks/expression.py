"""A condition of a site's own, for what no other check covers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from moderation.checks.base import Check, Finding, Needs, Submission, long_text
from moderation.checks.cel import compile_expression, holds, names_of
from moderation.checks.expression_facts import FACTS, MOST_COUNTED


@dataclass(frozen=True)
class Expression(Check):
    """An expression over the facts of a comment is true.

    Written in CEL, the Common Expression Language: comparisons, `&&`, `||`,
    `!`, `in`, `size`, `contains`, `startsWith`, `endsWith`, `matches` (RE2),
    `exists` and `all`. It is compiled and its types are checked when the rule
    is saved; what is wrong is told with its line and column. An expression
    that fails on a comment, as `link_hosts[0]` does where there is no link,
    is a check that failed: the comment is held. What facts are read follows
    from the names that stand in it.
    """

    slug = "expression"
    title = {"ja": "条件式", "en": "Expression"}
    sentences = {
        "true": {"ja": "条件式が成り立ちます。", "en": "The expression is true."},
    }
    appendix = "\n".join(
        [
            "| variable | type | is | |\n|---|---|---|---|",
            *(f"| `{name}` | {fact.type} | {fact.en} | {fact.ja} |" for name, fact in FACTS.items()),
            "",
            f"Counts of earlier comments stop at {MOST_COUNTED}, without the comment itself. Examples:\n",
            "- `published_before == 0 && link_count > 0`",
            "- `folded.contains('副業') && !author_verified`",
            "- `quotes.altered > 0 && live`",
            "- `link_hosts.exists(host, host.endsWith('.example'))`",
            "- `posted_at.getHours('Asia/Tokyo') < 5`\n",
        ]
    )

    expression: str = long_text(
        "false",
        ja="条件式（CEL）。成り立つと知らせます。例：published_before == 0 && link_count > 0。使える変数："
        + "、".join(FACTS)
        + "。",
        en="Expression (CEL), told of where it is true. As published_before == 0 && link_count > 0. "
        "There are " + ", ".join(FACTS) + ".",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # Whoever saves a rule is told now what is wrong with it, not the worker later.
        _ = self._compiled

    @cached_property
    def _compiled(self) -> Any:
        return compile_expression(self.expression)

    @cached_property
    def _names(self) -> frozenset[str]:
        return names_of(self.expression)

    @property
    def needs(self) -> Needs:
        needs = Needs()
        for name in self._names:
            needs |= FACTS[name].needs
        return needs

    def check(self, submission: Submission) -> Iterator[Finding]:
        if holds(self._compiled, {name: FACTS[name].value(submission) for name in self._names}):
            yield Finding("true")
