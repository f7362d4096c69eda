"""Comments screened a second, on one worker and on two, against COPY of the same rows.

    python -m bench screening

20,000 mixed comments a round, a third with quotes, at 500 articles, in a table
that already holds a million, with the default rules, autovacuum on, by real
Celery workers; then again with an old snapshot held open.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection

from bench import data
from bench.data import World
from comments import bulk
from config import env

ARTICLES, BUSY = 25_000, 500


def run(*, stored: int = 1_000_000, comments: int = 20_000, rounds: int = 3) -> dict[str, Any]:
    """Figures of the screening; rates are comments a second."""
    rng = random.Random(data.SEED)
    call_command("load_rules", verbosity=0)
    world = data.make_world(ARTICLES, rng)
    _fill(world, stored, rng)
    rates: dict[str, list[float]] = {"copy": [], "one": [], "two": [], "two_held": []}
    for at in range(rounds):
        for name, workers, held in (("one", 1, False), ("two", 2, False), ("two_held", 2, True)):
            copied, screened = _round(world, comments, workers, at, rng, held=held)
            rates["copy"].append(copied)
            rates[name].append(screened)
            _progress(f"{name}: {screened:,.0f} a second, COPY {copied:,.0f}")
    rate = {name: median(values) for name, values in rates.items()}
    return {
        "screened_per_second_one_worker": rate["one"],
        "screened_per_second_two_workers": rate["two"],
        "copied_per_second": rate["copy"],
        "ratio_to_copy": rate["two"] / rate["copy"],
        "ratio_two_to_one": rate["two"] / rate["one"],
        "ratio_held_snapshot": rate["two_held"] / rate["two"],
        "rounds": rates,
    }


def _fill(world: World, stored: int, rng: random.Random) -> None:
    """So many decided comments, spread over all articles and the past."""
    bodies = data.plain_bodies(rng, stored)
    data.copy(data.rows(world, world.articles, bodies, data.START, timedelta(seconds=20), rng))
    bulk.execute("UPDATE comments_comment SET status = 'published', published_revision = 1, number = 1")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) comments_comment")
        cursor.execute("ANALYZE")
    busy = world.articles[:BUSY]
    for article, body in bulk.fetch(
        "SELECT article_id, body FROM comments_comment WHERE article_id = ANY(%s)", [busy]
    ):
        world.quotable[article].append(body.split("。")[0] + "。")
    _progress(f"{stored:,} comments stored")


def _round(
    world: World, comments: int, workers: int, number: int, rng: random.Random, *, held: bool
) -> tuple[float, float]:
    """Rates of COPY and of screening for one lot of new comments."""
    busy = world.articles[:BUSY]
    (newest,) = bulk.fetch("SELECT max(posted_at) FROM comments_comment")[0]
    bodies = data.mixed_bodies(world, busy, rng, comments)
    rows = list(data.rows(world, busy, bodies, newest, timedelta(seconds=3), rng))
    with _snapshot(held=held), _workers(workers):
        started = time.perf_counter()
        data.copy(rows)
        copied = comments / (time.perf_counter() - started)
        _settle()
        started = time.perf_counter()
        bulk.execute(
            """INSERT INTO moderation_pending (comment_id, lane, since, request_id)
               SELECT id, 0, now(), '' FROM comments_comment WHERE status = 'received'"""
        )
        subprocess.run([sys.executable, "-c", _RING], check=True)
        while bulk.fetch("SELECT 1 FROM moderation_pending LIMIT 1"):
            time.sleep(0.02)
        screened = comments / (time.perf_counter() - started)
    decided = bulk.fetch("SELECT count(*) FROM comments_comment WHERE status = 'received'")[0][0]
    if decided:
        raise RuntimeError(f"{decided} comments are left undecided in round {number}.")
    return copied, screened


_RING = "import django; django.setup(); from moderation.doorbell import ring; ring()"


def _settle() -> None:
    """What COPY left to be written is written now and not on the screening's time."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


@contextmanager
def _workers(count: int) -> Iterator[None]:
    """A real Celery worker with so many processes, ready."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", str(count)]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    worker = subprocess.Popen(command)
    try:
        _until_ready()
        yield
    finally:
        worker.terminate()
        worker.wait()


def _until_ready() -> None:
    from config.celery import app

    for _ in range(100):
        if app.control.ping(timeout=0.5):
            return
    raise RuntimeError("the worker did not come up.")


@contextmanager
def _snapshot(*, held: bool) -> Iterator[None]:
    """An old snapshot, as a backup or a forgotten report holds one."""
    if not held:
        yield
        return
    with psycopg.connect(env.text("DATABASE_URL")) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM comments_site")
        yield
        other.rollback()


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
