"""The fourteen examples are ready to go online as they are: valid, allowed, easy to start with and easy to read."""

import pytest

from backend.city.load import default_city
from backend.opportunities.actions import draft_opportunity, publish_opportunity
from backend.opportunities.case import checked
from backend.opportunities.examples import examples, record_from
from backend.opportunities.readability import reading
from backend.placements.actions import propose_for_opportunity
from backend.talent.actions import pack_volunteers
from backend.talent.models import ProfileLanguage, Volunteer
from matching.catalogue import load_catalogue

READY = [one for one in examples().values() if one.values["title"]]


def test_there_are_fourteen_and_one_is_empty():
    assert len(examples()) == 14
    assert len(READY) == 13


def test_r099_a_seat_on_a_board_is_among_them_with_somebody_who_explains():
    [seat] = [one for one in READY if "organiseren" in one.values["themes"]]

    assert "bestuur" in seat.values["talents"]
    assert {"buddy", "begeleider"} <= set(seat.values["support"])
    assert seat.values["reserved_places"] >= 1


@pytest.mark.parametrize("example", examples().values(), ids=lambda one: one.code)
def test_an_example_is_valid_and_goes_online_without_a_word(example, opportunity, now):
    body = record_from(example, opportunity.organisation, title="Iets", text="Je helpt ons.")
    record, errors = checked(body, default_city().matching)
    assert errors == []

    made = draft_opportunity(opportunity.organisation, record)

    assert [one["code"] for one in publish_opportunity(made, now=now) if one["code"] != "extract_question"] == []
    assert made.state == "published"
    made.refresh_from_db()
    assert made.threshold == ("laag" if example.code != "rijden" else "midden")


@pytest.mark.parametrize("example", READY, ids=lambda one: one.code)
def test_an_example_reads_easily_and_has_a_drawing(example):
    assert reading(example.values["text"]).level == "A2"
    assert example.picture
    assert set(example.values["talents"]) <= set(load_catalogue().talents)


@pytest.mark.parametrize(("level", "is_asked"), [("B1", True), ("C1", True), ("A2", False), (None, False)])
def test_r010_a_welcome_coach_for_2060_is_asked_from_who_speaks_dari_and_goes_with_a_professional(
    level, is_asked, opportunity, volunteer, now
):
    example = examples()["welkomcoach"]
    texts = {name: example.values[name] for name in ("title", "text")}
    body = {**record_from(example, opportunity.organisation, **texts), "languages_any_of": ["prs"]}
    assert "begeleider" in example.values["text"]
    assert "begeleider" in body["support"]
    body["place"] = {**body["place"], "neighbourhood": "Dam", "postcode": "2060"}
    record, errors = checked(body, default_city().matching)
    assert errors == []
    made = draft_opportunity(opportunity.organisation, record)
    publish_opportunity(made, now=now)
    ProfileLanguage.objects.filter(language="prs").delete()
    if level:
        ProfileLanguage.objects.create(profile=volunteer.profile, language="prs", level=level)
    pack_volunteers(volunteer.city, Volunteer.objects.all())

    asked = {one.volunteer_id for one in propose_for_opportunity(made.pk, now=now)}

    assert asked == ({volunteer.pk} if is_asked else set())
