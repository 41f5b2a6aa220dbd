"""Reads of organisations: whose card was not looked at for long."""

from datetime import date, timedelta

from django.db.models import DateField, QuerySet
from django.db.models.functions import Cast, Coalesce

from backend.organisations.models import Organisation

ASKED_AFTER = timedelta(days=182)  # twice a year
STALE_AFTER = timedelta(days=200)  # R073


def seen_on(organisation: Organisation) -> date:
    """When somebody last looked at the card: the organisation itself, or the volunteer point when it verified it."""
    return organisation.checked_on or (organisation.verified_at or organisation.created_at).date()


def is_stale(organisation: Organisation, today: date) -> bool:
    """Nobody said for 200 days that the card is right."""
    return today - seen_on(organisation) >= STALE_AFTER


def seen_before(city: str, day: date) -> QuerySet[Organisation]:
    """Verified ones whose card was last looked at on or before a day, the longest ago first."""
    seen = Coalesce("checked_on", Cast("verified_at", DateField()))
    rows = Organisation.objects.filter(city=city, verified_at__isnull=False)
    return rows.annotate(seen=seen).filter(seen__lte=day).order_by("seen", "pk")
