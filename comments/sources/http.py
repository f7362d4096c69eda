"""A file at an http(s) address, by fsspec's HTTP file system behind our own guard.

Redirects are followed here and not by the client: each hop is a request of
its own, to a host that is checked anew, and gets the credentials only where
it goes to the very origin that they are meant for.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from django.utils.translation import gettext_lazy as _
from fsspec.exceptions import FSTimeoutError
from fsspec.implementations.http import HTTPFileSystem

from comments.sources.faults import Fault, NotTried
from comments.sources.network import CONNECT_SECONDS, Guard, no_answer, unknown_host
from comments.sources.spool import Enough, Sink, too_slow

HOPS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A server that sends nothing for so long will not send the rest either.
READ_SECONDS = 60
AGENT = "Sekisho imports"


@dataclass(slots=True)
class Answer:
    """The head of what a server answered."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch(
    url: str, secrets: Mapping[str, str], sink: Sink, known: Mapping[str, str]
) -> dict[str, str] | None:
    """Copy what is at `url`; its validators, or None where it is as `known` says. Raises `Fault`."""
    first = urlsplit(url)
    if (
        secrets
        and first.scheme != "https"
        and not Guard(first.hostname or "").allowed.names_host(first.hostname or "")
    ):
        raise NotTried(_("Credentials are sent over https:// alone: whoever listens could read them."))
    for _hop in range(HOPS + 1):
        here = urlsplit(url)
        own = secrets if _origin(here) == _origin(first) else {}
        answer = _get(here, own, sink, _conditions(known))
        if answer.status == 304:
            if not known:
                # Nobody asked whether it has changed: taken for an answer, it would never be read.
                raise _status(first.hostname or "", answer.status)
            return None
        if answer.status not in REDIRECTS:
            return _validators(answer.headers)
        sink.clear()
        url = _further(url, answer.headers.get("Location", ""))
        if not url:
            raise Fault(_("%(host)s sends us on to an address that is no http(s)."), host=here.hostname)
    raise Fault(_("%(host)s sends us on and on: more than %(hops)d times."), host=first.hostname, hops=HOPS)


def _get(url: SplitResult, secrets: Mapping[str, str], sink: Sink, headers: dict[str, str]) -> Answer:
    """One request, which follows no redirect."""
    guard, answer = Guard(url.hostname or ""), Answer()
    more, query = _sent(secrets)
    system = HTTPFileSystem(
        get_client=partial(_client, guard, answer, sink.seconds_left), skip_instance_cache=True
    )
    try:
        system.get_file(
            url.geturl(),
            sink,
            headers={"User-Agent": AGENT, **headers, **more},
            allow_redirects=False,
            params=query or None,
        )
    except Enough:
        pass
    except (
        aiohttp.ClientError,
        FileNotFoundError,
        TimeoutError,
        FSTimeoutError,
        ValueError,
        OSError,
    ) as error:
        _complain(error, guard, answer, sink)
    finally:
        if system._session is not None:
            system.close_session(system.loop, system._session)
    return answer


async def _client(guard: Guard, answer: Answer, seconds: float, **_given: Any) -> aiohttp.ClientSession:
    """A session for one request: nothing is kept of it, and it goes through no proxy."""

    async def note(_session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        answer.status, answer.headers = params.response.status, params.response.headers

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            socket_factory=guard.make_socket, use_dns_cache=False, force_close=True, limit=1
        ),
        timeout=aiohttp.ClientTimeout(
            total=seconds, sock_connect=CONNECT_SECONDS, sock_read=min(READ_SECONDS, seconds)
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[trace],
        trust_env=False,
    )


def _sent(secrets: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and query of the credentials."""
    headers = {name.split()[1]: value for name, value in secrets.items() if name.startswith("header ")}
    query = {name.split()[1]: value for name, value in secrets.items() if name.startswith("query ")}
    if "token" in secrets:
        headers["Authorization"] = f"Bearer {secrets['token']}"
    elif "username" in secrets or "password" in secrets:
        login = secrets.get("username", ""), secrets.get("password", "")
        headers["Authorization"] = aiohttp.encode_basic_auth(*login)
    return headers, query


def _conditions(known: Mapping[str, str]) -> dict[str, str]:
    pairs = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("modified")}
    return {name: value for name, value in pairs.items() if value}


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
    # What is no ASCII is none that a server may send, and perhaps none that can be stored.
    return {name: value[:500] for name, value in pairs.items() if value and value.isascii()}


def _further(url: str, location: str) -> str:
    """Where a redirect leads, nothing where that is no http(s) address."""
    try:
        further = urljoin(url, location)
        parts = urlsplit(further)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return ""
    return further if known else ""


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _complain(error: Exception, guard: Guard, answer: Answer, sink: Sink) -> NoReturn:
    """Say what happened in words of ours: those of the libraries hold whole addresses."""
    guard.complain()
    host = guard.host
    if isinstance(error, (TimeoutError, FSTimeoutError)):
        if sink.seconds_left <= 1:
            raise too_slow(sink.limits.seconds) from None
        raise no_answer(host) if not answer.status else _broken(host, sink.size) from None
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        raise unknown_host(host) from None
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, ssl.SSLError, aiohttp.ClientSSLError)):
        raise Fault(_("%(host)s cannot prove who it is: its certificate is not valid."), host=host) from None
    if isinstance(error, (aiohttp.ClientResponseError, FileNotFoundError)) and answer.status >= 400:
        raise _status(host, answer.status) from None
    if isinstance(error, aiohttp.InvalidURL):
        raise NotTried(_("This address cannot be read: check its host and port.")) from None
    if answer.status or sink.size:
        raise _broken(host, sink.size) from None
    raise no_answer(host) from None


def _broken(host: str, size: int) -> Fault:
    return Fault(
        _("The connection to %(host)s broke after %(size)d bytes, before the end."), host=host, size=size
    )


def _status(host: str, status: int) -> Fault:
    if status in {401, 403}:
        return Fault(
            _("%(host)s does not let us in (%(status)d). Check the credentials."), host=host, status=status
        )
    if status in {404, 410}:
        return Fault(_("%(host)s has nothing at this address (%(status)d)."), host=host, status=status)
    return Fault(_("%(host)s answers with the error %(status)d."), host=host, status=status)
