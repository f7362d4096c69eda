"""`manage.py figures`: whether the dashboard's figures are those of a recount, and make them so."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from moderation.services import tallying

HELP = """\
Compare the figures of the dashboard with a recount of cases, decisions and quotes.

Nothing is changed without --recount. Both read every decision once, and nobody waits for
them: comments are taken in, screened and decided meanwhile.

Count anew after a site got another time zone: the days and weeks that are kept are
those of the old one.

Exit status: 0 all figures are right, or were made so; 1 some differ.

  manage.py figures
  manage.py figures --recount
  manage.py figures --json | jq '.[].kind' | sort | uniq -c
"""
# Lines that a person reads.
SHOWN = 20


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recount", action="store_true", help="count everything anew and keep that")
        parser.add_argument(
            "--json", action="store_true", help="print every difference as an array of objects"
        )

    def handle(self, **options: Any) -> None:
        found = tallying.differences()
        if options["recount"]:
            tallying.recount()
        if options["json"]:
            self.stdout.write(json.dumps([each._asdict() for each in found]))
        else:
            self._tell(found, counted=options["recount"])
        if found and not options["recount"]:
            sys.exit(1)

    def _tell(self, found: list[tallying.Difference], *, counted: bool) -> None:
        for each in found[:SHOWN]:
            self.stdout.write(
                f"site {each.site}, {each.span} of {each.starts_at}, {each.kind} {each.key}: "
                f"kept {each.kept:,}, counted {each.counted:,}"
            )
        if len(found) > SHOWN:
            self.stdout.write(f"… and {len(found) - SHOWN:,} more; --json prints all.")
        if not found:
            self.stdout.write("All figures are those of a recount.")
        elif counted:
            self.stdout.write(f"Counted anew: {len(found):,} figures were others.")
        else:
            self.stdout.write(f"{len(found):,} figures differ. --recount counts everything anew.")
