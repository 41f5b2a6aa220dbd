"""Who of the volunteer point looks after what: a case begins with a matchmaker, any line may be taken over (R007)."""

from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from backend.accounts.models import COORDINATOR, MATCHMAKER, StaffRole
from backend.placements.models import CASE_KINDS, NOTE_LONGEST, Care, Case
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
    return is_new


def take(kind: str, about: UUID, owner: StaffRole, note: str) -> None:
    """ "Ik neem dit", with what comes next; the last word counts. Raises ValueError for too many words."""
    if len(note) > NOTE_LONGEST:
        raise ValueError(f"note: at most {NOTE_LONGEST} signs")
    Care.objects.update_or_create(kind=kind, about=about, defaults={"owner": owner, "note": note})


def let_go_of(kind: str, about: UUID) -> None:
    """Nobody's again. Twice is once."""
    Care.objects.filter(kind=kind, about=about).delete()


def settled(cases: QuerySet[Case]) -> None:
    """Nobody looks after what is closed."""
    Care.objects.filter(kind__in=CASE_KINDS, about__in=cases.values("pk")).delete()


def _least_busy(city: str) -> StaffRole | None:
    cases = Count("cares", filter=Q(cares__kind__in=CASE_KINDS))
    for role in (MATCHMAKER, COORDINATOR):
        team = StaffRole.objects.filter(city=city, role=role).annotate(many=cases)
        if found := team.order_by("many", "created_at", "pk").first():
            return found
    return None
