"""A buddy: who helps at an organisation already takes somebody new by the hand there. Both stay who they chose to be.

Nobody is made a buddy: one says that one wants to be, and the organisation chooses among those. Whoever is new reads a
first name; the buddy reads when somebody comes, and no name.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.outbox.actions import record
from backend.placements import actions, states
from backend.placements.models import Buddy, Placement, Proposal, TrialVisit


class NotABuddy(Exception):
    """Somebody who does not help there now, who did not say that they want to be a buddy, or who is new themselves."""


@transaction.atomic
def want(placement_id: UUID, *, is_wanted: bool) -> Placement:
    """ "I want to be a buddy", or no longer: then whoever is new there has none, and the organisation hears it. Raises
    StepNotAllowed.
    """
    placement = Placement.objects.select_for_update().get(pk=placement_id)
    if placement.state != states.ACTIVE:
        raise actions.StepNotAllowed(placement.state, "be a buddy")
    placement.is_buddy = is_wanted
    placement.save(update_fields=["is_buddy", "updated_at"])
    if not is_wanted:
        actions.leave_newcomers(Placement.objects.filter(pk=placement_id))
    return placement


def willing_at(organisation_id: UUID) -> QuerySet[Placement]:
    """Who wants to be a buddy there, with their people, by first name."""
    there = Placement.objects.filter(
        state=states.ACTIVE, is_buddy=True, proposal__opportunity__organisation=organisation_id
    )
    return there.select_related("proposal__volunteer").order_by("proposal__volunteer__first_name", "pk")


def may_take(proposal: Proposal, willing: Iterable[Placement]) -> list[Placement]:
    """Of who is `willing` there, who may take this person by the hand: not themselves; nobody before a yes."""
    is_yes = proposal.state == states.ACCEPTED
    return [one for one in willing if is_yes and one.proposal.volunteer_id != proposal.volunteer_id]


@transaction.atomic
def choose(proposal_id: UUID, placement_id: UUID | None, *, now: datetime) -> Buddy | None:
    """The buddy of somebody who said yes; None takes it back. Records "buddy.chosen" when it is somebody else.

    Raises StepNotAllowed without a yes, NotABuddy.
    """
    proposal = actions.locked(proposal_id)
    if proposal.state != states.ACCEPTED:
        raise actions.StepNotAllowed(proposal.state, "have a buddy")
    known = Buddy.objects.filter(newcomer=proposal).first()
    if placement_id is None:
        if known:
            known.delete()
        return None
    willing = willing_at(proposal.opportunity.organisation_id).select_for_update(of=("self",))
    placement = next(iter(may_take(proposal, willing.filter(pk=placement_id))), None)
    if placement is None:
        raise NotABuddy
    if known and known.placement_id == placement_id:
        return known
    buddy = known or Buddy(newcomer=proposal)
    buddy.placement, buddy.chosen_at = placement, now
    buddy.save()
    record("buddy.chosen", buddy_id=buddy.pk, placement_id=placement.pk)
    return buddy


def is_there(buddy: Buddy) -> bool:
    """As long as the yes of who is new stands, and the buddy helps there."""
    return buddy.newcomer.state == states.ACCEPTED and buddy.placement.state == states.ACTIVE


def buddy_of(proposal: Proposal) -> Placement | None:
    """Of who takes this person by the hand; None when nobody does, or when who did so stopped."""
    buddy: Buddy | None = getattr(proposal, "buddy", None)
    return buddy.placement if buddy and is_there(buddy) else None


def expected_by(placement: Placement, now: datetime) -> list[TrialVisit]:
    """When whoever is new comes to try, soonest first: for the buddy, and so without a name."""
    visits = TrialVisit.objects.filter(
        proposal__buddy__placement=placement, proposal__state=states.ACCEPTED, state=states.PLANNED, starts_at__gt=now
    )
    return list(visits.order_by("starts_at"))
