"""What would fit if one thing changed is what the plain engine says when it does change."""

import dataclasses

import numpy as np
from cities import TODAY, Packed, city, who

from matching import engine, packing, whatif
from matching.policy import Policy
from matching.types import DAY_PARTS

POLICY = Policy()


def eligible(profiles, opportunities, catalogue):
    result = engine.rank(profiles, opportunities, catalogue=catalogue, policy=POLICY, today=TODAY, spread=False)
    return {(person, key) for person, ranking in result.rankings.items() for key in ranking.fits}


def test_every_change_of_an_opportunity_adds_as_many_people_as_the_plain_engine_counts(catalogue):
    profiles, opportunities = city(21, 150, 25, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    layout = packed.people.layout
    seen = set()

    for one in opportunities:
        now = eligible(profiles, [one], catalogue)
        changes = whatif.for_opportunity(one, packed.people, layout, catalogue, POLICY)
        told = {(change.code, change.value): change.more for change in changes}
        for code, value, changed in whatif.easier(one):
            more = len(eligible(profiles, [changed], catalogue) - now)
            assert told.get((code, value), 0) == more
        seen |= set(told)
        assert [change.more for change in changes] == sorted((change.more for change in changes), reverse=True)

    assert {"dutch", "support", "talent_welcome", "commitment"} <= {code for code, _value in seen}


def test_every_change_of_a_person_adds_as_many_opportunities_as_the_plain_engine_counts(catalogue):
    profiles, opportunities = city(22, 20, 90, catalogue)
    packed = Packed(profiles, opportunities, catalogue, POLICY)
    seen = set()

    for one in profiles:
        standing = packing.Standing(who(one.id), one.age, TODAY)
        now = eligible([one], opportunities, catalogue)
        told = {
            (change.code, change.value): change.more
            for change in whatif.for_person(one, standing, packed.opportunities, packed.people.layout, POLICY)
        }
        for code, value, changed in whatif._wider(one):
            assert told.get((code, value), 0) == len(eligible([changed], opportunities, catalogue) - now)
        seen |= {code for code, _value in told}

    assert {"day", "km", "commitment"} <= seen


def test_nobody_is_ever_asked_to_give_up_a_boundary_or_an_excluded_theme(catalogue):
    profiles, _ = city(23, 40, 1, catalogue)

    for one in profiles:
        for _code, _value, changed in whatif._wider(one):
            same = {field.name for field in dataclasses.fields(one)} - {
                "available", "max_km", "max_hours_per_week", "max_commitment",
            }  # fmt: skip
            assert all(getattr(changed, name) == getattr(one, name) for name in same)


def test_a_whole_day_more_is_counted_at_once(catalogue):
    [profile], [task] = city(24, 1, 1, catalogue)
    open_to_all = dataclasses.replace(
        task, slots=("sat-morning",), choose="all", dutch_min="A0", languages_any_of=frozenset(), min_age=15,
        talents_any_of=frozenset(), driving_licence_b=False, features=frozenset(), commitment="once", costs="none",
        wheelchair="yes", themes=frozenset({"buurt"}), at_home=True, own_neighbourhood=False,
        support=frozenset({"kinderen_mee"}), extract_596_2=False,
    )  # fmt: skip
    busy = dataclasses.replace(
        profile, available=frozenset({"mon-morning"}), themes_excluded=frozenset(), age=21, boundaries=frozenset(),
        max_hours_per_week=type(profile.max_hours_per_week)(40),
    )  # fmt: skip
    packed = Packed([busy], [open_to_all], catalogue, POLICY)
    standing = packing.Standing(who(busy.id), 21, TODAY)

    changes = whatif.for_person(busy, standing, packed.opportunities, packed.people.layout, POLICY)

    assert [(change.code, change.value, change.more) for change in changes] == [("day", "sat", 1)]
    assert len(DAY_PARTS) == 3
    assert np.array_equal(packed.index.eligible_opportunities(0), [])
