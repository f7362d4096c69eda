"""`manage.py run_source`: an import source read now, as its page in the admin says."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from comments import imports
from comments.management.progress import Bar
from comments.management.report import Report
from comments.models import ImportRun, ImportSource, RunStatus
from comments.sources.running import Reading, read_source

HELP = """\
Read an import source now: its address, and how its files are understood, stand
on its page in the admin, under Import sources. Each of its files that is new or
has changed becomes a run; where none has, one run of zero rows says so. It is
what its schedule does, for those who would rather have cron:

  15 4 * * *  manage.py run_source partner --site asagiri --json >> imports.log

It never overlaps: where the source is being read already, nothing is done. A
failure is noted at the source, and left to you: only its own schedule makes the
workers try again by themselves. Killed, the same command goes on where it was.

Exit status: 0 all well, also where nothing has changed; 1 some rows had
problems, or some of several files could not be read; 2 nothing could be read.
"""


class Wrong(CommandError):
    """Nothing could be read."""

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
        add("slug", metavar="SLUG", help="the source")
        add("--site", required=True, metavar="SLUG", help="the site that it belongs to")
        add("--again", action="store_true", help="read what has not changed, too")
        add("--json", action="store_true", help="print one line of JSON")
        add("--no-progress", action="store_true", help="draw no progress bar")

    def handle(self, **options: Any) -> None:
        source = _source(options["site"], options["slug"])
        terminal = sys.stderr if sys.stderr.isatty() and not options["no_progress"] else None
        try:
            reading = read_source(source.pk, by_hand=True, again=options["again"], watcher=_Watcher(terminal))
        except KeyboardInterrupt:
            raise CommandError("stopped. The same command again goes on from here.", returncode=130) from None
        if reading is None or reading.left_alone:
            why = reading.left_alone if reading else "it is being read already. Wait until that has ended."
            raise Wrong(f"{source.slug}: {why}")
        self.stdout.write(_line(source, reading) if options["json"] else _table(reading))
        if status := exit_status(reading):
            sys.exit(status)


class _Watcher:
    """Shows on a terminal what comes, then how it is stored; on None it is silent."""

    def __init__(self, terminal: TextIO | None) -> None:
        self.terminal = terminal

    def fetching(self, name: str, size: int) -> None:
        if self.terminal is not None:
            self.terminal.write(f"\r\x1b[Kfetching   {name}: {size / 1e6:,.1f} MB")
            self.terminal.flush()

    @contextmanager
    def reading(self, source: imports.Source) -> Iterator[imports.Progress]:
        with Bar(self.terminal, source) as bar:
            yield bar.show


def _source(site: str, slug: str) -> ImportSource:
    source = ImportSource.objects.filter(site__slug=site, slug=slug).select_related("site").first()
    if source is None:
        known = (
            ImportSource.objects.filter(site__slug=site).exclude(address="").values_list("slug", flat=True)
        )
        told = ", ".join(known[:20]) or "none yet: make one in the admin, under Import sources"
        raise Wrong(f"site {site!r} has no source {slug!r}. Known are: {told}.")
    if not source.address:
        raise Wrong(f"{slug}: it has no address. Give it one on its page in the admin, under Import sources.")
    return source


def exit_status(reading: Reading) -> int:
    """0 all well, 1 some problems, 2 nothing could be read."""
    statuses = [_status(run, read) for run, read in reading.runs]
    return 2 if statuses and min(statuses) == 2 else 1 if any(statuses) else 0


def _status(run: ImportRun, read: imports.Source | None) -> int:
    if read is not None:
        return Report.of_run(run, read).exit_status
    return 2 if run.status == RunStatus.FAILED else 0


def _line(source: ImportSource, reading: Reading) -> str:
    runs = [
        json.loads(Report.of_run(run, read).line())
        if read is not None
        else {"run": run.pk, "status": run.status, "unchanged": run.unchanged, "error": run.error}
        for run, read in reading.runs
    ]
    told = [{"path": run.path, **line} for (run, _), line in zip(reading.runs, runs, strict=True)]
    return json.dumps({"site": source.site.slug, "source": source.slug, "runs": told}, ensure_ascii=False)


def _table(reading: Reading) -> str:
    parts = []
    for run, read in reading.runs:
        if read is not None:
            parts.append(f"{run.path}\n{Report.of_run(run, read).table()}")
        elif run.unchanged:
            with override("en"):
                parts.append(f"Run {run.pk}: nothing to do · {run.path}: {run.get_unchanged_display()}")
        else:
            parts.append(f"Run {run.pk}: failed · {run.path}: {run.error}")
    return "\n\n".join(parts)
