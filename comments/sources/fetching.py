"""The files behind an address, each brought into a file of ours when it is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from comments.models import ImportSource
from comments.sources import credentials, local, remote
from comments.sources.addresses import Address, Kind, parse
from comments.sources.spool import MEGABYTE, Enough, Limits, Sink

# What tells an unchanged file: size, modified, etag, as far as they are known.
Stamp = dict[str, str]


@dataclass(frozen=True, slots=True)
class File:
    """One file behind an address.

    `name` is what its runs are called by. `look` gives the stamp that can be
    had without fetching it, perhaps none. `fetch` fills a sink and gives the
    stamp, or None for a file that is as the given one says. Both raise `Fault`.
    """

    name: str
    look: Callable[[], Stamp]
    fetch: Callable[[Sink, Mapping[str, str]], Stamp | None]


def limits_of(source: ImportSource) -> Limits:
    return Limits(bytes=source.max_megabytes * MEGABYTE, seconds=source.max_seconds)


def check(text: str) -> None:
    """Whether an address may be read, as far as that is told without reading. Raises `NotTried`."""
    address = parse(text)
    remote.check_installed(address)
    if address.kind is Kind.FILE:
        local.check(address)


@contextmanager
def files(source: ImportSource) -> Iterator[list[File]]:
    """The files of a source, in order of name, while a connection lasts. Raises `Fault`."""
    address = parse(source.address)
    secrets = credentials.values(source.credentials, address)
    if address.kind is Kind.HTTP:
        # Its client takes a tenth of a second to import, and most processes fetch nothing.
        from comments.sources import http  # noqa: PLC0415

        # The query of an address may be a secret, too.
        name = address.text.partition("?")[0]
        yield [File(name, dict, partial(http.fetch, address.text, secrets))]
    elif address.kind in {Kind.FILE, Kind.UPLOAD}:
        yield [_local(name) for name in local.names(address)]
    else:
        with remote.connected(address, secrets) as system:
            found = remote.names(address, system)
            yield [_remote(address, system, path, stamp) for path, stamp in found.items()]


def _local(name: str) -> File:
    look = partial(local.stamp, name)

    def fetch(sink: Sink, _known: Mapping[str, str]) -> Stamp:
        # Before, so that what is written meanwhile is noticed the next time.
        found = look()
        _until_enough(partial(local.fetch, name, sink))
        return found

    return File(name, look, fetch)


def _remote(address: Address, system: object, path: str, stamp: Stamp) -> File:
    def fetch(sink: Sink, _known: Mapping[str, str]) -> Stamp:
        _until_enough(partial(remote.fetch, system, path, sink))
        return stamp

    inner = path.removeprefix(f"{address.host}/").removeprefix("/")
    return File(f"{address.kind.value}://{address.host}/{inner}", lambda: stamp, fetch)


def _until_enough(work: Callable[[], None]) -> None:
    with suppress(Enough):
        work()
