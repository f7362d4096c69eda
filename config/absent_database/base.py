"""Django finds a database backend by this module's name."""

from typing import Any, NoReturn

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from config.env import ConfigurationError


class NoDatabase(OperationalError, ConfigurationError):
    """DATABASE_URL is not set."""


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL in all but the connection."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> NoReturn:  # noqa: ARG002
        raise NoDatabase(
            "DATABASE_URL is not set, and no local stack runs here. Start one with `manage.py up` in another "
            "terminal, or run `manage.py up --exec COMMAND`, or set DATABASE_URL=postgres://user@host/name."
        )
