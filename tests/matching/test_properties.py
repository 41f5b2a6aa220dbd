"""What must hold in every city: the required properties of matching rules 5, on random worlds."""

import dataclasses
import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import PERSON, TASK, north_of

from matching import citysample, engine
from matching.types import LEVELS, SLOTS, Opportunity, Point, TalentProfile

RANDOM_WORLDS = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
LANGUAGES = ["nl", "ar", "fr", "tr", "so"]


def some(codes, high=4):
    return st.sets(st.sampled_from(sorted(codes)), max_size=high).map(frozenset)


def points():
    return st.builds(
        lambda north, east: Point(51.2 + north / 100, 4.4 + east / 100), st.integers(-6, 6), st.integers(-6, 6)
    )


@st.composite
def profiles(draw, catalogue, name="P01"):
    liked = draw(some(catalogue.themes))
    has_licence = draw(st.booleans())
    return TalentProfile(
        id=name,
        age=draw(st.sampled_from([15, 16, 18, 21])),
        neighbourhood=draw(st.sampled_from(["Dam", "Kiel", "Valaar"])),
        point=draw(points()),
        languages={
            "nl": draw(st.sampled_from(LEVELS)),
            **draw(st.dictionaries(st.sampled_from(LANGUAGES[1:]), st.sampled_from(LEVELS))),
        },
        talents=draw(
            st.dictionaries(
                st.sampled_from([*list(catalogue.talents)[:12], "toog", "ervaring_rouw", "geduldig"]),
                st.integers(1, 3),
                max_size=6,
            )
        ),
        talents_point_only=frozenset(),
        themes=liked,
        themes_excluded=draw(some(catalogue.themes, 2)) - liked,
        available=draw(some(SLOTS, 12)),
        max_hours_per_week=Decimal(draw(st.integers(1, 12))),
        max_km=float(draw(st.sampled_from([1, 2, 4, 8, 20]))),
        max_commitment=draw(st.sampled_from(citysample.COMMITMENTS)),
        boundaries=draw(some(catalogue.boundaries, 3)),
        wishes=draw(some(catalogue.wishes, 3)),
        driving_licence_b=has_licence,
        own_car=has_licence and draw(st.booleans()),
    )


@st.composite
def opportunities(draw, catalogue, name="T01"):
    talents = [*list(catalogue.talents)[:12], "toog", "ervaring_rouw"]
    needed = draw(some(talents, 2)) if draw(st.booleans()) else frozenset()
    commitment = draw(st.sampled_from(citysample.COMMITMENTS))
    is_alone = draw(st.booleans())
    features = draw(some(set(catalogue.features) - {"alleen", "eigen_auto"}, 3)) | ({"alleen"} if is_alone else set())
    return Opportunity(
        id=name,
        organisation=draw(st.sampled_from(["O01", "O02", "O03"])),
        themes=draw(some(catalogue.themes, 3)),
        talents_any_of=needed,
        talents_welcome=draw(some(talents, 3)) - needed,
        dutch_min=draw(st.sampled_from(LEVELS[:5])),
        languages_any_of=draw(some(LANGUAGES[1:], 2)) if draw(st.booleans()) else frozenset(),
        languages_welcome=draw(some(LANGUAGES[1:], 2)),
        slots=tuple(sorted(draw(st.sets(st.sampled_from(SLOTS), min_size=1, max_size=8)))),
        choose=draw(st.sampled_from(citysample.CHOOSE)),
        frequency="once" if commitment == "once" else draw(st.sampled_from(("weekly", "monthly", "flexible"))),
        commitment=commitment,
        hours_per_time=Decimal(draw(st.integers(1, 4))),
        period_until=None,
        neighbourhood=draw(st.sampled_from(["Dam", "Kiel", "Valaar"])),
        postcode=draw(st.sampled_from(["2060", "2020", "2040"])),
        point=draw(points()),
        at_home=draw(st.booleans()) and draw(st.booleans()),
        own_neighbourhood=False,
        features=frozenset(features),
        wheelchair=draw(st.sampled_from(citysample.WHEELCHAIR)),
        min_age=draw(st.sampled_from([15, 16, 18, 21])),
        extract_596_2=draw(st.booleans()),
        driving_licence_b=draw(st.booleans()) and draw(st.booleans()),
        costs=draw(st.sampled_from(citysample.COSTS)),
        expenses=draw(some(citysample.EXPENSES, 2)),
        support=draw(some(catalogue.support, 4)),
        company="alone" if is_alone else draw(st.sampled_from(("group", "pair"))),
        places=draw(st.integers(1, 6)),
        reserved_places=0,
    )


