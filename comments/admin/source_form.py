"""The form of an import source: what is wrong with it is said at the field, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from comments.admin.run_page import TITLES
from comments.drafts import Refused, canonical_url
from comments.formats.base import Unreadable
from comments.formats.columns import KNOWN
from comments.formats.encoding import codec
from comments.models import ImportSource
from comments.sources import credentials, fetching
from comments.sources.addresses import parse
from comments.sources.faults import Fault
from comments.sources.schedules import PERIODS, Rhythm, rhythm_of
from comments.sources.spool import MEGABYTE, too_large

INTERVAL, CRONTAB = "interval", "crontab"


def columns_from_lines(text: str) -> dict[str, str]:
    """`{field: column}` of lines `field = column`. Raises `Fault`."""
    named: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        field, equals, column = (part.strip() for part in line.partition("="))
        if not equals or field not in KNOWN:
            raise Fault(
                _("Write one a line, as: body = 本文. The fields are: %(known)s."), known=", ".join(KNOWN)
            )
        named[field] = column
    return named


def columns_to_lines(named: Mapping[str, str]) -> str:
    return "\n".join(f"{field} = {column}" for field, column in named.items())


class PairsField(forms.CharField):
    """A mapping, typed as lines of `name = value`."""

    def __init__(
        self, read: Callable[[str], dict[str, str]], write: Callable[[Mapping[str, str]], str], **kwargs: Any
    ) -> None:
        super().__init__(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), **kwargs)
        self.read, self.write = read, write

    def prepare_value(self, value: Any) -> Any:
        return self.write(value) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        try:
            return self.read(super().to_python(value) or "")
        except Fault as fault:
            raise ValidationError(str(fault)) from None


class SourceForm(forms.ModelForm[ImportSource]):
    """A source with its upload and its schedule, which `comments.sources.editing.store` takes."""

    upload = forms.FileField(
        label=_("Or upload a file"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        help_text=_("It takes the place of the address. A new upload replaces the one before."),
    )
    credentials = PairsField(
        credentials.from_lines,
        credentials.to_lines,
        label=_("Credentials"),
        help_text=_(
            "One a line: what it is, and the name of the variable of the environment that holds it. For "
            "https: token, username, password, header NAME, query NAME; for s3: key, secret, token, "
            "endpoint_url; for sftp: username, password, key_filename, passphrase, host_key. "
            "As: token = SEKISHO_IMPORT_PARTNER"
        ),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        choices=lambda: [("", _("told by content")), *TITLES.items()],
        widget=UnfoldAdminSelectWidget(),
    )
    columns = PairsField(
        columns_from_lines,
        columns_to_lines,
        label=_("Columns"),
        help_text=_("For tables whose columns have names that we do not know, one a line: body = 本文"),
    )
    rhythm = forms.ChoiceField(
        label=_("How often"),
        required=False,
        choices=(
            ("", _("When somebody asks for it")),
            (INTERVAL, _("Every so many minutes, hours or days")),
            (CRONTAB, _("By the clock")),
        ),
        widget=UnfoldAdminSelectWidget(),
    )
    every = forms.IntegerField(
        label=_("Every"), required=False, min_value=1, max_value=1_000, widget=UnfoldAdminIntegerFieldWidget()
    )
    period = forms.ChoiceField(
        label=_("Period"), required=False, choices=tuple(PERIODS.items()), widget=UnfoldAdminSelectWidget()
    )
    crontab = forms.CharField(
        label=_("By the clock"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_(
            "Minute, hour, day of the month, month, weekday, in the site's time zone; * is every one. "
            "30 4 * * * is every day at 4:30, 0 */6 * * * every six hours, 0 5 * * 1 Mondays at 5:00."
        ),
    )

    class Meta:
        model = ImportSource
        fields = (
            "site", "slug", "owner", "address", "credentials", "max_megabytes", "max_seconds",
            "format", "policy", "zone", "encoding", "columns", "url",
        )  # fmt: skip
        help_texts = {
            "slug": _("Its comments are known by it and their id there. It cannot be changed later."),
            "owner": _("Who hears of it when it cannot be read."),
            "address": _(
                "https://…, s3://…, sftp://…, or the path of a file or folder on the server; * and ? in a "
                "path stand for several files, each of which is read on its own."
            ),
            "max_megabytes": _("Of each file."),
            "max_seconds": _("Until each file is here."),
            "policy": _("How far it is trusted. Empty: as its format usually is."),
            "zone": _("Of dates that name none, as Asia/Tokyo. Empty: the site's."),
            "encoding": _("As utf-8, shift_jis or euc-jp. Empty: told by content."),
            "url": _(
                "Of the article, if it is the text of a page; else of the site that its paths belong to."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rhythm = rhythm_of(self.instance) if self.instance.pk else None
        if rhythm is not None:
            self.initial = {
                **self.initial,
                "rhythm": CRONTAB if rhythm.crontab else INTERVAL,
                "every": rhythm.every or None,
                "period": rhythm.period,
                "crontab": rhythm.crontab,
            }

    def wanted_rhythm(self) -> Rhythm | None:
        """The schedule as it was typed."""
        cleaned = self.cleaned_data
        if cleaned.get("rhythm") == CRONTAB:
            return Rhythm(crontab=" ".join((cleaned.get("crontab") or "").split()) or "-")
        if cleaned.get("rhythm") == INTERVAL:
            return Rhythm(every=cleaned.get("every") or 0, period=cleaned.get("period") or "hours")
        return None

    def clean_encoding(self) -> str:
        name: str = self.cleaned_data["encoding"]
        try:
            return codec(name) if name else ""
        except Unreadable:
            raise ValidationError(_("No encoding has this name. Write utf-8, shift_jis or euc-jp.")) from None

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            return canonical_url(url) if url else ""
        except Refused as refused:
            raise ValidationError(refused.mend) from None

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        limit = settings.IMPORT_UPLOAD_MEGABYTES * MEGABYTE
        if upload and (upload.size or 0) > limit:
            raise ValidationError(str(too_large(limit)))
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        address, named = (cleaned.get("address") or "").strip(), cleaned.get("credentials") or {}
        if address and not cleaned.get("upload"):
            self._try("address", lambda: fetching.check(address))
            with suppress(Fault):
                parsed = parse(address)
                self._try("credentials", lambda: credentials.check(named, parsed))
        elif named:
            self.add_error("credentials", _("A file that was uploaded needs none."))
        self._check_rhythm(has_address=bool(address or cleaned.get("upload")))
        return cleaned

    def _check_rhythm(self, *, has_address: bool) -> None:
        rhythm = self.wanted_rhythm()
        site = self.cleaned_data.get("site") or (self.instance.site if self.instance.site_id else None)
        if rhythm is None or site is None:
            return
        if not has_address:
            self.add_error("rhythm", _("To be read by itself it needs an address."))
        field = "crontab" if rhythm.crontab else "every"
        if field not in self.errors:
            self._try(field, lambda: rhythm.after(timezone.now(), site.zone))

    def _try(self, field: str, check: Callable[[], object]) -> None:
        try:
            check()
        except Fault as fault:
            self.add_error(field, str(fault))
