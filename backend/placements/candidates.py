"""What an organisation may do with somebody who fits: invite, not for us, fits better elsewhere."""

from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.db import transaction

from backend.city.load import city
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.case import key_of
from backend.opportunities.models import Opportunity
from backend.outbox.actions import record
from backend.placements import actions, queries, states
from backend.placements.case import Scene
from backend.placements.models import NOT_FOR_US, Placement, Proposal
from backend.talent import queries as talent_queries
from matching import engine
from matching.catalogue import load_catalogue
from matching.prepared import prepare
from matching.types import Point

ELSEWHERE = 5  # so many places are offered to send somebody on to
LOOKED_AT = 200  # the nearest that ask for a talent this person has


@transaction.atomic
def invite(proposal_id: UUID, *, now: datetime) -> Proposal:
    """ "Nodig uit": the person hears that they are welcome, once. Records "proposal.invited".

    Raises StepNotAllowed for somebody who answered already, TooLate after the last day to answer.
    """
    proposal = actions.locked(proposal_id)
    if proposal.invited_at is not None:
        return proposal
    if proposal.state not in states.ANSWERABLE:
        raise actions.StepNotAllowed(proposal.state, "invited")
    if now > proposal.answer_until:
        raise actions.TooLate
    proposal.invited_at = now
    proposal.save(update_fields=["invited_at", "updated_at"])
    record("proposal.invited", proposal_id=proposal.pk)
    return proposal


@transaction.atomic
def note_extract(proposal_id: UUID, *, today: date) -> Placement:
    """The organisation saw the extract (model 596.2) of somebody who starts; only the day is kept, and the first one
    stands (R054). Raises StepNotAllowed without a placement, or where no extract is asked for.
    """
    proposal = actions.locked(proposal_id)
    placement = proposal.placements.exclude(state=states.ENDED).first()
    if placement is None or not proposal.opportunity.extract_596_2:
        raise actions.StepNotAllowed(proposal.state, "extract shown")
    if placement.extract_shown_on is None:
        placement.extract_shown_on = today
        placement.save(update_fields=["extract_shown_on", "updated_at"])
    return placement


@transaction.atomic
def note_agreement(proposal_id: UUID, *, today: date) -> Placement:
    """Both signed the agreement note, on paper; only the day is kept, and the first one stands. The placement begins
    when the information note was read too. Raises StepNotAllowed without a placement, or where no agreement is asked.
    """
    proposal = actions.locked(proposal_id)
    placement = proposal.placements.exclude(state=states.ENDED).select_for_update(of=("self",)).first()
    if placement is None or not proposal.opportunity.organisation.flemish_welfare_decree:
        raise actions.StepNotAllowed(proposal.state, "agreement signed")
    if placement.agreement_signed_on is None:
        placement.agreement_signed_on = today
        actions.activate(placement)
    return placement


@transaction.atomic
def decline(proposal_id: UUID, reason: str, *, now: datetime) -> Proposal:
    """ "Niet voor ons": the place is free again and we look for something else for this person. Twice is once.

    Who gave an answer hears it kindly; who did not answer yet hears nothing. Records "proposal.turned_down" and
    "proposal.declined". Raises ValueError for another reason, StepNotAllowed when a placement runs or nothing is open.
    """
    if reason not in NOT_FOR_US:
        raise ValueError(f"a reason is one of {', '.join(NOT_FOR_US)}, not {reason!r}")
    proposal = actions.locked(proposal_id)
    if proposal.state == states.WITHDRAWN and proposal.not_for_us:
        return proposal
    if proposal.placements.exclude(state=states.ENDED).exists():
        raise actions.StepNotAllowed(states.AGREED, states.WITHDRAWN)
    had_answered = proposal.state not in (states.OPEN, states.WITHDRAWN)
    _withdraw(proposal, reason)
    if had_answered:
        record("proposal.turned_down", proposal_id=proposal.pk)
    record("proposal.declined", proposal_id=proposal.pk)
    return proposal


