"""`manage.py import_ledger`: what a run refused and noticed."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from comments.disclosing import DisclosedBy, disclose_file
from comments.imports.downloads import WRITERS, entries
from comments.imports.grouping import Group, group
from comments.imports.mending import rows_of, suffix, to_mend
from comments.management.arguments import number
from comments.models import Disclosure, ImportProblem, ImportRun

HELP = """\
Print the ledger of an import run: each row that it refused, and each notice on
one that it took in, with its place and the reason.

Without an option one line a reason, with how many rows it holds for and the
first places. --lines, --csv and --json print every entry; --csv opens in a
spreadsheet, where no cell is taken for a formula. --mend prints the refused rows
themselves, to be mended and imported into the same source.

  manage.py import_ledger 12
  manage.py import_ledger 12 --refused --csv > refused.csv
  manage.py import_ledger 12 --code bad-date --json
  manage.py import_ledger 12 --mend > mended.jsonl
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=number, metavar="RUN", help="the number of the run")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--refused", action="store_true", help="only rows that were refused")
        which.add_argument("--notices", action="store_true", help="only notices on rows that were taken in")
        parser.add_argument("--code", default="", metavar="CODE", help="only entries of this code")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--lines", action="store_const", dest="form", const="lines", help="a line an entry")
        how.add_argument("--csv", action="store_const", dest="form", const="csv", help="a table in UTF-8")
        how.add_argument("--json", action="store_const", dest="form", const="jsonl", help="an object a line")
        how.add_argument("--mend", action="store_const", dest="form", const="mend", help="the refused rows")

    def handle(self, **options: Any) -> None:
        run = ImportRun.objects.select_related("source__site").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(
                f"there is no run {options['run']}. manage.py import_runs lists them.", returncode=2
            )
        refused = True if options["refused"] else False if options["notices"] else None
        if options["form"] == "mend" and (refused is False or options["code"]):
            raise CommandError("--mend prints all refused rows: leave out --notices and --code.")
        if options["form"] in {"mend", *WRITERS}:
            shown = Disclosure(by_page=DisclosedBy.LEDGER_COMMAND, site=run.source.site, about=run.pk)
            disclose_file(shown, by=None)
        self._print(_printed(run, refused, options["code"], options["form"]))

    def _print(self, parts: Iterator[bytes]) -> None:
        for part in parts:
            self.stdout.write(part.decode(), ending="")


def _printed(run: ImportRun, refused: bool | None, code: str, form: str | None) -> Iterator[bytes]:
    if form == "mend":
        return to_mend(run)
    rows = run.problems.filter(**({"code": code} if code else {}))
    rows = rows if refused is None else rows.filter(refused=refused)
    if form in WRITERS:
        return WRITERS[form](rows, personal=True)
    return _lines(rows) if form == "lines" else _by_reason(run, refused, code)


def _lines(rows: QuerySet[ImportProblem]) -> Iterator[bytes]:
    for entry in entries(rows.defer("raw")):
        outcome = "refused" if entry.refused else "notice "
        yield f"{outcome}  {entry.place}: {entry.reason} [{entry.code}]\n".encode()


def _by_reason(run: ImportRun, refused: bool | None, code: str) -> Iterator[bytes]:
    found = group(run, refused=refused, code=code)
    groups = [each for each in found.groups if code in ("", each.code)]
    if not groups:
        yield b"No such entries.\n"
    for each in groups:
        yield f"{_told(each)}\n".encode()
    if found.more:
        yield f"and {found.more:,} of other reasons: --lines prints all.\n".encode()
    if any(each.refused for each in groups):
        kept = rows_of(run).count()
        yield f"\n{kept:,} refused rows are kept whole: --mend > mended.{suffix(run)}\n".encode()


def _told(each: Group) -> str:
    outcome = "refused" if each.refused else "notice "
    more = ", …" if each.number > len(each.places) else ""
    return f"{outcome} {each.number:>9,}  {each.reason} [{each.code}]\n{'':19}{', '.join(each.places)}{more}"
