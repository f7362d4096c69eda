"""Quotes: find them in a body, trace each to its source. Pure.

`find` gives the quoted passages of a body; `trace` says for each where it
stands, in the article or an earlier comment, with the exact place.
"""

from moderation.quotes.find import Quoted, find
from moderation.quotes.trace import Source, Traced, Verdict, trace

__all__ = ["Quoted", "Source", "Traced", "Verdict", "find", "trace"]
