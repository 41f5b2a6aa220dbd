"""A round gives out places as well as an exact solver would, proves it, and leaves nobody out for nothing."""

import dataclasses

import numpy as np
import pytest

from matching import assignment, blocks
from matching.assignment import Candidates, Places, Terms, Wanted, distribute, why_not
from matching.exact import best_value
from matching.policy import Policy

TERMS = Terms.of(Policy())
NO_LIMIT = 10**9


def problem(seed, people, opportunities, organisations, degree, most_places=8):
    chance = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), degree)
    opportunity = np.concatenate([np.sort(chance.choice(opportunities, degree, replace=False)) for _ in range(people)])
    return (
        Candidates(person, opportunity, chance.integers(-30_000, 90_000, people * degree)),
        Wanted(chance.integers(0, 5, people), chance.random(people) < 0.2),
        Places(
            chance.integers(0, most_places, opportunities),
            chance.integers(0, 4, opportunities) * (chance.random(opportunities) < 0.4),
            chance.integers(0, organisations, opportunities),
            np.where(chance.random(organisations) < 0.4, chance.integers(0, 12, organisations), NO_LIMIT),
        ),
    )


def simple(points, limit, places, *, guided=(), reserved=None, organisation=None, room=None):
    """`points[person][opportunity]`; None where they do not fit."""
    pairs = [(p, o, worth) for p, row in enumerate(points) for o, worth in enumerate(row) if worth is not None]
    person, opportunity, worth = (np.array(column) for column in zip(*pairs, strict=True))
    organisation = np.arange(len(places)) if organisation is None else np.array(organisation)
    return (
        Candidates(person, opportunity, worth),
        Wanted(np.array(limit), np.isin(np.arange(len(points)), guided)),
        Places(
            np.array(places),
            np.zeros(len(places), int) if reserved is None else np.array(reserved),
            organisation,
            np.full(organisation.max() + 1, NO_LIMIT) if room is None else np.array(room),
        ),
    )


def chosen(result, candidates):
    taken = result.door != assignment.NOT_CHOSEN
    return sorted(zip(candidates.person[taken].tolist(), candidates.opportunity[taken].tolist(), strict=True))


def plain_value(result, candidates, wanted, places, terms):
    """What a distribution is worth, counted one by one."""
    total, have, asked = 0.0, {}, {}
    first_slots = assignment.first_slots_of(places)
    for place, door in enumerate(result.door):
        if door == assignment.NOT_CHOSEN:
            continue
        person, organisation = candidates.person[place], places.organisation[candidates.opportunity[place]]
        total += max(1, candidates.points[place] + terms.worth)
        total += terms.first_place if door == assignment.FIRST else 0
        total += assignment.FOR_RESERVED / assignment.SCALE if door == assignment.RESERVED else 0
        total += terms.bonuses[have.get(person, 0)]
        have[person] = have.get(person, 0) + 1
        asked[organisation] = asked.get(organisation, 0) + 1
        total += terms.organisation_first if asked[organisation] <= first_slots[organisation] else 0
    return total


SHAPES = [(30, 8, 3, 4), (200, 40, 10, 8), (200, 20, 5, 8), (40, 60, 20, 12), (600, 60, 60, 15)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(4))
def test_a_round_is_as_good_as_an_exact_solver_and_certifies_it(shape, seed):
    candidates, wanted, places = given = problem(seed, *shape)

    result = distribute(*given, TERMS, is_plain=False)

    best = best_value(*given, TERMS)
    assert result.value <= best + 1e-6
    assert best <= result.bound + 1e-6
    assert best - result.value <= 1e-4 * best
    assert result.gap <= 1e-4
    assert result.value == pytest.approx(plain_value(result, candidates, wanted, places, TERMS))


@pytest.mark.parametrize("shape", SHAPES)
def test_no_limit_is_ever_broken(shape):
    candidates, wanted, places = given = problem(9, *shape)

    result = distribute(*given, TERMS)

    taken = result.door != assignment.NOT_CHOSEN
    assert (np.bincount(candidates.person[taken], minlength=shape[0]) <= wanted.limit).all()
    in_open = np.isin(result.door, (assignment.OPEN, assignment.FIRST))
    in_reserved = result.door == assignment.RESERVED
    assert (np.bincount(candidates.opportunity[in_open], minlength=shape[1]) <= places.open).all()
    assert (np.bincount(candidates.opportunity[in_reserved], minlength=shape[1]) <= places.reserved).all()
    assert wanted.is_guided[candidates.person[in_reserved]].all()
    asked = np.bincount(places.organisation[candidates.opportunity[taken]], minlength=shape[2])
    assert (asked <= places.room).all()


