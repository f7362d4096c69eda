"""From POST to decision: 200 comments a second for 20 seconds, alone and with 100,000 imported rows waiting.

Comments are sent when they are due, however slow the answers are. The wait is
measured by the database's rows (decided − received) and by the client's
clock, from the moment at which a comment was due until its decision could be
read; the client looks every 20 ms.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg

from bench import prose
from bench.load import Answer, Generator, Load, generator, post
from bench.stand import SECRET, Stand, add_key, figures, main, say, stand
from config.local.process import until

RATE = 200.0
ARTICLES = 1_000
CLIENTS = 64
PATH = "/api/v1/comments/"
LOOK_SECONDS = 0.02


def run(*, quick: bool = False) -> dict[str, Any]:
    """Percentiles in seconds, by both clocks, alone and beside an import."""
    return figures("bench.latency", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own; a quick one sends for 3 seconds beside 5,000 rows."""
    seconds, waiting = (3.0, 5_000) if quick else (20.0, 100_000)
    with stand() as standing, generator() as loads:
        standing.start("web", "worker", "beat")
        bench = _Bench(standing, loads)
        standing.wait_for_web()
        standing.wait_for_worker()
        bench.round("warm", 2.0)
        found = bench.round("alone", seconds)
        bench.wait_for_imports(waiting)
        return found | bench.round(f"beside {waiting:,} imported", seconds)


class _Bench:
    """Rounds of open-loop load, observed in the database."""

    def __init__(self, standing: Stand, loads: Generator) -> None:
        from bench import data  # needs Django set up

        self.rng = random.Random(data.SEED)
        self.world = data.make_world(ARTICLES, self.rng)
        self.standing, self.loads = standing, loads
        self.db: psycopg.Connection[Any] = standing.database()
        add_key(self.db, self.world.site.pk)
        self._sent = 0

    def wait_for_imports(self, count: int) -> None:
        """Put so many imported comments on the list, as an import that has just been announced."""
        from bench import data
        from comments.services import _COLUMNS as COLUMNS

        live, source = (list(COLUMNS).index(name) for name in ("live", "source"))
        bodies = data.mixed_bodies(self.world, self.world.articles, self.rng, count)
        rows = data.rows(self.world, self.world.articles, bodies, data.START, timedelta(minutes=1), self.rng)
        imported = {live: False, source: "archive"}
        data.copy(tuple(imported.get(place, value) for place, value in enumerate(row)) for row in rows)
        self.db.execute("ANALYZE comments_comment")
        self.db.execute(
            """INSERT INTO moderation_pending (comment_id, lane, since, request_id)
               SELECT id, 1, now(), '' FROM comments_comment
               WHERE status = 'received' AND source = 'archive'"""
        )

    def round(self, name: str, seconds: float) -> dict[str, Any]:
        """Send for so long and wait until what was sent is decided."""
        requests = [self._request() for _ in range(int(RATE * seconds))]
        with self._seen() as seen:
            answers = self.loads.drive(Load(self.standing.port, requests, CLIENTS, seconds + 5, RATE))
            left = self._waiting()
            if refused := [answer for answer in answers if answer.status != 202]:
                raise RuntimeError(f"answered {refused[0].status}: {refused[0].body!r}")
            ids = [str(_id(answer)) for answer in answers]
            if not until(lambda: all(each in seen for each in ids), 60):
                raise RuntimeError(f"{sum(each not in seen for each in ids)} comments are not decided.")
        by_client = [seen[each] - answer.due for each, answer in zip(ids, answers, strict=True)]
        by_rows = self._by_rows(ids)
        figures = {
            f"{name}: posts a second": len(answers) / seconds,
            f"{name}: decided after, p50 s": _percentile(by_rows, 0.5),
            f"{name}: decided after, p95 s": _percentile(by_rows, 0.95),
            f"{name}: decided after, by the client's clock, p50 s": _percentile(by_client, 0.5),
            f"{name}: decided after, by the client's clock, p95 s": _percentile(by_client, 0.95),
            f"{name}: answered after, p95 s": _percentile([answer.seconds for answer in answers], 0.95),
            f"{name}: imported rows still waiting at the end": left,
        }
        for what, value in figures.items():
            say(f"{value:10,.3f}  {what}")
        return figures

    def _request(self) -> bytes:
        self._sent += 1
        document = {
            "article": str(self.rng.randint(1, ARTICLES)),
            "author_name": f"読者{self._sent}",
            "author_email": f"live{self._sent}@example.com",
            "body": prose.text(self.rng, self.rng.randint(2, 6)),
            "ip": f"198.51.{self._sent // 250 % 250}.{self._sent % 250}",
        }
        return post(PATH, document, SECRET)

    def _waiting(self) -> int:
        sql = "SELECT count(*) FROM moderation_pending WHERE lane = 1"
        (count,) = self.db.execute(sql).fetchone() or (0,)
        return int(count)

    def _by_rows(self, ids: list[str]) -> list[float]:
        rows = self.db.execute(
            """SELECT extract(epoch FROM d.created_at - c.received_at)::float8
               FROM comments_comment c JOIN moderation_decision d ON d.comment_id = c.id
               WHERE c.public_id = ANY(%s::uuid[])""",
            [ids],
        ).fetchall()
        return [seconds for (seconds,) in rows]

    @contextmanager
    def _seen(self) -> Iterator[dict[str, float]]:
        """`{comment's id: when its decision was first seen}` of live comments, while the block runs."""
        seen: dict[str, float] = {}
        over = threading.Event()

        def look() -> None:
            with self.standing.database() as db:
                first = (db.execute("SELECT max(id) FROM comments_comment").fetchone() or (0,))[0] or 0
                while not over.wait(LOOK_SECONDS):
                    rows = db.execute(_LIVE, [first]).fetchall()
                    now = time.time()
                    for _, key, decided in rows:
                        if decided:
                            seen.setdefault(key, now)
                    waiting = [comment for comment, _, decided in rows if not decided]
                    # One whose transaction lasts may come after others with higher ids.
                    first = max(first, min(waiting, default=rows[-1][0] if rows else first) - 200)

        watch = threading.Thread(target=look)
        watch.start()
        try:
            yield seen
        finally:
            over.set()
            watch.join()


_LIVE = """
SELECT id, public_id::text, status <> 'received' FROM comments_comment WHERE id > %s AND live ORDER BY id
"""


def _id(answer: Answer) -> str:
    return str(json.loads(answer.body)["id"])


def _percentile(seconds: list[float], part: float) -> float:
    return sorted(seconds)[int(part * (len(seconds) - 1))]


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
