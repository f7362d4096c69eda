"""`manage.py docs`: write the documents that are made from the code, or say which are stale."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.catalogue import reference
from moderation.checks import CHECKS

PAGES: dict[str, Callable[[], str]] = {"checks.md": partial(reference, CHECKS)}


class Command(BaseCommand):
    """Needs no database."""

    help = "Write docs/checks.md from the checks. With --check nothing is written; status 1 if it is stale."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only say whether the documents are fresh.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs"
        for name, make in PAGES.items():
            page, text = folder / name, make()
            if page.is_file() and page.read_text(encoding="utf-8") == text:
                continue
            if check:
                raise CommandError(f"docs/{name} is stale: run manage.py docs.")
            page.write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/{name} written.")
