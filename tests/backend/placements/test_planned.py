"""A round that a person looks at: nothing goes out before, nobody is told twice, and what changed meanwhile holds."""

from datetime import timedelta

import pytest

from backend.city import load
from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, planned, rounds, states, tasks
from backend.placements.models import PlannedPair, PlannedRound, Proposal
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db
LATER = planned.STOP_WINDOW + timedelta(seconds=1)


@pytest.fixture
def online(small_city, now):
    publish_drafts(small_city.slug, now=now)
    Event.objects.all().delete()
    return small_city


def planned_now(place, now, preset="fair"):
    made = planned.ask_for(place.slug, preset)
    planned.plan(made.pk, now=now)
    return PlannedRound.objects.get(pk=made.pk)


def test_planning_makes_no_proposal_and_shows_exactly_what_a_round_would_make(online, now):
    ready = planned_now(online, now)

    assert ready.state == states.READY
    assert not Proposal.objects.exists()
    assert [one.name for one in Event.objects.all()] == ["planned_round.asked"]
    shown = {(one.volunteer_id, one.opportunity_id, one.spread) for one in ready.pairs.all()}
    rounds.run_round(online.slug, now=now)
    made = {
        (one.volunteer_id, one.opportunity_id, next(part["points"] for part in one.parts if part["code"] == "spread"))
        for one in Proposal.objects.all()
    }
    assert shown == made
    assert ready.figures["pairs"] == len(shown)
    assert ready.figures["served"] + ready.figures["nothing_fits"] + ready.figures["no_place"] == ready.figures["may"]


def test_published_it_goes_out_after_ten_minutes_and_once(online, now):
    ready = planned_now(online, now)
    count = ready.pairs.count()
    planned.publish(ready.pk, now=now)
    again = planned.publish(ready.pk, now=now + timedelta(minutes=5))

    assert again.goes_out_at == now + planned.STOP_WINDOW
    assert planned.send_due(now=now + timedelta(minutes=9)) == 0
    assert planned.send_due(now=now + LATER) == count
    assert planned.send_due(now=now + LATER) == 0

    ready.refresh_from_db()
    assert (ready.state, ready.figures["made"]) == (states.DONE, count)
    assert Proposal.objects.count() == count
    assert Event.objects.filter(name="proposal.made").count() == Proposal.objects.filter(state=states.OPEN).count()
    assert not PlannedPair.objects.exists()


def test_stopped_in_time_nobody_hears_of_it(online, now):
    ready = planned_now(online, now)
    planned.publish(ready.pk, now=now)

    planned.stop(ready.pk)
    planned.stop(ready.pk)

    assert planned.send_due(now=now + LATER) == 0
    assert not Proposal.objects.exists()
    assert not PlannedPair.objects.exists()


def test_what_went_out_cannot_be_stopped(online, now):
    ready = planned_now(online, now)
    planned.publish(ready.pk, now=now)
    planned.send_due(now=now + LATER)

    with pytest.raises(actions.StepNotAllowed):
        planned.stop(ready.pk)


def test_a_pair_that_was_left_out_gets_nothing(online, now):
    ready = planned_now(online, now)
    out = ready.pairs.first()
    planned.keep(ready, out.pk, is_kept=False)
    planned.publish(ready.pk, now=now)
    planned.keep(ready, out.pk, is_kept=True)  # too late: it was published

    planned.send_due(now=now + LATER)

    assert not Proposal.objects.filter(volunteer=out.volunteer_id, opportunity=out.opportunity_id).exists()


def test_what_changed_in_the_ten_minutes_is_left_out(online, now):
    ready = planned_now(online, now)
    resting, gone, full, known = ready.pairs.order_by("pk")[:4]
    planned.publish(ready.pk, now=now)
    Volunteer.objects.filter(pk=resting.volunteer_id).update(paused_until=(now + timedelta(days=9)).date())
    from backend.opportunities.actions import pack_opportunities, take_offline
    from backend.talent.actions import pack_volunteers

    pack_volunteers(online.slug, Volunteer.objects.filter(pk=resting.volunteer_id))
    take_offline(Opportunity.objects.get(pk=gone.opportunity_id), "paused")
    one = Opportunity.objects.get(pk=full.opportunity_id)
    Opportunity.objects.filter(pk=one.pk).update(
        taken_open=one.places - one.reserved_places, taken_reserved=one.reserved_places
    )
    pack_opportunities(Opportunity.objects.filter(pk=one.pk))
    actions.propose_for_volunteer(known.volunteer_id, now=now)
    before = Proposal.objects.filter(volunteer=known.volunteer_id).count()

    planned.send_due(now=now + LATER)

    for pair in (resting, gone, full):
        assert not Proposal.objects.filter(volunteer=pair.volunteer_id, opportunity=pair.opportunity_id).exists()
    assert Proposal.objects.filter(volunteer=known.volunteer_id).count() <= max(before, 1) + 1
    pairs = list(Proposal.objects.values_list("volunteer", "opportunity"))
    assert len(pairs) == len(set(pairs))


