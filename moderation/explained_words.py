"""What `moderation.explaining` found, in words of the reader's language, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.models import Floor
from moderation.backtest.past import Told
from moderation.checks import BY_SLUG
from moderation.explained_facts import Fact
from moderation.explaining import Because, Doubt, Explanation, RuleAnswer, What

WHATS = {
    What.HIT: _("hit"),
    What.FAILED: _("failed"),
    What.UNKNOWN: _("not known"),
    What.MISSED: _("saw nothing"),
    What.NOT_APPLIED: _("did not apply"),
}
_BECAUSE = {
    Because.OFF: _("It was off."),
    Because.SITE: _("It is for another site."),
    Because.TRUSTED: _("It is for new authors only, and this one was trusted."),
    Because.STAFF: _("It spares the site's own people, and the author is one of them."),
    Because.OTHERS: _("It is for other comments than this."),
    Because.CHECK: _("Its check has nothing to look at in such a comment."),
    Because.ERASED: _("What its author typed was erased, so it cannot be looked at again."),
    Because.TEXT_GONE: _("The text that it looked at is no longer kept."),
}
_DOUBTS = {
    Doubt.CHECK: _("Found again with another version of the check than the one that judged then."),
    Doubt.FOLDER: _("Found again with another way to fold texts than the one of then."),
    Doubt.LATE: _("A comment that stands before this one arrived only after it was judged."),
    Doubt.SOURCES: _("A comment before it, or its article, was edited, erased, hidden or shown since."),
    Doubt.STAFF: _("Who belongs to the site is as of today: it is not stored."),
    Doubt.SHARED: _("Several rules have this check: which of them failed is not stored."),
    Doubt.HITS_NOW: _("Nothing is stored of it, so it saw nothing then; looked at today, it hits."),
    Doubt.MISSES_NOW: _("This is stored; looked at today, it would not hit."),
    Doubt.FAILS_NOW: _("Looked at today, it fails; what it did then is not stored, so it did not hit."),
}
_DID = {
    "flag": _("It flagged the comment: published, and a person was to look."),
    "hold": _("It held the comment for a person."),
    "reject": _("It rejected the comment."),
}
_POLICIES = {
    "enforce": _("its import is judged like live comments"),
    "flag": _("its import only flags"),
    "trusted": _("its import is trusted: no rule stops it"),
}


def because_in_words(answer: RuleAnswer) -> str:
    """Why it did not look at the comment; empty where it did."""
    return str(_BECAUSE[answer.because]) if answer.because else ""


def doubts_in_words(answer: RuleAnswer) -> list[str]:
    """How far what was found again can be trusted."""
    return [str(_DOUBTS[doubt]) for doubt in answer.doubts]


def did_in_words(answer: RuleAnswer) -> str:
    """What its findings did to the comment; empty where it found nothing."""
    if answer.what is not What.HIT:
        return ""
    if answer.instead == "flag":
        return gettext("Its breaker was open, so it only flagged instead of what its action says.")
    if answer.instead:
        return gettext("A daily quota was full, so it held instead of rejecting.")
    if all(each.mode != "enforce" for each in answer.told):
        return gettext("It did nothing: it only observes.")
    if answer.did == "publish":
        return gettext("It did nothing: the import of this comment is trusted.")
    return str(_DID[answer.did])


def fact_in_words(fact: Fact) -> str:
    """A count, with its window."""
    count = f"{fact.count}+" if fact.enough and fact.count >= fact.enough else f"{fact.count}"
    if fact.kind == "quotes":
        return gettext("quotes: %(count)s") % {"count": count}
    if fact.kind == "published_before":
        return gettext("published comments of this verified author: %(count)s") % {"count": count}
    text = {
        "author": gettext("earlier comments of this author within %(window)s: %(count)s"),
        "address": gettext("earlier comments from this address within %(window)s: %(count)s"),
        "copy": gettext("earlier comments with the same text within %(window)s: %(count)s"),
        "near": gettext("earlier comments with nearly the same text within %(window)s: %(count)s"),
        "crowd": gettext("other authors at this article within %(window)s: %(count)s"),
        "link": gettext("earlier links of others to the same domains within %(window)s: %(count)s"),
    }[fact.kind]
    return text % {"window": window_in_words(fact.seconds), "count": count}


def window_in_words(seconds: int) -> str:
    """A window in the largest unit that it is whole in."""
    for size in (86_400, 3_600, 60):
        if seconds >= size and seconds % size == 0:
            return _in_units(seconds // size, size)
    return _in_units(seconds, 1)


def _in_units(count: int, size: int) -> str:
    text = {
        86_400: gettext("%(count)d d"),
        3_600: gettext("%(count)d h"),
        60: gettext("%(count)d min"),
        1: gettext("%(count)d s"),
    }[size]
    return text % {"count": count}


def facts_in_words(facts: Mapping[str, Any]) -> Iterator[str]:
    """The facts that are stored with a decision; one without words is shown as it is."""
    for name, value in facts.items():
        if name in _FACTS:
            yield str(_FACTS[name](value))
        elif name == "external":
            yield from (_service(*each) for each in value.items())
        elif name not in _TOLD_ELSEWHERE:
            yield f"{name}: {value}"


def _floor(value: str) -> str:
    label = Floor(value).label if value in Floor.values else value
    return gettext("what the site or the article asked for: %(floor)s") % {"floor": label}


def _restrained(value: Mapping[str, str]) -> str:
    told = gettext("rules kept from their action by a breaker or a quota: %(count)d")
    return told % {"count": len(value)}


def _sanctions(value: Sequence[Sequence[Any]]) -> str:
    numbers = ", ".join(f"#{sanction} ({by})" for sanction, by, *_place in value)
    return gettext("sanctions that concerned it: %(sanctions)s") % {"sanctions": numbers}


def _standing(kept: Sequence[int]) -> str:
    """The author's earlier comments, as `moderation.kept_facts` keeps them."""
    if not kept[4]:
        return gettext("nothing told who the author was, so nothing was known of earlier comments")
    text = gettext(
        "earlier comments of the author: published %(published)d, approved by people %(approved)d, "
        "refused %(refused)d"
    )
    return text % {"published": kept[0], "approved": kept[2], "refused": kept[3]}


