"""Lists that come out of confirmed days: expenses by name, who was insured, and what one person got in a year."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from backend.city.load import city
from backend.engagements.ceilings import (
    DAY_PASSED,
    KM_BESIDE_A_FLAT_RATE,
    KM_PASSED,
    NEAR,
    OVER,
    YEAR_NEAR,
    YEAR_PASSED,
    Ceilings,
    ceilings_of,
    sums_of,
    warnings_of,
)
from backend.engagements.models import Engagement, RaisedCeiling
from backend.organisations.models import Organisation
from backend.talent.models import Volunteer

A_YEAR = timedelta(days=365)


@dataclass(slots=True)
class OfOne:
    """One person in one year at one organisation; amounts in euro."""

    name: str
    reference: str
    days: list[Engagement] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def flat_rate_eur(self) -> Decimal:
        return sum((one.flat_rate_eur for one in self.days), Decimal(0))

    @property
    def real_costs_eur(self) -> Decimal:
        return sum((one.real_costs_eur for one in self.days), Decimal(0))

    @property
    def km(self) -> Decimal:
        return sum((one.km for one in self.days), Decimal(0))

    @property
    def travel_eur(self) -> Decimal:
        return sum((one.travel_eur for one in self.days), Decimal(0))

    @property
    def hours(self) -> Decimal:
        return sum((one.hours for one in self.days), Decimal(0))


def name_of(engagement: Engagement) -> str:
    """The first name, also of somebody who is gone but whose expenses must stay to be shown."""
    placement = engagement.placement
    return placement.proposal.volunteer.first_name if placement else engagement.name


def task_of(engagement: Engagement) -> str:
    """What somebody did; empty for somebody who is gone."""
    return engagement.placement.proposal.opportunity.title if engagement.placement else ""


def by_person(organisation: Organisation, year: int, days: Iterable[Engagement]) -> list[OfOne]:
    """Everybody of these days, by name, with a warning where a flat rate nears or passes a ceiling (R090)."""
    found: dict[object, OfOne] = {}
    for one in days:
        who = one.placement.proposal.volunteer_id if one.placement else one.reference
        found.setdefault(who, OfOne(name_of(one), one.reference)).days.append(one)
    rules = city(organisation.city).publication
    raised = _raised_among({one.placement_id for person in found.values() for one in person.days})
    for person in found.values():
        day_eur, year_eur = sums_of((one.day, one.flat_rate_eur) for one in person.days)
        known = ceilings_of(year, rules, is_raised=_are_raised(person.days, raised))
        person.warnings = warnings_of(known, day_eur=day_eur, year_eur=year_eur)
        if person.flat_rate_eur and person.km > KM_BESIDE_A_FLAT_RATE:
            person.warnings.append(KM_PASSED)
    return sorted(found.values(), key=lambda one: (one.name, one.reference))


def hours_in_a_year(organisation: Organisation, until: date) -> Decimal:
    """Of the twelve months that end on `until`: what a free insurance is counted in (law.md 2)."""
    days = Engagement.objects.filter(organisation=organisation, day__gt=until - A_YEAR, day__lte=until)
    return days.aggregate(hours=Sum("hours"))["hours"] or Decimal(0)


def got_in(volunteer: Volunteer, year: int) -> QuerySet[Engagement]:
    """Days of a year on which somebody got a flat rate, at any organisation."""
    mine = Engagement.objects.filter(placement__proposal__volunteer=volunteer, day__year=year)
    return mine.filter(flat_rate_eur__gt=0)


def all_raised(days: Iterable[Engagement]) -> bool:
    """Whether every flat rate among these days was given at a placement with the raised ceiling, to who said that it
    may be for them.
    """
    days = list(days)
    return _are_raised(days, _raised_among({one.placement_id for one in days}))


def _are_raised(days: Iterable[Engagement], raised: set[UUID]) -> bool:
    paid = {one.placement_id for one in days if one.flat_rate_eur}
    return bool(paid) and paid <= raised


def _raised_among(placements: set[UUID | None]) -> set[UUID]:
    """Those of them where the volunteer said that the raised ceiling may be."""
    confirmed = RaisedCeiling.objects.filter(placement__in=placements - {None}, confirmed_at__isnull=False)
    return set(confirmed.values_list("placement", flat=True))


def ceilings_for(volunteer: Volunteer, year: int) -> Ceilings | None:
    """What counts for one person over all organisations: the raised one only when each of them gives by that one."""
    is_raised = all_raised(got_in(volunteer, year))
    return ceilings_of(year, city(volunteer.city).publication, is_raised=is_raised)


def warning_for(volunteer: Volunteer, year: int) -> str:
    """NEAR, OVER or nothing: all organisations together, as the law counts."""
    days = list(got_in(volunteer, year))
    day_eur, year_eur = sums_of((one.day, one.flat_rate_eur) for one in days)
    warned = warnings_of(ceilings_for(volunteer, year), day_eur=day_eur, year_eur=year_eur)
    if DAY_PASSED in warned or YEAR_PASSED in warned:
        return OVER
    return NEAR if YEAR_NEAR in warned else ""
