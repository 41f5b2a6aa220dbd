"""What is told because a day has come: once each, by day, and only while it is true."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.placements import actions, rhythm, states
from backend.placements.models import Placement, Proposal, TrialVisit
from notifications.models import Delivery
from notifications.render import render

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = timedelta(days=1)


def at(day, hour, minute=0):
    """A moment of March 2027 in Brussels; the first is a Monday."""
    return datetime(2027, 3, day, hour, minute, tzinfo=BRUSSELS)


def told(kind=None):
    found = Delivery.objects.order_by("kind", "pk")
    return [one.kind for one in (found.filter(kind=kind) if kind else found)]


@pytest.fixture
def visit(proposal, now):
    """On Tuesday the ninth at two in the afternoon."""
    Proposal.objects.filter(pk=proposal.pk).update(state=states.ACCEPTED, place="open", answered_at=now)
    made = TrialVisit.objects.create(proposal=proposal, starts_at=at(9, 14))
    TrialVisit.objects.filter(pk=made.pk).update(created_at=now)
    return made


def test_both_sides_hear_of_a_visit_the_day_before_and_only_once(visit, place):
    rhythm.remind(place, now=at(7, 12))
    assert told() == []

    first = rhythm.remind(place, now=at(8, 9))
    again = rhythm.remind(place, now=at(8, 15))

    assert told() == ["trial_tomorrow", "trial_tomorrow_org"]
    assert (first.total(), again.total()) == (2, 0)
    text = render(Delivery.objects.get(kind="trial_tomorrow"))
    assert text.subject == "Morgen, dinsdag 9 maart, om 14:00 uur"


@pytest.mark.parametrize(
    ("starts_at", "is_told"), [(at(9, 0, 30), True), (at(9, 23, 30), True), (at(10, 0, 30), False)]
)
def test_tomorrow_is_the_day_of_the_city_and_not_of_greenwich(starts_at, is_told, visit, place):
    TrialVisit.objects.update(starts_at=starts_at)

    rhythm.remind(place, now=at(8, 9))

    assert bool(told("trial_tomorrow")) is is_told


def test_who_chose_the_moment_today_is_not_reminded_of_it(visit, place):
    TrialVisit.objects.update(created_at=at(8, 8))

    rhythm.remind(place, now=at(8, 12))

    assert told() == []


@pytest.mark.parametrize("change", [{"state": states.CANCELLED}, {"starts_at": at(10, 14)}])
def test_a_visit_that_is_not_tomorrow_any_more_is_not_told(change, visit, place):
    TrialVisit.objects.update(**change)

    rhythm.remind(place, now=at(8, 12))

    assert told() == []


@pytest.mark.parametrize("hour", [22, 7])
def test_nothing_is_promised_in_the_quiet_hours(hour, visit, place):
    rhythm.remind(place, now=at(8, hour))

    assert told() == []


def test_an_unanswered_proposal_is_asked_about_once_after_three_days(proposal, place, now):
    rhythm.remind(place, now=now + 2 * DAY)
    assert told() == []

    for more in (3, 4, 5):
        rhythm.remind(place, now=now + more * DAY)

    assert told() == ["proposal_reminder"]
    assert "We vragen het hierna niet meer." in render(Delivery.objects.get()).body


@pytest.mark.parametrize("answer", [actions.YES, actions.MAYBE, actions.NO])
def test_who_answered_is_not_asked_again(answer, proposal, place, now):
    actions.answer_proposal(proposal.pk, answer, source="link", now=now)

    rhythm.remind(place, now=now + 3 * DAY)

    assert told("proposal_reminder") == []


@pytest.mark.parametrize("meanwhile", ["answers", "is erased"])
def test_who_answers_or_is_erased_while_others_are_told_is_not_told(meanwhile, proposal, place, now, monkeypatch):
    real = actions.locked

    def locked(pk):
        rows = Proposal.objects.filter(pk=pk)
        rows.update(state=states.DECLINED) if meanwhile == "answers" else rows.delete()
        return real(pk)

    monkeypatch.setattr(actions, "locked", locked)

    assert rhythm.remind(place, now=now + 3 * DAY).total() == 0
    assert told() == []


@pytest.mark.parametrize("change", [{"paused_until": (at(30, 12)).date()}, {"channel": "phone"}, {"channel": "post"}])
def test_who_paused_or_is_called_gets_no_reminder_of_a_proposal(change, proposal, place, now):
    type(proposal.volunteer).objects.filter(pk=proposal.volunteer_id).update(**change)

    rhythm.remind(place, now=now + 3 * DAY)

    assert told() == []


def test_a_proposal_that_is_too_late_to_answer_is_left_alone(proposal, place, now):
    rhythm.remind(place, now=proposal.answer_until + timedelta(minutes=1))

    assert told() == []


@pytest.fixture
def waiting(proposal):
    """Somebody who said yes on a Thursday, and heard nothing."""
    actions.answer_proposal(proposal.pk, actions.YES, source="link", now=at(4, 12))
    return proposal


def test_r044_a_silent_organisation_is_reminded_once_on_the_third_working_day(waiting, place):
    """R044: Friday, Monday, Tuesday."""
    for day in (5, 6, 7, 8):
        rhythm.remind(place, now=at(day, 12))
    assert told() == []

    rhythm.remind(place, now=at(9, 12))
    rhythm.remind(place, now=at(10, 12))

    assert told() == ["candidate_reminder"]
    assert "hoorde nog niets" in render(Delivery.objects.get()).body


@pytest.mark.parametrize("follow_up", [TrialVisit, Placement])
def test_an_organisation_that_did_something_is_not_reminded(follow_up, waiting, place):
    when = {"starts_at": at(20, 14)} if follow_up is TrialVisit else {"confirmed_at": at(5, 12)}
    follow_up.objects.create(proposal=waiting, **when)

    rhythm.remind(place, now=at(9, 12))

    assert told("candidate_reminder") == []


def test_a_yes_that_is_taken_back_at_once_takes_the_reminder_back_too(waiting, place):
    rhythm.remind(place, now=at(9, 12))
    actions.answer_proposal(waiting.pk, actions.NO, source="link", now=at(9, 12, 5))

    actions.take_back_yes(Proposal.objects.get(pk=waiting.pk), now=at(9, 12, 6))

    assert Delivery.objects.get(kind="candidate_reminder").state == "dropped"


def test_a_city_says_itself_after_how_many_days(proposal, place, now):
    from dataclasses import replace

    hasty = replace(place, rhythm=replace(place.rhythm, proposal_reminder_days=1))

    rhythm.remind(hasty, now=now + DAY)

    assert told() == ["proposal_reminder"]
