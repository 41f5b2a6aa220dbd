"""A training has places, a waiting list that moves up by itself, a line for the calendar, and who came (R039)."""

import threading
from datetime import timedelta

import icalendar
import pytest
import vobject
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.listening import trainings
from backend.listening.models import Training, TrainingPlace
from backend.me.actions import tidy
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


def plan(city, places=8, begins=None):
    begins = begins or timezone.now().replace(microsecond=0) + timedelta(days=7)
    return trainings.plan(
        city=city.slug, title="EHBO", starts_at=begins, kind="course", by="Rode Kruis", where="Dam 5",
        ends_at=begins + timedelta(hours=2), places=places,
    )  # fmt: skip


@pytest.fixture
def training(small_city):
    return plan(small_city)


@pytest.fixture
def people(db):
    return [User.objects.create_user(email=f"m{number}@voorbeeld.example") for number in range(9)]


def test_r039_the_ninth_waits_and_moves_up_when_one_cancels(client, training, people):
    for user in people:
        client.force_login(user)
        page = client.post(f"/vormingen/{training.pk}/", follow=True).content.decode()
    assert "Alles is vol. Komt er plaats? Dan hoor je het." in page
    assert TrainingPlace.objects.get(user=people[8]).state == "waiting"

    client.force_login(people[3])
    for _ in range(2):
        client.post(f"/vormingen/{training.pk}/", {"what": "give_back"})

    assert TrainingPlace.objects.get(user=people[8]).state == "in"
    told = Delivery.objects.get()
    assert (told.kind, told.address) == ("training_place", "m8@voorbeeld.example")


def test_r039_who_came_reads_it_in_their_own_overview(client, training, people, coordinator):
    taken = trainings.take_place(training.pk, people[0], now=timezone.now())
    long_ago = timezone.now() - timedelta(days=2)
    Training.objects.filter(pk=training.pk).update(starts_at=long_ago, ends_at=long_ago + timedelta(hours=2))
    client.force_login(coordinator)
    client.post(f"/coordinatie/vormingen/{taken.pk}/", {"came": "yes"})

    client.force_login(people[0])
    assert "Hier was je bij" in client.get("/vormingen/").content.decode()
    client.force_login(people[1])
    assert "Hier was je bij" not in client.get("/vormingen/").content.decode()


@pytest.mark.parametrize(
    ("kind", "words"), [("reception", "Vorming over onthaal"), ("cultures", "Vorming over culturen")]
)
def test_r082_r106_a_training_for_reception_or_about_cultures_is_planned_and_taken(
    client, coordinator, people, small_city, kind, words
):  # fmt: skip
    client.force_login(coordinator)
    begins = timezone.localtime() + timedelta(days=7)
    client.post("/coordinatie/vormingen/", {
        "city": small_city.slug, "kind": kind, "title": "Welkom heten", "by": "De Pit", "where": "Dam 5", "places": "8",
        "starts_at": f"{begins:%Y-%m-%dT}10:00", "ends_at": f"{begins:%Y-%m-%dT}12:00",
    })  # fmt: skip
    training = Training.objects.get(kind=kind)
    client.force_login(people[0])
    assert words in client.get("/vormingen/").content.decode()
    client.post(f"/vormingen/{training.pk}/")
    assert training.taken.get().state == "in"


def test_whoever_comes_back_waits_behind_the_others(small_city, people):
    training = plan(small_city, places=1)
    first, second, third = people[:3]
    now = timezone.now()
    for minutes, user in enumerate((first, second, third)):
        trainings.take_place(training.pk, user, now=now + timedelta(minutes=minutes))
    trainings.give_back(TrainingPlace.objects.get(user=second), now=now)
    trainings.take_place(training.pk, second, now=now + timedelta(minutes=9))

    trainings.give_back(TrainingPlace.objects.get(user=first), now=now)

    assert TrainingPlace.objects.get(user=third).state == "in"
    assert TrainingPlace.objects.get(user=second).state == "waiting"


def test_a_place_of_who_is_erased_goes_to_whoever_waits(small_city, people):
    from backend.me.tasks import tidy as every_night

    training = plan(small_city, places=1)
    for user in people[:2]:
        trainings.take_place(training.pk, user, now=timezone.now())
    people[0].delete()

    for _ in range(2):
        every_night()

    assert TrainingPlace.objects.get(user=people[1]).state == "in"
    assert Delivery.objects.filter(kind="training_place").count() == 1


