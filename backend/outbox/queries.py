"""What the relay walks: events that are due."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from backend.outbox.models import Event


def claim_due(limit: int, without: Collection[str] = ()) -> list[Event]:
    """Due events, `without` those of some names, marked as hinted before anybody hears of them; several relays never
    take the same ones.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with transaction.atomic():
        due = Event.objects.filter(free, done_at=None, parked_at=None, next_at__lte=Now())
        events = list(
            due.exclude(name__in=without).order_by("next_at", "pk").select_for_update(skip_locked=True)[:limit]
        )
        again = Now() + timedelta(seconds=settings.REHINT_SECONDS)
        Event.objects.filter(pk__in=[event.pk for event in events]).update(hinted_at=Now(), next_at=again)
    return events
