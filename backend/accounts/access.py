"""Who works at the volunteer point, and whether they showed that it is really them."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404

from backend.accounts.models import COORDINATOR, StaffRole


class SecondFactorNeeded(PermissionDenied):
    """The right person, but only one factor was shown in this session."""

    def __init__(self) -> None:
        super().__init__("second_factor_needed")


def cities_of_coordinator(request: Any) -> list[str]:
    """The cities whoever asks coordinates. Raises Http404 for everybody else: the desk does not exist for them.

    Raises SecondFactorNeeded after a code alone.
    """
    roles = StaffRole.objects.filter(user=request.user, role=COORDINATOR) if request.user.is_authenticated else ()
    found = [role.city for role in roles]
    if not found:
        raise Http404
    if settings.STAFF_SECOND_FACTOR and not has_second_factor(request):
        raise SecondFactorNeeded
    return found


def has_second_factor(request: Any) -> bool:
    """A passkey or a one-time code of an app, in this session."""
    return any(one["method"] == "mfa" for one in get_authentication_records(request, request.user))
