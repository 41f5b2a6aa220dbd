"""What a round could not solve is counted, with what would help, and shown to the volunteer point alone."""

import dataclasses

import pytest
from django.utils.html import escape

from backend.coordination.actions import publish_drafts
from backend.opportunities.actions import publish_opportunity
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.models import Opportunity
from backend.placements import rounds
from backend.placements.resident import resident_of
from backend.talent.actions import pack_volunteers
from backend.talent.case import facts_of as profile_facts
from backend.talent.models import TalentProfile, Volunteer
from matching import engine
from matching.catalogue import load_catalogue


@pytest.fixture
def gaps(small_city, now):
    """Everything is online, and P37 is never free."""
    publish_drafts(small_city.slug, now=now)
    TalentProfile.objects.filter(volunteer__external_id="P37").update(available=[])
    pack_volunteers(small_city.slug, Volunteer.objects.filter(external_id="P37"))
    return rounds.run_round(small_city.slug, now=now)


def plain(small_city, now, people=None, tasks=None):
    catalogue, policy = load_catalogue(), small_city.matching.policy
    people = people or [profile_facts(one, now.date()) for one in Volunteer.objects.all()]
    tasks = tasks or [opportunity_facts(one) for one in Opportunity.objects.filter(state="published")]
    result = engine.rank(people, tasks, catalogue=catalogue, policy=policy, today=now.date(), spread=False)
    return {(who, key) for who, ranking in result.rankings.items() for key in ranking.fits}


def test_what_fits_nobody_and_whom_nothing_fits_is_what_the_plain_engine_says(gaps, small_city, now):
    fitting = plain(small_city, now)

    tasks = {str(one.pk): one.external_id for one in Opportunity.objects.filter(state="published")}
    people = {str(one.pk): one.external_id for one in Volunteer.objects.all()}
    assert {tasks[one["id"]] for one in gaps.gaps["opportunities"]} == set(tasks.values()) - {key for _, key in fitting}
    assert {people[one["id"]] for one in gaps.gaps["people"]} == set(people.values()) - {who for who, _ in fitting}
    assert "P37" in {people[one["id"]] for one in gaps.gaps["people"]}


def test_every_number_of_people_more_is_what_happens_when_the_opportunity_changes(gaps, small_city, now):
    counted = 0
    for stuck in gaps.gaps["opportunities"]:
        facts = opportunity_facts(Opportunity.objects.get(pk=stuck["id"]))
        for code, value, more in stuck["changes"]:
            if code == "dutch":
                assert len(plain(small_city, now, tasks=[dataclasses.replace(facts, dutch_min=value)])) == more
                counted += 1
            if code == "support":
                changed = dataclasses.replace(facts, support=facts.support | {value})
                assert len(plain(small_city, now, tasks=[changed])) == more
                counted += 1
    assert counted


def test_a_person_for_whom_nothing_fits_gets_at_most_two_things_to_widen(gaps, small_city, now):
    [mine] = [one for one in gaps.gaps["people"] if one["id"] == str(Volunteer.objects.get(external_id="P37").pk)]

    assert mine["factors"][0][0] == "time"
    assert 1 <= len(mine["changes"]) <= 2
    assert {code for code, _value, _more in mine["changes"]} <= {"day", "km", "hours", "commitment"}


def test_supply_without_demand_counts_from_three_people_on(gaps, small_city):
    for one in gaps.gaps["supply"]:
        held = TalentProfile.objects.filter(
            neighbourhood=one["neighbourhood"], talents__talent=one["talent"], talents__level__gte=2
        )
        asked = Opportunity.objects.filter(state="published", neighbourhood=one["neighbourhood"])
        assert held.count() == one["people"] >= 3
        assert not asked.filter(talents_any_of__contains=[one["talent"]]).exists()
        assert not asked.filter(talents_welcome__contains=[one["talent"]]).exists()


def test_supply_that_nobody_asks_in_a_neighbourhood_is_listed(small_city, opportunity, now):
    publish_opportunity(opportunity, now=now)
    for volunteer in Volunteer.objects.order_by("external_id")[:3]:
        TalentProfile.objects.filter(volunteer=volunteer).update(neighbourhood="Luchtbal")
        volunteer.profile.talents.all().delete()
        volunteer.profile.talents.create(talent="naaien", level=2)
    pack_volunteers(small_city.slug, Volunteer.objects.all())

    found = rounds.run_round(small_city.slug, now=now)

    assert {"neighbourhood": "Luchtbal", "talent": "naaien", "people": 3} in found.gaps["supply"]


def test_a_twin_with_another_name_age_status_and_language_gets_the_same_list(gaps):
    assert gaps.fairness["practice_test"] == {"people": 25, "different": 0}


def test_a_first_language_that_nobody_asks_is_only_a_sign_of_origin_and_changes_nothing(small_city, now):
    """Swapped for another one, not for Dutch: more Dutch does open doors."""
    publish_drafts(small_city.slug, now=now)
    for one in Volunteer.objects.select_related("profile"):
        one.profile.languages.all().delete()
        one.profile.languages.create(language="nl", level="A1")
        one.profile.languages.create(language="zh", level="C2")
    pack_volunteers(small_city.slug, Volunteer.objects.all())

    assert rounds.practice_test(resident_of(small_city.slug, now)) == {"people": 25, "different": 0}


def test_the_practice_test_would_see_it_if_age_counted(small_city, now, monkeypatch):
    publish_drafts(small_city.slug, now=now)
    honest = rounds.profile_facts

    def unfair(volunteer, today):
        facts = honest(volunteer, today)
        return dataclasses.replace(facts, max_km=0.5) if volunteer.first_name == "Anders" else facts

    monkeypatch.setattr(rounds, "profile_facts", unfair)

    assert rounds.practice_test(resident_of(small_city.slug, now))["different"] > 0


def test_the_page_says_what_is_stuck_and_what_helps(gaps, client, coordinator):
    client.force_login(coordinator)

    page = client.get("/coordinatie/gaten/").content.decode()

    stuck = Opportunity.objects.filter(pk__in=[one["id"] for one in gaps.gaps["opportunities"]])
    assert stuck
    for one in stuck:
        assert escape(one.title) in page
    assert Volunteer.objects.get(external_id="P37").first_name in page
    assert "iedereen kreeg dezelfde lijst" in page
    assert "meer" in page


def test_before_the_first_round_the_page_says_so(client, coordinator):
    client.force_login(coordinator)

    assert "Er was nog geen ronde." in client.get("/coordinatie/gaten/").content.decode()


def test_groups_under_five_are_not_shown(gaps, client, coordinator):
    client.force_login(coordinator)

    page = client.get("/coordinatie/gaten/").content.decode()

    shown = page.split("Wie kreeg een voorstel?")[-1]
    for name, (_served, count) in gaps.fairness["neighbourhoods"].items():
        assert (f">{name}<" in shown) == (count >= 5)


def test_every_change_and_every_value_has_words():
    import inspect
    import re

    from backend.coordination import queries
    from matching import whatif

    source = inspect.getsource(whatif.easier) + inspect.getsource(whatif._wider)
    codes = set(re.findall(r'yield "(\w+)"', source))
    assert codes == set(queries.CHANGE_WORDS)
    assert set(whatif.HELPING_SUPPORT) <= set(load_catalogue().support)
    assert set(whatif.DAYS) == set(queries.DAY_WORDS)
