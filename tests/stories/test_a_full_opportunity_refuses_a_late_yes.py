"""Twenty people say yes to the last place at the same moment: one gets it, the others hear kindly."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from backend.accounts.models import User
from backend.opportunities.actions import publish_opportunity
from backend.opportunities.models import Opportunity
from backend.placements import actions, states
from backend.placements.models import Proposal
from backend.talent.models import Volunteer


@pytest.fixture
def twenty_proposals(small_city, opportunity):
    """Twenty open proposals for an opportunity with one place."""
    opportunity.places, opportunity.reserved_places = 1, 0
    opportunity.save()
    publish_opportunity(opportunity, now=timezone.now())
    people = Volunteer.objects.exclude(external_id="P32").order_by("external_id")[:20]
    proposals = []
    for volunteer in people:
        volunteer.user = User.objects.create_user(email=f"{volunteer.external_id.lower()}@voorbeeld.example")
        volunteer.channel, volunteer.digital, volunteer.guided_by = "email", "ok", None
        volunteer.save()
        proposals.append(
            Proposal.objects.create(
                opportunity=opportunity,
                volunteer=volunteer,
                parts=[],
                points=0,
                distance_km=1,
                reasons=[],
                not_perfect=[],
                easy_start=[],
                for_organisation=[],
                made_at=timezone.now(),
                answer_until=timezone.now() + timezone.timedelta(days=7),
            )
        )
    return proposals


@pytest.mark.django_db(transaction=True)
def test_of_twenty_simultaneous_yeses_one_gets_the_last_place(twenty_proposals, line, inbox):
    together = threading.Barrier(20)
    outcomes = []

    def say_yes(proposal):
        together.wait()
        try:
            outcomes.append(actions.answer_proposal(proposal.pk, "yes", source="link", now=timezone.now()).state)
        finally:
            connection.close()

    threads = [threading.Thread(target=say_yes, args=[proposal]) for proposal in twenty_proposals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [states.ACCEPTED] + [states.WAITING] * 19
    opportunity = Opportunity.objects.get(pk=twenty_proposals[0].opportunity_id)
    assert (opportunity.taken_open, opportunity.taken_reserved) == (1, 0)
    line.until(lambda: is_told(inbox))
    for proposal in Proposal.objects.filter(state=states.WAITING).select_related("volunteer__user"):
        kinds = [message["Subject"] for message in inbox.to(proposal.volunteer.user.email)]
        assert kinds.count("Deze plaats is net ingevuld") == 1


def is_told(inbox):
    addresses = Proposal.objects.filter(state=states.WAITING).values_list("volunteer__user__email", flat=True)
    return all(inbox.to(address) for address in addresses)


@pytest.mark.django_db(transaction=True)
def test_a_late_yes_reads_a_kind_page(twenty_proposals, client):
    from backend.placements.models import LINK_FOR_VOLUNTEER
    from backend.placements.tokens import make_link, path_of

    first, second, *_ = twenty_proposals
    actions.answer_proposal(first.pk, "yes", source="link", now=timezone.now())
    path = path_of(make_link(second, LINK_FOR_VOLUNTEER, expires_at=second.answer_until))

    page = client.post(path + "antwoord/", {"answer": "yes"}, follow=True).content.decode()

    assert "Deze plaats is net ingevuld." in page
    assert "Komt er een plaats vrij? Dan vragen we jou. We zoeken ook iets anders." in page
