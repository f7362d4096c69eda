"""Why an undo leaves a comment alone, in words of the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

CAUSES = {
    "erased": _("what its author typed was erased"),
    "done": _("taken back before, nothing is left to do"),
    "changed": _("a later import or an edit has changed it since"),
    "decided": _("a person has decided on it"),
    "replied": _("somebody has answered it since"),
    "quoted": _("somebody has quoted it since"),
}


def causes_in_words(name: str) -> str:
    """The causes of `moderation.undoing.name_of` as one line."""
    return "; ".join(str(CAUSES.get(cause, cause)) for cause in name.split("+"))
