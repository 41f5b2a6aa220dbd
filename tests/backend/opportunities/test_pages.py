"""What everybody may read: the list with its filters, one opportunity, the feed; and nothing that is not online."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities import states
from backend.opportunities.filters import EVERYWHERE
from backend.opportunities.models import Opportunity

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def online(small_city):
    publish_drafts(small_city.slug, now=timezone.now())
    found = Opportunity.objects.filter(state=states.PUBLISHED)
    assert found.count() > 12
    return found


def titles(page):
    return re.findall(r'<h3><a href="/taken/[0-9a-f-]+/"[^>]*>([^<]+)</a>', page)


def read(client, address="/taken/", status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_list_counts_all_and_shows_twelve_at_a_time_newest_first(client, online):
    newest = online.order_by("-pk").first()
    Opportunity.objects.filter(pk=newest.pk).update(published_at=timezone.now() + timedelta(seconds=1))

    first, second = read(client), read(client, "/taken/?page=2")

    assert f"<h1>Taken: {online.count()}</h1>" in first
    assert len(titles(first)) == 12
    assert titles(first)[0] == newest.title
    assert not set(titles(first)) & set(titles(second))


def test_filters_stand_in_the_address_and_each_can_be_taken_away(client, online):
    one = online.exclude(neighbourhood="").first()
    page = read(client, f"/taken/?neighbourhood={one.neighbourhood}&dutch_max=A1")

    expected = online.filter(Q(neighbourhood=one.neighbourhood) | EVERYWHERE, dutch_min__in=("A0", "A1"))
    assert sorted(titles(page)) == sorted(expected.values_list("title", flat=True))
    assert f"Taken in {one.neighbourhood}: {expected.count()}" in page
    assert 'href="?dutch_max=A1"' in page
    assert "Weinig Nederlands nodig" in page


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("slot=sat-morning,sun-morning", {"slots__overlap": ["sat-morning", "sun-morning"]}),
        ("theme=voeding", {"themes__contains": ["voeding"]}),
        ("once=true", {"frequency": "once"}),
        ("label=laag", {"threshold": "laag"}),
    ],
)
def test_a_filter_leaves_what_it_says(query, rows, client, online):
    assert f"<h1>Taken: {online.filter(**rows).count()}</h1>" in read(client, f"/taken/?{query}")


def test_without_stairs_means_that_nobody_climbs_any(client, online):
    count = online.exclude(features__contains=["trappen"]).count()

    assert 0 < count < online.count()
    assert f"<h1>Taken: {count}</h1>" in read(client, "/taken/?stairs=false")


def test_nothing_found_says_which_filters_can_go(client, online):
    page = read(client, "/taken/?q=xylofoonles")

    assert "Niets gevonden. Zet een filter uit." in page
    assert "xylofoonles" in page


def test_a_filter_that_cannot_be_is_named_and_the_others_count(client, online):
    page = read(client, "/taken/?slot=noon&once=true", status=422)

    assert "Deze filter kennen we niet." in page
    assert "Wanneer?" in page
    assert f"<h1>Taken: {online.filter(frequency='once').count()}</h1>" in page


def test_the_list_asks_the_database_as_often_for_one_as_for_many(client, online, django_assert_num_queries):
    client.get("/taken/")
    with django_assert_num_queries(2):
        client.get("/taken/")
    Opportunity.objects.exclude(pk=online.first().pk).update(state=states.PAUSED)
    with django_assert_num_queries(2):
        client.get("/taken/")


def test_a_full_one_is_not_listed_and_its_own_page_says_so(client, online):
    one = online.filter(reserved_places=0).first() or online.first()
    Opportunity.objects.filter(pk=one.pk).update(reserved_places=0, taken_reserved=0, taken_open=one.places)

    assert f"/taken/{one.pk}/" not in "".join(read(client, f"/taken/?page={page}") for page in range(1, 9))
    page = read(client, f"/taken/{one.pk}/")
    assert "Deze plaats is net ingevuld." in page
    assert "Ik wil dit" not in page


def test_one_says_where_when_and_what_is_needed_and_how_many_are_reserved_to_nobody(client, opportunity, now):
    from backend.opportunities.actions import publish_opportunity

    publish_opportunity(opportunity, now=timezone.now())
    page = read(client, f"/taken/{opportunity.pk}/")

    for words in (opportunity.title, opportunity.organisation.name, "Elke week", "uur per keer", "Ik wil dit"):
        assert words in page
    assert "reserved" not in page
    assert opportunity.organisation.contact_email not in page


@pytest.mark.parametrize("state", [states.DRAFT, states.PAUSED, states.CLOSED, states.BLOCKED])
def test_what_is_not_online_is_not_there_also_not_for_its_own_organisation(state, client, member, opportunity):
    Opportunity.objects.filter(pk=opportunity.pk).update(state=state)
    client.force_login(member)

    assert client.get(f"/taken/{opportunity.pk}/").status_code == 404
    assert client.post(f"/taken/{opportunity.pk}/graag/").status_code == 404


def test_search_engines_read_a_job_posting_and_no_text_ends_its_script(client, online):
    one = online.first()
    Opportunity.objects.filter(pk=one.pk).update(title="Soep </script><b>& brood")
    page = read(client, f"/taken/{one.pk}/")

    [script] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    posting = json.loads(script)
    assert posting["title"] == "Soep </script><b>& brood"
    assert (posting["@type"], posting["employmentType"]) == ("JobPosting", "VOLUNTEER")
    assert posting["hiringOrganization"]["name"] == one.organisation.name
    assert posting["url"] == f"http://testserver/taken/{one.pk}/"


def test_the_feed_holds_what_the_filters_leave(client, online):
    feed = ET.fromstring(read(client, "/taken/nieuw.atom?once=true"))  # noqa: S314  our own

    entries = feed.findall(f"{ATOM}entry")
    assert {one.find(f"{ATOM}title").text for one in entries} == set(
        online.filter(frequency="once").values_list("title", flat=True)
    )
    assert client.get("/taken/nieuw.atom?slot=noon").status_code == 404


def test_words_of_an_opportunity_are_in_the_language_of_the_page(client, opportunity):
    from backend.opportunities.actions import publish_opportunity

    publish_opportunity(opportunity, now=timezone.now())
    page = client.get(f"/taken/{opportunity.pk}/", headers={"Accept-Language": "fr"}).content.decode()

    assert "Chaque semaine" in page
    assert "Je veux ceci" in page or "Je veux" in page
    assert 'lang="nl" dir="auto">Kleren sorteren en plooien' in page


def test_a_list_stands_inside_another_website_and_recognises_nobody(client, online, volunteer):
    client.force_login(volunteer.user)

    answer = client.get("/taken/ingebed/")

    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    page = answer.content.decode()
    assert page.count('target="_blank" rel="noopener"') > 1
    assert "<form" not in page


def test_every_other_page_refuses_to_stand_inside_another(client, online):
    for path in ("/", "/taken/", "/start/graag/"):
        answer = client.get(path)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"


def test_the_list_inside_another_website_takes_the_filters_of_the_list(client, online):
    assert client.get("/taken/ingebed/?theme=x").status_code == 404
    assert client.get("/taken/ingebed/?dutch_max=A1").status_code == 200


def test_the_map_takes_the_filters_of_the_list_and_asks_nobody_for_tiles(client, online):
    answer = client.get("/taken/kaart/?dutch_max=A1")

    assert "https://" not in answer["Content-Security-Policy"]
    assert 'data-tiles=""' in answer.content.decode()
    assert client.get("/taken/kaart/?slot=noon").status_code == 422


def test_two_opportunities_at_one_place_share_a_point_and_what_is_at_home_has_none(online):
    from backend.opportunities.pages import _points

    first, second, third = online.order_by("external_id")[:3]
    for one in (first, second):
        one.lat, one.lon, one.at_home, one.own_neighbourhood = 51.2, 4.4, False, False
    third.at_home = True

    [point] = _points([first, second, third])
    assert (point["at"], len(point["all"])) == ([51.2, 4.4], 2)


def test_r064_the_filter_kiel_returns_those_of_kiel_and_those_for_the_whole_city_marked_as_such(client, online):
    here, anywhere, elsewhere = online.exclude(at_home=True).exclude(own_neighbourhood=True).order_by("pk")[:3]
    Opportunity.objects.exclude(pk__in=[here.pk, anywhere.pk, elsewhere.pk]).delete()
    for one, where in ((here, "Kiel"), (anywhere, "Dam"), (elsewhere, "Dam")):
        Opportunity.objects.filter(pk=one.pk).update(neighbourhood=where, own_neighbourhood=one == anywhere)

    page = read(client, "/taken/?neighbourhood=Kiel")

    assert here.title in page
    assert anywhere.title in page
    assert elsewhere.title not in page
    assert page.count("Voor de hele stad") == 1
    listed = client.get("/api/v1/opportunities?neighbourhood=Kiel").json()["results"]
    assert {one["id"] for one in listed} == {str(here.pk), str(anywhere.pk)}


def test_r045_a_poster_of_a_neighbourhood_leads_to_its_opportunities(client, small_city, monkeypatch):
    from backend.opportunities import pages

    told, real = [], pages.card_of
    monkeypatch.setattr(pages, "card_of", lambda *parts, **more: told.append(parts) or real(*parts, **more))

    answer = client.get("/taken/affiche/Dam/")

    [(title, parts, link, _language)] = told
    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    assert "Dam" in title
    assert small_city.phone in parts[-1]
    assert link.endswith("/taken/?neighbourhood=Dam")
    assert client.get("/taken/affiche/Atlantis/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/taken/", "/organisaties/", "/hulp/", "/mag-ik/", "/start/graag/", "/vormingen/", "/signalen/"]
)
def test_r045_every_page_for_a_volunteer_holds_the_phone_of_the_point(path, client, small_city):
    assert small_city.phone in client.get(path).content.decode().partition("<footer")[2]
