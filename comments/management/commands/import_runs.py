"""`manage.py import_runs`: the runs of imports and how they stand."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from comments.imports.asking import at_work
from comments.imports.counting import counts_of_runs, total
from comments.imports.ledger import Counts
from comments.management.arguments import number
from comments.models import ImportRun, RunStatus, Site

HELP = """\
List the runs of imports, newest first: how each stands, what became of its rows,
how fast they were settled, and how to go on with one that has not ended.

  manage.py import_runs
  manage.py import_runs --site asagiri --json
"""
# Runs that are listed.
LATEST = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One run. `rate` is in rows a second from its beginning to its end or last sign of life."""

    run: int
    site: str
    source: str
    path: str
    status: str
    at_work: bool
    asked: str
    error: str
    started_at: str
    finished_at: str | None
    rate: float
    counts: Counts
    go_on: str


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", default="", metavar="SLUG", help="only runs of this site")
        parser.add_argument(
            "--most", type=number, default=LATEST, metavar="N", help=f"as many at most ({LATEST})"
        )
        parser.add_argument("--json", action="store_true", help="print an object a line")

    def handle(self, **options: Any) -> None:
        runs = ImportRun.objects.select_related("source__site").order_by("-pk")
        if options["site"]:
            if not Site.objects.filter(slug=options["site"]).exists():
                raise CommandError(f"there is no site {options['site']!r}.")
            runs = runs.filter(source__site__slug=options["site"])
        listed = _listed(list(runs[: options["most"]]))
        if options["json"]:
            lines = [json.dumps(asdict(each), ensure_ascii=False) for each in listed]
        else:
            lines = [_line(each) for each in listed] or ["No run yet: manage.py import_comments begins one."]
        for line in lines:
            self.stdout.write(line)


def _listed(runs: list[ImportRun]) -> list[Listed]:
    counts = counts_of_runs([run.pk for run in runs])
    return [_of(run, counts[run.pk]) for run in runs]


def _of(run: ImportRun, counts: Counts) -> Listed:
    working = at_work(run)
    until = run.finished_at or (timezone.now() if working else run.heartbeat_at)
    seconds = max((until - run.started_at).total_seconds(), 1)
    stands = run.finished_at is None and not working
    return Listed(
        run=run.pk,
        site=run.source.site.slug,
        source=run.source.slug,
        path=run.path,
        status=RunStatus.FAILED if stands and run.status == RunStatus.RUNNING else run.status,
        at_work=working,
        asked=run.asked,
        error=run.error,
        started_at=run.started_at.isoformat(),
        finished_at=run.finished_at.isoformat() if run.finished_at else None,
        rate=round(total(counts, "read") / seconds, 1),
        counts=counts,
        go_on=f"manage.py import_comments --resume {run.pk}" if stands else "",
    )


def _line(run: Listed) -> str:
    figures = ", ".join(
        f"{total(run.counts, name):,} {told}"
        for name, told in (
            ("read", "read"),
            ("created", "created"),
            ("updated", "updated"),
            ("unchanged", "unchanged"),
            ("problems", "refused"),
        )
    )
    state = f"{run.status}, asked to {run.asked}" if run.asked else run.status
    began = run.started_at[:16].replace("T", " ")
    lines = [
        f"#{run.run} {state} · {run.site} · {run.source} · {run.path} · {began}",
        f"    {figures}; {total(run.counts, 'notices'):,} notices; {run.rate:,.0f} rows/s",
    ]
    lines += [f"    {run.error}"] if run.error else []
    lines += [f"    go on: {run.go_on}"] if run.go_on else []
    return "\n".join(lines)
