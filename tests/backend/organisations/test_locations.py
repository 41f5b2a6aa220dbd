"""Places that are no organisation: for a while, run by several, found on the social map (R011, R104)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.organisations import locations
from backend.organisations.models import Location, LocationPart, Organisation

pytestmark = pytest.mark.django_db
TODAY = date(2027, 6, 7)
NOW = datetime(2027, 6, 7, 15, tzinfo=ZoneInfo("Europe/Brussels"))  # a Monday
HOURS = [{"freq": "WEEKLY", "byday": "MO,WE", "opens_at": "14:00", "closes_at": "17:00"}]


@pytest.fixture
def own(opportunity, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return opportunity.organisation


@pytest.fixture
def other(own):
    return Organisation.objects.exclude(pk=own.pk).order_by("name").first()


def opened(own, **changed):
    told = {
        "name": "Pop-up buurthuis", "text": "Koffie en spelletjes.", "neighbourhood": "Dam", "street": "Damplein 1",
        "wheelchair": "yes", "walk_in": HOURS, "open_from": None, "open_until": TODAY, **changed,
    }  # fmt: skip
    return locations.open_place(own, now=NOW, **told)


def found(client, question):
    return "Pop-up buurthuis" in client.get("/organisaties/", {"q": question}).content.decode()


def test_r011_a_pop_up_place_is_gone_from_search_and_cards_the_day_after_its_last(client, own, monkeypatch):
    opened(own)
    card = f"/organisaties/{own.pk}/"

    assert found(client, "spelletjes")
    assert found(client, "Dam")
    assert found(client, "open")
    assert "Pop-up buurthuis" in client.get(card).content.decode()
    with_place = len(client.get(f"{card}fiche/").content)
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=1))
    assert not found(client, "spelletjes")
    assert "Pop-up buurthuis" not in client.get(card).content.decode()
    assert len(client.get(f"{card}fiche/").content) != with_place


@pytest.mark.parametrize("asked", [{"warm": "1"}, {"q": "warme plek"}, {"q": "warme plekken Dam"}, {"q": "sıcak yer"}])
def test_r101_a_warm_place_is_found_by_its_filter_and_by_its_words(client, own, other, asked):
    opened(own, is_warm_place=True)
    opened(own, name="Speelplein")
    Organisation.objects.filter(pk=other.pk).update(is_warm_place=True, neighbourhood="Dam")
    page = client.get("/organisaties/", asked).content.decode()

    assert "Pop-up buurthuis" in page
    assert other.name in page
    assert "Speelplein" not in page
    assert own.name not in page.replace(f">{own.name}</bdi></a></li>", ""), "only beside the place that it runs"
    assert "Iedereen mag binnen zitten." in client.get(f"/organisaties/{other.pk}/").content.decode()


def test_an_organisation_says_that_it_is_a_warm_place_and_the_app_filters_on_it(client, own, other, member):
    client.force_login(member)
    card = {
        "description": "Soep", "contact_label": "An", "wheelchair": "yes", "is_warm_place": "on", "version": own.version,
    }  # fmt: skip
    client.post(f"/org/{own.pk}/kaart/", card)
    own.refresh_from_db()
    assert own.is_warm_place
    found = client.get("/api/v1/organisations?warm_place=true").json()["results"]
    assert [(one["id"], one["is_warm_place"]) for one in found] == [(str(own.pk), True)]
    client.post(f"/org/{own.pk}/plekken/", {
        "name": "Warm", "text": "Thee.", "neighbourhood": "Dam", "wheelchair": "yes", "is_warm_place": "on",
    })  # fmt: skip
    assert Location.objects.get(name="Warm").is_warm_place


def test_r104_a_place_of_two_organisations_stands_on_both_cards_after_both_said_yes(client, own, other):
    location = opened(own)
    part = locations.ask_along(location, other)
    assert locations.ask_along(location, other).pk == part.pk, "twice is once"
    page = f"/organisaties/{other.pk}/"

    assert "Pop-up buurthuis" not in client.get(page).content.decode()
    for _ in range(2):
        locations.agree(part, now=NOW)
    told = client.get(page).content.decode()
    assert "Pop-up buurthuis" in told
    assert own.name in told
    locations.leave(LocationPart.objects.get(organisation=own))
    assert "Pop-up buurthuis" in client.get(page).content.decode()
    locations.leave(LocationPart.objects.get(organisation=other))
    assert not Location.objects.exists(), "a place that nobody runs is gone"


def test_the_same_place_twice_is_one_and_a_closed_one_is_over(own):
    location = opened(own, open_until=None)
    assert opened(own, open_until=None).pk == location.pk
    for _ in range(2):
        locations.close(location, today=TODAY)
    location.refresh_from_db()
    assert location.open_until == TODAY - timedelta(days=1)
    later = opened(own, name="Later", open_from=TODAY + timedelta(days=9), open_until=None)
    locations.close(later, today=TODAY)
    assert not Location.objects.filter(pk=later.pk).exists()
    with pytest.raises(locations.NotHere):
        opened(own, neighbourhood="Nergens")


def test_a_place_of_somebody_whom_the_point_does_not_know_is_seen_by_nobody(client, own):
    opened(own)
    Organisation.objects.filter(pk=own.pk).update(verified_at=None)
    assert not found(client, "spelletjes")


def test_the_database_refuses_a_place_that_ends_before_it_began(own):
    location = opened(own)
    for wrong in ({"open_from": TODAY + timedelta(days=1)}, {"name": ""}, {"wheelchair": "maybe"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Location.objects.filter(pk=location.pk).update(**wrong)


def test_on_the_pages_an_organisation_opens_a_place_and_another_joins(client, own, other, member):
    client.force_login(member)
    door = f"/org/{own.pk}/plekken/"
    told = {
        "name": "Zomerplein", "text": "Spelen voor iedereen.", "neighbourhood": "Dam", "wheelchair": "yes",
        "days": ["MO", "WE"], "opens_at": "14:00", "closes_at": "17:00", "open_until": "2027-08-31",
    }  # fmt: skip
    for wrong in ({"closes_at": "13:00"}, {"days": []}, {"open_until": "2027-01-01"}, {"neighbourhood": "Mars"}):
        answer = client.post(door, {**told, **wrong})
        assert (answer.status_code, bool(answer.context["form"].errors)) == (422, True)
    assert client.post(door, told).status_code == 302
    part = LocationPart.objects.get()
    assert client.post(f"{door}{part.pk}/", {"what": "ask", "other": str(own.pk)[:-1] + "x"}).status_code == 404
    client.post(f"{door}{part.pk}/", {"what": "ask", "other": str(other.pk)})
    assert "Gevraagd" in client.get(door).content.decode()
    client.post(f"{door}{part.pk}/", {"what": "close"})
    assert Location.objects.get().open_until == date(2027, 6, 6)
