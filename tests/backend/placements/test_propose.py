"""Who gets which proposal now, and who gets none."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.actions import publish_opportunity
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, queries, rounds, states
from backend.placements.models import Proposal, Round, SplitRound
from backend.placements.resident import forget, resident_of
from backend.talent import queries as talent_queries
from backend.talent.actions import set_contact_rules
from backend.talent.case import facts_of, packed
from backend.talent.models import Consent, Volunteer
from matching.packing import layout_for

DEMO = Path(__file__).resolve().parents[3] / "backend" / "city" / "antwerpen" / "demo"


def made_events():
    return Event.objects.filter(name="proposal.made").count()


def test_a_round_gives_everybody_one_proposal_and_counts_what_it_saw(small_city, now):
    publish_drafts(small_city.slug, now=now)

    found = rounds.run_round(small_city.slug, now=now)

    assert (found.people, found.opportunities, found.pairs) == (25, 25, 625)
    assert found.proposals == Proposal.objects.count() == made_events() == 25
    assert Proposal.objects.values("volunteer").distinct().count() == 25
    assert found.blocked["talent"] > 200


def test_a_second_round_right_after_proposes_nothing_new(small_city, now):
    publish_drafts(small_city.slug, now=now)
    rounds.run_round(small_city.slug, now=now)

    again = rounds.run_round(small_city.slug, now=now)

    assert again.proposals == 0
    assert (Proposal.objects.count(), made_events(), Round.objects.count()) == (25, 25, 2)


def test_the_index_of_the_server_gives_the_same_lists_as_the_command(small_city, now):
    publish_drafts(small_city.slug, now=now)
    printed = subprocess.run(
        [sys.executable, "-m", "matching", str(DEMO), "--no-spread"], check=True, capture_output=True, text=True
    )
    keys = {one.pk: one.external_id for one in Opportunity.objects.all()}

    lists = {
        one.external_id: [keys[pk] for pk in ranked_for(one, small_city, now).ids()] for one in Volunteer.objects.all()
    }

    assert lists == json.loads(printed.stdout)


def ranked_for(volunteer, place, now):
    layout = layout_for(place.matching.policy)
    return resident_of(place.slug, now).ranked_for(packed(volunteer, layout))


def test_a_new_opportunity_is_proposed_to_whom_it_fits(small_city, opportunity, now):
    publish_opportunity(opportunity, now=now)

    made = actions.propose_for_opportunity(opportunity.pk, now=now)

    fitting = {"P07", "P16", "P17", "P18", "P19", "P21", "P23", "P24", "P27", "P33", "P35", "P36", "P37"}
    guided = {"P16", "P18", "P23", "P24", "P33", "P35", "P36"}
    assert {proposal.volunteer.external_id for proposal in made} == fitting
    assert guided < fitting
    assert actions.propose_for_opportunity(opportunity.pk, now=now) == []


def test_when_only_one_person_is_looked_at_spread_counts_what_all_the_others_have(
    published, volunteer, small_city, now
):
    """With one place and twelve others who have it already, nobody may be told that they still look for somebody."""
    Opportunity.objects.filter(pk=published.pk).update(reserved_places=0)
    others = Volunteer.objects.exclude(pk=volunteer.pk)
    for other in others[:12]:
        Proposal.objects.create(
            opportunity=published, volunteer=other, parts=[], points=0, distance_km=1, reasons=[], not_perfect=[],
            easy_start=[], for_organisation=[], made_at=now, answer_until=now + timedelta(days=7),
        )  # fmt: skip

    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)

    [spread] = [part for part in made.parts if part["code"] == "spread"]
    assert (spread["raw"], spread["points"] < 0) == (12, True)
    assert "wanted" not in [line["code"] for line in made.reasons]


def test_when_nobody_else_has_it_spread_says_that_they_still_look_for_somebody(published, volunteer, now):
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)

    [spread] = [part for part in made.parts if part["code"] == "spread"]
    assert (spread["raw"], spread["points"]) == (0, 5000)


@pytest.mark.parametrize("why", ["", "unconfirmed", "paused", "consent withdrawn", "consent over", "elsewhere"])
def test_one_active_person_is_read_as_all_of_them_are(why, small_city, volunteer, now):
    person = Volunteer.objects.filter(pk=volunteer.pk)
    consent = Consent.objects.filter(volunteer=volunteer)
    if why == "unconfirmed":
        person.update(state="prospect")
    elif why == "paused":
        person.update(paused_until=now.date())
    elif why == "consent withdrawn":
        consent.update(withdrawn_at=now)
    elif why == "consent over":
        consent.update(given_at=now - timedelta(days=900), until=now - timedelta(days=800))
    elif why == "elsewhere":
        person.update(city="zilverstad")

    at_once = talent_queries.one_active(volunteer.pk, small_city.slug, now.date())
    among_all = talent_queries.active(small_city.slug, now.date()).filter(pk=volunteer.pk).first()

    assert (at_once is None) == (among_all is None) == bool(why)
    if not why:
        assert facts_of(at_once, now.date()) == facts_of(among_all, now.date())


@pytest.mark.parametrize("state", states.PROPOSAL_STATES)
def test_how_much_one_person_wants_is_the_same_asked_alone_or_with_many(state, published, volunteer, small_city, now):
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now - timedelta(days=1))
    place = "open" if state == states.ACCEPTED else None
    Proposal.objects.filter(pk=made.pk).update(state=state, place=place, answered_at=now)
    policy = small_city.matching.policy

    person, alone = queries.one_wanting(volunteer.pk, small_city.slug, now.date(), policy, now)

    assert person == volunteer
    assert alone == queries.wanted([volunteer], policy, now)[volunteer.pk]


@pytest.mark.parametrize("change", [
    {}, {"state": "draft"}, {"period_from": date(2027, 1, 1), "period_until": date(2027, 2, 1)},
    {"taken_open": 2, "taken_reserved": 4}, {"city": "zilverstad"},
])  # fmt: skip
def test_what_is_free_now_is_what_is_published_with_a_free_place(change, published, small_city, now):
    Opportunity.objects.filter(pk=published.pk).update(**change)

    at_once = opportunity_queries.free_now([published.pk], small_city.slug, now.date())
    online = opportunity_queries.published(small_city.slug, now.date())
    among_all = opportunity_queries.with_a_free_place(online).filter(pk=published.pk)

    assert [one.pk for one in at_once] == [one.pk for one in among_all]
    assert bool(at_once) == (not change)
    for one, other in zip(at_once, among_all, strict=True):
        assert opportunity_facts(one) == opportunity_facts(other)


def test_more_pairs_than_four_bytes_count_can_be_noted(small_city, now):
    publish_drafts(small_city.slug, now=now)
    found = rounds.run_round(small_city.slug, now=now)

    Round.objects.filter(pk=found.pk).update(pairs=1_000_000 * 10_000)

    assert Round.objects.get(pk=found.pk).pairs == 10**10


def test_the_reasons_and_the_parts_are_stored_with_the_proposal(proposal):
    assert proposal.points == sum(part["points"] for part in proposal.parts)
    assert 2 <= len(proposal.reasons) <= 4


@pytest.mark.parametrize("why", ["unconfirmed", "paused", "consent withdrawn", "consent over"])
def test_nobody_is_proposed_anything_who_did_not_ask_for_it(why, published, volunteer, now):
    if why == "unconfirmed":
        Volunteer.objects.filter(pk=volunteer.pk).update(state="prospect")
    elif why == "paused":
        set_contact_rules(volunteer, paused_until=now.date())
    elif why == "consent withdrawn":
        Consent.objects.filter(volunteer=volunteer).update(withdrawn_at=now)
    else:
        Consent.objects.filter(volunteer=volunteer).update(
            given_at=now - timedelta(days=900), until=now - timedelta(days=800)
        )

    assert actions.propose_for_volunteer(volunteer.pk, now=now) == []
    assert made_events() == 0


def test_r047_after_the_pause_proposals_come_again(published, volunteer, now):
    set_contact_rules(volunteer, paused_until=now.date())

    assert len(actions.propose_for_volunteer(volunteer.pk, now=now + timedelta(days=1))) == 1


def days_with_proposals(volunteer, now, days):
    """Say no to everything and ask again every day."""
    found = []
    for day in range(days):
        moment = now + timedelta(days=day)
        for made in actions.propose_for_volunteer(volunteer.pk, now=moment):
            actions.answer_proposal(made.pk, "no", source="link", now=moment)
            found.append(day)
    return found


def test_until_somebody_sets_a_number_two_proposals_come_in_14_days(small_city, volunteer, now):
    publish_drafts(small_city.slug, now=now)

    assert days_with_proposals(volunteer, now, 30) == [0, 1, 14, 15, 28, 29]


def test_r070_one_a_week_is_at_most_five_in_30_days(small_city, volunteer, now):
    publish_drafts(small_city.slug, now=now)
    volunteer.proposals_per_week = 1
    volunteer.save()

    assert days_with_proposals(volunteer, now, 30) == [0, 7, 14, 21, 28]


def test_while_one_is_open_no_second_one_comes(small_city, volunteer, now):
    publish_drafts(small_city.slug, now=now)

    assert len(actions.propose_for_volunteer(volunteer.pk, now=now)) == 1
    assert actions.propose_for_volunteer(volunteer.pk, now=now + timedelta(days=2)) == []


def test_after_two_unanswered_proposals_we_rest(small_city, volunteer, now):
    publish_drafts(small_city.slug, now=now)
    for day in (0, 8):
        moment = now + timedelta(days=day)
        assert len(actions.propose_for_volunteer(volunteer.pk, now=moment)) == 1
        actions.expire_proposals(now=moment + timedelta(days=7, seconds=1))

    assert actions.propose_for_volunteer(volunteer.pk, now=now + timedelta(days=60)) == []


@pytest.mark.parametrize("wants", [True, False])
def test_r063_who_asked_for_it_gets_something_else_once_in_five_and_never_first(wants, small_city, now):
    publish_drafts(small_city.slug, now=now)
    volunteer = max(Volunteer.objects.all(), key=lambda one: len(ranked_ids(one, small_city, now)))
    volunteer.proposals_per_week = 1
    volunteer.save()
    set_contact_rules(volunteer, wants_surprise=wants)
    got = []
    for week in range(8):
        for made in actions.propose_for_volunteer(volunteer.pk, now=now + timedelta(days=8 * week)):
            got.append(made)
            actions.answer_proposal(made.pk, "no", source="link", now=made.made_at)

    themes = set(volunteer.profile.themes)
    others = [place for place, one in enumerate(got, start=1) if one.is_surprise]
    assert len(got) >= 5
    assert others == ([5] if wants else [])
    assert all(themes.isdisjoint(one.opportunity.themes) for one in got if one.is_surprise)


def ranked_ids(volunteer, place, now):
    ranked = ranked_for(volunteer, place, now)
    return ranked.ids() if len(ranked.others().rows) else []


def test_a_round_gives_the_surprises_too(small_city, now):
    publish_drafts(small_city.slug, now=now)
    volunteer = max(Volunteer.objects.all(), key=lambda one: len(ranked_ids(one, small_city, now)))
    for place in range(4):
        moment = now + timedelta(days=20 * place)
        [made] = actions.propose_for_volunteer(volunteer.pk, now=moment)
        actions.answer_proposal(made.pk, "no", source="link", now=moment)
    set_contact_rules(volunteer, wants_surprise=True)

    rounds.run_round(small_city.slug, now=now + timedelta(days=90))

    assert Proposal.objects.filter(volunteer=volunteer, is_surprise=True).count() == 1


def test_a_round_says_how_fair_it_was(small_city, now):
    publish_drafts(small_city.slug, now=now)

    found = rounds.run_round(small_city.slug, now=now)

    told = found.fairness
    assert told["everybody"] == [25, 25]
    assert [sum(pair) for pair in zip(told["guided"], told["not_guided"], strict=True)] == told["everybody"]
    assert sum(count for _served, count in told["neighbourhoods"].values()) == 25
    assert told["languages"]["nl"][1] > told["little_dutch"][1] > 0
    assert 0 <= told["gini"]["opportunities"][0] <= told["gini"]["opportunities"][1]
    assert found.gap <= 0.0001


def test_parts_of_a_round_add_up_to_the_stored_points(small_city, now):
    publish_drafts(small_city.slug, now=now)
    rounds.run_round(small_city.slug, now=now)

    for proposal in Proposal.objects.all():
        assert proposal.points == sum(part["points"] for part in proposal.parts)
        assert "spread" in [part["code"] for part in proposal.parts]


def test_the_same_pair_is_never_proposed_again(proposal, volunteer, now):
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)

    assert actions.propose_for_volunteer(volunteer.pk, now=now + timedelta(days=60)) == []


def test_a_full_opportunity_is_not_proposed(published, volunteer, now):
    Opportunity.objects.filter(pk=published.pk).update(taken_open=2)

    assert actions.propose_for_volunteer(volunteer.pk, now=now) == []


def test_reserved_places_stay_for_guided_people(published, small_city, now):
    Opportunity.objects.filter(pk=published.pk).update(taken_open=2)

    made = actions.propose_for_opportunity(published.pk, now=now)

    assert made
    assert all(one.volunteer.guided_by for one in made)


def test_an_organisation_that_can_welcome_two_people_gets_two(opportunity, now):
    opportunity.organisation.monthly_welcome_capacity = 2
    opportunity.organisation.save()
    publish_opportunity(opportunity, now=now)

    assert len(actions.propose_for_opportunity(opportunity.pk, now=now)) == 2
    assert actions.propose_for_opportunity(opportunity.pk, now=now) == []
    assert len(actions.propose_for_opportunity(opportunity.pk, now=now + timedelta(days=31))) == 2


def test_r033_who_is_third_this_month_gets_no_proposal_and_the_page_says_that_it_takes_patience(
    client, opportunity, monkeypatch
):
    now = timezone.now()
    opportunity.organisation.monthly_welcome_capacity = 2
    opportunity.organisation.save()
    publish_opportunity(opportunity, now=now)
    assert "Even geduld." not in client.get(f"/taken/{opportunity.pk}/").content.decode()

    assert len(actions.propose_for_opportunity(opportunity.pk, now=now)) == 2

    assert "Even geduld." in client.get(f"/taken/{opportunity.pk}/").content.decode()
    next_month = (now.replace(day=1) + timedelta(days=32)).replace(day=2)
    monkeypatch.setattr(timezone, "now", lambda: next_month)
    assert "Even geduld." not in client.get(f"/taken/{opportunity.pk}/").content.decode()


def test_an_opportunity_never_has_more_than_three_open_proposals_for_a_free_place(opportunity, now):
    opportunity.places, opportunity.reserved_places = 2, 0
    opportunity.save()
    publish_opportunity(opportunity, now=now)

    assert len(actions.propose_for_opportunity(opportunity.pk, now=now)) == 6


def test_a_past_period_is_not_proposed(small_city, now):
    party = Opportunity.objects.get(external_id="T21")
    publish_opportunity(party, now=now)

    assert actions.propose_for_opportunity(party.pk, now=now.replace(month=9, day=5)) == []


def test_a_pair_with_too_few_reasons_waits_for_a_matchmaker(published, volunteer, small_city, now, monkeypatch):
    import dataclasses

    place = small_city
    strict = dataclasses.replace(place.matching, policy=dataclasses.replace(place.matching.policy, reasons_min=9))
    place = dataclasses.replace(place, matching=strict)
    for room in ("actions", "resident"):
        monkeypatch.setattr(f"backend.placements.{room}.city", lambda slug: place)

    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)

    assert made.state == states.HELD
    assert made_events() == 0


@pytest.mark.parametrize(("hour", "due_hour", "days_later"), [(10, 10, 0), (22, 8, 1), (5, 8, 0)])
def test_a_proposal_made_at_night_is_told_in_the_morning(hour, due_hour, days_later, proposal, now, small_city):
    from zoneinfo import ZoneInfo

    from backend.placements import messages
    from notifications.models import Delivery

    local = now.astimezone(ZoneInfo("Europe/Brussels")).replace(hour=hour)

    actions.tell(messages.about_proposal(proposal), small_city, now=local)

    due = Delivery.objects.get().due_at.astimezone(ZoneInfo("Europe/Brussels"))
    assert (due.hour, (due.date() - local.date()).days) == (due_hour, days_later)


def test_parts_of_several_matchers_together_give_the_round_of_one(small_city, now, settings):
    publish_drafts(small_city.slug, now=now)
    [alone] = [rounds.run_round(small_city.slug, now=now)]
    expected = set(Proposal.objects.values_list("volunteer_id", "opportunity_id", "points"))
    Proposal.objects.all().delete()
    settings.SPLIT_FROM_MILLION_PAIRS, settings.SPLIT_PARTS = 0, 3

    assert rounds.run_round(small_city.slug, now=now) is None
    assert rounds.run_round(small_city.slug, now=now) is None  # a second one waits for the first
    split = SplitRound.objects.get()
    due = [one.payload for one in Event.objects.filter(name="round.part_due")]
    for payload in due:
        forget()  # every part by a matcher of its own
        for _twice in range(2):
            rounds.rank_part(split.pk, int(payload["number"]))
    forget()
    together = rounds.finish_round(split.pk, now=now)

    assert [payload["number"] for payload in due] == ["0", "1", "2"]
    assert Event.objects.filter(name="round.ranked").count() == 1
    assert set(Proposal.objects.values_list("volunteer_id", "opportunity_id", "points")) == expected
    assert (together.pairs, together.proposals, together.gaps) == (alone.pairs, alone.proposals, alone.gaps)
    assert rounds.finish_round(split.pk, now=now) is None
    assert Round.objects.count() == 2


def test_what_was_proposed_while_parts_were_ranked_is_not_proposed_again(small_city, now, settings):
    publish_drafts(small_city.slug, now=now)
    settings.SPLIT_FROM_MILLION_PAIRS, settings.SPLIT_PARTS = 0, 2
    rounds.run_round(small_city.slug, now=now)
    split = SplitRound.objects.get()
    Volunteer.objects.update(proposals_per_week=5)
    for number in range(2):
        rounds.rank_part(split.pk, number)
    [early] = [actions.propose_for_volunteer(Volunteer.objects.get(external_id="P37").pk, now=now)]

    rounds.finish_round(split.pk, now=now)

    assert early
    pairs = list(Proposal.objects.values_list("volunteer_id", "opportunity_id"))
    assert len(pairs) == len(set(pairs)) > len(early)


def test_a_round_with_very_many_proposals_goes_on_in_the_next(small_city, now, monkeypatch):
    publish_drafts(small_city.slug, now=now)
    Event.objects.all().delete()
    monkeypatch.setattr(rounds, "MADE_IN_A_ROUND", 10)
    made = []
    for _turn in range(4):
        made.append(rounds.run_round(small_city.slug, now=now).proposals)
        if not Event.objects.filter(name="city.changed").delete()[0]:
            break

    assert made == [10, 10, 5]


def test_a_split_round_that_never_ended_makes_room_after_two_hours(small_city, now, settings):
    publish_drafts(small_city.slug, now=now)
    settings.SPLIT_FROM_MILLION_PAIRS = 0
    rounds.run_round(small_city.slug, now=now)
    first = SplitRound.objects.get().pk

    rounds.run_round(small_city.slug, now=now + timedelta(hours=3))

    assert SplitRound.objects.get().pk != first
    rounds.rank_part(first, 0)
    assert rounds.finish_round(first, now=now) is None
