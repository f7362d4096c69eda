"""Links that do not show where they lead, and links that hide from filters."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, choice, parameter
from moderation.domains import canonical, is_address, listed, upwards
from moderation.text import Link

# What can be told, each with its name for people.
TELLS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "shortener": {"ja": "短縮URL", "en": "shortened links"},
        "address": {"ja": "IPアドレスへのリンク", "en": "links to a bare IP address"},
        "user-info": {"ja": "「@」の前に別の名前を見せるリンク", "en": "links with another name before an @"},
        "hidden": {"ja": "伏せて書かれたリンク", "en": "links that are written so as not to be one"},
    }
)
# Services that shorten anybody's link; those that lead to one site alone (youtu.be, amzn.asia) hide
# nothing. ux.nu, urx and onl are Japanese.
SHORTENERS = (
    "bit.ly", "bitly.com", "j.mp", "tinyurl.com", "t.co", "goo.gl", "is.gd", "v.gd", "ow.ly",
    "buff.ly", "cutt.ly", "rebrand.ly", "rb.gy", "shorturl.at", "tiny.cc", "t.ly", "s.id", "x.gd",
    "ux.nu", "urx.blue", "urx.space", "urx.red", "urx3.nu", "onl.la", "onl.sc", "onl.bz", "onl.tw",
    "00m.in", "kutt.it", "bl.ink", "dlvr.it", "ift.tt", "lnkd.in", "adf.ly", "ouo.io", "shorte.st",
    "clck.ru", "dwz.cn", "t.cn", "url.cn", "han.gl", "me2.do",
)  # fmt: skip

_USER_INFO = re.compile(r"(?:https?://)?[^/?#@]*@", re.IGNORECASE)


@dataclass(frozen=True)
class DisguisedLinks(Check):
    """A link hides its target (a shortener, a bare address, a name before an `@`), or itself.

    Hidden are links that only folding brings to light (full width, characters
    of no width), a bent scheme (`hxxp://`, `ttp://`), and dots that are
    bracketed or spelt out before a known suffix: `example[.]com`,
    `example(dot)com`, `exampleドットcom`. A rule chooses what it tells of; all
    but the hidden are looked for in the author's website, too.
    """

    slug = "disguised_links"
    version = 3
    title = {"ja": "行き先や姿を隠したリンク", "en": "Disguised links"}
    sentences = {
        "shortener": {"ja": "短縮URLが{count}個あります。", "en": "Shortened links: {count}."},
        "address": {
            "ja": "IPアドレスへのリンクが{count}個あります。",
            "en": "Links to a bare IP address: {count}.",
        },
        "user-info": {
            "ja": "「@」の前に別の名前を見せるリンクが{count}個あります。",
            "en": "Links with another name before an @: {count}.",
        },
        "hidden": {
            "ja": "伏せて書かれたリンクが{count}個あります。",
            "en": "Links that are written so as not to be one: {count}.",
        },
    }

    tell: tuple[str, ...] = choice(tuple(TELLS), ja="知らせるもの。", en="What is told of.", choices=TELLS)
    shorteners: tuple[str, ...] = parameter(
        SHORTENERS,
        ja="短縮URLのドメイン。その下のドメインも含みます。",
        en="Domains of shorteners, with all below them.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # A wrong entry is refused when the rule is saved, not when a comment arrives.
        _ = self._shorteners

    @cached_property
    def _shorteners(self) -> frozenset[str]:
        return listed(self.shorteners)

    def check(self, submission: Submission) -> Iterator[Finding]:
        found: dict[str, list[Span]] = {code: [] for code in TELLS if code in self.tell}
        for field, link in submission.all_links:
            for code in self._faults(getattr(submission, field)[link.start : link.end], link):
                if code in found:
                    found[code].append(Span(field, link.start, link.end))
        if "hidden" in found:
            found["hidden"] = [Span("body", link.start, link.end) for link in submission.hidden_links]
        for code, spans in found.items():
            if spans:
                evidence = tuple(
                    getattr(submission, span.field)[span.start : span.end][:200] for span in spans[:SHOWN]
                )
                yield Finding(code, tuple(spans[:SHOWN]), {"count": len(spans)}, evidence)

    def _faults(self, text: str, link: Link) -> Iterator[str]:
        host = canonical(link.host)
        if not self._shorteners.isdisjoint(upwards(host)):
            yield "shortener"
        if is_address(host):
            yield "address"
        if _USER_INFO.match(text):
            yield "user-info"
