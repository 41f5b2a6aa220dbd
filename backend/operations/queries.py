"""What waits, for how long, and how fresh the matcher is: figures of rows, never what is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Now
from redis import Redis
from redis.exceptions import RedisError

from backend.celery import QUEUES
from backend.common.clock import database_now
from backend.outbox.models import Event
from backend.placements.models import Round
from notifications import states
from notifications.models import Delivery

WAITING = (states.PENDING, states.CLAIMED, states.HANDING)
REDIS_PATIENCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits by now. Ages in seconds, by the clock of the database; `hints` is None while Redis is away."""

    events: Mapping[str, int]
    oldest_event_seconds: float
    deliveries: Mapping[tuple[str, str], int]
    oldest_delivery_seconds: float
    hints: Mapping[str, int] | None
    seconds_since_round: Mapping[str, float]


def queue() -> Queue:
    """One picture of everything that waits. Raises DatabaseError: without the database nobody knows."""
    now = database_now()
    due = Q(done_at=None, parked_at=None)
    events = Event.objects.aggregate(
        due=Count("pk", filter=due),
        parked=Count("pk", filter=Q(parked_at__isnull=False)),
        oldest=Min("created_at", filter=due & Q(next_at__lte=Now())),
    )
    deliveries = Delivery.objects.values_list("channel", "state").annotate(many=Count("pk")).order_by()
    late = Delivery.objects.filter(state__in=WAITING, due_at__lte=Now()).aggregate(oldest=Min("due_at"))
    rounds = Round.objects.values_list("city").annotate(last=Max("created_at")).order_by("city")
    return Queue(
        events={"due": events["due"], "parked": events["parked"]},
        oldest_event_seconds=_age(events["oldest"], now),
        deliveries={(channel, state): many for channel, state, many in deliveries},
        oldest_delivery_seconds=_age(late["oldest"], now),
        hints=hints(),
        seconds_since_round={city: _age(last, now) for city, last in rounds},
    )


def hints() -> dict[str, int] | None:
    """How many hints wait in each queue; None while Redis does not answer, which loses nothing."""
    patience = {"socket_timeout": REDIS_PATIENCE_SECONDS, "socket_connect_timeout": REDIS_PATIENCE_SECONDS}
    try:
        broker = Redis.from_url(f"{settings.REDIS_URL}/0", **patience)
        return {name: int(broker.llen(name)) for name in QUEUES}
    except (RedisError, OSError):
        return None


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
