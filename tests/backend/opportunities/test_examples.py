"""The thirteen examples are ready to go online as they are: valid, allowed, easy to start with and easy to read."""

import pytest

from backend.city.load import default_city
from backend.opportunities.actions import draft_opportunity, publish_opportunity
from backend.opportunities.case import checked
from backend.opportunities.examples import examples, record_from
from backend.opportunities.readability import reading
from matching.catalogue import load_catalogue

READY = [one for one in examples().values() if one.values["title"]]


def test_there_are_thirteen_and_one_is_empty():
    assert len(examples()) == 13
    assert len(READY) == 12


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


def test_r010_a_welcome_coach_is_found_by_language_and_comes_with_a_professional(opportunity, now):
    """Only who speaks Dari from B1 on and can get there; the professional stands in the text (R010)."""

    example = examples()["welkomcoach"]
    body = record_from(example, opportunity.organisation, **{name: example.values[name] for name in ("title", "text")})
    record, errors = checked({**body, "languages_any_of": ["prs"]}, default_city().matching)
    assert errors == []
    assert "begeleider" in example.values["text"]
    assert "begeleider" in record["support"]
    made = draft_opportunity(opportunity.organisation, record)
    assert made.languages_any_of == ["prs"]
