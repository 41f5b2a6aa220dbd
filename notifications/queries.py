"""What the relay walks and what the call sheet shows."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from notifications import states
from notifications.message import CALLSHEET
from notifications.models import Delivery


def claim_due(limit: int) -> list[Delivery]:
    """Due deliveries that nobody was told of lately, marked as hinted before anybody hears of them."""
    again = Now() - timedelta(seconds=settings.REHINT_SECONDS)
    with transaction.atomic():
        due = Delivery.objects.filter(state=states.PENDING, due_at__lte=Now()).exclude(hinted_at__gt=again)
        deliveries = list(due.order_by("due_at").select_for_update(skip_locked=True)[:limit])
        Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(hinted_at=Now())
    return deliveries


def was_told(occasions: str) -> bool:
    """Was one of these occasions (they begin with this text) told, or is it on its way?"""
    return Delivery.objects.filter(occasion__startswith=occasions).exclude(state=states.DROPPED).exists()


def call_sheet() -> QuerySet[Delivery]:
    """Whom to call, longest waiting first."""
    return Delivery.objects.filter(channel=CALLSHEET, state=states.LISTED).order_by("due_at", "pk")
