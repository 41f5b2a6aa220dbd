"""Reads of volunteers."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backend.talent import states
from backend.talent.models import PROPOSALS, Consent, Volunteer


def active(city: str, today: date) -> QuerySet[Volunteer]:
    """Who may get proposals: the person confirmed the profile, agreed to proposals and is not paused (rules 2)."""
    agreed = Consent.objects.filter(
        Q(until=None) | Q(until__gt=Now()), volunteer=OuterRef("pk"), purpose=PROPOSALS, withdrawn_at=None
    )
    return (
        Volunteer.objects.filter(Exists(agreed), city=city, state=states.CONFIRMED, profile__isnull=False)
        .filter(Q(paused_until=None) | Q(paused_until__lt=today))
        .select_related("profile", "user")
        .prefetch_related("profile__talents", "profile__languages")
    )


def with_everything_to_pack(volunteers: QuerySet[Volunteer]) -> QuerySet[Volunteer]:
    return volunteers.select_related("profile").prefetch_related("profile__talents", "profile__languages", "consents")
