"""Reads of opportunities."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection
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


# Asked for every person a matcher looks at, so only what may have changed since the opportunity was read.
_FREE_NOW = """
select o.id, o.places, o.reserved_places, o.taken_open, o.taken_reserved, g.monthly_welcome_capacity
from opportunities_opportunity o join organisations_organisation g on g.id = o.organisation_id
where o.id = any(%s) and o.city = %s and o.state = 'published' and g.verified_at is not null
    and (o.period_until is null or o.period_until >= %s) and o.places > o.taken_open + o.taken_reserved
"""


def free_now(ids: Sequence[UUID], city: str, today: date) -> dict[UUID, tuple[int, int, int, int, int | None]]:
    """Those of them that are `published` with a free place: (places, reserved, taken of both, capacity)."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE_NOW, [list(ids), city, today])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def with_a_free_place(opportunities: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    return opportunities.filter(places__gt=F("taken_open") + F("taken_reserved"))
