"""Reads of opportunities."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import ExpressionWrapper, F, FloatField, Q, QuerySet
from django.db.models.functions import Greatest

from backend.city.load import cities
from backend.common.statements import ask
from backend.opportunities import states
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from matching.types import Point


def published(city: str, today: date) -> QuerySet[Opportunity]:
    """What is online in a city: published, not over, from a verified organisation."""
    return (
        Opportunity.objects.filter(city=city, state=states.PUBLISHED, organisation__verified_at__isnull=False)
        .filter(Q(period_until=None) | Q(period_until__gte=today))
        .select_related("organisation")
    )


def with_changes(opportunities: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """With `changed_at`: a name or a verification of the organisation changes what an opportunity shows too."""
    return opportunities.annotate(changed_at=Greatest("updated_at", "organisation__updated_at"))


def published_everywhere(now: datetime) -> QuerySet[Opportunity]:
    """What is online in every city of this installation, each by its own day."""
    online = Opportunity.objects.none()
    for slug, place in cities().items():
        online = online | published(slug, place.local(now).date())
    return online


def one_online(opportunity_id: UUID, now: datetime) -> Opportunity | None:
    """What everybody sees, whoever asks: a draft is no more there for its own organisation."""
    return published_everywhere(now).filter(pk=opportunity_id).first()


# Asked for every person a matcher looks at: the rows of `published` with a free place, in one statement.
_FREE_NOW = """
select {columns}, g.monthly_welcome_capacity
from opportunities_opportunity o join organisations_organisation g on g.id = o.organisation_id
where o.id = any(%s) and o.city = %s and o.state = 'published' and g.verified_at is not null
    and (o.period_until is null or o.period_until >= %s) and o.places > o.taken_open + o.taken_reserved
"""


def free_now(ids: Sequence[UUID], city: str, today: date) -> list[Opportunity]:
    """Those of them that are online with a free place; of the organisation only how many it can welcome a month."""
    fields = Opportunity._meta.concrete_fields
    names = [field.attname for field in fields]
    statement = _FREE_NOW.format(columns=", ".join(f"o.{field.column}" for field in fields))
    found = []
    for row in ask(statement, [list(ids), city, today]):
        one = Opportunity.from_db(None, names, row[:-1])
        one.findings = []  # JSON that nobody asked for here
        one.organisation = Organisation(pk=one.organisation_id, monthly_welcome_capacity=row[-1])
        found.append(one)
    return found


def asking_for(opportunities: QuerySet[Opportunity], talents: Sequence[str], *, near: Point) -> QuerySet[Opportunity]:
    """Those that ask for or welcome one of some talents, nearest first."""
    return _nearest_first(opportunities.filter(_names_one_of(talents)), near)


def open_to(opportunities: QuerySet[Opportunity], talents: Sequence[str], *, near: Point) -> QuerySet[Opportunity]:
    """The same, and those that ask for no talent: everybody can begin there."""
    return _nearest_first(opportunities.filter(_names_one_of(talents) | Q(talents_any_of=[])), near)


def _names_one_of(talents: Sequence[str]) -> Q:
    return Q(talents_any_of__overlap=talents) | Q(talents_welcome__overlap=talents)


def _nearest_first(opportunities: QuerySet[Opportunity], near: Point) -> QuerySet[Opportunity]:
    """Near enough to a plane inside one city."""
    narrower = math.cos(math.radians(near.lat))
    apart = (F("lat") - near.lat) ** 2 + ((F("lon") - near.lon) * narrower) ** 2
    return opportunities.annotate(apart=ExpressionWrapper(apart, FloatField())).order_by("apart", "pk")


def with_a_free_place(opportunities: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    return opportunities.filter(places__gt=F("taken_open") + F("taken_reserved"))
