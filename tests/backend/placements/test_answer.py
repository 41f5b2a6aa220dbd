"""Yes, maybe, no: what each changes, what it records, and what is too late."""

from datetime import timedelta

import pytest

from backend.opportunities.models import Opportunity
from backend.placements import actions, states
from backend.placements.models import Placement, Proposal
from backend.placements.moments import moments_for


def test_a_yes_takes_a_place_and_is_recorded_once(proposal, now, events):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.place, proposal.answered_by) == (states.ACCEPTED, "open", "link")
    assert Opportunity.objects.get(pk=proposal.opportunity_id).taken_open == 1
    assert events() == ["proposal.accepted"]


def test_a_guided_person_fills_a_reserved_place_first(proposal, now):
    proposal.volunteer.guided_by = "buurtwerker"
    proposal.volunteer.save()

    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    opportunity = Opportunity.objects.get(pk=proposal.opportunity_id)
    assert (opportunity.taken_reserved, opportunity.taken_open) == (1, 0)


def test_when_the_reserved_places_are_gone_a_guided_person_takes_an_open_one(proposal, now):
    proposal.volunteer.guided_by = "buurtwerker"
    proposal.volunteer.save()
    Opportunity.objects.filter(pk=proposal.opportunity_id).update(taken_reserved=4)

    assert actions.answer_proposal(proposal.pk, "yes", source="link", now=now).place == "open"


def test_an_open_applicant_waits_while_a_reserved_place_is_free(proposal, now, events):
    Opportunity.objects.filter(pk=proposal.opportunity_id).update(taken_open=2)

    answered = actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    assert (answered.state, answered.place) == (states.WAITING, None)
    assert events() == ["proposal.place_taken"]


def test_maybe_keeps_it_open(proposal, now, events):
    actions.answer_proposal(proposal.pk, "maybe", source="link", now=now)
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    proposal.refresh_from_db()
    assert proposal.state == states.ACCEPTED
    assert events() == ["proposal.accepted"]


def test_a_no_takes_nothing(proposal, now, events):
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)

    assert Opportunity.objects.get(pk=proposal.opportunity_id).taken_open == 0
    assert events() == ["proposal.declined"]


def test_a_changed_mind_gives_the_place_back_and_cancels_the_visit(proposal, now, events):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    visit = actions.book_trial_visit(proposal.pk, moments_for(proposal, now)[0], now=now)

    actions.answer_proposal(proposal.pk, "no", source="link", now=now)

    visit.refresh_from_db()
    assert visit.state == states.CANCELLED
    assert Opportunity.objects.get(pk=proposal.opportunity_id).taken_open == 0
    assert events() == ["proposal.accepted", "trial_visit.booked", "proposal.stopped", "proposal.declined"]


def test_a_no_may_become_a_yes_while_the_link_works(proposal, now):
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)

    assert actions.answer_proposal(proposal.pk, "yes", source="link", now=now).state == states.ACCEPTED


@pytest.mark.parametrize("why", ["deadline", "closed", "over", "expired"])
def test_a_yes_too_late_changes_nothing(why, proposal, now, events):
    late = now
    if why == "deadline":
        late = proposal.answer_until + timedelta(seconds=1)
    elif why == "closed":
        Opportunity.objects.filter(pk=proposal.opportunity_id).update(state="closed")
    elif why == "over":
        Opportunity.objects.filter(pk=proposal.opportunity_id).update(
            period_from=now.date() - timedelta(days=9), period_until=now.date() - timedelta(days=1)
        )
    else:
        actions.expire_proposals(now=proposal.answer_until + timedelta(seconds=1))

    with pytest.raises(actions.TooLate):
        actions.answer_proposal(proposal.pk, "yes", source="link", now=late)

    assert Proposal.objects.get().state in (states.OPEN, states.EXPIRED)
    assert Opportunity.objects.get(pk=proposal.opportunity_id).taken_open == 0
    assert events() == []


def test_another_word_is_refused(proposal, now):
    with pytest.raises(ValueError, match="yes, maybe, no"):
        actions.answer_proposal(proposal.pk, "perhaps", source="link", now=now)


def test_only_what_nobody_answered_expires(proposal, now):
    assert actions.expire_proposals(now=proposal.answer_until) == 0
    assert actions.expire_proposals(now=proposal.answer_until + timedelta(seconds=1)) == 1
    assert actions.expire_proposals(now=proposal.answer_until + timedelta(days=1)) == 0


