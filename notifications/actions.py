"""Promise a message (one row), and walk a delivery through its states, each step one fenced UPDATE."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from notifications import states
from notifications.evidence import read_log
from notifications.message import CALLSHEET, EMAIL, Message, Route
from notifications.models import Delivery

ATTEMPTS_MAX = 12
FLEETING = timedelta(minutes=10)  # how long a code to sign in works
CRASHES_MAX = 5
BACKOFF_MAX_SECONDS = 3600
_IS_UNCERTAIN: ContextVar[bool] = ContextVar("is_uncertain", default=False)
ASKED, SEEN_TO, RESTORED = "asked", "seen to", "restored"
NAMES = UUID("6f1c7c0e-8d0b-5d0e-9c55-0d6f1f5b7a10")  # of occasions: see identity_of
SAME_ON_EVERY_ROUTE = ("occasion", "kind", "recipient", "language", "time_zone", "values", "link")

# The steps that every single delivery takes are written out: through the ORM they cost more than the mail itself.
NOW = "statement_timestamp()"
TAKE = (
    "update notifications_delivery set state = 'claimed', lease_token = %s, lease_until = {now} + %s,"
    " attempts = attempts + 1 where id = %s and state = 'pending' and due_at <= {now} returning *"
)
STEP = (
    "update notifications_delivery set state = %s{changes}"
    " where id = %s and state = %s and lease_token is not distinct from %s"
)
END = ", finished_at = {now}, lease_until = null, result = %s"
WIPE = """, "values" = '{}'"""
NOT_LOGGED = ", finished_at = null, result = 'not in the log'"
LATER = ", due_at = {now} + %s, lease_until = null, result = %s"


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
    delivery.pk = identity_of(delivery.occasion, delivery.channel)
    delivery.next_routes = others
    if _IS_UNCERTAIN.get() and delivery.channel != CALLSHEET:
        delivery.state, delivery.finished_at, delivery.result = states.UNKNOWN, timezone.now(), RESTORED
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)


@contextmanager
def uncertain() -> Iterator[None]:
    """Whatever is promised in here may have been told before, by an installation that is no more (after a restore)."""
    token = _IS_UNCERTAIN.set(True)
    try:
        yield
    finally:
        _IS_UNCERTAIN.reset(token)


def identity_of(occasion: str, channel: str) -> UUID:
    """Follows from the occasion, and so does the Message-ID: also a row that was lost and made again keeps it."""
    return uuid5(NAMES, f"{occasion}/{channel}")


def claim(delivery_id: UUID) -> Delivery | None:
    """Take a due delivery; None when somebody else has it, it is finished, or it is too early."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    taken = Delivery.objects.raw(TAKE.format(now=NOW), [uuid4(), lease, delivery_id])
    return next(iter(taken), None)


def hand_over(delivery: Delivery) -> bool:
    """Say that the last byte is about to leave; after this a crash means "unknown", never a second try."""
    return _step(delivery, states.HANDING)


def finish(delivery: Delivery, state: str, result: str = "") -> bool:
    """Sent, listed, failed or parked. False when the lease was lost meanwhile."""
    end = END.format(now=NOW)
    return _step(delivery, state, end if delivery.expires_at is None else end + WIPE, result)


def try_later(delivery: Delivery, result: str, after_seconds: int = 0) -> bool:
    """A failure that may pass: again after a pause that doubles, or that was asked for; not always at the same moment
    as all others. After ATTEMPTS_MAX it is parked for a person.
    """
    if delivery.attempts >= ATTEMPTS_MAX:
        return finish(delivery, states.PARKED, result)
    seconds = max(after_seconds, 2**delivery.attempts) * random.uniform(1, 1.2)
    pause = timedelta(seconds=min(BACKOFF_MAX_SECONDS, seconds))
    return _step(delivery, states.PENDING, LATER.format(now=NOW), pause, result)


def go_on_over_the_next_route(delivery: Delivery, result: str) -> None:
    """A failure that will not pass: this one failed, the next channel takes over; the call sheet comes last.

    Both or neither: a worker that dies in between would end it in silence.
    """
    with transaction.atomic():
        if finish(delivery, states.FAILED, result) and delivery.next_routes:
            same = {name: getattr(delivery, name) for name in SAME_ON_EVERY_ROUTE}
            follower = Delivery(**same, due_at=delivery.due_at)
            _promise(follower, [(channel, address) for channel, address in delivery.next_routes])


def _step(delivery: Delivery, state: str, changes: str = "", *values: Any) -> bool:
    if state not in states.STEPS[delivery.state]:
        raise ValueError(
            f"a delivery goes from {delivery.state} to {', '.join(sorted(states.STEPS[delivery.state]))}, not {state}"
        )
    fence = (delivery.pk, delivery.state, delivery.lease_token)
    with connection.cursor() as cursor:
        cursor.execute(STEP.format(changes=changes), [state, *values, *fence])
        has_moved = cursor.rowcount == 1
    if has_moved:
        delivery.state = state
    return has_moved


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


