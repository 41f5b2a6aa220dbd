"""What an organisation does with somebody who fits, over the API: invite, not for us, fits better elsewhere."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.organisations.models import OWNER, Membership
from backend.outbox.models import Event
from backend.placements import actions, states
from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal, TrialVisit
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, token_of
from backend.relay import FOLLOWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def post(client):
    def send(path, body=None, user=None):
        if user:
            client.force_login(user)
        return client.post(
            f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip

    return send


@pytest.fixture
def proposal(small_city, opportunity, volunteer, now):
    """Marc got T40; everything else is online too."""
    publish_drafts(small_city.slug, now=now, only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    publish_drafts(small_city.slug, now=now)
    return made


def events(name):
    return [event.payload for event in Event.objects.filter(name=name).order_by("pk")]


def tell(settings):
    """What the worker does with every event that waits, at once."""
    from django.utils.module_loading import import_string

    settings.IGNORE_QUIET_HOURS = True
    for event in Event.objects.filter(done_at=None).order_by("pk"):
        task, _queue = FOLLOWS[event.name]
        if ".tell_" in task or task.endswith(".thank_referrer"):
            room, _, name = task.partition(".")
            import_string(f"backend.{room}.tasks.{name}")(event_id=event.pk, **event.payload)


def told(kind):
    from notifications.models import Delivery

    return list(Delivery.objects.filter(kind=kind))


def test_an_invited_person_hears_it_once_in_the_own_language(post, member, proposal, settings, volunteer):
    volunteer.language = "tr"
    volunteer.save()
    first = post(f"candidates/{proposal.pk}/invite", user=member)
    again = post(f"candidates/{proposal.pk}/invite")
    tell(settings)
    tell(settings)

    assert first.status_code == again.status_code == 200
    assert first.json()["invited_at"]
    assert first.json()["first_name"] is None
    [delivery] = told("invitation")
    assert delivery.language == "tr"
    assert delivery.recipient == volunteer.pk


def test_nobody_is_invited_who_answered_already(post, member, proposal, now):
    actions.answer_proposal(proposal.pk, actions.NO, source="app", now=now)

    assert post(f"candidates/{proposal.pk}/invite", user=member).json()["code"] == "step_not_allowed"
    assert events("proposal.invited") == []


def test_not_for_us_gives_the_place_back_and_tells_whoever_said_yes(post, member, proposal, opportunity, now, settings):
    actions.answer_proposal(proposal.pk, actions.YES, source="app", now=now)
    opportunity.refresh_from_db()
    taken = opportunity.taken_open + opportunity.taken_reserved

    answer = post(f"candidates/{proposal.pk}/decline", {"reason": "other_hours"}, user=member)
    tell(settings)

    proposal.refresh_from_db()
    opportunity.refresh_from_db()
    assert answer.status_code == 200
    assert answer.json()["first_name"] is None
    assert (proposal.state, proposal.not_for_us, proposal.place) == (states.WITHDRAWN, "other_hours", None)
    assert opportunity.taken_open + opportunity.taken_reserved == taken - 1
    assert len(told("not_this_time")) == 1
    assert events("proposal.declined") == [{"proposal_id": str(proposal.pk)}]


def test_who_did_not_answer_yet_does_not_hear_not_for_us(post, member, proposal, settings):
    post(f"candidates/{proposal.pk}/decline", {"reason": "no_place_now"}, user=member)
    post(f"candidates/{proposal.pk}/decline", {"reason": "no_place_now"})
    tell(settings)

    assert told("not_this_time") == []
    assert len(events("proposal.declined")) == 1


@pytest.mark.parametrize("reason", ["too_old", "", None, 3])
def test_a_reason_is_about_the_place_and_never_about_the_person(post, member, proposal, reason):
    answer = post(f"candidates/{proposal.pk}/decline", {"reason": reason}, user=member)

    assert answer.status_code == 400
    assert answer.json()["issues"][0]["name"] == "/reason"


@pytest.fixture
def other_member(client, post, member, proposal):
    """Of the organisation behind the first place that is offered."""
    from backend.accounts.models import User

    client.force_login(member)
    offered = client.get(f"/api/v1/candidates/{proposal.pk}/refer").json()
    user = User.objects.create_user(email="ander@voorbeeld.example")
    Membership.objects.create(organisation_id=offered[0]["organisation"]["id"], user=user, role=OWNER)
    user.offered = offered
    return user


def test_elsewhere_offers_other_organisations_where_this_person_fits(other_member, proposal, opportunity, now):
    ids = [one["id"] for one in other_member.offered]

    assert 1 <= len(ids) <= 5
    assert all(one["organisation"]["id"] != str(opportunity.organisation_id) for one in other_member.offered)
    actions.answer_proposal(proposal.pk, actions.NO, source="app", now=now)
    for one in other_member.offered:
        made = actions.ask_for(proposal.volunteer, Opportunity.objects.get(pk=one["id"]), now=now + timedelta(days=30))
        assert made.state == states.OPEN
        made.delete()


def test_r029_the_other_organisation_sees_nothing_before_the_yes(
    client, post, member, other_member, proposal, settings
):
    """R029: B sees nothing until the volunteer accepts; A hears thanks, without a name."""
    there = other_member.offered[0]["id"]
    referral = post(f"candidates/{proposal.pk}/refer", {"opportunity": there}, user=member)
    again = post(f"candidates/{proposal.pk}/refer", {"opportunity": there})
    tell(settings)
    made = Proposal.objects.get(referred_from=proposal)
    proposal.refresh_from_db()

    assert referral.status_code == again.status_code == 201
    assert referral.json()["answer"] == "waiting"
    assert proposal.state == states.WITHDRAWN
    assert len(told("referral_made")) == 1
    client.force_login(other_member)
    assert client.get(f"/api/v1/opportunities/{there}/candidates").json() == []
    assert post(f"candidates/{made.pk}/invite").status_code == 404

    client.force_login(proposal.volunteer.user)
    mine = client.get(f"/api/v1/proposals/{made.pk}").json()
    assert mine["referred_by"]["name"] == proposal.opportunity.organisation.name
    post(f"proposals/{made.pk}/answer", {"answer": "yes"})
    tell(settings)

    client.force_login(other_member)
    [candidate] = client.get(f"/api/v1/opportunities/{there}/candidates").json()
    assert candidate["first_name"] == proposal.volunteer.first_name
    [thanks] = told("referral_accepted")
    assert proposal.volunteer.first_name not in json.dumps(thanks.values)
    client.force_login(member)
    assert [one["answer"] for one in client.get("/api/v1/referrals").json()["results"]] == ["yes"]


def test_after_a_no_the_referrer_only_reads_not_now(client, post, member, other_member, proposal):
    post(f"candidates/{proposal.pk}/refer", {"opportunity": other_member.offered[0]["id"]}, user=member)
    made = Proposal.objects.get(referred_from=proposal)
    post(f"proposals/{made.pk}/answer", {"answer": "no"}, user=proposal.volunteer.user)

    client.force_login(member)
    [one] = client.get("/api/v1/referrals").json()["results"]
    assert one["answer"] == "not_now"
    assert set(one) == {"id", "opportunity", "made_at", "answer"}


def test_a_yes_stands_when_somebody_is_also_wanted_elsewhere(post, member, other_member, proposal, now):
    actions.answer_proposal(proposal.pk, actions.YES, source="app", now=now)

    answer = post(f"candidates/{proposal.pk}/refer", {"opportunity": other_member.offered[0]["id"]}, user=member)

    proposal.refresh_from_db()
    assert answer.status_code == 201
    assert proposal.state == states.ACCEPTED


def test_where_somebody_does_not_fit_is_refused_without_saying_why(post, member, proposal, other_member):
    offered = {one["id"] for one in other_member.offered}
    unfit = Opportunity.objects.exclude(pk__in=offered).exclude(pk=proposal.opportunity_id).first()

    answer = post(f"candidates/{proposal.pk}/refer", {"opportunity": str(unfit.pk)}, user=member)

    proposal.refresh_from_db()
    assert (answer.status_code, answer.json()["code"]) == (422, "does_not_fit_there")
    assert "factors" not in answer.json()
    assert proposal.state == states.OPEN  # nothing was closed


def test_nobody_is_sent_on_who_wants_no_more_proposals(post, member, proposal, other_member, volunteer):
    volunteer.proposals_per_week = 1
    volunteer.save()

    answer = post(f"candidates/{proposal.pk}/refer", {"opportunity": other_member.offered[0]["id"]}, user=member)

    proposal.refresh_from_db()
    assert (answer.status_code, answer.json()["code"]) == (409, "enough_proposals")
    assert proposal.state == states.OPEN


@pytest.fixture
def token(proposal):
    return token_of(make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=proposal.answer_until + WORKS_AFTER_DEADLINE).pk)


def test_behind_a_link_one_asks_tells_how_it_was_and_stops(post, proposal, token, opportunity, now):
    asked = post(f"links/{token}/question", {"text": "Is er een lift?"})
    too_early = post(f"links/{token}/feedback", {"felt": "good"})
    actions.answer_proposal(proposal.pk, actions.YES, source="link", now=now)
    visit = TrialVisit.objects.create(proposal=proposal, starts_at=now - timedelta(days=1))
    felt = post(f"links/{token}/feedback", {"felt": "mixed"})
    stopped = post(f"links/{token}/stop")
    again = post(f"links/{token}/stop")

    visit.refresh_from_db()
    opportunity.refresh_from_db()
    assert asked.status_code == 201
    assert too_early.json()["code"] == "step_not_allowed"
    assert (felt.status_code, visit.felt) == (200, "mixed")
    assert stopped.json()["state"] == again.json()["state"] == "declined"
    assert opportunity.taken_open + opportunity.taken_reserved == 0
    assert len(events("proposal.stopped")) == 1
