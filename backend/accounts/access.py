"""Who works at the volunteer point."""

from typing import Any

from django.http import Http404

from backend.accounts.models import COORDINATOR, StaffRole


def cities_of_coordinator(user: Any) -> list[str]:
    """The cities this person coordinates. Raises Http404 for everybody else: the desk does not exist for them."""
    found = list(StaffRole.objects.filter(user=user, role=COORDINATOR).values_list("city", flat=True))
    if not found:
        raise Http404
    return found
