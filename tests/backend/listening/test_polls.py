"""A question on a screen keeps counts and nothing else; off unless the city has polls (R061)."""

import shutil
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.city import load
from backend.listening import polls
from backend.listening.models import Poll, PollChoice
from backend.placements.shown import FACES
from matching.catalogue import CatalogueError

pytestmark = pytest.mark.django_db
TWO = [("Ja", "ui/pictures/1F600.svg"), ("Nee", "ui/pictures/1F641.svg")]


def copied(tmp_path, told):
    folder = tmp_path / "antwerpen"
    shutil.copytree(load.FOLDER / "antwerpen", folder)
    file = folder / "city.toml"
    file.write_text(f"{told}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    return folder


@pytest.fixture
def with_polls(settings, tmp_path, small_city):
    settings.CITIES = [str(copied(tmp_path, "polls = true"))]
    load.cities.cache_clear()
    yield
    load.cities.cache_clear()


def test_r061_a_tap_on_a_picture_stores_a_count_and_nothing_else(client, with_polls):
    poll = polls.ask("antwerpen", "Vind je het hier fijn?", TWO)
    yes = poll.choices.get(position=0)
    page = f"/peiling/{poll.pk}/"
    assert "ui/pictures/1F600" in client.get(page).content.decode()
    before = {model: model.objects.count() for model in apps.get_models()}

    for _ in range(2):
        thanked = client.post(page, {"choice": str(yes.pk)}, follow=True)
    assert thanked["Refresh"].startswith("4; url=")
    assert "Dank je!" in thanked.content.decode()
    yes.refresh_from_db()
    assert yes.count == 2
    assert before == {model: model.objects.count() for model in apps.get_models()}, "not a row more"
    assert not client.cookies.get("sessionid")
    for wrong in ("x", str(uuid4())):
        client.post(page, {"choice": wrong})
    assert sum(PollChoice.objects.values_list("count", flat=True)) == 2


def test_a_closed_one_cannot_be_answered_and_keeps_its_counts(client, with_polls):
    poll = polls.ask("antwerpen", "Komt de bus genoeg?", TWO)
    first = poll.choices.get(position=0)
    assert polls.answer(poll, first.pk)
    for _ in range(2):
        polls.close(poll, now=timezone.now())
    assert not polls.answer(poll, first.pk)
    assert client.get(f"/peiling/{poll.pk}/").status_code == 404
    again = polls.ask("antwerpen", "Komt de bus genoeg?", TWO)
    assert again.pk != poll.pk
    assert polls.ask("antwerpen", "Komt de bus genoeg?", TWO).pk == again.pk, "the same that runs is one"


@pytest.mark.parametrize(
    ("question", "choices"),
    [("", TWO), ("x" * 121, TWO), ("Hoe?", TWO[:1]), ("Hoe?", TWO * 3), ("Hoe?", [*TWO, ("", "x")])],
)
def test_what_is_no_poll_is_refused(small_city, question, choices):
    with pytest.raises(ValueError, match=":"):
        polls.ask("antwerpen", question, choices)
    assert not Poll.objects.exists()


def test_a_city_without_them_shows_nothing(client, small_city, coordinator, tmp_path):
    poll = polls.ask("antwerpen", "Hoe gaat het?", TWO)
    assert client.get(f"/peiling/{poll.pk}/").status_code == 404
    client.force_login(coordinator)
    assert client.get("/coordinatie/peilingen/").status_code == 404
    assert "Peilingen" not in client.get("/coordinatie/").content.decode()
    with pytest.raises(CatalogueError, match="polls"):
        load.load(copied(tmp_path, 'polls = "yes"'))


def test_the_database_gives_each_choice_a_place_of_its_own(small_city):
    poll = polls.ask("antwerpen", "Hoe gaat het?", TWO)
    with pytest.raises(IntegrityError), transaction.atomic():
        PollChoice.objects.filter(poll=poll).update(position=0)


def test_the_point_asks_reads_and_closes(client, with_polls, coordinator):
    client.force_login(coordinator)
    door = "/coordinatie/peilingen/"
    assert "Peilingen" in client.get("/coordinatie/").content.decode()
    for wrong in ({}, {"question": "Hoe?", "text0": "Ja"}, {"question": "Hoe?", "text0": "Ja", "picture0": TWO[0][1]}):
        assert client.post(door, wrong).status_code == 422
    client.post(door, {"question": "Hoe gaat het?"})
    poll = Poll.objects.get()
    assert poll.choices.count() == len(FACES)
    polls.answer(poll, poll.choices.get(position=2).pk)
    assert "Niet goed: 1" in client.get(door).content.decode()
    client.post(door, {"what": "close", "pk": str(poll.pk)})
    assert "Gesloten" in client.get(door).content.decode()
