"""Statements are prepared where the session is ours alone.

Half of PostgreSQL's time for a post is planning its statements (measured).
Behind a pooler that gives each transaction another session, a statement
prepared in one is unknown in the next, so there none is prepared. Such a
pooler gives itself away: it hands out process ids of its own making.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# Executions before a statement is prepared: psycopg's own default, which Django switches off.
PREPARE_AFTER = 5


def prepare_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Let a new connection prepare what it asks often, if it leads to PostgreSQL itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    direct = backend == connection.connection.info.backend_pid
    connection.connection.prepare_threshold = PREPARE_AFTER if direct else None


connection_created.connect(prepare_statements, dispatch_uid="config.prepare_statements")
