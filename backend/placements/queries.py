"""Reads of proposals: who may get how many more, and what is settled already."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backend.common.statements import ask
from backend.opportunities import states as opportunity_states
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements import states
from backend.placements.models import Proposal
from backend.talent import queries as talent_queries
from backend.talent.case import key_of as volunteer_key
from backend.talent.models import Volunteer
from matching.policy import Policy
from matching.spread import Demand

SURPRISE_EVERY = 5
A_DAY, WEEK, FORTNIGHT = timedelta(days=1), timedelta(days=7), timedelta(days=14)
ANSWERS_LEAST, ANSWERS_SINCE = 3, timedelta(days=180)
WELCOMED = states.WELCOMED
GROUP = "group"


def others_nearby(proposal: Proposal) -> bool:
    """Was somebody else of the same neighbourhood asked for this group too, or do they come (R102)? Never who."""
    if proposal.opportunity.company != GROUP:
        return False
    asked = Proposal.objects.filter(opportunity=proposal.opportunity_id, state__in=WELCOMED)
    nearby = asked.filter(volunteer__profile__neighbourhood=proposal.volunteer.profile.neighbourhood)
    return nearby.exclude(volunteer=proposal.volunteer_id).exists()


def partner_name(proposal: Proposal) -> str:
    """The first name of who shares a place with this person (duo); nothing for who comes alone."""
    joined, own = getattr(proposal, "joined_pair", None), getattr(proposal, "pair", None)
    other = joined.first if joined else own and own.second
    return other.volunteer.first_name if other else ""


@dataclass(frozen=True, slots=True)
class Around:
    """What was proposed at some opportunities and elsewhere in their organisations, by the ids of matching.

    `settled` holds what was proposed to one person before, whatever came of it: a pair is proposed once. `room` is how
    many proposals each opportunity may still send out, a few for every free place (rules 6.1); `organisation_room`
    how many new people each organisation can still welcome this month, without those that set no number.
    """

    settled: frozenset[str]
    room: dict[str, int]
    organisation_room: dict[str, int]
    demand: Demand


_AROUND = """
select p.volunteer_id, p.opportunity_id, o.external_id, o.organisation_id, o.state, p.state, p.made_at
from placements_proposal p join opportunities_opportunity o on o.id = p.opportunity_id
where o.organisation_id = any(%s) and (p.state = any(%s) or p.volunteer_id = %s)
"""


def around(
    volunteer: Volunteer | None, opportunities: Collection[Opportunity], policy: Policy, month_began_at: datetime
) -> Around:
    """Everything about proposals that decides what one person may get there, in one statement."""
    key_by_id = {one.pk: opportunity_key(one) for one in opportunities}
    organisations = {one.organisation_id: one.organisation for one in opportunities}
    who = volunteer.pk if volunteer else None
    own = {volunteer.pk: volunteer_key(volunteer)} if volunteer else {}
    rows = ask(_AROUND, [list(organisations), list(WELCOMED), who])
    settled, still_open, this_month = set(), Counter[UUID](), Counter[UUID]()
    choices: defaultdict[str, list[str]] = defaultdict(list)
    organisation_of = {opportunity_key(one): str(one.organisation_id) for one in opportunities}
    for volunteer_id, opportunity_id, code, organisation, is_online, state, made_at in rows:
        key = code or str(opportunity_id)
        if volunteer_id == who:
            settled.add(key)
        if state not in WELCOMED:
            continue
        still_open[opportunity_id] += state in states.ANSWERABLE
        this_month[organisation] += made_at >= month_began_at
        if is_online == opportunity_states.PUBLISHED:
            choices[own.get(volunteer_id, str(volunteer_id))].append(key)
            organisation_of[key] = str(organisation)
    return Around(
        settled=frozenset(settled),
        room={
            key_by_id[one.pk]: policy.open_proposals_per_place * (one.free_open + one.free_reserved)
            - still_open[one.pk]
            for one in opportunities
        },
        organisation_room=_organisation_room(organisations, this_month),
        demand=Demand(choices, organisation_of, policy),
    )


_EARLIER = """
select volunteer_id, state, made_at, answered_at from placements_proposal where volunteer_id = any(%s) and state <> %s
"""


def wanted(volunteers: Iterable[Volunteer], policy: Policy, now: datetime) -> dict[UUID, int]:
    """How many new proposals each of them may get now (rules 6.4); 0 for most people most of the time."""
    people = {one.pk: one for one in volunteers}
    earlier: defaultdict[UUID, list[Earlier]] = defaultdict(list)
    for volunteer_id, *proposal in ask(_EARLIER, [list(people), states.HELD]):
        earlier[volunteer_id].append(Earlier(*proposal))
    return {pk: _wanted_by(person, earlier[pk], policy, now) for pk, person in people.items()}


def one_wanting(
    volunteer_id: UUID, city: str, today: date, policy: Policy, now: datetime
) -> tuple[Volunteer, int] | None:
    """One active volunteer and how many new proposals they may get now: `wanted`, on the way that asks for them."""
    of_v = "from placements_proposal e where e.volunteer_id = v.id and e.state <> 'held' order by e.id"
    columns = (f"array(select e.{name} {of_v})" for name in Earlier._fields)
    found = talent_queries.one_active_beside(volunteer_id, city, today, *columns)
    if found is None:
        return None
    volunteer, earlier = found
    return volunteer, _wanted_by(volunteer, [Earlier(*one) for one in zip(*earlier, strict=True)], policy, now)


class Earlier(NamedTuple):
    """What became of a proposal, as far as it decides about the next."""

    state: str
    made_at: datetime
    answered_at: datetime | None


def _wanted_by(volunteer: Volunteer, earlier: list[Earlier], policy: Policy, now: datetime) -> int:
    answers = [one.answered_at for one in earlier if one.answered_at]
    last_answer = max([*answers, volunteer.heard_at] if volunteer.heard_at else answers, default=None)
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


def organisation_room(opportunities: Iterable[Opportunity], month_began_at: datetime) -> dict[str, int]:
    """How many new people each organisation can still welcome this month; those without a number are left out."""
    organisations = {one.organisation_id: one.organisation for one in opportunities}
    this_month = Proposal.objects.filter(
        opportunity__organisation__in=organisations, made_at__gte=month_began_at, state__in=WELCOMED
    )
    counts = Counter(dict(this_month.values_list("opportunity__organisation").annotate(Count("pk"))))
    return _organisation_room(organisations, counts)


def _organisation_room(organisations: dict[UUID, Organisation], this_month: Counter[UUID]) -> dict[str, int]:
    return {
        str(pk): organisation.monthly_welcome_capacity - this_month[pk]
        for pk, organisation in organisations.items()
        if organisation.monthly_welcome_capacity is not None
    }


def counts_by_state(city: str) -> Counter[str]:
    found = Proposal.objects.filter(volunteer__city=city).values_list("state").annotate(Count("pk"))
    return Counter(dict(found))


def answer_days(organisations: QuerySet[Organisation]) -> dict[UUID, int]:
    """In how many days each of them usually answers a yes with a welcome, rounded up: the median of half a year.

    Without those that answered fewer than three times.
    """
    took = F("placements__confirmed_at") - F("answered_at")
    answered = Proposal.objects.filter(
        opportunity__organisation__in=organisations, answered_at__isnull=False,
        placements__confirmed_at__gt=Now() - ANSWERS_SINCE,
    )  # fmt: skip
    found: defaultdict[UUID, list[float]] = defaultdict(list)
    for who, long in answered.annotate(took=took).values_list("opportunity__organisation", "took"):
        found[who].append(long / A_DAY)
    return {who: ceil(median(all_)) for who, all_ in found.items() if len(all_) >= ANSWERS_LEAST}
