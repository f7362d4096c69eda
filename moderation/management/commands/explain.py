"""`manage.py explain`: what each rule did about a comment, and why."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext, override

from comments.management.arguments import number
from comments.models import Comment
from moderation.explained_words import (
    WHATS,
    because_in_words,
    did_in_words,
    document,
    doubts_in_words,
    fact_in_words,
    facts_in_words,
    told_in_words,
)
from moderation.explaining import Explanation, NoSuchDecision, RuleAnswer, explain

HELP = """\
Say why a comment was stopped, or why it was not: each rule that was in force when it
was decided, with its version, and what it did: hit, saw nothing, did not apply, failed.
Hits are stored; the rest is found again from the rules and the facts of then, and it
is said where these have changed since.

COMMENT is the number of a comment or its public id. The output holds matched words:
it is for staff, not for the author.

Exit status: 0 explained, 2 there is no such comment or decision.

  manage.py explain 812
  manage.py explain 0198f2c0-6f6e-7d0a-9b36-5d0a4a4b8c11 --decision 4711 --json
"""


class Wrong(CommandError):
    """There is nothing to explain."""

    def __init__(self, message: object) -> None:
        super().__init__(message, returncode=2)


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("comment", metavar="COMMENT", help="its number or its public id")
        add("--decision", type=number, metavar="ID", help="explain this decision (default: the newest)")
        add("--language", choices=("ja", "en"), default="en", help="of the sentences (default: %(default)s)")
        add("--json", action="store_true", help="print one line of JSON")

    def handle(self, **options: Any) -> None:
        comment = _comment(options["comment"])
        try:
            found = explain(comment, options["decision"])
        except NoSuchDecision as wrong:
            raise Wrong(wrong) from None
        language = options["language"]
        with override(language):
            if options["json"]:
                self.stdout.write(json.dumps(document(found, language), ensure_ascii=False))
            else:
                self.stdout.write("\n".join(lines(found, language)))


def _comment(key: str) -> Comment:
    rows = Comment.objects.select_related("site")
    if key.isdecimal() and len(key) < 19:
        found = rows.filter(pk=int(key)).first()
    else:
        try:
            found = rows.filter(public_id=UUID(key)).first()
        except ValueError:
            raise Wrong(f"{key!r} is neither the number of a comment nor a public id.") from None
    if found is None:
        raise Wrong(f"there is no comment {key}.")
    return found


def lines(found: Explanation, language: str) -> Iterator[str]:
    """The explanation as text, what stopped the comment first."""
    yield f"#{found.comment.pk} {found.comment.public_id} {found.comment.status}"
    if found.decision is None:
        yield gettext("Nothing has been decided on this comment yet: it waits for the rules.")
        return
    for label, each in (("", found.decision), (gettext("rules: "), found.machine)):
        if each is not None and (each is found.decision) == (not label):
            who = each.by.get_username() if each.by else each.cause
            told = f"{each.pk} {each.from_status} → {each.to_status} ({who})"
            yield f"{label}{told} {each.created_at:%Y-%m-%d %H:%M:%S %Z}"
    if found.machine is not None:
        yield from (f"  · {fact}" for fact in facts_in_words(found.machine.facts))
    if not found.rules:
        yield gettext("No rules were in force, or none looked at this comment.")
    for answer in found.rules:
        yield from _rule(answer, language)


def _rule(answer: RuleAnswer, language: str) -> Iterator[str]:
    version = answer.version
    terms = f"{version.check_slug}, {version.mode}, {version.action}"
    yield f"{WHATS[answer.what]}: {version} v{version.number} ({terms})"
    for told in answer.told:
        words = " ".join(f"[{text}]" for text in told.evidence)
        yield f"    {told_in_words(answer, told, language)} {words}".rstrip()
    for text in (because_in_words(answer), did_in_words(answer), *doubts_in_words(answer)):
        if text:
            yield f"    {text}"
    yield from (f"    · {fact_in_words(fact)}" for fact in answer.facts)
