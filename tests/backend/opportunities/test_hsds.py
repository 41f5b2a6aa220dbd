"""The social map is open data that validates against the published HSDS 3.0 schemas (R025)."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.organisations import locations
from backend.organisations.models import Organisation

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).parents[4] / "shared" / "data" / "contracts"


@pytest.fixture
def online(small_city, now):
    publish_drafts(small_city.slug, now=now)
    return small_city


@pytest.fixture(scope="module")
def schema():
    if not SCHEMAS.is_dir():
        pytest.skip("the published schemas lie in the handbook, which is not here")

    def read(name):
        with gzip.open(SCHEMAS / f"hsds3_schema_compiled_{name}.json.gz") as file:
            found = json.load(file)
        return jsonschema.Draft202012Validator(found, format_checker=jsonschema.FormatChecker())

    return read


def wrong_with(validator, row):
    return [f"{list(one.absolute_path)}: {one.message}" for one in validator.iter_errors(row)]


def test_r025_everything_validates_against_the_published_schemas(client, online, schema):
    found = client.get("/hsds/everything.json").json()

    assert len(found) == Organisation.objects.exclude(verified_at=None).count()
    assert sum(len(one.get("services", [])) for one in found) > Opportunity.objects.filter(state="published").count()
    for one in found:
        assert wrong_with(schema("organization"), one) == []
        for service in one.get("services", ()):
            assert wrong_with(schema("service"), service) == []
    for row in client.get("/hsds/service_at_locations").json()["contents"]:
        assert wrong_with(schema("service_at_location"), row) == []


def test_a_place_that_ends_is_exported_with_its_last_day_and_validates(client, online, schema, now, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: now)
    owner, other = Organisation.objects.exclude(verified_at=None).order_by("name")[:2]
    told = {"name": "Pop-up", "text": "Koffie.", "wheelchair": "yes", "open_from": None, "neighbourhood": "Dam"}
    hours = [{"freq": "WEEKLY", "byday": "MO,WE", "opens_at": "14:00", "closes_at": "17:00"}]
    last = now.date() + timedelta(days=9)
    place = locations.open_place(owner, now=now, open_until=last, walk_in=hours, **told)
    locations.agree(locations.ask_along(place, other), now=now)

    found = client.get("/hsds/everything.json").json()
    rows = [row for one in found for row in one["locations"] if row["name"] == "Pop-up"]
    assert {row["organization_id"] for row in rows} == {str(owner.pk), str(other.pk)}
    assert len({row["id"] for row in rows}) == 2
    for row in rows:
        assert row["schedules"][0]["valid_to"] == last.isoformat()
    one = client.get(f"/hsds/organizations/{owner.pk}").json()
    assert wrong_with(schema("organization"), one) == []
    assert "Pop-up" in [row["name"] for row in one["locations"]]


def test_the_schema_refuses_what_is_wrong(client, online, schema):
    [first, *_] = client.get("/hsds/organizations").json()["contents"]

    assert wrong_with(schema("organization"), {**first, "id": "7", "name": None})


def test_r025_a_group_without_a_number_has_a_card_and_is_exported(client, online):
    group = Organisation.objects.filter(legal_form="de_facto_association").first()
    Organisation.objects.filter(pk=group.pk).update(vcode=None)

    assert client.get(f"/organisaties/{group.pk}/").status_code == 200
    told = client.get(f"/hsds/organizations/{group.pk}").json()
    assert (told["name"], told["organization_identifiers"]) == (group.name, [])


def test_ids_stay_the_same_and_point_to_each_other(client, online):
    first, again = (client.get("/hsds/everything.json").json() for _ in range(2))
    assert first == again

    for one in first:
        places = {place["id"] for place in one["locations"]}
        for service in one.get("services", ()):
            assert service["organization_id"] == one["id"]
            assert {at["location_id"] for at in service["service_at_locations"]} <= places
    ids = [one["id"] for organisation in first for one in (organisation, *organisation.get("services", ()))]
    assert len(ids) == len(set(ids))


def test_pages_count_as_the_standard_says(client, online):
    total = Organisation.objects.exclude(verified_at=None).count()
    pages = [client.get("/hsds/organizations", {"page": number, "per_page": 10}).json() for number in (1, 2, 3, 99)]

    assert [page["total_items"] for page in pages] == [total] * 4
    assert (pages[0]["first_page"], pages[0]["last_page"], pages[0]["size"]) == (True, False, 10)
    assert pages[3]["page_number"] == pages[3]["total_pages"]
    assert client.get("/hsds/organizations", {"page": "x", "per_page": "-1"}).status_code == 200


def test_nobody_is_reached_past_the_point_and_nothing_reserved_is_told(client, online):
    Organisation.objects.update(contact_email="geheim@voorbeeld.example", contact_phone="+32470999999")

    told = client.get("/hsds/everything.json").content.decode()

    assert "geheim@" not in told
    assert "470999999" not in told
    assert "reserved" not in told
    assert online.phone in told


def test_it_asks_the_database_as_often_for_one_as_for_many(client, online, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get("/hsds/everything.json")
