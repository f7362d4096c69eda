"""A rule's form, made from the fields of its check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from moderation.admin.labels import label_and_help, named
from moderation.admin.stale import SeenForm
from moderation.checks.base import OF_WORD_LIST, Check, Refused, takes_words
from moderation.examples import MOST, failures, from_lines, in_words, to_lines
from moderation.models import Rule, WordList
from moderation.raising import JUDGED, LOWER, asks_for_reason
from moderation.rules import WrongParameters, build_check, newest_words
from moderation.scoring import Score

# Form fields of parameters carry this prefix: a parameter may be called `mode`.
PREFIX = "param_"


def parameters(check: type[Check]) -> list[Field[Any]]:
    """The parameters that a person types in."""
    listed = OF_WORD_LIST if takes_words(check) else frozenset()
    return [field for field in fields(check) if field.name not in listed]


def typed(text: str | None) -> str:
    """What was typed into a field of lines. Its validators see the list of them, in which a NUL hides."""
    ProhibitNullCharactersValidator()(text)
    return text or ""


class LinesField(forms.CharField):
    """Texts, one a line, as a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> Any:
        text = typed(super().to_python(value))
        return [line.strip() for line in text.splitlines() if line.strip()]


class ExamplesField(forms.CharField):
    """Examples of comments, one a line (`moderation.examples.from_lines`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return to_lines(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        found = from_lines(typed(super().to_python(value)))
        if len(found) > MOST:
            raise forms.ValidationError(_("At most %(most)d examples."), params={"most": MOST})
        return found


class ChoicesField(forms.MultipleChoiceField):
    """Some of a few texts, each with its name in the reader's language."""

    def __init__(self, choices: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=named(choices), widget=UnfoldAdminCheckboxSelectMultipleWidget(), **kwargs)


def form_field(field: Field[Any]) -> forms.Field:
    """The form field of one parameter, by the type of its default."""
    label, help_text = label_and_help(field)
    common: dict[str, Any] = {"label": label, "help_text": help_text, "initial": field.default}
    bounds: dict[str, Any] = {
        "min_value": field.metadata.get("least"),
        "max_value": field.metadata.get("most"),
    }
    match field.default:
        case bool():
            return forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget(), **common)
        case int():
            return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget(), **bounds, **common)
        case float():
            return forms.FloatField(widget=UnfoldAdminDecimalFieldWidget(), **common)
        case tuple() if choices := field.metadata.get("choices"):
            return ChoicesField(choices, **common)
        case tuple():
            return LinesField(required=False, **common)
        case str():
            return _text_field(field, common)
    raise TypeError(f"{field.name}: a parameter of type {type(field.default)} has no form field yet.")


def _text_field(field: Field[Any], common: dict[str, Any]) -> forms.Field:
    if choices := field.metadata.get("choices"):
        return forms.ChoiceField(choices=named(choices), widget=UnfoldAdminSelectWidget(), **common)
    rows = field.metadata.get("rows")
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows}) if rows else UnfoldAdminTextInputWidget()
    return forms.CharField(required=False, widget=widget, **common)


