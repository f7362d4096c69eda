"""Comments screened a second, on one worker and on two, against COPY of the same rows.

    python -m bench.screening [--quick] [--json]

20,000 mixed comments a round, a third with quotes, at 500 articles, in a table
that already holds a million decided ones, with the default rules, autovacuum
on, by real Celery workers; the same with an old snapshot held open meanwhile.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from bench.stand import Stand, figures, main, say, stand

if TYPE_CHECKING:
    from bench.data import World

BUSY = 500
# Comments a worker screens before the first round that counts: a worker that
# has run for a day knows its articles.
WARM = 2_000
KINDS = (("one", 1, False), ("two", 2, False), ("two_held", 2, True))


def run(*, quick: bool = False) -> dict[str, Any]:
    """Rates in comments a second, and their ratios."""
    return figures("bench.screening", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own."""
    stored, comments, rounds = (20_000, 2_000, 1) if quick else (1_000_000, 20_000, 3)
    with stand(durable=True) as standing:
        from bench import data

        rng = random.Random(data.SEED)
        world = data.make_world(max(BUSY * rounds * len(KINDS), stored // 40), rng)
        _fill(world, stored, rng)
        rates: dict[str, list[float]] = {name: [] for name in ("copy", *(name for name, _, _ in KINDS))}
        # Each lot goes to articles of its own: all have as many comments as the first had.
        lots = (world.articles[at : at + BUSY] for at in range(0, len(world.articles), BUSY))
        for _ in range(rounds):
            for name, workers, held in KINDS:
                busy = next(lots)
                copied, screened = _round(standing, world, busy, comments, workers, rng, held=held)
                rates["copy"].append(copied)
                rates[name].append(screened)
                say(f"screening, {name}: {screened:,.0f} a second; COPY {copied:,.0f}")
    rate = {name: median(values) for name, values in rates.items()}
    return {
        "one worker, a second": rate["one"],
        "two workers, a second": rate["two"],
        "COPY, a second": rate["copy"],
        "two workers to COPY": rate["two"] / rate["copy"],
        "two workers to one": rate["two"] / rate["one"],
        "held snapshot to none": rate["two_held"] / rate["two"],
    }


def _fill(world: World, stored: int, rng: random.Random) -> None:
    """So many decided comments, spread over all articles and the past."""
    from bench import data
    from comments import bulk

    bodies = data.plain_bodies(rng, stored)
    data.copy(data.rows(world, world.articles, bodies, data.START, timedelta(seconds=20), rng))
    bulk.execute("UPDATE comments_comment SET status = 'published', published_revision = 1, number = 1")
    bulk.execute(
        """INSERT INTO moderation_decision
               (comment_id, revision, from_status, to_status, cause, facts, created_at)
           SELECT id, 1, 'received', 'published', 'rules', '{}', received_at FROM comments_comment"""
    )
    bulk.execute(
        """INSERT INTO moderation_finding (decision_id, rule_version_id, action, mode, code, spans, data)
           SELECT id, (SELECT min(id) FROM moderation_ruleversion), 'flag', 'enforce', 'missing', '[]', '{}'
           FROM moderation_decision WHERE id % 20 = 0"""
    )
    bulk.execute(
        """INSERT INTO moderation_case (comment_id, site_id, severity, opened_at, due_at, closed_at)
           SELECT id, site_id, 1, received_at, received_at,
               CASE WHEN id % 100 = 0 THEN NULL ELSE received_at END
           FROM comments_comment WHERE id % 20 = 0"""
    )
    bulk.execute("VACUUM (ANALYZE)")
    for article, body in bulk.fetch(
        "SELECT article_id, body FROM comments_comment WHERE article_id = ANY(%s)",
        [world.articles[: 9 * BUSY]],
    ):
        world.quotable[article].append(body.split("。")[0] + "。")
    say(f"screening: {stored:,} decided comments stored")


def _round(
    standing: Stand,
    world: World,
    busy: list[int],
    comments: int,
    workers: int,
    rng: random.Random,
    *,
    held: bool,
) -> tuple[float, float]:
    """Rates of COPY and of screening for one lot of new comments."""
    from comments import bulk

    with worker(standing, workers), _snapshot(standing, held=held):
        screen(store(world, busy, WARM if comments > WARM else 1, rng)[0])
        count, copied = store(world, busy, comments, rng)
        bulk.execute("CHECKPOINT")
        return copied, comments / screen(count)


def store(world: World, busy: list[int], comments: int, rng: random.Random) -> tuple[int, float]:
    """COPY new comments; how many, and how many a second."""
    from bench import data
    from comments import bulk

    ((newest,),) = bulk.fetch("SELECT max(posted_at) FROM comments_comment")
    bodies = data.mixed_bodies(world, busy, rng, comments)
    rows = list(data.rows(world, busy, bodies, newest, timedelta(seconds=3), rng))
    started = time.perf_counter()
    data.copy(rows)
    return comments, comments / (time.perf_counter() - started)


def screen(comments: int) -> float:
    """Seconds from the ring to the last decision."""
    from comments import bulk
    from moderation.doorbell import ring

    # Enlisting reads the whole table here, which `receive` never does; beat, which
    # would ring before us, does not run.
    bulk.execute(
        """INSERT INTO moderation_pending (comment_id, lane, since, request_id)
           SELECT id, 0, now(), '' FROM comments_comment WHERE status = 'received' ORDER BY id"""
    )
    started = time.perf_counter()
    ring()
    while bulk.fetch("SELECT 1 FROM moderation_pending LIMIT 1"):
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    ((left,),) = bulk.fetch("SELECT count(*) FROM comments_comment WHERE status = 'received'")
    if left:
        raise RuntimeError(f"{left} of {comments} comments are left undecided.")
    return seconds


@contextmanager
def worker(standing: Stand, processes: int) -> Iterator[None]:
    """A real Celery worker with so many processes, ready."""
    command = standing.commands["worker"]
    at = command.index("--concurrency") + 1
    standing.commands["worker"] = [*command[:at], str(processes), *command[at + 1 :]]
    standing.start("worker")
    try:
        standing.wait_for_worker()
        yield
    finally:
        standing.stop()


@contextmanager
def _snapshot(standing: Stand, *, held: bool) -> Iterator[None]:
    """An old snapshot, as a backup or a forgotten report holds one."""
    if not held:
        yield
        return
    with psycopg.connect(standing.stack.database_url) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM comments_site")
        yield
        other.rollback()


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