def test_compiled_or_not_the_answer_is_the_same():
    given = problem(3, 60, 20, 6, 8)
    assert blocks.IS_COMPILED

    compiled, plain = (distribute(*given, TERMS, is_plain=way) for way in (False, True))

    assert (plain.door == compiled.door).all()
    assert (plain.value, plain.bound) == (compiled.value, compiled.bound)


def test_nobody_is_left_with_nothing_while_somebody_else_gets_two():
    given = simple([[90_000, 80_000], [85_000, None]], limit=[2, 2], places=[1, 1])

    assert chosen(distribute(*given, TERMS), given[0]) == [(0, 1), (1, 0)]


def test_without_a_bonus_for_a_first_proposal_the_points_alone_decide():
    given = simple([[90_000, 80_000], [30_000, None]], limit=[2, 2], places=[1, 1])
    plain = Terms.of(dataclasses.replace(Policy(), first_proposal_bonus=0, second_proposal_bonus=0))

    assert chosen(distribute(*given, plain), given[0]) == [(0, 0), (0, 1)]


def test_a_guided_person_fills_the_reserved_place_and_leaves_the_open_one_to_others():
    given = simple([[50_000], [40_000]], limit=[1, 1], places=[1], reserved=[1], guided=[0])

    result = distribute(*given, TERMS)

    assert result.door.tolist() == [assignment.RESERVED, assignment.FIRST]


def test_a_reserved_place_is_for_nobody_else():
    given = simple([[50_000]], limit=[1], places=[0], reserved=[1])

    result = distribute(*given, TERMS)

    assert chosen(result, given[0]) == []
    assert why_not(0, result, *given) == assignment.RESERVED_ONLY


def test_an_organisation_never_gets_more_people_than_it_can_welcome():
    given = simple([[50_000, 40_000], [45_000, 44_000]], limit=[1, 1], places=[3, 3], organisation=[0, 0], room=[1])

    result = distribute(*given, TERMS)

    assert len(chosen(result, given[0])) == 1
    assert {why_not(one, result, *given) for one in np.flatnonzero(result.door < 0)} <= {
        assignment.OTHERS_FIRST,
        assignment.BETTER_CHOSEN,
    }


def test_an_organisation_that_is_full_this_month_gets_nobody():
    given = simple([[50_000]], limit=[1], places=[3], room=[0])

    result = distribute(*given, TERMS)

    assert why_not(0, result, *given) == assignment.ORGANISATION_FULL


def test_the_second_choice_of_a_person_who_has_enough_was_not_chosen_because_the_first_was_better():
    given = simple([[50_000, 40_000]], limit=[1], places=[3, 3])

    result = distribute(*given, TERMS)

    assert chosen(result, given[0]) == [(0, 0)]
    assert why_not(1, result, *given) == assignment.BETTER_CHOSEN
    with pytest.raises(ValueError, match="was chosen"):
        why_not(0, result, *given)


def test_what_went_to_somebody_for_whom_it_is_worth_more_is_said_so():
    given = simple([[50_000], [40_000]], limit=[1, 1], places=[1])

    result = distribute(*given, TERMS)

    assert why_not(1, result, *given) == assignment.OTHERS_FIRST


def test_spread_helps_an_opportunity_without_candidates_but_never_against_a_clearly_better_fit():
    half_a_theme = Policy().spread_cap
    near = simple([[50_000, 50_000], [50_000, 50_000 - half_a_theme // 2 + 1]], limit=[1, 1], places=[5, 5])
    far = simple(
        [[50_000, 50_000 - half_a_theme - 1], [50_000, 50_000 - half_a_theme - 1]], limit=[1, 1], places=[5, 5]
    )

    assert {key for _who, key in chosen(distribute(*near, TERMS), near[0])} == {0, 1}
    assert {key for _who, key in chosen(distribute(*far, TERMS), far[0])} == {0}


def test_even_a_far_place_that_fits_is_proposed():
    given = simple([[-60_000]], limit=[1], places=[1])

    assert chosen(distribute(*given, TERMS), given[0]) == [(0, 0)]


def test_nobody_and_nothing_is_an_empty_round():
    none = np.zeros(0, np.int64)

    result = distribute(
        Candidates(none, none, none), Wanted(none, none.astype(bool)), Places(none, none, none, none), TERMS
    )

    assert (result.value, result.gap) == (0, 0)


def test_candidates_out_of_order_are_refused():
    candidates, wanted, places = problem(1, 10, 8, 3, 4)
    turned = Candidates(candidates.person[::-1], candidates.opportunity[::-1], candidates.points[::-1])

    with pytest.raises(ValueError, match="sorted"):
        distribute(turned, wanted, places, TERMS)
