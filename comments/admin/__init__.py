"""The admin of what people wrote: every page holds to the sites of one's memberships."""

from comments.admin import articles, comments, imports, ledger, people, sites, sources

__all__ = ["articles", "comments", "imports", "ledger", "people", "sites", "sources"]
