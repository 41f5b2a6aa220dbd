"""Record what happened; take one event; finish it. Nothing else touches the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from psycopg.types.json import Jsonb
from structlog.contextvars import bound_contextvars, get_contextvars

from backend.common.statements import do
from backend.outbox.models import Event

ATTEMPTS_MAX = 8
TAKE = """
update outbox_event set
  parked_at = case when attempts >= %(most)s then statement_timestamp() end,
  attempts = least(attempts + 1, %(most)s),
  lease_token = %(token)s,
  lease_until = statement_timestamp() + %(lease)s,
  next_at = statement_timestamp() + %(lease)s
where id = %(id)s and done_at is null and parked_at is null
  and (lease_until is null or lease_until < statement_timestamp())
returning *
"""


class TakenOver(RuntimeError):
    """Another worker holds the event by now; everything done here is rolled back."""


def record(name: str, **ids: Any) -> Event:
    """Write down what happened, in the transaction of the change itself. `ids` are ids, never what people told us."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name} must be recorded in the transaction of its change")
    payload = {key: str(value) for key, value in ids.items()}
    return Event.objects.create(name=name, payload=payload, request_id=get_contextvars().get("request_id"))


def record_many(name: str, payloads: list[dict[str, Any]]) -> None:
    """The same for many of one kind, in one statement."""
    do(*recording(name, payloads))


def recording(name: str, payloads: list[dict[str, Any]]) -> tuple[str, list[Any]]:
    """That statement and its values, for whoever sends it along with the change itself."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name} must be recorded in the transaction of its change")
    rows = [Jsonb({key: str(value) for key, value in ids.items()}) for ids in payloads]
    statement = (
        "insert into outbox_event (name, payload, attempts, request_id)"
        " select %s, ids, 0, %s::uuid from unnest(%s::jsonb[]) ids"
    )
    return statement, [name, get_contextvars().get("request_id"), rows]


@contextmanager
def once(event_id: int) -> Iterator[Event | None]:
    """Do what follows from an event, in one transaction with its tick; None when there is nothing (left) to do.

    Taking it counts the attempt before the work, so that an event that kills its worker is parked after
    ATTEMPTS_MAX instead of killing for ever. Raises TakenOver when the lease ran out meanwhile.
    """
    token = uuid4()
    event = _take(event_id, token)
    if event is None:
        yield None
        return
    try:
        request_id = str(event.request_id) if event.request_id else None
        with bound_contextvars(event_id=event_id, happened=event.name, request_id=request_id), transaction.atomic():
            yield event
            mine = Event.objects.filter(pk=event_id, lease_token=token, done_at=None)
            if not mine.update(done_at=Now(), lease_until=None):
                raise TakenOver(f"event {event_id}")
    except Exception:
        _give_back(event_id, token)
        raise


def _take(event_id: int, token: UUID) -> Event | None:
    """Nobody else has it from here on; one that was tried too often is parked. In one statement, as for each event."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    taken = Event.objects.raw(TAKE, {"id": event_id, "token": token, "lease": lease, "most": ATTEMPTS_MAX})
    return next((event for event in taken if event.parked_at is None), None)


def _give_back(event_id: int, token: UUID) -> None:
    """After a failure that may pass: due again, later each time."""
    mine = Event.objects.filter(pk=event_id, lease_token=token, done_at=None)
    for event in mine:
        pause = timedelta(seconds=min(300, 2**event.attempts))
        mine.update(lease_until=None, next_at=Now() + pause)
