"""The command line: `python -m bench.chaos [--kills N] [--submissions N] [--seed N]`."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import chaos, prose
from bench.chaos import points
from bench.chaos.clients import Clients, Submission, Tally
from bench.chaos.counts import Count, count_all
from bench.chaos.importing import Importer
from bench.chaos.kills import Killed, Killer, plan
from bench.stand import Stand, add_key, say, stand
from config.local.process import tail, until

SEED = 20261123
ARTICLES = 20
CLIENTS = 8
# How long all that was released may take to be accepted, imported and decided, in seconds.
SETTLE = 180.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a storm was and what it left."""

    seconds: float
    kills: list[Killed]
    counts: list[Count]
    tally: Tally
    imports: int

    @property
    def violations(self) -> list[str]:
        wrong = [f"{each.name}: {each.found}, not {each.wanted}" for each in self.counts if not each.right]
        return wrong + self.tally.refused


def storm(kills: int, submissions: int, seed: int, *, durable: bool) -> Outcome:
    """Submit, kill, mend, settle, count. Raises `RuntimeError` where something does not come back."""
    rng = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="points-") as folder,
        stand(
            durable=durable,
            environment={points.FOLDER: folder},
            celery_app="bench.chaos.worker",
            application="bench.chaos.web:application",
        ) as standing,
    ):
        sent = _prepare(standing, submissions, rng)
        standing.start("web", "worker", "beat")
        standing.wait_for_web()
        standing.wait_for_worker()
        clients = Clients(standing.port, sent, CLIENTS)
        try:
            return _storm(standing, clients, plan(kills, rng), Path(folder), rng)
        except BaseException:
            for name in standing.processes:
                lines = tail(standing.logs / f"{name}.log", 20).splitlines()
                say("\n".join([f"--- {name}", *(line[:300] for line in lines)]))
            raise
        finally:
            clients.stop()


def _storm(
    standing: Stand, clients: Clients, wanted: Sequence[str], folder: Path, rng: random.Random
) -> Outcome:
    importer = Importer(standing, "bench", max(600, len(clients.submissions)), rng)
    killer = Killer(standing, clients, importer, folder, rng)
    killed: list[Killed] = []
    for number, where in enumerate(wanted):
        share = len(clients.submissions) * (number + 1) // len(wanted) - clients.released
        killed.append(killer.kill(where, share))
        say(f"{number + 1:>3}/{len(wanted)}  {killed[-1].at:6.1f} s  {where}")
    clients.release(len(clients.submissions))
    _settle(standing, clients, importer)
    with standing.database() as db:
        counts = count_all(db, clients.submissions, clients.tally.accepted, importer.archives)
    return Outcome(time.time() - killer.started, killed, counts, clients.tally, importer.starts)


def _prepare(standing: Stand, count: int, rng: random.Random) -> list[Submission]:
    """The site and what will be sent: one comment in twenty is edited, one in ten sent twice."""
    from django.db import connection

    from bench import data  # needs Django set up

    world = data.make_world(ARTICLES, rng)
    with standing.database() as db:
        add_key(db, world.site.pk)
    bodies = data.mixed_bodies(world, world.articles, rng, count)
    sent = [
        Submission(
            number,
            str(1 + number % ARTICLES),
            body,
            edited=f"{body}\n追記：{prose.sentence(rng)}" if number % 20 == 7 else "",
            asked_twice=number % 10 == 3,
        )
        for number, body in enumerate(bodies)
    ]
    connection.close()
    return sent


def _settle(standing: Stand, clients: Clients, importer: Importer) -> None:
    """Until all is accepted, imported and decided, or `SETTLE` is over: the counts then tell."""

    def settled() -> bool:
        if importer.keep_going(another=False) or clients.done < len(clients.submissions):
            return False
        with standing.database() as db:
            return db.execute("SELECT FROM moderation_pending LIMIT 1").fetchone() is None

    if not until(settled, SETTLE, 0.1):
        say(f"not settled after {SETTLE:g} s")


def report(outcome: Outcome) -> str:
    """The table of kills and the counts."""
    lines = ["  #    at s  accepted  waiting  where                    what was in flight (process)"]
    for number, each in enumerate(outcome.kills, 1):
        figures = f"{number:>3}  {each.at:6.1f}  {each.accepted:>8}  {each.pending:>7}"
        lines.append(f"{figures}  {each.where:<23}  {each.what} ({each.pid})")
    failures = ", ".join(f"{count} × {name}" for name, count in outcome.tally.failures.most_common())
    lines += ["", f"Clients had to ask again: {failures or 'never'}."]
    lines += [f"{outcome.tally.replays} answers were replays."]
    lines += [f"The import was started {outcome.imports} times.", ""]
    for count in outcome.counts:
        mark = "ok" if count.right else f"WRONG, must be {count.wanted}"
        lines.append(f"{count.found:>8}  {count.name}: {mark}")
    wrong = outcome.violations
    lines += ["", f"{len(outcome.kills)} kills in {outcome.seconds:.0f} s, {len(wrong)} violations."]
    return "\n".join([*lines, *outcome.tally.refused[:10]])


def figures(outcome: Outcome) -> dict[str, Any]:
    by_name = {each.name: each.found for each in outcome.counts}
    imported = [each.found for each in outcome.counts if each.name.endswith(": comments stored")]
    return {
        "kills": len(outcome.kills),
        "submissions accepted": by_name["submissions accepted"],
        "comments stored": by_name["comments stored"],
        "comments imported": sum(imported),
        "violations": len(outcome.violations),
        "fell": [asdict(each) for each in outcome.kills],
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.chaos",
        description=chaos.__doc__,
        epilog="Exit status 1 if anything was lost or done twice.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--kills", type=int, metavar="N", help="how many kills (30; 6 if quick)")
    add("--submissions", type=int, metavar="N", help="how many comments are posted (2000; 200)")
    add("--seed", type=int, default=SEED, metavar="N", help="another order of kills (%(default)s)")
    add("--quick", action="store_true", help="a short storm, on a database that flushes nothing")
    add("--json", action="store_true", help="figures as one JSON object; the table goes to stderr")
    options = parser.parse_args(arguments)
    kills = options.kills if options.kills is not None else 6 if options.quick else 30
    submissions = options.submissions if options.submissions is not None else 200 if options.quick else 2_000
    if not 1 <= kills <= submissions:
        parser.error("--kills must be at least 1 and at most --submissions.")
    outcome = storm(kills, submissions, options.seed, durable=not options.quick)
    print(report(outcome), file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print(json.dumps(figures(outcome)))
    return 1 if outcome.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
