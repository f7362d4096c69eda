"""`manage.py undo_rule`: take back what a version of a rule did."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from moderation.management.progress import ProgressLine
from moderation.models import Rule, RuleUndo, RuleVersion
from moderation.rule_undoing import TAKEN, Fate, Tally, Window, bounds_of, preview
from moderation.services import begin_rule_undo, cancel_rule_undo, go_on_with_rule

HELP = """\
Take back what a version of a rule did: publish what it alone rejected or held, hold
what is left of other causes, close the cases that it alone opened. Left alone is what
people have decided since, and what has changed.

The rule itself goes on: change it or switch it off first, if it is wrong.

Without --version it is the newest version, without --since all that the version did.
--since and --until are times (2026-04-01T09:00, of the time zone of the settings where
they name none), or so long ago: 90m, 24h, 7d.

You see first what would be done, and are asked. It may be killed anywhere: the same
command goes on, and so do the workers by themselves, if they run. --cancel ends the
undo that is going on; what was taken back stays so.

Exit status: 0 all of it is taken back, 1 something was left alone, 2 nothing could be
done, 130 after Ctrl-C.

  manage.py undo_rule links-many --since 24h --dry-run
  manage.py undo_rule links-many --version 7 --reason "too wide" --by hara
  manage.py undo_rule links-many --version 7 --cancel --by hara
"""
TOLD: Mapping[str, str] = {
    Fate.PUBLISHED: "published again",
    Fate.HELD: "held for a person, as something else stops it, too",
    Fate.CLOSED: "its case closed, as nothing else flagged it",
    Fate.DONE: "left alone: nothing of it is left to take back",
    Fate.DECIDED: "left alone: a person has decided since",
    Fate.CHANGED: "left alone: its text or its state is another by now",
    Fate.ERASED: "left alone: it was erased",
    Fate.SAME: "left alone: without the rule it would have come to the same",
}
# What is left alone of these is settled.
SETTLED = frozenset({Fate.DONE, Fate.ERASED})
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Wrong(CommandError):
    """Nothing could be done, or not with these arguments."""

    def __init__(self, message: object) -> None:
        super().__init__(message, returncode=2)


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help, and `--version` for the rule's."""
        parser = super().create_parser(
            prog_name,
            subcommand,
            **{**kwargs, "formatter_class": RawDescriptionHelpFormatter, "conflict_handler": "resolve"},
        )
        parser.add_argument(
            "--version", type=int, metavar="N", help="the rule's version (default: the newest)"
        )
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("rule", metavar="RULE", help="the rule's slug")
        add("--since", default="", metavar="WHEN", help="only what was decided after this time")
        add(
            "--until", default="", metavar="WHEN", help="only what was decided up to this time (default: now)"
        )
        add("--reason", default="", metavar="TEXT", help="why, for the record; needed to do it")
        add("--by", default="", metavar="NAME", help="the account of who does it; needed to do it")
        add("--dry-run", action="store_true", help="write nothing, say what would be done")
        add("--cancel", action="store_true", help="end the undo of the version that is going on")
        add("--yes", action="store_true", help="do not ask")
        add("--json", action="store_true", help="print one line of JSON")
        add("--no-progress", action="store_true", help="draw no progress line on a terminal")

    def handle(self, **options: Any) -> None:
        version = _version(options["rule"], options["version"])
        if options["cancel"]:
            self._cancel(version, options)
            return
        going = RuleUndo.objects.filter(rule_version=version, finished_at=None).first()
        window = Window(version.pk, going.since, going.until) if going else _window(version, options)
        shown = sys.stderr.isatty() and not options["no_progress"]
        line = ProgressLine(sys.stderr if shown else None)
        try:
            counts = self._run(version, window, line, options)
        except KeyboardInterrupt:
            line.clear()
            told = "stopped. The same command again, or a worker, goes on from here; --cancel ends it."
            raise CommandError(told, returncode=130) from None
        if any(number and fate not in TAKEN | SETTLED for fate, number in counts.items()):
            sys.exit(1)

    def _run(
        self, version: RuleVersion, window: Window, line: ProgressLine, options: dict[str, Any]
    ) -> Mapping[str, int]:
        tally = self._preview(version, window, line, options)
        if options["dry_run"]:
            return tally.counts
        if not options["reason"]:
            raise Wrong("give --reason: why it is taken back is kept with the undo.")
        by = _person(options["by"])
        self._confirm(options)
        undo = begin_rule_undo(window, by=by, reason=options["reason"], now=timezone.now())
        bounds = bounds_of(window)

        def step(undo: RuleUndo) -> None:
            line.draw("undoing", int(1000 * bounds.share(undo.position)), 1000)

        undo = go_on_with_rule(undo, step=step)
        line.clear()
        if options["json"]:
            self.stdout.write(_document(version, window, undo.counts, undo=undo))
        else:
            ended = "was cancelled" if undo.cancelled_at else "is done"
            self.stdout.write(f"Undo {undo.pk} of {version.rule.slug}, version {version.number}, {ended}.")
            self.stdout.write("\n".join(_lines(undo.counts)))
        return dict(undo.counts)

    def _preview(
        self, version: RuleVersion, window: Window, line: ProgressLine, options: dict[str, Any]
    ) -> Tally:
        """What would be done; told where somebody is to see it."""
        if options["yes"] and not options["dry_run"]:
            return Tally()
        bounds = bounds_of(window)
        tally = preview(window, step=lambda at: line.draw("looking", int(1000 * bounds.share(at)), 1000))
        line.clear()
        if options["dry_run"] and options["json"]:
            self.stdout.write(_document(version, window, tally.counts, dry_run=True))
        else:
            told = self.stderr if options["json"] else self.stdout
            told.write("\n".join([_head(version, window), *_lines(tally.counts, tally)]), style_func=str)
        return tally

    def _confirm(self, options: dict[str, Any]) -> None:
        if options["yes"]:
            return
        if not sys.stdin.isatty():
            raise Wrong("nobody is here to be asked, and nothing was done. Give --yes to do it all the same.")
        try:
            answer = input("Take this back? [y/N] ")
        except EOFError:
            # Ctrl-D is no answer.
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            raise Wrong("nothing was done.")

    def _cancel(self, version: RuleVersion, options: dict[str, Any]) -> None:
        undo = RuleUndo.objects.filter(rule_version=version, finished_at=None).first()
        by = _person(options["by"])
        if undo is None or not cancel_rule_undo(undo.pk, by=by, now=timezone.now()):
            raise Wrong("no undo of this version is going on.")
        undo.refresh_from_db()
        if options["json"]:
            window = Window(version.pk, undo.since, undo.until)
            self.stdout.write(_document(version, window, undo.counts, undo=undo))
        else:
            self.stdout.write(f"Undo {undo.pk} is cancelled. What it had taken back stays so:")
            self.stdout.write("\n".join(_lines(undo.counts)))


