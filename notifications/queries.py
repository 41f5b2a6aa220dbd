"""What the relay walks and what the call sheet shows."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from notifications import states
from notifications.message import CALLSHEET
from notifications.models import Delivery


def claim_urgent(limit: int) -> list[Delivery]:
    """What soon helps nobody any more (a code to sign in) goes before everything else."""
    return _claim(Delivery.objects.filter(expires_at__isnull=False), limit)


def claim_due(limit: int, without: Collection[str] = ()) -> list[Delivery]:
    """Due deliveries, `without` some channels."""
    return _claim(Delivery.objects.filter(expires_at=None).exclude(channel__in=without), limit)


def _claim(rows: QuerySet[Delivery], limit: int) -> list[Delivery]:
    """Those that nobody was told of lately, marked as hinted before anybody hears of them."""
    again = Now() - timedelta(seconds=settings.REHINT_SECONDS)
    with transaction.atomic():
        due = rows.filter(state=states.PENDING, due_at__lte=Now()).exclude(hinted_at__gt=again)
        deliveries = list(due.order_by("due_at").select_for_update(skip_locked=True)[:limit])
        Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(hinted_at=Now())
    return deliveries


def was_told(occasions: str) -> bool:
    """Was one of these occasions (they begin with this text) told, or is it on its way?"""
    return Delivery.objects.filter(occasion__startswith=occasions).exclude(state=states.DROPPED).exists()


def stuck() -> QuerySet[Delivery]:
    """What no machine can settle: nobody knows whether it arrived, or it failed too often. Oldest first."""
    return Delivery.objects.filter(state__in=(states.UNKNOWN, states.PARKED)).order_by("due_at", "pk")


def call_sheet() -> QuerySet[Delivery]:
    """Whom to call, longest waiting first; who did not pick up comes back when the pause is over."""
    listed = Delivery.objects.filter(channel=CALLSHEET, state=states.LISTED)
    return listed.exclude(result=states.NO_ANSWER, due_at__gt=Now()).order_by("due_at", "pk")
