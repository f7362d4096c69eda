"""An import killed again and again: each time the end is that of an import left in peace.

    python -m bench.kills [--kills N] [--rows N] [--seed N] [--quick] [--json]

One archive, its rows in any order, is imported as often as there are kills;
each time the importer, the worker, PostgreSQL, Redis or all of them together
are killed (SIGKILL) once, at a seeded random moment between the start and the
last decision. Who died is started again, the importer by the same command.
Then all that was stored, linked, refused and decided is compared with what an
undisturbed import left, to the last character.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.chaos.counts import NEVER
from bench.chaos.importing import Archive, write
from bench.stand import Stand, say, stand
from config.local.process import tail, until

SEED = 20261124
SOURCE = "archive"
IMPORTER = "importer"
TARGETS = ("importer", "worker", "PostgreSQL", "Redis", "everything", "importer", "everything")
# How long an import may take to be stored and decided, whatever was killed, in seconds.
PATIENCE = 180.0

# What an import leaves, without the keys and times that another one numbers otherwise.
STATE = {
    "comments": """
        SELECT c.external_id, a.external_id, p.external_id, c.parent_how, c.body, c.posted_at, c.number,
            c.revision, c.status, c.author_email
        FROM comments_comment c JOIN comments_article a ON a.id = c.article_id
        LEFT JOIN comments_comment p ON p.id = c.parent_id ORDER BY 1""",
    "articles": "SELECT external_id, title, body, revision FROM comments_article ORDER BY 1",
    "decisions": """
        SELECT c.external_id, d.revision, d.from_status, d.to_status, d.cause
        FROM moderation_decision d JOIN comments_comment c ON c.id = d.comment_id ORDER BY 1, d.id""",
    "findings": """
        SELECT c.external_id, f.rule_version_id, f.code, f.spans, f.data
        FROM moderation_finding f JOIN moderation_decision d ON d.id = f.decision_id
        JOIN comments_comment c ON c.id = d.comment_id ORDER BY 1, 2, 3, 4""",
    "cases": """
        SELECT c.external_id, k.severity, k.closed_at IS NULL
        FROM moderation_case k JOIN comments_comment c ON c.id = k.comment_id ORDER BY 1""",
    "problems": """
        SELECT position, refused, kind, place, code, reason, raw FROM comments_importproblem
        ORDER BY 1, 2, 5""",
    "counts": "SELECT counts, status FROM comments_importrun ORDER BY id",
}


class Imports:
    """The same archive imported from nothing, again and again."""

    def __init__(self, standing: Stand, archive: Archive, site: str) -> None:
        self.standing, self.archive = standing, archive
        standing.commands[IMPORTER] = [
            *(sys.executable, "manage.py", "import_comments", str(archive.path), "--site", site),
            *("--source", SOURCE, "--json", "--no-progress"),
        ]

    def undisturbed(self) -> tuple[dict[str, Any], float]:
        """What an import in peace leaves, and the seconds that it takes."""
        self._begin()
        started = time.monotonic()
        self._settle()
        return self._state(), time.monotonic() - started

    def killed(self, target: str, after: float) -> tuple[dict[str, Any], str]:
        """What an import leaves when something is killed `after` so many seconds; what was done by then."""
        self._begin()
        time.sleep(after)
        then = self._progress()
        self._kill(target)
        self._settle()
        return self._state(), then

    def _begin(self) -> None:
        """Empty the database and start an import; return when its run has begun."""
        with self.standing.database() as db:
            db.execute(
                """TRUNCATE comments_comment, comments_article, comments_importrun, comments_importsource
                   CASCADE"""
            )

        self.standing.start(IMPORTER)
        if not until(self._has_begun, PATIENCE, 0.01):
            raise RuntimeError(tail(self.standing.logs / f"{IMPORTER}.log", 20))

    def _has_begun(self) -> bool:
        with self.standing.database() as db:
            return db.execute("SELECT FROM comments_importrun").fetchone() is not None

    def _progress(self) -> str:
        with self.standing.database() as db:
            row = db.execute(
                """SELECT (SELECT coalesce(max(position), 0) FROM comments_importrun),
                    (SELECT count(*) FROM comments_comment), (SELECT count(*) FROM moderation_decision)"""
            ).fetchone()
        read, stored, decided = row or (0, 0, 0)
        return f"{read:>6,} read {stored:>6,} stored {decided:>6,} decided"

    def _kill(self, target: str) -> None:
        standing = self.standing
        for name in {"everything": (IMPORTER, "worker")}.get(target, (target,)):
            if name in standing.processes:
                standing.kill(name)
        servers = [each for each in standing.stack.servers if target in {"everything", each.name}]
        for server in servers:
            server.kill()
        for server in servers:
            server.start()
        if target in {"everything", "worker"}:
            standing.start("worker")

    def _settle(self) -> None:
        """Until the run has ended and all is decided. Raises `RuntimeError`."""
        if not until(self._settled, PATIENCE, 0.05):
            log = tail(self.standing.logs / f"{IMPORTER}.log", 20)
            raise RuntimeError(f"not settled after {PATIENCE:g} s: {self._progress()}\n{log}")

    def _settled(self) -> bool:
        process = self.standing.processes[IMPORTER]
        if process.poll() is None:
            return False
        with self.standing.database() as db:
            ended = db.execute("SELECT FROM comments_importrun WHERE finished_at IS NOT NULL").fetchone()
            waits = db.execute("SELECT FROM moderation_pending LIMIT 1").fetchone()
        if ended is None:
            self.standing.start(IMPORTER)
        return ended is not None and waits is None

    def _state(self) -> dict[str, Any]:
        with self.standing.database() as db:
            state = {name: db.execute(sql).fetchall() for name, sql in STATE.items()}
            return state | {name: db.execute(sql).fetchall() for name, sql in NEVER.items()}


def measure(kills: int, rows: int, seed: int, *, durable: bool) -> dict[str, Any]:
    """How many imports were killed, and how many of them ended otherwise than the one left in peace."""
    rng = random.Random(seed)
    with stand(durable=durable) as standing:
        from comments.models import Floor, Site

        site = Site.objects.create(slug="bench", name="Bench", floor=Floor.OPEN)
        archive = write(Path(standing.logs) / "archive.jsonl", SOURCE, rows, rng)
        standing.start("worker", "beat")
        standing.wait_for_worker()
        imports = Imports(standing, archive, site.slug)
        wanted, seconds = imports.undisturbed()
        say(f"in peace: {seconds:.1f} s, {len(wanted['comments']):,} comments")
        wrong = []
        for number in range(kills):
            target, after = TARGETS[number % len(TARGETS)], rng.uniform(0, seconds)
            found, then = imports.killed(target, after)
            differing = [name for name in wanted if found[name] != wanted[name]]
            wrong += [f"{number + 1}, {target} after {after:.2f} s: {name}" for name in differing]
            mark = f"DIFFERS: {', '.join(differing)}" if differing else "the same end"
            say(f"{number + 1:>3}/{kills} {target:<11} after {after:5.2f} s, {then}: {mark}")
    return {
        "kills": kills,
        "rows": rows,
        "seconds of an import in peace": seconds,
        "imports that ended otherwise": len(wrong),
        "what differed": wrong,
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.kills",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, metavar="N", help="how many (50; 4 if quick)")
    parser.add_argument("--rows", type=int, metavar="N", help="comments of the archive (20000; 600)")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="other moments (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="few and small: to see that it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args(arguments)
    kills, rows = (
        options.kills or (4 if options.quick else 50),
        options.rows or (600 if options.quick else 20_000),
    )
    found = measure(kills, rows, options.seed, durable=not options.quick)
    print(
        json.dumps(found, ensure_ascii=False)
        if options.json
        else "\n".join(f"{v!s:>8}  {k}" for k, v in found.items())
    )
    return 1 if found["imports that ended otherwise"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
