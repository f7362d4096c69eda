"""A name that is an advertisement."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moderation.checks.base import Check, Finding, Span, Submission
from moderation.domains import has_suffix
from moderation.text import links

# Of the many suffixes the usual ones of sites: 「Dr.me」 and 「Mr.so」 are names.
_DOMAIN = re.compile(
    r"(?<![a-z0-9@.\-])(?:[a-z0-9\-]{1,63}\.){1,4}"
    r"(?:com|net|org|info|biz|jp|xyz|top|shop|site|online|store|club|cc|ru|cn|io|co|us|uk)(?![a-z0-9\-])"
)
_EMAIL = re.compile(r"(?<![a-z0-9._+\-])[a-z0-9._+\-]{1,64}@((?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,20})")


@dataclass(frozen=True)
class NameLink(Check):
    """The name is, or holds, a link, a domain or an e-mail address, in any width.

    An address is told of as such, for it is mostly a slip: it was meant for the
    next field. It stays out of the evidence.
    """

    slug = "name_link"
    title = {"ja": "リンクやアドレスの名前", "en": "Name that is a link"}
    sentences = {
        "link": {"ja": "名前がリンクやドメインです。", "en": "The name is a link or a domain."},
        "email": {
            "ja": "名前の欄にメールアドレスがあります。",
            "en": "The name is an e-mail address.",
        },
    }

    def applies(self, submission: Submission) -> bool:
        return submission.identity and submission.kind == "comment"

    def check(self, submission: Submission) -> Iterator[Finding]:
        folded = submission.folded_name
        text = folded.text
        if "." not in text:
            return
        if (email := _EMAIL.search(text)) and has_suffix(email[1]):
            yield Finding("email", (Span("author_name", *folded.original_span(*email.span())),))
            return
        places = [(link.start, link.end) for link in links(text)]
        places += [match.span() for match in _DOMAIN.finditer(text)] if not places else []
        if places:
            start, end = folded.original_span(*places[0])
            name = submission.author_name[start:end]
            yield Finding("link", (Span("author_name", start, end),), evidence=(name,))
