"""An organisation publishes over the API, hears of a yes with the name, and of a change of mind."""

import pytest
from django.utils import timezone

from backend.placements import states
from backend.placements.actions import answer_proposal
from backend.placements.models import Proposal


@pytest.mark.django_db(transaction=True)
def test_an_organisation_publishes_and_hears(line, inbox, client, volunteer, opportunity, member):
    client.force_login(member)
    published = client.post(
        f"/api/v1/opportunities/{opportunity.pk}/publish",
        content_type="application/json",
        headers={"Idempotency-Key": "a" * 16},
    )
    assert (published.status_code, published.json()["state"]) == (200, "published")

    proposal = line.until(lambda: Proposal.objects.filter(volunteer=volunteer).first())
    assert "Marc" not in client.get("/org/").content.decode()

    answer_proposal(proposal.pk, "yes", source="link", now=timezone.now())
    address = opportunity.organisation.contact_email
    [mail] = line.until(lambda: inbox.to(address))
    assert "Marc wil" in mail.get_body(("plain",)).get_content()
    assert "Marc" in client.get("/org/").content.decode()

    answer_proposal(proposal.pk, "no", source="link", now=timezone.now())
    _, second = line.until(lambda: (found := inbox.to(address)) and len(found) == 2 and found)
    assert second["Subject"] == "Marc komt toch niet"
    opportunity.refresh_from_db()
    assert (opportunity.taken_open, opportunity.taken_reserved) == (0, 0)
    assert Proposal.objects.get(pk=proposal.pk).state == states.DECLINED
    assert "Marc" not in client.get("/org/").content.decode()
