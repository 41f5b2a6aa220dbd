"""The social map: verified organisations, their hours and languages, and what they look for; nobody's address."""

import io
import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from backend.coordination.actions import publish_drafts
from backend.opportunities.fiche import SIDE_MM, labels_around
from backend.organisations.hours import is_open
from backend.organisations.models import Organisation, OrganisationPhoto
from backend.organisations.photo import NotAPhoto, keep

pytestmark = pytest.mark.django_db


def read(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_r057_the_list_counts_and_filters_by_neighbourhood_and_language(client, small_city):
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


def test_r050_a_card_says_when_to_come_by_and_what_is_open_and_no_address_of_a_person(client, opportunity):
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
    with django_assert_num_queries(3):
        client.get("/organisaties/")
    with django_assert_num_queries(6):
        client.get(f"/organisaties/{opportunity.organisation_id}/")


def everything(organisation):
    Organisation.objects.filter(pk=organisation.pk).update(
        street="Dambruggestraat 7", stop="Tram 10, halte Dam", contact_label="An", welcome_languages=["nl", "ar"],
        walk_in=[{"freq": "WEEKLY", "byday": "TU", "opens_at": "14:00", "closes_at": "16:00"}],
    )  # fmt: skip


def printed(client, organisation, monkeypatch):
    from backend.opportunities import social_map

    told, real = [], social_map.fiche_of
    monkeypatch.setattr(social_map, "fiche_of", lambda *parts: told.append(parts) or real(*parts))
    answer = client.get(f"/organisaties/{organisation.pk}/fiche/")
    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    return told[0], answer.content


def test_r072_the_card_is_one_page_of_a4_with_everything_and_nothing_from_the_network(client, opportunity, monkeypatch):
    organisation = opportunity.organisation
    everything(organisation)
    (_one, rows, _place, link, language, photo), paper = printed(client, organisation, monkeypatch)

    said = dict(rows)
    assert said["Waar?"] == f"Dambruggestraat 7, {organisation.postcode} {organisation.neighbourhood}"
    assert said["Halte"] == "Tram 10, halte Dam"
    assert said["Vraag naar"] == "An"
    assert "14" in said["Wanneer kan je langskomen?"]
    assert "العربية" in said["Talen"]
    assert said["Rolstoel"]
    assert "Warme plek" not in said, "only where it is one"
    assert "vrijwilligerspunt" in said["Wie bel je?"]
    assert (link.endswith(f"/organisaties/{organisation.pk}/"), language, photo) == (True, "nl", b"")
    assert pages_of(paper) == 1
    assert "@" not in str(rows)


def test_the_printed_card_says_that_everybody_may_sit_inside(client, opportunity, monkeypatch):
    Organisation.objects.filter(pk=opportunity.organisation_id).update(is_warm_place=True)
    (_one, rows, *_rest), _paper = printed(client, opportunity.organisation, monkeypatch)

    assert dict(rows)["Warme plek"] == "Ja"


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def test_the_card_is_printed_in_the_language_of_the_page_and_holds_the_photo(client, opportunity, monkeypatch, member):
    from django.conf import settings

    client.force_login(member)
    file = photo_file()
    client.post(f"/org/{opportunity.organisation_id}/foto/", {"photo": file})
    client.logout()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    (_one, rows, _place, _link, language, photo), paper = printed(client, opportunity.organisation, monkeypatch)

    assert (language, photo[:2], pages_of(paper)) == ("fr", b"\xff\xd8", 1)
    assert dict(rows)["Qui appeler ?"].startswith("Appelez le point volontariat")


def test_a_map_shows_the_nearest_neighbourhoods_where_they_lie(opportunity, small_city):
    labels = labels_around(opportunity.organisation, small_city)

    assert labels[0].name == opportunity.organisation.neighbourhood
    assert 3 <= len(labels) <= 8
    assert all(0 <= one.x <= SIDE_MM and 0 <= one.y <= SIDE_MM for one in labels)
    points = small_city.matching.neighbourhoods
    west, east = sorted(labels, key=lambda one: one.x)[:: len(labels) - 1]
    assert points[west.name].lon < points[east.name].lon
    north, south = sorted(labels, key=lambda one: one.y)[:: len(labels) - 1]
    assert points[north.name].lat > points[south.name].lat


def photo_file(size=(1600, 900), name="deur.jpg", kind="JPEG"):
    """With a place and a name hidden in it, lying on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Kanarieke"
    out = io.BytesIO()
    Image.new("RGB", size, (120, 30, 30)).save(out, kind, exif=exif)
    return SimpleUploadedFile(name, out.getvalue())


def test_of_a_photo_only_the_pixels_are_kept(client, opportunity, member):
    client.force_login(member)
    path = f"/organisaties/{opportunity.organisation_id}/foto.jpg"
    assert client.get(path).status_code == 404
    client.post(f"/org/{opportunity.organisation_id}/foto/", {"photo": photo_file()})

    kept = client.get(path)

    assert kept["Content-Type"] == "image/jpeg"
    assert b"Kanarieke" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as found:
        assert found.size == (675, 1200), "turned upright and made smaller"
        assert not found.getexif()
    assert path in client.get(f"/organisaties/{opportunity.organisation_id}/").content.decode()
    client.post(f"/org/{opportunity.organisation_id}/foto/", {"away": "1"})
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("brief.pdf", b"%PDF-1.7 brief"), SimpleUploadedFile("leeg.jpg", b"\xff\xd8\xff"),
        SimpleUploadedFile("tekening.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), None,
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_in_words_and_nothing_is_kept(client, opportunity, member, file):
    client.force_login(member)
    answer = client.post(f"/org/{opportunity.organisation_id}/foto/", {"photo": file} if file else {}, follow=True)

    assert "Kies een foto (jpg, png of webp) van hoogstens 8 MB." in answer.content.decode()
    assert not OrganisationPhoto.objects.exists()


def test_a_photo_that_is_too_large_is_refused_before_it_is_unpacked(monkeypatch, opportunity):
    monkeypatch.setattr("backend.organisations.photo.PIXELS_MAX", 100)
    with pytest.raises(NotAPhoto):
        keep(opportunity.organisation, photo_file(), size=10)
    with pytest.raises(NotAPhoto):
        keep(opportunity.organisation, photo_file(), size=9_000_000)


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
