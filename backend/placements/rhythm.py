"""What is told because a day has come: the day before a visit, once about a proposal, once to a silent organisation."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
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
    for kind, about in (
        (messages.VISIT_TOMORROW, messages.about_visit_tomorrow),
        (messages.EXPECTED_TOMORROW, messages.about_expected_tomorrow),
    ):
        told[kind] = _tell(place, _not_told(tomorrow, kind), about, now)
    unanswered = unanswered_since(place, now - timedelta(days=place.rhythm.proposal_reminder_days), now)
    told[messages.PROPOSAL_REMINDER] = _tell(place, unanswered, messages.about_unanswered_proposal, now)
    days = place.rhythm.candidate_reminder_working_days
    silent = [
        one for one in without_a_word(place) if _working_days(_local_date(place, one.answered_at), local.date()) >= days
    ]
    told[messages.CANDIDATE_REMINDER] = _tell(place, silent, messages.about_silence, now)
    return told


def visits_on(place: CityFile, day: date, *, booked_before: datetime) -> QuerySet[TrialVisit]:
    """Visits of one local day that somebody may have forgotten by then."""
    zone = ZoneInfo(place.quiet_hours.time_zone)
    begins, ends = (datetime.combine(day + timedelta(days=more), datetime.min.time(), tzinfo=zone) for more in (0, 1))
    found = TrialVisit.objects.filter(
        state=states.PLANNED, starts_at__gte=begins, starts_at__lt=ends, created_at__lt=booked_before,
        proposal__state=states.ACCEPTED, proposal__volunteer__city=place.slug,
    )  # fmt: skip
    return found.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))


def unanswered_since(place: CityFile, made_before: datetime, now: datetime) -> list[Proposal]:
    """Proposals that wait for an answer, of people who read us on a screen, did not pause, and heard no reminder."""
    today = place.local(now).date()
    found = Proposal.objects.filter(
        Q(volunteer__paused_until=None) | Q(volunteer__paused_until__lt=today),
        state=states.OPEN, made_at__lte=made_before, answer_until__gt=now, volunteer__city=place.slug,
        volunteer__channel__in=messages.BY_SCREEN,
    )  # fmt: skip
    return list(_not_told(found, messages.PROPOSAL_REMINDER).select_related(*BOTH_SIDES))


def without_a_word(place: CityFile) -> list[Proposal]:
    """Yeses after which neither a visit was booked nor a word came from the organisation (R044)."""
    follow_up = TrialVisit.objects.filter(proposal=OuterRef("pk")), Placement.objects.filter(proposal=OuterRef("pk"))
    found = Proposal.objects.filter(state=states.ACCEPTED, volunteer__city=place.slug, answered_at__isnull=False)
    for rows in follow_up:
        found = found.exclude(Exists(rows))
    return list(_not_told(found, messages.CANDIDATE_REMINDER).select_related(*BOTH_SIDES))


def _not_told(found: QuerySet[Row], kind: str) -> QuerySet[Row]:
    occasion = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), CharField()))
    return found.exclude(Exists(Delivery.objects.filter(occasion=occasion))).order_by("created_at", "pk")


def _tell(place: CityFile, rows: Iterable[Row], about: Callable[[Row], Message], now: datetime) -> int:
    """One transaction each: what breaks one message keeps nobody else waiting."""
    count = 0
    for one in rows:
        with transaction.atomic():
            actions.tell(about(one), place, now=now)
        count += 1
    return count


def _local_date(place: CityFile, moment: datetime | None) -> date:
    return place.local(moment).date() if moment else date.max


def _working_days(since: date, until: date) -> int:
    """Monday to Friday, from the day after `since` up to and including `until`."""
    return int(np.busday_count(since + timedelta(days=1), until + timedelta(days=1))) if since < until else 0
