"""`manage.py export_comments`: a site's articles and comments as a file."""

from __future__ import annotations

import os
import sys
import time
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.disclosing import ALL, DisclosedBy, disclose_file
from comments.drafts import Refused
from comments.exports import WRITERS, Selection
from comments.formats.times import any_time
from comments.imports.chunks import article_keys
from comments.models import Disclosure, Site, Status

HELP = """\
Write the articles and comments of a site to a file or to standard output.

jsonl is our own format: imported into an empty site it gives the same articles,
threads, numbers, times and states back, by the command

  manage.py import_comments backup.jsonl --site other --policy trusted

wxr is WordPress's, which most other systems read. docs/formats.md says what each
holds. E-mail addresses, network addresses and user agents are left out unless
--with-personal-data is given; treat such a file as what it is.

The file takes its name only when it is whole. Rows are read in chunks, so that
neither the size of the site nor a slow reader costs memory or holds up others.

  manage.py export_comments --site asagiri -o backup.jsonl
  manage.py export_comments --site asagiri --format wxr -o asagiri.xml
  manage.py export_comments --site asagiri --article https://example.com/news/1
  manage.py export_comments --site asagiri --since 2026-01-01 --status held
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
        add("--site", required=True, metavar="SLUG", help="the site")
        add("--format", default="jsonl", choices=sorted(WRITERS), help="jsonl (default) or wxr")
        add("--article", default="", metavar="ID", help="one article alone: its id or URL")
        add("--since", default="", metavar="TIME", help="comments posted from then on (in the site's zone)")
        add("--status", default="", choices=Status.values, help="comments of this status alone")
        add("--with-personal-data", action="store_true", help="with e-mail, addresses and user agents")
        add("-o", "--output", default="", metavar="FILE", help="a new file (default: standard output)")
        add("--no-progress", action="store_true", help="draw no progress line")

    def handle(self, **options: Any) -> None:
        shown = sys.stderr.isatty() and not options["no_progress"]
        # A terminal that shows the rows has no place for a line about them.
        line = _Line(sys.stderr if shown and (options["output"] or not sys.stdout.isatty()) else None)
        selection = _selection(options, line)
        if selection.personal:
            shown = Disclosure(by_page=DisclosedBy.EXPORT_COMMAND, site=selection.site, kinds=list(ALL))
            disclose_file(shown, by=None)
        try:
            with _output(options["output"]) as out:
                for data in WRITERS[options["format"]](selection):
                    out.write(data)
        except BrokenPipeError:
            # Who reads has read enough; Python must not try again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        except OSError as error:
            raise CommandError(f"{options['output'] or 'standard output'}: {error.strerror}.") from None
        finally:
            line.close()
        where = f" to {options['output']}" if options["output"] else ""
        self.stderr.write(f"Wrote {line.articles:,} articles and {line.comments:,} comments{where}.")


class _Line:
    """Progress on a terminal; on `None` it only counts."""

    def __init__(self, terminal: TextIO | None) -> None:
        self.articles = self.comments = 0
        self._terminal = terminal
        self._began = time.monotonic()
        self._drawn = 0.0

    def show(self, articles: int, comments: int) -> None:
        """Draw the line again, at most ten times a second."""
        self.articles, self.comments = articles, comments
        now = time.monotonic()
        if self._terminal is None or now - self._drawn < 0.1:
            return
        self._drawn = now
        rate = comments / max(now - self._began, 1e-3)
        self._terminal.write(f"\r\x1b[K{articles:>9,} articles {comments:>12,} comments {rate:>9,.0f}/s")
        self._terminal.flush()

    def close(self) -> None:
        if self._terminal is not None:
            self._terminal.write("\r\x1b[K")
            self._terminal.flush()


def _selection(options: dict[str, Any], line: _Line) -> Selection:
    site = Site.objects.filter(slug=options["site"]).first()
    if site is None:
        known = ", ".join(Site.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise CommandError(f"there is no site {options['site']!r}. Known are: {known}.")
    article = article_keys(site.pk, [options["article"]]).get(options["article"])
    if options["article"] and article is None:
        raise CommandError(f"site {site.slug} has no article with the id or URL {options['article']!r}.")
    return Selection(
        site=site,
        article=article,
        since=_since(options["since"], site),
        status=options["status"],
        personal=options["with_personal_data"],
        progress=line.show,
    )


def _since(text: str, site: Site) -> datetime | None:
    if not text:
        return None
    try:
        return any_time("--since", text, ZoneInfo(site.zone))[0]
    except Refused as refused:
        raise CommandError(str(refused)) from None


@contextmanager
def _output(name: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name when it is whole."""
    if not name:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    unfinished = path.with_name(path.name + ".part")
    # What it may hold is for its owner alone.
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123
        try:
            yield out
        except BaseException:
            unfinished.unlink()
            raise
    unfinished.replace(path)
