"""Who may see a proposal. Stranger and missing look the same."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from backend.organisations.access import organisations_of
from backend.placements import states
from backend.placements.models import Proposal


def proposals_of(user: Any) -> QuerySet[Proposal]:
    """What somebody got, newest first; what waits for a matchmaker is not theirs to see yet."""
    if not user.is_authenticated:
        return Proposal.objects.none()
    return (
        Proposal.objects.filter(volunteer__user=user)
        .exclude(state=states.HELD)
        .select_related("opportunity__organisation", "volunteer__profile")
        .order_by("-made_at", "pk")
    )


def proposal_for(user: Any, proposal_id: UUID) -> Proposal:
    """One of the person's own. Raises Http404."""
    proposal = proposals_of(user).filter(pk=proposal_id).first()
    if proposal is None:
        raise Http404
    return proposal


def candidates_of(user: Any) -> QuerySet[Proposal]:
    """Who said yes to an organisation of this person: only from then on may a name be seen."""
    return (
        Proposal.objects.filter(opportunity__organisation__in=organisations_of(user), state=states.ACCEPTED)
        .select_related("opportunity__organisation", "volunteer__user")
        .prefetch_related("trial_visits", "placements")
        .order_by("answered_at", "pk")
    )
