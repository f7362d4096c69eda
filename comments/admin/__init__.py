"""The admin of what people wrote: every page holds to the sites of one's memberships."""

from comments.admin import articles, comments, imports, people, sites, sources

__all__ = ["articles", "comments", "imports", "people", "sites", "sources"]
