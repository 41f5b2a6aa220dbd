"""When somebody could come and try: the next shared day-parts, as moments on the clock."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backend.city.load import city
from backend.placements.models import Proposal
from matching.types import DAYS, SLOTS

# A day-part is 4 to 5 hours long; a first visit begins well inside it. The organisation may agree on another hour.
BEGINS = {"morning": time(9, 30), "afternoon": time(14), "evening": time(19)}
NOTICE = timedelta(days=2)  # an organisation needs time to prepare a welcome
WEEKS_AHEAD = 6
OFFERED = 3


def moments_for(proposal: Proposal, now: datetime) -> list[datetime]:
    """Up to three moments, soonest first: the person is free, the opportunity runs, and nobody is taken by surprise."""
    opportunity = proposal.opportunity
    local = city(proposal.volunteer.city).local(now)
    shared = set(proposal.volunteer.profile.available).intersection(opportunity.slots)
    begins = max(local.date(), opportunity.period_from or date.min)
    found = []
    for day in (begins + timedelta(days=ahead) for ahead in range(WEEKS_AHEAD * 7)):
        if opportunity.period_until and day > opportunity.period_until:
            break
        for slot in SLOTS:
            weekday, part = slot.split("-")
            moment = datetime.combine(day, BEGINS[part], tzinfo=local.tzinfo)
            if slot in shared and DAYS[day.weekday()] == weekday and moment >= now + NOTICE:
                found.append(moment)
        if len(found) >= OFFERED:
            break
    return found[:OFFERED]


def moment_said(text: str) -> datetime:
    """What was posted as a moment; nonsense becomes a moment that is never offered."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        return datetime.min.replace(tzinfo=timezone.get_default_timezone())
    return found
