"""No string that a person sees is left in English on a Japanese page."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django import forms
from django.conf import settings
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

from comments.models import ImportSource, Site
from moderation.models import Reason, Rule, Safeguards, WordList
from tests import newsroom
from tests.moderation.admin.test_every_view import (
    Newsroom,
    newsroom_,  # noqa: F401 - a fixture
    page_at,
    pages_of,
)

CATALOGUE = Path(settings.BASE_DIR) / "moderation" / "locale" / "ja" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "_": None,
}


def translatable() -> Iterator[tuple[str, str]]:
    """`(file, message)` of every string of ours that is marked for translation."""
    for folder in ("comments", "moderation", "config"):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                code = path.read_bytes()
            elif path.suffix == ".html":
                code = templatize(path.read_text(encoding="utf-8")).encode()
            else:
                continue
            for _, message, _, _ in extract("python", BytesIO(code), keywords=KEYWORDS):
                for text in (message,) if isinstance(message, str) else message:
                    yield path.name, text


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]", text))


def test_every_string_has_its_japanese() -> None:
    with CATALOGUE.open("rb") as file:
        known = {message.id for message in read_po(file) if message.string and not message.fuzzy}
    wanted = set(translatable())
    assert len(wanted) > 150
    assert sorted({text for _, text in wanted} - known) == []


@pytest.mark.parametrize("model", [Rule, WordList, Reason, Safeguards, Site, ImportSource])
def test_the_history_of_a_row_names_its_fields_in_japanese(model: type[Model]) -> None:
    with override(None):
        fields = forms.models.fields_for_model(model, exclude=["schedule", "url", "params"]).values()
        labels = [str(field.label) for field in fields]
    with override("ja"):
        assert [label for label in labels if gettext(label) == label and label.isascii()] == []


def test_translations_keep_their_places() -> None:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            if message.id and isinstance(message.id, str):
                assert places(message.id) == places(str(message.string)), message.id


@pytest.mark.parametrize("text", ["Filters", "Log out", "Case %(number)d"])
def test_the_catalogue_is_compiled(text: str) -> None:
    with override("ja"):
        assert gettext(text) != text
    with override("en"):
        assert gettext(text) == text


NAMES = {
    # The way back to English, and the field's own words.
    *("English", "Crontab", "Sekisho", "Axes", "Movable Type"),
    # What people called their groups, rules, reasons and files.
    *("Auditor", "Lead", "Moderator", "Links", "Spam", "blog library"),
    "The comment was taken for advertising and is not published",
    # What an import found wrong is stored as it was told, in English.
    *("The body is empty", "Nothing marks where this comment begins", "it was taken to be one of its own"),
}
# What is no sentence of ours: code, names that people gave, icons that are written as words.
NOT_SAID = {"code", "pre", "kbd", "samp", "script", "style", "textarea", "template"}
SAID_BY = ("title", "aria-label", "placeholder", "alt", "data-confirm")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Two words beside each other, or one with a capital that stands alone: single ones are codes and names.
ENGLISH = re.compile(r"[A-Za-z][a-z']+(?: [A-Za-z][a-z']+)+|^\s*[A-Z][a-z]{2,}\s*$")


class Said(HTMLParser):
    """The texts of a page that its reader sees or hears, without code and without other languages."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        hidden = (
            bool(self.open and self.open[-1][1])
            or tag in NOT_SAID
            or values.get("translate") == "no"
            or "material-symbols-outlined" in values.get("class", "")
            or ("lang" in values and values["lang"] != "ja")
        )
        if not hidden:
            self.texts += [values[name] for name in SAID_BY if name in values]
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, text: str) -> None:
        if not self.open or not self.open[-1][1]:
            self.texts.append(text)


def english_in(page: str) -> set[str]:
    """Runs of English words that a Japanese page says."""
    said = Said()
    said.feed(page)
    return {run.strip() for text in said.texts for run in ENGLISH.findall(text)}


def test_no_page_says_anything_in_english(
    admin_client: Client,
    newsroom_: Newsroom,  # noqa: F811
) -> None:
    admin_client.cookies["django_language"] = "ja"
    left: dict[str, list[str]] = {}
    for path in pages_of(newsroom_):
        if (page := page_at(admin_client, path)) and (found := english_in(page) - NAMES):
            left[path] = sorted(found)
    assert left == {}


def test_english_on_a_page_is_found() -> None:
    page = '<p title="Close it">引用 <code>not this</code> <i lang="en">nor this</i> <b>Waiting cases</b>'
    assert english_in(page) == {"Close it", "Waiting cases"}


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "name", "initial"), [("ja", "森 真理", "森"), ("en", "真理 森", "真")])
def test_the_menu_names_its_reader_as_the_language_does(
    client: Client, site: Site, language: str, name: str, initial: str
) -> None:
    client.force_login(newsroom.make_person(site, "mori", "Moderator", first_name="真理", last_name="森"))
    client.cookies["django_language"] = language
    for address in ("desk:queue", "admin:comments_comment_changelist"):
        page = client.get(reverse(address)).content.decode()
        foot = page[page.index("openUserLinks") :]
        assert re.search(rf'aria-hidden="true">\s*{initial}\s*</div>', foot)
        assert re.search(rf">\s*{name}\s*<", foot)
