"""Reads of opportunities."""

from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from backend.city.load import cities
from backend.opportunities import states
from backend.opportunities.models import Opportunity


def published(city: str, today: date) -> QuerySet[Opportunity]:
    """What is online in a city: published, not over, from a verified organisation."""
    return (
        Opportunity.objects.filter(city=city, state=states.PUBLISHED, organisation__verified_at__isnull=False)
        .filter(Q(period_until=None) | Q(period_until__gte=today))
        .select_related("organisation")
    )


def published_everywhere(now: datetime) -> QuerySet[Opportunity]:
    """What is online in every city of this installation, each by its own day."""
    online = Opportunity.objects.none()
    for slug, place in cities().items():
        online = online | published(slug, place.local(now).date())
    return online


def with_a_free_place(opportunities: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    return opportunities.filter(places__gt=F("taken_open") + F("taken_reserved"))
