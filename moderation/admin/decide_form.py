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
    """Publish, or reject with a reason; `seen_version` is what was on the screen."""

    action = forms.ChoiceField(choices=ACTIONS, error_messages={"required": _("Choose Publish or Reject.")})
    reason = forms.ModelChoiceField(Reason.objects.all(), required=False)
    note = forms.CharField(max_length=NOTE_LIMIT, required=False)
    seen_version = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("action") == "reject" and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("A rejection needs a reason: choose one."))
        return cleaned

    def wanted(self, case_id: int) -> Wanted:
        """The valid form as the service takes it. A publication carries no reason."""
        rejected = self.cleaned_data["action"] == "reject"
        return Wanted(
            case_id=case_id,
            action=self.cleaned_data["action"],
            reason_id=self.cleaned_data["reason"].pk if rejected else None,
            note=self.cleaned_data["note"],
            seen_version=self.cleaned_data["seen_version"],
        )
