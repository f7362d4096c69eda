"""`manage.py import_comments`: a file of comments into a site."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from comments import imports
from comments.drafts import Refused, canonical_url
from comments.formats import FORMATS
from comments.formats.base import Unreadable
from comments.formats.columns import KNOWN, pairs, quoted
from comments.imports import again
from comments.imports.mended import NotMendable, OnlyProblemsOf, run_to_mend
from comments.management.arguments import number
from comments.management.progress import Bar
from comments.management.report import Report, samples, understood
from comments.models import ImportRun, Policy, Site, validate_zone

HELP = """\
Import articles and comments from a file: our own JSONL, the export of another
system, a table or the plain text of an article's page. The format is told by
content, packed (gzip, zip, zstd) or not; docs/formats.md says what each of them
becomes. On a terminal and with --dry-run you see first in which encoding and
time zone the file is understood, and its first rows.

Rows are known by their source and their id there: the same file twice changes
nothing, a grown file adds what is new, an edited row is updated. A run that was
killed goes on by the same command, or by --resume RUN. Rows that a run refused can
be mended in place and run alone: --only-problems-of RUN.

Exit status: 0 all well, 1 some rows had problems, 2 nothing could be read.

  manage.py import_comments archive.jsonl --site asagiri
  manage.py import_comments export.xml --site asagiri --dry-run
  manage.py import_comments table.csv --site asagiri --columns author_name=書いた人,body=感想
  manage.py import_comments page.txt --site asagiri --url https://example.com/news/1
  manage.py import_comments mended.csv --only-problems-of 12
