"""`manage.py tryout`: rules on stored comments, scored by what people decided."""

from __future__ import annotations

import json
import sys
import time
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from comments.management.arguments import number
from comments.models import Site
from moderation import backtest
from moderation.backtest import Counts, Period, counts_of
from moderation.backtest.drafts import versions_of
from moderation.management.progress import ProgressLine
from moderation.models import Rule, RuleSet, RuleVersion, Tryout, TryoutStatus
from moderation.scoring import Score

HELP = """\
Try a rule, or a whole rule set, on stored comments, and score what it hits by
what people decided on the same texts: rejected is right, published is a false
alarm, the rest nobody has looked at. Nothing is published, rejected or changed;
the try-out is kept and its page in the admin shows samples.

Without --rule and --rule-set it tries the rule set in force. Comments are those
received in the last so many days. The command tries them itself, and workers
help where there are any. Ctrl-C ends the try-out; what it found is kept.

Exit status: 0 done, 1 it ended with an error or before its time, 2 wrong arguments.

  manage.py tryout --rule links-many --days 30
  manage.py tryout --rule-set 12 --site asagiri --json
"""
# Until the next look, while others are at the last chunks.
WAIT_SECONDS = 0.05


class Wrong(CommandError):
    """Nothing can be tried with these arguments."""

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
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--rule", default="", metavar="SLUG", help="this rule, as it is saved")
        what.add_argument(
            "--rule-set", type=number, metavar="N", help="this rule set (default: the one in force)"
        )
        parser.add_argument("--days", type=number, default=backtest.DAYS, help="how far back (%(default)s)")
        parser.add_argument("--site", default="", metavar="SLUG", help="comments of this site alone")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        tryout = _begin(options)
        line = ProgressLine(sys.stderr if sys.stderr.isatty() else None)
        try:
            _finish(tryout, line)
        except KeyboardInterrupt:
            backtest.cancel(tryout.pk, timezone.now())
        line.clear()
        tryout.refresh_from_db()
        counts = counts_of(tryout)
        names = {version.pk: version.rule.slug for version in RuleVersion.objects.select_related("rule")}
        if options["json"]:
            self.stdout.write(json.dumps(document(tryout, counts, names), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines(tryout, counts, names)))
        if tryout.status != TryoutStatus.DONE:
            raise CommandError(tryout.error or "the try-out was ended before its time.")


def _begin(options: dict[str, Any]) -> Tryout:
    try:
        period = Period.days(options["days"], timezone.now())
    except ValueError as wrong:
        raise Wrong(f"--days: {wrong}") from None
    site = Site.objects.filter(slug=options["site"]).first()
    if options["site"] and site is None:
        known = ", ".join(Site.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise Wrong(f"there is no site {options['site']!r}; there are: {known}.")
    if options["rule"]:
        return _begin_rule(options["rule"], period, site)
    rule_sets = RuleSet.objects.order_by("-pk")
    if options["rule_set"] is not None:
        rule_sets = rule_sets.filter(pk=options["rule_set"])
    rule_set = rule_sets.first()
    if rule_set is None:
        raise Wrong("there is no such rule set; `manage.py load_rules` puts the default rules in force.")
    if not versions_of(rule_set):
        raise Wrong(f"all rules of rule set {rule_set.pk} are off.")
    return backtest.try_rule_set(rule_set, period, site=site)


def _begin_rule(slug: str, period: Period, site: Site | None) -> Tryout:
    rule = Rule.objects.select_related("site", "word_list").filter(slug=slug).first()
    if rule is None:
        known = ", ".join(Rule.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise Wrong(f"there is no rule {slug!r}; there are: {known}.")
    if site and rule.site and rule.site != site:
        raise Wrong(f"the rule {slug!r} is of the site {rule.site.slug!r} alone.")
    return backtest.try_rule(rule, period, site=site)


def _finish(tryout: Tryout, line: ProgressLine) -> None:
    """Try chunks until the try-out is at its end; others may do so, too."""
    while tryout.status in backtest.OPEN:
        if not backtest.run_next():
            time.sleep(WAIT_SECONDS)
        tryout.refresh_from_db(fields=["status"])
        chunks = list(tryout.chunks.values_list("done_at", flat=True))
        line.draw("trying", sum(at is not None for at in chunks), len(chunks))


def document(tryout: Tryout, counts: Counts, names: dict[int, str]) -> dict[str, Any]:
    """The result for programs."""
    compared = counts.compared
    return {
        "tryout": tryout.pk,
        "status": tryout.status,
        "since": tryout.since.isoformat(),
        "until": tryout.until.isoformat(),
        "tried": counts.tried,
        "erased": counts.erased,
        "failed": counts.failed,
        "draft": _score(compared.draft),
        "in_force": _score(compared.in_force),
        "newly_caught": _score(compared.caught),
        "newly_missed": _score(compared.missed),
        "rules": {names.get(key, str(key)): _score(score) for key, score in counts.rules.items()},
        "as_stored": counts.same,
        "not_as_stored": dict(counts.differing),
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "hits": score.hits,
        "right": score.right,
        "false_alarms": score.false_alarms,
        "unseen": score.unseen,
        "precision": score.precision,
        "interval": [score.interval.low, score.interval.high] if score.judged else None,
    }


def lines(tryout: Tryout, counts: Counts, names: dict[int, str]) -> Iterator[str]:
    """The result for people."""
    compared = counts.compared
    yield f"Try-out {tryout.pk}, {tryout.status}: {counts.tried:,} comments tried, {counts.erased:,} erased."
    yield f"hits          {_told(compared.draft)}"
    yield f"in force      {_told(compared.in_force)}"
    yield f"newly caught  {_told(compared.caught)}"
    yield f"newly missed  {_told(compared.missed)}"
    if len(counts.rules) > 1:
        width = max(len(names.get(key, str(key))) for key in counts.rules)
        for key, score in counts.rules.items():
            yield f"  {names.get(key, str(key)):{width}}  {_told(score)}"
    if counts.failed:
        yield f"On {counts.failed:,} comments a check failed; the log says why."
    yield f"As stored: {counts.same:,} hits to the letter."
    for cause, times in counts.differing.items():
        yield f"Not as stored, {cause}: {times:,}"


def _told(score: Score) -> str:
    if not score.judged:
        return f"{score.hits:,}, none decided by a person"
    low, high = score.interval.low, score.interval.high
    return (
        f"{score.hits:,}: {score.right:,} right, {score.false_alarms:,} false alarms, {score.unseen:,} "
        f"never looked at; precision {score.precision:.0%} ({low:.0%} to {high:.0%})"
    )
