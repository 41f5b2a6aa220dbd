"""The table of levels before support, row by row, and the labels (matching rules 8)."""

import pytest
from make import task

from matching.threshold import levels_before_support, thresholds

SEVEN = tuple(f"{day}-morning" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
LEVELS = [
    ("taal", {"dutch_min": "A1"}, 0), ("taal", {"dutch_min": "A2"}, 1), ("taal", {"dutch_min": "B1"}, 1),
    ("taal", {"dutch_min": "B2"}, 2), ("taal", {"dutch_min": "C2"}, 2),
    ("lezen_schrijven", {}, 0), ("lezen_schrijven", {"features": {"lezen"}}, 1),
    ("lezen_schrijven", {"features": {"lezen", "schrijven"}}, 2),
    ("ervaring", {}, 0), ("ervaring", {"support": {"vorming"}}, 1), ("ervaring", {"talents_any_of": {"naaien"}}, 2),
    ("ervaring", {"talents_any_of": {"naaien"}, "support": {"vorming"}}, 2),
    ("attest", {}, 0), ("attest", {"driving_licence_b": True}, 2),
    ("strafregister", {}, 0), ("strafregister", {"extract_596_2": True}, 2),
    ("fysiek", {}, 0), ("fysiek", {"features": {"bukken"}}, 1), ("fysiek", {"features": {"trappen", "duwen"}}, 2),
    ("digitaal", {}, 0), ("digitaal", {"features": {"computer"}}, 2),
    ("duur", {"commitment": "once"}, 0), ("duur", {"commitment": "flexible"}, 0), ("duur", {"commitment": "short"}, 1),
    ("duur", {"commitment": "fixed"}, 2),
    ("vaste_uren", {"frequency": "flexible"}, 0), ("vaste_uren", {"frequency": "once"}, 0),
    ("vaste_uren", {"slots": SEVEN, "choose": "all", "commitment": "fixed"}, 0),
    ("vaste_uren", {"choose": "one_or_more", "commitment": "fixed"}, 1),
    ("vaste_uren", {"choose": "all", "commitment": "fixed", "frequency": "monthly"}, 1),
    ("vaste_uren", {"choose": "all", "commitment": "fixed", "frequency": "every_two_weeks"}, 1),
    ("vaste_uren", {"choose": "all", "commitment": "flexible"}, 1),
    ("vaste_uren", {"choose": "all", "commitment": "fixed"}, 2),
    ("kost", {"expenses": {"travel"}}, 0), ("kost", {"expenses": set()}, 1),
    ("kost", {"expenses": set(), "at_home": True}, 0), ("kost", {"costs": "advance"}, 2), ("kost", {"costs": "own"}, 2),
    ("bereikbaar", {}, 1), ("bereikbaar", {"postcode": "2180"}, 2), ("bereikbaar", {"postcode": "2040"}, 2),
    ("bereikbaar", {"at_home": True, "postcode": "2180"}, 0), ("bereikbaar", {"own_neighbourhood": True}, 0),
    ("toegankelijk", {}, 0), ("toegankelijk", {"wheelchair": "partly"}, 1), ("toegankelijk", {"wheelchair": "no"}, 2),
    ("toegankelijk", {"wheelchair": "no", "at_home": True}, 0),
    ("alleen", {}, 0), ("alleen", {"company": "pair"}, 1), ("alleen", {"company": "alone", "features": {"alleen"}}, 2),
    ("verantwoordelijkheid", {}, 0), ("verantwoordelijkheid", {"features": {"privacy"}}, 1),
    ("verantwoordelijkheid", {"features": {"kinderen"}}, 1), ("verantwoordelijkheid", {"features": {"geld"}}, 2),
    ("verantwoordelijkheid", {"features": {"verkeer"}}, 2), ("verantwoordelijkheid", {"features": {"alleen"}}, 0),
    ("verantwoordelijkheid", {"features": {"alleen", "huisbezoek"}}, 2),
    ("aanmelden", {}, 1), ("aanmelden", {"support": {"langskomen"}}, 0), ("aanmelden", {"extract_596_2": True}, 2),
    ("aanmelden", {"extract_596_2": True, "support": {"langskomen"}}, 0),
]  # fmt: skip


@pytest.mark.parametrize(("factor", "changes", "level"), LEVELS)
def test_a_factor_before_support(factor, changes, level, policy):
    assert levels_before_support(task(**changes), policy)[factor] == level


def test_support_adds_up_and_never_goes_below_zero(catalogue, policy):
    found = thresholds(task(dutch_min="B2", support={"buddy", "taalbuddy", "pictos"}), catalogue, policy)

    assert (found.before["taal"], found.after["taal"]) == (2, 0)


def test_costs_paid_beforehand_take_two_levels_off(catalogue, policy):
    assert thresholds(task(costs="own", support={"kosten_vooraf"}), catalogue, policy).after["kost"] == 0


def test_experience_stays_a_step_when_a_talent_is_needed(catalogue, policy):
    found = thresholds(task(talents_any_of={"naaien"}, support={"buddy", "vorming", "meelopen"}), catalogue, policy)

    assert found.after["ervaring"] == 1


LABELS = [
    ({"support": {"langskomen"}}, "laag"),
    ({"support": {"langskomen"}, "wheelchair": "no"}, "laag"),
    ({"support": {"langskomen"}, "features": {"computer"}}, "midden"),
    ({"dutch_min": "A2", "features": {"lezen", "bukken"}, "wheelchair": "partly", "company": "pair"}, "midden"),
    ({"dutch_min": "B2", "features": {"lezen", "bukken"}, "wheelchair": "partly", "company": "pair"}, "hoog"),
    ({"features": {"computer", "tillen", "geld"}, "wheelchair": "no"}, "hoog"),
]


@pytest.mark.parametrize(("changes", "label"), LABELS)
def test_the_label(changes, label, catalogue, policy):
    assert thresholds(task(**changes), catalogue, policy).label == label
