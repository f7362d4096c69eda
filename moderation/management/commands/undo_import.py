"""`manage.py undo_import`: take an import run back."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from comments.management.arguments import number
from comments.models import ImportRun
from comments.undoing import NotUndoable
from moderation.management.progress import ProgressLine
from moderation.models import ImportUndo
from moderation.services import begin_undo, go_on
from moderation.undo_words import causes_in_words
from moderation.undoing import Figures, Options, Tally, articles_of, preview, size_of

HELP = """\
Take an import run back. What the run created is withdrawn, what it edited gets its
former text back. Left alone is what people have worked with since: what somebody has
decided, answered or quoted, and what a later import or an edit has changed.

Nothing is deleted: a withdrawn comment is rejected, by a decision that names the run.
Articles that the run created stay. Importing the same file again brings the withdrawn
comments back and judges them anew; that is how an undo is undone. Switch a schedule of
its source off first, or it will.

You see first what would be done, and are asked. It may be killed anywhere: the same
command goes on, and so do the workers by themselves, if they run.

Exit status: 0 all of it is taken back, 1 something was left alone, 2 nothing could be
done, 130 after Ctrl-C.

  manage.py undo_import 12 --dry-run
  manage.py undo_import 12 --reason "wrong site" --by mori
  manage.py undo_import 12 --include-decided --include-answered --yes --json
"""


class Wrong(CommandError):
    """Nothing could be done, or not with these arguments."""

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
        add("run", type=number, metavar="RUN", help="the number of the run")
        add("--include-decided", action="store_true", help="also take back what a person has decided on")
        add("--include-answered", action="store_true", help="also what somebody has answered or quoted")
        add("--reason", default="", metavar="TEXT", help="why, for the record")
        add("--by", default="", metavar="NAME", help="the account of who does it, for the record")
        add("--dry-run", action="store_true", help="write nothing, say what would be done")
        add("--yes", action="store_true", help="do not ask")
        add("--json", action="store_true", help="print one line of JSON")
        add("--no-progress", action="store_true", help="draw no progress line on a terminal")

    def handle(self, **options: Any) -> None:
        run = ImportRun.objects.select_related("source__site").filter(pk=options["run"]).first()
        if run is None:
            raise Wrong(f"there is no run {options['run']}. The admin lists them under Import runs.")
        by = _person(options["by"])
        wanted = Options(options["include_decided"], options["include_answered"])
        shown = sys.stderr.isatty() and not options["no_progress"]
        line = ProgressLine(sys.stderr if shown else None)
        try:
            figures = self._preview(run, wanted, line, options)
            if not options["dry_run"]:
                self._confirm(options)
                undo = begin_undo(run.pk, wanted, now=timezone.now(), by=by, reason=options["reason"])
                figures = self._undo(undo, line, options)
        except NotUndoable as fault:
            raise Wrong(fault) from None
        except KeyboardInterrupt:
            line.clear()
            raise CommandError("stopped. The same command again goes on from here.", returncode=130) from None
        if figures.kept:
            sys.exit(1)

    def _preview(
        self, run: ImportRun, wanted: Options, line: ProgressLine, options: dict[str, Any]
    ) -> Figures:
        """What would be done; told where somebody is to see it."""
        if options["yes"] and not options["dry_run"]:
            return Figures(0, 0, {})
        size = size_of(run)
        tally = preview(run, step=lambda done: line.draw("looking", done, max(size, done)))
        line.clear()
        figures = tally.of(wanted)
        if options["dry_run"] and options["json"]:
            self.stdout.write(_line(run, figures, dry_run=True))
        else:
            told = self.stderr if options["json"] else self.stdout
            told.write(_table(run, figures, tally), style_func=str)
        return figures

    def _confirm(self, options: dict[str, Any]) -> None:
        if options["yes"]:
            return
        if not sys.stdin.isatty():
            raise Wrong("nobody is here to be asked, and nothing was done. Give --yes to do it all the same.")
        try:
            answer = input("Undo this run? [y/N] ")
        except EOFError:
            # Ctrl-D is no answer.
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            raise Wrong("nothing was done.")

    def _undo(self, undo: ImportUndo, line: ProgressLine, options: dict[str, Any]) -> Figures:
        size = size_of(undo.run)

        def step(undo: ImportUndo) -> None:
            done = undo.done
            line.draw("undoing", done, max(size, done))

        undo = go_on(undo, step=step)
        line.clear()
        figures = Figures(**undo.counts)
        if options["json"]:
            self.stdout.write(_line(undo.run, figures, undo=undo.pk))
        else:
            self.stdout.write(f"Undo {undo.pk} of run {undo.run_id} is done.")
            self.stdout.write("\n".join(_figures(figures, None)))
        return figures


def _person(name: str) -> Any:
    if not name:
        return None
    users = get_user_model()
    person = users.objects.filter(**{users.USERNAME_FIELD: name}).first()
    if person is None:
        raise Wrong(f"--by {name}: there is no such account.")
    return person


def _line(run: ImportRun, figures: Figures, *, undo: int | None = None, dry_run: bool = False) -> str:
    return json.dumps(
        {
            "run": run.pk,
            "undo": undo,
            "site": run.source.site.slug,
            "source": run.source.slug,
            **figures.document(),
            "articles": articles_of(run),
            "dry_run": dry_run,
        },
        ensure_ascii=False,
    )


def _table(run: ImportRun, figures: Figures, tally: Tally) -> str:
    """What would be done, with a few comments of each cause."""
    lines = [
        f"Run {run.pk} ({run.status}) · site {run.source.site.slug} · source {run.source.slug} · {run.path}",
        *_figures(figures, tally),
        f"Articles that it created ({articles_of(run):,}) stay. Nothing is deleted; importing the same file",
        "again brings the withdrawn comments back.",
    ]
    return "\n".join(lines)


def _figures(figures: Figures, tally: Tally | None) -> list[str]:
    lines = [
        f"{figures.withdrawn:>12,}  comments that it created: withdrawn",
        f"{figures.restored:>12,}  comments that it edited: their former text comes back",
    ]
    with override("en"):
        for name, number in figures.left.items():
            named = tally.examples_of(name) if tally else []
            more = "…" if number > len(named) else ""
            examples = f" ({', '.join(f'#{key}' for key in named)}{more})" if named else ""
            lines.append(f"{number:>12,}  left alone: {causes_in_words(name)}{examples}")
    return lines
