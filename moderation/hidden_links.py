"""Links in a text that are written so as not to be one, and where they lead. Pure.

Only folding brings them to light (full width, characters of no width), or
their scheme is bent (`hxxp://`, `ttp://`), or their dots are bracketed or
spelt out before a known suffix: `example[.]com`, `exampleドットcom`. Most
texts have nothing of the kind, which a few looks for a character tell.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from moderation.domains import canonical, has_suffix, leads_somewhere, linked_domain
from moderation.text import Folded, Link, links

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
# Cheaper than the pattern, which would begin at every blank: dots in words, and those before a bracket.
_DOT_WORDS = ("dot", "ドット", "どっと")
_BRACKETS = ("]", ")", "}", ">")
_BRACKETED = re.compile(r"[.点] ?[\])}>]")
# Letters that only an input method makes, or a dot that only browsers take for one, in the ORIGINAL text.
_WORD = "A-Za-z0-9Ａ-Ｚａ-ｚ０-９"
_ANY_WIDE = re.compile(f"[．。｡.](?<=[{_WORD}－-].)[A-Za-zＡ-Ｚａ-ｚ]{{2}}")
_WIDE = re.compile(
    f"(?<![@＠{_WORD}])(?<![{_WORD}][．。｡.])[{_WORD}][{_WORD}－-]*(?:[．。｡.][{_WORD}－-]{{2,}})+"
)
# Of the many suffixes those that no sentence ends with: 「買ったのはＭａｃ．ｓｏ」.
_PLAIN = re.compile(r"\.(?:com|net|org|info|biz|jp|xyz|top|shop|site|online|club|cc|ru|cn|tk)$")


def hidden_links(folded: Folded, known: Sequence[Link]) -> tuple[Link, ...]:
    """The hidden links of a text, in order, none overlapping: places in the original, and hosts.

    `known` are those of the text as it was typed (`text.links`). Where a link
    is hidden in two ways, as `hxxp://example ドット com`, it is one.
    """
    text, typed = folded.text, folded.original
    found: list[Link] = []
    if "//" in text:
        found += (_placed(folded, match, _authority(match[0])) for match in _BENT.finditer(text))
    if not typed.isascii() and ("://" in text or "www." in text):
        found += _only_folded(folded, known)
    if _has_dot(text):
        dotted = ((match, _SPELT_DOT.sub(".", match[0])) for match in _DOTTED.finditer(text))
        found += (_placed(folded, match, host) for match, host in dotted if has_suffix(host))
    if not typed.isascii() and _ANY_WIDE.search(typed):
        found += (
            Link(*match.span(), canonical(match[0]))
            for match in _WIDE.finditer(typed)
            if _is_wide_domain(match[0])
        )
    return tuple(_apart(found)) if found else ()


def _has_dot(text: str) -> bool:
    if any(map(text.__contains__, _DOT_WORDS)):
        return True
    return any(map(text.__contains__, _BRACKETS)) and _BRACKETED.search(text) is not None


def beside_hidden(known: Sequence[Link], hidden: Sequence[Link]) -> list[Link]:
    """All links of a text, where a known one and a hidden one overlap and lead to one place only one of them.

    Of `http://a[.]jp` the known one ends too early to lead anywhere; of
    `http://ａ.jp` both lead to the same domain, and the known one is whole.
    """
    every, met, ends = [], set(), [link.end for link in hidden]
    for link in known:
        at = bisect_right(ends, link.start)
        if at < len(hidden) and hidden[at].start < link.end:
            if not leads_somewhere(link.host):
                continue
            if linked_domain(link.host) == linked_domain(hidden[at].host):
                met.add(at)
        every.append(link)
    return every + [link for at, link in enumerate(hidden) if at not in met]


def _placed(folded: Folded, match: re.Match[str], host: str) -> Link:
    return Link(*folded.original_span(*match.span()), host)


def _authority(bent: str) -> str:
    """The host of a link with a bent scheme: of `hxxps[://]me@a[.]jp:80/x` it is `a.jp`."""
    rest = bent.partition("//")[2].removeprefix("]")
    authority = re.split(r"[/?#]", _SPELT_DOT.sub(".", rest), maxsplit=1)[0].rpartition("@")[2]
    return re.sub(r":\d*$", "", authority)


def _only_folded(folded: Folded, known: Sequence[Link]) -> Iterator[Link]:
    """Links that are none in the text as it was typed."""
    found = links(folded.text)
    # Mostly they are the same, and the way back to the original places need not be made.
    if [canonical(link.host) for link in found] == [canonical(link.host) for link in known]:
        return
    # One that is cut by a character of no width, `https://exa<U+200B>mple.com`, leads nowhere yet.
    starts = [link.start for link in known if leads_somewhere(link.host)]
    for link in found:
        start, end = folded.original_span(link.start, link.end)
        at = bisect_left(starts, start)
        is_known = at < len(starts) and starts[at] < end
        if not is_known and leads_somewhere(link.host):
            yield Link(start, end, link.host)


def _is_wide_domain(text: str) -> bool:
    host = canonical(text)
    return not text.isascii() and _PLAIN.search(host, host.rfind(".")) is not None and has_suffix(host)


def _apart(found: Iterable[Link]) -> list[Link]:
    """The links in order; of those that overlap the first, or the host that leads somewhere."""
    apart: list[Link] = []
    for link in sorted(found, key=lambda link: (link.start, link.end)):
        if not apart or link.start >= apart[-1].end:
            apart.append(link)
        elif not leads_somewhere(apart[-1].host):
            first = apart[-1]
            apart[-1] = Link(first.start, max(first.end, link.end), link.host)
    return apart
