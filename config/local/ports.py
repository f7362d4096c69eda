"""A free TCP port of the loopback address, taken by nobody else who asks here."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

DEFAULT = 8000
TRIES = 100
LAST = 65_535


class PortTaken(Exception):
    """The port that was asked for is in use, or can be none."""


@contextmanager
def reserved_port(wanted: int | None) -> Iterator[int]:
    """`wanted`, or the first free port from 8000 if None, or any free one if 0; ours until the end.

    The web server shares its port between processes (SO_REUSEPORT), so two of
    one user would both bind it and each get half of the requests. A name in
    Linux's abstract socket namespace, gone with its process, keeps them apart.
    """
    if wanted is not None and not 0 <= wanted <= LAST:
        raise PortTaken(f"{wanted} is no port. Name one from 1 to {LAST} with --port, or 0 for any free one.")
    for port in _candidates(wanted):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as held:
            if _take(held, port):
                yield port
                return
    if wanted is not None:
        raise PortTaken(f"Port {wanted} is in use. Name another with --port, or leave it out.")
    raise PortTaken(f"Ports {DEFAULT} to {DEFAULT + TRIES - 1} are all in use. Name one with --port.")


def _candidates(wanted: int | None) -> Iterator[int]:
    if wanted is None:
        yield from range(DEFAULT, DEFAULT + TRIES)
    elif wanted == 0:
        yield from (_any_free() for _ in range(TRIES))
    else:
        yield wanted


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _take(held: socket.socket, port: int) -> bool:
    try:
        if sys.platform.startswith("linux"):
            held.bind(f"\0sekisho-port-{port}")
        with socket.socket() as probe:
            # A connection that lingers from the last run does not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
