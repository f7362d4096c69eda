"""A rule's service in the admin: how it answers, a try, and asking again about what waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comments.admin.base import person, visible
from moderation.admin.safety import may_reset
from moderation.checks.external import External
from moderation.external.failures import in_words
from moderation.external.service import ask_again, health_of, sample_of, try_service, waiting_for
from moderation.models import Rule
from moderation.rules import WrongParameters, build_check

if TYPE_CHECKING:
    from moderation.external.calling import Reply


def check_of(rule: Rule | None) -> External | None:
    """The check of a rule that asks a service; none of another, nor of one that fits no longer."""
    if rule is None or rule.check_slug != External.slug:
        return None
    try:
        check = build_check(rule.check_slug, rule.params)
    except WrongParameters:
        return None
    assert isinstance(check, External)
    return check


def panel(request: HttpRequest, rule: Rule | None) -> dict[str, Any] | None:
    """What the page of a rule shows of its service."""
    check = check_of(rule)
    if rule is None or check is None:
        return None
    health = health_of(check, person(request), timezone.now())
    return {
        "health": health,
        "obstacle": _told(health.obstacle) if health.obstacle else "",
        "failures": [(_told(failure), count) for failure, count in health.failures.items()],
        "may": may_reset(request, rule),
    }


def _told(failure: str) -> str:
    return in_words(failure, (get_language() or "ja")[:2])


def _rule(request: HttpRequest, key: int) -> tuple[Rule, External]:
    """A rule that asks a service, and whose Lead he is."""
    rule: Rule = get_object_or_404(visible(Rule, request.user), pk=key)
    if not may_reset(request, rule):
        raise PermissionDenied
    check = check_of(rule)
    if check is None:
        raise Http404
    return rule, check


@require_http_methods(["GET", "HEAD", "POST"])
def try_view(request: HttpRequest, key: int) -> HttpResponse:
    """Show what would be sent, then send it and tell what came back."""
    rule, check = _rule(request, key)
    now = timezone.now()
    reply = try_service(check, now) if request.method == "POST" else None
    context = {
        **admin.site.each_context(request),
        "title": _("Try the service of “%(rule)s”") % {"rule": rule},
        "address": check.address,
        "sample": sample_of(check, now),
        "reply": reply,
        "told": reply and _answer_in_words(reply),
        "back": reverse("admin:moderation_rule_change", args=[rule.pk]),
    }
    return TemplateResponse(request, "admin/moderation/rule/service_try.html", context)


def _answer_in_words(reply: Reply) -> str:
    answer = reply.answer
    if answer.failure:
        return _told(answer.failure)
    said = [str(_("a hit") if answer.hit else _("no hit"))]
    said += [answer.label] if answer.label else []
    said += [str(_("%(score)d of 100") % {"score": answer.score})] if answer.score is not None else []
    values = {"said": ", ".join(said), "milliseconds": reply.milliseconds}
    return str(_("It answered within %(milliseconds)d ms: %(said)s.") % values)


@require_http_methods(["GET", "HEAD", "POST"])
def again_view(request: HttpRequest, key: int) -> HttpResponse:
    """Have it asked again about what waits because it did not answer."""
    rule, check = _rule(request, key)
    waiting = waiting_for(check, person(request))
    back = reverse("admin:moderation_rule_change", args=[rule.pk])
    if request.method == "POST":
        asked = ask_again(waiting, by=person(request))
        messages.success(request, _("%(count)d comments are screened again.") % {"count": asked})
        return redirect(back)
    told = _(
        "%(count)d comments wait for a person and the service said nothing about them. It is asked again, "
        "and the rules decide anew; what a person has decided stays."
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Ask the service of “%(rule)s” again?") % {"rule": rule},
        "explanation": told % {"count": len(waiting)},
        "button": _("Ask again"),
        "harmless": True,
        "back": back,
    }
    return TemplateResponse(request, "admin/confirm.html", context)
