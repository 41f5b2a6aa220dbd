"""The index gives the lists of the plain engine: every rule, both sides, compiled or not, any order, any threads."""

import dataclasses
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cities import TODAY, Packed, city

from matching import blocks, engine, geo, index, packing
from matching.eligibility import blocks as blocked_by
from matching.eligibility import factors
from matching.policy import Policy
from matching.prepared import prepare
from matching.scoring import score
from matching.spread import Demand

POLICY = Policy()
WAYS = [{"is_plain": True}, {"is_plain": False}, {"is_plain": False, "threads": 2}]
compiled_or_plain = pytest.mark.parametrize("way", WAYS, ids=["numpy alone", "compiled", "compiled, two threads"])


def ranked(profiles, opportunities, catalogue, **more):
    given = {"catalogue": catalogue, "policy": POLICY, "today": TODAY, "spread": False, **more}
    return engine.rank(profiles, opportunities, **given)


def lists_of(result, most=None):
    return {
        person: [(key, fit.points) for key, fit in ranking.fits.items()][:most]
        for person, ranking in result.rankings.items()
    }


def test_this_installation_runs_the_compiled_loops_too():
    assert blocks.IS_COMPILED


def test_who_never_ranks_a_large_city_never_loads_the_compiler():
    look = "import sys; import matching.index, matching.assignment, matching.engine; sys.exit('numba' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", look], check=False, cwd=Path(__file__).parents[2]).returncode == 0


@compiled_or_plain
@pytest.mark.parametrize("seed", range(4))
def test_everybody_gets_the_list_of_the_plain_engine(seed, way, catalogue):
    profiles, opportunities = city(seed, 120, 90, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)

    for_people, _ = packed.index.lists(7, 11, packed.circumstances(), **way)

    assert packed.told(for_people) == lists_of(ranked(profiles, opportunities, catalogue), 7)


