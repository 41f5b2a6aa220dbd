"""Who works at the volunteer point, which doors that opens, and whether they showed that it is really them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from backend.accounts.models import (
    ADMINISTRATOR,
    COORDINATOR,
    GUIDE,
    MATCHMAKER,
    OPPORTUNITY_SCOUT,
    TALENT_SCOUT,
    StaffRole,
)

FIGURES, GAPS, CALLS, ONLINE, TEAM = "figures", "gaps", "calls", "online", "team"
OPERATIONS, STUCK, CASES, CAMPAIGNS, MATCHES = "operations", "stuck", "cases", "campaigns", "matches"
REPORTS, SIGNALS, SUPPORT, TRAININGS = "reports", "signals", "support", "trainings"
TALKS = "talks"
# What each role opens. A guide is not here: they see the people who chose them, and nobody else.
OPENS: Mapping[str, frozenset[str]] = {
    COORDINATOR: frozenset(
        {FIGURES, GAPS, CALLS, ONLINE, TEAM, OPERATIONS, STUCK, CASES, CAMPAIGNS, MATCHES, REPORTS, SIGNALS, SUPPORT}
        | {TRAININGS, TALKS}
    ),
    TALENT_SCOUT: frozenset({FIGURES, CALLS, CASES, TRAININGS}),  # speaks with people
    OPPORTUNITY_SCOUT: frozenset({FIGURES, GAPS, ONLINE, SUPPORT, TRAININGS, TALKS}),  # speaks with organisations
    MATCHMAKER: frozenset({FIGURES, GAPS, CALLS, STUCK, CASES, MATCHES}),  # brings the two together
    ADMINISTRATOR: frozenset({TEAM, OPERATIONS}),  # lets people in, and sees nobody's data
}


class SecondFactorNeeded(PermissionDenied):
    """The right person, but only one factor was shown in this session."""

    def __init__(self) -> None:
        super().__init__("second_factor_needed")


def cities_behind(request: Any, door: str) -> list[str]:
    """The cities in which whoever asks may open this door. Raises Http404 for everybody else: it does not exist for
    them.

    Raises SecondFactorNeeded after a code alone.
    """
    found = [city for city, doors in doors_of(request.user).items() if door in doors]
    if not found:
        raise Http404
    if settings.STAFF_SECOND_FACTOR and not has_second_factor(request):
        raise SecondFactorNeeded
    return found


def doors_of(user: Any) -> dict[str, frozenset[str]]:
    """Per city what somebody's roles at the volunteer point open."""
    found: dict[str, frozenset[str]] = {}
    if user.is_authenticated:
        for role in StaffRole.objects.filter(user=user, role__in=OPENS).order_by("city"):
            found[role.city] = found.get(role.city, frozenset()) | OPENS[role.role]
    return found


def who_opens(door: str, city: str) -> QuerySet[StaffRole]:
    """Who may open this door of a city, each once, with how they are reached."""
    roles = [role for role, doors in OPENS.items() if door in doors]
    found = StaffRole.objects.filter(city=city, role__in=roles).select_related("user")
    return found.order_by("user", "pk").distinct("user")


def is_guide(user: Any) -> bool:
    """Does somebody come along with people who chose them?"""
    return bool(user.is_authenticated) and StaffRole.objects.filter(user=user, role=GUIDE).exists()


def may_send_cards(user: Any) -> bool:
    """Whoever works at the volunteer point, in any role, and guides."""
    return bool(user.is_authenticated) and StaffRole.objects.filter(user=user).exists()


def is_behind(request: Any, door: str, cities: list[str]) -> bool:
    """Does this door open to whoever asks, in one of these cities?"""
    return any(door in doors for city, doors in doors_of(request.user).items() if city in cities)


def team_of(request: Any) -> QuerySet[StaffRole]:
    """Everybody with a role in the cities whose team whoever asks may change. Raises Http404."""
    cities = cities_behind(request, TEAM)
    return StaffRole.objects.filter(city__in=cities).order_by("city", "role", "created_at")


def role_of_team(request: Any, role_id: UUID) -> StaffRole:
    """Raises Http404."""
    role = team_of(request).filter(pk=role_id).first()
    if role is None:
        raise Http404
    return role


def has_second_factor(request: Any) -> bool:
    """A passkey or a one-time code of an app, in this session."""
    return any(one["method"] == "mfa" for one in get_authentication_records(request, request.user))