def test_one_is_planned_at_a_time_and_a_new_one_replaces_what_nobody_published(online, now):
    first = planned_now(online, now)
    second = planned_now(online, now)

    first.refresh_from_db()
    assert (first.state, second.state) == (states.STOPPED, states.READY)
    planned.publish(second.pk, now=now)
    with pytest.raises(actions.StepNotAllowed):
        planned.ask_for(online.slug, "fair")


def test_a_plan_that_was_stopped_before_it_was_worked_out_stays_stopped(online, now):
    made = planned.ask_for(online.slug, "fair")
    planned.stop(made.pk)

    planned.plan(made.pk, now=now)

    made.refresh_from_db()
    assert made.state == states.STOPPED
    assert not PlannedPair.objects.exists()


def test_who_waits_longest_goes_first_and_gets_one(online, now):
    lucky = Volunteer.objects.get(external_id="P37")
    actions.propose_for_volunteer(lucky.pk, now=now - timedelta(days=10))
    ready = planned_now(online, now, "waiting")

    people = list(ready.pairs.values_list("volunteer", flat=True))
    assert lucky.pk not in people
    assert len(people) == len(set(people)) > 3


def test_without_spread_a_fast_round_reaches_no_more_organisations_than_a_fair_one(online, now):
    def reached(preset):
        made = planned_now(online, now, preset)
        assert {one.spread for one in made.pairs.all()} == {0} or preset != "fast"
        return made.pairs.values("opportunity__organisation").distinct().count()

    assert reached("fast") <= reached("fair")


def test_another_preset_is_refused(online):
    with pytest.raises(ValueError, match="a preset is one of"):
        planned.ask_for(online.slug, "random")


# --- a city that looks first -----------------------------------------------------------------------------------


@pytest.fixture
def after_a_look(settings, tmp_path):
    """The same city, where nothing is proposed by itself."""
    import shutil

    folder = tmp_path / "antwerpen"
    shutil.copytree(load.default_city().folder, folder)
    file = folder / "city.toml"
    file.write_text(file.read_text().replace('phone = "03', 'proposes = "after_a_look"\nphone = "03', 1))
    settings.CITIES = [str(folder)]
    load.cities.cache_clear()
    yield load.default_city()
    load.cities.cache_clear()


def test_a_city_that_looks_first_proposes_nothing_by_itself(online, after_a_look, now):
    def happened(name, **ids):
        from django.db import transaction

        from backend.outbox.actions import record

        with transaction.atomic():
            return record(name, **ids)

    marc = Volunteer.objects.get(external_id="P37")
    told = Opportunity.objects.get(external_id="T40")
    for task, ids in (
        (tasks.propose_for_volunteer, {"volunteer_id": marc.pk}),
        (tasks.propose_for_opportunity, {"opportunity_id": told.pk}),
        (tasks.run_round, {"city": after_a_look.slug}),
    ):
        event = happened("x", **ids)
        task(event_id=event.pk, **{key: str(one) for key, one in ids.items()})
    tasks.look_again()
    assert not Proposal.objects.exists()

    ready = planned_now(after_a_look, now)
    planned.publish(ready.pk, now=now)
    assert planned.send_due(now=now + LATER) > 0
    proposal = Proposal.objects.filter(state=states.OPEN).first()
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    count = Proposal.objects.count()
    event = happened("proposal.declined", proposal_id=proposal.pk)
    tasks.propose_another(event_id=event.pk, proposal_id=str(proposal.pk))
    assert Proposal.objects.count() == count


def test_another_word_for_how_a_city_proposes_is_named(tmp_path):
    import shutil

    folder = tmp_path / "stad"
    shutil.copytree(load.default_city().folder, folder)
    file = folder / "city.toml"
    file.write_text(file.read_text().replace('phone = "03', 'proposes = "never"\nphone = "03', 1))

    with pytest.raises(load.CatalogueError, match="by_itself, after_a_look"):
        load.load(folder)
