"""What a volunteer is told about money: close to the ceiling of a year, or above one. No amount that they got."""

from backend.city.load import city
from backend.engagements.ceilings import Ceilings
from backend.placements.messages import routes_to
from backend.talent.models import Volunteer
from notifications.message import Message


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
