"""POST of a comment to the 202, as a ratio to a bare view that stores the same row (see `bench.bare`).

Both servers run at once, as production runs them, with workers that screen
what comes in; rounds of the one and the other alternate, for the machine has
moods, and the medians are compared.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from statistics import median
from typing import Any

import psycopg

from bench.load import Generator, Load, generator, post
from bench.stand import SECRET, Stand, add_key, figures, main, say, stand
from config.local.ports import reserved_port
from config.local.process import until
from config.management.commands.up import service_commands

CLIENTS = (1, 8, 32)
ARTICLES = 1_000
# Prepared for each second of a round: more than any of the two can take.
MOST_A_SECOND = 3_000
OURS_PATH, BARE_PATH = "/api/v1/comments/", "/comments/"


def run(*, quick: bool = False) -> dict[str, Any]:
    """Rates (202s a second) and their ratios to the bare view's; `p50` and `p95` in milliseconds."""
    return figures("bench.posting", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own. Rounds of two seconds, seven of each kind (1 and 1 if quick)."""
    rounds, seconds = (1, 1.0) if quick else (7, 2.0)
    with stand() as standing, _bare(standing) as bare_port, generator() as loads:
        bench = _Bench(standing, loads, {"ours": standing.port, "bare": bare_port}, seconds)
        found: dict[str, Any] = {}
        for articles in (1, ARTICLES):
            for clients in CLIENTS:
                name = f"{clients} clients, {articles} article{'s' if articles > 1 else ''}"
                found |= bench.compare(name, clients, articles, rounds)
        name = f"32 clients, {ARTICLES} articles, Idempotency-Key"
        return found | bench.compare(name, 32, ARTICLES, rounds, idempotent=True)


@contextmanager
def _bare(standing: Stand) -> Iterator[int]:
    """The bare view's server beside ours, and the workers; its port."""
    with reserved_port(0) as port:
        standing.commands["bare"] = service_commands(port, "", 0)["web"]
        standing.start("web", "worker", "beat")
        environment = standing.environment
        standing.environment = {**environment, "DJANGO_SETTINGS_MODULE": "bench.bare_settings"}
        standing.start("bare")
        standing.environment = environment
        standing.wait_for_web()
        standing.wait_for_web("bare", port)
        standing.wait_for_worker()
        yield port


class _Bench:
    """Rounds of load on the two servers."""

    def __init__(self, standing: Stand, loads: Generator, ports: dict[str, int], seconds: float) -> None:
        from bench import data

        self.rng = random.Random(data.SEED)
        self.world = data.make_world(ARTICLES, self.rng)
        self.bodies = list(data.plain_bodies(self.rng, 5_000))
        self.db: psycopg.Connection[Any] = standing.database()
        add_key(self.db, self.world.site.pk)
        self.loads, self.ports, self.seconds = loads, ports, seconds
        self._numbers = count()
        for name in ports:  # what is imported and connected once is not what is measured
            self._round(name, 8, ARTICLES, 1.0)

    def compare(
        self, name: str, clients: int, articles: int, rounds: int, *, idempotent: bool = False
    ) -> dict[str, Any]:
        """Figures of `rounds` of each server, taken in turns."""
        rates: dict[str, list[float]] = {"ours": [], "bare": []}
        waits: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(rounds):
            for server in ("ours", "bare"):
                seconds = self._round(server, clients, articles, self.seconds, idempotent=idempotent)
                rates[server].append(len(seconds) / self.seconds)
                waits[server] += seconds
        ours, bare = median(rates["ours"]), median(rates["bare"])
        say(f"{name}: {ours:,.0f} a second, bare {bare:,.0f}, ratio {ours / bare:.2f}")
        return {
            f"{name}: posts a second": ours,
            f"{name}: bare posts a second": bare,
            f"{name}: ratio": ours / bare,
            f"{name}: p50 ms": _percentile(waits["ours"], 0.5),
            f"{name}: p95 ms": _percentile(waits["ours"], 0.95),
        }

    def _round(
        self, server: str, clients: int, articles: int, seconds: float, *, idempotent: bool = False
    ) -> list[float]:
        """The seconds that each accepted request of one round took."""
        requests = [
            self._request(server, articles, idempotent=idempotent)
            for _ in range(int(MOST_A_SECOND * seconds * min(1.0, clients / 4)))
        ]
        answers = self.loads.drive(Load(self.ports[server], requests, clients, seconds))
        if refused := [answer for answer in answers if answer.status != 202]:
            raise RuntimeError(f"{server} answered {refused[0].status}: {refused[0].body!r}")
        if not until(self._all_decided, 60):
            raise RuntimeError("the workers do not keep up with the web server.")
        return [answer.seconds for answer in answers]

    def _request(self, server: str, articles: int, *, idempotent: bool) -> bytes:
        number = next(self._numbers)
        document = {
            "article": str(1 + number % articles),
            "author_name": f"読者{number % 60_000}",
            "author_email": f"reader{number % 60_000}@example.com",
            "body": self.bodies[number % len(self.bodies)],
            "ip": f"198.51.{number // 250 % 250}.{number % 250}",
        }
        headers = {"Idempotency_Key": f"bench-{number}"} if idempotent and server == "ours" else {}
        return post(OURS_PATH if server == "ours" else BARE_PATH, document, SECRET, **headers)

    def _all_decided(self) -> bool:
        return self.db.execute("SELECT FROM moderation_pending LIMIT 1").fetchone() is None


def _percentile(seconds: list[float], part: float) -> float:
    """In milliseconds."""
    return sorted(seconds)[int(part * (len(seconds) - 1))] * 1000


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
