"""Promise a message (one row), and walk a delivery through its states, each step one fenced UPDATE."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from notifications import states
from notifications.message import Message, Route
from notifications.models import Delivery

ATTEMPTS_MAX = 12
FLEETING = timedelta(minutes=10)  # how long a code to sign in works
CRASHES_MAX = 5
BACKOFF_MAX_SECONDS = 3600
SAME_ON_EVERY_ROUTE = ("occasion", "kind", "recipient", "language", "time_zone", "values", "link")


def send(message: Message, *, due_at: datetime, time_zone: str) -> None:
    """Promise to tell it over the first route from `due_at` on. Telling the same occasion again changes nothing."""
    routes = [(route.channel, route.address) for route in message.ways]
    _promise(_delivery_of(message, time_zone, due_at=due_at), routes)


def send_at_once(message: Message, *, time_zone: str, helps_for: timedelta = FLEETING) -> None:
    """Promise something that helps for a while or not at all: over its own routes only, never on the call sheet."""
    routes = [(route.channel, route.address) for route in message.routes]
    _promise(_delivery_of(message, time_zone, due_at=Now(), expires_at=Now() + helps_for), routes)


def _delivery_of(message: Message, time_zone: str, **when: Any) -> Delivery:
    return Delivery(
        occasion=message.occasion,
        kind=message.kind,
        recipient=message.recipient,
        language=message.language,
        time_zone=time_zone,
        values=dict(message.values),
        link=message.link,
        **when,
    )


def _promise(delivery: Delivery, routes: list[tuple[str, str]]) -> None:
    """Over the first route, with the others behind it; a promise that is there already stays as it is."""
    (delivery.channel, delivery.address), *others = routes
    delivery.next_routes = others
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)


def claim(delivery_id: UUID) -> Delivery | None:
    """Take a due delivery; None when somebody else has it, it is finished, or it is too early."""
    token = uuid4()
    taken = Delivery.objects.filter(pk=delivery_id, state=states.PENDING, due_at__lte=Now()).update(
        state=states.CLAIMED,
        lease_token=token,
        lease_until=Now() + timedelta(seconds=settings.LEASE_SECONDS),
        attempts=F("attempts") + 1,
    )
    return Delivery.objects.get(pk=delivery_id) if taken else None


def hand_over(delivery: Delivery) -> bool:
    """Say that the last byte is about to leave; after this a crash means "unknown", never a second try."""
    return _step(delivery, states.HANDING)


def finish(delivery: Delivery, state: str, result: str = "") -> bool:
    """Sent, listed, failed or parked. False when the lease was lost meanwhile."""
    wiped: dict[str, Any] = {} if delivery.expires_at is None else {"values": {}}
    return _step(delivery, state, finished_at=Now(), lease_until=None, result=result, **wiped)


def try_later(delivery: Delivery, result: str) -> bool:
    """A failure that may pass: again after a pause that doubles; after ATTEMPTS_MAX it is parked for a person."""
    if delivery.attempts >= ATTEMPTS_MAX:
        return finish(delivery, states.PARKED, result)
    pause = timedelta(seconds=min(BACKOFF_MAX_SECONDS, 2**delivery.attempts))
    return _step(delivery, states.PENDING, due_at=Now() + pause, lease_until=None, result=result)


def go_on_over_the_next_route(delivery: Delivery, result: str) -> None:
    """A failure that will not pass: this one failed, the next channel takes over; the call sheet comes last."""
    if finish(delivery, states.FAILED, result) and delivery.next_routes:
        follower = Delivery(**{name: getattr(delivery, name) for name in SAME_ON_EVERY_ROUTE}, due_at=delivery.due_at)
        _promise(follower, [(channel, address) for channel, address in delivery.next_routes])


def _step(delivery: Delivery, state: str, **changes: object) -> bool:
    if state not in states.STEPS[delivery.state]:
        raise ValueError(
            f"a delivery goes from {delivery.state} to {', '.join(sorted(states.STEPS[delivery.state]))}, not {state}"
        )
    mine = Delivery.objects.filter(pk=delivery.pk, state=delivery.state, lease_token=delivery.lease_token)
    moved = mine.update(state=state, **changes)
    if moved:
        delivery.state = state
    return bool(moved)


def reap_lost_leases() -> None:
    """A worker died. Before the hand-over it is safe to try again (five crashes park it); after it nobody knows.

    And what came too late to help is dropped.
    """
    lost = Delivery.objects.filter(lease_until__lt=Now())
    lost.filter(state=states.HANDING).update(state=states.UNKNOWN, lease_until=None, finished_at=Now())
    lost.filter(state=states.CLAIMED, crashes__gte=CRASHES_MAX - 1).update(
        state=states.PARKED, lease_until=None, crashes=F("crashes") + 1, finished_at=Now()
    )
    lost.filter(state=states.CLAIMED).update(state=states.PENDING, lease_until=None, crashes=F("crashes") + 1)
    late = Delivery.objects.filter(expires_at__lt=Now(), state=states.PENDING)
    late.update(state=states.DROPPED, finished_at=Now(), values={})


def drop(occasions: str) -> None:
    """Whatever of these occasions (they begin with this text) nobody heard yet is no longer told."""
    unheard = Delivery.objects.filter(occasion__startswith=occasions, state__in=(states.PENDING, states.LISTED))
    unheard.update(state=states.DROPPED, finished_at=Now())


def spoke(delivery_id: UUID, result: str) -> bool:
    """Somebody of the volunteer point called: the call sheet's line is done. False when it was done already."""
    listed = Delivery.objects.filter(pk=delivery_id, state=states.LISTED)
    return bool(listed.update(state=states.DONE, finished_at=Now(), result=result))


def route(channel: str, address: str | None) -> tuple[Route, ...]:
    """No address, no route."""
    return (Route(channel, address),) if address else ()
