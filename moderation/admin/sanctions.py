"""Sanctions in the admin: whom a site does not let write without a look; set with a preview, and lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from comments.admin.base import Bounded, Kept, SiteFilter, person, row_id
from comments.admin.revealing import reveal_link, reveals
from comments.disclosing import DisclosedBy, DisclosedKind, disclose_file
from comments.masking import may_see_personal_data
from comments.models import Comment, Disclosure
from moderation import services
from moderation.admin.again import AGAIN
from moderation.admin.foreseeing import foresee
from moderation.admin.sanction_form import SanctionForm
from moderation.admin.veiling import veil_context
from moderation.models import Sanction
from moderation.offers import offers_in
from moderation.rules import in_force
from moderation.services.sanctioning import (
    AlreadySanctionedError,
    NoReasonError,
    may_lift,
    may_sanction,
)
from moderation.targets import Kind, masked

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from moderation.targets import Target

STATES: dict[str, Any] = {"force": _("in force"), "over": _("over"), "lifted": _("lifted")}
STATE_LABELS = {"force": "warning", "over": "default", "lifted": "default"}


def state_of(row: Sanction) -> str:
    """One of `STATES`."""
    if row.lifted_at:
        return "lifted"
    return "force" if row.in_force(timezone.now()) else "over"


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, label in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        left = queryset.filter(lifted_at=None)
        match self.value():
            case "force":
                return left.exclude(until__lte=timezone.now())
            case "over":
                return left.filter(until__lte=timezone.now())
            case "lifted":
                return queryset.exclude(lifted_at=None)
        return queryset


@admin.register(Sanction)
class SanctionAdmin(Bounded, Kept, ModelAdmin[Sanction]):
    """Set here or from a comment; lifted, and never changed nor deleted."""

    list_filter = (StateFilter, ("kind", ChoicesDropdownFilter), SiteFilter)
    list_filter_submit = True
    list_select_related = ("site", "reason", "created_by")
    list_before_template = "admin/moderation/sanction/before_list.html"
    change_form_before_template = "admin/moderation/sanction/before_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (
            *("__str__", "in_part", "kind", "state", "site", "until"),
            *("reason", "created_by", "created_at"),
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (
            *(
                "in_full" if reveals(request) else "in_part",
                "kind",
                "site",
                "state_in_words",
                "until",
                "reason",
                "note",
                "of_comment",
            ),
            *("created_by", "created_at", "lifted_by", "lifted_at", "lifted_why"),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    @display(description=_("against"))
    def in_full(self, row: Sanction) -> str:
        return row.shown

    @display(description=_("against"))
    def in_part(self, row: Sanction) -> str:
        return masked(row.kind, row.shown)

    @display(description=_("state"), label=STATE_LABELS)
    def state(self, row: Sanction) -> tuple[str, str]:
        key = state_of(row)
        return key, str(STATES[key])

    @display(description=_("state"))
    def state_in_words(self, row: Sanction) -> str:
        return str(STATES[state_of(row)])

    @display(description=_("comment"))
    def of_comment(self, row: Sanction) -> str:
        if row.comment_id is None:
            return "–"
        address = reverse("admin:comments_comment_change", args=[row.comment_id])
        return format_html('<a class="underline" href="{}">#{}</a>', address, row.comment_id)

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(self.lift_view)
        return [path("<int:pk>/lift/", lift, name="moderation_sanction_lift"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; where no rule asks for sanctions, that is told before it."""
        before = {"asleep": not in_force().needs.sanctions}
        return super().changelist_view(request, {**(extra_context or {}), **before})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_queryset(request).filter(pk=row_id(object_id) or 0).first()
        before = {
            "row": row,
            "reveal": _reveal(request, row),
            "may_lift": row is not None and row.lifted_at is None and may_lift(person(request), row),
            "may_screen": request.user.has_perm(AGAIN),
            "asleep": not in_force().needs.sanctions,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **before})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First what it would have found, then it is set."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        user, comment = person(request), _comment(request)
        form = SanctionForm(request.POST or None, user=user, comment=comment)
        foreseen, already = None, None
        if request.method == "POST" and form.is_valid():
            site = form.cleaned_data["site"]
            if not may_sanction(user, site.pk if site else None):
                raise PermissionDenied
            assert form.target is not None
            if "set" in request.POST:
                try:
                    return self._set(request, form, form.target)
                except AlreadySanctionedError as error:
                    already = error.sanction
            foreseen = foresee(user, form.target, site.pk if site else None, typed=comment is None)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("A new sanction"),
            **veil_context(request, [comment]),
            "form": form,
            "comment": comment,
            "foreseen": foreseen,
            "already": already,
            "back": reverse("admin:moderation_sanction_changelist"),
        }
        status = 422 if form.errors or already else 200
        return TemplateResponse(request, "admin/moderation/sanction/add.html", context, status=status)

    def _set(self, request: HttpRequest, form: SanctionForm, target: Target) -> HttpResponse:
        now = timezone.now()
        made = services.sanction(target, form.terms(now), by=person(request), now=now)
        messages.success(request, gettext("The sanction is in force for what arrives from now on."))
        return redirect("admin:moderation_sanction_change", made.pk)

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, and end it."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        if not may_lift(person(request), row):
            raise PermissionDenied
        error = ""
        if request.method == "POST":
            why = request.POST.get("reason", "").replace("\0", "")[:2_000]
            try:
                done = services.lift(pk, by=person(request), why=why, now=timezone.now())
            except NoReasonError:
                error = gettext("Say why: it is kept with the sanction.")
            else:
                told = gettext("The sanction is lifted.") if done else gettext("It was lifted already.")
                messages.success(request, told)
                return redirect("admin:moderation_sanction_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Lift sanction %(number)s?") % {"number": row},
            "row": row,
            "shown": masked(row.kind, row.shown),
            "error": error,
            "back": reverse("admin:moderation_sanction_change", args=[pk]),
        }
        return TemplateResponse(
            request, "admin/moderation/sanction/lift.html", context, status=422 if error else 200
        )


def _reveal(request: HttpRequest, row: Sanction | None) -> str:
    """The way to an address in full, or that it is shown, which is recorded here."""
    if row is None or row.kind != Kind.ADDRESS or not may_see_personal_data(request.user):
        return ""
    if reveals(request):
        shown = Disclosure(by_page=DisclosedBy.SANCTION, site=row.site, about=row.pk)
        shown.kinds = [DisclosedKind.ADDRESS]
        shown.comments = [row.comment_id] if row.comment_id else []
        disclose_file(shown, by=person(request))
    return reveal_link(request)


def _comment(request: HttpRequest) -> Comment | None:
    """The comment that the sanction is set from, within his sites. Raises Http404."""
    given = request.GET.get("comment")
    if given is None:
        return None
    found = Comment.objects.visible_to(person(request)).filter(pk=row_id(given) or 0, erased_at=None).first()
    if found is None or not offers_in(found):
        raise Http404
    return found
