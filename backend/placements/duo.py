"""Two people in one place (duo): who said yes gives a code to somebody they know; whoever comes with it shares it.

Neither is looked up by the other: a code goes from hand to hand, so nobody learns who else has a profile.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from backend.accounts import journal
from backend.city.load import city
from backend.outbox.actions import record
from backend.placements import actions, states
from backend.placements.models import SHARED_PLACE, PairPlacement, Proposal
from backend.placements.queries import partner_name
from backend.talent import codes
from backend.talent import queries as talent_queries
from backend.talent.models import Volunteer

CODE_WORKS = timedelta(days=14)
ALONE = "alone"


class WrongCode(Exception):
    """No code, one that is too old, one's own, or one that somebody used."""


class NotNow(Exception):
    """Whoever typed the code gets no proposals now: paused, or the profile was never confirmed."""


def may_share(proposal: Proposal) -> bool:
    """After a yes to something that is not done alone, by who does not share somebody else's place."""
    is_free = proposal.state == states.ACCEPTED and proposal.place != SHARED_PLACE
    return is_free and proposal.opportunity.company != ALONE and not partner_name(proposal)


@transaction.atomic
def invite(proposal_id: UUID, *, now: datetime) -> PairPlacement:
    """A code that works for two weeks; asking again makes it work longer. Raises StepNotAllowed."""
    proposal = actions.locked(proposal_id)
    if not may_share(proposal):
        raise actions.StepNotAllowed(proposal.state, "share a place")
    pair = PairPlacement.objects.filter(first=proposal).first() or PairPlacement(first=proposal)
    pair.code_hash, pair.expires_at = codes.hash_of(code_of(pair)), now + CODE_WORKS
    pair.save()
    return pair


def code_of(pair: PairPlacement) -> str:
    """Follows from the row and the secret of the installation, so that it can be shown again and is stored nowhere."""
    digest = salted_hmac("pair-code", pair.pk.hex, algorithm="sha256").digest()
    return "".join(codes.SIGNS[byte % len(codes.SIGNS)] for byte in digest[: codes.LENGTH])


def shown_of(proposal: Proposal, now: datetime) -> dict[str, Any]:
    """The code that works now, as somebody reads it out, and until when; nothing without one."""
    pair = PairPlacement.objects.filter(first=proposal, second=None, expires_at__gt=now).first()
    return {"code": codes.shown(code_of(pair)), "until": pair.expires_at} if pair else {}


def invited_by(typed: str, volunteer: Volunteer, now: datetime) -> PairPlacement:
    """The pair behind a code for this person, with its opportunity. Raises WrongCode."""
    rows = PairPlacement.objects.select_related("first__opportunity__organisation", "first__volunteer")
    found = rows.filter(code_hash=codes.hash_of(codes.plain(typed)), second=None, expires_at__gt=now).first()
    is_right = found and found.first.state == states.ACCEPTED and found.first.volunteer_id != volunteer.pk
    if not found or not is_right or found.first.volunteer.city != volunteer.city:
        raise WrongCode
    return found


@transaction.atomic
def join(typed: str, volunteer: Volunteer, *, now: datetime) -> Proposal:
    """ "I come too": a yes that takes no place of its own. Records "proposal.accepted" and "pair.made".

    Raises WrongCode, NotNow, DoesNotFit with what stands in the way, NoRoom when the organisation welcomes nobody more
    this month, StepNotAllowed for somebody whose answer here is settled.
    """
    first = actions.locked(invited_by(typed, volunteer, now).first_id)
    pair = PairPlacement.objects.select_for_update().filter(first=first, second=None).first()
    if pair is None or first.state != states.ACCEPTED:
        raise WrongCode
    proposal = _own_proposal(volunteer, first, now)
    proposal.state, proposal.place = states.ACCEPTED, SHARED_PLACE
    proposal.answered_at, proposal.answered_by = now, "app"
    proposal.save()
    pair.second = proposal
    pair.save(update_fields=["second", "updated_at"])
    record("proposal.accepted", proposal_id=proposal.pk)
    record("pair.made", pair_id=pair.pk)
    name = first.opportunity.organisation.name
    journal.write(volunteer.user, journal.CONTACT_SHOWN, actor=name, about=proposal.pk, waits_for=volunteer.pk)
    return proposal


def _own_proposal(volunteer: Volunteer, first: Proposal, now: datetime) -> Proposal:
    known = Proposal.objects.select_for_update().filter(volunteer=volunteer, opportunity=first.opportunity).first()
    if known and known.state != states.HELD:
        if not states.may_step(states.PROPOSAL_STEPS, known.state, states.ACCEPTED):
            raise actions.StepNotAllowed(known.state, states.ACCEPTED)
        return known
    place = city(volunteer.city)
    active = talent_queries.one_active(volunteer.pk, place.slug, place.local(now).date())
    if active is None:
        raise NotNow
    return actions.fresh_proposal(active, first.opportunity, now=now, shares_place=True)
