"""How far a rule may go by itself: its breaker, and the daily quotas of automatic rejections. Pure.

A breaker counts the distinct pairs of author and network that a rule version
has stopped within a window, not attempts: however often one person tries, he
is one. After exactly so many the rule only flags, until a person resets it. A
quota counts what was rejected in a day without a person; past it rejections
wait for one. Only live comments count: an import has an undo of its own, and
whoever screens again has seen before what would change.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_interface
from typing import Any
from uuid import UUID

from moderation.engine import ActiveRule, Context, Hit, Strictness, Verdict, strictness_of, weighed
from moderation.text import fold

# The pairs that a breaker allows within its window, and the window in minutes. A newspaper of ten
# thousand comments a day receives four hundred an hour: a quarter of them is more than spam alone.
PAIRS, MINUTES = 100, 60
# What a site rejects in a day without a person: more than a moderator could look through.
REJECTIONS_A_DAY = 1_000


def pair_of(author_key: UUID | None, address: Any, secret: bytes, name: str = "") -> UUID:
    """16 bytes that stand for an author and his network, a /24 or a /64, and tell neither.

    Where a site sends neither, authors are told apart by their names: taken
    all for one, they would never open a breaker.
    """
    network = ""
    who = author_key or (fold(name).text.strip() if address is None else "")
    if address is not None:
        at = ip_interface(str(address)).ip
        network = str(ip_interface(f"{at}/{24 if at.version == 4 else 64}").network)
    message = f"pair\0{who}\0{network}".encode()
    return UUID(bytes=hmac.digest(secret, message, hashlib.sha256)[:16])


def stopping(verdict: Verdict, context: Context) -> dict[int, ActiveRule]:
    """`{version: rule}` of the rules that hold or reject here."""
    return {
        hit.rule.version: hit.rule
        for hit in verdict.hits
        if strictness_of(hit, context) in {Strictness.HOLD, Strictness.REJECT}
    }


def with_actions(verdict: Verdict, actions: Mapping[int, str], context: Context) -> Verdict:
    """The verdict if the rules of these versions did something else."""
    hits = tuple(
        Hit(replace(hit.rule, action=actions[hit.rule.version]), hit.finding)
        if hit.rule.version in actions
        else hit
        for hit in verdict.hits
    )
    return weighed(verdict, hits, context)


@dataclass(slots=True)
class State:
    """What has been counted until now; a batch is walked through it in the order of its comments.

    `fallen` are rules whose breaker is open. `pairs` are those of each
    version's window. `rejected` counts today's automatic rejections by site
    and rule, rule None for all of the site; `quotas` are the sites'.
    """

    fallen: set[int] = field(default_factory=set)
    pairs: dict[int, set[UUID]] = field(default_factory=dict)
    rejected: dict[tuple[int, int | None], int] = field(default_factory=dict)
    quotas: dict[int, int] = field(default_factory=dict)
    # What the walk brought: to be written.
    hit: set[tuple[int, UUID]] = field(default_factory=set)
    opened: dict[int, tuple[int, int]] = field(default_factory=dict)
    counted: set[tuple[int, int | None]] = field(default_factory=set)

    def actions(self, verdict: Verdict, context: Context, *, live: bool) -> dict[int, str]:
        """`{version: what it does instead}` of the rules that may not go as far as they would."""
        return dict(self._instead(verdict, context, live))

    def _instead(self, verdict: Verdict, context: Context, live: bool) -> Iterator[tuple[int, str]]:
        for version, rule in stopping(verdict, context).items():
            if rule.rule in self.fallen:
                yield version, "flag"
            elif live and rule.action == "reject" and self._is_full(context.site, rule):
                yield version, "hold"

    def _is_full(self, site: int, rule: ActiveRule) -> bool:
        of_rule = rule.quota is not None and self.rejected.get((site, rule.rule), 0) >= rule.quota
        return of_rule or self.rejected.get((site, None), 0) >= self.quotas.get(site, REJECTIONS_A_DAY)

    def count(self, verdict: Verdict, context: Context, pair: UUID) -> None:
        """Count a live comment's verdict, as it is after `actions`; a breaker may open for those after it."""
        for version, rule in stopping(verdict, context).items():
            known = self.pairs.setdefault(version, set())
            known.add(pair)
            self.hit.add((version, pair))
            if len(known) >= rule.breaker_pairs and rule.rule not in self.fallen:
                self.fallen.add(rule.rule)
                self.opened[rule.rule] = (version, len(known))
        rejecting = [rule for rule in stopping(verdict, context).values() if rule.action == "reject"]
        if not rejecting or verdict.status != "rejected":
            return
        for key in (None, *dict.fromkeys(each.rule for each in rejecting)):
            self.rejected[context.site, key] = self.rejected.get((context.site, key), 0) + 1
            self.counted.add((context.site, key))
