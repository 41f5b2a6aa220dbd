"""Each soft part of the fit in integer points, and the order it gives (matching rules 5)."""

import dataclasses

import pytest
from make import HERE, north_of, person, task

from matching import engine, geo
from matching.prepared import prepare
from matching.scoring import score
from matching.spread import gini
from matching.threshold import personal_tenths


@pytest.fixture
def points(catalogue, policy):
    def count(who, what, code):
        fit = score(who, prepare(what, catalogue, policy), geo.distance_km(who, what), catalogue, policy)
        return sum(part.points for part in fit.of(code))

    return count


@pytest.mark.parametrize(
    ("level", "support", "expected"),
    [(3, set(), 20_000), (2, set(), 16_000), (1, {"vorming"}, 10_000), (1, {"meelopen"}, 10_000), (1, set(), 2_000)],
)
def test_a_talent_counts_by_its_level_and_learning_counts_where_somebody_teaches(level, support, expected, points):
    found = points(person(talents={"naaien": level}), task(talents_welcome={"naaien"}, support=support), "talent")

    assert found == expected


def test_r082_bridging_cultures_is_matched_where_it_is_welcome(tasks, points):
    for what in (tasks["T04"], tasks["T05"]):
        assert points(person(talents={"culturen": 3}), what, "talent") > points(person(talents={}), what, "talent")


@pytest.mark.parametrize("talent", ["buurt_kennen", "geduldig"])
def test_life_experience_and_character_weigh_half(talent, points):
    assert points(person(talents={talent: 3}), task(talents_welcome={talent}), "talent") == 10_000


def test_needed_and_welcome_talents_add_up(points):
    who = person(talents={"naaien": 2, "koken_thuis": 3, "zingen": 3})

    assert points(who, task(talents_any_of={"naaien"}, talents_welcome={"koken_thuis"}), "talent") == 36_000


def test_r065_every_shared_theme_counts(points):
    assert points(person(themes={"buurt", "natuur", "sport"}), task(themes={"buurt", "natuur"}), "theme") == 20_000


def test_every_metre_counts_even_where_a_ride_is_arranged(points):
    assert points(person(), task(point=north_of(HERE, 14.0), support={"vervoer"}), "distance") == -14_000
    assert points(person(), task(at_home=True), "distance") == 0


def test_r103_the_own_wijk_goes_before_one_four_kilometres_away(points):
    here, there = task(neighbourhood="Seefhoek", point=HERE), task(point=north_of(HERE, 4.0))

    assert points(person(), here, "own_wijk") == 3_000
    assert points(person(), task(at_home=True), "own_wijk") == 3_000
    assert points(person(), there, "own_wijk") == 0


def test_a_welcome_language_counts_once_from_b1(points):
    what = task(languages_welcome={"ar", "fr"})

    assert points(person(languages={"nl": "C2", "ar": "B1", "fr": "C1"}), what, "language_welcome") == 5_000
    assert points(person(languages={"nl": "C2", "ar": "A2"}), what, "language_welcome") == 0


def test_only_wishes_that_hold_count_and_a_crowd_spoils_a_quiet_place(points):
    who = person(wishes={"buddy", "rustig", "bewijs_van_deelname"})

    assert points(who, task(support={"buddy"}), "wish") == 8_000
    assert points(who, task(support={"buddy"}, features={"druk"}), "wish") == 4_000


def test_r014_who_wishes_company_reads_a_group_before_working_alone(catalogue, policy, today):
    tasks = [task(id="T01", company="alone"), task(id="T02", company="group")]
    who = person(wishes={"gezelschap"})
    result = engine.rank([who], tasks, catalogue=catalogue, policy=policy, today=today)

    assert result.rankings[who.id].ids == ["T02", "T01"]


def test_a_wish_weighs_at_least_one_threshold_point(policy):
    assert policy.wish >= policy.ease_per_threshold_point


