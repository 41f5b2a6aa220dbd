"""Moments: for fewer than a least they do not work, for more than a most neither; who comes, who was there, once."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import icalendar
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.engagements import shifts
from backend.engagements.access import shift_at, shifts_to_say, who_come
from backend.engagements.models import Engagement, Shift, ShiftPlace
from backend.engagements.tasks import tell_about_cancelled_shift
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, states
from backend.placements.models import Placement, Proposal
from backend.talent.models import Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 22, 11, tzinfo=UTC)  # a Monday, as in conftest
THURSDAY = date(2027, 3, 25)


def helps(volunteer, opportunity):
    """Somebody who began three weeks ago."""
    before = NOW - timedelta(days=20)
    proposal = Proposal.objects.create(
        opportunity=opportunity, volunteer=volunteer, state=states.ACCEPTED, made_at=before, answered_at=before,
        answer_until=NOW, place="open", parts={}, points=0, distance_km=1, reasons=[], not_perfect=[], easy_start=[],
        for_organisation=[],
    )  # fmt: skip
    return Placement.objects.create(
        proposal=proposal, state=states.ACTIVE, confirmed_at=before, information_note_confirmed_at=before,
        information_note_version="1", information_note_source="desk",
    )  # fmt: skip


@pytest.fixture
def plan(started):
    def planned(day=THURSDAY, begins=time(14), ends=time(16, 30), least=2, most=3, weeks=1, now=NOW, opportunity=None):
        where = opportunity or started.proposal.opportunity
        return shifts.plan(where, day, begins, ends, least=least, most=most, weeks=weeks, now=now)

    return planned


@pytest.fixture
def others(started):
    """More people who help at the same place."""
    where = started.proposal.opportunity
    people = Volunteer.objects.exclude(pk=started.proposal.volunteer_id).order_by("pk")[:3]
    return [helps(one, where) for one in people]


def test_a_moment_is_planned_for_weeks_by_the_clock_of_the_city(plan):
    first, second = plan(weeks=2)  # summer time begins in between

    assert first.starts_at.astimezone(UTC).hour == 13
    assert second.starts_at.astimezone(UTC).hour == 12
    plan(most=5)
    first.refresh_from_db()
    assert first.most == 5, "the same moment again corrects it"
    assert Shift.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"least": 0}, {"least": 4}, {"most": 201}, {"weeks": 27}, {"ends": time(13)}, {"day": date(2027, 3, 22), "begins": time(9)}, {"day": date.max}]
)  # fmt: skip
def test_what_cannot_be_is_not_planned(plan, wrong):
    with pytest.raises(ValueError, match=":"):
        plan(**wrong)
    assert not Shift.objects.exists()


def test_the_database_refuses_a_moment_with_more_needed_than_may_come(plan):
    [shift] = plan()
    for wrong in ({"least": 9}, {"ends_at": shift.starts_at}, {"cancelled_at": NOW, "done_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Shift.objects.filter(pk=shift.pk).update(**wrong)


def test_no_more_people_come_than_fit_and_each_once(plan, started, others):
    [shift] = plan(least=1, most=2)

    for _ in range(2):
        shifts.take(shift.pk, started, now=NOW)
    shifts.take(shift.pk, others[0], now=NOW)
    with pytest.raises(shifts.NoPlace):
        shifts.take(shift.pk, others[1], now=NOW)
    with pytest.raises(shifts.TooFew):
        plan(least=1, most=1)
    shifts.give_back(shift.pk, started, now=NOW)
    shifts.give_back(shift.pk, started, now=NOW)
    shifts.take(shift.pk, others[1], now=NOW)
    assert ShiftPlace.objects.filter(shift=shift).count() == 2


def test_who_stopped_leaves_the_place_free(plan, started, others):
    [shift] = plan(least=1, most=1)
    shifts.take(shift.pk, started, now=NOW)
    Placement.objects.filter(pk=started.pk).update(state=states.ENDED, ended_at=NOW)

    shifts.take(shift.pk, others[0], now=NOW)
    with pytest.raises(actions.StepNotAllowed):
        shifts.take(shift.pk, started, now=NOW)


def test_nobody_promises_to_be_at_two_places_at_once(plan, started):
    elsewhere = Opportunity.objects.exclude(pk=started.proposal.opportunity_id).first()
    [here] = plan()
    [there] = plan(begins=time(16), ends=time(18), opportunity=elsewhere)
    second = helps(started.proposal.volunteer, elsewhere)

    shifts.take(here.pk, started, now=NOW)
    with pytest.raises(shifts.Collides):
        shifts.take(there.pk, second, now=NOW)
    with pytest.raises(shifts.TooLate):
        shifts.take(here.pk, started, now=here.starts_at)


def test_who_was_there_is_written_down_once_and_money_stands(plan, started, others):
    [early] = plan(begins=time(9), ends=time(10, 20), least=1)
    [late] = plan(least=1)
    for shift in (early, late):
        shifts.take(shift.pk, started, now=NOW)
    shifts.take(late.pk, others[0], now=NOW)
    after = late.ends_at + timedelta(hours=1)
    with pytest.raises(shifts.TooEarly):
        shifts.say_who_was_there(late.pk, {started.pk}, now=late.starts_at)

    assert shifts.say_who_was_there(late.pk, {started.pk}, now=after) == 1
    day = Engagement.objects.get()
    assert (day.day, float(day.hours), day.confirmed_by) == (THURSDAY, 3.75, "organisation")
    Engagement.objects.update(flat_rate_eur="20", hours="3")
    assert shifts.say_who_was_there(early.pk, {started.pk}, now=after) == 0
    day.refresh_from_db()
    assert (float(day.flat_rate_eur), float(day.hours)) == (20, 3)
    with pytest.raises(shifts.TooLate):
        shifts.cancel(late.pk, now=after)


def test_who_stopped_after_a_moment_was_there_and_who_stopped_before_was_not(plan, started, others):
    [shift] = plan(least=1)
    organisation = started.proposal.opportunity.organisation
    Opportunity.objects.filter(pk=started.proposal.opportunity_id).update(taken_open=2)
    for one in (started, *others[:2]):
        shifts.take(shift.pk, one, now=NOW)
    after = shift.ends_at + timedelta(hours=1)
    for one, moment in ((started, after), (others[0], shift.starts_at - timedelta(days=1))):
        actions.stop_placement(one.pk, source="app", now=moment)

    found = shift_at(organisation, shift.pk)
    assert set(who_come([found])[shift.pk]) == {started, others[1]}
    assert list(shifts_to_say(organisation, after)) == [shift]
    assert shifts.say_who_was_there(shift.pk, {started.pk, others[0].pk}, now=after) == 1
    assert Engagement.objects.get().placement == started


def test_who_would_come_hears_once_that_it_does_not_go_on(plan, started):
    [shift] = plan()
    shifts.take(shift.pk, started, now=NOW)
    for _ in range(2):
        shifts.cancel(shift.pk, now=NOW)

    event = Event.objects.get(name="shift.cancelled")
    for _ in range(2):
        tell_about_cancelled_shift(event_id=event.pk, **event.payload)
    assert Delivery.objects.filter(kind="shift_cancelled").count() == 1
    [again] = plan()
    assert again.pk != shift.pk
    assert not again.places.exists(), "nobody comes to what they heard is off"
    with pytest.raises(shifts.TooLate):
        shifts.take(shift.pk, started, now=NOW)


def test_the_day_before_people_hear_it_and_an_organisation_hears_that_too_few_come(plan, started, small_city):
    organisation = started.proposal.opportunity.organisation
    organisation.uses_free_insurance = True
    organisation.save()
    [shift] = plan(least=2)
    Shift.objects.update(created_at=NOW - timedelta(days=2))
    shifts.take(shift.pk, started, now=NOW)
    ShiftPlace.objects.update(created_at=NOW)
    kinds = Delivery.objects.values_list("kind", flat=True).order_by("kind").all

    assert shifts.remind(small_city, now=NOW + timedelta(hours=12)) == 0, "in the quiet hours nothing is promised"
    assert shifts.remind(small_city, now=NOW + timedelta(days=1)) == 2
    assert list(kinds()) == ["insurance_soon", "shift_short"]
    assert shifts.remind(small_city, now=NOW + timedelta(days=2)) == 1
    assert list(kinds()) == ["insurance_soon", "shift_short", "shift_tomorrow"]
    assert shifts.remind(small_city, now=NOW + timedelta(days=2, hours=1)) == 0, "nobody is told twice"


def test_an_organisation_that_is_insured_elsewhere_hears_nothing_of_the_free_one(plan, small_city):
    plan(least=1)
    assert shifts.remind(small_city, now=NOW + timedelta(days=1)) == 0


# --- pages and API ---------------------------------------------------------------------------------------------


@pytest.fixture
def work(client, member, started):
    client.force_login(member)
    return f"/org/{started.proposal.opportunity.organisation_id}/momenten/"


def test_an_organisation_plans_and_says_who_was_there(client, work, started, volunteer, monkeypatch):
    asked = {
        "opportunity": started.proposal.opportunity_id, "day": "2027-03-25", "begins": "14:00", "ends": "16:00",
        "least": "1", "most": "4", "weeks": "2",
    }  # fmt: skip
    assert client.post(work, asked).status_code == 302
    for field, value in {
        "day": "9999-12-31",
        "ends": "13:00",
        "least": "5",
        "weeks": "99",
        "opportunity": uuid4(),
    }.items():
        wrong = client.post(work, {**asked, field: value})
        assert wrong.status_code == 422
        assert wrong.context["form"].errors
    assert Shift.objects.count() == 2
    shift = Shift.objects.order_by("starts_at").first()
    shifts.take(shift.pk, started, now=NOW)
    assert volunteer.first_name in client.get(work).content.decode()

    monkeypatch.setattr(timezone, "now", lambda: shift.ends_at + timedelta(hours=1))
    assert "Wie was er?" in client.get(work).content.decode()
    client.post(f"{work}{shift.pk}/", {"came": [str(started.pk), "onzin"]})
    assert Engagement.objects.get().hours == 2
    assert "Wie was er?" not in client.get(work).content.decode()
    last = Shift.objects.order_by("starts_at").last()
    client.post(f"{work}{last.pk}/weg/")
    last.refresh_from_db()
    assert last.cancelled_at


def test_the_page_asks_the_database_as_often_for_one_moment_as_for_many(client, work, plan, started, others):
    def asked():
        with CaptureQueriesContext(connection) as found:
            client.get(work)
        return len(found)

    [shift] = plan()
    shifts.take(shift.pk, started, now=NOW)
    asked()
    one = asked()
    for more in plan(begins=time(9), ends=time(11), weeks=5):
        shifts.take(more.pk, others[0], now=NOW)
    assert asked() == one


def test_a_volunteer_chooses_moments_and_takes_them_along(client, plan, started, volunteer, others):
    [shift] = plan(least=1, most=1)
    client.force_login(volunteer.user)
    door = f"/ik/momenten/{shift.pk}/"

    assert "Ik kom" in client.get("/ik/momenten/").content.decode()
    client.post(door)
    assert "Ik kan niet komen" in client.get("/ik/momenten/").content.decode()
    [event] = icalendar.Calendar.from_ical(client.get("/ik/momenten.ics").content).walk("VEVENT")
    assert event.decoded("dtend") == shift.ends_at
    client.post(door, {"what": "back"})
    shifts.take(shift.pk, others[0], now=NOW)
    assert "Er komen al genoeg mensen." in client.get("/ik/momenten/").content.decode()
    assert "Er komen al genoeg mensen. Kies" in client.post(door, follow=True).content.decode()


def test_over_the_api_a_volunteer_says_that_they_come(client, plan, started, volunteer, others, stranger):
    [shift] = plan(least=1, most=1)
    client.force_login(volunteer.user)
    door = f"/api/v1/shifts/{shift.pk}/place"

    def post():
        return client.post(door, content_type="application/json", headers={"Idempotency-Key": str(uuid4())})

    [listed] = client.get("/api/v1/shifts").json()["results"]
    assert (listed["id"], listed["taken"], listed["is_mine"]) == (str(shift.pk), 0, False)
    taken = post()
    assert (taken.status_code, taken.json()) == (200, {**listed, "taken": 1, "is_mine": True})
    assert post().status_code == 200
    assert client.delete(door).status_code == 204
    shifts.take(shift.pk, others[0], now=NOW)
    assert (post().status_code, post().json()["code"]) == (409, "enough_people")
    client.force_login(stranger)
    assert post().status_code == 404
