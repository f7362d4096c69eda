"""`manage.py docs`: write the documents that are made from the code, or say which are stale."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation.catalogue import reference
from moderation.checks import CHECKS
from moderation.comment_results import tables
from moderation.examination import with_results
from moderation.policies import with_policies
from moderation.quotes.corpus import examine, read

CORPUS = Path(__file__).parents[3] / "seeds" / "corpus" / "quotes.jsonl"


def checks(_: str) -> str:
    """The whole page is made, what becomes of the labelled comments too."""
    return f"{reference(CHECKS)}\n{tables()}"


def quotes(page: str) -> str:
    """The page as it stands, with the tables of the corpus made anew."""
    with CORPUS.open(encoding="utf-8") as lines:
        return with_results(page, examine(read(lines)))


PAGES: dict[str, Callable[[str], str]] = {
    "checks.md": checks,
    "quotes.md": quotes,
    "formats.md": with_policies,
}


class Command(BaseCommand):
    """Needs no database."""

    help = (
        "Write docs/checks.md from the checks, with what they make of the labelled comments, into "
        "docs/quotes.md what the finder and the tracer make of the labelled quotes, into docs/formats.md "
        "what the policies of imports do. With --check nothing is written; status 1 if one is stale."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only say whether the documents are fresh.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs"
        for name, make in PAGES.items():
            page = folder / name
            old = page.read_text(encoding="utf-8") if page.is_file() else ""
            text = make(old)
            if page.is_file() and old == text:
                continue
            if check:
                raise CommandError(f"docs/{name} is stale: run manage.py docs.")
            page.write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/{name} written.")
