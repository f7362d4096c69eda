"""Quotes: find them in a body, trace each to its source. Pure.

`find` gives the quoted passages of a body, `find_references` the comments that
it refers to by number; `trace` says for one where it
stands, in the article or an earlier comment, with the exact place; `Sources`
is the index that many quotes of an article share; `trace_body` does it all.
"""

from moderation.quotes.base import (
    ARTICLE,
    Difference,
    DifferenceKind,
    Line,
    Moment,
    Quoted,
    Reference,
    ReferenceVerdict,
    Resolved,
    Source,
    Traced,
    Verdict,
)
from moderation.quotes.find import find, may_quote
from moderation.quotes.references import find_references, resolve
from moderation.quotes.sources import Sources
from moderation.quotes.trace import trace, trace_blocks, trace_body

__all__ = [
    "ARTICLE",
    "Difference",
    "DifferenceKind",
    "Line",
    "Moment",
    "Quoted",
    "Reference",
    "ReferenceVerdict",
    "Resolved",
    "Source",
    "Sources",
    "Traced",
    "Verdict",
    "find",
    "find_references",
    "may_quote",
    "resolve",
    "trace",
    "trace_blocks",
    "trace_body",
]
