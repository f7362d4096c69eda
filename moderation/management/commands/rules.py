"""`manage.py rules`: rule sets leave and enter as one YAML file."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from comments.models import Site
from moderation.presets import PRESETS, preset
from moderation.rule_files import store
from moderation.rule_files.nodes import MOST_BYTES, Fault, Faulty
from moderation.rule_files.schema import SECTIONS, RuleFile, read
from moderation.rule_files.spelling import spell
from moderation.rule_files.store import Change, Options, What

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User

HELP = """\
Reasons, word lists and rules as one YAML file, so that they can live in git.

  export   print what the database has. The same rules give the same bytes, so that a
           difference in git is a difference of rules.
  import   put a file in force, as one new rule set. What the file has is added or
           changed, and only what changed gets a version; what it does not have stays,
           unless --prune switches its rules off. On a terminal you see first what would
           change, and are asked; --dry-run only shows it.
  test     say what is wrong with a file, and run the examples of its rules. Without a
           database at hand the file is judged by itself.

A wrong file changes nothing: each fault is told as FILE:LINE:COLUMN with the field and
what may stand there. - is standard input. Several files are read as one.

Exit status: 0 all well, 1 the file is wrong (or an example comes out wrong), 2 nothing
could be read or done.

  manage.py rules export > rules.yaml
  manage.py rules test rules.yaml
  manage.py rules import rules.yaml --dry-run
  manage.py rules import rules.yaml --prune --note "spring cleaning" --by hara --yes
  manage.py rules import --preset strict
"""


class Command(BaseCommand):
    help = HELP
    # `test` needs no database.
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help."""
        return super().create_parser(
            prog_name, subcommand, **{**kwargs, "formatter_class": RawDescriptionHelpFormatter}
        )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="export|import|test")
        export = actions.add_parser("export", help="print what the database has")
        export.add_argument("--output", type=Path, metavar="FILE", help="write it there instead")
        enter = actions.add_parser("import", help="put a file in force")
        test = actions.add_parser("test", help="say what is wrong with a file, run its examples")
        for each in (enter, test):
            each.add_argument("files", nargs="*", metavar="FILE", help="the file; - is standard input")
            each.add_argument("--preset", choices=PRESETS, help="one of the presets instead of a file")
            each.add_argument("--json", action="store_true", help="print one JSON document")
        add = enter.add_argument
        add("--prune", action="store_true", help="switch off rules that the file does not have")
        add("--dry-run", action="store_true", help="write nothing, say what would change")
        add("--yes", action="store_true", help="do not ask")
        add("--note", default="", metavar="TEXT", help="why, kept with every version")
        add("--by", default="", metavar="NAME", help="the account of who does it, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "export":
            self._export(options["output"])
            return
        try:
            file = _read(options)
            self._test(file, options) if options["action"] == "test" else self._import(file, options)
        except Faulty as faulty:
            self._tell(faulty.faults, options)
            sys.exit(1)

    def _export(self, output: Path | None) -> None:
        text = spell(store.in_force())
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}.", returncode=2) from None

    def _test(self, file: RuleFile, options: dict[str, Any]) -> None:
        try:
            there, sites = store.in_force(), dict(Site.objects.values_list("slug", "language"))
        except (DatabaseError, ImproperlyConfigured):
            there, sites = None, None
        store.examine(file, there, sites)
        examples = sum(len(rule.match) + len(rule.passing) for rule in file.rules.values())
        counts = {section: len(file.section(section)) for section in SECTIONS}
        if options["json"]:
            self._json({"ok": True, "faults": [], **counts, "examples": examples})
            return
        told = ", ".join(f"{count} {section.replace('_', ' ')}" for section, count in counts.items())
        self.stdout.write(f"All well: {told}; {examples} examples come out as they say.")
        if there is None:
            self.stdout.write("No database is at hand: judged by itself; sites were not looked up.")

    def _import(self, file: RuleFile, options: dict[str, Any]) -> None:
        wanted, by = Options(prune=options["prune"]), _person(options["by"])
        asks = sys.stdin.isatty() and not (options["yes"] or options["json"])
        note = options["note"] or (f"preset {options['preset']}" if options["preset"] else "")
        if options["dry_run"] or asks:
            changes = store.rehearse(file, wanted, note=note)
            self._show(changes, options)
            if options["dry_run"] or not any(each.writes for each in changes):
                return
            if input("Put this in force? [y/N] ").strip().lower() not in {"y", "yes"}:
                raise CommandError("nothing was done.", returncode=2)
        changes = store.put_in_force(file, wanted, by=by, note=note)
        self._show(changes, options, done=True)

    def _show(self, changes: Sequence[Change], options: dict[str, Any], *, done: bool = False) -> None:
        if options["json"]:
            written = [_document(each) for each in changes if each.what is not What.SAME]
            self._json({"ok": True, "faults": [], "written": done, "changes": written})
            return
        for change in changes:
            if change.writes:
                self.stdout.write("\n".join(lines(change)))
        left = [each.slug for each in changes if each.what is What.LEFT]
        if left:
            self.stdout.write(f"Not in the file, left as they are: {', '.join(left)} (--prune switches off).")
        count = sum(each.writes for each in changes)
        same = sum(each.what is What.SAME for each in changes)
        self.stdout.write(f"{count} {'written' if done else 'to write'}, {same} the same.")

    def _tell(self, faults: Sequence[Fault], options: dict[str, Any]) -> None:
        if options["json"]:
            self._json({"ok": False, "faults": [fault.document() for fault in faults]})
            return
        for fault in faults:
            self.stderr.write(str(fault), style_func=str)
        changed = " Nothing was changed." if options["action"] == "import" else ""
        self.stderr.write(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}.{changed}")

    def _json(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False))


def _read(options: dict[str, Any]) -> RuleFile:
    if bool(options["preset"]) == bool(options["files"]):
        raise CommandError("give one FILE or more, or --preset.", returncode=2)
    if options["preset"]:
        return preset(options["preset"])
    return read([(name, _bytes(name)) for name in options["files"]])


def _bytes(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}.", returncode=2) from None


def _person(name: str) -> User | None:
    if not name:
        return None
    person = get_user_model().objects.filter(username=name).first()
    if person is None:
        raise CommandError(f"--by {name}: there is no such account.", returncode=2)
    return person


# Values longer than this are cut on a terminal: a word list may have thousands of words.
_SHOWN = 60


def lines(change: Change) -> list[str]:
    """A change for people: what, and for each field what it was and what it becomes."""
    sign = {What.ADDED: "+", What.CHANGED: "~", What.OFF: "-"}[change.what]
    named = f"{sign} {change.section[:-1].replace('_', ' ')} {change.slug}"
    if change.what is What.OFF:
        return [f"{named}: switched off"]
    return [named, *(f"    {name}: {_shown(before, after)}" for name, before, after in change.fields)]


def _shown(before: Any, after: Any) -> str:
    if isinstance(before, tuple):
        gone = [_cut(item) for item in before if item not in after]
        new = [_cut(item) for item in after if item not in before]
        parts = [f"−{', −'.join(gone[:10])}"] if gone else []
        parts += [f"+{', +'.join(new[:10])}"] if new else []
        more = max(0, len(gone) - 10) + max(0, len(new) - 10)
        return "; ".join(parts + ([f"and {more} more"] if more else [])) or "another order"
    return f"{_cut(before)} → {_cut(after)}"


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _document(change: Change) -> dict[str, Any]:
    fields = [{"field": name, "before": before, "after": after} for name, before, after in change.fields]
    return {"section": change.section, "slug": change.slug, "what": str(change.what), "fields": fields}