def test_the_moments_are_the_next_shared_day_parts_with_two_days_notice(proposal, now):
    moments = moments_for(proposal, now)

    shared = set(proposal.volunteer.profile.available) & set(proposal.opportunity.slots)
    assert len(moments) == 3
    assert moments == sorted(moments)
    assert moments[0] >= now + timedelta(days=2)
    parts = {(9, 30): "morning", (14, 0): "afternoon", (19, 0): "evening"}
    for moment in moments:
        assert f"{moment:%a}".lower() + "-" + parts[moment.hour, moment.minute] in shared


def test_a_moment_that_was_not_offered_is_refused(proposal, now, events):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    with pytest.raises(actions.MomentNotOffered):
        actions.book_trial_visit(proposal.pk, now + timedelta(days=3, minutes=7), now=now)

    assert events() == ["proposal.accepted"]


def test_choosing_another_moment_replaces_the_first(proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    first, second, _ = moments_for(proposal, now)

    actions.book_trial_visit(proposal.pk, first, now=now)
    actions.book_trial_visit(proposal.pk, second, now=now)
    actions.book_trial_visit(proposal.pk, second, now=now)

    assert sorted(proposal.trial_visits.values_list("starts_at", "state")) == [
        (first, states.CANCELLED),
        (second, states.PLANNED),
    ]


def test_without_a_yes_nobody_can_be_visited_or_placed(proposal, now, events):
    with pytest.raises(actions.StepNotAllowed):
        actions.book_trial_visit(proposal.pk, now, now=now)
    with pytest.raises(actions.StepNotAllowed):
        actions.confirm_placement(proposal.pk, now=now)

    assert events() == []
    assert not Placement.objects.exists()


def test_confirming_twice_is_one_placement_that_waits_for_the_information_note(proposal, now, events):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    actions.confirm_placement(proposal.pk, now=now)
    actions.confirm_placement(proposal.pk, now=now)

    assert Placement.objects.get().state == states.AGREED
    assert events() == ["proposal.accepted", "placement.confirmed"]


def test_a_second_yes_can_be_welcomed_again(proposal, now):
    for _ in range(2):
        actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
        actions.confirm_placement(proposal.pk, now=now)
        actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)

    assert placement.state == states.AGREED
    assert sorted(Placement.objects.values_list("state", flat=True)) == ["agreed", "ended", "ended"]


def follow_all():
    """Do what follows from every event, as the worker would, without sending anything yet."""
    from backend import relay
    from backend.celery import app

    app.loader.import_default_modules()
    hints = []
    relay.tick(lambda *hint: hints.append(hint))
    for task, ids, _queue in hints:
        if task.startswith("placements.tell"):
            app.tasks[task].run(**ids)


def told_to_organisations():
    from notifications.models import Delivery

    rows = Delivery.objects.filter(kind__in=("candidate_new", "trial_booked_org", "candidate_stopped"))
    return sorted(rows.values_list("kind", "state"))


def test_a_yes_taken_back_before_anybody_heard_it_is_never_told(proposal, now):
    """At night the message waits: by the morning the person changed their mind, and no name leaves."""
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    actions.book_trial_visit(proposal.pk, moments_for(proposal, now)[0], now=now)
    follow_all()
    assert told_to_organisations() == [("candidate_new", "pending"), ("trial_booked_org", "pending")]

    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    follow_all()

    assert told_to_organisations() == [("candidate_new", "dropped"), ("trial_booked_org", "dropped")]


def test_a_yes_taken_back_at_once_is_not_even_promised(proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)

    follow_all()

    assert told_to_organisations() == []


def test_an_organisation_that_heard_the_yes_hears_that_it_was_taken_back(proposal, now):
    from notifications.models import Delivery

    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    follow_all()
    Delivery.objects.update(state="sent")

    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    follow_all()

    assert told_to_organisations() == [("candidate_new", "sent"), ("candidate_stopped", "pending")]


def test_a_yes_that_came_back_meanwhile_stands(proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    follow_all()
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    follow_all()

    assert ("candidate_stopped", "pending") not in told_to_organisations()
    assert ("candidate_new", "pending") in told_to_organisations()
