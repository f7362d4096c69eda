"""What stands in the admin's sidebar, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from moderation.admin.queue import count_escalated, count_waiting
from moderation.services.escalating import DECIDE_ESCALATED

if TYPE_CHECKING:
    from django.http import HttpRequest


def _may_see(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)


def _is_at_the_desk(request: HttpRequest) -> bool:
    names = ("log", "audit", "disagreements", "dashboard")
    own = tuple(reverse(f"desk:{name}") for name in names)
    return request.path.startswith(reverse("desk:queue")) and not request.path.startswith(own)


def _is_among_escalated(request: HttpRequest) -> bool:
    return _is_at_the_desk(request) and request.GET.get("escalated") == "1"


def _badge(number: int, name: str) -> SafeString:
    """A number that `static/moderation/desk_flow.js` keeps true without a page load."""
    return format_html("<span data-{}{}>{}</span>", name, "" if number else " data-none", f"{number:,}")


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
        # The log and others lie under the desk's address and have entries of their own.
        "active": lambda request: _is_at_the_desk(request) and not _is_among_escalated(request),
    }
    if request.user.has_perm("moderation.view_case"):
        desk["badge"] = _badge(count_waiting(request.user), "waiting")
        desk["badge_variant"] = "primary"
    escalated = {
        "title": _("Escalated"),
        "icon": "move_up",
        "link": f"{reverse('desk:queue')}?escalated=1",
        "permission": _may_see(DECIDE_ESCALATED),
        "active": _is_among_escalated,
    }
    if request.user.has_perm(DECIDE_ESCALATED):
        escalated |= {"badge": _badge(count_escalated(request.user), "escalated"), "badge_variant": "warning"}
    return [
        {
            "title": _("Moderation"),
            "items": [
                desk,
                escalated,
                {
                    "title": _("Dashboard"),
                    "icon": "bar_chart",
                    "link": reverse_lazy("desk:dashboard"),
                    "permission": _may_see("moderation.view_case"),
                },
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
                {
                    "title": _("Disagreements"),
                    "icon": "compare_arrows",
                    "link": reverse_lazy("desk:disagreements"),
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
                {
                    "title": _("Audit"),
                    "icon": "policy",
                    "link": reverse_lazy("desk:audit"),
                    "permission": _may_see("comments.view_disclosure"),
                },
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


def icon(_request: HttpRequest) -> str:
    """The address of the sign of the tab: a gate."""
    return static("moderation/icon.svg")


def script(_request: HttpRequest) -> str:
    """The address of what makes Unfold's menus open by key."""
    return static("moderation/keyboard.js")
