"""What is handed in to decide many cases: which, on which version, and what is wanted with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django import forms

from moderation.admin.decide_form import DecideForm
from moderation.admin.filters import Filters
from moderation.admin.queue import cases_of, cases_of_groups, count_waiting, record_search
from moderation.services import Wanted
from moderation.services.bulk_deciding import MOST

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cases that were marked, `{case: the version of its comment that was seen, if one was}`.

    `among` are all that the page shows, the marked and the unmarked. `number`
    is how many there were, where only the first `MOST` are taken.
    """

    marked: Mapping[int, int | None]
    among: tuple[int, ...]
    number: int

    @property
    def is_cut(self) -> bool:
        return self.number > len(self.among)


def read(data: QueryDict, user: User, filters: Filters) -> Chosen:
    """What was chosen: rows of the list, groups, or all that the filters find; what is no case is left out.

    A row of the list is `case=12`; one whose comment was seen is `case=12.3`
    with the version. `group=12` are the open cases of a group of like ones.
    """
    if data.get("all") == "1":
        keys = cases_of(user, filters, MOST)
        record_search(user, filters, keys)
        number = count_waiting(user, filters) if len(keys) == MOST else len(keys)
        return Chosen(dict.fromkeys(keys), tuple(keys), max(number, len(keys)))
    marked: dict[int, int | None] = {}
    for value in data.getlist("case"):
        key, _, version = value.partition(".")
        if (case := _number(key)) is not None:
            marked[case] = _number(version)
    among = _numbers(data.get("among", ""))
    groups = [group for value in data.getlist("group") if (group := _number(value)) is not None]
    if groups and not among:
        found = cases_of_groups(user, filters, groups, MOST + 1)
        marked = {**dict.fromkeys(found), **marked}
    shown = tuple(dict.fromkeys([*among, *marked]))
    kept = set(shown[:MOST])
    return Chosen({key: seen for key, seen in marked.items() if key in kept}, shown[:MOST], len(shown))


def _numbers(value: str) -> list[int]:
    found = (_number(each) for each in value.split(",")[: 2 * MOST])
    return [each for each in found if each is not None]


def _number(value: str) -> int | None:
    """A number that a column can hold, or None for what is none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


class BulkForm(DecideForm):
    """As for one case; what was seen of each comes with the case."""

    seen_version = None  # type: ignore[assignment]

    def wishes(self, marked: Mapping[int, int | None]) -> list[Wanted]:
        """The valid form for each case; one whose comment was not seen is refused as changed."""
        self.cleaned_data["seen_version"] = 0
        # Their sites may speak different languages: what was typed is told to all.
        like = self.wanted(0)
        return [
            replace(like, case_id=key, seen_version=-1 if seen is None else seen)
            for key, seen in marked.items()
        ]


class TokenForm(forms.Form):
    """The page that was pressed on: a second press of it is no second deed."""

    token = forms.UUIDField()


class PressForm(BulkForm, TokenForm):
    """The last press."""