"""


class Wrong(CommandError):
    """Nothing could be read, or not with these arguments."""

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
        known = ", ".join(form.slug for form in FORMATS)
        add = parser.add_argument
        add("path", nargs="?", default="", metavar="PATH", help="a file or folder; - is standard input")
        add("--site", default="", metavar="SLUG", help="the site that the comments belong to")
        add("--source", default="", metavar="SLUG", help="a name for where they come from (the format's)")
        add("--format", default="", metavar="NAME", help=f"one of {known} (default: told by content)")
        add("--policy", default="", metavar="NAME", help=f"one of {', '.join(Policy.values)} (the format's)")
        add(
            "--url",
            default="",
            metavar="URL",
            help="page text: its article; else the site of paths",
        )
        add(
            "--columns",
            action="append",
            default=[],
            metavar="FIELD=COLUMN,…",
            help=f"tables: the columns that have no name we know, for {', '.join(KNOWN)}",
        )
        add("--encoding", default="", metavar="NAME", help="utf-8, shift_jis, … (default: told by content)")
        add("--zone", default="", metavar="ZONE", help="time zone of dates that name none (the site's)")
        add("--dry-run", action="store_true", help="write nothing, say what would be done")
        add(
            "--only-problems-of",
            type=number,
            metavar="RUN",
            help="of the mended file only the rows that RUN refused; site, source and the rest as there",
        )
        add("--resume", type=number, metavar="RUN", help="go on with a run that did not end")
        add("--json", action="store_true", help="print one line of JSON")
        add("--no-progress", action="store_true", help="draw no progress bar")

    def handle(self, **options: Any) -> None:
        try:
            report = self._resumed(options) if options["resume"] is not None else self._import(options)
        except Unreadable as fault:
            raise Wrong(f"{options['path']}: {fault}") from None
        except (imports.Busy, imports.NotResumable, imports.TakenOver, NotMendable) as fault:
            raise Wrong(fault) from None
        except KeyboardInterrupt:
            raise CommandError("stopped. The same command again goes on from here.", returncode=130) from None
        self.stdout.write(report.line() if options["json"] else report.table())
        if report.exit_status:
            sys.exit(report.exit_status)

    def _import(self, options: dict[str, Any]) -> Report:
        only = options["only_problems_of"]
        if only is not None:
            options = _as_in(run_to_mend(only), options)
        if not options["path"] or not options["site"]:
            raise Wrong("name the file and its site: import_comments PATH --site SLUG.")
        site, url, policy = _site(options["site"]), _url(options["url"]), _policy(options["policy"])
        told = imports.Told(
            zone=_zone(options["zone"] or site.zone),
            format=options["format"],
            encoding=options["encoding"],
            url=url,
            columns=pairs(options["columns"]),
        )
        with imports.readable(options["path"]) as path:
            source = imports.open_source(path, options["path"], told)
            source.only = OnlyProblemsOf(only) if only is not None else None
            form = source.format
            slug = _slug(options["source"] or form.slug)
            policy = policy or form.policy
            if options["dry_run"]:
                return Report.of_preview(site, slug, policy, source, imports.preview(site, slug, source))
            if _on_terminal(options):
                self.stderr.write(understood(source.encoding, source.zone))
                self.stderr.write(samples(imports.first_rows(source), source.zone))
            run = imports.begin(site, slug, source.wanted(policy))
            return self._execute(run, source, options)

    def _resumed(self, options: dict[str, Any]) -> Report:
        given = [name for name in _NOT_WITH_RESUME if options[name]]
        if given:
            raise Wrong(f"--resume goes on as the run began: leave out --{given[0].replace('_', '-')}.")
        run = ImportRun.objects.filter(pk=options["resume"]).first()
        if run is None:
            raise Wrong(f"there is no run {options['resume']}.")
        options["path"] = options["path"] or run.path
        with imports.readable(options["path"]) as path:
            source = again.source_of(run, path)
            return self._execute(imports.resume(run.pk, source.digest), source, options)

    def _execute(self, run: ImportRun, source: imports.Source, options: dict[str, Any]) -> Report:
        with Bar(sys.stderr if _on_terminal(options) else None, source) as bar:
            return Report.of_run(imports.execute(run, source, bar.show), source)


def _on_terminal(options: dict[str, Any]) -> bool:
    return sys.stderr.isatty() and not options["no_progress"]


_NOT_WITH_RESUME = (
    *("site", "source", "format", "policy", "url", "zone", "encoding", "columns", "dry_run"),
    "only_problems_of",
)


def _as_in(run: ImportRun, options: dict[str, Any]) -> dict[str, Any]:
    """The options with what is not given as it was in a run, of whose source it must be."""
    was = {
        "site": run.source.site.slug,
        "source": run.source.slug,
        "format": run.format,
        "policy": run.policy,
        "zone": run.options["zone"],
        "url": run.options.get("url", ""),
        "columns": quoted(run.options.get("columns", {})),
    }
    for name in ("site", "source"):
        if options[name] not in ("", was[name]):
            raise Wrong(f"run {run.pk} is of {name} {was[name]!r}: leave out --{name}.")
    return {**options, **{name: options[name] or value for name, value in was.items()}}


def _site(slug: str) -> Site:
    site = Site.objects.filter(slug=slug).first()
    if site is None:
        slugs = Site.objects.values_list("slug", flat=True)[:20]
        known = ", ".join(slugs) or "none yet: make one in the admin, under Sites"
        raise Wrong(f"there is no site {slug!r}. Known are: {known}.")
    return site


def _url(url: str) -> str:
    try:
        return canonical_url(url) if url else ""
    except Refused as refused:
        raise Wrong(f"--url {url}: {refused.mend}") from None


def _policy(policy: str) -> str:
    if policy and policy not in Policy.values:
        raise Wrong(f"--policy {policy}: choose one of {', '.join(Policy.values)}.")
    return policy


def _zone(zone: str) -> str:
    try:
        validate_zone(zone)
    except ValidationError:
        raise Wrong(f"--zone {zone} is no time zone: write one like Asia/Tokyo.") from None
    return zone


def _slug(slug: str) -> str:
    try:
        validate_slug(slug)
    except ValidationError:
        slug = ""
    if not 0 < len(slug) <= 100 or slug == "api":
        raise Wrong("--source: use up to 100 letters, digits, hyphens and underscores; api is taken.")
    return slug
