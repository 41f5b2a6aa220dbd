"""What a day of help meant: one line by the organisation, heard once a week by who was there (R112)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backend.engagements import actions, effects
from backend.engagements.models import Effect, Engagement
from backend.me.actions import erase
from notifications.models import Delivery
from tests.backend.engagements.conftest import LATER, TODAY

pytestmark = pytest.mark.django_db
SOUP, BREAD = "12 mensen aten soep", "Alle broden waren op"


@pytest.fixture
def taken(three_days):
    return three_days.proposal.opportunity


def told():
    return Delivery.objects.filter(kind="what_it_meant").order_by("created_at")


def test_r112_who_helped_reads_once_on_monday_what_it_meant(three_days, taken, small_city, member, client, volunteer):
    page = f"/org/{taken.organisation_id}/betekenis/"
    client.force_login(member)
    for text in ("Er was soep", f"  {SOUP} "):
        assert client.post(page, {"opportunity": taken.pk, "day": "2027-03-16", "text": text}).status_code == 302
    assert SOUP in client.get(page).content.decode()
    effects.say(taken, date(2027, 3, 10), "Toen was er niemand", today=TODAY)

    for hours in (0, 1, 24, 24 * 7):
        effects.tell_week(small_city, now=LATER + timedelta(hours=hours))

    message = told().get()
    assert message.recipient == volunteer.pk
    assert message.values["lines"] == [f"{taken.organisation.name}: {SOUP}"]
    client.force_login(volunteer.user)
    assert SOUP in client.get("/ik/uren/").content.decode()
    days = {one["day"]: one["effect"] for one in client.get("/api/v1/engagements").json()["results"]}
    assert days == {"2027-03-16": SOUP, "2027-03-09": None, "2027-03-02": None}


def test_what_is_said_or_confirmed_later_is_heard_the_monday_after(three_days, taken, small_city):
    effects.say(taken, date(2027, 3, 16), SOUP, today=TODAY)
    assert effects.tell_week(small_city, now=LATER) == 1
    effects.say(taken, date(2027, 3, 16), "Nog beter gezegd", today=TODAY)
    effects.say(taken, date(2027, 3, 15), BREAD, today=TODAY)
    actions.confirm(three_days.pk, date(2027, 3, 15), Decimal(2), today=TODAY)

    assert effects.tell_week(small_city, now=LATER + timedelta(days=1)) == 0, "it is Tuesday"
    assert effects.tell_week(small_city, now=LATER + timedelta(days=7)) == 1
    assert [one.split(": ")[1] for one in told().last().values["lines"]] == [BREAD], "nothing is told twice"


def test_what_is_written_on_a_monday_after_the_message_is_not_lost(three_days, taken, small_city):
    effects.say(taken, date(2027, 3, 16), SOUP, today=TODAY)
    assert effects.tell_week(small_city, now=LATER) == 1
    effects.say(taken, date(2027, 3, 9), BREAD, today=TODAY)
    assert effects.tell_week(small_city, now=LATER + timedelta(hours=2)) == 0, "one message a week"
    assert effects.tell_week(small_city, now=LATER + timedelta(days=7)) == 1
    assert [one.split(": ")[1] for one in told().last().values["lines"]] == [BREAD]


def test_nothing_is_said_at_night_to_who_does_not_want_it_or_who_is_gone(three_days, taken, small_city, volunteer):
    effects.say(taken, date(2027, 3, 16), SOUP, today=TODAY)
    assert effects.tell_week(small_city, now=LATER.replace(hour=3)) == 0
    volunteer.muted = ["thanks"]
    volunteer.save()
    assert effects.tell_week(small_city, now=LATER) == 0
    assert not told().exists()
    erase(volunteer.user, now=LATER)
    assert effects.tell_week(small_city, now=LATER + timedelta(days=7)) == 0


def test_a_line_is_about_a_day_of_the_last_weeks_and_has_some_words(taken, client, member):
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=effects.DAYS_KEPT + 1)):
        with pytest.raises(actions.NotThatDay):
            effects.say(taken, day, SOUP, today=TODAY)
    for text in (" ", "x" * 81):
        with pytest.raises(ValueError, match="1 to 80"):
            effects.say(taken, TODAY, text, today=TODAY)
    client.force_login(member)
    wrong = {"opportunity": "", "day": (TODAY + timedelta(days=3)).isoformat(), "text": "x" * 81}
    answer = client.post(f"/org/{taken.organisation_id}/betekenis/", wrong)
    assert answer.status_code == 422
    assert {"opportunity", "text"} <= set(answer.context["form"].errors)
    answer = client.post(f"/org/{taken.organisation_id}/betekenis/", {**wrong, "opportunity": taken.pk, "text": SOUP})
    assert set(answer.context["form"].errors) == {"day"}
    assert not Effect.objects.exists()


def test_a_page_of_another_organisation_is_not_there_and_its_opportunity_is_not_offered(taken, client, member):
    from backend.opportunities.models import Opportunity

    other = Opportunity.objects.exclude(organisation=taken.organisation).first()
    client.force_login(member)
    assert client.get(f"/org/{other.organisation_id}/betekenis/").status_code == 404
    said = {"opportunity": other.pk, "day": TODAY.isoformat(), "text": SOUP}
    assert client.post(f"/org/{taken.organisation_id}/betekenis/", said).status_code == 422


@pytest.mark.parametrize("wrong", [{"text": ""}, {"day": date(2027, 3, 16)}])
def test_the_database_keeps_one_line_with_words_for_a_day(taken, wrong):
    Effect.objects.create(opportunity=taken, day=date(2027, 3, 16), text=SOUP)
    with pytest.raises(IntegrityError), transaction.atomic():
        Effect.objects.create(**{"opportunity": taken, "day": date(2027, 3, 17), "text": BREAD, **wrong})


def test_a_week_asks_the_database_as_often_for_a_city_without_news(
    three_days, small_city, django_assert_max_num_queries
):
    assert Engagement.objects.count() == 3
    with django_assert_max_num_queries(1):
        effects.tell_week(small_city, now=LATER)
