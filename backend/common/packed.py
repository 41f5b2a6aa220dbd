"""Packed records in the database: one row for each thing that matching looks at, followed by what changed since."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models.expressions import RawSQL

from backend.common.statements import ask

# The transaction that wrote a row. Numbers of sequences are not seen in their order; transactions that are still
# running are known, so nothing that commits later can be missed.
THIS_TRANSACTION = RawSQL("pg_current_xact_id()::text::bigint", ())
READ_AT_ONCE = 20_000
Row = TypeVar("Row")


class PackedRow(models.Model):
    """What matching may know of one thing, as bytes of `layout`; an empty record means that it is gone.

    There is no foreign key: a trigger empties the record when the thing itself is deleted, by whatever way.
    """

    who = models.UUIDField(primary_key=True)
    city = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    layout = models.CharField(max_length=16)
    record = models.BinaryField()
    changed_in = models.BigIntegerField(db_default=THIS_TRANSACTION)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.who)


def store(table: type[PackedRow], city: str, layout: str, records: Mapping[UUID, bytes]) -> None:
    """Write records in the transaction of the change itself; one that did not change stays as it is."""
    if not connection.in_atomic_block:
        raise RuntimeError("a record is written in the transaction of its change")
    if not records:
        return
    name = connection.ops.quote_name(table._meta.db_table)
    statement = f"""
        insert into {name} as known (who, city, version, layout, record)
        select who, %s, 1, %s, record from unnest(%s::uuid[], %s::bytea[]) as new (who, record)
        on conflict (who) do update set
            city = excluded.city, version = known.version + 1, layout = excluded.layout, record = excluded.record,
            changed_in = pg_current_xact_id()::text::bigint
        where (known.city, known.layout, known.record)
            is distinct from (excluded.city, excluded.layout, excluded.record)
    """  # noqa: S608  the name of our own table
    with connection.cursor() as cursor:
        cursor.execute(statement, [city, layout, list(records), list(records.values())])


def changes(tables: Sequence[type[PackedRow]], city: str, since: int) -> tuple[list[dict[bytes, bytes]], int]:
    """What was written in a city by transaction `since` or later, per table, and from which one to ask the next time.

    Records by id, empty for what is gone; some may have been read before. One statement, so that the rows and the
    oldest running transaction are of one and the same moment.
    """
    parts = [
        f"select {place}, null::bigint, who, record from {connection.ops.quote_name(table._meta.db_table)}"  # noqa: S608
        " where city = %s and changed_in >= %s"
        for place, table in enumerate(tables)
    ]
    parts.append("select -1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, null, null")
    rows = ask(" union all ".join(parts), [city, since] * len(tables))
    found: list[dict[bytes, bytes]] = [{} for _ in tables]
    upto = since
    for place, oldest, who, record in rows:
        if place < 0:
            upto = oldest
        else:
            found[place][who.bytes] = bytes(record)
    return found, upto


def everything(table: type[PackedRow], city: str) -> bytearray:
    """All records of a city that are not gone, one behind the other.

    Read in parts: a million people are never in memory twice. To follow what changes from here on, ask
    `oldest_running` before.
    """
    name = connection.ops.quote_name(table._meta.db_table)
    statement = f"select record from {name} where city = %s and record <> ''"  # noqa: S608  the name of our own table
    records = bytearray()
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="records", binary=True) as cursor:
            cursor.itersize = READ_AT_ONCE
            cursor.execute(statement, [city])
            while rows := cursor.fetchmany(READ_AT_ONCE):
                records += b"".join([row[0] for row in rows])
    return records


def differing(table: type[PackedRow], expected: Iterable[tuple[UUID, bytes]]) -> list[UUID]:
    """Whose stored record is not the expected one, or is not there."""
    wanted = dict(expected)
    stored: dict[Any, bytes] = {
        who: bytes(record) for who, record in table._default_manager.filter(who__in=wanted).values_list("who", "record")
    }
    return [who for who, record in wanted.items() if stored.get(who, b"") != record]


def batched(rows: Iterable[Row], count: int) -> Iterator[list[Row]]:
    """The rows in lists of `count`; itertools has this from Python 3.12 on."""
    left = iter(rows)
    while some := list(islice(left, count)):
        yield some


def oldest_running() -> int:
    """Every transaction before this one has ended. Asked before the rows are read, never after."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
