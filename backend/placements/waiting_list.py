"""Who said yes a moment too late is asked first when a place comes free: one at a time, in turn, until a day.

It moves up by itself with every walk of the clock (rhythm.remind). A place that is offered is kept for whoever it is
offered to; without an answer in time it goes to the next. Nobody has to take it.
"""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from backend.city.load import CityFile
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.models import Opportunity
from backend.placements import actions, messages, states
from backend.placements.models import Proposal
from backend.talent import queries as talent_queries

ANSWER_WITHIN = timedelta(days=3)  # start value of ours: long enough to ask somebody at home


def move_up(place: CityFile, *, now: datetime) -> int:
    """Offer what is free to who waits longest; how many were asked. Safe to run twice."""
    today, asked = place.local(now).date(), 0
    online = opportunity_queries.published(place.slug, today)
    waiting = Proposal.objects.filter(state=states.WAITING, opportunity__in=online)
    waiting = waiting.filter(volunteer__in=talent_queries.active(place.slug, today))
    turns: dict[UUID, list[Proposal]] = {}
    for one in waiting.select_related("volunteer").order_by("answered_at", "pk"):
        turns.setdefault(one.opportunity_id, []).append(one)
    for opportunity_id, in_turn in turns.items():
        asked += _offer(opportunity_id, in_turn, place, now)
    return asked


@transaction.atomic
def _offer(opportunity_id: UUID, in_turn: list[Proposal], place: CityFile, now: datetime) -> int:
    """One opportunity at a time, so that two walks at once do not offer a place twice."""
    opportunity = Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity_id)
    kept = Counter(
        one.volunteer.is_guided
        for one in Proposal.objects.filter(
            opportunity=opportunity, state__in=states.ANSWERABLE, offered_at__isnull=False, answer_until__gte=now
        ).select_related("volunteer")
    )
    # Who has a guide takes a reserved place first (rules 6.2).
    beside_reserved = max(0, kept[True] - opportunity.free_reserved)
    free_reserved = max(0, opportunity.free_reserved - kept[True])
    free_open = opportunity.free_open - kept[False] - beside_reserved
    asked = 0
    for one in in_turn:
        if one.volunteer.is_guided and free_reserved > 0:
            free_reserved -= 1
        elif free_open > 0:
            free_open -= 1
        else:
            continue
        asked += _ask(one.pk, place, now)
    return asked


def _ask(proposal_id: UUID, place: CityFile, now: datetime) -> bool:
    with suppress(Proposal.DoesNotExist):  # erased meanwhile
        proposal = actions.locked(proposal_id)
        if proposal.state == states.WAITING:
            proposal.state, proposal.offered_at, proposal.answer_until = states.OPEN, now, now + ANSWER_WITHIN
            proposal.save(update_fields=["state", "offered_at", "answer_until", "updated_at"])
            actions.tell(messages.about_free_place(proposal), place, now=now)
            return True
    return False