@compiled_or_plain
def test_every_opportunity_gets_the_best_people_nearest_first_and_then_by_lot(way, catalogue):
    profiles, opportunities = city(5, 150, 60, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    found = {one.id: [] for one in opportunities}
    for person, ranking in ranked(profiles, opportunities, catalogue).rankings.items():
        for key, fit in ranking.fits.items():
            found[key].append((-fit.points, fit.distance_km, packing.lot_of(person), person))

    _, for_opportunities = packed.index.lists(7, 5, packed.circumstances(), **way)

    expected = {key: [(who, -points) for points, _km, _lot, who in sorted(people)[:5]] for key, people in found.items()}
    assert packed.told_people(for_opportunities) == expected


@compiled_or_plain
def test_spread_counts_the_first_choices_of_the_round_as_the_plain_engine_does(way, catalogue):
    profiles, opportunities = city(6, 150, 60, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)

    first, _ = packed.index.lists(POLICY.spread_depth, 0, packed.circumstances(), **way)
    choices = [(person, int(rows[0])) for person, rows in enumerate(first.rows) if rows[0] >= 0]
    spread = index.spread_of(choices, packed.people.count, packed.opportunities, POLICY)
    for_people, _ = packed.index.lists(9, 3, packed.circumstances(spread=spread), **way)

    assert packed.told(for_people) == lists_of(ranked(profiles, opportunities, catalogue, spread=True), 9)


def test_spread_from_what_people_have_already_counts_nobody_against_themselves(catalogue):
    profiles, opportunities = city(7, 60, 60, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    chance = random.Random(1)
    demand = {one.id: [task.id for task in chance.sample(opportunities, chance.randint(0, 3))] for one in profiles}
    choices = [(packed.ids.index(one), packed.keys.index(key)) for one, keys in demand.items() for key in keys]
    spread = index.spread_of(choices, packed.people.count, packed.opportunities, POLICY)

    for_people, _ = packed.index.lists(60, 0, packed.circumstances(spread=spread))

    organisation_of = {one.id: one.organisation for one in opportunities}
    expected = ranked(profiles, opportunities, catalogue, spread=True, demand=Demand(demand, organisation_of, POLICY))
    assert packed.told(for_people) == lists_of(expected)


@compiled_or_plain
def test_settled_pairs_full_opportunities_and_reserved_places_count_as_in_the_plain_engine(way, catalogue):
    profiles, opportunities = city(8, 120, 60, catalogue)
    chance = random.Random(2)
    guided = {one.id for one in profiles if chance.random() < 0.3}
    left = {one.id: chance.choice([(0, 0), (0, 1), (2, 0), (1, 1)]) for one in opportunities}
    settled = [(chance.choice(profiles).id, chance.choice(opportunities).id) for _ in range(900)]
    packed = Packed(profiles, opportunities, catalogue, POLICY, guided)
    circumstances = packed.circumstances(settled=settled)
    for row, key in enumerate(packed.keys):
        has_open, has_reserved = left[key]
        circumstances.free[row] = index.EVERYBODY if has_open else index.GUIDED_ONLY if has_reserved else index.NOBODY

    for_people, _ = packed.index.lists(60, 4, circumstances, **way)

    expected = ranked(
        profiles,
        opportunities,
        catalogue,
        guided=guided,
        free_places={key: engine.FreePlaces(*places) for key, places in left.items()},
        settled={one.id: {task for who, task in settled if who == one.id} for one in profiles},
    )
    assert packed.told(for_people) == lists_of(expected)
    for row, person in enumerate(packed.ids):
        rows, points = packed.index.list_of_person(row, circumstances)
        alone = [(packed.keys[task], int(one)) for task, one in zip(rows, points, strict=True)]
        assert alone == lists_of(expected)[person]


@compiled_or_plain
def test_the_order_of_the_input_changes_no_list(way, catalogue):
    profiles, opportunities = city(9, 200, 80, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    random.Random(3).shuffle(profiles)
    random.Random(4).shuffle(opportunities)
    shuffled = Packed(profiles, opportunities, catalogue, POLICY)

    one, other = (it.index.lists(5, 5, it.circumstances(), **way) for it in (packed, shuffled))

    assert packed.told(one[0]) == shuffled.told(other[0])
    assert packed.told_people(one[1]) == shuffled.told_people(other[1])


def test_many_batches_and_more_than_one_block_change_nothing(catalogue):
    profiles, opportunities = city(10, 300, 400, catalogue)
    many = [dataclasses.replace(one, id=f"{one.id}.{turn}") for one in profiles for turn in range(15)]
    packed = Packed(many, opportunities, catalogue, POLICY)

    plain = packed.index.lists(4, 9, packed.circumstances(), is_plain=True)
    compiled = packed.index.lists(4, 9, packed.circumstances(), is_plain=False, threads=2)

    assert packed.people.count > 4096
    for one, other in zip(plain, compiled, strict=True):
        assert (one.rows == other.rows).all()
        assert (one.points == other.points).all()


@compiled_or_plain
def test_parts_of_the_people_together_are_all_of_them(way, catalogue):
    profiles, opportunities = city(16, 300, 40, catalogue)
    many = [dataclasses.replace(one, id=f"{one.id}.{turn}") for one in profiles for turn in range(30)]
    packed = Packed(many, opportunities, catalogue, POLICY)
    whole, _ = packed.index.lists(4, 0, packed.circumstances(), **way)

    parts = [packed.index.lists(4, 0, packed.circumstances(), part=(one, 2), **way)[0] for one in range(2)]

    assert packed.people.count > 8192
    has = [(one.rows[:, 0] >= 0) for one in parts]
    assert not (has[0] & has[1]).any()
    assert (np.where(has[0][:, None], parts[0].rows, parts[1].rows) == whole.rows).all()


@pytest.mark.parametrize("change", [
    {"half_groups": frozenset({"KOKEN", "GROEN"})}, {"talent_learn_taught": 3_001, "talent_good": 777},
    {"ease_per_threshold_point": 1_234}, {"ride_km": 2.5}, {"near_share": 0.21, "few_slots": 7}, {"distance_per_km": 377},
    {"own_wijk": 0, "language_welcome": 1, "wish": 99, "theme": 5}, {"hard_to_reach_postcodes": frozenset({"2000"})},
])  # fmt: skip
def test_every_weight_of_the_policy_reaches_every_way_of_counting(change, catalogue):
    policy = dataclasses.replace(POLICY, **change)
    profiles, opportunities = city(11, 80, 60, catalogue)
    expected = lists_of(ranked(profiles, opportunities, catalogue, policy=policy))
    packed = Packed(profiles, opportunities, catalogue, policy)

    assert expected != lists_of(ranked(profiles, opportunities, catalogue))
    for way in WAYS:
        assert packed.told(packed.index.lists(60, 2, packed.circumstances(), **way)[0]) == expected


def test_every_blocking_factor_is_counted_as_the_plain_engine_counts_it(catalogue):
    profiles, opportunities = city(12, 90, 60, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)

    for row, key in enumerate(packed.keys):
        asked = next(one for one in opportunities if one.id == key)
        expected = engine.blocking_factors(asked, profiles, catalogue=catalogue, policy=POLICY)
        assert packed.index.blocking(row) == {one.code: (one.blocks, one.alone) for one in expected}


def test_what_stands_between_one_person_and_the_opportunities_is_counted_too(catalogue):
    profiles, opportunities = city(13, 40, 90, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    asked = [prepare(one, catalogue, POLICY) for one in opportunities]

    for row, name in enumerate(packed.ids):
        who = next(one for one in profiles if one.id == name)
        codes = [factors(blocked_by(who, one, geo.distance_km(who, one.opportunity), POLICY)) for one in asked]
        expected = {
            code: (sum(code in found for found in codes), sum({code} == found for found in codes))
            for code in frozenset().union(*codes)
        }
        assert packed.index.blocking_person(row) == expected


def test_points_of_any_pairs_are_the_sum_of_the_parts_that_are_shown(catalogue):
    profiles, opportunities = city(14, 60, 60, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    people = {one.id: one for one in profiles}
    tasks = {one.id: prepare(one, catalogue, POLICY) for one in opportunities}

    for row, key in enumerate(packed.keys):
        eligible = packed.index.eligible_people(row)
        for person, points in zip(eligible, packed.index.points(eligible, row), strict=True):
            who, asked = people[packed.ids[person]], tasks[key]
            fit = score(who, asked, geo.distance_km(who, asked.opportunity), catalogue, POLICY)
            assert sum(part.points for part in fit.parts) == points


def test_nobody_at_all_and_nothing_at_all_give_empty_lists(catalogue):
    profiles, opportunities = city(15, 3, 3, catalogue)
    for some_people, some_tasks in ([], opportunities), (profiles, []), ([], []):
        packed = Packed(some_people, some_tasks, catalogue, POLICY)
        for way in WAYS:
            for_people, for_opportunities = packed.index.lists(2, 2, packed.circumstances(), **way)
            assert (for_people.rows == -1).all()
            assert (for_opportunities.rows == -1).all()
