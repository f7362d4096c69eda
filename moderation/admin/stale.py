"""A form that was opened before somebody else saved the same row writes over nothing unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext

from moderation.admin.differences import differences
from moderation.models import RuleVersion, WordListVersion
from moderation.rules import lock_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import QueryDict

    Form = forms.ModelForm[Any]
else:
    Form = forms.ModelForm

Version = RuleVersion | WordListVersion

# Of a value, or of the words of a list, an error shows no more than so much: the page has it all.
_SHOWN = 60
_WORDS = 10


class SeenField(forms.IntegerField):
    """The version that the form was opened with. It is no change of the row."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class SeenForm(Form):
    """Of a row with versions. The page shows `seen_version` in the form."""

    seen_version = SeenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = self._newest()
        self.initial["seen_version"] = newest and newest.number

    def _newest(self) -> Version | None:
        if not self.instance.pk:
            return None
        newest: Version | None = (
            self.instance.versions.select_related("created_by").order_by("-number").first()
        )
        return newest

    def must_be_seen(self) -> None:
        """Add an error if another changed the row meanwhile; saved once more, it is meant so.

        Whoever saves waits from here on, so that nobody comes between this look and the writing.
        """
        seen = self.cleaned_data.get("seen_version")
        if not self.instance.pk or seen is None:
            return
        lock_rules()
        newest = self._newest()
        known = self.instance.versions.filter(number=seen).first()
        if newest is None or known is None or not (changes := list(_changes(known, newest))):
            return
        self.add_error(None, told(newest, changes))
        shown = cast("QueryDict", self.data).copy()
        shown["seen_version"] = str(newest.number)
        self.data = shown


def told(newest: Version, changes: list[str]) -> str:
    """Who saved what and when, and what to do now."""
    sentence = gettext(
        "While you had this page open, %(who)s saved version %(number)d (%(time)s): %(changes)s. Nothing "
        "of yours is saved yet. Put into the form what shall stay of it, then save again."
    )
    return sentence % {
        "who": newest.created_by.get_username() if newest.created_by else "–",
        "number": newest.number,
        "time": date_format(localtime(newest.created_at), "SHORT_DATETIME_FORMAT"),
        "changes": gettext("; ").join(changes),
    }


def _changes(before: Version, after: Version) -> Iterator[str]:
    if isinstance(before, RuleVersion) and isinstance(after, RuleVersion):
        lists = [each.word_list_version and each.word_list_version.word_list_id for each in (before, after)]
        for each in differences(before, after):
            # A rule gets a version with each word of its list, too: that is no change of the rule.
            if each.label != gettext("word list") or lists[0] != lists[1]:
                yield f"{each.label}: {_short(each.before)} → {_short(each.after)}"
    elif isinstance(before, WordListVersion) and isinstance(after, WordListVersion):
        yield from words_changed(before.words, after.words)


def _list_of(version: RuleVersion) -> int | None:
    return version.word_list_version.word_list_id if version.word_list_version else None


def words_changed(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The words that came, then those that went; of many the first."""
    for sign, more, less in (("+", after, before), ("−", before, after)):
        known = frozenset(less)
        words = [word for word in more if word not in known]
        yield from (f"{sign} {_short(word)}" for word in words[:_WORDS])
        if len(words) > _WORDS:
            yield gettext("%(sign)s %(count)d more") % {"sign": sign, "count": len(words) - _WORDS}


def _short(text: str) -> str:
    return Truncator(text).chars(_SHOWN)
