"""`manage.py erase_comments`: erase what a person typed."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from comments.erasing import erase, written_by
from comments.models import Site

HELP = """\
Erase, for good, what a person typed in comments of a site: name, e-mail, website,
address, user agent, the text and all its earlier ones, and what moderation kept of
them (matched words, notes, differences of quotes). There is no way back but a backup.

The comment itself stays, empty and never shown: its place in the thread, and what
was decided and why, in codes and counts. An import run again, or the same comment
sent again, does not bring the text back. What others quoted of it stands in their
comments; each of these becomes a case of low severity.

Try it with --dry-run first: it says how many comments would be erased.

  manage.py erase_comments --site asagiri --id 0197a3c2-5d0e-7c41-9b57-4f2f0f6f1c11
  manage.py erase_comments --site asagiri --email reader@example.com --dry-run
  manage.py erase_comments --site asagiri --author-id 88123
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--site", required=True, metavar="SLUG", help="the site that the comments belong to")
        add("--id", action="append", type=UUID, default=[], metavar="UUID", dest="ids",
            help="a comment, by its id in the API; may be given again")  # fmt: skip
        add("--email", default="", metavar="ADDRESS", help="all comments that were sent with this address")
        add("--author-id", default="", metavar="ID", help="all comments of the publisher's reader")
        add("--dry-run", action="store_true", help="erase nothing, say how many comments it would be")

    def handle(self, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            known = ", ".join(Site.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"there is no site {options['site']!r}. Known are: {known}.")
        chosen = {name: options[name] for name in ("ids", "email", "author_id")}
        if not any(chosen.values()):
            raise CommandError("say which comments: --id, --email or --author-id.")
        found = list(written_by(site, **chosen).values_list("pk", flat=True))
        if options["dry_run"]:
            self.stdout.write(f"Comments that would be erased: {len(found)}. Nothing was.")
            return
        erased = erase(found, now=timezone.now())
        self.stdout.write(f"Comments erased: {erased}.")
