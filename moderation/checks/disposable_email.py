"""Mailboxes that live for ten minutes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from disposable_email_domains import blocklist

from moderation.checks.base import Check, Finding, Span, Submission, parameter
from moderation.domains import canonical, listed, upwards


@dataclass(frozen=True)
class DisposableEmail(Check):
    """The e-mail address is at a service that gives out addresses to be thrown away.

    The services are those of the library `disposable-email-domains`, kept by
    many, and of a list of one's own. A domain below a listed one is listed.
    The address stays out of the evidence: it may be shown only to those who may see it.
    """

    slug = "disposable_email"
    title = {"ja": "使い捨てメールアドレス", "en": "Disposable e-mail"}
    sentences = {
        "disposable": {
            "ja": "使い捨てメールアドレスのドメインです。",
            "en": "The e-mail address is at a service for disposable ones.",
        },
    }

    domains: tuple[str, ...] = parameter(
        (),
        ja="使い捨てとみなすドメイン。一般に知られた約1万件に加えます。",
        en="Domains that count as disposable beside the ten thousand that are known.",
    )
    allow: tuple[str, ...] = parameter(
        (),
        ja="許可するドメイン。一覧にあっても知らせません。",
        en="Domains that are allowed although they are listed.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # A wrong entry is refused when the rule is saved, not when a comment arrives.
        _ = self._listed, self._allowed

    @cached_property
    def _listed(self) -> frozenset[str]:
        return listed(self.domains)

    @cached_property
    def _allowed(self) -> frozenset[str]:
        return listed(self.allow)

    def applies(self, submission: Submission) -> bool:
        return submission.identity and "@" in submission.author_email

    def check(self, submission: Submission) -> Iterator[Finding]:
        email = submission.author_email.rstrip()
        start = email.rindex("@") + 1
        domains = set(upwards(canonical(email[start:])))
        if self._allowed.isdisjoint(domains) and not (
            self._listed.isdisjoint(domains) and blocklist.isdisjoint(domains)
        ):
            yield Finding("disposable", (Span("author_email", start, len(email)),))
