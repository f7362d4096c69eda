"""What others have saved while a form stood open is not written over by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext

from moderation.models import RuleVersion
from moderation.rules import TERMS, lock_rules

if TYPE_CHECKING:
    from moderation.models import Rule, WordList, WordListVersion


class Seen(forms.IntegerField):
    """The number of the version that the form shows; `change_form_before_template` holds it."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


def newest_number(row: Rule | WordList) -> int | None:
    """What a form that is opened now shows; None for what is not saved yet."""
    if not row.pk:
        return None
    newest: int | None = row.versions.order_by("-number").values_list("number", flat=True).first()
    return newest


def saved_since(row: Rule | WordList, seen: int | None) -> str:
    """Who has saved something else since the version `seen`, in words; empty if nobody has.

    Within the transaction of the save: whoever saves at this moment is waited for.
    """
    if seen is None or not row.pk:
        return ""
    lock_rules()
    newest = row.versions.select_related("created_by").order_by("-number").first()
    then = row.versions.filter(number=seen).first()
    if newest is None or then is None or _says(newest) == _says(then):
        return ""
    told = gettext(
        "Version %(number)d was saved by %(who)s while this form stood open, and this would undo it. "
        "Open it anew in another tab and enter your change there."
    )
    who = newest.created_by.get_username() if newest.created_by else gettext("the system")
    return told % {"number": newest.number, "who": who}


def _says(version: RuleVersion | WordListVersion) -> object:
    """What a person wrote; a rule gets a version with each word of its list, too."""
    if not isinstance(version, RuleVersion):
        return version.words
    words = version.word_list_version
    return [getattr(version, name) for name in TERMS], words and words.word_list_id
