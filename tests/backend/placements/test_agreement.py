"""Under the Flemish decree of 3 April 2009 both sign an agreement note before somebody starts (law.md 2)."""

from datetime import date

import pytest
from django.utils import timezone

from backend.engagements import actions as engagements
from backend.opportunities.actions import publish_opportunity
from backend.placements import actions, candidates, states
from backend.placements.agreement import facts_of
from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import make_link, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(opportunity, volunteer, now, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: now)
    opportunity.organisation.flemish_welfare_decree = True
    opportunity.organisation.save()
    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(made.pk, "yes", source="link", now=now)
    return actions.confirm_placement(made.pk, now=now)


def read(placement, now):
    return actions.confirm_information_note(placement.pk, "1", source="link", now=now)


@pytest.mark.parametrize("signs_first", [True, False])
def test_somebody_starts_when_the_note_is_read_and_the_agreement_signed_in_any_order(agreed, now, signs_first):
    def sign():
        return candidates.note_agreement(agreed.proposal_id, today=now.date())

    first, second = (sign, lambda: read(agreed, now)) if signs_first else (lambda: read(agreed, now), sign)

    assert first().state == states.AGREED
    assert second().state == states.ACTIVE
    assert second().state == states.ACTIVE, "twice is once"
    agreed.refresh_from_db()
    assert agreed.agreement_signed_on == now.date()


def test_nobody_helped_before_it_was_signed(agreed, now):
    read(agreed, now)
    with pytest.raises(actions.StepNotAllowed):
        engagements.confirm(agreed.pk, now.date(), 2, today=now.date())


def test_elsewhere_no_agreement_is_asked_for(agreed, opportunity, now):
    opportunity.organisation.flemish_welfare_decree = False
    opportunity.organisation.save()

    assert read(agreed, now).state == states.ACTIVE
    with pytest.raises(actions.StepNotAllowed):
        candidates.note_agreement(agreed.proposal_id, today=now.date())


def test_the_organisation_prints_it_and_says_that_both_signed(agreed, client, member, now):
    client.force_login(member)
    door = f"/org/kandidaten/{agreed.proposal_id}/afspraak"
    paper = client.get(f"{door}.pdf")
    assert (paper["Content-Type"], paper.content[:4]) == ("application/pdf", b"%PDF")
    page = f"/org/taken/{agreed.proposal.opportunity_id}/kandidaten/"
    assert "Druk de afsprakennota af" in client.get(page).content.decode()
    client.post(f"{door}/")
    assert "Afsprakennota getekend op" in client.get(page).content.decode()


def test_the_volunteer_reads_what_is_still_to_do(agreed, client, now):
    link = make_link(agreed.proposal, LINK_FOR_VOLUNTEER, expires_at=agreed.proposal.answer_until)
    read(agreed, now)
    for page in ("", "nota/"):
        answer = client.get(f"/v/{token_of(link.pk)}/{page}")
        assert "Teken nog de afsprakennota" in answer.content.decode()


def test_the_paper_holds_a_line_for_the_name_and_nothing_of_a_benefit(agreed, volunteer):
    proposal = Proposal.objects.select_related("opportunity__organisation", "volunteer__profile").get(
        pk=agreed.proposal_id
    )
    told = facts_of(proposal, "nl", date(2027, 3, 1))
    assert told["who"][0][1].startswith(f"{volunteer.first_name} ...")
    assert volunteer.user.email not in str(told)
