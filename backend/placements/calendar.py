"""An appointment as a file for any calendar (iCalendar, RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import icalendar
from rest_framework.renderers import BaseRenderer, JSONRenderer

from backend.opportunities.models import Opportunity
from backend.placements import states
from backend.placements.models import TrialVisit

LASTS = timedelta(hours=2)
PRODUCT = "-//Helpende handen//NL"


class CalendarRenderer(BaseRenderer):
    """Lets a client ask for text/calendar; the view makes the file, so only problems come here."""

    media_type = "text/calendar"
    format = "ics"

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> bytes:
        return JSONRenderer().render(data)


def appointment(visit: TrialVisit) -> bytes:
    """One event; a cancelled visit says so, so that a calendar takes it out again. Wants the opportunity selected."""
    is_cancelled = visit.state == states.CANCELLED
    return file_of([event_of(visit, visit.proposal.opportunity, visit.starts_at + LASTS, is_cancelled=is_cancelled)])


def event_of(row: Any, opportunity: Opportunity, ends_at: datetime, *, is_cancelled: bool = False) -> icalendar.Event:
    """What somebody does at an opportunity from `row.starts_at` on."""
    event = icalendar.Event()
    event.add("uid", f"{row.pk}@helpende-handen")
    event.add("dtstamp", row.updated_at)
    event.add("last-modified", row.updated_at)
    event.add("dtstart", row.starts_at)
    event.add("dtend", ends_at)
    event.add("summary", opportunity.title)
    event.add("location", f"{opportunity.organisation.name}, {opportunity.postcode} {opportunity.neighbourhood}")
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    return event


def file_of(events: Iterable[icalendar.Event]) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for one in events:
        calendar.add_component(one)
    found: bytes = calendar.to_ical()
    return found
