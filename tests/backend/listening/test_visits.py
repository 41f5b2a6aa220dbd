"""Visits between organisations: planned by the host, taken by another organisation, hidden from everybody else (R113)."""

from datetime import timedelta

import icalendar
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.listening import trainings
from backend.listening.models import Training, TrainingPlace
from backend.organisations.models import OWNER, Membership, Organisation
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def begins():
    return timezone.now().replace(microsecond=0, second=0) + timedelta(days=7)


@pytest.fixture
def host(opportunity):
    return opportunity.organisation


@pytest.fixture
def visitor(host):
    """Acts for another organisation of that city."""
    other = Organisation.objects.filter(city=host.city, verified_at__isnull=False).exclude(pk=host.pk).first()
    user = User.objects.create_user(email="buren@voorbeeld.example")
    Membership.objects.create(organisation=other, user=user, role=OWNER)
    user.organisation = other
    return user


@pytest.fixture
def visit(host, begins):
    return trainings.plan(
        host.city, "Op bezoek", begins, kind="visit", by=host.name, where="Dam 5", ends_at=begins + timedelta(hours=1),
        places=1, organisation=host,
    )  # fmt: skip


def told(kind):
    return Delivery.objects.filter(kind=kind).order_by("created_at")


def test_r113_an_organisation_plans_a_visit_another_one_books_it_and_both_get_it_for_their_calendar(
    client, host, member, visitor, begins
):  # fmt: skip
    client.force_login(member)
    asked = {
        "organisation": host.pk, "text": "Zo sorteren wij.", "where": "Dam 5", "places": "4",
        "starts_at": timezone.localtime(begins).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(begins + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    assert client.post("/org/bezoek/", asked).status_code == 302
    visit = Training.objects.get(kind="visit")
    assert (visit.title, visit.starts_at, visit.organisation) == (f"Op bezoek bij {host.name}", begins, host)

    client.force_login(visitor)
    assert "Zo sorteren wij." in client.get("/vormingen/").content.decode()
    for _ in range(2):
        assert "Je hebt een plaats." in client.post(f"/vormingen/{visit.pk}/", follow=True).content.decode()
    heard = told("visitor").get()
    assert (heard.recipient, heard.values["other"]) == (host.pk, visitor.organisation.name)
    for user in (visitor, member):
        client.force_login(user)
        [event] = icalendar.Calendar.from_ical(client.get(f"/vormingen/{visit.pk}/agenda.ics").content).walk("VEVENT")
        assert event["DTSTART"].dt == begins
    page = client.get("/org/bezoek/").content.decode()
    assert visitor.organisation.name in page
    assert visitor.email not in page


def test_r076_visits_and_days_for_partners_are_not_shown_to_volunteers(
    client, visit, begins, host, volunteer, visitor, coordinator
):  # fmt: skip
    day = trainings.plan(
        host.city, "Samen kijken", begins, kind="partner_day", by="De Pit", where="Dam 5", places=9,
        ends_at=begins + timedelta(hours=1),
    )  # fmt: skip
    for user in (None, volunteer.user, User.objects.create_user(email="gast@voorbeeld.example")):
        client.logout()
        if user:
            client.force_login(user)
        page = client.get("/vormingen/").content.decode()
        assert "Samen kijken" not in page
        assert "Op bezoek" not in page
        assert client.post(f"/vormingen/{day.pk}/", {"guest": "An"}).status_code == 404
        assert client.get(f"/vormingen/{visit.pk}/agenda.ics").status_code == 404
        assert client.get("/api/v1/trainings").json()["results"] == []
    for user in (visitor, coordinator):
        client.force_login(user)
        assert {one["kind"] for one in client.get("/api/v1/trainings").json()["results"]} == {"visit", "partner_day"}


def test_the_host_hears_who_comes_who_moved_up_and_who_does_not_come_after_all(visit, visitor, coordinator, host):
    now = timezone.now()
    first = trainings.take_place(visit.pk, visitor, now=now)
    trainings.take_place(visit.pk, coordinator, now=now)
    assert told("visitor").count() == 1, "who waits does not come yet"
    for _ in range(2):
        trainings.give_back(first, now=now)
    heard = [(one.values["comes"], one.values["other"]) for one in told("visitor")]
    other = visitor.organisation.name
    assert heard[0] == ("yes", other)
    assert sorted(heard[1:]) == [("", other), ("yes", "Vrijwilligerspunt Antwerpen")]


def test_the_page_of_the_host_asks_the_database_as_often_for_one_as_for_many(
    client, visit, visitor, coordinator, member
):  # fmt: skip
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    Training.objects.filter(pk=visit.pk).update(places=9)
    client.force_login(member)
    counts = []
    for user in (visitor, coordinator):
        trainings.take_place(visit.pk, user, now=timezone.now())
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/org/bezoek/").content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert visitor.organisation.name in page
    assert "Vrijwilligerspunt Antwerpen" in page


def test_nobody_visits_themselves(client, visit, member):
    with pytest.raises(trainings.OwnVisit):
        trainings.take_place(visit.pk, member, now=timezone.now())
    client.force_login(member)
    page = client.post(f"/vormingen/{visit.pk}/", follow=True).content.decode()
    assert "Dit bezoek is bij jullie zelf." in page
    over_api = client.post(
        f"/api/v1/trainings/{visit.pk}/place", {}, "application/json", headers={"Idempotency-Key": "a" * 20}
    )
    assert over_api.json()["code"] == "not_allowed"
    assert not TrainingPlace.objects.exists()


def test_what_does_not_go_on_is_told_once_and_may_be_planned_again(client, visit, visitor, coordinator, member, host):
    now = timezone.now()
    for user in (visitor, coordinator):
        trainings.take_place(visit.pk, user, now=now)
    client.force_login(member)
    for _ in range(2):
        assert client.post(f"/org/bezoek/{visit.pk}/weg/").status_code == 302
    trainings.cancel(visit.pk, now=now)
    assert sorted(one.address for one in told("training_cancelled")) == sorted([visitor.email, coordinator.email])
    assert not told("training_place").exists()
    client.force_login(visitor)
    assert "Op bezoek" not in client.get("/vormingen/").content.decode()
    with pytest.raises(trainings.TooLate):
        trainings.take_place(visit.pk, visitor, now=now)
    again = trainings.plan(
        host.city, "Op bezoek", visit.starts_at, kind="visit", by=host.name, where="Dam 5", ends_at=visit.ends_at,
        places=1, organisation=host,
    )  # fmt: skip
    assert again.pk != visit.pk


def test_the_point_cancels_a_training_until_it_began(client, begins, small_city, coordinator, volunteer):
    training = trainings.plan(
        small_city.slug, "EHBO", begins, kind="course", by="Rode Kruis", where="Dam 5", places=2,
        ends_at=begins + timedelta(hours=2),
    )  # fmt: skip
    trainings.take_place(training.pk, volunteer.user, now=timezone.now())
    trainings.take_place_as_guest(training.pk, "An", "", now=timezone.now())
    client.force_login(coordinator)
    Training.objects.filter(pk=training.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    answer = client.post(f"/coordinatie/vormingen/{training.pk}/weg/", follow=True)
    assert "Dit moment is voorbij." in answer.content.decode()
    Training.objects.filter(pk=training.pk).update(starts_at=begins)
    for _ in range(2):
        assert client.post(f"/coordinatie/vormingen/{training.pk}/weg/").status_code == 302
    assert told("training_cancelled").get().recipient == volunteer.pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"text": ""}, "text"), ({"places": "31"}, "places"), ({"starts_at": "2020-01-01T10:00"}, "starts_at"),
     ({"ends_at": "2020-01-01T10:00"}, "ends_at"), ({"starts_at": "morgen"}, "starts_at")],
)  # fmt: skip
def test_what_is_wrong_with_a_visit_stands_at_its_field(client, member, host, begins, wrong, field):
    asked = {
        "organisation": host.pk, "text": "Kijk mee.", "where": "Dam 5", "places": "4",
        "starts_at": timezone.localtime(begins).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(begins + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"), **wrong,
    }  # fmt: skip
    client.force_login(member)
    answer = client.post("/org/bezoek/", asked)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Training.objects.exists()


@pytest.mark.parametrize("wrong", [{"kind": "course"}, {"organisation": None}])
def test_the_database_keeps_a_host_for_a_visit_and_for_nothing_else(visit, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Training.objects.filter(pk=visit.pk).update(**wrong)
