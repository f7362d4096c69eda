"""The form of a sanction: typed, or set from a comment whose author stays masked."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.admin.base import member_of_every_site
from comments.masking import may_see_personal_data
from comments.models import Site
from moderation.admin.times import midnight
from moderation.models import Reason, SanctionKind
from moderation.offers import Offer, offers_in
from moderation.services import SanctionTerms
from moderation.targets import PERSONAL, Kind, NotSanctionable, Target, masked, target_of

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

PAST = _("Its end is past already.")


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
    last_day = forms.DateField(
        label=_("or until the end of this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
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
        choices = self._choices()
        self._field("kind").choices = choices
        self.initial.setdefault("kind", choices[0][0] if choices else "")
        if comment is not None:
            self.initial.setdefault("site", comment.site_id)
            del self.fields["value"]

    target: Target | None

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @cached_property
    def _offers(self) -> dict[str, Offer]:
        """By key what the comment gives; nothing where one is typed."""
        return {offer.key: offer for offer in offers_in(self.comment)} if self.comment else {}

    def _choices(self) -> list[tuple[str, str]]:
        if self.comment is None:
            kinds = [kind for kind in Kind if self.sees or kind not in PERSONAL]
            return [(kind.value, str(SanctionKind(kind).label)) for kind in kinds]
        return [
            (key, f"{SanctionKind(offer.target.kind).label}: {self._shown(offer.target)}")
            for key, offer in self._offers.items()
        ]

    def _shown(self, target: Target) -> str:
        """What of the comment would be sanctioned, masked: the comment's own page shows it in full."""
        return masked(target.kind, target.shown)

    def clean_last_day(self) -> date | None:
        """A day that has a next one."""
        last: date | None = self.cleaned_data["last_day"]
        if last is not None and last >= date(9000, 1, 1):
            raise forms.ValidationError(PAST)
        return last

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "kind" not in cleaned or "site" not in cleaned:
            return cleaned
        chosen, site = cleaned["kind"], cleaned["site"]
        if cleaned.get("last_day") and self.until(now := timezone.now()) <= now:  # type: ignore[operator]
            self.add_error("last_day", PAST)
        try:
            if self.comment is None:
                self.target = target_of(Kind(chosen), cleaned.get("value", ""), site.pk if site else None)
            elif chosen == Kind.AUTHOR and site is None:
                raise NotSanctionable(_("An author's id is that of one site: choose the site."))
            else:
                self.target = self._offers[chosen].target
        except NotSanctionable as wrong:
            self.add_error("value" if self.comment is None else "kind", str(wrong))
        return cleaned

    def until(self, now: datetime) -> datetime | None:
        """The end that was chosen, None for none; a day, which is one of the site, counts before a number."""
        if last := self.cleaned_data["last_day"]:
            site = self.cleaned_data["site"]
            return midnight(last + timedelta(days=1), site and site.pk)
        days: int = self.cleaned_data["days"]
        return now + timedelta(days=days) if days else None

    def terms(self, now: datetime) -> SanctionTerms:
        """The valid form as the service takes it."""
        site = self.cleaned_data["site"]
        return SanctionTerms(
            site_id=site.pk if site else None,
            reason=self.cleaned_data["reason"],
            until=self.until(now),
            note=self.cleaned_data["note"],
            comment=self.comment,
        )
