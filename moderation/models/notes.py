"""What colleagues tell each other about a comment, without deciding."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from moderation.models.log import ByComment


class NoteKind(models.TextChoices):
    NOTE = "note", _("noted")
    ESCALATED = "escalated", _("escalated")
    RELEASED = "released", _("released")
    # Left where a note was taken back; what it said is gone.
    WITHDRAWN = "withdrawn", _("note taken back")


class Note(models.Model):
    """One appended row. A trigger refuses a change; it is erased with the words of the comment itself."""

    comment = models.ForeignKey(
        Comment, models.PROTECT, related_name="staff_notes", db_index=False, verbose_name=_("comment")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=NoteKind, default=NoteKind.NOTE)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    text = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now())

    objects = ByComment.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [
            models.Index(fields=["comment", "-id"], name="note_of_comment"),
            # What a person noted and passed on lately.
            models.Index(fields=["by", "-id"], name="note_by_person"),
        ]
