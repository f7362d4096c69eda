"""The sanctions in force, and which of them concern a comment.

A worker keeps them all in memory, so that a comment costs a few looks into a
dict however many there are; one query a batch tells whether they have changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from comments import bulk
from moderation.checks.base import Needs, Sanctioned, Span, Submission
from moderation.confusable import skeleton
from moderation.domains import canonical, upwards
from moderation.kept_facts import MOST_SANCTIONS
from moderation.mailboxes import mailbox
from moderation.targets import Kind, email_key, mailbox_key, spelling_keys

if TYPE_CHECKING:
    from moderation.facts import Claimed


# How an address is near a sanctioned one: it leads to the same mailbox, or is spelt nearly so.
MAILBOX, SPELLING = "mailbox", "spelling"
NEAR = frozenset({MAILBOX, SPELLING})


class Entry(NamedTuple):
    """A sanction as it is compared. `site` is None for all sites, `until` None for ever."""

    id: int
    site: int | None
    kind: str
    match: str
    near: Sequence[UUID]
    until: datetime | None


class Sender(NamedTuple):
    """What a sanction may be against that no check sees."""

    site: int
    author_key: UUID | None
    ip: IPv4Address | IPv6Address | None


class Book:
    """Sanctions, found by what a comment shows."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_match: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        # `{(4 or 6, bits of the prefix): {the prefix as a number: entries}}`
        self._networks: dict[tuple[int, int], dict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for entry in entries:
            self._by_match[entry.kind, entry.match].append(entry)
            if entry.kind == Kind.ADDRESS:
                network = ip_network(entry.match)
                bits, width = network.prefixlen, network.max_prefixlen
                prefix = int(network.network_address) >> (width - bits)
                self._networks[network.version, bits][prefix].append(entry)
        # A near address: `{key: entries}`; the first key of an entry is that of its mailbox.
        self._near: dict[UUID, list[Entry]] = defaultdict(list)
        for entry in self._by_kind(Kind.EMAIL):
            for key in entry.near:
                self._near[key].append(entry)
        self._kinds = frozenset(kind for kind, _ in self._by_match)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is under a sanction, as at most sites."""
        return not self._kinds

    def _by_kind(self, kind: Kind) -> Iterator[Entry]:
        for (of_kind, _), entries in self._by_match.items():
            if of_kind == kind:
                yield from entries

    def concerning(
        self, submission: Submission, sender: Sender, *, near: bool = False
    ) -> tuple[Sanctioned, ...]:
        """The sanctions that concern a comment, each kind of them once, oldest first.

        With `near` also those whose e-mail address the comment's is close to,
        behind those that it is under.

        Whether one was over is asked of the comment's arrival: a comment that
        waited is judged by what was in force when it came, or was set since.
        """
        if not self._kinds:
            return ()
        found: dict[tuple[int, str], Sanctioned] = {}
        candidates = self._candidates(submission, sender)
        for entry, by, span in chain(candidates, self._near_ones(submission) if near else ()):
            of_site = entry.site is None or entry.site == sender.site
            if of_site and (entry.until is None or entry.until > submission.arrived_at):
                found.setdefault((entry.id, by), Sanctioned(entry.id, by, span))
        ranked = sorted(found, key=lambda key: (key[1] in NEAR, key))
        return tuple(found[key] for key in ranked[:MOST_SANCTIONS])

    def _candidates(self, submission: Submission, sender: Sender) -> Iterator[tuple[Entry, str, Span | None]]:
        for kind, match, span in self._shown(submission, sender):
            for entry in self._by_match.get((kind, match), ()):
                yield entry, kind, span
        if sender.ip is not None:
            for (version, bits), prefixes in self._networks.items():
                if version == sender.ip.version:
                    prefix = int(sender.ip) >> (sender.ip.max_prefixlen - bits)
                    for entry in prefixes.get(prefix, ()):
                        yield entry, Kind.ADDRESS, None

    def _shown(self, submission: Submission, sender: Sender) -> Iterator[tuple[str, str, Span | None]]:
        """What the comment shows, of the kinds that there are sanctions of: an HMAC is not free."""
        email, name = submission.author_email, submission.author_name
        if Kind.AUTHOR in self._kinds and sender.author_key:
            yield Kind.AUTHOR, sender.author_key.hex, None
        if Kind.EMAIL in self._kinds and email:
            yield Kind.EMAIL, email_key(email), Span("author_email", 0, len(email))
        if Kind.NAME in self._kinds and name:
            yield Kind.NAME, skeleton(name), Span("author_name", 0, len(name))
        if Kind.DOMAIN in self._kinds:
            for host, span in _hosts(submission):
                yield from ((Kind.DOMAIN, domain, span) for domain in upwards(host))

    def _near_ones(self, submission: Submission) -> Iterator[tuple[Entry, str, Span | None]]:
        """Sanctions of other spellings of the same mailbox, and of addresses that are spelt nearly so."""
        email = submission.author_email
        if not self._near or not all(mailbox(email)):
            return
        exact, own, span = email_key(email), mailbox_key(email), Span("author_email", 0, len(email))
        met: set[int] = set()
        for key in (own, *spelling_keys(email)):
            for entry in self._near.get(key, ()):
                if entry.match != exact and entry.id not in met:
                    met.add(entry.id)
                    yield entry, MAILBOX if entry.near[0] == own else SPELLING, span


def _hosts(submission: Submission) -> Iterator[tuple[str, Span]]:
    email = submission.author_email.rstrip()
    if "@" in email and not email.endswith("@"):
        start = email.rindex("@") + 1
        yield canonical(email[start:]), Span("author_email", start, len(email))
    for field, link in submission.targets:
        yield canonical(link.host), Span(field, link.start, link.end)


def with_sanctions(claimed: Sequence[Claimed], needs: Needs) -> list[Claimed]:
    """The same comments, each with the sanctions that concern it."""
    book = in_force()
    if book.is_empty:
        return list(claimed)
    return [_with_sanctions(each, book, near=needs.near_sanctions) for each in claimed]


def _with_sanctions(claimed: Claimed, book: Book, *, near: bool) -> Claimed:
    row = claimed.row
    sender = Sender(row.site_id, row.author_key, ip_of(row.ip))
    found = book.concerning(claimed.submission, sender, near=near)
    # The submission that most comments keep has its links and folded texts already.
    return replace(claimed, submission=replace(claimed.submission, sanctions=found)) if found else claimed


def ip_of(value: Any) -> IPv4Address | IPv6Address | None:
    """An address as the driver gives it, or as a draft has it."""
    if value is None or isinstance(value, (IPv4Address, IPv6Address)):
        return value
    return ip_address(str(value).partition("/")[0])


# Rows are only added and, once, lifted: whenever the sanctions are others, so is this.
_STAMP = "SELECT count(*), count(lifted_at), coalesce(max(id), 0) FROM moderation_sanction"
_ENTRIES = """
SELECT id, site_id, kind, match, near, until FROM moderation_sanction WHERE lifted_at IS NULL ORDER BY id
"""


def in_force() -> Book:
    """All sanctions that are not lifted, read anew only when they have changed."""
    ((total, lifted, newest),) = bulk.fetch(_STAMP)
    return _book(total, lifted, newest)


@lru_cache(maxsize=2)
def _book(_total: int, _lifted: int, _newest: int) -> Book:
    return Book(Entry(*values) for values in bulk.fetch(_ENTRIES))
