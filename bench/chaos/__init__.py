"""Kill -9, again and again, while comments come in: nothing may be lost, nothing done twice.

Web server, worker, beat and an import run on a PostgreSQL and a Redis of
their own. Processes die at named points of their work (`bench.chaos.points`),
and whole services, servers and everything at once are killed from outside;
each is started again, Redis empty. Clients send every submission until it is
accepted. Then all is counted.
"""

from typing import Any

from bench.stand import figures


def run(*, quick: bool = False) -> dict[str, Any]:
    """Kills, submissions, comments imported, and `violations`, which must be 0."""
    return figures("bench.chaos", *(["--quick"] if quick else []))
