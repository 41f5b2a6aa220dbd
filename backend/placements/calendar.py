"""An appointment as a file for any calendar (iCalendar, RFC 5545)."""

from datetime import timedelta
from typing import Any

import icalendar
from rest_framework.renderers import BaseRenderer, JSONRenderer

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
    opportunity = visit.proposal.opportunity
    event = icalendar.Event()
    event.add("uid", f"{visit.pk}@helpende-handen")
    event.add("dtstamp", visit.updated_at)
    event.add("last-modified", visit.updated_at)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.starts_at + LASTS)
    event.add("summary", opportunity.title)
    event.add("location", f"{opportunity.organisation.name}, {opportunity.postcode} {opportunity.neighbourhood}")
    event.add("status", "CANCELLED" if visit.state == states.CANCELLED else "CONFIRMED")
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
