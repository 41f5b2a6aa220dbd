"""Confirm a day, correct it, take it away; and what stays of it when a person goes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from backend.city.load import PublicationRules, city, km_rate_of
from backend.engagements import ledger
from backend.engagements.ceilings import (
    DAY_PASSED,
    KM_BESIDE_A_FLAT_RATE,
    KM_PASSED,
    YEAR_PASSED,
    ceilings_of,
    warnings_of,
)
from backend.engagements.models import BY_ORGANISATION, BY_VOLUNTEER, KM_BY, REFERENCE_LENGTH, Engagement, RaisedCeiling
from backend.engagements.queries import all_raised
from backend.organisations.models import Organisation
from backend.outbox.actions import record
from backend.placements import states
from backend.placements.actions import StepNotAllowed
from backend.placements.models import Placement
from backend.talent.models import Volunteer

YEARS_KEPT = 7  # of the expense list, after its own year (law.md 4)
NO_MONEY, CENT = Decimal(0), Decimal("0.01")


class CeilingPassed(Exception):
    """More than may be given without proof; `warnings` say which. Nothing was kept."""

    def __init__(self, warnings: list[str]) -> None:
        super().__init__(", ".join(warnings))
        self.warnings = warnings


class TwoWaysOfPaying(Exception):
    """A flat rate and real costs for one person in one year: the law asks to choose."""


class NoKmRate(Exception):
    """The city knows no rate for a kilometre on that day."""


class NotThatDay(Exception):
    """A day before the start, after the end, too long ago, or still to come."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The day as it is kept, and what to warn of."""

    engagement: Engagement
    warnings: list[str]


@transaction.atomic
def confirm(
    placement_id: UUID, day: date, hours: Decimal, *, today: date,
    flat_rate_eur: Decimal = NO_MONEY, real_costs_eur: Decimal = NO_MONEY, km: Decimal = NO_MONEY, km_by: str = "",
    despite_ceiling: bool = False,
) -> Confirmed:  # fmt: skip
    """By the organisation: somebody helped on that day. The same day again corrects it.

    Kilometres are worth the rate of that day. Above a ceiling it is kept only with `despite_ceiling`: whoever gave the
    money must have read the warning. Records "expenses.confirmed" when there is a flat rate. Raises NotThatDay,
    TwoWaysOfPaying, CeilingPassed, NoKmRate, ValueError for kilometres without a way, and
    StepNotAllowed before the start (information note, agreement).
    """
    placement, volunteer = _with_its_person_locked(placement_id)
    _may_be_then(placement, day, today)
    organisation = placement.proposal.opportunity.organisation
    kept = Engagement.objects.filter(placement=placement, day=day).first() or Engagement(placement=placement, day=day)
    kept.organisation, kept.reference = organisation, placement.pk.hex[:REFERENCE_LENGTH]
    kept.hours, kept.confirmed_by = hours, BY_ORGANISATION
    kept.flat_rate_eur, kept.real_costs_eur = flat_rate_eur, real_costs_eur
    rules = city(organisation.city).publication
    kept.km, kept.km_by, kept.travel_eur = km, km_by if km else "", travel_worth(km, km_by, day, rules)
    others = _paid_by(organisation, volunteer, day.year).exclude(pk=kept.pk)
    if (flat_rate_eur and others.filter(real_costs_eur__gt=0).exists()) or (
        real_costs_eur and others.filter(flat_rate_eur__gt=0).exists()
    ):
        raise TwoWaysOfPaying
    warnings: list[str] = []
    if flat_rate_eur:
        paid = [*others.values_list("day", "flat_rate_eur"), (day, flat_rate_eur)]
        that_day = sum((eur for on, eur in paid if on == day), NO_MONEY)
        in_year = sum((eur for _on, eur in paid), NO_MONEY)
        known = ceilings_of(day.year, rules, is_raised=all_raised([kept, *others]))
        warnings = warnings_of(known, day_eur=that_day, year_eur=in_year)
    if _travels_too_far(kept, others):
        warnings.append(KM_PASSED)
    passed = [one for one in warnings if one in (DAY_PASSED, YEAR_PASSED, KM_PASSED)]
    if passed and not despite_ceiling:
        raise CeilingPassed(passed)
    kept.save()
    ledger.book(kept)
    if flat_rate_eur:
        record("expenses.confirmed", volunteer_id=volunteer.pk, year=str(day.year))
    return Confirmed(kept, warnings)


def travel_worth(km: Decimal, km_by: str, day: date, rules: PublicationRules) -> Decimal:
    """Euro for so many kilometres by car or bike on a day. Raises NoKmRate, ValueError for another way."""
    if not km:
        return NO_MONEY
    if km_by not in KM_BY:
        raise ValueError(f"km_by: {km_by!r} is not one of {', '.join(KM_BY)}")
    known = km_rate_of(day, rules.km_rates[km_by])
    if known is None:
        raise NoKmRate
    return (km * known[0]).quantize(CENT)


