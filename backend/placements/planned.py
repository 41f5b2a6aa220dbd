"""A round that a person looks at before anybody hears of it: planned, looked through, published, or stopped.

Planning makes no proposal. Publishing waits ten minutes; then each pair is held once more against the tables and the
limits of people, opportunities and organisations, and what changed meanwhile is left out.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.core.cache import cache
from django.db import transaction

from backend.common.packed import batched
from backend.outbox.actions import record
from backend.placements import actions, queries, states
from backend.placements.models import FAST, PRESETS, WAITING, PlannedPair, PlannedRound, Proposal, Round
from backend.placements.resident import Resident, resident_of
from backend.placements.rounds import (
    MADE_AT_ONCE,
    MADE_IN_A_ROUND,
    Situation,
    candidates_of,
    people_of,
    prepare_rows,
    proposal_for,
    ranked_pairs,
    situation_of,
)
from matching import assignment, fairness
from matching.assignment import Candidates, Distribution, Terms, Wanted
from matching.columns import Column

STOP_WINDOW = timedelta(minutes=10)
WAITED = timedelta(days=28)  # who got nothing for so long goes first
PROGRESS_KEPT = 3600  # seconds


@transaction.atomic
def ask_for(city_slug: str, preset: str) -> PlannedRound:
    """A new plan; an older one that nobody published makes room. Records "planned_round.asked".

    Raises ValueError for another preset, StepNotAllowed while one is about to go out.
    """
    if preset not in PRESETS:
        raise ValueError(f"a preset is one of {', '.join(PRESETS)}, not {preset!r}")
    actions.one_at_a_time(city_slug)
    for older in PlannedRound.objects.select_for_update().filter(city=city_slug, state__in=states.PLANNED_ROUND_OPEN):
        if older.state == states.GOING:
            raise actions.StepNotAllowed(older.state, states.ASKED)
        _end(older, states.STOPPED)
    planned = PlannedRound.objects.create(city=city_slug, preset=preset)
    record("planned_round.asked", planned_id=planned.pk)
    return planned


def progress_of(planned: PlannedRound) -> int:
    """How far the machine is, in percent; 0 when nobody knows."""
    return int(cache.get(f"planned:{planned.pk}") or 0)


@transaction.atomic
def plan(planned_id: UUID, *, now: datetime) -> None:
    """Work out who would get what. Twice is once; a plan that was stopped meanwhile stays so."""
    planned = PlannedRound.objects.filter(pk=planned_id, state=states.ASKED).first()
    if planned is None:
        return
    resident = resident_of(planned.city, now)
    situation = _by_preset(situation_of(resident, now), planned, resident, now)
    _tell(planned, 20)
    candidates = candidates_of(situation, ranked_pairs(situation))
    _tell(planned, 50)
    terms = Terms.of(resident.policy)
    plain = assignment.distribute(candidates, situation.wanted, situation.places, terms.without_spread())
    result = plain
    if planned.preset != FAST:
        result = assignment.distribute(candidates, situation.wanted, situation.places, terms)
    _tell(planned, 80)
    # Locked only now: whoever stops it or asks for another one does not wait for the machine.
    planned = PlannedRound.objects.select_for_update().filter(pk=planned_id, state=states.ASKED).first()
    if planned is None:
        return
    chosen = np.flatnonzero(result.door != assignment.NOT_CHOSEN)[:MADE_IN_A_ROUND]
    spread = assignment.spread_points(result, candidates, situation.places, terms)
    index = situation.index
    PlannedPair.objects.bulk_create(
        (
            PlannedPair(
                planned=planned,
                volunteer_id=UUID(bytes=bytes(index.people.who[candidates.person[one]])),
                opportunity_id=UUID(bytes=index.opportunities.who[int(candidates.opportunity[one])]),
                points=int(candidates.points[one]),
                spread=int(spread[one]) if planned.preset != FAST else 0,
            )
            for one in chosen
        ),
        batch_size=MADE_AT_ONCE,
    )
    planned.figures = figures_of(planned, situation, candidates, result, plain, resident)
    planned.state = states.READY
    planned.save()
    _tell(planned, 100)


def _by_preset(situation: Situation, planned: PlannedRound, resident: Resident, now: datetime) -> Situation:
    """ "Eerst wie lang wacht": only who got nothing for four weeks, and one proposal each."""
    if planned.preset != WAITING:
        return situation
    lately = Proposal.objects.filter(volunteer__city=planned.city, made_at__gt=now - WAITED).exclude(state=states.HELD)
    rows = resident.rows_of([who.bytes for who in lately.values_list("volunteer", flat=True).distinct()])
    limit = np.minimum(situation.wanted.limit, 1)
    limit[rows[rows >= 0]] = 0
    return replace(situation, wanted=Wanted(limit, situation.wanted.is_guided))


def figures_of(
    planned: PlannedRound,
    situation: Situation,
    candidates: Candidates,
    result: Distribution,
    plain: Distribution,
    resident: Resident,
) -> dict[str, Any]:
    """Counts: who would get something and why others would not, spread with and without the care for it, and the
    figures of the last round.
    """
    may: Column = situation.wanted.limit > 0
    served = np.zeros(len(may), bool)
    served[candidates.person[result.door != assignment.NOT_CHOSEN]] = True
    has_something = np.zeros(len(may), bool)
    has_something[candidates.person] = True
    told = fairness.report(
        situation.index.people, candidates, situation.wanted, situation.places, result, plain, resident.neighbourhoods
    )
    last = Round.objects.filter(city=planned.city).order_by("-created_at").first()
    return {
        "may": int(may.sum()),
        "served": int((may & served).sum()),
        "nothing_fits": int((may & ~has_something).sum()),
        "no_place": int((may & has_something & ~served).sum()),
        "pairs": int((result.door != assignment.NOT_CHOSEN).sum()),
        "reserved": told["reserved"],
        "gini": told["gini"],
        "gap": result.gap,
        "last": {"proposals": last.proposals, "gini": last.gini} if last else None,
    }


def keep(planned: PlannedRound, pair_id: int, *, is_kept: bool) -> None:
    """Leave one pair out, or take it in again, as long as nothing is published."""
    PlannedPair.objects.filter(pk=pair_id, planned=planned, planned__state=states.READY).update(is_kept=is_kept)


@transaction.atomic
def publish(planned_id: UUID, *, now: datetime) -> PlannedRound:
    """It goes out in ten minutes, unless somebody stops it. Twice is once. Raises StepNotAllowed."""
    planned = PlannedRound.objects.select_for_update().get(pk=planned_id)
    if planned.state != states.GOING:
        _may(planned, states.GOING)
        planned.state, planned.goes_out_at = states.GOING, now + STOP_WINDOW
        planned.save()
    return planned


@transaction.atomic
def stop(planned_id: UUID) -> PlannedRound:
    """Nobody hears of it. Twice is once. Raises StepNotAllowed once it went out."""
    planned = PlannedRound.objects.select_for_update().get(pk=planned_id)
    if planned.state != states.STOPPED:
        _may(planned, states.STOPPED)
        _end(planned, states.STOPPED)
    return planned


def is_due(planned: PlannedRound, *, now: datetime) -> bool:
    """Published, and its ten minutes are over: it may go out any moment."""
    return planned.state == states.GOING and planned.goes_out_at is not None and planned.goes_out_at <= now


def send_due(*, now: datetime) -> int:
    """Every published round whose ten minutes are over becomes proposals; how many proposals."""
    due = PlannedRound.objects.filter(state=states.GOING, goes_out_at__lte=now).order_by("goes_out_at")
    return sum(_send(planned_id, now) for planned_id in due.values_list("pk", flat=True))


@transaction.atomic
def _send(planned_id: UUID, now: datetime) -> int:
    planned = PlannedRound.objects.select_for_update().filter(pk=planned_id, state=states.GOING).first()
    if planned is None:
        return 0
    actions.one_at_a_time(planned.city)
    resident = resident_of(planned.city, now)
    situation = situation_of(resident, now)
    allowed = _still_allowed(planned, resident, situation)
    prepared: dict[int, Any] = {}
    made = 0
    for some in batched(allowed, MADE_AT_ONCE):
        people = people_of(resident, [pair.volunteer_id.bytes for pair, _row in some])
        prepare_rows(prepared, situation.index, {row for _pair, row in some}, resident)
        proposals = []
        for pair, row in some:
            volunteer = people.get(pair.volunteer_id.bytes)
            if volunteer is None or row not in prepared:
                continue  # changed their mind a moment ago
            opportunity, asked = prepared[row]
            found = proposal_for(volunteer, opportunity, asked, pair.spread, resident, now)
            proposals += [found] if found else []
        actions.keep(proposals)
        made += len(proposals)
    planned.figures["made"] = made
    _end(planned, states.DONE)
    return made


def _still_allowed(planned: PlannedRound, resident: Resident, situation: Situation) -> list[tuple[PlannedPair, int]]:
    """The kept pairs, best first, as far as people, opportunities and organisations still have room; with the row of
    the opportunity.
    """
    pairs = list(planned.pairs.filter(is_kept=True).order_by("-points", "pk"))
    settled = set(queries.proposed_pairs(planned.city))
    people = resident.rows_of([pair.volunteer_id.bytes for pair in pairs])
    limit, places = situation.wanted.limit.copy(), situation.places
    open_, reserved, room = places.open.copy(), places.reserved.copy(), places.room.copy()
    found = []
    for pair, person in zip(pairs, people, strict=True):
        row = situation.index.opportunities.row_of.get(pair.opportunity_id.bytes, -1)
        is_settled = (pair.volunteer_id, pair.opportunity_id) in settled
        if person < 0 or row < 0 or is_settled or limit[person] <= 0 or room[places.organisation[row]] <= 0:
            continue
        left = reserved if situation.wanted.is_guided[person] and reserved[row] > 0 else open_
        if left[row] <= 0:
            continue
        left[row] -= 1
        limit[person] -= 1
        room[places.organisation[row]] -= 1
        found.append((pair, row))
    return found


def _end(planned: PlannedRound, state: str) -> None:
    planned.pairs.all().delete()
    planned.state = state
    planned.save()


def _may(planned: PlannedRound, state: str) -> None:
    if not states.may_step(states.PLANNED_ROUND_STEPS, planned.state, state):
        raise actions.StepNotAllowed(planned.state, state)


def _tell(planned: PlannedRound, percent: int) -> None:
    cache.set(f"planned:{planned.pk}", percent, PROGRESS_KEPT)
