"""What was found out about quotes, in words of the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# The verdicts of quotes; the order and the meaning are the design's.
QUOTES = {
    "short": _("too short to be traced"),
    "verbatim": _("word for word"),
    "folded": _("word for word, written otherwise (width, case, line breaks)"),
    "elided": _("shortened, with the gaps marked"),
    "stale": _("from an earlier text of the article"),
    "hidden": _("from a comment that readers could not see"),
    "later": _("from a comment that was written later"),
    "altered": _("close to the source, but words differ"),
    "missing": _("in no text that we hold"),
}
GOOD_QUOTES = {"verbatim", "folded", "elided"}

# How a passage differs from its source, the gravest first.
DIFFERENCES = {
    "negation": _("negation changed"),
    "number": _("number changed"),
    "name": _("name changed"),
    "order": _("order changed"),
    "elision": _("something left out between the parts"),
    "added": _("words added"),
    "omitted": _("words left out"),
    "wording": _("other words"),
    "attribution": _("ascribed to somebody else"),
}

REFERENCES = {
    "resolved": _("there is such a comment"),
    "dangling": _("no comment has this number"),
    "later": _("a comment that was not there yet"),
}


def quote_in_words(verdict: str) -> str:
    """A verdict's words; one that is not known here is shown as it is."""
    return str(QUOTES.get(verdict, verdict))


def difference_in_words(kind: str) -> str:
    """The words for a kind of difference."""
    return str(DIFFERENCES.get(kind, kind))


def reference_in_words(verdict: str) -> str:
    """What became of a number that a comment refers to."""
    return str(REFERENCES.get(verdict, verdict))
