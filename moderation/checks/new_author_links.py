"""The same domain, linked by one new author after another."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from moderation.checks.base import SHOWN, Check, Finding, Needs, Span, Submission, parameter
from moderation.domains import canonical, linked_domain, listed, upwards

# Earlier links to a domain that are looked at, the newest first: enough to hold `authors` of them even
# where some link there many times, few enough that a domain which everybody links to costs no more.
LOOKED_AT = 50


@dataclass(frozen=True)
class NewAuthorLinks(Check):
    """Several authors who are new to the site link to the same registrable domain, this one among them.

    An author is new until `days` after his first comment at the site. One
    without e-mail or id always is, and is told from others by his network
    address. Who has been here longer does not count, nor is he told of. Links
    that are written so as not to be one count like others (`disguised_links`).
    The evidence is the domains.
    """

    slug = "new_author_links"
    version = 3
    title = {"ja": "新しい投稿者たちの同じリンク先", "en": "Same link from new authors"}
    sentences = {
        "domain": {
            "ja": "新しい投稿者{count}人以上が{hours}時間以内に同じドメインへリンクしています。",
            "en": "New authors who linked to the same domain in {hours} hours: at least {count}.",
        },
    }

    # As in `repeated_text`: two may have read the same page, three strangers in so short a time seldom.
    authors: int = parameter(
        3,
        ja="同じドメインへリンクする新しい投稿者がこの人数に達すると知らせます（本人を含む）。",
        en="New authors that make a finding, this one included.",
        least=2,
        most=20,
    )
    # A campaign of spam runs for days; what the news of a day leads to is forgotten on the third.
    hours: int = parameter(72, ja="さかのぼる時間。", en="Hours to look back.", least=1, most=24 * 90)
    # Our own judgement: a name made for spam is used up within days, a reader who stays is known by then.
    days: int = parameter(
        7,
        ja="最初の投稿からこの日数までを新しい投稿者とします。",
        en="Days from the first comment for which an author is new.",
        least=1,
        most=365,
    )
    # Where readers of any page link to: reference works, video, the large portals and networks.
    allow: tuple[str, ...] = parameter(
        (
            "wikipedia.org",
            "youtube.com",
            "youtu.be",
            "twitter.com",
            "x.com",
            "google.com",
            "yahoo.co.jp",
            "nhk.or.jp",
        ),
        ja="数えないドメイン。自社サイトのドメインを加えてください。その下のドメインも含みます。",
        en="Domains that do not count, with all below them; add those of the site itself.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self._allowed

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return listed(self.allow)

    @property
    def needs(self) -> Needs:
        return Needs(link_seconds=self.hours * 3600, link_rows=LOOKED_AT)

    def check(self, submission: Submission) -> Iterator[Finding]:
        if not submission.linked or not self._is_new(submission.author_first_at, submission.now):
            return
        counts = self._counts(submission)
        hits = [
            (Span(field, link.start, link.end), domain)
            for field, link in submission.targets
            if (domain := linked_domain(link.host)) in counts
            and self._allowed.isdisjoint(upwards(canonical(link.host)))
        ]
        if hits:
            spans, domains = zip(*hits[:SHOWN], strict=True)
            most = max(counts[domain] for _, domain in hits)
            yield Finding("domain", spans, {"count": most, "hours": self.hours}, domains)

    def _counts(self, submission: Submission) -> dict[str, int]:
        """`{domain: new authors who linked there, this one included}` where they are enough."""
        since, now = submission.since(self.hours * 3600), submission.now
        authors: dict[str, set[int]] = defaultdict(set)
        for each in submission.linked:
            if since < each.posted_at <= now and self._is_new(each.first_at, each.posted_at):
                authors[each.domain].add(each.author)
        return {domain: 1 + len(who) for domain, who in authors.items() if len(who) + 1 >= self.authors}

    def _is_new(self, first_at: datetime | None, at: datetime) -> bool:
        return first_at is None or at - first_at <= timedelta(days=self.days)
