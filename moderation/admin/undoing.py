"""The page on which a person takes an import run back: what would be done, why, how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comments.admin.base import person
from comments.models import Comment, ImportRun, RunStatus
from comments.undoing import NotUndoable
from moderation import doorbell
from moderation.admin.pages import needs, page_context
from moderation.admin.veiling import veil_context
from moderation.models import ImportUndo
from moderation.services import begin_undo
from moderation.undo_words import causes_in_words
from moderation.undoing import Cause, Figures, Options, Tally, articles_of, name_of, preview, size_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

UNDO = "moderation.undo_import"
# So long a request may look at what a run has brought: some hundred thousand comments.
PREVIEW_SECONDS = 3.0
# Words for colleagues; what is longer belongs elsewhere.
REASON_LIMIT = 1_000


class UndoForm(forms.Form):
    """Why, and what of it in spite of what people have done."""

    reason = forms.CharField(
        max_length=REASON_LIMIT, error_messages={"required": _("Say why: it is kept with the run.")}
    )
    include_decided = forms.BooleanField(required=False)
    include_answered = forms.BooleanField(required=False)

    def options(self) -> Options:
        """The options of the valid form."""
        return Options(self.cleaned_data["include_decided"], self.cleaned_data["include_answered"])


@dataclass(frozen=True, slots=True)
class Line:
    """Comments with one fate: `fate` is `withdrawn`, `restored` or `left`; with a few of them."""

    fate: str
    words: str
    number: int
    examples: Sequence[Comment]


@dataclass(frozen=True, slots=True)
class Done:
    """An undo with its figures in words; `percent` of one that is not finished yet."""

    undo: ImportUndo
    figures: Figures
    left: Sequence[tuple[str, int]]
    percent: int


@needs(UNDO)
@require_http_methods(["GET", "HEAD", "POST"])
def undo_import(request: HttpRequest, key: int) -> HttpResponse:
    """What an undo of the run would do; with a reason it is begun, and the workers do it."""
    user = person(request)
    run = ImportRun.objects.visible_to(user).select_related("source__site").filter(pk=key).first()
    if run is None:
        raise Http404(gettext("There is no such import run at your sites."))
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _begin(request, run, form)
        return redirect(reverse("desk:undo_import", args=[run.pk]))
    undos = undos_of(run)
    going = next((each for each in undos if each.undo.finished_at is None), None)
    context = {
        **page_context(request, gettext("Undo import run %(number)d") % {"number": run.pk}),
        "run": run,
        "form": form,
        "going": going,
        "undos": [each for each in undos if each is not going],
        "running": run.status == RunStatus.RUNNING,
    }
    if going is None:
        tally = preview(run, seconds=PREVIEW_SECONDS)
        context |= {"tally": tally, "lines": _lines(tally, user), "articles": articles_of(run)}
        context |= veil_context(request, [key for keys in tally.examples.values() for key in keys])
        context["anything"] = any(_can_be_taken(causes) for _, causes in tally.counts)
    status = 422 if form.errors else 200
    return TemplateResponse(request, "moderation/undo_import.html", context, status=status)


def _begin(request: HttpRequest, run: ImportRun, form: UndoForm) -> None:
    """Record what is wanted and ring for the workers; say so if it can not be."""
    try:
        with transaction.atomic():
            begin_undo(
                run.pk,
                form.options(),
                now=timezone.now(),
                by=person(request),
                reason=form.cleaned_data["reason"],
            )
            transaction.on_commit(doorbell.ring_for_undos)
    except NotUndoable:
        text = gettext(
            "Not undone: a run of this source is going on (pause or cancel it first), or an undo with "
            "other options is."
        )
        messages.error(request, text)


def undos_of(run: ImportRun) -> list[Done]:
    """The undos of a run, newest first."""
    size = size_of(run)
    found = []
    for undo in run.undos.select_related("by").order_by("-pk"):
        counts = {"withdrawn": 0, "restored": 0, "left": {}, **undo.counts}
        figures = Figures(**counts)
        left = [(causes_in_words(name), number) for name, number in figures.left.items()]
        found.append(Done(undo, figures, left, min(99, 100 * undo.done // max(size, 1))))
    return found


def _can_be_taken(causes: frozenset[Cause]) -> bool:
    return causes <= Options(include_decided=True, include_answered=True).waived


def _lines(tally: Tally, user: User) -> list[Line]:
    """What would be done, each fate a line, with examples in one query."""
    keys = [key for ids in tally.examples.values() for key in ids]
    rows = Comment.objects.visible_to(user).defer("folded", "user_agent").in_bulk(keys)
    lines = []
    for (brought, causes), number in tally.counts.items():
        examples = [rows[key] for key in tally.examples[brought, causes] if key in rows]
        fate = "left" if causes else ("withdrawn" if brought else "restored")
        lines.append(Line(fate, causes_in_words(name_of(causes)) if causes else "", number, examples))
    order = {"withdrawn": 0, "restored": 1, "left": 2}
    return sorted(_joined(lines), key=lambda line: (order[line.fate], -line.number, line.words))


def _joined(lines: Sequence[Line]) -> list[Line]:
    """Of one cause there is one line, of comments that were created and of those that were edited."""
    joined: dict[tuple[str, str], Line] = {}
    for line in lines:
        before = joined.get((line.fate, line.words), Line(line.fate, line.words, 0, ()))
        both = [*before.examples, *line.examples][:3]
        joined[line.fate, line.words] = Line(line.fate, line.words, before.number + line.number, both)
    return list(joined.values())
