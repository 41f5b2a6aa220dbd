"""The social map: verified organisations, their hours and languages, and what they look for; nobody's address."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.organisations.hours import is_open
from backend.organisations.models import Organisation

pytestmark = pytest.mark.django_db


def read(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_list_counts_and_filters_by_neighbourhood_and_language(client, small_city):
    verified = Organisation.objects.filter(verified_at__isnull=False)
    assert f"Organisaties: {verified.count()}" in read(client, "/organisaties/")

    one = verified.first()
    here = verified.filter(neighbourhood=one.neighbourhood)
    assert f"Organisaties: {here.count()}" in read(client, f"/organisaties/?neighbourhood={one.neighbourhood}")
    turkish = verified.filter(welcome_languages__contains=["tr"])
    assert 0 < turkish.count() < verified.count()
    assert f"Organisaties: {turkish.count()}" in read(client, "/organisaties/?welcome_language=tr")


def test_only_what_is_open_now_is_found_in_a_neighbourhood(client, small_city, monkeypatch):
    monkeypatch.setattr(
        timezone, "now", lambda: small_city.local(datetime(2027, 3, 2, 9, tzinfo=UTC))
    )  # Tuesday, 10:00
    door = Organisation.objects.get(external_id="O01")
    page = read(client, f"/organisaties/?open=1&neighbourhood={door.neighbourhood}")

    expected = [
        one
        for one in Organisation.objects.filter(neighbourhood=door.neighbourhood).exclude(verified_at=None)
        if is_open(one.walk_in, timezone.now())
    ]
    assert door in expected
    assert f"Organisaties: {len(expected)}" in page
    assert all(f"/organisaties/{one.pk}/" in page for one in expected)

    monkeypatch.setattr(timezone, "now", lambda: small_city.local(datetime(2027, 3, 3, 2, tzinfo=UTC)))
    assert "Niets gevonden. Zet een filter uit." in read(client, "/organisaties/?open=1")


def test_a_filter_that_cannot_be_is_named(client, small_city):
    assert "Deze filter kennen we niet." in read(client, "/organisaties/?neighbourhood=Atlantis", status=422)


def test_a_card_says_when_to_come_by_and_what_is_open_and_no_address_of_a_person(client, opportunity):
    publish_drafts(opportunity.city, now=timezone.now(), only=["T40"])
    organisation = opportunity.organisation
    page = read(client, f"/organisaties/{organisation.pk}/")

    for words in (
        organisation.name,
        organisation.walk_in[0]["opens_at"],
        opportunity.title,
        "Bel het vrijwilligerspunt",
    ):
        assert words in page
    assert organisation.contact_email not in page


def test_an_organisation_that_is_not_verified_has_no_card(client, opportunity):
    Organisation.objects.filter(pk=opportunity.organisation_id).update(verified_at=None)

    assert client.get(f"/organisaties/{opportunity.organisation_id}/").status_code == 404
    assert opportunity.organisation.name not in read(client, "/organisaties/")


def test_the_pages_ask_the_database_as_often_for_one_as_for_many(client, opportunity, django_assert_num_queries):
    publish_drafts(opportunity.city, now=timezone.now())
    client.get("/organisaties/")
    with django_assert_num_queries(2):
        client.get("/organisaties/")
    with django_assert_num_queries(4):
        client.get(f"/organisaties/{opportunity.organisation_id}/")


def test_the_card_is_printed_in_the_language_of_the_page_and_leads_back_to_it(client, opportunity, monkeypatch):
    from django.conf import settings

    from backend.opportunities import social_map

    told, real = [], social_map.card_of
    monkeypatch.setattr(social_map, "card_of", lambda *parts: told.append(parts) or real(*parts))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    answer = client.get(f"/organisaties/{opportunity.organisation_id}/fiche/")

    [(title, parts, link, language)] = told
    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    assert (title, language) == (opportunity.organisation.name, "fr")
    assert link.endswith(f"/organisaties/{opportunity.organisation_id}/")
    assert parts[-1].startswith("Appelez le point volontariat")
    assert "@" not in " ".join(parts)


def test_help_says_whom_to_call_and_what_is_open_first(client, small_city, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: small_city.local(datetime(2027, 3, 2, 9, tzinfo=UTC)))
    now = timezone.now()
    page = client.get("/hulp/").content.decode()

    assert 'href="tel:030000000"' in page
    shown = [one for one in Organisation.objects.exclude(walk_in=[]) if f"/organisaties/{one.pk}/" in page]
    assert shown
    places = sorted(shown, key=lambda one: page.index(f"/organisaties/{one.pk}/"))
    opened = [is_open(one.walk_in, small_city.local(now)) for one in places]
    assert opened == sorted(opened, reverse=True)
