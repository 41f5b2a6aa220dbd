"""One distribution round over a city: who gets which proposal now, certified, and how fair it was."""

import logging
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction

from backend.city.load import CityFile, city
from backend.common.packed import batched
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.models import Opportunity
from backend.outbox.actions import record, record_many
from backend.placements import actions, queries
from backend.placements.gaps import gaps_of
from backend.placements.models import Proposal, RankedPart, Round, SplitRound
from backend.placements.resident import Resident, resident_of
from backend.talent import queries as talent_queries
from backend.talent.case import facts_of as profile_facts
from backend.talent.case import standing_of
from backend.talent.models import Volunteer
from matching import assignment, eligibility, fairness, geo
from matching.assignment import Candidates, Distribution, Places, Terms, Wanted
from matching.catalogue import load_catalogue
from matching.columns import Column
from matching.explain import explain
from matching.index import EVERYBODY, GUIDED_ONLY, NOBODY, Circumstances, Index
from matching.packing import GUIDED, ID_BYTES, SURPRISE, pack_profile
from matching.prepared import Prepared, prepare
from matching.scoring import score
from matching.types import AGES_KEPT, LOCAL_LANGUAGE, Part

logger = logging.getLogger(__name__)
MADE_AT_ONCE = 500
MADE_IN_A_ROUND = 10_000  # proposals; a task has a time limit, and a round that was cut off would begin again for ever
COARSE = 64
WITHOUT_LIMIT = 10**9
MILLION = 1_000_000
GIVEN_UP_AFTER = timedelta(hours=2)  # a split round that never ended makes room for the next
TWINS = 40  # people whose twin is tried in every round


