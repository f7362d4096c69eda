"""Bulk statements: one round trip however many rows.

Rows travel as one array a column (`unnest`), so that a batch of one and a
batch of a thousand are the same statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run a statement; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query; its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def unnest(columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> tuple[str, list[list[Any]]]:
    """`unnest(%s::type[], …)` for `{column: type}` and the arrays that fill it."""
    arrays: list[list[Any]] = [[] for _ in columns]
    for row in rows:
        for array, value in zip(arrays, row, strict=True):
            array.append(value)
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in columns.values())})", arrays


def insert(
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    *,
    conflict: str = "",
    returning: str = "id",
) -> list[tuple[Any, ...]]:
    """Insert rows in their order; what `returning` names of those inserted."""
    if not rows:
        return []
    source, arrays = unnest(columns, rows)
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f"INSERT INTO {table} ({names}) SELECT * FROM {source} {conflict} RETURNING {returning}"  # noqa: S608
    return fetch(sql, arrays)


def update(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> int:
    """Set `columns` of the rows with the ids that each of `rows` begins with."""
    if not rows:
        return 0
    source, arrays = unnest({"id": "bigint", **columns}, rows)
    names = ", ".join(f'"{name}"' for name in columns)
    wanted = ", ".join(f'"{name}" = new."{name}"' for name in columns)
    return execute(
        f"UPDATE {table} old SET {wanted} FROM {source} AS new(id, {names}) WHERE old.id = new.id",  # noqa: S608
        arrays,
    )
