"""Links that do not show where they lead, and links that hide from filters."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from moderation.checks.base import SHOWN, Check, Finding, Span, Submission, choice, parameter
from moderation.domains import canonical, has_suffix, listed, upwards
from moderation.text import Link, links

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

# A number as browsers read it in a host (WHATWG URL, "IPv4 parser"): octal, hexadecimal or decimal.
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
_USER_INFO = re.compile(r"(?:https?://)?[^/?#@]*@", re.IGNORECASE)

# All of these are looked for in folded text. `ttp://` is how Japanese boards write a link that is not to be
# followed, `hxxp://` how others do.
_BENT = re.compile(
    r"(?<![a-z0-9])(?:h(?:xx|\*\*|\+\+|○○|〇〇|●●|・・)ps?|t{1,2}ps?|https?(?=\[))(?:://|\[:\]//|\[://\])"
    r"[a-z0-9\[(][a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,300}(?<=[a-z0-9/=])"
)
_LABEL = r"[a-z0-9\-]{1,63}"
_DOT = r" ?(?:[\[({<] ?(?:\.|dot|ドット|点) ?[\])}>]|ドット|どっと) ?"
_DOTTED = re.compile(
    rf"(?<![a-z0-9\-.])(?:{_LABEL}\.){{0,5}}{_LABEL}{_DOT}(?:{_LABEL}(?:{_DOT}|\.))*{_LABEL}"
)
_SPELT_DOT = re.compile(_DOT)
# Cheaper than the pattern, which would begin at every blank.
_DOTS = ("dot", "ドット", "どっと", *(f"{dot}{end}" for dot in (".", ". ", "点", "点 ") for end in "])}>"))
# Letters that only an input method makes, or a dot that only browsers take for one, in the ORIGINAL text.
_WORD = "A-Za-z0-9Ａ-Ｚａ-ｚ０-９"
_ANY_WIDE = re.compile("[．。｡.][A-Za-zＡ-Ｚａ-ｚ]{2}")
_WIDE = re.compile(f"(?<![@＠．。｡.{_WORD}])[{_WORD}][{_WORD}－-]*(?:[．。｡.][{_WORD}－-]{{2,}})+")
# Of the many suffixes those that no sentence ends with: 「買ったのはＭａｃ．ｓｏ」.
_PLAIN = re.compile(r"\.(?:com|net|org|info|biz|jp|xyz|top|shop|site|online|club|cc|ru|cn|tk)$")


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
            found["hidden"] = [Span("body", start, end) for start, end in hidden(submission)]
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


def is_address(host: str) -> bool:
    """Whether a browser takes the host for an address: `192.0.2.7`, `3221225991`, `0xc0.0.2.7`, `[::1]`."""
    if host.startswith("["):
        return True
    parts = host.split(".")
    return len(parts) <= 4 and all(_NUMBER.fullmatch(part) for part in parts)


def hidden(submission: Submission) -> list[tuple[int, int]]:
    """The places of links in the body that are written so as not to be one, in order, none overlapping."""
    folded, body = submission.folded, submission.body
    text = folded.text
    places: list[tuple[int, int]] = []
    if "//" in text:
        places += [folded.original_span(*match.span()) for match in _BENT.finditer(text)]
    if not body.isascii() and ("://" in text or "www." in text):
        places += _only_folded(submission)
    if any(dot in text for dot in _DOTS):
        dotted = (match for match in _DOTTED.finditer(text) if has_suffix(_SPELT_DOT.sub(".", match[0])))
        places += [folded.original_span(*match.span()) for match in dotted]
    if not body.isascii() and _ANY_WIDE.search(body):
        places += [match.span() for match in _WIDE.finditer(body) if _is_wide_domain(match[0])]
    return _apart(places)


def _only_folded(submission: Submission) -> Iterator[tuple[int, int]]:
    """Links that are none in the text as it was typed."""
    found = links(submission.folded.text)
    # Mostly they are the same, and the way back to the original places need not be made.
    if [canonical(link.host) for link in found] == [canonical(link.host) for link in submission.links]:
        return
    known = [link.start for link in submission.links]
    for link in found:
        start, end = submission.folded.original_span(link.start, link.end)
        at = bisect_left(known, start)
        is_known = at < len(known) and known[at] < end
        if not is_known and (has_suffix(link.host) or is_address(link.host)):
            yield start, end


def _is_wide_domain(text: str) -> bool:
    host = canonical(text)
    return not text.isascii() and _PLAIN.search(host, host.rfind(".")) is not None and has_suffix(host)


def _apart(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places in order; of those that overlap the first."""
    apart: list[tuple[int, int]] = []
    for place in sorted(places):
        if not apart or place[0] >= apart[-1][1]:
            apart.append(place)
    return apart