def open_pair(draw, catalogue):
    """A pair that is likely to be eligible, so that the properties have something to say."""
    who, what = draw(profiles(catalogue)), draw(opportunities(catalogue))
    if draw(st.booleans()):
        who = dataclasses.replace(
            who,
            available=frozenset(what.slots) | who.available,
            max_km=50.0,
            age=21,
            boundaries=frozenset(),
            languages={**who.languages, "nl": "C2"},
            max_commitment="fixed",
            max_hours_per_week=Decimal(40),
            themes_excluded=frozenset(),
            driving_licence_b=True,
            own_car=True,
        )
        what = dataclasses.replace(
            what, languages_any_of=frozenset(), talents_any_of=what.talents_any_of & set(who.talents)
        )
    return who, what


def fit_of(who, what, catalogue, policy, today):
    result = engine.rank([who], [what], catalogue=catalogue, policy=policy, today=today, spread=False)
    return result.rankings[who.id].fits.get(what.id)


def never_worse(before, after):
    return before is None or (after is not None and after.points >= before.points)


@RANDOM_WORLDS
@given(data=st.data())
def test_saying_more_never_makes_a_pair_worse_or_ineligible(data, catalogue, policy, today):
    who, what = open_pair(data.draw, catalogue)
    before = fit_of(who, what, catalogue, policy, today)
    talent = data.draw(st.sampled_from(sorted(catalogue.talents)))
    language = data.draw(st.sampled_from(LANGUAGES))
    higher = LEVELS[min(6, LEVELS.index(who.languages.get(language, "A0")) + 1)]
    holds = engine.prepare(what, catalogue, policy).fulfils
    richer = {
        "a talent": {"talents": {**who.talents, talent: max(who.talents.get(talent, 0), data.draw(st.integers(1, 3)))}},
        "a theme": {"themes": who.themes | (what.themes - who.themes_excluded)},
        "a slot": {"available": who.available | {data.draw(st.sampled_from(SLOTS))}},
        "a language level": {"languages": {**who.languages, language: higher}},
        "more kilometres": {"max_km": who.max_km + data.draw(st.integers(1, 20))},
        **{f"the wish {wish}": {"wishes": who.wishes | {wish}} for wish in holds},
    }

    for name, change in richer.items():
        after = fit_of(dataclasses.replace(who, **change), what, catalogue, policy, today)
        assert never_worse(before, after), name


@RANDOM_WORLDS
@given(data=st.data())
def test_with_spread_on_saying_more_never_makes_a_pair_worse_either(data, catalogue, policy, today):
    who, what = open_pair(data.draw, catalogue)
    others = [data.draw(profiles(catalogue, f"P{n:02}")) for n in (2, 3, 4)]
    world = [what, *(data.draw(opportunities(catalogue, f"T{n:02}")) for n in (2, 3))]
    talent, slot = data.draw(st.sampled_from(sorted(catalogue.talents))), data.draw(st.sampled_from(SLOTS))
    more = dataclasses.replace(
        who, talents={**who.talents, talent: 3}, available=who.available | {slot}, max_km=who.max_km + 5
    )

    def fits(profile):
        result = engine.rank([profile, *others], world, catalogue=catalogue, policy=policy, today=today)
        return result.rankings["P01"].fits

    before, after = fits(who), fits(more)

    for code, fit in before.items():
        assert after[code].points >= fit.points
        assert after[code].of("spread") == fit.of("spread")


@RANDOM_WORLDS
@given(data=st.data())
def test_fewer_boundaries_or_more_support_never_make_a_pair_ineligible(data, catalogue, policy, today):
    who, what = open_pair(data.draw, catalogue)
    if fit_of(who, what, catalogue, policy, today) is None:
        return

    for boundary in who.boundaries:
        freer = dataclasses.replace(who, boundaries=who.boundaries - {boundary})
        assert fit_of(freer, what, catalogue, policy, today)
    for support in catalogue.support:
        kinder = dataclasses.replace(what, support=what.support | {support})
        assert fit_of(who, kinder, catalogue, policy, today)


