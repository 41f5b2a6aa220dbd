"""Doors for the worker: ids in, one verb, safe to run twice."""

from typing import Any
from uuid import UUID

from celery import shared_task

from backend.city.load import cities, city
from backend.common.clock import database_now
from backend.engagements import effects, queries, shifts
from backend.engagements.messages import about_cancelled_shift, about_expenses
from backend.engagements.models import Shift
from backend.outbox.actions import once
from backend.placements.actions import tell
from backend.talent.models import Volunteer


@shared_task(name="engagements.tell_about_expenses")
def tell_about_expenses(*, event_id: int, volunteer_id: str, year: str, **_later: Any) -> None:
    """All organisations of one person together: the person hears it, no organisation does."""
    with once(event_id) as event:
        if event:
            volunteer = Volunteer.objects.select_related("user").get(pk=UUID(volunteer_id))
            place = city(volunteer.city)
            known, kind = queries.ceilings_for(volunteer, int(year)), queries.warning_for(volunteer, int(year))
            if known and kind:
                tell(about_expenses(volunteer, int(year), known, kind), place, now=database_now())


@shared_task(name="engagements.tell_about_cancelled_shift")
def tell_about_cancelled_shift(*, event_id: int, shift_id: str, **_later: Any) -> None:
    """Everybody who would have come hears it."""
    with once(event_id) as event:
        if event:
            shift = Shift.objects.select_related("opportunity__organisation").filter(pk=UUID(shift_id)).first()
            if shift and shift.cancelled_at:
                place = city(shift.opportunity.city)
                for one in shift.places.select_related("placement__proposal__volunteer__user").order_by("pk"):
                    tell(about_cancelled_shift(shift, one), place, now=database_now())


@shared_task(name="engagements.remind")
def remind(**_later: Any) -> None:
    """Beat: look which moments are near, and on Mondays what the days of the week before meant."""
    for place in cities().values():
        shifts.remind(place, now=database_now())
        effects.tell_week(place, now=database_now())
