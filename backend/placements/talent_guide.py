"""The talent guide: cards without a name of people who chose to stand in it, and an invitation that asks them (R002).

A card is known by the id of its consent: taking the consent back closes it, and it leads to nobody. It shows talents,
levels and a neighbourhood; nothing that matching may not use, no talent that is hidden or sensitive, and no order of
people but one that says nothing about them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backend.opportunities.models import Opportunity
from backend.outbox.actions import record
from backend.placements import actions, states
from backend.placements.models import Proposal
from backend.talent import queries as talent_queries
from backend.talent.models import TALENT_GUIDE, Consent, ProfileTalent
from matching.catalogue import load_catalogue

FROM_ELSEWHERE = "beroep_elders"


class NotNow(Exception):
    """This person cannot be asked for this now; why is not for an organisation to know."""


@dataclass(frozen=True, slots=True)
class Card:
    """What an organisation reads: (talent, level) pairs, a neighbourhood, and no person."""

    id: UUID
    talents: list[tuple[str, int]]
    neighbourhood: str


def cards(city: str, talents: Collection[str] | None, neighbourhood: str, today: date) -> QuerySet[Consent]:
    """Who stands in the guide of a city and may get proposals now, with one of these talents (None: any)."""
    in_it = Consent.objects.filter(
        Q(until=None) | Q(until__gt=Now()), purpose=TALENT_GUIDE, withdrawn_at=None,
        volunteer__in=talent_queries.active(city, today),
    )  # fmt: skip
    shown = ProfileTalent.objects.filter(profile__volunteer=OuterRef("volunteer"), point_only=False)
    shown = shown.exclude(talent__in=_never())
    if talents is not None:
        shown = shown.filter(talent__in=talents)
    if neighbourhood:
        in_it = in_it.filter(volunteer__profile__neighbourhood=neighbourhood)
    rows = in_it.filter(Exists(shown)).select_related("volunteer__profile")
    return rows.prefetch_related("volunteer__profile__talents").order_by("pk")


def card_of(consent: Consent) -> Card:
    """Of a consent that was found above."""
    never, profile = _never(), consent.volunteer.profile
    seen = [(one.talent, one.level) for one in profile.talents.all() if not one.point_only and one.talent not in never]
    return Card(consent.pk, sorted(seen), profile.neighbourhood)


@transaction.atomic
def invite(consent_id: UUID, opportunity: Opportunity, *, now: datetime, today: date) -> Proposal:
    """The person behind a card is asked for one opportunity, by the rules and limits of every proposal; only their yes
    says who they are. Twice is once. Records "proposal.invited". Raises Consent.DoesNotExist, and NotNow.
    """
    consent = cards(opportunity.city, None, "", today).get(pk=consent_id)
    volunteer = consent.volunteer
    actions.one_at_a_time(volunteer.city)
    known = Proposal.objects.filter(volunteer=volunteer, opportunity=opportunity).exclude(state=states.HELD).first()
    if known and (known.invited_at or known.state not in states.ANSWERABLE):
        return known  # asked before: their answer stands, and is not told here
    if known is None:
        try:
            known = actions.fresh_proposal(volunteer, opportunity, now=now)
        except (actions.DoesNotFit, actions.NoRoom):
            raise NotNow from None
        known.invited_at = now
        known.save(force_insert=True)
    else:
        known.invited_at = now
        known.save(update_fields=["invited_at", "updated_at"])
    record("proposal.invited", proposal_id=known.pk)
    return known


def _never() -> set[str]:
    """What is sensitive, and what would say where somebody comes from."""
    return {code for code, one in load_catalogue().talents.items() if one.is_sensitive} | {FROM_ELSEWHERE}
