"""The tools of a word list: try a text, see what is hit and what never is, bring in and take out a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from comments.admin.base import person
from comments.recording import record_change
from moderation import rules
from moderation.admin import again
from moderation.admin.highlight import Mark, Segment, highlight
from moderation.checks import BY_SLUG
from moderation.examples import in_words
from moderation.text import fold
from moderation.word_hits import DAYS, check_of_list, hits
from moderation.word_lists import Wrong, WrongFileError, duplicates, faults, read_file, risks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.http import HttpRequest
    from django.urls import URLPattern

    from moderation.checks.words import Words
    from moderation.models import WordList

# Lines of a table that are shown; a list may have thousands.
SHOWN = 200
# Lines of a text that was typed which are told at once to be wrong.
FAULTS = 5
MOST_TRIED = 20_000


class FileForm(forms.Form):
    """A file, and what becomes of the words that are there."""

    file = forms.FileField(label=_("File"))
    how = forms.ChoiceField(
        label=_("What becomes of the list"),
        choices=[("add", _("add the words of the file")), ("replace", _("replace the list by the file"))],
        initial="add",
        widget=forms.RadioSelect,
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What a text hits: lit as it was typed, lit as it is compared, and word by word."""

    typed: tuple[Segment, ...]
    folded: tuple[Segment, ...]
    hits: tuple[tuple[str, str, str], ...]


def try_text(check: Words, text: str) -> Tried:
    """The text with what a list hits; each hit as typed, as compared, and the word of the list."""
    folded = fold(text)
    found = check.matches(folded)
    places = [folded.original_span(start, end) for start, end, _ in found]
    return Tried(
        typed=highlight(
            text, [Mark(*place, "words", word) for place, (*_, word) in zip(places, found, strict=True)]
        ),
        folded=highlight(folded.text, [Mark(start, end, "words", word) for start, end, word in found]),
        hits=tuple(
            (text[a:b], folded.text[start:end], word)
            for (a, b), (start, end, word) in zip(places, found, strict=True)
        ),
    )


