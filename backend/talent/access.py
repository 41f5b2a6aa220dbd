"""Whose profile somebody may see: their own, and a guide's people as long as these agree. Stranger and missing look
the same."""

from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Now
from django.http import Http404

from backend.accounts.access import CALLS, cities_behind
from backend.accounts.models import GUIDE as GUIDE_ROLE
from backend.accounts.models import StaffRole
from backend.talent.codes import hash_of
from backend.talent.models import GUIDE, CardCode, Consent, Volunteer


def volunteer_of(user: Any) -> Volunteer | None:
    """Who is signed in, as a volunteer with a profile, when they are one."""
    if not user.is_authenticated:
        return None
    rows = Volunteer.objects.filter(user=user, profile__isnull=False).select_related("profile", "user")
    return rows.prefetch_related("profile__talents", "profile__languages").first()


def own_volunteer(user: Any) -> Volunteer:
    """The same. Raises Http404 for who is none."""
    found = volunteer_of(user)
    if found is None:
        raise Http404
    return found


def volunteer_of_card(code: str) -> Volunteer | None:
    """Whose printed card this is, while nobody took it over; None for a code that is none."""
    held = CardCode.objects.filter(code_hash=hash_of(code), volunteer__user=None).select_related("volunteer").first()
    return held.volunteer if held else None


def at_desk(request: Any, volunteer_id: UUID) -> Volunteer:
    """Somebody of one's own city, for who speaks with people. Raises Http404."""
    found = people_at_desk(request).filter(pk=volunteer_id).first()
    if found is None:
        raise Http404
    return found


def people_behind(request: Any) -> list[str]:
    """The cities in which whoever asks speaks with people. Raises Http404 for everybody else."""
    return cities_behind(request, CALLS)


def people_at_desk(request: Any) -> QuerySet[Volunteer]:
    """Everybody with a profile in those cities. Raises Http404."""
    rows = Volunteer.objects.filter(city__in=people_behind(request), profile__isnull=False)
    return rows.select_related("profile", "user").prefetch_related("profile__talents", "profile__languages")


def guides_in(city: str) -> QuerySet[StaffRole]:
    """Whom somebody may choose as a guide."""
    return StaffRole.objects.filter(city=city, role=GUIDE_ROLE, user__is_active=True).order_by("label", "pk")


def guided_by(user: Any) -> QuerySet[Volunteer]:
    """The people who agreed that this guide looks with them, today."""
    if not user.is_authenticated:
        return Volunteer.objects.none()
    mine = StaffRole.objects.filter(user=user, role=GUIDE_ROLE).annotate(name=Cast("pk", CharField()))
    agreed = Consent.objects.filter(
        Q(until=None) | Q(until__gt=Now()),
        volunteer=OuterRef("pk"), purpose=GUIDE, withdrawn_at=None, party__in=mine.values("name"),
    )  # fmt: skip
    return (
        Volunteer.objects.filter(Exists(agreed), profile__isnull=False)
        .select_related("profile", "user")
        .prefetch_related("profile__talents", "profile__languages")
    )


def guided_volunteer(user: Any, volunteer_id: UUID) -> Volunteer:
    """Raises Http404, also from the moment the person takes the consent back."""
    found = guided_by(user).filter(pk=volunteer_id).first()
    if found is None:
        raise Http404
    return found


def own_consent(user: Any, consent_id: UUID) -> Consent:
    """Raises Http404."""
    found = Consent.objects.filter(volunteer__user=user, pk=consent_id).select_related("volunteer__user").first()
    if found is None:
        raise Http404
    return found
