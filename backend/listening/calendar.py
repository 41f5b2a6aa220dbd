"""A training as a file for a calendar (RFC 5545)."""

import icalendar

from backend.listening.models import Training
from backend.placements.calendar import PRODUCT


def appointment(training: Training) -> bytes:
    """One event."""
    event = icalendar.Event()
    event.add("uid", f"{training.pk}@helpende-handen")
    event.add("dtstamp", training.updated_at)
    event.add("dtstart", training.starts_at)
    event.add("dtend", training.ends_at)
    event.add("summary", training.title)
    event.add("location", training.where)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
