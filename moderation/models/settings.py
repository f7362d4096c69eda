"""How a person has the desk, wherever he logs in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Blur(models.TextChoices):
    """What is blurred until it is pointed at, focused or shown by key."""

    OFF = "off", _("nothing")
    WORDS = "words", _("harsh words that rules have found")
    TEXTS = "texts", _("whole comments")


class DeskSettings(models.Model):
    """A person's settings; without a row he has the defaults. They come with the user, in one query."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="desk_settings"
    )
    # Blank is what the browser asks for.
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, blank=True, default="", db_default=""
    )
    has_keys = models.BooleanField(_("single-letter keys"), default=True, db_default=True)
    blur = models.CharField(_("blur"), max_length=5, choices=Blur, default=Blur.OFF, db_default=Blur.OFF)

    class Meta:
        verbose_name = _("settings of the desk")
        verbose_name_plural = _("settings of the desk")
        default_permissions = ()
