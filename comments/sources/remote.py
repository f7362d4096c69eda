"""Files of a bucket (s3://) or of a server of files (sftp://), where the extra is installed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from comments.sources.addresses import Address, Kind
from comments.sources.faults import Fault, NotTried
from comments.sources.local import FILES_LIMIT
from comments.sources.network import CONNECT_SECONDS, Guard
from comments.sources.spool import Sink, copy

_NEEDS = {Kind.S3: "s3fs", Kind.SFTP: "paramiko"}


def check_installed(address: Address) -> None:
    """Raise `NotTried` where the extra is missing."""
    needed = _NEEDS.get(address.kind)
    if needed and find_spec(needed) is None:
        raise NotTried(
            _("What %(scheme)s:// needs is not installed. Add it: pip install 'sekisho[%(scheme)s]'"),
            scheme=address.kind.value,
        )


@contextmanager
def connected(address: Address, secrets: Mapping[str, str]) -> Iterator[Any]:
    """fsspec's file system for an address. What it raises here or later is turned into a `Fault`."""
    check_installed(address)
    host = address.host
    try:
        with _sftp(address, secrets) if address.kind is Kind.SFTP else _s3(secrets) as system:
            yield system
    except FileNotFoundError:
        raise Fault(_("%(host)s has no such file."), host=host) from None
    except PermissionError:
        raise _not_let_in(host) from None
    except (OSError, EOFError) as error:
        reason = type(error).__name__
        raise Fault(_("%(host)s cannot be read (%(reason)s)."), host=host, reason=reason) from None
    except Exception as error:
        # The libraries beneath have errors of their own, whose text may hold what was sent.
        if type(error).__module__.partition(".")[0] not in {"paramiko", "botocore", "aiobotocore", "s3fs"}:
            raise
        reason = type(error).__name__
        if reason.startswith("Auth"):
            raise _not_let_in(host) from None
        raise Fault(_("%(host)s cannot be read (%(reason)s)."), host=host, reason=reason) from None


def _not_let_in(host: str) -> Fault:
    return Fault(_("%(host)s does not let us read this. Check the credentials."), host=host)


def names(address: Address, system: Any) -> dict[str, dict[str, str]]:
    """`{path: stamp}` of the files that an address stands for, in order of name."""
    path = f"{address.host}/{address.path}" if address.kind is Kind.S3 else f"/{address.path}"
    found = system.glob(path, detail=True) if address.is_pattern else {path: system.info(path)}
    files = {name: _stamp(info) for name, info in sorted(found.items()) if info.get("type") == "file"}
    if not files:
        raise Fault(_("No file fits this pattern now."))
    if len(files) > FILES_LIMIT:
        raise Fault(
            _("%(number)d files fit this pattern; at most %(limit)d may."),
            number=len(files),
            limit=FILES_LIMIT,
        )
    return files


def fetch(system: Any, path: str, sink: Sink) -> None:
    with system.open(path, "rb") as stream:
        copy(stream, sink)


def _stamp(info: Mapping[str, Any]) -> dict[str, str]:
    pairs = {
        "size": info.get("size"),
        "etag": info.get("ETag"),
        "modified": info.get("LastModified") or info.get("mtime"),
    }
    return {name: str(value) for name, value in pairs.items() if value is not None}


@contextmanager
def _s3(secrets: Mapping[str, str]) -> Iterator[Any]:
    import fsspec  # noqa: PLC0415 - it is slow to import, and of no use to most sources

    given = {name: value for name, value in secrets.items() if name != "endpoint_url"}
    # Without credentials of its own a source is anonymous: those of the
    # machine it runs on (its role in a cloud) are nobody's to use here.
    yield fsspec.filesystem(
        "s3",
        anon="key" not in given,
        endpoint_url=secrets.get("endpoint_url"),
        config_kwargs={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": 60,
            "retries": {"max_attempts": 2},
        },
        skip_instance_cache=True,
        use_listings_cache=False,
        **given,
    )


@contextmanager
def _sftp(address: Address, secrets: Mapping[str, str]) -> Iterator[Any]:
    import paramiko  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415
    from fsspec.implementations.sftp import SFTPFileSystem  # noqa: PLC0415

    parts = urlsplit(address.text)
    wanted = secrets.get("host_key", "").removeprefix("SHA256:").rstrip("=")
    if not wanted:
        raise NotTried(
            _(
                "Name under Credentials a variable with the fingerprint of the server's key: "
                "host_key = SEKISHO_IMPORT_…. The server says it by ssh-keyscan HOST | ssh-keygen -lf -"
            )
        )

    class Known(paramiko.MissingHostKeyPolicy):  # type: ignore[misc,unused-ignore]
        def missing_host_key(self, _client: object, _hostname: str, key: Any) -> None:
            digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
            if digest != wanted:
                raise NotTried(_("%(host)s has another key than its fingerprint says."), host=address.host)

    login = {name: secrets[name] for name in ("password", "key_filename", "passphrase") if name in secrets}
    with Guard(address.host).connect(parts.port or 22) as sock:
        system = SFTPFileSystem(
            address.host,
            sock=sock,
            username=secrets.get("username") or unquote(parts.username or ""),
            host_key_policy=Known(),
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            allow_agent=False,
            look_for_keys=False,
            skip_instance_cache=True,
            **login,
        )
        try:
            system.ftp.get_channel().settimeout(60)
            yield system
        finally:
            system.client.close()
