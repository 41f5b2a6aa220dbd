"""A proposal is read in the language in which we write to somebody, or in the one they chose; the organisation's is Dutch."""

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.placements import actions
from backend.placements.models import LINK_FOR_ORGANISATION, LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, path_of, token_of
from matching import words
from matching.catalogue import load_catalogue
from matching.types import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(small_city, opportunity, volunteer):
    volunteer.language = "tr"
    volunteer.save()
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    return Proposal.objects.get(pk=made.pk)


def link(proposal, purpose=LINK_FOR_VOLUNTEER):
    return make_link(proposal, purpose, expires_at=proposal.answer_until + WORKS_AFTER_DEADLINE)


def test_the_page_and_its_reasons_are_in_the_language_of_the_person(client, proposal):
    page = client.get(path_of(link(proposal))).content.decode()

    assert '<html lang="tr" dir="ltr">' in page
    assert "Bu size uygun mu?" in page
    first = proposal.reasons[0]
    line = Line(first["code"], tuple(first["values"].items()))
    assert words.say(line, load_catalogue(), words.VOLUNTEER, "tr") in page
    assert f'<h2 id="what" lang="{proposal.opportunity.language}" dir="auto">' in page


def test_the_language_that_was_chosen_here_goes_before_it(client, proposal):
    client.cookies["taal"] = "ar"
    page = client.get(path_of(link(proposal))).content.decode()

    assert '<html lang="ar" dir="rtl">' in page
    assert "لماذا أنت؟" in page


@pytest.mark.parametrize("nonsense", ["klingon", "", "../nl", "so"])
def test_a_language_that_we_do_not_have_falls_back(nonsense, client, proposal):
    client.cookies["taal"] = nonsense

    assert 'lang="tr"' in client.get(path_of(link(proposal))).content.decode()


def test_the_organisation_reads_dutch(client, proposal):
    page = client.get(path_of(link(proposal, LINK_FOR_ORGANISATION)), headers={"Accept-Language": "ar"})

    assert '<html lang="nl" dir="ltr">' in page.content.decode()


def test_a_link_that_does_not_work_says_so_in_the_language_of_the_browser(client, small_city):
    page = client.get("/v/nergens/", headers={"Accept-Language": "fr"})

    assert (page.status_code, "Ce lien ne fonctionne plus" in page.content.decode()) == (404, True)


def test_the_api_says_reasons_in_the_language_that_is_asked_for(client, proposal):
    token = token_of(link(proposal).pk)
    told = client.get(f"/api/v1/links/{token}", headers={"Accept-Language": "en"}).json()

    first = proposal.reasons[0]
    line = Line(first["code"], tuple(first["values"].items()))
    assert told["reasons"][0]["text"] == words.say(line, load_catalogue(), words.VOLUNTEER, "en")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("nl", "1,2 km"), ("en", "1.2 km"), ("ar", "1,2 كم"), ("tr", "1,2 km"), ("fr", "1,2 km")],
)
def test_a_distance_is_written_as_people_write_it(language, expected):
    assert words.km_words(1.23, language) == expected
