"""Pages of people who are signed in: own proposals, own opportunities, and who said yes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.placements import actions, states
from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import make_link, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def test_a_member_puts_an_opportunity_online_and_reads_that_it_worked(client, member, opportunity):
    client.force_login(member)

    page = client.post(f"/org/taken/{opportunity.pk}/online/", follow=True).content.decode()

    assert "Je taak staat online. We zoeken wie past." in page
    assert Opportunity.objects.get(pk=opportunity.pk).state == opportunity_states.PUBLISHED


def test_what_is_stopped_is_told_with_the_words_that_were_found(client, member, opportunity):
    Opportunity.objects.filter(pk=opportunity.pk).update(text="Bel 0470 00 00 00 voor meer uitleg.")
    client.force_login(member)

    page = client.post(f"/org/taken/{opportunity.pk}/online/", follow=True).content.decode()

    assert "Laat contactgegevens weg." in page
    assert "0470 00 00 00" in page
    assert Opportunity.objects.get(pk=opportunity.pk).state == opportunity_states.DRAFT


def test_a_closed_opportunity_stays_closed(client, member, opportunity):
    Opportunity.objects.filter(pk=opportunity.pk).update(state=opportunity_states.CLOSED)
    client.force_login(member)

    assert "Dit kan nu niet." in client.post(f"/org/taken/{opportunity.pk}/online/", follow=True).content.decode()


def test_a_reader_of_an_organisation_changes_nothing(client, member, opportunity):
    member.memberships.update(role="reader")
    client.force_login(member)

    assert client.post(f"/org/taken/{opportunity.pk}/online/").status_code == 404
    assert Opportunity.objects.get(pk=opportunity.pk).state == opportunity_states.DRAFT


def test_an_organisation_reads_a_name_only_after_the_yes(client, member, proposal, now):
    client.force_login(member)
    assert "Nog niemand." in client.get("/org/").content.decode()

    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    assert "Marc" in client.get("/org/").content.decode()


def test_another_organisation_never_reads_it(client, stranger, proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    client.force_login(stranger)

    assert "Marc" not in client.get("/org/").content.decode()


def test_a_volunteer_reads_what_was_proposed_and_answered(client, volunteer, proposal, path, now):
    client.force_login(volunteer.user)
    page = client.get("/ik/").content.decode()
    assert "Kleren sorteren en plooien" in page
    assert "Je kan nog kiezen." in page
    assert f'href="{path}"' in page

    actions.answer_proposal(proposal.pk, "no", source="link", now=now)

    assert "Je zei nee." in client.get("/ik/").content.decode()


def test_what_waits_for_a_matchmaker_is_not_shown(client, volunteer, proposal):
    Proposal.objects.update(state=states.HELD)
    client.force_login(volunteer.user)

    assert "Er past nu nog niets. Dat ligt niet aan jou." in client.get("/ik/").content.decode()


@pytest.mark.parametrize("path_", ["/ik/", "/org/", "/coordinatie/", "/balie/bellijst/"])
def test_who_is_not_signed_in_hears_how_to_come_in(path_, client, db):
    page = client.get(path_, follow=True).content.decode()

    assert "Vul je gsm-nummer of je e-mail in" in page


def test_no_organisation_page_says_who_sits_on_a_reserved_place(client, member, proposal, organisation_path, now):
    """Twins: the same person, guided or not, reads the same to the organisation."""
    client.force_login(member)
    pages = []
    for guided_by in (None, "buurtwerker"):
        type(proposal.volunteer).objects.filter(pk=proposal.volunteer_id).update(guided_by=guided_by)
        actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
        pages.append([client.get(path).content.decode() for path in ("/org/", organisation_path)])
        actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    import re

    plain, guided = ([re.sub(r'value="[^"]{20,}"', "", page) for page in both] for both in pages)
    assert plain == guided


def test_whoever_guesses_links_is_told_to_wait_and_a_right_link_still_opens(client, settings, proposal):
    from django.core.cache import cache

    settings.RATE_LIMIT_SCALE = 1
    cache.clear()
    token = token_of(make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=timezone.now() + timedelta(days=400)).pk)

    answers = [client.get(f"/v/{number}/").status_code for number in range(21)]

    assert answers == [404] * 20 + [429]
    assert client.get(f"/v/{token}/").status_code == 200
