"""One open proposal, and the paths of its links."""

import pytest

from backend.opportunities.actions import publish_opportunity
from backend.outbox.models import Event
from backend.placements import actions
from backend.placements.models import LINK_FOR_ORGANISATION, LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, path_of


@pytest.fixture
def published(opportunity, now):
    publish_opportunity(opportunity, now=now)
    Event.objects.all().delete()
    return opportunity


@pytest.fixture
def proposal(published, volunteer, now):
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    Event.objects.all().delete()
    return Proposal.objects.select_related("opportunity__organisation", "volunteer__profile").get(pk=made.pk)


@pytest.fixture
def path(proposal):
    return path_of(make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=proposal.answer_until + WORKS_AFTER_DEADLINE))


@pytest.fixture
def organisation_path(proposal):
    return path_of(make_link(proposal, LINK_FOR_ORGANISATION, expires_at=proposal.answer_until + WORKS_AFTER_DEADLINE))


@pytest.fixture
def events():
    return lambda: list(Event.objects.order_by("pk").values_list("name", flat=True))


@pytest.fixture
def at_noon(monkeypatch, now):
    """Pages read the clock; here it stands still at the reference moment, and `at_noon(...)` moves it."""
    from django.utils import timezone

    moment = [now]
    monkeypatch.setattr(timezone, "now", lambda: moment[0])

    def move(delta):
        moment[0] = moment[0] + delta

    return move