def elsewhere(proposal: Proposal, *, now: datetime) -> list[Opportunity]:
    """Where this person could be welcome too, best first: other organisations that ask for a talent they have.

    By the same rules as every proposal, so whoever sees the list learns only that somebody fits there.
    """
    return [opportunity for opportunity, _made in _fitting(proposal, now)]


@transaction.atomic
def refer(proposal_id: UUID, opportunity_id: UUID, *, now: datetime) -> Proposal:
    """ "Past beter bij …": a proposal for another organisation, which sees nothing before the person says yes (R029).

    What the person did not say yes to here is closed; a yes stands. Twice is once. Records "proposal.made". Raises
    DoesNotFit for what `elsewhere` does not offer, NoRoom when the person has enough proposals, StepNotAllowed.
    """
    proposal = actions.locked(proposal_id)
    known = proposal.referrals.filter(opportunity=opportunity_id).first()
    if known:
        return known
    actions.one_at_a_time(proposal.volunteer.city)
    if proposal.state != states.ACCEPTED:
        _withdraw(proposal, "other_talent")
    made = next((made for opportunity, made in _fitting(proposal, now) if opportunity.pk == opportunity_id), None)
    if made is None:
        raise actions.DoesNotFit([])  # what stands in the way is not for an organisation to know
    policy = city(made.volunteer.city).matching.policy
    if queries.wanted([made.volunteer], policy, now)[made.volunteer_id] <= 0:
        raise actions.NoRoom
    made.referred_from = proposal
    made.state = states.OPEN  # an organisation that knows the person is reason enough
    made.save(force_insert=True)
    record("proposal.made", proposal_id=made.pk)
    return made


def _withdraw(proposal: Proposal, reason: str) -> None:
    if not states.may_step(states.PROPOSAL_STEPS, proposal.state, states.WITHDRAWN):
        raise actions.StepNotAllowed(proposal.state, states.WITHDRAWN)
    if proposal.place:
        actions.leave_place(proposal)
        proposal.trial_visits.filter(state=states.PLANNED).update(state=states.CANCELLED)
    proposal.state, proposal.place, proposal.not_for_us = states.WITHDRAWN, None, reason
    proposal.save(update_fields=["state", "place", "not_for_us", "updated_at"])


def _fitting(proposal: Proposal, now: datetime) -> list[tuple[Opportunity, Proposal]]:
    """Opportunities of other organisations that may be proposed to this person now, each with that proposal."""
    place = city(proposal.volunteer.city)
    policy, today = place.matching.policy, place.local(now).date()
    volunteer = talent_queries.one_active(proposal.volunteer_id, place.slug, today)
    if volunteer is None:
        return []
    profile = volunteer.profile
    talents = [one.talent for one in profile.talents.all() if not one.point_only]
    online = opportunity_queries.with_a_free_place(opportunity_queries.published(place.slug, today))
    others = online.exclude(organisation=proposal.opportunity.organisation_id)
    asked = opportunity_queries.asking_for(others, talents, near=Point(profile.lat, profile.lon))
    tasks = {key_of(one): one for one in asked[:LOOKED_AT]}
    around = queries.around(volunteer, tasks.values(), policy, actions.month_began_at(place, now))
    ready = {key: prepare(opportunity_facts(one), load_catalogue(), policy) for key, one in tasks.items()}
    result = Scene(volunteer, tasks, ready, around, policy).rank(today)
    [(person, ranking)] = result.rankings.items()
    pairs = engine.hand_out(
        result, wanted={person: ELSEWHERE}, room=around.room, organisation_room=around.organisation_room
    )
    return [
        (
            tasks[key],
            actions.proposal_of(
                volunteer, tasks[key], ranking.fits[key], result.explain(person, key), policy=policy, now=now
            ),
        )
        for _person, key in islice(pairs, ELSEWHERE)
    ]