TOUCHES = [
    ("taal", {"languages": {"nl": "B1"}}, {"languages": {"nl": "B2"}}, {"dutch_min": "A2"}),
    ("lezen_schrijven", {"languages": {"nl": "A2"}}, {"languages": {"nl": "B1"}}, {"features": {"lezen"}}),
    ("lezen_schrijven", {"boundaries": {"weinig_lezen"}}, {}, {"features": {"lezen"}}),
    ("ervaring", {"talents": {"naaien": 1}}, {"talents": {"naaien": 2}}, {"talents_any_of": {"naaien"}}),
    ("attest", {"driving_licence_b": False}, {"driving_licence_b": True}, {"driving_licence_b": True}),
    ("fysiek", {"boundaries": {"geen_trappen"}}, {}, {"features": {"tillen"}}),
    ("digitaal", {"boundaries": {"geen_computer"}}, {}, {"features": {"computer"}}),
    ("duur", {"max_commitment": "short"}, {}, {"commitment": "short"}),
    ("duur", {"wishes": {"proefmoment"}}, {}, {"commitment": "fixed"}),
    ("vaste_uren", {"available": {"wed-afternoon"}}, {}, {}),
    ("kost", {"boundaries": {"geen_kosten"}}, {}, {"costs": "none", "expenses": set()}),
    ("bereikbaar", {"max_km": 3.9}, {"max_km": 4.1}, {}),
    ("toegankelijk", {"boundaries": {"rolstoel"}}, {}, {"wheelchair": "partly"}),
    ("alleen", {"boundaries": {"niet_alleen"}}, {}, {"company": "pair", "support": set()}),
    ("alleen", {"wishes": {"groep"}}, {}, {"company": "pair", "support": set()}),
]


@pytest.mark.parametrize(("factor", "touched", "untouched", "asks"), TOUCHES)
def test_a_threshold_counts_only_for_whom_it_touches(factor, touched, untouched, asks, catalogue, policy):
    what = task(**asks)
    levels = {factor: prepare(what, catalogue, policy).levels[factor]}

    def tenths(who):
        return personal_tenths(who, what, levels, geo.distance_km(who, what), catalogue, policy)

    assert tenths(person(**touched)) == levels[factor] * catalogue.thresholds[factor].weight_tenths > 0
    assert tenths(person(**untouched)) == 0


@pytest.mark.parametrize(("factor", "tenths"), [("verantwoordelijkheid", 5), ("aanmelden", 4)])
def test_responsibility_and_sign_up_count_for_everybody_at_half_weight(factor, tenths, catalogue, policy):
    assert personal_tenths(person(), task(), {factor: 1}, 2.0, catalogue, policy) == tenths


def test_the_parts_add_up_to_the_fit(people, tasks, catalogue, policy, today):
    result = engine.rank(people.values(), tasks.values(), catalogue=catalogue, policy=policy, today=today)

    for ranking in result.rankings.values():
        for fit in ranking.fits.values():
            assert fit.points == sum(part.points for part in fit.parts)
            assert all(isinstance(part.points, int) for part in fit.parts)
            assert len(fit.of("spread")) == len(fit.of("ease")) == len(fit.of("distance")) == 1


def test_ties_break_by_distance_and_then_by_id(catalogue, policy, today):
    equal = [task(id="T03"), task(id="T02"), task(id="T04", organisation="O02")]

    result = engine.rank([person()], equal, catalogue=catalogue, policy=policy, today=today, spread=False)

    assert result.rankings["P01"].ids == ["T02", "T03", "T04"]


def test_spread_lifts_what_few_people_want_but_never_beyond_half_a_theme(people, tasks, catalogue, policy, today):
    with_spread = engine.rank(people.values(), tasks.values(), catalogue=catalogue, policy=policy, today=today)

    points = [fit.of("spread")[0].points for ranking in with_spread.rankings.values() for fit in ranking.fits.values()]
    assert max(points) <= policy.theme // 2
    assert min(points) >= -policy.theme // 2
    assert len(set(points)) > 3


def served(result, depth):
    counts = dict.fromkeys(result.asked, 0)
    for chosen in engine.first_choices(result, depth).values():
        for code in chosen:
            counts[code] += 1
    organisations = {result.asked[code].opportunity.organisation for code, count in counts.items() if count}
    return len(organisations), counts


