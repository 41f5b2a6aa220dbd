"""What is told because a day has come: the day before a visit, once about a proposal, once to a silent organisation."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from backend.city.load import CityFile
from backend.placements import actions, messages, states
from backend.placements.models import Placement, Proposal, TrialVisit
from notifications.message import Message
from notifications.models import Delivery
from notifications.timing import is_quiet

Row = TypeVar("Row", Proposal, TrialVisit)
BOOKED_BEFORE = timedelta(hours=12)  # who chose a moment today still knows
BOTH_SIDES = ("opportunity__organisation", "volunteer__user")


def remind(place: CityFile, *, now: datetime) -> Counter[str]:
    """Tell what is due in a city by now, each occasion once; how many of each kind. Safe to run at any time.

    In the quiet hours nothing is promised: until the morning it may no longer be true.
    """
    local = place.local(now)
    quiet = place.quiet_hours
    told: Counter[str] = Counter()
    if is_quiet(local.time(), quiet.begins, quiet.ends) and not settings.IGNORE_QUIET_HOURS:
        return told
    tomorrow = visits_on(place, local.date() + timedelta(days=1), booked_before=now - BOOKED_BEFORE)
    unanswered = unanswered_since(place, now - timedelta(days=place.rhythm.proposal_reminder_days), now)
    silent = without_a_word(place, local.date())
    told += _tell(place, messages.VISIT_TOMORROW, tomorrow, messages.about_visit_tomorrow, now)
    told += _tell(place, messages.EXPECTED_TOMORROW, tomorrow, messages.about_expected_tomorrow, now)
    told += _tell(place, messages.PROPOSAL_REMINDER, unanswered, messages.about_unanswered_proposal, now)
    told += _tell(place, messages.CANDIDATE_REMINDER, silent, messages.about_silence, now)
    return told


def visits_on(place: CityFile, day: date, *, booked_before: datetime) -> QuerySet[TrialVisit]:
    """Visits of one local day that somebody may have forgotten by then."""
    begins, ends = _midnight(place, day), _midnight(place, day + timedelta(days=1))
    found = TrialVisit.objects.filter(
        state=states.PLANNED, starts_at__gte=begins, starts_at__lt=ends, created_at__lt=booked_before,
        proposal__state=states.ACCEPTED, proposal__volunteer__city=place.slug,
    )  # fmt: skip
    return found.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))


def unanswered_since(place: CityFile, made_before: datetime, now: datetime) -> QuerySet[Proposal]:
    """Proposals that wait for an answer, of people who read us on a screen and did not pause."""
    found = Proposal.objects.filter(
        Q(volunteer__paused_until=None) | Q(volunteer__paused_until__lt=place.local(now).date()),
        state=states.OPEN, made_at__lte=made_before, answer_until__gt=now, volunteer__city=place.slug,
        volunteer__channel__in=messages.BY_SCREEN,
    )  # fmt: skip
    return found.select_related(*BOTH_SIDES)


def without_a_word(place: CityFile, today: date) -> QuerySet[Proposal]:
    """Yeses after which neither a visit was booked nor a word came from the organisation for so many working days,
    Monday to Friday (R044)."""
    days = place.rhythm.candidate_reminder_working_days
    first_day = np.busday_offset(today, 1 - days, roll="backward").astype(date)
    found = Proposal.objects.filter(
        state=states.ACCEPTED, answered_at__lt=_midnight(place, first_day), volunteer__city=place.slug
    )
    for follow_up in (TrialVisit, Placement):
        found = found.exclude(Exists(follow_up.objects.filter(proposal=OuterRef("pk"))))
    return found.select_related(*BOTH_SIDES)


def _tell(
    place: CityFile, kind: str, rows: QuerySet[Row], about: Callable[[Row], Message], now: datetime
) -> Counter[str]:
    """One transaction each. With the proposal locked it is looked at once more: somebody may have answered, or have
    had themselves erased, while others were told."""
    occasion = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), CharField()))
    due = rows.exclude(Exists(Delivery.objects.filter(occasion=occasion))).order_by("created_at", "pk")
    told: Counter[str] = Counter()
    for seen in list(due):
        with transaction.atomic(), suppress(Proposal.DoesNotExist):
            actions.locked(seen.pk if isinstance(seen, Proposal) else seen.proposal_id)
            still = due.filter(pk=seen.pk).first()
            if still:
                actions.tell(about(still), place, now=now)
                told[kind] += 1
    return told


def _midnight(place: CityFile, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(place.quiet_hours.time_zone))
