"""The desk with 1,000 open cases among 10,000 comments, and with 100,000 among a million.

    python -m bench.desk [--quick] [--json]

Server time of a page, its template included, by Django's test client in one
process: all middlewares, a session, a moderator of three sites of four. Each
figure is the 95th percentile of sixty requests, each for another case or
value, in the best of three rounds, which is the one least disturbed by what
else the machine does. The ratio is that of the large desk to the small one.
Beside it stands the processor time of Python and PostgreSQL together, which
other programs hardly change.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median_low, quantiles
from typing import TYPE_CHECKING, Any

from bench.stand import figures, main, say, stand

if TYPE_CHECKING:
    from django.test import Client

    from bench.newsdesk import Desk, Size

REQUESTS, ROUNDS, WARM = 60, 3, 5
# Of the generator's words some stand in half of the texts and some in none.
SEARCHES = {
    "common": [
        "図書館",
        "路線バスについて",
        "説明が足りない",
        "専門家は 市民病院",
        "費用は",
        "反対している。市は",
    ],
    "English": ["harbour plan", "ferry", "water rates again", "the", "library's move", "blog18.example"],
    "one character": ["港", "猫", "a", "橋", "。"],
}
Ask = Callable[[int], None]


def run(*, quick: bool = False) -> dict[str, Any]:
    """Milliseconds at p95, ratios, and numbers of queries."""
    return figures("bench.desk", *(["--quick"] if quick else []))


def measure(quick: bool) -> dict[str, Any]:
    """The figures, on a stand of their own."""
    requests, rounds = (5, 1) if quick else (REQUESTS, ROUNDS)
    with stand(environment={"ALLOWED_HOSTS": "testserver", "LOG_LEVEL": "WARNING"}):
        from bench.newsdesk import Size

        sizes = (
            (Size(400, 100), Size(1_200, 300)) if quick else (Size(10_000, 1_000), Size(1_000_000, 100_000))
        )
        _clone("small", "large")
        desks = [_filled(name, size) for name, size in zip(("small", "large"), sizes, strict=True)]
        return compared(*_measured(desks, requests, rounds))


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds at p95, the queries of the middle request, and what it kept processors busy.

    `cpu` is the mean of milliseconds of Python and of PostgreSQL's process: it hardly hangs on what else
    the machine does.
    """

    ms: float
    queries: int
    cpu: float


def compared(small: dict[str, Figure], large: dict[str, Figure]) -> dict[str, Any]:
    """What the project says of the two desks."""
    found: dict[str, Any] = {}
    for name, figure in large.items():
        found[f"{name}: ms, p95"] = figure.ms
        found[f"{name}: ratio"] = figure.ms / small[name].ms
        found[f"{name}: queries"] = figure.queries
        found[f"{name}: ms of processor time"] = figure.cpu
        found[f"{name}: ratio of processor time"] = figure.cpu / small[name].cpu
    found["slowest: ms, p95"] = max(figure.ms for figure in large.values())
    found["slowest: ratio"] = max(large[name].ms / small[name].ms for name in large)
    found["slowest: ratio of processor time"] = max(large[name].cpu / small[name].cpu for name in large)
    found["pages with other numbers of queries"] = sum(
        figure.queries != small[name].queries for name, figure in large.items()
    )
    return found


@dataclass(frozen=True, slots=True)
class Side:
    """A desk in a database of its own, and what is asked of it by name."""

    database: str
    scenarios: dict[str, Ask]
    numbers: Iterator[int]


def _clone(*names: str) -> None:
    """Copies of the migrated database, each to be filled."""
    from django.db import connection

    template = connection.settings_dict["NAME"]
    connection.close()
    _use("postgres")
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _use(database: str) -> None:
    """Have Django speak with another database of the stand."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = database


def _filled(database: str, size: Size) -> Side:
    from django.utils import timezone

    from bench.newsdesk import fill
    from comments import bulk

    _use(database)
    started = time.perf_counter()
    desk = fill(size, timezone.now())
    bulk.execute("VACUUM (ANALYZE)")
    say(f"desk: {size.comments:,} comments, {size.open_cases:,} open: {time.perf_counter() - started:.0f} s")
    return Side(database, scenarios(desk), count())


def _measured(sides: Sequence[Side], requests: int, rounds: int) -> list[dict[str, Figure]]:
    """The sides in turn, so that what disturbs one disturbs the other."""
    found: list[dict[str, Figure]] = [{} for _ in sides]
    for name in sides[0].scenarios:
        rounds_of: list[list[tuple[float, float]]] = [[] for _ in sides]
        for _ in range(rounds):
            for at, side in enumerate(sides):
                _use(side.database)
                rounds_of[at].append(_round(side.scenarios[name], side.numbers, requests))
        for at, side in enumerate(sides):
            _use(side.database)
            best, cpu = (min(each) for each in zip(*rounds_of[at], strict=True))
            queries = _queries(side.scenarios[name], side.numbers, requests)
            found[at][name] = Figure(best, queries, cpu)
        shown = ", ".join(
            f"{each[name].ms:.1f} ms ({each[name].cpu:.1f} busy, {each[name].queries})" for each in found
        )
        say(f"desk, {name}: {shown}")
    return found


def _round(ask: Ask, numbers: Iterator[int], requests: int) -> tuple[float, float]:
    """p95 of so many requests and the mean of their processor time, both in milliseconds.

    After some that warm connection and caches.
    """
    for _ in range(min(WARM, requests)):
        ask(next(numbers))
    times = []
    busy = _busy()
    for _ in range(requests):
        number, started = next(numbers), time.perf_counter()
        ask(number)
        times.append((time.perf_counter() - started) * 1000)
    return quantiles(times, n=20, method="inclusive")[-1], (_busy() - busy) / requests


def _busy() -> float:
    """Milliseconds for which this process and PostgreSQL's end of its connection have had a processor."""
    from django.db import connection

    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    return time.process_time() * 1000 + int(server.split()[0]) / 1_000_000


