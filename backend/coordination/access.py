"""Which calls and messages somebody of the volunteer point may see: those of their own city. Stranger and missing look
the same.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from backend.accounts.access import CALLS, CASES, STUCK, cities_behind
from backend.organisations.models import Organisation
from backend.placements.models import Case
from backend.talent.models import Volunteer
from notifications.models import Delivery
from notifications.queries import call_sheet, stuck


def calls_for(request: Any) -> QuerySet[Delivery]:
    """Raises Http404 for everybody who does not call for a city."""
    return _of(call_sheet(), cities_behind(request, CALLS))


def stuck_for(request: Any) -> QuerySet[Delivery]:
    """Messages that no machine can settle. Raises Http404 for everybody who does not look after them."""
    return _of(stuck(), cities_behind(request, STUCK))


def stuck_one(request: Any, delivery_id: UUID) -> Delivery:
    """Raises Http404."""
    return _found(stuck_for(request), delivery_id)


def cases_for(request: Any) -> QuerySet[Case]:
    """What a person of the point has to look at, oldest first. Raises Http404 for everybody else."""
    cities = cities_behind(request, CASES)
    open_ones = Case.objects.filter(closed_at=None, volunteer__city__in=cities)
    return open_ones.select_related("volunteer__user").order_by("created_at", "pk")


def case_for(request: Any, case_id: UUID) -> Case:
    """Raises Http404."""
    case = cases_for(request).filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


def _of(deliveries: QuerySet[Delivery], cities: list[str]) -> QuerySet[Delivery]:
    people = Volunteer.objects.filter(city__in=cities).values("pk")
    organisations = Organisation.objects.filter(city__in=cities).values("pk")
    return deliveries.filter(recipient__in=people) | deliveries.filter(recipient__in=organisations)


def call_for(request: Any, delivery_id: UUID) -> Delivery:
    """Raises Http404."""
    return _found(calls_for(request), delivery_id)


def is_volunteer(delivery: Delivery) -> bool:
    """Is it for a volunteer? Else for an organisation."""
    return Volunteer.objects.filter(pk=delivery.recipient).exists()


def _found(deliveries: QuerySet[Delivery], delivery_id: UUID) -> Delivery:
    delivery = deliveries.filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404
    return delivery
