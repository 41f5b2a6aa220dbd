"""Who of the volunteer point looks after what: a case begins with a matchmaker, any line may be taken over (R007)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from backend.accounts.models import COORDINATOR, MATCHMAKER, StaffRole
from backend.placements.models import (
    CASE_KINDS,
    GIVEN,
    LET_GO,
    NOTE_LONGEST,
    TAKEN,
    Care,
    CareStep,
    Case,
    CheckIn,
    Placement,
    Proposal,
    Question,
    TrialVisit,
)
from backend.talent.models import Volunteer


@transaction.atomic
def open_case(kind: str, about: UUID, volunteer: Volunteer) -> bool:
    """Once per kind and thing. It is given to the matchmaker of that city with the least to look after, else to who
    coordinates; without either it is nobody's, and shows as such. True when it is new.
    """
    case, is_new = Case.objects.get_or_create(kind=kind, about=about, defaults={"volunteer": volunteer})
    owner = _least_busy(volunteer.city) if is_new else None
    if owner:
        Care.objects.create(kind=kind, about=case.pk, owner=owner)
        CareStep.objects.create(kind=kind, about=case.pk, what=GIVEN, by=owner)
    return is_new


@transaction.atomic
def take(kind: str, about: UUID, owner: StaffRole, note: str) -> None:
    """ "Ik neem dit", with what comes next; the last word counts. Raises ValueError for too many words."""
    if len(note) > NOTE_LONGEST:
        raise ValueError(f"note: at most {NOTE_LONGEST} signs")
    known = Care.objects.select_for_update().filter(kind=kind, about=about).first()
    if known is None or (known.owner_id, known.note) != (owner.pk, note):
        Care.objects.update_or_create(kind=kind, about=about, defaults={"owner": owner, "note": note})
        CareStep.objects.create(kind=kind, about=about, what=TAKEN, by=owner, note=note)


@transaction.atomic
def let_go_of(kind: str, about: UUID, by: StaffRole) -> None:
    """Nobody's again. Twice is once."""
    if Care.objects.filter(kind=kind, about=about).delete()[0]:
        CareStep.objects.create(kind=kind, about=about, what=LET_GO, by=by)


def settled(cases: QuerySet[Case]) -> None:
    """Nobody looks after what is closed."""
    Care.objects.filter(kind__in=CASE_KINDS, about__in=cases.values("pk")).delete()


def lines_of(volunteer: Volunteer) -> list[UUID]:
    """Everything about a person that a line of the worklist may come from."""
    of_person = Proposal.objects.filter(volunteer=volunteer)
    lines: list[QuerySet[Any]] = [
        of_person, Case.objects.filter(volunteer=volunteer), Placement.objects.filter(proposal__in=of_person),
        TrialVisit.objects.filter(proposal__in=of_person), Question.objects.filter(proposal__in=of_person),
        CheckIn.objects.filter(placement__proposal__in=of_person),
    ]  # fmt: skip
    return [volunteer.pk, *(pk for rows in lines for pk in rows.values_list("pk", flat=True))]


def forget(volunteer: Volunteer) -> None:
    """Before a person is erased: what colleagues wrote about them goes too."""
    about = lines_of(volunteer)
    Care.objects.filter(about__in=about).delete()
    CareStep.objects.filter(about__in=about).delete()


def _least_busy(city: str) -> StaffRole | None:
    cases = Count("cares", filter=Q(cares__kind__in=CASE_KINDS))
    for role in (MATCHMAKER, COORDINATOR):
        team = StaffRole.objects.filter(city=city, role=role).annotate(many=cases)
        if found := team.order_by("many", "created_at", "pk").first():
            return found
    return None
