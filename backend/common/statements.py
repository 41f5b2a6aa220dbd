"""Statements that are asked for every single person: planned once for a connection instead of once for a question."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Model


def ask(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows that a prepared statement finds, in the transaction that is running.

    The server keeps its plan as long as the connection lives, and a worker keeps its connection (see `celery.py`).
    Django's own cursor puts the values into the text, which is planned anew each time.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, prepare=True, binary=True).fetchall()


def do(statement: str, values: Sequence[Any]) -> None:
    """The same for a statement that finds nothing."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)


def insert(rows: Sequence[Model], then: tuple[str, list[Any]] | None = None) -> None:
    """Some new rows of one table, whole: what `bulk_create` does for many, prepared for few.

    `then` is a statement that goes along on the same way, with its values.
    """
    if not rows:
        return
    fields = rows[0]._meta.concrete_fields
    names = [rows[0]._meta.db_table, *(str(field.column) for field in fields)]
    table, *columns = (connection.ops.quote_name(name) for name in names)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * len(rows))
    values = [field.get_db_prep_save(field.pre_save(one, add=True), connection) for one in rows for field in fields]
    statement = f"insert into {table} ({', '.join(columns)}) values {marks}"  # noqa: S608  names of our own table
    if then is not None:
        statement, values = f"with stored as ({statement}) {then[0]}", [*values, *then[1]]
    do(statement, values)
