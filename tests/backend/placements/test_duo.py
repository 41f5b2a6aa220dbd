"""Two people in one place: a code from hand to hand, one place for both, and the other keeps it when one goes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backend.me.actions import erase
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, candidates, duo, shown, states
from backend.placements.models import LINK_FOR_VOLUNTEER, PairPlacement, Proposal
from backend.placements.queries import partner_name
from backend.placements.tasks import tell_about_pair
from backend.placements.tokens import make_link, token_of
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


def code_for(yes, now):
    return duo.code_of(duo.invite(yes.pk, now=now))


def taken(yes):
    found = Opportunity.objects.get(pk=yes.opportunity_id)
    return found.taken_open + found.taken_reserved


def test_two_people_share_one_place_and_the_first_hears_it_once(yes, friend, now):
    before = taken(yes)
    code = code_for(yes, now)
    assert code_for(yes, now) == code, "asking again shows the same one"

    proposal = duo.join(f" {code[:4].lower()}-{code[4:]} ", friend, now=now)

    assert (proposal.state, proposal.place, taken(yes)) == (states.ACCEPTED, "shared", before)
    assert partner_name(proposal) == yes.volunteer.first_name
    assert partner_name(yes) == friend.first_name
    assert shown.candidate(proposal)["together"] == yes.volunteer.first_name
    event = Event.objects.get(name="pair.made")
    for _ in range(2):
        tell_about_pair(event_id=event.pk, **event.payload)
    assert Delivery.objects.filter(kind="pair_made", recipient=yes.volunteer_id).count() == 1
    with pytest.raises(duo.WrongCode):
        duo.join(code, friend, now=now)


def test_a_full_opportunity_has_room_for_who_shares(yes, friend, now):
    Opportunity.objects.filter(pk=yes.opportunity_id).update(
        places=1, reserved_places=0, taken_open=1, taken_reserved=0
    )

    assert duo.join(code_for(yes, now), friend, now=now).place == "shared"


def test_when_one_goes_the_other_keeps_the_place(yes, friend, now):
    proposal = duo.join(code_for(yes, now), friend, now=now)
    before, held = taken(yes), yes.place

    actions.answer_proposal(yes.pk, "no", source="link", now=now)
    proposal.refresh_from_db()
    assert (proposal.place, taken(yes)) == (held, before)
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    assert taken(yes) == before - 1
    assert not PairPlacement.objects.exists()


def test_who_shared_gives_nothing_back(yes, friend, now):
    proposal, before = duo.join(code_for(yes, now), friend, now=now), taken(yes)

    candidates.decline(proposal.pk, "other_talent", now=now)
    assert taken(yes) == before
    assert partner_name(yes) == ""
    assert duo.may_share(Proposal.objects.get(pk=yes.pk)), "and may look for somebody else"


def test_when_somebody_is_erased_the_other_keeps_the_place(yes, friend, now):
    proposal, before, held = duo.join(code_for(yes, now), friend, now=now), taken(yes), yes.place

    erase(yes.volunteer.user, now=now)
    proposal.refresh_from_db()
    assert (proposal.place, taken(yes)) == (held, before)


def test_a_code_is_for_somebody_else_for_two_weeks_and_while_the_yes_stands(yes, friend, now):
    code = code_for(yes, now)
    for who, when in ((yes.volunteer, now), (friend, now + timedelta(days=15))):
        with pytest.raises(duo.WrongCode):
            duo.join(code, who, now=when)
    actions.answer_proposal(yes.pk, "no", source="link", now=now)
    with pytest.raises(duo.WrongCode):
        duo.join(code, friend, now=now)


def test_what_does_not_fit_does_not_fit_in_a_duo_either(yes, friend, now):
    code = code_for(yes, now)
    Opportunity.objects.filter(pk=yes.opportunity_id).update(dutch_min="C2")

    with pytest.raises(actions.DoesNotFit):
        duo.join(code, friend, now=now)
    assert not Proposal.objects.filter(volunteer=friend).exists()


def test_what_is_done_alone_is_not_shared(yes, now):
    Opportunity.objects.filter(pk=yes.opportunity_id).update(company="alone")
    with pytest.raises(actions.StepNotAllowed):
        duo.invite(yes.pk, now=now)


def test_the_database_keeps_a_pair_of_two(yes, now):
    pair = duo.invite(yes.pk, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        PairPlacement.objects.filter(pk=pair.pk).update(second=yes)


def test_on_the_pages_a_code_is_made_read_out_and_typed(client, yes, friend, now, monkeypatch):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: now)
    link = make_link(yes, LINK_FOR_VOLUNTEER, expires_at=now + timedelta(days=9))
    door = f"/v/{token_of(link.pk)}/duo/"
    assert "Maak een code" in client.get(door).content.decode()
    assert not PairPlacement.objects.exists()
    client.post(door)
    code = client.get(door).context["code"]
    assert code in client.get(door).content.decode()

    client.force_login(friend.user)
    assert client.post("/samen/", {"code": "ZZZZ-2222"}).status_code == 422
    looked = client.post("/samen/", {"code": code})
    assert yes.opportunity.title in looked.content.decode()
    assert not Proposal.objects.filter(volunteer=friend).exists()
    assert client.post("/samen/", {"code": code, "yes": "1"}).status_code == 302
    assert Proposal.objects.get(volunteer=friend).place == "shared"
