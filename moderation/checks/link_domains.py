"""Links to domains that a site does not want, or to others than it wants."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, parameter
from moderation.domains import canonical, listed, registrable, upwards


@dataclass(frozen=True)
class LinkDomains(Check):
    """A link in the body, or the author's website, leads to a listed domain or below it.

    `example.jp` in a list means `blog.example.jp`, too; the allowed domains
    come first. With `others` every domain that is not allowed is told of. Links
    that are written so as not to be one count, too (`disguised_links`). The
    evidence is the registrable domains, by the Public Suffix List.
    """

    slug = "link_domains"
    version = 3
    for_staff = True
    title = {"ja": "リンク先のドメイン", "en": "Domains of links"}
    sentences = {
        "listed": {
            "ja": "リストにあるドメインへのリンクが{count}個あります。",
            "en": "Links to listed domains: {count}.",
        },
        "others": {
            "ja": "許可していないドメインへのリンクが{count}個あります。",
            "en": "Links to domains that are not allowed: {count}.",
        },
    }

    block: tuple[str, ...] = parameter(
        (),
        ja="知らせるドメイン（例：example.jp）。その下のドメインも含みます。",
        en="Domains to tell of, such as example.jp, with all below them.",
    )
    allow: tuple[str, ...] = parameter(
        (),
        ja="許可するドメイン。知らせるドメインの下にあっても知らせません。",
        en="Domains that are allowed, also below one to tell of.",
    )
    others: bool = parameter(
        False,
        ja="許可していないドメインをすべて知らせる。",
        en="Tell of every domain that is not allowed.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # A wrong entry is refused when the rule is saved, not when a comment arrives.
        _ = self._blocked, self._allowed

    @cached_property
    def _blocked(self) -> frozenset[str]:
        return listed(self.block)

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return listed(self.allow)

    def check(self, submission: Submission) -> Iterator[Finding]:
        found: dict[str, list[tuple[Span, str]]] = {"listed": [], "others": []}
        for field, link in submission.targets:
            host = canonical(link.host)
            if code := self._code(host):
                found[code].append((Span(field, link.start, link.end), registrable(host) or link.host[:100]))
        for code, hits in found.items():
            if hits:
                spans, domains = zip(*hits[:SHOWN], strict=True)
                yield Finding(code, spans, {"count": len(hits)}, domains)

    def _code(self, host: str) -> str:
        domains = list(upwards(host))
        if not self._allowed.isdisjoint(domains):
            return ""
        if not self._blocked.isdisjoint(domains):
            return "listed"
        return "others" if self.others else ""
