"""What people wrote, and where it came from. Knows nothing of moderation.

Rows are written by `comments.services` and its neighbours alone; reading goes
through the querysets, whose `visible_to` holds everybody to the sites of his
memberships.
"""

from comments.models.articles import Article, ArticleRevision, ArticleURL
from comments.models.comments import Comment, CommentRevision, ParentHow, Status
from comments.models.disclosures import DisclosedBy, DisclosedKind, Disclosure
from comments.models.imports import (
    Asked,
    ImportChunk,
    ImportMark,
    ImportProblem,
    ImportRun,
    ImportSource,
    Policy,
    RunStatus,
    Unchanged,
)
from comments.models.scope import ByArticle, ByRun, BySource, M_co, SiteQuerySet, SiteScoped
from comments.models.sites import Floor, IdempotencyKey, Membership, Site, SiteKey, validate_zone

__all__ = [
    "Article",
    "ArticleRevision",
    "ArticleURL",
    "Asked",
    "ByArticle",
    "ByRun",
    "BySource",
    "Comment",
    "CommentRevision",
    "DisclosedBy",
    "DisclosedKind",
    "Disclosure",
    "Floor",
    "IdempotencyKey",
    "ImportChunk",
    "ImportMark",
    "ImportProblem",
    "ImportRun",
    "ImportSource",
    "M_co",
    "Membership",
    "ParentHow",
    "Policy",
    "RunStatus",
    "Site",
    "SiteKey",
    "SiteQuerySet",
    "SiteScoped",
    "Status",
    "Unchanged",
    "validate_zone",
]
