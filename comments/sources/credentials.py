"""Credentials by reference: a source names variables, the environment has their values.

Only variables whose names begin with `SEKISHO_IMPORT_` can be named
(`settings.IMPORT_SECRETS` has no others), and each is sent to the hosts alone
that the operator lists in a second variable, `…_HOSTS`: whoever may edit a
source can otherwise have any secret sent to a host of his own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comments.sources.addresses import Address, Kind
from comments.sources.faults import NotTried

PREFIX = "SEKISHO_IMPORT_"
HOSTS = "_HOSTS"
_VARIABLE = re.compile(rf"{PREFIX}[A-Z0-9_]+")
_HEADER = re.compile(r"(header|query) [A-Za-z0-9_\-]{1,60}")

# What may be given, by kind of address.
OPTIONS: dict[Kind, tuple[str, ...]] = {
    Kind.HTTP: ("username", "password", "token", "header NAME", "query NAME"),
    Kind.S3: ("key", "secret", "token", "endpoint_url"),
    Kind.SFTP: ("username", "password", "key_filename", "passphrase", "host_key"),
}


def from_lines(text: str) -> dict[str, str]:
    """`{option: variable}` of lines `option = VARIABLE`. Raises `NotTried`."""
    named: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        option, equals, variable = (part.strip() for part in line.partition("="))
        if not (option and equals and variable):
            raise NotTried(_("Write one a line, as: token = SEKISHO_IMPORT_PARTNER"))
        if option in named:
            raise NotTried(_("%(option)s stands there twice."), option=option)
        named[option] = variable
    return named


def to_lines(named: Mapping[str, str]) -> str:
    return "\n".join(f"{option} = {variable}" for option, variable in named.items())


def check(named: Mapping[str, str], address: Address) -> None:
    """Whether each option is one of this kind of address, and each variable may be sent there.

    Raises `NotTried` with what is wrong. Values are only looked at by `values`.
    """
    for option, variable in named.items():
        known = OPTIONS.get(address.kind, ())
        if option not in known and not (address.kind is Kind.HTTP and _HEADER.fullmatch(option)):
            raise NotTried(
                _("%(option)s is nothing that such an address takes. It takes: %(known)s."),
                option=option,
                known=", ".join(known) or "–",
            )
        if not _VARIABLE.fullmatch(variable) or variable.endswith(HOSTS):
            raise NotTried(
                _(
                    "%(variable)s cannot be named here: only variables whose names begin with "
                    "SEKISHO_IMPORT_ can. Write the name of the variable, never the secret itself."
                ),
                # What was typed may be the secret itself.
                variable=variable if variable.isupper() and len(variable) < 40 else f"{variable[:3]}…",
            )


def values(named: Mapping[str, str], address: Address) -> dict[str, str]:
    """`{option: value}`, each permitted to be sent to the host of the address. Raises `NotTried`."""
    check(named, address)
    secrets: Mapping[str, str] = settings.IMPORT_SECRETS
    found = {}
    for option, variable in named.items():
        if not secrets.get(variable):
            raise NotTried(
                _("The environment has no variable %(variable)s. Whoever runs Sekisho must set it."),
                variable=variable,
            )
        hosts = [host.strip().lower() for host in secrets.get(f"{variable}{HOSTS}", "").split(",")]
        if address.host.lower() not in hosts:
            raise NotTried(
                _(
                    "%(variable)s may not be sent to %(host)s. Whoever runs Sekisho must add that host to "
                    "%(variable)s_HOSTS."
                ),
                variable=variable,
                host=address.host,
            )
        found[option] = secrets[variable]
    return found
