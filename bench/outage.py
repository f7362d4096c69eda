"""Redis goes and comes back while comments come in: how long answers take, and how soon all is decided.

Once Redis is killed, once it is frozen: it then takes connections and does
not answer, which is the worse of the two.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from typing import Any

import psycopg

from bench.load import Generator, Load, generator, post
from bench.stand import SECRET, Stand, add_key, figures, main, say, stand
from config.local.process import until

RATE = 50.0
CLIENTS = 64
# Long enough for every back-off to reach its longest pause.
AWAY_SECONDS = 30.0
PATH = "/api/v1/comments/"


def run(*, quick: bool = False) -> dict[str, Any]:
    """Seconds: the slowest answer without Redis, and until all is decided once it is back."""
    return figures("bench.outage", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own; Redis is away for 30 seconds, 5 if quick."""
    away = 5.0 if quick else AWAY_SECONDS
    with stand() as standing, generator() as loads:
        standing.start("web", "worker", "beat")
        bench = _Bench(standing, loads)
        standing.wait_for_web()
        standing.wait_for_worker()
        return bench.outage("killed", away) | bench.outage("frozen", away)


class _Bench:
    def __init__(self, standing: Stand, loads: Generator) -> None:
        from bench import data  # needs Django set up

        self.rng = random.Random(data.SEED)
        world = data.make_world(100, self.rng)
        self.bodies = list(data.plain_bodies(self.rng, 1_000))
        self.standing, self.loads = standing, loads
        self.db: psycopg.Connection[Any] = standing.database()
        add_key(self.db, world.site.pk)
        self._sent = 0

    def outage(self, how: str, away: float) -> dict[str, Any]:
        """Send at a fixed rate, before, while and after Redis is away."""
        lead = 2.0
        requests = [self._request() for _ in range(int(RATE * (lead + away + 2)))]
        sending = self.loads.start(Load(self.standing.port, requests, CLIENTS, lead + away + 30, RATE))
        time.sleep(lead)
        gone = time.time()
        self._take_away(how)
        time.sleep(away)
        self._bring_back(how)
        back = time.time()
        waiting = self._waiting(back)
        if not until(lambda: not self._waiting(back), 120):
            raise RuntimeError("two minutes after Redis is back, not all is decided.")
        decided = time.time() - back
        answers = sending.result()
        if refused := [answer for answer in answers if answer.status != 202]:
            raise RuntimeError(f"answered {refused[0].status}: {refused[0].body!r}")
        during = sorted(answer.seconds for answer in answers if gone <= answer.due <= back)
        found: dict[str, Any] = {
            f"Redis {how}: answers without it": len(during),
            f"Redis {how}: slowest answer without it, s": during[-1],
            f"Redis {how}: p95 of the answers without it, s": during[int(0.95 * (len(during) - 1))],
            f"Redis {how}: comments that waited at its return": waiting,
            f"Redis {how}: all decided after its return, s": decided,
        }
        for what, value in found.items():
            say(f"{value:10,.3f}  {what}")
        return found

    def _take_away(self, how: str) -> None:
        redis = self.standing.stack.redis
        if how == "killed" or redis.process is None:
            redis.kill()
        else:
            redis.process.send_signal(signal.SIGSTOP)

    def _bring_back(self, how: str) -> None:
        redis = self.standing.stack.redis
        if how == "killed" or redis.process is None:
            redis.start()
        else:
            redis.process.send_signal(signal.SIGCONT)

    def _waiting(self, until_: float) -> int:
        """Comments received by then that are not decided."""
        sql = "SELECT count(*) FROM moderation_pending WHERE since <= to_timestamp(%s)"
        (count,) = self.db.execute(sql, [until_]).fetchone() or (0,)
        return int(count)

    def _request(self) -> bytes:
        self._sent += 1
        document = {
            "article": str(1 + self._sent % 100),
            "author_name": f"読者{self._sent}",
            "author_email": f"outage{self._sent}@example.com",
            "body": self.bodies[self._sent % len(self.bodies)],
            "ip": f"198.51.{self._sent // 250 % 250}.{self._sent % 250}",
        }
        return post(PATH, document, SECRET)


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
