"""`manage.py audit`: who decided what, who saw personal data, who changed what."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from comments.management.arguments import number
from comments.models import Disclosure, Site
from moderation.audit import Asked, Log
from moderation.audit.writing import WRITERS, records

HELP = """\
Print one of the logs of the audit, the newest first, as its page in the admin does:

  decisions   each decision: by whom, when, on which text of a comment, under which rules
  views       who was shown personal data: of which comments, of what kind, by which page
  changes     who changed rules, lists, sanctions, sources, keys, members and rights

  manage.py audit views --since 2026-04-01 --csv > views.csv
  manage.py audit decisions --person hara --json
  manage.py audit views --comment 4711

Views of personal data are kept until they are forgotten, which they can be after a year:

  manage.py audit views --forget-after 730
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
        add("log", choices=[str(log) for log in Log], help="which of the logs")
        add("--person", default="", metavar="NAME", help="only what this user did")
        add("--site", default="", metavar="SLUG", help="only what is of this site")
        add("--since", default="", metavar="TIME", help="from then on: a day, or a time by ISO 8601")
        add("--until", default="", metavar="TIME", help="before then; a day is within")
        add("--kind", default="", help="only this cause, page or model, as the log has it")
        add("--comment", type=number, metavar="ID", help="only what is about this comment (not of changes)")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--csv", action="store_const", dest="form", const="csv", help="a table in UTF-8")
        how.add_argument("--json", action="store_const", dest="form", const="jsonl", help="an object a line")
        add(
            "--forget-after",
            type=number,
            metavar="DAYS",
            help="delete views that are older, and print nothing",
        )

    def handle(self, **options: Any) -> None:
        log = Log(options["log"])
        if options["forget_after"] is not None:
            self._forget(log, options["forget_after"])
            return
        asked = Asked(
            user=None,
            person=_person(options["person"]),
            site=_site(options["site"]),
            since=_time("--since", options["since"], after=timedelta()),
            until=_time("--until", options["until"], after=timedelta(days=1)),
            kind=options["kind"],
            comment=options["comment"],
        )
        form = options["form"]
        for part in WRITERS[form](log, asked) if form else _lines(log, asked):
            self.stdout.write(part.decode(), ending="")

    def _forget(self, log: Log, days: int) -> None:
        if log is not Log.VIEWS:
            raise CommandError(
                f"{log} are never deleted. Views can be: manage.py audit views --forget-after."
            )
        if days < Disclosure.KEPT_DAYS:
            raise CommandError(f"views are kept for {Disclosure.KEPT_DAYS} days at least: give more.")
        old = Disclosure.objects.filter(at__lt=timezone.now() - timedelta(days=days))
        gone, _ = old.delete()
        self.stderr.write(f"Deleted {gone:,} views of personal data from before {days} days.")


def _lines(log: Log, asked: Asked) -> Iterator[bytes]:
    """A line an entry, for people: the time, who, and what is not empty."""
    for found in records(log, asked):
        for values in found:
            rest = {
                name: value for name, value in values.items() if name not in {"id", "time", "by"} and value
            }
            told = "  ".join(f"{name}={_plain(value)}" for name, value in rest.items())
            yield f"{values['time']:%Y-%m-%d %H:%M:%S}  {values['by'] or '-':<12}  {told}\n".encode()


def _plain(value: Any) -> str:
    return ",".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _person(name: str) -> int | None:
    if not name:
        return None
    found = User.objects.filter(username=name).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"there is no user {name!r}.", returncode=2)
    return found


def _site(slug: str) -> int | None:
    if not slug:
        return None
    found = Site.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        known = ", ".join(Site.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise CommandError(f"there is no site {slug!r}. Known are: {known}.", returncode=2)
    return found


def _time(option: str, text: str, *, after: timedelta) -> datetime | None:
    """A time; of a day its beginning and `after`."""
    if not text:
        return None
    try:
        day, found = parse_date(text), parse_datetime(text)
    except ValueError:
        day = found = None
    if day is not None:
        found = datetime(day.year, day.month, day.day) + after  # noqa: DTZ001 - its zone comes next
    if found is None:
        raise CommandError(f"{option}: {text!r} is no time: write 2026-04-01 or 2026-04-01T09:00+09:00.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