@dataclass(frozen=True, slots=True)
class Situation:
    """What a round starts from, by the rows of the index."""

    index: Index
    circumstances: Circumstances
    wanted: Wanted
    places: Places


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ranked pairs by the rows of an index; `is_of_person`: from the list of the person, else of the opportunity."""

    person: Column
    opportunity: Column
    points: Column
    is_of_person: Column

    def packed(self, index: Index) -> bytes:
        """By id, because another matcher may have other rows."""
        file = BytesIO()
        who = np.frombuffer(b"".join(index.opportunities.who), np.dtype((np.void, ID_BYTES)))
        np.savez_compressed(
            file, person=index.people.who[self.person].view("<u8").reshape(-1, 2), points=self.points,
            opportunity=who[self.opportunity].view("<u8").reshape(-1, 2), is_of_person=self.is_of_person,
        )  # fmt: skip
        return file.getvalue()

    @classmethod
    def unpacked(cls, parts: list[bytes], resident: Resident, index: Index) -> "Pairs":
        """Of several matchers together: who or what is gone meanwhile is left out, lists of opportunities are cut."""
        loaded = [np.load(BytesIO(one)) for one in parts]
        person, opportunity, points, is_of_person = (
            np.concatenate([one[name] for one in loaded])
            for name in ("person", "opportunity", "points", "is_of_person")
        )
        known, inverse = np.unique(opportunity, axis=0, return_inverse=True)
        rows = np.array([index.opportunities.row_of.get(one.tobytes(), -1) for one in known], np.int64)
        pairs = cls(resident.rows_of([person.tobytes()]), rows[inverse.ravel()], points, is_of_person)
        is_known = (pairs.person >= 0) & (pairs.opportunity >= 0)
        pairs = cls(*(column[is_known] for column in (pairs.person, pairs.opportunity, points, is_of_person)))
        km = index.km[pairs.opportunity, index.people.group[pairs.person]]
        lot = index.people.lot[pairs.person]
        order = np.lexsort((lot, km, -pairs.points, pairs.opportunity, pairs.is_of_person))
        begin = np.searchsorted(
            pairs.is_of_person[order] * (1 << 40) + pairs.opportunity[order],
            pairs.is_of_person[order] * (1 << 40) + pairs.opportunity[order],
        )
        is_kept = pairs.is_of_person[order] | (np.arange(len(order)) - begin < index.policy.round_depth_people)
        order = order[is_kept]
        return cls(*(column[order] for column in (pairs.person, pairs.opportunity, pairs.points, pairs.is_of_person)))


@transaction.atomic
def run_round(city_slug: str, *, now: datetime) -> Round | None:
    """Look at everybody and everything in a city, and propose what may be proposed now.

    Records "proposal.made" for each. Running it again right away proposes nothing new. A city that is too large for one
    matcher is ranked in parts first: then this records "round.part_due" for each of them, and answers None.
    """
    began = time.perf_counter()
    actions.one_at_a_time(city_slug)
    resident = resident_of(city_slug, now)
    index = resident.whole(now)
    if index.people.count * index.opportunities.count >= settings.SPLIT_FROM_MILLION_PAIRS * MILLION:
        _split(city_slug, now)
        return None
    surprises = _propose_surprises(resident, now)
    situation = situation_of(resident, now)
    return _give_out(resident, situation, ranked_pairs(situation), surprises, now, began)


def _give_out(
    resident: Resident, situation: Situation, pairs: Pairs, surprises: list[Proposal], now: datetime, began: float
) -> Round:
    """From ranked pairs to proposals, and the figures of the round."""
    index, terms = situation.index, Terms.of(resident.policy)
    candidates = candidates_of(situation, pairs)
    result = assignment.distribute(candidates, situation.wanted, situation.places, terms)
    # Only figures come from this one, so coarse bids will do.
    coarse = replace(terms.without_spread(), precision=COARSE * terms.precision)
    plain = assignment.distribute(candidates, situation.wanted, situation.places, coarse)
    chosen = np.flatnonzero(result.door != assignment.NOT_CHOSEN)
    made = _make(resident, situation, candidates, result, chosen[:MADE_IN_A_ROUND], now)
    if len(chosen) > MADE_IN_A_ROUND:
        record("city.changed", city=resident.slug)  # the next round goes on with whoever got nothing yet
    made += [(index.opportunities.row_of[one.opportunity_id.bytes], one) for one in surprises]
    asked = np.bincount(
        index.opportunities.organisation[[row for row, _ in made]], minlength=len(situation.places.room)
    )
    return Round.objects.create(
        city=resident.slug,
        people=index.people.count,
        opportunities=index.opportunities.count,
        pairs=index.people.count * index.opportunities.count,
        blocked=dict(blocked(index).most_common()),
        proposals=len(made),
        organisations_reached=float((asked > 0).mean()) if len(asked) else 0,
        gini=fairness.gini_of(result, candidates, index.opportunities.count),
        gap=result.gap,
        fairness=fairness.report(
            index.people, candidates, situation.wanted, situation.places, result, plain, resident.neighbourhoods
        )
        | {"practice_test": practice_test(resident)},
        gaps=gaps_of(resident, index, pairs.person, pairs.opportunity),
        seconds=time.perf_counter() - began,
    )


# --- several matchers ------------------------------------------------------------------------------------------


def _split(city_slug: str, now: datetime) -> None:
    """Each part is an event of its own, so that every matcher that is free takes one. One such round at a time."""
    if SplitRound.objects.filter(city=city_slug, finished_at=None, started_at__gt=now - GIVEN_UP_AFTER).exists():
        return
    SplitRound.objects.filter(city=city_slug, finished_at=None).delete()
    split = SplitRound.objects.create(city=city_slug, started_at=now, parts=settings.SPLIT_PARTS)
    RankedPart.objects.bulk_create(RankedPart(split=split, number=number) for number in range(split.parts))
    record_many("round.part_due", [{"split_id": split.pk, "number": number} for number in range(split.parts)])


@transaction.atomic
def rank_part(split_id: UUID, number: int) -> None:
    """Rank some blocks of people. The last part to end records "round.ranked"; twice is once."""
    split = SplitRound.objects.filter(pk=split_id, finished_at=None).first()
    if split is None or RankedPart.objects.filter(split=split, number=number, pairs__isnull=False).exists():
        return
    resident = resident_of(split.city, split.started_at)
    situation = situation_of(resident, split.started_at)
    pairs = ranked_pairs(situation, (number, split.parts))
    SplitRound.objects.select_for_update().get(pk=split.pk)  # so that one of two parts that end together sees the other
    RankedPart.objects.filter(split=split, number=number).update(pairs=pairs.packed(situation.index))
    if not RankedPart.objects.filter(split=split, pairs=None).exists():
        record("round.ranked", split_id=split.pk)


@transaction.atomic
def finish_round(split_id: UUID, *, now: datetime) -> Round | None:
    """All parts are ranked: one distribution over all of them. None when another did it."""
    began = time.perf_counter()
    split = SplitRound.objects.filter(pk=split_id, finished_at=None).first()
    if split is None:
        return None
    actions.one_at_a_time(split.city)
    resident = resident_of(split.city, now)
    surprises = _propose_surprises(resident, now)
    situation = situation_of(resident, now)
    parts = RankedPart.objects.filter(split=split, pairs__isnull=False).order_by("number")
    pairs = Pairs.unpacked([bytes(one.pairs or b"") for one in parts], resident, situation.index)
    SplitRound.objects.filter(pk=split.pk).update(finished_at=now)
    RankedPart.objects.filter(split=split).delete()
    return _give_out(resident, situation, pairs, surprises, now, began)


# --- before ----------------------------------------------------------------------------------------------------


def situation_of(resident: Resident, now: datetime) -> Situation:
    """Who may get how many, what is free, and which pairs are settled, as the tables say now."""
    place, index = city(resident.slug), resident.whole(now)
    rows = index.opportunities.row_of
    online = {
        rows[one.pk.bytes]: one
        for one in opportunity_queries.with_a_free_place(opportunity_queries.published(place.slug, resident.today))
        if one.pk.bytes in rows
    }
    free = np.full(index.opportunities.count, NOBODY)
    for row, one in online.items():
        free[row] = EVERYBODY if one.free_open > 0 else GUIDED_ONLY
    settled = np.array(
        [(volunteer.bytes, opportunity.bytes) for volunteer, opportunity in queries.proposed_pairs(place.slug)], object
    ).reshape(-1, 2)
    people = resident.rows_of(list(settled[:, 0]))
    opportunities = np.array([rows.get(who, -1) for who in settled[:, 1]], np.int64)
    is_known = (people >= 0) & (opportunities >= 0)
    circumstances = Circumstances(free, np.stack([people, opportunities], axis=1)[is_known])
    is_guided = (index.people.flags & GUIDED) != 0
    return Situation(
        index, circumstances, Wanted(_limits(place, resident, now), is_guided), _places(place, index, online, now)
    )


def _limits(place: CityFile, resident: Resident, now: datetime) -> Column:
    """How many new proposals everybody may get (rules 6.4)."""
    policy = resident.policy
    limits = np.full(resident.people.count, min(policy.open_proposals_at_once, policy.proposals_per_14_days), np.int64)
    for some in batched(queries.with_limits_of_their_own(place.slug).iterator(), MADE_AT_ONCE):
        wanted = queries.wanted(some, policy, now)
        rows = resident.rows_of([who.bytes for who in wanted])
        limits[rows[rows >= 0]] = np.maximum(0, np.array(list(wanted.values())))[rows >= 0]
    return limits


def _places(place: CityFile, index: Index, online: dict[int, Opportunity], now: datetime) -> Places:
    """What each opportunity and organisation may still ask; open proposals of guided people count as reserved first."""
    policy, count = index.policy, index.opportunities.count
    open_, reserved = np.zeros(count, np.int64), np.zeros(count, np.int64)
    still_open = queries.open_proposals(place.slug)
    for row, one in online.items():
        guided, others = still_open.get(one.pk, (0, 0))
        for_guided = policy.open_proposals_per_place * one.free_reserved
        reserved[row] = max(0, for_guided - guided)
        open_[row] = max(0, policy.open_proposals_per_place * one.free_open - others - max(0, guided - for_guided))
    organisation = index.opportunities.organisation
    room = np.full(int(organisation.max(initial=-1)) + 1, WITHOUT_LIMIT)
    left = queries.organisation_room(online.values(), actions.month_began_at(place, now))
    for row, one in online.items():
        room[organisation[row]] = left.get(str(one.organisation_id), WITHOUT_LIMIT)
    return Places(open_, reserved, organisation, room)


def ranked_pairs(situation: Situation, part: tuple[int, int] = (0, 1)) -> Pairs:
    """The top of everybody's list and of every opportunity's, of all people or of some blocks of them."""
    index, policy = situation.index, situation.index.policy
    for_people, for_opportunities = index.lists(
        policy.round_depth, policy.round_depth_people, situation.circumstances,
        threads=settings.MATCHING_THREADS, part=part,
    )  # fmt: skip
    person, place = np.nonzero(for_people.rows >= 0)
    opportunity, other_place = np.nonzero(for_opportunities.rows >= 0)
    is_of_person = np.r_[np.ones(len(person), bool), np.zeros(len(opportunity), bool)]
    return Pairs(
        np.r_[person, for_opportunities.rows[opportunity, other_place]].astype(np.int64),
        np.r_[for_people.rows[person, place], opportunity].astype(np.int64),
        np.r_[for_people.points[person, place], for_opportunities.points[opportunity, other_place]],
        is_of_person,
    )


def candidates_of(situation: Situation, pairs: Pairs) -> Candidates:
    """The pairs a round chooses from: of whom may get a proposal now, each pair once, in canonical order.

    What was proposed while parts of a split round were still being ranked is settled by now.
    """
    width, settled = max(1, situation.index.opportunities.count), situation.circumstances.settled
    key = pairs.person * width + pairs.opportunity
    may = (situation.wanted.limit[pairs.person] > 0) & ~np.isin(key, settled[:, 0] * width + settled[:, 1])
    person, opportunity, points = pairs.person[may], pairs.opportunity[may], pairs.points[may]
    _pairs, first = np.unique(key[may], return_index=True)
    return Candidates(person[first], opportunity[first], points[first])


# --- after -----------------------------------------------------------------------------------------------------


def _make(
    resident: Resident,
    situation: Situation,
    candidates: Candidates,
    result: Distribution,
    chosen: Column,
    now: datetime,
) -> list[tuple[int, Proposal]]:
    """Chosen pairs become proposals. The tables and the plain engine have the last word on each of them."""
    index, made = situation.index, []
    spread = assignment.spread_points(result, candidates, situation.places, Terms.of(resident.policy))
    prepared: dict[int, tuple[Opportunity, Prepared]] = {}
    for some in batched(chosen.tolist(), MADE_AT_ONCE):
        people = people_of(resident, [bytes(index.people.who[candidates.person[one]]) for one in some])
        prepare_rows(prepared, index, {int(candidates.opportunity[one]) for one in some}, resident)
        proposals = []
        for one in some:
            row = int(candidates.opportunity[one])
            volunteer = people.get(bytes(index.people.who[candidates.person[one]]))
            if volunteer is None or row not in prepared:
                continue  # changed their mind a moment ago
            found = proposal_for(volunteer, *prepared[row], int(spread[one]), resident, now)
            if found:
                proposals.append(found)
                made.append((row, found))
        actions.keep(proposals)
    return made


def proposal_for(
    volunteer: Volunteer, opportunity: Opportunity, asked: Prepared, spread: int, resident: Resident, now: datetime
) -> Proposal | None:
    """The plain engine has the last word; None, loudly, when a record said something else."""
    profile, policy, catalogue = profile_facts(volunteer, resident.today), resident.policy, load_catalogue()
    km = geo.distance_km(profile, asked.opportunity)
    if eligibility.blocks(profile, asked, km, policy):
        logger.error("the record of volunteer %s or opportunity %s is not true", volunteer.pk, opportunity.pk)
        return None
    fit = score(profile, asked, km, catalogue, policy)
    fit = fit.with_part(Part("spread", spread, policy.spread_cap, spread))
    told = explain(profile, asked, fit, catalogue, policy)
    return actions.proposal_of(volunteer, opportunity, fit, told, policy=policy, now=now)


def people_of(resident: Resident, who: list[bytes]) -> dict[bytes, Volunteer]:
    """Those of them who may get proposals, by id."""
    ids = [UUID(bytes=one) for one in who]
    return {one.pk.bytes: one for one in talent_queries.active(resident.slug, resident.today).filter(pk__in=ids)}


def prepare_rows(
    prepared: dict[int, tuple[Opportunity, Prepared]], index: Index, rows: set[int], resident: Resident
) -> None:
    """Adds what is online of those rows of the index."""
    ids = {UUID(bytes=index.opportunities.who[row]): row for row in rows - set(prepared)}
    online = opportunity_queries.published(resident.slug, resident.today).filter(pk__in=ids)
    for one in online:
        prepared[ids[one.pk]] = one, prepare(opportunity_facts(one), load_catalogue(), resident.policy)


def _propose_surprises(resident: Resident, now: datetime) -> list[Proposal]:
    """Whoever asked for something else now and then, and is due for it, is looked at alone and first (rules 6.6)."""
    made = []
    people = resident.whole(now).people
    for row in np.flatnonzero((people.flags & SURPRISE) != 0):
        who = UUID(bytes=bytes(people.who[row]))
        if queries.is_due_for_a_surprise(who):
            made += actions.propose_for_volunteer(who, now=now)
    return made


def practice_test(resident: Resident) -> dict[str, int]:
    """Some real people and an invented twin of each: another name, older, another status, another first language.

    Their lists must be the same to the last point. Discrimination would be a number here, not a feeling.
    """
    rows = np.argsort(resident.people.lot, kind="stable")[:TWINS]
    people = people_of(resident, [bytes(resident.people.who[row]) for row in rows])
    asked = {code for one in _languages_asked(resident) for code in one}
    unasked = [code for code in resident.layout.languages if code not in asked and code != LOCAL_LANGUAGE]
    different = 0
    for volunteer in people.values():
        facts, standing = profile_facts(volunteer, resident.today), standing_of(volunteer, is_active=True)
        volunteer.first_name, volunteer.declared_statuses, volunteer.language = "Anders", ["andere_status"], "ar"
        volunteer.channel, volunteer.digital, volunteer.transport = "phone", "none", "walk"
        if volunteer.age_on(resident.today) >= max(AGES_KEPT):
            volunteer.age_asked_on = volunteer.age_asked_on.replace(year=volunteer.age_asked_on.year - 40)
        languages = {
            (code if code in asked or code == LOCAL_LANGUAGE or not unasked else unasked[0]): level
            for code, level in facts.languages.items()
        }
        twin = replace(profile_facts(volunteer, resident.today), languages=languages)
        lists = [
            resident.ranked_for(pack_profile(*one, resident.layout))
            for one in ((facts, standing), (twin, standing_of(volunteer, is_active=True)))
        ]
        is_same = all(
            np.array_equal(one, other)
            for one, other in ((lists[0].rows, lists[1].rows), (lists[0].points, lists[1].points))
        )
        different += not is_same
    return {"people": len(people), "different": different}


def _languages_asked(resident: Resident) -> list[list[str]]:
    online = opportunity_queries.published(resident.slug, resident.today)
    return [list(one) for pair in online.values_list("languages_any_of", "languages_welcome") for one in pair]


# --- figures ---------------------------------------------------------------------------------------------------


def blocked(index: Index) -> Counter[str]:
    """How often each factor stood between a person and an opportunity (rules 9)."""
    total: Counter[str] = Counter()
    for row in range(index.opportunities.count):
        total.update({factor: blocks for factor, (blocks, _alone) in index.blocking(row).items()})
    return total
