"""Publishing: what is stored, what is recorded, and what a refusal leaves untouched."""

import pytest

from backend.opportunities import actions, states
from backend.outbox.models import Event


def events():
    return list(Event.objects.exclude(name="profile.confirmed").values_list("name", flat=True))


def test_publishing_puts_it_online_and_records_it_once(opportunity, now):
    actions.publish_opportunity(opportunity, now=now)
    actions.publish_opportunity(opportunity, now=now)

    opportunity.refresh_from_db()
    assert (opportunity.state, opportunity.published_at) == (states.PUBLISHED, now)
    assert events() == ["opportunity.published"]


@pytest.mark.parametrize(
    ("text", "outcome", "state"),
    [
        ("Je krijgt 12 euro per uur.", "refuse", states.DRAFT),
        ("Bel 0470 00 00 00.", "hold", states.DRAFT),
        ("Vacature: vervanger gezocht.", "review", states.REVIEW),
        ("Geef je bankgegevens door.", "block_and_report", states.BLOCKED),
    ],
)
def test_what_is_stopped_says_why_and_nobody_is_told(text, outcome, state, opportunity, now):
    opportunity.text = text
    opportunity.save()

    with pytest.raises(actions.PublicationStopped) as stopped:
        actions.publish_opportunity(opportunity, now=now)

    opportunity.refresh_from_db()
    assert (stopped.value.outcome, opportunity.outcome, opportunity.state) == (outcome, outcome, state)
    assert opportunity.findings[0]["words"] in text
    assert opportunity.published_at is None
    assert events() == []


def test_a_blocked_one_cannot_be_published_by_trying_again(opportunity, now):
    opportunity.state = states.BLOCKED
    opportunity.save()

    with pytest.raises(actions.StepNotAllowed):
        actions.publish_opportunity(opportunity, now=now)

    assert events() == []


def test_without_the_charter_nothing_goes_online(opportunity, now):
    opportunity.organisation.charter_accepted_at = None
    opportunity.organisation.save()

    with pytest.raises(actions.PublicationStopped) as stopped:
        actions.publish_opportunity(opportunity, now=now)

    assert [finding.code for finding in stopped.value.findings] == ["charter_not_accepted"]


@pytest.mark.parametrize(("is_youth_work", "is_asked"), [(False, True), (True, False)])
def test_r015_structural_contact_with_children_decides_about_the_extract(is_youth_work, is_asked, opportunity, now):
    opportunity.organisation.youth_work = is_youth_work
    opportunity.organisation.save()
    opportunity.structural_contact_with_minors = True
    opportunity.save()

    actions.publish_opportunity(opportunity, now=now)

    opportunity.refresh_from_db()
    assert opportunity.extract_596_2 is is_asked
