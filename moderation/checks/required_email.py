"""The author must give a well-formed e-mail address."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from moderation.checks.base import AUTHORS_KEPT, Check, Finding, Span, Submission, parameter
from moderation.text import fold

# RFC 5321, sections 4.1.2 and 4.5.3.1: a dot-string of atoms, 64 octets; RFC 6531 adds letters beyond
# ASCII. A quoted local part, a comment and an address literal are lawful, and in a comment form they
# are slips or probes: refused.
_ATOM = r"[\w!#$%&'*+/=?^`{|}~\-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOTTED = re.compile(r"[A-Za-z0-9._+\-]+")
# RFC 1035, section 2.3.1, and RFC 5890: letters, digits and inner hyphens.
_LABEL = re.compile(r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?")


@dataclass(frozen=True)
class RequiredEmail(Check):
    """An e-mail address is missing, or cannot be one. It is not asked whether the mailbox exists.

    Not applicable to pings and to sources that carry no addresses. The address
    stays out of the evidence: it may be shown only to those who may see it.
    """

    slug = "required_email"
    title = {"ja": "メールアドレスの入力", "en": "Required e-mail"}
    sentences = {
        "missing": {"ja": "メールアドレスがありません。", "en": "There is no e-mail address."},
        "malformed": {
            "ja": "メールアドレスの形が正しくありません。",
            "en": "The e-mail address is not well-formed.",
        },
    }

    # NTT Docomo and au gave out addresses such as `taro..y.@docomo.ne.jp` until 2009, against RFC 5321;
    # they are still in use.
    dotted_domains: tuple[str, ...] = parameter(
        ("docomo.ne.jp", "ezweb.ne.jp", "au.com"),
        ja="@の直前や連続の「.」を認めるドメイン（昔の携帯電話のアドレス）。",
        en="Domains whose addresses may have dots side by side or before the @ (old Japanese mobile mail).",
    )

    def applies(self, submission: Submission) -> bool:
        return submission.identity and submission.kind == "comment"

    def check(self, submission: Submission) -> Iterator[Finding]:
        email = submission.author_email
        spans = (Span("author_email", 0, len(email)),) if email else ()
        # Blanks around it are a slip of the finger; a line feed is an attempt at a mail header.
        if not fold(email).text.strip():
            yield Finding("missing", spans)
        elif not is_well_formed(email.strip(" \u3000"), self.dotted_domains):
            yield Finding("malformed", spans)


@lru_cache(maxsize=AUTHORS_KEPT)
def is_well_formed(email: str, dotted_domains: tuple[str, ...] = ()) -> bool:
    """Whether `email` has the form of an address on the Internet.

    Full-width letters are refused, as are all that NFKC would change: they are
    what an input method leaves behind, and no server takes them.
    """
    local, at, domain = email.rpartition("@")
    if not at or len(email) > 254 or not unicodedata.is_normalized("NFKC", email):
        return False
    if not 0 < len(local.encode("utf-8", "replace")) <= 64 or not _is_domain(domain):
        return False
    if domain.lower() in dotted_domains:
        return _DOTTED.fullmatch(local) is not None
    return _LOCAL.fullmatch(local) is not None


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or len(labels[-1]) < 2:
        return False
    try:
        length = len(domain if domain.isascii() else domain.encode("idna"))
    except UnicodeError:
        return False
    return length <= 253 and all(_LABEL.fullmatch(label) for label in labels)
