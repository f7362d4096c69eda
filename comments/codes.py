"""What the codes of the ledger mean, in the reader's language; the ledger's own sentences are English."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

CODES: dict[str, Any] = {
    # Rows that were refused.
    "bad-date": _("A date that cannot be read"),
    "blank": _("An empty text"),
    "csv": _("No CSV"),
    "deleted": _("Deleted at its source"),
    "disagreement": _("Id and address name two articles"),
    "duplicate-id": _("An id that an earlier row has"),
    "duplicate-key": _("A field that stands twice"),
    "encoding": _("Bytes that are no text in this encoding"),
    "file-too-large": _("A file that is too large"),
    "ip": _("A network address that is none"),
    "json": _("No JSON"),
    "line-too-long": _("A line that is too long"),
    "naive-time": _("A time without its zone"),
    "no-article": _("It names no article"),
    "other-format": _("A file of another format"),
    "range": _("A value out of its range"),
    "required": _("A field is missing"),
    "too-few-fields": _("Too few fields"),
    "too-long": _("A value that is too long"),
    "too-many-fields": _("Too many fields"),
    "type": _("Neither article nor comment"),
    "unclosed-quote": _("A quotation mark that does not close"),
    "unknown-article": _("An article that is not there"),
    "unknown-field": _("A field that is not known"),
    "unknown-type": _("A kind of row that is not known"),
    "unpack": _("A packed file that is damaged"),
    "unstorable": _("A character that cannot be stored"),
    "not-stored": _("A row that cannot be stored"),
    "url": _("An address that is none"),
    "wrong-type": _("A value of the wrong type"),
    "yaml": _("No YAML"),
    # Notices on rows that were taken in or refused.
    "assumed-encoding": _("The encoding was assumed"),
    "assumed-hour": _("The hour was assumed"),
    "assumed-scheme": _("The beginning of an address was assumed"),
    "assumed-zone": _("The time zone was assumed"),
    "bad-ip": _("A network address was left out"),
    "bad-url": _("An address was left out"),
    "cut-body": _("The text was cut"),
    "cut-field": _("A field was cut"),
    "cycle": _("It answers itself"),
    "decided": _("A person has decided on it"),
    "decoded-title": _("A title was decoded"),
    "dropped-blocks": _("Parts of the file were left out"),
    "guessed-end": _("The end of the article was guessed"),
    "guessed-split": _("The beginning of a comment was guessed"),
    "hashed-email": _("Of an e-mail only its hash is there"),
    "moved": _("It is stored at another article"),
    "no-comments": _("No comments"),
    "no-date": _("No date"),
    "no-id": _("No ids"),
    "no-url": _("No address"),
    "odd-quotes": _("Quotation marks in odd places"),
    "orphan": _("What it answers is not there"),
    "parent-elsewhere": _("What it answers is at another article"),
    "secret": _("Something secret was left out"),
    "stray-start": _("Something stands before the beginning"),
    "unknown-author": _("An author who is not known"),
    "unknown-state": _("A state that is not known"),
    "unused-columns": _("Columns that were not read"),
}


def code_in_words(code: str) -> str:
    """A code's meaning; one that is not known here is shown as it is."""
    return str(CODES.get(code, code))
