"""`manage.py trace_quotes`: every quote of a file with its source, without a database."""

from __future__ import annotations

import json
import os
import sys
from argparse import RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.formats.base import Unreadable
from comments.imports import readable
from moderation.management.progress import ProgressLine
from moderation.quote_file import Found, QuoteFile
from moderation.quotes import Verdict

HELP = """\
Trace every quote of a file to its source: the article, or another comment of it.

The file is our import JSONL (docs/formats.md), one article or comment a line, in any
order; - is standard input. No database, no Redis and no setting is needed, and nothing
is written. On standard output comes one line of JSON a quote:

  {"comment": "c7", "start": 0, "end": 24, "quote": "…", "verdict": "altered",
   "source": {"kind": "article", "id": "a1", "start": 31, "end": 52}, "similarity": 0.94,
   "differences": [{"kind": "number", "quoted": "80", "source": "120"}], "ambiguous": false}

"start" and "end" are characters of the bodies as the file has them, "quote" is the
passage without its markers. "source" is null where there is none; of an altered quote it
is the nearest passage.

An article that stands there twice has two texts, the later of which replaced the former.
A comment with the state rejected, spam, trash or deleted was hidden from readers. Comments
are numbered, for >>12, by their place in the order of posted_at, then of the file.

Exit status: 0 all well, 1 some lines could not be read (told on standard error with their
number and the reason), 2 nothing could be read.

  manage.py trace_quotes archive.jsonl > quotes.jsonl
  manage.py trace_quotes archive.jsonl --summary
  zcat archive.jsonl.gz | manage.py trace_quotes - --ignore-parents
"""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("path", metavar="FILE", help="the file; - is standard input")
        add("--summary", action="store_true", help="print a table of the verdicts instead of the quotes")
        add("--ignore-parents", action="store_true", help="keep the given parents from helping")
        add("--no-progress", action="store_true", help="draw no progress line on a terminal")

    def handle(self, **options: Any) -> None:
        shown = sys.stderr.isatty() and not options["no_progress"]
        line = ProgressLine(sys.stderr if shown else None)
        try:
            with readable(options["path"]) as path, path.open("rb") as stream:
                self._trace(QuoteFile(stream), path.stat().st_size, line, options)
        except (Unreadable, OSError) as fault:
            if isinstance(fault, BrokenPipeError):
                _close_quietly()
            reason = fault if isinstance(fault, Unreadable) else f"{fault.strerror}."
            raise CommandError(f"{options['path']}: {reason}", returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError("stopped.", returncode=130) from None

    def _trace(self, file: QuoteFile, size: int, line: ProgressLine, options: dict[str, Any]) -> None:
        problems = 0
        for problem in file.read(lambda at: line.draw("reading", at, size)):
            problems += 1
            line.clear()
            self.stderr.write(f"{problem.place}: {problem.reason}")
        quotes = file.trace(
            parents=not options["ignore_parents"],
            step=lambda done: line.draw("tracing", done, file.articles),
        )
        if options["summary"]:
            self.stdout.write(summary(quotes))
        else:
            for quote in quotes:
                self.stdout.write(json.dumps(quote.document(), ensure_ascii=False))
        line.clear()
        self.stdout.flush()
        if problems:
            sys.exit(1)


def summary(quotes: Iterable[Found]) -> str:
    """A table of the verdicts that occur, in the order of the design."""
    counts = Counter(quote.traced.verdict for quote in quotes)
    total = sum(counts.values())
    rows = [(str(verdict), counts[verdict]) for verdict in Verdict if counts[verdict]]
    lines = [f"{'verdict':<10}{'quotes':>10}{'share':>9}"]
    lines += [
        f"{name:<10}{count:>10,}{count / total:>9.1%}" for name, count in [*rows, ("all", total)] if total
    ]
    return "\n".join(lines if total else ["The file has no quotes."])


def _close_quietly() -> None:
    """End as others do whose reader has seen enough (`| head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(141)
