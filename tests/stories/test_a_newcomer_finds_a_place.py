"""From a published opportunity to a confirmed placement, over a real worker, a real broker and a real mail server."""

import re

import pytest
from django.utils import timezone

from backend.opportunities.actions import publish_opportunity
from backend.placements import states
from backend.placements.models import Placement, Proposal, TrialVisit


def link_in(message):
    return re.search(r"https?://[^/]+(/\S+/)", message.get_body(("plain",)).get_content())[1]


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_finds_a_place(line, inbox, client, volunteer, opportunity):
    publish_opportunity(opportunity, now=timezone.now())

    [mail] = line.until(lambda: inbox.to("p37@voorbeeld.example"))
    page = client.get(link_in(mail)).content.decode()
    assert mail["Subject"] == "Past dit bij jou?"
    assert "Kleren sorteren en plooien" in page
    for heading in ("Waarom jij?", "Nog niet perfect", "Makkelijk om te beginnen"):
        assert heading in page
    assert Proposal.objects.get(volunteer=volunteer).state == states.OPEN

    moments = client.post(link_in(mail) + "antwoord/", {"answer": "yes"}, follow=True)
    chosen = moments.context["moments"][0]
    booked = client.post(link_in(mail) + "moment/", {"moment": chosen.isoformat()}, follow=True)
    assert "Je zei ja. Tot" in booked.content.decode()
    assert TrialVisit.objects.get().starts_at == chosen

    organisation_mail = opportunity.organisation.contact_email
    first, second = line.until(lambda: (found := inbox.to(organisation_mail)) and len(found) == 2 and found)
    assert (
        "Marc"
        in first["Subject"] + first.get_body(("plain",)).get_content() + second.get_body(("plain",)).get_content()
    )
    welcome = client.post(link_in(first) + "welkom/", follow=True)
    assert "Je bevestigde de plaatsing" in welcome.content.decode()

    line.until(lambda: len(inbox.to("p37@voorbeeld.example")) == 3)
    line.until_quiet()
    assert Placement.objects.get().state == states.AGREED
    subjects = [message["Subject"] for message in inbox.to("p37@voorbeeld.example")]
    assert len(subjects) == len(set(subjects)) == 3, "nobody is told the same thing twice"


@pytest.mark.django_db(transaction=True)
def test_a_proposal_comes_in_the_language_of_the_person(line, inbox, volunteer, opportunity):
    volunteer.language = "ar"
    volunteer.save()

    publish_opportunity(opportunity, now=timezone.now())

    [mail] = line.until(lambda: inbox.to("p37@voorbeeld.example"))
    assert mail["Subject"] == "هل يناسبك هذا؟"
    assert "Kleren sorteren en plooien" in mail.get_body(("plain",)).get_content()
