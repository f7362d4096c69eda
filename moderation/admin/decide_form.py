"""What a moderator hands in on the page of a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.models import Reason
from moderation.services import Wanted

ACTIONS = (("publish", _("Publish")), ("reject", _("Reject")))
# A note is for colleagues; what is longer belongs elsewhere.
NOTE_LIMIT = 2_000


class DecideForm(forms.Form):
    """Publish, or reject with a reason; `seen_version` is what was on the screen.

    `reject` is the reason's own button: one press says both. `message` goes to
    the author in place of the reason's text.
    """

    action = forms.ChoiceField(choices=ACTIONS, required=False)
    reason = forms.ModelChoiceField(Reason.objects.all(), required=False)
    reject = forms.ModelChoiceField(Reason.objects.all(), required=False)
    message = forms.CharField(max_length=NOTE_LIMIT, required=False)
    note = forms.CharField(max_length=NOTE_LIMIT, required=False)
    # A closed case is decided once more.
    anew = forms.BooleanField(required=False)
    seen_version = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if chosen := cleaned.get("reject"):
            cleaned |= {"action": "reject", "reason": chosen}
        if not cleaned.get("action") and "action" not in self.errors:
            self.add_error("action", _("Choose Publish or Reject."))
        if cleaned.get("action") == "reject" and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("A rejection needs a reason: choose one."))
        return cleaned

    def wanted(self, case_id: int, language: str | None = None) -> Wanted:
        """The valid form as the service takes it. A publication carries no reason and no message.

        A reason's own text in `language`, that of the site, stays the reason's: who asks is told it anyway.
        """
        given = self.cleaned_data
        rejected = given["action"] == "reject"
        reason: Reason | None = given["reason"] if rejected else None
        message = given["message"].replace("\r\n", "\n")
        own = reason is not None and language is not None and message == reason.public_text(language)
        return Wanted(
            case_id=case_id,
            action=given["action"],
            reason_id=reason.pk if reason else None,
            note=given["note"],
            message="" if own or not rejected else message,
            seen_version=given["seen_version"],
            anew=given["anew"],
        )


class NoteForm(forms.Form):
    """Words for colleagues, with or without which something is done."""

    note = forms.CharField(max_length=NOTE_LIMIT, required=False)
