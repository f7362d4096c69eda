"""No string that a person sees is left in English on a Japanese page."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

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
