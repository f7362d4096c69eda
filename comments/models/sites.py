"""Sites, who is admitted to them, and the keys of their publishers."""

from __future__ import annotations

import hashlib
import secrets
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models.scope import SiteQuerySet, SiteScoped


def validate_zone(value: str) -> None:
    """Refuse a name that the time zone database does not have."""
    if value not in available_timezones():
        raise ValidationError(
            _("%(value)s is no time zone: write one like Asia/Tokyo."), params={"value": value}
        )


class Floor(models.TextChoices):
    """What a site or an article asks before any rule."""

    OPEN = "open", _("open: rules alone decide")
    HOLD_NEW = "hold_new", _("hold new authors: a person decides on those not yet trusted")
    HOLD_ALL = "hold_all", _("hold all: a person decides on everything")
    CLOSED = "closed", _("closed: nothing is taken in")


class Site(models.Model):
    """A publisher's site: the boundary of rights, keys and languages."""

    slug = models.CharField(_("slug"), max_length=50, unique=True, validators=[validate_slug])
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="ja")
    zone = models.CharField(_("time zone"), max_length=64, default="Asia/Tokyo", validators=[validate_zone])
    # Nothing is published by accident: a new site holds all until a person opens it.
    floor = models.CharField(_("floor"), max_length=8, choices=Floor, default=Floor.HOLD_ALL)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's admission to a site. What he may do there his groups say."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    site = models.ForeignKey(Site, models.CASCADE, related_name="memberships", verbose_name=_("site"))

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "site"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.site}"


class SiteKey(models.Model):
    """A key with which a publisher's site speaks to the API.

    32 random bytes, shown once; only their SHA-256 is kept.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="keys", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = SiteScoped.as_manager()

    class Meta:
        verbose_name = _("site key")
        verbose_name_plural = _("site keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def digest_of(secret: str) -> bytes:
        """What is stored of a key."""
        return hashlib.sha256(secret.encode()).digest()

    @classmethod
    def mint(cls, site: Site, name: str) -> tuple[SiteKey, str]:
        """A new key, stored, and its secret, which is not."""
        secret = f"sk_{secrets.token_urlsafe(32)}"
        key = cls.objects.create(site=site, name=name, prefix=secret[:8], digest=cls.digest_of(secret))
        return key, secret


class IdempotencyKey(models.Model):
    """The first answer to a request, kept 24 hours so that a retry gets it again."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # SHA-256 of method, path and body: another payload under the key is refused.
    payload = models.BinaryField(max_length=32)
    status_code = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    objects = SiteScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_oldest")]