def _service(name: str, answer: Mapping[str, Any]) -> str:
    """What a service outside said, as `moderation.external.answers` keeps it."""
    failure = answer.get("failure")
    said = failure or ("hit" if answer.get("hit") else "no hit")
    more = [str(answer[each]) for each in ("score", "label") if each in answer]
    told = gettext("service outside, %(service)s: %(answer)s")
    return told % {"service": name, "answer": " ".join([said, *more])}


# The versions of checks are told beside each rule, and its hits by itself.
_TOLD_ELSEWHERE = {"hits", "folder", "checks"}
_FACTS: Mapping[str, Callable[[Any], str]] = {
    "floor": _floor,
    "policy": lambda value: _POLICIES.get(value, value),
    "state": lambda value: gettext("its source had it as: %(state)s") % {"state": value},
    "published_before": lambda value: fact_in_words(Fact("published_before", value)),
    "quotes": lambda value: fact_in_words(Fact("quotes", value)),
    "failed": lambda value: gettext("checks that failed: %(checks)s") % {"checks": ", ".join(value)},
    "restrained": _restrained,
    "standing": _standing,
    "sanctions": _sanctions,
}


def told_in_words(answer: RuleAnswer, told: Told, language: str) -> str:
    """A finding's sentence; its code where the check that had a sentence for it is gone."""
    check = BY_SLUG.get(answer.version.check_slug)
    if check is not None and told.code in check.sentences:
        try:
            return check.sentence(told.code, dict(told.data), language)
        except KeyError:
            pass
    return gettext("%(check)s: %(code)s") % {"check": answer.version.check_slug, "code": told.code}


def check_title(answer: RuleAnswer, language: str) -> str:
    """The title of the check; its slug where there is no such check any more."""
    check = BY_SLUG.get(answer.version.check_slug)
    return check.title[language] if check else answer.version.check_slug


def document(explanation: Explanation, language: str) -> dict[str, Any]:
    """The explanation as JSON, for scripts. It holds the matched words: it is for staff."""
    decision, machine = explanation.decision, explanation.machine
    return {
        "comment": explanation.comment.pk,
        "id": str(explanation.comment.public_id),
        "site": explanation.comment.site.slug,
        "status": explanation.comment.status,
        "decision": decision and _decision(decision),
        "rules_of_decision": machine and _decision(machine),
        "rules": [_rule(answer, language) for answer in explanation.rules],
    }


def _decision(decision: Any) -> dict[str, Any]:
    return {
        "id": decision.pk,
        "at": decision.created_at.isoformat(),
        "by": decision.by.get_username() if decision.by else None,
        "cause": decision.cause,
        "from": decision.from_status,
        "to": decision.to_status,
        "reason": decision.reason.slug if decision.reason else None,
        "revision": decision.revision,
        "rule_set": decision.rule_set_id,
        "facts": decision.facts,
    }


def _rule(answer: RuleAnswer, language: str) -> dict[str, Any]:
    version = answer.version
    return {
        "rule": version.rule.slug,
        "version": version.number,
        "version_id": version.pk,
        "check": version.check_slug,
        "mode": version.mode,
        "action": version.action,
        "what": answer.what,
        "because": answer.because,
        "did": answer.did,
        "instead": answer.instead or None,
        "recomputed": answer.again,
        "doubts": list(answer.doubts),
        "facts": [
            {
                "kind": each.kind,
                "count": each.count,
                "seconds": each.seconds or None,
                "enough": each.enough or None,
            }
            for each in answer.facts
        ],
        "findings": [
            {
                "code": each.code,
                "text": told_in_words(answer, each, language),
                "action": each.action,
                "mode": each.mode,
                "spans": each.spans,
                "data": dict(each.data),
                "evidence": each.evidence,
            }
            for each in answer.told
        ],
    }
