"""Sites, who belongs to them, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from comments.admin.base import Bounded, Kept, SiteFilter
from comments.models import Membership, Site, SiteKey

if TYPE_CHECKING:
    from django.forms import ModelForm


class MembershipOfSiteInline(Bounded, TabularInline[Membership, Site]):
    model = Membership
    fields = ("user",)
    extra = 0
    verbose_name_plural = _("members")


class MembershipOfUserInline(Bounded, TabularInline[Membership, User]):
    model = Membership
    fields = ("site",)
    extra = 0


@admin.register(Site)
class SiteAdmin(Bounded, Kept, ModelAdmin[Site]):
    """Deleting a site would take its archive with it: close it by its floor instead."""

    list_display = ("name", "slug", "language", "zone", "floor")
    fieldsets = (
        (None, {"fields": ("name", "slug", "language", "zone")}),
        (
            _("Before any rule"),
            {
                "fields": ("floor",),
                "description": _(
                    "What the site asks for before any rule is looked at. An article may ask for more."
                ),
            },
        ),
    )
    inlines = (MembershipOfSiteInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Site | None = None) -> tuple[str, ...]:
        # The slug stands in seeds and commands: it is chosen once.
        return ("slug",) if obj else ()


@admin.register(SiteKey)
class SiteKeyAdmin(Bounded, Kept, ModelAdmin[SiteKey]):
    """A key is made and revoked; there is nothing in it to change."""

    list_display = ("name", "site", "begins_with", "created_at", "state", "revoke_link")
    list_filter = (SiteFilter,)
    list_select_related = ("site",)
    fields = ("site", "name")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("begins with"))
    def begins_with(self, key: SiteKey) -> str:
        return f"{key.prefix}…"

    @display(description=_("state"), label={"revoked": "danger", "valid": "success"})
    def state(self, key: SiteKey) -> tuple[str, Any]:
        return ("revoked", _("revoked")) if key.revoked_at else ("valid", _("valid"))

    @display(description="")
    def revoke_link(self, key: SiteKey) -> str:
        if key.revoked_at:
            return ""
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            reverse("admin:comments_sitekey_revoke", args=[key.pk]),
            _("Revoke"),
        )

    def save_model(self, request: HttpRequest, obj: SiteKey, form: ModelForm[SiteKey], change: bool) -> None:
        key, secret = SiteKey.mint(obj.site, obj.name)
        obj.pk, obj.prefix = key.pk, key.prefix
        # Read by `response_add` in the same request, and gone with it.
        request.secret = secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: SiteKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new key"),
            "key": obj,
            "secret": request.secret,  # type: ignore[attr-defined]
            "back": reverse("admin:comments_sitekey_changelist"),
        }
        # Every page of the admin is sent with `Cache-Control: no-store`; so is this one.
        return TemplateResponse(request, "admin/comments/sitekey/secret.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:key>/revoke/", view, name="comments_sitekey_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Ask, then revoke: an application that uses the key stops at once."""
        if not request.user.has_perm("comments.change_sitekey"):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=key, revoked_at=None)
        if request.method == "POST":
            row.revoked_at = timezone.now()
            row.save(update_fields=["revoked_at"])
            self.log_change(request, row, [{"changed": {"fields": [str(_("revoked"))]}}])
            messages.success(request, _("The key %(key)s is revoked.") % {"key": row})
            return redirect("admin:comments_sitekey_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revoke the key %(key)s?") % {"key": row},
            "explanation": _(
                "Whatever speaks to the API with this key is refused from this moment on. "
                "A revoked key cannot be made valid again; make a new one instead."
            ),
            "button": _("Revoke"),
            "back": reverse("admin:comments_sitekey_changelist"),
        }
        return TemplateResponse(request, "admin/confirm.html", context)
