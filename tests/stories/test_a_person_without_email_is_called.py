"""Somebody without e-mail gets the proposal by phone, and the answer counts the same."""

import pytest
from django.utils import timezone

from backend.opportunities.actions import publish_opportunity
from backend.opportunities.models import Opportunity
from backend.placements import states
from backend.placements.models import Proposal
from notifications.models import Delivery


@pytest.mark.django_db(transaction=True)
def test_a_person_without_email_is_called(line, inbox, client, small_city, coordinator):
    # T15, hair and nails, fits only P07 Maria, who wants to be called.
    publish_opportunity(Opportunity.objects.select_related("organisation").get(external_id="T15"), now=timezone.now())
    call = line.until(lambda: Delivery.objects.filter(channel="callsheet", state="listed").first())
    client.force_login(coordinator)

    sheet = client.get("/balie/bellijst/").content.decode()
    assert "Maria" in sheet
    assert "Misschien past dit bij jou" in sheet
    assert inbox.messages == []

    client.post(f"/balie/bellijst/{call.pk}/", {"result": "yes"})

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.answered_by) == (states.ACCEPTED, "phone")
    assert "Maria" not in client.get("/balie/bellijst/").content.decode().replace("Welkom", "")
    line.until(lambda: inbox.to(proposal.opportunity.organisation.contact_email))


@pytest.mark.django_db(transaction=True)
def test_an_address_that_refuses_mail_ends_on_the_call_sheet(line, inbox, monkeypatch, volunteer, opportunity):
    async def refuse_this_person(server, session, envelope, address, options):
        if address.startswith("p37"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(inbox, "handle_RCPT", refuse_this_person, raising=False)

    publish_opportunity(opportunity, now=timezone.now())

    line.until(lambda: Delivery.objects.filter(recipient=volunteer.pk, channel="callsheet", state="listed").exists())
    email = Delivery.objects.get(recipient=volunteer.pk, channel="email")
    assert (email.state, email.result) == ("failed", "smtp 550")
