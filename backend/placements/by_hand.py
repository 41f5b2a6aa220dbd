"""Somebody of the volunteer point brings two people together: a ranked list, why one stands lower, and a proposal."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction

from backend.city.load import CityFile, city
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.outbox.actions import record
from backend.placements import actions, queries, states
from backend.placements.case import Scene
from backend.placements.models import BY_HAND, Proposal
from backend.placements.resident import resident_of
from backend.talent import queries as talent_queries
from backend.talent.case import facts_of as profile_facts
from backend.talent.case import key_of as volunteer_key
from backend.talent.case import standing_of
from backend.talent.models import Volunteer
from matching import eligibility, engine, geo, whatif
from matching.catalogue import load_catalogue
from matching.index import most_blocking_first
from matching.packing import pack_profile
from matching.prepared import prepare
from matching.types import Fit, Line

Given = ParamSpec("Given")
Found = TypeVar("Found")
LISTED, LOOKED_AT = 20, 80  # spread changes the order a little, so more are looked at than shown


_turn = threading.RLock()


def in_turn(look: Callable[Given, Found]) -> Callable[Given, Found]:
    """A web process has threads, and one index of a city that follows what changes: one of them looks at a time."""

    @wraps(look)
    def wait(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        with _turn:
            return look(*args, **kwargs)

    return wait


class NotActive(Exception):
    """This person gets no proposals now: paused, not confirmed, or no consent."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One pair that may be proposed. `behind` says which parts give fewer points than those of the first in the list,
    and how many, most first; `reasons` are for the volunteer.
    """

    volunteer: Volunteer
    opportunity: Opportunity
    points: int
    distance_km: float
    reasons: tuple[Line, ...]
    behind: tuple[tuple[str, int], ...]
    state: str  # of a proposal that was made before, else empty
    has_room: bool  # the person may get another proposal now


@dataclass(frozen=True, slots=True)
class Stuck:
    """What stands in the way: per factor how many it blocks and for how many it is the only one, most first; and what
    would help: a code, a value, and how many more would then fit.
    """

    factors: tuple[tuple[str, int, int], ...]
    changes: tuple[tuple[str, str, int], ...]


@in_turn
def for_person(volunteer_id: UUID, place: CityFile, *, now: datetime) -> list[Choice]:
    """The open opportunities that fit one person best, best first, also what was proposed before. Raises NotActive."""
    resident = resident_of(place.slug, now)
    volunteer = _active(volunteer_id, place, resident.today)
    profile, standing = profile_facts(volunteer, resident.today), standing_of(volunteer, is_active=True)
    ranked = resident.ranked_for(pack_profile(profile, standing, resident.layout))
    tasks, prepared = resident.with_a_free_place(ranked.ids(LOOKED_AT))
    around = queries.around(volunteer, tasks.values(), resident.policy, actions.month_began_at(place, now))
    result = Scene(volunteer, tasks, prepared, replace(around, settled=frozenset()), resident.policy).rank(
        resident.today
    )
    [(person, ranking)] = result.rankings.items()
    rows = Opportunity.objects.select_related("organisation").in_bulk([one.pk for one in tasks.values()])
    has_room = queries.wanted([volunteer], resident.policy, now)[volunteer.pk] > 0
    best = list(ranking.fits.items())[:LISTED]
    asked = _asked([volunteer.pk], [tasks[key].pk for key, _fit in best])
    return [
        Choice(
            volunteer, rows[tasks[key].pk], fit.points, fit.distance_km, result.explain(person, key).reasons,
            _behind(best[0][1], fit), asked.get((volunteer.pk, tasks[key].pk), ""), has_room,
        )
        for key, fit in best
    ]  # fmt: skip


@in_turn
def for_opportunity(opportunity: Opportunity, place: CityFile, *, now: datetime) -> list[Choice]:
    """The people whom one opportunity fits best, best first; nobody while it is not online or without a free place."""
    resident = resident_of(place.slug, now)
    people = resident.people_for(opportunity.pk, LOOKED_AT)
    volunteers = {
        volunteer_key(one): one
        for one in talent_queries.active(place.slug, resident.today).filter(pk__in=people)
    }  # fmt: skip
    key, policy = opportunity_key(opportunity), resident.policy
    around = queries.around(None, [opportunity], policy, actions.month_began_at(place, now))
    result = engine.rank_prepared(
        [profile_facts(one, resident.today) for one in volunteers.values()],
        {key: prepare(opportunity_facts(opportunity), load_catalogue(), policy)},
        catalogue=load_catalogue(),
        policy=policy,
        guided=frozenset(name for name, one in volunteers.items() if one.is_guided),
        free_places={key: engine.FreePlaces(opportunity.free_open, opportunity.free_reserved)},
        demand=around.demand,
    )
    fits = [(name, ranking.fits[key]) for name, ranking in result.rankings.items() if key in ranking.fits]
    best = sorted(fits, key=lambda one: (-one[1].points, one[1].distance_km, one[0]))[:LISTED]
    asked = _asked([volunteers[name].pk for name, _fit in best], [opportunity.pk])
    room = queries.wanted(volunteers.values(), policy, now)
    return [
        Choice(
            volunteers[name], opportunity, fit.points, fit.distance_km, result.explain(name, key).reasons,
            _behind(best[0][1], fit), asked.get((volunteers[name].pk, opportunity.pk), ""),
            room[volunteers[name].pk] > 0,
        )
        for name, fit in best
    ]  # fmt: skip


def blocking(
    people: Sequence[UUID], opportunity: Opportunity, place: CityFile, *, now: datetime
) -> dict[UUID, list[str]]:
    """For each of them who may get proposals: the factors between them and one opportunity, in the order of the rules;
    none when it fits.
    """
    today, policy = place.local(now).date(), place.matching.policy
    asked = prepare(opportunity_facts(opportunity), load_catalogue(), policy)
    found = {}
    for one in talent_queries.active(place.slug, today).filter(pk__in=people):
        profile = profile_facts(one, today)
        codes = eligibility.blocks(profile, asked, geo.distance_km(profile, asked.opportunity), policy)
        found[one.pk] = list(dict.fromkeys(code for each in codes for code in eligibility.factors((each,))))
    return found


@in_turn
def stuck_person(volunteer_id: UUID, place: CityFile, *, now: datetime) -> Stuck:
    """Over everything that is online. Raises NotActive."""
    resident = resident_of(place.slug, now)
    volunteer = _active(volunteer_id, place, resident.today)
    index = resident.whole(now)
    [row] = resident.rows_of([volunteer.pk.bytes])
    changes = whatif.for_person(
        profile_facts(volunteer, resident.today), standing_of(volunteer, is_active=True), index.opportunities,
        resident.layout, resident.policy,
    )  # fmt: skip
    return Stuck(tuple(most_blocking_first(index.blocking_person(int(row)))) if row >= 0 else (), _changes(changes))


@in_turn
def stuck_opportunity(opportunity: Opportunity, place: CityFile, *, now: datetime) -> Stuck:
    """Over everybody who may get proposals; nothing while it is not online."""
    resident = resident_of(place.slug, now)
    index = resident.whole(now)
    row = index.opportunities.row_of.get(opportunity.pk.bytes)
    if row is None:
        return Stuck((), ())
    changes = whatif.for_opportunity(
        opportunity_facts(opportunity), index.people, resident.layout, load_catalogue(), resident.policy
    )
    return Stuck(tuple(most_blocking_first(index.blocking(row))), _changes(changes))


@transaction.atomic
def propose(volunteer_id: UUID, opportunity: Opportunity, reason: str, *, now: datetime) -> Proposal:
    """Any pair that fits, in any order, for a reason of the list (rules 6.7). Twice is once. Records "proposal.made".

    Raises ValueError for another reason, NotActive, StepNotAllowed for a pair that was proposed before, DoesNotFit
    with what stands in the way: nobody lifts a hard limit; NoRoom for the limits that people and organisations set.
    """
    if reason not in BY_HAND:
        raise ValueError(f"a reason is one of {', '.join(BY_HAND)}, not {reason!r}")
    place = city(opportunity.city)
    actions.one_at_a_time(place.slug)
    known = Proposal.objects.filter(volunteer=volunteer_id, opportunity=opportunity).first()
    if known and known.by_hand:
        return known
    if known and known.state != states.HELD:
        raise actions.StepNotAllowed(known.state, states.OPEN)
    volunteer = _active(volunteer_id, place, place.local(now).date())
    proposal = actions.fresh_proposal(volunteer, opportunity, now=now)
    proposal.by_hand = reason
    proposal.save(force_insert=True)
    record("proposal.made", proposal_id=proposal.pk)
    return proposal


def _active(volunteer_id: UUID, place: CityFile, today: date) -> Volunteer:
    volunteer = talent_queries.one_active(volunteer_id, place.slug, today)
    if volunteer is None:
        raise NotActive
    return volunteer


def _asked(people: Sequence[UUID], opportunities: Sequence[UUID]) -> dict[tuple[UUID, UUID], str]:
    rows = Proposal.objects.filter(volunteer__in=people, opportunity__in=opportunities)
    return {(who, what): state for who, what, state in rows.values_list("volunteer_id", "opportunity_id", "state")}


def _behind(first: Fit, fit: Fit) -> tuple[tuple[str, int], ...]:
    best, own = Counter[str](), Counter[str]()
    for counted, one in ((best, first), (own, fit)):
        for part in one.parts:
            counted[part.code] += part.points
    less = {code: best[code] - own[code] for code in best.keys() | own.keys() if best[code] > own[code]}
    return tuple(sorted(less.items(), key=lambda one: (-one[1], one[0])))


def _changes(changes: Sequence[whatif.Change]) -> tuple[tuple[str, str, int], ...]:
    return tuple((one.code, one.value, one.more) for one in changes)
