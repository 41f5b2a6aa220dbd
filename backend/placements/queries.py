"""Reads of proposals: who may get how many more, and what is settled already."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.placements import states
from backend.placements.models import Proposal
from backend.talent.case import key_of as volunteer_key
from backend.talent.models import Volunteer
from matching.policy import Policy

WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
WELCOMED = (states.OPEN, states.MAYBE, states.ACCEPTED)


def settled_pairs(volunteers: Iterable[Volunteer], opportunities: Iterable[Opportunity]) -> dict[str, frozenset[str]]:
    """Per volunteer the opportunities that were proposed before, whatever came of it: a pair is proposed once."""
    people = {one.pk: volunteer_key(one) for one in volunteers}
    tasks = {one.pk: opportunity_key(one) for one in opportunities}
    found: defaultdict[str, set[str]] = defaultdict(set)
    pairs = Proposal.objects.filter(opportunity__in=tasks).values_list("volunteer_id", "opportunity_id")
    for volunteer_id, opportunity_id in pairs:
        if volunteer_id in people:
            found[people[volunteer_id]].add(tasks[opportunity_id])
    return {key: frozenset(keys) for key, keys in found.items()}


def demand(city: str) -> dict[str, list[str]]:
    """Per volunteer of a city what they have open or said yes to: what spread counts when only some are looked at."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    rows = Proposal.objects.filter(volunteer__city=city, state__in=WELCOMED)
    for proposal in rows.select_related("volunteer", "opportunity"):
        found[volunteer_key(proposal.volunteer)].append(opportunity_key(proposal.opportunity))
    return dict(found)


def wanted(volunteers: Iterable[Volunteer], policy: Policy, now: datetime) -> dict[UUID, int]:
    """How many new proposals each of them may get now (rules 6.4); 0 for most people most of the time."""
    people = {one.pk: one for one in volunteers}
    earlier: defaultdict[UUID, list[Proposal]] = defaultdict(list)
    shown = Proposal.objects.filter(volunteer__in=people).exclude(state=states.HELD)
    for proposal in shown.only("volunteer_id", "state", "made_at", "answered_at"):
        earlier[proposal.volunteer_id].append(proposal)
    return {pk: _wanted_by(person, earlier[pk], policy, now) for pk, person in people.items()}


def _wanted_by(volunteer: Volunteer, earlier: list[Proposal], policy: Policy, now: datetime) -> int:
    last_answer = max((one.answered_at for one in earlier if one.answered_at), default=None)
    silent = [
        one for one in earlier if one.state == states.EXPIRED and (last_answer is None or one.made_at > last_answer)
    ]
    if len(silent) >= policy.unanswered_before_rest:
        return 0
    if volunteer.proposals_per_week is not None:
        return volunteer.proposals_per_week - sum(one.made_at > now - WEEK for one in earlier)
    still_open = sum(one.state in states.ANSWERABLE for one in earlier)
    lately = sum(one.made_at > now - FORTNIGHT for one in earlier)
    return min(policy.open_proposals_at_once - still_open, policy.proposals_per_14_days - lately)


def room(opportunities: Iterable[Opportunity], policy: Policy) -> dict[str, int]:
    """How many proposals each opportunity may still send out: a few for every free place (rules 6.1)."""
    tasks = {one.pk: one for one in opportunities}
    still_open = Proposal.objects.filter(opportunity__in=tasks, state__in=states.ANSWERABLE)
    counts = dict(still_open.values_list("opportunity").annotate(Count("pk")))
    return {
        opportunity_key(one): policy.open_proposals_per_place * (one.free_open + one.free_reserved) - counts.get(pk, 0)
        for pk, one in tasks.items()
    }


def organisation_room(opportunities: Iterable[Opportunity], month_began_at: datetime) -> dict[str, int]:
    """How many new people each organisation can still welcome this month; those without a number are left out."""
    organisations = {one.organisation_id: one.organisation for one in opportunities}
    this_month = Proposal.objects.filter(
        opportunity__organisation__in=organisations, made_at__gte=month_began_at, state__in=WELCOMED
    )
    counts = dict(this_month.values_list("opportunity__organisation").annotate(Count("pk")))
    return {
        str(pk): organisation.monthly_welcome_capacity - counts.get(pk, 0)
        for pk, organisation in organisations.items()
        if organisation.monthly_welcome_capacity is not None
    }


def counts_by_state(city: str) -> Counter[str]:
    found = Proposal.objects.filter(volunteer__city=city).values_list("state").annotate(Count("pk"))
    return Counter(dict(found))
