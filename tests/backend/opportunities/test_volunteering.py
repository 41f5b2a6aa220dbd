"""Everything that is online, as open data in the UK volunteering data standard."""

import pytest

from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.opportunities.volunteering import TERMS, terms
from backend.organisations.models import Organisation
from matching.catalogue import load_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def graph(client, small_city, now):
    publish_drafts(small_city.slug, now=now)
    answer = client.get("/volunteering.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    document = answer.json()
    assert (document["license"], document["conformsTo"]) == ("CC-BY-4.0", TERMS)
    return document["@graph"]


def test_every_opportunity_is_one_activity_with_a_role_and_a_place(graph):
    activities = [one for organisation in graph for one in organisation["activity"]]

    assert len(activities) == Opportunity.objects.filter(state="published").count()
    for one in activities:
        assert one["title"]
        assert one["description"]
        assert len(one["role"]) == 1
        [session] = one["session"]
        assert {"name", "address", "latitude", "longitude"} <= session["location"].keys()
        assert session["time"]
        assert "maximumAge" not in one["role"][0]
        assert "DBSCheck" not in str(one)


def test_a_term_is_a_link_and_a_talent_without_one_is_said_in_words(graph, small_city):
    one = Opportunity.objects.get(external_id="T40")
    [told] = [row for org in graph for row in org["activity"] if row["id"].endswith(f"{one.pk}/")]
    role = told["role"][0]

    assert {"id": f"{TERMS}Logistics"} in role["skill"]
    assert {"id": f"{TERMS}AgeRequirements"} in role["accessibility"]
    for organisation in graph:
        for term in (*organisation["cause"], *organisation["activity"][0]["session"][0]["time"]):
            assert term["id"].startswith(TERMS)
    unknown = [code for code in (*one.talents_any_of, *one.talents_welcome) if ("talents", code) not in terms()]
    for code in unknown:
        assert load_catalogue().talents[code].label in told["description"]


def test_each_of_our_codes_in_the_mapping_is_one_of_ours():
    catalogue = load_catalogue()
    known = {"talents": catalogue.talents, "themes": catalogue.themes, "features": catalogue.features}
    for listed, code in terms():
        assert code in known[listed]
    assert {code for listed, code in terms() if listed == "themes"} == set(catalogue.themes)


def test_nobody_is_reached_past_the_point(client, graph, small_city):
    Organisation.objects.update(contact_email="geheim@voorbeeld.example")
    told = client.get("/volunteering.jsonld").content.decode()
    assert "geheim@" not in told
    assert "reserved" not in told


def test_it_asks_the_database_as_often_for_one_as_for_many(client, graph, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/volunteering.jsonld")
