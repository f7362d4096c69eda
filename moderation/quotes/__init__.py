"""Quotes: find them in a body, trace each to its source. Pure.

`find` gives the quoted passages of a body; `trace` says for one where it
stands, in the article or an earlier comment, with the exact place; `Sources`
is the index that many quotes of an article share; `trace_body` does it all.
"""

from moderation.quotes.find import Line, Quoted, find, may_quote
from moderation.quotes.sources import Source, Sources
from moderation.quotes.trace import Traced, Verdict, trace, trace_blocks, trace_body

__all__ = [
    "Line",
    "Quoted",
    "Source",
    "Sources",
    "Traced",
    "Verdict",
    "find",
    "may_quote",
    "trace",
    "trace_blocks",
    "trace_body",
]