def _travels_too_far(kept: Engagement, others: QuerySet[Engagement]) -> bool:
    """A flat rate goes together with at most so many kilometres in a year."""
    days = [kept, *others]
    has_flat_rate = any(one.flat_rate_eur for one in days)
    return has_flat_rate and bool(kept.km) and sum((one.km for one in days), NO_MONEY) > KM_BESIDE_A_FLAT_RATE


@transaction.atomic
def ask_raised_ceiling(placement_id: UUID) -> RaisedCeiling:
    """By the organisation; it counts only after the volunteer's yes. Twice is once."""
    return RaisedCeiling.objects.get_or_create(placement_id=placement_id)[0]


def answer_raised_ceiling(placement_id: UUID, *, is_yes: bool, now: datetime) -> None:
    """By the volunteer: it may be for me, or not (any more). Nothing where nobody asked.

    A no leaves no trace: to the organisation it looks like no answer.
    """
    asked = RaisedCeiling.objects.filter(placement=placement_id)
    if is_yes:
        asked.filter(confirmed_at=None).update(confirmed_at=now)
    else:
        asked.update(confirmed_at=None)


@transaction.atomic
def say_i_helped(placement_id: UUID, day: date, hours: Decimal, *, today: date) -> Engagement:
    """By the volunteer. What the organisation confirmed stands; one's own day may be corrected. Raises NotThatDay,
    StepNotAllowed when the information note was never confirmed.
    """
    placement, _volunteer = _with_its_person_locked(placement_id)
    _may_be_then(placement, day, today)
    mine = {
        "hours": hours, "confirmed_by": BY_VOLUNTEER, "organisation": placement.proposal.opportunity.organisation,
        "reference": placement.pk.hex[:REFERENCE_LENGTH],
    }  # fmt: skip
    kept, is_new = Engagement.objects.get_or_create(placement=placement, day=day, defaults=mine)
    if not is_new and kept.confirmed_by == BY_VOLUNTEER:
        kept.hours = hours
        kept.save(update_fields=["hours", "updated_at"])
    return kept


@transaction.atomic
def agree(engagement: Engagement) -> None:
    """ "That is right": by the organisation, to a day that the volunteer said. Twice is once."""
    said = Engagement.objects.filter(pk=engagement.pk, confirmed_by=BY_VOLUNTEER)
    if said.update(confirmed_by=BY_ORGANISATION, updated_at=Now()):
        ledger.book(Engagement.objects.get(pk=engagement.pk))


@transaction.atomic
def take_away(engagement: Engagement) -> None:
    """A mistake: it never was. By the organisation that confirmed it. Twice is once."""
    ledger.take_back(engagement)
    Engagement.objects.filter(pk=engagement.pk).delete()


def let_go(volunteer: Volunteer) -> None:
    """Before a person is erased: days without money go; a line of an expense list keeps the first name for as long as
    the organisation must be able to show it (docs/privacy.md).
    """
    mine = Engagement.objects.filter(placement__proposal__volunteer=volunteer)
    mine.filter(flat_rate_eur=0, real_costs_eur=0, travel_eur=0).delete()
    mine.update(name=volunteer.first_name or "?", placement=None)


def no_longer_kept(today: date) -> QuerySet[Engagement]:
    """Lines of people who are gone, older than the years that the law asks."""
    return Engagement.objects.filter(placement=None, day__lt=date(today.year - YEARS_KEPT, 1, 1))


def _with_its_person_locked(placement_id: UUID) -> tuple[Placement, Volunteer]:
    """Whoever adds up a person's money does so alone."""
    placement = Placement.objects.select_related("proposal__opportunity__organisation").get(pk=placement_id)
    volunteer = Volunteer.objects.select_for_update(no_key=True).get(pk=placement.proposal.volunteer_id)
    return placement, volunteer


def _may_be_then(placement: Placement, day: date, today: date) -> None:
    if placement.information_note_confirmed_at is None or placement.state == states.AGREED:
        raise StepNotAllowed(placement.state, "helped")
    place = city(placement.proposal.opportunity.city)
    first = place.local(placement.confirmed_at).date()
    last = place.local(placement.ended_at).date() if placement.ended_at else today
    if not first <= day <= min(last, today):
        raise NotThatDay


def _paid_by(organisation: Organisation, volunteer: Volunteer, year: int) -> QuerySet[Engagement]:
    mine = Engagement.objects.filter(organisation=organisation, placement__proposal__volunteer=volunteer)
    return (
        mine.filter(day__year=year)
        .annotate(paid=F("flat_rate_eur") + F("real_costs_eur") + F("travel_eur"))
        .exclude(paid=0)
    )