@RANDOM_WORLDS
@given(data=st.data())
def test_the_lists_equal_a_brute_force_ranking_and_do_not_depend_on_the_order_of_the_input(
    data, catalogue, policy, today
):
    people = [data.draw(profiles(catalogue, f"P{n:02}")) for n in range(3)]
    tasks = [data.draw(opportunities(catalogue, f"T{n:02}")) for n in range(6)]
    shared = {"catalogue": catalogue, "policy": policy, "today": today}

    result = engine.rank(people, tasks, **shared)
    turned = engine.rank(people[::-1], tasks[::-1], **shared)

    for who in people:
        alone = {what.id: fit_of(who, what, catalogue, policy, today) for what in tasks}
        fits = result.rankings[who.id].fits
        assert set(fits) == {code for code, fit in alone.items() if fit}
        assert all(fits[code].parts[:-1] == alone[code].parts for code in fits)
        by_hand = sorted(
            fits, key=lambda code: (-sum(p.points for p in fits[code].parts), fits[code].distance_km, code)
        )
        assert result.rankings[who.id].ids == by_hand == turned.rankings[who.id].ids


@RANDOM_WORLDS
@given(data=st.data())
def test_every_eligible_pair_can_be_explained_from_its_own_parts(data, catalogue, policy, today):
    from matching import words

    who, what = open_pair(data.draw, catalogue)
    result = engine.rank([who], [what], catalogue=catalogue, policy=policy, today=today)
    if not result.rankings[who.id].fits:
        return

    told = result.explain(who.id, what.id)

    assert 1 <= len(told.reasons) <= 4
    assert len(told.not_perfect) <= 2
    assert len({line.code for line in told.not_perfect}) == len(told.not_perfect)
    for line in (*told.reasons, *told.not_perfect, *told.easy_start):
        assert words.say(line, catalogue).endswith((".", "?"))
    for line in told.for_organisation:
        assert words.say(line, catalogue, words.ORGANISATION).endswith(".")


ONE_PART = [
    (
        "a stronger talent",
        {"talents": {"naaien": 3}},
        {"talents": {"naaien": 2}},
        {"talents_welcome": frozenset({"naaien"})},
    ),
    ("a shared theme", {"themes": frozenset({"buurt"})}, {}, {}),
    ("a welcome language", {"languages": {"nl": "C2", "ar": "C1"}}, {}, {"languages_welcome": frozenset({"ar"})}),
    ("a wish that holds", {"wishes": frozenset({"begeleider"})}, {}, {}),
    ("the own wijk", {"neighbourhood": "Kiel"}, {}, {}),
    ("one metre nearer", {"point": north_of(PERSON.point, 0.001)}, {}, {}),
    ("an easier start", {"languages": {"nl": "B2"}}, {"languages": {"nl": "B1"}}, {"dutch_min": "A2"}),
]


@pytest.mark.parametrize(("name", "better", "worse", "asks"), ONE_PART)
def test_pairs_equal_but_for_one_part_are_ordered_by_that_part(name, better, worse, asks, catalogue, policy, today):
    what = dataclasses.replace(TASK, **asks)

    first = fit_of(dataclasses.replace(PERSON, **better), what, catalogue, policy, today)
    second = fit_of(dataclasses.replace(PERSON, **worse), what, catalogue, policy, today)

    assert (first.points, -first.distance_km) > (second.points, -second.distance_km), name


NEVER_USED = {
    "first_name": "Xxxxxx",
    "declared_statuses": ["rva", "leefloon"],
    "story": "Iets heel anders.",
    "digital": "good",
    "transport": "car",
    "channel": "email",
}


def test_names_statuses_stories_and_channels_change_nothing_byte_for_byte(
    sample_file, form, world, catalogue, policy, today
):
    data = sample_file("volunteers")
    for record in data["items"]:
        record.update(NEVER_USED)
        record["age"] = {15: 15, 16: 17, 18: 20, 21: 99}[max(age for age in (15, 16, 18, 21) if age <= record["age"])]
    changed = citysample.read(json.dumps(data).encode(), file="volunteers.json", kind="volunteers", form=form)
    tasks = [citysample.to_opportunity(record) for record in world["opportunities"].records]

    def lists(sample):
        people = [citysample.to_profile(record) for record in sample.records]
        result = engine.rank(people, tasks, catalogue=catalogue, policy=policy, today=today)
        return repr(
            [(code, ranking.fits, sorted(ranking.blocked.items())) for code, ranking in result.rankings.items()]
        )

    assert lists(changed) == lists(world["volunteers"])


def test_matching_has_no_field_for_what_it_may_never_use():
    fields = {field.name for field in dataclasses.fields(TalentProfile)}

    assert not fields & {
        "first_name",
        "name",
        "sex",
        "gender",
        "origin",
        "nationality",
        "declared_statuses",
        "story",
        "guided_by",
        "channel",
        "digital",
    }
