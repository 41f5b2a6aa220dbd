"""Who stopped may help there again in one step: by the rules and the places of today (R035)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.opportunities.actions import publish_opportunity, take_offline
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, states
from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tasks import tell_about_candidate
from backend.placements.tokens import find_link, make_link, token_of
from backend.talent.models import TalentProfile, Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
MONTHS = timedelta(days=120)


@pytest.fixture
def stopped(opportunity, volunteer, now, monkeypatch):
    """Marc helped for a while, and stopped; it is some months later."""
    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(made.pk, "yes", source="link", now=now)
    make_link(made, LINK_FOR_VOLUNTEER, expires_at=now + timedelta(days=21))
    placement = actions.confirm_placement(made.pk, now=now)
    actions.confirm_information_note(placement.pk, "1", source="link", now=now)
    actions.stop_placement(placement.pk, source="app", now=now + timedelta(days=20))
    Event.objects.all().delete()
    monkeypatch.setattr(timezone, "now", lambda: now + MONTHS)
    return Proposal.objects.get(pk=made.pk)


def taken(proposal):
    found = Opportunity.objects.get(pk=proposal.opportunity_id)
    return found.taken_open + found.taken_reserved


def test_r035_who_stopped_begins_again_in_one_step_and_the_organisation_hears_it(client, stopped, volunteer, now):
    before = taken(stopped)
    client.force_login(volunteer.user)
    assert "Ik wil hier weer helpen" in client.get("/ik/").content.decode()
    for _ in range(2):
        assert client.post(f"/ik/voorstellen/{stopped.pk}/terug/").status_code == 302
    assert "Ik wil hier weer helpen" not in client.get("/ik/").content.decode()

    stopped.refresh_from_db()
    assert (stopped.state, taken(stopped)) == (states.ACCEPTED, before + 1)
    [event] = Event.objects.filter(name="proposal.accepted")
    for _ in range(2):
        tell_about_candidate(event_id=event.pk, **event.payload)
    assert Delivery.objects.filter(kind="candidate_new", recipient=stopped.opportunity.organisation_id).count() == 1
    again = actions.confirm_placement(stopped.pk, now=now + MONTHS)
    assert again.state == states.AGREED, "the information note is read again before the start"


def test_the_link_of_a_later_message_works_again_and_a_revoked_one_does_not(stopped, now):
    link = stopped.links.get(purpose=LINK_FOR_VOLUNTEER)
    token, later = token_of(link.pk), now + MONTHS
    assert find_link(token, LINK_FOR_VOLUNTEER, later) is None
    make_link(stopped, LINK_FOR_VOLUNTEER, expires_at=later + timedelta(days=1))
    assert find_link(token, LINK_FOR_VOLUNTEER, later)
    make_link(stopped, LINK_FOR_VOLUNTEER, expires_at=now)
    assert find_link(token, LINK_FOR_VOLUNTEER, later), "an earlier day takes nothing back"
    stopped.links.update(revoked_at=later)
    make_link(stopped, LINK_FOR_VOLUNTEER, expires_at=later + timedelta(days=9))
    assert find_link(token, LINK_FOR_VOLUNTEER, later) is None


def test_a_full_place_puts_somebody_on_the_list(stopped, now):
    Opportunity.objects.filter(pk=stopped.opportunity_id).update(
        places=1, reserved_places=0, taken_open=1, taken_reserved=0
    )
    assert actions.come_back(stopped.pk, source="app", now=now + MONTHS).state == states.WAITING


def test_what_does_not_fit_any_more_is_not_taken_up_again(stopped, now):
    TalentProfile.objects.filter(volunteer=stopped.volunteer_id).update(driving_licence_b=False, own_car=False)
    Opportunity.objects.filter(pk=stopped.opportunity_id).update(driving_licence_b=True)
    with pytest.raises(actions.DoesNotFit):
        actions.come_back(stopped.pk, source="app", now=now + MONTHS)
    Opportunity.objects.filter(pk=stopped.opportunity_id).update(driving_licence_b=False)
    Volunteer.objects.filter(pk=stopped.volunteer_id).update(paused_until=(now + 2 * MONTHS).date())
    with pytest.raises(actions.StepNotAllowed):
        actions.come_back(stopped.pk, source="app", now=now + MONTHS)
    Volunteer.objects.filter(pk=stopped.volunteer_id).update(paused_until=None)
    take_offline(Opportunity.objects.get(pk=stopped.opportunity_id), "paused")
    with pytest.raises(actions.TooLate):
        actions.come_back(stopped.pk, source="app", now=now + MONTHS)
    assert Proposal.objects.get(pk=stopped.pk).state == states.DECLINED


def test_who_never_began_there_does_not_come_back(opportunity, volunteer, now):
    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(made.pk, "yes", source="link", now=now)
    actions.answer_proposal(made.pk, "no", source="link", now=now)
    with pytest.raises(actions.StepNotAllowed):
        actions.come_back(made.pk, source="app", now=now + MONTHS)


def test_the_app_and_the_desk_take_it_down_too(client, stopped, volunteer, coordinator, now):
    client.force_login(volunteer.user)
    how = {"content_type": "application/json", "headers": {"Idempotency-Key": str(uuid4())}}
    assert client.post(f"/api/v1/proposals/{stopped.pk}/come-back", {}, **how).json()["state"] == "accepted"
    actions.answer_proposal(stopped.pk, "no", source="app", now=now + MONTHS)

    client.force_login(coordinator)
    person = f"/balie/mensen/{volunteer.pk}/"
    client.post(person, {"here": "1"})
    assert 'name="back"' in client.get(person).content.decode()
    client.post(f"{person}{stopped.pk}/", {"back": "1"})
    assert Proposal.objects.get(pk=stopped.pk).state == states.ACCEPTED
