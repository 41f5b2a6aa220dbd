"""Marc started at the clothing bank on the first of March; three weeks later."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from backend.opportunities.actions import publish_opportunity
from backend.outbox.models import Event
from backend.placements import actions

LATER = datetime(2027, 3, 22, 11, tzinfo=UTC)


@pytest.fixture
def started(opportunity, volunteer, now, monkeypatch):
    publish_opportunity(opportunity, now=now)
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)
    actions.confirm_information_note(placement.pk, "1", source="link", now=now)
    Event.objects.all().delete()
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    placement.refresh_from_db()
    return placement