class WordTools:
    """Mixed into the admin of word lists."""

    def get_urls(self) -> list[URLPattern]:
        wrap: Any = self.admin_site.admin_view  # type: ignore[attr-defined]
        name = "moderation_wordlist"
        return [
            path("<int:pk>/tools/", wrap(self.tools_view), name=f"{name}_tools"),
            path("<int:pk>/export/", wrap(self.export_view), name=f"{name}_export"),
            path("<int:pk>/import/", wrap(self.import_view), name=f"{name}_import"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def _list(self, request: HttpRequest, pk: int, *, to_change: bool = False) -> WordList:
        """The list, within one's sites. Raises Http404 or PermissionDenied."""
        words: WordList | None = self.get_queryset(request).filter(pk=pk).first()  # type: ignore[attr-defined]
        if words is None:
            raise Http404
        asked = self.has_change_permission if to_change else self.has_view_permission  # type: ignore[attr-defined]
        if not asked(request, words):
            raise PermissionDenied
        return words

    def tools_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try a text, and remove lines that were chosen."""
        words = self._list(request, pk)
        if request.method == "POST" and "remove" in request.POST:
            return self._remove(request, self._list(request, pk, to_change=True))
        lines = lines_of(words)
        check = check_of_list(words, lines)
        text = request.POST.get("text", "").replace("\r\n", "\n")[:MOST_TRIED]
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": gettext("Word list “%(name)s”") % {"name": words},
            "words": words,
            "text": text,
            "tried": try_text(check, text) if text else None,
            "kana": check.kana,
            "may_change": self.has_change_permission(request, words),  # type: ignore[attr-defined]
            **_tables(words, lines, check),
        }
        return TemplateResponse(request, "admin/moderation/wordlist/tools.html", context)

    @transaction.atomic
    def _remove(self, request: HttpRequest, words: WordList) -> HttpResponse:
        chosen = set(request.POST.getlist("line"))
        lines = _newest_lines(words)
        kept = [line for line in lines if line not in chosen]
        removed = len(lines) - len(kept)
        if removed:
            words.words = "\n".join(kept)
            if not save(request, words):
                return redirect("admin:moderation_wordlist_tools", words.pk)
        messages.success(request, gettext("Lines removed: %(count)d.") % {"count": removed})
        return redirect("admin:moderation_wordlist_tools", words.pk)

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The list as a text file in UTF-8, one line each."""
        words = self._list(request, pk)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        response = HttpResponse("".join(f"{line}\n" for line in lines_of(words)), content_type="text/plain")
        response.headers["Content-Disposition"] = f'attachment; filename="{words.slug}.txt"'
        return response

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a file's words, or put them in place of those that are there. A wrong file changes nothing."""
        words = self._list(request, pk, to_change=True)
        form = FileForm(request.POST or None, request.FILES or None)
        wrong: Sequence[tuple[int, str]] = ()
        if request.method == "POST" and form.is_valid():
            try:
                read = read_file(form.cleaned_data["file"].read())
            except WrongFileError as error:
                english = (get_language() or "ja")[:2] == "en"
                wrong = [(each.line, each.en if english else each.ja) for each in error.wrong]
            else:
                return self._bring_in(request, words, read, replace=form.cleaned_data["how"] == "replace")
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": gettext("Import into “%(name)s”") % {"name": words},
            "words": words,
            "form": form,
            "wrong": wrong[:SHOWN],
        }
        return TemplateResponse(request, "admin/moderation/wordlist/import.html", context)

    @transaction.atomic
    def _bring_in(
        self, request: HttpRequest, words: WordList, read: list[str], *, replace: bool
    ) -> HttpResponse:
        before = _newest_lines(words)
        after = read if replace else list(dict.fromkeys([*before, *read]))
        if after != before:
            words.words = "\n".join(after)
            if not save(request, words):
                return redirect("admin:moderation_wordlist_tools", words.pk)
        counts = {"added": len({*after} - {*before}), "removed": len({*before} - {*after})}
        messages.success(request, gettext("Lines added: %(added)d, removed: %(removed)d.") % counts)
        return redirect("admin:moderation_wordlist_tools", words.pk)


def save(request: HttpRequest, words: WordList) -> bool:
    """Whether the list was saved: what the examples of a rule speak against is not, and they are told."""
    wrong = told_against(words)
    if wrong:
        messages.error(request, gettext("Nothing was changed.") + " " + " ".join(wrong))
        return False
    rules.save_word_list(words, by=person(request))
    record_change(words, gettext_noop("lines"), by=person(request))
    again.offer(request, f"?site={words.site_id}" if words.site_id else "")
    return True


def told_against(words: WordList) -> list[str]:
    """What refuses the words of a list as they are now: themselves, or examples of rules that use it."""
    language = (get_language() or "ja")[:2]
    told = [_fault(each) for each in faults(words.words.splitlines())[:FAULTS]]
    if told:
        return told
    for wrong in rules.rules_that_fail(words):
        if not isinstance(wrong, rules.ExamplesFailed):
            told.append(str(wrong))
            continue
        for failed in wrong.failed:
            values = {
                "rule": wrong.rule,
                "example": in_words(failed, BY_SLUG[wrong.rule.check_slug], language),
            }
            told.append(gettext("The rule “%(rule)s”: %(example)s") % values)
    return told


def _fault(wrong: Wrong) -> str:
    told = wrong.en if (get_language() or "ja")[:2] == "en" else wrong.ja
    return f"{gettext('Line %(line)s:') % {'line': wrong.line}} {told}" if wrong.line else told


def lines_of(words: WordList) -> list[str]:
    """The list's lines, without blanks around them."""
    return [line.strip() for line in words.words.splitlines() if line.strip()]


def _newest_lines(words: WordList) -> list[str]:
    """As `lines_of`, once whoever saves at this moment has done so: what he adds is not to be lost."""
    rules.lock_rules()
    words.refresh_from_db(fields=["words"])
    return lines_of(words)


def links_of(words: WordList, left_out: Collection[str] = ()) -> list[tuple[str, str]]:
    """Address and name of each tool."""
    names = {"tools": _("Try and tidy"), "import": _("Import"), "export": _("Export")}
    return [
        (reverse(f"admin:moderation_wordlist_{key}", args=[words.pk]), str(name))
        for key, name in names.items()
        if key not in left_out
    ]


def warn_of(request: HttpRequest, words: WordList) -> None:
    """Tell who saved a list of what is odd about it."""
    lines = lines_of(words)
    kana = check_of_list(words, lines).kana
    twice, risky = len(duplicates(lines, kana=kana)), len(risks(lines, kana=kana))
    if not twice and not risky:
        return
    told = gettext("Lines said twice: %(twice)d; words that would hit ordinary comments: %(risky)d.")
    link = format_html('<a href="{}">{}</a>', *links_of(words)[0])
    messages.warning(request, format_html("{} {}", told % {"twice": twice, "risky": risky}, link))


def _tables(words: WordList, lines: list[str], check: Words) -> dict[str, Any]:
    now = timezone.now()
    counted = hits(words, check, now=now)
    listed = [line for line in lines if not line.startswith("!")]
    of_line = {line: counted[check.folded_word(line)] for line in listed}
    used = sorted(
        ((line, count) for line, count in of_line.items() if count), key=lambda each: (-each[1], each[0])
    )
    unused = [line for line, count in of_line.items() if not count]
    first = words.versions.order_by("number").values_list("created_at", flat=True).first()
    return {
        "size": len(listed),
        "days": DAYS,
        "young": first is None or first > now - timedelta(days=DAYS),
        "used": used[:SHOWN],
        "unused": unused[:SHOWN],
        "unused_count": len(unused),
        "duplicates": duplicates(lines, kana=check.kana)[:SHOWN],
        "risks": risks(lines, kana=check.kana)[:SHOWN],
    }
