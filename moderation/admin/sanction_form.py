"""The form of a sanction: typed, or set from a comment whose author stays masked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comments.admin.base import member_of_every_site
from comments.masking import may_see_personal_data
from comments.models import Site
from moderation.models import Reason, SanctionKind
from moderation.targets import PERSONAL, Kind, NotSanctionable, Target, kinds_in, masked, target_in, target_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from comments.models import Comment

# How long it lasts, in days; 0 is without an end. A month is what boards and games give for a first offence.
DAYS: dict[int, Any] = {
    1: _("one day"),
    7: _("a week"),
    30: _("thirty days"),
    90: _("ninety days"),
    365: _("a year"),
    0: _("without an end"),
}


class SanctionForm(forms.Form):
    """`target` is whom it is against, once the form is valid.

    Whoever may not see personal data cannot type any: he would learn by
    guessing what is masked. From a comment he may put its author under one.
    """

    kind = forms.ChoiceField(label=_("kind"), widget=forms.RadioSelect)
    value = forms.CharField(
        label=_("against"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("site"), required=False, empty_label=_("all sites")
    )
    days = forms.TypedChoiceField(
        label=_("how long"), choices=lambda: list(DAYS.items()), coerce=int, initial=30
    )
    reason = forms.ModelChoiceField(Reason.objects.all(), label=_("reason"))
    note = forms.CharField(
        label=_("note"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: User, comment: Comment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.comment, self.target = comment, None
        self.sees = may_see_personal_data(user)
        sites = Site.objects.visible_to(user)
        every = member_of_every_site(user)
        self._field("site").queryset = sites if comment is None else sites.filter(pk=comment.site_id)
        self._field("site").required = not every
        if not every:
            self._field("site").empty_label = None
            self.initial.setdefault("site", comment.site_id if comment else sites.first())
        kinds = kinds_in(comment) if comment else [kind for kind in Kind if self.sees or kind not in PERSONAL]
        self._field("kind").choices = [(kind, self._label(kind)) for kind in kinds]
        self.initial.setdefault("kind", kinds[0] if kinds else "")
        if comment is not None:
            self.initial.setdefault("site", comment.site_id)
            del self.fields["value"]

    target: Target | None

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _label(self, kind: Kind) -> str:
        label = str(SanctionKind(kind).label)
        return f"{label}: {self._shown(kind)}" if self.comment else label

    def _shown(self, kind: Kind) -> str:
        """What of the comment would be sanctioned, masked: the comment's own page shows it in full."""
        assert self.comment is not None
        return masked(kind, target_in(self.comment, kind).shown)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "kind" not in cleaned or "site" not in cleaned:
            return cleaned
        kind, site = Kind(cleaned["kind"]), cleaned["site"]
        try:
            if self.comment is None:
                self.target = target_of(kind, cleaned.get("value", ""), site.pk if site else None)
            elif kind is Kind.AUTHOR and site is None:
                raise NotSanctionable(_("An author's id is that of one site: choose the site."))
            else:
                self.target = target_in(self.comment, kind)
        except NotSanctionable as wrong:
            self.add_error("value" if self.comment is None else "kind", str(wrong))
        return cleaned

    def until(self, now: datetime) -> datetime | None:
        """The end that was chosen, None for none."""
        days: int = self.cleaned_data["days"]
        return now + timedelta(days=days) if days else None
