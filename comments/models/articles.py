"""Articles, their URLs and their texts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments import drafts
from comments.models.scope import ByArticle, SiteScoped
from comments.models.sites import Floor, Site


class Article(models.Model):
    """An article that readers comment on, with its text of today."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="articles", verbose_name=_("site"))
    external_id = models.CharField(_("publisher's id"), max_length=drafts.ID_LIMIT, null=True, blank=True)
    url = models.CharField(_("URL"), max_length=drafts.URL_LIMIT, blank=True)
    title = models.CharField(_("title"), max_length=drafts.TITLE_LIMIT, blank=True)
    body = models.TextField(_("body"), blank=True)
    source = models.CharField(_("source"), max_length=drafts.TITLE_LIMIT, blank=True)
    related = models.JSONField(_("related articles"), default=list, blank=True)
    credit = models.CharField(_("picture credit"), max_length=drafts.TITLE_LIMIT, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    floor = models.CharField(_("floor"), max_length=8, choices=Floor, blank=True, default="")
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    # Rises with every change of what a quote could be traced to: an edit, a
    # comment hidden or erased, a late arrival. An index of sources is valid
    # for one value.
    sources_version = models.BigIntegerField(db_default=1, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "external_id"],
                condition=Q(external_id__isnull=False),
                name="article_external_id",
            )
        ]
        indexes = [models.Index(fields=["site", "-created_at"], name="article_newest_of_site")]

    def __str__(self) -> str:
        return self.title or self.url or self.external_id or f"#{self.pk}"


class ArticleURL(models.Model):
    """Every URL that an article has had, canonical; the present one too."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, models.CASCADE, related_name="urls")
    url = models.CharField(_("URL"), max_length=drafts.URL_LIMIT)

    objects = SiteScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "url"], name="article_url_once")]

    def __str__(self) -> str:
        return self.url


class ArticleRevision(models.Model):
    """A text that an article has or had, number `number`; the present one too."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=drafts.TITLE_LIMIT, blank=True)
    body = models.TextField(_("body"), blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    objects = ByArticle.as_manager()

    class Meta:
        verbose_name = _("article revision")
        verbose_name_plural = _("article revisions")
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="article_revision_once")]

    def __str__(self) -> str:
        return f"#{self.number}"
