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


class NearKeys(models.Model):
    """The band keys of a comment's own text (`near_text.band_keys`): who shares one may say nearly the same.

    Written by `services.near_keys` in the transaction that stores or edits the
    comment, of which `site` and `posted_at` are copies, as in `LinkTrace`; what
    is too short has no row. All four keys in one row cost half of what four
    rows do, and no constraints to comment and site another part; a row whose
    comment is gone finds nothing.
    """

    comment = models.OneToOneField(
        Comment, models.CASCADE, related_name="+", primary_key=True, db_constraint=False
    )
    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    posted_at = models.DateTimeField()
    key1 = models.BigIntegerField()
    key2 = models.BigIntegerField()
    key3 = models.BigIntegerField()
    key4 = models.BigIntegerField()

    class Meta:
        # Who wrote nearly the same before, by each key: see `moderation.near`.
        indexes = [
            models.Index(fields=["key1", "site", "posted_at", "comment"], name="nearkeys_by_key1"),
            models.Index(fields=["key2", "site", "posted_at", "comment"], name="nearkeys_by_key2"),
            models.Index(fields=["key3", "site", "posted_at", "comment"], name="nearkeys_by_key3"),
            models.Index(fields=["key4", "site", "posted_at", "comment"], name="nearkeys_by_key4"),
        ]
