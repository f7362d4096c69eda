"""Word lists: a text, one word a line; each save is a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Value
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from comments.admin.base import person
from moderation import rules
from moderation.admin import again
from moderation.admin.base import SiteOrAllAdmin
from moderation.admin.stale import SeenForm
from moderation.admin.word_tools import WordTools, links_of, told_against, warn_of
from moderation.admin.word_versions import RestoresWords, VersionInline
from moderation.models import WordList

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm


class WordListForm(SeenForm):
    """A list whose words a rule's examples speak against is not saved."""

    class Meta:
        model = WordList
        fields = ("name", "slug", "site", "words")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        changed = WordList(pk=self.instance.pk, words=cleaned.get("words") or "", site=cleaned.get("site"))
        if elsewhere := rules.used_elsewhere(changed):
            message = _("Rules of all sites or of others use this list: %(rules)s.")
            self.add_error("site", message % {"rules": ", ".join(map(str, elsewhere))})
        for told in told_against(changed):
            self.add_error("words", told)
        self.must_be_seen()
        return cleaned


@admin.register(WordList)
class WordListAdmin(RestoresWords, WordTools, SiteOrAllAdmin, ModelAdmin[WordList]):
    form = WordListForm
    list_display = ("name", "slug", "where", "tools")
    list_select_related = ("site",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "site")}),
        (
            _("Words"),
            {
                "fields": ("words",),
                "description": _(
                    "One word a line. A word with kana or kanji is found anywhere in a text, a Latin word "
                    "only where it stands alone. A line that begins with ! is a phrase that is allowed "
                    "although it contains a listed word."
                ),
            },
        ),
    )
    inlines = (VersionInline,)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "words":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 20})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "tools") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: WordList | None = None) -> Any:
        (name, terms), *others = super().get_fieldsets(request, obj)
        fields = (*terms["fields"], "tools") if obj else terms["fields"]
        return ((name, {**terms, "fields": fields}), *others)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WordList]:
        rows: QuerySet[WordList] = super().get_queryset(request)
        return rows.annotate(may_import=Value(request.user.has_perm("moderation.change_wordlist")))

    @display(description=_("tools"))
    def tools(self, words: WordList) -> str:
        # A link that leads to a refusal is none.
        left_out = set() if getattr(words, "may_import", True) else {"import"}
        return format_html_join(
            " · ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            links_of(words, left_out),
        )

    def save_model(
        self, request: HttpRequest, obj: WordList, form: ModelForm[WordList], change: bool
    ) -> None:
        if not change or form.changed_data:
            rules.save_word_list(obj, by=person(request))
            warn_of(request, obj)
            again.offer(request, f"?site={obj.site_id}" if obj.site_id else "")
