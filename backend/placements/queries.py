"""Reads of proposals: who may get how many more, and what is settled already."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from backend.opportunities import states as opportunity_states
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.placements import states
from backend.placements.models import Proposal
from backend.talent.case import key_of as volunteer_key
from backend.talent.models import Volunteer
from matching.policy import Policy
from matching.spread import Demand

FEW = 1_000
SURPRISE_EVERY = 5
WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
WELCOMED = states.WELCOMED


def settled_pairs(volunteers: Iterable[Volunteer], opportunities: Iterable[Opportunity]) -> dict[str, frozenset[str]]:
    """Per volunteer the opportunities that were proposed before, whatever came of it: a pair is proposed once."""
    people = {one.pk: volunteer_key(one) for one in volunteers}
    tasks = {one.pk: opportunity_key(one) for one in opportunities}
    found: defaultdict[str, set[str]] = defaultdict(set)
    proposals = Proposal.objects.filter(opportunity__in=tasks)
    if len(people) < FEW:
        proposals = proposals.filter(volunteer__in=people)
    for volunteer_id, opportunity_id in proposals.values_list("volunteer_id", "opportunity_id"):
        if volunteer_id in people:
            found[people[volunteer_id]].add(tasks[opportunity_id])
    return {key: frozenset(keys) for key, keys in found.items()}


def demand(opportunities: Iterable[Opportunity], policy: Policy) -> Demand:
    """What everybody has open or said yes to at these opportunities and elsewhere in their organisations."""
    organisations = {one.organisation_id for one in opportunities}
    rows = Proposal.objects.filter(
        opportunity__organisation__in=organisations, opportunity__state=opportunity_states.PUBLISHED, state__in=WELCOMED
    ).values_list(
        "volunteer_id", "volunteer__external_id", "opportunity_id", "opportunity__external_id",
        "opportunity__organisation_id",
    )  # fmt: skip
    choices: defaultdict[str, list[str]] = defaultdict(list)
    organisation_of = {opportunity_key(one): str(one.organisation_id) for one in opportunities}
    for volunteer_id, volunteer, opportunity_id, opportunity, organisation in rows:
        key = opportunity or str(opportunity_id)
        choices[volunteer or str(volunteer_id)].append(key)
        organisation_of[key] = str(organisation)
    return Demand(choices, organisation_of, policy)


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


def proposed_pairs(city: str) -> Iterable[tuple[UUID, UUID]]:
    """(volunteer, opportunity) of everything proposed before at what is online now: a pair is proposed once."""
    proposals = Proposal.objects.filter(volunteer__city=city, opportunity__state=opportunity_states.PUBLISHED)
    return proposals.values_list("volunteer_id", "opportunity_id").iterator()


def with_limits_of_their_own(city: str) -> QuerySet[Volunteer]:
    """Who set a number, or had a proposal lately: everybody else may get what the policy says."""
    had = Proposal.objects.filter(volunteer=OuterRef("pk"))
    return Volunteer.objects.filter(Q(proposals_per_week__isnull=False) | Exists(had), city=city)


def open_proposals(city: str) -> dict[UUID, tuple[int, int]]:
    """Per opportunity how many guided people and how many others may still answer."""
    rows = Proposal.objects.filter(opportunity__city=city, state__in=states.ANSWERABLE).values_list("opportunity")
    guided, others = Q(volunteer__guided_by__isnull=False), Q(volunteer__guided_by=None)
    counted = rows.annotate(guided=Count("pk", filter=guided), others=Count("pk", filter=others))
    return {opportunity: (with_guide, alone) for opportunity, with_guide, alone in counted}


def is_due_for_a_surprise(volunteer: UUID) -> bool:
    """At most one of five proposals is something else, and never the first (rules 6.6)."""
    lately = Proposal.objects.filter(volunteer=volunteer).exclude(state=states.HELD).order_by("-made_at", "pk")
    told = list(lately.values_list("is_surprise", flat=True)[: SURPRISE_EVERY - 1])
    return len(told) == SURPRISE_EVERY - 1 and not any(told)


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
