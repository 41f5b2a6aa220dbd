"""Which calls somebody of the volunteer point may see: those of their own city. Stranger and missing look the same."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from backend.accounts.access import CALLS, cities_behind
from backend.organisations.models import Organisation
from backend.talent.models import Volunteer
from notifications.models import Delivery
from notifications.queries import call_sheet


def calls_for(request: Any) -> QuerySet[Delivery]:
    """Raises Http404 for everybody who does not call for a city."""
    cities = cities_behind(request, CALLS)
    people = Volunteer.objects.filter(city__in=cities).values("pk")
    organisations = Organisation.objects.filter(city__in=cities).values("pk")
    return call_sheet().filter(recipient__in=people) | call_sheet().filter(recipient__in=organisations)


def call_for(request: Any, delivery_id: UUID) -> Delivery:
    """Raises Http404."""
    delivery = calls_for(request).filter(pk=delivery_id).first()
    if delivery is None:
        raise Http404
    return delivery