def test_what_has_begun_takes_nobody_more(small_city, people):
    training = plan(small_city)
    taken = trainings.take_place(training.pk, people[0], now=timezone.now())
    for step in (
        lambda now: trainings.take_place(training.pk, people[1], now=now),
        lambda now: trainings.give_back(taken, now=now),
    ):
        with pytest.raises(trainings.TooLate):
            step(training.starts_at)


def test_r022_a_guest_without_an_account_takes_a_place_and_hears_when_one_comes_free(client, small_city, coordinator):
    cache.clear()
    training = plan(small_city, places=1)
    address = f"/vormingen/{training.pk}/"
    for guest in ({"guest": "Samira"}, {"guest": "Samira"}, {"guest": "Tom", "contact": "tom@voorbeeld.example"}):
        page = client.post(address, guest, follow=True).content.decode()
    assert "Alles is vol. Komt er plaats? Dan hoor je het." in page
    first, second = TrainingPlace.objects.order_by("asked_at")
    assert [(one.guest, one.contact, one.state) for one in (first, second)] == [
        ("Samira", "", "in"), ("Tom", "tom@voorbeeld.example", "waiting"),
    ]  # fmt: skip

    client.force_login(coordinator)
    assert "Samira" in client.get("/coordinatie/vormingen/").content.decode()
    client.post(f"/coordinatie/vormingen/{first.pk}/", {"what": "give_back"})

    second.refresh_from_db()
    told = Delivery.objects.get()
    assert (second.state, told.kind, told.address) == ("in", "training_place", "tom@voorbeeld.example")


@pytest.mark.parametrize(("guest", "sentence"), [
    ({"guest": " "}, "Schrijf je voornaam."), ({"guest": "Tom", "contact": "hallo"}, "Dit is geen gsm-nummer"),
])  # fmt: skip
def test_what_a_guest_forgets_is_said_and_nothing_is_kept(guest, sentence, client, training):
    cache.clear()

    assert sentence in client.post(f"/vormingen/{training.pk}/", guest, follow=True).content.decode()
    assert not TrainingPlace.objects.exists()


def test_what_a_guest_left_goes_a_month_after_the_training(training):
    trainings.take_place_as_guest(training.pk, "Samira", "", now=timezone.now())

    assert not tidy(now=training.ends_at + timedelta(days=29))["guests of trainings"]
    assert tidy(now=training.ends_at + timedelta(days=31))["guests of trainings"] == 1


def test_the_database_knows_whose_place_it_is(training):
    with pytest.raises(IntegrityError, match="training_place_is_of_an_account_or_a_guest"), transaction.atomic():
        TrainingPlace.objects.create(training=training, state="in", asked_at=timezone.now())


def test_the_training_opens_in_a_calendar(client, training):
    file = client.get(f"/vormingen/{training.pk}/agenda.ics").content
    found = icalendar.Calendar.from_ical(file)

    [event] = found.walk("VEVENT")
    assert (str(event["summary"]), str(event["location"])) == ("EHBO", "Dam 5")
    assert event["dtstart"].dt == training.starts_at
    other = vobject.readOne(file.decode()).vevent
    assert (other.summary.value, other.dtstart.value) == ("EHBO", training.starts_at)


def test_a_training_is_planned_once_and_a_wrong_hour_is_said(client, coordinator, small_city):
    client.force_login(coordinator)
    told = {
        "city": "antwerpen", "kind": "course", "title": "EHBO", "by": "Rode Kruis", "where": "Dam 5", "places": "8",
        "starts_at": "2027-06-05T10:00", "ends_at": "2027-06-05T12:00",
    }  # fmt: skip
    for _ in range(2):
        assert client.post("/coordinatie/vormingen/", told).status_code == 302
    assert Training.objects.get().starts_at.isoformat() == "2027-06-05T08:00:00+00:00"

    wrong = client.post("/coordinatie/vormingen/", {**told, "ends_at": "2027-06-05T09:00", "places": ""})

    assert wrong.status_code == 422
    assert "Het einde komt na het begin." in wrong.content.decode()
    assert "Vul dit in." in wrong.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_tap_at_once_only_the_places_are_given(small_city, people):
    training = plan(small_city, places=3)

    def tap(user):
        try:
            trainings.take_place(training.pk, user, now=timezone.now())
        finally:
            connection.close()

    threads = [threading.Thread(target=tap, args=[user]) for user in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert TrainingPlace.objects.filter(state="in").count() == 3
    assert TrainingPlace.objects.filter(state="waiting").count() == 6
