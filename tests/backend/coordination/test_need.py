"""Need and supply per neighbourhood: counted as matching counts, drawn once per square, and no small numbers."""

import pytest

from backend.city.load import default_city
from backend.coordination import need
from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.talent.models import Volunteer
from backend.talent.queries import active

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(small_city, now):
    publish_drafts(small_city.slug, now=now)
    return small_city


def test_every_neighbourhood_stands_once_with_its_people_and_free_places(online, now):
    told = need.need_of(online, now)

    assert [one.name for one in told.cells] == sorted(online.matching.neighbourhoods)
    assert len({(one.x, one.y) for one in told.cells}) == len(told.cells)
    assert sum(one.people for one in told.cells) == active(online.slug, now.date()).count()
    free = [one.places - one.taken_open - one.taken_reserved for one in Opportunity.objects.filter(state="published")]
    assert sum(one.places for one in told.cells) == sum(free)
    assert max(one.x for one in told.cells) < told.width


def test_with_a_talent_only_who_has_it_and_what_asks_it_counts(online, now):
    whole, cooking = need.need_of(online, now), need.need_of(online, now, "koken_thuis")

    people = active(online.slug, now.date()).filter(profile__talents__talent="koken_thuis")
    assert sum(one.people for one in cooking.cells) == people.count() > 0
    assert sum(one.places for one in cooking.cells) < sum(one.places for one in whole.cells)


def test_two_statements_whatever_the_number(online, now, django_assert_num_queries):
    with django_assert_num_queries(2):
        need.need_of(online, now)


@pytest.mark.parametrize(
    ("people", "places", "level"),
    [(0, 10, 1), (5, 10, 2), (10, 10, 3), (30, 10, 4), (60, 10, 5), (0, 0, 3), (4, 0, 3), (5, 0, 5)],
)
def test_a_level_says_how_many_people_there_are_for_a_place(people, places, level):
    assert need._level(people, places) == level


def test_a_small_number_of_people_is_not_told(online, coordinator, client, now):
    Volunteer.objects.exclude(pk__in=[one.pk for one in active(online.slug, now.date())[:2]]).delete()
    client.force_login(coordinator)

    page = client.get("/coordinatie/kaart/").content.decode()

    assert "minder dan 5" in page
    assert page.count("<rect") == len(online.matching.neighbourhoods)


def test_a_talent_that_nobody_knows_shows_everything(online, coordinator, client):
    client.force_login(coordinator)

    assert client.get("/coordinatie/kaart/?talent=x").status_code == 200
    assert client.get("/coordinatie/kaart/?talent=koken_thuis").content.decode().count("selected") == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Dam,Dam,4,2", "Dan,Dam,4,2", "is not in neighbourhoods.csv"),
        ("Dam,Dam,4,2", "Dam,Dam,4,1", "another neighbourhood stands on 4, 1 already"),
        ("Dam,Dam,4,2", "Dam,Dam,-1,2", "whole numbers from 0"),
        ("Dam,Dam,4,2\n", "", "Dam has no square"),
    ],
)
def test_a_wrong_map_is_named_with_its_place_and_reason(old, new, words, tmp_path):
    import shutil

    from backend.city import load
    from matching.catalogue import CatalogueError

    folder = tmp_path / "stad"
    shutil.copytree(default_city().folder, folder)
    file = folder / "tiles.csv"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))

    with pytest.raises(CatalogueError, match=words):
        load.load(folder)
