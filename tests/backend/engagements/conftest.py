"""Marc started at the clothing bank on the first of March; three weeks later."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from backend.engagements import actions as engagements
from backend.opportunities.actions import publish_opportunity
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions
from backend.talent.models import ProfileTalent

LATER = datetime(2027, 3, 22, 11, tzinfo=UTC)
TODAY = LATER.date()


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


@pytest.fixture
def three_days(started):
    profile = started.proposal.volunteer.profile
    ProfileTalent.objects.get_or_create(profile=profile, talent="sorteren_inpakken", defaults={"level": 2})
    Opportunity.objects.update(talents_any_of=["sorteren_inpakken"], talents_welcome=[])
    for day in (2, 9, 16):
        engagements.confirm(started.pk, date(2027, 3, day), Decimal("2.5"), today=TODAY)
    return started