def _version(slug: str, number: int | None) -> RuleVersion:
    rule = Rule.objects.filter(slug=slug).first()
    if rule is None:
        known = ", ".join(Rule.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise Wrong(f"there is no rule {slug!r}; there are: {known}.")
    versions = rule.versions.select_related("rule").order_by("-number")
    version = versions.first() if number is None else versions.filter(number=number).first()
    if version is None:
        newest = versions.values_list("number", flat=True).first() or 0
        raise Wrong(f"--version {number}: the rule {slug!r} has versions 1 to {newest}.")
    return version


def _window(version: RuleVersion, options: dict[str, Any]) -> Window:
    now = timezone.now()
    # What was decided in the moment of the save is the version's, too.
    beginning = version.created_at - timedelta(seconds=1)
    since = _time("--since", options["since"], now) if options["since"] else beginning
    until = _time("--until", options["until"], now) if options["until"] else now
    if options["since"] and since >= until:
        ends = (f"{timezone.localtime(each):%Y-%m-%d %H:%M}" for each in (since, until))
        raise Wrong("--since ({}) must be before --until ({}).".format(*ends))
    return Window(version.pk, since, until)


def _time(name: str, given: str, now: datetime) -> datetime:
    number, unit = given[:-1], given[-1:]
    if unit in _UNITS and number.isascii() and number.isdigit() and len(number) < 6:
        return now - timedelta(**{_UNITS[unit]: int(number)})
    try:
        # A day alone is its beginning.
        at = parse_datetime(given if ":" in given else f"{given}T00:00")
    except ValueError:
        at = None
    if at is None:
        raise Wrong(f"{name} {given}: write a time like 2026-04-01T09:00, or so long ago: 90m, 24h, 7d.")
    return timezone.make_aware(at) if timezone.is_naive(at) else at


def _person(name: str) -> Any:
    users = get_user_model()
    person = users.objects.filter(**{users.USERNAME_FIELD: name}).first() if name else None
    if person is None:
        raise Wrong(f"--by {name}: there is no such account." if name else "give --by: who does it is kept.")
    return person


def _head(version: RuleVersion, window: Window) -> str:
    since, until = timezone.localtime(window.since), timezone.localtime(window.until)
    return f"{version.rule.slug}, version {version.number}, {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}:"


def _lines(counts: Mapping[str, int], tally: Tally | None = None) -> list[str]:
    """Each fate with its number, and the ids of a few comments of it."""
    lines = []
    for fate in Fate:
        if number := counts.get(fate, 0):
            named = tally.examples.get(fate, []) if tally else []
            more = "…" if number > len(named) else ""
            examples = f" ({', '.join(f'#{key}' for key in named)}{more})" if named else ""
            lines.append(f"{number:>12,}  {TOLD[fate]}{examples}")
    return lines or [f"{0:>12,}  comments: the version stopped and flagged nothing in this time"]


def _document(
    version: RuleVersion,
    window: Window,
    counts: Mapping[str, int],
    *,
    undo: RuleUndo | None = None,
    dry_run: bool = False,
) -> str:
    return json.dumps(
        {
            "rule": version.rule.slug,
            "version": version.number,
            "since": window.since.isoformat(),
            "until": window.until.isoformat(),
            "undo": undo.pk if undo else None,
            "cancelled": bool(undo and undo.cancelled_at),
            "counts": {str(fate): counts.get(fate, 0) for fate in Fate},
            "dry_run": dry_run,
        },
        ensure_ascii=False,
    )
