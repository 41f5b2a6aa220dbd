"""The one clock of an installation is that of its database: hosts may be hours apart."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """What workers take as now, so that nothing is told early or late because a host is. Raises DatabaseError."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        [(now,)] = cursor.fetchall()
    return now
