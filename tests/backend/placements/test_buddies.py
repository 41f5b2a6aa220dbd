"""A buddy says that they want to be one, the organisation chooses, and nobody learns more than a first name."""

from datetime import timedelta

import pytest

from backend.me.actions import erase
from backend.outbox.models import Event
from backend.placements import actions, buddies, duo, states
from backend.placements.models import LINK_FOR_VOLUNTEER, Buddy, Placement, Proposal
from backend.placements.moments import moments_for
from backend.placements.tasks import tell_about_buddy, tell_about_lost_buddy
from backend.placements.tokens import make_link, token_of
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def helper(yes, friend, now):
    """Somebody else who helps at that organisation already, and wants to be a buddy."""
    proposal = duo.join(duo.code_of(duo.invite(yes.pk, now=now)), friend, now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)
    actions.confirm_information_note(placement.pk, "1", source="app", now=now)
    return buddies.want(placement.pk, is_wanted=True)


def tell(now):
    for event in Event.objects.filter(name="buddy.chosen"):
        for _ in range(2):
            tell_about_buddy(event_id=event.pk, **event.payload)


def hear_of_lost_buddies():
    for event in Event.objects.filter(name="buddy.stopped"):
        for _ in range(2):
            tell_about_lost_buddy(event_id=event.pk, **event.payload)


def may_take(proposal):
    return buddies.may_take(proposal, buddies.willing_at(proposal.opportunity.organisation_id))


def told(kind):
    return Delivery.objects.filter(kind=kind)


def test_who_is_new_hears_a_first_name_and_the_buddy_hears_none(yes, helper, now):
    for _ in range(2):
        buddies.choose(yes.pk, helper.pk, now=now)
    tell(now)

    new, buddy = told("buddy_chosen").get(), told("buddy_asked").get()
    helping = helper.proposal.volunteer
    assert (new.recipient, new.values["other"]) == (yes.volunteer_id, helping.first_name)
    assert buddy.recipient == helping.pk
    assert yes.volunteer.first_name not in str(buddy.values)
    assert buddies.buddy_of(Proposal.objects.get(pk=yes.pk)) == helper


def test_who_did_not_say_that_they_want_to_is_nobodys_buddy(yes, helper, now):
    buddies.choose(yes.pk, helper.pk, now=now)
    buddies.want(helper.pk, is_wanted=False)

    assert not Buddy.objects.exists()
    assert may_take(yes) == []
    with pytest.raises(buddies.NotABuddy):
        buddies.choose(yes.pk, helper.pk, now=now)
    tell(now)
    assert not told("buddy_chosen").exists(), "what was not told yet is not told any more"


@pytest.mark.parametrize("how", ["no longer", "stopped", "erased"])
def test_an_organisation_hears_once_that_who_is_new_needs_another_buddy(yes, helper, now, how):
    buddies.choose(yes.pk, helper.pk, now=now)
    tell(now)
    for _ in range(2):
        if how == "no longer":
            buddies.want(helper.pk, is_wanted=False)
        elif how == "stopped":
            actions.stop_placement(helper.pk, source="app", now=now)
    if how == "erased":
        erase(helper.proposal.volunteer.user, now=now)
    hear_of_lost_buddies()

    lost = told("buddy_stopped").get()
    assert (lost.recipient, lost.values["first_name"]) == (yes.opportunity.organisation_id, yes.volunteer.first_name)
    assert helper.proposal.volunteer.first_name not in str(lost.values)
    assert not Buddy.objects.exists()


def test_nobody_hears_of_a_lost_buddy_when_there_is_another_or_nobody_comes(yes, helper, now):
    buddies.choose(yes.pk, helper.pk, now=now)
    buddies.want(helper.pk, is_wanted=False)
    buddies.want(helper.pk, is_wanted=True)
    buddies.choose(yes.pk, helper.pk, now=now)
    hear_of_lost_buddies()
    assert not told("buddy_stopped").exists(), "somebody takes them by the hand again"

    actions.answer_proposal(yes.pk, "no", source="link", now=now)
    buddies.want(helper.pk, is_wanted=False)
    hear_of_lost_buddies()
    assert not told("buddy_stopped").exists(), "who does not come needs nobody"


