"""What is told of moments, and of money: close to the ceiling of a year, or above one; no amount that somebody got."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings

from backend.city.load import city
from backend.engagements.ceilings import Ceilings
from backend.engagements.models import Shift, ShiftPlace
from backend.placements.messages import routes_to, routes_to_organisation
from backend.talent.models import Volunteer
from notifications.message import Message

SHIFT_TOMORROW, SHIFT_CANCELLED = "shift_tomorrow", "shift_cancelled"
SHIFT_SHORT, INSURANCE_SOON = "shift_short", "insurance_soon"


def about_shift_tomorrow(shift: Shift, place: ShiftPlace) -> Message:
    """To who comes: tomorrow, where, whom to ask for."""
    return _to_volunteer(SHIFT_TOMORROW, shift, place.placement.proposal.volunteer, place.pk)


def about_cancelled_shift(shift: Shift, place: ShiftPlace) -> Message:
    """To who would have come."""
    return _to_volunteer(SHIFT_CANCELLED, shift, place.placement.proposal.volunteer, place.pk)


def about_too_few(shift: Shift, taken: int) -> Message:
    """To the organisation: fewer people come than are needed."""
    return _to_organisation(SHIFT_SHORT, shift, shift.pk, {"taken": str(taken), "least": str(shift.least)})


def about_insurance(shift: Shift, day: date) -> Message:
    """To the organisation, once for a day: register the activity at least 24 hours before."""
    return _to_organisation(INSURANCE_SOON, shift, f"{shift.opportunity.organisation_id}:{day}", {})


def about_effects(volunteer: Volunteer, days: Sequence[Any], today: date) -> Message:
    """To who helped, once a week: what it meant. Wants days with their `effect` and organisation; one line for each."""
    said = dict.fromkeys(f"{one.placement.proposal.opportunity.organisation.name}: {one.effect}" for one in days)
    return Message(
        kind="what_it_meant",
        occasion=f"what_it_meant:{volunteer.pk}:{today.isoformat()}",
        recipient=volunteer.pk,
        language=volunteer.language,
        routes=routes_to(volunteer),
        values={
            "first_name": volunteer.first_name, "lines": [" ".join(one.split()) for one in said],
            "door": f"{settings.PUBLIC_URL}/ik/uren/", "phone": city(volunteer.city).phone,
        },
    )  # fmt: skip


def _to_volunteer(kind: str, shift: Shift, volunteer: Volunteer, occasion: Any) -> Message:
    return Message(
        kind=kind,
        occasion=f"{kind}:{occasion}",
        recipient=volunteer.pk,
        language=volunteer.language,
        routes=routes_to(volunteer),
        values={
            **_values(shift), "first_name": volunteer.first_name,
            "door": f"{settings.PUBLIC_URL}/ik/momenten/",
        },
    )  # fmt: skip


def _to_organisation(kind: str, shift: Shift, occasion: Any, more: dict[str, str]) -> Message:
    organisation = shift.opportunity.organisation
    return Message(
        kind=kind,
        occasion=f"{kind}:{occasion}",
        recipient=organisation.pk,
        language=city(organisation.city).language,
        routes=routes_to_organisation(kind, organisation),
        values={**_values(shift), "door": f"{settings.PUBLIC_URL}/org/{organisation.pk}/momenten/", **more},
    )


def _values(shift: Shift) -> dict[str, str]:
    opportunity = shift.opportunity
    organisation = opportunity.organisation
    return {
        "title": " ".join(opportunity.title.split()),
        "organisation": " ".join(organisation.name.split()),
        "contact": " ".join(organisation.contact_label.split()),
        "postcode": opportunity.postcode,
        "neighbourhood": opportunity.neighbourhood,
        "phone": city(organisation.city).phone,
        "starts_at": shift.starts_at.isoformat(),
    }


def about_expenses(volunteer: Volunteer, year: int, known: Ceilings, kind: str) -> Message:
    """`kind` is NEAR or OVER; each at most once for a year."""
    place = city(volunteer.city)
    return Message(
        kind=kind,
        occasion=f"{kind}:{volunteer.pk}:{year}",
        recipient=volunteer.pk,
        language=volunteer.language,
        routes=routes_to(volunteer),
        values={
            "first_name": volunteer.first_name,
            "most": f"{known.year_eur:.2f}",
            "phone": place.phone,
        },
    )
