"""Who may see and change an opportunity. Stranger and missing look the same."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from backend.opportunities import states
from backend.opportunities.models import Opportunity
from backend.organisations.access import organisations_of

PUBLIC = (states.PUBLISHED,)


def visible_to(user: Any) -> QuerySet[Opportunity]:
    """Published ones for everybody, and every state of the person's own organisations."""
    public = Q(state__in=PUBLIC, organisation__verified_at__isnull=False)
    found = Opportunity.objects.select_related("organisation")
    if not user.is_authenticated:
        return found.filter(public)
    return found.filter(public | Q(organisation__in=organisations_of(user)))


def opportunity_for(user: Any, opportunity_id: UUID) -> Opportunity:
    """Raises Http404."""
    opportunity = visible_to(user).filter(pk=opportunity_id).first()
    if opportunity is None:
        raise Http404
    return opportunity


def own_opportunity_for(user: Any, opportunity_id: UUID) -> Opportunity:
    """One of an organisation in which this person may change things. Raises Http404."""
    own = organisations_of(user, may_edit=True)
    opportunity = (
        Opportunity.objects.select_related("organisation").filter(pk=opportunity_id, organisation__in=own).first()
    )
    if opportunity is None:
        raise Http404
    return opportunity