def test_nobody_is_their_own_buddy(helper, now):
    assert may_take(helper.proposal) == []
    with pytest.raises(buddies.NotABuddy):
        buddies.choose(helper.proposal_id, helper.pk, now=now)


def test_a_buddy_of_another_organisation_or_one_who_stopped_is_not_offered(yes, helper, now, stranger):
    from backend.organisations.models import Organisation

    there = Proposal.objects.get(pk=yes.pk)
    buddies.choose(yes.pk, helper.pk, now=now)
    actions.stop_placement(helper.pk, source="app", now=now)
    assert buddies.buddy_of(Proposal.objects.get(pk=yes.pk)) is None
    assert may_take(there) == []

    Placement.objects.filter(pk=helper.pk).update(state=states.ACTIVE, ended_at=None)
    assert may_take(there) == [helper]
    elsewhere = Organisation.objects.exclude(pk=yes.opportunity.organisation_id).first()
    assert not buddies.willing_at(elsewhere.pk).exists()


def test_before_a_yes_nobody_has_a_buddy(yes, helper, now):
    actions.answer_proposal(yes.pk, "no", source="link", now=now)
    with pytest.raises(actions.StepNotAllowed):
        buddies.choose(yes.pk, helper.pk, now=now)
    assert may_take(Proposal.objects.get(pk=yes.pk)) == []


def test_when_a_buddy_or_a_partner_is_erased_nobody_keeps_their_name(yes, helper, now):
    from backend.placements.tasks import tell_about_pair

    buddies.choose(yes.pk, helper.pk, now=now)
    tell(now)
    made = Event.objects.get(name="pair.made")
    tell_about_pair(event_id=made.pk, **made.payload)
    name = helper.proposal.volunteer.first_name
    mine = Delivery.objects.filter(recipient=yes.volunteer_id)
    assert mine.filter(values__other=name).count() == 2

    buddies.want(helper.pk, is_wanted=False)  # what was told before is not forgotten for that
    actions.answer_proposal(helper.proposal_id, "no", source="link", now=now)
    erase(helper.proposal.volunteer.user, now=now)
    assert not mine.filter(values__other=name).exists()
    assert not Buddy.objects.exists()


def test_on_the_pages_one_wants_to_is_chosen_and_reads_when_somebody_comes(
    client, yes, helper, member, now, monkeypatch
):  # fmt: skip
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: now)
    buddies.want(helper.pk, is_wanted=False)
    until = now + timedelta(days=20)
    own, new = (
        f"/v/{token_of(make_link(one, LINK_FOR_VOLUNTEER, expires_at=until).pk)}/" for one in (helper.proposal, yes)
    )
    assert "Ik wil buddy zijn" in client.get(own).content.decode()
    client.post(own + "buddy/", {"wanted": "yes"})
    assert "Jij bent buddy" in client.get(own).content.decode()

    client.force_login(member)
    candidates = f"/org/taken/{yes.opportunity_id}/kandidaten/"
    assert f'<option value="{helper.pk}">' in client.get(candidates).content.decode()
    assert client.post(f"/org/kandidaten/{yes.pk}/buddy/", {"buddy": str(yes.pk)}).status_code == 404
    client.post(f"/org/kandidaten/{yes.pk}/buddy/", {"buddy": str(helper.pk)})
    assert f'<option value="{helper.pk}" selected>' in client.get(candidates).content.decode()

    client.logout()
    assert f"<bdi>{helper.proposal.volunteer.first_name}</bdi> is jouw buddy" in client.get(new).content.decode()
    visit = actions.book_trial_visit(yes.pk, moments_for(Proposal.objects.get(pk=yes.pk), now)[0], now=now)
    assert client.get(own).context["expected"] == [visit]


def test_the_candidates_page_asks_the_database_as_often_for_more_people(
    client, yes, helper, member, now
):  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(member)
    page = f"/org/taken/{yes.opportunity_id}/kandidaten/"
    client.get(page)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            rows = client.get(page).context["rows"]
        counts.append((len(rows), len(asked)))
        actions.propose_for_opportunity(yes.opportunity_id, now=now)
    assert counts[1][0] > counts[0][0]
    assert counts[1][1] <= counts[0][1]
