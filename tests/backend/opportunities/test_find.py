"""The social map is searched in plain words; organisations that do the same stand side by side (R055, R074)."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities.find import understand
from backend.opportunities.models import Opportunity
from backend.opportunities.side_by_side import around, differences
from backend.organisations.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = datetime(2027, 3, 2, 9, tzinfo=UTC).date()


@pytest.fixture
def online(small_city, now):
    publish_drafts(small_city.slug, now=now)
    return small_city


def names(client, asked):
    page = client.get("/organisaties/", {"q": asked}).content.decode()
    return [one.external_id for one in sorted(
        (one for one in Organisation.objects.all() if f"/organisaties/{one.pk}/" in page),
        key=lambda one: page.index(f"/organisaties/{one.pk}/"),
    )]  # fmt: skip


def test_r074_hulp_met_papieren_arabisch_2060_finds_the_welcome_house_first(client, online):
    assert names(client, "hulp met papieren, Arabisch, 2060")[0] == "O24"


@pytest.mark.parametrize(
    ("asked", "languages", "postcodes", "places"),
    [
        ("aide, arabe, 2060", ("ar",), ("2060",), ()),
        ("help with papers arabic 2060", ("ar",), ("2060",), ()),
        ("مساعدة العربية 2060", ("ar",), ("2060",), ()),
        ("yardım Arapça 2060", ("ar",), ("2060",), ()),
        ("arabich in seefhoek", ("ar",), (), ("Seefhoek",)),
        ("iets op het Kiel", (), (), ("Kiel",)),
    ],
)
def test_a_question_is_understood_in_five_languages_and_with_typing_errors(asked, languages, postcodes, places, online):
    found = understand(asked, online)

    assert (found.languages, found.postcodes, found.neighbourhoods) == (languages, postcodes, places)


def test_open_now_is_a_word_too(client, online, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: online.local(datetime(2027, 3, 3, 2, tzinfo=UTC)))

    assert names(client, "nu open") == []


def test_a_word_typed_wrong_finds_what_it_means_and_nonsense_finds_nothing(client, online):
    assert "O06" in names(client, "fietsen herstelen")
    assert "O11" in names(client, "chien perdu hond")
    assert names(client, "xqzvwk") == []


def test_what_was_understood_is_shown_and_text_is_shown_as_text(client, online):
    page = client.get("/organisaties/", {"q": "<b>Arabisch</b>"}).content.decode()

    assert "We zochten:" in page
    assert "<b>Arabisch" not in page
    assert client.get("/organisaties/", {"q": "x " * 500}).status_code == 200


def test_r055_two_on_the_same_theme_within_a_kilometre_stand_side_by_side_with_differences(client, online):
    one, other, far = Organisation.objects.filter(external_id__in=("O02", "O04", "O06")).order_by("external_id")
    Organisation.objects.exclude(pk=one.pk).update(lat=51.0, lon=4.3)
    Organisation.objects.filter(pk=other.pk).update(lat=one.lat + 0.008, lon=one.lon)  # 0.9 km
    Organisation.objects.filter(pk=far.pk).update(lat=one.lat + 0.01, lon=one.lon)  # 1.1 km
    for organisation in (one, other, far):
        Opportunity.objects.filter(organisation=organisation).update(themes=["buurt"], state="published")
    one.refresh_from_db()

    assert [near.external_id for near, _km in around(one, TODAY)] == ["O04"]
    page = client.get(f"/organisaties/{one.pk}/").content.decode()
    assert f"/organisaties/{one.pk}/naast/{other.pk}/" in page
    beside = client.get(f"/organisaties/{one.pk}/naast/{other.pk}/").content.decode()
    rows = {name: (left, right) for name, left, right in differences(one, other, TODAY)}
    assert rows["languages"][0] != rows["languages"][1]
    assert "themes" not in rows, "what is the same is not told"
    for left, right in rows.values():
        assert left != right
    assert one.contact_label not in beside