def test_r030_with_spread_on_more_organisations_are_reached_and_more_evenly(people, tasks, catalogue, policy, today):
    shared = {"catalogue": catalogue, "policy": policy, "today": today}
    on = engine.rank(people.values(), tasks.values(), **shared)
    off = engine.rank(people.values(), tasks.values(), spread=False, **shared)

    for depth, reached_off, reached_on in ((1, 12, 13), (2, 13, 14), (3, 14, 15), (5, 15, 16)):
        assert (served(off, depth)[0], served(on, depth)[0]) == (reached_off, reached_on)
        assert gini(served(on, depth)[1].values()) < gini(served(off, depth)[1].values())


def test_what_a_person_says_never_turns_the_spread_against_that_person(people, tasks, catalogue, policy, today):
    shared = {"catalogue": catalogue, "policy": policy, "today": today}
    before = engine.rank(people.values(), tasks.values(), **shared)
    for profile in people.values():
        more = {
            **people,
            profile.id: dataclasses.replace(profile, themes=profile.themes | {"natuur"} - profile.themes_excluded),
        }
        after = engine.rank(more.values(), tasks.values(), **shared)
        for code, fit in before.rankings[profile.id].fits.items():
            assert after.rankings[profile.id].fits[code].of("spread") == fit.of("spread")
            assert after.rankings[profile.id].fits[code].points >= fit.points


@pytest.mark.parametrize(
    ("reserved", "is_guided", "is_offered"), [(4, False, False), (4, True, True), (3, False, True), (0, True, True)]
)
def test_reserved_places_are_for_guided_people_and_open_ones_for_everybody(
    reserved, is_guided, is_offered, catalogue, policy, today
):
    guided = frozenset({"P01"} if is_guided else set())

    result = engine.rank(
        [person()], [task(reserved_places=reserved)], catalogue=catalogue, policy=policy, today=today, guided=guided
    )

    assert result.rankings["P01"].ids == (["T01"] if is_offered else [])
    assert result.rankings["P01"].blocked == {}


def test_who_has_the_fewest_options_chooses_first(catalogue, policy, today):
    choosy, easy = person(id="P02", themes_excluded={"natuur"}), person(id="P01")
    wanted_by_both, second = task(id="T01"), task(id="T02", themes={"natuur"}, point=north_of(HERE, 3.0))
    result = engine.rank([easy, choosy], [wanted_by_both, second], catalogue=catalogue, policy=policy, today=today)

    pairs = engine.hand_out(result, wanted={"P01": 1, "P02": 1}, room={"T01": 1, "T02": 1}, organisation_room={})

    assert list(pairs) == [("P02", "T01"), ("P01", "T02")]


def test_nothing_is_handed_out_beyond_the_room_of_an_organisation(catalogue, policy, today):
    result = engine.rank([person(), person(id="P02")], [task()], catalogue=catalogue, policy=policy, today=today)

    pairs = engine.hand_out(result, wanted={"P01": 1, "P02": 1}, room={"T01": 9}, organisation_room={"O01": 1})

    assert list(pairs) == [("P01", "T01")]


def test_a_pair_with_too_few_reasons_goes_to_a_matchmaker_and_leaves_room_for_the_next(catalogue, policy, today):
    # Things to learn where nobody teaches them bring points, but nothing kind to say.
    learning = dict.fromkeys(list(catalogue.talents)[:8], 1)
    poor = task(id="T01", point=north_of(HERE, 6.0), talents_welcome=set(learning))
    rich = task(id="T02", point=north_of(HERE, 6.0), themes={"natuur"})
    who = person(themes={"natuur"}, talents=learning)
    result = engine.rank([who], [poor, rich], catalogue=catalogue, policy=policy, today=today, spread=False)
    assert {code: len(result.explain("P01", code).reasons) for code in result.rankings["P01"].ids} == {
        "T01": 1,
        "T02": 2,
    }
    assert result.rankings["P01"].ids == ["T01", "T02"]

    pairs = engine.hand_out(result, wanted={"P01": 1}, room={"T01": 1, "T02": 1}, organisation_room={})

    assert list(pairs) == [("P01", "T01"), ("P01", "T02")]