def _queries(ask: Ask, numbers: Iterator[int], requests: int) -> int:
    """The statements of the middle one of some requests: a card with more to show asks for more."""
    counts = []
    for _ in range(requests):
        with _counted() as made:
            ask(next(numbers))
        counts.append(len(made))
    return median_low(counts)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The statements of a request."""
    from django.db import connection

    made: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        made.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield made


def scenarios(desk: Desk) -> dict[str, Ask]:
    """What a moderator does, by name; request `n` asks for the nth value."""
    from django.urls import reverse

    from moderation.tallies import PERIODS

    client = _client(desk)
    queue = reverse("desk:queue")
    authors = [key for key in _authors(desk) if key]
    asked: dict[str, tuple[str, Sequence[object]]] = {
        "site": ("site", desk.sites[:3]),
        "severity": ("severity", (1, 2, 3)),
        "reason": ("reason", desk.reasons),
        "rule": ("rule", desk.rules),
        "check": ("check", desk.checks),
        "article": ("article", desk.articles[:REQUESTS]),
        "author": ("author", authors),
        "age": ("age", ("lt1h", "lt1d", "gt8h", "gt1d", "gt3d", "gt7d")),
        "audit sample": ("audit", [1]),
        "overdue": ("overdue", [1]),
        "search, rare": ("q", _rare_names()),
        **{f"search, {name}": ("q", words) for name, words in SEARCHES.items()},
    }
    common = {"rule": str(desk.rules[0]), "severity": "1", "age": "gt1d"}
    return {
        "queue": _asking(client, queue, "site", [""]),
        "later page": _asking(
            client, queue, "after", desk.open_cases[:: 1 + len(desk.open_cases) // REQUESTS]
        ),
        "one by one": lambda _: _get(client, queue, {"one": "1"}),
        "escalated": lambda _: _get(client, queue, {"escalated": "1"}),
        "group": _asking(client, queue, "group", desk.groups[:REQUESTS]),
        **{name: _asking(client, queue, key, values) for name, (key, values) in asked.items()},
        "rule, severity and age": lambda _: _get(client, queue, common),
        **{f"dashboard, {period}": _overlooking(client, desk, period) for period in PERIODS},
        "disagreements": lambda _: _get(client, reverse("desk:disagreements"), {}),
        "decided without a person": lambda _: _get(client, reverse("desk:log"), {}),
        "card": lambda n: _get(client, reverse("desk:case", args=[_case(desk, n)]), {}),
        # Last, for it empties the desk.
        "decision": _deciding(client, desk),
    }


def _asking(client: Client, address: str, key: str, values: Sequence[object]) -> Ask:
    """A page narrowed by one value after the other."""
    return lambda n: _get(client, address, {key: str(values[n % len(values)])})


def _overlooking(client: Client, desk: Desk, period: str) -> Ask:
    """The dashboard of all sites, and of one after the other."""
    from django.urls import reverse

    address, sites = reverse("desk:dashboard"), ("", *desk.sites[:3])
    return lambda n: _get(client, address, {"period": period, "site": str(sites[n % len(sites)])})


def _case(desk: Desk, n: int) -> int:
    return desk.open_cases[n * 13 % len(desk.open_cases)]


def _rare_names() -> list[object]:
    """Names under which one case waits, so that each is found at either size."""
    from comments import bulk

    rows = bulk.fetch(
        """SELECT c.author_name FROM moderation_case k JOIN comments_comment c ON c.id = k.comment_id
           WHERE k.closed_at IS NULL GROUP BY 1 HAVING count(*) = 1 ORDER BY min(k.id) LIMIT 6"""
    )
    return [name for (name,) in rows]


def _authors(desk: Desk) -> list[object]:
    """The authors of some open cases, among them those who write most."""
    from moderation.models import Case

    cases = Case.objects.filter(pk__in=desk.open_cases[:REQUESTS]).order_by("pk")
    return list(cases.values_list("comment__author_key", flat=True))


def _client(desk: Desk) -> Client:
    """A browser of a moderator who sees three sites of four."""
    from django.test import Client

    client = Client()
    client.force_login(desk.people[1], backend="moderation.people.PeopleBackend")
    return client


def _get(client: Client, address: str, query: dict[str, str]) -> None:
    response = client.get(address, query)
    if response.status_code != 200:
        raise RuntimeError(f"{address} {query}: {response.status_code}")


def _deciding(client: Client, desk: Desk) -> Ask:
    from django.urls import reverse

    from moderation.models import Case

    mine = Case.objects.filter(pk__in=desk.open_cases[-(ROUNDS + 2) * REQUESTS :])
    cases = iter(list(mine.values_list("pk", "comment__version")))

    def ask(_: int) -> None:
        key, version = next(cases)
        form = {"action": "publish", "seen_version": version}
        response = client.post(reverse("desk:decide", args=[key]), form)
        if response.status_code != 302:
            raise RuntimeError(f"case {key}: {response.status_code}")

    return ask


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, sys.argv[1:]))