class RuleForm(SeenForm):
    """The terms that every rule has; `rule_form` adds those of its check."""

    check_class: type[Check]
    # What is only tried on history rejects nothing, and may still be at odds with its examples: it is
    # tried to learn what it does. Both are asked for when it is saved.
    only_tried = False
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2_000,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Why you change it. It stays with the version for those who come after you."),
    )

    examples_match = ExamplesField(label=_("Must match"))
    examples_pass = ExamplesField(label=_("Must not match"))

    class Meta:
        model = Rule
        widgets = {
            name: UnfoldAdminTextareaWidget(attrs={"rows": 3}) for name in ("message_ja", "message_en")
        }
        fields = (
            "slug", "name_ja", "name_en", "site", "applies_to",
            "mode", "action", "severity", "reason", "word_list",
            "message_ja", "message_en", "examples_match", "examples_pass",
            "breaker_pairs", "breaker_minutes", "daily_quota",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "word_list" in self.fields:
            self.fields["word_list"].required = True
        if self.instance.pk:
            for name, value in self.instance.params.items():
                if f"{PREFIX}{name}" in self.fields:
                    self.initial[f"{PREFIX}{name}"] = value

    def typed_parameters(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)
        }

    def clean_action(self) -> str:
        action: str = self.cleaned_data["action"]
        if action not in self.check_class.actions:
            raise forms.ValidationError(
                _("A rule of this check cannot reject: too much of what it sees is harmless. Flag or hold.")
            )
        return action

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._same_site(cleaned)
        if not self.only_tried:
            self.must_be_seen()
        if self.errors:
            return cleaned
        params = self.typed_parameters(cleaned)
        try:
            words = newest_words(cleaned["word_list"]) if takes_words(self.check_class) else None
            check = build_check(self.check_class.slug, params, words)
            if not self.only_tried:
                self._try_examples(cleaned, check)
        except WrongParameters as wrong:
            self._tell(wrong)
        self.instance.check_slug, self.instance.params = self.check_class.slug, params
        if not self.errors and not self.only_tried:
            self._reason_to_reject(cleaned)
        return cleaned

    def _tell(self, wrong: WrongParameters) -> None:
        """At the parameter and in the reader's language where the check says both."""
        refused = wrong.__cause__
        field = f"{PREFIX}{refused.parameter}" if isinstance(refused, Refused) else None
        if isinstance(refused, Refused) and field in self.fields:
            self.add_error(field, refused.en if (get_language() or "ja")[:2] == "en" else refused.ja)
        else:
            self.add_error(None, str(wrong))

    def _reason_to_reject(self, cleaned: Mapping[str, Any]) -> None:
        """A rule that would reject from now on is known to be right, or somebody says why."""
        draft = Rule(pk=self.instance.pk, check_slug=self.instance.check_slug, params=self.instance.params)
        for name in ("word_list", "applies_to", "mode", "action", "site"):
            setattr(draft, name, cleaned.get(name, getattr(self.instance, name)))
        known = None if cleaned.get("note", "").strip() else asks_for_reason(draft)
        if known is not None:
            self.add_error("note", too_little(known))

    def _try_examples(self, cleaned: Mapping[str, Any], check: Check) -> None:
        """Each example that comes out wrong is told at its field, with what was hit in it."""
        language = (get_language() or "ja")[:2]
        site = cleaned.get("site")
        match, passing = cleaned.get("examples_match") or [], cleaned.get("examples_pass") or []
        for failed in failures(check, match, passing, site.language if site else "ja"):
            field = "examples_match" if failed.must_match else "examples_pass"
            self.add_error(field, in_words(failed, self.check_class, language))

    def _same_site(self, cleaned: Mapping[str, Any]) -> None:
        """A word list of one site serves that site's rules alone."""
        words: WordList | None = cleaned.get("word_list")
        if words and words.site_id and words.site != cleaned.get("site"):
            self.add_error(
                "word_list", _("This list is of another site than the rule. Choose one of all sites.")
            )


def too_little(known: Score) -> str:
    """That so little is known of a rule that somebody must say why it may reject by itself."""
    told = _(
        "The rule would reject by itself. Of its hits people have judged %(judged)d, %(right)d of them "
        "right; it takes %(least)d with a lower bound of %(lower)s (now %(low)s). Observe it for longer, "
        "or write here why it may reject all the same."
    )
    values = {"judged": known.judged, "right": known.right, "least": JUDGED, "lower": LOWER}
    return told % {**values, "low": f"{known.interval.low:.2f}"}


def rule_form(check: type[Check]) -> type[RuleForm]:
    """The form of a rule of `check`, in the language of the moment."""
    made: dict[str, Any] = {f"{PREFIX}{field.name}": form_field(field) for field in parameters(check)}
    return type("RuleFormOfCheck", (RuleForm,), {**made, "check_class": check})
