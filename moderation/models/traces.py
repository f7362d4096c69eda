"""What is kept of stored comments so that later ones can be compared with them."""

from __future__ import annotations

from django.db import models

from comments.models import Comment, Site

# The longest name that the domain name system allows (RFC 1035, section 2.3.4).
DOMAIN_LIMIT = 253


class LinkTrace(models.Model):
    """A domain that a comment, or its author's website, links to (`domains.linked_domain`).

    Written by `services.link_traces` in the transaction that stores or edits
    the comment; only comments with links have rows. `site` and `posted_at`
    are the comment's, so that one index finds who linked there before.
    """

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+", db_index=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    domain = models.CharField(max_length=DOMAIN_LIMIT)
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "domain"], name="linktrace_once")]
        indexes = [
            # Who linked there before: see `moderation.linked`.
            models.Index(fields=["domain", "site", "posted_at", "comment"], name="linktrace_by_domain"),
        ]
