"""What stands in the admin's sidebar, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from moderation.admin.queue import count_all

if TYPE_CHECKING:
    from django.http import HttpRequest


def _may_see(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _is_at_the_desk(request: HttpRequest) -> bool:
    desk, log = reverse("desk:queue"), reverse("desk:log")
    return request.path.startswith(desk) and not request.path.startswith(log)


def _model(title: Any, icon: str, app: str, name: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _may_see(f"{app}.view_{name}"),
    }


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the sidebar; an entry shows only to those who may see its page."""
    desk = {
        "title": _("The desk"),
        "icon": "inbox",
        "link": reverse_lazy("desk:queue"),
        "permission": _may_see("moderation.view_case"),
        # The log lies under the desk's address and has an entry of its own.
        "active": _is_at_the_desk,
    }
    if request.user.has_perm("moderation.view_case"):
        desk["badge"] = f"{count_all(request):,}"
        desk["badge_variant"] = "primary"
    return [
        {
            "title": _("Moderation"),
            "items": [
                desk,
                _model(_("Comments"), "forum", "comments", "comment"),
                _model(_("Articles"), "article", "comments", "article"),
                _model(_("Decisions"), "gavel", "moderation", "decision"),
                _model(_("Sanctions"), "person_off", "moderation", "sanction"),
                {
                    "title": _("Decided without a person"),
                    "icon": "smart_toy",
                    "link": reverse_lazy("desk:log"),
                    "permission": _may_see("moderation.view_decision"),
                },
            ],
        },
        {
            "title": _("Rules"),
            "separator": True,
            "items": [
                _model(_("Rules"), "rule", "moderation", "rule"),
                _model(_("Word lists"), "dictionary", "moderation", "wordlist"),
                _model(_("Reasons"), "label", "moderation", "reason"),
                _model(_("Rule sets"), "history", "moderation", "ruleset"),
                _model(_("Safeguards"), "shield", "moderation", "safeguards"),
                {
                    "title": _("Try-outs"),
                    "icon": "science",
                    "link": reverse_lazy("admin:moderation_tryout_changelist"),
                    "permission": _may_see("moderation.view_rule"),
                },
            ],
        },
        {
            "title": _("Imports"),
            "separator": True,
            "items": [
                _model(_("Import runs"), "download", "comments", "importrun"),
                _model(_("Problems and notices"), "report", "comments", "importproblem"),
                _model(_("Import sources"), "database", "comments", "importsource"),
            ],
        },
        {
            "title": _("Sites and people"),
            "separator": True,
            "items": [
                _model(_("Sites"), "language", "comments", "site"),
                _model(_("Site keys"), "key", "comments", "sitekey"),
                _model(_("Users"), "person", "auth", "user"),
                _model(_("Groups"), "group", "auth", "group"),
                _model(_("Schedules"), "schedule", "django_celery_beat", "periodictask"),
                _model(_("Failed logins"), "lock_clock", "axes", "accessattempt"),
            ],
        },
    ]


def environment(_request: HttpRequest) -> list[str] | None:
    """A mark beside the account, so that nobody takes a development system for the real one."""
    return [str(_("development")), "warning"] if settings.DEBUG else None


def stylesheet(_request: HttpRequest) -> str:
    """The address of our own style sheet, which whitenoise may have given a digest."""
    return static("moderation/admin.css")


def script(_request: HttpRequest) -> str:
    """The address of what makes Unfold's menus open by key."""
    return static("moderation/keyboard.js")