def settle_unknown() -> Counter[str]:
    """What the mail server wrote down decides about deliveries of which nobody knew; how many became what.

    Seen there: sent. Not seen, and the log reaches back far enough: it never left, so it is tried again. Without a log
    (MAIL_LOG) nothing changes: a second try could be a second message.
    """
    told: Counter[str] = Counter()
    since = Now() - timedelta(seconds=settings.EVIDENCE_GRACE_SECONDS)
    # A code to sign in is wiped by then: it would be sent without its code.
    lost = Delivery.objects.filter(state=states.UNKNOWN, channel=EMAIL, expires_at=None)
    unknown = list(lost.filter(finished_at__lt=since))
    log = read_log() if unknown else None
    if log is None:
        return told
    for delivery in unknown:
        if delivery.pk in log:
            told[states.SENT] += _step(delivery, states.SENT)
        elif _covers(log, delivery):
            told[states.PENDING] += _step(delivery, states.PENDING, NOT_LOGGED)
    return told


def _covers(log: frozenset[UUID], delivery: Delivery) -> bool:
    """Another mail that was sent before this one is in the log: so it reaches back far enough."""
    before = Delivery.objects.filter(channel=EMAIL, state=states.SENT, finished_at__lt=delivery.finished_at)
    earlier = before.order_by("-finished_at").values_list("pk", flat=True)[:20]
    return any(one in log for one in earlier)


def ask_about_unknown() -> int:
    """Nobody can know whether it arrived: after a grace somebody of the volunteer point asks, once. Returns how many.

    It has an occasion of its own, so that it is never taken for the message itself.
    """
    since = Now() - timedelta(seconds=settings.REMINDER_GRACE_SECONDS)
    lost = Delivery.objects.filter(state=states.UNKNOWN, finished_at__lt=since, expires_at=None)
    asked = 0
    for delivery in lost.exclude(result=ASKED):
        same = {name: getattr(delivery, name) for name in SAME_ON_EVERY_ROUTE}
        again = Delivery(**{**same, "occasion": f"again:{delivery.occasion}"}, due_at=Now())
        with transaction.atomic():
            if Delivery.objects.filter(pk=delivery.pk, state=states.UNKNOWN).update(result=ASKED):
                _promise(again, [(CALLSHEET, "")])
                asked += 1
    return asked


def send_again(delivery_id: UUID) -> bool:
    """A person of the volunteer point decides that it is tried once more. False when it is not stuck any more."""
    stuck = Delivery.objects.filter(pk=delivery_id, state__in=(states.PARKED, states.UNKNOWN))
    return bool(
        stuck.update(state=states.PENDING, due_at=Now(), attempts=0, crashes=0, finished_at=None, hinted_at=None)
    )


def let_go(delivery_id: UUID) -> bool:
    """A person of the volunteer point saw to it. False when it is not stuck any more."""
    unknown = Delivery.objects.filter(pk=delivery_id, state=states.UNKNOWN).update(state=states.SENT, result=SEEN_TO)
    parked = Delivery.objects.filter(pk=delivery_id, state=states.PARKED).update(state=states.DROPPED, result=SEEN_TO)
    return bool(unknown or parked)


def drop_for(recipient: UUID) -> None:
    """Somebody wants to hear nothing any more: what waits for them is no longer told."""
    waiting = Delivery.objects.filter(recipient=recipient, state__in=(states.PENDING, states.LISTED))
    waiting.update(state=states.DROPPED, finished_at=Now())


def arrived(delivery_id: UUID) -> None:
    """The provider saw it arrive: nobody has to wonder any more."""
    Delivery.objects.filter(pk=delivery_id, state=states.UNKNOWN).update(state=states.SENT)


def came_back(delivery_id: UUID, result: str) -> None:
    """What was sent came back: the next route takes over. Twice is once."""
    for delivery in Delivery.objects.filter(pk=delivery_id, state__in=(states.SENT, states.UNKNOWN)):
        go_on_over_the_next_route(delivery, result)


def spoke(delivery_id: UUID, result: str) -> bool:
    """Somebody of the volunteer point called: the call sheet's line is done. False when it was done already."""
    listed = Delivery.objects.filter(pk=delivery_id, state=states.LISTED)
    return bool(listed.update(state=states.DONE, finished_at=Now(), result=result))


def call_later(delivery_id: UUID, after: timedelta) -> None:
    """Nobody picked up: the line comes back on the call sheet after a while."""
    Delivery.objects.filter(pk=delivery_id, state=states.LISTED).update(due_at=Now() + after, result=states.NO_ANSWER)


def route(channel: str, address: str | None) -> tuple[Route, ...]:
    """No address, no route."""
    return (Route(channel, address),) if address else ()
