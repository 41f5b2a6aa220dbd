"""Statements that are asked for every single person: planned once for a connection instead of once for a question."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def ask(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows that a prepared statement finds, in the transaction that is running.

    The server keeps its plan as long as the connection lives, and a worker keeps its connection (see `celery.py`).
    Django's own cursor puts the values into the text, which is planned anew each time.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, prepare=True, binary=True).fetchall()
