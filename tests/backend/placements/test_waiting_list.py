"""Who said yes a moment too late is asked first when a place comes free: in turn, once, and until a day."""

from contextlib import suppress
from datetime import timedelta

import pytest

from backend.opportunities.models import Opportunity
from backend.placements import actions, rhythm, waiting_list
from backend.placements.models import LINK_FOR_VOLUNTEER, Link, Proposal
from backend.placements.tokens import find_link, token_of
from backend.talent.models import Volunteer
from notifications.models import Delivery

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def by_day(settings):
    settings.IGNORE_QUIET_HOURS = True


@pytest.fixture
def full(published, small_city, now):
    """One open place, and three people who said yes one after the other: the first one has it."""
    Opportunity.objects.filter(pk=published.pk).update(places=30, reserved_places=0)
    roomy, made = Opportunity.objects.get(pk=published.pk), []
    for volunteer in Volunteer.objects.filter(profile__isnull=False, guided_by=None).order_by("external_id"):
        with suppress(actions.DoesNotFit, actions.NoRoom):
            made.append(actions.ask_for(volunteer, roomy, now=now))
        if len(made) == 3:
            break
    assert len(made) == 3
    Opportunity.objects.filter(pk=published.pk).update(places=1)
    for minutes, proposal in enumerate(made):
        actions.answer_proposal(proposal.pk, "yes", source="link", now=now + timedelta(minutes=minutes))
    assert states_of(made) == ["accepted", "waiting", "waiting"]
    return made


def states_of(made):
    return [Proposal.objects.get(pk=one.pk).state for one in made]


def offered():
    return Delivery.objects.filter(kind="place_free")


def test_nobody_is_asked_while_it_is_full(full, small_city, now):
    assert waiting_list.move_up(small_city, now=now) == 0
    assert states_of(full) == ["accepted", "waiting", "waiting"]


def test_the_first_in_turn_is_asked_once_with_a_day_and_a_link_that_works(full, small_city, now, client):
    actions.answer_proposal(full[0].pk, "no", source="link", now=now)

    for _twice in range(2):
        rhythm.remind(small_city, now=now + DAY)

    assert states_of(full) == ["declined", "open", "waiting"]
    [told] = offered()
    assert told.recipient == full[1].volunteer_id
    proposal = Proposal.objects.get(pk=full[1].pk)
    assert proposal.answer_until == now + DAY + waiting_list.ANSWER_WITHIN
    link = Link.objects.get(proposal=proposal, purpose=LINK_FOR_VOLUNTEER)
    assert find_link(token_of(link.pk), LINK_FOR_VOLUNTEER, proposal.answer_until) is not None
    assert not Delivery.objects.filter(kind="proposal_reminder", recipient=told.recipient).exists()

    actions.answer_proposal(proposal.pk, "yes", source="link", now=now + 2 * DAY)
    rhythm.remind(small_city, now=now + 2 * DAY)
    assert states_of(full) == ["declined", "accepted", "waiting"]
    assert offered().count() == 1


def test_without_an_answer_the_place_goes_to_the_next(full, small_city, now):
    actions.answer_proposal(full[0].pk, "no", source="link", now=now)
    waiting_list.move_up(small_city, now=now)
    later = now + waiting_list.ANSWER_WITHIN + DAY

    actions.expire_proposals(now=later)
    waiting_list.move_up(small_city, now=later)

    assert states_of(full) == ["declined", "expired", "open"]


def test_a_no_gives_it_to_the_next_and_who_rests_keeps_the_turn(full, small_city, now):
    actions.answer_proposal(full[0].pk, "no", source="link", now=now)
    Volunteer.objects.filter(pk=full[1].volunteer_id).update(paused_until=(now + 30 * DAY).date())
    waiting_list.move_up(small_city, now=now)
    assert states_of(full) == ["declined", "waiting", "open"]
    actions.answer_proposal(full[2].pk, "no", source="link", now=now)
    Volunteer.objects.filter(pk=full[1].volunteer_id).update(paused_until=None)
    waiting_list.move_up(small_city, now=now + DAY)
    assert states_of(full) == ["declined", "open", "declined"]


def test_a_reserved_place_is_for_who_has_a_guide(full, small_city, now, coordinator):
    Opportunity.objects.filter(pk=full[0].opportunity_id).update(places=2, reserved_places=1)
    assert waiting_list.move_up(small_city, now=now) == 0, "nobody who waits has a guide"
    Volunteer.objects.filter(pk=full[2].volunteer_id).update(guided_by="ocmw")

    assert waiting_list.move_up(small_city, now=now) == 1
    assert states_of(full) == ["accepted", "waiting", "open"]


def test_nothing_is_offered_that_is_not_online(full, small_city, now):
    actions.answer_proposal(full[0].pk, "no", source="link", now=now)
    Opportunity.objects.filter(pk=full[0].opportunity_id).update(state="paused")

    assert waiting_list.move_up(small_city, now=now) == 0


def test_the_page_says_so(full, small_city, now, client, at_noon):
    actions.answer_proposal(full[0].pk, "no", source="link", now=now)
    waiting_list.move_up(small_city, now=now)
    link = Link.objects.get(proposal=full[1], purpose=LINK_FOR_VOLUNTEER)

    assert "Er kwam een plaats vrij." in client.get(f"/v/{token_of(link.pk)}/").content.decode()
