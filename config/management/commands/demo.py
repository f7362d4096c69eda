"""`manage.py demo`: everything started, the sample site filled, and served until Ctrl-C."""

import shlex
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from config.local import Stack
from config.management.commands import up
from config.supervisor import Log, Supervisor

HELP = """Start everything with a sample site, show what became of its comments, and serve until Ctrl-C.

The data goes into a throw-away folder and is gone afterwards; --keep uses .data/, where a second run
finds everything as it was. The table goes to stdout, the log to stderr."""


class Command(up.Command):
    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="End after the table, with status 0 only if every comment was decided.",
        )
        parser.add_argument("--keep", action="store_true", help="Keep the data in .data/ for the next run.")
        parser.add_argument("--port", type=int, help="The web server's port (8000, or the next free one).")

    def handle(self, *args: Any, **options: Any) -> None:
        self.once = options["once"]
        up_options = {"exec": None, "ephemeral": not options["keep"], "workers": 2, "no_beat": False}
        super().handle(*args, **{**options, **up_options})

    def _environment(self, stack: Stack, port: int) -> dict[str, str]:
        # A line for each comment would bury the table.
        return {"LOG_LEVEL": "WARNING", **super()._environment(stack, port)}

    def _serve(
        self, supervisor: Supervisor, environment: dict[str, str], command: str | None, log: Log
    ) -> int:
        self._wait(supervisor, environment)
        if supervisor.signal is not None:
            return 128 + supervisor.signal
        seed = shlex.join([sys.executable, str(settings.BASE_DIR / "manage.py"), "seed_demo"])
        status = up._execute(seed, environment, supervisor)
        if self.once or status:
            return status
        log.say("sekisho", "Ctrl-C stops everything.")
        return super()._serve(supervisor, environment, None, log)
