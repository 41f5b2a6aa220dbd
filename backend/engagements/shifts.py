"""Moments with their places: planned, taken, given back, cancelled; and afterwards who was there (once)."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from backend.city.load import CityFile, city
from backend.engagements import actions, messages
from backend.engagements.models import BY_ORGANISATION, PEOPLE_MOST, Engagement, Shift, ShiftPlace
from backend.opportunities.models import Opportunity
from backend.outbox.actions import record
from backend.placements import states
from backend.placements.actions import StepNotAllowed, tell
from backend.placements.models import Placement
from backend.talent.models import Volunteer
from notifications.message import Message
from notifications.models import Delivery
from notifications.timing import is_quiet

WEEKS_MOST, FAR = 26, timedelta(days=730)
MINUTES_MOST = 16 * 60  # of one moment
SHORT_DAYS = 3  # before, an organisation hears that too few come: time enough to ask somebody
STILL_KNOWN = timedelta(hours=12)  # who said so this morning needs no reminder
DAY = timedelta(days=1)  # the free insurance wants to hear it 24 hours before (law.md 2)
QUARTER_SECONDS = 15 * 60


class NoPlace(Exception):
    """Enough people come already."""


class Collides(Exception):
    """The same person promised to be somewhere else then."""


class TooFew(ValueError):
    """More people come already than there would be places."""


class TooLate(Exception):
    """It began, or was cancelled."""


class TooEarly(Exception):
    """Nobody was there yet."""


@transaction.atomic
def plan(
    opportunity: Opportunity, day: date, begins: time, ends: time, *, least: int, most: int, weeks: int = 1,
    now: datetime,
) -> list[Shift]:  # fmt: skip
    """The same hours of the same day for so many weeks, by the clock of the city. The same moment again corrects it;
    one that was cancelled stays so, and a new one begins without anybody.

    Raises ValueError naming what is wrong, TooFew.
    """
    if not 1 <= least <= most <= PEOPLE_MOST:
        raise ValueError(f"least, most: 1 to {PEOPLE_MOST}, and least is not above most")
    if not 1 <= weeks <= WEEKS_MOST:
        raise ValueError(f"weeks: 1 to {WEEKS_MOST}")
    zone = ZoneInfo(city(opportunity.city).quiet_hours.time_zone)
    made = []
    for week in range(weeks):
        on = min(day, date.max - FAR) + timedelta(days=7 * week)
        starts_at, ends_at = datetime.combine(on, begins, zone), datetime.combine(on, ends, zone)
        if not starts_at < ends_at <= starts_at + timedelta(minutes=MINUTES_MOST):
            raise ValueError("ends: must come after it begins, on the same day")
        if not now < starts_at < now + FAR:
            raise ValueError("day: must be to come, within two years")
        told = {"ends_at": ends_at, "least": least, "most": most}
        shift, is_new = Shift.objects.update_or_create(
            opportunity=opportunity, starts_at=starts_at, cancelled_at=None, defaults=told
        )
        if not is_new and _taken(shift) > most:
            raise TooFew
        made.append(shift)
    return made


@transaction.atomic
def take(shift_id: UUID, placement: Placement, *, now: datetime) -> ShiftPlace:
    """ "I come." Twice is once. Raises NoPlace, Collides, TooLate, and StepNotAllowed for somebody who stopped."""
    shift = _locked(shift_id, now)  # the moment first, then the person: everywhere in this order
    Volunteer.objects.select_for_update(no_key=True).get(pk=placement.proposal.volunteer_id)  # two at once collide too
    found = Placement.objects.get(pk=placement.pk)
    if found.state != states.ACTIVE:
        raise StepNotAllowed(found.state, "come")
    known = ShiftPlace.objects.filter(shift=shift, placement=found).first()
    if known:
        return known
    if _taken(shift) >= shift.most:
        raise NoPlace
    elsewhere = Shift.objects.filter(
        places__placement__proposal__volunteer=found.proposal.volunteer_id,
        places__placement__state=states.ACTIVE, cancelled_at=None,
        starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at,
    )  # fmt: skip
    if elsewhere.exists():
        raise Collides
    return ShiftPlace.objects.create(shift=shift, placement=found)


@transaction.atomic
def give_back(shift_id: UUID, placement: Placement, *, now: datetime) -> None:
    """ "I cannot come." Twice is once. The organisation hears it when the day is near and too few come. Raises
    TooLate.
    """
    shift = _locked(shift_id, now)
    ShiftPlace.objects.filter(shift=shift, placement=placement).delete()


@transaction.atomic
def cancel(shift_id: UUID, *, now: datetime) -> None:
    """By the organisation. Records "shift.cancelled": who would come hears it. Twice is once. Raises TooLate."""
    shift = Shift.objects.select_for_update().get(pk=shift_id)
    if shift.cancelled_at:
        return
    if shift.starts_at <= now:
        raise TooLate
    shift.cancelled_at = now
    shift.save(update_fields=["cancelled_at", "updated_at"])
    record("shift.cancelled", shift_id=shift.pk)


@transaction.atomic
def say_who_was_there(shift_id: UUID, came: Collection[UUID], *, now: datetime) -> int:
    """By the organisation, once it ended: a confirmed day for each of `came` (placements), with the length as hours.
    Whoever stopped before the moment was not there.

    A day that it confirmed before stands as it is: hours and money are not written twice. How many days are new.
    Raises TooEarly, TooLate when it was cancelled.
    """
    shift = Shift.objects.select_for_update().select_related("opportunity").get(pk=shift_id)
    if shift.cancelled_at:
        raise TooLate
    if shift.ends_at > now:
        raise TooEarly
    place = city(shift.opportunity.city)
    day, new = place.local(shift.starts_at).date(), 0
    helped = Q(ended_at=None) | Q(ended_at__gte=shift.starts_at)
    people = Placement.objects.filter(helped, pk__in=came, shift_places__shift=shift)
    for placement in people.order_by("proposal__volunteer", "pk"):
        if Engagement.objects.filter(placement=placement, day=day, confirmed_by=BY_ORGANISATION).exists():
            continue
        hours = _hours_of(placement, place, day, now)
        actions.confirm(placement.pk, day, hours, today=place.local(now).date())
        new += 1
    shift.done_at = shift.done_at or now
    shift.save(update_fields=["done_at", "updated_at"])
    return new


def _hours_of(placement: Placement, place: CityFile, day: date, now: datetime) -> Decimal:
    """All moments of that day together, to the quarter: a day counts once."""
    mine = Shift.objects.filter(places__placement=placement, cancelled_at=None, ends_at__lte=now)
    seconds = sum(
        (one.ends_at - one.starts_at).total_seconds() for one in mine if place.local(one.starts_at).date() == day
    )
    return max(1, round(seconds / QUARTER_SECONDS)) * Decimal("0.25")


# --- what is told because a day is near ------------------------------------------------------------------------


def remind(place: CityFile, *, now: datetime) -> int:
    """People the day before; an organisation when too few come, and when the free insurance wants to hear of it; each
    once. How many heard something. In the quiet hours nothing is promised: until the morning it may no longer be true.
    """
    local, quiet = place.local(now), place.quiet_hours
    if is_quiet(local.time(), quiet.begins, quiet.ends) and not settings.IGNORE_QUIET_HOURS:
        return 0
    told = 0
    near = _near(place, now, now + DAY * SHORT_DAYS)
    for shift in list(near):
        with transaction.atomic():
            still = near.select_for_update(of=("self",)).filter(pk=shift.pk).first()
            if still:
                about = [*_to_people(still, place, now), *_to_organisation(still, place, now)]
                told += sum(tell(one, place, now=now) for one in _not_told(about))
    return told


def _to_people(shift: Shift, place: CityFile, now: datetime) -> Iterator[Message]:
    if place.local(shift.starts_at).date() == place.local(now).date() + DAY:
        coming = shift.places.filter(placement__state=states.ACTIVE, created_at__lt=now - STILL_KNOWN)
        coming = coming.order_by("created_at", "pk")
        for one in coming.select_related("placement__proposal__volunteer__user"):
            yield messages.about_shift_tomorrow(shift, one)


def _to_organisation(shift: Shift, place: CityFile, now: datetime) -> Iterator[Message]:
    if _taken(shift) < shift.least and shift.created_at < now - DAY:
        yield messages.about_too_few(shift, _taken(shift))
    if shift.opportunity.organisation.uses_free_insurance and shift.starts_at >= now + DAY:
        yield messages.about_insurance(shift, place.local(shift.starts_at).date())


def _not_told(about: list[Message]) -> list[Message]:
    told = Delivery.objects.filter(occasion__in=[one.occasion for one in about]).values_list("occasion", flat=True)
    return [one for one in about if one.occasion not in set(told)]


def _near(place: CityFile, after: datetime, until: datetime) -> QuerySet[Shift]:
    rows = Shift.objects.filter(
        opportunity__city=place.slug, cancelled_at=None, starts_at__gt=after, starts_at__lte=until
    )
    return rows.select_related("opportunity__organisation").order_by("starts_at", "pk")


def _taken(shift: Shift) -> int:
    return shift.places.filter(placement__state=states.ACTIVE).count()


def _locked(shift_id: UUID, now: datetime) -> Shift:
    shift = Shift.objects.select_for_update().get(pk=shift_id)
    if shift.cancelled_at or shift.starts_at <= now:
        raise TooLate
    return shift
