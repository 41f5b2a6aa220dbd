"""Every hard limit of the matching rules, on both sides of its edge."""

from decimal import Decimal

import pytest
from make import HERE, north_of, person, task

from matching import eligibility, geo
from matching.prepared import effective_minimum_age, prepare


@pytest.fixture
def blocks(catalogue, policy):
    def check(who, what):
        return eligibility.blocks(who, prepare(what, catalogue, policy), geo.distance_km(who, what), policy)

    return check


def test_a_pair_without_any_limit_is_eligible(blocks):
    assert blocks(person(), task()) == ()


TWO_SLOTS = ("wed-afternoon", "sat-morning")
EDGES = {
    "time: one of two slots is enough when one may choose": (
        {"available": {"sat-morning"}}, {"slots": TWO_SLOTS}, ()),
    "time: one of two slots is not enough when all are needed": (
        {"available": {"sat-morning"}}, {"slots": TWO_SLOTS, "choose": "all"}, ("time",)),
    "time: a slot matches only itself": ({"available": {"wed-morning"}}, {}, ("time",)),
    "time: without availability nothing fits": ({"available": set()}, {}, ("time",)),
    "dutch: the same level is enough": ({"languages": {"nl": "B1"}}, {"dutch_min": "B1"}, ()),
    "dutch: one level less blocks": ({"languages": {"nl": "A2"}}, {"dutch_min": "B1"}, ("dutch",)),
    "dutch: one level less is fine with help": (
        {"languages": {"nl": "A2"}}, {"dutch_min": "B1", "support": {"taalbuddy"}}, ()),
    "dutch: two kinds of help are still one level": (
        {"languages": {"nl": "A1"}},
        {"dutch_min": "B1", "support": {"taalbuddy", "collega_zelfde_taal"}}, ("dutch",)),
    "dutch: a buddy gives no slack": (
        {"languages": {"nl": "A2"}}, {"dutch_min": "B1", "support": {"buddy", "pictos"}}, ("dutch",)),
    "dutch: missing is A0": ({"languages": {}}, {"dutch_min": "A1"}, ("dutch",)),
    "language: B1 is enough": ({"languages": {"nl": "C2", "ar": "B1"}}, {"languages_any_of": {"ar", "tr"}}, ()),
    "language: A2 is not": ({"languages": {"nl": "C2", "ar": "A2"}}, {"languages_any_of": {"ar"}}, ("language",)),
    "language: slack is for Dutch only": (
        {"languages": {"nl": "C2", "ar": "A2"}},
        {"languages_any_of": {"ar"}, "support": {"taalbuddy"}}, ("language",)),
    "language: a welcome language never blocks": ({}, {"languages_welcome": {"ar"}}, ()),
    "language: sign language is a language": (
        {"languages": {"nl": "A0", "vgt": "C1"}}, {"languages_any_of": {"vgt"}}, ()),
    "age: the minimum itself is old enough": ({"age": 16}, {"min_age": 16}, ()),
    "age: younger blocks": ({"age": 15}, {"min_age": 16}, ("age",)),
    "age: bar work is for adults": ({"age": 16}, {"talents_welcome": {"toog"}}, ("age",)),
    "age: late evenings are for adults": ({"age": 16}, {"features": {"avond_laat"}}, ("age",)),
    "age: working alone is for adults": ({"age": 16}, {"features": {"alleen"}, "company": "alone"}, ("age",)),
    "age: alcohol from 16": ({"age": 16}, {"features": {"alcohol"}}, ()),
    "age: no alcohol at 15": ({"age": 15}, {"features": {"alcohol"}, "min_age": 15}, ("age",)),
    "talent: level 2 satisfies": ({"talents": {"tolken": 2}}, {"talents_any_of": {"tolken"}}, ()),
    "talent: wanting to learn does not": ({"talents": {"tolken": 1}}, {"talents_any_of": {"tolken"}}, ("talent",)),
    "talent: one of several is enough": (
        {"talents": {"tolken": 3}}, {"talents_any_of": {"tolken", "vertalen"}}, ()),
    "talent: point-only talents count": (
        {"talents": {"ervaring_rouw": 2}, "talents_point_only": {"ervaring_rouw"}},
        {"talents_any_of": {"ervaring_rouw"}}, ()),
    "talent: a welcome talent never blocks": ({"talents": {}}, {"talents_welcome": {"tolken"}}, ()),
    "licence: asked and not there": ({}, {"driving_licence_b": True}, ("licence",)),
    "own car: a licence alone is not a car": (
        {"driving_licence_b": True}, {"driving_licence_b": True, "features": {"eigen_auto"}}, ("own_car",)),
    "commitment: lighter is fine": ({"max_commitment": "short"}, {"commitment": "once"}, ()),
    "commitment: short and flexible weigh the same": (
        {"max_commitment": "short"}, {"commitment": "flexible"}, ()),
    "commitment: fixed is heavier than flexible": (
        {"max_commitment": "flexible"}, {"commitment": "fixed"}, ("commitment",)),
    "hours: exactly enough": ({"max_hours_per_week": Decimal(2)}, {}, ()),
    "hours: all slots add up": (
        {"max_hours_per_week": Decimal("3.9")}, {"slots": TWO_SLOTS, "choose": "all"}, ("hours",)),
    "hours: a choice counts once": ({"max_hours_per_week": Decimal(2)}, {"slots": TWO_SLOTS}, ()),
    "theme: an excluded theme blocks": ({"themes_excluded": {"buurt"}}, {}, ("theme_excluded",)),
    "nothing hides another limit": (
        {"available": set(), "age": 15, "languages": {}, "max_km": 0.5},
        {"dutch_min": "A1"}, ("time", "distance", "dutch", "age")),
    "extract: a step with help, not a limit": ({}, {"extract_596_2": True}, ()),
    "wheelchair: partly never blocks": ({"boundaries": {"rolstoel"}}, {"wheelchair": "partly"}, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_r034_edge(name, blocks):
    who, what, expected = EDGES[name]

    assert blocks(person(**who), task(**what)) == expected


def test_r049_a_distance_equal_to_the_limit_is_fine_and_a_metre_more_is_not(blocks):
    what = task(point=north_of(HERE, 5.0))
    exactly = geo.distance_km(person(), what)

    assert blocks(person(max_km=exactly), what) == ()
    assert blocks(person(max_km=exactly - 0.001), what) == ("distance",)


def test_from_home_and_in_the_own_neighbourhood_there_is_no_distance(blocks):
    far = north_of(HERE, 30.0)

    assert blocks(person(max_km=0.5), task(point=far, at_home=True)) == ()
    assert blocks(person(max_km=0.5), task(point=far, own_neighbourhood=True)) == ()


def test_an_arranged_ride_makes_the_distance_at_most_six_kilometres_and_never_larger(blocks):
    far, near = north_of(HERE, 14.0), north_of(HERE, 2.0)

    assert blocks(person(max_km=6.0), task(point=far, support={"vervoer"})) == ()
    assert blocks(person(max_km=5.9), task(point=far, support={"vervoer"})) == ("distance",)
    assert blocks(person(max_km=2.1), task(point=near, support={"vervoer"})) == ()


@pytest.mark.parametrize(
    ("changes", "age"),
    [
        ({"min_age": 15}, 15),
        ({"min_age": 21, "features": {"alleen"}}, 21),
        ({"min_age": 15, "driving_licence_b": True}, 18),
        ({"min_age": 15, "talents_any_of": {"toog"}}, 18),
        ({"min_age": 15, "features": {"alcohol"}}, 16),
        ({"min_age": 15, "features": {"eigen_auto"}}, 18),
    ],
)
def test_r100_the_effective_minimum_age_is_the_highest_that_applies(changes, age):
    assert effective_minimum_age(task(**changes)) == age


def hard_clashes(catalogue):
    for code, boundary in catalogue.boundaries.items():
        for feature in sorted(boundary.features):
            yield code, feature


def test_every_boundary_clashes_with_each_of_its_features_and_only_its_softener_lifts_it(blocks, catalogue):
    looked_at = 0
    for code, feature in hard_clashes(catalogue):
        boundary = catalogue.boundaries[code]
        for support in (None, *catalogue.support):
            offered = {support} if support else set()
            if code == "kinderen_mee_nodig":
                continue
            found = blocks(
                person(boundaries={code}, driving_licence_b=True, own_car=True),
                task(features={feature}, support=offered, driving_licence_b=feature == "eigen_auto"),
            )
            is_blocked = boundary.is_hard and support not in boundary.softened_by
            assert found == ((f"boundary:{code}",) if is_blocked else ()), (code, feature, support)
            looked_at += 1
    assert looked_at == 27 * len(list(hard_clashes(catalogue)))


FIELD_CLASHES = [
    ("rolstoel", {"wheelchair": "no"}, True),
    ("rolstoel", {"wheelchair": "no", "support": {"taken_aanpassen"}}, True),
    ("rolstoel", {"wheelchair": "no", "at_home": True}, False),
    ("geen_strafregister", {"extract_596_2": True}, True),
    ("geen_strafregister", {"extract_596_2": False}, False),
    ("geen_kosten", {"costs": "advance"}, True),
    ("geen_kosten", {"costs": "own"}, True),
    ("geen_kosten", {"costs": "none"}, False),
    ("kinderen_mee_nodig", {"support": {"begeleider"}}, True),
    ("kinderen_mee_nodig", {"support": {"kinderen_mee"}}, False),
    ("geen_fotos_van_mij", {"features": {"in_beeld"}}, False),
]


@pytest.mark.parametrize(("code", "changes", "is_blocked"), FIELD_CLASHES)
def test_r048_a_boundary_clashes_with_a_field(code, changes, is_blocked, blocks):
    assert blocks(person(boundaries={code}), task(**changes)) == ((f"boundary:{code}",) if is_blocked else ())


def test_softening_features_leaves_the_other_boundaries_of_a_person_standing(blocks):
    who = person(boundaries={"niet_tillen", "niet_lang_staan"})

    found = blocks(who, task(features={"tillen", "lang_staan"}, support={"taken_aanpassen"}))

    assert found == ("boundary:niet_lang_staan",)
