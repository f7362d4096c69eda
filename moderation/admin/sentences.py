"""What happened, in words of the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from moderation.checks import BY_SLUG
from moderation.external.failures import in_words

if TYPE_CHECKING:
    from moderation.models import Finding

# The causes of decisions and cases that are no finding of a rule.
CAUSES = {
    "rules": _("The rules decided."),
    "floor": _("The site asks a person to look before this is published."),
    "no-rule-set": _("No rules are in force, so a person decides."),
    "check-failed": _("A check failed, so a person decides. The error is in the log."),
    "import": _("Its source had not published it."),
    "edit": _("A comment that a person rejected was edited."),
    "audit": _("A random sample of what was decided without a person: was it right?"),
    "sent": _("A colleague asks a person to look at what was decided without one."),
    "person": _("A person decided."),
    "anew": _("A person decided anew."),
    "undo": _("A person took a decision back."),
    "erased": _("What its author typed was erased."),
    "import-undo": _("The import that brought it was undone."),
    "quote-hidden": _("A comment that it quotes was rejected since."),
    "quote-erased": _("A comment that it quotes was erased; its words still stand in the quote."),
    "quote-altered": _("A text that came in since shows that the words of a quote were changed."),
    "import-guess": _("Where a comment begins was guessed in this import."),
}

# The notices of an import that open a case. The ledger keeps them in English.
NOTICES = {
    "guessed-end": _("No picture credit ends the article: its last label line was taken for its end."),
    "guessed-split": _("Nothing marks where this comment begins: it was taken to be one of its own."),
}


def cause_in_words(cause: str) -> str:
    """A cause's sentence, or the title of a check; one that is not known here is shown as it is."""
    if cause in BY_SLUG:
        return BY_SLUG[cause].title[(get_language() or "ja")[:2]]
    return str(CAUSES.get(cause, cause))


def services_in_words(facts: Mapping[str, Any]) -> list[str]:
    """Why services outside said nothing, of a decision's facts; nothing where all answered."""
    language = (get_language() or "ja")[:2]
    failures = dict.fromkeys(
        answer["failure"] for answer in facts.get("external", {}).values() if "failure" in answer
    )
    told = gettext("A service outside gave no answer: %(why)s")
    return [told % {"why": in_words(failure, language)} for failure in failures]


def notice_in_words(code: str, reason: str) -> str:
    """A notice's reason in the reader's language; as the ledger has it where none is known."""
    return str(NOTICES.get(code, reason))


def sentence(finding: Finding, language: str) -> str:
    """A finding's sentence in `ja` or `en`; its rule version is loaded."""
    return sentence_of(finding.rule_version.check_slug, finding.code, finding.data, language)


def sentence_of(slug: str, code: str, data: Mapping[str, Any], language: str) -> str:
    """What a finding with `code` of the check `slug` says.

    Findings are kept for ever, checks are not: where the check or its code
    is gone, the code itself is shown.
    """
    check = BY_SLUG.get(slug)
    if check is not None and code in check.sentences:
        try:
            return check.sentence(code, data, language)
        except KeyError:
            pass
    return gettext("%(check)s: %(code)s") % {"check": slug, "code": code}
