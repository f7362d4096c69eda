"""A source's owner told that it can not be read."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _
from django.utils.translation import override

from comments.models import ImportSource

logger = logging.getLogger(__name__)


def tell_owner(source: ImportSource, error: str) -> bool:
    """A mail, if there is somebody to write to and a server to send it by; whether it was sent."""
    owner = source.owner
    if not settings.EMAIL_HOST or owner is None or not owner.email or not owner.is_active:
        return False
    with override(source.site.language):
        subject = _("%(site)s: the import source %(source)s cannot be read") % {
            "site": source.site.name,
            "source": source.slug,
        }
        body = _(
            "%(error)s\n\nIt was tried several times. It is tried again at its next time, or when somebody "
            "presses Run now on its page in the admin, under Import sources."
        ) % {"error": error}
    try:
        send_mail(" ".join(subject.split()), body, None, [owner.email])
    except (OSError, smtplib.SMTPException):
        logger.exception("the owner of source %s could not be told", source.pk)
        return False
    return True
